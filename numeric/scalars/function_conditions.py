"""Undefined functions that equations define or normalise, so that the equations hold at a point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from numeric.errors import Undecided
from numeric.scalars.assignments import Assignment

_MOST_TERMS = 50


def about_function(condition: sympy.Basic) -> bool:
    """Whether an equation defines a function, F(t) = ..., or says that one sums to a number.

    >>> p, x, t = sympy.Function("p"), *sympy.symbols("x t")
    >>> about_function(sympy.Eq(p(t), t**2)), about_function(sympy.Eq(sympy.Sum(p(x), (x, 1, 3)), 1))
    (True, True)
    """
    return _defined(condition) is not None or _summed(condition) is not None


def fitted(
    point: Assignment, conditions: Iterable[sympy.Basic], rng: np.random.Generator
) -> Assignment:
    """The point with other meanings for these functions, so that the equations hold.

    A function with a given sum is rational at integers, so that all stays exact.
    """
    required = list(conditions)
    for condition in required:
        if _summed(condition) is not None:
            point = _normalised(point, condition, rng)
    for condition in required:
        if _defined(condition) is not None:
            point = _with_definition(point, condition)
    return point


def _defined(condition: sympy.Basic) -> AppliedUndef | None:
    if not isinstance(condition, sympy.Eq) or not isinstance(condition.lhs, AppliedUndef):
        return None
    arguments = condition.lhs.args
    plain = all(isinstance(each, sympy.Symbol) for each in arguments)
    circular = condition.rhs.has(condition.lhs.func)
    return (
        condition.lhs if plain and len(set(arguments)) == len(arguments) and not circular else None
    )


def _summed(condition: sympy.Basic) -> AppliedUndef | None:
    """The function of a condition that the sum over one of its arguments is a number."""
    if not isinstance(condition, sympy.Eq) or not isinstance(condition.lhs, sympy.Sum):
        return None
    term, limits = condition.lhs.function, condition.lhs.limits
    if not isinstance(term, AppliedUndef) or len(limits) > 1 or len(limits[0]) != 3:
        return None
    return term if list(term.args).count(limits[0][0]) == 1 and condition.rhs.is_number else None


def _normalised(point: Assignment, condition: sympy.Eq, rng: np.random.Generator) -> Assignment:
    term = _summed(condition)
    assert term is not None
    index, *ends = condition.lhs.limits[0]
    first, last = (_whole(end, point) for end in ends)
    letters = sympy.symbols(f"u:{len(term.args)}", real=True)
    slopes = [sympy.Rational(int(rng.integers(1, 9)), 4) for _ in letters]
    line = sympy.Add(*(slope * letter for slope, letter in zip(slopes, letters, strict=True)))
    shift = sympy.Rational(int(rng.integers(-16, 1)), 4)
    shape = line + shift if term.is_positive is None else (line + shift) ** 2 + slopes[0]
    place = list(term.args).index(index)
    total = sympy.Add(*(shape.subs(letters[place], k) for k in range(first, last + 1)))
    if total == 0:
        raise Undecided(f"{condition}", "the function drawn sums to 0", "draw again")
    return point.with_values({term.func: sympy.Lambda(letters, condition.rhs * shape / total)})


def _whole(end: sympy.Expr, point: Assignment) -> int:
    found = end.xreplace({key: value for key, value in point.items() if key in end.free_symbols})
    if not found.is_Integer or abs(found) > _MOST_TERMS:
        raise Undecided(f"the range to {end}", f"{found} is no small integer", "use a short range")
    return int(found)


def _with_definition(point: Assignment, condition: sympy.Eq) -> Assignment:
    head = _defined(condition)
    assert head is not None
    known: dict[Any, Any] = {
        key: value
        for key, value in point.items()
        if isinstance(key, sympy.Symbol) and key not in head.args and isinstance(value, sympy.Expr)
    }
    body = condition.rhs.xreplace(known)
    for call in sorted(body.atoms(AppliedUndef), key=str):
        body = body.xreplace({call: point.meaning(call.func, len(call.args))(*call.args)})
    return point.with_values({head.func: sympy.Lambda(head.args, body)})
