"""Rational combinations: of formal quotients by linear algebra, of integers by their primes."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derivations.verification.equality.formal_field import Field, Quotient

_SMALL_PRIMES = tuple(int(prime) for prime in sympy.primerange(1000))


def prime_powers(number: int) -> list[tuple[int, int]]:
    """A positive integer as powers of small primes; what is left counts as one more."""
    found = []
    for prime in _SMALL_PRIMES:
        exponent = 0
        while number and number % prime == 0:
            number, exponent = number // prime, exponent + 1
        if exponent:
            found.append((prime, exponent))
    return [*found, (number, 1)] if number > 1 else found


def combination(known: list[Quotient], u: Quotient, field: Field) -> list[Fraction] | None:
    """Rational weights with sum(weights * known) = u, None where there are none.

    Only arguments whose denominators divide that of u are combined.
    """
    fitting = [k for k, each in enumerate(known) if u.bottom.gcd(each.bottom) == each.bottom]
    columns = [field.product(known[k].top, u.bottom // known[k].bottom).to_dict() for k in fitting]
    columns.append(u.top.to_dict())
    monomials = sorted({m for column in columns for m in column})
    field.spend(len(monomials) * len(columns) ** 2)
    rows = [[Fraction(int(column.get(m, 0))) for column in columns] for m in monomials]
    weights = _eliminated(rows, len(fitting))
    if weights is None:
        return None
    found = [Fraction(0)] * len(known)
    for k, weight in zip(fitting, weights, strict=True):
        found[k] = weight
    return found


def _eliminated(rows: list[list[Fraction]], count: int) -> list[Fraction] | None:
    """The solution of rows of equations, the right side last; None where there is none."""
    pivots: list[int] = []
    for column in range(count):
        lead = next((r for r in range(len(pivots), len(rows)) if rows[r][column]), None)
        if lead is None:
            return None  # what is known is not independent
        place = len(pivots)
        rows[place], rows[lead] = rows[lead], rows[place]
        pivot = rows[place][column]
        rows[place] = [entry / pivot for entry in rows[place]]
        for r, row in enumerate(rows):
            if r != place and row[column]:
                factor = row[column]
                rows[r] = [a - factor * b for a, b in zip(row, rows[place], strict=True)]
        pivots.append(column)
    if any(row[count] for row in rows[len(pivots) :]):
        return None
    return [rows[place][count] for place in range(count)]
