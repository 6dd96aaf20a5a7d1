"""Breaking long text of the language where a reader would: at relations, then at operators."""

from __future__ import annotations

import re
from collections.abc import Callable

_BREAKS = re.compile(r"  => | => | <= | = | \+ | - | @ |, |(?<!\*)\*(?!\*)|/")
_LOOSENESS = {"=>": 0, "<=": 1, "=": 1, "+": 2, "-": 2, ",": 3, "@": 4, "*": 5, "/": 5}
_DEPTH = 10  # one bracket deeper is worse than any operator


def wrapped(text: str, width: int, hanging: int = 4) -> list[str]:
    """`text` in lines of at most `width` characters; all but the first are indented.

    A line breaks at the outermost operator that leaves it at least a third full; the operator
    starts the next line.

    >>> wrapped("mean(softplus(X @ w)) + lam*(w @ w)", 24)
    ['mean(softplus(X @ w))', '    + lam*(w @ w)']
    """
    return broken(text, width, hanging, _break_place)


def broken(text: str, width: int, hanging: int, place_in: Callable[[str, int], int]) -> list[str]:
    """`text` in lines of at most `width` characters, each broken where `place_in(rest, room)` says."""
    lines: list[str] = []
    rest, indent = text.strip(), 0
    while indent + len(rest) > width:
        place = place_in(rest, width - indent)
        lines.append(" " * indent + rest[:place].rstrip())
        rest = rest[place:].lstrip()
        indent = min(hanging, width // 2)
    return [*lines, " " * indent + rest]


def _break_place(text: str, room: int) -> int:
    """Where to break: the best operator that fits, or the edge when there is none."""
    depths = _depths(text)
    candidates = []
    for match in _BREAKS.finditer(text):
        word = match.group().strip()
        place = match.end() if word in ",*/" else match.start()
        if 0 < place <= room:
            penalty = depths[match.start()] * _DEPTH + _LOOSENESS[word]
            candidates.append((place < room // 3, penalty, -place))
    if not candidates:
        return room
    return -min(candidates)[2]


def _depths(text: str) -> list[int]:
    depth = 0
    depths = []
    for character in text:
        depth -= character in ")]"
        depths.append(depth)
        depth += character in "(["
    return depths
