"""Generated code loses no accuracy that can be kept: its forms, measured against enclosures."""

import mpmath
import numpy as np
import pytest

from numeric import code_accuracy
from numeric.accuracy.errors import ulps_of_error
from numeric.accuracy.formats import float32, float64
from numeric.accuracy.generated import exact_arrays
from numeric.stability import primitives
from numeric.stability.measurement import errors_of, truth_of
from symbolic import gradient, hessian, lambdify, parse
from symbolic.code.stable_forms import stabilise

GIVEN = {
    "X": "n d", "x": "n", "y": "n", "z": "n", "a": ": positive", "p": "n: prob", "u": "n: unit",
    "v": "n: unit",
}  # fmt: skip


def stable(text):
    """The stable form of a text, as text."""
    written = parse(text, GIVEN)
    return str(stabilise((written,))[written])


@pytest.mark.parametrize(
    ("written", "computed"),
    [
        ("1 - sigmoid(z)", "sigmoid(-z)"),
        ("2 - 2*sigmoid(z)", "2*sigmoid(-z)"),
        ("sigmoid(z)*(1 - sigmoid(z))", "sigmoid(z)*sigmoid(-z)"),
        ("sigmoid(z) - sigmoid(z)**2", "sigmoid(z)*sigmoid(-z)"),
        ("exp(-z)*sigmoid(z)**2", "sigmoid(-z)*sigmoid(z)"),
        ("1 - tanh(z)", "2*sigmoid(-2*z)"),
        ("1 - tanh(softplus(z))**2", "4*(sigmoid(-2*softplus(z))*sigmoid(2*softplus(z)))"),
        ("x + 1 - exp(z)", "x - expm1(z)"),
        ("1 - cos(z)", "2*sin(z/2)**2"),
        ("1 + erf(z)", "erfc(-z)"),
        ("sqrt(a + 1) - sqrt(a)", "1/(sqrt(a + 1) + sqrt(a))"),
        ("3 - sqrt(9 + a)", "-(a/(sqrt(9 + a) + 3))"),
        ("sqrt(1 + x**2) - 1", "x**2/(sqrt(1 + x**2) + 1)"),
        ("log(1 + x**2)", "log1p(x**2)"),
        ("log(1 - sigmoid(z))", "-softplus(z)"),
        ("log(softmax(z))", "log_softmax(z)"),
        ("where(z > 0, 1 - sigmoid(z), 0)", "where(z > 0, sigmoid(-z), 0)"),
        ("eye(n) - diag(sigmoid(z))", "diag(sigmoid(-z))"),
        ("sum(p*log(p))", "sum(p*log(where(p == 0, 1, p)))"),
    ],
)
def test_a_form_that_cancels_is_computed_otherwise(written, computed):
    assert stable(written) == computed


@pytest.mark.parametrize(
    "text", ["1 - sigmoid(z)**2", "1 - tanh(z)**2", "2 - sigmoid(z)", "1 + sigmoid(z)", "exp(z) - x",
             "x*log(y)", "sqrt(x**2 + y**2) - sqrt(z**2)", "exp(-x)*sigmoid(z)", "exp(-2*z)*sigmoid(z)"],
)  # fmt: skip
def test_what_is_only_like_such_a_form_stays(text):
    assert stable(text) == str(parse(text, GIVEN))


