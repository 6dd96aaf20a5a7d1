"""An integral or a series, enclosed and compared with its value."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    DIGITS,
    At,
    Fixed,
    compared,
    fixed,
    inserted,
    mathematics,
    points,
)
from derivations.evidence.random_data import at_points
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from symbolic.errors import UnsupportedError

_STREAM = 1  # of seeds, so that the points are not those of the steps


@dataclass(frozen=True)
class Quadrature:
    """An integral (or sum) that has a value, at random parameters."""

    integral: sympy.Expr
    value: sympy.Expr
    at: Fixed
    name: str = "quadrature"

    @property
    def statement(self) -> Statement:
        """The integral and its value."""
        return (self.integral, "=", self.value, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Enclose the integral and the value at three points."""
        left, right = inserted(self.integral, self.at), inserted(self.value, self.at)
        found = list(points([left, right], self.at, seed + _STREAM, 3))
        held = f"enclosures of both agree to {DIGITS} digits"
        return at_points(left, right, found, lambda p: compared(left, right, p), self.name, held)


def quadrature(integral: sympy.Expr, value: object, at: At | None = None) -> Quadrature:
    """The integral (or series) equals the value, by quadrature with certain bounds.

    >>> x = sympy.Symbol("x", real=True)
    >>> quadrature(sympy.Integral(sympy.cos(x), (x, 0, sympy.pi / 2)), 1).run(seed=0).verdict
    'verified'
    """
    if not (isinstance(integral, sympy.Basic) and integral.has(sympy.Integral, sympy.Sum)):
        raise UnsupportedError(
            f"quadrature({integral})", "no Integral or Sum in it", "give one that is not worked out"
        )
    return Quadrature(integral, mathematics(value), fixed(at))
