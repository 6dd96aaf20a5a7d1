"""Rewriting naive formulas for floating point, kept only where it measured better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.seeds import generator
from numeric.stabilizing.domain import Domain, Law
from numeric.stabilizing.reading import read_term
from numeric.stabilizing.regimes import split
from numeric.stabilizing.result import Stabilized
from numeric.stabilizing.search import (
    BEAM,
    FEW,
    Form,
    Problem,
    search,
    select,
    with_pairs,
    with_series,
)
from numeric.stabilizing.terms import Term, subterms
from numeric.stabilizing.verification import verified
from numeric.stabilizing.writing import source, text
from symbolic.errors import DataError, UnsupportedError
from symbolic.nodes import Expression
from symbolic.reading.declarations import Given

Floats = NDArray[Any]

MOST_OPERATIONS = 200  # of a formula
FRESH = 2048  # points of the final measurement
FINALISTS = 12
GOOD = 0.4  # bits; a form with this error needs no series
FAIR = 0.5  # bits; a form with this error needs no arithmetic of pairs


def stabilize(
    expression: str | Expression,
    points: Law,
    *,
    given: Given | None = None,
    dtype: Any = np.float64,
    seed: int = 0,
    samples: int = 1024,
) -> Stabilized:
    """Find a form of a naive formula that is accurate in floating point on a domain.

    Stable rewrites (log1p and expm1, conjugates, shifted log-sum-exp, cancelled first orders,
    series, regimes, ...) are tried, and one is kept only when it measured better.

    Formula: the error of a value is log2(1 + floats between it and the correctly rounded truth).
    Shapes: scalars; the function found works entry by entry on arrays that broadcast.
    `points(rng, size)` draws a mapping of names to `size` numbers of the domain; a mapping of names
    to the laws of `numeric.accuracy` serves as well. Names that `given` does not declare are real
    scalars.
    Conditions: the result is meant for the domain that `points` draws from and for no other.
    Errors: ParseError, NotAllowedError, NameUnknownError for text outside the language, ShapeError
    for arrays, UnsupportedError for very long formulas and other dtypes, DataError for points that
    do not fit.
    Numerical error: `bits_after`, measured at 2048 points that the search has not seen, against
    enclosures. A form is taken only when it is clearly better there on average, its largest error
    is not above that of the formula, and it is NaN or infinite at no point where the formula is
    not. Points whose true value is not known are counted in `dropped`, and nothing is claimed there.
    Source: Panchekha, Sanchez-Stern, Wilcox, Tatlock, PLDI 2015 (search by measured error).

    >>> import numpy as np
    >>> def points(rng, size):
    ...     return {"x": rng.choice([-1, 1], size) * np.exp(rng.uniform(-20, 7, size))}
    >>> found = stabilize("log(1 + exp(x))", points)
    >>> found.expression, found.bits_after < 0.5 < found.bits_before
    ('softplus(x)', True)
    >>> found.function(x=np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.6931471805599453, 800.0]
    """
    term = read_term(expression, given)
    kind = np.dtype(dtype)
    if kind not in (np.float64, np.float32, np.float16):
        raise UnsupportedError(
            f"dtype {kind}", "not float64, float32 or float16", "use one of them"
        )
    if sum(1 for _ in subterms([term])) > MOST_OPERATIONS:
        raise UnsupportedError(
            "stabilize", f"a formula of more than {MOST_OPERATIONS} operations", "give a part of it"
        )
    if samples < 1:
        raise DataError(f"samples={samples}", "nothing would be measured", "give at least 1")
    names = _names(term)
    domain = Domain(term, names, points, kind)
    streams = iter(generator(seed).spawn(3))
    problem, fresh = (domain.problem(next(streams), size) for size in (samples, FRESH))
    winner = first = problem.form(term)
    if len(problem.values) and len(fresh.values) and not _is_fine(first):
        forms = _finalists(first, problem)
        winner = verified(forms, first, problem, fresh, domain, next(streams))
    return _result(expression, first, winner, names, fresh)


def _names(term: Term) -> tuple[str, ...]:
    """The variables in the order in which the formula has them."""
    return tuple(str(t.value) for t in subterms([term]) if t.op == "variable")


def _finalists(first: Form, problem: Problem) -> list[Form]:
    """The cheapest forms that the search, series, pairs of floats and regimes give."""
    forms = [first, *(form for form in search(first.term, problem) if form.term is not first.term)]
    best = [*split(forms, problem)[:FINALISTS], *forms]
    if _least(best, problem) > GOOD:
        forms = [*forms, *with_series(forms[:6], problem)]
        forms = [first, *select(forms, 3 * BEAM // 2, {first.term})]
        best += [*split(forms, problem)[:FINALISTS], *forms]
    if _least(best, problem) > FAIR:
        forms = select([*forms, *with_pairs(forms[:9], problem)], 3 * BEAM // 2, set())
        best += [*split(forms, problem)[:FINALISTS], *forms]
    found = {form.term: form for form in sorted(best, key=lambda form: form.price)}
    return [form for form in found.values() if problem.allows(form)][: 2 * FINALISTS]


def _is_fine(form: Form) -> bool:
    """Whether a formula is best left as it is."""
    return form.mean < FAIR and form.bits.max() < FEW


def _least(forms: Sequence[Form], problem: Problem) -> float:
    """The error of the best form that may be used; the input itself always may."""
    return min(form.error for form in forms if problem.allows(form))


def _result(
    expression: str | Expression, first: Form, winner: Form, names: Sequence[str], fresh: Problem
) -> Stabilized:
    before, after = fresh.bits(first.term), fresh.bits(winner.term)
    (mean, high, worst), (new_mean, new_high, new_worst) = (
        _summary(bits, fresh) for bits in (before, after)
    )
    measured = "Its error was not measured: at no point drawn is the true value known."
    if len(before):
        measured = (
            f"Mean error {new_mean:.2f} bits, at most {new_high:.2f} at {len(before)} points "
            f"(as written {mean:.2f} and {high:.2f})."
        )
    written = str(expression)
    return Stabilized(
        original=written,
        expression=text(winner.term),
        arguments=tuple(names),
        rules=winner.rules,
        source=source(winner.term, names, fresh.dtype, written, [measured]),
        bits_before=mean,
        bits_after=new_mean,
        max_before=high,
        max_after=new_high,
        worst_before=worst,
        worst_after=new_worst,
        points=len(before),
        dropped=fresh.infinite + fresh.undefined + fresh.undecided,
        undefined=fresh.undefined,
        undecided=fresh.undecided,
        dtype=fresh.dtype.name,
        inputs=fresh.points,
        errors_before=before,
        errors_after=after,
    )


def _summary(bits: Floats, problem: Problem) -> tuple[float, float, dict[str, float]]:
    if not len(bits):
        return float("nan"), float("nan"), {}
    place = int(bits.argmax())
    worst = {name: float(x[place]) for name, x in problem.points.items()}
    return float(bits.mean()), float(bits[place]), worst