@pytest.mark.parametrize(
    "text",
    ["mean(x**2) - mean(x)**2", "mean(x*y) - mean(x)*mean(y)", "sum(X**2, axis=0) - sum(X, axis=0)**2/n",
     "X.T @ X/n - outer(mean(X, axis=0), mean(X, axis=0))",
     "mean(X**2, axis=1) - mean(X, axis=1)**2"],
)  # fmt: skip
def test_variances_and_covariances_are_computed_from_centred_data(text):
    rng = np.random.default_rng(0)
    offset = 1e8
    spread = {"X": rng.normal(size=(6, 3)), "x": rng.normal(size=6), "y": rng.normal(size=6)}
    f = lambdify(parse(text, GIVEN))
    far = f(**{name: spread[name] + offset for name in f.args})
    assert np.allclose(far, f(**{name: spread[name] for name in f.args}), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mean(x**2) + mean(x)**2", lambda x, y: np.mean(x**2) + np.mean(x) ** 2),
        ("mean(x**2) - mean(y)**2", lambda x, y: np.mean(x**2) - np.mean(y) ** 2),
        ("mean(x**2) - sum(x)**2/(n + 1)**2", lambda x, y: np.mean(x**2) - np.sum(x) ** 2 / 16),
        ("mean(x**2) - 2*mean(x)**2", lambda x, y: np.mean(x**2) - 2 * np.mean(x) ** 2),
        ("mean(x*y) - mean(x)**2", lambda x, y: np.mean(x * y) - np.mean(x) ** 2),
    ],
)
def test_what_is_no_variance_keeps_its_value(text, value):
    values = {"x": np.array([1.0, 2.0, 4.0]), "y": np.array([0.5, -1.0, 2.0])}
    f = lambdify(parse(text, GIVEN))
    found = f(**{name: values[name] for name in f.args})
    assert found == pytest.approx(value(**values), rel=1e-14)


def test_gradients_keep_what_is_centred():
    given = {"X": "n d", "G": "n d", "g": "d"}
    centred = "(X - mean(X, axis=1)[:, None])"
    scale = f"sqrt(mean({centred}**2, axis=1)[:, None] + 1/100000)"
    loss = parse(f"sum(G*g*{centred}/{scale})", given)
    by_scale, by_data = gradient(loss, ["g", "X"])
    assert "X**2" not in str(by_scale)
    source = lambdify((loss, by_scale, by_data)).source
    assert "100000 *" not in source
    assert "1e-05" in source
    assert source.count("np.sqrt(") == 1
    assert str(gradient("log(mean((x - mean(x))**2))", "x", {"x": "n"})) == (
        "2*(x - mean(x))/((x - mean(x)) @ (x - mean(x)))"
    )
    assert str(gradient("mean((x - mean(x))**2)", "x", {"x": "n"})) == "2*(x - mean(x))/n"


# --- measured ------------------------------------------------------------------------------------

