"""Differentials, directional derivatives, Hessian-vector products, structures, assumptions."""

from __future__ import annotations

import numpy as np
import pytest

from symbolic import (
    NameUnknownError,
    NotAllowedError,
    ShapeError,
    assumptions,
    differential,
    directional_derivative,
    gradient,
    hessian,
    hvp,
    jacobian,
    parse,
    simplify,
)
from symbolic.nodes import Expression, Variable
from symbolic.traverse import depends_on, substitute, variables
from tests.symbolic.random_expressions import Writer, certainly_equal

GIVEN = {
    "X": "n d", "S": "n n: spd", "M": "n n", "B": "d k", "w": "d", "v": "d", "y": "n", "x": "n",
    "E": "n n", "o": "d: onehot", "b": "n: binary",
}  # fmt: skip


def contracted(slope: Expression, along: Expression, rank: int) -> Expression:
    from symbolic.nodes import Contraction

    axes = list(range(slope.rank))
    return Contraction([slope, along], [axes, axes[rank:]], axes[:rank])


@pytest.mark.parametrize(
    ("f", "shown"),
    [
        ("logdet(M)", "trace(inv(M) @ dM)"),
        ("inv(M)", "-inv(M) @ dM @ inv(M)"),
        ("M @ M", "M @ dM + dM @ M"),
        ("x @ M", "M.T @ dx + dM.T @ x"),
        ("trace(M @ S @ M)", None),
        ("det(M)", "det(M)*trace(inv(M) @ dM)"),
    ],
)
def test_differentials_read_as_in_a_book(f: str, shown: str | None) -> None:
    found = differential(f, [v for v in ("M", "x") if v in f], GIVEN)
    assert shown is None or str(found) == shown


@pytest.mark.parametrize("seed", range(40))
def test_a_differential_is_the_derivative_times_the_direction(seed: int) -> None:
    writer = Writer(3000 + seed, names=False)
    f = writer.expression(writer.shape(1), 3)
    places = [v for v in variables(f) if v.domain == "real"]
    for place in places[:2]:
        along = Variable("direction", place.shape)
        found = directional_derivative(f, place, along)
        assert found.shape == f.shape
        expected = contracted(jacobian(f, place), along, f.rank)
        assert certainly_equal(found, expected, seed), f"seed {seed}: {f}"


@pytest.mark.parametrize("seed", range(25))
def test_hessian_vector_products_are_hessians_times_vectors(seed: int) -> None:
    writer = Writer(4000 + seed, names=False)
    f = writer.expression((), 3)
    for place in [v for v in variables(f) if v.domain == "real"][:1]:
        along = Variable("direction", place.shape)
        expected = contracted(hessian(f, place), along, place.rank)
        assert certainly_equal(hvp(f, place, along), expected, seed), f"seed {seed}: {f}"


def test_a_direction_that_depends_on_the_place_counts_as_constant() -> None:
    w = parse("w", GIVEN)
    found = hvp("(w @ w)**2", "w", "w", GIVEN)
    assert found is simplify(contracted(hessian("(w @ w)**2", "w", GIVEN), w, 1))


def test_bad_directions_are_named() -> None:
    with pytest.raises(ShapeError, match=r"give a direction of the shape of w"):
        hvp("w @ w", "w", "y", GIVEN)
    with pytest.raises(NameUnknownError, match="dw is a variable of f"):
        differential("w @ dw", given={"w": "d", "dw": "d"})
    with pytest.raises(ShapeError, match="use jacobian, or sum"):
        hvp("X @ w", "w", "v", GIVEN)


@pytest.mark.parametrize("structure", ["symmetric", "skew", "diagonal", "lower", "upper"])
def test_a_structured_gradient_is_the_gradient_along_the_structure(structure: str) -> None:
    """<G, dX> is df for every dX of the structure, and G has the structure itself."""
    f = parse("x @ M @ y + trace(M @ E @ M)", GIVEN)
    g = gradient(f, "M", GIVEN, structure=structure)
    free = gradient(f, "M", GIVEN)
    project = {
        "symmetric": "(E + E.T)/2", "skew": "(E - E.T)/2", "diagonal": "diag(diagonal(E))",
        "lower": "tril(E)", "upper": "triu(E)",
    }[structure]  # fmt: skip
    direction = parse(project, {"E": "n n"})
    same = parse("E", {"E": "n n"})
    inner = contracted(g, direction, 0)
    assert certainly_equal(inner, contracted(free, direction, 0), 5)
    assert certainly_equal(substitute(direction, {same: g}), g, 5)


