"""Which form to trust: measured again at fresh points, where forms disagree, and over balls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numeric.accuracy.errors import bits_of_error
from numeric.stabilizing.domain import Domain
from numeric.stabilizing.exact import agree
from numeric.stabilizing.floats import Evaluator
from numeric.stabilizing.search import Form, Problem
from numeric.stabilizing.terms import Term

Floats = NDArray[np.float64]

POOL = 16384  # points at which forms are compared with each other
APART = 10.0  # bits between two forms that make a point worth its exact value
MOST_APART = 256  # such points that are looked at
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

    Rare failures (an overflow in a corner) hide from a few thousand points, but there two forms
    disagree; so many more points are drawn, and exact values found where forms disagree.
    """
    others = [form for form in finalists if form.term is not first.term]
    terms = [first.term, *(form.term for form in others)]
    bits = [fresh.bits(term) for term in terms]
    rare = _rare_errors(terms, domain, rng)
    ranked = sorted(
        zip(others, bits[1:], rare[1:], strict=True),
        key=lambda each: Form(each[0].term, each[1]).price + each[2],
    )
    for form, after, rarely in ranked:
        if (
            _clear(bits[0] - after)
            and rarely <= rare[0] + LEAST_GAIN
            and all(sound(form, first.term, each) for each in (problem, fresh))
        ):
            return form
    return first


def _clear(gain: Floats) -> bool:
    """Whether a gain is worth taking: beyond the noise, or with few points that lose."""
    noise = 3 * gain.std() / np.sqrt(len(gain))
    won, lost = np.maximum(gain, 0).mean(), np.maximum(-gain, 0).mean()
    return bool(won - lost > LEAST_GAIN and (won - lost > noise or won > 3 * lost))


def _rare_errors(terms: Sequence[Term], domain: Domain, rng: np.random.Generator) -> list[float]:
    """What each form loses, on average over the domain, where forms are far apart."""
    points = domain.draw(rng, POOL)
    if not points:
        return [0.0] * len(terms)
    cast = {name: x.astype(domain.dtype) for name, x in points.items()}
    evaluate = Evaluator(cast, domain.dtype)
    shape = next(iter(points.values())).shape
    values = [np.broadcast_to(evaluate(term), shape) for term in terms]
    apart = np.flatnonzero(
        np.max([bits_of_error(x, values[1 % len(values)], domain.dtype) for x in values], axis=0)
        > APART
    )
    if not apart.size:
        return [0.0] * len(terms)
    share = apart.size / POOL
    if apart.size > MOST_APART:
        apart = rng.choice(apart, MOST_APART, replace=False)
    there = domain.solved({name: x[apart] for name, x in points.items()})
    if not len(there.values):
        return [0.0] * len(terms)
    return [float(there.bits(term).mean()) * share for term in terms]


def sound(form: Form, original: Term, problem: Problem) -> bool:
    """Whether a form agrees with the original in high precision, at some of the points.

    A series approximates where it is used, so it is judged by its measured error alone.
    """
    points = {name: x[:CHECKED] for name, x in problem.points.items()}
    return form.approximate or agree(form.term, original, points)