ULPS = 8.0  # per condition number, in both formats
DATA = {"X": "n d", "w": "d", "y": "n"}
LOSSES = [
    ("mean((X@w - y)**2)/2 + lam/2*sum(w**2)", {**DATA, "lam": ": positive"}, "w"),
    ("mean(softplus(X@w) - y*(X@w))", {**DATA, "y": "n: unit"}, "w"),
    ("mean(log(1 + exp(-y*(X@w))))", {**DATA, "y": "n: pm1"}, "w"),
    ("-mean(y*log(sigmoid(X@w)) + (1 - y)*log(1 - sigmoid(X@w)))", {**DATA, "y": "n: unit"}, "w"),
    ("-sum(y*log(1/(1 + exp(-z))))", {"y": "n: unit", "z": "n"}, "z"),
    ("mean(exp(X@w) - y*(X@w))", {**DATA, "y": "n: counts"}, "w"),
    ("-mean(sum(Y*log_softmax(X@W, axis=1), axis=1))",
     {"X": "n d", "W": "d c", "Y": "n c: onehot"}, "W"),
    ("-sum(y*log(softmax(z)))", {"y": "k: prob", "z": "k"}, "z"),
    ("log(sum(exp(z)))", {"z": "k"}, "z"),
    ("-sum(y*(1 - sigmoid(z))**2*log(sigmoid(z)))", {"y": "n: unit", "z": "n"}, "z"),
    ("sum((sigmoid(z) - y)**2)", {"y": "n: unit", "z": "n"}, "z"),
    ("mean(relu(1 - y*(X@w)))", {**DATA, "y": "n: pm1"}, "w"),
    ("mean(relu(1 - y*(X@w))**2)", {**DATA, "y": "n: pm1"}, "w"),
    ("sum(where(abs(r) < 1, r**2/2, abs(r) - 1/2))", {"r": "n"}, "r"),
    ("sum(sqrt(1 + r**2) - 1)", {"r": "n"}, "r"),
    ("sum(log(cosh(r)))", {"r": "n"}, "r"),
    ("sum(log(1 + r**2))", {"r": "n"}, "r"),
    ("mean((relu(X@A)@b - y)**2)", {"X": "n d", "A": "d h", "b": "h", "y": "n"}, "A"),
    ("sum(w*gelu(z))", {"w": "n", "z": "n"}, "z"),
    ("sum(w*silu(z))", {"w": "n", "z": "n"}, "z"),
    ("sum(w*z*tanh(softplus(z)))", {"w": "n", "z": "n"}, "z"),
    ("mean((x - mean(x))**2)", {"x": "n"}, "x"),
    ("mean(x**2) - mean(x)**2", {"x": "n"}, "x"),
    ("log(mean((x - mean(x))**2))", {"x": "n"}, "x"),
    ("mean(x*y) - mean(x)*mean(y)", {"x": "n", "y": "n"}, "x"),
    ("norm(x - y)", {"x": "n", "y": "n"}, "x"),
    ("x@y/(norm(x)*norm(y))", {"x": "n", "y": "n"}, "x"),
    ("-sum(p*log(p))", {"p": "k: prob"}, "p"),
    ("-sum(p*log(p) + (1 - p)*log(1 - p))", {"p": "n: unit"}, "p"),
    ("sum(p*log(p/q))", {"p": "k: prob", "q": "k: prob"}, "q"),
    ("sum(log(s) + (x - m)**2/(2*s**2))", {"x": "n", "m": "n", "s": "n: positive"}, "s"),
    ("-sum(logsumexp(L + v, axis=1))", {"L": "n k", "v": "k"}, "v"),
    ("y@inv(K)@y/2 + logdet(K)/2", {"K": "n n: spd", "y": "n"}, "K"),
    ("-sum(k*log(p) + (m - k)*log(1 - p))", {"k": "n: counts", "m": "n: counts", "p": "n: unit"}, "p"),
    ("sum(1 - exp(-t*a))", {"t": "n: positive", "a": ": positive"}, "a"),
    ("sum(log(1 - exp(-t*a)))", {"t": "n: positive", "a": ": positive"}, "a"),
    ("-sum((X@w)[:3]) + log(sum(exp(X@w)))", {"X": "5 d", "w": "d"}, "w"),
    ("sum(1 - cos(t))", {"t": "n"}, "t"),
    ("sum(sqrt(x + 1) - sqrt(x))", {"x": "n: positive"}, "x"),
    ("sum(sqrt(1 + x*x))", {"x": "n"}, "x"),
    ("sum(sqrt(x**2 + 4*y**2 + s))", {"x": "n", "y": "n", "s": ": positive"}, "x"),
    ("sum(d**2*(sqrt(1 + (x/d)**2) - 1))", {"x": "n", "d": ": positive"}, "x"),
    ("sum(log(1 + exp(x) + exp(y)))", {"x": "n", "y": "n"}, "x"),
    ("sum((x - y)**2/s**2)", {"x": "n", "y": "n", "s": "n: positive"}, "s"),
    ("sum(1 - exp(-(x/s)**2/2))", {"x": "n", "s": ": positive"}, "x"),
    ("sum(log(x**2 + y**2))", {"x": "n", "y": "n"}, "x"),
    ("log(sum(x**2))", {"x": "3"}, "x"),
    ("sum(log(norm(X, axis=1)))", {"X": "n 3"}, "X"),
    ("sum(sum(X*Y, axis=1)/(norm(X, axis=1)*norm(Y, axis=1)))", {"X": "n 3", "Y": "n 3"}, "X"),
    ("mean(log1p(exp(-y*(X@w)))) + lam*sum(abs(w))", {**DATA, "y": "n: pm1", "lam": ": positive"}, "w"),
]  # fmt: skip
CURVED = [
    ("mean(softplus(X@w) - y*(X@w))", {**DATA, "y": "n: unit"}, "w"),
    ("mean(log(1 + exp(-y*(X@w))))", {**DATA, "y": "n: pm1"}, "w"),
    ("-mean(y*log(sigmoid(X@w)) + (1 - y)*log(1 - sigmoid(X@w)))", {**DATA, "y": "n: unit"}, "w"),
    ("mean(exp(X@w) - y*(X@w))", {**DATA, "y": "n: counts"}, "w"),
    ("sum(softplus(z))", {"z": "n"}, "z"),
    ("sum((sigmoid(z) - y)**2)", {"y": "n: unit", "z": "n"}, "z"),
    ("norm(x - y)", {"x": "3", "y": "3"}, "x"),  # of one entry it is exactly 0
    ("-sum(p*log(p))", {"p": "k: prob"}, "p"),
]


