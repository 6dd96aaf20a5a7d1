"""One claim judged: compared with what is right, and where it is wrong, the slip behind it looked for."""

from __future__ import annotations

import warnings
from dataclasses import replace

from derivations.verification.cross_check import contradiction
from derivations.verification.equality.decision import decide
from derivations.verification.equality.points import Avoid
from derivations.verification.kinks import kinks_of
from derivations.verification.mistakes import explain
from derivations.verification.result import Verification
from symbolic import Derivative, Expression, Named, Variable, assumptions, gradient, jacobian
from symbolic.errors import IndependentWarning
from symbolic.sizes import shape_text
from symbolic.traverse import depends_on, named_nodes, rewrite, substitute

_MOST_HELD = 6  # intermediates that are tried as constants


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
    slope: Expression | None = None,
    *,
    derived: Expression | None = None,
    avoid: Avoid | None = None,
    names: tuple[str, str] = ("the claim", "the right answer"),
) -> Verification:
    """Whether a claim equals what is correct. The slip in a wrong one is not looked for: `explained` does.

    `slope` is the inert derivative that one of the two was, and `derived` what it was worked out to, if
    that is not `correct`: it is held against the slope itself. Points that `avoid` tells are left out, by
    default those at kinks of the slope. `names` are what the reason calls the two.
    """
    if avoid is None and slope is not None:
        avoid = kinks_of(slope)
    found = decide(correct, claim, seed=seed, avoid=avoid)
    if slope is not None:
        against = contradiction(slope, correct if derived is None else derived, seed)
        if against is not None:
            return Verification("undecided", "enclosures", against, question, claim, seed=seed)
    reason = found.reason
    if found.method == "shapes":
        shapes = shape_text(claim.shape), shape_text(correct.shape)
        reason = f"{names[0]} has shape {shapes[0]}, {names[1]} {shapes[1]}"
    facts = tuple(str(each) for each in assumptions(correct)) if found.verdict != "refuted" else ()
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


def explained(found: Verification, slope: Expression | None, seed: int) -> Verification:
    """A refuted claim with the slips that explain it, where there is a right answer to compare with."""
    if found.claim is None or found.correct is None:
        return found
    explanation = explain(found.correct, found.claim, slope, seed)
    held = _held_constant(slope, found.claim, seed) if isinstance(slope, Derivative) else ()
    return replace(
        found,
        mistakes=explanation.mistakes,
        right_if=(*held, *explanation.right_if),
        notes=(*found.notes, *explanation.notes),
    )


def _held_constant(slope: Derivative, claim: Expression, seed: int) -> tuple[str, ...]:
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
