"""Centred quantities, as X - mean(X), which stay centred.

Multiplied out, mean((x - mean(x))**2) reads mean(x**2) - mean(x)**2: not longer, but a difference of
large numbers where the entries are far from zero.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic.nodes import Contraction, Expression, Sum
from symbolic.traverse import postorder

Canonical = Callable[[Expression], Expression]


def keeps_centred(form: Expression, spread: Expression, canonical: Canonical) -> bool:
    """Whether a form, multiplied out, still holds its centred differences, or needs them no longer.

    They are not needed where they cancel, so that fewer terms are left: (x - mean(x))*a + mean(x)*a is
    x*a.
    """
    if _count(spread) < _count(form):
        return True
    lost = set(postorder(form)) - set(postorder(canonical(spread)))
    return not any(_is_centred(node, canonical) for node in lost)


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
