r"""Macros that a document defines: `\newcommand`, `\def`, `\DeclareMathOperator`, written out.

Only text is replaced, a bounded number of times; what a macro would do in TeX beside that is not done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from symbolic.errors import ParseError

MAX_WRITTEN_OUT = 20_000  # characters of one formula
_LONGEST_BODY = 1_000
_MOST_MACROS = 500

_DEFINITION = re.compile(
    r"\\(?:newcommand|renewcommand|providecommand|def|DeclareMathOperator|DeclareRobustCommand)\*?"
    r"[ \t]*\{?[ \t]*\\(?P<name>[a-zA-Z]{1,40})[ \t]*\}?[ \t]*"
    r"(?:\[(?P<count>[0-9])\])?(?P<hashes>(?:#[0-9])*)[ \t]*(?=\{)"
)
_OPERATOR = re.compile(r"\\DeclareMathOperator")
_COMMAND = re.compile(r"\\([a-zA-Z]+)[ \t]*|\\.", re.DOTALL)


@dataclass(frozen=True)
class Macro:
    """What a command is written out as; `#1`, `#2`, ... stand for its arguments."""

    count: int
    body: str


def macros_of(text: str) -> dict[str, Macro]:
    r"""The macros that a text defines, by name.

    >>> write_out(r"x \in \R^n", macros_of(r"\newcommand{\R}{\mathbb{R}}"))
    'x \\in \\mathbb{R}^n'
    """
    found: dict[str, Macro] = {}
    for definition in islice(_DEFINITION.finditer(text), _MOST_MACROS):
        body = _argument(text, definition.end(), _LONGEST_BODY)
        if body is None:
            continue
        inside = body[1:-1]
        if _OPERATOR.match(definition.group()):
            inside = f"\\operatorname{{{inside}}}"
        count = int(definition["count"] or len(definition["hashes"]) // 2)
        found[definition["name"]] = Macro(count, inside)
    return found


def write_out(text: str, macros: Mapping[str, Macro]) -> str:
    """The text with macros replaced until none is left.

    Raises `ParseError` when it gets too long, as with a macro that contains itself.
    """
    if not macros or "\\" not in text:
        return text
    written, rest = [], text
    left = MAX_WRITTEN_OUT
    while (found := _COMMAND.search(rest)) is not None:
        name = found.group(1)
        if name not in macros:
            written.append(rest[: found.end()])
            rest = rest[found.end() :]
            continue
        written.append(rest[: found.start()])
        body, used = _applied(macros[name], rest, found.end())
        rest = body + rest[used:]
        left -= 1 + len(body)
        if left < 0 or len(rest) > len(text) + MAX_WRITTEN_OUT:
            raise ParseError(
                f"\\{name}",
                "macros that get too long when written out",
                "write the formula plainly",
            )
    return "".join(written) + rest


def _applied(macro: Macro, text: str, place: int) -> tuple[str, int]:
    """The body of a macro with the arguments that follow, and where they end."""
    body = macro.body
    arguments = []
    for _ in range(macro.count):
        while text[place : place + 1].isspace():
            place += 1
        argument = _argument(text, place, MAX_WRITTEN_OUT) or text[place : place + 1]
        place += len(argument)
        arguments.append(argument[1:-1] if argument.startswith("{") else argument)
    body = re.sub(
        r"#([1-9])",
        lambda found: arguments[int(found[1]) - 1] if int(found[1]) <= len(arguments) else "",
        body,
    )
    separate = body[-1:].isalpha() and text[place : place + 1].isalpha()
    return body + " " * separate, place


def _argument(text: str, place: int, most: int) -> str | None:
    """The group in braces at a place, with its braces; None when there is none."""
    if text[place : place + 1] != "{":
        return None
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, place, place + most):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return text[place : found.end()]
    return None
