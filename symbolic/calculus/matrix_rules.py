"""Rules about products of matrices: orthonormal columns, eigenvectors, inverses, sums in two parts.

They are executed on an expression multiplied out, so that the factors of a product stand side by side.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from symbolic.algebra.contractions import Factor, Product
from symbolic.algebra.normal import expand
from symbolic.algebra.simplification import ALGEBRA
from symbolic.calculus.definiteness_rules import is_invertible
from symbolic.calculus.places import rewritten
from symbolic.indexing import index
from symbolic.nodes import Apply, Contraction, Expression, Sum, Variable
from symbolic.operations import matmul, transpose
from symbolic.phrases import phrase
from symbolic.sizes import Size, as_size, surely_nonnegative
from symbolic.traverse import unfold

_WITH_ORTHONORMAL_COLUMNS = frozenset({"eigvecsh", "svd_left", "svd_right"})


@dataclass(frozen=True)
class MatrixRule:
    """A rule executed on an expression multiplied out: `apply` rewrites one node of it, or says None."""

    name: str
    statement: str
    condition: str
    source: str
    apply: Callable[[Expression], Expression | None]

    def once(self, expression: Expression) -> Expression:
        """The rule applied wherever it applies; the expression itself where it does not."""
        plain = multiplied_out(expression)
        found = rewritten(plain, self.apply)
        return expression if found is plain else multiplied_out(found)

    exhausted = once

    def renamed(self, replace: Callable[[Expression], Expression]) -> MatrixRule:
        """A rule of matrices is about no expression in particular."""
        return self

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


def multiplied_out(expression: Expression) -> Expression:
    """The expression as a sum of flat products, names written out."""
    return expand(ALGEBRA.canonical(unfold(expression)))


def has_orthonormal_columns(node: Expression) -> bool:
    """Whether Q.T @ Q = I for certain: by the domain of a variable, or for vectors of a decomposition.

    >>> from symbolic import eigvecsh, matrix
    >>> Q, S = matrix("Q", "n", "k", domain="orthogonal"), matrix("S", "n", "n")
    >>> has_orthonormal_columns(Q), has_orthonormal_columns(eigvecsh(S)), has_orthonormal_columns(S)
    (True, True, False)
    """
    if node.rank != 2:
        return False
    if isinstance(node, Variable):
        return node.domain == "orthogonal"
    return isinstance(node, Apply) and node.function in _WITH_ORTHONORMAL_COLUMNS


def _orthonormal_columns(node: Expression) -> Expression | None:
    if not isinstance(node, Contraction):
        return None
    product = Product.of(node, whole=True)
    found = False
    while _one_pair_less(product, node.output):
        found = True
    return product.finish(node.output) if found else None


def _one_pair_less(product: Product, output: tuple[int, ...]) -> bool:
    """Q[a, i] Q[a, j] summed over a becomes [i = j]; for square Q also Q[i, a] Q[j, a]."""
    factors = product.resolved()
    target = {product.root(label) for label in output}
    for one, other in itertools.combinations(range(len(factors)), 2):
        (node, at), (twin, there) = factors[one], factors[other]
        if twin is not node or not has_orthonormal_columns(node):
            continue
        kept = [factor for i, factor in enumerate(factors) if i not in (one, other)]
        for side in (0, 1) if node.shape[0] == node.shape[1] else (0,):
            inner, ends = at[side], (at[1 - side], there[1 - side])
            elsewhere = target.union(ends, *(labels for _, labels in kept))
            if there[side] == inner and inner not in elsewhere:
                product.factors = kept
                product.touched = {x for x in product.touched if product.root(x) != inner}
                product.equate(*ends)
                return True
    return False


def _eigenvectors(node: Expression) -> Expression | None:
    """V diag(lam) V.T as the matrix that V and lam belong to."""
    if not isinstance(node, Contraction):
        return None
    product = Product.of(node, whole=True)
    factors = product.resolved()
    target = {product.root(label) for label in node.output}
    for values, (inner, *none) in [f for f in factors if _is(f[0], "eigvalsh") and f[1]]:
        assert isinstance(values, Apply)
        vectors = Apply("eigvecsh", values.operand)
        three = [place for place, (_, at) in enumerate(factors) if inner in at]
        ends = [factors[i] for i in three if factors[i][0] is vectors and factors[i][1][1] == inner]
        outer = [at[0] for _, at in ends]
        if none or len(three) != 3 or len(ends) != 2 or inner in target or inner in outer:
            continue
        matrix = (values.operand + transpose(values.operand)) / 2
        kept = [factor for i, factor in enumerate(factors) if i not in three]
        return _product([*kept, (matrix, tuple(outer))], product, node.output)
    return None


def _is(node: Expression, function: str) -> bool:
    return isinstance(node, Apply) and node.function == function


def _product(factors: list[Factor], like: Product, output: tuple[int, ...]) -> Expression:
    return Contraction(
        [factor for factor, _ in factors],
        [at for _, at in factors],
        [like.root(label) for label in output],
        dict(like.sizes),
        like.coefficient,
    )


def _inverse_of_product(node: Expression) -> Expression | None:
    if not (isinstance(node, Apply) and node.function == "inv"):
        return None
    chain = matrix_chain(node.operand)
    if chain is None or len(chain) < 2 or not all(map(is_invertible, chain)):
        return None
    result: Expression | None = None
    for matrix in reversed(chain):
        factor = _inverted(matrix)
        result = factor if result is None else matmul(result, factor)
    return result


def _inverted(matrix: Expression) -> Expression:
    """The inverse of a matrix, that of a transpose as the transpose of the inverse."""
    if isinstance(matrix, Contraction):
        return transpose(Apply("inv", matrix.operands[0]))
    return Apply("inv", matrix)


def matrix_chain(node: Expression) -> tuple[Expression, ...] | None:
    """The matrices that a product without coefficient multiplies, from its rows to its columns.

    >>> from symbolic import matrix
    >>> A, B = matrix("A", "m", "n"), matrix("B", "m", "d")
    >>> matrix_chain(A.T @ B)
    (A.T, B)
    """
    if not isinstance(node, Contraction) or node.coefficient != 1 or len(set(node.output)) != 2:
        return None
    product = Product.of(node, whole=True)
    left = product.resolved()
    label, last = (product.root(x) for x in node.output)
    chain: list[Expression] = []
    while left:
        ahead = [factor for factor in left if label in factor[1]]
        if len(ahead) != 1 or len(set(ahead[0][1])) != 2 or len(ahead[0][1]) != 2:
            return None
        matrix, at = ahead[0]
        left.remove(ahead[0])
        chain.append(matrix if at[0] == label else Contraction([matrix], [(0, 1)], (1, 0)))
        label = at[1] if at[0] == label else at[0]
    return tuple(chain) if label == last and product.coefficient == 1 else None


def _part(node: Contraction, label: int, terms: slice) -> Contraction:
    """A product with only some of the terms of the sum over a label."""
    operands = [
        index(operand, tuple(terms if x == label else slice(None) for x in at))
        if label in at
        else operand
        for operand, at in zip(node.operands, node.labels, strict=True)
    ]
    sizes = {x: size for x, size in enumerate(node.sizes) if x != label}
    return Contraction(operands, node.labels, node.output, sizes, node.coefficient)


def _split(node: Expression, first: Size) -> Expression | None:
    """A product with each sum over surely more than `first` terms in two parts."""
    if not isinstance(node, Contraction):
        return None
    longer = [x for x in node.summed if surely_nonnegative(node.sizes[x] - first - 1)]
    parts = [node]
    for label in longer:
        halves = (slice(0, first), slice(first, None))
        parts = [_part(part, label, half) for part in parts for half in halves]
    return Sum(parts) if longer else None


def split_sum(first: object) -> MatrixRule:
    """Sums in two parts, the first terms and the rest; the axis is declared by its parts.

    >>> from symbolic import dims, sum, vector
    >>> from symbolic.calculus.execution import leads_to
    >>> k, q = dims("k q")
    >>> s = vector("s", k + q)
    >>> leads_to(sum(s**2), sum(s[:k] ** 2) + sum(s[k:] ** 2), [split_sum(k)])
    True
    """
    k = as_size(first)
    return MatrixRule(
        phrase("splitting the sum at", k),
        f"sum(u) = sum(u[:{k}]) + sum(u[{k}:]), and so for the sum in a product of matrices",
        f"there are more than {k} terms",
        "the laws of arithmetic",
        lambda node: _split(node, k),
    )


_HORN = "Horn, Johnson, Matrix Analysis (2013)"

orthonormal_columns = MatrixRule(
    "orthonormal columns",
    "Q.T @ Q = I, and Q @ Q.T = I for square Q",
    "the domain of Q is orthogonal, or its columns are eigenvectors or singular vectors",
    "the definition of the domain",
    _orthonormal_columns,
)
spectral_theorem = MatrixRule(
    "spectral theorem",
    "V @ diag(lam) @ V.T = S",
    "S is symmetric, lam = eigvalsh(S) and V = eigvecsh(S)",
    _HORN,
    _eigenvectors,
)
inverse_of_product = MatrixRule(
    "inverse of a product",
    "inv(A @ B) = inv(B) @ inv(A)",
    "A and B have an inverse",
    _HORN,
    _inverse_of_product,
)

__all__ = [
    "MatrixRule",
    "has_orthonormal_columns",
    "inverse_of_product",
    "matrix_chain",
    "multiplied_out",
    "orthonormal_columns",
    "spectral_theorem",
    "split_sum",
]
