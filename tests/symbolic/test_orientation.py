"""One array for a matrix and its transpose, whatever way each is written."""

import itertools

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from tests.symbolic.numpy_oracle import assert_close, data_for, evaluate

GIVEN = {
    "V": "n d", "G": "k d", "A": "d d", "S": "d d: symmetric", "Q": "n n", "M": "n k",
    "u": "n", "v": "k", "w": "d", "c": "", "p": "n: positive",
}  # fmt: skip
SIZES = {"n": 5, "d": 3, "k": 4}

PAIRS = [
    ("V @ G.T", "G @ V.T"),
    ("exp(V @ G.T)", "exp(G @ V.T)"),
    ("exp(-(V @ G.T)**2)", "exp(-(G @ V.T)**2)"),
    ("softmax(V @ G.T, axis=1)", "softmax(G @ V.T, axis=0)"),
    ("log_softmax(V @ G.T, axis=0)", "log_softmax(G @ V.T, axis=1)"),
    ("V @ G.T + M", "G @ V.T + M.T"),
    ("2*(V @ G.T) - M", "2*(G @ V.T) - M.T"),
    ("V @ A @ G.T", "G @ A.T @ V.T"),
    ("V @ S @ G.T", "G @ S @ V.T"),
    ("outer(u, v)", "outer(v, u)"),
    ("tanh(outer(u, v) + M)", "tanh(outer(v, u) + M.T)"),
    ("diag(p) @ tanh(V @ G.T)", "tanh(G @ V.T) @ diag(p)"),
    ("V @ G.T @ diag(v)", "diag(v) @ G @ V.T"),
    ("where(M > 0, M, V @ G.T)", "where(M.T > 0, M.T, G @ V.T)"),
    ("tanh(M)", "tanh(M.T)"),
    ("M - u[:, None]", "M.T - u[None]"),
    ("A @ A", "A.T @ A.T"),
    ("A + A.T", "A.T + A"),
    ("c*exp(V @ G.T)", "c*exp(G @ V.T)"),
]


def check(expressions, also=()):
    """The values of expressions computed together, compared with the oracle."""
    f = lambdify(tuple(expressions))
    data = data_for([*expressions, *also], np.random.default_rng(1), SIZES)
    before = {name: np.copy(value) for name, value in data.items()}
    found = f(**{name: data[name] for name in f.args})
    for each, expression in zip(found, expressions, strict=True):
        assert_close(each, evaluate(expression, data, SIZES), f.source)
    for one, other in itertools.combinations(found, 2):
        assert not np.shares_memory(one, other), f.source
    for one in found:
        assert not any(np.shares_memory(one, value) for value in data.values())
    assert all(np.array_equal(data[name], before[name]) for name in data)
    return f


@pytest.mark.parametrize(("text", "turned"), PAIRS)
def test_a_matrix_and_its_transpose(text, turned):
    one, other = s.parse(text, GIVEN), s.parse(turned, GIVEN)
    assert one.shape == other.shape[::-1]
    check([one, other])
    check([other, one])
    check([s.sum(one * s.tanh(other).T), s.tanh(other) + 1, one])
    check([s.exp(one) @ s.tanh(other), s.tanh(other) @ s.exp(one)])


@pytest.mark.parametrize(("text", "turned"), PAIRS)
def test_gradients_through_both(text, turned):
    one, other = s.parse(text, GIVEN), s.parse(turned, GIVEN)
    loss = s.sum(s.tanh(one) * s.sin(other).T) + s.sum(s.sin(other))
    by = [each for each in ("V", "M", "A", "u") if each in text]
    check([loss, *(s.gradient(loss, each) for each in by)])


LOOK_TURNED = [
    ("A @ V.T", "V @ A"),
    ("A @ A.T", "A.T @ A"),
    ("exp(A)", "exp(A).T"),
    ("softmax(A, axis=0)", "softmax(A.T, axis=0)"),
    ("softmax(A, axis=1)", "softmax(A.T, axis=1)"),
    ("logsumexp(A, axis=0)", "logsumexp(A.T, axis=0)"),
    ("A*w", "A.T*w"),
    ("A*w", "w*A.T"),
    ("A/A.T", "A.T/A"),
    ("A - A.T", "A.T - A"),
    ("A - 2*A.T", "A.T - 2*A"),
    ("where(A > A.T, A, 2*A.T)", "where(A.T > A, A.T, 2*A)"),
    ("where(A >= A.T, A, 2*A.T)", "where(A.T > A, A.T, 2*A)"),
    ("outer(w, w)*A", "outer(w, w)*A.T"),
    ("A @ S", "S @ A"),
    ("A @ S", "S @ A.T"),
    ("Q @ V", "V.T @ Q"),
    ("diag(w) @ A", "diag(w) @ A.T"),
    ("diag(w) @ A", "A @ diag(w)"),
    ("A + w", "A.T + w[:, None]"),
    ("A + w", "A.T + w"),
    ("tril(A)", "tril(A.T)"),
    ("triu(A)", "tril(A.T)"),
    ('einsum("ij,ij->ij", A, A.T)', 'einsum("ij,ij->ji", A, A.T)'),
    ('einsum("ij,jk->ik", A, A)', 'einsum("ij,jk->ki", A, A)'),
    ('einsum("ij,ij->ji", V, V)', 'einsum("ij,ij->ij", V, V)'),
]


