"""A slip that is suspected: what it would be called, and the equation that would show it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from symbolic import simplify
from symbolic.nodes import Contraction, Expression
from symbolic.operations import repeated_value
from symbolic.printing.text_printer import text

_LONGEST = 90  # characters of a sentence
_ROOMS = (72, 48, 32, 20)  # characters of an expression within it, the first that is short enough
_INTERNAL = "iverson("  # what no person writes


@dataclass(frozen=True)
class Slip:
    """A suspicion. It holds if `edited` equals the right answer or, `of_correct`, the claim.

    cost        how far-fetched it is; the least is told first
    kind        the stable word for programs
    detail      the sentence for people, worked out when it is needed; empty where no person says it
    edited      the claim without the slip, or the right answer with it
    of_correct  whether the right answer was edited
    right_if    assumptions under which it is none
    mended      the claim without the slip, where the right answer was edited and that is known
    """

    cost: float
    kind: str
    detail: Callable[[], str]
    edited: Expression
    of_correct: bool = False
    right_if: tuple[str, ...] = ()
    mended: Expression | None = None


def said(sentence: str, *parts: Expression | str) -> Callable[[], str]:
    """A sentence whose gaps `{}` are filled by expressions when it is asked for.

    Long expressions are told with gaps. The sentence is empty where one cannot be told at all.
    """

    def words() -> str:
        texts = [part if isinstance(part, str) else shown(part) for part in parts]
        if any(_INTERNAL in each for each in texts):
            return ""
        for room in _ROOMS:
            short = [abridged(each, room) for each in texts]
            told = sentence.format(*short)
            if len(told) <= _LONGEST and all(short) and len({*short}) == len({*texts}):
                return told
        return ""

    return words


def prefixed(beginning: str, detail: Callable[[], str]) -> Callable[[], str]:
    """A sentence with a beginning."""

    def words() -> str:
        rest = detail()
        return rest and beginning + rest

    return words


def shown(expression: Expression) -> str:
    """An expression within a sentence: simplified if that is no longer."""
    if isinstance(expression, Contraction):
        expression = _once(expression)
    value = repeated_value(expression)
    if value is not None:
        return str(value)
    return min((text(simplify(expression)), text(expression)), key=len)


_OMITTED = "..."
_GROUP = re.compile(r"[(\[]((?:[^()\[\]]|[(\[]\.{3}[)\]])*)[)\]]")


def abridged(written: str, room: int) -> str:
    """A formula with the innermost of its brackets left out until it fits; empty where it never does."""
    while len(written) > room:
        longest = max(
            (found for found in _GROUP.finditer(written) if found[1] != _OMITTED),
            key=lambda found: len(found[1]),
            default=None,
        )
        if longest is None:
            break
        opened, closed = longest.span(1)
        written = written[:opened] + _OMITTED + written[closed:]
    told = re.search("[A-Za-z0-9]", written.replace("[:, None]", ""))
    return written if told and len(written) <= room else ""


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
