"""Work done once for several results: exponentials, multiples of sums, products known already."""

import itertools
import math
import re
import warnings
from fractions import Fraction

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.traverse import variables
from tests.symbolic.numpy_oracle import assert_close, data_for, evaluate

n, d = s.dims("n d")
x, y, z = s.vector("x", n), s.vector("y", n), s.vector("z", n)
X, w = s.matrix("X", n, d), s.vector("w", d)
SIZES = {"n": 5, "d": 3, "k": 4}


def check(expressions, sizes=SIZES, also=()):
    """The values of expressions computed together, compared with the oracle."""
    f = lambdify(tuple(expressions), arguments=arguments_of([*expressions, *also]))
    data = data_for([*expressions, *also], np.random.default_rng(1), sizes)
    for found, each in zip(f(**data), expressions, strict=True):
        assert_close(found, evaluate(each, data, sizes), f"{each}\n{f.source}")
    return f


def arguments_of(expressions):
    return tuple(dict.fromkeys(itertools.chain(*(variables(e) for e in expressions))))


# --- exponentials of one argument ----------------------------------------------------------------

KERNELS = [
    s.softplus, s.sigmoid,
    lambda t: s.softplus(-t),
    lambda t: s.sigmoid(-t),
    lambda t: s.sigmoid(t) * (1 - s.sigmoid(t)),
    lambda t: s.log(s.sigmoid(t)),
    lambda t: s.softplus(t) - t,
    lambda t: s.silu(t),
    lambda t: 1 - 2 * s.sigmoid(t),
    lambda t: s.sqrt(s.sigmoid(t) * (1 - s.sigmoid(t))),
    lambda t: s.exp(-s.sigmoid(t) * s.sigmoid(-t)),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(range(len(KERNELS)), 2)))
