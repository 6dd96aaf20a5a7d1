"""Products with a logarithm where both may be 0 times minus infinity: p*log(p) is 0 where p is 0.

The logarithm is taken of 1 where the factor beside it is 0. That is done where the domains of
variables allow both zeros: an impossible outcome must not spoil an entropy. The two may have
different axes, where both together have no more than one of them, or than the product; and the
logarithm may be a term of a sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symbolic.code.cancellation import MOST_TERMS, factor_and_core, meaning, scaled
from symbolic.code.product_order import Labels
from symbolic.domains import domain_of
from symbolic.functions import log1p
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol
from symbolic.sizes import Size

_x, _y = kernel_symbol(0), kernel_symbol(1)
_NOT_ZERO = sympy.Eq(_y, 0)
_GUARDED = {
    sympy.log(_x): sympy.Lambda((_x, _y), sympy.Piecewise((1, _NOT_ZERO), (_x, True))),
    log1p(_x): sympy.Lambda((_x, _y), sympy.Piecewise((0, _NOT_ZERO), (_x, True))),
}
_WITH_ZERO = {
    "nonnegative", "unit", "binary", "counts", "index", "onehot", "prob", "prob columns",
}  # fmt: skip
_UP_TO_ONE = {"unit", "binary", "onehot", "prob", "prob columns"}
_DEEPEST = 4  # multiples, repetitions and sums that a logarithm may stand in


def guarded(node: Contraction) -> Expression:
    """A product with its logarithms of zero made harmless.

    >>> from symbolic.operations import log
    >>> from symbolic.variables import scalar
    >>> p = scalar("p", domain="unit")
    >>> guarded(p * log(p))
    p*log(where(p == 0, 1, p))
    """
    factors = list(zip(node.operands, node.labels, strict=True))
    zeros = [(other, there) for other, there in factors if _may_vanish(other)]
    operands, labels = list(node.operands), list(node.labels)
    sizes = dict(enumerate(node.sizes))
    for place, (operand, at) in enumerate(factors):
        for other, there in () if isinstance(operand, Variable) else zeros:
            axes = tuple(dict.fromkeys((*at, *there) if set(there) <= set(at) else (*there, *at)))
            sized = set(axes) in (set(at), set(there)) or set(axes) <= set(node.output)
            if other is operand or not sized:
                continue
            safe = _harmless(operand, at, _Beside(other, there, axes, sizes), _DEEPEST)
            if safe is not None:
                operands[place], labels[place] = safe, axes
                break
    if operands == list(node.operands):
        return node
    return Contraction(operands, labels, node.output, sizes, node.coefficient)


@dataclass(frozen=True)
class _Beside:
    """A factor that may be 0, its labels, and the axes that it and the logarithm have together."""

    factor: Expression
    labels: Labels
    axes: Labels
    sizes: dict[int, Size]

    def spread(self, node: Expression, at: Labels) -> Expression:
        """A node over the common axes."""
        if at == self.axes:
            return node
        return Contraction([node], [at], self.axes, self.sizes)


def _harmless(node: Expression, at: Labels, beside: _Beside, depth: int) -> Expression | None:
    """A node over the common axes, with the logarithms in it made harmless; None if it has none."""
    inner = meaning(node)
    if isinstance(inner, Elementwise):
        guard = _GUARDED.get(inner.kernel.expr)
        if guard is None:
            return None
        (argument,) = inner.operands
        if not _may_vanish(argument, one_plus=inner.kernel.expr == log1p(_x)):
            return None
        pair = beside.spread(argument, at), beside.spread(beside.factor, beside.labels)
        return Elementwise(inner.kernel, [Elementwise(guard, pair)])
    if depth == 0:
        return None
    if isinstance(inner, Contraction) and _places_all(inner):
        labels = dict(zip(inner.output, at, strict=True))
        below = tuple(labels[label] for label in inner.labels[0])
        found = _harmless(inner.operands[0], below, beside, depth - 1)
        return None if found is None else scaled(inner.coefficient, found)
    if isinstance(inner, Sum) and len(inner.terms) <= MOST_TERMS:
        terms = [_harmless(term, at, beside, depth - 1) for term in inner.terms]
        if any(term is not None for term in terms):
            pairs = zip(terms, inner.terms, strict=True)
            return Sum([beside.spread(old, at) if new is None else new for new, old in pairs])
    return None


def _places_all(node: Contraction) -> bool:
    """Whether every entry is a number times an entry of the one operand."""
    return len(node.operands) == 1 and not node.summed and len(set(node.output)) == node.rank


def _may_vanish(node: Expression, *, one_plus: bool = False) -> bool:
    """Whether an entry of a node, or of 1 + the node, can be 0 on the domain of its variable."""
    inner = meaning(node)
    if one_plus:
        factor, core = factor_and_core(inner)
        return factor == -1 and core is not None and _is_in(core, _UP_TO_ONE)
    if isinstance(inner, Sum) and len(inner.terms) == 2:
        parts = dict(factor_and_core(term)[::-1] for term in inner.terms)
        ones = parts.pop(None, 0)
        return ones == 1 and any(
            factor == -1 and _is_in(core, _UP_TO_ONE)
            for core, factor in parts.items()
            if core is not None
        )
    if isinstance(inner, Elementwise) and inner.kernel.expr == _x / _y:
        return _is_in(inner.operands[0], _WITH_ZERO)
    if isinstance(inner, Contraction) and not inner.summed:
        return any(_is_in(operand, _WITH_ZERO) for operand in inner.operands)
    return _is_in(inner, _WITH_ZERO)


def _is_in(node: Expression, domains: set[str]) -> bool:
    inner = meaning(node)
    while isinstance(inner, Contraction) and inner.coefficient == 1 and _places_all(inner):
        inner = meaning(inner.operands[0])
    return isinstance(inner, Variable) and domain_of(inner.domain).name in domains
