"""`parse` reads what `str` writes."""

from __future__ import annotations

import pytest

from symbolic import Expression, dims, parse, simplify, tensor, vector
from symbolic.nodes import Contraction
from tests.symbolic.random_expressions import Writer, describe, differ, given_for, network

n, d, k = dims("n d k")


def read_back(expression: Expression) -> Expression:
    return parse(str(expression), given_for(expression))


def is_misread(expression: Expression, seed: int) -> bool:
    return differ(expression, read_back(expression), seed)


def misread(seed: int, expression: Expression) -> str:
    """What is wrong with the text of an expression; empty if nothing is."""
    try:
        if not is_misread(expression, seed):
            return ""
    except ValueError as error:
        return f"seed {seed}: {expression} is refused: {error}"
    return describe(seed, expression, lambda e: is_misread(e, seed))


@pytest.mark.parametrize("start", range(0, 600, 200))
def test_inert_expressions_are_read_back_with_their_value(start: int) -> None:
    found = []
    for seed in range(start, start + 200):
        writer = Writer(seed, names=False)
        found.append(misread(seed, writer.expression(writer.shape(3), 1 + seed % 5)))
    assert [each for each in found if each] == []


@pytest.mark.parametrize("start", range(0, 300, 150))
def test_networks_of_contractions_are_read_back_with_their_value(start: int) -> None:
    found = [misread(seed, network(seed, 1 + seed % 2)) for seed in range(start, start + 150)]
    assert [each for each in found if each] == []


@pytest.mark.parametrize("start", range(0, 450, 150))
def test_simplified_expressions_are_read_back_as_themselves(start: int) -> None:
    found = []
    for seed in range(start, start + 150):
        writer = Writer(seed, names=False)
        simple = simplify(writer.expression(writer.shape(3), 1 + seed % 5))
        try:
            if simplify(read_back(simple)) is not simple:
                found.append(f"seed {seed}: {simple} is read as {simplify(read_back(simple))}")
        except ValueError as error:
            found.append(f"seed {seed}: {simple} is refused: {error}")
    assert len(found) <= 2, found


WRITTEN = (
    "v[:, None]", "v[None, :]", "M[:, None, :]", "-v**2", "(-v)**2", "v**-1", "2**v", "-(v + u)",
    "v - (u - v)", "v/(u*v)", "v/u/v", "v*(u/v)", "(A @ B) @ v", "A @ (B @ v)", "A @ (v*u)",
    "(A*B) @ v", "A @ v*u", "(A @ v)*u", "-A @ v", "(-A) @ v", "A.T @ B.T", "(A @ B).T",
    "sum(M, axis=0, keepdims=True)", "sum(M, axis=(0, 1))", "mean(M, axis=1)", "1/(2*n)*v",
    "v/n", "n*v/d", "(n - 1)*v", "where(v < u, v, u)", "where(v == 1, u + v, -u)",
    "maximum(maximum(v, u), w_)", "minimum(v, minimum(u, w_))", "maximum(v, 0)",
    "softmax(M, axis=0)", "logsumexp(M)", "norm(M, axis=1)", "einsum('ijk,k->ij', T, c)",
    "einsum('ii->i', A)", "v + 1", "1 - v", "exp(1)*v", "pi*v", "sqrt(2)*v", "v**(1/3)", "1/2*v",
    "sum(zeros(n)) + 1", "ones(n, d)*v[:, None]", "eye(n) @ A", "outer(v, u) @ v", "tr(A)",
    "v @ A @ u", "abs(v) - sign(v)", "gamma(p) + lgamma(p)*digamma(p)", "trigamma(p) - polygamma(2, p)",
    "step(v)*relu(u)",
)  # fmt: skip
GIVEN = {
    "v": "n", "u": "n", "w_": "n", "A": "n n", "B": "n n", "M": "n d", "T": "n d k", "c": "k",
    "p": "n: positive",
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_what_is_read_is_written_and_read_again(written: str) -> None:
    expression = parse(written, GIVEN)
    assert not differ(expression, parse(str(expression), GIVEN), 0)
    simple = simplify(expression)
    assert simplify(parse(str(simple), GIVEN)) is simple


def test_axes_of_size_one_that_are_repeated_keep_their_shape() -> None:
    u, v = tensor("u", 1), tensor("v", 1)
    product = Contraction([u, v], [(0,), (1,)], (2,), {2: n})
    assert parse(str(product), given_for(product)).shape == product.shape


def test_a_sum_of_repeated_terms_keeps_its_shape() -> None:
    row = vector("r", d)[None, :] * Contraction((), (), (0, 1), {0: n, 1: d})
    column = vector("c", n)[:, None] * Contraction((), (), (0, 1), {0: n, 1: d})
    assert parse(str(row + row), given_for(row)).shape == (n, d)
    assert parse(str(row + column), given_for(row, column)).shape == (n, d)
