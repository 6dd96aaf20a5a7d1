"""Rules of expectations over a normal variable, for expressions with shapes."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import sympy

from symbolic.algebra.signs import nonnegative
from symbolic.calculus.definiteness_rules import is_positive_semidefinite
from symbolic.calculus.expectations import in_gaussian_moments
from symbolic.calculus.logarithm_rules import log_of_product
from symbolic.calculus.rules import Rule
from symbolic.nodes import (
    Contraction,
    Elementwise,
    Expectation,
    Expression,
    Named,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.traverse import depends_on, postorder, unfold

_SOURCE = "Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 6.4"


def degree_in(expression: Expression, variable: Variable) -> int | None:
    """The degree of a polynomial in a variable; None for what is not known to be one.

    >>> from symbolic.operations import exp, log
    >>> from symbolic.variables import matrix, vector
    >>> x, A = vector("x", "n"), matrix("A", "n", "n")
    >>> degree_in(x @ A @ x + 1, x), degree_in(log(exp(x @ x)), x), degree_in(exp(x @ x), x)
    (2, 2, None)
    """
    whole = unfold(log_of_product.exhausted(unfold(expression)))
    random = depends_on(whole, variable)
    degrees: dict[Expression, int | None] = {}
    for node in postorder(whole):
        degrees[node] = _degree(node, variable, degrees) if node in random else 0
    return degrees[whole]


def _degree(
    node: Expression, variable: Variable, degrees: dict[Expression, int | None]
) -> int | None:
    below = [degrees[child] for child in node.children]
    known = [each for each in below if each is not None]
    if node is variable:
        return 1
    if len(known) < len(below):
        return None
    match node:
        case Sum() | Named():
            return max(known)
        case Contraction():
            return builtins.sum(known)
        case Elementwise():
            return _degree_of_kernel(node.kernel.expr, known)
        case _:
            return None


def _degree_of_kernel(kernel: sympy.Expr, degrees: list[int]) -> int | None:
    symbols = [kernel_symbol(place) for place in range(len(degrees))]
    if not kernel.is_polynomial(*symbols):
        return None
    powers = sympy.Poly(kernel, *symbols).monoms()
    return max(builtins.sum(p * d for p, d in zip(each, degrees, strict=True)) for each in powers)


def _linearity(node: Expression) -> Expression | None:
    if not isinstance(node, Expectation):
        return None
    parts = list(_parts(node.expression, node))
    return None if parts == [node] else Sum(parts) if len(parts) > 1 else parts[0]


def _parts(inner: Expression, node: Expectation) -> Iterator[Expression]:
    """Expressions that add up to the expectation, as far apart as numbers and sums take it."""
    while isinstance(inner, Named):
        inner = inner.meaning
    random = depends_on(inner, node.variable)
    if inner not in random:
        yield inner
    elif isinstance(inner, Sum):
        for term in inner.terms:
            yield from _parts(term, node)
    elif isinstance(inner, Contraction):
        yield from _without_numbers(inner, random, node)
    else:
        yield Expectation(inner, node.variable, node.mean, node.covariance)


def _without_numbers(
    inner: Contraction, random: set[Expression], node: Expectation
) -> Iterator[Expression]:
    """A product with its factors that are plain numbers taken out."""
    factors = list(zip(inner.operands, inner.labels, strict=True))
    numbers = [each for each, _ in factors if not each.rank and each not in random]
    rest = [(each, at) for each, at in factors if each.rank or each in random]
    alone = len(rest) == 1 and not rest[0][0].rank and not inner.summed
    if not alone and inner.coefficient == 1 and not numbers:
        yield Expectation(inner, node.variable, node.mean, node.covariance)
        return
    left: Expression = rest[0][0]
    if not alone:
        operands, labels = zip(*rest, strict=True)
        left = Contraction(operands, labels, (), dict(enumerate(inner.sizes)))
    for part in _parts(left, node):
        labels_of_all = [()] * (len(numbers) + 1)
        yield Contraction([*numbers, part], labels_of_all, (), coefficient=inner.coefficient)


linearity_of_expectation = Rule(
    "linearity of expectation",
    "E[a f(x) + b g(x) + c] = a E[f(x)] + b E[g(x)] + c",
    "a, b, c do not depend on x",
    _SOURCE,
    _linearity,
)


def _moments(node: Expression) -> Expression | None:
    if not isinstance(node, Expectation):
        return None
    degree = degree_in(node.expression, node.variable)
    if degree is None or not 1 <= degree <= 2 or not _is_covariance(node.covariance):
        return None
    whole = unfold(log_of_product.exhausted(unfold(node.expression)))
    return in_gaussian_moments(whole, node.variable, node.mean, node.covariance)


def _is_covariance(covariance: Expression) -> bool:
    scalar = covariance.rank == 0
    return nonnegative(covariance) if scalar else is_positive_semidefinite(covariance)


mean_and_covariance = Rule(
    "mean and covariance",
    "E[x] = m, E[(x - m)_i (x - m)_j] = S_ij",
    "x has the mean m and the covariance S, which is positive semidefinite; nothing of higher degree"
    " than 2 is averaged",
    _SOURCE,
    _moments,
)

__all__ = ["degree_in", "linearity_of_expectation", "mean_and_covariance"]
