"""Laws of inverses and determinants: A inv(A) = I in products, inv(inv(A)) = A, inv(c*A) = inv(A)/c."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import sympy

from symbolic.algebra.contractions import Factor, Product, is_symmetric
from symbolic.algebra.orientation import turned
from symbolic.domains import domain_of
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Named,
    Variable,
    kernel_symbol,
)

_BY_TRANSPOSE = frozenset({"inv", "det", "logdet", "svdvals", "expm"})


def matrix_identity(
    node: Apply, laws: frozenset[str], canonical: Callable[[Expression], Expression]
) -> Expression | None:
    """What a function of a canonical matrix is by a law of inverses or determinants."""
    if node.function == "expm_frechet":
        return _along_identity(node)
    if node.operand.rank != 2 or node.function not in _BY_TRANSPOSE:
        return None
    if "inverse" in laws:
        for law in (_of_inverse, _of_multiple, _of_diagonal):
            found = law(node)
            if found is not None:
                return found
        if node.function == "inv" and _domain(node.operand) == "orthogonal":
            return _transposed(node.operand)
    return _upright(node, canonical)


def _along_identity(node: Apply) -> Expression | None:
    """expm_frechet(A, c*I) = c*expm(A), since A and I commute."""
    matrix, direction = node.operands
    if not isinstance(direction, Contraction) or direction.operands or direction.output != (0, 0):
        return None
    axes = (0, 1)
    return Contraction([Apply("expm", matrix)], [axes], axes, coefficient=direction.coefficient)


def _of_inverse(node: Apply) -> Expression | None:
    """inv(inv(A)) = A, det(inv(A)) = 1/det(A), logdet(inv(A)) = -logdet(A)."""
    inner = node.operand
    if not isinstance(inner, Apply) or inner.function != "inv":
        return None
    if node.function == "inv":
        return inner.operand
    if node.function == "det":
        x = kernel_symbol(0)
        return Elementwise(sympy.Lambda((x,), 1 / x), [Apply("det", inner.operand)])
    if node.function == "logdet":
        return Contraction([Apply("logdet", inner.operand)], [()], (), coefficient=-1)
    return None


def _of_multiple(node: Apply) -> Expression | None:
    """inv(c*A) = inv(A)/c and det(c*A) = c**n * det(A), c a number or a scalar factor."""
    inner = node.operand
    if not isinstance(inner, Contraction) or node.function not in ("inv", "det"):
        return None
    scalars = [operand for operand in inner.operands if not operand.rank]
    if (inner.coefficient in (0, 1) and not scalars) or len(scalars) == len(inner.operands):
        return None
    rest = [(o, at) for o, at in zip(inner.operands, inner.labels, strict=True) if o.rank]
    product = Product(sympy.S.One, dict(enumerate(inner.sizes)))
    product.factors = rest
    pure = Apply(node.function, product.finish(inner.output))
    exponent = sympy.Integer(-1) if node.function == "inv" else sympy.sympify(inner.shape[0])
    x = kernel_symbol(0)
    powers = [Elementwise(sympy.Lambda((x,), x**exponent), [each]) for each in scalars]
    axes = tuple(range(pure.rank))
    return Contraction(
        [*powers, pure],
        [*[()] * len(powers), axes],
        axes,
        coefficient=inner.coefficient**exponent,
    )


def _of_diagonal(node: Apply) -> Expression | None:
    """inv(diag(v)) = diag(1/v), inv(eye) = eye, and their determinants."""
    inner = node.operand
    if not isinstance(inner, Contraction) or inner.output != (inner.output[0],) * 2:
        return None
    diagonal = Contraction(
        inner.operands,
        inner.labels,
        inner.output[:1],
        dict(enumerate(inner.sizes)),
        inner.coefficient,
    )
    x = kernel_symbol(0)
    if node.function == "inv":
        entries = Elementwise(sympy.Lambda((x,), 1 / x), [diagonal])
        return Contraction([entries], [(0,)], (0, 0))
    if node.function == "logdet":
        logs = Elementwise(sympy.Lambda((x,), sympy.log(sympy.Abs(x))), [diagonal])
        return Contraction([logs], [(0,)], ())
    return Apply("prod", diagonal) if node.function == "det" else None


def _upright(node: Apply, canonical: Callable[[Expression], Expression]) -> Expression | None:
    """A function of A.T by that of A, the same one of the two each time.

    The canonical form of A decides: a rule that turned a matrix to one whose canonical form has to be
    turned back would never end.
    """
    own = (_turns(node.operand), node.operand.key)
    other = turned(node.operand)
    if own <= (_turns(other), other.key):
        return None
    other = canonical(other)
    if own <= (_turns(other), other.key):
        return None
    found = Apply(node.function, other)
    return _transposed(found) if node.function in ("inv", "expm") else found


def _turns(node: Expression) -> int:
    """How much of a matrix is written transposed."""
    from symbolic.algebra.weights import length

    return length(node)


def _transposed(node: Expression) -> Expression:
    if is_symmetric(node):
        return node
    return Contraction([node], [(0, 1)], (1, 0))


def _domain(node: Expression) -> str | None:
    while isinstance(node, Named):
        node = node.meaning
    return domain_of(node.domain).name if isinstance(node, Variable) else None


def use_inverses(product: Product, output: tuple[int, ...], laws: frozenset[str]) -> None:
    """A inv(A) and inv(A) A become the identity, V.T V too where the columns of V are orthonormal."""
    if "inverse" not in laws:
        return
    while any(
        isinstance(node, Apply) or _domain(node) == "orthogonal" for node, _ in product.factors
    ):
        factors = product.resolved()
        target = {product.root(label) for label in output}
        found = next(_pairs(factors, target), None)
        if found is None:
            if _shortened(product, factors, target):
                continue
            return
        gone, ends, inner = found
        product.factors = [each for i, each in enumerate(factors) if i not in gone]
        product.touched = {x for x in product.touched if product.root(x) not in inner}
        product.equate(*ends)


def _shortened(product: Product, factors: list[Factor], target: set[int]) -> bool:
    """inv(A B) A = inv(B) and B inv(A B) = inv(A) for square A and B, in place."""
    for place, (node, at) in enumerate(factors):
        if not isinstance(node, Apply) or node.function != "inv" or len(set(at)) != 2:
            continue
        chain = _square_chain(node.operand)
        if chain is None:
            continue
        for end, label in ((0, at[1]), (-1, at[0])):
            matrix, turned_round = chain[end]
            for other, (twin, there) in enumerate(factors):
                ahead = (there[::-1] if turned_round else there) if twin is matrix else ()
                if len(ahead) != 2 or ahead[0 if end == 0 else 1] != label:
                    continue
                far = ahead[1 if end == 0 else 0]
                if far == label or not _only_in(label, {place, other}, factors, target):
                    continue
                rest = chain[1:] if end == 0 else chain[:-1]
                inverse = Apply("inv", _chained(rest))
                labels = (at[0], far) if end == 0 else (far, at[1])
                kept = [each for i, each in enumerate(factors) if i not in (place, other)]
                product.factors = [*kept, (inverse, labels)]
                product.touched = {x for x in product.touched if product.root(x) != label}
                return True
    return False


Chain = list[tuple[Expression, bool]]  # matrices of a product, and whether each stands transposed


def _square_chain(node: Expression) -> Chain | None:
    """A matrix that is a product of two or more square matrices, from its rows to its columns."""
    if not isinstance(node, Contraction) or node.coefficient != 1 or len(node.output) != 2:
        return None
    left = list(zip(node.operands, node.labels, strict=True))
    if len(left) < 2 or any(operand.shape != node.shape for operand, _ in left):
        return None
    chain: Chain = []
    label = node.output[0]
    while left:
        ahead = [each for each in left if label in each[1]]
        if len(ahead) != 1 or len(set(ahead[0][1])) != 2:
            return None
        operand, at = ahead[0]
        left.remove(ahead[0])
        chain.append((operand, at[0] != label))
        label = at[1] if at[0] == label else at[0]
    return chain if label == node.output[1] else None


def _chained(chain: Chain) -> Expression:
    product = Product(sympy.S.One, dict.fromkeys(range(len(chain) + 1), chain[0][0].shape[0]))
    for k, (matrix, turned_round) in enumerate(chain):
        product.multiply(matrix, (k + 1, k) if turned_round else (k, k + 1), whole=True)
    return product.finish((0, len(chain)))


def _pairs(
    factors: list[Factor], target: set[int]
) -> Iterator[tuple[set[int], tuple[int, int], set[int]]]:
    """Factors that multiply to an identity: their places, the labels it joins, those summed away."""
    for place, (node, at) in enumerate(factors):
        if len(at) != 2 or at[0] == at[1]:
            continue
        if isinstance(node, Apply) and node.function == "inv":
            for side in (0, 1):  # inv(A)[i, k] A[k, j] joins at k, A[i, k] inv(A)[k, j] at k
                inner, end = at[1 - side], at[side]
                for gone, last, summed in _operand_at(
                    node.operand, inner, 1 - side, factors, place, target
                ):
                    yield {place, *gone}, (end, last), {inner, *summed}
        elif _domain(node) == "orthogonal":
            sides = (0, 1) if node.shape[0] == node.shape[1] else (0,)
            for other, side in itertools.product(range(place + 1, len(factors)), sides):
                twin, there = factors[other]
                if twin is not node or there[side] != at[side] or there[0] == there[1]:
                    continue
                if _only_in(at[side], {place, other}, factors, target):
                    yield {place, other}, (at[1 - side], there[1 - side]), {at[side]}


def _only_in(label: int, places: set[int], factors: list[Factor], target: set[int]) -> bool:
    return label not in target and not any(
        label in at for i, (_, at) in enumerate(factors) if i not in places
    )


def _operand_at(
    operand: Expression,
    inner: int,
    side: int,
    factors: list[Factor],
    place: int,
    target: set[int],
) -> Iterator[tuple[set[int], int, set[int]]]:
    """Where the inverted matrix stands with one axis at `inner`: its places, its other label, its sums.

    With `side` 1 the matrix follows its inverse: its rows are at `inner`; with 0 it stands ahead.
    """
    for gone, labels, summed in _matched(operand, inner, 0 if side else 1, factors, {place}):
        row, column = labels
        meets, last = (row, column) if side else (column, row)
        if meets != inner or last == inner:
            continue
        every = {place, *gone}
        if all(_only_in(label, every, factors, target) for label in {inner, *summed}):
            yield gone, last, summed
    if is_symmetric(operand):
        return


def _matched(
    operand: Expression, inner: int, axis: int, factors: list[Factor], used: set[int]
) -> Iterator[tuple[set[int], tuple[int, int], set[int]]]:
    """Ways to find a matrix among the factors with the given axis at the label `inner`."""
    if isinstance(operand, Contraction) and operand.coefficient == 1 and operand.operands:
        if len(set(operand.output)) == 2:
            start = {operand.output[axis]: inner}
            for gone, labels in _assigned(operand, 0, start, set(), factors, used):
                outer = (labels[operand.output[0]], labels[operand.output[1]])
                summed = {labels[label] for label in operand.summed}
                if len(set(labels.values())) == len(labels):
                    yield gone, outer, summed
        return
    for place, (node, at) in enumerate(factors):
        if place not in used and node is operand and len(at) == 2:
            yield {place}, (at[0], at[1]), set()
            if is_symmetric(node):
                yield {place}, (at[1], at[0]), set()


def _assigned(
    operand: Contraction,
    k: int,
    labels: dict[int, int],
    gone: set[int],
    factors: list[Factor],
    used: set[int],
) -> Iterator[tuple[set[int], dict[int, int]]]:
    """Factors for the operands of a product from number k on, with what its labels stand for."""
    if k == len(operand.operands):
        yield gone, labels
        return
    wanted, inside = operand.operands[k], operand.labels[k]
    for place, (node, at) in enumerate(factors):
        if place in used or place in gone or node is not wanted:
            continue
        ways = [at, at[::-1]] if is_symmetric(node) and len(at) == 2 else [at]
        for way in ways:
            extended = dict(labels)
            if all(extended.setdefault(a, b) == b for a, b in zip(inside, way, strict=True)):
                yield from _assigned(operand, k + 1, extended, gone | {place}, factors, used)
