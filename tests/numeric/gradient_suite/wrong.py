"""Wrong gradients: what people and programs really get wrong.

A wrong gradient counts only if a checker can be asked to see it:

* it differs from the right one by more than 1e-9 of the largest entry; and
* the difference exceeds what the values of f can show. Along one coordinate this is measured by a
  clairvoyant, who takes central differences of order 6 at 60 steps h and, knowing the truth, keeps
  two neighbouring steps of least error, where no error counts as less than the rounding of f (or the
  spread of its values at x, where they are random) over h; the wrong entry must be 30 times as far off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from tests.numeric.gradient_suite.case import Array, Case

MOST = 13
CLEAR = 30.0
STEPS = 10.0 ** np.arange(-12, 3, 0.25)  # in units of the coordinate


def wrong_gradients(case: Case, rng: np.random.Generator) -> list[tuple[str, Array]]:
    """At most 13 labelled wrong gradients of a case, each a fair question."""
    right = case.gradient
    if case.kind == "kink":
        return list(_outside(case, right))
    if not np.all(np.isfinite(right)):
        return []
    candidates = list(_candidates(case, right, rng))
    seen = cache(lambda place: resolution(case, place))
    found = []
    for number in rng.permutation(len(candidates)):
        label, wrong = candidates[number]
        if len(found) < MOST and _is_fair(case, wrong, seen):
            found.append((label, wrong.astype(right.dtype)))
    return found


def _is_fair(case: Case, wrong: Array, seen: Callable[[int], float]) -> bool:
    """Whether a checker can be asked to tell this gradient from the right one."""
    right = case.gradient
    largest = np.max(np.abs(right))
    if not np.all(np.isfinite(wrong)) or wrong.shape != right.shape:
        return False
    error = np.abs(wrong - right).astype(float).ravel()
    if error.max() <= max(1e-9 * largest, case.rounding) or any(
        np.allclose(wrong, other) for other in case.also
    ):
        return False
    relative = error / (np.abs(right.ravel()) + 1e-9 * largest + 1e-300)
    places = {int(np.argmax(error)), int(np.argmax(relative))}
    return any(error[place] > CLEAR * seen(place) for place in places)


def resolution(case: Case, place: int) -> float:
    """The error of the best differences along one coordinate, chosen by knowing the truth."""
    right = float(case.gradient.ravel()[place])
    unit = max(abs(float(case.x.ravel()[place])), 1e-12) if case.x.ravel()[place] else 1.0
    values = np.array([case.f(case.x.copy()) for _ in range(4)])
    narrow = np.float32 in (values.dtype, case.x.dtype)
    rounding = np.max(np.abs(values)) * np.finfo(np.float32 if narrow else np.float64).eps
    rounding = max(float(rounding), 2 * float(np.ptp(values)))  # random functions differ at x
    errors = [max(abs(_difference(case, place, h) - right), rounding / h) for h in unit * STEPS]
    pairs = np.maximum(errors[1:], errors[:-1])
    return float(np.min(np.where(np.isfinite(pairs), pairs, np.inf)))


def _difference(case: Case, place: int, h: float) -> float:
    """The central difference of order 6 along one coordinate; NaN outside the domain."""

    def along(t: float) -> float:
        moved = case.x.astype(float).ravel()
        moved[place] += t
        try:
            with np.errstate(all="ignore"):
                return float(case.f(moved.astype(case.x.dtype).reshape(case.x.shape)))
        except (ValueError, ArithmeticError):
            return np.nan

    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    with np.errstate(all="ignore"):
        return sum(w * (along(k * h) - along(-k * h)) for k, w in weights.items()) / h


def _candidates(case: Case, g: Array, rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    n, x = g.size, case.x
    largest = float(np.max(np.abs(g)))
    flat = g.ravel()

    def changed(edit: Callable[[Any], None]) -> Array:
        other = flat.astype(float).copy()
        edit(other)
        return other.reshape(g.shape)

    def at(place: int, value: float) -> Array:
        return changed(lambda other: other.__setitem__(place, value))

    yield "sign", -g
    yield "factor 2", 2 * g
    yield "factor 1/2", g / 2
    if n > 2:
        yield "factor n", n * g
        yield "factor 1/n", g / n
    yield "factor 1 + 1e-3", g * (1 + 1e-3)
    yield "factor 1 + 1e-5", g * (1 + 1e-5)
    place = int(rng.integers(n))
    yield "one entry, 1e-2 off", at(place, 1.01 * flat[place])
    place = int(rng.integers(n))
    yield "one entry, sign", at(place, -flat[place])
    place = int(rng.integers(n))
    yield "one entry, zero", at(place, 0.0)
    place = int(rng.integers(n))
    yield "one entry, 1e-4 of the largest added", at(place, flat[place] + 1e-4 * largest)
    yield "regulariser doubled", g + 1e-6 * x
    yield "regulariser dropped", g - 1e-6 * x
    yield "decay 1e-2 added", g + 1e-2 * x
    yield "mean of gradient missing", g - g.mean()
    yield "constant 1e-4 added", g + 1e-4
    yield "zero", np.zeros_like(g)
    yield "absolute values", np.abs(g)
    with np.errstate(all="ignore"):
        yield "at another point", np.asarray(case.grad(x * (1 - 1e-3) - 1e-3 * (x == 0)))
    if g.ndim == 2 and g.shape[0] == g.shape[1]:
        yield "transposed", g.T.copy()
    if n > 1:
        yield "rolled", np.roll(flat, 1).reshape(g.shape)
        yield "permuted", rng.permutation(flat).reshape(g.shape)
        i, j = rng.choice(n, 2, replace=False)
        yield "two entries swapped", changed(lambda o: o.__setitem__([i, j], o[[j, i]]))
        third = max(1, n // 3)
        first = int(rng.integers(n - third + 1))
        yield "a block missing", changed(lambda o: o.__setitem__(slice(first, first + third), 0))
        yield (
            "last block halved",
            changed(lambda o: o.__setitem__(slice(-third, None), o[-third:] / 2)),
        )
        above = x > np.median(x)
        yield "wrong where x is large", np.where(above, 1.05 * g, g)
        yield "zero where x is negative", np.where(x < 0, 0, g)
    yield "an upstream factor missing", g * (1 + 0.3 * np.tanh(x))
    yield "random, of the same size", largest * rng.normal(size=g.shape)


def _outside(case: Case, g: Array) -> Iterator[tuple[str, Array]]:
    """At a kink: gradients that no mean of neighbouring gradients gives."""
    first = np.zeros(g.size)
    first[0] = 1
    for amount in (7.0, -7.0, 100.0):
        yield f"first entry {amount:+g}", g + amount * first.reshape(g.shape)
    yield "constant 3 added", g + 3
    smooth = [place for place in range(case.x.size) if not _bends(case, place)]
    if smooth:
        off = np.zeros(g.size)
        off[smooth[0]] = 1e-2
        yield "a smooth entry, 1e-2 off", g + off.reshape(g.shape)


def _bends(case: Case, place: int) -> bool:
    """Whether the slopes on both sides differ by more than curvature explains."""
    step = np.zeros(case.x.size)
    step[place] = 1e-6
    step = step.reshape(case.x.shape)
    right, left = (case.f(case.x + side * step) - case.f(case.x) for side in (1, -1))
    return bool(abs(right + left) > 1e-3 * 1e-6)
