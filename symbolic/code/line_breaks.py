"""Long statements of generated source on several lines, in the layout of common formatters.

A tuple has an entry a line; a sum has its operators in front of the lines between two brackets; what
ends in a call is broken inside that call.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

COLUMNS = 100
_INDENT = "    "
_LEVELS = ((" == ", " != ", " < ", " <= ", " > ", " >= "), (" | ",), (" & ",),
           (" + ", " - "), (" * ", " / ", " // ", " @ "))  # fmt: skip


def broken(head: str, value: str, indent: str = _INDENT) -> list[str]:
    """The lines of `head` and a value, of which none is too long if that can be.

    >>> print(*broken("x = ", "solve(first_matrix @ second_matrix, right_side)", " " * 52), sep="\\n")
                                                        x = solve(
                                                            first_matrix @ second_matrix, right_side
                                                        )
    """
    if value.endswith(","):
        value = f"({value})"
    line = f"{indent}{head}{value}"
    if len(line) <= COLUMNS:
        return [line]
    if value.startswith("lambda "):
        names, colon, value = value.partition(": ")
        return broken(f"{head}{names}{colon}", value, indent)
    if head.endswith(" = ") and len(f"{indent}{head}(") > COLUMNS:
        targets = [f"{indent}{_INDENT}{target}," for target in head[: -len(" = ")].split(", ")]
        return [f"{indent}(", *targets, *broken(") = ", value, indent)]
    if len(_split(value, (", ",))) > 1:
        return [f"{indent}{head}(", *_one_a_line(value, indent + _INDENT), f"{indent})"]
    if _is_bracketed(value):
        return [f"{indent}{head}(", *_arguments(value[1:-1], indent + _INDENT), f"{indent})"]
    parts: list[tuple[str, str]] = []
    for level in _LEVELS:
        parts = _split(value, level)
        if len(parts) > 1:
            break
    opening, closing = _last_call(value)
    if len(parts) > 2 or len(f"{indent}{head}{value[: opening + 1]}") > COLUMNS or not opening:
        return [f"{indent}{head}(", *_between(parts, indent + _INDENT), f"{indent})"]
    return [
        f"{indent}{head}{value[: opening + 1]}",
        *_arguments(value[opening + 1 : closing], indent + _INDENT),
        f"{indent}{value[closing:]}",
    ]


def _between(parts: list[tuple[str, str]], indent: str) -> list[str]:
    """Operands between brackets: on one line if they fit, otherwise one a line."""
    whole = "".join(f"{sign}{operand}" for sign, operand in parts)
    if len(indent) + len(whole) <= COLUMNS:
        return [f"{indent}{whole}"]
    if len(parts) == 1:
        opening, _ = _last_call(whole)
        fits = opening and len(indent) + opening < COLUMNS
        return broken("", whole, indent) if fits else [f"{indent}{whole}"]
    lines = []
    for sign, operand in parts:
        lines.extend(broken(sign.lstrip(), operand, indent))
    return lines


def _arguments(inside: str, indent: str) -> list[str]:
    """The arguments of a call: on one line if they fit, otherwise one a line."""
    if len(indent) + len(inside) <= COLUMNS:
        return [f"{indent}{inside}"]
    return _one_a_line(inside, indent)


def _one_a_line(entries: str, indent: str) -> list[str]:
    lines = []
    for _, entry in _split(entries, (", ",)):
        *before, last = broken("", entry, indent)
        lines.extend([*before, f"{last},"])
    return lines


def _split(value: str, separators: tuple[str, ...]) -> list[tuple[str, str]]:
    """The parts between separators that stand outside brackets, each with the one before it."""
    parts: list[tuple[str, str]] = []
    sign, start = "", 0
    for at in _outside(value):
        found = next((each for each in separators if value.startswith(each, at)), None)
        if found is not None:
            parts.append((sign, value[start:at]))
            sign, start = found, at + len(found)
    return [*parts, (sign, value[start:])]


def _outside(value: str) -> Iterator[int]:
    """The places of a value outside brackets and quotes."""
    depth, quoted = 0, False
    for at, sign in enumerate(value):
        if sign == '"':
            quoted = not quoted
        elif not quoted:
            depth += (sign in "([{") - (sign in ")]}")
            if depth == 0:
                yield at


def _is_bracketed(value: str) -> bool:
    """Whether a value is one tuple in brackets."""
    tuple_of = value.startswith("(") and list(_outside(value)) == [len(value) - 1]
    return tuple_of and len(_split(value[1:-1], (", ",))) > 1


def _last_call(value: str) -> tuple[int, int]:
    """The places of the brackets of the call that a value ends in, but for subscripts; or zeros."""
    places = list(_outside(value))
    for before, after in reversed(list(pairwise(places))):
        if value[before + 1] == "(" and after > before + 2:
            return (before + 1, after) if value[before].isalnum() else (0, 0)
        if value[after] == " ":
            break
    return 0, 0
