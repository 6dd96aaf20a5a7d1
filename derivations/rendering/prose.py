r"""Formulas in prose: `the step 2/(mu + L)` is typeset, `a step` is not.

Titles, comments and headings are plain text, and they name what the page is about. A formula is read where
it begins like one: a letter other than the words a, A and I, a Greek word, a subscript, a function
with its arguments, a power, or an operator between such things. What does not read as one stays text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from symbolic.printing.latex_names import GREEK, name_latex

_NAME = re.compile(r"[A-Za-z]+\d*(?:_(?:\{[^{}]*\}|[A-Za-z0-9]+))*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e([-+]?\d+))?(?![\d.]*[A-Za-z_])")
_BETWEEN = re.compile(r" ?(<=|>=|->|!=|<|>|=|\+|-) ?")
_TIMES = re.compile(r" ?(?:@|\*(?!\*)|/) ?")
_RAISED = re.compile(r"\.T(?![a-z])|\^T(?![a-z])|'(?![a-z])|!(?![a-z])|\*\*|\^")
_SIGNS = {"<=": r" \le ", ">=": r" \ge ", "->": r" \to ", "!=": r" \ne ", "<": " < ", ">": " > ",
          "=": " = ", "+": " + ", "-": " - ", "@": " ", "*": r" \cdot ", "/": "/"}  # fmt: skip
_FUNCTIONS = ("exp", "log", "sin", "cos", "tanh", "max", "min", "det", "tr", "sum", "mean", "diag",
              "outer", "ones", "softmax", "sigmoid", "relu")  # fmt: skip
_BUILT_IN = frozenset({"exp", "log", "sin", "cos", "tanh", "max", "min", "det"})  # of LaTeX
_WORDS = frozenset({"a", "A", "I"})  # single letters that are English words
_NOT_BEFORE = re.compile(r"[\w'./\\^|-]$")
_NOT_AFTER = re.compile(r"\w|-[a-su-z]|-t(?!h)|'[a-z]|/[a-z]|\.\w")


@dataclass(frozen=True)
class Formula:
    """A formula as LaTeX, among words."""

    latex: str


def prose(text: str, names: Collection[str] = ()) -> list[str | Formula]:
    r"""A text as words and formulas in turn; `names` are those of the page.

    >>> prose("shrinks by 1 - eta lambda in a step")
    ['shrinks by ', Formula(latex='1 - \\eta \\lambda'), ' in a step']
    """
    spans: list[str | Formula] = []
    start = place = 0
    reader = _Reader(text, frozenset(names))
    while place < len(text):
        found = None if _NOT_BEFORE.search(text[:place]) else reader.formula(place)
        if found is None:
            word = re.compile(r"\w+|.", re.DOTALL).match(text, place)
            place = word.end() if word else len(text)
            continue
        if place > start:
            spans.append(text[start:place])
        spans.append(Formula(found.latex.strip()))
        start = place = found.end
    return [*spans, text[start:]] if start < len(text) or not spans else spans


@dataclass(frozen=True)
class _Read:
    """A part that reads as mathematics: where it ends, and how sure that is.

    A number or a word such as `a` is not sure alone; between operators it is.
    """

    latex: str
    end: int
    sure: bool


class _Reader:
    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text, self.names = text, names

    def formula(self, place: int) -> _Read | None:
        """The longest formula that begins here and is surely one."""
        found = self.sum(place)
        if found is None or not found.sure or _NOT_AFTER.match(self.text, found.end):
            return None
        return found

    def sum(self, place: int) -> _Read | None:
        """Terms with signs and relations between them."""
        left = self.product(place)
        while left is not None and (sign := _BETWEEN.match(self.text, left.end)):
            spaced = sign.group()[0] == sign.group()[-1] == " "
            right = self.product(sign.end())
            if right is None or not (spaced or sign.group() == sign.group(1)):
                break
            if not spaced and sign.group(1) == "-" and not (left.sure and right.sure):
                break  # a hyphen
            if _NOT_AFTER.match(self.text, right.end):
                break
            left = _Read(left.latex + _SIGNS[sign.group(1)] + right.latex, right.end, True)
        return left

    def product(self, place: int) -> _Read | None:
        """Factors with signs between them, or side by side."""
        left = self.factor(place)
        while left is not None:
            sign = _TIMES.match(self.text, left.end)
            right = self.factor(sign.end() if sign else left.end + 1)
            if sign and right is not None:
                shown = _SIGNS[sign.group().strip()]
                if sign.group().strip() == "@" and left.latex.islower() and right.latex.islower():
                    shown = _SIGNS["*"]  # an inner product
                left = _Read(left.latex + shown + right.latex, right.end, True)
                continue
            beside = self.text[left.end : left.end + 1] == " " and right is not None
            if not beside or right is None or not self._side_by_side(left, right):
                break
            left = _Read(f"{left.latex} {right.latex}", right.end, True)
        return left

    def _side_by_side(self, left: _Read, right: _Read) -> bool:
        """Whether two parts with a blank between them are a product, and not words."""
        if _NOT_AFTER.match(self.text, right.end):
            return False
        if left.latex.isdigit():
            return right.sure or right.latex in self.names
        return left.sure and right.sure and not right.latex[0].isdigit()

    def factor(self, place: int) -> _Read | None:
        """A sign, a primary and what is raised."""
        if self.text[place : place + 1] == "-":
            found = self.factor(place + 1)
            return None if found is None else _Read(f"-{found.latex}", found.end, found.sure)
        found = self.primary(place)
        while found is not None and (mark := _RAISED.match(self.text, found.end)):
            if mark.group() in (".T", "^T"):
                found = _Read(rf"{found.latex}^{{\top}}", mark.end(), True)
            elif mark.group() in ("'", "!"):
                found = _Read(
                    found.latex + mark.group(), mark.end(), found.sure or mark.group() == "!"
                )
            else:
                power = self.factor(mark.end())
                if power is None:
                    return found
                inner = power.latex.removeprefix(r"\left(").removesuffix(r"\right)")
                found = _Read(f"{{{found.latex}}}^{{{inner}}}", power.end, True)
        return found

    def primary(self, place: int) -> _Read | None:
        """A number, a name, a function of something, or something in brackets."""
        number = _NUMBER.match(self.text, place)
        if number is not None:
            return _number(number)
        if self.text[place : place + 1] in ("(", "|"):
            return self._bracketed(place)
        name = _NAME.match(self.text, place)
        return None if name is None else self._named(name)

    def _bracketed(self, place: int) -> _Read | None:
        inner = self.sum(place + 1)
        close = {"(": ")", "|": "|"}[self.text[place]]
        if inner is None or self.text[inner.end : inner.end + 1] != close:
            return None
        pair = (r"\left(", r"\right)") if close == ")" else (r"\left|", r"\right|")
        sure = inner.sure and (close == "|" or " " in inner.latex or "/" in inner.latex)
        return _Read(pair[0] + inner.latex + pair[1], inner.end + 1, sure)

    def _named(self, name: re.Match[str]) -> _Read | None:
        word = name.group()
        if self.text[name.end() : name.end() + 1] in ("(", "["):
            called = self._called(word, name.end())
            if called is not None:
                return called
        if not self._is_name(word):
            return None
        first = name.start() == 0 or self.text[: name.start()].rstrip()[-1:] == "."
        sure = word not in _WORDS or self.text.startswith((".T", "^"), name.end())
        if word in self.names and not first:
            last = not re.match(r" \w", self.text[name.end() :])
            sure = sure or word == "A" or last
        return _Read(_name_latex(word), name.end(), sure)

    def _is_name(self, word: str) -> bool:
        head, _, below = word.partition("_")
        if word in self.names:
            return bool(below) or len(head.rstrip("0123456789")) == 1 or head in GREEK
        if len(head) == 1:
            return head.islower() or bool(below) or head in _WORDS
        return head in GREEK

    def _called(self, word: str, place: int) -> _Read | None:
        """A function of what stands in brackets right behind its name."""
        known = word in _FUNCTIONS or word in ("sqrt", "norm", "inv", "log10", "E", "P", "Var")
        if not known and not (self._is_name(word) and (word not in _WORDS or word in self.names)):
            return None
        inside, end = "", place
        while end == place or self.text[end : end + 1] in (",", " "):
            step = {",": ", ", " ": r" \mid "}.get(self.text[end], "") if end != place else ""
            skip = 1 if end == place else 2 if step == ", " else 3
            if step == r" \mid " and self.text[end : end + 3] != " | ":
                return None
            found = self.sum(end + skip)
            if found is None:
                return None
            inside, end = inside + step + found.latex, found.end
        if self.text[end : end + 1] != {"(": ")", "[": "]"}[self.text[place]]:
            return None
        return _Read(_applied(word, inside, self.text[place], self.text[end]), end + 1, True)


def _applied(word: str, inside: str, left: str, right: str) -> str:
    if word == "sqrt":
        return rf"\sqrt{{{inside}}}"
    if word == "norm":
        return rf"\left\|{inside}\right\|"
    if word == "inv":
        return f"{{{inside}}}^{{-1}}" if inside.isalpha() else rf"\left({inside}\right)^{{-1}}"
    head = {"log10": r"\log_{10}", "E": r"\mathbb{E}", "Var": r"\operatorname{Var}"}.get(word)
    if head is None:
        head = _name_latex(word)
    if word in _FUNCTIONS:
        head = rf"\{word}" if word in _BUILT_IN else rf"\operatorname{{{word}}}"
    return rf"{head}\left{left}{inside}\right{right}"


def _name_latex(word: str) -> str:
    head, brace, below = word.partition("_{")
    return f"{name_latex(head)}_{{{below.removesuffix('}')}}}" if brace else name_latex(word)


def _number(found: re.Match[str]) -> _Read:
    if found.group(1) is None:
        return _Read(found.group(), found.end(), False)
    mantissa = found.group().partition("e")[0]
    times = "" if mantissa == "1" else rf"{mantissa} \cdot "
    return _Read(f"{times}10^{{{int(found.group(1))}}}", found.end(), True)
