"""Where the inputs of a measurement come from: one distribution for each variable.

A domain is a mapping of names to distributions, or a function `points(rng, size)` that returns a
dictionary of arrays. Distributions are frozen values; every drawn number is a float of the format
and lies in its domain, and the edges are among the draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from numeric.accuracy.formats import Floats, Format, float64, format_of
from numeric.accuracy.inputs import check_bounds, real_values, whole_count
from symbolic.errors import DataError, DomainError, NameUnknownError

Points = dict[str, Floats]
Mask = NDArray[np.bool_]
Signs = Literal["positive", "negative", "both"]

_SIGNS: dict[str, tuple[float, ...]] = {
    "positive": (1.0,),
    "negative": (-1.0,),
    "both": (1.0, -1.0),
}


class Distribution(Protocol):
    """What a variable of a domain is drawn from."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The variables that have to be drawn before."""

    @property
    def edge_count(self) -> int:
        """How many edges there are."""

    def draw(self, rng: np.random.Generator, size: int, known: Points, form: Format) -> Floats:
        """Random real numbers, not yet rounded to a format."""

    def edge(self, number: int, known: Points, form: Format) -> Floats:
        """The edge of this number, at every point."""

    def contains(self, values: Floats, known: Points) -> Mask:
        """Which values lie in the domain."""


