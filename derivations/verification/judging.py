"""One claim judged: compared with what is right, and where it is wrong, the slip behind it looked for."""

from __future__ import annotations

import warnings
from dataclasses import replace

from derivations.verification.at_kinks import AtKinks, look_at_kinks
from derivations.verification.cross_check import contradiction
from derivations.verification.equality.decision import decide
from derivations.verification.kinks import Kinks
from derivations.verification.mistakes import explain
from derivations.verification.result import Verification
from symbolic import Derivative, Expression, Named, Variable, assumptions, gradient, jacobian
from symbolic.calculus.conditions import conditions
from symbolic.calculus.origins import is_of_domain
from symbolic.errors import IndependentWarning
from symbolic.sizes import shape_text
from symbolic.traverse import depends_on, named_nodes, rewrite, substitute

AT_A_KINK = "slopes at a kink"
_NAMES = ("the claim", "the right answer")
_AT_KINKS = ("the claim", "the convention here")
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
    kinked: Expression | None = None,
    names: tuple[str, str] = _NAMES,
) -> Verification:
    """Whether a claim equals what is correct. The slip in a wrong one is not looked for: `explained` does.

    `slope` is the inert derivative that one of the two was, and `derived` what it was worked out to, if
    that is not `correct`: it is held against the slope itself. At kinks of what `kinked` differentiates, by
    default the slope, any convention is right. `names` are what the reason calls the two.
    """
    kinked = slope if kinked is None else kinked
    kinks = None if kinked is None else Kinks.of(kinked)
    found = decide(correct, claim, seed=seed, avoid=None if kinks is None else kinks.at)
    if slope is not None:
        against = contradiction(slope, correct if derived is None else derived, seed)
        if against is not None:
            return Verification("undecided", "enclosures", against, question, claim, seed=seed)
    reason = found.reason
    if found.method == "shapes":
        shapes = shape_text(claim.shape), shape_text(correct.shape)
        reason = f"{names[0]} has shape {shapes[0]}, {names[1]} {shapes[1]}"
    at = AtKinks()
    if kinks and found.verdict != "refuted":
        others = [correct if derived is None else derived]
        worked = [worked_out(function) for function in kinks.functions]
        called = _AT_KINKS if names is _NAMES else names
        at = look_at_kinks(kinks, worked, correct, claim, others, seed, called)
    verdict, method = found.verdict, found.method
    if at.refuted is not None:
        verdict, method, reason = "refuted", AT_A_KINK, at.reason
    facts = () if verdict == "refuted" else rests_on(correct, claim, derivative=kinked is not None)
    return Verification(
        verdict,
        method,
        reason,
        question,
        claim,
        correct,
        found.points,
        found.sizes,
        found.seed,
        tuple(dict.fromkeys((*facts, *found.assumptions))),
        at.refuted or found.counterexample,
        notes=at.notes,
    )


def rests_on(correct: Expression, claim: Expression, *, derivative: bool) -> tuple[str, ...]:
    """What has to hold for both sides to have values, and the domains without which one reads differently.

    >>> from symbolic import eye, inv, matrix
    >>> A = matrix("A", "n", "n")
    >>> rests_on(A @ inv(A), eye("n"), derivative=False)
    ('A: invertible',)
    """
    found = assumptions(correct)
    if not derivative:  # what only a slope needs is left out
        found = tuple(each for each in found if is_of_domain(each))
    told = {each.about for each in found}
    needed = [each for each in conditions([correct, claim]) if each.about not in told]
    return tuple(dict.fromkeys(map(str, (*needed, *found))))


def explained(found: Verification, slope: Expression | None, seed: int) -> Verification:
    """A refuted claim with the slips that explain it, where there is a right answer to compare with."""
    if found.claim is None or found.correct is None or found.method == AT_A_KINK:
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
