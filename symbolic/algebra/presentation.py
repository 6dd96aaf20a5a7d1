"""From the canonical form to what a person writes: matrix products, `diag`, `outer`, fractions.

A flat product becomes a chain of matrix products by summing one index at a time: a vector that hangs
at an index is multiplied in, two matrices that meet are joined, and a vector between two
matrices becomes a diagonal. A product with no such form stays an `einsum`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import sympy

from symbolic.algebra.absorbing import absorb_brackets
from symbolic.algebra.contractions import is_symmetric
from symbolic.algebra.weights import LONGEST, length
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, Variable, kernel_symbol
from symbolic.operations import (
    constant,
    diag,
    divide,
    eye,
    matmul,
    mean,
    multiply,
    negative,
    outer,
    power,
    scale,
    sum,
    trace,
    transpose,
)
from symbolic.printing.text_printer import is_full, reciprocal_of
from symbolic.sizes import Size
from symbolic.spelling import spell
from symbolic.traverse import with_children

_presented: WeakKeyDictionary[Expression, Expression] = WeakKeyDictionary()


def present(expression: Expression) -> Expression:
    """A canonical expression in textbook notation."""
    stack = [expression]
    while stack:
        node = stack[-1]
        if node in _presented:
            stack.pop()
            continue
        turned = _with_sign_inside(node)
        waiting = [child for child in turned.children if child not in _presented]
        if waiting:
            stack.extend(reversed(waiting))
            continue
        children = tuple(_presented[child] for child in turned.children)
        _presented[node] = _present_node(with_children(turned, children))
        stack.pop()
    return _presented[expression]


def _with_sign_inside(node: Expression) -> Expression:
    """-(y - p) is (p - y): a minus sign goes into a sum that has a negative term."""
    if not isinstance(node, Contraction) or not node.coefficient.could_extract_minus_sign():
        return node
    for place, operand in enumerate(node.operands):
        if isinstance(operand, Sum) and any(_is_negative(term) for term in operand.terms):
            turned = Sum([negated(term) for term in operand.terms])
            operands = (*node.operands[:place], turned, *node.operands[place + 1 :])
            sizes = dict(enumerate(node.sizes))
            return Contraction(operands, node.labels, node.output, sizes, -node.coefficient)
    return node


def _is_negative(term: Expression) -> bool:
    return isinstance(term, Contraction) and term.coefficient.could_extract_minus_sign()


def negated(term: Expression) -> Expression:
    """A canonical term with the other sign."""
    if not isinstance(term, Contraction):
        return scale(-1, term)
    axes = tuple(range(term.rank))
    if term.coefficient == -1 and term.labels == (axes,) and term.output == axes:
        return term.operands[0]
    sizes = dict(enumerate(term.sizes))
    return Contraction(term.operands, term.labels, term.output, sizes, -term.coefficient)


def _present_node(node: Expression) -> Expression:
    match node:
        case Sum():
            return _sum(node)
        case Contraction():
            return _contraction(node)
        case Elementwise() if node.kernel.expr.is_Pow:
            return _power(node)
        case _:
            return node


def _sum(node: Sum) -> Sum:
    """The sum in reading order, a minus sign in front of the whole term it belongs to."""
    terms = sorted(node.terms, key=_term_order)
    return Sum([term if leading_sign(term) > 0 else negative(without_sign(term)) for term in terms])


def _power(node: Elementwise) -> Expression:
    """A negative power as one over a power."""
    exponent = node.kernel.expr.exp
    if exponent.is_Rational and exponent < 0 and exponent != -1:
        return power(power(node.operands[0], -exponent), -1)
    return node


def without_sign(term: Expression) -> Expression:
    """A term with the minus sign that it starts with taken away."""
    if not isinstance(term, Contraction):
        return term
    if term.coefficient.could_extract_minus_sign():
        if len(term.operands) == 1:
            return scale(-1, term)
        return Contraction(
            term.operands, term.labels, term.output, dict(enumerate(term.sizes)), -term.coefficient
        )
    first, *others = term.operands
    return with_children(term, (without_sign(first), *others))


def _term_order(term: Expression) -> tuple[bool, bool, bool, int, str]:
    """Positive terms first, constants before others, repeated ones last; longer ones first."""
    negative_term = leading_sign(term) < 0
    bare = (
        isinstance(term, Contraction) and not term.operands and len(set(term.output)) == term.rank
    )
    return (negative_term, not bare, not (bare or is_full(term)), -_weight(term), _name(term))


def _weight(term: Expression) -> int:
    """The length of a term without its transposes, which do not make it more important."""
    return length(term) - 3 * _name(term).count(".T")


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


# --- chains --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chain:
    """A matrix product in the making: its factors, and the labels at its two ends.

    `left` or `right` is None where the chain ends in a vector.
    """

    factors: tuple[Expression, ...]
    left: int | None
    right: int | None

    @property
    def open(self) -> tuple[int, ...]:
        """The labels that are not summed yet."""
        return tuple(label for label in (self.left, self.right) if label is not None)

    def reversed(self) -> Chain:
        """The transposed product."""
        return Chain(tuple(_flip(f) for f in reversed(self.factors)), self.right, self.left)

    def ending_at(self, label: int) -> Chain:
        """The chain, turned so that `label` is at its right end."""
        return self if self.right == label else self.reversed()

    def starting_at(self, label: int) -> Chain:
        """The chain, turned so that `label` is at its left end."""
        return self if self.left == label else self.reversed()


def _flip(node: Expression) -> Expression:
    """The transpose, written as simply as it can be."""
    if node.rank < 2 or is_symmetric(node):
        return node
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
        terms = [_flip(term) for term in node.terms]
        if _turned(terms) <= _turned(node.terms):
            return Sum(sorted(terms, key=_term_order))
    return transpose(node)


def _turned(terms: Sequence[Expression]) -> int:
    return len(
        [t for t in terms if isinstance(t, Contraction) and spell(t).operation == "transpose"]
    )


def _transposes(chain: Chain) -> int:
    return _turned(chain.factors)


class _NoMatrixFormError(Exception):
    """The product has no form in matrix notation."""


def _contraction(node: Contraction) -> Expression:
    if not node.operands:
        return _filled(node)
    scalars: list[Expression] = []
    tensors: list[tuple[Expression, tuple[int, ...]]] = []
    for operand, labels in zip(node.operands, node.labels, strict=True):
        if labels:
            tensors.append((operand, labels))
        else:
            scalars.append(operand)
    coefficient = node.coefficient
    tensors = absorb_brackets(tensors, node.output, dict(enumerate(node.sizes)))
    held = {label for _, labels in tensors for label in labels}
    output = tuple(label for label in node.output if label in held)
    if len(output) < len(node.output) and len(set(node.output)) < len(node.output):
        output = node.output  # a diagonal of something that is repeated along it
    sizes = dict(enumerate(node.sizes))
    try:
        body = _matrix_form(tensors, output, sizes)
    except _NoMatrixFormError:
        body = [_flat(tensors, output, sizes)]
    whole = _with_scalars(coefficient, scalars, body)
    if output == node.output:
        return whole
    return Contraction([whole], [output], node.output, sizes)


def _filled(node: Contraction) -> Expression:
    if spell(node).operation in ("constant", "eye", "filled"):
        return node
    pure = Contraction((), (), node.output, dict(enumerate(node.sizes)))
    return _with_scalars(node.coefficient, [], [pure])


def _flat(
    tensors: list[tuple[Expression, tuple[int, ...]]],
    output: tuple[int, ...],
    sizes: dict[int, Size],
) -> Contraction:
    return Contraction([t for t, _ in tensors], [at for _, at in tensors], output, sizes)


def _matrix_form(
    tensors: list[tuple[Expression, tuple[int, ...]]],
    output: tuple[int, ...],
    sizes: dict[int, Size],
) -> list[Expression]:
    """The product as the factors of one chain (often just one), without scalars."""
    if not tensors and not output:
        return []
    if len(output) > 2 or any(node.rank > 2 for node, _ in tensors):
        raise _NoMatrixFormError
    delta = len(output) == 2 and output[0] == output[1]
    target = output[:1] if delta else output
    chains, scalars = _sum_all(_start(tensors), target)
    if delta:
        vectors = [_vector(chain) for chain in chains]
        if not vectors:
            return [*scalars, eye(sizes[output[0]])]
        return [*scalars, diag(_hadamard(vectors))]
    if not chains and output:
        raise _NoMatrixFormError
    return [*scalars, *_close(chains, target, sizes)]


def _start(tensors: list[tuple[Expression, tuple[int, ...]]]) -> list[Chain]:
    chains = []
    for node, labels in tensors:
        if len(labels) == 2 and labels[0] == labels[1]:
            raise_diagonal = Contraction([node], [(0, 0)], (0,))
            chains.append(Chain((raise_diagonal,), labels[0], None))
        else:
            chains.append(Chain((node,), labels[0], labels[1] if len(labels) > 1 else None))
    return chains


def _sum_all(chains: list[Chain], output: tuple[int, ...]) -> tuple[list[Chain], list[Expression]]:
    """Sum every label that is not in the output; scalars that come out are returned apart."""
    scalars: list[Expression] = []
    while True:
        chains = _merge_parallel(chains, output)
        scalars.extend(_product(chain.factors) for chain in chains if not chain.open)
        chains = [chain for chain in chains if chain.open]
        labels = sorted({x for chain in chains for x in chain.open} - set(output))
        if not labels:
            return chains, scalars
        label = min(labels, key=lambda x: _difficulty(chains, x))
        at = [chain for chain in chains if label in chain.open]
        rest = [chain for chain in chains if label not in chain.open]
        vectors = [chain for chain in at if len(chain.open) == 1]
        matrices = [chain for chain in at if len(chain.open) == 2]
        if len(matrices) > 2:
            raise _NoMatrixFormError
        joined = _join(label, vectors, matrices)
        if joined.open:
            rest.append(joined)
        else:
            scalars.append(_product(joined.factors))
        chains = rest


def _difficulty(chains: list[Chain], label: int) -> tuple[int, int, int]:
    vectors = [c for c in chains if label in c.open and len(c.open) == 1]
    matrices = [c for c in chains if label in c.open and len(c.open) == 2]
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
        middle = (diag(_hadamard([_vector(v) for v in vectors])),) if vectors else ()
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
            return Chain((sum(_product(turned.factors), axis=axis),), matrix.left, None)
        if len(vectors) == 1:
            (vector,) = vectors
            return Chain(matrix.factors + _oriented(vector).factors, matrix.left, None)
        return Chain((*matrix.factors, _hadamard([_vector(v) for v in vectors])), matrix.left, None)
    if len(vectors) == 1:
        return Chain((_sum_vector(vectors[0]),), None, None)
    first, *others = sorted(vectors, key=lambda chain: _vector_order(chain))
    ahead = tuple(_flip(factor) for factor in reversed(_oriented(first).factors))
    if len(others) == 1:
        both = Chain(ahead + _oriented(others[0]).factors, None, None)
        return min((both, both.reversed()), key=_transposes)
    return Chain((*ahead, _hadamard([_vector(v) for v in others])), None, None)


def _vector_order(chain: Chain) -> tuple[int, str]:
    return len(chain.factors), _name(_vector(chain))


def _closed_loop(loop: Chain) -> Chain:
    """The trace of a product, turned so that it needs the fewest transposes."""
    turns = []
    for turn in (loop, loop.reversed()):
        for k in range(len(turn.factors)):
            turns.append(Chain(turn.factors[k:] + turn.factors[:k], None, None))
    best = min(turns, key=lambda chain: (_transposes(chain), _name(_product(chain.factors))))
    return Chain((trace(_product(best.factors)),), None, None)


def _oriented(chain: Chain) -> Chain:
    """A vector chain with its vector at the right end."""
    return chain if chain.right is None else chain.reversed()


def _vector(chain: Chain) -> Expression:
    return _product(_oriented(chain).factors)


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
    merged = []
    for labels, members in groups.items():
        if len(labels) < 2 or (len(members) == 1 and not _stands_alone(members[0], chains, output)):
            merged.extend(members)
            continue
        a, b = sorted(labels, key=lambda x: output.index(x) if x in output else len(output) + x)
        straight = [_product(chain.starting_at(a).factors) for chain in members]
        across = [_product(chain.starting_at(b).factors) for chain in members]
        if _turned(across) < _turned(straight):
            a, b, straight = b, a, across
        summed_both = a not in output and b not in output
        alone = not any(
            labels & set(chain.open) for chain in chains if frozenset(chain.open) != labels
        )
        if summed_both and alone:
            merged.append(Chain((_sum_matrix(straight),), None, None))
        else:
            merged.append(Chain((_hadamard(straight),), a, b))
    return merged


def _stands_alone(chain: Chain, chains: list[Chain], output: tuple[int, ...]) -> bool:
    """Whether a matrix is summed over both its labels and meets no other factor."""
    others = {label for each in chains if each is not chain for label in each.open}
    return len(set(chain.open)) == 2 and not set(chain.open) & (others | set(output))


def _sum_matrix(factors: list[Expression]) -> Expression:
    """sum(A*B), or trace(A @ B) where one of them would need a transpose."""
    if len(factors) == 2:
        first, second = factors
        turned = min(((_flip(first), second), (first, _flip(second))), key=_turned)
        if _turned(turned) < _turned(factors):
            return trace(matmul(*turned))
    return sum(_hadamard(factors))


def _hadamard(factors: list[Expression]) -> Expression:
    """An entrywise product; quotients come last."""
    tops = [factor for factor in factors if reciprocal_of(factor) is None]
    ordered = sorted(tops, key=_factor_order) + [f for f in factors if f not in tops]
    body = ordered[0]
    for factor in ordered[1:]:
        body = multiply(body, factor)
    return body


def _name(node: Expression) -> str:
    """A text to sort by: what is written for short expressions, a digest for long ones."""
    return str(node) if length(node) < LONGEST else node.key.hex()


def _factor_order(factor: Expression) -> tuple[int, str]:
    if isinstance(factor, (Variable, Named)):
        return 0, factor.name
    if isinstance(factor, Contraction):
        return 3, _name(factor)
    return (2 if isinstance(factor, Sum) else 1), _name(factor)


def _product(factors: tuple[Expression, ...]) -> Expression:
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
        return [_hadamard([_vector(chain) for chain in vectors])]
    row, column = output
    left = [_vector(c) for c in chains if c.open == (row,)]
    right = [_vector(c) for c in chains if c.open == (column,)]
    matrices = [c for c in chains if len(c.open) == 2]
    if not matrices:
        return [outer(_hadamard(left), _hadamard(right))]
    factors = list(matrices[0].starting_at(row).factors)
    if left:
        factors.insert(0, diag(_hadamard(left)))
    if right:
        factors.append(diag(_hadamard(right)))
    return factors


def _as_mean(bottom: sympy.Expr, body: Expression) -> tuple[sympy.Expr, list[Expression]]:
    """A sum divided by the number of its terms is a mean."""
    if bottom != 1 and isinstance(body, Contraction) and body.operands:
        spelling = spell(body)
        if spelling.operation == "sum":
            (operand,) = spelling.operands
            axes, keepdims = spelling.detail
            over = range(operand.rank) if axes is None else axes
            count = sympy.Mul(*(operand.shape[axis] for axis in over))
            rest = bottom / count
            if sympy.fraction(rest)[1] == 1:
                return rest, [mean(operand, axes, keepdims)]
    return bottom, [body]


def _with_scalars(
    coefficient: sympy.Expr, scalars: list[Expression], body: list[Expression]
) -> Expression:
    """The chain with what multiplies it in front and what divides it behind."""
    top, bottom = sympy.fraction(coefficient)
    if len(body) == 1:
        bottom, body = _as_mean(bottom, body[0])
    below = [inner for s in scalars if (inner := reciprocal_of(s)) is not None]
    above = [s for s in scalars if reciprocal_of(s) is None]
    head = [factor for factor in body if factor.rank == 0]
    chain = [factor for factor in body if factor.rank > 0]
    above = sorted(above + head, key=_factor_order)
    prefix: Expression | None = None
    for factor in above:
        prefix = factor if prefix is None else multiply(prefix, factor)
    if prefix is not None and top != 1:
        first, *others = above
        prefix = scale(top, first)
        for factor in others:
            prefix = multiply(prefix, factor)
    if chain:
        first = chain[0]
        if prefix is not None:
            first = multiply(prefix, first)
        elif top != 1:
            first = scale(top, first)
        result = _product((first, *chain[1:]))
    elif prefix is not None:
        result = prefix
    else:
        result = constant(top)
    if bottom != 1:
        result = scale(1 / bottom, result)
    for factor in below:
        result = divide(result, factor)
    return result
