"""Fully connected networks with softmax cross-entropy: value and the gradient by every weight and bias."""

import numpy as np

from performance_cases.case import Case, one_hot

ACTIVATIONS = {  # the function, and its slope from what it gave
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),
    "tanh": (np.tanh, lambda a: 1 - a * a),
}


def network(name: str, activation: str, batch: int, widths: tuple[int, ...], **more) -> Case:
    """A case with layers between these widths; the last layer is linear."""
    layers = len(widths) - 1
    weights = tuple(f"{letter}{i}" for i in range(1, layers + 1) for letter in "Wb")

    def data(rng):
        arrays = {"X": rng.normal(size=(batch, widths[0])), "Y": one_hot(rng, batch, widths[-1])}
        for i in range(1, layers + 1):
            into, out = widths[i - 1], widths[i]
            arrays[f"W{i}"] = rng.normal(size=(into, out)) * np.sqrt(1.5 / into)
            arrays[f"b{i}"] = 0.1 * rng.normal(size=out)
        return arrays

    def loss(o, X, Y, *parameters):
        a, act = X, getattr(o, activation)
        for i in range(0, 2 * layers, 2):
            z = o.affine(a, parameters[i], parameters[i + 1])
            a = act(z)
        return -o.mean(o.sum(Y * o.log_softmax(z, axis=1), axis=1))

    def expert(X, Y, *parameters):
        act, slope = ACTIVATIONS[activation]
        inputs = [X]
        for i in range(0, 2 * layers - 2, 2):
            inputs.append(act(inputs[-1] @ parameters[i] + parameters[i + 1]))
        z = inputs[-1] @ parameters[-2] + parameters[-1]
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        s = e.sum(axis=1, keepdims=True)
        value = (np.log(s).sum() - np.vdot(Y, z)) / len(X)
        delta = (e / s - Y) / len(X)
        gradients = []
        for i in range(layers - 1, -1, -1):
            gradients += [delta.sum(axis=0), inputs[i].T @ delta]
            if i:
                delta = (delta @ parameters[2 * i].T) * slope(inputs[i])
        return value, *reversed(gradients)

    score = "X"
    for i in range(1, layers + 1):
        score = f"{score} @ W{i} + b{i}"
        if i < layers:
            score = f"{activation}({score})"
    sizes = [f"d{i}" for i in range(layers)] + ["C"]
    given = {"X": f"n {sizes[0]}", "Y": "n C: onehot"}
    for i in range(1, layers + 1):
        given |= {f"W{i}": f"{sizes[i - 1]} {sizes[i]}", f"b{i}": sizes[i]}
    return Case(
        name,
        text=f"-mean(sum(Y*log_softmax({score}, axis=1), axis=1))",
        given=given,
        wrt=weights,
        names=("X", "Y", *weights),
        data=data,
        expert=expert,
        loss=loss,
        **more,
    )


CASES = (
    network("MLP 3 relu B=256 w=128", "relu", 256, (128, 128, 128, 10), target=1.0),
    network("MLP 3 relu B=1024 w=256", "relu", 1024, (256, 256, 256, 10), target=1.0),
    network("MLP 3 relu B=4096 w=512", "relu", 4096, (512, 512, 512, 10), target=1.0),
    network("MLP 10 tanh B=256 w=128", "tanh", 256, (128,) * 10 + (10,), target=1.0),
    network("MLP 10 tanh B=32 w=32", "tanh", 32, (32,) * 10 + (10,), target=1.0),
    network("tiny MLP 5-8-8-3 B=16", "relu", 16, (5, 8, 8, 3), small=True, target=0.95),
)
