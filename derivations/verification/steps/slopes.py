"""Derivatives by intermediates: the function written with them, and what a wrong one leads to."""

from __future__ import annotations

from functools import partial

from derivations.verification.judging import judge, worked_out
from symbolic import Derivative, Expression, Named, Variable
from symbolic.errors import UnsupportedError
from symbolic.operations import sum as total
from symbolic.traverse import postorder, rewrite, substitute

judge_sides = partial(judge, names=("the right side", "the left side"))


def rewritten_for(expression: Expression) -> Expression:
    """The expression with each function that is differentiated by an intermediate written with it.

    Raises `UnsupportedError` where that is not possible: the derivative would not mean anything.
    """

    def visit(node: Expression) -> Expression:
        if not isinstance(node, Derivative) or node.variable in postorder(node.expression):
            return node
        if isinstance(node.variable, Variable):
            return node
        place = node.variable
        function = substitute(node.expression, {place.meaning: place})
        if place not in postorder(function):
            raise UnsupportedError(
                f"a derivative by {place.name}",
                f"what is differentiated is not written with {place.name}",
                f"use {place.name} in its definition",
            )
        return Derivative(function, place)

    return rewrite(expression, visit)


def with_wrong_slope(slope: Derivative, wrong: Derivative, value: Expression) -> Expression | None:
    """The derivative that the chain rule gives when an intermediate one has a wrong value.

    None when the function is another one, or is not differentiated through that intermediate.
    """
    place, function = wrong.variable, slope.expression
    same = function is wrong.expression and slope.variable is not place
    if not same or function.rank or not isinstance(place, Named) or value.shape != place.shape:
        return None
    if place not in postorder(function) or slope.variable not in postorder(place):
        return None
    key = wrong.key.hex()
    upstream, fixed = (
        Variable(f"upstream_{key}", place.shape),
        Variable(f"fixed_{key}", place.shape),
    )
    whole = function.meaning if isinstance(function, Named) else function
    surrogate = substitute(whole, {place: fixed}) + total(upstream * place)
    found = worked_out(Derivative(surrogate, slope.variable))
    return substitute(found, {upstream: value, fixed: place})
