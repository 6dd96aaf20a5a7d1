"""Walks downhill: they come to minima, stay where there are values, and take their steps together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from numeric.minimization import descents


def lowest(function, starts, rounds=60):
    *_, (places, values) = descents(function, np.asarray(starts, float), rounds)
    return places, values


def valley(x):
    return (1 - x[:, 0]) ** 2 + 100 * (x[:, 1] - x[:, 0] ** 2) ** 2


def test_a_bent_valley_is_followed_to_its_end():
    places, values = lowest(valley, [[-1.2, 1], [3, -2], [0, 0]])
    assert values.max() < 1e-12
    assert places == pytest.approx(np.ones((3, 2)), abs=1e-5)


def test_an_edge_without_slope_is_found():
    places, _ = lowest(lambda x: np.abs(x - 0.3).sum(axis=1), [[5.0, -4.0]])
    assert places == pytest.approx(np.full((1, 2), 0.3), abs=1e-4)


def test_values_never_rise():
    rng = np.random.default_rng(0)
    seen = [values for _, values in descents(valley, rng.normal(size=(8, 2)), 30)]
    assert len(seen) > 5
    assert all((after <= before).all() for before, after in pairwise(seen))


def test_no_step_leads_where_there_is_no_value():
    places, values = lowest(lambda x: np.where(x[:, 0] > 1, x[:, 0], np.nan), [[4.0], [0.5]])
    assert 1 <= places[0, 0] < 1.001
    assert np.isinf(values[1])
    assert places[1, 0] == 0.5


def test_a_value_without_lower_bound_is_followed_far():
    _, values = lowest(lambda x: -x[:, 0], [[0.0]])
    assert values[0] < -1e6
