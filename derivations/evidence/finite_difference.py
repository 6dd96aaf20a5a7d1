"""Gradients against differences: the generated code of both, or SymPy in high precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.iterations import rounded
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
from numeric.seeds import generator
from symbolic import Derivative, Expression, Named, Variable, lambdify
from symbolic.errors import ChainruleError
from symbolic.functions import Unspecified as UnspecifiedHead
from symbolic.nodes import Elementwise, Unspecified
from symbolic.traverse import postorder, substitute, variables

if TYPE_CHECKING:
    from flint import arb

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
        x, loose = _loosened(self.x, f)
        measure = _in_code if _has_code(loose) and _has_code(claim) else _in_balls
        agreed, why = 0, "no point was found"
        for point in points([f, claim, self.x], self.at, seed, _POINTS):
            try:
                verdict, said = measure(loose, x, claim, self._with_x(point, x), seed)
            except ChainruleError as error:
                why = str(error)
                continue
            if verdict == "fail":
                return Evidence("refuted", self.name, said, agreed + 1, str(point))
            agreed += verdict == "pass"
            why = said if verdict != "pass" else why
        if not agreed:
            return Evidence("undecided", self.name, why)
        what = (
            "the generated code agrees with differences within their bars"
            if measure is _in_code
            else f"central differences with h = 2^-{_STEP} agree"
        )
        return Evidence("verified", self.name, f"{what}, at {_count(agreed)}", agreed)

    def _with_x(self, point: Point, x: Variable) -> Point:
        """The point with the value that a named intermediate has there."""
        if x in point.values:
            return point
        return with_value(point, x, rounded(enclosed(self.x, point, _BITS)))

    def _of_scalars(self, f: sympy.Expr, claim: sympy.Expr, seed: int) -> Evidence:
        from flint import arb

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


def _in_code(
    f: Expression, x: Variable, claim: Expression, point: Point, seed: int
) -> tuple[str, str]:
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
    return found.verdict, found.reason


def _in_balls(
    f: Expression, x: Variable, claim: Expression, point: Point, seed: int
) -> tuple[str, str]:
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
                return "fail", f"differences give {shown(slope, 12)}, the claim {shown(wanted, 12)}"
            if not gap <= small:
                return "inconclusive", "the differences have no certain value"
    return "pass", ""


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
