"""Random smooth meanings for undefined functions: analytic everywhere, with rational coefficients.

    f(u, v, ...) = a polynomial of degree 3 with mixed terms + a sin(b.u + c)

A function that is positive is a square plus a (1 + d + sin(b.u + c)). No symmetry, no zero and no value at
a special place is shared by two draws, and no derivative of any order is 0. Sums, products and integrals of
such functions are of one kind (see `numeric.scalars.waves`).
"""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import sympy
from sympy.core.function import UndefinedFunction

from numeric.errors import Undecided
from symbolic.errors import UnsupportedError

_MOST_ARGUMENTS = 6


def random_meaning(
    head: UndefinedFunction, arguments: int, rng: np.random.Generator
) -> sympy.Lambda:
    """A concrete function for an undefined one, that fits what is assumed of it.

    Conditions: the head is real, positive, nonnegative, negative or nonpositive; `Undecided` for
    other assumptions, as of integer values.

    >>> meaning = random_meaning(sympy.Function("f"), 1, np.random.default_rng(0))
    >>> meaning == random_meaning(sympy.Function("f"), 1, np.random.default_rng(0))
    True
    """
    if not 1 <= arguments <= _MOST_ARGUMENTS:
        raise UnsupportedError(
            f"the function {head}", f"it has {arguments} arguments", f"use 1 to {_MOST_ARGUMENTS}"
        )
    if any(_assumes(head, name) for name in ("integer", "even", "odd", "prime", "imaginary")):
        raise Undecided(
            f"the function {head}", "its values are not any real numbers", "assume less"
        )
    letters = sympy.symbols(f"u:{arguments}", real=True)
    if _assumes(head, "positive"):
        found = _positive(letters, rng)
    elif _assumes(head, "negative"):
        found = -_positive(letters, rng)
    elif _assumes(head, "nonnegative"):
        found = _linear(letters, rng) ** 2 * _positive(letters, rng)
    elif _assumes(head, "nonpositive"):
        found = -(_linear(letters, rng) ** 2) * _positive(letters, rng)
    else:
        found = _smooth(letters, rng)
    return sympy.Lambda(letters, found)


def _assumes(head: UndefinedFunction, name: str) -> bool:
    return getattr(head, f"is_{name}", None) is True


def _coefficient(rng: np.random.Generator) -> sympy.Rational:
    """A rational number between 1/4 and 2, of either sign."""
    size = sympy.Rational(int(rng.integers(3, 16)), int(rng.integers(8, 13)))
    return size if rng.random() < 0.5 else -size


def _linear(letters: tuple[sympy.Symbol, ...], rng: np.random.Generator) -> sympy.Expr:
    return sympy.Add(*(_coefficient(rng) * letter for letter in letters), _coefficient(rng))


def _smooth(letters: tuple[sympy.Symbol, ...], rng: np.random.Generator) -> sympy.Expr:
    polynomial = [
        _coefficient(rng) * sympy.Mul(*monomial) / sympy.factorial(degree)
        for degree in range(4)
        for monomial in combinations_with_replacement(letters, degree)
    ]
    wave = _coefficient(rng) * sympy.sin(_linear(letters, rng))
    return sympy.Add(*polynomial, wave)


def _positive(letters: tuple[sympy.Symbol, ...], rng: np.random.Generator) -> sympy.Expr:
    square = sympy.Rational(int(rng.integers(1, 6)), 10) * _linear(letters, rng) ** 2
    size = abs(_coefficient(rng))
    middle = size + sympy.Rational(int(rng.integers(1, 6)), 10)
    return square + middle + size * sympy.sin(_linear(letters, rng))
