"""A verification in a notebook: formulas typeset, the verdict in its colour, all text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from derivations.rendering.mathml import mathml
from derivations.rendering.style import STYLE
from symbolic import Expression

if TYPE_CHECKING:
    from derivations.verification.result import Verification

_GRID = "grid-template-columns: 7em minmax(0, 1fr)"


def as_html(found: Verification) -> str:
    """One `<div>` with its own style, for notebooks; it needs no network."""
    rows = "".join(_row(label, markup) for label, markup in _rows(found))
    grid = f'<div class="cr-grid" style="{_GRID}">{rows}</div>'
    return f'<style>{STYLE}</style><div class="chainrule">{headline(found)}{grid}</div>'


def headline(found: Verification) -> str:
    """The verdict and its reason."""
    verdict = f'<span class="cr-verdict cr-{found.verdict}">{found.verdict}</span>'
    return f"<p>{verdict}: {escape(found.reason)}</p>"


def _row(label: str, markup: str) -> str:
    return f'<div class="cr-faint">{escape(label)}</div><div>{markup}</div>'


def _rows(found: Verification) -> Iterator[tuple[str, str]]:
    formulas = {"claimed": found.claim, "correct": found.correct}
    for label, text, _ in found.details():
        expression = formulas.get(label)
        yield label, escape(text) if expression is None else _typeset(expression)


def _typeset(expression: Expression) -> str:
    from symbolic import latex

    return f'<div class="cr-math">{mathml(latex(expression))}</div>'
