"""Checking the gradient of an expression exactly: by enclosures, without any step.

The derivative of the expression is enclosed at rational points. A claim that is an expression too is
enclosed at the same points: a difference that excludes zero is certain, agreement is to 50 digits.
A claim in floating point is judged at its own point (`numeric.float_claims`), which is exact, as every
float is rational.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, Literal

import numpy as np
import sympy

from numeric.binding import shape_of
from numeric.branches import UNEQUAL, Branch, branches, moved, taken
from numeric.data import check_data
from numeric.enclosure import balls_at, compare
from numeric.errors import Undecided
from numeric.exact_slopes import (
    Array,
    Point,
    Slope,
    as_floats,
    exact_data,
    has_no_equations,
)
from numeric.float_claims import Judged, judge
from numeric.mistakes import name_mistakes_exactly
from numeric.outcome import GradientCheck
from numeric.sampling import choose_sizes, sample
from numeric.seeds import generator
from symbolic.calculus.gradients import place_of
from symbolic.code.compilation import Function
from symbolic.errors import DataError, NameUnknownError, ShapeError, UnsupportedError
from symbolic.nodes import Derivative, Expression, Variable
from symbolic.reading.declarations import Given, declare
from symbolic.reading.parser import read
from symbolic.sizes import shape_text
from symbolic.traverse import variables

Sizes = Mapping[sympy.Symbol, int]

DIGITS = 50
_SEARCHED = 60  # points, for branches that the first ones do not take
_RELATIONS = {1: ">", -1: "<", 0: "==", UNEQUAL: "!="}
_NAMED = 20  # wrong entries that are listed


def check_exactly(
    f: Expression | str,
    grad: Expression | str,
    wrt: Variable | str,
    *,
    given: Given | None = None,
    points: int = 3,
    seed: int = 0,
) -> GradientCheck:
    """Whether an expression is the derivative of another: exactly, at random points of the domains.

    Formula: D(f, wrt) = grad, both enclosed. Shapes: shape(grad) = shape(f) + shape(wrt), so that f may
    be an array and `grad` its Jacobian. Conditions: f has a derivative at the points. With a `given`
    mapping both may be text. Raises `ShapeError` for another shape, `NameUnknownError` for an unknown
    name. Numerical error: "fail" is certain; "pass" says that both sides agree to 50 digits at rational
    points of several sizes (all different, then as small as they can be), which take every branch of
    a maximum, an absolute value or a selection; a branch that none of them takes is inconclusive.
    Branches are seen one by one, not in every combination.

    >>> given = {"X": "n d", "w": "d", "y": "n"}
    >>> loss = "0.5*norm(X @ w - y)**2"
    >>> check_exactly(loss, "X.T @ (X @ w - y)", "w", given=given).verdict
    'pass'
    >>> check_exactly(loss, "X.T @ (X @ w + y)", "w", given=given).verdict
    'fail'
    """
    whole, claim = read(f, given), read(grad, given)
    place = _variable(wrt, whole, given)
    _check_shape(claim.shape, whole.shape + place.shape, place.name)
    return _at_points(whole, claim, place, [], points, seed)


def check_expression(
    f: Expression | str,
    grad: Any,
    x: object,
    wrt: Variable | str | None = None,
    given: Given | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Whether a claim is the gradient of an expression at a point, without differences.

    Formula: |claim - D(f, wrt)| <= bar. Shapes: `x` maps the names of all variables to their values, or
    is the value of the only one; the claim has shape(f) + shape(wrt). It is an expression or text (then
    `check_exactly` is asked too), an array, or a function: of the arrays that its arguments name, or
    of the one it is differentiated by. With several variables and no `wrt` it is a mapping from names
    to gradients. Conditions:
    those of `check_data`; at a kink every slope between the one-sided ones is accepted, with a note.
    Numerical error: `bar`, a running error bound in the coarser of the precisions of data and claim.

    >>> from symbolic import softplus, sum, vector
    >>> z = vector("z", "n")
    >>> point = np.array([-1.0, 0.5, 40.0])
    >>> check_expression(sum(softplus(z)), lambda z: 1 / (1 + np.exp(-z)), point).verdict
    'pass'
    >>> found = check_expression(sum(softplus(z)), lambda z: 1 - np.exp(-z), point)
    >>> found.verdict, found.entries
    ('fail', ((0,), (1,)))
    """
    whole = read(f, given)
    data = _named_data(whole, x, wrt, given)
    if isinstance(grad, (Expression, str, sympy.Basic, sympy.MatrixBase)):
        return _symbolic_claim(whole, read(grad, given), data, wrt, given, seed)
    arrays, sizes = check_data(_declared(whole, data, given), data)
    call = _caller(grad, wrt)
    claims = _claims(call(arrays), whole, wrt, given)
    parts = []
    for place, claim in claims.items():
        _check_shape(claim.shape, shape_of(whole.shape, sizes) + arrays[place].shape, place.name)
        again = None
        if callable(grad):
            again = _repeated(call, place, whole, wrt, given, arrays)
        parts.append(_float_claim(whole, place, claim, arrays, sizes, again, seed))
    return _merged(parts)


