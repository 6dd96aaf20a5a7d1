"""A claimed product v'J against the slopes of sum(v * f(x)), for random cotangents v.

With E the error of the claimed Jacobian, a random v hides it with probability at most 1/2; so K of
them with 2^-K. Beyond the coordinates that `check_gradient` checks one by one its random directions
add their own probability. A product that is not linear in v is wrong for some v, and such a v is
sought by exact doubling and by addition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from numeric.checks.cotangents import FAR, cotangents, same
from numeric.checks.remembered import Remembered
from numeric.checks.slopes import check_slopes
from numeric.gradient_check import SMALL
from numeric.outcome import GradientCheck

Array = Any
Row = Callable[[Array], Array]  # v -> v'J in the shape of x

_MISSED_BY_DIRECTIONS = 0.5**4


def check_pullback(
    f: Remembered, row: Row, *, seed: int, word: str = "cotangent"
) -> tuple[GradientCheck, Array]:
    """The outcome over all cotangents, and the cotangent for which it fails (else the first)."""
    found = cotangents(f.start, f.dtype, seed)
    checks: list[GradientCheck] = []
    for v in found + _suspicious(row, found, f.eps):
        check = check_slopes(f, f.weighted(v), row(v), seed=seed)
        if check.verdict == "fail":
            return _failed(f, row, check, found, word), v
        checks.append(check)
    return replace(_decided(f, checks, word), evaluations=f.calls), found[0]


def _suspicious(row: Row, found: list[Array], eps: float) -> list[Array]:
    """Cotangents at which the product does not follow from others by linearity."""
    v, w = found[:2]
    at_v, at_w = row(v), row(w)
    expected = [
        (FAR * v, FAR * at_v),
        (v / FAR, at_v / FAR),
        (v + w, at_v + at_w),
        (0 * v, 0 * at_v),
    ]
    return [each for each, value in expected if not same(row(each), value, eps, each)]


def _failed(
    f: Remembered, row: Row, check: GradientCheck, found: list[Array], word: str
) -> GradientCheck:
    mistakes, why = misuse(f, row, found, word)
    reason = why or f"For random {word}s: {check.reason}"
    return replace(check, mistakes=mistakes or check.mistakes, reason=reason, evaluations=f.calls)


def misuse(f: Remembered, row: Row, found: list[Array], word: str) -> tuple[tuple[str, ...], str]:
    """How the cotangent is misused, if it is, and a sentence about it."""
    v, w = found[:2]
    at_v, at_w, at_zero = row(v), row(w), row(0 * v)
    if not np.all(np.isfinite(at_v) & np.isfinite(at_w)):
        return (), ""
    if not np.any(at_v) and not np.any(at_w):
        return (), ""
    if same(at_v, at_w, f.eps):
        ones = np.ones_like(v)
        of_ones = check_slopes(f, f.weighted(ones), row(ones), seed=0)
        right = "; it is right for ones" if of_ones.verdict == "pass" else ""
        why = f"The gradient is the same for every {word}{right}."
        return (f"{word} ignored", *of_ones.mistakes), why
    if np.any(at_zero):
        plain = v.shape == at_v.shape and same(at_v - at_w, v - w, f.eps)
        what = f"{word} added where it multiplies" if plain else f"not linear in the {word}"
        return (what,), f"The gradient is not zero where the {word} is."
    linear = same(row(v + w), at_v + at_w, f.eps, v + w)
    linear = linear and same(row(FAR * v), FAR * at_v, f.eps, FAR * v)
    if not linear:
        return (f"not linear in the {word}",), f"The gradient is not linear in the {word}."
    return (), ""


def _decided(f: Remembered, checks: list[GradientCheck], word: str) -> GradientCheck:
    for check in checks:
        if check.verdict != "pass":
            return replace(check, reason=f"For random {word}s: {check.reason}")
    missed = (0.5 ** len(checks) if f.start.size > 1 else 0.0) + (
        _MISSED_BY_DIRECTIONS if f.point.values.size > SMALL else 0.0
    )
    others = f"other errors are missed with probability at most {missed:.2g}"
    reason = (
        f"The products with {len(checks)} random {word}s agree with differences; "
        f"one wrong entry always shows{', ' + others if missed else ''}."
    )
    notes = tuple(dict.fromkeys(note for check in checks for note in check.notes))
    bar, step = max(check.bar for check in checks), max(check.step for check in checks)
    return replace(checks[0], reason=reason, notes=notes, bar=bar, step=step)
