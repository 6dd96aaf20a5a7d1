"""Logarithms of products with sigmoids among the factors, which are 0 far out, as sums of logarithms.

| written                           | computed                                |
|-----------------------------------|-----------------------------------------|
| `log(sigmoid(u)*(1 - sigmoid(v)))` | `-softplus(-u) - softplus(v)`          |
| `log(sigmoid(u)**2/sigmoid(v))`   | `-2*softplus(-u) + softplus(-v)`        |
| `log(s*(sigmoid(u) - sigmoid(v)))` | `log(s)` and the logarithm of the difference, for s > 0 |

The factors beside the sigmoids have to be positive: a product of two negative numbers has a logarithm, and
where one is 0, the factors outside of the logarithm are looked at (`zero_logarithms`).
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import scaled
from symbolic.code.power_products import Powers, product_of, written
from symbolic.code.sigmoid_polynomials import (
    argument_of_sigmoid,
    arguments_of_difference,
    log_of_difference,
)
from symbolic.domains import domain_of
from symbolic.functions import softplus
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

_x = kernel_symbol(0)


def log_of_sigmoids(inside: Expression) -> Expression | None:
    """The logarithm of a product of several factors with sigmoids among them; else None.

    >>> from symbolic import parse
    >>> log_of_sigmoids(parse("sigmoid(u)*sigmoid(v)", {"u": "", "v": ""}))
    -softplus(-u) - softplus(-v)
    """
    product = product_of(inside)
    if product is None or not product[0].is_positive:
        return None
    number, powers = product
    terms: list[Expression] = []
    left: Powers = {}
    differences = 0
    for (base, at), exponent in powers.items():
        found = _logarithm(base) if exponent.is_odd or not isinstance(base, Sum) else None
        if found is not None and exponent.is_Integer:
            terms.append(scaled(exponent, _repeated(found, at, inside)))
            differences += isinstance(base, Sum)
        elif _is_positive(base):
            left[base, at] = exponent
        else:
            return None
    if not terms or differences > 1:
        return None
    if left:
        rest = written((number, left), [], inside)
        terms.append(Elementwise(sympy.Lambda((_x,), sympy.log(_x)), [rest]))
    elif number != 1:
        sizes = dict(enumerate(inside.shape))
        terms.append(Contraction((), (), range(inside.rank), sizes, sympy.log(number)))
    return terms[0] if len(terms) == 1 else Sum(terms)


def _logarithm(factor: Expression) -> Expression | None:
    """The logarithm of a sigmoid, or of a difference of two."""
    z = argument_of_sigmoid(factor)
    if z is not None:
        turned = scaled(sympy.S.NegativeOne, z)
        softened = Elementwise(sympy.Lambda((_x,), softplus(_x)), [turned])
        return scaled(sympy.S.NegativeOne, softened)
    found = arguments_of_difference(factor)
    return None if found is None else log_of_difference(found[1], found[2], found[0])


def _repeated(node: Expression, at: tuple[int, ...], like: Expression) -> Expression:
    """An array with some of the axes along all of them."""
    axes = tuple(range(like.rank))
    if at == axes:
        return node
    return Contraction([node], [at], axes, dict(enumerate(like.shape)))


def _is_positive(node: Expression) -> bool:
    return isinstance(node, Variable) and domain_of(node.domain).positive
