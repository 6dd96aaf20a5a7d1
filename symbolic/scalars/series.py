"""Taylor's theorem with its remainder as an integral, which is exact and names no unknown point."""

from __future__ import annotations

import sympy
from sympy.core.function import AppliedUndef

from symbolic.errors import UnsupportedError
from symbolic.scalars.analytic import is_analytic_value
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.facts import Facts
from symbolic.scalars.parameters import as_expression, as_variable
from symbolic.scalars.rule import ScalarRule


def taylor(value: sympy.Expr, about: sympy.Expr, order: int, along: sympy.Symbol) -> ScalarRule:
    """Taylor's theorem for a value f(a + d) about a point a, with the integral remainder.

    `along` is the variable of the integral, from 0 at a to 1 at a + d.

    >>> f, x, h, s = sympy.Function("f"), *sympy.symbols("x h s", real=True)
    >>> taylor(f(x + h), x, 0, along=s).results(f(x + h), Facts())[0]
    h*Integral(Subs(Derivative(f(t), t), t, h*s + x), (s, 0, 1)) + f(x)
    """
    about, along = as_expression(about, "taylor"), as_variable(along, "taylor")
    whole = isinstance(order, int) and order >= 0
    if not isinstance(value, AppliedUndef) or len(value.args) != 1 or not whole:
        raise UnsupportedError(
            f"taylor({value}, {about}, {order})",
            "it is no value f(x) of an undefined function, or the order is no whole number",
            "give f(x + h), the point x, an order of 0 or more, and a variable",
        )
    if along in value.free_symbols | about.free_symbols:
        raise UnsupportedError(
            f"taylor({value}, {about}, {order}, {along})",
            f"{along} occurs in what is expanded",
            "give another variable for the integral",
        )
    step = value.args[0] - about
    terms = (
        derivative(value.func, about, k) * step**k / sympy.factorial(k) for k in range(order + 1)
    )
    remainder = sympy.Integral(
        (1 - along) ** order * derivative(value.func, about + along * step, order + 1),
        (along, 0, 1),
    )
    expansion = sympy.Add(*terms) + step ** (order + 1) / sympy.factorial(order) * remainder

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if node != value or not (along.is_extended_real and along.is_nonpositive is not True):
            return None
        smooth = is_analytic_value(value) or (facts.real(value.args[0]) and facts.real(about))
        return expansion if smooth else None

    return ScalarRule(
        "Taylor's theorem",
        f"{value} = the terms about {about} up to order {order}, and the remainder as an integral",
        "f is smooth and the points are real, or f is analytic",
        "integration by parts",
        apply,
        (value, about, sympy.Integer(order), along),
        _made,
    )


def _made(
    value: sympy.Expr, about: sympy.Expr, order: sympy.Integer, along: sympy.Symbol
) -> ScalarRule:
    return taylor(value, about, int(order), along)


__all__ = ["taylor"]
