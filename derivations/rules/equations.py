"""Rules for equations: what may be done to both sides, and when an equation is only rearranged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sympy

from derivations.statements import Equation
from symbolic import Expression
from symbolic.algebra.identities import summing_axes
from symbolic.algebra.normal import equal_by_algebra, expand, is_zero, split
from symbolic.calculus.definiteness_rules import is_invertible, is_positive
from symbolic.calculus.execution import Reason, applied
from symbolic.calculus.rules import algebra
from symbolic.errors import UnsupportedError
from symbolic.matrices import inv
from symbolic.nodes import Contraction, Derivative, Expectation, Named, Sum
from symbolic.operations import divide, matmul, multiply, subtract, sum, transpose
from symbolic.phrases import phrase
from symbolic.traverse import postorder, substitute, unfold


@dataclass(frozen=True)
class EquationRule:
    """A rule for a whole equation: its name, what it says, and what it does to the equation.

    `apply` gives the equation that follows, or None where the rule does not apply.
    """

    name: str
    statement: str
    condition: str
    source: str
    apply: Callable[[Equation], Equation | None]
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
    "c is a rational number other than 0, or a product of sizes and such a number",
    _ARITHMETIC,
    lambda equation: equation,
)
transposing = EquationRule(
    "transposing both sides",
    "a = b implies a.T = b.T",
    "none",
    _ARITHMETIC,
    lambda equation: Equation(transpose(equation.left), transpose(equation.right)),
)


def multiply_left(factor: Expression) -> EquationRule:
    """Both sides multiplied from the left: a = b implies v @ a = v @ b."""
    said = f"a = b implies {factor} @ a = {factor} @ b"
    return _multiply(factor, "left", said, lambda side: matmul(factor, side), multiply_left)


def multiply_right(factor: Expression) -> EquationRule:
    """Both sides multiplied from the right: a = b implies a @ v = b @ v."""
    said = f"a = b implies a @ {factor} = b @ {factor}"
    return _multiply(factor, "right", said, lambda side: matmul(side, factor), multiply_right)


def _multiply(
    factor: Expression,
    where: str,
    statement: str,
    times: Callable[[Expression], Expression],
    make: Callable[..., EquationRule],
) -> EquationRule:
    return EquationRule(
        phrase("multiply by", factor, f"from the {where}"),
        statement,
        "none",
        _ARITHMETIC,
        lambda equation: Equation(times(equation.left), times(equation.right)),
        (factor,),
        make,
    )


def multiply_both_sides(factor: Expression) -> EquationRule:
    """Both sides multiplied entry by entry: a = b implies c a = c b."""

    def apply(equation: Equation) -> Equation | None:
        sides = multiply(factor, equation.left), multiply(factor, equation.right)
        return Equation(*sides) if sides[0].shape == equation.left.shape else None

    return EquationRule(
        phrase("multiply by", factor),
        f"a = b implies {factor} * a = {factor} * b",
        "none",
        _ARITHMETIC,
        apply,
        (factor,),
        multiply_both_sides,
    )


def divide_both_sides(divisor: Expression) -> EquationRule:
    """Both sides divided entry by entry by what is greater than zero: c a = c b implies a = b."""

    def apply(equation: Equation) -> Equation | None:
        if not is_positive(divisor):
            return None
        sides = divide(equation.left, divisor), divide(equation.right, divisor)
        return Equation(*sides) if sides[0].shape == equation.left.shape else None

    return EquationRule(
        phrase("divide by", divisor),
        f"a = b implies a/({divisor}) = b/({divisor})",
        "the divisor is provably greater than zero",
        _ARITHMETIC,
        apply,
        (divisor,),
        divide_both_sides,
    )


def multiply_by_inverse(matrix: Expression) -> EquationRule:
    """A matrix in front is taken to the other side: M @ a = b implies a = inv(M) @ b.

    M must stand in front of the left side, and have an inverse by its domain or by its form: the
    domains spd, invertible and orthogonal say so, and `X.T @ X + lam * eye(d)` does for positive lam.
    """

    def apply(equation: Equation) -> Equation | None:
        rest = _behind(matrix, equation.left)
        if rest is None or not is_invertible(matrix):
            return None
        return Equation(rest, matmul(inv(matrix), equation.right))

    return EquationRule(
        phrase("multiply by the inverse of", matrix),
        "M @ a = b implies a = inv(M) @ b",
        "M is invertible by its domain or by its form",
        "Petersen, Pedersen, The Matrix Cookbook (2012)",
        apply,
        (matrix,),
        multiply_by_inverse,
    )


def _behind(matrix: Expression, product: Expression) -> Expression | None:
    """The array a of a product that is written matrix @ a."""
    while isinstance(product, Named):
        product = product.meaning
    if not isinstance(product, Contraction) or product.coefficient != 1:
        return None
    if len(product.operands) != 2 or unfold(product.operands[0]) is not unfold(matrix):
        return None
    rest = product.operands[1]
    return rest if product is matmul(product.operands[0], rest) else None


def substituting_in(expression: Expression) -> EquationRule:
    """The left side of an equation replaced by its right side: a = b implies f(a) = f(b)."""

    def apply(equation: Equation) -> Equation | None:
        binding = (Derivative, Expectation)  # what is looked at elsewhere than at the point
        inside = (node for node in postorder(expression) if isinstance(node, binding))
        if any(equation.left in postorder(node) for node in inside):
            return None
        after = substitute(expression, {equation.left: equation.right})
        return None if after is expression else Equation(expression, after)

    return EquationRule(
        "substitution",
        f"a = b implies f(a) = f(b), f(a) being {expression}",
        "a occurs in f(a) as it is written, and not inside a derivative or an expectation",
        _ARITHMETIC,
        apply,
        (expression,),
        substituting_in,
    )


def _normalized(equation: Equation) -> Equation | None:
    """A = c p with sum(p) = 1 becomes a = sum(a) p."""
    product = equation.right
    if not isinstance(product, Contraction) or len(product.operands) != 2:
        return None
    for place in (0, 1):
        number, shares = product.operands[1 - place], product.operands[place]
        if number.rank or summing_axes(shares) != tuple(range(shares.rank)):
            continue
        if product.labels[place] == product.output and shares.shape == equation.left.shape:
            return Equation(equation.left, multiply(sum(equation.left), shares))
    return None


normalizing = EquationRule(
    "summing both sides to find the factor",
    "a = c*p implies c = sum(a), so a = sum(a)*p",
    "c is a scalar and the entries of p sum to one",
    "the definition of the domain",
    _normalized,
)


def equation_leads_to(
    before: Equation, after: Equation, reasons: Sequence[Reason | EquationRule]
) -> bool:
    """Whether the reasons, applied to both sides of `before` in their order, give `after`.

    Never about an expectation that is not worked out: an equation holds at one point, and inside an
    expectation the variable runs over all.
    """
    if any(isinstance(node, Expectation) for node in postorder([before.left, before.right])):
        return False
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
        follows = reason.apply(equation)
        if follows is not None:
            yield follows
        return
    if not isinstance(reason, Reason):  # a bound, or what is read from right to left
        return
    for left in [*applied(reason, equation.left), equation.left]:
        for right in [*applied(reason, equation.right), equation.right]:
            if left is not equation.left or right is not equation.right:
                yield Equation(left, right)


def proportional(one: Equation, other: Equation) -> bool:
    """Whether left - right of one equation is a number other than 0 times that of the other.

    The number may have sizes in it, which are positive.
    """
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
    return len(ratios) == 1 and _is_nonzero_number(ratios.pop())


def _is_nonzero_number(ratio: sympy.Expr) -> bool:
    """Whether a ratio is a product of powers of sizes and a rational number other than 0."""
    return all(
        factor.is_Rational or factor.as_base_exp()[0].is_Symbol
        for factor in sympy.Mul.make_args(ratio)
    ) and bool(ratio.is_nonzero)


def _terms(expanded: Expression) -> dict[Expression, sympy.Expr]:
    terms = expanded.terms if isinstance(expanded, Sum) else (expanded,)
    return {body: coefficient for coefficient, body in map(split, terms)}


__all__ = [
    "EquationRule",
    "divide_both_sides",
    "equation_leads_to",
    "multiply_both_sides",
    "multiply_by_inverse",
    "multiply_left",
    "multiply_right",
    "normalizing",
    "rearranging",
    "substituting_in",
    "transposing",
]
