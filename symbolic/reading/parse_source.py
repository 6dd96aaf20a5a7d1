"""The text of an expression: checked before it is parsed, and quoted in every error.

After these checks the text is one line of printable ASCII, so that positions count characters.
"""

from __future__ import annotations

import ast
import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from symbolic.errors import ChainruleError, NotAllowedError, ParseError, UnsupportedError

MAX_LENGTH = 20_000  # characters
MAX_NESTING = 100  # open brackets; CPython's own parser stops at 200
MAX_NUMBER = 400  # characters of one number
_QUOTE = 60  # characters of the text that an error shows

_NUMBER = re.compile(r"(?<![\w.])(?=\.?\d)((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?([\w.]*)")
_WHITESPACE = str.maketrans(dict.fromkeys("\n\r\t\f\v", " "))
_LOOK_ALIKES = {
    "\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{HYPHEN}": "-",
    "\N{MULTIPLICATION SIGN}": "*", "\N{MIDDLE DOT}": "*", "\N{DOT OPERATOR}": "*",
    "\N{CIRCLED DOT OPERATOR}": "*", "\N{RING OPERATOR}": "*", "\N{ASTERISK OPERATOR}": "*",
    "\N{DIVISION SIGN}": "/", "\N{SUPERSCRIPT TWO}": "**2", "\N{SUPERSCRIPT THREE}": "**3",
    "\N{DOWN TACK}": ".T", "\N{MODIFIER LETTER CAPITAL T}": ".T", "\N{SQUARE ROOT}": "sqrt(...)",
    "\N{N-ARY SUMMATION}": "sum(...)", "\N{GREEK SMALL LETTER PI}": "pi",
    "\N{LESS-THAN OR EQUAL TO}": "<=", "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{NOT EQUAL TO}": "!=",
}  # fmt: skip


def nearest(name: str, names: Iterable[str]) -> str:
    """A clause that suggests the closest of `names`, or nothing when none is close.

    >>> nearest("sigmiod", ["sigmoid", "softmax"])
    "did you mean 'sigmoid'?"
    """
    by_case = {each.casefold(): each for each in names}
    found = difflib.get_close_matches(name.casefold()[:100], by_case, n=1)
    return f"did you mean {by_case[found[0]]!r}?" if found else ""


def foreign_character(text: str) -> tuple[int, str, str] | None:
    """The place of the first character that is no printable ASCII, its name, and what to do.

    >>> foreign_character("x + λ")
    (4, 'the character U+03BB GREEK SMALL LETTER LAMDA', 'use ASCII letters, digits and operators')
    """
    for place, character in enumerate(text):
        if not " " <= character <= "~":
            name = unicodedata.name(character, "a control character")
            plain = _LOOK_ALIKES.get(character, unicodedata.normalize("NFKC", character).strip())
            usable = plain and all(" " < each <= "~" for each in plain)
            advice = f"write {plain!r}" if usable else "use ASCII letters, digits and operators"
            return place, f"the character U+{ord(character):04X} {name}", advice
    return None


def shorten(text: str) -> str:
    """A text of at most some sixty characters, its middle left out."""
    return text if len(text) <= _QUOTE else f"{text[: _QUOTE // 2]} ... {text[-_QUOTE // 2 :]}"


@dataclass(frozen=True)
class Source:
    """The text of one expression, on one line."""

    text: str

    def fragment(self, node: ast.expr | ast.keyword) -> str:
        """The piece of text that a node of the syntax tree was read from."""
        return shorten(self.text[node.col_offset : node.end_col_offset])

    def error(
        self,
        kind: type[ChainruleError],
        node: ast.expr | ast.keyword,
        found: str,
        advice: str,
    ) -> ChainruleError:
        """An error about a node: its text, what was found, what to do, and a caret line."""
        end = node.end_col_offset or node.col_offset + 1
        place = self.caret(node.col_offset, end)
        return kind(self.fragment(node), found, advice + place)

    def error_at(
        self, kind: type[ChainruleError], start: int, end: int, found: str, advice: str
    ) -> ChainruleError:
        """An error about the characters from `start` to `end`."""
        written = shorten(self.text[start:end] or self.text)
        shown = written if written.isprintable() else repr(written)
        return kind(shown, found, advice + self.caret(start, end))

    def caret(self, start: int, end: int) -> str:
        """Two lines: the text around a place, and carets under the place."""
        left = max(0, start - _QUOTE // 2)
        right = min(len(self.text), max(end, start + 1) + _QUOTE // 2)
        right = min(right, left + 2 * _QUOTE)
        shown = "".join(each if each.isprintable() else "?" for each in self.text[left:right])
        before, after = "..." * (left > 0), "..." * (right < len(self.text))
        indent = " " * (4 + len(before) + start - left)
        carets = "^" * max(1, min(end, right) - start)
        return f"\n    {before}{shown}{after}\n{indent}{carets}"

    def tree(self) -> ast.expr:
        """The syntax tree of the text, from Python's own parser; nothing is evaluated."""
        try:
            return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            start = min(max((error.offset or 1) - 1, 0), len(self.text))
            raise self.error_at(
                ParseError, start, start + 1, f"no expression: {error.msg}", "correct the text here"
            ) from None
        except (RecursionError, MemoryError):
            raise ParseError(
                shorten(self.text),
                "operators nested too deeply",
                "split the expression into several",
            ) from None


def read_source(text: object) -> Source:
    """The text on one line, or a typed error that says why it cannot be an expression."""
    if not isinstance(text, str):
        raise UnsupportedError(
            f"a {type(text).__name__} where text is expected", "not a str", "give the text"
        )
    if len(text) > MAX_LENGTH:
        raise ParseError(
            shorten(text),
            f"{len(text)} characters of text, at most {MAX_LENGTH} are read",
            "split the expression into several",
        )
    source = Source(text.translate(_WHITESPACE).strip())
    if not source.text:
        raise ParseError(repr(text[:_QUOTE]), "an empty text", "write an expression, as in 'X @ w'")
    for check in (_check_characters, _check_numbers, _check_brackets):
        check(source)
    return source


def _check_characters(source: Source) -> None:
    place = source.text.find("\\")
    if place >= 0:
        raise source.error_at(
            NotAllowedError,
            place,
            place + 1,
            "a backslash, which the text language does not have",
            "write it in the text language, as in 'sum(log(x))/n'",
        )
    foreign = foreign_character(source.text)
    if foreign:
        place, found, advice = foreign
        raise source.error_at(NotAllowedError, place, place + 1, found, advice)
    place = source.text.find("#")
    if place >= 0:
        raise source.error_at(
            NotAllowedError, place, place + 1, "a comment", "write the expression alone"
        )


def _check_numbers(source: Source) -> None:
    for match in _NUMBER.finditer(source.text):
        number, tail = match[1] or "", match[2]
        if len(number) > MAX_NUMBER:
            raise source.error_at(
                NotAllowedError,
                match.start(),
                match.end(),
                f"a number of {len(number)} characters",
                f"write it with at most {MAX_NUMBER}",
            )
        if tail:
            raise source.error_at(
                ParseError,
                match.start(),
                match.end(),
                f"a number followed by {tail[:_QUOTE]!r}",
                "write * between a number and a name, and numbers as 12, 0.5 or 1e-3",
            )


def _check_brackets(source: Source) -> None:
    depth = 0
    for place, character in enumerate(source.text):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_NESTING:
            raise source.error_at(
                ParseError,
                place,
                place + 1,
                f"brackets nested more than {MAX_NESTING} deep",
                "split the expression into several",
            )
