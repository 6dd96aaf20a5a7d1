"""SymPy lines as text and LaTeX, in the notation of the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.printer import Printer
from sympy.printing.str import StrPrinter

from symbolic.scalars.printed_roots import with_joined_roots


class _Positive(Printer):
    """Sums that begin with a term without a minus sign, where there is one, and 1 - s for -(s - 1)."""

    def _as_ordered_terms(self, e: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        terms = self._in_order(super()._as_ordered_terms(e, order))
        first = next((each for each in terms if not each.could_extract_minus_sign()), terms[0])
        return [first, *(each for each in terms if each is not first)]

    def _in_order(self, terms: list[sympy.Expr]) -> list[sympy.Expr]:
        return terms

    def _print_Pow(self, e: sympy.Pow, **options: Any) -> str:
        turned = _turned(e.base)
        power = e if turned is None else sympy.Pow(turned, e.exp)
        return str(super()._print_Pow(power, **options))


class _Text(_Positive, StrPrinter):
    """SymPy's text, with the words of our language for what is not worked out."""

    def _print_Integral(self, e: sympy.Integral) -> str:
        return self._with_ranges("integral", e)

    def _print_Sum(self, e: sympy.Sum) -> str:
        return self._with_ranges("sum", e)

    def _print_Product(self, e: sympy.Product) -> str:
        return self._with_ranges("product", e)

    def _with_ranges(self, name: str, e: Any) -> str:
        parts = [self._print(e.function)]
        for variable, *ends in e.limits:
            between = "..".join(map(self._print, ends))
            parts.append(f"{self._print(variable)}={between}" if ends else self._print(variable))
        return f"{name}({', '.join(parts)})"

    def _print_Limit(self, e: sympy.Limit) -> str:
        body, variable, point, direction = e.args
        side = "" if str(direction) == "+-" or point.is_infinite else str(direction)
        return f"limit({self._print(body)}, {self._print(variable)} -> {self._print(point)}{side})"

    def _print_Derivative(self, e: sympy.Derivative) -> str:
        if primes(e) is not None:
            return self._slope(e, e.expr.args[0])
        places = [self._print(place) for place, count in e.variable_count for _ in range(int(count))
                  ] if all(count.is_Integer for _, count in e.variable_count) else [
                      f"({self._print(place)}, {self._print(count)})"
                      for place, count in e.variable_count]  # fmt: skip
        return f"D({', '.join([self._print(e.expr), *places])})"

    def _print_Subs(self, e: sympy.Subs) -> str:
        body, places, points = e.args
        if is_slope_at(e):
            return self._slope(body, points[0])
        at = ", ".join(
            f"{self._print(place)} = {self._print(point)}"
            for place, point in zip(places, points, strict=True)
        )
        return f"({self._print(body)} at {at})"

    def _slope(self, slope: sympy.Derivative, point: sympy.Expr) -> str:
        mark = _mark(slope, "^({})", self._print)
        return f"{slope.expr.func.__name__}{mark}({self._print(point)})"

    def _print_ImmutableDenseMatrix(self, e: sympy.MatrixBase) -> str:
        rows = ("[" + ", ".join(map(self._print, row)) + "]" for row in e.tolist())
        return "[" + ", ".join(rows) + "]"

    def _print_exp(self, e: sympy.Expr) -> str:
        return f"exp({self._print(e.args[0])})"

    def _print_Abs(self, e: sympy.Abs) -> str:
        return f"abs({self._print(e.args[0])})"

    def _print_Unequality(self, e: sympy.Ne) -> str:
        return f"{self._print(e.lhs)} != {self._print(e.rhs)}"


_LARGE = (sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit)
_POINTS = "tuvwxyz"  # letters of what moves by a step: x + h, and not h + x


