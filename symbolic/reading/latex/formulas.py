r"""What reading LaTeX gives: formulas, their sides, and the heads that only name something.

This module is light on purpose: nothing of the grammar is imported until LaTeX is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.nodes import Expression


class Latex(str):
    r"""Text that is LaTeX. Text with a backslash is taken for LaTeX without it.

    >>> from symbolic import parse
    >>> parse(Latex("A x"), {"A": "n d", "x": "d"})
    A @ x
    """

    __slots__ = ()


@dataclass(frozen=True)
class Head:
    r"""A side that only names something: `L`, `\nabla_w L`, `\partial L/\partial z_j`, `dX`.

    `kind` is "name", "derivative" or "differential". `name` is what is named or differentiated, "" when
    it is not said; `by` what it is differentiated by; `indices` its free indices.
    """

    kind: str
    name: str
    by: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    transposed: bool = False


@dataclass(frozen=True)
class Side:
    """One side of a formula: its text, its row in the block, and its expression or its head.

    The first axes of `expression` are the free indices, in the order of `indices`.
    """

    text: str
    row: int
    expression: Expression | None
    indices: tuple[str, ...] = ()
    row_vector: bool = False
    head: Head | None = None


@dataclass(frozen=True)
class Formula:
    """Sides with the relations between them, and the readings that were taken, in words."""

    sides: tuple[Side, ...]
    relations: tuple[str, ...]
    notes: tuple[str, ...] = ()
