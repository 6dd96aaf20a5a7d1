"""Complex balls: the analytic continuation of real expressions, for rigorous quadrature.

A real function that is analytic on a segment continues to a neighbourhood of it. Where a ball meets
a branch cut there is no one continuation: with `analytic` set the value is then undefined. Functions
given in pieces (abs, relu, max) continue from each side of the line where the real part is zero.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb, fmpq

from numeric.arithmetic import Foreign
from numeric.balls import Balls
from numeric.errors import Undecided


class moving(sympy.Function):
    """The function whose value, at every argument, is the variable of integration."""


def _meets_negative(z: acb) -> bool:
    """Whether a ball may meet the real numbers up to 0."""
    return not z.real > 0 and z.imag.contains(0)


def _meets_outside(z: acb) -> bool:
    """Whether a ball may meet the real numbers from 1 up or from -1 down."""
    return not abs(z.real) < 1 and z.imag.contains(0)


def _meets_imaginary(z: acb) -> bool:
    """Whether a ball may meet the imaginary numbers from i up or from -i down."""
    return not abs(z.imag) < 1 and z.real.contains(0)


def _never(z: acb) -> bool:
    return False


def _sigmoid(z: acb) -> acb:
    return 1 / (1 + (-z).exp())


def _entire(name: str) -> tuple[Callable[[acb], acb], Callable[[acb], bool]]:
    return getattr(acb, name), _never


# the continuation of each function, and whether a ball may meet a branch cut of it
_FUNCTIONS: dict[str, tuple[Callable[[acb], acb], Callable[[acb], bool]]] = {
    **{
        name: _entire(name)
        for name in (
            "exp", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "erfc", "erfi",
            "gamma",
        )
    },
    "log": (acb.log, _meets_negative),
    "log1p": (acb.log1p, lambda z: _meets_negative(1 + z)),
    "sqrt": (acb.sqrt, _meets_negative),
    "asin": (acb.asin, _meets_outside),
    "acos": (acb.acos, _meets_outside),
    "arctanh": (acb.atanh, _meets_outside),
    "atan": (acb.atan, _meets_imaginary),
    "asinh": (acb.asinh, _meets_imaginary),
    "acosh": (acb.acosh, lambda z: _meets_negative(z - 1)),
    "sigmoid": (_sigmoid, _never),
    "softplus": (lambda z: z.exp().log1p(), lambda z: _meets_negative(1 + z.exp())),
    "silu": (lambda z: z * _sigmoid(z), _never),
    "gelu": (lambda z: z * (-z / acb(2).sqrt()).erfc() / 2, _never),
    "factorial": (lambda z: (z + 1).gamma(), _never),
    "lgamma": (acb.lgamma, _meets_negative),
    "digamma": (acb.digamma, _meets_negative),
}  # fmt: skip


class ComplexBalls:
    """Arithmetic over complex balls (see `numeric.arithmetic`), for values without derivatives.

    `moving` is the ball of the variable of integration, `analytic` whether the value must be that
    of one analytic function on the whole ball.
    """

    def __init__(self, moving: acb, analytic: bool) -> None:
        self.moving, self.analytic = moving, analytic
        self.foreign: Foreign | None = _variable(moving)
        self.zero = acb(0)
        self.undefined = acb(arb.nan(), arb.nan())
        self.notes: set[str] = set()

    def number(self, value: Fraction) -> acb:
        return acb(arb(fmpq(value.numerator, value.denominator)))

    def constant(self, name: str) -> acb:
        return acb(Balls().constant(name))

    def is_defined(self, scalar: acb) -> bool:
        return scalar.is_finite()

    def sign(self, scalar: acb) -> int | None:
        """The side of the imaginary axis on which the whole ball lies."""
        if scalar.real > 0:
            return 1
        if scalar.real < 0:
            return -1
        return 0 if scalar == 0 else None

    def integer(self, scalar: acb) -> int | None:
        return Balls().integer(scalar.real) if scalar.imag == 0 else None

    def larger(self, first: acb, second: acb) -> acb:
        return first.real_max(second, analytic=self.analytic)

    def either(self, first: acb, second: acb) -> acb:
        return self.undefined

    def power(self, scalar: acb, exponent: Fraction, order: int) -> list[acb]:
        self._only_values(order)
        if exponent < 0 and scalar.contains(0):
            return [self.undefined]
        top, bottom = abs(exponent.numerator), exponent.denominator
        if bottom > 1 and scalar.contains(0):
            return [self.undefined if self.analytic else self._disc(scalar, top, bottom)]
        if bottom > 1 and self.analytic and _meets_negative(scalar):
            return [self.undefined]
        root = scalar if bottom == 1 else scalar.root(bottom)
        return [root**top if exponent >= 0 else 1 / root**top]

    def taylor(self, function: str, parameter: int, scalar: acb, order: int) -> list[acb]:
        self._only_values(order)
        pieces: dict[str, Callable[[], acb]] = {
            "abs": lambda: scalar.real_abs(analytic=self.analytic),
            "relu": lambda: scalar.real_max(self.zero, analytic=self.analytic),
            "sign": lambda: scalar.real_sgn(analytic=self.analytic),
            "step": lambda: scalar.real_heaviside(analytic=self.analytic),
            "heaviside": lambda: scalar.real_heaviside(analytic=self.analytic),
        }
        if function in pieces:
            return [pieces[function]()]
        if function == "polygamma":
            outside = not scalar.real > 0
            return [self.undefined if outside else scalar.polygamma(acb(parameter))]
        if function not in _FUNCTIONS:
            raise _without_continuation(f"the function {function}")
        plain, meets_cut = _FUNCTIONS[function]
        if self.analytic and meets_cut(scalar):
            return [self.undefined]
        return [plain(scalar)]

    def _disc(self, scalar: acb, top: int, bottom: int) -> acb:
        """All numbers whose absolute value is at most that of scalar^(top/bottom)."""
        size = scalar.abs_upper().root(bottom) ** top * arb(0, 1)
        return acb(size, size)

    def inverse(self, matrix: Any) -> Any:
        raise _without_continuation("a matrix inverse")

    def exponential(self, matrix: Any) -> Any:
        raise _without_continuation("a matrix exponential")

    def eigensystem(self, matrix: Any) -> tuple[Any, Any]:
        raise _without_continuation("an eigenvalue")

    def _only_values(self, order: int) -> None:
        if order:
            raise _without_continuation("an inert derivative")


def _variable(ball: Any) -> Foreign:
    """The value of `moving`, and of no other function."""

    def value(head: Any, scalars: Any, place: int, order: int) -> list[Any]:
        if head is not moving:
            raise _without_continuation(f"the function {head.__name__}")
        return [ball]

    return value


def _without_continuation(what: str) -> Undecided:
    return Undecided(
        f"an enclosed integral with {what}",
        "it has no continuation to complex balls here",
        "integrate an expression worked out to functions of the table",
    )


class RealBalls(Balls):
    """Real balls (see `numeric.balls`) where the variable of integration is the ball `moving`."""

    def __init__(self, moving: arb) -> None:
        super().__init__()
        self.foreign = _variable(moving)
