"""Breaking long LaTeX where a reader would, and never inside a command."""

from __future__ import annotations

import re

from derivations.rendering.wrapping import broken

_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|.", re.DOTALL)
_RELATION = re.compile(
    r"=|<|>|\\(?:leq?|geq?|approx|propto|to|leftarrow|in|Rightarrow|implies|iff)$"
)
_DEPTH = 10  # one bracket deeper is worse than any sign


def wrapped_latex(text: str, width: int, hanging: int = 4) -> list[str]:
    r"""`text` in lines of at most `width` characters; all but the first are indented.

    A line breaks at the outermost place that leaves it at least a third full: before a relation, else
    before a sum's sign, else at a space.

    >>> for line in wrapped_latex(r"\nabla_w L = 2 X^\top (X w - y) + 2 \lambda w", 32):
    ...     print(line)
    \nabla_w L
        = 2 X^\top (X w - y)
        + 2 \lambda w
    """
    return broken(text, width, hanging, _break_place)


def _break_place(text: str, room: int) -> int:
    """The best place that fits; else the last one between two commands, or behind the first."""
    depth, edge = 0, 0
    candidates = []
    for found in _TOKEN.finditer(text):
        token, place = found.group(), found.start()
        if place > room:
            break
        edge = place or found.end()
        depth -= token in ("}", ")", "]", r"\}", r"\right")
        looseness = (
            0 if _RELATION.match(token) else 2 if token in "+-" else 4 if token == " " else None
        )
        if looseness is not None and place:
            candidates.append((place < room // 3, depth * _DEPTH + looseness, -place))
        depth += token in ("{", "(", "[", r"\{", r"\left")
    return -min(candidates)[2] if candidates else edge
