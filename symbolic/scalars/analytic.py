"""Functions that are analytic, and real at real points: what a complex step differentiates."""

from __future__ import annotations

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction

from symbolic.scalars.facts import Facts
from symbolic.scalars.rule import ScalarRule


class _RealAnalytic(AppliedUndef):
    """A value of such a function."""

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(each.is_extended_real for each in self.args) else None


def analytic_function(name: str) -> UndefinedFunction:
    """An undefined function that is analytic everywhere and real at real points.

    >>> f, x = analytic_function("f"), sympy.Symbol("x", real=True)
    >>> f(x).is_extended_real, f(sympy.I * x).is_extended_real
    (True, None)
    """
    return UndefinedFunction(name, bases=(_RealAnalytic,), analytic=True)  # unlike Function(name)


def is_analytic_value(e: sympy.Basic) -> bool:
    """Whether e is a value of such a function."""
    return isinstance(e, _RealAnalytic)


def _is_real(e: sympy.Expr) -> bool:
    """Whether e is a derivative of such a function at a real point."""
    if isinstance(e, sympy.Subs):
        body, places, points = e.args
        return (
            all(point.is_real for point in points) and all(map(_plain, places)) and _is_real(body)
        )
    if isinstance(e, sympy.Derivative):
        return all(map(_plain, e.variables)) and _is_real(e.expr)
    return isinstance(e, _RealAnalytic) and e.is_extended_real is True


def _plain(place: sympy.Basic) -> bool:
    return isinstance(place, sympy.Symbol) and place.is_real is True


def _parts(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, (sympy.re, sympy.im)) or not _is_real(node.args[0]):
        return None
    return node.args[0] if isinstance(node, sympy.re) else sympy.S.Zero


real_at_real_points = ScalarRule(
    "real at real points",
    "Re(f'(x)) = f'(x) and Im(f'(x)) = 0, for all derivatives",
    "f is analytic and real at real points, and x is real",
    "difference quotients of real numbers are real",
    _parts,
)


def _reflected(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, (sympy.re, sympy.im)) or not isinstance(node.args[0], _RealAnalytic):
        return None
    value = node.args[0]
    conjugate = value.func(*(sympy.conjugate(each) for each in value.args))
    if isinstance(node, sympy.re):
        return (value + conjugate) / 2
    return (value - conjugate) / (2 * sympy.I)


reflection = ScalarRule(
    "reflection",
    "Im(f(z)) = (f(z) - f(conjugate z)) / (2 i)",
    "f is analytic and real at real points",
    "Schwarz's reflection principle",
    _reflected,
)

__all__ = ["analytic_function", "is_analytic_value", "real_at_real_points", "reflection"]
