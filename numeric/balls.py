"""Real balls: python-flint's `arb`, with Taylor coefficients of every function of the table.

A ball is a midpoint with a radius; every operation returns a ball that contains all results. What
is outside a function's domain comes out as NaN. Arb does not let NaN and infinite balls absorb everything
(nan**0 is 1, sinc(nan) lies in [-1, 1], atan(inf) is pi/2), so functions and powers take finite balls only.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
from flint import arb, arb_series, fmpq

from numeric import ball_matrices
from numeric.arithmetic import Foreign
from numeric.errors import Undecided

Series = Any


def _same(name: str) -> tuple[Callable[[arb], arb], Callable[[Series], Series]]:
    return getattr(arb, name), getattr(arb_series, name)


def _sinh(s: Series) -> Series:
    return (s.exp() - (-s).exp()) / 2


def _cosh(s: Series) -> Series:
    return (s.exp() + (-s).exp()) / 2


def _gelu(x: Any) -> Any:
    return x * (-x / arb(2).sqrt()).erfc() / 2


def _sinc(x: arb) -> arb:
    return x.sinc() if x.is_finite() else arb.nan()


def _asinh(s: Series) -> Series:
    return (s + (s * s + 1).sqrt()).log()


def _acosh(s: Series) -> Series:
    return (s + (s * s - 1).sqrt()).log()


def _atanh(s: Series) -> Series:
    return ((1 + s) / (1 - s)).log() / 2


_Pair = tuple[Callable[[arb], arb], Callable[[Series], Series]]


def _of_inverse(plain: Callable[[arb], arb], series: Callable[[Series], Series]) -> _Pair:
    """The function f(1/x) of a function f."""
    return lambda x: plain(1 / x), lambda s: series(1 / s)


FUNCTIONS: dict[str, _Pair] = {
    **{
        name: _same(name)
        for name in (
            "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sqrt",
            "erf", "erfc", "erfi", "gamma", "ei", "si", "ci", "shi", "chi", "li", "lambertw",
            "airy_ai", "airy_bi", "fresnel_s", "fresnel_c", "zeta",
        )
    },
    "log1p": (arb.log1p, lambda s: (1 + s).log()),
    "expm1": (arb.expm1, lambda s: s.exp() - 1),
    "sinh": (arb.sinh, _sinh),
    "cosh": (arb.cosh, _cosh),
    "tanh": (arb.tanh, lambda s: 1 - 2 / ((2 * s).exp() + 1)),
    "arctanh": (arb.atanh, _atanh),
    "asinh": (arb.asinh, _asinh),
    "acosh": (arb.acosh, _acosh),
    "sinc": (_sinc, lambda s: s.sin() / s),
    "cot": (arb.cot, lambda s: s.cos() / s.sin()),
    "sec": (arb.sec, lambda s: 1 / s.cos()),
    "csc": (arb.csc, lambda s: 1 / s.sin()),
    "coth": (arb.coth, lambda s: _cosh(s) / _sinh(s)),
    "sech": (arb.sech, lambda s: 1 / _cosh(s)),
    "csch": (arb.csch, lambda s: 1 / _sinh(s)),
    "acot": _of_inverse(arb.atan, arb_series.atan),
    "asec": _of_inverse(arb.acos, arb_series.acos),
    "acsc": _of_inverse(arb.asin, arb_series.asin),
    "acoth": _of_inverse(arb.atanh, _atanh),
    "asech": _of_inverse(arb.acosh, _acosh),
    "acsch": _of_inverse(arb.asinh, _asinh),
    "sigmoid": (lambda x: 1 / (1 + (-x).exp()), lambda s: 1 / (1 + (-s).exp())),
    "softplus": (lambda x: x.exp().log1p(), lambda s: (1 + s.exp()).log()),
    "silu": (lambda x: x / (1 + (-x).exp()), lambda s: s / (1 + (-s).exp())),
    "gelu": (_gelu, _gelu),
    "factorial": (lambda x: (x + 1).gamma(), lambda s: (1 + s).gamma()),
}  # fmt: skip

# value left of zero, at zero, right of zero, as multiples of 1 and of x
_PIECES: dict[str, dict[int, tuple[Fraction, int]]] = {
    "abs": {-1: (Fraction(0), -1), 0: (Fraction(0), 0), 1: (Fraction(0), 1)},
    "relu": {-1: (Fraction(0), 0), 0: (Fraction(0), 0), 1: (Fraction(0), 1)},
    "sign": {-1: (Fraction(-1), 0), 0: (Fraction(0), 0), 1: (Fraction(1), 0)},
    "step": {-1: (Fraction(0), 0), 0: (Fraction(0), 0), 1: (Fraction(1), 0)},
    "heaviside": {-1: (Fraction(0), 0), 0: (Fraction(1, 2), 0), 1: (Fraction(1), 0)},
    "DiracDelta": {-1: (Fraction(0), 0), 1: (Fraction(0), 0)},
}

# every elementwise function that has an enclosure
ENCLOSED = frozenset({*FUNCTIONS, *_PIECES, "lgamma", "digamma", "polygamma"})

_LARGEST_ROOT = 64  # beyond it roots are taken by logarithms

_CONSTANTS: dict[str, Callable[[], arb]] = {
    "pi": arb.pi,
    "e": arb.const_e,
    "euler": arb.const_euler,
    "catalan": arb.const_catalan,
}


def piece_coefficients(over: Any, function: str, scalar: Any, order: int) -> list[Any] | None:
    """Taylor coefficients of a function that is linear on either side of 0, None for others.

    At 0 only the value exists; where the side is not certain, nothing does.
    """
    sides = _PIECES.get(function)
    if sides is None:
        return None
    side = over.sign(scalar)
    if side not in sides:
        over.notes.add(f"the sign of the argument of {function} cannot be told")
        return [over.undefined] * (order + 1)
    constant, slope = sides[side]
    coefficients = [over.number(constant) + slope * scalar, over.number(Fraction(slope))]
    coefficients += [over.zero] * order
    if side == 0 and order:
        over.notes.add(f"{function} has no slope at 0")
        coefficients[1:] = [over.undefined] * order
    return coefficients[: order + 1]


class Balls:
    """Arithmetic over balls at the precision of the context (see `numeric.arithmetic`)."""

    def __init__(self) -> None:
        self.foreign: Foreign | None = None
        self.zero = arb(0)
        self.undefined = arb.nan()
        self.notes: set[str] = set()

    def number(self, value: Fraction) -> arb:
        return arb(fmpq(value.numerator, value.denominator))

    def constant(self, name: str) -> arb:
        return _CONSTANTS[name]()

    def is_defined(self, scalar: arb) -> bool:
        return scalar.is_finite()

    def sign(self, scalar: arb) -> int | None:
        if scalar > 0:
            return 1
        if scalar < 0:
            return -1
        return 0 if scalar == 0 else None

    def integer(self, scalar: arb) -> int | None:
        if not (scalar.is_exact() and scalar.is_integer()):
            return None
        return int(scalar.unique_fmpz() or 0)

    def larger(self, first: arb, second: arb) -> arb:
        return first.max(second)

    def either(self, first: arb, second: arb) -> arb:
        return self.undefined

    def power(self, scalar: arb, exponent: Fraction, order: int) -> list[arb]:
        if not scalar.is_finite():
            return [self.undefined] * (order + 1)
        coefficients = []
        binomial = Fraction(1)
        for j in range(order + 1):
            if binomial == 0:
                coefficients.append(self.zero)
            else:
                coefficients.append(self.number(binomial) * self._plain_power(scalar, exponent - j))
            binomial = binomial * (exponent - j) / (j + 1)
        return coefficients

    def _plain_power(self, scalar: arb, exponent: Fraction) -> arb:
        if exponent < 0 and scalar.contains(0):
            self.notes.add("a divisor is not certainly different from zero")
            return self.undefined
        if exponent.denominator == 1:
            return _whole_power(scalar, exponent.numerator)
        if scalar > 0:
            return _positive_power(scalar, exponent)
        if not scalar >= 0:
            self.notes.add("a root of a number that is not certainly positive")
            return self.undefined
        if scalar == 0:
            return self.zero
        return arb(0).union(_positive_power(scalar.upper(), exponent))

    def taylor(self, function: str, parameter: int, scalar: arb, order: int) -> list[arb]:
        if not scalar.is_finite():
            return [self.undefined] * (order + 1)
        return self._coefficients(function, parameter, scalar, order)

    def _coefficients(self, function: str, parameter: int, scalar: arb, order: int) -> list[arb]:
        """Taylor coefficients at a finite ball."""
        if order == 0 and function == "abs":
            return [abs(scalar)]
        if order == 0 and function == "relu":
            return [scalar.max(self.zero)]
        pieces = piece_coefficients(self, function, scalar, order)
        if pieces is not None:
            return pieces
        if function in ("lgamma", "digamma", "polygamma"):
            shift = {"lgamma": 0, "digamma": 1}.get(function, parameter + 1)
            return self._log_gamma(function, scalar, shift, order)
        if function not in FUNCTIONS:
            raise Undecided(
                f"the function {function}", "it has no enclosure", "use functions of the table"
            )
        plain, series = FUNCTIONS[function]
        if order == 0:
            found = plain(scalar)
            return [found if found.is_finite() else self._outside(function)]
        return self._series(function, series, scalar, order)

    def _series(
        self, function: str, series: Callable[[Series], Series], scalar: arb, order: int
    ) -> list[arb]:
        try:
            found = series(arb_series([scalar, 1], prec=order + 1))
        except (ValueError, ZeroDivisionError):
            return [self._outside(function)] * (order + 1)
        if not found[0].is_finite():
            return [self._outside(function)] * (order + 1)
        return [found[j] for j in range(order + 1)]

    def _log_gamma(self, function: str, scalar: arb, shift: int, order: int) -> list[arb]:
        """Coefficients of the derivative number `shift` of log gamma, for x > 0."""
        if not scalar > 0:
            return [self._outside(function)] * (order + 1)
        if order == 0 and shift < 2:
            return [scalar.digamma() if shift else scalar.lgamma()]
        found = arb_series([scalar, 1], prec=order + shift + 1).lgamma()
        for _ in range(shift):
            found = found.derivative()
        return [found[j] for j in range(order + 1)]

    def inverse(self, matrix: Any) -> Any:
        found = ball_matrices.inverse(matrix)
        if not all(entry.is_finite() for entry in found.flat):
            self.notes.add("a matrix is not certainly invertible")
        return found

    def exponential(self, matrix: Any) -> Any:
        return ball_matrices.exponential(matrix)

    def eigensystem(self, matrix: Any) -> tuple[Any, Any]:
        values, vectors = ball_matrices.eigensystem(matrix)
        if not all(entry.is_finite() for entry in vectors.flat):
            self.notes.add("eigenvalues or singular values are not certainly distinct")
        return values, vectors

    def _outside(self, function: str) -> arb:
        self.notes.add(f"the argument of {function} is not certainly inside its domain")
        return self.undefined


def _whole_power(scalar: arb, exponent: int) -> arb:
    """scalar**exponent of a finite ball; by its bounds where it holds 0, since arb's power is NaN there."""
    if exponent in (0, 1):
        return scalar if exponent else arb(1)
    if not scalar.contains(0):
        return scalar**exponent
    largest = arb(0) if scalar == 0 else scalar.abs_upper() ** exponent
    return largest.union(-largest if exponent % 2 else arb(0))


def _positive_power(scalar: arb, exponent: Fraction) -> arb:
    """scalar**exponent for scalar > 0."""
    if exponent.denominator <= _LARGEST_ROOT:
        return scalar.root(exponent.denominator) ** exponent.numerator
    return (scalar.log() * arb(fmpq(exponent.numerator, exponent.denominator))).exp()


class precision:
    """A context in which balls carry `bits` bits.

    >>> with precision(200):
    ...     bool(arb(2).sqrt().rad() < 1e-50)
    True
    """

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before = flint.ctx.prec, flint.ctx.cap
        flint.ctx.prec, flint.ctx.cap = self.bits, 40

    def __exit__(self, *_: object) -> None:
        flint.ctx.prec, flint.ctx.cap = self.before
