"""What a derivation states: equations, and what follows from what."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic import Expression, ShapeError
from symbolic.algebra.normal import is_zero
from symbolic.operations import as_expression, zeros
from symbolic.sizes import shape_text


@dataclass(frozen=True)
class Equation:
    """left = right, two expressions of one shape."""

    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        if self.left.shape != self.right.shape:
            raise ShapeError(
                f"the equation {self.left} = {self.right}",
                f"shapes {shape_text(self.left.shape)} and {shape_text(self.right.shape)}",
                "give both sides one shape",
            )

    def __str__(self) -> str:
        left, right = ("0" if is_zero(side) else str(side) for side in (self.left, self.right))
        return f"{left} = {right}"


@dataclass(frozen=True)
class Implication:
    """If the premise holds, so does the conclusion."""

    premise: Equation
    conclusion: Equation

    def __str__(self) -> str:
        return f"{self.premise}  =>  {self.conclusion}"


@dataclass(frozen=True)
class Inequality:
    """left <= right, two scalars."""

    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        if self.left.rank or self.right.rank:
            raise ShapeError(
                f"the inequality {self.left} <= {self.right}",
                f"shapes {shape_text(self.left.shape)} and {shape_text(self.right.shape)}",
                "compare two scalars",
            )

    def __str__(self) -> str:
        return f"{self.left} <= {self.right}"


Line = Expression | Equation
Claim = Equation | Implication | Inequality


def equation(left: object, right: object) -> Equation:
    """The statement left = right; 0 stands for zeros of the other side's shape."""
    a, b = as_expression(left), as_expression(right)
    if is_zero(b):
        b = zeros(*a.shape)
    elif is_zero(a):
        a = zeros(*b.shape)
    return Equation(a, b)


def inequality(left: object, right: object) -> Inequality:
    """The statement left <= right about two scalars."""
    return Inequality(as_expression(left), as_expression(right))


def follows(premise: Equation, conclusion: Equation) -> Implication:
    """The statement that the conclusion follows from the premise."""
    return Implication(premise, conclusion)


def first_line(claim: Claim) -> Line:
    """Where a chain that proves the claim starts."""
    return claim.premise if isinstance(claim, Implication) else claim.left


def last_line(claim: Claim) -> Line:
    """Where a chain that proves the claim ends."""
    return claim.conclusion if isinstance(claim, Implication) else claim.right
