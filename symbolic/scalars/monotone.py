"""Bounds inside a line: where a part grows, so does the whole, if the signs around it are known."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal
from symbolic.scalars.random_variables import Expectation
from symbolic.scalars.rule import Order, Rewrite, facts_of_parts
from symbolic.scalars.smoothness import is_finite, within


def part_by_part(upper: Rewrite) -> Order:
    """When one line is at most another: each part replaced by its upper bound makes it the other.

    `upper` gives, for a node that it bounds, something at least as large. Sums, integrals,
    expectations and multiples by numbers of known sign keep or turn the order.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> holds = part_by_part(lambda node, facts: y if node == x else None)
    >>> holds(3 * x + 1, 3 * y + 1, Facts()), holds(-x, -y, Facts()), holds(-y, -x, Facts())
    (True, False, True)
    """

    def holds(smaller: sympy.Expr, larger: sympy.Expr, facts: Facts) -> bool:
        risen = moved(smaller, upper, facts, up=True)
        if risen is not None and risen != smaller and equal(risen, larger):
            return True
        fallen = moved(larger, upper, facts, up=False)
        return fallen is not None and fallen != larger and equal(fallen, smaller)

    return holds


def moved(e: sympy.Basic, upper: Rewrite, facts: Facts, *, up: bool) -> sympy.Basic | None:
    """Something at least as large as e (at most, where `up` is false), by bounds of its parts.

    e itself where it has no part to bound, None where the sign around a part is not known.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> cap = lambda node, facts: y if node == x else None
    >>> moved(3 * x + 1, cap, Facts(), up=True), moved(-2 * x, cap, Facts(), up=True)
    (3*y + 1, None)
    >>> moved(-2 * x, cap, Facts(), up=False)
    -2*y
    """
    bound = upper(e, facts)
    if bound is not None:
        return bound if up else None
    if isinstance(e, sympy.Add):
        return _rebuilt(e, [moved(each, upper, facts, up=up) for each in e.args])
    if isinstance(e, sympy.Mul):
        return _product(e, upper, facts, up)
    if isinstance(e, Expectation):
        return _rebuilt(e, [moved(e.args[0], upper, facts, up=up), *e.args[1:]])
    if isinstance(e, (sympy.Sum, sympy.Integral)) and runs_upwards(e, facts):
        inner = moved(e.function, upper, facts_of_parts(e, facts)[0], up=up)
        return None if inner is None else e if inner == e.function else e.func(inner, *e.limits)
    return e if _untouched(e, upper, facts) else None


def _rebuilt(e: sympy.Basic, parts: list[sympy.Basic | None]) -> sympy.Basic | None:
    if any(part is None for part in parts):
        return None
    same = all(new == old for new, old in zip(parts, e.args, strict=True))
    return e if same else e.func(*parts)


def _product(e: sympy.Mul, upper: Rewrite, facts: Facts, up: bool) -> sympy.Basic | None:
    touched = [each for each in e.args if not _untouched(each, upper, facts)]
    if not touched:
        return e
    if len(touched) > 1:
        return None
    rest = sympy.Mul(*(each for each in e.args if each is not touched[0]))
    if facts.nonnegative(rest):
        inner = moved(touched[0], upper, facts, up=up)
    elif facts.nonnegative(-rest):
        inner = moved(touched[0], upper, facts, up=not up)
    else:
        return None
    return None if inner is None else rest * inner


def _untouched(e: sympy.Basic, upper: Rewrite, facts: Facts) -> bool:
    """Whether nothing in an expression has a bound."""
    known = facts_of_parts(e, facts)
    return upper(e, facts) is None and all(
        _untouched(each, upper, there) for each, there in zip(e.args, known, strict=True)
    )


def runs_upwards(e: sympy.Sum | sympy.Integral, facts: Facts) -> bool:
    """Whether every range goes from a smaller to a larger end."""
    whole = isinstance(e, sympy.Sum)
    for limits in reversed(e.limits):
        if len(limits) != 3:
            return False
        _, low, high = limits
        if whole and not all(facts.integer(end) for end in (low, high) if is_finite(end)):
            return False
        endless = low == -sympy.oo or high == sympy.oo
        if not endless and not facts.nonnegative(high - low + (1 if whole else 0)):
            return False
        facts = within(facts, tuple(limits))
    return True
