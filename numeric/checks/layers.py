"""Checking a layer: every gradient that its backward gives, for random upstream gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from numeric.arrays import real_point
from numeric.checks.cotangents import cotangents
from numeric.checks.function_pairs import FunctionPair
from numeric.checks.jax_layers import JaxFunction, is_jax_function
from numeric.checks.layer_check import WORST_LAST, LayerCheck
from numeric.checks.layer_claims import Claims
from numeric.checks.layer_mistakes import WORD, check_claim
from numeric.checks.memory import faults_of_adding, faults_of_cache, other_value
from numeric.checks.objects import LayerObject
from numeric.checks.remembered import Remembered
from numeric.checks.subjects import RefusedError, Subject
from numeric.checks.torch_layers import TorchLayer, is_torch_layer
from numeric.outcome import GradientCheck
from symbolic.errors import UnsupportedError

Array = Any
Verdict = Literal["pass", "fail", "inconclusive"]


def check_layer(
    layer: Any,
    x: Any,
    *,
    parameters: Mapping[str, str] | None = None,
    accumulates: bool | None = None,
    seed: int = 0,
) -> LayerCheck:
    """Whether the backward of a layer gives the gradients of sum(v * forward(x)), for random v.

    Formula: backward(v) = v' d forward/d a for every input and parameter a. `layer` is

    - an object with `forward(x)` and `backward(upstream)`. Its parameters are found by convention
      (`params` and `grads`, W and dW, `parameters()` with `.grad`, layers inside it) or named, as
      in `parameters={"W": "dW"}`; another array that moves the output keeps it from a pass;
    - a pair of functions `(forward, backward)`: `forward(x, *parameters)` gives the output or
      `(output, cache)`; `backward` takes the upstream gradient, then the cache or all arguments;
    - a `torch.autograd.Function`, a PyTorch module, or a JAX function (`custom_vjp`).

    Shapes: x an array, or a tuple of all arguments of forward; integers and what is no array are
    constants. Conditions: forward gives the same for the same arguments (random numbers of NumPy,
    PyTorch and `random` are repeated); adding to gradients that are there is a mistake unless the
    layer has `zero_grad` or `accumulates=True`. Objects are copied, never changed. Errors:
    `UnsupportedError`, `NameUnknownError`, `DataError`. Numerical error: `bar` of each check.

    >>> import numpy as np
    >>> class Linear:
    ...     def __init__(self, W):
    ...         self.W = W
    ...     def forward(self, x):
    ...         self.x = x
    ...         return x @ self.W
    ...     def backward(self, upstream):
    ...         self.dW = self.x.T @ upstream / len(self.x)
    ...         return upstream @ self.W.T
    >>> rng = np.random.default_rng(0)
    >>> found = check_layer(Linear(rng.normal(size=(3, 2))), rng.normal(size=(5, 3)))
    >>> found.verdict, found["x"].verdict, found.mistakes
    ('fail', 'pass', ('W: mean over the batch of 5 where the sum belongs',))
    """
    subject = subject_of(layer, x, parameters)
    if not subject.start:
        raise UnsupportedError(
            subject.title,
            "no real input and no parameters with gradients were found",
            'name them, as in parameters={"W": "dW", "b": "db"}',
        )
    first, again = (subject.session().forward(subject.start) for _ in range(2))
    if not np.array_equal(first, again, equal_nan=True):
        reason = "forward gives another output each time at the same arguments."
        return _all(subject, "inconclusive", reason, (), seed)
    try:
        return _checked(subject, accumulates, seed)
    except RefusedError as refusal:
        return _all(subject, "fail", str(refusal), ("backward returns what is refused",), seed)


def _checked(subject: Subject, accumulates: bool | None, seed: int) -> LayerCheck:
    functions = {name: _function_of(subject, name) for name in subject.start}
    any_of = next(iter(functions.values()))
    claims = Claims(subject)
    claims.notice_adding(cotangents(any_of.start, any_of.dtype, seed)[0], any_of.eps)
    checks = {name: check_claim(f, claims, name, seed) for name, f in functions.items()}
    faults = (
        *faults_of_adding(subject, claims, accumulates),
        *faults_of_cache(subject, claims, functions, seed),
        *other_value(subject, any_of.start, any_of.eps),
    )
    verdict = max((check.verdict for check in checks.values()), key=WORST_LAST.index)
    reason = _reason(checks, verdict, faults)
    if verdict == "pass" and subject.unchecked:
        verdict, reason = "inconclusive", _forgotten(subject.unchecked)
    mistakes = (*_of_checks(checks), *faults)
    notes = (*subject.notes, *sorted(claims.changed), *_notes_of(checks))
    return LayerCheck(
        "fail" if faults else verdict,
        subject.title,
        tuple(checks),
        tuple(checks.values()),
        mistakes,
        reason,
        seed,
        tuple(dict.fromkeys(notes)),
    )


def _function_of(subject: Subject, name: str) -> Remembered:
    """The output as a function of one argument, the others as they are."""

    def output(value: Array) -> Array:
        return subject.output({**subject.start, name: value})

    return Remembered(output, real_point(subject.start[name]))


def _of_checks(checks: dict[str, GradientCheck]) -> tuple[str, ...]:
    """Mistakes with the arguments where they show; one that all of them have stands alone."""
    wrong = {name: check.mistakes for name, check in checks.items() if check.verdict == "fail"}
    every = [m for m in next(iter(wrong.values()), ()) if WORD in m]
    common = [m for m in every if all(m in mistakes for mistakes in wrong.values())]
    own = [f"{n}: {m}" for n, mistakes in wrong.items() for m in mistakes if m not in common]
    return (*common, *own)


def _notes_of(checks: dict[str, GradientCheck]) -> list[str]:
    return [f"{name}: {note}" for name, check in checks.items() for note in check.notes]


def _reason(checks: dict[str, GradientCheck], verdict: str, faults: tuple[str, ...]) -> str:
    """Of the first argument that has the verdict."""
    if verdict == "pass" and faults:
        return f"Each gradient is right in a first call, but {faults[0]}."
    if verdict == "pass":
        count = f"The gradients of all {len(checks)} arguments agree" if len(checks) > 1 else (
            f"The gradient of {next(iter(checks))} agrees"
        )  # fmt: skip
        return f"{count} with differences, for random upstream gradients."
    named = [name for name, check in checks.items() if check.verdict == verdict]
    return f"{named[0]}: {checks[named[0]].reason}"


def _forgotten(names: tuple[str, ...]) -> str:
    found = "moves the output" if len(names) == 1 else "move the output"
    return (
        f"{', '.join(names)} {found}, and has no gradient that was found; a constant is left out by "
        'naming the parameters, as in parameters={"W": "dW"}.'
    )


def _all(
    subject: Subject, verdict: Verdict, reason: str, mistakes: tuple[str, ...], seed: int
) -> LayerCheck:
    """One outcome for every argument."""
    check = GradientCheck(verdict, float("inf"), 0.0, 1, (), (), reason, seed)
    names = tuple(subject.start)
    notes = tuple(subject.notes)
    return LayerCheck(
        verdict, subject.title, names, (check,) * len(names), mistakes, reason, seed, notes
    )


def subject_of(layer: Any, x: Any, parameters: Mapping[str, str] | None) -> Subject:
    if isinstance(layer, (tuple, list)):
        if len(layer) == 2 and all(map(callable, layer)):
            return FunctionPair(layer[0], layer[1], x)
    elif is_torch_layer(layer):
        return TorchLayer(layer, x)
    elif is_jax_function(layer):
        return JaxFunction(layer, x)
    elif not isinstance(layer, type) and callable(getattr(layer, "backward", None)):
        return LayerObject(layer, x, parameters)
    raise UnsupportedError(
        "check_layer(layer, x)",
        f"a {type(layer).__name__} without forward and backward",
        "give an object with both, a pair (forward, backward), a torch.autograd.Function, a module "
        "or a JAX custom_vjp function",
    )
