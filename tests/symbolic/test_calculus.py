"""Derivatives against oracles that share no code with `symbolic.calculus.accumulation`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import sympy

from symbolic import (
    Derivative,
    Expression,
    IndependentWarning,
    NameUnknownError,
    ShapeError,
    UnsupportedError,
    Variable,
    dims,
    gradient,
    hessian,
    jacobian,
    matrix,
    named,
    parse,
    scalar,
    sigmoid,
    simplify,
    sin,
    sum,
    tanh,
    trace,
    vector,
)
from symbolic.traverse import variables
from tests.symbolic.random_expressions import (
    ONE,
    SIZES,
    Writer,
    certainly_equal,
    close,
    describe,
    differ,
    draw,
    entries,
    evaluate_complex,
    evaluate_real,
    lengths,
)

STEP = 1e-30  # no difference is taken, so the step may be this small
n, d, k = dims("n d k")


def continuous(expression: Expression) -> list[Variable]:
    """The variables with a domain that has directions; a tie with 0 or 1 is certain otherwise."""
    return [v for v in variables(expression) if v.domain not in ("binary", "onehot")]


def slope_disagrees(expression: Expression, seed: int, sizes: dict[sympy.Symbol, int]) -> bool:
    """Whether a derivative differs from the complex step in a random direction."""
    random = np.random.default_rng(seed)
    point = draw(expression, sizes, random)
    places = continuous(expression)
    for place, derivative in zip(places, jacobian(expression, places), strict=True):
        if derivative.shape != expression.shape + place.shape:
            return True
        direction = random.standard_normal(lengths(place.shape, sizes))
        moved = {**point, place: point[place] + STEP * 1j * direction}
        expected = np.imag(evaluate_complex(expression, moved, sizes)) / STEP
        slopes = evaluate_real(derivative, point, sizes)
        found = np.tensordot(slopes, direction, axes=direction.ndim)
        if np.all(np.isfinite(expected)) and not close(expected, found, 1e-7):
            inert = Derivative(expression, place)
            return not certainly_equal(inert, derivative, seed, sizes)
    return False


def disagreements(seeds: range, sizes: dict[sympy.Symbol, int], *, scalars: bool) -> Iterator[str]:
    for seed in seeds:
        writer = Writer(seed)
        depth = 1 + seed % 5
        expression = writer.scalar(depth) if scalars else writer.expression(writer.shape(), depth)
        if slope_disagrees(expression, seed, sizes):
            yield describe(seed, expression, lambda e, s=seed: slope_disagrees(e, s, sizes))


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_gradients_of_random_expressions_agree_with_the_complex_step(start: int) -> None:
    assert list(disagreements(range(start, start + 50), SIZES, scalars=True)) == []


def test_gradients_with_an_axis_of_one_agree_with_the_complex_step() -> None:
    assert list(disagreements(range(1000, 1060), ONE, scalars=True)) == []


@pytest.mark.parametrize("start", [2000, 2040])
def test_jacobians_of_random_expressions_agree_with_the_complex_step(start: int) -> None:
    assert list(disagreements(range(start, start + 40), SIZES, scalars=False)) == []


def second_slope_disagrees(expression: Expression, seed: int) -> bool:
    """Whether a Hessian differs from the complex step of the gradient (itself checked above)."""
    random = np.random.default_rng(seed)
    point = draw(expression, SIZES, random)
    for place in continuous(expression)[:2]:
        second = hessian(expression, place)
        direction = random.standard_normal(lengths(place.shape, SIZES))
        inert = Derivative(Derivative(expression, place), place)
        found = np.tensordot(evaluate_real(second, point, SIZES), direction, axes=direction.ndim)
        first = gradient(expression, place)
        moved = {**point, place: point[place] + STEP * 1j * direction}
        expected = np.imag(evaluate_complex(first, moved, SIZES)) / STEP
        if np.all(np.isfinite(expected)) and not close(expected, found, 1e-7):
            return not certainly_equal(inert, second, seed)
        if (
            len(variables(second)) < 4
            and place.rank < 2
            and not certainly_equal(inert, second, seed)
        ):
            return True
    return False


@pytest.mark.filterwarnings("ignore::symbolic.IndependentWarning")
def test_hessians_of_random_expressions_agree_with_the_complex_step_and_enclosures() -> None:
    wrong = []
    for seed in range(3000, 3060):
        expression = Writer(seed, smooth=True, names=False).scalar(1 + seed % 3)
        if second_slope_disagrees(expression, seed):
            wrong.append(describe(seed, expression, lambda e, s=seed: second_slope_disagrees(e, s)))
    assert wrong == []


def test_derivatives_agree_with_enclosures_of_the_inert_derivative() -> None:
    wrong = []
    for seed in range(4000, 4060):
        writer = Writer(seed, names=seed % 2 == 0)
        expression = writer.expression(writer.shape(1), 1 + seed % 4)
        for place in continuous(expression)[:2]:
            if not certainly_equal(
                Derivative(expression, place), jacobian(expression, place), seed
            ):
                wrong.append(
                    f"seed {seed}: D({expression}, {place}) = {jacobian(expression, place)}"
                )
    assert wrong == []


def sympy_disagrees(expression: Expression, seed: int) -> bool:
    sizes = {n: 2, d: 3, k: 2}
    point = draw(expression, sizes, np.random.default_rng(seed))
    symbols = {v: np.empty(x.shape, dtype=object) for v, x in point.items()}
    for variable, array in symbols.items():
        for place in np.ndindex(array.shape):
            array[place] = sympy.Symbol(f"{variable.name}{place}", real=True)
    value = sympy.sympify(np.asarray(entries(expression, symbols, sizes)).item())
    at = {s: point[v][i] for v, array in symbols.items() for i, s in np.ndenumerate(array)}
    places = continuous(expression)
    for place, slopes in zip(places, gradient(expression, places), strict=True):
        found = evaluate_real(slopes, point, sizes)
        for index, symbol in np.ndenumerate(symbols[place]):
            expected = complex(sympy.N(value.diff(symbol).subs(at), 15, maxn=400)).real
            if not close(np.array(expected), np.array(found[index]), 1e-7):
                return not certainly_equal(Derivative(expression, place), slopes, seed, sizes)
    return False


def test_gradients_agree_with_sympy_entry_by_entry() -> None:
    wrong = []
    for seed in range(5000, 5030):
        expression = Writer(seed, smooth=True, names=False).scalar(1 + seed % 2)
        if sympy_disagrees(expression, seed):
            wrong.append(describe(seed, expression, lambda e, s=seed: sympy_disagrees(e, s)))
    assert wrong == []


# --- laws ----------------------------------------------------------------------------------------


def test_several_variables_at_once_give_what_each_gives_alone() -> None:
    for seed in range(6000, 6040):
        expression = Writer(seed).scalar(1 + seed % 4)
        places = list(variables(expression))
        together = gradient(expression, places)
        assert isinstance(together, tuple)
        assert list(together) == [gradient(expression, place) for place in places], f"seed {seed}"


def pairs(start: int, count: int = 25) -> Iterator[tuple[int, Expression, Expression, Variable]]:
    """Two random functions of one vector."""
    for seed in range(start, start + count):
        writer = Writer(seed, smooth=True, names=False)
        x = vector("x", n)
        left = writer.scalar(2) * sum(sigmoid(x * writer.expression((n,), 1)))
        right = sin(x @ writer.expression((n,), 2)) + writer.scalar(1)
        yield seed, left, right, x


def test_differentiation_is_linear() -> None:
    for seed, f, g, x in pairs(7000):
        whole = gradient(3 * f - g / 2, x)
        assert not differ(whole, 3 * gradient(f, x) - gradient(g, x) / 2, seed), f"seed {seed}"


def test_the_product_rule_holds() -> None:
    for seed, f, g, x in pairs(7100):
        assert not differ(gradient(f * g, x), f * gradient(g, x) + g * gradient(f, x), seed), seed


def test_the_chain_rule_holds_through_a_named_intermediate() -> None:
    A, x = matrix("A", d, n), vector("x", n)
    z = named("z", tanh(A @ x))
    for seed in range(7200, 7220):
        other = Writer(seed, smooth=True, names=False).expression((d,), 2)
        f = sum(sigmoid(z * other)) + z @ z
        chained = gradient(f, z) @ jacobian(z, x)
        assert not differ(gradient(f, x), chained, seed), f"seed {seed}"


@pytest.mark.filterwarnings("ignore::symbolic.IndependentWarning")
def test_hessians_are_symmetric() -> None:
    for seed, f, g, x in pairs(7300, 8):
        second = hessian(f * g, x)
        assert not differ(second, second.T, seed), f"seed {seed}: {second}"


def test_the_derivative_of_a_transpose_is_the_derivative_with_its_axes_turned() -> None:
    A, X = matrix("A", n, d), matrix("X", d, k)
    point = draw([A, X], SIZES, np.random.default_rng(0))
    plain = evaluate_real(jacobian(tanh(A @ X), X), point, SIZES)
    turned = evaluate_real(jacobian(tanh(A @ X).T, X), point, SIZES)
    assert close(plain.transpose(1, 0, 2, 3), turned)


# --- facts of a domain hold on the domain only, not around it ------------------------------------

FACTS = (
    ("sum(p)**2", "p", {"p": "n: prob"}),
    ("(v @ v)**2", "v", {"v": "n: unit_norm"}),
    ("trace(S @ S)", "S", {"S": "n n: symmetric"}),
    ("trace(S @ S @ S)", "S", {"S": "n n: spd"}),
    ("sum(exp(sum(P, axis=1)))", "P", {"P": "n k: prob"}),
)


@pytest.mark.filterwarnings("ignore::symbolic.IndependentWarning")
@pytest.mark.parametrize(("f", "place", "given"), FACTS, ids=[case[0] for case in FACTS])
def test_second_derivatives_do_not_use_facts_of_the_place(
    f: str, place: str, given: dict[str, str]
) -> None:
    """Entries count as independent: the sum of p is 1 at p, and still changes with p."""
    expression = parse(f, given)
    variable = {v.name: v for v in variables(expression)}[place]
    inert = Derivative(Derivative(expression, variable), variable)
    assert certainly_equal(inert, hessian(expression, variable), 1)


@pytest.mark.parametrize(
    "f",
    [
        "trace(V*V)",
        "trace(tanh(V))",
        "sum(V*eye(n))",
        "sum(exp(diag(diagonal(V))))",
        "trace(log(P))",
    ],
)
def test_the_gradient_of_a_function_of_a_diagonal_is_diagonal(f: str) -> None:
    expression = parse(f, {"V": "n n", "P": "n n: positive"})
    (place,) = variables(expression)
    assert certainly_equal(Derivative(expression, place), gradient(expression, place), 0)


# --- what is refused, and how --------------------------------------------------------------------


def test_an_independent_variable_gives_zeros_and_a_warning() -> None:
    x, y = vector("x", n), matrix("y", n, d)
    with pytest.warns(
        IndependentWarning, match="x @ x does not contain y: the derivative is zeros"
    ):
        found = gradient(x @ x, y)
    assert str(found) == "zeros(n, d)"


def test_a_linear_function_has_a_zero_hessian() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndependentWarning)
        assert str(hessian("a @ x", "x", {"a": "n", "x": "n"})) == "zeros(n, n)"


def test_the_gradient_of_a_vector_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        ShapeError, match=r"the gradient of A @ x: shape \(n,\), not a scalar; use jac"
    ):
        gradient("A @ x", "x", {"A": "n d", "x": "d"})


def test_the_hessian_of_a_vector_is_refused() -> None:
    with pytest.raises(ShapeError, match="not a scalar"):
        hessian("A @ x", "x", {"A": "n d", "x": "d"})


def test_a_place_that_is_no_variable_is_refused() -> None:
    x = vector("x", n)
    with pytest.raises(UnsupportedError, match="give the intermediate a name with named"):
        gradient(sum(sin(2 * x)), 2 * x)


def test_an_unknown_place_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(NameUnknownError, match="no such name in x"):
        gradient(sum(vector("x", n)), "w")


def test_a_name_is_a_place() -> None:
    x = vector("x", n)
    z = named("z", 3 * x)
    assert str(gradient(z @ z, z)) == "2*z"
    assert str(gradient(z @ z, "z")) == "2*z"
    assert not differ(gradient(z @ z, x), 18 * x, 0)


def test_a_scalar_by_a_scalar_and_by_a_tensor() -> None:
    t = scalar("t")
    T = Variable("T", (n, d, k))
    assert str(gradient(t**3, t)) == "3*t**2"
    assert gradient(t * sum(T * T), T).shape == (n, d, k)
    assert not differ(gradient(t * sum(T * T), T), 2 * t * T, 0)


# --- closed forms --------------------------------------------------------------------------------

R, V_ = {"X": "n d", "w": "d", "y": "n", "lam": ": positive"}, {"A": "n n", "x": "n", "b": "n"}
C = {"X": "n d", "W": "d k", "b": "k", "Y": "n k: prob"}
ATTENTION = {"Q": "m d", "M": "n d", "V": "n k", "G": "m k"}
TEXTBOOK: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    ("least squares", "norm(X @ w - y)**2", "w", "2*X.T @ (X @ w - y)", R),
    ("mean squares", "mean((X @ w - y)**2)", "w", "2*X.T @ (X @ w - y)/n", R),
    ("ridge", "norm(X @ w - y)**2/2 + lam*(w @ w)/2", "w", "X.T @ (X @ w - y) + lam*w", R),
    ("quadratic form", "x @ A @ x + b @ x", "x", "(A + A.T) @ x + b", V_),
    ("bilinear form by the matrix", "x @ A @ b", "A", "outer(x, b)", V_),
    ("logistic", "mean(softplus(X @ w) - y*(X @ w))", "w", "X.T @ (sigmoid(X @ w) - y)/n", R),
    ("logistic, signs", "sum(log(1 + exp(-y*(X @ w))))", "w", "-X.T @ (y*sigmoid(-y*(X @ w)))", R),
    ("softmax regression", "-sum(Y*log_softmax(X @ W + b, axis=1))/n", "W",
     "X.T @ (softmax(X @ W + b, axis=1) - Y)/n", C),
    ("softmax bias", "-sum(Y*log_softmax(X @ W + b, axis=1))", "b",
     "sum(softmax(X @ W + b, axis=1) - Y, axis=0)", C),
    ("Poisson", "sum(exp(X @ w) - y*(X @ w))", "w", "X.T @ (exp(X @ w) - y)", R),
    ("Huber", "sum(where(y < 1, y**2/2, y - 1/2))", "y", "where(y < 1, y, 1)", R),
    ("factorisation by U", "norm(M - U @ V.T)**2", "U", "-2*(M - U @ V.T) @ V",
     {"M": "n d", "U": "n k", "V": "d k"}),
    ("factorisation by V", "norm(M - U @ V.T)**2", "V", "-2*(M - U @ V.T).T @ U",
     {"M": "n d", "U": "n k", "V": "d k"}),
    ("attention by V", "sum(G*(softmax(Q @ M.T, axis=1) @ V))", "V",
     "softmax(Q @ M.T, axis=1).T @ G", ATTENTION),
    ("attention by Q", "sum(G*(softmax(Q @ M.T, axis=1) @ V))", "Q",
     "(softmax(Q @ M.T, axis=1)*(G @ V.T - sum(softmax(Q @ M.T, axis=1)*(G @ V.T), axis=1,"
     " keepdims=True))) @ M", ATTENTION),
    ("centring", "sum(g*(x - mean(x)))", "x", "g - mean(g)", {"g": "n", "x": "n"}),
    ("layer norm", "g @ ((x - mean(x))/norm(x - mean(x)))", "x",
     "(g - mean(g))/norm(x - mean(x))"
     " - (x - mean(x))*(g @ (x - mean(x)))/norm(x - mean(x))**3", {"g": "n", "x": "n"}),
    ("trace of a product", "trace(A @ X @ B)", "X", "A.T @ B.T", {"A": "n m", "X": "m d",
     "B": "d n"}),
    ("trace of a square", "trace(A @ A)", "A", "2*A.T", V_),
    ("trace of a cube", "trace(A @ A @ A)", "A", "3*(A @ A).T", V_),
    ("Frobenius", "sum(A*A)", "A", "2*A", V_),
    ("norm", "norm(x - b)", "x", "(x - b)/norm(x - b)", V_),
    ("Rayleigh quotient", "(x @ A @ x)/(x @ x)", "x",
     "(A @ x + A.T @ x)/(x @ x) - 2*(x @ A @ x)*x/(x @ x)**2", V_),
    ("outer product", "sum(outer(x, b)*A)", "x", "A @ b", V_),
    ("log-sum-exp", "logsumexp(A @ x)", "x", "A.T @ softmax(A @ x)", V_),
    ("entropy", "-sum(p*log(p))", "p", "-log(p) - 1", {"p": "n: positive"}),
    ("two layers", "sum(relu(X @ W + b) @ v)", "W",
     "X.T @ (step(X @ W + b)*v)", {"X": "n d", "W": "d k", "b": "k", "v": "k"}),
    ("Gaussian", "sum(log(s) + (y - m)**2/(2*s**2))", "s", "sum(1/s - (y - m)**2/s**3)",
     {"s": ": positive", "y": "n", "m": "n"}),
)  # fmt: skip


@pytest.mark.parametrize("case", TEXTBOOK, ids=[case[0] for case in TEXTBOOK])
def test_textbook_gradients(case: tuple[str, str, str, str, dict[str, str]]) -> None:
    _, f, place, expected, given = case
    found = gradient(f, place, given)
    right = parse(expected, given)
    sizes = {**SIZES, sympy.Symbol("m", positive=True, integer=True): 5}
    for seed in range(3):
        point = draw([found, right], sizes, np.random.default_rng(seed))
        assert close(evaluate_real(right, point, sizes), evaluate_real(found, point, sizes))
    assert simplify(found) is found


def test_the_trace_of_a_symmetric_matrix_counts_its_entries_as_independent() -> None:
    S, B = matrix("S", n, n, domain="symmetric"), matrix("B", n, n)
    assert str(gradient(trace(S @ B), S)) == "B.T"
