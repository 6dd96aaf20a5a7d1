"""What is claimed: text, LaTeX, an expression of ours or of SymPy, as the sides that have to be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy

from derivations.verification.sympy_inputs import aligned
from symbolic import Expression, zeros
from symbolic.algebra.normal import is_zero
from symbolic.errors import ParseError, ShapeError
from symbolic.nodes import Contraction
from symbolic.reading.declarations import Given, is_latex
from symbolic.reading.latex.formulas import Formula, Side
from symbolic.reading.parser import read
from symbolic.sizes import Shape


@dataclass(frozen=True)
class Claim:
    """One side of what is claimed, in the axes of the right answer, and how it was written."""

    expression: Expression
    text: str


@dataclass(frozen=True)
class Claims:
    """All sides that have to equal the right answer, and the readings that were taken."""

    sides: tuple[Claim, ...]
    notes: tuple[str, ...] = ()


def read_claims(value: Any, shape: Shape, given: Given | None, wrt: str = "") -> Claims:
    """The sides of a claim whose right answer has this shape.

    Of a LaTeX formula each side is one, but for those that only name what is claimed, as the left side
    of `\\nabla_w L = X^\\top r`. Raises `ParseError` when a formula claims nothing, or the derivative
    by something else.
    """
    if isinstance(value, str) and is_latex(value):
        from symbolic.reading.latex.reader import read_latex

        formulas = read_latex(value, given)
        if len(formulas) != 1:
            raise ParseError(
                f"claim {value!r}",
                f"{len(formulas)} formulas",
                "give the last one, or check all lines with verify_steps",
            )
        return _of_formula(formulas[0], wrt)
    expression = read(value, given)
    if isinstance(value, (sympy.Basic, sympy.MatrixBase)):
        expression = aligned(expression, shape)
    if not expression.rank and is_zero(expression):
        expression = zeros(*shape)  # everybody writes 0 for an array of zeros
    return Claims((Claim(expression, str(value)),))


def _of_formula(formula: Formula, wrt: str) -> Claims:
    if any(relation not in ("=", ":=") for relation in formula.relations):
        raise ParseError(
            "claim with " + ", ".join(formula.relations),
            "not a chain of equalities",
            "claim what the derivative equals",
        )
    heads = [side.head for side in formula.sides if side.head is not None]
    for head in heads:
        if head.kind == "derivative" and wrt and head.by and set(head.by) != {wrt}:
            raise ParseError(
                f"a derivative by {', '.join(head.by)}",
                f"the derivative by {wrt} is asked for",
                "give the other name as wrt, or correct the formula",
            )
    indices = next((head.indices for head in heads if head.indices), ())
    sides = tuple(_sides(formula.sides, indices))
    if not sides:
        raise ParseError(
            "a formula that only names", "no side with a value", "write what it equals"
        )
    return Claims(sides, formula.notes)


def _sides(sides: tuple[Side, ...], indices: tuple[str, ...]) -> Iterator[Claim]:
    for side in sides:
        if side.expression is not None:
            yield Claim(_aligned(side, indices or side.indices), side.text)


def _aligned(side: Side, indices: tuple[str, ...]) -> Expression:
    """The side with its free indices in the order in which the left side has them."""
    assert side.expression is not None
    if len(side.indices) > 1 and not set(indices) == set(side.indices):
        raise ShapeError(
            f"the indices {', '.join(side.indices)} of {side.text}",
            f"the left side has {', '.join(indices) or 'none'}",
            "use the same free indices on both sides",
        )
    if side.indices == indices or len(side.indices) < 2:
        return side.expression
    axes = tuple(range(side.expression.rank))
    order = (*(side.indices.index(each) for each in indices), *axes[len(indices) :])
    return Contraction([side.expression], [axes], order)
