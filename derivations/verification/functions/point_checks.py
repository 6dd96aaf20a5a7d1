"""One point: whether a claim in floating point is the derivative there, or the other side's value.

The derivative of an expression is enclosed, and a claim is judged by its rounding alone; that of a
person's function is measured by differences with error bars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from inspect import Parameter, Signature
from typing import Any, Literal

import numpy as np

from derivations.verification.at_kinks import entry_by_entry
from derivations.verification.functions.calling import CallError, UndefinedError
from derivations.verification.functions.float_sides import FloatPoint, Side, value_at
from derivations.verification.functions.float_values import MOVABLE, agreement
from derivations.verification.functions.without_slopes import has_value, may_lack_slope
from numeric import differences
from numeric.binding import shape_of
from numeric.checks import check_hessian, check_jacobian
from numeric.enclosure import balls_at
from numeric.exact_check import check_expression
from numeric.exact_slopes import Slope, as_floats
from numeric.gradient_check import check_gradient
from numeric.outcome import GradientCheck
from numeric.seeds import generator
from symbolic.errors import ShapeError
from symbolic.nodes import Expression, Variable
from symbolic.sizes import shape_text

Array = Any
Entry = tuple[int, ...]
_NEAR = 2.0**-36
_BITS = 256
_OTHER = 1e-4  # by which another convention differs at least
_SHOWN = 20  # entries of a point in words
_SYMMETRIC = ("symmetric", "spd", "psd")


@dataclass(frozen=True)
class Finding:
    """What one point has shown.

    outcome  "right", "wrong", "open", or "failed" where a function has no value to compare
    bar      by how much a right claim may be off
    claimed, correct, error   the two values and what is unknown of the second; None if not compared
    slips    names of what is wrong, by numbers alone
    generic  whether the point is one of those at which most claims can be told to be right or wrong
    kinks    whether the function has a kink there; `convention` says in words which slope the claim takes,
             where it is not the one taken here. An open point with kinks says nothing, whatever is claimed
    """

    point: FloatPoint
    outcome: Literal["right", "wrong", "open", "failed"]
    reason: str
    bar: float = 0.0
    entry: Entry = ()
    claimed: Array | None = None
    correct: Array | None = None
    error: Array | None = None
    slips: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    generic: bool = True
    kinks: bool = False
    convention: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether no claim could be right or wrong at the point."""
        return self.outcome == "open" and self.kinks


def check_derivative(
    kind: str,
    f: Side,
    claim: Side,
    place: Variable,
    point: FloatPoint,
    seed: int,
    *,
    finite: bool = False,
) -> Finding:
    """Whether a claim is the derivative of f by one variable. Raises `ShapeError` for f's shape.

    `kind` is "gradient", "jacobian" or "hessian"; of an expression f the derivative by `place` is
    wanted whatever it says (for a Hessian f is the gradient). With `finite` a claim that is not finite
    is wrong where the derivative is; else it may have overflowed. Where f has no value nothing is wrong.
    """
    try:
        values = () if isinstance(f, Expression) else np.shape(value_at(f, point))
        claimed, again = value_at(claim, point), value_at(claim, point)
    except CallError as error:
        return _without_value(point, error)
    if not _same(claimed, again):
        return Finding(point, "open", _RANDOM)
    x = np.shape(point.arrays[place])
    if isinstance(f, Expression):
        wanted = (*_numbers(f, point), *x)
    elif kind == "jacobian":
        wanted = (*values, *x)
    else:
        _check_scalar(kind, values)
        wanted = x * (2 if kind == "hessian" else 1)
    if claimed.shape != wanted:
        if wanted or claimed.size != 1:
            return _of_wrong_shape(point, claimed, wanted)
        claimed = claimed.reshape(())
    try:
        with np.errstate(all="ignore"):
            if isinstance(f, Expression):
                return _against_enclosures(f, claim, claimed, place, point, seed, finite)
            if not has_value(f, point):
                return _not_compared(point, place, "f is not finite there")
            return _against_differences(kind, f, claim, claimed, place, point, seed, finite)
    except CallError as error:
        return _without_value(point, error)


