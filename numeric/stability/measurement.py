"""The error of a function against the truth of a statement, point by point.

The truth is an enclosure of the statement that rounds to one number of the format; see
`numeric.accuracy`. Statements in vectors and matrices are enclosed point by point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from flint import arb, fmpq

from numeric.accuracy.errors import Exact, ulps_of_error
from numeric.accuracy.formats import Floats, Format
from numeric.accuracy.reference import exact_values, round_balls
from numeric.balls import precision
from numeric.enclosure import enclose
from numeric.errors import PrecisionTooLow, Undecided
from numeric.exact import evaluate_exactly
from symbolic import parse
from symbolic.nodes import Expression, Variable
from symbolic.reading.declarations import declare

Scale = Literal["entry", "largest", "condition"]

LIMIT = 8192  # bits
_FIRST = 256  # bits
_STEP = Fraction(1, 2**60)  # the relative change of the arguments that shows the condition
_CONDITION_BITS = 512


@dataclass(frozen=True)
class Measured:
    """Errors of one function at many points, in ulps of the format.

    errors     the largest error at each point; with scale "largest" in ulps of the largest entry,
               with "condition" also divided by the condition number where that exceeds 1
    points     the arguments, one row per point
    decided    at how many points the truth is certain; the other errors are NaN
    """

    errors: Floats
    points: Mapping[str, Floats]
    decided: int

    @property
    def worst(self) -> float:
        """The largest error."""
        return float(np.nanmax(self.errors)) if self.decided else float("nan")

    @property
    def worst_point(self) -> dict[str, Floats]:
        """The arguments with the largest error."""
        place = int(np.nanargmax(self.errors))
        return {name: values[place] for name, values in self.points.items()}


@dataclass(frozen=True)
class Truth:
    """The true values of a statement: one `Exact` per point, and the condition numbers."""

    values: tuple[Exact, ...]
    conditions: Floats


def truth_of(
    statement: str,
    given: Mapping[str, str],
    points: Mapping[str, Floats],
    form: Format,
    scale: Scale,
) -> Truth:
    """The true values at points, with condition numbers if the scale asks for them."""
    count = len(next(iter(points.values())))
    ones = np.ones(count)
    if all(shape == "" for shape in given.values()):
        exact = exact_values(statement, points, form)
        return Truth(tuple(exact.at(place) for place in range(count)), ones)
    declared = {name: each for name, each in declare(given).items() if name in points}
    expression = parse(statement, given)
    values = []
    for place in range(count):
        point = {variable: _fractions(points[name][place]) for name, variable in declared.items()}
        values.append(_enclosed(expression, point, form))
        if scale == "condition":
            ones[place] = max(1.0, _condition(expression, point))
    return Truth(tuple(values), ones)


def errors_of(
    function: Callable[..., Any],
    truth: Truth,
    points: Mapping[str, Floats],
    form: Format,
    scale: Scale,
) -> Measured:
    """The errors of a function that is called once per point, or once on all if all are scalars."""
    kind = np.dtype(form.name)
    arrays = [values.astype(kind) for values in points.values()]
    count = len(arrays[0])
    with np.errstate(all="ignore"):
        if all(array.ndim == 1 for array in arrays):
            computed = list(np.asarray(function(*arrays)))
        else:
            computed = [function(*(array[place] for array in arrays)) for place in range(count)]
    errors = np.full(count, np.nan)
    for place, exact in enumerate(truth.values):
        if np.all(exact.decided):
            errors[place] = _error(computed[place], exact, form, scale) / truth.conditions[place]
    return Measured(errors, points, int(np.sum(~np.isnan(errors))))


def _error(computed: Any, exact: Exact, form: Format, scale: Scale) -> float:
    ulps = ulps_of_error(np.asarray(computed, dtype=np.float64), exact, form)
    if scale != "entry":
        unit = form.unit_exponent(exact.rounded)
        ulps = np.ldexp(ulps, unit - np.max(unit))
    return float(np.max(ulps))


def _fractions(array: Floats) -> Any:
    return np.vectorize(lambda value: Fraction(float(value)), otypes=[object])(array)


def _enclosed(expression: Expression, point: Mapping[Variable, Any], form: Format) -> Exact:
    """The value at a point, correctly rounded; the precision is raised until it is.

    A value halfway between two numbers of the format is found in rational arithmetic.
    """
    bits = _FIRST
    while bits <= LIMIT:
        try:
            balls = enclose(expression, point, bits=bits)
        except PrecisionTooLow:
            balls = None
        except Undecided:
            break
        found = None if balls is None else _rounded(balls, bits, form)
        if found is not None:
            return found
        bits *= 2
    try:
        rational = evaluate_exactly(expression, point)
    except Undecided:
        return _unknown(form)
    return _rounded(np.vectorize(_ball, otypes=[object])(rational), LIMIT, form) or _unknown(form)


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _rounded(balls: Any, bits: int, form: Format) -> Exact | None:
    with precision(bits):
        rounded, tail, decided = round_balls(list(balls.flat), form)
    if not np.all(decided):
        return None
    shape = balls.shape
    nowhere = np.zeros(shape, dtype=bool)
    return Exact(rounded.reshape(shape), tail.reshape(shape), decided.reshape(shape), nowhere, form)


def _unknown(form: Format) -> Exact:
    nothing = np.array(False)
    return Exact(np.array(np.nan), np.array(0.0), nothing, nothing, form)


def _condition(expression: Expression, point: Mapping[Variable, Any]) -> float:
    """The condition number: by how much the value can move, relative to the entries that move.

    Formula: max_j sum_i |x_i df_j/dx_i|/max_j |f_j|, from one exact step of each entry.
    """
    here = enclose(expression, point, bits=_CONDITION_BITS)
    moves = np.zeros(here.shape)
    with precision(_CONDITION_BITS):
        for moved in _each_moved(point):
            there = enclose(expression, moved, bits=_CONDITION_BITS)
            moves += np.vectorize(lambda a, b: abs(float(a - b)), otypes=[float])(there, here)
    size = max(abs(float(ball)) for ball in here.flat)
    return float(np.max(moves)) / float(_STEP) / size


def _each_moved(point: Mapping[Variable, Any]) -> Iterator[dict[Variable, Any]]:
    """The point with one entry moved by the relative step; a matrix stays symmetric."""
    for variable, value in point.items():
        for place in np.ndindex(value.shape):
            if len(place) == 2 and place[0] < place[1]:
                continue
            moved = value.copy()
            moved[place] *= 1 + _STEP
            moved[place[::-1]] = moved[place]
            yield {**point, variable: moved}
