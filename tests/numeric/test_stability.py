"""Every record of the table is walked: truth by enclosures, bounds in ulps, naive forms beside."""

import dataclasses
import re
from functools import cache

import numpy as np
import pytest

from numeric import stability
from numeric.accuracy.formats import float32, float64
from numeric.stability import primitives
from numeric.stability.measurement import truth_of
from numeric.stability.primitive import Derivative, bound_in
from symbolic.errors import DataError, ShapeError, UnsupportedError

SEED = 20260201
NAMES = list(primitives)
AT_EDGES = ("xlogy", "entropy")  # primitives whose naive form is worse only where it is NaN
INSIDE = [name for name in NAMES if name not in AT_EDGES]


def walk(primitive, dtype="float64"):
    """The measurements of a record; the seed is shown when a test fails."""
    print(f"seed {SEED}")
    scalar = all(shape == "" for shape in primitive.given.values())
    return primitive.measure(dtype, count=400 if scalar else 8, seed=SEED)


walk_of = cache(lambda name, dtype="float64": walk(primitives[name], dtype))


def failures(measurements):
    """What a walk says against a record."""
    return [
        f"{each.part}: {each.stable.worst:.3g} ulps, bound {each.bound:.3g}, at "
        f"{each.stable.worst_point}; {each.stable.decided} of {len(each.stable.errors)} decided"
        for each in measurements
        if not each.holds
    ]


def edge_is_right(function, edge):
    *arguments, value = edge
    return np.array_equal(function(*arguments), value, equal_nan=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NAMES)
def test_bounds_hold_for_function_and_derivatives(name, dtype):
    assert not failures(walk_of(name, dtype))


@pytest.mark.parametrize("name", NAMES)
def test_edges_are_as_stated(name):
    for edge in primitives[name].edges:
        assert edge_is_right(primitives[name].function, edge), edge


@pytest.mark.parametrize("name", INSIDE)
def test_the_naive_form_is_worse(name):
    assert walk_of(name)[0].naive_is_worse


@pytest.mark.parametrize("name", AT_EDGES)
def test_the_naive_form_is_worse_at_an_edge(name):
    edge = primitives[name].edges[0]
    with np.errstate(all="ignore"):
        assert not edge_is_right(primitives[name].naive, edge)
    assert edge_is_right(primitives[name].function, edge)


DIFFERENCES = (  # derivatives that lose everything when the naive form is differentiated
    "sigmoid", "log_sigmoid", "softplus", "log1mexp", "log1pmx", "logit", "bernoulli_entropy",
    "bernoulli_kl", "gelu", "silu", "mish", "log_binomial", "logsumexp", "softmax", "log_softmax",
    "entropy", "kl_divergence", "norm", "cosine_distance", "variance", "logdet",
)  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENCES)
def test_the_naive_derivative_is_worse(name):
    assert any(each.naive_is_worse for each in walk_of(name)[1:])


# --- the walk can say no -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["sigmoid", "logit", "gelu", "log_softmax", "norm", "variance"])
def test_a_naive_function_fails_the_walk(name, dtype):
    primitive = primitives[name]
    assert failures(walk(dataclasses.replace(primitive, function=primitive.naive), dtype))


@pytest.mark.parametrize("name", ["log_sigmoid", "silu", "bernoulli_kl", "softmax", "logdet"])
def test_a_naive_derivative_fails_the_walk(name):
    primitive = primitives[name]
    naive = tuple(dataclasses.replace(each, function=each.naive) for each in primitive.derivatives)
    found = failures(walk(dataclasses.replace(primitive, derivatives=naive)))
    assert found
    assert all(each.startswith("by ") for each in found)


def test_a_function_that_is_off_by_a_few_ulps_fails_the_walk():
    primitive = primitives["softplus"]

    def off(x):
        return primitive.function(x) * (1 + 5 * np.finfo(np.float64).eps)

    assert failures(walk(dataclasses.replace(primitive, function=off)))