def check_values(left: Side, right: Side, point: FloatPoint, *, finite: bool = False) -> Finding:
    """Whether two sides have the same value; `finite` as in `check_derivative`, for the right one."""
    try:
        values = [value_at(side, point) for side in (left, right)]
        again = [value_at(side, point) for side in (left, right)]
        if not all(map(_same, values, again)):
            return Finding(point, "open", _RANDOM)
        correct, claimed = values
        if correct.shape != claimed.shape:
            return _of_wrong_shape(point, claimed, correct.shape)
        equal, wrong, bar = agreement([left, right], values, point)
    except CallError as error:
        return _without_value(point, error)
    largest = float(np.max(bar, initial=0.0))
    if finite:
        wrong |= np.isfinite(correct) & ~np.isfinite(claimed)
    if np.any(wrong):
        entry = _first(wrong)
        reason = f"the values are {correct[entry]:.10g} and {claimed[entry]:.10g}"
        zero = np.zeros(correct.shape)
        return Finding(point, "wrong", reason, largest, entry, claimed, correct, zero)
    if np.all(equal):
        return Finding(point, "right", "the values agree", largest, claimed=claimed)
    known = np.isfinite(correct) & np.isfinite(claimed)
    reason = (
        "the difference is of the size of rounding errors"
        if np.all(known)
        else "a value is not finite"
    )
    return Finding(point, "open", reason, largest)


_RANDOM = "a function gives another value each time it is asked"


def _against_enclosures(
    f: Expression,
    claim: Side,
    claimed: Array,
    place: Variable,
    point: FloatPoint,
    seed: int,
    finite: bool,
) -> Finding:
    given = {variable.name: variable for variable in point.arrays}
    call = _by_names(claim, claimed.shape, point)
    found = check_expression(f, call, point.values, place, given, seed)
    if found.verdict == "pass" and found.notes:
        words = _convention(f, claimed, place, point)
        return replace(_finding(found, point, claimed), notes=(), kinks=True, convention=words)
    if found.verdict != "fail" or not (finite or np.all(np.isfinite(claimed))):
        return _finding(found, point, claimed)
    if not has_value(f, point):
        return _not_compared(point, place, "f is not finite there")
    narrow = claimed.astype(np.float32)
    if check_expression(f, narrow, point.values, place, given, seed).verdict == "pass" and _same(
        claimed, value_at(claim, _beside(point)).reshape(claimed.shape)
    ):
        return Finding(
            point, "open", "the claim is right in float32, and has no more digits inside"
        )
    slope = Slope.of(f, place, point.exact, point.sizes)
    correct, error, _ = slope.enclosed(point.exact)
    known = np.isfinite(correct)
    correct = np.where(known, correct, _by_convention(slope, point))
    undefined = ~np.isfinite(correct) & ~np.isfinite(claimed)
    if np.any(undefined):
        left, _ = slope.sides(point.exact, undefined)
        call = _by_names(claim, claimed.shape, point, undefined, left)
        if check_expression(f, call, point.values, place, given, seed).verdict != "fail":
            return _not_compared(point, place, _NO_SLOPE)
    finding = _finding(found, point, claimed, correct, np.where(known, error, 0.0))
    return replace(finding, slips=(), kinks=True) if found.notes else finding


def _convention(f: Expression, claimed: Array, place: Variable, point: FloatPoint) -> str:
    """Where a claim takes another slope at a kink than the formula of the derivative."""
    slope = Slope.of(f, place, point.exact, point.sizes)
    here = _by_convention(slope, point)
    other = np.abs(claimed - here) > _OTHER * np.maximum(1.0, np.abs(here))
    if not np.any(other):
        return ""
    entry = _first(other)
    inside = f" in entry {list(entry)}" if entry else ""
    where = f"at the kink {place.name} = {np.array2string(point.arrays[place], separator=', ')}"
    words = f"the code takes {claimed[entry]:.6g}, the convention here {here[entry]:.6g}"
    return f"{where}{inside} {words}{entry_by_entry(claimed.size)}"


def _by_convention(slope: Slope, point: FloatPoint) -> Array:
    (balls,), _ = balls_at([slope.formula], slope.at(point.exact), point.sizes, _BITS)
    return as_floats(balls)[0]


def _beside(point: FloatPoint) -> FloatPoint:
    """A point so near that nothing in float32 tells the two apart."""
    moved = {v: a * (1 - _NEAR) if v.domain in MOVABLE else a for v, a in point.arrays.items()}
    return FloatPoint(moved, point.sizes)


def _by_names(
    claim: Side, shape: tuple[int, ...], point: FloatPoint, mask: Array = False, other: Array = 0.0
) -> Callable[..., Array]:
    """A claim as a function of all variables by name, in the shape that was accepted.

    Under the mask something other is claimed.
    """

    def call(**named: Array) -> Array:
        arrays = {variable: named[variable.name] for variable in point.arrays}
        value = value_at(claim, FloatPoint(arrays, point.sizes)).reshape(shape)
        return np.where(mask, np.asarray(other, dtype=value.dtype), value)

    names = [Parameter(name, Parameter.KEYWORD_ONLY) for name in point.values]
    call.__signature__ = Signature(names)  # type: ignore[attr-defined]
    return call