class _Latex(_Positive, LatexPrinter):
    """SymPy's LaTeX, with limits from both sides and derivatives as textbooks write them."""

    def _as_ordered_terms(self, e: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        terms = super()._as_ordered_terms(e, order)
        ahead = [each for each in terms if each.is_Symbol and each.name[0] in _POINTS]
        return [*ahead, *(each for each in terms if each not in ahead)]

    def _in_order(self, terms: list[sympy.Expr]) -> list[sympy.Expr]:
        expansion = any(map(_slopes, terms)) and not any(map(_has_fraction, terms))
        return sorted(terms, key=_place_in_expansion if expansion else _has_integral)

    def _print_Symbol(self, e: sympy.Symbol, style: str = "plain") -> str:
        shown = str(super()._print_Symbol(e, style))
        return re.sub(r"_\{([a-z]{3,})\}$", r"_{\\mathrm{\1}}", shown)  # words stand upright

    def _print_Mul(self, e: sympy.Mul) -> str:
        rest, large = _parted(e)
        if large is None:
            return str(super()._print_Mul(with_joined_roots(e)))
        inner = self._print(large)
        return rf"{self._print(rest)} {self._bracketed(inner) if large.is_Add else inner}"

    def _bracketed(self, shown: str) -> str:
        return rf"\left({shown}\right)"

    def _print_re(self, e: sympy.re, exp: str | None = None) -> str:
        return self._part("Re", e, exp)

    def _print_im(self, e: sympy.im, exp: str | None = None) -> str:
        return self._part("Im", e, exp)

    def _part(self, name: str, e: sympy.Expr, exp: str | None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\operatorname{{{name}}}{power}{self._bracketed(self._print(e.args[0]))}"

    def _print_Limit(self, e: sympy.Limit) -> str:
        body, variable, point, direction = e.args
        side = "" if str(direction) == "+-" or point.is_infinite else f"^{direction}"
        place = rf"{self._print(variable)} \to {self._print(point)}{side}"
        return rf"\lim_{{{place}}} {self._within(body)}"

    def _print_Derivative(self, e: sympy.Derivative) -> str:
        if primes(e) is not None:
            return self._slope(e, e.expr.args[0])
        shown = str(super()._print_Derivative(e))
        body = self._print(e.expr)
        quotient = body.startswith(r"\frac") and sympy.fraction(e.expr)[1] != 1
        if not isinstance(e.expr, sympy.Mul) or quotient or not shown.endswith(body):
            return shown
        return rf"{shown[: -len(body)]}\left[{body}\right]"

    def _print_Subs(self, e: sympy.Subs) -> str:
        return self._slope(e.expr, e.point[0]) if is_slope_at(e) else str(super()._print_Subs(e))

    def _print_ExpBase(self, e: sympy.exp, exp: str | None = None) -> str:
        (exponent,) = e.args
        fraction = any(
            (each.is_Rational and not each.is_Integer)
            or (each.is_Pow and each.exp.could_extract_minus_sign())
            for each in sympy.preorder_traversal(exponent)
        )  # fmt: skip
        if not fraction and len(sympy.Add.make_args(exponent)) < 3:
            return str(super()._print_ExpBase(e, exp=exp))
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\exp{power}\left({self._print(exponent)}\right)"

    def _print_Function(self, e: sympy.Function, exp: str | None = None) -> str:
        if exp is None or not isinstance(e, AppliedUndef):
            return str(super()._print_Function(e, exp=exp))
        return rf"{self._print(e)}^{{{exp}}}"  # Y(i)^p, and not Y^p(i)

    def _print_Piecewise(self, e: sympy.Piecewise) -> str:
        (value, condition), *others = e.args
        if value != 1 or [tuple(each) for each in others] != [(0, True)]:
            return str(super()._print_Piecewise(e))
        return rf"\left[{self._print(condition)}\right]"  # 1 where it holds, else 0

    def _print_Sum(self, e: sympy.Sum) -> str:
        shown, body = str(super()._print_Sum(e)), self._print(e.function)
        if not body.startswith("-") or not shown.endswith(body):
            return shown
        return rf"{shown[: -len(body)]}\left({body}\right)"

    def _slope(self, slope: sympy.Derivative, point: sympy.Expr) -> str:
        mark = _mark(slope, "^{{({})}}", self._print)
        name = self._hprint_Function(slope.expr.func.__name__)
        return rf"{name}{mark}{{\left({self._print(point)} \right)}}"

    def _within(self, body: sympy.Expr) -> str:
        shown = self._print(body)
        return self._bracketed(shown) if isinstance(body, sympy.Add) else str(shown)


def _place_in_expansion(term: sympy.Expr) -> tuple[bool, bool, int]:
    """Terms in the order of Taylor's theorem: values, slopes, numbers, and an integral at the end."""
    return _has_integral(term), not term.has(AppliedUndef), _slopes(term)


def _has_integral(term: sympy.Expr) -> bool:
    return bool(term.has(sympy.Integral))


def _slopes(term: sympy.Expr) -> int:
    """The highest order of a derivative of an undefined function in a term."""
    orders = [primes(each) for each in term.atoms(sympy.Derivative)]
    return max((each for each in orders if isinstance(each, int)), default=0)


def _turned(e: sympy.Expr) -> sympy.Expr | None:
    """1 - s for a product -(s - 1) that SymPy holds; None for everything else."""
    if e.is_Mul and len(e.args) == 2 and e.args[0] == -1 and isinstance(e.args[1], sympy.Add):
        return sympy.Add(*(-term for term in e.args[1].args))
    return None


def _parted(e: sympy.Mul) -> tuple[sympy.Expr, sympy.Expr | None]:
    """A quotient as its plain factors and what would be small in its numerator.

    That is a sum, an integral or a limit, or terms with them or with fractions.
    """
    bottom = sympy.fraction(e)[1]
    large = [each for each in e.args if _is_large(each)]
    if bottom == 1 or bottom.has(*_LARGE) or not large or _has_fraction(bottom):
        return e, None
    others = [each for each in e.args if not _is_large(each)]
    return sympy.Mul(*others), sympy.Mul(*large, evaluate=len(large) == 1)


def _is_large(factor: sympy.Expr) -> bool:
    if isinstance(factor, _LARGE) or (isinstance(factor, sympy.Abs) and factor.has(*_LARGE)):
        return True
    inside = isinstance(factor, sympy.Add) and any(
        isinstance(each, _LARGE) for term in factor.args for each in sympy.Mul.make_args(term)
    )
    return inside or (isinstance(factor, sympy.Add) and any(map(_has_fraction, factor.args)))


def _has_fraction(e: sympy.Expr) -> bool:
    """Whether a sum or one of its terms is a quotient by more than a number."""
    return any(not sympy.fraction(term)[1].is_number for term in sympy.Add.make_args(e))


def primes(e: sympy.Derivative) -> int | sympy.Expr | None:
    """The order of a derivative of an undefined function by its one argument; None for others.

    Up to three it is a number of primes.
    """
    ((place, order), *others) = e.variable_count
    if others or not isinstance(e.expr, AppliedUndef) or e.expr.args != (place,):
        return None
    return int(order) if order in (1, 2, 3) else order


def _mark(slope: sympy.Derivative, written: str, shown: Callable[[sympy.Expr], str]) -> str:
    """Primes, or the order as `written`."""
    order = primes(slope)
    return "'" * order if isinstance(order, int) else written.format(shown(order))


def is_slope_at(e: sympy.Subs) -> bool:
    """Whether a substitution says at which point such a derivative is taken."""
    body, places, _ = e.args
    slope = isinstance(body, sympy.Derivative) and primes(body) is not None
    return slope and len(places) == 1 and body.variable_count[0][0] == places[0]


def text(e: sympy.Basic) -> str:
    """A SymPy line as text.

    >>> t = sympy.Symbol("t")
    >>> text(sympy.Integral(t**2, (t, 0, 1)))
    'integral(t**2, t=0..1)'
    """
    return str(_Text({"order": None}).doprint(e))


def latex(e: sympy.Basic) -> str:
    r"""A SymPy line as LaTeX.

    >>> h = sympy.Symbol("h")
    >>> latex(sympy.Limit(1 / h, h, 0, "+-"))
    '\\lim_{h \\to 0} \\frac{1}{h}'
    """
    settings = {"ln_notation": False, "mat_str": "matrix", "mat_delim": "(", "gothic_re_im": False}
    return str(_Latex(settings).doprint(e)).replace(r"\limits", "")


__all__ = ["latex", "text"]
