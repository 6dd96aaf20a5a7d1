"""Rules about norms: of a sum, of a product with orthonormal columns, of a Gram matrix."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import sympy

from symbolic.algebra.contractions import Product
from symbolic.algebra.normal import expand
from symbolic.calculus.matrix_rules import MatrixRule, has_orthonormal_columns, matrix_chain
from symbolic.calculus.power_rules import is_whole, read_along
from symbolic.calculus.rules import Rule
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.operations import abs as absolute
from symbolic.operations import power, transpose


def _square_of_a_sum(node: Expression) -> Expression | None:
    """norm(u + v)**2 as norm(u)**2 + 2 <u, v> + norm(v)**2, wherever the square is a factor."""
    if not isinstance(node, Contraction):
        return None
    norms = [each for each in node.operands if _is_norm(each) and node.operands.count(each) > 1]
    found = ((each, _inside(each)) for each in norms)
    squared, total = next(((e, u) for e, u in found if isinstance(u, Sum)), (None, None))
    if total is None:
        return None
    places = [i for i, each in enumerate(node.operands) if each is squared][:2]
    kept = [i for i in range(len(node.operands)) if i not in places]
    return Contraction(
        [_expanded(total), *(node.operands[i] for i in kept)],
        [(), *(node.labels[i] for i in kept)],
        node.output,
        dict(enumerate(node.sizes)),
        node.coefficient,
    )


def _expanded(total: Sum) -> Expression:
    axes = tuple(range(total.rank))
    squares = [_squared_length(term) for term in total.terms]
    crossed = [
        Contraction([one, other], [axes, axes], (), coefficient=2)
        for one, other in combinations(total.terms, 2)
    ]
    return Sum([*squares, *crossed])


def _squared_length(term: Expression) -> Expression:
    """norm(c t u)**2 as c**2 t**2 norm(u)**2, c a number and t scalars."""
    scalars: list[Expression] = []
    coefficient, rest = sympy.S.One, term
    if isinstance(term, Contraction):
        product = Product.of(term, whole=True)
        scalars = [each for each, at in product.factors if not at]
        product.factors = [(each, at) for each, at in product.factors if at]
        coefficient, product.coefficient = product.coefficient, sympy.S.One
        rest = product.finish(term.output)
    factors = [*scalars, Apply("norm", rest)] * 2
    return Contraction(factors, [()] * len(factors), (), coefficient=coefficient**2)


def _is_norm(node: Expression) -> bool:
    return isinstance(node, Apply) and node.function == "norm" and node.axis is None


def _inside(norm: Expression) -> Expression:
    """What a norm is of, multiplied out."""
    assert isinstance(norm, Apply)
    return expand(norm.operand)


def _invariance(node: Expression) -> Expression | None:
    """The norm without a factor that has orthonormal columns, or of which that is the transpose."""
    if not _is_norm(node):
        return None
    whole = inner = _inside(node)
    while (shorter := _without_orthonormal(inner)) is not None:
        inner = shorter
    return None if inner is whole else Apply("norm", _upright(_off_the_diagonal(inner)))


def _off_the_diagonal(array: Expression) -> Expression:
    """The entries of a diagonal matrix as a vector: the others are zero."""
    if not isinstance(array, Contraction):
        return array
    sizes = dict(enumerate(array.sizes))
    output = tuple(dict.fromkeys(array.output))
    return Contraction(array.operands, array.labels, output, sizes, array.coefficient)


def _upright(array: Expression) -> Expression:
    """A matrix for its transpose."""
    if not isinstance(array, Contraction) or array.coefficient != 1:
        return array
    turned = array.labels == ((0, 1),) and array.output == (1, 0)
    return array.operands[0] if turned else array


def _without_orthonormal(array: Expression) -> Expression | None:
    terms = array.terms if isinstance(array, Sum) else (array,)
    for axis in range(array.rank):
        choices = [dict(_shorter(term, axis)) for term in terms]
        for common in choices[0]:
            if all(common in choice for choice in choices):
                found = [choice[common] for choice in choices]
                return found[0] if len(found) == 1 else Sum(found)
    return None


def _shorter(term: Expression, axis: int) -> Iterator[tuple[tuple[Expression, int], Expression]]:
    """The orthonormal factors at one axis of a product, by matrix and side, each with the rest."""
    if not isinstance(term, Contraction):
        return
    product = Product.of(term, whole=True)
    factors = product.resolved()
    output = [product.root(label) for label in term.output]
    every = [label for _, at in factors for label in at]
    for place, (matrix, at) in enumerate(factors):
        if not has_orthonormal_columns(matrix):
            continue
        for side in (0, 1) if matrix.shape[0] == matrix.shape[1] else (0,):
            end, inner = at[side], at[1 - side]
            alone = every.count(end) == 1 and output.count(end) == 1
            if end == output[axis] and alone and every.count(inner) > 1:
                rest = [factor for i, factor in enumerate(factors) if i != place]
                ends = [inner if x == end else x for x in output]
                yield (
                    (matrix, side),
                    Contraction(
                        [each for each, _ in rest],
                        [labels for _, labels in rest],
                        ends,
                        dict(product.sizes),
                        product.coefficient,
                    ),
                )


def _gram(node: Expression) -> Expression | None:
    """The largest singular value of B.T @ B as the square of that of B."""
    if not (isinstance(node, Apply) and node.function == "max" and node.rank == 0):
        return None
    values = node.operand
    if not (isinstance(values, Apply) and values.function == "svdvals" and values.rank == 1):
        return None
    chain = matrix_chain(values.operand)
    if chain is None or len(chain) != 2:
        return None
    one, other = chain
    if transpose(one) is other:
        matrix = one
    elif transpose(other) is one:
        matrix = other
    else:
        return None
    largest = Apply("max", Apply("svdvals", matrix))
    return Contraction([largest, largest], [(), ()], ())


def _largest_of_diagonal(node: Expression) -> Expression | None:
    """The largest singular value of U @ diag(v) @ V.T as the largest size of an entry of v."""
    values = node.operand if isinstance(node, Apply) and node.function == "max" else None
    if not (isinstance(values, Apply) and values.function == "svdvals" and values.rank == 1):
        return None
    matrix = values.operand
    if not isinstance(matrix, Contraction) or len(set(matrix.output)) != 2:
        return None
    product = Product.of(matrix, whole=True)
    factors = product.resolved()
    row, column = (product.root(label) for label in matrix.output)
    left = [factor for factor in factors if row in factor[1]]
    right = [factor for factor in factors if column in factor[1]]
    if len(left) != 1 or len(right) != 1 or left == right:
        return None
    ((U, at), (V, there)) = left[0], right[0]
    if not (has_orthonormal_columns(U) and has_orthonormal_columns(V)):
        return None
    inner = at[1]
    if at != (row, inner) or there != (column, inner) or inner in (row, column):
        return None
    rest = [factor for factor in factors if factor not in (left[0], right[0])]
    if not all(set(labels) <= {inner} for _, labels in rest):
        return None
    entries = Contraction(
        [each for each, _ in rest],
        [labels for _, labels in rest],
        (inner,),
        {inner: product.sizes[inner]},
        product.coefficient,
    )
    return Apply("max", absolute(entries))


def _largest_power(node: Expression) -> Expression | None:
    """The largest of the sizes |u_i^p| as the power of the largest |u_i|."""
    sizes = node.operand if isinstance(node, Apply) and node.function == "max" else None
    if sizes is None or node.rank or _kernel_of(sizes) != sympy.Abs(_X):
        return None
    assert isinstance(sizes, Elementwise)
    (powers,) = sizes.operands
    if _kernel_of(powers) != _X**_Y:
        return None
    assert isinstance(powers, Elementwise)
    base, exponent = powers.operands
    count, labels = read_along(exponent)
    if labels or not is_whole(count):
        return None
    return power(Apply("max", absolute(base)), count)


def _kernel_of(node: Expression) -> sympy.Expr | None:
    return node.kernel.expr if isinstance(node, Elementwise) else None


_X, _Y = kernel_symbol(0), kernel_symbol(1)
_HORN = "Horn, Johnson, Matrix Analysis (2013)"

norm_of_sum = MatrixRule(
    "square of a sum",
    "norm(u + v)**2 = norm(u)**2 + 2 (u @ v) + norm(v)**2, and so for matrices",
    "none",
    "the inner product is bilinear and symmetric",
    _square_of_a_sum,
)
orthogonal_invariance = MatrixRule(
    "orthogonal invariance",
    "norm(Q @ B) = norm(B) = norm(B @ Q.T)",
    "Q has orthonormal columns",
    _HORN,
    _invariance,
)
norm_of_gram = MatrixRule(
    "norm of a Gram matrix",
    "spectral_norm(B.T @ B) = spectral_norm(B)**2",
    "none",
    _HORN,
    _gram,
)
norm_of_diagonal = MatrixRule(
    "norm in the basis of eigenvectors",
    "spectral_norm(U @ diag(v) @ V.T) = max(abs(v))",
    "U and V have orthonormal columns",
    _HORN,
    _largest_of_diagonal,
)
largest_power = Rule(
    "the largest power",
    "max(abs(u**p)) = max(abs(u))**p",
    "p is a whole number, zero or greater",
    "the laws of order",
    _largest_power,
)

__all__ = [
    "largest_power",
    "norm_of_diagonal",
    "norm_of_gram",
    "norm_of_sum",
    "orthogonal_invariance",
]
