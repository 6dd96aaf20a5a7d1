"""Generated NumPy for entries that are selected, moved and added up: brackets are never built."""

from contextlib import contextmanager

import numpy as np
import pytest
import sympy

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.nodes import Contraction, Iverson
from symbolic.traverse import variables
from tests.symbolic.numpy_oracle import data_for, same_as_differences, same_as_oracle

n, d, k = s.dims("n d k")
x, y, v, u = s.vector("x", n), s.vector("y", n), s.vector("v", d), s.vector("u", k)
X, A, B = s.matrix("X", n, d), s.matrix("A", n, n), s.matrix("B", d, k)
T, c = s.tensor("T", k, d, n), s.scalar("c")
SIGNAL, KERNEL = s.tensor("S", 2, d, n), s.tensor("K", 5, d, 3)
ALL_SIZES = [s.tensor("sizes", n, d, k)]
IMAGE, FILTER = s.tensor("I", 2, d, n, k), s.tensor("F", 4, d, 3, 2)


# --- how it reads --------------------------------------------------------------------------------


def returned(expression):
    return lambdify(expression).source.rpartition("return ")[2].strip()


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        (x[1:] - x[:-1], "x[1:] - x[:-1]"),
        (x[::-1] * y, "x[::-1] * y"),
        (s.exp(x[::2]), "np.exp(x[::2])"),
        (x[0] * x[-1], "x[0] * x[-1]"),
        (X[1:, 0] @ x[1:], "X[1:, 0].dot(x[1:])"),
        (2 * T[..., 0], "2.0 * T[:, :, 0]"),
        (s.exp(X[:, 1:]), "np.exp(X[:, 1:])"),
        (s.pad(x, 1, 2), "np.pad(x, (1, 2))"),
        (s.pad(x, 1, 1), "np.pad(x, 1)"),
        (s.pad(X, 1, 0, axis=0), "np.pad(X, ((1, 0), (0, 0)))"),
        (s.concatenate(x, v), "np.concatenate([x, v])"),
        (s.concatenate(X, A, axis=1) * 2, "2.0 * np.concatenate([X, A], axis=1)"),
        (s.stack(x, y), "np.stack([x, y])"),
        (s.stack(x, y, axis=1), "np.stack([x, y], axis=1)"),
        (s.concatenate(x, v) + s.concatenate(v, x),
         "np.concatenate([x, v]) + np.concatenate([v, x])"),
        (s.exp(s.reshape(X, n * d)), "np.exp(X.reshape(-1))"),
        (s.exp(s.reshape(T, k * d, n)), "np.exp(T.reshape(d * k, n))"),
        (s.exp(s.vec(X)), "np.exp(X.T.reshape(-1))"),
        (s.vec(B.T) @ s.vec(B.T), "t1.dot(t1)"),
        (s.kron(A, X), "np.kron(A, X)"),
        (s.tril(A), "np.tril(A)"),
        (s.triu(A, 1) @ x, "np.triu(A, 1).dot(x)"),
        (s.conv1d(x, u), "sliding_window_view(x, k).dot(u)"),
        (s.conv1d(x, u, stride=2, padding=1), "sliding_window_view(np.pad(x, 1), k)[::2].dot(u)"),
        (s.conv1d(x, u, dilation=2), "sliding_window_view(x, 2 * k - 1)[..., ::2].dot(u)"),
        (s.max_pool1d(x, 2), "sliding_window_view(x, 2)[::2].max(axis=1)"),
        (s.max(x) - s.min(x) + s.prod(x), "x.max() - x.min() + x.prod()"),
        (s.max(X, axis=0), "X.max(axis=0)"),
        (s.tril(s.ones(n, n)) @ x, "x.cumsum()"),
        (s.triu(s.ones(n, n)) @ x, "x[::-1].cumsum()[::-1]"),
        (s.iverson("i0 == i1 + 1", n, n) @ x, "np.pad(x, (1, 0))[:-1]"),
    ],
)  # fmt: skip
def test_code_of_single_moves(expression, code):
    assert returned(expression) == code or returned(expression) == f"{code}.copy()"


def test_gradients_read_as_moves_too():
    source = lambdify(s.gradient(s.sum((x[1:] - x[:-1]) ** 2), x)).source
    assert "np.pad" in source
    assert "arange" not in source
    source = lambdify(s.gradient(s.sum(s.sin(s.conv1d(x, u, stride=2))), x)).source
    assert "arange" not in source
    assert "np.eye" not in source


# --- values and gradients ------------------------------------------------------------------------

