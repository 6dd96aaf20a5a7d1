"""SymPy lines as text and LaTeX, in the notation of the pages."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.printer import Printer
from sympy.printing.str import StrPrinter


class _Positive(Printer):
    """Sums that begin with a term without a minus sign, where there is one."""

    def _as_ordered_terms(self, e: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        terms: list[sympy.Expr] = super()._as_ordered_terms(e, order)
        first = next((each for each in terms if not each.could_extract_minus_sign()), terms[0])
        return [first, *(each for each in terms if each is not first)]


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
        if (order := primes(e)) is not None:
            mark = "'" * order if isinstance(order, int) else f"^({self._print(order)})"
            return f"{e.expr.func.__name__}{mark}({self._print(e.expr.args[0])})"
        places = [self._print(place) for place, count in e.variable_count for _ in range(int(count))
                  ] if all(count.is_Integer for _, count in e.variable_count) else [
                      f"({self._print(place)}, {self._print(count)})"
                      for place, count in e.variable_count]  # fmt: skip
        return f"D({', '.join([self._print(e.expr), *places])})"

    def _print_Subs(self, e: sympy.Subs) -> str:
        body, places, points = e.args
        if is_slope_at(e):
            mark = (
                "'" * order
                if isinstance(order := primes(body), int)
                else f"^({self._print(order)})"
            )
            return f"{body.expr.func.__name__}{mark}({self._print(points[0])})"
        at = ", ".join(
            f"{self._print(place)} = {self._print(point)}"
            for place, point in zip(places, points, strict=True)
        )
        return f"({self._print(body)} at {at})"

    def _print_ImmutableDenseMatrix(self, e: sympy.MatrixBase) -> str:
        rows = ("[" + ", ".join(map(self._print, row)) + "]" for row in e.tolist())
        return "[" + ", ".join(rows) + "]"

    def _print_exp(self, e: sympy.Expr) -> str:
        return f"exp({self._print(e.args[0])})"


class _Latex(_Positive, LatexPrinter):
    """SymPy's LaTeX, with limits from both sides and derivatives as textbooks write them."""

    def _print_Limit(self, e: sympy.Limit) -> str:
        body, variable, point, direction = e.args
        side = "" if str(direction) == "+-" or point.is_infinite else f"^{direction}"
        place = rf"{self._print(variable)} \to {self._print(point)}{side}"
        return rf"\lim_{{{place}}} {self._within(body)}"

    def _print_Derivative(self, e: sympy.Derivative) -> str:
        if primes(e) is None:
            return str(super()._print_Derivative(e))
        return self._slope(e, e.expr.args[0])

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

    def _print_Sum(self, e: sympy.Sum) -> str:
        shown, body = str(super()._print_Sum(e)), self._print(e.function)
        if not body.startswith("-") or not shown.endswith(body):
            return shown
        return rf"{shown[: -len(body)]}\left({body}\right)"

    def _slope(self, slope: sympy.Derivative, point: sympy.Expr) -> str:
        order = primes(slope)
        mark = "'" * order if isinstance(order, int) else rf"^{{({self._print(order)})}}"
        name = self._hprint_Function(slope.expr.func.__name__)
        return rf"{name}{mark}{{\left({self._print(point)} \right)}}"

    def _within(self, body: sympy.Expr) -> str:
        shown = self._print(body)
        return rf"\left({shown}\right)" if isinstance(body, sympy.Add) else str(shown)


def primes(e: sympy.Derivative) -> int | sympy.Expr | None:
    """The order of a derivative of an undefined function by its one argument; None for others.

    Up to three it is a number of primes.
    """
    ((place, order), *others) = e.variable_count
    if others or not isinstance(e.expr, AppliedUndef) or e.expr.args != (place,):
        return None
    return int(order) if order in (1, 2, 3) else order


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
