"""Polynomials in two sigmoids over powers of their difference, with no difference below the line.

With p = sigmoid(u), q = sigmoid(v) and E = 1/expm1(u - v) there is `E*(p - q) = (1 - p)*q`, so that

    p*(1 - p)/(p - q)      = 1 - p + E
    q*(1 - q)/(p - q)      = q + E
    p*(1 - p)*q*(1 - q)/(p - q)**2 = E*(1 + E)

What stays finite where both sigmoids are 0 or 1 is a polynomial in p, q and E.
"""

from __future__ import annotations

from functools import lru_cache

import sympy

HIGHEST = 4  # power of the difference that is divided by

p, q = sympy.Symbol("p"), sympy.Symbol("q")
_E = sympy.Symbol("E")
_DIFFERENCE = sympy.Poly(p - q, p, q)

Part = tuple[sympy.Expr, sympy.Expr]


@lru_cache(maxsize=4096)
def divided(numerator: sympy.Expr, k: int) -> tuple[Part, ...] | None:
    """The a and b of a sum of (a + b*E)*(E*(1 + E))**j that is numerator/(p - q)**k; None if it has a pole.

    >>> divided(p * (1 - p), 1)
    ((1 - p, 1),)
    >>> divided(p * (1 - p) * q * (1 - q), 2)
    ((0, 0), (1, 0))
    >>> divided(p * q, 1)
    """
    if k > HIGHEST:
        return None
    coefficients = _in_powers(sympy.Poly(numerator, p, q), k)
    if coefficients is None:
        return None
    left = sympy.Poly(coefficients[::-1], _E)
    parts = []
    while not left.is_zero:
        left, rest = left.div(sympy.Poly(_E + _E**2, _E))
        parts.append((rest.coeff_monomial(1), rest.coeff_monomial(_E)))
    return tuple(parts)


def _in_powers(numerator: sympy.Poly, k: int) -> list[sympy.Expr] | None:
    """The coefficients of 1, E, E**2, ...: polynomials in p and q."""
    if k == 0:
        return [numerator.as_expr()]
    equal = sympy.Poly(numerator.as_expr().xreplace({p: q}), q)
    factor, rest = equal.div(sympy.Poly((q - q**2) ** k, q))
    if not rest.is_zero:
        return None
    found = []
    for symbol in (p, q) if factor.degree() > 0 else (q,):
        coefficient = factor.as_expr().xreplace({q: symbol})
        taken = sympy.Poly(coefficient * ((1 - p) * q) ** k, p, q)
        lower = _in_powers((numerator - taken).quo(_DIFFERENCE), k - 1)
        if lower is not None:
            found.append([*lower, coefficient])
    return min(found, key=lambda some: sympy.Tuple(*some).count_ops(), default=None)


Terms = tuple[tuple[sympy.Expr, tuple[int, int, int, int]], ...]


@lru_cache(maxsize=4096)
def terms_of_degree(polynomial: sympy.Expr) -> Terms:
    """Numbers c and exponents: the sum of c*p**i*(1 - p)**j*q**k*(1 - q)**m, where i + j and k + m are fixed.

    >>> terms_of_degree(1 - p)
    ((1, (0, 1, 0, 0)),)
    >>> terms_of_degree(p + q - 1)
    ((1, (1, 0, 1, 0)), (-1, (0, 1, 0, 1)))
    """
    whole = sympy.Poly(polynomial, p, q)
    of_p, of_q = whole.degree(p), whole.degree(q)
    ratios = sympy.S.Zero
    for (i, k), number in whole.terms():
        ratios += number * p**i * (1 + p) ** (of_p - i) * q**k * (1 + q) ** (of_q - k)
    found = sympy.Poly(ratios, p, q).terms()
    return tuple((number, (i, of_p - i, k, of_q - k)) for (i, k), number in found if number != 0)
