"""Sums whose terms are spread among those of another, as one term where a function of them stands beside.

`sqrt((x - m)**2 + b) + x - m` is `sqrt(w**2 + b) + w` with w = x - m, and `softplus(x + b) - x - b` is
`softplus(z) - z` with z = x + b: written so, the rows of `cancellation` and `common_denominators` apply.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic.code.cancellation import MOST_TERMS, factor_and_core, meaning, scaled
from symbolic.code.power_products import product_of
from symbolic.functions import softplus
from symbolic.nodes import Elementwise, Expression, Sum, kernel_symbol

_x = kernel_symbol(0)


def with_sums_together(total: Sum) -> Sum:
    """A sum in which w or -w is one term, where its terms stand beside softplus(w) or sqrt(w**2 + b).

    >>> from symbolic.operations import softplus as of
    >>> from symbolic.variables import scalar
    >>> x, b = scalar("x"), scalar("b")
    >>> len(with_sums_together(Sum([of(x + b), -x, -b])).terms)
    2
    """
    if not 3 <= len(total.terms) <= MOST_TERMS:
        return total
    parts = [factor_and_core(term) for term in total.terms]
    for factor, core in parts:
        for w in _sums_in(core):
            for sign in (factor, -factor):
                spread = {(sign * number, each) for number, each in map(factor_and_core, w.terms)}
                if len(spread) == len(w.terms) and spread <= set(parts):
                    pairs = zip(total.terms, parts, strict=True)
                    left = [term for term, part in pairs if part not in spread]
                    return Sum([*left, scaled(sign, w)])
    return total


def _sums_in(core: Expression | None) -> Iterator[Sum]:
    """The sums w of softplus(w) and sqrt(w**2 + b)."""
    node = None if core is None else meaning(core)
    if not isinstance(node, Elementwise) or len(node.operands) != 1:
        return
    inside = meaning(node.operands[0])
    if not isinstance(inside, Sum):
        return
    if node.kernel.expr == softplus(_x):
        yield inside
    if node.kernel.expr == sympy.sqrt(_x):
        for term in inside.terms:
            square = product_of(term)
            for (w, at), k in () if square is None else square[1].items():
                if isinstance(w, Sum) and square == (1, {(w, at): 2}) and k == 2:
                    yield w
