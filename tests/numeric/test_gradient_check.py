"""The checker passes right gradients, fails wrong ones, names slips, and admits doubt."""

import math

import numpy as np
import pytest

from numeric import check_gradient
from symbolic.errors import DataError, ShapeError


def logistic(rng):
    X, y, w = rng.normal(size=(6, 4)), rng.integers(0, 2, 6), rng.normal(size=4)

    def loss(w):
        return np.mean(np.logaddexp(0, X @ w) - y * (X @ w)) + 0.5e-6 * w @ w

    def grad(w):
        return X.T @ (1 / (1 + np.exp(-X @ w)) - y) / 6 + 1e-6 * w

    return loss, grad, w


def problems(rng):
    """Functions with their gradients, at one random point each."""
    A, x, X = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(3, 3))
    B, p = rng.normal(size=(3, 3)), rng.uniform(0.05, 0.95, 4)
    loss, grad, w = logistic(rng)
    soft = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
    return {
        "logistic": (loss, grad(w), w),
        "least squares": (lambda x: np.sum((A @ x) ** 2), 2 * A.T @ (A @ x), x),
        "logsumexp": (lambda x: np.log(np.sum(np.exp(x))), soft, x),
        "trace": (lambda X: np.trace(B @ X @ X), (B @ X + X @ B).T, X),
        "log det": (lambda X: np.linalg.slogdet(X)[1], np.linalg.inv(X).T, X),
        "entropy": (lambda p: -np.sum(p * np.log(p)), -np.log(p) - 1, p),
        "norm": (np.linalg.norm, x / np.linalg.norm(x), x),
        "cubic": (lambda x: np.sum(x**3), 3 * x**2, x),
        "scaled": (lambda x: 1e6 + np.sum(np.sin(1e3 * x)), 1e3 * np.cos(1e3 * x), x),
        "product": (lambda x: np.prod(x), np.prod(x) / x, x),
        "tiny": (lambda x: 1e-12 * np.sum(np.exp(x)), 1e-12 * np.exp(x), x),
        "scalar": (lambda t: np.cosh(t), np.sinh(x[0]), np.array(x[0])),
        "wide": (lambda x: np.sum(np.log(x)), 10.0 ** np.arange(1, 8), 10.0 ** -np.arange(1, 8)),
    }


SLIPS = {
    "sign": lambda g: -g,
    "factor 2": lambda g: 2 * g,
    "factor 1/2": lambda g: g / 2,
    "one entry": lambda g: g + np.eye(1, g.size).reshape(g.shape) * (0.01 * np.abs(g).max()),
    "a part in 1e5": lambda g: g * (1 + 1e-5),
}


@pytest.mark.parametrize("seed", range(4))
def test_right_passes_and_wrong_fails(seed):
    for name, (f, grad, x) in problems(np.random.default_rng(seed)).items():
        right = check_gradient(f, grad, x)
        assert right.verdict == "pass", f"{name}, seed {seed}:\n{right}"
        for slip, spoil in SLIPS.items():
            wrong = check_gradient(f, spoil(np.asarray(grad)), x)
            rounding = name == "tiny" and slip == "a part in 1e5"  # of numbers near 1 in the claim
            expected = "inconclusive" if rounding else "fail"
            assert wrong.verdict == expected, f"{name}, {slip}, seed {seed}:\n{wrong}"
            if slip in ("sign", "factor 2", "factor 1/2") and np.size(x) > 1:
                assert wrong.mistakes == (slip,), f"{name}, seed {seed}:\n{wrong}"


@pytest.mark.parametrize("seed", range(4))
def test_slips_are_named(seed):
    rng = np.random.default_rng(seed)
    loss, grad, w = logistic(rng)
    assert check_gradient(loss, lambda w: grad(w) - 1e-6 * w, w).mistakes == ("missing 1e-06*x",)
    assert check_gradient(loss, lambda w: 6 * grad(w), w).mistakes == ("factor 6",)
    flipped = check_gradient(loss, lambda w: grad(w) * [1, 1, -1, 1], w)
    assert (flipped.mistakes, flipped.entries) == (("sign of some entries",), ((2,),))
    B, X = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    transposed = check_gradient(lambda X: np.sum(B * X), B.T, X)
    assert transposed.mistakes == ("transposed",)
    assert (0, 1) in transposed.entries
    assert (0, 0) not in transposed.entries