def _against_differences(
    kind: str,
    f: Side,
    claim: Side,
    claimed: Array,
    place: Variable,
    point: FloatPoint,
    seed: int,
    finite: bool,
) -> Finding:
    def of(x: Array) -> Array:
        return value_at(f, point.with_value(place, _along_domain(x, place.domain)))

    x = point.arrays[place]
    if not _same(of(x), of(x)):
        return Finding(point, "open", _RANDOM)
    claimed = _along_domain(claimed, place.domain)
    if kind == "hessian" and x.ndim == 2:
        both = claimed.transpose(2, 3, 0, 1)
        claimed = _along_domain(both, place.domain).transpose(2, 3, 0, 1)
    found = _CHECKS[kind](of, claimed, x, seed=seed)
    lost = ~np.isfinite(claimed)
    if (np.any(lost) and not finite) or (found.verdict != "fail" and not np.any(lost)):
        return _finding(found, point, claimed)
    measured = getattr(differences, kind)(of, x)
    lost &= np.isfinite(measured.value) & np.isfinite(measured.bar)
    if np.any(lost):
        if may_lack_slope(f, claim, place, point, generator(seed)):
            return _not_compared(point, place, _NO_SLOPE)
        reason = (
            f"a slope is claimed to be {claimed[_first(lost)]}, where f has slopes on both sides"
        )
        return Finding(
            point, "wrong", reason, 0.0, _first(lost), claimed, measured.value, measured.bar
        )
    return _finding(found, point, claimed, measured.value, measured.bar)


_CHECKS: Mapping[str, Callable[..., GradientCheck]] = {
    "gradient": check_gradient,
    "jacobian": check_jacobian,
    "hessian": check_hessian,
}


def _along_domain(array: Array, domain: str) -> Array:
    """The part of a matrix along its domain: a function need not mean anything beside it."""
    if domain in _SYMMETRIC:
        return (array + np.swapaxes(array, -1, -2)) / 2
    if domain == "diagonal":
        return array * np.eye(array.shape[-1], dtype=array.dtype)
    return np.tril(array) if domain == "lower" else array


def _finding(
    found: GradientCheck,
    point: FloatPoint,
    claimed: Array,
    correct: Array | None = None,
    error: Array | None = None,
) -> Finding:
    if found.verdict == "fail" and correct is not None and error is not None:
        gap = np.where(np.isfinite(correct), np.abs(claimed - correct), 0.0)
        listed = [entry for entry in found.entries if len(entry) == claimed.ndim]
        entry = listed[0] if listed else _first(gap == np.max(gap))
        return Finding(
            point, "wrong", found.reason, found.bar, entry, claimed, correct, error,
            found.mistakes, found.notes,
        )  # fmt: skip
    outcome: Literal["right", "open"] = "right" if found.verdict == "pass" else "open"
    reason = "the claim is not finite" if found.verdict == "fail" else found.reason
    return Finding(point, outcome, reason, found.bar, claimed=claimed, notes=found.notes)


def _of_wrong_shape(point: FloatPoint, claimed: Array, wanted: tuple[int, ...]) -> Finding:
    hint = "; its transpose would fit" if claimed.shape == wanted[::-1] else ""
    told = f"the claim has shape {shape_text(claimed.shape)}, the right answer {shape_text(wanted)}"
    slips = ("transposed",) if hint else ()
    return Finding(point, "wrong", told + hint, claimed=claimed, slips=slips)


def _check_scalar(kind: str, shape: tuple[int, ...]) -> None:
    if np.prod(shape) != 1:
        raise ShapeError(
            f"the {kind} of f",
            f"f returns an array of shape {shape_text(shape)}",
            "give a function with one value, or use verify_jacobian",
        )


def _numbers(f: Expression, point: FloatPoint) -> tuple[int, ...]:
    return shape_of(f.shape, point.sizes)


def _same(a: Array, b: Array) -> bool:
    return np.array_equal(a, b, equal_nan=True)


def _first(mask: Array) -> Entry:
    return tuple(int(k) for k in np.argwhere(mask)[0])


_NO_SLOPE = "neither the claim nor the right answer has a value there"


def _not_compared(point: FloatPoint, place: Variable, why: str) -> Finding:
    shown = np.array2string(point.arrays[place], separator=", ", threshold=_SHOWN)
    return Finding(point, "open", f"not compared at {place.name} = {shown}, as {why}", kinks=True)


def _without_value(point: FloatPoint, error: CallError) -> Finding:
    outcome: Literal["open", "failed"] = "open" if isinstance(error, UndefinedError) else "failed"
    return Finding(point, outcome, f"{error.written}: {error.found}; {error.advice}")
