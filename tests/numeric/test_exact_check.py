"""Gradients of expressions are checked without a step: never fooled, never failing a right one."""

import warnings

import numpy as np
import pytest

import symbolic as s
from numeric import choose_sizes, sample_float
from numeric.exact_check import check_exactly, check_expression
from numeric.rounding_bars import rounding_bars
from symbolic import gradient, jacobian, lambdify, parse, scalar, vector
from symbolic.errors import DataError, DomainError, NameUnknownError, ShapeError, UnsupportedError
from symbolic.traverse import variables

LEAST_SQUARES = "0.5*norm(X @ w - y)**2 + lam*norm(w)**2"
GIVEN = {"X": "n d", "w": "d", "y": "n", "lam": ": positive"}
z = vector("z", "n")


# --- claims that are expressions -----------------------------------------------------------------


@pytest.mark.parametrize(("claim", "mistake"), [
    ("-X.T @ (X @ w - y) - 2*lam*w", "sign"), ("2*X.T @ (X @ w - y) + 4*lam*w", "factor 2"),
    ("X.T @ (X @ w - y)", ""), ("X.T @ (X @ w - y) + lam*w", ""), ("X.T @ (X @ w + y) + 2*lam*w", ""),
    ("X.T @ (X @ w - y)/n + 2*lam*w", ""), ("X.T @ (X @ w - y) + 2*lam*w + 1e-40", ""),
    ("X.T @ (X @ w - y) + 2*lam*where(w > 0, w, 0)", ""), ("0*w", ""),
])  # fmt: skip
def test_a_wrong_expression_fails_with_certainty(claim, mistake):
    found = check_exactly(LEAST_SQUARES, claim, "w", given=GIVEN)
    assert (found.verdict, found.bar < 1e-50, found.step) == ("fail", True, 0)
    assert found.entries
    assert "the exact gradient" in found.reason
    assert any(mistake in each for each in found.mistakes) or not mistake


