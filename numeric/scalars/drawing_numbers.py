"""Random numbers for symbols and smooth functions for undefined ones, at which conditions hold exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy
from numpy.random import Generator
from sympy.core.function import AppliedUndef, UndefinedFunction

from numeric.errors import Undecided
from numeric.scalars.assignments import Assignment, RandomArray, RandomFunction, Unknown, may_be
from numeric.scalars.conditions import Interval, flat, holds, interval_of
from numeric.scalars.meanings import random_meaning
from numeric.scalars.range_conditions import with_bounds
from symbolic.errors import UnsupportedError

_ATTEMPTS = 60
_TRIES_FOR_ONE = 40
_LARGEST_WHOLE = 5


def draw_numbers(
    unknowns: Iterable[Unknown], conditions: Iterable[sympy.Basic], rng: Generator
) -> Assignment:
    """A random point of unknowns that are not random variables; all conditions hold exactly.

    >>> import numpy as np
    >>> x, y = sympy.symbols("x y")
    >>> point = draw_numbers([x, y], [x < y, sympy.Eq(y, 1)], np.random.default_rng(0))
    >>> bool(point[x] < point[y] == 1)
    True
    """
    wanted, required = list(dict.fromkeys(unknowns)), flat(conditions)
    reason = ""
    for _ in range(_ATTEMPTS):
        try:
            point = with_bounds(_drawn(wanted, required, rng), required, rng)
            if all(holds(condition, point) for condition in required):
                return point
            reason = reason or "random points do not satisfy the conditions"
        except Undecided as error:
            reason = str(error)
    raise Undecided(
        "a point at which " + " and ".join(map(str, required)),
        reason,
        "state conditions that leave room",
    )


def _drawn(
    wanted: Sequence[Unknown], conditions: Sequence[sympy.Basic], rng: Generator
) -> Assignment:
    """A point that satisfies the conditions which bound or set one symbol after the other."""
    values: dict[Unknown, Any] = {}
    symbols = [unknown for unknown in wanted if isinstance(unknown, sympy.Symbol)]
    for unknown in wanted:
        if not isinstance(unknown, sympy.Symbol):
            values.update([_other(unknown, rng)])
    numbers: dict[sympy.Symbol, sympy.Expr] = {}
    settings = _settings(symbols, conditions)
    for symbol in symbols:
        if symbol not in settings:
            interval = interval_of(symbol, numbers, conditions)
            numbers[symbol] = _number(symbol, interval, list(numbers.values()), rng)
    for symbol, expression in settings.items():
        numbers[symbol] = _set(symbol, expression.subs(numbers))
    ordered = {symbol: numbers[symbol] for symbol in symbols}
    return Assignment({**ordered, **values})


def _settings(
    symbols: Sequence[sympy.Symbol], conditions: Sequence[sympy.Basic]
) -> dict[sympy.Symbol, sympy.Expr]:
    """Symbols that an equation sets, each to an expression in symbols that none sets."""
    found: dict[sympy.Symbol, sympy.Expr] = {}
    for condition in conditions:
        if not isinstance(condition, sympy.Eq):
            continue
        left, right = (side.subs(found) for side in condition.args)
        for symbol, expression in ((left, right), (right, left)):
            if symbol in symbols and not expression.has(symbol):
                found = {name: value.subs(symbol, expression) for name, value in found.items()}
                found[symbol] = expression
                break
    return found


def _set(symbol: sympy.Symbol, value: sympy.Expr) -> sympy.Expr:
    if value.free_symbols or value.has(AppliedUndef):
        raise Undecided(f"the value of {symbol}", f"{value} is no number", "set it to a number")
    if value.is_finite is False or not may_be(symbol, value):
        raise Undecided(f"the value of {symbol}", f"{value} is outside its domain", "assume less")
    return value


def _other(unknown: Unknown, rng: Generator) -> tuple[Unknown, Any]:
    """The meaning of a function or the entries of an array."""
    if isinstance(unknown, AppliedUndef):
        return unknown.func, random_meaning(unknown.func, len(unknown.args), rng)
    if isinstance(unknown, UndefinedFunction):
        return unknown, RandomFunction(unknown, int(rng.integers(2**31)))
    if isinstance(unknown, sympy.IndexedBase):
        sign = 1 if unknown.is_positive or unknown.is_nonnegative else 0
        sign = -1 if unknown.is_negative or unknown.is_nonpositive else sign
        return unknown, RandomArray(int(rng.integers(2**31)), sign, bool(unknown.is_integer))
    raise UnsupportedError(
        f"the unknown {unknown}",
        f"{type(unknown).__name__} is no symbol, undefined function or IndexedBase",
        "declare it as one of them",
    )


def _number(
    symbol: sympy.Symbol, interval: Interval, taken: list[sympy.Expr], rng: Generator
) -> sympy.Expr:
    """A number inside an interval that has all that is assumed of a symbol, and is new if possible."""
    if interval.is_empty:
        raise Undecided(
            f"the value of {symbol}", "the conditions leave nothing", "state weaker ones"
        )
    if symbol.is_imaginary:
        return sympy.I * _real(Interval(), rng)
    if symbol.is_complex and symbol.is_real is None:
        return _real(Interval(), rng) + sympy.I * _real(Interval(), rng)
    found = None
    for _ in range(_TRIES_FOR_ONE):
        candidate = _whole(interval, rng) if symbol.is_integer else _real(interval, rng)
        if not may_be(symbol, candidate):
            continue
        found = candidate
        if candidate not in taken or rng.random() < _REPEATED:
            return candidate
    if found is None:
        raise Undecided(f"the value of {symbol}", "no number fits its assumptions", "assume less")
    return found


_REPEATED = 0.02  # how often two symbols have one value


def _whole(interval: Interval, rng: Generator) -> sympy.Integer:
    """A small integer; of positive ones 1 to 5, of others -4 to 5."""
    low = None if interval.low is None else int(sympy.ceiling(interval.low))
    high = None if interval.high is None else int(sympy.floor(interval.high))
    if low is not None and interval.low_open and low == interval.low:
        low += 1
    if high is not None and interval.high_open and high == interval.high:
        high -= 1
    if low is None:
        low = 1 - _LARGEST_WHOLE if high is None else high - _LARGEST_WHOLE
    if high is None:
        high = max(low + _LARGEST_WHOLE - 1, _LARGEST_WHOLE)
    if low > high:
        raise Undecided(
            "an integer", f"none lies from {interval.low} to {interval.high}", "widen it"
        )
    return sympy.Integer(int(rng.integers(low, min(high, low + 2 * _LARGEST_WHOLE) + 1)))


def _real(interval: Interval, rng: Generator) -> sympy.Rational:
    """A rational number of modest size, strictly inside an interval."""
    bottom = int(rng.integers(3, 12))
    part = sympy.Rational(int(rng.integers(1, bottom)), bottom)
    low, high = interval.low, interval.high
    if low is not None and high is not None:
        return low + (high - low) * part
    size = part * int(rng.choice([1, 2, 3, 4]))
    if low is not None:
        return low + size
    if high is not None:
        return high - size
    return size if rng.random() < 0.5 else -size