def test_pairs_of_functions_of_one_argument(one, other):
    first, second = KERNELS[one], KERNELS[other]
    check([s.sum(first(X @ w)), second(X @ w), first(x) * second(x)])
    check([first(x) - y * x, y * second(x) - x, first(s.named("h", x + y)) - second(x + y)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [1, 30, 800, 1e4, 1e30])
def test_losses_of_far_arguments_neither_overflow_nor_warn(size, dtype):
    X, w, y = s.matrix("X", n, d), s.vector("w", d), s.vector("y", n, domain="binary")
    loss = s.sum(s.softplus(X @ w) - y * (X @ w))
    f = lambdify((loss, s.gradient(loss, w), s.hessian(loss, w)))
    A = np.array([[size], [-size], [size], [-size], [0]], dtype)
    right, wrong = np.array([1, 0, 1, 0, 1], dtype), np.array([0, 1, 0, 1, 1], dtype)
    one = np.ones(1, dtype)
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
        warnings.simplefilter("error")
        if size < 1e15:
            for labels in (right, wrong):
                value, slope, bend = f(X=A, w=one, y=labels)
                assert np.isfinite(value)
                assert np.isfinite(slope).all()
                assert np.isfinite(bend).all()
        value, slope, _ = f(X=A, w=one, y=wrong)
    ulp = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(
        value, 4 * size + 4 * math.log1p(math.exp(-size)) + math.log(2), rtol=ulp
    )
    np.testing.assert_allclose(slope, 4 * size / (1 + math.exp(-size)), rtol=ulp)


TINY = {
    "labels 0 and 1": lambda t, y: s.sum(s.softplus(t) - y * t),
    "cross-entropy": lambda t, y: (
        -s.sum(y * s.log(s.sigmoid(t)) + (1 - y) * s.log(1 - s.sigmoid(t)))
    ),
    "margins": lambda t, y: s.sum(s.log(1 + s.exp(-(2 * y - 1) * t))),
    "softplus of margins": lambda t, y: s.sum(s.softplus(-(2 * y - 1) * t)),
}


@pytest.mark.parametrize("with_hessian", [False, True])
@pytest.mark.parametrize("z", [50.0, 36.0, 20.0, 5.0, 700.0])
@pytest.mark.parametrize("name", TINY)
def test_tiny_losses_keep_their_digits(name, z, with_hessian):
    """The loss of a confident example is exp(-z), though softplus(z) and y*z are about z."""
    y = s.vector("y", n, domain="binary")
    loss = TINY[name](X @ w, y)
    outputs = [loss, s.gradient(loss, w)] + [s.hessian(loss, w)] * with_hessian
    f = lambdify(tuple(outputs))
    tiny = math.exp(-z)
    for sign, label in ((1, 1.0), (-1, 0.0)):
        found = f(X=np.array([[sign * z]]), w=np.ones(1), y=np.array([label]))
        np.testing.assert_allclose(found[0], math.log1p(tiny), rtol=1e-12)
        # sigmoid(z) - 1 has the digits that 1 leaves of it; a margin has all
        rounding = 0 if "margins" in name or label == 0 else z * np.finfo(float).eps
        np.testing.assert_allclose(found[1], [-z * tiny / (1 + tiny)], rtol=1e-12, atol=rounding)
        if with_hessian:
            np.testing.assert_allclose(found[2], [[z**2 * tiny / (1 + tiny) ** 2]], rtol=1e-12)


def test_value_and_gradient_take_one_exponential():
    y = s.vector("y", n, domain="binary")
    loss = s.sum(s.softplus(X @ w) - y * (X @ w))
    f = check([loss, s.gradient(loss, w), s.hessian(loss, w)])
    assert f.source.count("np.exp(-np.abs(") == 1, f.source
    assert f.source.count("X.dot(w)") == 1, f.source


def test_softmax_shares_with_its_logarithm_and_its_normaliser():
    A = s.matrix("A", n, d)
    for axis in (0, 1, None):
        p, q = s.softmax(A, axis=axis), s.log_softmax(A, axis=axis)
        check([p, q, s.logsumexp(A, axis=axis)])
        check([s.sum(p * q), s.named("p", p), s.named("q", q) * 2])
        check([s.logsumexp(A, axis=axis), p])
    far = lambdify((s.softmax(x), s.log_softmax(x), s.logsumexp(x)))
    p, q, total = far(np.array([0.0, 1e4, -1e4]))
    assert p.tolist() == [0, 1, 0]
    assert q.tolist() == [-1e4, 0, -2e4]
    assert total == 1e4


# --- multiples of sums ---------------------------------------------------------------------------

COMBINATIONS = [
    (x - y, y - x, 2 * x - 2 * y, (x - y) / n, x / 3 - y / 3),
    (x - y + z, z - (y - x), y - z - x, s.tanh(x - (y - z))),
    (x - y, (y - x) ** 2, (x - y) ** 3, (y - x) ** 3, (2 * y - 2 * x) ** -1, (y - x) ** -2),
    (x - y, s.abs(y - x), s.sqrt(1 + (y - x) ** 2), s.exp(y - x), s.sigmoid(2 * y - 2 * x)),
    (s.relu(x - y), s.relu(y - x), s.maximum(2 * y - 2 * x, 0), s.minimum(y - x, 1)),
    (s.step(x - y), s.step(y - x), s.sign(2 * y - 2 * x), s.gelu(y - x), s.erf(y - x)),
    (s.where(s.compare(x - y, ">", s.constant(0)), x - y, 2 * y), y - x),
    (s.abs(x - y) ** s.constant(Fraction(3, 2)), s.abs(2 * y - 2 * x) ** s.constant(Fraction(1, 2))),
    (x / 2 - (y - x) / 2, 2 * x - y, y - 2 * x),
    (X - s.mean(X, axis=0), s.mean(X, axis=0) - X, (X - s.mean(X, axis=0)) / s.norm(X)),
    (X - w, w - X, (w - X) ** 2, s.exp(-((X - w) ** 2)), s.norm(w - X, axis=1)),
    (s.sum(x - y), s.sum(y) - s.sum(x), s.mean(2 * x - 2 * y)),
    (x + 1, -1 - x, 2 * x + 2, (x + 1) ** 2),
    (x - y - (x - y), x - x, 0 * x + y),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(COMBINATIONS)))
def test_multiples_of_one_sum(place):
    for expressions in (COMBINATIONS[place], COMBINATIONS[place][::-1]):
        check(expressions)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_multiple_that_is_zero_at_one_size_is_no_way_to_the_sum(number):
    """(n - 1)*x - (n - 1)*y says nothing of x - y where n is 1."""
    scaled = (n - number) * x - (n - number) * y
    results = (
        scaled,
        x - y,
        s.abs(y - x),
        s.softplus(x - y),
        s.where(s.compare(x, ">", y), x - y, y),
    )
    for rows in (1, 2, 3, 4):
        check(results, {"n": rows})
        check(results[::-1], {"n": rows})


