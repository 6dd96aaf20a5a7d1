"""One relation judged: derivatives worked out, both sides compared, the slip looked for."""

from __future__ import annotations

import warnings
from dataclasses import replace

from derivations.verification.cross_check import contradiction
from derivations.verification.equality.decision import decide
from derivations.verification.mistakes import explain
from derivations.verification.result import Verification
from symbolic import Derivative, Expression, Named, Variable, assumptions, gradient, jacobian
from symbolic.errors import IndependentWarning, UnsupportedError
from symbolic.operations import sum as total
from symbolic.sizes import shape_text
from symbolic.traverse import depends_on, named_nodes, postorder, rewrite, substitute

_MOST_HELD = 6  # intermediates that are tried as constants


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


def worked_out(expression: Expression) -> Expression:
    """The expression with every inert derivative in it replaced by what it is."""

    def visit(node: Expression) -> Expression:
        if not isinstance(node, Derivative):
            return node
        function, place = node.expression, node.variable
        return jacobian(function, place) if function.rank else gradient(function, place)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndependentWarning)
        return rewrite(expression, visit)


def judge(
    question: str,
    correct: Expression,
    claim: Expression,
    seed: int,
    slope: Derivative | None = None,
) -> Verification:
    """Whether a claim equals what is correct; `slope` is the inert derivative that one of them was.

    The slip behind a wrong claim is not looked for; see `explained`.
    """
    found = decide(correct, claim, seed=seed)
    against = None if slope is None else contradiction(slope, worked_out(slope), seed)
    if against is not None:
        return Verification("undecided", "enclosures", against, question, claim, None, seed=seed)
    facts: tuple[str, ...] = ()
    if found.verdict != "refuted":
        facts = tuple(str(each) for each in assumptions(correct))
    reason = found.reason
    if found.method == "shapes":
        shapes = shape_text(claim.shape), shape_text(correct.shape)
        reason = "the right side has shape {}, the left side {}".format(*shapes)
    return Verification(
        found.verdict,
        found.method,
        reason,
        question,
        claim,
        correct,
        found.points,
        found.sizes,
        found.seed,
        tuple(dict.fromkeys((*facts, *found.assumptions))),
        found.counterexample,
    )


def explained(found: Verification, slope: Derivative | None, seed: int) -> Verification:
    """A refuted claim with the slips that explain it, where there is a right answer to compare with."""
    if found.claim is None or found.correct is None:
        return found
    explanation = explain(found.correct, found.claim, slope, seed)
    held = () if slope is None else _right_with_constants(slope, found.claim, seed)
    return replace(
        found,
        mistakes=explanation.mistakes,
        right_if=(*held, *explanation.right_if),
        notes=(*found.notes, *explanation.notes),
    )


def _right_with_constants(slope: Derivative, claim: Expression, seed: int) -> tuple[str, ...]:
    """Whether a claim is the partial derivative with intermediates held constant, and which."""
    function = slope.expression
    whole = function.meaning if isinstance(function, Named) else function
    moving = depends_on(whole, slope.variable)
    between = [
        node for node in named_nodes(whole) if node in moving and node is not slope.variable
    ][:_MOST_HELD]
    for held in (*([each] for each in between), between):
        fixed: dict[Expression, Expression] = {
            each: Variable(f"{each.name}_{each.key.hex()}", each.shape) for each in held
        }
        partial = Derivative(substitute(whole, fixed), slope.variable)
        back: dict[Expression, Expression] = {value: key for key, value in fixed.items()}
        other = substitute(worked_out(partial), back)
        if (
            held
            and other.shape == claim.shape
            and decide(other, claim, seed=seed).verdict == "proved"
        ):
            names = " and ".join(each.name for each in held)
            return (f"{names} {'is' if len(held) == 1 else 'are'} held constant",)
    return ()


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
