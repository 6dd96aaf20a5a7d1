r"""How much the problem itself amplifies errors of its inputs.

    kappa(x) = sum_i |x_i df/dx_i| / |f|

A relative error of eps in every input moves the value by kappa eps, whatever the algorithm does.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric.accuracy.callables import FunctionValues
from numeric.accuracy.columns import NOWHERE, evaluate, runs_in_columns
from numeric.accuracy.formats import Floats
from numeric.accuracy.reference import Reference, read
from numeric.balls import precision
from symbolic import gradient
from symbolic.errors import ChainruleError, IndependentWarning
from symbolic.nodes import Expression
from symbolic.traverse import variables

_LIMIT = 4096  # bits
_DIGITS = 10  # bits of a condition number
_SLOW_POINTS = 200  # at most, where every point costs much


def condition_numbers(reference: Reference, points: Mapping[str, Any]) -> Floats:
    """Condition numbers of a reference at points, NaN where they are not known.

    Shapes: points[name] and the result are (N,). Conditions: f has a derivative; where f is 0 and
    its derivative is not, the number is infinite. Numerical error: three digits certain for
    expressions, whose derivative is enclosed; for Python functions from differences of step 2^-100
    at 1024 bits. Of Python functions and of expressions with vectors inside, at 200 of the points.

    >>> condition_numbers("x - y", {"x": np.array([1.0, 1.0]), "y": np.array([0.5, 1 - 2.0**-40])})
    array([3.00000000e+00, 2.19902326e+12])
    """
    columns = {
        name: np.asarray(values, dtype=np.float64).tolist() for name, values in points.items()
    }
    if isinstance(reference, (str, Expression)):
        return _of_expression(read(reference, tuple(columns)), columns)
    return _of_function(FunctionValues(reference, columns))


def _of_expression(expression: Expression, columns: Mapping[str, list[float]]) -> Floats:
    count = len(next(iter(columns.values())))
    found = np.full(count, np.nan)
    inputs = variables((expression,))
    if not inputs:
        return np.zeros(count)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IndependentWarning)
            slopes = [gradient(expression, each) for each in inputs]
    except ChainruleError:
        return found
    balls = {name: list(map(arb, column)) for name, column in columns.items()}
    fast = all(map(runs_in_columns, (expression, *slopes)))
    open_places = list(range(count)) if fast else _chosen(count).tolist()
    bits = 128
    while open_places and bits <= _LIMIT:
        with precision(bits):
            chosen = {name: [column[k] for k in open_places] for name, column in balls.items()}
            values = evaluate(expression, chosen)
            parts = [
                [abs(x * slope) for x, slope in zip(chosen[each.name], column, strict=True)]
                for each, column in zip(inputs, (evaluate(s, chosen) for s in slopes), strict=True)
            ]
            totals = reduce(lambda one, two: [a + b for a, b in zip(one, two, strict=True)], parts)
            still = []
            for place, value, total in zip(open_places, values, totals, strict=True):
                number = _quotient(value, total)
                if number is None:
                    still.append(place)
                else:
                    found[place] = number
        open_places = still
        bits *= 4
    return found


def _quotient(value: Any, total: Any) -> float | None:
    """total/abs(value) where it is known to three digits, else None; NaN where it has no value."""
    if value is NOWHERE or total is NOWHERE:
        return float("nan")
    if value == 0:
        return float("inf") if total > 0 else float("nan") if total == 0 else None
    number = total / abs(value)
    known = number.is_finite() and number.rel_accuracy_bits() >= _DIGITS
    return float(number) if known or number == 0 else None


def _of_function(values: FunctionValues) -> Floats:
    found = np.full(values.count, np.nan)
    for place in _chosen(values.count).tolist():
        found[place] = values.condition(place)
    return found


def _chosen(count: int) -> NDArray[np.intp]:
    """Places of a few points among many."""
    return np.unique(np.linspace(0, count - 1, _SLOW_POINTS).astype(np.intp))
