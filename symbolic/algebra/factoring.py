"""Factors of a sum, where they can be looked for: not of powers so high that this takes forever."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

HIGHEST = 100  # power of a name, of a function or of an exponential


def factored(e: sympy.Expr) -> sympy.Expr:
    """The factors of an expression; the expression itself where its polynomials have a high degree.

    exp(1234*x/1000) counts as the power 617 of exp(x/500).

    >>> x = sympy.Symbol("x")
    >>> factored(x**2 - 1), factored(x**1000 - 1)
    ((x - 1)*(x + 1), x**1000 - 1)
    """
    return e if any(abs(power.p) > HIGHEST for power in _powers(e)) else sympy.factor(e)


def _powers(e: sympy.Expr) -> Iterator[sympy.Rational]:
    for part in sympy.preorder_traversal(e):
        if isinstance(part, (sympy.Pow, sympy.exp)):
            for term in sympy.Add.make_args(sympy.expand(part.as_base_exp()[1])):
                yield term.as_coeff_Mul(rational=True)[0]


__all__ = ["factored"]
