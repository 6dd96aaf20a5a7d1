"""Words and formulas in turn: statements of experiments, and names of rules, for every rendering."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from derivations.languages import is_scalar, latex_of
from derivations.rendering.prose import Formula, prose
from symbolic import Expression
from symbolic.phrases import parts_of

Span = str | Formula
_RELATIONS = {"=": "=", "<=": r"\le", ">=": r"\ge", "≠": r"\ne", ">": ">", "<": "<", "→": r"\to",
              "←": r"\leftarrow"}  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+|e[-+]?\d+)?")
_NUMBERS = re.compile(rf"\((?:{_NUMBER.pattern}(?:, )?)+\)")
_MANY_ZEROS = 5  # from which on a power of ten is written as one


def spans(parts: Iterable[object], names: Collection[str] = ()) -> list[Span]:
    """Words and formulas in turn; formulas, relations and numbers side by side are one formula.

    >>> import sympy
    >>> spans((sympy.Symbol("n"), "=", "5", "for", sympy.Symbol("x")))
    [Formula(latex='n = 5'), ' for ', Formula(latex='x')]
    """
    found: list[Span] = []
    last: object = None
    for part in parts:
        shown = _mathematics(part)
        if shown is None:
            words = prose(str(part), names)
            glue = "" if str(part).startswith(",") or not found else " "
            found.extend([glue, *words] if glue else words)
        elif found and isinstance(found[-1], Formula) and (_joins(part) or _joins(last)):
            found[-1] = Formula(f"{found[-1].latex} {shown}")
        else:
            found.extend([" ", Formula(shown)] if found else [Formula(shown)])
        last = part
    return _merged(found)


def spans_of(text: str, names: Collection[str] = ()) -> list[Span]:
    """The words and formulas of a phrase, or of a text."""
    return spans(parts_of(text), names)


def written(
    found: Iterable[Span], words: Callable[[str], str], formula: Callable[[str], str]
) -> str:
    """Spans with words and formulas each written in their own way."""
    return "".join(
        formula(each.latex) if isinstance(each, Formula) else words(each) for each in found
    )


def _joins(part: object) -> bool:
    return isinstance(part, str) and part in _RELATIONS


def _mathematics(part: object) -> str | None:
    """A part as LaTeX if it is a formula, a relation or a number."""
    if isinstance(part, Expression) or is_scalar(part):
        return latex_of(part)
    text = str(part)
    if text in _RELATIONS:
        return _RELATIONS[text]
    if _NUMBERS.fullmatch(text):
        return ", ".join(map(number_latex, text.strip("()").split(", "))).join(("(", ")"))
    return number_latex(text) if _NUMBER.fullmatch(text) else None


def number_latex(number: str) -> str:
    r"""A number as LaTeX.

    >>> number_latex("1e-12"), number_latex("100000000"), number_latex("3/4")
    ('10^{-12}', '10^{8}', '\\frac{3}{4}')
    """
    if "/" in number:
        top, _, bottom = number.partition("/")
        sign = "-" if top.startswith("-") else ""
        return rf"{sign}\frac{{{top.removeprefix('-')}}}{{{bottom}}}"
    mantissa, _, power = number.partition("e")
    if power:
        return ("" if mantissa == "1" else rf"{mantissa} \cdot ") + f"10^{{{int(power)}}}"
    zeros = len(number) - len(number.rstrip("0"))
    if number.strip("0") == "1" and zeros >= _MANY_ZEROS:
        return f"10^{{{zeros}}}"
    return number


def _merged(found: list[Span]) -> list[Span]:
    """Words next to each other as one span."""
    merged: list[Span] = []
    for each in found:
        if merged and isinstance(each, str) and isinstance(merged[-1], str):
            merged[-1] += each
        else:
            merged.append(each)
    return merged
