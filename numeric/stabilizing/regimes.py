"""Regimes: one form where an argument is small, another where it is large.

The points are sorted by a variable, or by an argument of a function, and cut where a change of
form gains most; every cut has to gain a price, so that noise is not fitted. A form keeps clear of
the points where it must not be used. A threshold is the shortest decimal between the two points
around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from numeric.stabilizing.search import Form, Problem
from numeric.stabilizing.terms import Term, constant, node, subterms, variable

Floats = NDArray[np.float64]

MOST_BRANCHES = 3
BRANCH_PRICE = 0.05  # bits that a cut has to gain on average
LEAST_SHARE = 0.02  # of the points, in every branch
CUTS = 96  # places where a cut is tried
FORBIDDEN = 1e6  # bits that a point counts where a form must not be used
CLEAR = 3  # points between such a point and the regime of the form


def split(forms: Sequence[Form], problem: Problem) -> list[Form]:
    """Forms with regimes, the best for every argument that can be split by."""
    if len(problem.values) < 16 or len(forms) < 2:
        return []
    matrix = np.array([problem.costs(form) for form in forms])
    forbidden = np.array([problem.forbids(form) for form in forms])
    found = []
    for argument in arguments(forms):
        with np.errstate(all="ignore"):
            by = np.asarray(problem.evaluate(argument), dtype=np.float64)
        if by.shape != problem.values.shape or not np.isfinite(by).all():
            continue
        pieces = best_cuts(np.where(_near(forbidden, by), FORBIDDEN, matrix), by)
        if len(pieces) > 1:
            found.append(_joined(pieces, argument, forms, problem))
    return sorted(found, key=lambda form: form.price)


def _near(marked: NDArray[np.bool_], by: Floats) -> NDArray[np.bool_]:
    """Each row's marked points and their neighbours, as `by` orders the points."""
    order = np.argsort(by, kind="stable")
    wide = np.pad(marked[:, order], ((0, 0), (CLEAR, CLEAR)))
    near = np.empty_like(marked)
    near[:, order] = sliding_window_view(wide, 2 * CLEAR + 1, axis=1).any(axis=2)
    return near


def arguments(forms: Sequence[Form]) -> list[Term]:
    """What a form may be split by: variables, their sizes, and short arguments of functions."""
    names = sorted(frozenset().union(*(form.term.names for form in forms)))
    found: dict[Term, None] = {}
    for name in names:
        found[variable(name)] = None
    for name in names:
        found[node("abs", variable(name))] = None
    for form in forms:
        for term in subterms([form.term]):
            if term.op in ("add", "multiply", "constant", "variable", "pi", "compensated"):
                continue
            for arg in term.args if term.op not in ("subtract", "divide", "negative") else (term,):
                if 1 < arg.size <= 9 and arg.names and not arg.op.startswith(("less", "equal")):
                    found[arg] = None
                    if arg.op != "abs":
                        found[node("abs", arg)] = None
    return list(found)[:60]


def best_cuts(matrix: Floats, by: Floats) -> list[tuple[float, int]]:
    """The pieces (upper end, number of the form) of the cheapest division into regimes."""
    order = np.argsort(by, kind="stable")
    values, costs = by[order], matrix[:, order]
    count = len(values)
    sums = np.concatenate([np.zeros((len(matrix), 1)), np.cumsum(costs, axis=1)], axis=1) / count
    steps = np.flatnonzero(values[1:] > values[:-1]) + 1
    least = max(2, int(LEAST_SHARE * count))
    steps = steps[(steps >= least) & (steps <= count - least)]
    if len(steps) > CUTS:
        steps = steps[np.linspace(0, len(steps) - 1, CUTS).astype(int)]
    places = np.concatenate([[0], steps, [count]])
    at = sums[:, places]  # one column per place
    pieces = at[:, None, :] - at[:, :, None]  # form, from, to
    cost, which = pieces.min(axis=0), pieces.argmin(axis=0)
    wide = (places[None, :] - places[:, None]) >= least
    cost = np.where(wide, cost, np.inf)
    best, back = [cost[0]], []
    for _ in range(MOST_BRANCHES - 1):
        extended = best[-1][:, None] + cost + BRANCH_PRICE
        back.append(extended.argmin(axis=0))
        best.append(extended.min(axis=0))
    branches = int(np.argmin([each[-1] for each in best]))
    ends, end = [], len(places) - 1
    for step in range(branches, 0, -1):
        start = int(back[step - 1][end])
        ends.append((end, int(which[start, end])))
        end = start
    ends.append((end, int(which[0, end])))
    result = []
    for place, form in reversed(ends):
        k = places[place]
        upper = np.inf if k == count else short_between(values[k - 1], values[k])
        result.append((float(upper), form))
    return result


def short_between(low: float, high: float) -> float:
    """The shortest decimal t with low < t <= high, so that low < t and high >= t.

    >>> short_between(0.0123, 0.0171)
    0.015
    """
    if low < 0 <= high:
        return 0.0
    middle = float(np.sign(low + high) * np.sqrt(abs(low)) * np.sqrt(abs(high)))
    if not low < middle < high:
        middle = low / 2 + high / 2
    for digits in range(1, 18):
        rounded = float(f"{middle:.{digits}g}")
        if low < rounded <= high:
            return rounded
    return high


def _joined(
    pieces: Sequence[tuple[float, int]], argument: Term, forms: Sequence[Form], problem: Problem
) -> Form:
    """One term of nested choices."""
    used = [forms[k] for _, k in pieces]
    term, series = used[-1].term, used[-1].series
    for (upper, _), form in zip(reversed(pieces[:-1]), reversed(used[:-1]), strict=True):
        bound = constant(Fraction(repr(upper)))
        term = node("less", argument, bound, form.term, term)
        if series is not form.series:
            series = node("less", argument, bound, form.series, series)
    rules = dict.fromkeys(rule for form in used for rule in form.rules)
    return problem.form(term, (*rules, "regimes"), series)