@pytest.mark.parametrize(("text", "given", "by"), LOSSES, ids=[text for text, _, _ in LOSSES])
def test_losses_and_gradients_are_accurate_at_hostile_points(text, given, by):
    loss = parse(text, given)
    found = code_accuracy((loss, gradient(loss, by)), samples=12)
    assert max(found.errors.values()) <= ULPS, found.worst


@pytest.mark.parametrize(("text", "given", "by"), CURVED, ids=[text for text, _, _ in CURVED])
def test_hessians_are_accurate_at_hostile_points(text, given, by):
    found = code_accuracy(hessian(text, by, given), samples=12)
    assert max(found.errors.values()) <= ULPS, found.worst


NORMALISED = {
    "layer": "sum(G*g*(X - mean(X, axis=1, keepdims=True))"
    "/sqrt(mean((X - mean(X, axis=1, keepdims=True))**2, axis=1, keepdims=True) + 1/100000))",
    "batch": "sum(G*g*(X - mean(X, axis=0))/sqrt(mean((X - mean(X, axis=0))**2, axis=0) + 1/100000))",
}
ROUNDINGS = 64.0  # a slope less its projections: of three entries a short rest of long terms


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [(kind, sizes) for kind in NORMALISED for sizes in ("3 3", "4 3", "3 4", "5 5")]
    + [("layer", "n 3"), ("layer", "n 6"), ("batch", "3 d"), ("batch", "6 d")],
)
def test_normalisation_keeps_its_digits(kind, sizes):
    """With three or more entries, also where mean and rescaled slopes are far from 0."""
    loss = parse(NORMALISED[kind], {"X": sizes, "G": sizes, "g": sizes.split()[1]})
    found = code_accuracy((loss, *gradient(loss, ["X", "g"])), samples=12)
    assert max(found.errors.values()) <= ROUNDINGS, found.worst


@pytest.mark.parametrize("kind", NORMALISED)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_normalisation_of_two_entries_is_exact_against_its_terms(kind, dtype):
    """Two centred numbers are a multiple of any other two: the terms of the gradient cancel but for epsilon.

    The gradient is (G*g less its mean)/scale, times eps/scale**2, which is well conditioned; what
    the code rounds are the terms without the last factor.
    """
    given = {"X": "n d", "G": "n d", "g": "d"}
    by_data = lambdify(gradient(parse(NORMALISED[kind], given), "X"))
    rng = np.random.default_rng(0)
    X, G = (rng.normal(size=(2, 2)).astype(dtype) for _ in range(2))
    g = np.full(2, dtype(0.75))
    axis = 1 if kind == "layer" else 0
    found = by_data(X=X, G=G, g=g)
    x, slopes = X.astype(float), G.astype(float) * 0.75
    scale = np.sqrt(np.diff(x, axis=axis) ** 2 / 4 + 1e-5)
    terms = (slopes - slopes.mean(axis=axis, keepdims=True)) / scale
    error = np.abs(found - terms * 1e-5 / scale**2)
    largest = np.abs(slopes).max() / scale
    assert np.all(error <= 8 * np.finfo(dtype).eps * largest)


