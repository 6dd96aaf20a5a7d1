"""The outcome of checking a gradient, as it is shown to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill
from typing import Literal

from numeric.shown import SHOWN, html_table

Index = tuple[int, ...]


@dataclass(frozen=True)
class GradientCheck:
    """The outcome of `check_gradient`.

    verdict      "pass", "fail" or "inconclusive"
    bar          the largest error bar of the slopes compared
    step         the largest step they used
    evaluations  calls of f
    entries      indices of entries that are wrong, in the shape of x
    mistakes     names of what went wrong, as "sign", "factor 2", "transposed"
    reason       one sentence
    seed         of the directions
    notes        promotions, kinks, one-sided slopes
    """

    verdict: Literal["pass", "fail", "inconclusive"]
    bar: float
    step: float
    evaluations: int
    entries: tuple[Index, ...]
    mistakes: tuple[str, ...]
    reason: str
    seed: int
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"gradient check: {self.verdict}", self.reason]
        lines += [f"{name}: {text}" for name, text in self._details()]
        return "\n".join(fill(line, 79, subsequent_indent="    ") for line in lines)

    def _repr_html_(self) -> str:
        rows = [("verdict", self.verdict), ("reason", self.reason), *self._details()]
        return html_table(("gradient check", ""), rows, "")

    def _details(self) -> Iterator[tuple[str, str]]:
        if self.mistakes:
            yield "mistakes", ", ".join(self.mistakes)
        if any(self.entries):
            shown = " ".join(str(list(entry)) for entry in self.entries[:SHOWN])
            more = f" and {len(self.entries) - SHOWN} more" if len(self.entries) > SHOWN else ""
            yield "wrong entries", shown + more
        bars = f"bar {self.bar:.1e}, step {self.step:.1e}, {self.evaluations} evaluations"
        yield "measured", f"{bars}, seed {self.seed}"
        for note in self.notes:
            yield "note", note