@pytest.mark.parametrize(("text", "turned"), LOOK_TURNED)
def test_matrices_that_are_or_only_look_turned(text, turned):
    one, other = s.parse(text, GIVEN), s.parse(turned, GIVEN)
    check([one, other])
    check([other, one, s.tanh(one), s.tanh(other)])


def product_count(function):
    body = function.source.rpartition('"""')[2]
    return body.count(".dot(") + body.count(" @ ")


def test_the_product_is_computed_once():
    f = check([s.parse("exp(V @ G.T)", GIVEN), s.parse("tanh(G @ V.T)", GIVEN)])
    assert product_count(f) == 1, f.source


def test_the_kernel_of_attention_and_its_gradient_share_the_scores():
    loss = s.parse("sum(tanh(softmax(V @ G.T, axis=1) @ G))", GIVEN)
    f = check([loss, s.gradient(loss, "V"), s.gradient(loss, "G")])
    assert f.source.count("V.dot(G.T)") + f.source.count("G.dot(V.T)") == 1, f.source


def test_names_of_both_are_kept():
    scores = s.named("scores", s.parse("V @ G.T", GIVEN))
    turned = s.named("turned", s.parse("G @ V.T", GIVEN))
    f = check([s.exp(scores) + 1, s.tanh(turned) * 2, scores, turned])
    assert "# scores = V @ G.T" in f.source
    assert "# turned = G @ V.T" in f.source


ALIASES = [
    ("tanh(A)", "tanh(A)"),
    ("tanh(A)", "tanh(A).T", "diagonal(tanh(A))"),
    ("A", "A.T", "A"),
    ("diagonal(A)", "diagonal(A)*1"),
    ('einsum("iij->ij", T)', 'einsum("iij->ji", T)'),
    ("V[0]", "V", "reshape(V, n*d)", "V[1:]"),
    ("V.T @ tanh(V)", "tanh(V).T @ V", "diagonal(V.T @ tanh(V))"),
    ("tanh(V @ w)", "tanh(V @ w)**2", "V.T @ tanh(V @ w)", "tanh(V @ w)"),
    ("diag(w)", "diag(w)", "outer(w, w)", "outer(w, w)"),
    ("softplus(V)", "softplus(V).T", "sum(softplus(V), axis=0)", "softplus(V)[0]"),
]


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("texts", ALIASES)
def test_no_result_is_a_view_of_another_or_of_an_argument(texts, named):
    given = {**GIVEN, "T": "d d k"}
    expressions = [s.parse(text, given) for text in texts]
    if named:
        expressions = [s.named(f"h{place}", each) for place, each in enumerate(expressions)]
    check(expressions)
    for each in expressions:
        check([each])


# --- the way round in which a matrix is met ------------------------------------------------------

FACED = [
    "M * (G @ V.T).T",
    "M * (G @ V.T - v[:, None]).T",
    "M * (G @ V.T - u).T",
]


@pytest.mark.parametrize("text", FACED)
def test_a_matrix_that_is_only_met_turned_is_computed_turned(text):
    source = check([s.parse(text, GIVEN)]).source
    assert "V.dot(G.T)" in source
    assert ").T" not in source.rpartition('"""')[2]


@pytest.mark.parametrize(
    "text", ["(M * (G @ V.T).T, G @ V.T)", "(M * (G @ V.T).T, sum(M.T * (G @ V.T)*2))"]
)
def test_a_matrix_that_is_needed_both_ways_is_computed_once(text):
    results = [s.parse(part.strip("( "), GIVEN) for part in text[1:-1].split(", ")]
    source = check(results).source
    assert source.count("V.dot(G.T)") + source.count("G.dot(V.T)") == 1


@pytest.mark.parametrize("seed", range(40))
def test_random_products_of_turned_matrices(seed):
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    tall = [
        "M",
        "V @ G.T",
        "(G @ V.T).T",
        "(G @ V.T - v[:, None]).T",
        "(M.T - u).T",
        "outer(u, v)",
        "tanh(G @ V.T).T",
    ]

    def some():
        parts = [str(each) for each in rng.choice(tall, 3)]
        return f"({parts[0]}) {rng.choice(['*', '+', '-'])} ({parts[1]})*({parts[2]})"

    shapes = [f"sum({some()})", f"({some()}) @ v", f"({some()}).T @ u", some(), f"({some()}).T"]
    check([s.parse(str(text), GIVEN) for text in rng.choice(shapes, 3, replace=False)])