def test_the_symmetric_gradient_is_not_the_common_mistake() -> None:
    g = gradient("x @ M @ y", "M", GIVEN, structure="symmetric")
    mistake = parse("outer(x, y) + outer(y, x) - diag(x*y)", GIVEN)
    assert not certainly_equal(g, mistake, 1)
    assert str(g) == "(outer(x, y) + outer(y, x))/2"


def test_an_unknown_structure_is_named() -> None:
    with pytest.raises(NotAllowedError, match="use one of symmetric, skew"):
        gradient("x @ M @ y", "M", GIVEN, structure="banded")
    with pytest.raises(ShapeError, match="differentiate by a square matrix"):
        gradient("w @ w", "w", GIVEN, structure="symmetric")


@pytest.mark.parametrize(
    ("f", "shown"),
    [
        ("trace(X.T @ S @ X)/2", "kron(eye(d), S)"),
        ("trace(B.T @ X.T @ S @ X @ B)/2", "kron(B @ B.T, S)"),
        ("norm(X)**2/2", "kron(eye(d), eye(n))"),
    ],
)
def test_hessians_by_a_matrix_keep_their_kronecker_factors(f: str, shown: str) -> None:
    assert str(hessian(f, "X", GIVEN, vectorized=True)) == shown


def test_the_vectorized_hessian_is_the_dense_one_rearranged() -> None:
    from numeric import evaluate

    rng = np.random.default_rng(0)
    data = {"X": rng.normal(size=(3, 2)), "B": rng.normal(size=(2, 4))}
    root = rng.normal(size=(3, 3))
    data["S"] = root @ root.T
    f = "sum(tanh(S @ X @ B)**2)"
    dense = evaluate(hessian(f, "X", GIVEN), data)
    flat = evaluate(hessian(f, "X", GIVEN, vectorized=True), data)
    expected = dense.transpose(1, 0, 3, 2).reshape(6, 6)
    np.testing.assert_allclose(flat, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("f", "wrt", "expected"),
    [
        ("-o @ log_softmax(w)", "w", ["o: rows with a single 1, else 0"]),
        ("logdet(M)", "M", ["M: invertible"]),
        ("logdet(S)", "S", ["S: symmetric positive definite"]),
        ("w @ w", "w", []),
        ("x @ S @ x", "x", ["S: symmetric positive definite"]),
    ],
)
def test_results_say_what_they_assume(f: str, wrt: str, expected: list[str]) -> None:
    assert [str(each) for each in assumptions(gradient(f, wrt, GIVEN))] == expected


def test_a_domain_that_changes_nothing_is_not_assumed() -> None:
    g = gradient("b @ (X @ w)", "w", GIVEN)
    assert assumptions(g) == ()
    assert parse("b", GIVEN) in depends_on(g, parse("b", GIVEN))


@pytest.mark.parametrize("seed", range(10))
def test_the_derivative_of_a_transpose_is_the_derivative_transposed(seed: int) -> None:
    from symbolic.nodes import Contraction

    writer = Writer(5000 + seed, names=False)
    f = writer.expression(tuple(writer.shape(2)) or ("n",), 2)
    if f.rank != 2:
        f = parse("outer(tanh(M @ x), sin(w))", GIVEN)
    for place in [v for v in variables(f) if v.domain == "real"][:1]:
        slope = jacobian(f, place)
        axes = list(range(slope.rank))
        turned = Contraction([slope], [axes], [1, 0, *axes[2:]])
        assert certainly_equal(jacobian(f.T, place), turned, seed), f"seed {seed}: {f}"


@pytest.mark.parametrize(
    "f", ["sum(tanh(M @ x)**2)", "logdet(S + M.T @ M)", "x @ inv(S + x[0]*E) @ y"]
)
def test_the_gradient_of_a_gradient_is_symmetric(f: str) -> None:
    h = hessian(f, "x" if "x" in f else "M", GIVEN)
    half = h.rank // 2
    axes = list(range(h.rank))
    from symbolic.nodes import Contraction

    turned = Contraction([h], [axes], axes[half:] + axes[:half])
    assert certainly_equal(h, turned, 3)
