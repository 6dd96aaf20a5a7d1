"""The order with which an iteration converges, measured in high precision."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.iterations import BITS, distance, iterates
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Point,
    Unknown,
    enclosed,
    exponent,
    fixed,
    formula,
    inserted,
    points,
    shown,
)
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from numeric.balls import precision
from symbolic.errors import ChainruleError

if TYPE_CHECKING:
    from flint import arb

_SMALLEST = 1500  # bits below which an error is not followed
_POINTS = 2


@dataclass(frozen=True)
class MeasuredRate:
    """|e_{k+1}| ~ C |e_k|^order for the distances e_k from the limit."""

    step: Mathematics
    x: Unknown
    start: Any
    limit: Mathematics
    order: Fraction
    constant: Mathematics | None
    at: Fixed
    name: str = "measured rate"

    @property
    def statement(self) -> Statement:
        """The step, its limit, and the order of convergence."""
        factor = () if self.constant is None else ("and factor", self.constant)
        return (self.x, "←", self.step, "from", self.start, "tends to", self.limit,
                f"with order {self.order}", *factor, *where(self.at))  # fmt: skip

    def run(self, seed: int) -> Evidence:
        """Iterate in high precision and compare the logarithms of three distances."""
        step, limit, start = (
            inserted(each, self.at) for each in (self.step, self.limit, self.start)
        )
        constant = None if self.constant is None else inserted(self.constant, self.at)
        formulas = [each for each in (step, limit, start, constant) if each is not None]
        found = []
        for point in points(formulas, self.at, seed, _POINTS):
            try:
                found.append(self._at(step, limit, start, constant, point))
            except ChainruleError as why:
                found.append(Evidence("undecided", self.name, str(why)))
        worst = [each for each in found if each.verdict != "verified"]
        return (worst or found or [Evidence("undecided", self.name, "no point was found")])[0]

    def _at(self, step: Any, limit: Any, start: Any, constant: Any, point: Point) -> Evidence:
        from flint import arb

        goal = enclosed(limit, point, BITS)
        errors: list[arb] = []
        for value in iterates(step, self.x, start, point, 60):
            error = distance(value, goal)
            if not error > arb(2) ** -_SMALLEST:
                break
            errors.append(error)
        if len(errors) < 4 or not errors[-1] < errors[-3] / 2:
            words = f"no convergence: the distances are {', '.join(map(shown, errors[-3:]))}"
            clear = len(errors) > 30 and errors[-1] > errors[0] / 2
            return Evidence("refuted" if clear else "undecided", self.name, words, 1,
                            str(point) if clear else "")  # fmt: skip
        with precision(BITS):
            logs = [error.log() for error in errors[-3:]]
            order = float((logs[2] - logs[1]) / (logs[1] - logs[0]))
            power = arb(self.order.numerator) / self.order.denominator
            factor = (logs[2] - logs[1] * power).exp()
        if abs(order - float(self.order)) > 0.02:
            words = f"the order is {order:.4f}, not {self.order}"
            return Evidence("refuted", self.name, words, 1, str(point))
        words = (
            f"order {order:.4f} and factor {shown(factor, 5)} in the last of {len(errors)} steps"
        )
        if constant is not None:
            claimed = abs(enclosed(constant, point, BITS).item())
            if not claimed.is_finite():
                return Evidence("undecided", self.name, "the factor claimed has no certain value")
            if abs(factor - claimed) > claimed / 100:
                words = f"the factor is {shown(factor, 5)}, not {shown(claimed, 5)}"
                return Evidence("refuted", self.name, words, 1, str(point))
        return Evidence("verified", self.name, words, 1)


def measured_rate(
    step: Mathematics,
    x: Unknown,
    start: object,
    limit: object,
    order: int | Fraction | sympy.Rational,
    constant: object = None,
    at: At | None = None,
) -> MeasuredRate:
    """The iteration x <- step converges to `limit` with an order (and a constant, where given).

    >>> x = sympy.Symbol("x", positive=True)
    >>> newton = (x + 2 / x) / 2
    >>> measured_rate(newton, x, 2, sympy.sqrt(2), 2, 1 / sympy.sqrt(8)).run(seed=0).verdict
    'verified'
    """
    return MeasuredRate(
        step,
        x,
        formula(start, step),
        formula(limit, step),
        exponent(order),
        None if constant is None else formula(constant, step),
        fixed(at),
    )
