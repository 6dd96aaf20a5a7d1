"""Where an experiment is carried out: what is fixed, and random rational values for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from numeric.binding import bind_sizes
from numeric.constraints import sample_on
from numeric.enclosure import Comparison, compare, enclose
from numeric.sampling import choose_sizes, sample
from numeric.scalars import compare_scalars, draw, enclose_scalar, order_scalars
from numeric.seeds import generator
from symbolic import Expression, Variable
from symbolic.errors import ChainruleError, DataError, UnsupportedError
from symbolic.operations import constant
from symbolic.scalars.normal import explicit, is_matrix
from symbolic.sizes import shape_text
from symbolic.traverse import substitute, variables

if TYPE_CHECKING:
    from flint import arb

Mathematics: TypeAlias = Expression | sympy.Basic
Unknown: TypeAlias = Variable | sympy.Symbol
At: TypeAlias = Mapping[Any, object]  # unknowns; or any expression, for another one
Fixed: TypeAlias = tuple[tuple[Any, object], ...]
Conditions: TypeAlias = tuple[Any, ...]  # pairs (a, b) of expressions that are equal, or relations

DIGITS = 50
_BITS = 2048


@dataclass(frozen=True)
class Point:
    """A size for each letter and a rational value for each unknown."""

    values: Mapping[Any, Any]
    sizes: Mapping[sympy.Symbol, int]

    def __str__(self) -> str:
        parts = [f"{letter} = {number}" for letter, number in self.sizes.items()]
        for unknown, value in self.values.items():
            entries = [str(entry) for entry in np.asarray(value, dtype=object).flat]
            text = ", ".join(entries[:12]) + (", ..." if len(entries) > 12 else "")
            shown = f"[{text}]" if isinstance(unknown, Variable) and unknown.rank else text
            parts.append(f"{unknown.name} = {shown}")
        return "; ".join(parts) or "there are no unknowns"


def formula(value: Any, beside: Any) -> Any:
    """A value as an expression of the kind of another: a tensor beside a tensor, else SymPy.

    >>> formula(0, sympy.Symbol("x"))
    0
    """
    if isinstance(value, Expression):
        return value
    return constant(value) if isinstance(beside, Expression) else mathematics(value)


def mathematics(value: Any) -> Any:
    """An expression of either language, a number as SymPy's; `UnsupportedError` for anything else.

    >>> mathematics(2), mathematics(sympy.Symbol("x"))
    (2, x)
    """
    if isinstance(value, Expression):
        return value
    if isinstance(value, sympy.MatrixBase):
        return value.as_immutable()
    numbers = (Real, sympy.Expr)
    if isinstance(value, numbers) and not isinstance(value, (bool, sympy.Lambda)):
        return sympy.sympify(value, strict=True)
    raise UnsupportedError(
        f"{value!r} in an experiment", f"a {type(value).__name__}", "give an expression or a number"
    )


def exponent(value: object) -> Fraction:
    """An order as a fraction; `UnsupportedError` for what is none.

    >>> exponent(sympy.Rational(1, 2))
    Fraction(1, 2)
    """
    try:
        return Fraction(str(value))
    except ValueError:
        raise UnsupportedError(f"order={value!r}", "no fraction", "give a whole number") from None


def both(left: Any, right: Any) -> tuple[Any, Any]:
    """Two sides of which one may be a plain number, as expressions of one language."""
    return formula(left, right), formula(right, left)


def fixed(at: At | None) -> Fixed:
    """What is fixed, as a frozen value: numbers exact, arrays as nested tuples, or expressions.

    A number fixes an unknown; an expression stands for an unknown or for any other expression, such
    as `{C(Y): sum(Y**2)}`.
    """
    if at is not None and not isinstance(at, Mapping):
        raise DataError(f"at={at!r}", "no mapping", "write at={x: 2}, a value for each unknown")
    pairs = tuple((place, _exact(value)) for place, value in (at or {}).items())
    for place, value in pairs:
        _check_place(place, value)
    return pairs


def _check_place(place: object, value: object) -> None:
    """Raise `DataError` where a value cannot stand for what it is given for."""
    if not isinstance(place, Expression) or isinstance(place, Variable):
        return
    if not isinstance(value, Expression):
        raise DataError(
            f"at={{{place}: {value}}}",
            "a number for what is no variable",
            "give numbers for variables, an expression for an expression",
        )
    if place.shape != value.shape:
        raise DataError(
            f"at={{{place}: {value}}}",
            f"shapes {shape_text(place.shape)} and {shape_text(value.shape)}",
            "give an expression of the same shape",
        )


def _exact(value: object) -> object:
    if isinstance(value, (Expression, sympy.Basic)):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(map(_exact, value))
    if isinstance(value, (int, float, Fraction)) and value == value:
        return Fraction(value)
    raise DataError(f"at={value!r}", "no number", "give a number, a tuple of them or an expression")


def inserted(expression: Any, at: Fixed) -> Any:
    """The expression with what is fixed by other expressions put in, all at once.

    >>> x, y = sympy.symbols("x y")
    >>> inserted(x + y, fixed({x: y**2}))
    y**2 + y
    """
    if isinstance(expression, Expression):
        mapping: dict[Expression, Expression] = {
            u: v for u, v in at if isinstance(u, Expression) and isinstance(v, Expression)
        }
        return substitute(expression, mapping) if mapping else expression
    return expression.subs(
        {u: v if isinstance(v, sympy.Basic) else sympy.Rational(v) for u, v in at}
    )


def points(
    expressions: Sequence[Any], at: Fixed, seed: int, count: int, on: Conditions = ()
) -> Iterator[Point]:
    """Points with a value for every unknown of the expressions, into which `at` is inserted.

    With equations `on` every point satisfies them. A point that cannot be found is left out.
    """
    if all(isinstance(each, sympy.Basic) for each in expressions):
        yield from _scalar_points(expressions, at, seed, count, on)
        return
    rng = generator(seed)
    numbers = {u: _array(v) for u, v in at if isinstance(u, Variable) and _is_number(v)}
    sizes_fixed = {u: int(_number(v)) for u, v in at if isinstance(u, sympy.Symbol)}
    everything = [*expressions, *(side for pair in on for side in pair)]
    chosen_sizes = [sizes for _ in range(0, count, 3) for sizes in choose_sizes(everything, rng, 3)]
    for chosen in chosen_sizes[:count]:
        known = bind_sizes({u: v.shape for u, v in numbers.items()}, sizes_fixed)
        sizes = {**chosen, **known}
        wanted = [u for u in variables(everything) if u not in numbers]
        try:
            drawn = sample_on(on, wanted, sizes, rng) if on else sample(wanted, sizes, rng)
        except ChainruleError:
            continue
        yield Point({**drawn, **numbers}, sizes)


def _scalar_points(
    expressions: Iterable[sympy.Basic], at: Fixed, seed: int, count: int, on: Conditions
) -> Iterator[Point]:
    stated = (sympy.Eq(*each) if isinstance(each, tuple) else each for each in on)
    conditions = [inserted(each, at) for each in stated]
    known = {unknown for unknown, _ in at}
    free = [u for u in unknowns_of((*expressions, *conditions)) if u not in known]
    for stream in range(count):
        try:
            yield Point(draw(free, conditions, generator(seed, stream)), {})
        except ChainruleError:
            continue


def unknowns_of(expressions: Iterable[sympy.Basic]) -> list[Any]:
    """The symbols, arrays and undefined functions of some SymPy expressions, in order of name.

    >>> x, f = sympy.Symbol("x"), sympy.Function("f")
    >>> unknowns_of([f(x) + x])
    [f(x), x]
    """
    found: set[Any] = set()
    for each in expressions:
        arrays = each.atoms(sympy.IndexedBase)
        found |= each.free_symbols - {array.label for array in arrays} - each.atoms(sympy.Indexed)
        found |= arrays
        found |= {min(group, key=str) for group in _by_head(each.atoms(AppliedUndef)).values()}
    return sorted(found, key=str)


def _by_head(applied: Iterable[Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for each in applied:
        groups.setdefault(each.func, []).append(each)
    return groups


def _is_number(value: object) -> bool:
    return not isinstance(value, Expression)


def _number(value: Any) -> Fraction:
    if isinstance(value, sympy.Rational):
        return Fraction(int(value.p), int(value.q))
    return Fraction(value)


def _array(value: object) -> Any:
    return np.array(_nested(value), dtype=object)


def _nested(value: object) -> Any:
    return [_nested(each) for each in value] if isinstance(value, tuple) else _number(value)


def compared(left: Any, right: Any, point: Point) -> Comparison:
    """Whether two sides agree to 50 digits, certainly differ, or cannot be told apart."""
    if isinstance(left, Expression):
        return compare(left, right, point.values, point.sizes, digits=DIGITS)
    return compare_scalars(_entries(left), _entries(right), point.values, digits=DIGITS)


def _entries(side: sympy.Basic) -> sympy.Basic:
    """A product or transpose of matrices as the matrix that it is."""
    return explicit(side) if is_matrix(side) else side


def ordered(left: Any, right: Any, point: Point) -> Comparison:
    """Whether left <= right: "equal" says yes, "different" a certain no."""
    if not isinstance(left, Expression):
        return order_scalars(left, right, point.values, digits=DIGITS)
    found = compare(left, right, point.values, point.sizes, digits=DIGITS)
    if found.outcome != "different":
        return found
    holds = strictly_less(left, right, point)
    return replace(found, outcome="equal" if holds else "different")


def strictly_less(left: Any, right: Any, point: Point) -> bool:
    """Whether left < right, certainly."""
    return bool(enclosed(right - left, point, _BITS).item() > 0)


def enclosed(expression: Any, point: Point, bits: int) -> Any:
    """Balls that contain the value, an object array of the shape of the expression."""
    if isinstance(expression, Expression):
        return enclose(expression, point.values, point.sizes, bits)
    return np.array(enclose_scalar(sympy.sympify(expression), point.values, bits), dtype=object)


def with_value(point: Point, unknown: Unknown, value: Any) -> Point:
    """The point with another value for one unknown: a fraction or an array of them."""
    if isinstance(unknown, Variable):
        array = np.asarray(value, dtype=object)
        return Point({**point.values, unknown: array}, point.sizes)
    number = np.asarray(value, dtype=object).item()
    if unknown in point.sizes:
        return Point(point.values, {**point.sizes, unknown: int(number)})
    return Point({**point.values, unknown: number}, point.sizes)


def shown(ball: arb, digits: int = 6) -> str:
    """A ball as a number of a few digits."""
    return str(ball.str(digits, radius=False))
