"""Gradients against differences: the generated code of both, or SymPy in high precision."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.iterations import rounded
from derivations.evidence.points import (
    At,
    Conditions,
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
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from numeric.balls import precision
from numeric.seeds import generator
from symbolic import Derivative, Expression, Named, Variable, lambdify
from symbolic.errors import ChainruleError
from symbolic.functions import Unspecified as UnspecifiedHead
from symbolic.nodes import Elementwise, Unspecified
from symbolic.traverse import postorder, substitute, variables

if TYPE_CHECKING:
    from flint import arb

_POINTS = 2
_STEP = 200  # h = 2^-200
_BITS = 1200
_DIGITS = 60  # to which such differences are right


@dataclass(frozen=True)
class FiniteDifference:
    """The claimed derivative of f by x is what differences of f give.

    `on` are the conditions that scalars have to satisfy.
    """

    f: Mathematics
    x: Unknown | Named
    gradient: Mathematics
    at: Fixed
    on: Conditions = ()
    name: str = "finite differences"

    @property
    def statement(self) -> Statement:
        """The derivative that is claimed."""
        return (self.derivative, "=", self.gradient, *where(self.at))

    @property
    def derivative(self) -> Mathematics:
        """The derivative of f by x, not worked out."""
        if isinstance(self.f, Expression):
            return Derivative(self.f, self.x)
        return sympy.Derivative(self.f, self.x)

    def run(self, seed: int) -> Evidence:
        """Measure slopes of f at random points and compare them with the claim."""
        return self.measured(seed)[0]

    def measured(self, seed: int) -> tuple[Evidence, float]:
        """What `run` finds, and the bar of differences of generated code (0 where there is none)."""
        f, claim = inserted(self.f, self.at), inserted(self.gradient, self.at)
        if isinstance(f, Expression):
            return self._of_code(f, claim, seed)
        return self._of_scalars(f, claim, seed), 0.0

    def _of_code(self, f: Expression, claim: Any, seed: int) -> tuple[Evidence, float]:
        place = inserted(self.x, self.at) if isinstance(self.x, Named) else self.x
        x, loose = _loosened(place, f)
        measure = _in_code if _has_code(loose) and _has_code(claim) else _in_balls
        agreed, widest, why = 0, 0.0, "no point was found"
        for point in points([f, claim, place], self.at, seed, _POINTS):
            try:
                found = measure(loose, x, claim, _with_value_of(place, x, point), seed)
            except ChainruleError as error:
                why = str(error)
                continue
            if found.verdict == "fail":
                words = found.reason
                return Evidence("refuted", self.name, words, agreed + 1, str(point)), 0.0
            if found.verdict == "pass":
                agreed, widest = agreed + 1, max(widest, found.bar)
            else:
                why = found.reason
        if not agreed:
            return Evidence("undecided", self.name, why), 0.0
        what = code_agrees(widest) if measure is _in_code else DIFFERENCES_AGREE
        return Evidence("verified", self.name, f"{what}, at {_count(agreed)}", agreed), widest

    def _of_scalars(self, f: sympy.Expr, claim: sympy.Expr, seed: int) -> Evidence:
        from flint import arb

        agreed, why = 0, "no point was found"
        for point in points([f, claim, sympy.sympify(self.x)], self.at, seed, _POINTS, self.on):
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
        return Evidence("verified", self.name, f"{DIFFERENCES_AGREE}, at {_count(agreed)}", agreed)


DIFFERENCES_AGREE = f"central differences with h = 2^-{_STEP} agree to {_DIGITS} digits"


def code_agrees(bar: float) -> str:
    """How closely generated code agrees with its differences, in words."""
    return f"the generated code agrees with differences, to {bar:.1g}"


@dataclass(frozen=True)
class _Measured:
    """What one point says: pass, fail or inconclusive, with the reason and the bar of the slopes."""

    verdict: str
    reason: str
    bar: float = 0.0


def _with_value_of(place: Variable | Named, x: Variable, point: Point) -> Point:
    """The point with the value that a named intermediate has there."""
    if x in point.values:
        return point
    return with_value(point, x, rounded(enclosed(place, point, _BITS)))


def _count(points_found: int) -> str:
    return "one random point" if points_found == 1 else f"{points_found} random points"


def _slope(f: sympy.Expr, x: Unknown, point: Point) -> arb:
    from flint import arb

    h = Fraction(1, 2**_STEP)
    here = Fraction(sympy.Rational(point.values[x]))
    ahead, behind = (
        enclosed(f, with_value(point, x, here + step), _BITS).item() for step in (h, -h)
    )
    with precision(_BITS):
        return (ahead - behind) * arb(2) ** (_STEP - 1)


def _loosened(place: Any, f: Expression) -> tuple[Variable, Expression]:
    """The place as a variable, and f in it: a named intermediate is cut loose from its meaning."""
    if isinstance(place, Variable):
        return place, f
    loose = Variable(place.name, place.shape)
    return loose, substitute(f, {place: loose})


def _has_code(expression: Expression) -> bool:
    """Whether code can be generated: no derivative is left, no function known by name alone."""
    return not any(
        isinstance(node, (Derivative, Unspecified))
        or (isinstance(node, Elementwise) and node.kernel.expr.has(UnspecifiedHead))
        for node in postorder(expression)
    )


def _in_code(f: Expression, x: Variable, claim: Expression, point: Point, seed: int) -> _Measured:
    """The verdict of differences of generated code in float64."""
    from numeric import check_gradient, check_jacobian

    values = {u.name: np.asarray(v, dtype=np.float64) for u, v in point.values.items()}
    free = Variable(x.name, x.shape)  # differences may leave the domain of x
    whole = substitute(f, {x: free})
    used = variables(whole)
    code = lambdify(whole, arguments=used, check=False)

    def moved(place: Any) -> Any:
        return code(*(place if each is free else values[each.name] for each in used))

    given = tuple(dict.fromkeys((*variables(claim), x)))  # x has sizes that a zero gradient needs
    slope = lambdify(claim, arguments=given)(*(values[each.name] for each in given))
    check = check_jacobian if f.rank else check_gradient
    found = check(moved, slope, values[x.name], seed=seed)
    return _Measured(found.verdict, found.reason, float(found.bar))


def _in_balls(f: Expression, x: Variable, claim: Expression, point: Point, seed: int) -> _Measured:
    """The verdict of differences of enclosures along a random direction.

    A function of which only the name is known is then some smooth one, the same at every point.
    """
    from flint import arb

    here = np.asarray(point.values[x], dtype=object)
    signs = generator(seed, 2).choice([-1, 1], size=here.shape)
    h = Fraction(1, 2**_STEP)
    ahead, behind = (
        enclosed(f, with_value(point, x, here + step * signs), _BITS).ravel() for step in (h, -h)
    )
    claimed = enclosed(claim, point, _BITS).reshape(ahead.size, -1)
    with precision(_BITS):
        for k in range(ahead.size):
            slope = (ahead[k] - behind[k]) * arb(2) ** (_STEP - 1)
            wanted = sum(
                entry * int(sign) for entry, sign in zip(claimed[k], signs.flat, strict=True)
            )
            gap, small = abs(slope - wanted), (1 + abs(slope)) * arb(2) ** -_STEP
            if gap > small:
                words = f"differences give {shown(slope, 12)}, the claim {shown(wanted, 12)}"
                return _Measured("fail", words)
            if not gap <= small:
                return _Measured("inconclusive", "the differences have no certain value")
    return _Measured("pass", "")


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
