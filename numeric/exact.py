"""Exact values: rational expressions at rational points, over fractions.

Everything the rationals are closed under is evaluated (products, sums, quotients, integer powers,
roots of squares, comparisons, and derivatives of those). What leaves them, as exp(1) does, has no
exact value and is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
import sympy
from flint import fmpq, fmpq_mat

from numeric.arithmetic import Foreign
from numeric.balls import piece_coefficients
from numeric.errors import Undecided
from numeric.jets import Array
from numeric.walker import Values, walk
from symbolic.nodes import Expression


class _Undefined:
    """No value: absorbs every operation."""

    def _itself(self, *_: object) -> _Undefined:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _itself
    __truediv__ = __rtruediv__ = __neg__ = __pow__ = _itself


class Rationals:
    """Arithmetic over the rational numbers (see `numeric.arithmetic`)."""

    def __init__(self) -> None:
        self.foreign: Foreign | None = None
        self.zero = fmpq(0)
        self.undefined = _Undefined()
        self.notes: set[str] = set()

    def number(self, value: Fraction) -> fmpq:
        return fmpq(value.numerator, value.denominator)

    def constant(self, name: str) -> Any:
        self.notes.add(f"{name} is not a rational number")
        return self.undefined

    def is_defined(self, scalar: Any) -> bool:
        return scalar is not self.undefined

    def sign(self, scalar: Any) -> int | None:
        if scalar is self.undefined:
            return None
        return (scalar > 0) - (scalar < 0)

    def integer(self, scalar: Any) -> int | None:
        return int(scalar.p) if scalar is not self.undefined and scalar.q == 1 else None

    def larger(self, first: Any, second: Any) -> Any:
        if first is self.undefined or second is self.undefined:
            return self.undefined
        return max(first, second)

    def either(self, first: Any, second: Any) -> Any:
        return self.undefined

    def power(self, scalar: Any, exponent: Fraction, order: int) -> list[Any]:
        coefficients = []
        binomial = Fraction(1)
        for j in range(order + 1):
            if binomial == 0:
                coefficients.append(self.zero)
            else:
                coefficients.append(self.number(binomial) * self._plain_power(scalar, exponent - j))
            binomial = binomial * (exponent - j) / (j + 1)
        return coefficients

    def _plain_power(self, scalar: Any, exponent: Fraction) -> Any:
        if scalar is self.undefined:
            return scalar
        if exponent < 0 and scalar == 0:
            self.notes.add("a divisor is zero")
            return self.undefined
        if exponent.denominator == 1:
            return scalar**exponent.numerator
        if exponent.denominator == 2 and scalar >= 0:
            top, bottom = int(scalar.p), int(scalar.q)
            if isqrt(top) ** 2 == top and isqrt(bottom) ** 2 == bottom:
                return fmpq(isqrt(top), isqrt(bottom)) ** exponent.numerator
        self.notes.add("a root that is not a rational number")
        return self.undefined

    def taylor(self, function: str, parameter: int, scalar: Any, order: int) -> list[Any]:
        pieces = piece_coefficients(self, function, scalar, order)
        if pieces is not None:
            return pieces
        if order == 0 and scalar is not self.undefined and (function, scalar) in _RATIONAL_VALUES:
            return [_RATIONAL_VALUES[function, scalar]]
        self.notes.add(f"{function} leaves the rational numbers")
        return [self.undefined] * (order + 1)

    def inverse(self, matrix: Array) -> Array:
        if not all(self.is_defined(entry) for entry in matrix.flat):
            return self._without_value(matrix.shape)
        try:
            found = fmpq_mat(matrix.tolist()).inv()
        except ZeroDivisionError:
            self.notes.add("a matrix has no inverse")
            return self._without_value(matrix.shape)
        result = np.empty(matrix.size, dtype=object)
        result[:] = found.entries()
        return result.reshape(matrix.shape)

    def exponential(self, matrix: Array) -> Array:
        self.notes.add("expm leaves the rational numbers")
        return self._without_value(matrix.shape)

    def eigensystem(self, matrix: Array) -> tuple[Array, Array]:
        self.notes.add("eigenvalues leave the rational numbers")
        return self._without_value(matrix.shape[:1]), self._without_value(matrix.shape)

    def _without_value(self, shape: tuple[int, ...]) -> Array:
        result = np.empty(shape, dtype=object)
        result[...] = self.undefined
        return result


_RATIONAL_VALUES: dict[tuple[str, fmpq], fmpq] = {
    ("exp", fmpq(0)): fmpq(1),
    ("log", fmpq(1)): fmpq(0),
    ("sigmoid", fmpq(0)): fmpq(1, 2),
    **{(name, fmpq(0)): fmpq(0) for name in ("sin", "tanh", "sinh", "expm1", "log1p", "erf")},
}


def evaluate_exactly(
    expression: Expression, values: Values, sizes: Mapping[sympy.Symbol, int] | None = None
) -> Array:
    """The exact value of a rational expression at a rational point.

    Shapes: `values[v]` has the shape of v; the result, an array of `Fraction`, that of the
    expression. Conditions: every entry is rational, else `Undecided` says what is not. Numerical
    error: none.

    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> evaluate_exactly(x / 3 + x**2, {x: Fraction(1, 2)}).item()
    Fraction(5, 12)
    """
    return evaluate_all_exactly([expression], values, sizes)[0]


def evaluate_all_exactly(
    expressions: Iterable[Expression],
    values: Values,
    sizes: Mapping[sympy.Symbol, int] | None = None,
) -> list[Array]:
    """The exact values of several expressions, sharing their work.

    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> [value.item() for value in evaluate_all_exactly([x, x + x], {x: Fraction(1, 2)})]
    [Fraction(1, 2), Fraction(1, 1)]
    """
    over = Rationals()
    results = []
    for array in walk(expressions, values, sizes, over):
        if not all(over.is_defined(scalar) for scalar in array.flat):
            raise Undecided(
                "an exact value",
                "; ".join(sorted(over.notes)) or "not a rational number",
                "use enclose, which handles every function",
            )
        result = np.empty(array.size, dtype=object)
        result[:] = [Fraction(int(scalar.p), int(scalar.q)) for scalar in array.flat]
        results.append(result.reshape(array.shape))
    return results
