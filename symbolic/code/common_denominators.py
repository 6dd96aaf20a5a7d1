"""Differences of which the long terms cancel over a common denominator, or beside a power.

| written                      | computed                          |
|------------------------------|-----------------------------------|
| `1/s - r**2/s**3`, s**2 = r**2 + e | `e/s**3`                    |
| `a/u - a*b/u**2`, u = b + c  | `a*c/u**2`                        |
| `1 - 1/(1 + b)`              | `b/(1 + b)`                       |
| `sqrt(w**2 + b) - w`, w > 0  | `b/(sqrt(w**2 + b) + w)`          |
| `sqrt(w**2 + b) - w`         | `where(w > 0, b/t, t)`, t = sqrt(w**2 + b) + abs(w) |
| `a*p - a*p**2`, p = sigmoid(z) | `a*p*sigmoid(-z)`, and the like |
| `1 - (1 - b)**3`             | `b*(1 + v + v**2)`, v = 1 - b     |
| `(1 + b)**(1/4) - 1`         | `expm1(u)` for small u, u = log1p(b)/4 |
| `a**x - 1`, a >= 0           | `expm1(u)` for small u, u = x*log(a) |

Each row is an identity. Second derivatives of roots and quotients have the first two far out, where they
are small against their terms; the last two are small where b is.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symbolic.code.cancellation import (
    ONE_MINUS,
    ONE_PLUS,
    TWO_MINUS,
    Found,
    built,
    factor_and_core,
    function_of,
    joined_in_pairs,
    meaning,
    multiplied,
    scaled,
)
from symbolic.code.power_products import Place, Powers, Product, power, product_of, written
from symbolic.code.sign_of_values import is_nonnegative_array
from symbolic.domains import domain_of
from symbolic.functions import expm1, log1p
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

HIGHEST = 4  # whole powers that are divided by what they are one less than

_x, _y, _z = (kernel_symbol(place) for place in range(3))
_QUOTIENT = sympy.Lambda((_x, _y), _x / _y)
_CONJUGATE = sympy.Lambda((_x, _y, _z), sympy.Piecewise((_y, _x > 0), (_z, True)))


def without_long_terms(total: Sum) -> Expression:
    """A sum with the pairs of terms of the table replaced.

    >>> from symbolic.operations import sqrt
    >>> from symbolic.variables import vector
    >>> r = vector("r", "n")
    >>> u = 1 + r**2
    >>> without_long_terms(Sum([u ** (-1 / sympy.Integer(2)), -(r**2 / u ** (3 / sympy.Integer(2)))]))
    1/(1 + r**2)**(3/2)
    """
    return joined_in_pairs(total, _pair)


def _pair(terms: Sequence[Expression]) -> Found | None:
    products = [product_of(term) for term in terms]
    for place, one in enumerate(products):
        for other, two in enumerate(products):
            if one is None or two is None or place == other:
                continue
            found = _over_common(one, two, terms[place])
            found = _beside_power(one, two) if found is None else found
            found = _complement(one, two, terms[place]) if found is None else found
            found = _beside_root(one, two, terms[place]) if found is None else found
            if found is not None:
                return place, other, found
    return None


# --- a common denominator ------------------------------------------------------------------------


def _over_common(one: Product, two: Product, like: Expression) -> Expression | None:
    """a*u**p + b*u**(p - 1) as a*u**(p - 1)*(u + b/a), where a term of u is -b/a."""
    for place, exponent in two[1].items():
        base, at = place
        if not exponent.is_negative or one[1].get(place, 0) - exponent != 1:
            continue
        if not isinstance(base, Sum):
            continue
        ratio = _ratio(one, two)
        wanted = -two[0] / one[0], {each: k for each, k in ratio.items() if each != place}
        left = [term for term in base.terms if product_of(term, at) != wanted]
        if len(left) != len(base.terms) - 1:
            continue
        number, rest = factor_and_core(left[0] if len(left) == 1 else Sum(left))
        beside = [] if rest is None else [(rest, at)]
        return written((one[0] * number, {**one[1], place: exponent}), beside, like)
    return None


def _complement(one: Product, two: Product, like: Expression) -> Expression | None:
    """The sum a - a*f(z), a + a*f(z) or a - a*f(z)/2 as a times what the rest is without a difference."""
    ratio = _ratio(one, two)
    rows = {-1: ONE_MINUS, 1: ONE_PLUS, -sympy.S.Half: TWO_MINUS}.get(two[0] / one[0])
    if rows is None or not one[1] or len(ratio) != 1:
        return None
    (((base, at), exponent),) = ratio.items()
    read = function_of(base)
    if read is None or at != tuple(range(like.rank)) or read[0] ** exponent not in rows:
        return None
    return written(one, [(built(rows[read[0] ** exponent], read[1]), at)], like)


def _beside_root(one: Product, two: Product, like: Expression) -> Expression | None:
    """a*sqrt(s) - a*w as a*(s - w**2)/(sqrt(s) + w), where w**2 is a term of s and w is above 0.

    Where the sign of w is not known, both ways are written, each for the w for which it cancels nothing.
    """
    number = -two[0] / one[0]
    for place in {**one[1], **two[1]}:
        base, at = place
        below = two[1].get(place, sympy.S.Zero)
        if one[1].get(place, sympy.S.Zero) - below != sympy.S.Half or not isinstance(base, Sum):
            continue
        ratio = {each: k for each, k in _ratio(one, two).items() if each != place}
        if not ratio or at != tuple(range(like.rank)):
            continue
        square = number**2, {each: 2 * k for each, k in ratio.items()}
        left = [term for term in base.terms if product_of(term, at) != square]
        if len(left) != len(base.terms) - 1:
            continue
        w, root = written((number, ratio), [], like), power(base, sympy.S.Half)
        rest = left[0] if len(left) == 1 else Sum(left)
        outside = one[0], {**one[1], place: below}
        if all(_is_positive(each) for each, _ in ratio):
            if not number.is_positive:
                continue
            factor, beside = _over(rest, Sum([root, w]), at)
            return written((outside[0] * factor, outside[1]), beside, like)
        whole = Sum([root, Elementwise(sympy.Lambda((_x,), sympy.Abs(_x)), [w])])
        quotient: Expression = Elementwise(_QUOTIENT, [rest, whole])
        if factor_and_core(rest)[1] is not None:
            factor, beside = _over(rest, whole, at)
            quotient = written((factor, {}), beside, like)
        return written(outside, [(Elementwise(_CONJUGATE, [w, quotient, whole]), at)], like)
    return None


def _over(
    above: Expression, below: Expression, at: tuple[int, ...]
) -> tuple[sympy.Expr, list[Place]]:
    """A quotient as a number and factors: v**2/u is v*(v/u), since v**2 overflows before it does."""
    number, core = factor_and_core(above)
    inverse = power(below, sympy.S.NegativeOne)
    if core is None:
        return number, [(inverse, at)]
    found = product_of(core, at)
    if found is None or not all(k.is_even for k in found[1].values()):
        return number, [(core, at), (inverse, at)]
    root = written((sympy.S.One, {each: k / 2 for each, k in found[1].items()}), [], below)
    whole = factor_and_core(root)[1]
    root = root if whole is None else whole
    quotient = Elementwise(_QUOTIENT, [root, below])
    return number * found[0], [(root, at), (quotient, at)]


def _is_positive(node: Expression) -> bool:
    return isinstance(node, Variable) and domain_of(node.domain).positive


def _ratio(one: Product, two: Product) -> Powers:
    """The powers of the second product over those of the first."""
    ratio = {each: two[1].get(each, 0) - one[1].get(each, 0) for each in {**one[1], **two[1]}}
    return {each: k for each, k in ratio.items() if k != 0}


# --- one less than a power -----------------------------------------------------------------------


def _beside_power(one: Product, two: Product) -> Expression | None:
    """c*v**k - c as c times what is as small as k*log(v) is."""
    if one[1] or len(two[1]) != 1 or one[0] != -two[0]:
        return None
    (((base, at), exponent),) = two[1].items()
    if at != tuple(range(base.rank)):
        return None
    found = None
    if exponent == 1 and isinstance(base, Elementwise) and base.kernel.expr.is_Pow:
        found = _logarithm(base)
    elif exponent.is_Integer:
        return _long_quotient(base, exponent, two[0])
    elif exponent != sympy.S.Half:
        found = _logarithm(Elementwise(sympy.Lambda((_x,), _x**exponent), [base]))
    return None if found is None else scaled(two[0], _less_one(power(base, exponent), found))


def _long_quotient(base: Expression, exponent: sympy.Expr, number: sympy.Expr) -> Expression | None:
    """c*v**k - c, where v is 1 + b and k a small whole number, as c*b*(1 + v + v**2 + ...)."""
    rest = _after_one(base)
    if rest is None or not 1 < exponent <= HIGHEST:
        return None
    unit = Contraction((), (), range(base.rank), dict(enumerate(base.shape)))
    powers = [power(base, sympy.Integer(k)) for k in range(1, int(exponent))]
    return scaled(number, multiplied([rest, Sum([unit, *powers])]))


def _less_one(node: Expression, logarithm: Expression) -> Expression:
    """A power less one; the logarithm is that of the power."""
    kernel = sympy.Piecewise((expm1(_x), sympy.Abs(_x) < sympy.S.Half), (_y - 1, True))
    return Elementwise(sympy.Lambda((_x, _y), kernel), [logarithm, node])


def _logarithm(node: Elementwise) -> Expression | None:
    """k*log(v) of a power v**k, where v is 1 + b or not negative."""
    base, exponent = node.kernel.expr.as_base_exp()
    operands, logarithm = list(node.operands), sympy.log(base)
    if base.is_Symbol:
        place = node.kernel.variables.index(base)
        rest = _after_one(meaning(operands[place]))
        if rest is not None:
            operands[place], logarithm = rest, log1p(base)
        elif not is_nonnegative_array(operands[place]):
            return None
    elif not base.is_positive:
        return None
    return Elementwise(sympy.Lambda(node.kernel.variables, exponent * logarithm), operands)


def _after_one(total: Expression) -> Expression | None:
    """b, where a sum is 1 + b."""
    if not isinstance(total, Sum):
        return None
    left = [term for term in total.terms if factor_and_core(term) != (1, None)]
    if len(left) != len(total.terms) - 1:
        return None
    return left[0] if len(left) == 1 else Sum(left)
