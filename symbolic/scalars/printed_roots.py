"""Roots of several factors as one root: SymPy holds sqrt(2) sqrt(pi) / 2 for what is read sqrt(pi / 2)."""

from __future__ import annotations

from collections import defaultdict

import sympy
from sympy.printing.latex import LatexPrinter


class JoinedRoot(sympy.Function):
    """The root of a product, which SymPy would take apart: base and degree. For printing only."""

    nargs = 2

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        inside, degree = self.args
        shown = printer._print(sympy.Pow(inside, sympy.S.One / degree, evaluate=False))
        return shown if exp is None else rf"\left({shown}\right)^{{{exp}}}"


def with_joined_roots(e: sympy.Mul) -> sympy.Expr:
    """The product with the roots of one degree as one root.

    Bases that may be negative stay apart: sqrt(x) sqrt(y) is sqrt(x y) for x, y >= 0.

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> with_joined_roots(2 * sympy.sqrt(a) / sympy.sqrt(b))
    2*JoinedRoot(a/b, 2)
    >>> with_joined_roots(sympy.sqrt(2) / (2 * sympy.sqrt(sympy.pi)) * a)
    a/JoinedRoot(2*pi, 2)
    """
    roots: dict[int, list[sympy.Pow]] = defaultdict(list)
    for factor in filter(_is_root, e.args):
        roots[factor.exp.q].append(factor)
    joined = {degree: found for degree, found in roots.items() if len(found) > 1}
    if not joined:
        return e
    taken = {root for found in joined.values() for root in found}
    number, rest = sympy.Mul(*(each for each in e.args if each not in taken)).as_coeff_Mul()
    for degree, found in joined.items():
        inside = sympy.Mul(*(root.base ** sympy.sign(root.exp) for root in found))
        number, inside = _number_moved(number, inside, degree)
        below = sympy.fraction(inside)[0] == 1
        root = JoinedRoot(1 / inside if below else inside, degree)
        rest = rest / root if below else rest * root
    return number * rest


def _is_root(factor: sympy.Expr) -> bool:
    return bool(
        factor.is_Pow
        and factor.exp.is_Rational
        and abs(factor.exp.p) == 1
        and factor.exp.q > 1
        and factor.base.is_nonnegative
    )


def _number_moved(
    number: sympy.Expr, inside: sympy.Expr, degree: int
) -> tuple[sympy.Expr, sympy.Expr]:
    """A denominator under the root, where it cancels what stands there: sqrt(2)/2 as 1/sqrt(2)."""
    within, rest = inside.as_coeff_Mul(rational=True)
    if not number.is_Rational or within == 1 or (moved := within / number.q**degree).p != 1:
        return number, inside
    return sympy.Integer(number.p), moved * rest


__all__ = ["with_joined_roots"]