def test_centring_both_factors_asks_for_a_mean_of_the_factor_itself():
    """`u - mean(u)` stands for u only beside data that are centred over the same axis."""
    given = {"U": "n d", "X": "n d", "w": "n"}
    values = {"U": np.arange(6.0).reshape(3, 2) ** 2, "X": np.array([[1.0, 4], [2, 2], [7, 1]]),
              "w": np.array([1.0, 3, 2])}  # fmt: skip
    U, X, w = values["U"], values["X"], values["w"]
    by_row, by_column = X - X.mean(axis=1, keepdims=True), X - X.mean(axis=0)
    for text, right in (
        ("sum(U*(X - mean(X, axis=0)), axis=1)", np.sum(U * by_column, axis=1)),
        ("sum(U*(X - mean(X, axis=0)), axis=0)", np.sum(U * by_column, axis=0)),
        ("sum(U*w[:, None]*(X - mean(X, axis=0)), axis=0)", np.sum(U * w[:, None] * by_column, axis=0)),
        ("sum(U*w[:, None]*(X - mean(X, axis=1)[:, None]), axis=1)", np.sum(U * w[:, None] * by_row, axis=1)),
        ("sum(U*(X - 2*mean(X, axis=1)[:, None]), axis=1)",
         np.sum(U * (X - 2 * X.mean(axis=1, keepdims=True)), axis=1)),
    ):  # fmt: skip
        for axis in (0, 1):
            mean = f"mean(U, axis={axis}, keepdims=True)"
            f = lambdify((parse(text, given), parse(f"U - {mean}", given)))
            found = f(**{name: values[name] for name in f.args})
            assert np.allclose(found[0], right, rtol=1e-13), (text, axis)
            assert np.allclose(found[1], U - U.mean(axis=axis, keepdims=True), rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "given"),
    [("expm1(v) - v", {"v": ""}), ("sum(tanh(x + 1) - tanh(x))", {"x": "n"}),
     ("lgamma(a + 1) - lgamma(a)", {"a": ": positive"})],
)  # fmt: skip
def test_a_difference_that_cancels_is_measured_as_such(text, given):
    found = code_accuracy(parse(text, given), samples=12)
    assert found.errors["float64"] > 30


def test_the_line_says_both_formats():
    assert str(code_accuracy("z + 1", {"z": ""}, samples=12)).startswith("error at most 0.")
    assert "(float32), per condition number, at 12 points" in str(
        code_accuracy("z + 1", {"z": ""}, samples=12)
    )


PRIMITIVES = {
    "sigmoid": "sigmoid(x)", "log_sigmoid": "log(sigmoid(x))", "softplus": "log(1 + exp(x))",
    "log1pexp": "log1p(exp(x))", "log1mexp": "log(1 - exp(x))", "gelu": "gelu(x)", "silu": "silu(x)",
    "bernoulli_entropy": "-p*log(p) - (1 - p)*log(1 - p)", "logsumexp": "log(sum(exp(x)))",
    "softmax": "softmax(x)", "log_softmax": "log(softmax(x))", "entropy": "-sum(p*log(p))",
    "norm": "norm(x)", "logdet": "logdet(A)", "variance": "mean(x**2) - mean(x)**2",
    "cosine_similarity": "x@y/(norm(x)*norm(y))",
}  # fmt: skip
# These compute in pairs of floats in `numeric.stability`; generated code does not, so that its errors
# are measured per condition number, and a rounding more is allowed.
SINGLE = {"softmax", "log_softmax", "variance", "cosine_similarity", "norm"}


