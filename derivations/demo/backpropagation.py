"""Backpropagation: a network of three layers trained with the derived gradients, on 8x8 digits."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from derivations.demo.showing import show_check, show_page, show_result

if TYPE_CHECKING:
    from rich.console import Console

TITLE = "Backpropagation: recursion, network, training"
RECURSION = "neural_networks/backpropagation"
NETWORK = "neural_networks/multilayer_perceptron"
WIDTHS = (64, 48, 32, 10)
EPOCHS = 60
BATCH = 32
RATE = 0.1
MOMENTUM = 0.9
REACHED = 0.95  # test accuracy that a network of this size reaches

Array = Any
PARAMETERS = ("W1", "b1", "W2", "b2", "W3", "b3")


def run(console: Console) -> bool:
    """Check both pages, check every gradient, and train."""
    passed = show_page(console, RECURSION)
    passed = show_page(console, NETWORK) and passed
    passed = check_gradients(console) and passed
    accuracy = train(console)
    return show_result(console, "test error", 1 - accuracy, 1 - REACHED) and passed


def gradient_function() -> Any:
    """The loss and the gradient of every parameter as one function, in the order of PARAMETERS."""
    from derivations.neural_networks.multilayer_perceptron import derivation, loss
    from derivations.statements import Equation
    from symbolic import Derivative, lambdify

    right = {
        claim.left.variable.name: claim.right
        for claim in derivation.claims
        if isinstance(claim, Equation) and isinstance(claim.left, Derivative)
    }
    arguments = ["X", "Y", *PARAMETERS]
    return lambdify((loss, *(right[name] for name in PARAMETERS)), arguments=arguments)


def check_gradients(console: Console) -> bool:
    """Each gradient by finite differences (enclosures were compared when the page was checked)."""
    import numpy as np

    from numeric import check_gradient

    function = gradient_function()
    rng = np.random.default_rng(0)
    point = initial(rng, (6, 5, 4, 3))
    X, Y = rng.normal(size=(7, 6)), np.eye(3)[rng.integers(3, size=7)]
    console.print("\nEach gradient against central differences (seed 0):")
    passed = True
    for place, name in enumerate(PARAMETERS):

        def value(at: Array, name: str = name) -> float:
            return float(function(X=X, Y=Y, **{**point, name: at})[0])

        def slope(at: Array, name: str = name, place: int = place) -> Array:
            return function(X=X, Y=Y, **{**point, name: at})[1 + place]

        found = check_gradient(value, slope, point[name])
        detail = f"{found.verdict}, bar {float(found.bar):.1e}"
        passed = show_check(console, name, passed=found.verdict == "pass", detail=detail) and passed
    return passed


def initial(rng: Any, widths: tuple[int, ...]) -> dict[str, Array]:
    """Random weights of variance 1/inputs, and zero biases."""
    import numpy as np

    point = {}
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(widths), start=1):
        point[f"W{layer}"] = rng.normal(size=(inputs, outputs)) / np.sqrt(inputs)
        point[f"b{layer}"] = np.zeros(outputs)
    return point


def train(console: Console) -> float:
    """Train by stochastic gradient descent with momentum; returns the accuracy on test images."""
    import numpy as np
    from rich.progress import Progress

    from derivations.data import digits

    data = digits()
    rng = np.random.default_rng(1)
    order = rng.permutation(len(data.y))
    X, labels = data.X[order] / 16, data.y[order].astype(int)
    Y = np.eye(10)[labels]
    cut = 4 * len(labels) // 5
    function = gradient_function()
    point = initial(rng, WIDTHS)
    speed = {name: np.zeros_like(value) for name, value in point.items()}
    with Progress(console=console, transient=True) as progress:
        for _ in progress.track(range(EPOCHS), description="training"):
            rows = rng.permutation(cut)
            for start in range(0, cut, BATCH):
                batch = rows[start : start + BATCH]
                _, *gradients = function(X=X[batch], Y=Y[batch], **point)
                for name, gradient in zip(PARAMETERS, gradients, strict=True):
                    speed[name] = MOMENTUM * speed[name] - RATE * gradient
                    point[name] = point[name] + speed[name]
    accuracy = float(np.mean(predict(X[cut:], point) == labels[cut:]))
    console.print(
        f"\nTrained {' - '.join(map(str, WIDTHS))} on {cut} images in {EPOCHS} epochs: "
        f"test accuracy {accuracy:.4f} on {len(labels) - cut} images"
    )
    return accuracy


def predict(X: Array, point: dict[str, Array]) -> Array:
    """The most probable class of each row, by the network's own lines."""
    from derivations.neural_networks.multilayer_perceptron import z3
    from symbolic import lambdify

    weights = {name: point[name] for name in PARAMETERS}
    return lambdify(z3)(X=X, **weights).argmax(axis=1)