@dataclass(frozen=True)
class LogUniform:
    """Magnitudes whose logarithm is uniform between those of `low` and `high`."""

    low: float
    high: float
    signs: Signs = "positive"
    needs: tuple[str, ...] = ()

    @property
    def edge_count(self) -> int:
        """The smallest and the largest magnitude, with each sign."""
        return 2 * len(_SIGNS[self.signs])

    def draw(self, rng: np.random.Generator, size: int, known: Points, form: Format) -> Floats:
        """Random real numbers, not yet rounded to a format."""
        low, high = np.clip((self.low, self.high), form.smallest, form.largest)
        magnitude = np.exp(rng.uniform(np.log(low), np.log(high), size))
        return np.clip(magnitude, low, high) * rng.choice(_SIGNS[self.signs], size)

    def edge(self, number: int, known: Points, form: Format) -> Floats:
        """The edge of this number, at every point."""
        return np.asarray((self.low, self.high)[number % 2] * _SIGNS[self.signs][number // 2])

    def contains(self, values: Floats, known: Points) -> Mask:
        """Which values lie in the domain."""
        size = np.abs(values)
        return (
            (size >= self.low) & (size <= self.high) & np.isin(np.sign(values), _SIGNS[self.signs])
        )


@dataclass(frozen=True)
class Uniform:
    """Real numbers, uniform between `low` and `high`."""

    low: float
    high: float
    needs: tuple[str, ...] = ()

    @property
    def edge_count(self) -> int:
        """The ends; where zero is inside also zero and the smallest normal magnitudes."""
        return 5 if self.low < 0 < self.high else 2

    def draw(self, rng: np.random.Generator, size: int, known: Points, form: Format) -> Floats:
        """Random real numbers, not yet rounded to a format."""
        low, high = np.clip((self.low, self.high), -form.largest, form.largest)
        part = rng.random(size)
        return low * (1 - part) + high * part

    def edge(self, number: int, known: Points, form: Format) -> Floats:
        """The edge of this number, at every point."""
        tiny = min(2.0**form.lowest, -self.low, self.high)
        return np.asarray((self.low, self.high, 0.0, tiny, -tiny)[number])

    def contains(self, values: Floats, known: Points) -> Mask:
        """Which values lie in the domain."""
        return (values >= self.low) & (values <= self.high)


@dataclass(frozen=True)
class Integers:
    """Whole numbers, uniform between `low` and `high`, both included."""

    low: int
    high: int
    needs: tuple[str, ...] = ()

    @property
    def edge_count(self) -> int:
        """The ends, and zero where it is inside."""
        return 3 if self.low < 0 < self.high else 2

    def draw(self, rng: np.random.Generator, size: int, known: Points, form: Format) -> Floats:
        """Random whole numbers, not yet rounded to a format."""
        return rng.integers(self.low, self.high, size, endpoint=True).astype(np.float64)

    def edge(self, number: int, known: Points, form: Format) -> Floats:
        """The edge of this number, at every point."""
        return np.asarray((self.low, self.high, 0)[number], dtype=np.float64)

    def contains(self, values: Floats, known: Points) -> Mask:
        """Which values lie in the domain."""
        return (values >= self.low) & (values <= self.high) & (values == np.rint(values))


@dataclass(frozen=True)
class Near:
    """Numbers x (1 + d) around another variable x, abs(d) log-uniform from `low` to `high`."""

    name: str
    low: float
    high: float

    @property
    def needs(self) -> tuple[str, ...]:
        """The other variable."""
        return (self.name,)

    @property
    def edge_count(self) -> int:
        """The smallest and the largest distance, on each side."""
        return 4

    def draw(self, rng: np.random.Generator, size: int, known: Points, form: Format) -> Floats:
        """Random real numbers, not yet rounded to a format."""
        distance = LogUniform(self.low, self.high, "both").draw(rng, size, known, float64)
        return self._at(distance, known)

    def edge(self, number: int, known: Points, form: Format) -> Floats:
        """The edge of this number, at every point."""
        distance = LogUniform(self.low, self.high, "both").edge(number, known, form)
        return self._at(distance, known)

    def _at(self, distance: Floats, known: Points) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):
            return known[self.name] * (1 + distance)

    def contains(self, values: Floats, known: Points) -> Mask:
        """Which values lie in the domain, up to one rounding of the distance."""
        other = known[self.name]
        with np.errstate(over="ignore", invalid="ignore"):
            distance, slack = np.abs(values - other), 2.0**-50 * np.abs(other)
            size = np.abs(other)
            return (distance + slack >= self.low * size) & (distance - slack <= self.high * size)


def log_uniform(low: float, high: float, signs: Signs = "positive") -> LogUniform:
    """Magnitudes spread evenly over the powers of ten between two positive bounds.

    Formula: log(abs(x)) uniform on [log low, log high]; the sign is fixed, or either with
    probability 1/2 ("both").

    >>> log_uniform(1e-10, 700, "both")
    LogUniform(low=1e-10, high=700, signs='both', needs=())
    """
    check_bounds(f"log_uniform({low!r}, {high!r})", low, high)
    if low <= 0:
        raise DomainError(
            f"log_uniform({low!r}, {high!r})", "the lower bound is not positive",
            "give magnitudes, and signs='negative' or 'both' for the other side",
        )  # fmt: skip
    if signs not in tuple(_SIGNS):
        raise DomainError(f"signs={signs!r}", "no such choice", f"use one of {', '.join(_SIGNS)}")
    return LogUniform(low, high, signs)


def uniform(low: float, high: float) -> Uniform:
    """Real numbers spread evenly between two bounds.

    >>> draw({"p": uniform(0, 1)}, 2, np.random.default_rng(0))["p"].tolist()
    [0.0, 1.0]
    """
    check_bounds(f"uniform({low!r}, {high!r})", low, high)
    return Uniform(low, high)


def integers(low: int, high: int) -> Integers:
    """Whole numbers from `low` to `high`, both included.

    >>> draw({"n": integers(1, 3)}, 2, np.random.default_rng(0))["n"].tolist()
    [1.0, 3.0]
    """
    check_bounds(f"integers({low!r}, {high!r})", low, high)
    if low != int(low) or high != int(high):
        raise DomainError(f"integers({low!r}, {high!r})", "not whole numbers", "give integers")
    if not -(2**63) <= low <= high < 2**63:
        raise DomainError(
            f"integers({low!r}, {high!r})", "a bound has more than 64 bits",
            "use uniform: whole numbers of that size are no denser than floats",
        )  # fmt: skip
    return Integers(int(low), int(high))


def near(name: str, low: float, high: float) -> Near:
    """Numbers at a small relative distance from another variable, on both sides of it.

    Formula: x (1 + d), log(abs(d)) uniform on [log low, log high], either sign.

    >>> near("a", 1e-12, 0.1)
    Near(name='a', low=1e-12, high=0.1)
    """
    log_uniform(low, high)
    return Near(name, low, high)


Domain = Mapping[str, Distribution] | Callable[[np.random.Generator, int], Mapping[str, Any]]


def draw(domain: Domain, size: int, rng: np.random.Generator, dtype: Any = float64) -> Points:
    """Points of a domain: its edges, then random ones.

    Shapes: every array is (size,). At most a quarter of the points are edges: combinations of the
    edges of all variables, chosen at random if there are more. Conditions: no variable is near
    itself, directly or around a cycle. Numerical error: none, the points are floats of the format.

    >>> points = draw({"b": near("a", 1e-6, 1e-3), "a": uniform(1, 2)}, 100, np.random.default_rng(0))
    >>> list(points), bool(np.all(points["a"] != points["b"]))
    (['b', 'a'], True)
    """
    form = format_of(dtype)
    size = whole_count("draw: size", size, 0)
    if callable(domain):
        return _drawn_by_function(domain, size, rng, form)
    check_laws(domain)
    order = _order(domain)
    rows = _edge_rows([domain[name].edge_count for name in order], size, rng)
    random: Points = {}
    edges: Points = {}
    for column, name in enumerate(order):
        each = domain[name]
        values = each.draw(rng, size - len(rows), random, form)
        random[name] = _inside(each, values, random, form, name)
        numbers = rows[:, column]
        at_edges = np.zeros(len(rows))
        for number in np.unique(numbers):
            full = np.broadcast_to(each.edge(int(number), edges, form), len(rows))
            at_edges = np.where(numbers == number, full, at_edges)
        edges[name] = _inside(each, at_edges, edges, form, name)
    return {name: np.concatenate([edges[name], random[name]]) for name in domain}


def check_laws(domain: object) -> None:
    """Whether a domain maps names to laws. Errors: `DataError` says what it holds instead.

    >>> check_laws({"x": uniform(0, 1)})
    """
    advice = 'give a mapping as {"x": log_uniform(1e-3, 1e3)}, or a function points(rng, size)'
    if not isinstance(domain, Mapping) or not domain:
        raise DataError("the domain", f"{domain!r} is no mapping of names to laws", advice)
    for name, law in domain.items():
        if not isinstance(law, (LogUniform, Uniform, Integers, Near)):
            raise DataError(f"the domain of {name!r}", f"{law!r} is no law", advice)


def _order(domain: Mapping[str, Distribution]) -> list[str]:
    """The names, each after those that it needs."""
    order: list[str] = []
    while len(order) < len(domain):
        ready = [
            name for name in domain
            if name not in order and all(other in order for other in domain[name].needs)
        ]  # fmt: skip
        if not ready:
            _explain_stuck(domain, order)
        order += ready
    return order


def _explain_stuck(domain: Mapping[str, Distribution], order: list[str]) -> None:
    left = [name for name in domain if name not in order]
    for name in left:
        for other in domain[name].needs:
            if other not in domain:
                raise NameUnknownError(
                    f"{name}: {domain[name]}", f"no variable is called {other}", "give its domain"
                )
    raise DomainError(
        f"the domain of {', '.join(left)}",
        "each is near another one, around a cycle",
        "give one of them a distribution of its own",
    )


def _edge_rows(counts: list[int], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Combinations of edge numbers, a row each."""
    total = int(np.prod(counts, dtype=object))
    most = size if total <= 4 else size // 4
    chosen = np.arange(total) if total <= most else rng.integers(0, min(total, 2**62), most)
    return np.stack(np.unravel_index(chosen[:size], counts), axis=1)


def _inside(each: Distribution, values: Floats, known: Points, form: Format, name: str) -> Floats:
    """Values rounded to the format; those that leave the domain thereby are moved back into it."""
    rounded = form.round(values)
    outside = ~each.contains(rounded, known)
    for step in (1, -1):
        moved = form.from_ordinal(form.ordinal(rounded) + step)
        better = outside & each.contains(moved, known)
        rounded = np.where(better, moved, rounded)
        outside &= ~better
    if isinstance(each, Near):  # its distances are real numbers, the floats lie beside them
        return np.clip(rounded, -form.largest, form.largest)
    if outside.any():
        raise DomainError(
            f"{name}: {each}", f"no {form.name} number lies at its edge", "give wider bounds"
        )
    return rounded


def _drawn_by_function(
    function: Callable[[np.random.Generator, int], Mapping[str, Any]],
    size: int,
    rng: np.random.Generator,
    form: Format,
) -> Points:
    drawn = function(rng, size)
    if not isinstance(drawn, Mapping) or not drawn:
        raise DataError(
            f"points(rng, {size})", f"it returned a {type(drawn).__name__}",
            "return a dictionary of arrays, one for each name",
        )  # fmt: skip
    points = {
        name: form.round(real_values(f"points(rng, {size})[{name!r}]", values))
        for name, values in drawn.items()
    }
    for name, values in points.items():
        if values.shape != (size,) or not np.all(np.isfinite(values)):
            raise DataError(
                f"points(rng, {size})[{name!r}]",
                f"shape {values.shape}, {np.count_nonzero(~np.isfinite(values))} not finite",
                f"return {size} finite numbers for each name",
            )
    return points


def contains(domain: Mapping[str, Distribution], points: Points) -> Mask:
    """Which points lie in a domain, every coordinate in its own distribution."""
    found = [np.isfinite(values) for values in points.values()]
    found += [each.contains(points[name], points) for name, each in domain.items()]
    return np.logical_and.reduce(found)