@pytest.mark.parametrize("form", [float64, float32], ids=str)
@pytest.mark.parametrize("name", PRIMITIVES)
def test_generated_code_keeps_the_bars_of_the_stable_primitives(name, form):
    primitive = primitives[name]
    single = name in SINGLE
    bar = max(primitive.bound_in_ulps, 1.5) if single else primitive.bound_in_ulps
    scale = "condition" if single else primitive.scale
    function = lambdify(parse(PRIMITIVES[name], dict(primitive.given)), check=False)
    places = [list(primitive.given).index(each) for each in function.args]
    scalar = all(shape == "" for shape in primitive.given.values())
    count = 40 if scalar else 2 if name == "variance" else 12
    points = primitive.domain.points(form, count, 0)
    truth = truth_of(primitive.statement, primitive.given, points, form, scale)

    def computed(*values):
        return function.unchecked(*(values[place] for place in places))

    def one_by_one(*arrays):
        return np.array([computed(*each) for each in zip(*arrays, strict=True)])

    found = errors_of(one_by_one if scalar else computed, truth, points, form, scale)
    assert found.worst <= bar, found.worst_point


@pytest.mark.parametrize(
    ("text", "given", "values"),
    [
        ("norm(x)", {"x": "n"}, [[3e200, 4e200], [3e-200, 4e-200], [0.0, 0.0]]),
        ("softmax(x)", {"x": "n"}, [[1e4, -1e4], [0.0, 0.0]]),
        ("log_softmax(x)", {"x": "n"}, [[50.0, 0.0], [-1e4, 1e4]]),
        ("logsumexp(x)", {"x": "n"}, [[1e4, 1e4], [0.0, -50.0]]),
        ("softplus(x)", {"x": "n"}, [[-800.0, 800.0]]),
        ("sum(p*log(p))", {"p": "n: prob"}, [[0.0, 1.0]]),
        ("sum(y*log(p) + (1 - y)*log(1 - p))", {"y": "n: unit", "p": "n: unit"}, [[0.0, 1.0]]),
        ("log(cosh(x))", {"x": "n"}, [[800.0, 1e-10]]),
    ],
)
def test_nothing_overflows_on_the_way_and_zeros_are_harmless(text, given, values):
    f = lambdify(parse(text, given))
    with np.errstate(all="raise", under="ignore"):
        for each in values:
            array = np.array(each)
            assert np.all(np.isfinite(f(*[array] * len(f.args))))


# --- far out: data whose squares overflow or vanish ------------------------------------------------

FAR = [1e200, -1e200, 1e-200, 1e25, -1e-25, 1.0, 0.0]
FAR_FROM_ZERO = [x for x in FAR if x != 0]


def _at(x, s=1.0):
    return {"x": [x], "s": [s]}


ROOTS_AND_QUOTIENTS = [
    ("sum(sqrt(1 + x*x))", "x", [_at(x) for x in FAR]),
    ("sum(sqrt(1 + x**2) - 1)", "x", [_at(x) for x in FAR]),
    ("sum(sqrt(x**2 + s**2))", "x", [_at(x, s) for x in FAR for s in (1e200, 1e-200, 3.0)]),
    ("sum(sqrt(x**2 + 4*s**2 + 1))", "s", [_at(x, s) for x in FAR for s in (1e200, 1e-200, 3.0)]),
    ("sum(s**2*(sqrt(1 + (x/s)**2) - 1))", "x", [_at(x, s) for x in (1e200, -3.0) for s in (1.0, 1e100)]),
    ("sum((x/s)**2)", "x", [_at(2 * x, abs(x)) for x in FAR_FROM_ZERO]),
    ("sum(log(s) + (x - 1)**2/(2*s**2))", "s", [_at(x, abs(x) / 2) for x in (1e200, 1e25, 3.0)]),
    ("sum(exp(-x**2/(2*s**2)))", "x", [_at(x, abs(x)) for x in FAR_FROM_ZERO]),
]  # fmt: skip


