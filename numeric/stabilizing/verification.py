"""Which form to trust: measured again at fresh points, where forms disagree, and over balls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numeric.accuracy.errors import bits_of_error
from numeric.stabilizing.domain import Domain
from numeric.stabilizing.exact import agree
from numeric.stabilizing.floats import Evaluator
from numeric.stabilizing.search import Form, Problem, failure
from numeric.stabilizing.terms import Term

Floats = NDArray[np.float64]

POOL = 16384  # points at which forms are compared with each other
APART = 10.0  # bits between two forms that make a point worth its exact value
MOST_APART = 256  # such points that are looked at
MOST_FAILED = 32  # points at which a form fails and the input does not that are looked at
LEAST_GAIN = 0.1  # bits
CHECKED = 256  # points at which a form must agree with the formula over balls


def verified(
    finalists: Sequence[Form],
    first: Form,
    problem: Problem,
    fresh: Problem,
    domain: Domain,
    rng: np.random.Generator,
) -> Form:
    """The best form that is clearly better than the input at fresh points, or the input.

    Better on average and, at every point looked at, at most as bad: its largest error is not above
    that of the input, it fails (as NaN or infinite) nowhere where the input does not, and what it
    has of series is near-exact.

    Rare failures (an overflow in a corner) hide from a few thousand points, but there two forms
    disagree; so many more points are drawn, and exact values found where forms disagree.
    """
    others = [form for form in finalists if form.term is not first.term]
    pool = Pool([first.term, *(form.term for form in others)], domain, rng)
    before, rare_before = fresh.costs(first), pool.loss(first)
    problems = (problem, fresh, *pool.apart)
    ranked = sorted(others, key=lambda form: fresh.form(form.term).price + pool.loss(form))
    for form in ranked:
        if (
            _clear(before - fresh.costs(form))
            and pool.loss(form) <= rare_before + LEAST_GAIN
            and _largest(form, (fresh,)) <= _largest(first, (fresh,)) + LEAST_GAIN
            and _largest(form, problems) <= _largest(first, problems) + LEAST_GAIN
            and all(each.allows(form) for each in problems)
            and pool.allows(form)
            and all(sound(form, first.term, each) for each in (problem, fresh))
        ):
            return form
    return first


def _clear(gain: Floats) -> bool:
    """Whether a gain is worth taking: beyond the noise, or with few points that lose."""
    noise = 3 * gain.std() / np.sqrt(len(gain))
    won, lost = np.maximum(gain, 0).mean(), np.maximum(-gain, 0).mean()
    return bool(won - lost > LEAST_GAIN and (won - lost > noise or won > 3 * lost))


def _largest(form: Form, problems: Sequence[Problem]) -> float:
    return max(float(each.bits(form.term).max()) for each in problems)


class Pool:
    """Many points of the domain, with exact values only where forms are far apart."""

    def __init__(self, terms: Sequence[Term], domain: Domain, rng: np.random.Generator) -> None:
        self.domain = domain
        self.points = domain.draw(rng, POOL)
        cast = {name: x.astype(domain.dtype) for name, x in self.points.items()}
        self.evaluate = Evaluator(cast, domain.dtype)
        values = [self._at_points(term) for term in terms]
        apart = np.flatnonzero(
            np.max(
                [bits_of_error(x, values[1 % len(values)], domain.dtype) for x in values], axis=0
            )
            > APART
        )
        self.share = apart.size / POOL
        if apart.size > MOST_APART:
            apart = rng.choice(apart, MOST_APART, replace=False)
        there = self._solved(apart)
        self.apart = (there,) if len(there.values) else ()

    def loss(self, form: Form) -> float:
        """What a form loses, on average over the domain, where forms are far apart."""
        return sum(float(each.bits(form.term).mean()) * self.share for each in self.apart)

    def allows(self, form: Form) -> bool:
        """Whether a form nowhere fails where the input does not, save for values that overflow."""
        values, original = self._at_points(form.term), self._at_points(self.domain.term)
        failed = np.flatnonzero(failure(values) > failure(original))[:MOST_FAILED]
        return not failed.size or self._solved(failed).allows(form)

    def _solved(self, places: NDArray[np.intp]) -> Problem:
        return self.domain.solved({name: x[places] for name, x in self.points.items()})

    def _at_points(self, term: Term) -> Floats:
        shape = next((x.shape for x in self.points.values()), (1,))
        return np.broadcast_to(self.evaluate(term), shape)


def sound(form: Form, original: Term, problem: Problem) -> bool:
    """Whether a form agrees with the original in high precision, at some of the points.

    A series approximates where it is used, so it is judged by its measured error alone.
    """
    exact = ~problem.uses_series(form)
    points = {name: x[exact][:CHECKED] for name, x in problem.points.items()}
    return not exact.any() or agree(form.term, original, points)
