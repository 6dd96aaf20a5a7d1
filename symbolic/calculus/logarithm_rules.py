"""Rules of logarithms: products become sums, powers become factors, determinants keep their name."""

from __future__ import annotations

import sympy

from symbolic.algebra.signs import nonnegative
from symbolic.calculus.rules import Rule
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Named, Sum, kernel_symbol
from symbolic.operations import constant, log, sum

_ARGUMENT = kernel_symbol(0)


def _inside_logarithm(node: Expression) -> Expression | None:
    """What a logarithm is taken of, seen through its names; None for every other node."""
    if not isinstance(node, Elementwise) or node.kernel.expr != sympy.log(_ARGUMENT):
        return None
    inner = node.operands[0]
    while isinstance(inner, Named):
        inner = inner.meaning
    return inner


def _log_of_product(node: Expression) -> Expression | None:
    match _inside_logarithm(node):
        case Contraction() as product:
            return _split(product)
        case Elementwise(operands=(base,)) as inner:
            return _brought_down(inner.kernel.expr, base)
        case Apply(function="prod") as product if _nonnegative_where_defined(product.operand):
            return sum(log(product.operand), axis=product.axis)
    return None


def _split(product: Contraction) -> Expression | None:
    """log(c u v) = log c + log u + log v, read along the axes of the product."""
    if product.summed or len(set(product.output)) < product.rank:
        return None
    if not product.coefficient.is_positive or not product.operands:
        return None
    unknown = [each for each in product.operands if not _nonnegative_where_defined(each)]
    if len(unknown) > 1:
        return None
    sizes = dict(enumerate(product.sizes))
    numbers = constant(sympy.expand_log(sympy.log(product.coefficient)))
    terms: list[Expression] = [] if product.coefficient == 1 else [
        Contraction([numbers], [()], product.output, sizes)
    ]  # fmt: skip
    for factor, labels in zip(product.operands, product.labels, strict=True):
        terms.append(Contraction([log(factor)], [labels], product.output, sizes))
    return terms[0] if len(terms) == 1 else Sum(terms)


def _brought_down(kernel: sympy.Expr, base: Expression) -> Expression | None:
    """log(exp(u)) = u, log(u**c) = c log(u)."""
    if kernel == sympy.exp(_ARGUMENT):
        return base
    if not kernel.is_Pow or kernel.base != _ARGUMENT or kernel.exp.has(_ARGUMENT):
        return None
    keeps_sign = kernel.exp.is_Rational and not kernel.exp.is_even
    if not keeps_sign and not nonnegative(base):
        return None
    axes = tuple(range(base.rank))
    return Contraction([log(base)], [axes], axes, coefficient=kernel.exp)


def _nonnegative_where_defined(node: Expression) -> bool:
    """Whether a factor is zero or greater at least where it is a real number, as a root is."""
    while isinstance(node, Named):
        node = node.meaning
    if isinstance(node, Contraction) and node.coefficient.is_nonnegative:
        return all(map(_nonnegative_where_defined, node.operands)) or nonnegative(node)
    if isinstance(node, Elementwise) and len(node.operands) == 1:
        kernel = node.kernel.expr
        if kernel == 1 / _ARGUMENT:
            return _nonnegative_where_defined(node.operands[0])
        if kernel.is_Pow and kernel.base == _ARGUMENT and kernel.exp.is_Rational:
            return not kernel.exp.is_Integer or nonnegative(node)
    return nonnegative(node)


def _log_of_determinant(node: Expression) -> Expression | None:
    inner = _inside_logarithm(node)
    if isinstance(inner, Apply) and inner.function == "det":
        return Apply("logdet", inner.operand)
    return None


def _log_softmax(node: Expression) -> Expression | None:
    if not isinstance(node, Apply) or node.function != "log_softmax":
        return None
    axes = tuple(range(node.rank))
    kept = tuple(axis for axis in axes if node.axis is not None and axis != node.axis)
    total = Apply("logsumexp", node.operand, node.axis)
    sizes = dict(enumerate(node.shape))
    return Sum([node.operand, Contraction([total], [kept], axes, sizes, -1)])


log_of_product = Rule(
    "logarithm of a product",
    "log(u*v) = log(u) + log(v), log(u**c) = c*log(u), log(exp(u)) = u",
    "every factor but one is provably zero or greater, so that all are positive where the left side"
    " is defined",
    "the laws of logarithms",
    _log_of_product,
)
log_of_determinant = Rule(
    "logarithm of a determinant",
    "log(det(A)) = logdet(A)",
    "det(A) > 0, as the left side says",
    "the definition of logdet",
    _log_of_determinant,
)

definition_of_log_softmax = Rule(
    "definition of log-softmax",
    "log_softmax(z) = z - logsumexp(z)",
    "finite z",
    "Blanchard, Higham, Higham, IMA J. Numer. Anal. 41 (2021)",
    _log_softmax,
)

__all__ = ["definition_of_log_softmax", "log_of_determinant", "log_of_product"]
