"""The order in which people write terms and factors."""

from __future__ import annotations

from symbolic.algebra.weights import LONGEST, length
from symbolic.nodes import Contraction, Expression, Named, Sum, Variable
from symbolic.printing.text_printer import is_full
from symbolic.spelling import spell


def term_order(term: Expression) -> tuple[bool, bool, bool, int, str]:
    """Positive terms first, constants before others, repeated ones last; longer ones first."""
    negative_term = leading_sign(term) < 0
    bare = (
        isinstance(term, Contraction) and not term.operands and len(set(term.output)) == term.rank
    )
    return (negative_term, not bare, not (bare or is_full(term)), -_weight(term), name_of(term))


def _weight(term: Expression) -> int:
    """The length of a term without its transposes, which do not make it more important."""
    return length(term) - 3 * name_of(term).count(".T")


def leading_sign(term: Expression) -> int:
    """-1 if the text of a term starts with a minus sign."""
    while isinstance(term, Contraction):
        if term.coefficient.could_extract_minus_sign():
            return -1
        if not term.operands or spell(term).operation not in (
            "scale",
            "matmul",
            "multiply",
            "broadcast",
        ):
            break
        term = term.operands[0]
    return 1


def name_of(node: Expression) -> str:
    """A text to sort by: what is written for short expressions, a digest for long ones."""
    return str(node) if length(node) < LONGEST else node.key.hex()


def factor_order(factor: Expression) -> tuple[int, str]:
    if isinstance(factor, (Variable, Named)):
        return 0, factor.name
    if isinstance(factor, Contraction):
        return 3, name_of(factor)
    return (2 if isinstance(factor, Sum) else 1), name_of(factor)