# --- claims that are expressions -----------------------------------------------------------------


def _symbolic_claim(
    whole: Expression,
    claim: Expression,
    data: Mapping[str | Variable, Any],
    wrt: Variable | str | None,
    given: Given | None,
    seed: int,
) -> GradientCheck:
    """At x, where that lies in the domains exactly, and at random points of them."""
    place = _variable(_only(whole, wrt), whole, given)
    _check_shape(claim.shape, whole.shape + place.shape, place.name)
    declared = _declared(whole, data, given, claim)
    arrays, sizes = check_data(declared, data)
    first = [(exact_data(arrays), sizes)] if has_no_equations(declared) else []
    return _at_points(whole, claim, place, first, 3, seed)


def _at_points(
    whole: Expression,
    claim: Expression,
    place: Variable,
    first: Sequence[tuple[Point, Sizes]],
    points: int,
    seed: int,
) -> GradientCheck:
    rng = generator(seed)
    slope = Derivative(whole, place)
    given = tuple(dict.fromkeys((*variables([whole, claim]), *variables(place))))
    tried: list[tuple[Point, Sizes]] = list(first)
    for chosen in choose_sizes([slope, claim], rng, points):
        try:
            tried.append((sample(given, chosen, rng), chosen))
        except Undecided:
            continue
    agreed: list[str] = []
    notes: list[str] = []
    reason = "no point of the domains was found"
    unseen = branches([whole, claim])
    number = 0
    for number, (point, sizes) in enumerate(_with_search(tried, unseen, rng), start=1):
        found = compare(slope, claim, point, sizes, digits=DIGITS)
        if found.outcome == "different":
            return _refuted(slope, claim, place, point, sizes, found.precision, number, seed)
        if found.outcome == "equal":
            agreed.append(_sizes_text(sizes))
            unseen -= taken(unseen, point, sizes)
        elif number <= len(tried):
            reason = found.reason
            notes.append(f"at {_sizes_text(sizes)}: {reason}")
    if not agreed:
        return _result("inconclusive", f"No point could be told: {reason}.", number, seed)
    where = f"{len(agreed)} rational points ({'; '.join(dict.fromkeys(agreed))})"
    words = f"Both sides agree to {DIGITS} digits at {where}"
    if unseen:
        which = sorted(f"{switch} {_RELATIONS[sign]} 0" for switch, sign in unseen)[0]
        reason = f"{words}, but at none of them is {which}, which decides on a branch."
        return _result("inconclusive", reason, number, seed, notes=tuple(notes))
    return _result("pass", f"{words}.", number, seed, notes=tuple(notes))


def _with_search(
    tried: Sequence[tuple[Point, Sizes]], unseen: set[Branch], rng: np.random.Generator
) -> Iterator[tuple[Point, Sizes]]:
    """Some points, then others as long as branches are unseen: those that take one of them."""
    yield from tried
    for number in range(_SEARCHED):
        if not unseen or not tried:
            return
        point, sizes = tried[number % len(tried)]
        fresh = moved(sample(point, sizes, rng), rng)
        if taken(unseen, fresh, sizes):
            yield fresh, sizes


def _refuted(
    slope: Expression,
    claim: Expression,
    place: Variable,
    point: Point,
    sizes: Sizes,
    bits: int,
    number: int,
    seed: int,
) -> GradientCheck:
    (true, claimed), _ = balls_at([slope, claim], point, sizes, bits)
    wrong = np.array([bool(a - b != 0) for a, b in zip(true.flat, claimed.flat, strict=True)])
    wrong = wrong.reshape(true.shape)
    (correct, doubt), (given, _) = as_floats(true), as_floats(claimed)
    judged = Judged(~wrong, wrong, correct, doubt, (), "")
    reason = f"{_difference(judged, given, place)} At {_sizes_text(sizes)}, a rational point."
    x = np.asarray(point[place], dtype=np.float64)
    mistakes = _mistakes(given, judged, x, place)
    return _result("fail", reason, number, seed, _entries(wrong), mistakes)


