"""What a finite sum consists of: term, range, and what is known inside it."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.smoothness import Range, is_finite, within


def single(node: sympy.Basic, facts: Facts) -> tuple[sympy.Expr, Range, Facts] | None:
    """The term and the range of a finite sum over one index, and what is known of the ends.

    The innermost sum of several. The ends are certainly integers, and free of the index.

    >>> k, n = sympy.symbols("k n", integer=True)
    >>> single(sympy.Sum(k**2, (k, 1, n)), Facts())[1]
    (k, 1, n)
    >>> single(sympy.Sum(k**2, (k, 1, sympy.Symbol("x", real=True))), Facts()) is None
    True
    """
    if not isinstance(node, sympy.Sum) or not has_integer_ends(node, facts):
        return None
    for limits in reversed(node.limits[1:]):
        facts = within(facts, tuple(limits))
    index, *ends = node.limits[0]
    if not index.is_integer or any(index in end.free_symbols for end in ends):
        return None
    return node.function, (index, *ends), facts


def has_integer_ends(node: sympy.Sum, facts: Facts) -> bool:
    """Whether every end of a sum certainly is an integer."""
    return all(
        len(limits) == 3 and all(is_finite(end) and facts.integer(end) for end in limits[1:])
        for limits in node.limits
    )


def around(node: sympy.Sum, inner: sympy.Expr) -> sympy.Expr:
    """The outer sums of a node around what its innermost one has become."""
    return sympy.Sum(inner, *node.limits[1:]) if len(node.limits) > 1 else inner
