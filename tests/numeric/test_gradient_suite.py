"""The suite itself is right: every gradient agrees with an oracle, every wrong one is wrong."""

from collections import Counter

import numpy as np
import pytest

from tests.numeric.gradient_suite import CASES, KINDS, wrong_gradients
from tests.numeric.gradient_suite.oracles import by_jax, by_mpmath

CONFIRMED = [case for case in CASES if case.oracle in ("mpmath", "jax")]


def each(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


@each(CONFIRMED)
def test_gradients_agree_with_an_oracle(case):
    seed = 1
    if case.oracle == "jax":
        pytest.importorskip("jax")
        places, slopes = by_jax(case)
    else:
        places, slopes = by_mpmath(case, np.random.default_rng(seed))
    gradient = case.gradient.astype(float).ravel()
    accuracy = 1e-5 if case.x.dtype == np.float32 else 1e-11
    allowed = accuracy * (np.abs(slopes) + 1e-3 * np.max(np.abs(gradient)))
    assert np.all(np.abs(gradient[places] - slopes) <= allowed + case.rounding), (
        f"{gradient[places]} against {slopes}, seed {seed}"
    )


def test_the_spread():
    kinds = Counter(case.kind for case in CASES)
    assert set(kinds) == set(KINDS)
    assert kinds["smooth"] >= 88
    assert kinds.total() - kinds["smooth"] >= 12
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(case.oracle in ("mpmath", "jax") for case in CASES if case.kind == "smooth")


def test_wrong_gradients_are_wrong_and_many():
    seed = 3
    rng = np.random.default_rng(seed)
    counts = []
    for case in CASES:
        if case.x.size > 1000:
            continue
        wrongs = wrong_gradients(case, rng)
        for label, wrong in wrongs:
            off = np.max(np.abs(wrong - case.gradient))
            assert off > 1e-9 * np.max(np.abs(case.gradient)), f"{case.name}, {label}, seed {seed}"
        if case.kind == "smooth":
            counts.append(len(wrongs))
    assert np.mean(counts) > 8
