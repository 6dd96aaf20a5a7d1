"""Densities over tails of the normal distribution inside one kernel, as in a case of `where`.

`exp(-w**2)/erfc(w)` is `1/erfcx(w)`, and the same for powers; a sum beside a tail is divided term by term.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy

from symbolic.functions import erfcx
from symbolic.nodes import kernel_symbol

MOST_FACTORS = 20  # of a product, and terms of a sum beside a tail

_x = kernel_symbol(0)
_TAILS = {  # f(w) plus a number as a number times erfc(w) or erfc(-w)
    (sympy.erfc, 0): (1, 1),
    (sympy.erfc, -2): (-1, -1),
    (sympy.erf, 1): (1, -1),
    (sympy.erf, -1): (-1, 1),
}


@lru_cache(maxsize=4096)
def kernel_with_scaled_tails(kernel: sympy.Expr) -> sympy.Expr:
    """A kernel in which densities over tails of the same number are one function of it.

    >>> kernel_with_scaled_tails(sympy.Max(_x * sympy.exp(-_x**2 / 2) / sympy.erfc(_x / sympy.sqrt(2)), 3))
    Max(3, x0/erfcx(sqrt(2)*x0/2))
    """
    if not kernel.has(sympy.erfc, sympy.erf) or not kernel.has(sympy.exp):
        return kernel
    return kernel.replace(lambda node: node.is_Mul, _scaled)


def _scaled(product: sympy.Mul) -> sympy.Expr:
    found = _over_tails(product)
    return product if found is None else found


def _over_tails(product: sympy.Expr) -> sympy.Expr | None:
    """A product without tails below the line; None where a tail has no density of its number."""
    exponent, tails, beside = sympy.S.Zero, [], []
    factors = sympy.Mul.make_args(product)
    for factor in factors[:MOST_FACTORS]:
        tail = _one_over_tail(factor)
        if tail is not None:
            tails.append(tail)
        elif isinstance(factor, sympy.exp):
            exponent += factor.args[0]
        else:
            beside.append(factor)
    if not tails or len(factors) > MOST_FACTORS:
        return None
    left = exponent
    for tail in tails:
        found = _without_squares(left, tail)
        if found is None:
            return _in_terms(tails, exponent, beside)
        left = found
    if not (left.is_number or left.is_nonpositive):  # large where the densities were small
        return None
    scaled = [tail.number / erfcx(tail.argument) ** tail.times for tail in tails]
    return sympy.Mul(*scaled, sympy.exp(left), *beside)


def _in_terms(
    tails: list[_Tail], exponent: sympy.Expr, beside: list[sympy.Expr]
) -> sympy.Expr | None:
    """Tails below a sum of which every term has densities for them."""
    for total in beside:
        if not total.is_Add or len(total.args) > MOST_FACTORS:
            continue
        given = (*(tail.factor for tail in tails), sympy.exp(exponent))
        terms = [_over_tails(sympy.Mul(term, *given)) for term in total.args]
        if all(term is not None for term in terms):
            others = [factor for factor in beside if factor is not total]
            return sympy.Mul(sympy.Add(*terms), *others)
    return None


def _without_squares(exponent: sympy.Expr, tail: _Tail) -> sympy.Expr | None:
    """An exponent without minus the square of an argument for every tail, where it has these."""
    square = sympy.expand(tail.argument**2).as_coefficients_dict()
    terms = sympy.expand(exponent).as_coefficients_dict()
    shares = {-terms.get(term, sympy.S.Zero) / number for term, number in square.items()}
    if len(shares) != 1 or not shares.pop() >= tail.times:
        return None
    return sympy.Add(exponent, tail.times * tail.argument**2).expand()


@dataclass(frozen=True)
class _Tail:
    """A factor that is number/erfc(argument)**times."""

    factor: sympy.Expr
    number: sympy.Expr
    argument: sympy.Expr
    times: sympy.Expr


def _one_over_tail(factor: sympy.Expr) -> _Tail | None:
    base, exponent = factor.as_base_exp()
    if not exponent.is_Integer or not exponent.is_negative:
        return None
    number, rest = base.as_coeff_Add()
    multiple, function = rest.as_coeff_Mul()
    if not isinstance(function, (sympy.erf, sympy.erfc)):
        return None
    (argument,) = function.args
    row = _TAILS.get((function.func, number / multiple))
    if row is None:
        return None
    return _Tail(factor, (row[0] * multiple) ** exponent, row[1] * argument, -exponent)
