"""The suite of derivatives is right, its examiner says no when it should, and ours passes it."""

import math
from types import SimpleNamespace

import numpy as np

from numeric import derivative
from tests.numeric.derivative_suite import (
    all_pairs,
    examine,
    fixed_pairs,
    random_pairs,
    report,
    rounding_level,
)


def test_known_derivatives():
    slopes = {
        "exp": math.exp, "sin": math.cos, "cos": lambda t: -math.sin(t),
        "square": lambda t: 2 * t, "1/t": lambda t: -1 / t**2, "log": lambda t: 1 / t,
        "sin(1000 t)": lambda t: 1000 * math.cos(1000 * t),
        "exp(-t^2)": lambda t: -2 * t * math.exp(-t * t),
        "linear": lambda t: 3, "constant": lambda t: 0,
        "logit": lambda t: 1 / (t * (1 - t)),
    }  # fmt: skip
    seen = 0
    for pair in fixed_pairs():
        name = pair.name.rpartition(" at ")[0]
        if name in slopes:
            true = slopes[name](pair.x)
            assert abs(pair.true - true) <= 1e-12 * abs(true) + 1e-70, pair
            seen += 1
    assert seen > 80


def test_there_are_several_hundred():
    pairs = fixed_pairs()
    assert len(pairs) >= 400
    assert len({pair.name for pair in pairs}) > 350
    assert len({pair.category for pair in pairs}) == 8
    assert [p.true for p in random_pairs(7, 20)] == [p.true for p in random_pairs(7, 20)]


def test_the_examiner_says_no():
    pairs = fixed_pairs()

    def confident(f, x):
        """A forward difference that believes in its digits."""
        h = 1e-8 * (abs(x) or 1)
        value = (f(np.float64(x + h)) - f(np.float64(x))) / h
        return SimpleNamespace(value=value, bar=1e-12 * abs(value), status="ok")

    def vague(f, x):
        return SimpleNamespace(value=0.0, bar=np.inf, status="ok")

    score = examine(confident, pairs)["all"]
    assert score.within < 0.2 * score.pairs
    assert len(score.missed) == score.pairs - score.within
    score = examine(vague, pairs)["all"]
    assert score.within == score.pairs
    assert score.useful < 0.02 * score.pairs


def test_the_truth_gets_full_marks():
    pairs = fixed_pairs()
    truths = {(pair.f, pair.x): pair for pair in pairs}

    def oracle(f, x):
        pair = truths[f, x]
        return SimpleNamespace(value=pair.true, bar=rounding_level(pair), status="ok")

    score = examine(oracle, pairs)["all"]
    assert (score.within, score.useful) == (score.pairs, score.pairs)


def test_bars_hold_and_are_not_vacuous():
    scores = examine(derivative, all_pairs())
    score = scores["all"]
    table = report(scores)
    print(table)
    assert score.within >= 0.99 * score.pairs, "\n".join([table, *score.missed])
    assert score.useful >= 0.8 * score.pairs, "\n".join([table, *score.vacuous])
