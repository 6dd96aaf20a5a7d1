"""A claimed Hessian against second differences of f, entry by entry or along pairs of directions.

d'He is (s(d + e) - s(d - e))/4, with s(u) the second derivative of f(x + t u) in t, which comes
with a bar. The claim passes within the bar when the bar is sharp beside the entry, or beside the
typical entry; it fails beyond three bars when other steps confirm it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import isfinite
from typing import Any, Literal

import numpy as np

from numeric.checks.cotangents import directions
from numeric.checks.hessian_mistakes import Known
from numeric.checks.narrowing import narrow, only
from numeric.checks.remembered import Remembered
from numeric.differences import hessian, point_scale
from numeric.lines import KINK, OK
from numeric.outcome import GradientCheck

Array = Any
Product = Callable[[Array], Array]  # u -> Hu

ONE_BY_ONE = 12  # coordinates whose pairs are all checked
_PAIRS = 8
_CERTAIN = 3.0  # bars
_OTHER_STEPS = (0.7, 0.55)  # of the first ladder's
_SHARP = 1 / 4  # power of eps: half the digits that second differences can have
_SHARP_BESIDE_SLOPE = 3 / 8  # beside the slope of f, for entries that are zero
_SECANT = 2.0**-6


@dataclass(frozen=True)
class _Pair:
    """d'He as claimed, and by differences."""

    claim: float
    value: float
    bar: float
    step: float
    why: str

    @property
    def gap(self) -> float:
        return abs(self.claim - self.value)


def check_by_second_differences(
    f: Remembered, product: Product, seed: int
) -> tuple[GradientCheck, list[Known]]:
    """Whether `product` multiplies by the Hessian of f, and what is known of that Hessian."""
    x = f.point.values
    n, scale = x.size, point_scale(x)
    if n <= ONE_BY_ONE:
        units = [only(np.array([i]), scale.reshape(x.shape).astype(x.dtype)) for i in range(n)]
        pairs = list(combinations_with_replacement(range(n), 2))
        both = [(i, j) for i, j in pairs] + [(j, i) for i, j in pairs if i != j]
        found = {(i, j): _pair(f, product, units[i], units[j]) for i, j in both}
        states = _states(f, product, found, {key: (units[key[0]], units[key[1]]) for key in found})
        known = [_known(units[i], units[j], pair) for (i, j), pair in found.items()]
        return _of_entries(f, found, states, scale, seed), known
    left = directions(x, scale, _PAIRS, seed)
    right = directions(x, scale, _PAIRS, seed + 1)
    vectors = dict(enumerate(zip(left, right, strict=True)))
    along = {k: _pair(f, product, d, e) for k, (d, e) in vectors.items()}
    states = _states(f, product, along, vectors)
    known = [_known(*vectors[k], pair) for k, pair in along.items()]
    return _of_directions(f, product, along, states, vectors, seed), known


def _known(d: Array, e: Array, pair: _Pair) -> Known:
    return Known(d.ravel(), e.ravel(), np.array(pair.value), np.array(pair.bar))


def _pair(f: Remembered, product: Product, d: Array, e: Array, shrink: float = 1.0) -> _Pair:
    up, down = _second(f, shrink * (d + e)), _second(f, shrink * (d - e))
    claim = float(np.sum(d.astype(np.float64) * product(e)))
    unit = 4 * shrink**2
    value, bar = (up[0] - down[0]) / unit, (up[1] + down[1]) / unit
    return _Pair(claim, value, bar, max(up[2], down[2]), up[3] or down[3])


def _second(f: Remembered, u: Array) -> tuple[float, float, float, str]:
    """The second derivative of f along u: value, bar, step, and what stands against it."""
    if not np.any(u):
        return 0.0, 0.0, 0.0, ""
    x = f.point.values

    def along(t: Array) -> Any:
        return f(f.point.native((x + np.asarray(t, x.dtype) * u).astype(x.dtype)))

    found = hessian(along, np.zeros((), x.dtype))
    bar = float(found.bar)
    why = "" if found.status == OK else found.reason
    if found.status == KINK:
        why = "the slope of f has a kink there"
    return (
        float(found.value),
        bar if isfinite(float(found.value)) else np.inf,
        float(found.step),
        why,
    )


def _states(
    f: Remembered, product: Product, pairs: dict[Any, _Pair], vectors: dict[Any, Any]
) -> dict[Any, str]:
    finite = [abs(pair.claim) for pair in pairs.values() if isfinite(pair.claim)]
    typical = float(np.median(finite)) if finite else 0.0
    return {key: _state(f, product, pair, vectors[key], typical) for key, pair in pairs.items()}


def _state(f: Remembered, product: Product, pair: _Pair, vectors: Any, typical: float) -> str:
    """The verdict on one pair; where the first steps leave a doubt, others are asked."""
    if not isfinite(pair.claim):
        return "fail" if isfinite(pair.bar) else "inconclusive"
    slope = max(_slope(f, u) for u in vectors)
    first = _glance(f, pair, typical, slope)
    if first == "pass" or not isfinite(pair.bar):
        return first
    d, e = vectors
    others = [
        _glance(f, _pair(f, product, d, e, shrink), typical, slope) for shrink in _OTHER_STEPS
    ]
    if first == "fail":
        return "fail" if others[0] == "fail" else "inconclusive"
    return "pass" if "pass" in others else "inconclusive"


