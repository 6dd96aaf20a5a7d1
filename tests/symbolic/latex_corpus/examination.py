"""Reads an entry and judges what came out: right, refused or misread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derivations.verification.equality.decision import decide
from symbolic import parse, read_latex
from symbolic.algebra.normal import equal_by_algebra, is_zero
from symbolic.errors import ChainruleError
from symbolic.nodes import Expression
from symbolic.operations import transpose
from symbolic.reading.declarations import declare
from symbolic.reading.latex.formulas import Formula
from tests.symbolic.latex_corpus.loader import Entry


@dataclass(frozen=True)
class Outcome:
    """`verdict` is "right", "refused" or "misread"; `reason` says why; `sides` are what was read."""

    verdict: str
    reason: str
    sides: tuple[Expression, ...] = ()


def examine(entry: Entry, latex: str | None = None) -> Outcome:
    """Read an entry, or a variant of its LaTeX, and compare each side with its meaning."""
    try:
        sides = read_sides(entry.latex if latex is None else latex, entry.given)
    except ChainruleError as error:
        return Outcome("refused", f"{type(error).__name__}: {error}")
    if entry.kind == "refuse":
        return Outcome("misread", f"it was to be refused ({entry.why}); it gave {sides}", sides)
    expected = meanings(entry)
    if len(sides) != len(expected):
        reason = f"{len(expected)} sides have a meaning, {len(sides)} were read: {sides}"
        return Outcome("misread", reason, sides)
    for found, meant in zip(sides, expected, strict=True):
        if not _same(found, meant):
            reason = f"read {found} {found.shape}, meant {meant} {meant.shape}"
            return Outcome("misread", reason, sides)
    return Outcome("right", "", sides)


def meanings(entry: Entry) -> list[Expression]:
    """What the sides of an entry mean."""
    return [parse(text_of(entry, meaning), variables(entry)) for meaning in entry.means]


def variables(entry: Entry) -> list[Expression]:
    """The variables that an entry declares."""
    return list(declare(entry.given).values())


def text_of(entry: Entry, text: str) -> str:
    """A text of an entry with the names that the declared LaTeX keys go by."""
    for short, key in entry.names.items():
        (name,) = declare({key: entry.given[key]})
        text = re.sub(rf"\b{re.escape(short)}\b", name, text)
    return text


def read_sides(latex: str, given: dict[str, str]) -> tuple[Expression, ...]:
    """The expressions of all sides that are no heads, free indices in the order of the left side."""
    return tuple(side for formula in read_latex(latex, given) for side in _in_order(formula))


def _in_order(formula: Formula) -> Iterator[Expression]:
    order: tuple[str, ...] = ()
    for side in formula.sides:
        indices = side.head.indices if side.head is not None else side.indices
        order = order or indices
        if side.expression is not None:
            swapped = len(indices) == 2 and indices == order[::-1]
            yield transpose(side.expression) if swapped else side.expression


def _same(found: Expression, meant: Expression) -> bool:
    if not meant.shape and is_zero(meant):
        return is_zero(found)
    return found.shape == meant.shape and (
        equal_by_algebra(found, meant)
        or decide(found, meant, points=2).verdict in ("proved", "verified")
    )
