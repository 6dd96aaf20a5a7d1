"""The accuracy of generated code: its values in float64 and float32 against enclosures.

The unit is the unit in the last place of each entry of each result. Where the problem itself
amplifies errors of its arguments, by its condition number

    kappa = sum_j |x_j df/dx_j| / |f|,

the error is divided by kappa; so 1 means that the code is about as good as rounding the arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import sympy
from flint import arb, fmpq

from numeric.accuracy.errors import Exact, ulps_of_error
from numeric.accuracy.formats import Floats, Format, float32, float64
from numeric.accuracy.hostile import FloatPoint, points
from numeric.accuracy.inputs import whole_count
from numeric.accuracy.reference import round_balls
from numeric.balls import precision
from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.exact import evaluate_all_exactly
from numeric.sampling import choose_sizes
from numeric.seeds import generator
from symbolic.code.compilation import Function, lambdify
from symbolic.domains import domain_of
from symbolic.errors import DataError
from symbolic.nodes import Expression, Variable
from symbolic.reading.declarations import Given
from symbolic.reading.parser import read

Code = Function | Expression | str | tuple[Expression, ...]

_FIRST, _LIMIT = 128, 4096  # bits of an enclosure
_STEP = Fraction(1, 2**60)  # the relative change of one entry that shows the condition number
_CONDITION_BITS = 512
_CHOICES = 6  # assignments of numbers to the size letters, of which two are used


@dataclass(frozen=True)
class WorstEntry:
    """Where the largest error was found.

    result, entry   which result of the code, and which entry of it
    ulps            the error in units in the last place of that entry
    condition       the condition number of that entry; at least 1
    point           the arguments by name
    """

    result: int
    entry: tuple[int, ...]
    ulps: float
    condition: float
    point: Mapping[str, Floats]

    @property
    def error(self) -> float:
        """The error in units in the last place, divided by the condition number."""
        return _per_condition(self.ulps, self.condition)


@dataclass(frozen=True)
class CodeAccuracy:
    """The measured accuracy of generated code.

    worst    the largest error found, by the name of the format: "float64" and "float32"
    points   at how many points the true values are known, in each format
    seed     of the points
    """

    worst: Mapping[str, WorstEntry]
    points: int
    seed: int

    @property
    def errors(self) -> dict[str, float]:
        """The largest error in each format, in ulps divided by the condition number."""
        return {name: found.error for name, found in self.worst.items()}

    def __str__(self) -> str:
        found = ", ".join(f"{_shown(error)} ulp ({name})" for name, error in self.errors.items())
        return f"error at most {found}, per condition number, at {self.points} points"


def code_accuracy(
    code: Code, given: Given | None = None, *, samples: int = 40, seed: int = 0
) -> CodeAccuracy:
    """How far generated code is from the truth, in float64 and in float32.

    `code` is what `lambdify` made, or what it takes: an expression, text with `given`, or a tuple of
    expressions. Shapes: sizes are chosen, small and all different, and the smallest possible.
    Conditions: `samples` points of the domains in each format, hostile ones among them; those where
    enclosures do not decide the true value, or where it overflows, are left out. Numerical error:
    the true values are certain; what is found is a lower bound of the largest error there is.

    >>> found = code_accuracy("log(1 + exp(z))", {"z": ""}, samples=20)
    >>> found.errors["float64"] < 2
    True
    """
    count = whole_count("samples", samples, 1)
    function = _function(code, given)
    roots, arguments = function.admission.roots, function.admission.arguments
    worst: dict[str, WorstEntry] = {}
    known = []
    for stream, form in enumerate((float64, float32)):
        rng = generator(seed, stream)
        sizes = _sizes(roots, rng)
        if not sizes:
            raise DataError(
                f"sizes for {function.name}", "none fit", "measure code whose sizes can be small"
            )
        chosen = islice(points(arguments, sizes, form, rng), count)
        trials = list(_trials(function, roots, chosen, form))
        if not trials:
            raise DataError(
                f"the accuracy of {function.name}",
                f"its true value is known at none of {count} points",
                "check that the domains lie where it is defined, or use more samples",
            )
        worst[form.name] = _worst(trials, roots)
        known.append(len(trials))
    return CodeAccuracy(worst, min(known), seed)


def _sizes(roots: Sequence[Expression], rng: np.random.Generator) -> list[dict[sympy.Symbol, int]]:
    """Numbers for the size letters: the largest of a few choices twice, and the smallest."""
    found = choose_sizes(roots, rng, _CHOICES)
    by_size = sorted(found, key=lambda sizes: min(sizes.values(), default=0))
    return [by_size[-1], *by_size[:1], by_size[-1]] if len(by_size) > 1 else by_size


def _function(code: Code, given: Given | None) -> Function:
    if isinstance(code, Function):
        return code
    return lambdify(read(code, given) if isinstance(code, str) else code, check=False)


# --- one point -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trial:
    """One point with the errors of all results in ulps; NaN where the truth is not known."""

    point: FloatPoint
    errors: tuple[Floats, ...]

    @property
    def largest(self) -> float:
        known = (np.where(np.isnan(each), 0.0, each) for each in self.errors)
        return max(float(np.max(each, initial=0.0)) for each in known)


def _trials(
    function: Function,
    roots: Sequence[Expression],
    chosen: Iterator[FloatPoint],
    form: Format,
) -> Iterator[_Trial]:
    kind = np.dtype(form.name)
    for point in chosen:
        truth = exact_arrays(roots, point, form)
        if not any(each.decided.any() for each in truth):
            continue
        given = {each.name: values.astype(kind)[()] for each, values in point.items()}
        with np.errstate(all="ignore"):
            computed = function.unchecked(*(given[name] for name in function.args))
        several = computed if isinstance(computed, tuple) else (computed,)
        yield _Trial(
            point,
            tuple(_errors(value, exact, form) for value, exact in zip(several, truth, strict=True)),
        )


def _errors(value: Any, exact: Exact, form: Format) -> Floats:
    found = ulps_of_error(np.asarray(value, dtype=np.float64), exact, form)
    known = exact.decided & np.isfinite(exact.rounded)
    return np.where(known, found, np.nan)


def exact_arrays(roots: Sequence[Expression], point: FloatPoint, form: Format) -> tuple[Exact, ...]:
    """The true values of several expressions at floats, correctly rounded entry by entry.

    Formula, conditions and numerical error: as for `exact_values`, of arrays.

    >>> from symbolic.variables import vector
    >>> x = vector("x", 2)
    >>> (found,) = exact_arrays([x / 3], {x: np.array([1.0, 3.0])}, float64)
    >>> found.rounded.tolist(), found.decided.tolist()
    ([0.3333333333333333, 1.0], [True, True])
    """
    exactly = _as_fractions(point)
    bits = _FIRST
    try:
        while True:
            balls, _ = balls_at(roots, exactly, None, bits)
            with precision(bits):
                found = tuple(_rounded(each, form) for each in balls)
            if all(each.decided.all() for each in found):
                return found
            if bits >= _LIMIT:
                break
            bits *= 2
    except Undecided:
        return tuple(_unknown(form) for _ in roots)
    try:
        rational = evaluate_all_exactly(roots, exactly)
    except Undecided:
        return found
    with precision(_LIMIT):
        return tuple(_rounded(np.vectorize(_ball, otypes=[object])(r), form) for r in rational)


def _as_fractions(point: FloatPoint) -> dict[Variable, Any]:
    fraction = np.vectorize(lambda value: Fraction(float(value)), otypes=[object])
    return {each: fraction(values) for each, values in point.items()}


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _rounded(balls: Any, form: Format) -> Exact:
    rounded, tail, decided = round_balls(list(balls.flat), form)
    shape = balls.shape
    nowhere = np.zeros(shape, dtype=bool)
    return Exact(rounded.reshape(shape), tail.reshape(shape), decided.reshape(shape), nowhere, form)


def _unknown(form: Format) -> Exact:
    nothing = np.zeros((), dtype=bool)
    return Exact(np.array(np.nan), np.array(0.0), nothing, nothing, form)


# --- the worst of them ---------------------------------------------------------------------------


def _worst(trials: Sequence[_Trial], roots: Sequence[Expression]) -> WorstEntry:
    """The entry with the largest error per condition number.

    Condition numbers cost much, so they are asked for from the largest error downwards, until no
    other error can be larger.
    """
    worst = WorstEntry(0, (), 0.0, 1.0, {})
    for trial in sorted(trials, key=lambda each: each.largest, reverse=True):
        if trial.largest <= worst.error:
            break
        conditions = _conditions(roots, trial.point)
        named = {each.name: values for each, values in trial.point.items()}
        for place, (errors, condition) in enumerate(zip(trial.errors, conditions, strict=True)):
            for entry in np.ndindex(errors.shape):
                ulps, size = float(errors[entry]), float(condition[entry])
                if _per_condition(ulps, size) > worst.error:
                    worst = WorstEntry(place, entry, ulps, size, named)
    return worst


def _per_condition(ulps: float, condition: float) -> float:
    """An error divided by a condition number; a result that is not finite stays infinitely wrong."""
    return ulps if np.isinf(ulps) else ulps / condition


def _conditions(roots: Sequence[Expression], point: FloatPoint) -> list[Floats]:
    """The condition number of every entry of every result, at least 1; infinite where not known."""
    exactly = _as_fractions(point)
    bits = _CONDITION_BITS
    while True:
        here, _ = balls_at(roots, exactly, None, bits)
        settled = all(ball == 0 or not ball.contains(0) for each in here for ball in each.flat)
        if settled or bits >= _LIMIT:
            break
        bits *= 2
    moves = [np.zeros(each.shape) for each in here]
    with precision(bits):
        for moved in _each_moved(exactly):
            there, _ = balls_at(roots, moved, None, bits)
            for total, a, b in zip(moves, here, there, strict=True):
                total += _relative_change(a, b)
    return [np.maximum(1.0, total / float(_STEP)) for total in moves]


def _relative_change(here: Any, there: Any) -> Floats:
    """|there - here|/|here| entry by entry: of an exact 0 it is 0 where it stays, else infinite."""
    found = np.zeros(here.shape)
    for entry in np.ndindex(here.shape):
        if here[entry].contains(0):
            found[entry] = 0.0 if here[entry] == 0 and there[entry] == 0 else np.inf
        else:
            change = abs((there[entry] - here[entry]) / here[entry]).abs_upper()
            found[entry] = float(change) if change.is_finite() else np.inf
    return found


def _each_moved(point: Mapping[Variable, Any]) -> Iterator[dict[Variable, Any]]:
    """The point with one entry moved by the relative step; a symmetric matrix stays symmetric."""
    for variable, values in point.items():
        symmetric = domain_of(variable.domain).symmetric
        for place in np.ndindex(values.shape):
            if values[place] == 0 or (symmetric and place[0] < place[1]):
                continue
            moved = values.copy()
            moved[place] *= 1 + _STEP
            if symmetric:
                moved[place[::-1]] = moved[place]
            yield {**point, variable: moved}


def _shown(error: float) -> str:
    return f"{error:.1f}" if error < 100 else f"{error:.2g}"
