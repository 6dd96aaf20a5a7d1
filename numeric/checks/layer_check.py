"""The outcome of checking a layer: one gradient check for each input and parameter."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import Literal

from numeric.outcome import GradientCheck
from numeric.shown import html_table, shortened
from symbolic.errors import NameUnknownError

_NAME = 30
WORST_LAST = ("pass", "inconclusive", "fail")


@dataclass(frozen=True)
class LayerCheck:
    """The outcome of `check_layer`; `check["W"]` is that of one argument.

    verdict    "pass", "fail" or "inconclusive": the worst of all
    title      what was checked
    arguments  names of inputs and parameters
    checks     their gradient checks, in the same order
    mistakes   what went wrong, with the argument where it shows
    reason     one sentence
    seed       of the upstream gradients
    notes      promotions, changes in place
    """

    verdict: Literal["pass", "fail", "inconclusive"]
    title: str
    arguments: tuple[str, ...]
    checks: tuple[GradientCheck, ...]
    mistakes: tuple[str, ...]
    reason: str
    seed: int
    notes: tuple[str, ...] = ()

    def __getitem__(self, argument: str) -> GradientCheck:
        if argument not in self.arguments:
            found = f"the arguments are {', '.join(self.arguments)}"
            raise NameUnknownError(f"check[{argument!r}]", found, "ask for one of them")
        return self.checks[self.arguments.index(argument)]

    @property
    def evaluations(self) -> int:
        """How often forward ran for differences."""
        return sum(check.evaluations for check in self.checks)

    def __str__(self) -> str:
        width = min(_NAME, max(map(len, self.arguments)))
        lines = [f"layer check: {self.verdict} ({self.title})", self.reason]
        lines = [fill(line, 79, subsequent_indent="    ") for line in lines]
        for name, verdict, bar, evaluations, wrong in self._rows():
            short = shortened(name, width)
            row = f"  {short:{width}}  {verdict:12}  bar {bar:7}  {evaluations:>5} evaluations  {wrong}"
            lines.append(row.rstrip() if len(row) < 80 else row[:75].rstrip() + " ...")
        lines += _listed("mistake", self.mistakes) + _listed("note", self.notes)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = ("argument", "verdict", "bar", "evaluations", "wrong entries")
        foot = "; ".join((self.reason, *self.mistakes, *self.notes))
        return html_table(head, list(self._rows()), f"{self.title}: {self.verdict}. {foot}")

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        return [
            (name, check.verdict, f"{check.bar:.1e}", str(check.evaluations), _wrong(check))
            for name, check in zip(self.arguments, self.checks, strict=True)
        ]


def _listed(word: str, texts: tuple[str, ...]) -> list[str]:
    return [fill(f"{word}: {text}", 79, subsequent_indent="    ") for text in texts]


def _wrong(check: GradientCheck) -> str:
    if check.verdict != "fail" or not check.entries:
        return ""
    shown = " ".join(str(list(entry)) for entry in check.entries[:3])
    return shown + (" ..." if len(check.entries) > 3 else "")
