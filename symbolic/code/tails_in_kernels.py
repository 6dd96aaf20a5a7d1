"""Densities over tails of the normal distribution inside one kernel, as in a case of `where`.

| written                                              | computed                              |
|------------------------------------------------------|---------------------------------------|
| `exp(-w**2)/erfc(w)`                                 | `1/erfcx(w)`                          |
| `exp(-w**2)/(1 + erf(w))`, `exp(-w**2)/(2 - erfc(w))` | `1/erfcx(-w)`                        |
| `(a*exp(-w**2) + b*exp(-w**2))/erfc(w)`              | `a/erfcx(w) + b/erfcx(w)`             |
| `exp(-w**2)*where(y > 0, 1/erfc(w), 1/erfc(-w))`     | `where(y > 0, 1/erfcx(w), 1/erfcx(-w))` |
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy

from symbolic.code.entrywise_readings import EntrywiseReading
from symbolic.code.power_products import Powers, Product
from symbolic.functions import erfcx
from symbolic.nodes import Elementwise, Expression, kernel_symbol

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


def with_tails_in_cases(product: Product, like: Expression) -> Product | None:
    """A product with densities taken into cases with tails below the line, where no tail is left.

    >>> from symbolic import parse
    >>> from symbolic.code.power_products import product_of
    >>> z = parse("exp(-z**2)*where(y > 0, 1/erfc(z), 3)", {"y": "n", "z": "n"})
    >>> _, powers = with_tails_in_cases(product_of(z), z)
    >>> [str(node) for node, _ in powers]
    ['where(y > 0, 1/erfcx(z), 3/exp(z**2))']
    """
    number, powers = product
    axes = tuple(range(like.rank))
    beside = {
        key: k
        for key, k in powers.items()
        if k.is_positive and key[1] == axes and _is_kernel(key[0], sympy.exp)
    }
    for cases in [key for key, k in powers.items() if k == 1 and key[1] == axes]:
        if _is_kernel(cases[0], sympy.Piecewise):
            found = _taken(cases[0], beside)
            if found is not None:
                left = {key: k for key, k in powers.items() if key not in (cases, *beside)}
                return number, {**left, (found, axes): sympy.S.One}
    return None


def _taken(node: Expression, beside: Powers) -> Expression | None:
    """Cases times densities without tails below the line; None where there were none, or some are left."""
    reading = EntrywiseReading(node, sympy.exp, sympy.erf, sympy.erfc, erfcx)
    assert isinstance(node, Elementwise)
    cases = reading.of_kernel(node)
    if not isinstance(cases, sympy.Piecewise) or not _divides_by_tail(cases):
        return None
    factor = sympy.Mul(*(reading.of(density) ** k for (density, _), k in beside.items()))
    values = [(_in_every_term(value, factor), asked) for value, asked in cases.args]
    if any(_divides_by_tail(value) for value, _ in values):
        return None
    scaled = sympy.Piecewise(*values, evaluate=False)
    for tail in sorted(scaled.atoms(erfcx), key=str):  # arrays of their own, which others may need
        array = Elementwise(sympy.Lambda((_x,), erfcx(_x)), [reading.built(tail.args[0])])
        scaled = scaled.xreplace({tail: reading.symbol(array)})
    return reading.built(scaled)


def _in_every_term(value: sympy.Expr, factor: sympy.Expr) -> sympy.Expr:
    terms = sympy.Add.make_args(value)
    return sympy.Add(*(kernel_with_scaled_tails(term * factor) for term in terms))


def _divides_by_tail(expression: sympy.Expr) -> bool:
    return any(_one_over_tail(power) is not None for power in expression.atoms(sympy.Pow))


def _is_kernel(node: Expression, *heads: type[sympy.Basic]) -> bool:
    return isinstance(node, Elementwise) and isinstance(node.kernel.expr, heads)


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
