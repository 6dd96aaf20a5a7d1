"""Sums and products: finite ones term by term, series whose ratios stay below one with a bound on the rest.

If |t_(k+1)| <= q |t_k| for every k >= N with q < 1, the terms from N on add up to at most
|t_N|/(1 - q). The ratio is a rational function of k, which SymPy finds; it is written in u = 1/k
and bounded on 0 <= u <= 1/N. That it is the ratio is checked at the terms that are added.
"""

from __future__ import annotations

from functools import lru_cache

import flint
import sympy
from flint import acb, arb, fmpq
from sympy.concrete.expr_with_limits import ExprWithLimits

from numeric.errors import Undecided
from numeric.scalars.numbers_and_balls import Arithmetic, Value, ball, is_finite, is_real
from numeric.scalars.scope import Scope, check_range, outermost

_MOST_TERMS = 20_000
_MOST_EXPLICIT = 8000
_CHECKED = 12


def sum_value(node: sympy.Sum, scope: Scope) -> Value:
    """The value of a sum; `Undecided` for a series whose ratios are not bounded."""
    if {sympy.oo, -sympy.oo} & set(outermost(node)[2:]):
        return series_value(node, scope)
    return scope.arithmetic.add(explicit_terms(node, scope))


def product_value(node: sympy.Product, scope: Scope) -> Value:
    """The value of a finite product."""
    return scope.arithmetic.multiply(explicit_terms(node, scope))


def explicit_terms(node: ExprWithLimits, scope: Scope) -> list[Value]:
    """The terms of a sum or product over its outermost range, which is finite."""
    inner, index, low, high = outermost(node)
    first, last = scope.integer(low, "the bound"), scope.integer(high, "the bound")
    if last < first - 1:
        raise Undecided(f"{node}", f"it runs from {first} down to {last}", "let it run upwards")
    if last - first >= _MOST_TERMS:
        raise Undecided(f"{node}", f"it has {last - first + 1} terms", "use fewer terms")
    if first <= last:
        check_range(index, (low, high), scope, whole=True)
    return [scope.inside({index: fmpq(k)}).value(inner) for k in range(first, last + 1)]


def series_value(node: sympy.Sum, scope: Scope) -> Value:
    """A ball that contains the sum of a series; `Undecided` where its ratios are not bounded."""
    inner, index, low, high = outermost(node)
    if low == -sympy.oo:
        flipped = inner.xreplace({index: -index})
        if high != sympy.oo:
            return scope.value(sympy.Sum(flipped, (index, -high, sympy.oo)))
        right = sympy.Sum(inner, (index, 0, sympy.oo))
        left = sympy.Sum(flipped, (index, 1, sympy.oo))
        return scope.arithmetic.add([scope.value(right), scope.value(left)])
    if high != sympy.oo:
        raise Undecided(f"{node}", "it runs downwards from infinity", "exchange the bounds")
    first = scope.integer(low, "the bound")
    check_range(index, (low, high), scope, whole=True)
    ratio = ratio_of_terms(inner, index)
    if ratio is None:
        raise Undecided(
            f"{node}", "the ratio of its terms is no rational function", "state a closed form"
        )
    return _summed(inner, index, first, ratio, scope)


def _summed(
    inner: sympy.Expr,
    index: sympy.Symbol,
    first: int,
    ratio: tuple[sympy.Expr, sympy.Expr],
    scope: Scope,
) -> Value:
    total: Value = fmpq(0)
    at_terms = Arithmetic(scope.arithmetic.analytic)  # whose terms may be as small as they like
    small = arb(2) ** -flint.ctx.prec
    terms: dict[int, acb] = {}
    for k in range(first, first + _MOST_EXPLICIT):
        term = scope.inside({index: fmpq(k)}, at_terms).value(inner)
        if not is_finite(term):
            return term
        terms[k] = ball(term)
        if k - 1 in terms and k - first <= _CHECKED:
            top, bottom = (scope.inside({index: fmpq(k - 1)}).value(part) for part in ratio)
            if not (terms[k] * bottom - terms[k - 1] * top).contains(0):
                raise Undecided(
                    f"a sum of {inner}", "the ratio of its terms is not right", "rewrite it"
                )
        if k > max(first, 1) + _CHECKED and (k - first) % 8 == 0:
            largest = _largest_ratio(ratio, index, k, scope)
            if largest is not None and largest < 1:
                rest = terms[k].abs_upper() / (1 - largest)
                if rest < small * (1 + ball(total).abs_upper()) or k - first > _MOST_EXPLICIT - 10:
                    around = arb(0, 1) * rest.upper()
                    real = is_real(total) and _real_terms(inner, index)
                    return ball(total) + (acb(around) if real else acb(around, around))
        total = scope.arithmetic.add([total, term])
    return scope.arithmetic.undefined(f"the sum of {inner} is not bounded after many terms")


def _real_terms(inner: sympy.Expr, index: sympy.Symbol) -> bool:
    return bool(inner.xreplace({index: _counter()}).is_real)


def _counter() -> sympy.Dummy:
    return sympy.Dummy("k", integer=True, nonnegative=True)


def _largest_ratio(
    ratio: tuple[sympy.Expr, sympy.Expr], index: sympy.Symbol, start: int, scope: Scope
) -> arb | None:
    """A bound on |top/bottom| for every k >= start, by their coefficients in u = 1/k."""
    top, bottom = (sympy.Poly(part, index) for part in ratio)
    degree = max(top.degree(), bottom.degree())
    near_zero = arb(0).union(1 / arb(start))
    values = []
    for part in (top, bottom):
        value = acb(0)
        for (power,), coefficient in part.terms():
            value += ball(scope.value(coefficient)) * near_zero ** (degree - power)
        values.append(value)
    if not all(map(is_finite, values)) or values[1].contains(0):
        return None
    return (values[0].abs_upper() / values[1].abs_lower()).upper()


@lru_cache(maxsize=1024)
def ratio_of_terms(inner: sympy.Expr, index: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr] | None:
    """Numerator and denominator, polynomials in k, of the quotient of neighbouring terms.

    >>> k, x = sympy.symbols("k x", real=True)
    >>> ratio_of_terms(x**k / sympy.factorial(k), k)
    (x, k + 1)
    """
    letter = _counter()
    term = inner.xreplace({index: letter})
    if term.has(sympy.Piecewise, sympy.Sum, sympy.Integral, sympy.Derivative, sympy.Limit):
        return None
    found = sympy.hypersimp(term, letter)
    if found is None:
        return None
    top, bottom = sympy.fraction(sympy.together(found))
    if not (top.is_polynomial(letter) and bottom.is_polynomial(letter)) or bottom == 0:
        return None
    return sympy.expand(top).xreplace({letter: index}), sympy.expand(bottom).xreplace(
        {letter: index}
    )
