"""Matrix notation for a flat product: a chain of matrix products, `diag`, `outer`, `trace`.

One index is summed at a time: a vector that hangs at an index is multiplied in, two matrices that meet
are joined, and a vector between two matrices becomes a diagonal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakSet

from symbolic.algebra.ordering import factor_order, name_of, term_order
from symbolic.algebra.weights import LONGEST, length
from symbolic.nodes import (
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.operations import diag, eye, matmul, multiply, outer, scale, sum, trace, transpose
from symbolic.printing.text_printer import reciprocal_of
from symbolic.sizes import Size
from symbolic.spelling import spell

symmetric_shown: WeakSet[Expression] = WeakSet()  # shown matrices that equal their transpose


@dataclass(frozen=True)
class Chain:
    """A matrix product in the making: its factors, and the labels at its two ends.

    `left` or `right` is None where the chain ends in a vector.
    """

    factors: tuple[Expression, ...]
    left: int | None
    right: int | None

    @cached_property
    def open(self) -> tuple[int, ...]:
        """The labels that are not summed yet."""
        return tuple(label for label in (self.left, self.right) if label is not None)

    def reversed(self) -> Chain:
        """The transposed product."""
        return Chain(tuple(flip(f) for f in reversed(self.factors)), self.right, self.left)

    def ending_at(self, label: int) -> Chain:
        """The chain, turned so that `label` is at its right end."""
        return self if self.right == label else self.reversed()

    def starting_at(self, label: int) -> Chain:
        """The chain, turned so that `label` is at its left end."""
        return self if self.left == label else self.reversed()


def flip(node: Expression) -> Expression:
    """The transpose, written as simply as it can be."""
    if node.rank < 2 or node in symmetric_shown:
        return node
    if isinstance(node, Iverson):
        return Iverson(node.shape[::-1], node.coefficients[::-1], node.offset, node.relation)
    if isinstance(node, Contraction):
        spelling = spell(node)
        if spelling.operation == "transpose":
            return spelling.operands[0]
        if spelling.operation in ("diag", "eye"):
            return node
        if spelling.operation == "filled":
            axes = tuple(range(node.rank))
            sizes = dict(enumerate(node.shape[::-1]))
            return Contraction((), (), axes, sizes, node.coefficient)
    if isinstance(node, Sum):
        terms = [flip(term) for term in node.terms]
        if _turned(terms) <= _turned(node.terms):
            return Sum(sorted(terms, key=term_order))
    return transpose(node)


def _turned(terms: Sequence[Expression]) -> int:
    return len(
        [t for t in terms if isinstance(t, Contraction) and spell(t).operation == "transpose"]
    )


def _transposes(chain: Chain) -> int:
    return _turned(chain.factors)


class NoMatrixFormError(Exception):
    """The product has no form in matrix notation."""


def matrix_form(
    tensors: list[tuple[Expression, tuple[int, ...]]],
    output: tuple[int, ...],
    sizes: dict[int, Size],
) -> list[Expression]:
    """The product as the factors of one chain (often just one), without scalars."""
    if not tensors and not output:
        return []
    if len(output) > 2 or any(node.rank > 2 for node, _ in tensors):
        raise NoMatrixFormError
    delta = len(output) == 2 and output[0] == output[1]
    target = output[:1] if delta else output
    chains, scalars = _sum_all(_start(tensors), target)
    if delta:
        vectors = [_vector(chain) for chain in chains]
        if not vectors:
            return [*scalars, eye(sizes[output[0]])]
        return [*scalars, diag(hadamard(vectors))]
    if not chains and output:
        raise NoMatrixFormError
    return [*scalars, *_close(chains, target, sizes)]


def _start(tensors: list[tuple[Expression, tuple[int, ...]]]) -> list[Chain]:
    chains = []
    squares: dict[int, list[Expression]] = {}
    for node, labels in tensors:
        if len(labels) == 2 and labels[0] == labels[1]:
            squares.setdefault(labels[0], []).append(node)
        else:
            chains.append(Chain((node,), labels[0], labels[1] if len(labels) > 1 else None))
    for label, nodes in squares.items():
        chains.append(Chain((Contraction([hadamard(nodes)], [(0, 0)], (0,)),), label, None))
    return chains


def _sum_all(chains: list[Chain], output: tuple[int, ...]) -> tuple[list[Chain], list[Expression]]:
    """Sum every label that is not in the output; scalars that come out are returned apart."""
    scalars: list[Expression] = []
    while True:
        chains = _merge_parallel(chains, output)
        scalars.extend(chained(chain.factors) for chain in chains if not chain.open)
        chains = [chain for chain in chains if chain.open]
        touching: dict[int, list[Chain]] = {}
        for chain in chains:
            for label in dict.fromkeys(chain.open):
                touching.setdefault(label, []).append(chain)
        labels = touching.keys() - set(output)
        if not labels:
            return chains, scalars
        label = min(labels, key=lambda x: _difficulty(touching[x], x))
        at = touching[label]
        rest = [chain for chain in chains if label not in chain.open]
        vectors = [chain for chain in at if len(chain.open) == 1]
        matrices = [chain for chain in at if len(chain.open) == 2]
        if len(matrices) > 2:
            raise NoMatrixFormError
        joined = _join(label, vectors, matrices)
        if joined.open:
            rest.append(joined)
        else:
            scalars.append(chained(joined.factors))
        chains = rest


def _difficulty(at: list[Chain], label: int) -> tuple[int, int, int]:
    vectors = [chain for chain in at if len(chain.open) == 1]
    matrices = [chain for chain in at if len(chain.open) == 2]
    if len(matrices) <= 1 and vectors:
        order = 0 if matrices else 1
    elif len(matrices) == 2:
        order = 2 if not vectors else 3
    elif len(matrices) == 1:
        order = 4
    else:
        order = 5
    return order, len(vectors), label


def _join(label: int, vectors: list[Chain], matrices: list[Chain]) -> Chain:
    """Sum over one label the product of the chains that have it."""
    if len(matrices) == 2:
        left, right = matrices[0].ending_at(label), matrices[1].starting_at(label)
        middle = (diag(hadamard([_vector(v) for v in vectors])),) if vectors else ()
        if left.left is not None and left.left == right.right:
            loop = Chain(left.factors + middle + right.factors, left.left, left.left)
            return _closed_loop(loop)
        joined = Chain(left.factors + middle + right.factors, left.left, right.right)
        return min((joined, joined.reversed()), key=_transposes)
    if len(matrices) == 1:
        matrix = matrices[0].ending_at(label)
        if not vectors:
            (turned,) = matrices
            axis = 1 if turned.right == label else 0
            return Chain((sum(chained(turned.factors), axis=axis),), matrix.left, None)
        if len(vectors) == 1:
            (vector,) = vectors
            return Chain(matrix.factors + _oriented(vector).factors, matrix.left, None)
        return Chain((*matrix.factors, hadamard([_vector(v) for v in vectors])), matrix.left, None)
    if len(vectors) == 1:
        return Chain((_sum_vector(vectors[0]),), None, None)
    first, *others = sorted(vectors, key=lambda chain: _vector_order(chain))
    ahead = tuple(flip(factor) for factor in reversed(_oriented(first).factors))
    if len(others) == 1:
        both = Chain(ahead + _oriented(others[0]).factors, None, None)
        return min((both, both.reversed()), key=_transposes)
    return Chain((*ahead, hadamard([_vector(v) for v in others])), None, None)


def _vector_order(chain: Chain) -> tuple[int, str]:
    return len(chain.factors), name_of(_vector(chain))


def _closed_loop(loop: Chain) -> Chain:
    """The trace of a product, turned so that it needs the fewest transposes."""
    turns = []
    for turn in (loop, loop.reversed()):
        for k in range(len(turn.factors)):
            turns.append(Chain(turn.factors[k:] + turn.factors[:k], None, None))
    best = min(
        turns,
        key=lambda chain: (
            _transposes(chain),
            isinstance(chain.factors[0], Variable),
            name_of(chained(chain.factors)),
        ),
    )
    return Chain((trace(chained(best.factors)),), None, None)


def _oriented(chain: Chain) -> Chain:
    """A vector chain with its vector at the right end."""
    return chain if chain.right is None else chain.reversed()


def _vector(chain: Chain) -> Expression:
    return chained(_oriented(chain).factors)


def _sum_vector(chain: Chain) -> Expression:
    vector = _vector(chain)
    if isinstance(vector, Elementwise) and vector.kernel.expr == kernel_symbol(0) ** 2:
        (inner,) = vector.operands
        return matmul(inner, inner)
    if isinstance(vector, Contraction) and spell(vector).operation == "diagonal":
        return trace(vector.operands[0])
    return sum(vector)


def _merge_parallel(chains: list[Chain], output: tuple[int, ...]) -> list[Chain]:
    """Chains between the same two labels become one entrywise product."""
    groups: dict[frozenset[int], list[Chain]] = {}
    for chain in chains:
        groups.setdefault(frozenset(chain.open), []).append(chain)
    met = Counter(label for chain in chains for label in chain.open)
    merged = []
    for labels, members in groups.items():
        if len(labels) < 2 or (len(members) == 1 and not _stands_alone(members[0], met, output)):
            merged.extend(members)
            continue
        a, b = sorted(labels, key=lambda x: output.index(x) if x in output else len(output) + x)
        straight = [chained(chain.starting_at(a).factors) for chain in members]
        across = [chained(chain.starting_at(b).factors) for chain in members]
        if _turned(across) < _turned(straight):
            a, b, straight = b, a, across
        summed_both = a not in output and b not in output
        alone = not any(
            labels & set(chain.open) for chain in chains if frozenset(chain.open) != labels
        )
        if summed_both and alone:
            merged.append(Chain((_sum_matrix(straight),), None, None))
        else:
            merged.append(Chain((hadamard(straight),), a, b))
    return merged


def _stands_alone(chain: Chain, met: Counter[int], output: tuple[int, ...]) -> bool:
    """Whether a matrix is summed over both its labels and meets no other factor."""
    return len(set(chain.open)) == 2 and all(
        met[label] == 1 and label not in output for label in chain.open
    )


def _sum_matrix(factors: list[Expression]) -> Expression:
    """sum(A*B), or trace(A @ B) where one of them would need a transpose."""
    if len(factors) == 2:
        first, second = factors
        turned = min(
            (flip(first), second),
            (flip(second), first),
            (first, flip(second)),
            (second, flip(first)),
            key=lambda pair: (_turned(pair), isinstance(pair[0], Variable), name_of(matmul(*pair))),
        )
        symmetric = first in symmetric_shown or second in symmetric_shown
        if _turned(turned) < _turned(factors) + symmetric:
            return trace(matmul(*turned))
    return sum(hadamard(factors))


def hadamard(factors: list[Expression]) -> Expression:
    """An entrywise product; quotients come last."""
    tops = [factor for factor in factors if reciprocal_of(factor) is None]
    ordered = sorted(tops, key=factor_order) + [f for f in factors if f not in tops]
    body = ordered[0]
    for factor in ordered[1:]:
        body = multiply(body, factor)
    return body


def chained(factors: tuple[Expression, ...]) -> Expression:
    body = factors[0]
    for factor in factors[1:]:
        body = matmul(body, factor)
    return body


def _close(
    chains: list[Chain], output: tuple[int, ...], sizes: dict[int, Size]
) -> list[Expression]:
    """What remains when every sum is done: one chain, or entrywise and outer products."""
    if not output:
        return []
    if len(output) == 1:
        vectors = chains
        if len(vectors) == 1:
            return list(_oriented(vectors[0]).factors)
        return [hadamard([_vector(chain) for chain in vectors])]
    row, column = output
    left = [_vector(c) for c in chains if c.open == (row,)]
    right = [_vector(c) for c in chains if c.open == (column,)]
    matrices = [c for c in chains if len(c.open) == 2]
    if not matrices:
        return [outer(hadamard(left), hadamard(right))]
    factors = list(matrices[0].starting_at(row).factors)
    if left:
        factors.insert(0, diag(hadamard(left)))
    last = factors[-1]
    if right and len(factors) > 1 and _is_entrywise(last) and not any(map(_is_diagonal, factors)):
        factors[-1] = multiply(last, hadamard(right))  # each column by an entry
    elif right:
        factors.append(diag(hadamard(right)))
    return factors


def _is_diagonal(node: Expression) -> bool:
    return isinstance(node, Contraction) and spell(node).operation == "diag"


def _is_entrywise(node: Expression) -> bool:
    """Whether a matrix is made of functions of entries, so that nobody reads it as a linear map."""
    if isinstance(node, Sum):
        constants = [
            term for term in node.terms if isinstance(term, Contraction) and not term.operands
        ]
        return all(_is_entrywise(term) for term in node.terms if term not in constants)
    if isinstance(node, Contraction) and node.operands:
        same = all(at == node.output for at in node.labels)
        return same and all(map(_is_entrywise, node.operands))
    return isinstance(node, Elementwise)


def turned_round(node: Expression) -> Expression:
    """The transpose of a shown matrix, its products turned round."""
    if isinstance(node, Contraction) and node not in symmetric_shown:
        spelling = spell(node)
        first, *others = spelling.operands or (node,)
        match spelling.operation:
            case "matmul" if first.rank == others[0].rank == 2:
                return matmul(turned_round(others[0]), turned_round(first))
            case "scale":
                return scale(spelling.detail, turned_round(first))
            case "outer":
                return outer(others[0], first)
            case "multiply" if first.rank == 0:
                return multiply(first, turned_round(others[0]))
            case "multiply" if others[0].rank == 0:
                return multiply(turned_round(first), others[0])
    return flip(node)


def is_shorter(across: Expression, straight: Expression) -> bool:
    """Whether the transpose of a whole is worth writing instead of the transposes of its parts."""
    longest = max(length(across), length(straight))
    return longest < LONGEST and len(str(across)) + 1 < len(str(straight))
