"""Domains of measurements: every draw lies inside, edges are drawn, wrong domains are refused."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from numeric.accuracy import draw, integers, log_uniform, near, uniform
from numeric.accuracy.domains import contains
from numeric.accuracy.formats import FORMATS, float64
from symbolic.errors import ChainruleError, DataError, DomainError, NameUnknownError

DOMAINS = {
    "log": {"x": log_uniform(1e-10, 700, "both")},
    "negative": {"x": log_uniform(1e-3, 10, "negative")},
    "wide": {"x": log_uniform(1e-200, 1e200), "y": near("x", 0.001, 10)},
    "close": {"b": near("a", 1e-12, 0.1), "a": log_uniform(0.01, 100, "both")},
    "unit": {"p": uniform(0.05, 0.6), "q": near("p", 1e-9, 0.1)},
    "around zero": {"u": uniform(-2, 3), "n": integers(-3, 40)},
}


@pytest.mark.parametrize("form", FORMATS.values(), ids=str)
@pytest.mark.parametrize("name", DOMAINS)
def test_draws_are_numbers_of_the_format_inside_the_domain(name, form, rng):
    domain = DOMAINS[name]
    points = draw(domain, 1000, rng, form)
    assert list(points) == list(domain)
    for each, values in points.items():
        assert values.shape == (1000,)
        assert np.array_equal(form.round(values), values)
        if not domain[each].needs:
            assert domain[each].contains(values, points).all()
    if form is float64:
        assert contains(domain, points).all()


def test_draws_depend_on_the_seed_alone():
    first, again, other = (
        draw(DOMAINS["close"], 50, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["a"], other["a"])


def test_edges_are_drawn(rng):
    points = draw(DOMAINS["log"], 200, rng)
    assert {1e-10, -1e-10, 700.0, -700.0} <= set(points["x"].tolist())
    points = draw(DOMAINS["around zero"], 200, rng)
    assert {-2.0, 0.0, 3.0, 2.0**-1022, -(2.0**-1022)} <= set(points["u"].tolist())
    assert {-3.0, 0.0, 40.0} <= set(points["n"].tolist())
    points = draw(DOMAINS["close"], 200, rng)
    distance = np.abs(points["b"] - points["a"]) / np.abs(points["a"])
    assert distance.min() == pytest.approx(1e-12, rel=1e-3)
    assert distance.max() == pytest.approx(0.1)
    both = {(np.sign(a), np.sign(b - a)) for a, b in zip(points["a"], points["b"], strict=True)}
    assert both == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


def test_magnitudes_are_uniform_in_the_logarithm(rng):
    values = draw({"x": log_uniform(1e-8, 1e8)}, 20000, rng)["x"]
    counts, _ = np.histogram(np.log10(values), bins=8, range=(-8, 8))
    assert np.all(np.abs(counts - 2500) < 250)


def test_more_edges_than_points_are_thinned(rng):
    domain = {name: log_uniform(1, 2, "both") for name in "abcdefgh"}
    points = draw(domain, 400, rng)
    at_edges = sum(
        np.all([np.isin(np.abs(v[k]), (1, 2)) for v in points.values()]) for k in range(400)
    )
    assert at_edges == 100
    assert len(draw(domain, 1, rng)["a"]) == 1


def test_a_function_is_a_domain(rng):
    points = draw(lambda rng, size: {"x": rng.uniform(0, 1, size)}, 10, rng, "float16")
    assert points["x"].shape == (10,)
    assert np.array_equal(points["x"], points["x"].astype(np.float16))
    with pytest.raises(DataError, match="return 10 finite numbers"):
        draw(lambda rng, size: {"x": rng.uniform(0, 1, size + 1)}, 10, rng)
    with pytest.raises(DataError, match="not finite"):
        draw(lambda rng, size: {"x": np.full(size, np.inf)}, 10, rng)


def test_distributions_are_frozen():
    with pytest.raises(FrozenInstanceError):
        uniform(0, 1).low = 5


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: log_uniform(0, 1), "not positive"),
        (lambda: log_uniform(2, 1), "no interval"),
        (lambda: log_uniform(1, 2, "none"), "no such choice"),
        (lambda: uniform(0, np.inf), "no interval"),
        (lambda: integers(0, 1.5), "not whole"),
        (lambda: near("a", 0, 1), "not positive"),
    ],
)
def test_bad_bounds_are_refused(build, message):
    with pytest.raises(DomainError, match=message):
        build()


def test_cycles_and_unknown_names_are_refused(rng):
    with pytest.raises(DomainError, match="around a cycle"):
        draw({"a": near("b", 0.1, 1), "b": near("a", 0.1, 1)}, 5, rng)
    with pytest.raises(DomainError, match="around a cycle"):
        draw({"a": near("a", 0.1, 1)}, 5, rng)
    with pytest.raises(NameUnknownError, match="no variable is called c"):
        draw({"a": near("c", 0.1, 1)}, 5, rng)
    with pytest.raises(ChainruleError, match="no float16 number"):
        draw({"a": uniform(1.0001, 1.0002)}, 5, rng, "float16")


def test_text_descriptions_are_expressible():
    """The three kinds of a JSON description, each as one call."""
    written = json.loads(
        '{"a": ["log-uniform", 0.01, 100, "both"], "b": ["near", "a", 1e-12, 0.1]}'
    )
    kinds = {"log-uniform": log_uniform, "near": near, "uniform": uniform}
    built = {name: kinds[kind](*rest) for name, (kind, *rest) in written.items()}
    assert built == {"a": log_uniform(0.01, 100, "both"), "b": near("a", 1e-12, 0.1)}


@pytest.mark.parametrize(
    "make",
    [
        lambda: integers(0, 10**400),
        lambda: integers(0, 10**30),
        lambda: uniform(-(10**400), 1),
        lambda: log_uniform(1, 10**400),
        lambda: uniform(1j, 2),
        lambda: log_uniform(1, 2, ["both"]),
        lambda: draw({"x": uniform(0, 1)}, 1.5, np.random.default_rng(0)),
        lambda: draw(lambda rng, size: ["x"], 3, np.random.default_rng(0)),
        lambda: draw(lambda rng, size: {"x": ["a"] * size}, 3, np.random.default_rng(0)),
    ],
)
def test_bounds_counts_and_points_are_numbers(make):
    with pytest.raises(ChainruleError):
        make()


def test_what_is_near_a_huge_number_stays_finite():
    domain = {"b": near("a", 1, 1e300), "a": uniform(-1.7e308, 1.7e308)}
    assert np.all(np.isfinite(draw(domain, 50, np.random.default_rng(0))["b"]))
