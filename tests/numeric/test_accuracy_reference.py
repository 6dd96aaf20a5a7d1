"""Correctly rounded true values: against fractions, mpmath, and traps."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

from numeric.accuracy import draw, exact_values, log_uniform
from numeric.accuracy.conditioning import condition_numbers
from numeric.accuracy.formats import FORMATS
from symbolic.errors import ChainruleError, DataError, NameUnknownError, ShapeError
from tests.numeric.test_accuracy_errors import nearest

RATIONAL = ["+", "-", "*", "/"]
FUNCTIONS = {
    "exp": mpmath.exp, "log": mpmath.log, "sqrt": mpmath.sqrt, "log1p": mpmath.log1p,
    "expm1": mpmath.expm1, "tanh": mpmath.tanh, "sin": mpmath.sin, "cosh": mpmath.cosh,
    "erfc": mpmath.erfc, "abs": abs, "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}  # fmt: skip


def moderate(number):
    """The argument of a function; mpmath would take forever on exp(exp(1e4))."""
    if isinstance(number, mpmath.mpc):
        raise ValueError
    if abs(number) > 2000:
        raise OverflowError
    return number


def random_text(rng, depth, functions):
    """An expression in x and y as text, with its value as a function of two numbers."""
    if depth == 0:
        name = rng.choice(["x", "y"])
        return str(name), lambda x, y: x if name == "x" else y
    if functions and rng.random() < 0.5:
        name = str(rng.choice(list(functions)))
        text, inner = random_text(rng, depth - 1, functions)
        return f"{name}({text})", lambda x, y: functions[name](moderate(inner(x, y)))
    left, first = random_text(rng, depth - 1, functions)
    right, second = random_text(rng, depth - 1, functions)
    symbol = str(rng.choice(RATIONAL))
    operation = {
        "+": lambda a, b: a + b, "-": lambda a, b: a - b,
        "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    }[symbol]  # fmt: skip
    return f"({left} {symbol} {right})", lambda x, y: operation(first(x, y), second(x, y))


def rational(number):
    """The fraction that an mpmath number is."""
    sign, mantissa, exponent, _ = number._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def points_of(rng, count):
    x, y = rng.standard_normal((2, count)) * 10.0 ** rng.integers(-9, 3, (2, count))
    return {"x": x, "y": y}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("form", FORMATS.values(), ids=str)
def test_rational_expressions_are_those_of_fractions(form, seed):
    rng = np.random.default_rng(seed)
    text, value = random_text(rng, 3, {})
    points = {name: form.round(column) for name, column in points_of(rng, 20).items()}
    found = exact_values(text, points, form)
    for k, (x, y) in enumerate(zip(points["x"].tolist(), points["y"].tolist(), strict=True)):
        try:
            truth = value(Fraction(x), Fraction(y))
        except ZeroDivisionError:
            assert found.undefined[k], text
            continue
        assert found.decided[k], text
        assert found.rounded[k] == nearest(truth, form), (text, x, y)


@pytest.mark.parametrize("seed", range(40))
def test_random_expressions_are_those_of_mpmath(seed):
    rng = np.random.default_rng(100 + seed)
    text, value = random_text(rng, 4, FUNCTIONS)
    form = list(FORMATS.values())[seed % 4]
    points = {name: form.round(column) for name, column in points_of(rng, 12).items()}
    found = exact_values(text, points, form, limit=3000)
    with mpmath.workprec(6000):
        for k, (x, y) in enumerate(zip(points["x"].tolist(), points["y"].tolist(), strict=True)):
            try:
                truth = value(mpmath.mpf(x), mpmath.mpf(y))
            except OverflowError:
                continue
            except (ValueError, ZeroDivisionError):
                assert not found.decided[k], text
                continue
            if isinstance(truth, mpmath.mpc) or not mpmath.isfinite(truth):
                assert not found.decided[k], text
                continue
            assert found.decided[k], (text, x, y)
            assert found.rounded[k] == nearest(rational(truth), form), (text, x, y)


@pytest.mark.parametrize(
    ("text", "x", "truth"),
    [
        ("log(1 + exp(x))", -500.0, 7.124576406741286e-218),
        ("log(1 + exp(x))", -740.0, 4.2e-322),
        ("log(1 + exp(x))", 1e300, 1e300),
        ("exp(x)", 710.0, np.inf),
        ("-exp(x)", 1e10, -np.inf),
        ("exp(x)", -745.0, 5e-324),
        ("exp(x)", -746.0, 0.0),
        ("exp(x)", -1e300, 0.0),
        ("sqrt(x*x) - abs(x)", 0.1, 0.0),
        ("x/3*3 - x", 0.1, 0.0),
        ("log(exp(x)) - x", 0.1, 0.0),
        ("(1 - cos(x))/x**2", 1e-9, 0.5),
        ("x - x", 1e308, 0.0),
        ("1/x", 5e-324, np.inf),
        ("x*1e-10", 5e-315, 0.0),
        ("x/2", 1.5e-323, 1e-323),  # a tie between subnormal numbers: to even
        ("where(x > 0, x, log(x - 5))", 2.0, 2.0),
        ("where(x**2 > 4, 1, 0)", 2.0, 0.0),
        ("maximum(x, 1 - x) - minimum(x, 1 - x)", 0.125, 0.75),
        ("relu(x) + step(x) + sign(x)", -2.0, -1.0),
        ("x**x", 3.0, 27.0),
        ("x**x", -3.0, -1 / 27),
        ("(1 + 1/x)**x", 1e10, 2.718281828323131),
    ],
)
def test_traps(text, x, truth):
    found = exact_values(text, {"x": np.array([x])})
    assert found.decided[0]
    assert found.rounded[0] == truth


def test_decimals_in_text_are_exact():
    assert exact_values("x*0.1 - x/10", {"x": [3.0]}).rounded[0] == 0
    assert exact_values("x - 0.1", {"x": [0.1]}).rounded[0] == float(
        Fraction(0.1) - Fraction(1, 10)
    )


@pytest.mark.parametrize(
    ("text", "x"),
    [("log(x)", -1.0), ("log(x)", 0.0), ("sqrt(x)", -1.0), ("1/(x - 1)", 1.0), ("log1p(x)", -2.0),
     ("arctanh(x)", 2.0), ("maximum(x, log(x))", -1.0), ("x**(-2)", 0.0)],
)  # fmt: skip
def test_without_a_real_value_nothing_is_decided(text, x):
    found = exact_values(text, {"x": np.array([x, 0.5])})
    assert found.decided.tolist() == [False, True]
    assert found.undefined.tolist() == [True, False]
    assert np.isnan(found.rounded[0])


def test_a_tie_that_no_precision_shows_is_undecided():
    """sqrt(2)**2 + 2^-10 lies exactly between two numbers of float16."""
    points = {"x": np.array([2.0, 2.25]), "y": np.array([2.0**-10, 2.0**-10])}
    found = exact_values("sqrt(x)*sqrt(x) + y", points, "float16", limit=600)
    assert found.decided.tolist() == [False, True]  # 2.25 is a square, so it is exact
    assert found.rounded[1] == nearest(Fraction(2.25) + Fraction(1, 1024), FORMATS["float16"])


def test_a_tie_of_a_rational_expression_is_decided():
    found = exact_values("x/3*3 + y", {"x": [2.0], "y": [2.0**-10]}, "float16")
    assert found.rounded[0] == 2.0


def test_powers_too_large_for_fractions_are_left_undecided():
    assert not exact_values("x**1e9 - x**1e9", {"x": [1.5]}).decided[0]


def test_too_low_a_limit_leaves_points_undecided():
    points = {"x": np.array([-500.0, 1.0])}
    assert exact_values("log(1 + exp(x))", points, limit=256).decided.tolist() == [False, True]


def test_functions_of_vectors_inside_are_evaluated(rng):
    points = {name: rng.uniform(-50, 50, 5) for name in "ab"}
    inside = exact_values("logsumexp(stack(a, b))", points)
    outside = exact_values("log(exp(a) + exp(b))", points)
    assert inside.decided.all()
    assert np.array_equal(inside.rounded, outside.rounded)


def test_references_of_mpmath_flint_and_fractions():
    x = np.array([-500.0, 0.1, 3.0])
    text = exact_values("log(1 + exp(x))", {"x": x})
    by_mpmath = exact_values(lambda x: mpmath.log1p(mpmath.exp(x)), {"x": x})
    by_flint = exact_values(lambda x: x.exp().log1p(), {"x": x})
    assert np.array_equal(text.rounded, by_mpmath.rounded)
    assert np.array_equal(text.rounded, by_flint.rounded)
    assert (text.enclosure, by_mpmath.enclosure, by_flint.enclosure) == (True, False, True)
    exact = exact_values(lambda x, y: Fraction(x) / Fraction(y), {"x": [1.0], "y": [3.0]})
    assert (exact.rounded[0], exact.enclosure) == (1 / 3, True)


def test_the_precision_of_the_caller_is_left_alone():
    before = ctx.prec, mpmath.mp.prec
    exact_values(lambda x: mpmath.exp(x), {"x": [1.0]})
    exact_values("exp(x)", {"x": [1.0]})
    assert (ctx.prec, mpmath.mp.prec) == before


def test_wrong_references_and_points_are_refused():
    with pytest.raises(NameUnknownError):
        exact_values("x + z", {"x": [1.0]})
    with pytest.raises(DataError, match="only its own precision"):
        exact_values(lambda x: 1.5, {"x": [1.0]})
    with pytest.raises(DataError, match="neither mpmath numbers"):
        exact_values(lambda x: x.no_such_method(), {"x": [1.0]})
    with pytest.raises(DataError, match="not all are finite"):
        exact_values("x", {"x": [np.nan]})
    with pytest.raises(ShapeError, match="one length"):
        exact_values("x + y", {"x": [1.0], "y": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("reference", "points", "condition"),
    [
        ("log(x)", {"x": [1 + 1e-10]}, 1 / np.log1p((1 + 1e-10) - 1)),
        ("x - y", {"x": [1.0], "y": [1 - 2.0**-40]}, 2.0**41 - 1),
        ("exp(x)", {"x": [800.0]}, 800.0),
        ("x**3", {"x": [-2.0]}, 3.0),
        ("2 + 0*x", {"x": [5.0]}, 0.0),
        ("x - 1", {"x": [1.0]}, np.inf),
        ("sqrt(x*x) - abs(x)", {"x": [2.0]}, np.nan),
        (lambda x: mpmath.log(x), {"x": [1 + 1e-10]}, 1 / np.log1p((1 + 1e-10) - 1)),
        (lambda x, y: x - y, {"x": [1.0], "y": [1 - 2.0**-40]}, 2.0**41 - 1),
        (lambda x: arb(2) * x, {"x": [3.0]}, 1.0),
        (lambda x: Fraction(x) ** 2, {"x": [3.0]}, 2.0),
    ],
)
def test_condition_numbers(reference, points, condition):
    found = condition_numbers(reference, points)
    assert found[0] == pytest.approx(condition, rel=1e-3, nan_ok=True)


@pytest.mark.parametrize("form", FORMATS.values(), ids=str)
@pytest.mark.parametrize(
    ("text", "truth", "smallest"),
    [
        ("sqrt(1 + x) - 1", lambda x: mpmath.sqrt(1 + x) - 1, 1e-70),
        ("log(1 + x**2)", lambda x: mpmath.log1p(x * x), 1e-60),
        ("exp(x) - 1", mpmath.expm1, 1e-70),
    ],
)
def test_tails_are_those_of_mpmath(form, text, truth, smallest):
    """A ball that rounds to one float may still be as wide as a part of its last place."""
    low = max(smallest, form.smallest**0.5)
    x = draw({"x": log_uniform(low, 0.5)}, 200, np.random.default_rng(7), form)["x"]
    found = exact_values(text, {"x": x}, form)
    assert found.decided.all()
    units = form.unit_exponent(found.rounded)
    with mpmath.workprec(2000):
        for number, near, tail, unit in zip(x, found.rounded, found.tail, units, strict=True):
            beyond = (truth(mpmath.mpf(float(number))) - float(near)) / mpmath.mpf(2) ** int(unit)
            assert abs(float(beyond) - tail) <= 2.0**-19, (text, form, number)


def test_a_truth_that_is_a_float_has_no_tail():
    """exp(x)*exp(-x) is 1 exactly, which balls cannot show."""
    found = exact_values("exp(x)*exp(-x)", {"x": np.array([0.3, 1.7])})
    assert found.rounded.tolist() == [1, 1]
    assert found.tail.tolist() == [0, 0]


@pytest.mark.parametrize(
    "points", [{"x": ["a"]}, {"x": [10**400]}, {"x": [1j]}, {"x": None}, None, [1.0]]
)
def test_points_that_are_no_numbers_are_refused(points):
    with pytest.raises(ChainruleError):
        exact_values("exp(x)", points)


def test_a_limit_is_a_whole_number():
    with pytest.raises(DataError, match="limit"):
        exact_values("exp(x)", {"x": [1.0]}, limit=1.5)


def test_conditions_of_functions_that_return_integers():
    assert condition_numbers(lambda x: 10**400, {"x": [1.0]})[0] == 0
    assert condition_numbers(lambda x: max(0, x), {"x": [3.0]})[0] == pytest.approx(1)