BRANCHED = [
    ("relu(s)", "1", "where(s > 0, 1, 0)"), ("abs(s)", "1", "sign(s)"),
    ("where(s > 0, s, 2*s)", "1", "where(s > 0, 1, 2)"), ("where(s > 1000, s, 0)", "0*s", "step(s - 1000)"),
    ("maximum(s, 1e6) - 1e6", "0*s", "step(s - 1e6)"), ("minimum(s, -1e5)", "0*s", "step(-s - 1e5)"),
    ("relu(p - 1e4)", "0*p", "step(p - 1e4)"), ("relu(q - 1e4)", "0*q", "step(q - 1e4)"),
    ("where(b == 1, s, 2*s)", "1", "2 - b"),
    ("where(b == 1, s, 2*s)", "2", "2 - b"), ("s*abs(s)", "2*s", "2*abs(s)"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("f", "wrong", "right"), BRANCHED)
def test_every_branch_is_looked_at(f, wrong, right, seed):
    given = {"s": "", "p": ": positive", "q": ": nonnegative", "b": ": binary"}
    wrt = next(name for name in "pqs" if f"{name} -" in f or name == "s")
    assert check_exactly(f, wrong, wrt, given=given, seed=seed).verdict == "fail", f"seed {seed}"
    assert check_exactly(f, right, wrt, given=given, seed=seed).verdict == "pass", f"seed {seed}"


def test_a_branch_that_is_not_found_is_inconclusive():
    found = check_exactly("where(abs(s - 12345.678) < 1e-6, 2*s, s)", "1", "s", given={"s": ""})
    assert found.verdict == "inconclusive"
    assert "which decides on a branch" in found.reason


@pytest.mark.parametrize("f", ["mean(abs(X @ w - y))", "sum(relu(w))", "1"])
def test_a_variable_that_the_text_does_not_use_is_no_matter(f):
    rng = np.random.default_rng(0)
    X, w, y = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
    right = {"m": X.T @ np.sign(X @ w - y) / 4, "s": (w > 0) * 1.0, "1": 0 * w}[f[0]]
    values = {"X": X, "w": w, "y": y, "lam": 0.1}
    assert check_expression(f, right, values, wrt="w", given=GIVEN).verdict == "pass"
    assert check_expression(f, right + 1, values, wrt="w", given=GIVEN).verdict == "fail"


@pytest.mark.parametrize("seed", range(3))
def test_a_right_expression_passes_at_several_sizes(seed):
    claim = "X.T @ X @ w - X.T @ y + lam*w + w*lam"
    found = check_exactly(LEAST_SQUARES, claim, "w", given=GIVEN, seed=seed, points=4)
    assert (found.verdict, found.bar, found.step, found.entries) == ("pass", 0, 0, ())
    assert found.reason.count("n = ") == 4
    assert "50 digits" in found.reason


def test_facts_of_a_domain_are_used_and_needed():
    given = {"z": "k", "y": "k: prob"}
    loss, claim = "-sum(y*log_softmax(z))", "softmax(z) - y"
    assert check_exactly(loss, claim, "z", given=given).verdict == "pass"
    assert check_exactly(loss, claim, "z", given={"z": "k", "y": "k"}).verdict == "fail"


def test_jacobians_and_the_point_of_the_user():
    given = {"W": "h d", "x": "d"}
    assert (
        check_exactly("tanh(W @ x)", "diag(1 - tanh(W @ x)**2) @ W", "x", given=given).verdict
        == "pass"
    )
    assert (
        check_exactly("tanh(W @ x)", "diag(1 - tanh(W @ x)) @ W", "x", given=given).verdict
        == "fail"
    )
    for point in (5.0, 200.0):
        elsewhere = "where(x > 100, 2*x, 3*x**2)"
        assert check_expression("x**3", elsewhere, point, given={"x": ""}).verdict == "fail"
    only_here = "where(abs(x - 12345.5) < 1e-9, 2*x, 3*x**2)"
    assert check_expression("x**3", only_here, 5.0, given={"x": ""}).verdict == "inconclusive"
    assert check_expression("x**3", only_here, 12345.5, given={"x": ""}).verdict == "fail"


def test_no_point_means_no_verdict():
    x = scalar("x")
    found = check_exactly(s.log(-1 - x * x), x, x)
    assert (found.verdict, "argument of log" in found.reason) == ("inconclusive", True)


# --- claims in floating point --------------------------------------------------------------------

FUNCTIONS = [
    (LEAST_SQUARES, GIVEN, "w"),
    ("mean(softplus(X@w)-y*(X@w))", {"X": "n d", "w": "d", "y": "n: unit"}, "w"),
    ("-sum(Y*log_softmax(X@W, axis=1))/n", {"X": "n d", "W": "d k", "Y": "n k: prob"}, "W"),
    ("logdet(S)+trace(A@inv(S))", {"S": "n n: spd", "A": "n n"}, "S"),
    ("logsumexp(X@w)", {"X": "n d", "w": "d"}, "w"),
    ("sum(v*gelu(W@x))", {"W": "h d", "x": "d", "v": "h"}, "x"),
    ("sum(p*log(p/q))", {"p": "n: prob", "q": "n: prob"}, "p"),
    ("sum(lgamma(x))-lgamma(sum(x))", {"x": "n: positive"}, "x"),
    ("x@A@x/(x@x)", {"A": "n n: symmetric", "x": "n"}, "x"),
    ("sum(exp(-x**2/(2*s**2)))/s", {"x": "n", "s": ": positive"}, "s"),
    ("max(x)+sum(relu(x))", {"x": "n"}, "x"),
    ("trace(expm(A))", {"A": "n n"}, "A"),
    ("sum(svdvals(A))", {"A": "n d"}, "A"),
    ("x@y/(norm(x)*norm(y))", {"x": "n", "y": "n"}, "x"),
    ("sum(cholesky(S))", {"S": "n n: spd"}, "S"),
]


def wrong_versions(right, x):
    """Wrong gradients that differ visibly from the right one."""
    most = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    yield from (-right, 2 * right, right / 2, right * (1 + 1e-6), 0 * right)
    for change in (1.01, -1.0, 0.0):
        changed = right.copy()
        changed[most] *= change
        yield changed
    square = right.ndim == 2 and right.shape[0] == right.shape[1]
    if square and np.max(np.abs(right - right.T)) > 1e-6 * np.max(np.abs(right)):
        yield right.T.copy()
    if right.size > 1 and np.max(np.abs(x)) > 1e-3 * np.max(np.abs(right)):
        yield right - 1e-6 * x


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("case", range(len(FUNCTIONS)))
def test_right_gradients_pass_and_wrong_ones_fail(case, seed):
    text, given, wrt = FUNCTIONS[case]
    f = parse(text, given)
    rng = np.random.default_rng([seed, case])
    sizes = choose_sizes([f], rng, 1)[0]
    point = {v.name: array for v, array in sample_float(variables(f), sizes, rng).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        right = lambdify(gradient(f, wrt), check=False)
    found = check_expression(f, right, point, wrt)
    value = np.asarray(right(**{name: point[name] for name in right.args}))
    if np.max(np.abs(value)) < 1e-15:  # saturated
        assert found.verdict in ("pass", "inconclusive"), f"seed {seed}"
        return
    assert found.verdict == "pass", f"seed {seed}"
    for wrong in wrong_versions(value, np.asarray(point[wrt])):
        found = check_expression(f, wrong, point, wrt)
        assert found.verdict == "fail", f"seed {seed}"
        assert found.entries


@pytest.mark.parametrize("domain", [(-1, 1), (-20, 20), (-40, 40), (-1e-8, 1e-8)])
@pytest.mark.parametrize("naive", range(6))
def test_a_naive_formula_is_never_failed_and_its_double_never_passes(naive, domain):
    text, claim = [
        ("logsumexp(z)", lambda z: np.exp(z) / np.exp(z).sum()),
        ("sum(softplus(z))", lambda z: 1 - 1 / (1 + np.exp(z))),
        ("sum(tanh(z))", lambda z: 1 - np.tanh(z) ** 2),
        ("sum(sigmoid(z))", lambda z: (1 - 1 / (1 + np.exp(-z))) / (1 + np.exp(-z))),
        ("sum(cosh(z) - 1)", lambda z: (np.exp(z) - np.exp(-z)) / 2),
        ("sum(log(cosh(z)))", lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)),
    ][naive]  # fmt: skip
    for seed in range(3):
        point = np.random.default_rng(seed).uniform(*domain, 6)
        given = {"z": "n"}
        assert check_expression(text, claim, point, given=given).verdict != "fail", f"seed {seed}"
        twice = check_expression(text, lambda z: 2 * claim(z), point, given=given)
        assert twice.verdict != "pass", f"seed {seed}"


def test_one_wrong_entry_of_thousands_is_named():
    text = "sum(softplus(z)*cos(z)) + norm(z)**2/2"
    point = np.random.default_rng(0).normal(size=3_000)

    def right(z):
        return np.cos(z) / (1 + np.exp(-z)) - np.logaddexp(0, z) * np.sin(z) + z

    def wrong(z):
        slope = right(z)
        slope[2321] *= 1 + 1e-7
        return slope

    assert check_expression(text, right, point, given={"z": "n"}).verdict == "pass"
    found = check_expression(text, wrong, point, given={"z": "n"})
    assert (found.verdict, found.entries) == ("fail", ((2321,),))


def test_single_precision_has_its_own_bar():
    point = np.linspace(-3, 3, 50, dtype=np.float32)
    f = s.sum(s.sin(z) * s.exp(z))

    def right(z):
        return np.exp(z) * (np.sin(z) + np.cos(z))

    assert check_expression(f, right, point).verdict == "pass"
    assert 1e-7 < check_expression(f, right, point).bar < 1e-3
    assert check_expression(f, right(point), point.astype(np.float64)).verdict == "pass"
    assert check_expression(f, 1.001 * right(point), point).verdict == "fail"
    assert check_expression(f, right(point).astype(float), point.astype(float)).verdict != "pass"


# --- kinks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [3, 700])
@pytest.mark.parametrize("text", ["sum(relu(z))", "sum(maximum(z, 0))", "sum(where(z > 0, z, 0))"])
def test_every_subgradient_between_the_sides_passes(text, size):
    point = np.resize([0.0, 2.0, -3.0, 0.0], size)
    for at_zero, verdict in (
        (0.0, "pass"),
        (1.0, "pass"),
        (0.5, "pass"),
        (7.0, "fail"),
        (-0.1, "fail"),
    ):
        claim = np.where(point == 0, at_zero, point > 0)
        found = check_expression(text, claim, point, given={"z": "n"})
        assert found.verdict == verdict
        if size == 3 or at_zero not in (0.0, 1.0):
            assert "slope 0 on the left, 1 on the right" in found.notes[0]
        assert ("neither of the two" in " ".join(found.notes)) == (at_zero == 0.5)
    claim = np.where(point == 0, np.nan, point > 0)
    assert check_expression(text, claim, point, given={"z": "n"}).verdict == "fail"


def test_the_norm_at_zero_and_what_has_no_slope_at_all():
    assert check_expression(s.norm(z), lambda z: 0 * z, np.zeros(3)).verdict == "pass"
    assert check_expression(s.norm(z), lambda z: 0 * z + 2, np.zeros(3)).verdict == "fail"
    found = check_expression(s.sum(s.sqrt(z)), lambda z: 0 * z, np.zeros(2))
    assert found.verdict == "inconclusive"
    nan = check_expression(s.sum(s.log(z)), lambda z: np.full(2, np.nan), -np.ones(2))
    assert nan.verdict == "inconclusive"
    assert check_expression(s.sum(z**2), lambda z: z * np.nan, np.ones(2)).verdict == "fail"


# --- what is asked -------------------------------------------------------------------------------


def test_several_variables_at_once():
    rng = np.random.default_rng(0)
    point = {
        "X": rng.normal(size=(5, 2)),
        "w": rng.normal(size=2),
        "y": rng.normal(size=5),
        "lam": 0.1,
    }

    def all_three(X, w, y, lam):
        r = X @ w - y
        return {"w": X.T @ r + 2 * lam * w, "y": -r, "X": np.outer(r, w), "lam": w @ w}

    assert check_expression(LEAST_SQUARES, all_three, point, given=GIVEN).verdict == "pass"

    def one_wrong(X, w, y, lam):
        return {**all_three(X, w, y, lam), "y": X @ w - y}

    found = check_expression(LEAST_SQUARES, one_wrong, point, given=GIVEN)
    assert (found.verdict, "by y" in found.reason) == ("fail", True)
    with pytest.raises(NameUnknownError, match="pass wrt="):
        check_expression(LEAST_SQUARES, point["w"], point, given=GIVEN)
    with pytest.raises(NameUnknownError, match="give a mapping"):
        check_expression(LEAST_SQUARES, point["w"], point["w"], wrt="w", given=GIVEN)


def test_bad_input_is_refused_in_words():
    point = np.ones(3)
    with pytest.raises(ShapeError, match="one slope for every entry"):
        check_expression(s.sum(z), np.ones(2), point)
    with pytest.raises(DataError, match="real numbers"):
        check_expression(s.sum(z), np.ones(3) * 1j, point)
    with pytest.raises(DataError, match="finite"):
        check_expression(s.sum(z), np.ones(3), point * np.inf)
    with pytest.raises(DomainError):
        check_expression("sum(z)", np.ones(3), -point, given={"z": "n: positive"})
    with pytest.raises(ShapeError, match="shape"):
        check_exactly(s.sum(z), s.sum(z), z)
    named = s.named("h", s.exp(z))
    with pytest.raises(UnsupportedError, match="named intermediate"):
        check_exactly(s.sum(named), s.exp(z), named)


def test_the_rounding_bar_follows_the_condition():
    x = scalar("x")
    for at in (1e-3, 1e-9, 1e-13):
        bar = rounding_bars((1 + x) - 1, np.array(at), {x: at}, {}, np.dtype("float64"))
        assert abs((1 + at) - 1 - at) <= bar < 1e-14
    hilbert = 1.0 / (np.arange(6)[:, None] + np.arange(6) + 1)
    logdet = parse("logdet(A)", {"A": "n n: invertible"})
    assert check_expression(logdet, lambda A: np.linalg.inv(A).T, hilbert).verdict == "pass"
    assert check_expression(logdet, lambda A: 1.001 * np.linalg.inv(A).T, hilbert).verdict == "fail"
    assert jacobian(logdet, "A").shape == logdet.shape + variables(logdet)[0].shape
