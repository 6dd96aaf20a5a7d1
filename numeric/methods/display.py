"""How results show themselves: text of 80 columns, a table and a plot for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from textwrap import wrap
from typing import Any

import numpy as np

from numeric.shown import html_table
from symbolic.errors import UnsupportedError

WIDTH = 80
_ROWS = 12  # of a table


@dataclass(frozen=True)
class Summary:
    """A title, labelled facts, and a table: what a result shows of itself."""

    title: str
    facts: tuple[tuple[str, str], ...]
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()


class Shown:
    """A result that prints at 80 columns and shows a table and its plot in notebooks."""

    def summary(self) -> Summary:
        """What to show."""
        raise NotImplementedError

    def __str__(self) -> str:
        summary = self.summary()
        lines = wrap(summary.title, WIDTH)
        label_width = max((len(label) for label, _ in summary.facts), default=0)
        indent = " " * (label_width + 4)
        for label, value in summary.facts:
            first = f"  {label:<{label_width}}  "
            lines += wrap(value, WIDTH, initial_indent=first, subsequent_indent=indent)
        if summary.rows:
            lines += _table(summary.head, summary.rows)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        summary = self.summary()
        parts = [html_table(("", ""), summary.facts, summary.title)]
        if summary.rows:
            parts.append(html_table(summary.head, _shortened(summary.rows), ""))
        return "".join([*parts, self._picture()])

    def _picture(self) -> str:
        plot = getattr(self, "plot", None)
        if plot is None:
            return ""
        try:
            from matplotlib.figure import Figure
        except ImportError:
            return ""
        figure = Figure(figsize=(5.5, 3.4), layout="constrained")
        text = StringIO()
        try:
            with np.errstate(all="ignore"):
                plot(figure.subplots())
                figure.savefig(text, format="svg")
        except (ValueError, OverflowError):  # matplotlib has no axes beside the largest number
            return ""
        return text.getvalue()[text.getvalue().index("<svg") :]


def axes_for(ax: Any) -> Any:
    """The axes given, or those of a new figure."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise UnsupportedError(
            "a plot", "matplotlib is not installed", "install it, or use str()"
        ) from None
    return plt.subplots(figsize=(5.5, 3.4), layout="constrained")[1]


def short(value: float) -> str:
    """A measure such as an error, with three digits.

    >>> short(0.000123456), short(float("nan"))
    ('1.23e-04', 'not measured')
    """
    return "not measured" if value != value else "0" if value == 0 else f"{value:.2e}"


def _shortened(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """All rows of a short table; the first and the last ones of a long table."""
    if len(rows) <= _ROWS:
        return list(rows)
    half = _ROWS // 2
    return [*rows[:half], ("...",) * len(rows[0]), *rows[-half:]]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    shown = [head, *_shortened(rows)]
    widths = [max(len(row[k]) for row in shown) for k in range(len(head))]
    lines = []
    for row in shown:
        first, *others = (cell.ljust(w) if k == 0 else cell.rjust(w)
                          for k, (cell, w) in enumerate(zip(row, widths, strict=True)))  # fmt: skip
        lines.append("  " + "  ".join([first, *others]).rstrip())
    return lines