@pytest.mark.parametrize("n", [10_000, 100_000])
def test_one_wrong_entry_of_many_is_named(n):
    rng = np.random.default_rng(n)
    x, a = rng.normal(size=n), rng.normal(size=n)

    def f(x):
        return np.sum(a * np.sin(x)) + 0.5e-6 * x @ x

    right = a * np.cos(x) + 1e-6 * x
    assert check_gradient(f, right, x).verdict == "pass"
    for place in (0, 777, n - 1):
        wrong = right.copy()
        wrong[place] += 1e-2
        found = check_gradient(f, wrong, x, seed=3)
        assert found.verdict == "fail", f"seed 3, entry {place}:\n{found}"
        assert found.entries == ((place,),)
        assert found.evaluations <= 300
    assert check_gradient(f, -right, x).mistakes == ("sign",)
    assert check_gradient(f, right - 1e-6 * x, x).mistakes == ("missing 1e-06*x",)


@pytest.mark.parametrize(
    ("slope", "verdict"), [(0.0, "pass"), (1.0, "pass"), (0.5, "pass"), (7.0, "fail"), (-1, "fail")]
)
def test_subgradients_at_a_kink(slope, verdict):
    found = check_gradient(
        lambda x: np.sum(np.maximum(x, 0)), np.array([slope, 1, 0]), np.array([0.0, 1, -1])
    )
    assert found.verdict == verdict
    if verdict == "pass":
        assert "slopes 0 on the left, 1 on the right" in found.notes[0]
    else:
        assert found.entries == ((0,),)


def test_kinks_among_many_coordinates():
    x = np.random.default_rng(0).normal(size=500)
    x[:20] = 0
    found = check_gradient(lambda x: np.sum(np.maximum(x, 0)), (x > 0).astype(float), x)
    assert found.verdict == "pass"
    assert "kink" in found.notes[0]


def test_nan_never_passes():
    x = np.ones(3)
    both = check_gradient(lambda x: float("nan"), lambda x: x * np.nan, x)
    assert both.verdict == "inconclusive"
    one = check_gradient(lambda x: x @ x, lambda x: x * np.nan, x)
    assert (one.verdict, one.mistakes, one.entries[0]) == ("fail", ("not finite",), (0,))
    root = check_gradient(lambda x: np.sum(np.sqrt(x)), np.array([np.inf, 0.5]), np.array([0.0, 1]))
    assert root.verdict == "inconclusive"


def test_an_edge_of_the_domain_is_never_a_false_alarm():
    x = np.array([0.0, 1.0])
    right = np.array([1.0, 2.5])
    found = check_gradient(lambda x: np.sum(np.sqrt(x) ** 3 + x), right, x)
    assert found.verdict in ("pass", "inconclusive")
    assert check_gradient(lambda x: np.sum(np.sqrt(x) ** 3 + x), right + 1, x).verdict == "fail"


def test_noise_is_inconclusive_or_right(rng):
    def f(x):
        return x @ x + 1e-5 * rng.normal()

    x = np.array([1.0, 2.0])
    assert check_gradient(f, 2 * x, x).verdict != "fail"
    assert check_gradient(f, 3 * x, x).verdict == "fail"
    assert check_gradient(f, 2 * x * (1 + 1e-7), x).verdict != "fail"


def test_a_wrong_zero_gradient_of_a_constant_fails():
    x = np.array([1.0, 2.0])
    assert check_gradient(lambda x: 1.0, np.full(2, 1e-7), x).verdict == "fail"
    assert check_gradient(lambda x: 1.0, np.zeros(2), x).verdict == "pass"


def test_integers_and_float32():
    found = check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, [1, 2, 3])
    assert found.verdict == "pass"
    assert found.notes == ("integers were promoted to float64",)
    narrow = np.arange(1, 6, dtype=np.float32)
    assert check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, narrow).verdict == "pass"
    assert check_gradient(lambda x: np.sum(x**2), lambda x: 3 * x, narrow).verdict == "fail"


def test_the_point_is_not_changed_by_a_careless_function():
    x = np.array([1.0, 2.0])

    def careless(x):
        value = x @ x
        x *= 0
        return value

    check_gradient(careless, 2 * x, x)
    assert x.tolist() == [1.0, 2.0]


def test_errors_are_typed_and_say_what_to_do():
    x = np.ones((2, 3))
    with pytest.raises(ShapeError, match=r"shape \(3, 2\) at a point of shape \(2, 3\); its trans"):
        check_gradient(lambda x: np.sum(x), np.ones((3, 2)), x)
    with pytest.raises(ShapeError, match="x has no entries"):
        check_gradient(lambda x: 0.0, lambda x: x, np.zeros(0))
    with pytest.raises(ShapeError, match=r"f\(x\) has shape \(2, 3\)"):
        check_gradient(lambda x: x, lambda x: x, x)
    with pytest.raises(DataError, match="dtype object"):
        check_gradient(lambda x: np.sum(x), np.full((2, 3), None), x)


