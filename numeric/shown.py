"""What results share when they show themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

SHOWN = 12  # rows of a table


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


def shortened(name: str, width: int) -> str:
    """A name of at most `width` letters, its end kept.

    >>> shortened("encoder.layers.0.weight", 15)
    '...ers.0.weight'
    """
    return name if len(name) <= width else "..." + name[3 - width :]
