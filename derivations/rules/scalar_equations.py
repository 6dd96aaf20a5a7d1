"""Rules for equations in plain SymPy: what may be done to both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from derivations.languages import Side
from derivations.reasons import reached
from derivations.statements import Equation
from symbolic.errors import UnsupportedError
from symbolic.phrases import phrase
from symbolic.scalars.elementary import algebra
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal, is_matrix, is_zero
from symbolic.scalars.random_variables import Expectation, Probability, Variance, is_random
from symbolic.scalars.rule import bound_in
from symbolic.scalars.substituting import put

_ARITHMETIC = "the laws of arithmetic"


@dataclass(frozen=True)
class ScalarEquationRule:
    """A rule for a whole equation: its name, what it says, and whether it leads to another.

    `leads` decides whether the rule gives `after` from `before` under the facts known.
    """

    name: str
    statement: str
    condition: str
    source: str
    leads: Callable[[Equation, Equation, Facts], bool]
    about: tuple[sympy.Basic, ...] = ()
    make: Callable[..., ScalarEquationRule] | None = None

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """An equation rule says nothing about a single expression."""
        return ()

    def renamed(self, replace: Callable[[Side], Side]) -> ScalarEquationRule:
        """The rule about other expressions."""
        return self.make(*map(replace, self.about)) if self.make is not None else self

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


def scalar_equation_leads_to(
    before: Equation, after: Equation, reasons: Sequence[Any], facts: Facts
) -> bool:
    """Whether the reasons lead from one equation to the next.

    Rules for one expression rewrite one side or both; at most one rule for equations comes last.
    """
    *first, last = reasons
    rewriting = list(reasons)
    equation_rule = None
    if isinstance(last, ScalarEquationRule):
        rewriting, equation_rule = first, last
    if any(isinstance(each, ScalarEquationRule) for each in rewriting):
        raise UnsupportedError(
            "two rules for equations in one step", "only the last may be one", "split the step"
        )
    if algebra in rewriting:
        raise UnsupportedError(
            "by=algebra for an implication", "it is a rule for one expression", "use rearranging"
        )
    found = list(_rewritten(before, rewriting, facts)) if rewriting else [before]
    if equation_rule is not None:
        return any(equation_rule.leads(each, after, facts) for each in found)
    return any(equal(each.left, after.left) and equal(each.right, after.right) for each in found)


def _rewritten(before: Equation, reasons: Sequence[Any], facts: Facts) -> Iterator[Equation]:
    lefts = reached(before.left, reasons, facts)
    rights = reached(before.right, reasons, facts)
    for left in [*lefts, before.left]:
        for right in [*rights, before.right]:
            if left is not before.left or right is not before.right:
                yield Equation(left, right)


def scalar_proportional(one: Equation, other: Equation, facts: Facts) -> bool:
    """Whether left - right of one equation is that of the other times what is certainly not 0."""
    if any(map(is_matrix, (one.left, other.left))):
        return False
    a, b = one.left - one.right, other.left - other.right
    if is_zero(a) or is_zero(b):
        return False
    factor = sympy.factor(sympy.cancel(sympy.together(a / b)))
    parts = factor.as_numer_denom()
    return all(map(facts.nonzero, parts)) and equal(a, factor * b)


rearranging = ScalarEquationRule(
    "rearranging",
    "a = b and c (a - b) = 0 say the same",
    "c is certainly not 0",
    _ARITHMETIC,
    scalar_proportional,
)


def _is_defined(function: sympy.Lambda, side: sympy.Expr, facts: Facts) -> bool:
    """Whether the function certainly has a real value at a side, as it is written."""
    (variable,) = function.signature
    for node in sympy.preorder_traversal(function.expr):
        args = [put(each, {variable: side}) for each in node.args]
        if isinstance(node, sympy.log) and not facts.positive(args[0]):
            return False
        if isinstance(node, sympy.Pow) and not _is_power_defined(args[0], args[1], facts):
            return False
        if isinstance(node, (sympy.tan, sympy.gamma, sympy.asin, sympy.acos)):
            return False
    return True


def _is_power_defined(base: sympy.Expr, exponent: sympy.Expr, facts: Facts) -> bool:
    if facts.positive(base):
        return True
    if not facts.integer(exponent):
        return False
    return facts.nonnegative(exponent) or facts.nonzero(base)


def _is_caught(side: sympy.Basic, function: sympy.Lambda) -> bool:
    """Whether a function binds, differentiates by, or averages over what a side has in it.

    An equation holds at one point: what is summed or differentiated is looked at elsewhere.
    """
    inside = list(sympy.preorder_traversal(function.expr))
    averaged = any(isinstance(node, (Expectation, Variance, Probability)) for node in inside)
    return (averaged and is_random(side)) or any(
        bound_in(node) & side.free_symbols for node in inside
    )


def on_both_sides(function: sympy.Lambda) -> ScalarEquationRule:
    """The same done to both sides: a = b implies f(a) = f(b).

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> on_both_sides(sympy.Lambda(x, sympy.log(x))).name
    'log(x) of both sides'
    """
    if not isinstance(function, sympy.Lambda) or len(function.signature) != 1:
        raise UnsupportedError(
            f"on_both_sides({function})",
            "it is no function of one variable",
            "give a sympy.Lambda, such as Lambda(t, t + 1)",
        )

    def leads(before: Equation, after: Equation, facts: Facts) -> bool:
        if any(_is_caught(side, function) for side in (before.left, before.right)):
            return False
        if not all(_is_defined(function, side, facts) for side in (before.left, before.right)):
            return False
        left, right = function(before.left), function(before.right)
        changed = not equal(left, before.left)
        return changed and equal(left, after.left) and equal(right, after.right)

    return ScalarEquationRule(
        phrase(function.expr, "of both sides"),
        f"a = b implies f(a) = f(b) for f: {', '.join(map(str, function.variables))} ->"
        f" {function.expr}",
        "f is defined at both sides, and binds nothing that they have in them",
        _ARITHMETIC,
        leads,
        (function,),
        on_both_sides,
    )
