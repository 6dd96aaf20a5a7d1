"""The change of a function over a step, as an integral of its slope."""

from __future__ import annotations

import sympy

from symbolic.errors import UnsupportedError
from symbolic.scalars.facts import Facts
from symbolic.scalars.parameters import is_any_real
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import forgetting, smooth
from symbolic.scalars.substituting import put


def change_as_integral(
    e: sympy.Expr, x: sympy.Symbol, step: sympy.Expr | int, along: sympy.Symbol
) -> ScalarRule:
    """The change of e(x) as x goes to x + step: the step times the mean slope on the way.

    `along` is the variable of the integral, from 0 at x to 1 at x + step.

    >>> f, x, h, s = sympy.Function("f"), *sympy.symbols("x h s", real=True)
    >>> change_as_integral(f(x), x, h, along=s).results(f(x + h) - f(x), Facts())
    (h*Integral(Derivative(f(h*s + x), x), (s, 0, 1)),)
    """
    if not _fits(e, x, step, along):
        raise UnsupportedError(
            f"change_as_integral({e}, {x}, {step}, {along})",
            "x and the variable of the integral have to be two real symbols without a sign,"
            " which the step does not hold",
            "give an expression, its variable, a real step, and another variable",
        )
    step = sympy.sympify(step, strict=True)
    change = put(e, {x: x + step}) - e
    slope = sympy.Derivative(_kept(put(e, {x: x + along * step})), x)
    integral = step * sympy.Integral(slope, (along, 0, 1))
    size = len(sympy.Add.make_args(change))

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Add) or size < 2 or not smooth(e, x, forgetting(facts, x)):
            return None
        for sign in (1, -1):
            others = node - sign * change
            left = 0 if others == 0 else len(sympy.Add.make_args(others))
            if left == len(node.args) - size:
                return others + sign * integral
        return None

    return ScalarRule(
        "change as an integral of the slope",
        f"e({x} + {step}) - e({x}) = {step} integral(D(e({x} + {along} {step}), {x}), {along}=0..1)"
        f" with e({x}) = {e}",
        f"e is smooth for all {x}",
        "the fundamental theorem of calculus",
        apply,
        (e, x, step, along),
        change_as_integral,
    )


def _kept(e: sympy.Expr) -> sympy.Expr:
    """The expression; SymPy would put a derivative by another variable into an order of its own."""
    return sympy.UnevaluatedExpr(e) if isinstance(e, sympy.Derivative) else e


def _fits(e: object, x: object, step: object, along: object) -> bool:
    if not isinstance(e, sympy.Expr) or not isinstance(step, (int, sympy.Expr)):
        return False
    if not (is_any_real(x) and is_any_real(along)) or x == along:
        return False
    size = sympy.sympify(step, strict=True)
    return size.is_real is True and not (e.free_symbols & {along} or size.free_symbols & {x, along})


__all__ = ["change_as_integral"]
