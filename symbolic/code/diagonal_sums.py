"""Diagonal matrices in products and sums: numbers on the diagonal, and one matrix with their sum.

`diag(u) @ diag(v)` is `diag(u*v)` and `eye(n) - diag(u)` is `diag(1 - u)`: products and differences are
taken of n numbers, where their factors and terms can be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

import sympy

from symbolic.code.cancellation import factor_and_core, scaled
from symbolic.equal_labels import EqualLabels
from symbolic.nodes import Contraction, Expression, Sum


def with_one_diagonal(total: Sum, sum_of: Callable[[Sum], Expression]) -> Expression:
    """A sum in which terms with the same diagonal are one; `sum_of` says what sums on it become.

    >>> from symbolic.operations import diag, eye
    >>> from symbolic.variables import dims, vector
    >>> n, = dims("n")
    >>> with_one_diagonal(eye(n) - diag(vector("u", n)), lambda inner: inner)
    diag(1 - u)
    """
    places: dict[tuple[int, ...], list[int]] = {}
    for place, term in enumerate(total.terms):
        _, core = factor_and_core(term)
        if core is not None and _is_zero_off_diagonal(core):
            places.setdefault(_pattern(core), []).append(place)
    joined = {members[0]: members for members in places.values() if len(members) > 1}
    if not joined:
        return total
    gone = {place for members in joined.values() for place in members}
    terms = []
    for place, term in enumerate(total.terms):
        if place in joined:
            diagonals = [factor_and_core(total.terms[k]) for k in joined[place]]
            terms.append(_together(diagonals, sum_of))
        elif place not in gone:
            terms.append(term)
    return terms[0] if len(terms) == 1 else Sum(terms)


def without_diagonal_factors(node: Expression) -> Expression:
    """A product with the diagonals of its matrices as factors; a diagonal of a product is one array.

    >>> from symbolic.operations import diag
    >>> from symbolic.variables import dims, vector
    >>> n, = dims("n")
    >>> without_diagonal_factors(diag(vector("u", n)) @ diag(vector("v", n)))
    diag(u*v)
    """
    if not isinstance(node, Contraction):
        return node
    if not any(map(_is_zero_off_diagonal, node.operands)):
        return _placed_last(node)
    equal = EqualLabels[int]()
    factors: list[tuple[Expression, tuple[int, ...]]] = []
    for operand, at in zip(node.operands, node.labels, strict=True):
        if _is_zero_off_diagonal(operand):
            there = equal.read_at(operand.output, at)
            factors.append((_on_diagonal(operand), tuple(there.values())))
        else:
            factors.append((operand, at))
    labels = [tuple(map(equal.root, at)) for _, at in factors]
    output = tuple(map(equal.root, node.output))
    coefficient = node.coefficient
    for place in reversed(range(len(factors))):
        ones, others = (
            factors[place][0],
            [x for k, at in enumerate(labels) if k != place for x in at],
        )
        if _is_constant(ones) and set(labels[place]) <= {*others, *output}:
            coefficient = coefficient * ones.coefficient
            del factors[place], labels[place]
    operands = [operand for operand, _ in factors]
    sizes = dict(enumerate(node.sizes))
    return _placed_last(Contraction(operands, labels, output, sizes, coefficient))


def _is_constant(node: Expression) -> TypeGuard[Contraction]:
    return isinstance(node, Contraction) and not (node.operands or _is_zero_off_diagonal(node))


def _placed_last(node: Contraction) -> Expression:
    """A diagonal whose entries are a product of several arrays of its length: the product is a node."""
    entries = _on_diagonal(node)
    if not _is_zero_off_diagonal(node) or len(node.operands) < 2 or entries.rank > 1 or node.summed:
        return node
    return Contraction([entries], [(0,)], [node.output.index(node.output[0])] * node.rank)


def _is_zero_off_diagonal(node: Expression) -> TypeGuard[Contraction]:
    """Whether all entries off a diagonal are 0, because two axes are one index."""
    return isinstance(node, Contraction) and len(set(node.output)) < len(node.output)


def _on_diagonal(node: Contraction) -> Expression:
    """The entries on the diagonal."""
    kept = tuple(dict.fromkeys(node.output))
    sizes = dict(enumerate(node.sizes))
    if node.coefficient == 1 and node.labels == (kept,):
        return node.operands[0]
    return Contraction(node.operands, node.labels, kept, sizes, node.coefficient)


def _pattern(term: Contraction) -> tuple[int, ...]:
    """Which axes of the result are the same index."""
    first = list(dict.fromkeys(term.output))
    return tuple(first.index(label) for label in term.output)


def _together(
    diagonals: list[tuple[sympy.Expr, Expression | None]], sum_of: Callable[[Sum], Expression]
) -> Expression:
    inner = []
    pattern: tuple[int, ...] = ()
    for factor, core in diagonals:
        assert isinstance(core, Contraction)
        pattern = _pattern(core)
        inner.append(scaled(factor, _on_diagonal(core)))
    found = sum_of(Sum(inner))
    return Contraction([found], [tuple(range(found.rank))], pattern)
