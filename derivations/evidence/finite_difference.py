"""Gradients against differences: the generated code of both, or SymPy in high precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from flint import arb

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Point,
    Unknown,
    enclosed,
    fixed,
    inserted,
    points,
    shown,
    with_value,
)
from derivations.statements import Equation
from derivations.verdicts import Evidence
from numeric.balls import precision
from symbolic import Derivative, Expression, Named, Variable, lambdify
from symbolic.errors import ChainruleError
from symbolic.traverse import substitute, variables

if TYPE_CHECKING:
    from derivations.derivation import Derivation

_POINTS = 2
_STEP = 200  # h = 2^-200
_BITS = 1200


@dataclass(frozen=True)
class FiniteDifference:
    """The claimed derivative of f by x is what differences of f give."""

    f: Mathematics
    x: Unknown | Named
    gradient: Mathematics
    at: Fixed
    name: str = "finite differences"

    @property
    def statement(self) -> Statement:
        """The derivative that is claimed."""
        left = (
            Derivative(self.f, self.x)
            if isinstance(self.f, Expression)
            else sympy.Derivative(self.f, self.x)
        )
        return (left, "=", self.gradient)

    def run(self, seed: int) -> Evidence:
        """Measure slopes of f at random points and compare them with the claim."""
        f, claim = inserted(self.f, self.at), inserted(self.gradient, self.at)
        if isinstance(f, Expression):
            return self._of_code(f, claim, seed)
        return self._of_scalars(f, claim, seed)

    def _of_code(self, f: Expression, claim: Any, seed: int) -> Evidence:
        from numeric import check_gradient, check_jacobian

        x, f, claim = _variable(self.x, f, claim)
        agreed, why = 0, "no point was found"
        for point in points([f, claim], self.at, seed, _POINTS):
            values = {u.name: np.asarray(v, dtype=np.float64) for u, v in point.values.items()}
            try:
                moved, slope = _as_function(f, x, values), _called(claim, values)
                check = check_jacobian if f.rank else check_gradient
                found = check(moved, slope, values[x.name], seed=seed)
            except ChainruleError as error:
                why = str(error)
                continue
            if found.verdict == "fail":
                return Evidence("refuted", self.name, found.reason, agreed + 1, str(point))
            agreed += found.verdict == "pass"
            why = found.reason if found.verdict != "pass" else why
        if not agreed:
            return Evidence("undecided", self.name, why)
        words = f"the generated code agrees with differences within their bars, at {_count(agreed)}"
        return Evidence("verified", self.name, words, agreed)

    def _of_scalars(self, f: sympy.Expr, claim: sympy.Expr, seed: int) -> Evidence:
        agreed, why = 0, "no point was found"
        for point in points([f, claim, sympy.sympify(self.x)], self.at, seed, _POINTS):
            try:
                slope, ball = _slope(f, self.x, point), enclosed(claim, point, _BITS).item()
            except ChainruleError as error:
                why = str(error)
                continue
            with precision(_BITS):
                gap, small = abs(slope - ball), (1 + abs(ball)) * arb(2) ** -_STEP
                if not (gap <= small or gap > small):
                    why = "the difference has no certain value"
                    continue
                if gap > small:
                    words = f"differences give {shown(slope, 12)}, the claim {shown(ball, 12)}"
                    return Evidence("refuted", self.name, words, agreed + 1, str(point))
            agreed += 1
        if not agreed:
            return Evidence("undecided", self.name, why)
        words = f"central differences with h = 2^-{_STEP} agree, at {_count(agreed)}"
        return Evidence("verified", self.name, words, agreed)


def _count(points_found: int) -> str:
    return "one random point" if points_found == 1 else f"{points_found} random points"


def _slope(f: sympy.Expr, x: Unknown, point: Point) -> arb:
    h = Fraction(1, 2**_STEP)
    here = Fraction(sympy.Rational(point.values[x]))
    ahead, behind = (
        enclosed(f, with_value(point, x, here + step), _BITS).item() for step in (h, -h)
    )
    with precision(_BITS):
        return (ahead - behind) * arb(2) ** (_STEP - 1)


def _variable(
    place: Any, f: Expression, claim: Expression
) -> tuple[Variable, Expression, Expression]:
    """The place as a variable: a named intermediate is cut loose from what it is made of."""
    if isinstance(place, Variable):
        return place, f, claim
    loose = Variable(place.name, place.shape)
    return loose, substitute(f, {place: loose}), substitute(claim, {place: loose})


def _as_function(f: Expression, x: Variable, values: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The generated code of f as a function of x, which may leave its domain."""
    free = Variable(x.name, x.shape)
    whole = substitute(f, {x: free})
    used = variables(whole)
    code = lambdify(whole, arguments=used, check=False)
    return lambda point: code(*(point if each is free else values[each.name] for each in used))


def _called(claim: Expression, values: Mapping[str, Any]) -> Any:
    used = variables(claim)
    return lambdify(claim, arguments=used)(*(values[each.name] for each in used))


def finite_difference(
    f: Mathematics, x: Unknown | Named, gradient: Mathematics, at: At | None = None
) -> FiniteDifference:
    """The derivative of f by x (of any rank) is `gradient`, by differences of f.

    >>> from symbolic import norm, vector
    >>> w = vector("w", "n")
    >>> finite_difference(norm(w) ** 2, w, 2 * w).run(seed=0).verdict
    'verified'
    """
    return FiniteDifference(f, x, gradient, fixed(at))


def differences_of(derivation: Derivation) -> Iterator[FiniteDifference]:
    """The experiment for each claim `D(f, x) = gradient` of a page."""
    for claim in derivation.claims:
        if isinstance(claim, Equation) and isinstance(claim.left, Derivative):
            yield finite_difference(claim.left.expression, claim.left.variable, claim.right)