def test_a_wrong_derivative_fails_the_walk():
    primitive = primitives["gelu"]
    wrong = dataclasses.replace(primitive.derivatives[0], function=stability.sigmoid)
    assert failures(walk(dataclasses.replace(primitive, derivatives=(wrong,))))


def test_a_wrong_edge_is_seen():
    assert not edge_is_right(primitives["sigmoid"].function, (-np.inf, 1e-300))
    assert not edge_is_right(primitives["norm"].function, (np.array([]), np.nan))


def test_a_statement_without_value_is_not_a_pass():
    outside = dataclasses.replace(primitives["log1mexp"], domain=primitives["sigmoid"].domain)
    assert any("decided" in each for each in failures(walk(outside)))


def test_the_condition_number_is_that_of_the_statement():
    points = {"x": np.array([[3.0, 4.0], [1.0, -1.0 + 2.0**-20]])}
    truth = truth_of("sum(x)", {"x": "n"}, points, float64, "condition")
    assert truth.conditions == pytest.approx([1.0, 2.0**21 - 1])
    assert truth_of("sum(x)", {"x": "n"}, points, float64, "entry").conditions.tolist() == [1, 1]


def test_a_value_halfway_between_two_floats_is_decided():
    points = {"x": np.array([[1.0, 2.0**-24]])}
    truth = truth_of("sum(x) + 0*log(x[0] + 1)", {"x": "n"}, points, float32, "entry")
    assert truth.values[0].decided
    assert truth.values[0].rounded == 1.0


# --- the records themselves ----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_record_prints_at_eighty_columns(name):
    lines = str(primitives[name]).split("\n")
    assert max(map(len, lines)) <= 80
    assert lines[0] == name
    assert sum("value " in line for line in lines) == 2


@pytest.mark.parametrize("name", ["sigmoid", "xlogy", "logdet"])
def test_a_record_shows_itself_as_a_table(name):
    html = primitives[name]._repr_html_()
    assert html.count("<tr>") == 2 + len(primitives[name].derivatives)
    assert ("data:image/png" in html) == (name == "sigmoid")


def test_a_record_is_shown_without_matplotlib(monkeypatch):
    monkeypatch.setattr("numeric.stability.primitive.find_spec", lambda name: None)
    assert "data:image" not in primitives["sigmoid"]._repr_html_()


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_quotes_the_bound_that_is_tested(name):
    quoted = re.findall(r"below ([\d.]+)\s+ulps", getattr(stability, name).__doc__)
    assert [float(each) for each in quoted] == [primitives[name].bound_in_ulps]


@pytest.mark.parametrize("name", NAMES)
def test_the_table_holds_the_public_functions(name):
    primitive = primitives[name]
    assert name in stability.__all__
    assert primitive.function is getattr(stability, name)
    assert primitive.function is not primitive.naive
    assert primitive.derivative is primitive.derivatives[0].function
    assert primitive.derivative_statement == primitive.derivatives[0].statement
    assert {each.by for each in primitive.derivatives} <= set(primitive.given)


def test_float32_is_rounded_once():
    assert bound_in(3, float64) == 3
    assert 0.5 < bound_in(3, float32) < 0.50000001


def test_other_formats_are_refused():
    with pytest.raises(UnsupportedError, match="use float64 or float32"):
        primitives["sigmoid"].measure("bfloat16")


def test_what_is_no_array_or_axis_is_refused():
    with pytest.raises(DataError, match=r"an argument: .*; give an array of real numbers"):
        stability.softmax([[1.0], [1.0, 2.0]])
    for axis in ("a", (0, 1), 2):
        with pytest.raises(ShapeError, match="an array of 1 axes"):
            stability.softmax([1.0, 2.0], axis=axis)


def test_a_derivative_names_its_argument():
    assert isinstance(primitives["hypot"].derivatives[0], Derivative)
    assert [each.by for each in primitives["bernoulli_kl"].derivatives] == ["p", "q"]
