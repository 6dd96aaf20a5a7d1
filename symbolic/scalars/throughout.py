"""What holds throughout a range of numbers, as a condition that a page gives, and the bound it makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean

from symbolic.errors import UnsupportedError
from symbolic.scalars.facts import Facts
from symbolic.scalars.inequalities import absolute_value
from symbolic.scalars.monotone import moved, part_by_part
from symbolic.scalars.normal import equal, standard
from symbolic.scalars.parameters import as_sympy, is_any_real
from symbolic.scalars.rule import ScalarBound, facts_of_parts
from symbolic.scalars.smoothness import integrable, ordered
from symbolic.scalars.substituting import other_names, put

_SIGNS = {sympy.LessThan: "<=", sympy.GreaterThan: ">="}


class Throughout(Boolean):
    """An order that holds for all real t between two numbers, whichever of them is larger.

    >>> t, M, h = sympy.symbols("t M h", real=True)
    >>> print(Throughout(sympy.exp(t) <= M, t, 0, h))
    exp(t) <= M for all t between 0 and h
    """

    def __new__(cls, order: Any, variable: Any, low: Any, high: Any) -> Throughout:
        """A condition about all values of a variable."""
        args = [as_sympy(each, cls.__name__) for each in (order, variable, low, high)]
        if type(args[0]) not in _SIGNS or not is_any_real(args[1]):
            raise UnsupportedError(
                f"Throughout({order}, {variable}, ...)",
                "it is no order f(t) <= M, or t is not a symbol for any real number",
                "write an order with <= or >=, and declare t with real=True alone",
            )
        return super().__new__(cls, *args)

    @property
    def bound_symbols(self) -> list[sympy.Symbol]:
        """The variable, which means nothing outside."""
        return [self.args[1]]

    @property
    def free_symbols(self) -> set[sympy.Symbol]:
        """The symbols that the condition is about."""
        order, variable, low, high = self.args
        return (order.free_symbols - {variable}) | low.free_symbols | high.free_symbols

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> Throughout | None:
        order, variable, low, high = self.args
        if old == variable:
            return self.func(order, variable, low.subs(old, new), high.subs(old, new))
        names = other_names([variable], new.free_symbols, self)
        if not names:
            return None
        renamed = self.func(order.xreplace(names), variable.xreplace(names), low, high)
        return renamed._subs(old, new)

    def _sympystr(self, printer: Any) -> str:
        order, variable, low, high = self.args
        left, right, name, first, last = map(printer._print, (*order.args, variable, low, high))
        return f"{left} {_SIGNS[type(order)]} {right} for all {name} between {first} and {last}"

    def _latex(self, printer: Any) -> str:
        order, name, first, last = map(printer._print, self.args)
        return rf"{order} \quad \text{{for all }} {name} \text{{ between }} {first} \text{{ and }} {last}"


def between(value: sympy.Expr, low: sympy.Expr, high: sympy.Expr, facts: Facts) -> bool:
    """Whether a number certainly lies between two others, whichever of them is larger.

    >>> x, d, s = sympy.symbols("x d s", real=True)
    >>> between(x + s * d, x, x + d, Facts((s >= 0, s <= 1))), between(x + s * d, x, x + d, Facts())
    (True, False)
    """
    if not all(map(facts.real, (value, low, high))):
        return False
    for one, other in ((low, high), (high, low)):
        if facts.nonnegative(value - one) and facts.nonnegative(other - value):
            return True
    if equal(low, high):
        return equal(value, low)
    share = sympy.cancel(sympy.together((value - low) / (high - low)))
    if not sympy.fraction(share)[1].is_number or not equal(value, low + share * (high - low)):
        return False
    return facts.nonnegative(share) and facts.nonnegative(1 - share)


def _given_bound(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    """M for f(p) where f(t) <= M is given for all t of a range with p in it."""
    if not isinstance(node, sympy.Expr):
        return None
    wanted = standard(node)
    for condition in facts.conditions:
        if not isinstance(condition, Throughout):
            continue
        order, variable, low, high = condition.args
        if variable in order.gts.free_symbols or not order.lts.has(variable):
            continue
        for place in _places(node):
            fits = standard(put(order.lts, {variable: place})) == wanted
            if fits and between(place, low, high, facts):
                return order.gts
    return None


def _places(node: sympy.Basic) -> Iterator[sympy.Expr]:
    """The real numbers in an expression, as they are written."""
    for each in dict.fromkeys(sympy.preorder_traversal(node)):
        if isinstance(each, sympy.Expr) and each.is_extended_real:
            yield each


given_bound = ScalarBound(
    "bound given",
    "f(p) <= M",
    "f(t) <= M is given for all t between a and b, and p is between them",
    "the assumptions of the page",
    part_by_part(_given_bound),
)


def _bounded_integrand(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    """integral(w M) for |integral(w f)|, where |f| <= M is given on the range and w is not negative."""
    if not isinstance(node, sympy.Abs) or not isinstance(node.args[0], sympy.Integral):
        return None
    (integral,) = node.args
    limits = tuple(integral.limits[0])
    if len(integral.limits) != 1 or len(limits) != 3 or not ordered(*limits[1:], facts):
        return None
    if not integrable(integral.function, limits, facts):
        return None
    inside = facts_of_parts(integral, facts)[0]
    size = sympy.Abs(integral.function)
    written = (size, *absolute_value.results(size, inside))
    size = min(written, key=lambda each: sum(a.count_ops() for a in each.atoms(sympy.Abs)))
    risen = moved(size, _given_bound, inside, up=True)
    return None if risen is None or risen == size else sympy.Integral(risen, limits)


bounded_integrand = ScalarBound(
    "bounded integrand",
    "|integral(w f)| <= integral(w M)",
    "|f(t)| <= M is given for all t that are met, w >= 0, and the range runs upwards",
    "the triangle inequality for integrals",
    part_by_part(_bounded_integrand),
)


__all__ = ["Throughout", "between", "bounded_integrand", "given_bound"]
