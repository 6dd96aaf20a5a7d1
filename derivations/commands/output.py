"""What the commands print: styled lines, with colours on a terminal only, and the exit status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from derivations.rendering.text import Styled

PASSED, FAILED, WRONG_USE = 0, 1, 2
WIDTH = 80
_STYLES = {
    "title": "bold", "heading": "bold underline", "rule": "italic", "shape": "dim", "faint": "dim",
    "proved": "green", "verified": "cyan", "refuted": "bold red", "undecided": "yellow",
    "skipped": "dim", "stated": "dim",
}  # fmt: skip


def console() -> Console:
    """A console for text of at most 80 columns; colours only on a terminal, never with NO_COLOR."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def print_styled(place: Console, lines: Iterable[Styled]) -> None:
    """Print lines, with their colours where the console is a terminal."""
    if not place.is_terminal:
        plain = ("".join(part for part, _ in line).rstrip() for line in lines)
        print("\n".join(plain), flush=True)
        return
    from rich.text import Text

    for line in lines:
        text = Text()
        for part, style in line:
            text.append(part, _STYLES.get(style, ""))
        text.rstrip()
        place.print(text)


def with_verdicts(text: str) -> list[Styled]:
    """Lines of text in which a line that begins with a verdict has its colour."""
    lines: list[Styled] = []
    for line in text.splitlines():
        word, colon, rest = line.partition(":")
        lines.append([(word, word), (colon + rest, "")] if word in _STYLES else [(line, "")])
    return lines