MOVES = {
    "slice": (x[1:-1], x),
    "steps": (x[4::-2] * x[1:4], x),
    "one place": (X[2] * X[-1], X),
    "corner": (X[1:, :2] @ B[:2], X),
    "new axis": (x[:, None, None] * s.ones(d, 2) * v[:, None], x),
    "padding": (s.pad(x, 2, 1)[1:] * s.pad(y, 1, 1), x),
    "padding by a size": (s.pad(v, d, n) * s.pad(x, 2 * d, 0), v),
    "concatenation": (s.concatenate(x, 2 * v, x) ** 2, x),
    "stack": (s.stack(x, s.sin(x), y, axis=1), x),
    "stack of scalars": (s.stack(c, c**2), c),
    "reshape": (s.reshape(X, d, n) @ x, X),
    "reshape of three": (s.reshape(T, d, k * n) @ s.vec(s.outer(x, u)), T),
    "split": (s.reshape(s.vec(X), d, n) @ x, X),
    "vec": (s.vec(A @ X @ B), X),
    "vec and kron": (s.kron(B.T, A) @ s.vec(X), X),
    "kron": (s.kron(X, B), X),
    "kron of vectors": (s.kron(x, v), v),
    "tril": (s.tril(A) @ s.triu(A, 1), A),
    "cumulative sum": (s.tril(s.ones(n, n)) @ X, X),
    "strictly later": (s.triu(s.ones(n, n), 1) @ x, x),
    "windows": (s.windows(X, 2, axis=0, stride=2, padding=1), X),
    "conv1d": (s.conv1d(x, u), x),
    "conv1d, its kernel": (s.conv1d(x, u, stride=2, padding=2), u),
    "conv1d, stride": (s.conv1d(x, u, stride=2, padding=1), x),
    "conv1d, dilation": (s.conv1d(s.pad(x, 2, 3), u, dilation=2), x),
    "conv1d, channels": (s.conv1d(SIGNAL, KERNEL, stride=2, padding=1), SIGNAL),
    "conv1d, kernel of channels": (s.conv1d(SIGNAL, KERNEL, padding=1), KERNEL),
    "conv2d": (s.conv2d(X, s.matrix("w", 3, 2), padding=1), X),
    "conv2d, channels": (s.conv2d(IMAGE, FILTER, stride=2, padding=1), IMAGE),
    "conv2d, kernel of channels": (s.conv2d(IMAGE, FILTER, padding=1, dilation=2), FILTER),
    "max pooling": (s.max_pool2d(X, 2), X),
    "mean pooling": (s.avg_pool1d(X.T, 3, stride=2), X),
    "mean pooling in two": (s.avg_pool2d(IMAGE, 2), IMAGE),
    "Toeplitz": (s.einsum("kij,k->ij", s.iverson("i0 == i1 - i2 + 3", 7, k, k), s.vector("t", 7)),
                 s.vector("t", 7)),
    "band": (s.einsum("ij,ij->ij", A, s.iverson("i0 == i1 + 1", n, n)), A),
    "trace beside the diagonal": (s.einsum("ij,ij->", A, s.iverson("i0 + 1 == i1", n, n)), A),
    "sums of windows": (s.einsum("iok,ok->i", s.iverson("i0 == i1 + 2*i2", n, d, 2),
                                 s.matrix("G", d, 2)), s.matrix("G", d, 2)),
    "cut sums of windows": (s.einsum("iok,ok->i", s.iverson("i0 + 2 == i1 + 3*i2", n, k, 4),
                                     s.matrix("G", k, 4)), s.matrix("G", k, 4)),
    "max": (s.max(X, axis=1) * s.min(x), X),
    "prod": (s.prod(X, axis=0), X),
    "max norm": (s.norm(x, float("inf")) * s.norm(x, 1), x),
}  # fmt: skip


@pytest.mark.parametrize("case", MOVES)
def test_value_of_moves(case, rng):
    same_as_oracle(MOVES[case][0], rng, also=ALL_SIZES)


@pytest.mark.parametrize("case", MOVES)
def test_gradient_of_moves(case, rng):
    expression, variable = MOVES[case]
    same_as_differences(s.sum(s.sin(expression) + expression**2 / 2), variable, rng, also=ALL_SIZES)


@pytest.mark.parametrize("case", ["slice", "conv1d, stride", "vec and kron", "sums of windows"])
def test_jacobian_of_moves(case, rng):
    expression, variable = MOVES[case]
    same_as_oracle(s.jacobian(expression, variable), rng, also=ALL_SIZES)


@pytest.mark.parametrize("case", MOVES)
def test_moves_keep_float32_and_the_data(case, rng):
    expression = MOVES[case][0]
    arguments = [*variables(expression), *ALL_SIZES]
    data = {
        name: np.float32(value) if np.ndim(value) else value
        for name, value in data_for(arguments, rng).items()
    }
    kept = {name: np.copy(value) for name, value in data.items()}
    found = lambdify(expression, arguments=arguments)(**data)
    assert found.dtype == np.float32
    assert found.flags.writeable or not found.ndim
    if found.ndim:
        found[...] = 7
    for name, value in data.items():
        assert np.array_equal(value, kept[name])


# --- at random -----------------------------------------------------------------------------------


@contextmanager
def without_error(message):
    """Random sizes may not fit; then the error has to say so."""
    try:
        yield
    except s.ShapeError as problem:
        if message not in str(problem):
            raise


