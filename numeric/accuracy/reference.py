"""The true values of an expression at floats, rounded correctly.

The floats are the rational numbers they are. The expression is enclosed in balls at 128 bits, and
only the points whose ball does not yet round to one float, or is not narrow beside a unit in its
last place, are evaluated again, at twice the precision each time. Points that stay open are tried
once in exact rational arithmetic, where x/3*3 - x is 0, which no ball can show. What is still open
at the limit is undecided, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from numeric.accuracy.callables import values_of
from numeric.accuracy.columns import NOWHERE, Column, evaluate, has_large_powers
from numeric.accuracy.errors import Exact, round_sum
from numeric.accuracy.formats import Floats, Format, float64, format_of
from numeric.accuracy.inputs import real_values, whole_count
from numeric.balls import precision
from numeric.errors import Undecided
from numeric.exact import evaluate_exactly
from symbolic import parse
from symbolic.errors import DataError, NameUnknownError, ShapeError
from symbolic.nodes import Expression
from symbolic.sizes import shape_text
from symbolic.traverse import variables

Reference = str | Expression | Callable[..., Any]
LIMIT = 20000  # bits

_FIRST = 128  # bits
_EXACT_FROM = 1024  # bits, where the points that stay open are tried in rational arithmetic
_PROBED_FROM = 2048  # bits, beyond which a few points are tried before all of them
_PROBES = 32
_NARROW = arb(2) ** -20  # of a unit in the last place, the radius of a ball that gives its tail


def exact_values(
    expression: Reference, points: Mapping[str, Any], dtype: Any = float64, limit: int = LIMIT
) -> Exact:
    """The true values of an expression at floats, correctly rounded to a format.

    Shapes: every points[name] is (N,), the results too. `expression` is text in the names of
    `points`, an Expression in scalar variables, or a function called by keyword with one number at
    a time (mpmath's, flint's or Fraction) and returning an mpmath number, an arb or a Fraction.
    Conditions: finite points. Where the expression has no real value, or `limit` bits do not
    decide, `decided` is False and the value NaN. Numerical error: where decided, none in `rounded`,
    subnormal and overflowing values included, and 2^-19 units in the last place in `tail`; a truth
    that cannot be told from its float has tail 0. Decimals in text are exact. For a function that
    returns mpmath numbers, two precisions that agree are taken for the truth, and `enclosure` is
    False.
    Source: Flatt and Panchekha, ARITH 2023 (raising the precision until the enclosure rounds).

    >>> found = exact_values("log(1 + exp(x))", {"x": np.array([-500.0, 800.0])})
    >>> found.rounded.tolist(), found.decided.tolist()
    ([7.124576406741286e-218, 800.0], [True, True])
    """
    form = format_of(dtype)
    limit = whole_count("limit", limit, 2)
    columns = _columns(points)
    if isinstance(expression, (str, Expression)):
        return _climb(_Enclosures(read(expression, tuple(columns)), columns), form, limit)
    return _climb(values_of(expression, columns), form, limit)


def read(expression: str | Expression, names: tuple[str, ...]) -> Expression:
    """A scalar expression in scalar variables with the given names.

    >>> read("x + y", ("x", "y"))
    x + y
    """
    read_ = (
        parse(expression, dict.fromkeys(names, "")) if isinstance(expression, str) else expression
    )
    for each in (read_, *variables((read_,))):
        if each.shape:
            raise ShapeError(
                f"the reference {read_}",
                f"{each} has shape {shape_text(each.shape)}",
                "measure scalar expressions in scalar variables",
            )
    missing = [each.name for each in variables((read_,)) if each.name not in names]
    if missing:
        raise NameUnknownError(
            f"the reference {read_}",
            f"no points for {missing[0]}",
            "give points for every variable",
        )
    return read_


def _columns(points: Mapping[str, Any]) -> dict[str, list[float]]:
    if not isinstance(points, Mapping):
        raise DataError("the points", f"{points!r:.40}", "give a mapping of names to arrays")
    columns: dict[str, list[float]] = {}
    for name, values in points.items():
        array = real_values(f"the points {name}", values)
        if array.ndim != 1:
            raise ShapeError(f"the points {name}", f"shape {array.shape}", "give one axis")
        if not np.all(np.isfinite(array)):
            raise DataError(f"the points {name}", "not all are finite", "leave the others out")
        columns[name] = array.tolist()
    if len({len(column) for column in columns.values()}) != 1:
        raise ShapeError("the points", "no columns of one length", "give each name as many points")
    return columns


class _Enclosures:
    """An expression at points, as a source of enclosures."""

    certain = True

    def __init__(self, expression: Expression, columns: Mapping[str, list[float]]) -> None:
        self.expression = expression
        self.columns = {name: list(map(arb, column)) for name, column in columns.items()}
        self.floats = columns
        self.count = len(next(iter(columns.values())))
        self.has_fractions = not has_large_powers(expression)

    def at(self, places: NDArray[np.intp]) -> Column:
        """Enclosures at some of the points, at the precision of the context."""
        return evaluate(
            self.expression,
            {name: [column[k] for k in places] for name, column in self.columns.items()},
        )

    def exactly(self, place: int) -> Fraction | None:
        """The rational value at a point, if there is one of reasonable size."""
        if not self.has_fractions:
            return None
        point = {
            each: Fraction(self.floats[each.name][place]) for each in variables((self.expression,))
        }
        try:
            return evaluate_exactly(self.expression, point).item()
        except Undecided:
            return None


def _precisions(limit: int) -> Iterator[int]:
    bits = _FIRST
    while bits < limit:
        yield bits
        bits *= 2
    yield limit


def _climb(source: Any, form: Format, limit: int) -> Exact:
    count = source.count
    rounded, tail = np.full(count, np.nan), np.zeros(count)
    undefined = np.zeros(count, dtype=bool)
    open_places = np.arange(count)

    def settle(places: NDArray[np.intp], balls: Column) -> NDArray[np.intp]:
        """Note what is decided and return the places that stay open."""
        nowhere = np.array([ball is NOWHERE for ball in balls], dtype=bool)
        undefined[places[nowhere]] = True
        left, balls = places[~nowhere], [ball for ball in balls if ball is not NOWHERE]
        values, tails, decided = round_balls(balls, form)
        rounded[left[decided]], tail[left[decided]] = values[decided], tails[decided]
        return left[~decided]

    for bits in _precisions(limit):
        if not len(open_places):
            break
        with precision(bits):
            if bits > _PROBED_FROM and len(open_places) > _PROBES:
                chosen = open_places[:: len(open_places) // _PROBES]
                if not _some_decided(source, chosen, form, limit):
                    break
            open_places = settle(open_places, source.at(open_places))
            if bits == _EXACT_FROM:
                open_places = _exactly(source, open_places, settle)
    decided = ~undefined
    decided[open_places] = False
    return Exact(rounded, tail, decided, undefined, form, source.certain)


def _some_decided(source: Any, places: NDArray[np.intp], form: Format, limit: int) -> bool:
    """Whether the full precision decides any of a few points."""
    with precision(limit):
        balls = [ball for ball in source.at(places) if ball is not NOWHERE]
        return len(balls) < len(places) or bool(round_balls(balls, form)[2].any())


def _exactly(
    source: Any,
    places: NDArray[np.intp],
    settle: Callable[[NDArray[np.intp], Column], NDArray[np.intp]],
) -> NDArray[np.intp]:
    found = [(place, source.exactly(int(place))) for place in places]
    known = [(place, value) for place, value in found if value is not None]
    balls = [arb(fmpq(value.numerator, value.denominator)) for _, value in known]
    still = settle(np.array([place for place, _ in known], dtype=np.intp), balls)
    rest = [place for place, value in found if value is None]
    return np.sort(np.concatenate([still, np.array(rest, dtype=np.intp)]))


def round_balls(balls: Column, form: Format) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Balls as correctly rounded numbers with their tails (see `Exact`), and where that is certain.

    A ball is decided when both its ends round to one number of the format, and its radius is at most
    2^-20 units in the last place of that number.

    >>> with precision(128):
    ...     round_balls([arb(1) / 3, arb(0, 1), arb(1.25, 1e-17)], float64)[2].tolist()
    [True, False, False]
    """
    low = _rounded([ball.lower() for ball in balls], form)
    high = _rounded([ball.upper() for ball in balls], form)
    decided = low == high  # false for NaN
    rounded = np.where(decided, high, np.nan)
    finite = np.flatnonzero(np.isfinite(rounded))
    units = form.unit_exponent(rounded).tolist()
    tail = np.zeros(len(balls))
    for k, value in zip(finite.tolist(), rounded[finite].tolist(), strict=True):
        beyond = (balls[k] - value) * arb((1, -units[k]))
        decided[k] = beyond.rad() <= _NARROW
        tail[k] = 0.0 if beyond.contains(0) else float(beyond.mid())
    return np.where(decided, rounded, np.nan), np.clip(tail, -0.5, 0.5), decided


def _rounded(ends: Column, form: Format) -> Floats:
    nearest = [float(end) for end in ends]
    high = np.array(nearest, dtype=np.float64)
    if form is float64:
        return high
    sides = [(end > near) - (end < near) for end, near in zip(ends, nearest, strict=True)]
    return round_sum(high, np.array(sides, dtype=np.float64), form)
