"""Which arguments a finite result vouches for, so that they need no test of their own.

An infinite or NaN entry of `X` makes `X @ w` infinite or NaN, whatever `w` is: a sum is finite only
if all its terms are, and a product only if all its factors are (0 times infinity is NaN). So a
result that is finite says that the data were, and large data are not read once more to test them.
The same holds for `abs`, roots and `log`, but not for `exp`, `1/x`, `max`, `where`, or entries that a slice
leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeGuard

import numpy as np
import sympy

from symbolic.domains import DOMAINS
from symbolic.equal_labels import EqualLabels
from symbolic.functions import log1p
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Named,
    Sum,
    Variable,
)
from symbolic.traverse import postorder

_STRUCTURED = ("onehot", "diagonal", "lower")  # domains with zeros that products may leave out
_FULL = ("softmax", "log_softmax", "logsumexp", "norm")  # functions with no zeros by structure
_UNBOUNDED = (sympy.Abs, sympy.log, log1p)  # finite for finite numbers only


def vouched(results: Sequence[Expression]) -> list[frozenset[Variable]]:
    """For each result, the variables that are finite wherever all entries of the result are.

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w = matrix("X", n, d), vector("w", d)
    >>> [sorted(map(str, each)) for each in vouched([X @ w, X @ exp(w)])]
    [['X', 'w'], ['X']]
    """
    full = _full_nodes(results)
    found = []
    for root in results:
        reached = {root}
        stack = [root]
        while stack:
            new = set(_reflected(stack.pop(), full)) - reached
            reached |= new
            stack.extend(new)
        found.append(
            frozenset(
                node
                for node in reached
                if isinstance(node, Variable) and DOMAINS[node.domain].entrywise
            )
        )
    return found


def _reflected(node: Expression, full: set[Expression]) -> Iterator[Expression]:
    """The children of which every entry is finite where the node is."""
    match node:
        case Named():
            yield node.meaning
        case Sum():
            yield from node.terms
        case Contraction() if node.coefficient != 0:
            factors = _factors(node)
            holes = [place for place, (factor, _) in enumerate(factors) if factor not in full]
            for place, (factor, labels) in enumerate(factors):
                if holes in ([], [place]) and len(set(labels)) == len(labels):
                    yield factor
        case Elementwise():
            kept = _finite_parts(node.kernel.expr)
            for symbol, operand in zip(node.kernel.variables, node.operands, strict=True):
                if symbol in kept:
                    yield operand


def _factors(node: Contraction) -> list[tuple[Expression, list[int]]]:
    """The operands with their labels; of a diagonal matrix its diagonal, whose labels are the same."""
    equal = EqualLabels[int]()
    found: list[tuple[Expression, tuple[int, ...]]] = []
    for operand, labels in zip(node.operands, node.labels, strict=True):
        if not _is_product_on_diagonal(operand):
            found.append((operand, labels))
            continue
        outer = equal.read_at(operand.output, labels)
        parts = zip(operand.operands, operand.labels, strict=True)
        found.extend((part, tuple(outer[each] for each in at)) for part, at in parts)
    return [(factor, [equal.root(label) for label in labels]) for factor, labels in found]


def _is_product_on_diagonal(node: Expression) -> TypeGuard[Contraction]:
    """Whether a node places products of entries on a diagonal: nothing is summed."""
    return (
        isinstance(node, Contraction)
        and len(set(node.output)) < len(node.output)
        and node.coefficient != 0
        and not node.summed
    )


def _finite_parts(expression: sympy.Expr) -> set[sympy.Expr]:
    """Symbols that are finite where a scalar expression is: through sums, products, powers, logarithms."""
    found: set[sympy.Expr] = set()
    stack = [expression]
    while stack:
        part = stack.pop()
        if part.is_Symbol:
            found.add(part)
        elif part.is_Add or part.is_Mul:
            stack.extend(part.args)
        elif part.is_Pow and part.exp.is_Rational and part.exp > 0:
            stack.append(part.base)
        elif isinstance(part, _UNBOUNDED):
            stack.extend(part.args)
    return found


def _full_nodes(results: Sequence[Expression]) -> set[Expression]:
    """The nodes without zeros by structure, with which products are computed for every entry."""
    full: set[Expression] = set()
    for node in postorder(results):
        match node:
            case Variable():
                is_full = node.domain not in _STRUCTURED
            case Sum():
                is_full = not full.isdisjoint(node.terms)
            case Contraction():
                once = len(set(node.output)) == len(node.output)
                is_full = once and node.coefficient != 0 and full.issuperset(node.operands)
            case Elementwise():
                is_full = full.issuperset(node.operands)
            case Apply():
                is_full = node.function in _FULL
            case _:
                is_full = isinstance(node, Named) and node.meaning in full
        if is_full:
            full.add(node)
    return full


@cache
def products_keep_infinities() -> bool:
    """Whether the matrix products of this NumPy multiply zeros: some libraries skip them."""
    for size in (2, 5, 40):
        for dtype in (np.float64, np.float32):
            bad = np.full((size, size), np.nan, dtype)
            good = np.zeros((size, size), dtype)
            products = (
                bad @ good, good @ bad, bad.T @ good, good @ bad.T, bad @ good[0], good[0] @ bad,
                bad.T @ good[0], good @ bad[0], good[0] @ bad[0],
            )  # fmt: skip
            if not all(np.isnan(product).all() for product in products):
                return False
    return True