def _sizes_text(sizes: Sizes) -> str:
    return ", ".join(f"{letter} = {number}" for letter, number in sizes.items()) or "fixed sizes"


# --- claims in floating point --------------------------------------------------------------------


def _float_claim(
    whole: Expression,
    place: Variable,
    claim: Array,
    arrays: Mapping[Variable, Array],
    sizes: Sizes,
    again: Callable[[Point], Array] | None,
    seed: int,
) -> GradientCheck:
    values = exact_data(arrays)
    slope = Slope.of(whole, place, values, sizes)
    dtype = max((a.dtype for a in (claim, *arrays.values())), key=lambda d: np.finfo(d).eps)
    if not slope.is_confirmed(values, generator(seed)):
        reason = "The symbolic derivative and the one by jets do not agree; please report this."
        return _result("inconclusive", reason, 1, seed)
    found = judge(slope, claim.astype(np.float64), values, dtype, again)
    bar = float(np.max(found.bar, initial=0.0))
    if np.any(found.wrong):
        mistakes = _mistakes(claim, found, np.asarray(arrays[place], dtype=np.float64), place)
        reason = _difference(found, claim, place)
        entries = _entries(found.wrong)
        return _result("fail", reason, 1, seed, entries, mistakes, found.notes, bar)
    if not np.all(found.right):
        entry = _entries(~found.right)[0]
        where = _place(entry, place)
        reason = f"{where[0].upper()}{where[1:]} cannot be told: {found.why}."
        return _result("inconclusive", reason, 1, seed, notes=found.notes, bar=bar)
    count = "The entry agrees" if claim.size == 1 else f"All {claim.size} entries agree"
    reason = f"{count} with the enclosed gradient by {place.name} within the rounding of {dtype}."
    return _result("pass", reason, 1, seed, notes=found.notes, bar=bar)


def _named_data(
    whole: Expression, x: object, wrt: Variable | str | None, given: Given | None
) -> dict[str | Variable, Any]:
    if isinstance(x, Mapping):
        return {key.name if isinstance(key, Variable) else key: value for key, value in x.items()}
    names = [variable.name for variable in variables(whole)]
    if len(names) > 1:
        raise NameUnknownError(
            "the point of the check",
            f"one value for the variables {', '.join(names)}",
            f"give a mapping, as in {{{names[0]!r}: ..., {names[1]!r}: ...}}",
        )
    return {_variable(_only(whole, wrt), whole, given).name: x}


def _variable(place: Variable | str, whole: Expression, given: Given | None) -> Variable:
    found = place_of(place, whole, given)
    if isinstance(found, Variable):
        return found
    raise UnsupportedError(
        f"a check by {found.name}",
        "a named intermediate, which has no values of its own",
        "check the gradient by a variable",
    )


def _only(whole: Expression, wrt: Variable | str | None) -> Variable | str:
    """What is differentiated by, when only one thing can be."""
    if wrt is not None:
        return wrt
    found = variables(whole)
    if len(found) != 1:
        names = ", ".join(variable.name for variable in found) or "none"
        raise NameUnknownError(
            "the gradient to check",
            f"the expression has the variables {names}",
            "pass wrt=, or a mapping from names to gradients",
        )
    return found[0]


def _declared(
    whole: Expression, data: Mapping[str | Variable, Any], given: Given | None, *more: Expression
) -> tuple[Variable, ...]:
    """The variables that may have data: those of the expressions, and given ones that have."""
    found = dict.fromkeys(variables([whole, *more]))
    names = {variable.name for variable in found}
    extra = [v for name, v in declare(given).items() if name in data and name not in names]
    return (*found, *extra)


def _caller(grad: Any, wrt: Variable | str | None) -> Callable[[Mapping[Variable, Array]], Any]:
    """The claim as a function of the data: of what it asks for by name, else of wrt alone."""
    place = wrt.name if isinstance(wrt, Variable) else wrt

    def call(arrays: Mapping[Variable, Array]) -> Any:
        named = {variable.name: array.copy() for variable, array in arrays.items()}
        if isinstance(grad, Function):
            return grad(**{name: named[name] for name in grad.args if name in named})
        if not callable(grad):
            return grad
        wanted = _parameters(grad)
        if wanted and wanted <= set(named):
            return grad(**{name: named[name] for name in wanted})
        if len(named) == 1 or (place in named and len(wanted) == 1):
            return grad(named[place] if place in named else next(iter(named.values())))
        raise DataError(
            "the gradient",
            f"a function of {', '.join(sorted(wanted)) or 'unnamed arguments'}",
            f"give one of {', '.join(named)}, or of the variable alone",
        )

    return call


