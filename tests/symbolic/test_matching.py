"""What a pattern is told from, and what its variables stand for."""

from __future__ import annotations

from symbolic import dims, einsum, matrix, mean, softmax, sum, vector
from symbolic.calculus.matching import match

n, m = dims("n m")
A, B = matrix("A", n, m), matrix("B", n, m)
x, y = vector("x", m), vector("y", m)
p, rows = vector("p", m, domain="prob"), matrix("rows", n, m, domain="prob")


def test_products_of_other_indices_do_not_match() -> None:
    assert match(einsum("ij,ij->", A, B), einsum("ij,j->", A, x)) is None
    assert match(einsum("ij,ij->i", A, B), A @ x) is None
    binding = match(A @ x, B @ y)
    assert binding is not None
    assert binding.variables == {A: B, x: y}


def test_a_distribution_stands_for_what_sums_to_one() -> None:
    assert match(p @ x, softmax(y) @ x) is not None
    assert match(p @ x, mean(rows, axis=0) @ x) is not None
    assert match(p @ x, sum(rows, axis=0) @ x) is None
    assert match(p @ x, mean(A, axis=0) @ x) is None
    assert match(p @ x, y @ x) is None
