"""Integrals of expressions with certain bounds, by ball arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

import sympy
from flint import acb, arb, fmpq
from sympy.core.function import AppliedUndef

from numeric.balls import precision
from numeric.errors import Undecided
from numeric.methods.complex_balls import ComplexBalls, RealBalls, moving
from numeric.methods.display import Shown, Summary
from numeric.methods.inputs import interval, positive_count, real_number
from numeric.walker import walk
from symbolic.errors import ShapeError, UnsupportedError
from symbolic.functions import Unspecified as UnspecifiedHead
from symbolic.nodes import (
    Derivative,
    Elementwise,
    Expression,
    Unspecified,
    Variable,
    kernel_symbol,
)
from symbolic.operations import zeros
from symbolic.traverse import postorder, substitute

_MOST_BITS = 512
_EVALUATIONS_A_BIT = 80
_DEEPEST = 60  # halvings of [a, b] in the search for points without a value
_MOST_PIECES = 1_500
_MOST_POINTS = 6

__all__ = ["EnclosedIntegral", "enclose_integral"]


@dataclass(frozen=True, eq=False)
class EnclosedIntegral(Shown):
    """A ball that certainly contains an integral.

    value, bar  its centre as a float, and a bound on the distance of the integral from that float
    ball        the ball itself, `flint.arb`
    supposed    points around which, within 2^-60 (b - a), the integrand was not examined on real
                numbers and is supposed to have values: ends where a root starts, jumps
    """

    value: float
    bar: float
    ball: arb
    bits: int
    evaluations: int
    supposed: tuple[float, ...]

    def summary(self) -> Summary:
        """The ball and what it rests on."""
        facts = [
            ("value", f"{self.ball.str(30)}"),
            ("as a float", f"{self.value!r} +- {self.bar:.1e}"),
            ("evaluations", f"{self.evaluations} at up to {self.bits} bits"),
        ]
        if self.supposed:
            places = ", ".join(f"{x:g}" for x in self.supposed)
            facts.append(("supposed", f"the integrand has values within 2^-60 (b - a) of {places}"))
        return Summary("integral, certain", tuple(facts))


def enclose_integral(
    expression: Expression,
    variable: Variable,
    a: object,
    b: object,
    values: Mapping[Variable, Any] | None = None,
    *,
    digits: int = 15,
) -> EnclosedIntegral:
    """A certain enclosure of the integral of an expression over a variable from a to b.

    Formula: adaptive Gauss-Legendre quadrature on ellipses, its error bounded by the size of the
    analytic continuation there. Shapes: expression and variable scalar; `values[v]`, rational, of the
    shape of v, for the other variables. Conditions: a < b, rational (floats count as the rationals
    they are); the expression has a value on the whole of [a, b], which is proved except around the
    points in `supposed`. Errors: `Undecided` if that fails, where the integrand is unbounded, or if the
    `digits` are not reached. Numerical error: the ball bounds it.
    Source: Johansson, Numerical integration in arbitrary-precision ball arithmetic (2018).

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> found = enclose_integral(exp(-x**2), x, -10, 10)
    >>> round(found.value, 12), found.bar < 1e-14
    (1.772453850906, True)
    """
    integrand = _with_moving_variable(expression, variable)
    low, high = _ends(a, b)
    goal = positive_count("digits", digits)
    given = dict(values or {})
    given.pop(variable, None)
    supposed = _points_without_value(integrand, given, low, high)
    bits = max(64, int(3.33 * goal) + 24)
    evaluations = 0
    while True:
        ball, count = _integrated(integrand, given, low, high, bits)
        evaluations += count
        if ball.is_finite() and _digits_reached(ball, goal, 2 * bits > _MOST_BITS):
            break
        if 2 * bits > _MOST_BITS or not ball.is_finite():
            raise Undecided(
                f"the integral of an expression from {a} to {b}",
                "the integrand could not be bounded" if not ball.is_finite()
                else f"{bits} bits gave only {ball.str(10)}",
                "leave out a neighbourhood of points where it is infinite, or ask for fewer digits",
            )  # fmt: skip
        bits *= 2
    value = float(ball.mid())
    with precision(bits):
        bar = float((ball - arb(value)).abs_upper()) * (1 + 2**-50)
    return EnclosedIntegral(value, bar, ball, bits, evaluations, supposed)


def _with_moving_variable(expression: Expression, variable: Variable) -> Expression:
    """The expression with its variable replaced by the function that returns the current ball."""
    for what, given in (("the integrand", expression), ("the variable", variable)):
        if not isinstance(given, Expression):
            raise UnsupportedError(
                what,
                f"{type(given).__name__} is no expression",
                "use integrate for plain functions",
            )
        if given.shape != ():
            raise ShapeError(what, f"it has shape {given.shape}", "give a scalar one")
    if not isinstance(variable, Variable):
        raise UnsupportedError("the variable", f"{variable} is none", "integrate over a variable")
    for node in postorder(expression):
        if isinstance(node, (Derivative, Unspecified)) or (
            isinstance(node, Elementwise) and node.kernel.expr.has(AppliedUndef, UnspecifiedHead)
        ):
            raise UnsupportedError(
                "the integrand",
                f"{node} is not worked out to known functions",
                "differentiate first, and give every function a meaning",
            )
    symbol = kernel_symbol(0)
    kernel = sympy.Lambda((symbol,), moving(symbol))
    return substitute(expression, {variable: Elementwise(kernel, (zeros(),))})


def _ends(a: object, b: object) -> tuple[Fraction, Fraction]:
    interval(a, b)
    low, high = (
        Fraction(end)
        if isinstance(end, (Rational, float))
        else Fraction(real_number("an end", end))
        for end in (a, b)
    )
    return low, high


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _points_without_value(
    integrand: Expression, values: Mapping[Variable, Any], low: Fraction, high: Fraction
) -> tuple[float, ...]:
    """Where halving [low, high] does not get to pieces on which every value is certain."""
    waiting = [(low, high, 0)]
    found: list[Fraction] = []
    pieces = 0
    while waiting:
        left, right, depth = waiting.pop()
        middle = (left + right) / 2
        pieces += 1
        with precision(128):
            over = RealBalls(_ball(middle) + _ball((right - left) / 2) * arb(0, 1))
            ball = walk([integrand], values, None, over)[0].item()
        if ball.is_finite():
            continue
        if depth < _DEEPEST:
            waiting += [(middle, right, depth + 1), (left, middle, depth + 1)]
        elif not found or left - found[-1] > (high - low) / 2**40:
            simple = middle.limit_denominator(10**6)
            found.append(simple if left <= simple <= right else middle)
        if pieces > _MOST_PIECES or len(found) > _MOST_POINTS:
            raise Undecided(
                "the integrand of an enclosed integral",
                f"it is not shown to have values around {float(middle):g}"
                + (f": {'; '.join(sorted(over.notes))}" if over.notes else ""),
                "integrate over a part of its domain",
            )
    return tuple(map(float, found))


def _integrated(
    integrand: Expression,
    values: Mapping[Variable, Any],
    low: Fraction,
    high: Fraction,
    bits: int,
) -> tuple[arb, int]:
    count = 0

    def function(z: acb, analytic: bool) -> acb:
        nonlocal count
        count += 1
        return walk([integrand], values, None, ComplexBalls(z, analytic))[0].item()

    with precision(bits):
        ball = acb.integral(
            function, _ball(low), _ball(high), eval_limit=_EVALUATIONS_A_BIT * bits
        ).real
    return ball, count


def _digits_reached(ball: arb, digits: int, last: bool) -> bool:
    """Whether the ball is as narrow as wanted; at the last precision, near 0, in absolute terms."""
    with precision(64):
        small = arb(10) ** -digits
        if last and ball.contains(0):
            return bool(ball.rad() <= small**2)
        return bool(ball.rad() <= small * ball.abs_lower())