def _parameters(function: Callable[..., Any]) -> set[str]:
    """The names of the arguments that a function has to be given."""
    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):
        return set()
    kinds = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return {p.name for p in parameters if p.kind in kinds and p.default is Parameter.empty}


def _repeated(
    call: Callable[[Mapping[Variable, Array]], Any],
    place: Variable,
    whole: Expression,
    wrt: Variable | str | None,
    given: Given | None,
    arrays: Mapping[Variable, Array],
) -> Callable[[Point], Array]:
    """The claim for one variable at another point of exact data."""

    def again(point: Point) -> Array:
        floats = {v: np.asarray(point[v], dtype=arrays[v].dtype) for v in arrays}
        return _claims(call(floats), whole, wrt, given)[place].astype(np.float64)

    return again


def _claims(
    value: Any, whole: Expression, wrt: Variable | str | None, given: Given | None
) -> dict[Variable, Array]:
    """The claimed arrays, by variable."""
    if not isinstance(value, Mapping):
        value = {_only(whole, wrt): value}
    found = {}
    for name, each in value.items():
        place, array = _variable(name, whole, given), np.asarray(each)
        if array.dtype.kind in "iu":
            array = array.astype(np.float64)
        if array.dtype.kind != "f":
            raise DataError("the gradient", f"dtype {array.dtype}", "give real numbers, as float64")
        found[place] = array
    return found


# --- results -------------------------------------------------------------------------------------


def _check_shape(claimed: tuple[Any, ...], wanted: tuple[Any, ...], name: str) -> None:
    if claimed != wanted:
        hint = "; its transpose would fit" if claimed == wanted[::-1] else ""
        raise ShapeError(
            f"the gradient by {name}",
            f"shape {shape_text(claimed)}, not {shape_text(wanted)}{hint}",
            "give one slope for every entry",
        )


def _mistakes(claim: Array, found: Judged, x: Array, place: Variable) -> tuple[str, ...]:
    bar = np.where(np.isfinite(found.bar), found.bar, 0.0)
    if claim.shape != x.shape or not np.all(np.isfinite(claim) & np.isfinite(found.value)):
        return ()
    return name_mistakes_exactly(claim.astype(np.float64), found.value, bar, x)


def _difference(found: Judged, claim: Array, place: Variable) -> str:
    first = tuple(np.argwhere(found.wrong)[0])
    count = int(np.count_nonzero(found.wrong))
    many = f"{count} of {claim.size} entries differ" if claim.size > 1 else "The claim differs"
    return (
        f"{many}: {_place(tuple(int(k) for k in first), place)} is {claim[first]:.10g}, "
        f"the exact gradient {found.value[first]:.10g} +- {found.bar[first]:.1g}."
    )


def _place(entry: tuple[int, ...], place: Variable) -> str:
    return f"entry {list(entry)} by {place.name}" if entry else f"the slope by {place.name}"


def _entries(mask: Array) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(k) for k in entry) for entry in np.argwhere(mask)[:_NAMED])


def _merged(parts: list[GradientCheck]) -> GradientCheck:
    """The worst of the checks of several variables."""
    order = ["fail", "inconclusive", "pass"]
    worst = min(parts, key=lambda part: order.index(part.verdict))
    if worst.verdict != "pass" or len(parts) == 1:
        return worst
    reason = " ".join(part.reason for part in parts)
    notes = tuple(note for part in parts for note in part.notes)
    bar = max(part.bar for part in parts)
    return _result("pass", reason, len(parts), worst.seed, notes=notes, bar=bar)


def _result(
    verdict: Literal["pass", "fail", "inconclusive"],
    reason: str,
    evaluations: int,
    seed: int,
    entries: tuple[tuple[int, ...], ...] = (),
    mistakes: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    bar: float = 0.0,
) -> GradientCheck:
    return GradientCheck(
        verdict=verdict,
        bar=bar,
        step=0.0,
        evaluations=evaluations,
        entries=entries,
        mistakes=mistakes,
        reason=reason,
        seed=seed,
        notes=notes,
    )