def _glance(f: Remembered, pair: _Pair, typical: float, slope: float) -> str:
    if not isfinite(pair.bar):
        return "inconclusive"
    if pair.gap > pair.bar:
        return "fail" if pair.gap > _CERTAIN * pair.bar else "inconclusive"
    size = max(abs(pair.value), abs(pair.claim), typical)
    sharp = pair.bar <= max(f.eps**_SHARP * size, f.eps**_SHARP_BESIDE_SLOPE * slope)
    still = pair.claim == pair.value == slope == 0  # f does not move at all
    return "pass" if sharp or still else "inconclusive"


def _slope(f: Remembered, u: Array) -> float:
    """How fast f moves along a direction, roughly: what curvature is measured by."""
    x, h = f.point.values, _SECANT
    up, down = (f(f.point.native((x + t * u).astype(x.dtype))) for t in (h, -h))
    slope = abs(float(np.sum(up - down))) / (2 * h)
    return slope if isfinite(slope) else 0.0


def _of_entries(
    f: Remembered,
    found: dict[tuple[int, int], _Pair],
    states: dict[tuple[int, int], str],
    scale: Array,
    seed: int,
) -> GradientCheck:
    wrong = sorted(key for key, state in states.items() if state == "fail")
    unknown = [key for key, state in states.items() if state == "inconclusive"]
    bar = max(pair.bar / (scale[i] * scale[j]) for (i, j), pair in found.items())
    if wrong:
        i, j = wrong[0]
        pair, unit = found[i, j], scale[i] * scale[j]
        several = f"{len(wrong)} of {len(found)} entries differ: entry {list(_entry(f, i, j))} is "
        reason = (
            f"{several}{pair.claim / unit:.8g}, second differences give {pair.value / unit:.8g} "
            f"+- {pair.bar / unit:.1g}."
        )
        entries = tuple(_entry(f, *key) for key in wrong)
        return _check(f, "fail", found, bar, reason, seed, entries)
    if unknown:
        why = found[unknown[0]].why or "the bar is too wide, or the gap about one bar"
        reason = f"Entry {list(_entry(f, *unknown[0]))} cannot be told: {why}."
        return _check(f, "inconclusive", found, bar, reason, seed)
    reason = f"All {len(found)} entries agree with second differences within their bars."
    return _check(f, "pass", found, bar, reason, seed)


def _of_directions(
    f: Remembered,
    product: Product,
    found: dict[int, _Pair],
    states: dict[int, str],
    vectors: dict[int, tuple[Array, Array]],
    seed: int,
) -> GradientCheck:
    bar = max(
        pair.bar / float(np.max(np.abs(vectors[k][0])) * np.max(np.abs(vectors[k][1])))
        for k, pair in found.items()
    )
    wrong = [k for k, state in states.items() if state == "fail"]
    unknown = [k for k, state in states.items() if state == "inconclusive"]
    if wrong:
        pair = found[wrong[0]]
        entries = _located(f, product, *vectors[wrong[0]])
        what = f"entry {list(entries[0])} is wrong" if entries else "many entries differ"
        reason = (
            f"Along a random pair of directions the Hessian gives {pair.claim:.8g}, second "
            f"differences {pair.value:.8g} +- {pair.bar:.1g}: {what}."
        )
        return _check(f, "fail", found, bar, reason, seed, entries)
    if unknown:
        why = found[unknown[0]].why or "the bars are too wide, or the gap about one bar"
        reason = f"{len(unknown)} of {len(found)} pairs of directions cannot be told: {why}."
        return _check(f, "inconclusive", found, bar, reason, seed)
    reason = (
        f"Second differences along {len(found)} random pairs of directions agree; one wrong entry "
        f"always shows, other errors are missed with probability at most {0.75 ** len(found):.2g}."
    )
    return _check(f, "pass", found, bar, reason, seed)


def _located(f: Remembered, product: Product, d: Array, e: Array) -> tuple[tuple[int, ...], ...]:
    """Wrong entries behind a pair of directions: rows by halving d, then columns by halving e."""

    def differs(d: Array, e: Array) -> bool:
        pair = _pair(f, product, d, e)
        return pair.gap > _CERTAIN * pair.bar

    entries = []
    for i in narrow(d.size, lambda places: differs(only(places, d), e)):
        row = only(np.array([i]), d)

        def fails(places: Array, row: Array = row) -> bool:
            return differs(row, only(places, e))

        entries += [_entry(f, i, j) for j in narrow(e.size, fails)]
    return tuple(entries)


def _entry(f: Remembered, i: int, j: int) -> tuple[int, ...]:
    shape = f.point.values.shape
    places = (*np.unravel_index(i, shape), *np.unravel_index(j, shape)) if shape else ()
    return tuple(int(k) for k in places)


def _check(
    f: Remembered,
    verdict: Literal["pass", "fail", "inconclusive"],
    found: dict[Any, _Pair],
    bar: float,
    reason: str,
    seed: int,
    entries: tuple[tuple[int, ...], ...] = (),
) -> GradientCheck:
    step = max(pair.step for pair in found.values())
    return GradientCheck(verdict, bar, step, f.calls, entries, (), reason, seed)
