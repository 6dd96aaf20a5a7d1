"""A numerical derivative with its error bar, as it is shown to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np

from numeric.shown import SHOWN, html_table

Array = Any


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative: the true one lies within `bar` of `value`, entry by entry.

    `step` is the largest step that each entry used, `evaluations` counts calls of f, `status` is
    the worst of the entries ("ok", "noisy", "edge", "kink", "jump", "not finite"), `reason` says
    why.
    """

    value: Array
    bar: Array
    step: Array
    evaluations: int
    status: str
    reason: str

    def __str__(self) -> str:
        lines = [
            f"{place:>12}  {value:>22}  +- {bar:<10}  step {step}"
            for place, value, bar, step in self._entries()
        ]
        if self.value.size > SHOWN:
            lines.append(f"... and {self.value.size - SHOWN} entries more")
        lines.append(fill(self._foot(), 79))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        caption = self._foot()
        if self.value.size > SHOWN:
            caption += f"; {self.value.size - SHOWN} entries more"
        return html_table(("entry", "value", "bar", "step"), self._entries(), caption)

    def _foot(self) -> str:
        foot = f"{self.status}, {self.evaluations} evaluations"
        return f"{foot}; {self.reason}" if self.reason else foot

    def _entries(self) -> Iterator[tuple[str, str, str, str]]:
        places = list(np.ndindex(self.value.shape))[:SHOWN]
        for place in places:
            value, bar, step = (float(a[place]) for a in (self.value, self.bar, self.step))
            yield str(list(place)) if place else "", f"{value:.15g}", f"{bar:.1e}", f"{step:.1e}"
