"""Derivations and their wrong lines, read from the files beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "steps_data"


@dataclass(frozen=True)
class Case:
    """A derivation with declarations, its right lines, and (number, wrong line) pairs."""

    name: str
    given: dict[str, str]
    lines: tuple[str, ...]
    wrong: tuple[tuple[int, str], ...]

    def with_wrong(self, number: int, line: str) -> list[str]:
        """The lines with one of them replaced."""
        return [line if k == number else each for k, each in enumerate(self.lines, 1)]


def cases(name: str) -> list[Case]:
    """All derivations of a file."""
    found = []
    for block in ("\n" + (DATA / name).read_text()).split("\n## ")[1:]:
        head, lines, wrong = block.split("\n---\n")
        title, *declared = head.strip("\n").split("\n")
        pairs = (line.partition("| ")[::2] for line in wrong.strip("\n").split("\n"))
        found.append(
            Case(
                title.strip(),
                {k.strip(): v.strip() for k, _, v in (line.partition(": ") for line in declared)},
                tuple(lines.strip("\n").split("\n")),
                tuple((int(number), line) for number, line in pairs),
            )
        )
    return found
