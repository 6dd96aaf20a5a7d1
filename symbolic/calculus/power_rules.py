"""Rules of powers: exponents that are added are powers that are multiplied."""

from __future__ import annotations

from symbolic.calculus.definiteness_rules import is_positive
from symbolic.calculus.rules import Rule
from symbolic.domains import domain_of
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, Variable, kernel_symbol
from symbolic.operations import constant_value

_POWER = kernel_symbol(0) ** kernel_symbol(1)
_WHOLE = {"counts", "index", "binary"}  # domains of whole numbers


def _power_of_sum(node: Expression) -> Expression | None:
    """u**(a + b) = u**a * u**b."""
    if not isinstance(node, Elementwise) or node.kernel.expr != _POWER:
        return None
    base, exponent = node.operands
    total, labels = read_along(exponent)
    if not isinstance(total, Sum):
        return None
    if not is_positive(base) and not all(map(is_whole, total.terms)):
        return None
    axes = tuple(range(node.rank))
    powers = []
    for term in total.terms:
        number = constant_value(term)
        if number is not None:
            powers.append(base**number)
            continue
        spread = Contraction([term], [labels], axes, dict(enumerate(node.shape)))
        powers.append(Elementwise(node.kernel, [base, spread]))
    return Contraction(powers, [axes] * len(powers), axes)


def read_along(exponent: Expression) -> tuple[Expression, tuple[int, ...]]:
    """An exponent and the axes along which it is read, names and broadcasting seen through."""
    labels = tuple(range(exponent.rank))
    while True:
        if isinstance(exponent, Named):
            exponent = exponent.meaning
        elif isinstance(exponent, Contraction) and _only_spreads(exponent):
            place = dict(zip(exponent.output, labels, strict=True))
            labels = tuple(place[label] for label in exponent.labels[0])
            exponent = exponent.operands[0]
        else:
            return exponent, labels


def _only_spreads(node: Contraction) -> bool:
    distinct = len(set(node.output)) == node.rank
    return len(node.operands) == 1 and node.coefficient == 1 and not node.summed and distinct


def is_whole(term: Expression) -> bool:
    """Whether every entry is provably a whole number, zero or greater."""
    number = constant_value(term)
    if number is not None:
        return bool(number.is_integer and number.is_nonnegative)
    while isinstance(term, Named):
        term = term.meaning
    if isinstance(term, Sum):
        return all(map(is_whole, term.terms))
    if isinstance(term, Contraction) and term.operands:
        whole = bool(term.coefficient.is_integer and term.coefficient.is_nonnegative)
        return whole and all(map(is_whole, term.operands))
    return isinstance(term, Variable) and domain_of(term.domain).name in _WHOLE


power_of_sum = Rule(
    "power of a sum",
    "u**(a + b) = u**a * u**b",
    "u > 0, or a and b are whole numbers, zero or greater",
    "the laws of powers",
    _power_of_sum,
)

__all__ = ["power_of_sum"]
