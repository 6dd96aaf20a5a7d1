"""Inequalities of positive definite matrices: quadratic forms, and the logarithm of a determinant."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from derivations.rules.inequalities import InequalityRule, is_multiple
from symbolic import Expression
from symbolic.algebra.contractions import Product
from symbolic.algebra.normal import equal_by_algebra, expand
from symbolic.algebra.signs import nonnegative
from symbolic.calculus.definiteness_rules import is_positive_definite, is_positive_semidefinite
from symbolic.calculus.rules import inverse
from symbolic.matrices import inv, logdet
from symbolic.nodes import Apply, Contraction, Sum
from symbolic.operations import add, eye, matmul, multiply, subtract, trace
from symbolic.traverse import postorder, unfold


def _logdet_below(before: Expression, after: Expression) -> bool:
    """Whether after - before is a multiple of trace(inv(A) @ B) - d - logdet(B) + logdet(A).

    The multiple is what logdet(B) is multiplied by.
    """
    whole = _spread(subtract(after, before))
    written = {_spread(each): each.operand for each in postorder(unfold(subtract(after, before)))
               if isinstance(each, Apply) and each.function == "logdet"}  # fmt: skip
    terms = whole.terms if isinstance(whole, Sum) else (whole,)
    found = [(written[each], factor) for term in terms for each, factor in _logarithms(term)
             if each in written]  # fmt: skip
    for (A, _), (B, factor) in itertools.permutations(found, 2):
        if A.shape != B.shape or not nonnegative(factor):
            continue
        if is_positive_definite(A) and is_positive_semidefinite(B):
            slope = subtract(trace(matmul(inv(A), B)), trace(eye(A.shape[0])))
            gap = add(slope, subtract(logdet(A), logdet(B)))
            if equal_by_algebra(whole, multiply(factor, gap)):
                return True
    return False


def _spread(expression: Expression) -> Expression:
    """An expression multiplied out, names and products with inverses gone."""
    return expand(inverse.exhausted(expand(unfold(expression))))


def _logarithms(term: Expression) -> Iterator[tuple[Expression, Expression]]:
    """logdet(A) and -c of a term c logdet(A)."""
    product = term if isinstance(term, Contraction) else Contraction([term], [()], ())
    factors = list(zip(product.operands, product.labels, strict=True))
    for node, _ in factors:
        if isinstance(node, Apply) and node.function == "logdet":
            operands = [each for each, at in factors if each is not node]
            labels = [at for each, at in factors if each is not node]
            sizes = dict(enumerate(product.sizes))
            yield node, Contraction(operands, labels, (), sizes, -product.coefficient)


def _nonnegative_form(before: Expression, after: Expression) -> bool:
    """Whether after - before is a multiple of a quadratic form that one of them has."""
    small, large = unfold(before), unfold(after)
    forms = dict.fromkeys(form for node in postorder([small, large]) for form in _forms(node))
    return any(is_multiple(small, large, form) for form in forms)


def _forms(node: Expression) -> Iterator[Expression]:
    """V @ A @ v, for A positive semidefinite, as what a node is a multiple of."""
    if node.rank or not isinstance(node, Contraction):
        return
    factors = Product.of(node, whole=True).resolved()
    vectors = [each for each in factors if len(each[1]) == 1]
    matrices = [each for each in factors if len(each[1]) == 2]
    if len(factors) != 3 or len(vectors) != 2 or len(matrices) != 1:
        return
    ((one, here), (other, there)), ((matrix, at),) = vectors, matrices
    if one is other and {*here, *there} == set(at) and is_positive_semidefinite(matrix):
        yield Contraction([one, matrix, one], [(0,), (0, 1), (1,)], ())


logdet_below_tangent = InequalityRule(
    "the logarithm of a determinant is concave",
    "logdet(B) <= logdet(A) + trace(inv(A) @ (B - A))",
    "A is positive definite, and B positive semidefinite, so that det(B) > 0 where logdet(B) is a number",
    "Boyd, Vandenberghe, Convex Optimization (2004), section 3.1.5",
    _logdet_below,
)
nonnegative_form = InequalityRule(
    "a definite quadratic form",
    "v @ A @ v >= 0",
    "A is positive semidefinite",
    "the definition of positive semidefinite",
    _nonnegative_form,
)

__all__ = ["logdet_below_tangent", "nonnegative_form"]