def test_text_fits_a_terminal_and_seeds_repeat():
    x = np.random.default_rng(0).normal(size=300)
    runs = [check_gradient(lambda x: x @ x, lambda x: 2.2 * x, x, seed=5) for _ in range(2)]
    assert runs[0] == runs[1]
    assert max(map(len, str(runs[0]).splitlines())) <= 80
    assert "gradient check: fail" in str(runs[0])
    assert "factor 11/10" in str(runs[0])
    assert math.isfinite(runs[0].bar)


@pytest.mark.parametrize(
    ("f", "grad", "x"),
    [
        (
            lambda x: np.sum(np.where(x > 0, x, np.expm1(x))),
            lambda x: np.minimum(1, np.exp(x)),
            0.0,
        ),
        (lambda x: np.sum(np.maximum(x, 0) ** 2), lambda x: 2 * np.maximum(x, 0), 0.0),
        (lambda x: np.sum(x * np.abs(x)), lambda x: 2 * np.abs(x), 0.0),
        (lambda x: np.sum(np.abs(x) ** 1.5), lambda x: 1.5 * np.abs(x) ** 0.5 * np.sign(x), 0.0),
        (lambda x: np.sum(x**5), lambda x: 5 * x**4, 0.0),
        (lambda x: np.linalg.norm(x) ** 3, lambda x: 3 * np.linalg.norm(x) * x, 0.0),
        (
            lambda x: np.sum(np.where(np.abs(x) < 1, x * x / 2, np.abs(x) - 0.5)),
            lambda x: np.clip(x, -1, 1),
            1.0,
        ),
    ],
)
def test_a_kink_of_the_slope_is_no_kink_of_f(f, grad, x):
    point = np.array([x, 0.3, -0.7])
    assert check_gradient(f, grad, point).verdict == "pass"
    assert check_gradient(f, lambda x: grad(x) + np.array([1e-3, 0, 0]), point).verdict == "fail"


def test_half_is_a_subgradient_but_not_the_convention():
    def f(x):
        return np.sum(np.maximum(x, 0))

    half = check_gradient(f, np.array([0.5, 1.0]), np.array([0.0, 1.0]))
    assert "a subgradient, but not the convention" in half.notes[0]
    one = check_gradient(f, np.array([1.0, 1.0]), np.array([0.0, 1.0]))
    assert "the gradient is one of them" in one.notes[0]


def test_entries_between_their_slopes_need_not_be_a_gradient_together():
    found = check_gradient(np.max, np.ones(3), np.zeros(3))
    assert found.verdict == "inconclusive"
    assert "together they predict 3" in found.reason
    assert check_gradient(np.max, np.array([1.0, 0, 0]), np.zeros(3)).verdict == "pass"


def test_slopes_lost_in_rounding_never_pass():
    def f(x):
        return 1e12 + x @ x

    x = np.random.default_rng(0).normal(size=5)
    assert check_gradient(f, 2 * x, x).verdict == "inconclusive"
    for factor in (3, -100):
        assert check_gradient(f, factor * x, x).verdict == "fail"
    assert check_gradient(f, 2 * x + 1e-4, x).verdict == "inconclusive"

    def tilted(x):
        return 1e8 * x[0] ** 2 + 1e-4 * x[1] ** 2

    assert check_gradient(tilted, np.array([2e8, 0.0]), np.ones(2)).verdict == "fail"


def test_rounding_inside_f_is_not_taken_for_its_slope():
    def f(x):
        return np.sum((np.exp(x) - 1) / x)

    x = np.array([1e-4, -1e-5, 1e-6])
    right = np.array([0.5000333345, 0.4999966667, 0.5000003333])
    assert check_gradient(f, right, x).verdict != "fail"
    assert check_gradient(f, -1 / x, x).verdict != "pass"


def test_a_staircase_has_two_slopes():
    def f(x):
        return np.sum(np.round(x, 3))

    x = np.array([0.4123, -0.7341])
    for slope in (0.0, 1.0):
        assert check_gradient(f, np.full(2, slope), x).verdict != "fail"
    assert check_gradient(f, np.full(2, -9.0), x).verdict == "fail"


def test_a_jump_is_told():
    found = check_gradient(lambda x: np.sum(np.floor(x)), np.zeros(1), np.ones(1))
    assert found.verdict == "inconclusive"
    assert "f jumps by about -1 on the left" in found.reason


