"""Matrices that are positive definite, or invertible: by their domain or by their form.

A Gram matrix is positive semidefinite, a positive multiple of the identity is positive definite, and
so is the sum of both. What cannot be shown in this way is not known.
"""

from __future__ import annotations

import sympy

from symbolic.algebra.contractions import Factor, Product
from symbolic.algebra.factoring import factored
from symbolic.algebra.regions import Region
from symbolic.algebra.signs import nonnegative
from symbolic.calculus.rules import inverse
from symbolic.functions import sigmoid
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.traverse import unfold


def is_positive(expression: Expression) -> bool:
    """Whether every entry is provably greater than zero; False also means that it is not known.

    >>> from symbolic.variables import scalar
    >>> lam, c = scalar("lam", domain="positive"), scalar("c")
    >>> is_positive(lam / 2 + c**2), is_positive(c**2)
    (True, False)
    """
    return _positive(unfold(expression))


def _positive(node: Expression) -> bool:
    match node:
        case Contraction(coefficient=coefficient) if coefficient.is_positive:
            diagonal = len(set(node.output)) < node.rank
            return not diagonal and (all(map(_positive, node.operands)) or _holds_diagonal(node))
        case Apply(function="softmax"):
            return True
        case Apply(function="prod" | "norm" | "max" | "min"):
            return _positive(node.operand)
        case Apply(function="det"):
            return is_positive_definite(node.operand)
        case Sum() if all(map(nonnegative, node.terms)) and any(map(_positive, node.terms)):
            return True
        case Elementwise(operands=(base,)) if _is_power(node) and _positive(base):
            return True
        case _:
            return bool(_real_kernel(node).is_positive)


def is_never_zero(expression: Expression) -> bool:
    """Whether every entry provably differs from zero; False also means that it is not known.

    >>> from symbolic.operations import exp, sigmoid
    >>> from symbolic.variables import scalar
    >>> c = scalar("c")
    >>> is_never_zero(sigmoid(c) - 1), is_never_zero(-exp(c)), is_never_zero(c)
    (True, True, False)
    """
    node = unfold(expression)
    return _positive(node) or _positive(-node) or bool(_real_kernel(node).is_nonzero)


def _real_kernel(node: Expression) -> sympy.Expr:
    """A function of real numbers, sigmoid(u) written with 1/(1 + e) and e = exp(-u) > 0."""
    region = Region(dict(enumerate(node.shape)), Sum, frozenset())
    kernel = sympy.sympify(region.read(node, tuple(range(node.rank))))
    shares = {
        inner: 1 / (1 + sympy.Symbol(f"_e{place}", positive=True))
        for place, inner in enumerate(sorted(kernel.atoms(sigmoid), key=str))
    }
    return factored(kernel.xreplace(shares)) if shares else kernel


def _holds_diagonal(node: Contraction) -> bool:
    """Whether a node adds up the rows or columns of a triangle with positive entries on the diagonal."""
    if len(node.operands) != 1 or node.rank != 1 or not isinstance(node.operands[0], Contraction):
        return False
    inner, at = node.operands[0], node.labels[0]
    if len(set(at)) != 2 or inner.rank != 2 or inner.shape[0] != inner.shape[1]:
        return False
    plain = inner.coefficient.is_positive and inner.output == (0, 1) and len(inner.sizes) == 2
    return bool(plain) and all(
        _true_on_diagonal(each) if isinstance(each, Iverson) else _positive(each)
        for each in inner.operands
    )


def _true_on_diagonal(bracket: Iverson) -> bool:
    square = len(bracket.shape) == 2 and bracket.shape[0] == bracket.shape[1]
    return square and sum(bracket.coefficients) == 0 and bracket.offset == 0


def _is_power(node: Elementwise) -> bool:
    kernel = node.kernel.expr
    return kernel.is_Pow and kernel.base == kernel_symbol(0) and bool(kernel.exp.is_Rational)


def is_positive_definite(matrix: Expression) -> bool:
    """Whether a matrix is provably symmetric positive definite; False: or it is not known.

    >>> from symbolic.operations import eye
    >>> from symbolic.variables import matrix, scalar
    >>> X, lam = matrix("X", "n", "d"), scalar("lam", domain="positive")
    >>> is_positive_definite(X.T @ X + lam * eye("d")), is_positive_definite(X.T @ X)
    (True, False)
    """
    return _definite(inverse.once(unfold(matrix)), strictly=True)


def is_positive_semidefinite(matrix: Expression) -> bool:
    """Whether a matrix is provably symmetric positive semidefinite; False: or it is not known.

    >>> from symbolic.variables import matrix
    >>> X = matrix("X", "n", "n")
    >>> is_positive_semidefinite(X.T @ X), is_positive_semidefinite(X @ X)
    (True, False)
    """
    return _definite(inverse.once(unfold(matrix)), strictly=False)