@pytest.mark.parametrize("form", [float64, float32], ids=str)
@pytest.mark.parametrize(("text", "by", "places"), ROOTS_AND_QUOTIENTS)
def test_squares_out_of_range_spoil_no_root_and_no_quotient(text, by, places, form):
    given = {"x": "n", "s": "n: positive"}
    f = lambdify((parse(text, given), gradient(text, by, given)), check=False)
    largest, smallest = float(np.finfo(form.name).max), float(np.finfo(form.name).tiny)
    for each in places:
        sizes = [abs(each[name][0]) for name in f.args]
        if all(size == 0 or smallest < size < largest for size in sizes):
            _compare(f, {name: form.round(np.array(each[name])) for name in f.args}, form)


def _compare(f, point, form, condition=1.0):
    """Every result against the truth, where that is a normal number of the format."""
    kind = np.dtype(form.name)
    known = {each: point[each.name] for each in f.admission.arguments}
    truth = exact_arrays(f.admission.roots, known, form)
    found = f.unchecked(*(point[name].astype(kind) for name in f.args))
    for value, exact in zip(found, truth, strict=True):
        size = np.abs(exact.rounded)
        normal = exact.decided & np.isfinite(size) & (size > np.finfo(kind).tiny)
        errors = ulps_of_error(np.asarray(value, dtype=np.float64), exact, form)
        assert np.all(np.where(normal, errors, 0) <= ULPS * condition), (
            point,
            value,
            exact.rounded,
        )


VECTORS = {"x": [3.0, 4.0, 1.0], "y": [1.0, 2.0, -1.0]}
OF_VECTORS = [
    "x @ y/(norm(x)*norm(y))",
    "1 - x @ y/(norm(x)*norm(y))",
    "sum(sum(X*Y, axis=1)/(norm(X, axis=1)*norm(Y, axis=1)))",
    "sum(X*Y/(norm(X, axis=1)*norm(Y, axis=1))[:, None])",
    "sum(X @ Y.T/outer(norm(X, axis=1), norm(Y, axis=1)))",
    "sum(log(sum(X**2, axis=1)))",
    "sum(log(norm(X, axis=1)))",
]
AMPLIFIED = 4.0  # by the condition of the gradients, whose terms cancel in part


@pytest.mark.parametrize("form", [float64, float32], ids=str)
@pytest.mark.parametrize("text", OF_VECTORS)
def test_cosines_and_logarithms_of_norms_far_out(text, form):
    """Value and gradient, of vectors whose inner product overflows or vanishes."""
    given = {"x": "3", "y": "3", "X": "n 3", "Y": "n 3"}
    e = parse(text, given)
    scales = (1.0, 1e160, 1e-170) if form is float64 else (1.0, 1e20, 1e-25)
    by = next(
        each
        for each in ("x", "X")
        if f"{each} " in text or f"{each}*" in text or f"({each}" in text
    )
    f = lambdify((e, gradient(e, parse(by, given))), check=False)
    for one in scales:
        for other in scales:
            point = {"x": one * np.array(VECTORS["x"]), "y": other * np.array(VECTORS["y"])}
            point |= {"X": np.stack([point["x"]] * 2), "Y": np.stack([point["y"]] * 2)}
            _compare(f, {name: form.round(point[name]) for name in f.args}, form, AMPLIFIED)


def test_a_product_with_a_vector_is_divided_by_norms_of_rows_afterwards():
    source = lambdify(parse("X @ w/norm(X, axis=1)", {"X": "n d", "w": "d"})).source
    assert "X.dot(w)" in source


@pytest.mark.parametrize("a", [-800.0, -40.0, -1.0, 0.0, 1e-9, 40.0, 800.0])
@pytest.mark.parametrize("b", [-700.0, -40.0, 0.5, 40.0])
def test_logarithm_of_one_and_exponentials_keeps_what_is_little(a, b):
    f = lambdify(parse("log(1 + exp(a) + exp(b))", {"a": "", "b": ""}))
    with mpmath.workdps(700):
        right = mpmath.log(1 + mpmath.exp(mpmath.mpf(a)) + mpmath.exp(mpmath.mpf(b)))
        error = abs((mpmath.mpf(float(f(a, b))) - right) / right)
    assert error < 1e-15