def test_a_multiple_of_an_empty_axis_is_no_way_to_the_sum():
    f = lambdify((d * x - d * y, x - y, s.exp(y - x)), arguments=[x, y, X])
    zero, one, small = f(np.ones(2), np.zeros(2), np.zeros((2, 0)))
    assert zero.tolist() == [0, 0]
    assert one.tolist() == [1, 1]
    assert_close(small, np.exp([-1, -1]))


def test_a_difference_is_taken_once():
    f = check([s.sum((X @ w - y) ** 2), 2 * X.T @ (X @ w - y), y - X @ w])
    assert f.source.count("X.dot(w)") == 1, f.source


# --- products ------------------------------------------------------------------------------------

PRODUCTS = [
    ("A @ B", "B.T @ A.T", "A @ B @ C"),
    ("A @ B @ C", "B @ C", "A @ B"),
    ("u @ A", "A.T @ u", "u @ A @ B"),
    ("trace(A @ B @ C)", "C @ A", "B @ C @ A"),
    ('einsum("ij,jk->ikj", A, B)', "A @ B", 'einsum("ij,jk->i", A, B)'),
    ("outer(u, v)", "outer(v, u)", "outer(u, v) @ w", "u @ outer(u, v)"),
    ("A.T @ A", "A @ A.T", "A @ A.T @ A"),
    ("A*A", "sum(A*A, axis=0)", "norm(A)**2"),
    ("2*A @ B", "A @ B/n", "-(A @ B)"),
    ("D @ D", "D @ D @ D", "D @ D @ D @ D", "trace(D @ D)"),
    ("A.T @ diag(u) @ A", "diag(u) @ A", "A.T @ diag(u)"),
    ("w @ D @ v", "D @ v", "w @ D", "D*outer(w, v)"),
]
GIVEN = {"A": "n d", "B": "d k", "C": "k n", "D": "d d", "u": "n", "v": "d", "w": "d"}


@pytest.mark.parametrize("texts", PRODUCTS)
def test_products_known_already(texts):
    for order in itertools.permutations(texts):
        check([s.parse(text, GIVEN) for text in order])


# --- coefficients --------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("scale", ["1/n", "-2/n", "c", "sqrt(d)/3"])
def test_a_coefficient_of_several_gradients(scale, named):
    given = {"X": "n d", "W": "d k", "V": "k d", "b": "k", "Y": "n d", "c": ""}
    error = s.parse("tanh(X @ W + b) @ V - Y", given)
    if named:
        error = s.named("E", error)
    loss = s.parse(scale, {**given, "X": "n d"}) * s.sum(error**2)
    slopes = [s.gradient(loss, each) for each in ("W", "V", "b")]
    f = check([loss, *slopes, *(s.tanh(each) for each in slopes)], also=[X])
    assert "E_2" not in f.source, f.source
    check([*slopes, error], also=[X])
    check([*slopes, loss, error * 2, s.gradient(loss, "Y")], also=[X])


def test_coefficients_of_products_that_are_not_linear_in_one_thing():
    given = {"A": "n d", "B": "n d", "u": "n"}
    texts = ["A.T @ tanh(u)/n", "B.T @ tanh(u)**2/n", "A.T @ B/n", "B.T @ tanh(u)/n"]
    check([s.parse(text, given) for text in texts])
    texts = ["A.T @ (u*u)/n", "B.T @ (u*u)/n", "(u @ u)*u/n", "sum(A)*B.T @ u/n"]
    check([s.parse(text, given) for text in texts])


# --- products that are multiples of each other, and sums multiplied out --------------------------

MULTIPLES = {
    "difference": ("(x - y) @ X", "(y - x) @ X/2", "((x - y) @ X)**2"),
    "coefficient inside": ("tanh(x*(X @ w))", "tanh(x*(X @ -w))", "exp(-x*(X @ w)/n)"),
    "zero": ("0*(x @ y)", "(x*0) @ y + x @ y", "x @ (y - y)"),
    "sizes": ("(x/n) @ X", "(x/(n + 1)) @ X", "(-x) @ (2*X)"),
}


