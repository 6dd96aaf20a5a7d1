"""Numerical results as text of 80 columns and as HTML tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numeric.differences import Estimate
    from numeric.gradient_check import GradientCheck

_SHOWN = 12  # rows of a table


def estimate_text(estimate: Estimate) -> str:
    """An estimate as a table of its entries, at most 80 columns wide."""
    lines = [f"{place:>12}  {value:>22}  +- {bar:<10}  step {step}" for place, value, bar, step in
             _entries(estimate)]  # fmt: skip
    if estimate.value.size > _SHOWN:
        lines.append(f"... and {estimate.value.size - _SHOWN} entries more")
    lines.append(fill(_foot(estimate), 79))
    return "\n".join(lines)


def estimate_html(estimate: Estimate) -> str:
    """An estimate as an HTML table."""
    rows = list(_entries(estimate))
    caption = _foot(estimate)
    if estimate.value.size > _SHOWN:
        caption += f"; {estimate.value.size - _SHOWN} entries more"
    return html_table(("entry", "value", "bar", "step"), rows, caption)


def check_text(check: GradientCheck) -> str:
    """A gradient check as lines of at most 80 columns."""
    lines = [f"gradient check: {check.verdict}", check.reason]
    lines += [f"{name}: {text}" for name, text in _details(check)]
    return "\n".join(fill(line, 79, subsequent_indent="    ") for line in lines)


def check_html(check: GradientCheck) -> str:
    """A gradient check as an HTML table."""
    rows = [("verdict", check.verdict), ("reason", check.reason), *_details(check)]
    return html_table(("gradient check", ""), rows, "")


def _details(check: GradientCheck) -> Iterable[tuple[str, str]]:
    if check.mistakes:
        yield "mistakes", ", ".join(check.mistakes)
    if any(check.entries):
        shown = " ".join(str(list(entry)) for entry in check.entries[:_SHOWN])
        more = f" and {len(check.entries) - _SHOWN} more" if len(check.entries) > _SHOWN else ""
        yield "wrong entries", shown + more
    bars = f"bar {check.bar:.1e}, step {check.step:.1e}, {check.evaluations} evaluations"
    yield "measured", f"{bars}, seed {check.seed}"
    for note in check.notes:
        yield "note", note


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """An HTML table of plain text.

    >>> html_table(["a"], [["1 < 2"]], "one")
    '<table><caption>one</caption><tr><th>a</th></tr><tr><td>1 &lt; 2</td></tr></table>'
    """
    parts = ["<table><caption>", escape(caption), "</caption><tr>"]
    parts += [f"<th>{escape(name)}</th>" for name in head]
    parts.append("</tr>")
    for row in rows:
        parts.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>")
    return "".join([*parts, "</table>"])


def _foot(estimate: Estimate) -> str:
    foot = f"{estimate.status}, {estimate.evaluations} evaluations"
    return f"{foot}; {estimate.reason}" if estimate.reason else foot


def _entries(estimate: Estimate) -> Iterable[tuple[str, str, str, str]]:
    places = list(np.ndindex(estimate.value.shape))[:_SHOWN]
    for place in places:
        value, bar, step = (float(a[place]) for a in (estimate.value, estimate.bar, estimate.step))
        yield str(list(place)) if place else "", f"{value:.15g}", f"{bar:.1e}", f"{step:.1e}"


def shortened(name: str, width: int) -> str:
    """A name of at most `width` letters, its end kept.

    >>> shortened("encoder.layers.0.weight", 15)
    '...ers.0.weight'
    """
    return name if len(name) <= width else "..." + name[3 - width :]
