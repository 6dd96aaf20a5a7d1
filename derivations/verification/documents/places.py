"""Where the lines of a checked formula stand in the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LEFT_OUT = re.compile(r"\s+|&|(?<!\\)%[^\n]*|\\(?:begin|end)\s*\{[a-z]+\*?\}(?:\{[0-9]*\})?")


class Places:
    r"""Finds one line after the other in the text of a formula, whatever its spaces and comments.

    >>> places = Places("\nL &= a^2 \\\\\n  &= % sum\n b", 7)
    >>> [places.line({"text": text, "relation": "="}) for text in ("L = a^2", "= b")]
    [8, 9]
    """

    def __init__(self, text: str, first: int) -> None:
        kept, lines, done, line = [], [], 0, first
        for gap in [*_LEFT_OUT.finditer(text), None]:
            piece = text[done : gap.start() if gap else len(text)]
            kept.append(piece)
            lines.extend([line] * len(piece))
            if gap:
                line += gap.group().count("\n")
                done = gap.end()
        self._text, self._lines = "".join(kept), [*lines, line]
        self._place = 0

    def line(self, found: Mapping[str, Any]) -> int:
        """The line of the document on which the side behind a relation begins."""
        text, relation = found["text"], found["relation"]
        starts = [each.end() for each in re.finditer(re.escape(relation), text)] if relation else []
        for start in [0, *starts]:
            side = _LEFT_OUT.sub("", text[start:])
            place = self._text.find(side, self._place) if side else -1
            if place >= 0:
                self._place = place
                return self._lines[place]
        return self._lines[self._place]
