"""Sums of diagonal matrices: one matrix with the sum on its diagonal.

`eye(n) - diag(u)` is `diag(1 - u)`: the difference is taken of n numbers, where its terms can be seen.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic.code.cancellation import factor_and_core, scaled
from symbolic.nodes import Contraction, Expression, Sum


def with_one_diagonal(total: Sum, sum_of: Callable[[Sum], Expression]) -> Expression:
    """A sum in which terms with the same diagonal are one; `sum_of` says what sums on it become.

    >>> from symbolic.operations import diag, eye
    >>> from symbolic.variables import dims, vector
    >>> n, = dims("n")
    >>> with_one_diagonal(eye(n) - diag(vector("u", n)), lambda inner: inner)
    diag(1 - u)
    """
    places: dict[tuple[int, ...], list[int]] = {}
    for place, term in enumerate(total.terms):
        _, core = factor_and_core(term)
        if isinstance(core, Contraction) and len(set(core.output)) < len(core.output):
            places.setdefault(_pattern(core), []).append(place)
    joined = {members[0]: members for members in places.values() if len(members) > 1}
    if not joined:
        return total
    gone = {place for members in joined.values() for place in members}
    terms = []
    for place, term in enumerate(total.terms):
        if place in joined:
            diagonals = [factor_and_core(total.terms[k]) for k in joined[place]]
            terms.append(_together(diagonals, sum_of))
        elif place not in gone:
            terms.append(term)
    return terms[0] if len(terms) == 1 else Sum(terms)


def _pattern(term: Contraction) -> tuple[int, ...]:
    """Which axes of the result are the same index."""
    first = list(dict.fromkeys(term.output))
    return tuple(first.index(label) for label in term.output)


def _together(
    diagonals: list[tuple[sympy.Expr, Expression | None]], sum_of: Callable[[Sum], Expression]
) -> Expression:
    inner = []
    pattern: tuple[int, ...] = ()
    for factor, core in diagonals:
        assert isinstance(core, Contraction)
        pattern = _pattern(core)
        kept = tuple(dict.fromkeys(core.output))
        sizes = dict(enumerate(core.sizes))
        flat = Contraction(core.operands, core.labels, kept, sizes, core.coefficient)
        inner.append(scaled(factor, flat))
    found = sum_of(Sum(inner))
    return Contraction([found], [tuple(range(found.rank))], pattern)
