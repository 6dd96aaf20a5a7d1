"""Limits inside a limit, worked out as functions of the variable of the outer one."""

from __future__ import annotations

from functools import lru_cache

import sympy

from numeric.scalars.scope import free

_MOST_SLOPES = 4


@lru_cache(maxsize=1024)
def inner_limits_worked_out(body: sympy.Expr, outer: sympy.Symbol) -> sympy.Expr:
    """The expression with the limits of quotients of entire functions in it worked out.

    A limit of f/g is f/g at the point where g is not identically zero there, else that of f'/g' where f
    is zero too. It holds for all values of the outer variable but isolated ones. Other limits stay.

    >>> h, k = sympy.symbols("h k", real=True)
    >>> inner_limits_worked_out(sympy.Limit(((k + h) ** 3 - k**3) / h, h, 0, "+-") / k, k)
    3*k
    """
    if not body.has(sympy.Limit):
        return body
    args = [
        inner_limits_worked_out(arg, outer) if isinstance(arg, sympy.Expr) else arg
        for arg in body.args
    ]
    if not isinstance(body, sympy.Limit):
        return body.func(*args)
    e, variable, point = args[:3]
    if point.is_finite is not True or outer not in free(e) or outer in free(point):
        return body
    value = _value_at_zero(e.xreplace({variable: point + variable}), variable, outer)
    return body if value is None else value


def _value_at_zero(e: sympy.Expr, u: sympy.Symbol, outer: sympy.Symbol) -> sympy.Expr | None:
    top, bottom = together(e)
    if not (is_entire(top, u) and is_entire(bottom, u)):
        return None
    for _ in range(_MOST_SLOPES):
        below = bottom.xreplace({u: sympy.S.Zero})
        if not vanishes(bottom, u):
            return top.xreplace({u: sympy.S.Zero}) / below if is_entire(below, outer) else None
        if not vanishes(top, u):
            return None
        top, bottom = sympy.diff(top, u), sympy.diff(bottom, u)
    return None


@lru_cache(maxsize=4096)
def is_entire(node: sympy.Expr, u: sympy.Symbol) -> bool:
    """Whether an expression is analytic everywhere by its form, where its parts without u have values.

    >>> u = sympy.Symbol("u")
    >>> is_entire(sympy.exp(u**2), u), is_entire(1 / u, u)
    (True, False)
    """
    if u not in free(node) or node == u:
        return True
    if isinstance(node, (sympy.Add, sympy.Mul, sympy.exp, sympy.sin, sympy.cos)):
        return all(is_entire(arg, u) for arg in node.args)
    if isinstance(node, sympy.Pow):
        return node.exp.is_Integer and node.exp > 0 and is_entire(node.base, u)
    if isinstance(node, sympy.Integral):
        numbers = all(len(each) == 3 and each[1].is_Rational and each[2].is_Rational
                      for each in node.limits)  # fmt: skip
        inner = [u, *(each[0] for each in node.limits)]
        return numbers and all(is_entire(node.function, each) for each in inner)
    return False


@lru_cache(maxsize=1024)
def vanishes(body: sympy.Expr, u: sympy.Symbol) -> bool:
    """Whether an expression is identically zero at u = 0, by expanding it."""
    at_zero = body.xreplace({u: sympy.S.Zero})
    if at_zero == 0:
        return True
    expanded = sympy.expand(body.subs(u, 0))
    without = expanded.replace(_is_integral_of_zero, lambda _: sympy.S.Zero)
    return bool(sympy.expand(without) == 0)


def _is_integral_of_zero(node: sympy.Basic) -> bool:
    return isinstance(node, sympy.Integral) and sympy.expand(node.function) == 0


@lru_cache(maxsize=1024)
def together(body: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Numerator and denominator over one denominator."""
    return sympy.fraction(sympy.together(body))
