"""Exact values of terms at points: balls whose precision is raised until one float is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import flint
import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from numeric.accuracy.formats import format_of
from numeric.accuracy.reference import round_balls
from numeric.stabilizing.matching import match
from numeric.stabilizing.operations import OPERATIONS, UnclearError
from numeric.stabilizing.reading import pattern
from numeric.stabilizing.terms import Term, node, subterms

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Balls = list[arb]

PRECISIONS = (160, 600, 2200, 6600, 32000)  # bits; 1 + exp(-22000) needs the last
PROBED_FROM = 2200  # bits, beyond which a few points are tried before all of them
PROBES = 16
MOST_HARD = 256  # points that the last precision is spent on: milliseconds for every operation
SLOW = frozenset(("lgamma", "gamma", "digamma", "betaln", "stirling"))  # do without the last
UNKNOWN = arb.nan()
NOWHERE = arb.nan()  # this very object: certainly no real value, which no precision helps
CHOICES = ("less", "less_equal", "equal")


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Balls of this many bits inside the block."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def balls(term: Term, points: Mapping[str, Floats], bits: int) -> Balls:
    """The value of a term at every point; NaN where it is undefined or undecided."""
    count = len(next(iter(points.values()))) if points else 1
    found: dict[Term, Balls] = {}
    with precision(bits):
        for each in subterms([term]):
            found[each] = _values(each, [found[arg] for arg in each.args], points, count)
    return found[term]


def _values(term: Term, args: Sequence[Balls], points: Mapping[str, Floats], count: int) -> Balls:
    if term.op == "variable":
        return [arb(float(x)) for x in points[str(term.value)]]
    if count > 1 and not term.names:
        return _values(term, [each[:1] for each in args], points, 1) * count
    if term.number is not None:
        return [arb(fmpq(term.number.numerator, term.number.denominator))] * count
    if term.op == "pi":
        return [arb.pi()] * count
    return [_value(term.op, each) for each in zip(*args, strict=True)]


def _value(op: str, args: tuple[arb, ...]) -> arb:
    needed = args[:2] if op in CHOICES else args
    if any(x is NOWHERE for x in needed) or OUTSIDE.get(op, _never)(*args):
        return NOWHERE
    try:
        return OPERATIONS[op].ball(*args)
    except (UnclearError, ZeroDivisionError, ValueError):
        return UNKNOWN


def _never(*_: arb) -> bool:
    return False


def _power_of_none(base: arb, exponent: arb) -> bool:
    """Whether a power is a root of a negative number, or the reciprocal of zero."""
    return bool(base < 0 and not exponent.contains_integer()) or bool(base == 0 and exponent < 0)


OUTSIDE: dict[str, Callable[..., bool]] = {  # where an operation certainly has no real value
    "log": lambda x: x <= 0,
    "log1p": lambda x: x <= -1,
    "log1mexp": lambda x: x >= 0,
    "sqrt": lambda x: x < 0,
    "divide": lambda _, y: y == 0,
    "power": _power_of_none,
    "arcsin": lambda x: abs(x) > 1,
    "arccos": lambda x: abs(x) > 1,
    "arccosh": lambda x: x < 1,
    "arctanh": lambda x: abs(x) >= 1,
    "lgamma": lambda x: x <= 0,
    "stirling": lambda x: x <= 0,
}


@dataclass(frozen=True)
class Truth:
    """Correctly rounded values, where they are certain, and where there certainly is none."""

    values: Floats
    known: NDArray[np.bool_]
    undefined: NDArray[np.bool_]


def truth(term: Term, points: Mapping[str, Floats], dtype: np.dtype) -> Truth:
    """The correctly rounded values of a term; unknown where it has none or no precision decides."""
    form = format_of(dtype)
    term = fused(term)
    count = len(next(iter(points.values()))) if points else 1
    values = np.full(count, np.nan)
    undefined = np.zeros(count, dtype=bool)

    def settled(places: Places, bits: int) -> NDArray[np.bool_]:
        """Note what these bits decide at some places, and tell where they do."""
        found = balls(term, {name: x[places] for name, x in points.items()}, bits)
        nowhere = np.array([ball is NOWHERE for ball in found], dtype=bool)
        with precision(bits + 64):
            rounded, _, decided = round_balls(found, form)
        values[places[decided]] = rounded[decided]
        undefined[places[nowhere]] = True
        return decided | nowhere

    open_places = np.arange(count)
    slow = any(each.op in SLOW for each in subterms([term]))
    precisions = PRECISIONS[:-1] if slow else PRECISIONS
    for bits in precisions:
        many = bits > PROBED_FROM and len(open_places) > PROBES
        if many and not settled(_spread(open_places, PROBES), precisions[-1]).any():
            break
        tried = _spread(open_places, MOST_HARD) if bits == precisions[-1] else open_places
        if tried.size:
            open_places = np.setdiff1d(open_places, tried[settled(tried, bits)])
    return Truth(values, ~np.isnan(values), undefined)


def _spread(places: Places, most: int) -> Places:
    """At most so many of the places, from first to last."""
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).astype(int)]


def fused(term: Term) -> Term:
    """The same real function with log(1 + a), 1 - erf(a), ... as one operation each.

    Balls of few bits then hold what the difference from 1 would need thousands for.

    >>> fused(pattern("log(1 - exp(x))"))
    log1p(negative(exp(x)))
    """
    for left, right in FUSED:
        for binding in match(left, term, {}):
            return _filled(right, binding)
    return node(term.op, *map(fused, term.args), value=term.value)


def _filled(right: Term, binding: Mapping[str, Term]) -> Term:
    """A right side with its letters filled in, not tidied: its domain stays what it is."""
    if right.op == "variable":
        return fused(binding[str(right.value)])
    return node(right.op, *(_filled(arg, binding) for arg in right.args), value=right.value)


FUSED = tuple(
    (pattern(left), pattern(right))
    for left, right in (
        ("log(1 + a)", "log1p(a)"),
        ("log(1 - a)", "log1p(-a)"),
        ("exp(a) - 1", "expm1(a)"),
        ("1 - exp(a)", "-expm1(a)"),
        ("1 + erf(a)", "erfc(-a)"),
        ("1 - erf(a)", "erfc(a)"),
        ("1 - ndtr(a)", "ndtr(-a)"),
        ("1 + tanh(a)", "2*sigmoid(2*a)"),
        ("1 - tanh(a)", "2*sigmoid(-2*a)"),
        ("1 - sigmoid(a)", "sigmoid(-a)"),
    )
)


def agree(left: Term, right: Term, points: Mapping[str, Floats]) -> bool:
    """Whether no ball shows two terms to differ by more than 2^-150 of their value.

    Points at which cancellation leaves too few bits are looked at again with more.
    """
    for bits in (400, 2200):
        first, second = balls(left, points, bits), balls(right, points, bits)
        with precision(bits):
            if any(_differ(a, b) for a, b in zip(first, second, strict=True)):
                return False
            few = [
                min(a.rel_accuracy_bits(), b.rel_accuracy_bits()) < 200
                for a, b in zip(first, second, strict=True)
            ]
        points = {name: x[few] for name, x in points.items()}
        if not any(few) or not points:
            return True
    return True


def _differ(a: arb, b: arb) -> bool:
    return a.is_finite() and b.is_finite() and abs(a - b) > abs(b) * arb(2) ** -150
