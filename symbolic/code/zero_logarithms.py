"""Products with a logarithm where both may be 0 times minus infinity: p*log(p) is 0 where p is 0.

The logarithm is taken of 1 where the factor beside it is 0. That is done where the domains of
variables allow both zeros: an impossible outcome must not spoil an entropy.
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import factor_and_core, meaning
from symbolic.domains import domain_of
from symbolic.functions import log1p
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

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


def guarded(node: Contraction) -> Expression:
    """A product with its logarithms of zero made harmless.

    >>> from symbolic.operations import log
    >>> from symbolic.variables import scalar
    >>> p = scalar("p", domain="unit")
    >>> guarded(p * log(p))
    p*log(where(p == 0, 1, p))
    """
    operands = list(node.operands)
    for place, operand in enumerate(operands):
        inner = meaning(operand)
        if not isinstance(inner, Elementwise) or inner.kernel.expr not in _GUARDED:
            continue
        if not _may_vanish(inner.operands[0], one_plus=inner.kernel.expr == log1p(_x)):
            continue
        beside = [
            other
            for k, other in enumerate(operands)
            if k != place and node.labels[k] == node.labels[place] and _may_vanish(other)
        ]
        if beside:
            safe = Elementwise(_GUARDED[inner.kernel.expr], [inner.operands[0], beside[0]])
            operands[place] = Elementwise(inner.kernel, [safe])
    if operands == list(node.operands):
        return node
    sizes = dict(enumerate(node.sizes))
    return Contraction(operands, node.labels, node.output, sizes, node.coefficient)


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
    return isinstance(inner, Variable) and domain_of(inner.domain).name in domains
