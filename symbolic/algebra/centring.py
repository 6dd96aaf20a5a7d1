"""Differences that stay differences: centred quantities, as X - mean(X), and squares inside functions.

Multiplied out, mean((x - mean(x))**2) reads mean(x**2) - mean(x)**2: not longer, but a difference of
large numbers where the entries are far from zero. So does sqrt(sum((x - y)**2)) as
sqrt(x @ x + y @ y - 2*x @ y), where x is close to y.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.traverse import postorder

Canonical = Callable[[Expression], Expression]


def keeps_centred(form: Expression, spread: Expression, canonical: Canonical) -> bool:
    """Whether a form, multiplied out, still holds its centred differences, or needs them no longer.

    They are not needed where they cancel, so that fewer terms are left: (x - mean(x))*a + mean(x)*a is
    x*a. The same is asked of the squares of sums that stand inside a root or below a line.
    """
    if _count(spread) < _count(form):
        return True
    order = postorder(form)
    lost = set(order) - set(postorder(canonical(spread)))
    if any(_is_centred(node, canonical) for node in lost):
        return False
    squares = [node for node in lost if _is_square_of_sum(node)]
    return not squares or not any(
        node in lost and not _is_polynomial(node) and not set(postorder(node)).isdisjoint(squares)
        for node in order
    )


def _is_square_of_sum(node: Expression) -> bool:
    kernel = isinstance(node, Elementwise) and node.kernel.expr == kernel_symbol(0) ** 2
    return kernel and isinstance(node.children[0], Sum)


def _is_polynomial(node: Expression) -> bool:
    """Whether a node is one of its children multiplied and added, and powers of them."""
    if not isinstance(node, Elementwise):
        return isinstance(node, (Sum, Contraction))
    return bool(node.kernel.expr.is_polynomial(*node.kernel.variables))


def _count(form: Expression) -> int:
    return len(form.terms) if isinstance(form, Sum) else 1


def _is_centred(node: Expression, canonical: Canonical) -> bool:
    """Whether a canonical sum holds a term and minus its mean along some axes."""
    if not isinstance(node, Sum):
        return False
    return any(
        term is not mean and _less_mean(term, mean, canonical)
        for mean in node.terms
        for term in node.terms
    )


def _less_mean(term: Expression, mean: Expression, canonical: Canonical) -> bool:
    """Whether `mean` is minus the mean of `term` along the axes along which it is repeated."""
    if not isinstance(mean, Contraction) or len(set(mean.output)) < len(mean.output):
        return False
    held = {label for labels in mean.labels for label in labels}
    kept = [axis for axis, label in enumerate(mean.output) if label in held]
    if len(kept) == term.rank or not mean.summed:
        return False
    axes = list(range(term.rank))
    sizes = dict(enumerate(term.shape))
    total = Contraction([term], [axes], kept)
    coefficient = sympy.S.NegativeOne
    for axis in axes:
        coefficient = coefficient if axis in kept else coefficient / term.shape[axis]
    return canonical(Contraction([total], [kept], axes, sizes, coefficient)) is mean