def test_where_it_is_wrong_is_named():
    rng = np.random.default_rng(5)
    x = rng.normal(size=12)
    below = np.sort(x)[6]

    def f(x):
        return np.sum(x**3)

    right = 3 * x**2
    region = check_gradient(f, np.where(x > below, 2 * right, right), x)
    assert region.mistakes == (f"wrong where x > {below:.4g}",)
    X = x.reshape(4, 3)
    rows = right.reshape(4, 3).copy()
    rows[1:3] = 0.0
    assert "zero where the slope is not" in check_gradient(f, rows, X).mistakes
    assert any("axis 0" in m for m in check_gradient(f, rows, X).mistakes)
    assert check_gradient(f, right[::-1], x).mistakes == ("entries in reversed order",)
    shifted = check_gradient(f, right - right.mean(), x)
    assert shifted.mistakes[0].startswith(("missing", "extra"))
    many = rng.normal(size=2000)
    wrong = check_gradient(f, np.where(many > 0.5, 0.0, 3 * many**2), many)
    assert wrong.verdict == "fail"
    assert wrong.mistakes[0] == "zero where the slope is not"
    assert "wrong where x >" in wrong.mistakes[1]


@pytest.mark.parametrize("value", [1 + 1j, "a", {}, None])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(DataError, match=r"f\(x\)"):
        check_gradient(lambda x: value, lambda x: x, np.ones(2))


def test_what_is_no_function_or_point_is_refused():
    with pytest.raises(DataError, match="not callable"):
        check_gradient(3, lambda x: x, np.ones(2))
    with pytest.raises(DataError, match="the point x"):
        check_gradient(np.sum, lambda x: x, [[1.0], [1.0, 2.0]])


@pytest.mark.parametrize("factor", [0, -1, 1, 2, 10])
def test_an_entry_lost_in_noise_is_looked_at_from_afar(factor):
    """At f = 1e16 the noise is 2; only steps far beyond x show the slope of x0^2."""
    found = check_gradient(
        lambda x: x[0] ** 2 + 1e16 * x[1] ** 2, np.array([2.0 * factor, 2e16]), np.ones(2)
    )
    assert found.verdict == ("pass" if factor == 1 else "inconclusive")
    assert ("Entry [0]" in found.reason) == (factor != 1)


def test_the_smallest_of_ill_scaled_entries():
    D, x = 10.0 ** np.arange(-8, 9), np.ones(17)
    right = check_gradient(lambda x: np.sum(D * x * x), 2 * D * x, x)
    assert (right.verdict, right.notes) == ("pass", ())
    for place in range(17):
        wrong = 2 * D * x
        wrong[place] *= 2
        assert check_gradient(lambda x: np.sum(D * x * x), wrong, x).verdict != "pass"


def test_masked_entries_are_refused():
    with pytest.raises(DataError, match="the gradient: masked entries"):
        check_gradient(lambda x: x @ x, np.ma.array(np.full(3, 2.0), mask=[0, 1, 0]), np.ones(3))


def test_one_wrong_entry_among_ill_scaled_ones_is_no_other_order():
    x = np.array([1e-150, 1e150])
    found = check_gradient("sum(x**2)", 2 * x * [1 + 1e-9, 1], {"x": x}, given={"x": "n"})
    assert (found.verdict, found.entries, found.mistakes) == ("fail", ((0,),), ())


def test_overflow_of_an_expression_gives_no_warning():
    x = np.array([800.0, 1.0])
    found = check_gradient("sum(exp(x))", np.array([np.inf, np.e]), {"x": x}, given={"x": "n"})
    assert found.verdict == "inconclusive"


def test_a_tensor_is_never_written_into():
    torch = pytest.importorskip("torch")

    def doubled_in_place(x):
        return x.mul_(2)

    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    assert check_gradient(lambda x: (x**2).sum(), doubled_in_place, x).verdict == "pass"
    assert (
        check_gradient(lambda x: (doubled_in_place(x) ** 2).sum() / 4, 2 * x, x).verdict == "pass"
    )
    assert x.tolist() == [1, 2, 3]


def test_arrays_of_other_libraries():
    jnp = pytest.importorskip("jax.numpy")
    found = check_gradient(lambda x: jnp.sum(x**2), lambda x: 2 * x, jnp.array([1.0, 2.0, 3.0]))
    assert found.verdict == "pass"
    assert 1e-8 < found.bar < 1e-2  # JAX's default is float32
    torch = pytest.importorskip("torch")
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    assert check_gradient(lambda x: (x**2).sum(), lambda x: 2 * x, x).verdict == "pass"
    assert check_gradient(lambda x: (x**2).sum(), lambda x: 3 * x, x).mistakes == ("factor 3/2",)
