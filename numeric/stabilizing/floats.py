"""Terms over arrays of floats, every subterm once, without warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from math import inf
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric.stabilizing import primitives
from numeric.stabilizing.exact import balls, precision
from numeric.stabilizing.operations import OPERATIONS
from numeric.stabilizing.terms import Term, variable

Floats = NDArray[Any]
Pair = tuple[Any, Any]
MOST_KEPT = 6000  # arrays that are remembered
_X = variable("x")


def as_float(term: Term) -> float:
    """A constant, correctly rounded."""
    if term.op == "pi":
        return float(np.pi)
    assert term.number is not None
    try:
        return float(term.number)
    except OverflowError:
        return inf if term.number > 0 else -inf


class Evaluator:
    """Values of terms at fixed points, remembered for the terms that come next."""

    def __init__(self, points: Mapping[str, Floats], dtype: np.dtype) -> None:
        self.points = points
        self.dtype = dtype
        self._values: dict[Term, Any] = {}
        self._pairs: dict[Term, Pair] = {}

    def __call__(self, term: Term) -> Any:
        """The value of a term at every point."""
        if len(self._values) > MOST_KEPT:
            self._values.clear()
            self._pairs.clear()
        with np.errstate(all="ignore"):
            return self.value(term)

    def value(self, term: Term) -> Any:
        found = self._values.get(term)
        if found is None:
            if term.op == "variable":
                found = self.points[str(term.value)]
            elif not term.names:
                found = constant_value(term)
            elif term.op == "compensated":
                high, low = self.pair(term.args[0])
                found = high + low
            else:
                found = OPERATIONS[term.op].over(*map(self.value, term.args))
            self._values[term] = found
        return found

    def pair(self, term: Term) -> Pair:
        found = self._pairs.get(term)
        if found is None:
            found = self._pairs[term] = self._pair(term)
        return found

    def _pair(self, term: Term) -> Pair:
        if term.op in ("variable", "compensated"):
            return self.value(term), 0
        if not term.names:
            return split_constant(term, self.dtype)
        rule = PAIRS.get(term.op)
        if rule is not None:
            return rule(*map(self.pair, term.args))
        if term.op == "power" and (n := integer_power(term)):
            return pair_power(self.pair(term.args[0]), n)
        operation = OPERATIONS[term.op]
        if not operation.slope:
            return self.value(term), 0
        inner = self.pair(term.args[0])
        at_inner = Evaluator({"x": inner[0]}, self.dtype)
        slope = at_inner.value(operation.slope_at(_X))
        return primitives.pair_chain(operation.over(inner[0]), slope, inner)


@lru_cache(maxsize=4096)
def constant_value(term: Term) -> int | float:
    """A term without variables as a number, operation by operation in float64."""
    number = term.number
    if number is not None and number.denominator == 1 and abs(number) < 2**53:
        return int(number)
    if not term.args:
        return as_float(term)
    with np.errstate(all="ignore"):
        args = (np.float64(constant_value(arg)) for arg in term.args)
        return float(OPERATIONS[term.op].over(*args))


@lru_cache(maxsize=4096)
def split_constant(term: Term, dtype: np.dtype) -> Pair:
    """A term without variables as a pair."""
    value = balls(term, {}, 320)[0]
    high = dtype.type(float(value))
    with precision(320):
        low = dtype.type(float(value - arb(float(high)))) if np.isfinite(high) else dtype.type(0)
    return high, low


def integer_power(term: Term) -> int:
    """The exponent of a small positive integer power, 0 for every other."""
    number = term.args[1].number
    return int(number) if number is not None and number in range(2, 9) else 0


def pair_power(x: Pair, n: int) -> Pair:
    return reduce(primitives.pair_product, [x] * n)


PAIRS: dict[str, Callable[..., Pair]] = {
    "add": primitives.pair_sum,
    "subtract": primitives.pair_difference,
    "negative": primitives.pair_negative,
    "maximum": primitives.pair_maximum,
    "minimum": primitives.pair_minimum,
    "multiply": primitives.pair_product,
    "divide": primitives.pair_quotient,
    "sqrt": primitives.pair_root,
}
