"""Naming what is wrong with a gradient: each usual slip is a hypothesis that is put to the test.

A hypothesis turns the claim into another gradient. It names the mistake when the other gradient
explains every slope that was measured, within its bar, while the claim does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from math import sqrt
from typing import Any

import numpy as np

from numeric.evidence import Evidence

Array = Any

__all__ = ["name_mistakes", "name_mistakes_exactly", "name_partly"]

_FEWEST = 3  # wrong entries, and right ones, that make a region


def name_mistakes(evidence: Evidence, claim: Array, x: Array) -> tuple[str, ...]:
    """The slip that turns the claim into the measured gradient, or nothing.

    Shapes: `claim` and the slopes are flat, x is the point in its own shape. Conditions: at least
    two slopes. Names: "sign", "factor 2", "transposed", "missing 1e-06*x", "extra 0.5*sign(x)",
    "missing mean", "entries in another order", "sign of some entries", ...

    >>> measured = Evidence(np.array([1.0, 3.0]), np.array([1e-9, 1e-9]))
    >>> name_mistakes(measured, np.array([-1.0, -3.0]), np.array([5.0, 7.0]))
    ('sign',)
    """
    if evidence.explained_by(claim):
        return ()
    for name, gradient in _hypotheses(evidence, claim, x):
        if evidence.explained_by(gradient):
            return (name,)
    if evidence.directions is None:
        places = np.arange(claim.size)
        return _along_an_axis(evidence, claim, x) or name_partly(
            claim, evidence.slopes, evidence.bars, x, places
        )
    return ()


def name_mistakes_exactly(claim: Array, correct: Array, bar: Array, x: Array) -> tuple[str, ...]:
    """The slip between a claim and the correct gradient, both in the shape of x.

    Shapes: `bar`, the uncertainty of `correct`, a number or in the shape of x.

    >>> x = np.array([1.0, 2.0, 4.0])
    >>> name_mistakes_exactly(np.exp(x), np.exp(x) + 0.1 * x, 1e-12, x)
    ('missing 0.1*x',)
    """
    flat = np.asarray(correct, dtype=np.float64).ravel()
    bars = np.broadcast_to(np.asarray(bar, dtype=np.float64), np.shape(correct)).ravel()
    return name_mistakes(Evidence(flat, bars), np.asarray(claim, dtype=np.float64).ravel(), x)


def _hypotheses(evidence: Evidence, claim: Array, x: Array) -> Iterator[tuple[str, Array]]:
    yield "sign", -claim
    ratio = _common_ratio(evidence, claim)
    if ratio is not None:
        yield _factor_name(ratio, x), claim / ratio
    yield from _rearranged(claim, x)
    flat = x.ravel().astype(np.float64)
    for what, pattern in (("x", flat), ("", np.ones(claim.size)), ("sign(x)", np.sign(flat))):
        weight = _common_weight(evidence, claim, pattern)
        if weight is not None and _tells(evidence, pattern):
            yield _term_name(weight, what, claim), claim + weight * pattern


def _tells(evidence: Evidence, pattern: Array) -> bool:
    """Whether one multiple of a pattern fits all slopes for a reason: few equal ones fit by chance."""
    count = len(evidence.slopes)
    sizes = np.unique(np.abs(pattern[pattern != 0]))
    alike = evidence.directions is None and len(sizes) < count
    return count > (_FEWEST if alike else 1)


def _rearranged(claim: Array, x: Array) -> Iterator[tuple[str, Array]]:
    table = claim.reshape(x.shape)
    for axes in permutations(range(x.ndim)):
        moved = table.transpose(axes)
        if x.ndim > 1 and axes != tuple(range(x.ndim)) and moved.shape == x.shape:
            name = "transposed" if x.ndim == 2 else f"transposed to axes {axes}"
            yield name, moved.ravel()
            yield f"{name}, sign", -moved.ravel()
    for axis in range(x.ndim):
        what = "entries" if x.ndim == 1 else f"axis {axis}"
        if x.shape[axis] > 1:
            yield f"{what} in reversed order", np.flip(table, axis).ravel()
            for shift in (1, -1):
                yield f"{what} shifted by {-shift}", np.roll(table, shift, axis).ravel()


def _common_ratio(evidence: Evidence, claim: Array) -> float | None:
    """claim/true from the slope that is sharpest."""
    if len(evidence.slopes) < 2:
        return None
    best = int(np.argmax(np.abs(evidence.slopes) / np.maximum(evidence.bars, 1e-300)))
    slope, predicted = float(evidence.slopes[best]), float(evidence.along(claim)[best])
    if slope == 0 or predicted == 0:
        return None
    ratio = predicted / slope
    nice = float(Fraction(ratio).limit_denominator(12))
    close = abs(ratio - nice) * abs(slope) <= 3 * float(evidence.bars[best])
    return nice if nice and close else ratio


def _factor_name(ratio: float, x: Array) -> str:
    nice = Fraction(ratio).limit_denominator(12)
    if abs(ratio - nice) < 1e-9 * abs(ratio):
        return f"factor {nice}"
    for size in dict.fromkeys((*x.shape, x.size)):
        for value, name in (
            (1 / size, f"1/{size}"),
            (sqrt(size), f"sqrt({size})"),
            (1 / sqrt(size), f"1/sqrt({size})"),
        ):
            for sign, mark in ((1, ""), (-1, "-")):
                if abs(sign * ratio - value) < 1e-6 * value:
                    return f"factor {mark}{name}"
    digits = 6 if abs(ratio - 1) > 1e-4 else 12
    return f"factor {ratio:.{digits}g}"


def _common_weight(evidence: Evidence, claim: Array, pattern: Array) -> float | None:
    """The multiple of a pattern that the claim lacks, from where it shows most."""
    along = evidence.along(pattern)
    if not np.any(along):
        return None
    best = int(np.argmax(np.abs(along) / np.maximum(evidence.bars, 1e-300)))
    return float((evidence.slopes[best] - evidence.along(claim)[best]) / along[best])


def _term_name(weight: float, what: str, claim: Array) -> str:
    mean = float(np.mean(claim))
    if not what and abs(weight + mean) <= 1e-6 * abs(mean):
        return "missing mean: the mean of the entries is not subtracted"
    amount = f"{abs(weight):.6g}*{what}" if what else f"{abs(weight):.6g}"
    return f"{'missing' if weight > 0 else 'extra'} {amount}"


def _along_an_axis(evidence: Evidence, claim: Array, x: Array) -> tuple[str, ...]:
    """A difference that is constant along an axis: the mean or sum of a normalisation is missing."""
    gap, bar = ((a.reshape(x.shape)) for a in (evidence.slopes - claim, evidence.bars))
    for axis in range(x.ndim):
        if x.ndim < 2 or x.shape[axis] < 2:
            continue
        middle = gap.mean(axis=axis, keepdims=True)
        lines = np.any(np.abs(gap) > 3 * bar, axis=axis).sum()
        if (
            lines * (x.shape[axis] - 1) > _FEWEST
            and lines > 1
            and np.all(np.abs(gap - middle) <= 3 * bar + 1e-12 * np.abs(middle))
        ):
            return (f"a term that is constant along axis {axis} is missing",)
    return ()


def name_partly(claim: Array, true: Array, bar: Array, x: Array, places: Array) -> tuple[str, ...]:
    """What is wrong in some coordinates only: sign, order, zeros, and the region where.

    Shapes: `true` and `bar` at the flat `places` of the claim that were measured.

    >>> x = np.array([3.0, -1.0, 2.0, -2.0, 5.0, -4.0])
    >>> name_partly(np.where(x > 0, 0.0, x), x, np.full(6, 1e-9), x, np.arange(6))
    ('zero where the slope is not', 'wrong where x > -1')
    """
    given = claim[places]
    wrong = np.abs(given - true) > 3 * bar + 1e-12 * np.abs(given)
    if not np.any(wrong):
        return ()
    names = []
    if np.all(np.abs(given + true)[wrong] <= 3 * bar[wrong]):
        names.append("sign of some entries")
    elif np.all(given[wrong] == 0):
        names.append("zero where the slope is not")
    elif len(places) == claim.size and _same_values(given[wrong], true[wrong], bar[wrong]):
        names.append("entries in another order")
    region = _region(wrong, x.ravel()[places].astype(np.float64)) or _block(wrong, x, places)
    return (*names, region) if region else tuple(names)


def _same_values(given: Array, true: Array, bar: Array) -> bool:
    return bool(np.all(np.abs(np.sort(given) - np.sort(true)) <= 3 * float(np.max(bar))))


def _region(wrong: Array, x: Array) -> str:
    """A threshold on the entries of x that separates the wrong ones from the right ones."""
    bad, good = x[wrong], x[~wrong]
    if min(len(bad), len(good)) < _FEWEST:
        return ""
    if bad.min() > good.max():
        return f"wrong where x > {good.max():.4g}"
    if bad.max() < good.min():
        return f"wrong where x < {good.min():.4g}"
    return ""


def _block(wrong: Array, x: Array, places: Array) -> str:
    """Consecutive indices of one axis that hold all wrong entries, and no right one."""
    if wrong.sum() < _FEWEST or wrong.all():
        return ""
    indices = np.array(np.unravel_index(places, x.shape))
    for axis, along in enumerate(indices):
        low, high = int(along[wrong].min()), int(along[wrong].max())
        if np.array_equal(wrong, (along >= low) & (along <= high)):
            span = f"{low}" if low == high else f"{low} to {high}"
            return f"wrong in index {span} of axis {axis}: a term is missing there"
    return ""
