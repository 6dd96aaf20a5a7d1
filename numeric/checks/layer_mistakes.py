"""One gradient of a layer against differences, with the mistakes that layers make by name.

A name is given when undoing the mistake makes the claim pass: its transpose, its sum over the
batch, its multiple by the size of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from numeric.checks.cotangents import cotangents
from numeric.checks.layer_claims import Claims
from numeric.checks.narrowing import only
from numeric.checks.pullback import check_pullback
from numeric.checks.remembered import Remembered
from numeric.checks.slopes import check_slopes
from numeric.gradient_check import SMALL
from numeric.outcome import GradientCheck
from symbolic.sizes import shape_text

Array = Any
Undo = Callable[[Array], Array]

WORD = "upstream gradient"


def check_claim(f: Remembered, claims: Claims, name: str, seed: int) -> GradientCheck:
    """The check of one argument.

    A gradient of the wrong shape fails, and so does a missing one where the output depends on it.
    """
    shape = f.point.values.shape
    first = cotangents(f.start, f.dtype, seed)[0]
    given = claims.of(first)[name]
    if given is not None and given.shape != shape:
        return _of_wrong_shape(f, claims, name, given, seed)

    def row(v: Array) -> Array:
        claim = claims.of(v)[name]
        return np.zeros(shape, f.point.values.dtype) if claim is None else claim

    found, v = check_pullback(f, row, seed=seed, word=WORD)
    if found.verdict != "fail" or any(WORD in mistake for mistake in found.mistakes):
        return found
    if given is None or not np.any(row(v)):
        mistake = "zero everywhere" if name in claims.subject.inputs else "never written"
        mistake = "missing" if given is None else mistake
        return replace(found, mistakes=(mistake,), reason=f"The gradient is {mistake}.")
    named = _scaled_by_batch(f, claims, row(v), v, seed) or _turned(f, row, v, seed)
    return replace(found, mistakes=named) if named else found


def _of_wrong_shape(
    f: Remembered, claims: Claims, name: str, given: Array, seed: int
) -> GradientCheck:
    shape = f.point.values.shape
    told = f"shape {shape_text(given.shape)} where {name} has {shape_text(shape)}"
    found = GradientCheck("fail", float("inf"), 0.0, f.calls, (), ("shape",), "", seed)
    why = ""
    for mistake, undo in _reshapings(given.shape, shape):

        def row(v: Array, undo: Undo = undo) -> Array:
            claim = claims.of(v)[name]
            return np.zeros(shape) if claim is None or claim.ndim != given.ndim else undo(claim)

        corrected = check_pullback(f, row, seed=seed, word=WORD)[0]
        if corrected.verdict == "pass":
            found, why = replace(corrected, verdict="fail", mistakes=(mistake,)), f": {mistake}"
            break
    return replace(found, reason=f"The gradient has {told}{why}.", evaluations=f.calls)


def _reshapings(given: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[tuple[str, Undo]]:
    """Ways from the shape of a claim to that of the argument."""
    extra = len(given) - len(wanted)
    if given == wanted[::-1]:
        yield "transposed", np.transpose
    if extra > 0 and given[extra:] == wanted:
        axes = tuple(range(extra))
        yield f"sum over the batch is missing (axes {axes})", lambda g: g.sum(axis=axes)
    if extra == 0 and all(a == b or b == 1 for a, b in zip(given, wanted, strict=True)):
        axes = tuple(k for k, b in enumerate(wanted) if b == 1 and given[k] != 1)
        yield (
            f"sum over the batch is missing (axes {axes})",
            lambda g: g.sum(axis=axes, keepdims=True),
        )
    if np.prod(given) == np.prod(wanted):
        yield "right entries in another shape", lambda g: g.reshape(wanted)
        yield "transposed, and in another shape", lambda g: g.T.reshape(wanted)


def _scaled_by_batch(
    f: Remembered, claims: Claims, claim: Array, v: Array, seed: int
) -> tuple[str, ...]:
    """A mean over the first axis of an input or of the output in place of a sum, or the reverse."""
    start = claims.subject.start
    shapes = [start[name].shape for name in claims.subject.inputs] + [f.start.shape]
    for size in dict.fromkeys(shape[0] for shape in shapes if len(shape) > 1 and shape[0] > 1):
        for name, factor in (
            (f"mean over the batch of {size} where the sum belongs", float(size)),
            (f"sum over the batch of {size} where the mean belongs", 1 / size),
        ):
            corrected = np.asarray(factor * claim, claim.dtype)
            if check_slopes(f, f.weighted(v), corrected, seed=seed).verdict == "pass":
                return (name,)
    return ()


def _turned(f: Remembered, row: Callable[[Array], Array], v: Array, seed: int) -> tuple[str, ...]:
    """The product with the Jacobian where that with its transpose belongs."""
    size = f.start.size
    if f.start.shape != f.point.values.shape or not 1 < size <= SMALL:
        return ()
    ones = np.ones_like(v)
    jac = np.array([row(only(np.array([k]), ones)).ravel() for k in range(size)])
    corrected = np.asarray((jac @ v.ravel()).reshape(v.shape), v.dtype)
    if check_slopes(f, f.weighted(v), corrected, seed=seed).verdict != "pass":
        return ()
    return ("transposed: a factor of the product needs its transpose",)
