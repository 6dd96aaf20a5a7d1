"""Taylor series around a zero of an argument, for formulas that cancel there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import flint
from flint import arb, arb_series, fmpq

from numeric.stabilizing.exact import precision
from numeric.stabilizing.terms import ZERO, Term, constant, power, substitute, subterms, variable

LENGTHS = (1, 2, 4, 8, 14)  # terms of a series
_BITS = 512
_ORDER = 36  # computed; what a quotient by a power loses is spare
_SMALL = arb(2) ** -300

Series = Any


_FUNCTIONS: dict[str, Callable[[Series], Series]] = {
    "exp": lambda s: s.exp(),
    "expm1": lambda s: s.exp() - 1,
    "log": lambda s: s.log(),
    "log1p": lambda s: (1 + s).log(),
    "sqrt": lambda s: s.sqrt(),
    "cbrt": lambda s: (s.log() / 3).exp(),
    "sin": lambda s: s.sin(),
    "cos": lambda s: s.cos(),
    "tan": lambda s: s.tan(),
    "sinh": lambda s: (s.exp() - (-s).exp()) / 2,
    "cosh": lambda s: (s.exp() + (-s).exp()) / 2,
    "tanh": lambda s: 1 - 2 / ((2 * s).exp() + 1),
    "arctan": lambda s: s.atan(),
    "arcsin": lambda s: s.asin(),
    "arccos": lambda s: s.acos(),
    "arcsinh": lambda s: (s + (s * s + 1).sqrt()).log(),
    "arctanh": lambda s: ((1 + s) / (1 - s)).log() / 2,
    "erf": lambda s: s.erf(),
    "erfc": lambda s: s.erfc(),
    "ndtr": lambda s: (-s / arb(2).sqrt()).erfc() / 2,
    "lgamma": lambda s: s.lgamma(),
    "gamma": lambda s: s.gamma(),
    "sigmoid": lambda s: 1 / (1 + (-s).exp()),
    "softplus": lambda s: (1 + s.exp()).log(),
    "log1pmx": lambda s: (1 + s).log() - s,
    "expm1mx": lambda s: s.exp() - 1 - s,
}


def expansions(term: Term) -> Iterator[tuple[Term, Term]]:
    """Series of a term: pairs of the argument that is small there, and the polynomial.

    >>> from numeric.stabilizing.reading import pattern
    >>> for _, polynomial in list(expansions(pattern("x - sin(x)")))[:2]:
    ...     print(polynomial)
    multiply(1/6,power(x,3))
    multiply(power(x,3),subtract(1/6,multiply(1/120,power(x,2))))
    """
    for small in subterms([term]):
        if small is term or not small.names:
            continue
        hole = variable("small argument")
        rest = substitute(term, {small: hole})
        if rest.names != {"small argument"} or not any(
            each.op in _FUNCTIONS and each.names for each in subterms([rest])
        ):
            continue
        coefficients = _coefficients(rest)
        for length in LENGTHS:
            polynomial = _horner(coefficients, small, length)
            if polynomial is not None:
                yield small, polynomial


def _coefficients(term: Term) -> dict[int, Fraction]:
    with precision(_BITS), _length(_ORDER):
        try:
            series, shift = _series(term)
        except (ArithmeticError, ValueError, KeyError, TypeError, NotImplementedError):
            return {}
        found = {}
        for k in range(_ORDER - 8):
            ball = series[k]
            if not ball.is_finite() or ball.rad() > 2**-200:
                break
            if not abs(ball) < _SMALL:
                found[k + shift] = _rational(ball)
        return found


@contextmanager
def _length(terms: int) -> Iterator[None]:
    """Series of this many terms inside the block."""
    before = flint.ctx.cap
    flint.ctx.cap = terms
    try:
        yield
    finally:
        flint.ctx.cap = before


def _rational(ball: arb) -> Fraction:
    """The simple fraction that a coefficient is, or else the nearest number of 160 bits."""
    man, exp = ball.mid().man_exp()
    exact = Fraction(int(man)) * Fraction(2) ** int(exp)
    simple = exact.limit_denominator(10**30)
    return simple if abs(simple - exact) <= abs(exact) / 2**300 else exact.limit_denominator(10**50)


def _series(term: Term) -> tuple[Series, int]:
    """A Laurent series: a power series times a power of the variable."""
    if term.op == "variable":
        return arb_series([0, 1], _ORDER), 0
    if term.number is not None:
        n = term.number
        return arb_series([arb(fmpq(n.numerator, n.denominator))], _ORDER), 0
    if term.op == "pi":
        return arb_series([arb.pi()], _ORDER), 0
    parts = [_series(arg) for arg in term.args]
    match term.op:
        case "add" | "subtract":
            (a, i), (b, j) = parts
            low = min(i, j)
            a, b = _raised(a, i - low), _raised(b, j - low)
            return (a + b if term.op == "add" else a - b), low
        case "negative":
            return -parts[0][0], parts[0][1]
        case "multiply":
            (a, i), (b, j) = parts
            return a * b, i + j
        case "divide":
            (a, i), (b, j) = map(_lowered, parts)
            return a / b, i - j
        case "power" if term.args[1].number is not None:
            exponent = term.args[1].number
            a, i = _lowered(parts[0])
            if exponent.denominator == 1:
                result = a ** abs(int(exponent))
                return (result if exponent > 0 else 1 / result), i * int(exponent)
            if i:
                raise ArithmeticError
            return (a.log() * arb(fmpq(exponent.numerator, exponent.denominator))).exp(), 0
    a, i = parts[0]
    if i < 0 or len(parts) > 1:
        raise ArithmeticError
    return _FUNCTIONS[term.op](_raised(a, i)), 0


def _raised(a: Series, n: int) -> Series:
    return a * arb_series([0] * n + [1], _ORDER) if n else a


def _lowered(part: tuple[Series, int]) -> tuple[Series, int]:
    """The same series with a first coefficient that is not zero."""
    a, shift = part
    coefficients = [a[k] for k in range(_ORDER)]
    for k, ball in enumerate(coefficients):
        if not abs(ball) < _SMALL:
            return arb_series(coefficients[k:], _ORDER - k), shift + k
    raise ArithmeticError


def _horner(coefficients: dict[int, Fraction], x: Term, length: int) -> Term | None:
    """The first terms of a series in nested form, with the lowest power in front."""
    powers = sorted(coefficients)[:length]
    if len(powers) < min(length, 2) or powers[0] < 0:
        return None
    low = powers[0]
    step = 2 if all((p - low) % 2 == 0 for p in sorted(coefficients)) else 1
    result = ZERO
    for p in range(powers[-1], low - 1, -step):
        result = constant(coefficients.get(p, Fraction(0))) + power(x, constant(step)) * result
    return power(x, constant(low)) * result
