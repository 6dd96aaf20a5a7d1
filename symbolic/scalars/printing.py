"""SymPy lines as text and LaTeX, in the notation of the pages."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter


class _Positive:
    """Sums that begin with a term without a minus sign, where there is one."""

    def _as_ordered_terms(self, e: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        terms: list[sympy.Expr] = super()._as_ordered_terms(e, order)  # type: ignore[misc]
        first = next((each for each in terms if not each.could_extract_minus_sign()), terms[0])
        return [first, *(each for each in terms if each is not first)]


class _Text(_Positive, StrPrinter):  # type: ignore[misc]
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
        places = [self._print(place) for place, count in e.variable_count for _ in range(int(count))
                  ] if all(count.is_Integer for _, count in e.variable_count) else [
                      f"({self._print(place)}, {self._print(count)})"
                      for place, count in e.variable_count]  # fmt: skip
        return f"D({', '.join([self._print(e.expr), *places])})"

    def _print_Subs(self, e: sympy.Subs) -> str:
        body, places, points = e.args
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


class _Latex(_Positive, LatexPrinter):  # type: ignore[misc]
    """SymPy's LaTeX, with limits from both sides and derivatives as textbooks write them."""

    def _print_Limit(self, e: sympy.Limit) -> str:
        body, variable, point, direction = e.args
        side = "" if str(direction) == "+-" or point.is_infinite else f"^{direction}"
        place = rf"{self._print(variable)} \to {self._print(point)}{side}"
        return rf"\lim_{{{place}}} {self._within(body)}"

    def _within(self, body: sympy.Expr) -> str:
        shown = self._print(body)
        return rf"\left({shown}\right)" if isinstance(body, sympy.Add) else str(shown)


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
    return str(_Latex(settings).doprint(e))


__all__ = ["latex", "text"]
