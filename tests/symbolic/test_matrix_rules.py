"""Rules of matrices and norms: each leads where it should, keeps the value, and says no elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

from symbolic import (
    Expression,
    abs,
    diag,
    dims,
    eigvalsh,
    eigvecsh,
    eye,
    inv,
    lambdify,
    matrix,
    max,
    named,
    norm,
    ones,
    scalar,
    spectral_norm,
    sum,
    trace,
    vector,
)
from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.execution import leads_to
from symbolic.calculus.matrix_rules import (
    inverse_of_product,
    matrix_chain,
    orthonormal_columns,
    spectral_theorem,
    split_sum,
)
from symbolic.calculus.norm_rules import (
    largest_power,
    norm_of_diagonal,
    norm_of_gram,
    norm_of_sum,
    orthogonal_invariance,
)
from symbolic.traverse import variables

m, n, k, q = dims("m n k q")
A, B, C = matrix("A", n, n), matrix("B", n, n), matrix("C", m, n)
G, H = matrix("G", n, n, domain="invertible"), matrix("H", n, n, domain="invertible")
Q, R = matrix("Q", n, k, domain="orthogonal"), matrix("R", n, k, domain="orthogonal")
W = matrix("W", n, n, domain="orthogonal")
X, Y, Z = matrix("X", m, k), matrix("Y", k, m), matrix("Z", m, n)
S = matrix("S", n, n, domain="symmetric")
V, lam = eigvecsh(S), eigvalsh(S)
s, t = vector("s", k + q), vector("t", k + q)
U, P = matrix("U", n, k + q), matrix("P", m, k + q)
x, y, c = vector("x", n), vector("y", n), scalar("c")
z, count = vector("z", k), scalar("count", domain="counts")
gram = named("gram", Q.T @ Q)

LEADS: list[tuple[Any, Expression, Expression]] = [
    (orthonormal_columns, Q.T @ Q, eye(k)),
    (orthonormal_columns, X @ gram @ Y, X @ Y),
    (orthonormal_columns, W @ W.T @ A @ W.T @ W, A),
    (orthonormal_columns, trace(Q.T @ Q), trace(eye(k))),
    (orthonormal_columns, V.T @ V @ V.T, V.T),
    (orthonormal_columns, norm(Q.T @ Q @ Y), norm(Y)),
    (spectral_theorem, V @ diag(lam) @ V.T, S),
    (spectral_theorem, x @ V @ diag(lam) @ V.T @ y, x @ S @ y),
    (inverse_of_product, inv(G @ H), inv(H) @ inv(G)),
    (inverse_of_product, inv(G.T @ G), inv(G) @ inv(G).T),
    (inverse_of_product, x @ inv(G @ H @ W) @ y, x @ inv(W) @ inv(H) @ inv(G) @ y),
    (split_sum(k), sum(s * t), sum(s[:k] * t[:k]) + sum(s[k:] * t[k:])),
    (split_sum(k), U @ P.T, U[:, :k] @ P[:, :k].T + U[:, k:] @ P[:, k:].T),
    (norm_of_sum, norm(x - y) ** 2, norm(x) ** 2 - 2 * x @ y + norm(y) ** 2),
    (norm_of_sum, norm(C + 3 * Z) ** 2, norm(C) ** 2 + 6 * sum(C * Z) + 9 * norm(Z) ** 2),
    (norm_of_sum, norm(x - c * y) ** 2, norm(x) ** 2 - 2 * c * x @ y + c**2 * norm(y) ** 2),
    (orthogonal_invariance, norm(Q @ Y), norm(Y)),
    (orthogonal_invariance, norm(X @ Q.T), norm(X)),
    (orthogonal_invariance, norm(W @ A @ W.T), norm(A)),
    (orthogonal_invariance, norm(W.T @ x - W.T @ y), norm(x - y)),
    (orthogonal_invariance, norm(V @ diag(x) @ W.T), norm(x)),
    (norm_of_diagonal, spectral_norm(Q @ Q.T), max(abs(ones(k)))),
    (norm_of_diagonal, spectral_norm(Q @ diag(z) @ R.T), max(abs(z))),
    (norm_of_diagonal, spectral_norm(-2 * W @ diag(c * x * y) @ W.T), max(abs(2 * c * x * y))),
    (largest_power, max(abs(x**count)), max(abs(x)) ** count),
    (norm_of_gram, spectral_norm(C.T @ C), spectral_norm(C) ** 2),
    (norm_of_gram, spectral_norm(C @ C.T) * 2, 2 * spectral_norm(C) ** 2),
]

SILENT: list[tuple[Any, Expression]] = [
    (orthonormal_columns, Q @ Q.T),  # a projector, not the identity
    (orthonormal_columns, Q.T @ R),
    (orthonormal_columns, sum(Q * Q, axis=1)),
    (orthonormal_columns, W @ W),
    (orthonormal_columns, C.T @ C),
    (orthonormal_columns, sum(Q, axis=0) * sum(Q, axis=0)),
    (spectral_theorem, V.T @ diag(lam) @ V),
    (spectral_theorem, V @ diag(lam) @ W.T),
    (spectral_theorem, V @ diag(eigvalsh(A)) @ V.T),
    (spectral_theorem, V @ diag(lam**2) @ V.T),
    (inverse_of_product, inv(A @ G)),
    (inverse_of_product, inv(G + H)),
    (inverse_of_product, inv(C.T @ C)),
    (split_sum(k), sum(x)),
    (split_sum(m), sum(s)),
    (norm_of_sum, norm(x - y)),
    (norm_of_sum, norm(C - Z, axis=1) ** 2),
    (norm_of_sum, norm(x) * norm(x - y)),
    (orthogonal_invariance, norm(Q.T @ A)),  # only as long as A lies in the space of Q
    (orthogonal_invariance, norm(A @ Q)),
    (norm_of_diagonal, spectral_norm(A @ diag(x) @ W.T)),
    (norm_of_diagonal, spectral_norm(W @ A @ W.T)),
    (norm_of_diagonal, spectral_norm(Q.T @ diag(x) @ Q)),  # rows that are not orthonormal
    (norm_of_diagonal, norm(W @ diag(x) @ W.T)),
    (largest_power, max(abs(x**c))),  # c may be negative
    (largest_power, max(x**count)),  # the smallest may have the largest square
    (largest_power, max(abs(x) ** c)),
    (orthogonal_invariance, norm(Q @ Y + R @ Y)),
    (orthogonal_invariance, norm(Q @ Y, axis=1)),
    (orthogonal_invariance, norm(Q @ Y, 1)),
    (norm_of_gram, spectral_norm(A @ A)),
    (norm_of_gram, spectral_norm(A.T @ B)),
    (norm_of_gram, norm(C.T @ C)),
]


@pytest.mark.parametrize(("rule", "before", "after"), LEADS, ids=lambda each: str(each)[:60])
def test_the_rule_leads_to_the_line(rule: Any, before: Expression, after: Expression) -> None:
    assert leads_to(before, after, (rule,))
    assert not equal_by_algebra(before, after)  # the rule is needed
    assert not leads_to(before, 2 * after, (rule,))


@pytest.mark.parametrize(("rule", "expression"), SILENT, ids=lambda each: str(each)[:60])
def test_the_rule_says_no(rule: Any, expression: Expression) -> None:
    assert equal_by_algebra(rule.once(expression), expression)


def value_of(shape: tuple[int, ...], domain: str, rng: np.random.Generator) -> Any:
    full = rng.normal(size=shape)
    if domain == "orthogonal":
        return np.linalg.qr(full)[0]
    if domain == "counts":
        return rng.integers(0, 6, size=shape)
    return full + full.T if domain == "symmetric" else full


@pytest.mark.parametrize(("rule", "before", "after"), LEADS, ids=lambda each: str(each)[:60])
def test_the_rule_keeps_the_value(rule: Any, before: Expression, after: Expression) -> None:
    """Both sides in floats, by NumPy's decompositions: they share no code with the rules."""
    seed = 7
    rng = np.random.default_rng(seed)
    sizes = {m: 4, n: 7, k: 2, q: 3}
    values: dict[str, Any] = {
        "first": np.zeros(sizes[k]),
        "rest": np.zeros(sizes[q]),
    }  # for their lengths
    for each in variables([before, after]):
        shape = tuple(int(sympy.sympify(size).subs(sizes)) for size in each.shape)
        values[each.name] = value_of(shape, each.domain, rng)
    given = [*variables([before, after]), vector("first", k), vector("rest", q)]
    found = [
        lambdify(side, arguments=given)(**values) for side in (before, rule.once(before), after)
    ]
    for right in found[1:]:
        assert np.allclose(found[0], right, rtol=1e-9, atol=1e-9), f"seed {seed}"


def test_the_chain_of_a_product() -> None:
    assert matrix_chain(C.T @ Z) == (C.T, Z)
    assert matrix_chain(2 * C.T @ Z) is None
    assert matrix_chain(C * Z) is None
    assert matrix_chain(x @ A) is None
