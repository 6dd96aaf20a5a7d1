"""Rules for equations: what may be done to both sides, and when an equation is only rearranged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sympy

from derivations.statements import Equation
from symbolic import Expression
from symbolic.algebra.normal import equal_by_algebra, expand, is_zero, split
from symbolic.calculus.execution import Reason, applied
from symbolic.calculus.rules import algebra
from symbolic.errors import UnsupportedError
from symbolic.nodes import Sum
from symbolic.operations import matmul, subtract
from symbolic.traverse import unfold


@dataclass(frozen=True)
class EquationRule:
    """A rule for a whole equation: its name, what it says, and what it does to the equation."""

    name: str
    statement: str
    condition: str
    source: str
    apply: Callable[[Equation], Equation]
    about: tuple[Expression, ...] = ()
    make: Callable[..., EquationRule] | None = None

    def renamed(self, replace: Callable[[Expression], Expression]) -> EquationRule:
        """The rule about other expressions."""
        return self.make(*map(replace, self.about)) if self.make is not None else self

    def exhausted(self, expression: Expression) -> Expression:
        """An equation rule says nothing about a single expression."""
        return expression

    once = exhausted

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


_ARITHMETIC = "the laws of arithmetic"

rearranging = EquationRule(
    "rearranging",
    "a = b and c (a - b) = 0 say the same, for a number c other than 0",
    "c is a rational number other than 0",
    _ARITHMETIC,
    lambda equation: equation,
)


def multiply_left(factor: Expression) -> EquationRule:
    """Both sides multiplied from the left: a = b implies v @ a = v @ b."""
    return EquationRule(
        f"multiply by {factor} from the left",
        f"a = b implies {factor} @ a = {factor} @ b",
        "none",
        _ARITHMETIC,
        lambda equation: Equation(matmul(factor, equation.left), matmul(factor, equation.right)),
        (factor,),
        multiply_left,
    )


def equation_leads_to(
    before: Equation, after: Equation, reasons: Sequence[Reason | EquationRule]
) -> bool:
    """Whether the reasons, applied to both sides of `before` in their order, give `after`."""
    found = [before]
    for reason in reasons:
        if reason is algebra:
            raise UnsupportedError(
                "by=algebra for an implication",
                "it is a rule for one expression",
                "use rearranging",
            )
        found = [each for equation in found for each in _applied(reason, equation)]
        if not found:
            return False
    if reasons[-1] is rearranging:
        return any(proportional(each, after) for each in found)
    return any(
        equal_by_algebra(each.left, after.left) and equal_by_algebra(each.right, after.right)
        for each in found
        if each.left.shape == after.left.shape
    )


def _applied(reason: Reason | EquationRule, equation: Equation) -> Iterator[Equation]:
    if isinstance(reason, EquationRule):
        yield reason.apply(equation)
        return
    for left in [*applied(reason, equation.left), equation.left]:
        for right in [*applied(reason, equation.right), equation.right]:
            if left is not equation.left or right is not equation.right:
                yield Equation(left, right)


def proportional(one: Equation, other: Equation) -> bool:
    """Whether left - right of one equation is a number other than 0 times that of the other."""
    if one.left.shape != other.left.shape:
        return False
    a = expand(subtract(unfold(one.left), unfold(one.right)))
    b = expand(subtract(unfold(other.left), unfold(other.right)))
    if is_zero(a) or is_zero(b):
        return False
    first, second = _terms(a), _terms(b)
    if set(first) != set(second):
        return False
    ratios = {sympy.simplify(first[body] / second[body]) for body in first}
    return len(ratios) == 1 and ratios.pop().is_Rational


def _terms(expanded: Expression) -> dict[Expression, sympy.Expr]:
    terms = expanded.terms if isinstance(expanded, Sum) else (expanded,)
    return {body: coefficient for coefficient, body in map(split, terms)}


__all__ = ["EquationRule", "equation_leads_to", "multiply_left", "rearranging"]