def is_invertible(matrix: Expression) -> bool:
    """Whether a square matrix provably has an inverse; False: or it is not known.

    >>> from symbolic.variables import matrix
    >>> A, B = matrix("A", "n", "n", domain="invertible"), matrix("B", "n", "n")
    >>> is_invertible(A.T @ A), is_invertible(A @ B)
    (True, False)
    """
    plain = inverse.once(unfold(matrix))
    if plain.rank != 2 or plain.shape[0] != plain.shape[1]:
        return False
    if isinstance(plain, Contraction) and _is_product_of_invertibles(plain):
        return True
    match plain:
        case Variable(domain="invertible" | "orthogonal"):
            return True
        case Apply(function="inv" | "expm"):
            return True
        case _:
            return is_positive_definite(plain)


def _is_product_of_invertibles(node: Contraction) -> bool:
    """Whether a product of matrices, one after another, has only invertible ones in it."""
    if not node.coefficient.is_nonzero or len(set(node.output)) < 2:
        return False
    matrices = [
        (each, at) for each, at in zip(node.operands, node.labels, strict=True) if each.rank
    ]
    scalars = [each for each in node.operands if not each.rank]
    label, left = node.output[0], list(matrices)
    while left:
        ahead = [factor for factor in left if label in factor[1]]
        if len(ahead) != 1 or ahead[0][0].rank != 2 or len(set(ahead[0][1])) < 2:
            return False
        left.remove(ahead[0])
        (label,) = set(ahead[0][1]) - {label}
    chained = bool(matrices) and label == node.output[1]
    return chained and all(map(is_positive, scalars)) and all(is_invertible(m) for m, _ in matrices)


def _nonnegative(expression: Expression) -> bool:
    return nonnegative(expression) or is_positive(expression)


def _definite(node: Expression, *, strictly: bool) -> bool:
    if node.rank != 2 or node.shape[0] != node.shape[1]:
        return False
    match node:
        case Variable():
            return node.domain == "spd" or (node.domain == "psd" and not strictly)
        case Apply(function="inv"):
            return _definite(node.operand, strictly=True)
        case Sum():
            every = all(_definite(term, strictly=False) for term in node.terms)
            return every and (
                not strictly or any(_definite(term, strictly=True) for term in node.terms)
            )
        case Contraction():
            return _definite_product(node, strictly=strictly)
        case _:
            return False


def _definite_product(node: Contraction, *, strictly: bool) -> bool:
    """A multiple of A or of I, diag(v), or a congruence B.T M B with M = I, diag(v) or a definite matrix."""
    product = Product.of(node, whole=True)
    factors = product.resolved()
    row, column = (product.root(label) for label in node.output)
    scale = [factor for factor in factors if not factor[1]]
    arrays = [factor for factor in factors if factor[1]]
    weigh = is_positive if strictly else _nonnegative
    if not product.coefficient.is_positive or not all(weigh(scalar) for scalar, _ in scale):
        return False
    if row == column:
        return all(at == (row,) and weigh(entries) for entries, at in arrays)
    if len(arrays) == 1:
        ((inner, at),) = arrays
        return set(at) == {row, column} and _definite(inner, strictly=strictly)
    return _is_congruence(arrays, row, column, strictly=strictly)


def _is_congruence(factors: list[Factor], row: int, column: int, *, strictly: bool) -> bool:
    """Whether a product is B.T M B, M a definite matrix or weights (or neither).

    It is strictly positive definite for an invertible B.
    """
    left = [factor for factor in factors if row in factor[1]]
    right = [factor for factor in factors if column in factor[1]]
    middle = [factor for factor in factors if factor not in left and factor not in right]
    if len(left) != 1 or len(right) != 1 or left == right:
        return False
    (one, at), (other, there) = left[0], right[0]
    if one is not other or at.index(row) != there.index(column) or len(set(at)) < len(at):
        return False
    if strictly and not (one.rank == 2 and is_invertible(one)):
        return False
    inner = [(a, b) for a, b in zip(at, there, strict=True) if a != row]
    apart = [pair for pair in inner if pair[0] != pair[1]]
    if not apart:
        shared = {a for a, _ in inner}
        weigh = is_positive if strictly else nonnegative
        return all(set(labels) <= shared and weigh(weights) for weights, labels in middle)
    if len(inner) != 1 or len(middle) != 1 or set(middle[0][1]) != set(apart[0]):
        return False
    return _definite(middle[0][0], strictly=strictly)


__all__ = [
    "is_invertible",
    "is_never_zero",
    "is_positive",
    "is_positive_definite",
    "is_positive_semidefinite",
]