@pytest.mark.parametrize("name", MULTIPLES)
def test_multiples_of_a_product(name):
    given = {"x": "n", "y": "n", "X": "n d", "w": "d"}
    check([s.parse(each, given) for each in MULTIPLES[name]])


def test_a_negated_product_is_computed_once():
    source = check([s.sum(((x - y) @ X) ** 2), (y - x) @ X]).source
    assert source.count(".dot(") == 2  # the product, and its square


def test_a_sum_of_products_is_multiplied_out_by_what_is_known():
    A, B, W = s.matrix("A", n, d), s.matrix("B", n, d), s.matrix("W", d, "k")
    known = [s.tanh(A @ W), s.tanh(B @ W)]
    source = check([*known, (A.T @ A - 2 * B.T @ B) @ W]).source
    assert "A.T.dot(A)" not in source
    assert source.count("A.dot(W)") == source.count("B.dot(W)") == 1


def test_a_sum_of_data_is_not_multiplied_out():
    """`(A - B) @ W` of matrices near each other has digits that `A @ W - B @ W` has not."""
    A, B, W = s.matrix("A", n, d), s.matrix("B", n, d), s.matrix("W", d, "k")
    source = check([s.tanh(A @ W), s.tanh(B @ W), (A - B) @ W]).source
    assert "(A - B).dot(W)" in source or "matmul(A - B, W" in source


@pytest.mark.parametrize("size", [1, 2])
def test_a_sum_of_products_of_one_row(size):
    A, B, W = s.matrix("A", n, d), s.matrix("B", n, d), s.matrix("W", d, "k")
    check([A @ W, B @ W, (A.T @ s.diag(x) @ A + B.T @ B) @ W], dict.fromkeys("ndk", size))


ONE_PRODUCT = {
    "a factor inside": "norm(X @ (W + a/b*A @ B) - Y)**2/2",
    "a number of the data": "norm(X @ (a*W) - Y)**2",
    "a negated product": "sum((Y - (X + exp(X/2)*X) @ W)**2)/2 + sum(exp(X))",
    "a diagonal": "norm(diag(u) @ X @ W - Y)**2",
}


@pytest.mark.parametrize("name", ONE_PRODUCT)
def test_a_residual_is_computed_once_whatever_way_it_is_written(name):
    given = {
        "X": "n d", "W": "d k", "A": "d m", "B": "m k", "Y": "n k", "u": "n", "a": "", "b": ": positive"
    }  # fmt: skip
    loss = s.parse(ONE_PRODUCT[name], given)
    slopes = s.gradient(loss, [v for v in variables(loss) if v.name in "WABX" and v.rank == 2])
    source = check([loss, *slopes], {"n": 5, "d": 3, "k": 4, "m": 2}).source
    code = re.sub(r"#.*", "", re.sub(r'""".*?"""', "", source, flags=re.DOTALL))
    assert len(re.findall(r"[-+] Y\b|\bY [-+]", code)) == 1, source


def test_small_powers_are_products():
    source = check([x**3 + y**4, s.exp(x) ** 3]).source
    assert "**3" not in source.rpartition('"""')[2].replace("np.exp(x)**3", "")


def test_a_difference_that_is_computed_keeps_its_digits():
    """`2*x - 2*y` in a sum is twice `x - y`, which is exact for numbers near each other."""
    loss = s.sum(s.exp(x - y) * (x - y) + (x - y) ** 2)
    f = lambdify(s.gradient(loss, x))
    near = np.array([1e8, 1e8 + 1])
    found = f(x=near, y=near - 2.0**-20)
    h = 2.0**-20
    assert np.allclose(found, np.exp(h) * (1 + h) + 2 * h, rtol=1e-15, atol=0)
    check([loss, s.gradient(loss, x), x - y])


def test_zeros_and_ones_are_their_own_root():
    weights = [s.step(X @ w - y), s.where(s.compare(s.abs(X @ w - y), "<=", 1), 1, 0)]
    for weight in weights:
        source = check([s.simplify(X.T @ s.diag(weight) @ X)]).source
        assert re.search(r"(t\d+)\.T\.dot\(\1\)", source), source
        assert "sqrt" not in source
