"""Whether an equation in one number has a root besides the one that is claimed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sympy

from derivations.statements import Equation
from numeric.enclosure import enclose
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, sample
from numeric.seeds import generator
from symbolic import Expression, Variable
from symbolic.errors import ChainruleError
from symbolic.operations import subtract
from symbolic.traverse import unfold, variables

if TYPE_CHECKING:
    from flint import arb

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_POINTS = 2  # values of everything else
_BITS = 192
_HALVINGS = 40
_SHARE = Fraction(1, 10**6)  # of the gap at the start that may be left at a root
_STEPS = [Fraction(k, 4) for k in range(25)]
_PLACES = {
    "real": sorted({*_STEPS, *(-each for each in _STEPS)}),
    "positive": [each + Fraction(1, 97) for each in _STEPS],
    "nonnegative": _STEPS,
    "unit": [Fraction(k, 24) for k in range(1, 24)],
}


def other_root(
    variable: Variable, value: Expression, equation: Equation, seed: int
) -> Fraction | None:
    """About where else an equation in one number holds, when everything else has some value.

    Found at a change of sign that closes in on zero, as at a pole it does not; nothing else is looked
    for, so that there may be others.

    >>> from symbolic import parse, scalar
    >>> x, one = scalar("x"), parse("1", {})
    >>> other_root(x, one, Equation(parse("x**2", {"x": ""}), one), 0)
    Fraction(-1, 1)
    >>> other_root(x, one, Equation(parse("1/x", {"x": ""}), one), 0)
    """
    places = _PLACES.get(variable.domain)
    if variable.rank or places is None:
        return None
    gap, claimed = unfold(subtract(equation.left, equation.right)), unfold(value)
    rng = generator(seed)
    for sizes in choose_sizes([gap, claimed], rng, _POINTS):
        point = sample(variables([gap, claimed]), sizes, rng)
        root = _value_at(claimed, variable, point, sizes, Fraction(0))
        if root is None:
            continue
        found = _root_besides(root, partial(_value_at, gap, variable, point, sizes), places)
        if found is not None:
            return found
    return None


def _value_at(
    expression: Expression, variable: Variable, point: Point, sizes: Sizes, place: Fraction
) -> arb | None:
    """The ball of a number where the variable has a value, if it has one there."""
    try:
        ball: arb = enclose(expression, {**point, variable: place}, sizes, _BITS).item()
    except (Undecided, ChainruleError):
        return None
    return ball


def _root_besides(
    root: arb, gap_at: Callable[[Fraction], arb | None], places: list[Fraction]
) -> Fraction | None:
    signs: list[tuple[Fraction, arb]] = []
    for place in places:
        gap = gap_at(place)
        if gap is None:
            continue
        if gap.contains(0):
            if not _ball(place).overlaps(root):
                return place
        else:
            signs.append((place, gap))
    for (low, below), (high, above) in pairwise(signs):
        around = _ball(low) <= root and root <= _ball(high)
        if (below > 0) == (above > 0) or around:
            continue
        found = _closed_in(low, high, below, gap_at)
        if found is not None:
            return found
    return None


def _closed_in(
    low: Fraction, high: Fraction, below: arb, gap_at: Callable[[Fraction], arb | None]
) -> Fraction | None:
    """A root between two places with gaps of different signs; None at a pole."""
    bound = abs(below) * _ball(_SHARE)
    gap: arb | None = None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        gap = gap_at(middle)
        if gap is None:
            return None
        if gap.contains(0):
            return middle
        if (gap > 0) == (below > 0):
            low = middle
        else:
            high = middle
    return middle if gap is not None and abs(gap) < bound else None


def _ball(number: Fraction) -> arb:
    from flint import arb

    return arb(number.numerator) / number.denominator
