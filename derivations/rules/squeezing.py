"""Limits by squeezing: what is at least 0, and at most something that tends to 0, tends to 0."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from derivations.lemma import Earlier
from derivations.statements import Inequality
from symbolic.errors import UnsupportedError
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal


@dataclass(frozen=True)
class Squeezed(Earlier):
    """An earlier claim f <= g, where 0 <= f and g falls to 0: so f tends to 0."""

    @property
    def name(self) -> str:
        """Short, for the margin."""
        return "squeezed between 0 and the bound above"

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """0 for the limit of the smaller side; nothing where the larger one need not fall to 0."""
        small, large = self.claim.left, self.claim.right
        if not isinstance(line, sympy.Limit) or not isinstance(large, sympy.Expr):
            return ()
        body, variable, point = line.args[:3]
        if not isinstance(small, sympy.Expr) or not equal(body, small):
            return ()
        if any(variable in condition.free_symbols for condition in facts.conditions):
            return ()  # the claim may hold for few values of the variable
        if variable.is_extended_real is not True or variable.is_nonpositive:
            return ()
        falls = point == sympy.oo and falls_to_zero(large, variable, facts)
        return (sympy.S.Zero,) if falls and facts.nonnegative(small) else ()


def squeezed(bound: Inequality) -> Squeezed:
    """The reason that f tends to 0, from an earlier claim f <= g of the page.

    >>> from derivations import inequality
    >>> n = sympy.Symbol("n", positive=True)
    >>> bound = inequality(sympy.exp(-n), 1 / n)
    >>> squeezed(bound).results(sympy.Limit(sympy.exp(-n), n, sympy.oo), Facts())
    (0,)
    """
    if not isinstance(bound, Inequality) or bound.relation != "<=":
        raise UnsupportedError(f"squeezed({bound})", "it is no claim f <= g", "give such a claim")
    return Squeezed(bound)


def falls_to_zero(e: sympy.Expr, variable: sympy.Symbol, facts: Facts) -> bool:
    """Whether e is a quotient of polynomials of which the lower has the higher degree.

    >>> n, c = sympy.symbols("n c", positive=True)
    >>> falls_to_zero(c / n, n, Facts()), falls_to_zero(n / (n + c), n, Facts())
    (True, False)
    """
    above, below = sympy.cancel(sympy.together(e)).as_numer_denom()
    if not (above.is_polynomial(variable) and below.is_polynomial(variable)):
        return False
    leading = sympy.Poly(below, variable).LC()
    degrees = sympy.degree(above, variable), sympy.degree(below, variable)
    return bool(degrees[0] < degrees[1]) and facts.nonzero(leading)
