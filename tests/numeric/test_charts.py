"""Coordinates of domains: every choice of them is a point of the domain, rounded or not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from numeric.charts import CHARTS
from numeric.data import check_domain
from numeric.linear import determinant
from symbolic.domains import DOMAINS
from symbolic.nodes import Variable

DISCRETE = {"binary", "pm1", "counts", "index", "onehot"}
SHAPES = {
    "prob columns": [(3, 2), (2, 1), (1, 3)],
    "orthogonal": [(3, 2), (1, 1), (2, 3, 3)],
    "unit_norm": [(1,), (4,), (2, 3)],
    "prob": [(4,), (1,), (2, 3)],
    "descending": [(4,), (1,), (2, 3)],
}
SQUARE = [(1, 1), (3, 3)]
CASES = [
    (name, shape)
    for name in CHARTS
    for shape in SHAPES.get(name, SQUARE if DOMAINS[name].square else [(), (3,), (2, 3)])
]


def test_every_domain_has_coordinates_or_is_discrete() -> None:
    assert set(CHARTS) | DISCRETE == set(DOMAINS)
    assert not set(CHARTS) & DISCRETE


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
def test_coordinates_give_points_of_the_domain(name: str, shape: tuple, scale: float) -> None:
    chart, variable = CHARTS[name], Variable("v", shape, name)
    t = np.random.default_rng(1).normal(size=(6, chart.count(shape))) * scale
    values = chart.assembled(chart.numbers(t, shape), shape)
    assert values.shape == (6, *shape)
    for value in values:
        if name not in ("spd", "psd"):  # where rounding moves an eigenvalue
            check_domain(variable, np.asarray(value))


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_rounded_numbers_lie_exactly_in_the_domain(name: str, shape: tuple) -> None:
    chart = CHARTS[name]
    rng = np.random.default_rng(2)
    given = 0
    for denominator in (1, 3, 1000):
        t = rng.normal(size=(1, chart.count(shape))) * 2
        (numbers,) = chart.numbers(t, shape)
        flat = [Fraction(float(x)).limit_denominator(denominator) for x in np.ravel(numbers)]
        rounded = np.array([*flat, None], dtype=object)[:-1].reshape(numbers.shape)
        value = chart.exactly(rounded, shape)
        if value is not None:
            given += 1
            assert value.shape == shape
            assert is_exact(name, value)
    assert given


def is_exact(name: str, value: np.ndarray) -> bool:
    """The equations and strict bounds of a domain, in fractions."""
    match name:
        case "positive":
            return bool(np.all(value > 0))
        case "spd":
            minors = [determinant(value[:k, :k]) for k in range(1, len(value) + 1)]
            return min(minors) > 0 and bool(np.all(value == value.T))
        case "psd" | "symmetric":
            return bool(np.all(value == value.T))
        case "prob" | "prob columns":
            return bool(np.all(value >= 0) and np.all(value.sum(-1 if name == "prob" else -2) == 1))
        case "orthogonal":
            eye = np.eye(value.shape[-1], dtype=int)
            return bool(np.all(np.swapaxes(value, -1, -2) @ value == eye))
        case "unit_norm":
            return bool((value * value).sum() == 1)
        case "invertible":
            return determinant(value) != 0
        case "lower":
            return bool(np.all(np.triu(value, 1) == 0))
        case "diagonal":
            return bool(np.all(value == np.diag(np.diagonal(value))))
        case "descending":
            return bool(np.all(np.diff(value, axis=-1) <= 0) and np.all(value >= 0))
        case "nonnegative" | "unit":
            return bool(np.all(value >= 0) and (name != "unit" or np.all(value <= 1)))
    return name == "real"


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("positive", [0, 1]),
        ("spd", [[0, 0], [1, 1]]),
        ("invertible", [[1, 1], [1, 1]]),
        ("prob", [0, 0]),
    ],
)
def test_numbers_that_rounding_took_out_of_the_domain_give_nothing(
    name: str, numbers: list
) -> None:
    array = np.vectorize(Fraction, otypes=[object])(np.array(numbers))
    assert CHARTS[name].exactly(array, array.shape) is None


def test_both_components_of_the_orthogonal_matrices_and_both_poles_are_reached() -> None:
    t = np.random.default_rng(3).normal(size=(20, 3))
    turns = CHARTS["orthogonal"]
    signs = np.sign(np.linalg.det(turns.assembled(turns.numbers(t, (2, 2)), (2, 2))))
    assert set(signs) == {1, -1}
    sphere = CHARTS["unit_norm"]
    assert set(sphere.assembled(sphere.numbers(t[:, :1], (1,)), (1,)).ravel()) == {1, -1}
