"""What a derivation states: equations, inequalities, limits, and what follows from what.

Both sides are expressions with shapes, or plain SymPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import sympy

from derivations.languages import Side, is_scalar, shape_of, text_of
from symbolic import Expression, ShapeError
from symbolic.algebra.normal import is_zero
from symbolic.errors import UnsupportedError
from symbolic.operations import as_expression, zeros
from symbolic.sizes import shape_text


@dataclass(frozen=True)
class Equation:
    """left = right, two expressions of one shape."""

    left: Side
    right: Side

    def __post_init__(self) -> None:
        if shape_of(self.left) != shape_of(self.right):
            said = f"the equation {text_of(self.left)} = {text_of(self.right)}"
            raise _shape_error(said, self.left, self.right, "give both sides one shape")

    def __str__(self) -> str:
        return f"{_shown(self.left)} = {_shown(self.right)}"


@dataclass(frozen=True)
class Implication:
    """If the premise holds, so does the conclusion."""

    premise: Equation
    conclusion: Equation

    def __str__(self) -> str:
        return f"{self.premise}  =>  {self.conclusion}"


@dataclass(frozen=True)
class Inequality:
    """left <= right (or left >= right), two scalars."""

    left: Side
    right: Side
    relation: str = "<="

    def __post_init__(self) -> None:
        if self.relation not in ("<=", ">="):
            raise UnsupportedError(
                f"inequality(..., relation={self.relation!r})",
                "no such relation",
                "use '<=' or '>='",
            )
        if shape_of(self.left) or shape_of(self.right):
            raise _shape_error(
                f"the inequality {self}", self.left, self.right, "compare two scalars"
            )

    def __str__(self) -> str:
        return f"{text_of(self.left)} {self.relation} {text_of(self.right)}"


@dataclass(frozen=True)
class Convergence:
    """left tends to right as the variable tends to the point; SymPy alone."""

    left: sympy.Expr
    right: sympy.Expr
    towards: tuple[sympy.Symbol, sympy.Expr]

    def __str__(self) -> str:
        variable, point = self.towards
        return f"{text_of(self.left)} -> {text_of(self.right)} as {variable} -> {point}"


Line: TypeAlias = Side | Equation
Claim: TypeAlias = Equation | Implication | Inequality | Convergence


def _shape_error(written: str, left: Side, right: Side, advice: str) -> ShapeError:
    shapes = " and ".join(shape_text(shape_of(side)) for side in (left, right))
    return ShapeError(written, f"shapes {shapes}", advice)


def _shown(side: Side) -> str:
    return "0" if isinstance(side, Expression) and is_zero(side) else text_of(side)


def _pair(left: object, right: object) -> tuple[Side, Side]:
    """Both sides in one language: SymPy unless one of them is an expression with a shape."""
    if isinstance(left, Expression) or isinstance(right, Expression):
        return as_expression(left), as_expression(right)
    if is_scalar(left) or is_scalar(right):
        return _as_sympy(left), _as_sympy(right)
    return as_expression(left), as_expression(right)


def _as_sympy(side: object) -> sympy.Basic:
    from numbers import Rational

    if isinstance(side, sympy.MatrixBase):
        return side.as_immutable()
    if isinstance(side, sympy.Basic):
        return side
    if isinstance(side, Rational):
        return sympy.Rational(side.numerator, side.denominator)
    raise UnsupportedError(
        f"{side!r} in a statement",
        f"a {type(side).__name__}",
        "use SymPy expressions, integers and fractions",
    )


def equation(left: object, right: object) -> Equation:
    """The statement left = right; 0 stands for zeros of the other side's shape."""
    a, b = _pair(left, right)
    if isinstance(a, Expression) and isinstance(b, Expression):
        if is_zero(b):
            b = zeros(*a.shape)
        elif is_zero(a):
            a = zeros(*b.shape)
    return Equation(a, b)


def inequality(left: object, right: object, relation: str = "<=") -> Inequality:
    """The statement left <= right about two scalars; left >= right with `relation=">="`."""
    return Inequality(*_pair(left, right), relation)


def follows(premise: Equation, conclusion: Equation) -> Implication:
    """The statement that the conclusion follows from the premise."""
    return Implication(premise, conclusion)


def tends(left: object, right: object, variable: sympy.Symbol, point: object) -> Convergence:
    """The statement that left tends to right as the variable tends to the point.

    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> print(tends(1 / n, 0, n, sympy.oo))
    1/n -> 0 as n -> oo
    """
    return Convergence(_as_sympy(left), _as_sympy(right), (variable, _as_sympy(point)))


def first_line(claim: Claim) -> Line:
    """Where a chain that proves the claim starts."""
    return claim.premise if isinstance(claim, Implication) else claim.left


def last_line(claim: Claim) -> Line:
    """Where a chain that proves the claim ends."""
    return claim.conclusion if isinstance(claim, Implication) else claim.right


def sides(line: Line) -> tuple[Side, ...]:
    """The expressions on a line."""
    return (line.left, line.right) if isinstance(line, Equation) else (line,)


def parts(claim: Claim) -> tuple[Side, ...]:
    """The expressions of a claim."""
    if isinstance(claim, Implication):
        return (*sides(claim.premise), *sides(claim.conclusion))
    return (claim.left, claim.right)
