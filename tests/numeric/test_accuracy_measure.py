"""Measurements: known figures, the right one to blame, worst inputs inside the domain."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy.special import expit, logsumexp

from numeric import accuracy
from numeric.accuracy import log_uniform, near, uniform
from numeric.accuracy.domains import contains
from numeric.accuracy.verdict import blame
from symbolic import lambdify, parse
from symbolic.errors import DataError, NameUnknownError

BOTH = {"x": log_uniform(1e-10, 700, "both")}
SMALL = {"x": log_uniform(1e-10, 1, "both")}
THREE = {name: log_uniform(1e-3, 800, "both") for name in "abc"}


def naive_softplus(x):
    return np.log(1 + np.exp(x))


@pytest.mark.parametrize(
    ("naive", "stable", "reference", "domain", "low", "high"),
    [
        (lambda x: np.log(1 + x), np.log1p, "log(1 + x)", {"x": log_uniform(1e-10, 1)}, 32, 34),
        (lambda x: np.exp(x) - 1, np.expm1, "exp(x) - 1", SMALL, 32, 34),
        (naive_softplus, lambda x: np.logaddexp(0, x), "log(1 + exp(x))", BOTH, 61, 63),
        (lambda x: 1 - 1 / (1 + np.exp(-x)), lambda x: expit(-x), "1/(1 + exp(x))", BOTH, 61, 63),
        (lambda a, b, c: np.log(np.exp(a) + np.exp(b) + np.exp(c)),
         lambda a, b, c: logsumexp(np.stack([a, b, c]), axis=0),
         "log(exp(a) + exp(b) + exp(c))", THREE, 40, 64),
    ],
)  # fmt: skip
def test_the_algorithm_is_blamed_for_naive_forms_only(naive, stable, reference, domain, low, high):
    found = accuracy.compare({"naive": naive, "stable": stable}, reference, domain, samples=800)
    assert low <= found["naive"].max_bits <= high
    assert found["naive"].verdict.startswith("The algorithm is to blame")
    assert found["stable"].sampled_bits < 6
    assert found["stable"].mean_bits < 1
    assert not found["stable"].verdict.startswith("The algorithm")


def test_the_problem_is_blamed_for_cancellation_of_rounded_inputs():
    """log(x) - log(y) for close x, y: each logarithm is right, the difference is not."""
    domain = {"x": uniform(2, 3), "y": near("x", 1e-10, 1e-8)}
    found = accuracy.measure(lambda x, y: np.log(x) - np.log(y), "log(x/y)", domain)
    assert found.max_ulps > 1e6
    assert found.condition > 1e8
    assert found.verdict.startswith("The problem is to blame")


def test_an_exact_difference_is_not_blamed_at_all():
    domain = {"x": uniform(0.5, 1), "y": near("x", 1e-12, 0.1)}
    found = accuracy.measure(lambda x, y: x - y, "x - y", domain)
    assert (found.max_bits, found.mean_bits) == (0, 0)
    assert found.verdict.startswith("Correctly rounded")


def test_an_algorithm_is_found_out_beside_a_hard_problem():
    """The worst input is ill-conditioned; elsewhere the error has no such excuse."""

    def f(x):
        return np.where(np.abs(x - 1) < 1e-3, np.log(x * (1 + 2.0**-52)), np.log(x) * (1 + 1e-11))

    found = accuracy.measure(f, "log(x)", {"x": uniform(1 - 1e-6, 1.5)})
    assert found.verdict.startswith("The problem is to blame")
    assert "the algorithm is" in found.verdict


@pytest.mark.parametrize(
    ("ulps", "condition", "who"),
    [(0.5, 1, "accurate"), (5, 0, "algorithm"), (5, 1, "problem"), (1e9, 1e9, "problem"),
     (1e11, 1e9, "algorithm"), (np.inf, 1e9, "algorithm"), (1e9, np.nan, "unknown"),
     (1e9, np.inf, "problem"), (np.inf, np.inf, "algorithm")],
)  # fmt: skip
def test_blame(ulps, condition, who):
    assert blame(ulps, condition) == who


def test_the_worst_input_reproduces_its_error():
    found = accuracy.measure(naive_softplus, "log(1 + exp(x))", BOTH)
    x = found.worst["x"]
    with mpmath.workprec(3000):
        truth = mpmath.log(1 + mpmath.exp(mpmath.mpf(x)))
        assert found.truth == float(truth)
        kappa = x * mpmath.exp(x) / (1 + mpmath.exp(x)) / truth
        assert found.condition == pytest.approx(float(abs(kappa)), rel=1e-3)
    assert found.computed == naive_softplus(x)
    assert repr(x) in str(found)


@pytest.mark.parametrize("form", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("seed", range(2))
def test_the_search_stays_inside_and_never_loses_the_worst_sample(form, seed):
    domain = {"a": log_uniform(0.01, 100, "both"), "b": near("a", 0.05, 0.1)}
    found = accuracy.measure(
        lambda a, b: np.exp(a / 10) - np.exp(b / 10), "exp(a/10) - exp(b/10)", domain, form,
        samples=300, seed=seed,
    )  # fmt: skip
    assert found.max_bits >= found.bits.max()
    worst = {name: np.array([value]) for name, value in found.worst.items()}
    if form == "float64":
        assert contains(domain, worst).all()
    assert domain["a"].contains(worst["a"], worst).all()


def test_the_search_finds_a_hidden_hole():
    """One float64 in a thousand near 1 is wrong, next to samples that hint at it."""

    def f(x):
        return np.where(
            np.abs(x - 1) < 1e-2, np.exp(x) * (1 + 1e-3 * (1e-2 - np.abs(x - 1))), np.exp(x)
        )

    found = accuracy.measure(f, "exp(x)", {"x": uniform(0, 2)}, samples=1000)
    assert found.max_ulps > 1.02 * found.ulps.max() or found.ulps.max() > 4.4e10
    assert abs(found.worst["x"] - 1) < 2e-3


@pytest.mark.parametrize("form", ["float32", "float16", "bfloat16"])
def test_narrow_formats_are_measured_in_their_own_numbers(form):
    naive = accuracy.measure(lambda x: np.log(1 + x), "log(1 + x)", SMALL, form, samples=500)
    stable = accuracy.measure(lambda x: np.log1p(x), "log(1 + x)", SMALL, form, samples=500)
    width = accuracy.formats.format_of(form).width
    assert 0.3 * width < naive.max_bits < width
    assert stable.max_bits <= 2
    rounded = accuracy.formats.format_of(form).round(naive.worst["x"])
    assert rounded == naive.worst["x"]


def test_text_expressions_and_generated_functions_are_measured():
    expression = parse("tanh(x + 1) - tanh(x)", {"x": ""})
    domain = {"x": log_uniform(1, 15)}
    plain = accuracy.measure(lambda x: np.tanh(x + 1) - np.tanh(x), expression, domain, samples=200)
    for f in ("tanh(x + 1) - tanh(x)", expression, lambdify(expression)):
        found = accuracy.measure(f, expression, domain, samples=200)
        assert found.max_bits == plain.max_bits
        assert np.array_equal(found.bits, plain.bits)
    half = accuracy.measure(
        expression, expression, {"x": log_uniform(1, 1e3)}, "float16", samples=100
    )
    assert half.max_bits > 4
    vector = lambdify(parse("sin(1 + x) - sin(1)", {"x": "n"}))
    truth = "2*cos(1 + x/2)*sin(x/2)"
    assert accuracy.measure(vector, truth, SMALL, samples=200).max_bits > 30


def test_functions_of_single_numbers_are_called_one_by_one():
    found = accuracy.measure(math.expm1, "expm1(x)", {"x": uniform(-1, 1)}, samples=300)
    assert found.max_bits <= 1
    overflow = accuracy.measure(math.exp, "exp(x)", {"x": uniform(0, 1000)}, samples=300)
    assert overflow.max_bits == 64
    assert overflow.notes == ("it raises OverflowError at some points (counted as NaN)",)
    assert math.isnan(overflow.computed)
    assert overflow.truth == math.inf


def test_undecided_and_undefined_points_are_dropped_and_counted():
    found = accuracy.measure(np.log, "log(x)", {"x": uniform(-1, 1)}, samples=1000)
    assert found.samples + found.dropped == 1000
    assert 400 < found.undefined == found.dropped < 600
    assert "without a real value" in " ".join(str(found).split())
    with pytest.raises(DataError, match="known at none"):
        accuracy.measure(np.log, "log(x)", {"x": uniform(-2, -1)})


def test_references_that_are_functions_say_that_they_are_no_enclosures():
    found = accuracy.measure(np.expm1, lambda x: mpmath.expm1(x), SMALL, samples=200)
    assert not found.enclosure
    assert "two precisions agree" in str(found)
    assert found.condition == pytest.approx(1, rel=0.6)
    exact = accuracy.measure(
        lambda x, y: x / y, lambda x, y: Fraction(x) / Fraction(y),
        {"x": uniform(1, 2), "y": uniform(1, 2)}, samples=200,
    )  # fmt: skip
    assert exact.enclosure
    assert exact.max_bits == 0


def test_a_function_is_a_domain_and_results_repeat():
    def points(rng, size):
        return {"x": 10 ** rng.uniform(-8, 0, size)}

    first, again = (accuracy.measure(lambda x: np.log(1 + x), "log1p(x)", points) for _ in range(2))
    assert first == again
    assert first.max_bits > 20


def test_a_total_loss_is_the_largest_error():
    with np.errstate(all="ignore"):
        found = accuracy.measure(lambda x: x * np.nan, "x", {"x": uniform(1, 2)}, "float32")
    assert found.max_bits == found.mean_bits == 32
    assert found.max_ulps == np.inf
    assert "it returns nan" in found.verdict


def test_mistaken_calls_are_refused():
    with pytest.raises(NameUnknownError):
        accuracy.measure(np.exp, "exp(y)", {"x": uniform(0, 1)})
    with pytest.raises(TypeError):
        accuracy.measure(lambda p, q: p, "x + y", {"x": uniform(0, 1), "y": uniform(0, 1)})
    with pytest.raises(DataError, match="real numbers"):
        accuracy.measure(lambda x: x + 1j, "x", {"x": uniform(0, 1)})
    with pytest.raises(DataError, match="at one point"):
        accuracy.measure(lambda x: np.stack([x, x]), "x", {"x": uniform(0, 1)})
    with pytest.raises(DataError, match="every call fails"):
        accuracy.measure(lambda x: math.log(-1), "x", {"x": uniform(0, 1)})
    with pytest.raises(DataError, match="from 1 to"):
        accuracy.measure(np.exp, "exp(x)", {"x": uniform(0, 1)}, samples=0)


def test_text_fits_80_columns_and_html_is_a_table():
    functions = {"naive with a long name": naive_softplus, "stable": lambda x: np.logaddexp(0, x)}
    found = accuracy.compare(functions, "log(1 + exp(x))", BOTH, samples=100)
    for text in (str(found), found.table(), *map(str, found.results.values())):
        assert max(map(len, text.splitlines())) <= 80
    assert "max bits" in found.table()
    assert "<table>" in found._repr_html_()
    html = found["stable"]._repr_html_()
    assert "<table>" in html
    assert "data:image/png" in html


def test_the_plot_has_a_panel_an_input():
    domain = {"x": log_uniform(1e-10, 1, "both"), "y": near("x", 1e-6, 0.1)}
    found = accuracy.measure(lambda x, y: np.log(x / y), "log(x/y)", domain, samples=100)
    panels = found.plot().axes
    assert [panel.get_xlabel() for panel in panels] == ["x", "y"]
    assert panels[0].get_xscale() == "symlog"
    again = found.plot(panels)
    assert len(again.axes) == 2


def test_a_true_value_of_zero_is_pointed_out():
    """Ulps of 0 are the smallest numbers there are; their sum overflows, their mean does not."""
    found = accuracy.measure(lambda x: np.sin(x) ** 2 + np.cos(x) ** 2 - 1, "x - x", BOTH)
    assert 0 < found.mean_ulps < found.max_ulps < math.inf
    assert "rounds to 0 at 2000 of 2000 samples" in " ".join(str(found).split())
    assert "where the true value is 0.0" in " ".join(str(found).split())


@pytest.mark.parametrize("form", ["float32", "float16", "bfloat16"])
def test_float64_results_in_narrow_formats_are_noted_and_rounded(form):
    """math.exp leaves the emulation: the result is rounded as the note says."""
    domain = {"x": log_uniform(1e-3, 10, "both")}
    found = accuracy.measure(lambda x: math.exp(x), "exp(x)", domain, form, samples=100)
    assert found.notes == (f"it returns float64 for {form} input; the value is rounded",)
    assert accuracy.formats.format_of(form).round(found.computed) == found.computed
    plain = accuracy.measure("exp(x)", "exp(x)", domain, form, samples=100)
    assert plain.notes == ()


@pytest.mark.parametrize("samples", [1.5, "many", None, True, -1, 10**400], ids="{!r:.8}".format)
def test_samples_are_counted_in_whole_numbers(samples):
    with pytest.raises(DataError, match="whole number"):
        accuracy.measure(np.exp, "exp(x)", SMALL, samples=samples)


@pytest.mark.parametrize(
    "f", [lambda x: x * 10**400, lambda x: 1 // 0, lambda x: 10**400], ids=["wide", "zero", "big"]
)
def test_functions_that_overflow_python_are_refused(f):
    with pytest.raises(DataError):
        accuracy.measure(f, "x", SMALL)


@pytest.mark.parametrize("low", [5e-324, 1e300])
def test_the_plot_reaches_to_the_ends_of_float64(low):
    domain = {"x": log_uniform(low, 1.7e308, "both")}
    assert "data:image/png" in accuracy.measure(abs, "abs(x)", domain, samples=50)._repr_html_()
