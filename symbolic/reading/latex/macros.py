r"""Macros of the text itself: `\newcommand{\tr}{\operatorname{tr}}`, with or without arguments."""

from __future__ import annotations

import re

from symbolic.errors import NotAllowedError, ParseError
from symbolic.reading.parse_source import MAX_LENGTH

_HEAD = re.compile(
    r"\\(?:newcommand|renewcommand|providecommand|def|DeclareMathOperator)\*?\s*"
    r"(?:\{\s*(\\[a-zA-Z]+)\s*\}|(\\[a-zA-Z]+))\s*(?:\[(\d)\])?\s*(?=\{)"
)
_ROUNDS = 20


def expanded(text: str) -> str:
    """The text with its own macros taken out and written out."""
    macros: dict[str, tuple[int, str]] = {}
    while (found := _HEAD.search(text)) is not None:
        body, end = _group(text, found.end())
        if found.group().startswith(r"\DeclareMathOperator"):
            body = rf"\operatorname{{{body}}}"
        macros[found[1] or found[2]] = (int(found[3] or 0), body)
        text = text[: found.start()] + text[end:]
    for _ in range(_ROUNDS):
        if not macros:
            return text
        changed = _once(text, macros)
        if changed == text:
            return text
        text = changed
    raise _growing()


def _growing() -> NotAllowedError:
    return NotAllowedError(r"\newcommand", "macros that grow without end", "write the formula out")


def _once(text: str, macros: dict[str, tuple[int, str]]) -> str:
    parts: list[str] = []
    place = size = 0
    for found in re.finditer(r"\\[a-zA-Z]+", text):
        if found.start() < place or found.group() not in macros:
            continue
        count, body = macros[found.group()]
        end = found.end()
        for number in range(1, count + 1):
            argument, end = _argument(text, end)
            body = body.replace(f"#{number}", f"{{{argument}}}")
            if len(body) > MAX_LENGTH:
                raise _growing()
        parts += (
            [text[place : found.start()], "{", body, "}"]
            if count
            else [text[place : found.start()], body, " "]
        )
        place = end
        size += len(body)
        if size > MAX_LENGTH:
            raise _growing()
    return "".join([*parts, text[place:]])


def _argument(text: str, place: int) -> tuple[str, int]:
    while place < len(text) and text[place].isspace():
        place += 1
    if place >= len(text):
        raise ParseError(text[-30:], "a macro without its argument", "write it")
    if text[place] == "{":
        return _group(text, place)
    command = re.match(r"\\[a-zA-Z]+", text[place:])
    end = place + (command.end() if command else 1)
    return text[place:end], end


def _group(text: str, place: int) -> tuple[str, int]:
    """What stands in the braces that open at a place, and the place behind them."""
    depth = 0
    for end in range(place, len(text)):
        if text[end] == "{" and text[end - 1 : end] != "\\":
            depth += 1
        elif text[end] == "}" and text[end - 1 : end] != "\\":
            depth -= 1
            if depth == 0:
                return text[place + 1 : end], end + 1
    raise ParseError(text[place : place + 30], "a brace that is not closed", "close it")