@pytest.mark.parametrize("size", [3, 2000])
def test_hypotenuses_are_those_of_numpy_at_all_sizes(size):
    """Long arrays take another way, by squares, where these are in range."""
    f = lambdify(parse("sqrt(x**2 + y**2)", {"x": "n", "y": "n"}), check=False)
    rng = np.random.default_rng(0)
    for scale in (1.0, 1e200, 1e-200, 0.0):
        x, y = scale * rng.normal(size=size), scale * rng.normal(size=size)
        assert np.allclose(f(x, y), np.hypot(x, y), rtol=4e-16, atol=0)
    assert f(np.zeros(0), np.zeros(0)).shape == (0,)


@pytest.mark.parametrize(
    "text",
    ["sqrt(x**2 - y**2)", "sqrt(x**2 + y)", "sqrt(x**2 + y**3)", "sqrt(x + y)", "sqrt(x**2 + x*y)"],
)
def test_roots_of_what_are_no_squares_stay(text):
    source = lambdify(parse(text, {"x": "n", "y": "n"})).source
    assert "hypot" not in source
    x, y = np.array([5.0, 4.0]), np.array([3.0, 2.0])
    assert np.allclose(lambdify(parse(text, {"x": "n", "y": "n"}))(x=x, y=y),
                       eval(text, {"sqrt": np.sqrt, "x": x, "y": y}))  # fmt: skip


def test_a_large_number_below_a_square_is_taken_into_it():
    assert lambdify(parse("(x/10**150)**2", {"x": ""}))(1e160) == pytest.approx(1e20, rel=1e-15)
    assert lambdify(parse("-(10**150*x)**2", {"x": ""}))(1e-160) == pytest.approx(-1e-20, rel=1e-15)
    assert "x**2 / 4" in lambdify(parse("(x/2)**2", {"x": ""})).source


def test_sums_of_squares_over_rows_are_divided_once():
    given = {"X": "n d", "s": "d: positive", "t": ": positive"}
    assert "X / " not in lambdify(parse("sum(X**2/t**2)", given)).source
    assert "X / " not in lambdify(parse("sum(X**2/s**2, axis=0)", given)).source


@pytest.mark.parametrize(
    ("text", "given", "values", "kind"),
    [
        ("3", {}, {}, float),
        ("1/3", {}, {}, float),
        ("1", {"x": ""}, {"x": 2.0}, float),
        ("n", {"x": "n"}, {"x": np.ones(4, np.float32)}, np.float32),
        ("n", {"x": "n"}, {"x": np.ones(4)}, np.float64),
    ],
)
def test_a_constant_is_a_float_of_the_type_of_the_arguments(text, given, values, kind):
    f = lambdify(parse(text, given), arguments=[parse(name, given) for name in given])
    assert type(f.unchecked(**values)) is kind


@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("z", [-30.0, -6.0, 1.0, 10.0, 15.0, 30.0])
def test_focal_loss_keeps_its_digits(z, label):
    """`1 - p` in a power with a symbol above, and labels that take away what they add."""
    given = {"z": "n", "y": "n: binary", "g": ": positive", "p": "= sigmoid(z)"}
    loss = parse("sum(-y*(1 - p)**g*log(p) - (1 - y)*p**g*log(1 - p))", given)
    f = lambdify((loss, gradient(loss, parse("z", given))))
    found = f(z=np.array([z]), y=np.array([label]), g=2.0)

    def exact(at):
        p = 1 / (1 + mpmath.exp(-at))
        return -(((1 - p) ** 2) * mpmath.log(p)) if label else -(p**2 * mpmath.log(1 - p))

    with mpmath.workdps(60):
        wanted = exact(mpmath.mpf(z)), mpmath.diff(exact, mpmath.mpf(z))
    for each, right in zip(found, wanted, strict=True):
        assert abs(float((np.ravel(each)[0] - right) / right)) < 1e-14
