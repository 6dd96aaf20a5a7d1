"""Expressions with products and sums opened: the form in which slips are one small edit.

A product is one contraction of factors that are no products; a sum one list of terms that are no
sums. Nothing is multiplied out and nothing is simplified.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from symbolic.algebra.contractions import Product
from symbolic.nodes import Contraction, Expression, Sum
from symbolic.traverse import postorder, unfold, with_children

Factor = tuple[Expression, tuple[int, ...]]


def flat(root: Expression) -> Expression:
    """The expression with nested products, nested sums and named intermediates opened."""
    new: dict[Expression, Expression] = {}
    whole = unfold(root)
    for node in postorder(whole):
        rebuilt = with_children(node, tuple(new[child] for child in node.children))
        if isinstance(rebuilt, Contraction):
            rebuilt = _product(rebuilt)
        elif isinstance(rebuilt, Sum):
            rebuilt = total(part for term in rebuilt.terms for part in terms_of(term))
        new[node] = rebuilt
    return new[whole]


def _product(node: Contraction) -> Expression:
    product = Product(node.coefficient, dict(enumerate(node.sizes)))
    product.longest = sys.maxsize
    for operand, labels in zip(node.operands, node.labels, strict=True):
        product.multiply(operand, labels, whole=True)
    return product.finish(node.output)


def terms_of(node: Expression) -> list[Expression]:
    """The terms of a sum, also of one that is only scaled, repeated or transposed."""
    if isinstance(node, Sum):
        return list(node.terms)
    if isinstance(node, Contraction) and len(node.operands) == 1:
        inner = node.operands[0]
        if isinstance(inner, Sum) and not node.summed:
            return [_product(with_operand(node, 0, term)) for term in inner.terms]
    return [node]


def multiplied_out(node: Expression) -> list[Expression]:
    """The terms of an expression with the sums among the factors of its products multiplied out."""
    done: list[Expression] = []
    waiting = terms_of(node)
    while waiting and len(done) + len(waiting) <= MOST_TERMS:
        term = waiting.pop(0)
        place = _sum_among(term)
        if place is None:
            done.append(term)
        else:
            assert isinstance(term, Contraction)
            inner = term.operands[place]
            waiting[:0] = [_product(with_operand(term, place, part)) for part in terms_of(inner)]
    return done + waiting


MOST_TERMS = 12


def _sum_among(term: Expression) -> int | None:
    if not isinstance(term, Contraction):
        return None
    return next((k for k, each in enumerate(term.operands) if isinstance(each, Sum)), None)


def with_operand(node: Contraction, place: int, operand: Expression) -> Contraction:
    """A product with one of its factors replaced."""
    operands = (*node.operands[:place], operand, *node.operands[place + 1 :])
    return Contraction(
        operands, node.labels, node.output, dict(enumerate(node.sizes)), node.coefficient
    )


def with_factors(
    node: Contraction,
    factors: Iterable[Factor],
    output: Sequence[int] | None = None,
    coefficient: object = None,
) -> Contraction:
    """A product with other factors, in the labels of the old one."""
    chosen = list(factors)
    return Contraction(
        [factor for factor, _ in chosen],
        [at for _, at in chosen],
        node.output if output is None else output,
        dict(enumerate(node.sizes)),
        node.coefficient if coefficient is None else coefficient,
    )


def factors_of(node: Contraction) -> list[Factor]:
    """The factors of a product with their labels."""
    return list(zip(node.operands, node.labels, strict=True))


def total(terms: Iterable[Expression]) -> Expression:
    """The sum of one term or more."""
    chosen = list(terms)
    return chosen[0] if len(chosen) == 1 else Sum(chosen)