def random_bracket(rng, shape):
    coefficients = [int(each) for each in rng.choice([-3, -2, -1, -1, 1, 1, 1, 2, 0], len(shape))]
    if rng.random() < 0.15 and shape:
        coefficients[0] = rng.choice([n, -d, n + 1])
    offset = rng.choice([0, 0, 1, -1, 2, -3, n - 1, d - n])
    return Iverson(shape, coefficients, offset, "==" if rng.random() < 0.8 else ">=")


def random_product(rng):
    """One or two arrays and one or two brackets, labels shared at random, also by one of them."""
    sizes = {label: [n, d, k, 2, n - 1][rng.integers(5)] for label in range(6)}
    operands, labels = [], []
    for place in range(rng.integers(1, 3)):
        at = list(rng.permutation(5)[: rng.integers(0, 4)])
        name = f"a{place}" + "".join(str(sizes[label]).replace(" - ", "m") for label in at)
        operands.append(s.tensor(name, *(sizes[label] for label in at)))
        labels.append(at)
    for _ in range(rng.integers(1, 3)):
        at = list(rng.integers(0, 6, size=rng.integers(1, 4)))
        operands.append(random_bracket(rng, [sizes[label] for label in at]))
        labels.append(at)
    found = sorted({label for at in labels for label in at})
    output = [label for label in found if rng.random() < 0.4]
    rng.shuffle(output)
    if rng.random() < 0.1 and output:
        output.append(output[0])
    if rng.random() < 0.1:
        output.append(5)
    return Contraction(operands, labels, output, sizes, sympy.Rational(1, 2))


@pytest.mark.parametrize("seed", range(150))
def test_random_products_with_brackets(seed):
    print(f"seed: {seed}")
    rng = np.random.default_rng(seed)
    for _ in range(4):
        with without_error("lies outside"):
            same_as_oracle(random_product(rng), rng, also=ALL_SIZES)


UNARY = [
    lambda e: e[1:], lambda e: e[::-1], lambda e: e[-1], lambda e: e[0], lambda e: e[::2],
    lambda e: e[..., :-1], lambda e: e[..., None] * s.ones(2),
    lambda e: s.pad(e, 1, 0), lambda e: s.pad(e, 0, 2, axis=0),
    lambda e: s.vec(e), lambda e: s.reshape(e, sympy.Mul(*e.shape)),
    lambda e: s.tril(e), lambda e: s.triu(e, 1), lambda e: s.windows(e, 2),
    lambda e: s.windows(e, 2, axis=0, stride=2), lambda e: s.max(e, axis=0),
    lambda e: s.avg_pool1d(e, 2), lambda e: s.tanh(e), lambda e: s.sum(e, axis=0),
    lambda e: e.T, lambda e: s.named("h", e * 2), lambda e: s.diag(e),
]  # fmt: skip
BINARY = [
    lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a @ b, lambda a, b: a.T @ b,
    lambda a, b: s.concatenate(a, b), lambda a, b: s.stack(a, b, axis=-1),
    lambda a, b: s.kron(a, b), lambda a, b: s.outer(a, b), lambda a, b: s.conv1d(a, b, padding=1),
]  # fmt: skip


def random_expression(rng, steps):
    pool = [x, v, X, s.matrix("B", d, n)]
    while len(pool) < steps:
        one, other = (pool[i] for i in rng.integers(len(pool), size=2))
        try:
            if rng.random() < 0.6:
                made = UNARY[rng.integers(len(UNARY))](one)
            else:
                made = BINARY[rng.integers(len(BINARY))](one, other)
        except s.ShapeError:
            continue
        small = np.prod([float(sympy.sympify(z).subs({n: 6, d: 3})) for z in made.shape]) < 500
        if made.rank <= 4 and small:
            pool.append(made)
    return pool[-1]


@pytest.mark.parametrize("seed", range(100))
def test_random_expressions_of_moves(seed):
    print(f"seed: {seed}")
    rng = np.random.default_rng(seed)
    expression = random_expression(rng, int(rng.integers(6, 16)))
    with without_error("it is not 1 or more"):
        same_as_oracle(expression, rng, also=ALL_SIZES)


@pytest.mark.parametrize("seed", range(30))
def test_random_gradients_of_moves(seed):
    print(f"seed: {seed}")
    rng = np.random.default_rng(1000 + seed)
    expression = s.sum(s.sin(random_expression(rng, int(rng.integers(6, 12)))))
    for variable in variables(expression)[:1]:
        same_as_oracle(s.gradient(expression, variable), rng, also=ALL_SIZES)


@pytest.mark.parametrize(
    "text", ["x**n", "x**(1/n)", "maximum(x/n, 1)", "n*2**x", "prod(x)**(1/n)"]
)
def test_sizes_inside_kernels_are_read_from_the_data(text):
    n, x = 3, np.array([1.5, 2.0, 3.0])
    expected = {
        "x**n": x**n, "x**(1/n)": x ** (1 / n), "maximum(x/n, 1)": np.maximum(x / n, 1),
        "n*2**x": n * 2**x, "prod(x)**(1/n)": 9.0 ** (1 / 3),
    }[text]  # fmt: skip
    np.testing.assert_allclose(s.lambdify(s.parse(text, {"x": "n"}))(x), expected, rtol=1e-14)
