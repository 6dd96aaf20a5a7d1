"""Rules of square roots."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.parameters import as_expression
from symbolic.scalars.rule import ScalarRule


def multiplied_by_conjugate(difference: sympy.Expr) -> ScalarRule:
    """A difference with a square root as the difference of the squares over the sum.

    >>> x = sympy.Symbol("x", positive=True)
    >>> line = sympy.sqrt(x + 1) - x
    >>> multiplied_by_conjugate(line).results(line, Facts())
    ((-x**2 + x + 1)/(x + sqrt(x + 1)),)
    """
    difference = as_expression(difference, "multiplied_by_conjugate")
    roots = [term for term in sympy.Add.make_args(difference) if _has_root(term)]
    root = sympy.Add(*roots[:1])
    rest = difference - root
    other = root - rest

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if node != difference or len(roots) != 1 or not facts.nonzero(other):
            return None
        return (sympy.expand(root**2) - sympy.expand(rest**2)) / other

    return ScalarRule(
        "multiplying by the conjugate",
        f"r - a = (r^2 - a^2) / (r + a) with r - a = {difference}",
        "r + a != 0",
        "the laws of arithmetic",
        apply,
        (difference,),
        multiplied_by_conjugate,
    )


def _has_root(term: sympy.Expr) -> bool:
    return any(each.exp == sympy.Rational(1, 2) for each in term.atoms(sympy.Pow))


__all__ = ["multiplied_by_conjugate"]
