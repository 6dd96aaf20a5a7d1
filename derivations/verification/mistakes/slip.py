"""A slip that is suspected: what it would be called, and the equation that would show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbolic import simplify
from symbolic.nodes import Contraction, Expression
from symbolic.operations import repeated_value
from symbolic.printing.text_printer import text

_LONGEST = 72  # characters of an expression within a sentence


@dataclass(frozen=True)
class Slip:
    """A suspicion. It holds if `edited` equals the right answer or, `of_correct`, the claim.

    cost        how far-fetched it is; the least is told first
    kind        the stable word for programs
    detail      the sentence for people, worked out when it is needed
    edited      the claim without the slip, or the right answer with it
    of_correct  whether the right answer was edited
    right_if    assumptions under which it is none
    """

    cost: float
    kind: str
    detail: Callable[[], str]
    edited: Expression
    of_correct: bool = False
    right_if: tuple[str, ...] = ()


def said(sentence: str, *parts: Expression | str) -> Callable[[], str]:
    """A sentence whose gaps `{}` are filled by expressions when it is asked for."""
    return lambda: sentence.format(
        *(part if isinstance(part, str) else shown(part) for part in parts)
    )


def prefixed(beginning: str, detail: Callable[[], str]) -> Callable[[], str]:
    """A sentence with a beginning."""
    return lambda: beginning + detail()


def shown(expression: Expression) -> str:
    """An expression within a sentence: simplified if that is no longer, cut when it is long."""
    if isinstance(expression, Contraction):
        expression = _once(expression)
    value = repeated_value(expression)
    if value is not None:
        return str(value)
    written = min((text(simplify(expression)), text(expression)), key=len)
    return written if len(written) <= _LONGEST else written[: _LONGEST - 3] + "..."


def _once(node: Contraction) -> Expression:
    """What a product repeats along axes that none of its factors has."""
    used = {label for at in node.labels for label in at}
    output = tuple(label for label in node.output if label in used)
    if output == node.output or not node.operands:
        return node
    sizes = dict(enumerate(node.sizes))
    found = Contraction(node.operands, node.labels, output, sizes, node.coefficient)
    whole = len(found.operands) == 1 and found.coefficient == 1 and found.labels[0] == found.output
    return found.operands[0] if whole else found
