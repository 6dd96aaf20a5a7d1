"""Rules of inequalities: each proves what it should, says no elsewhere, and never proves what is false."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import sympy

from derivations import inequality
from derivations.linear_algebra import cauchy_schwarz, completing_the_square
from derivations.rules.definite_matrices import logdet_below_tangent, nonnegative_form
from derivations.rules.inequalities import (
    InequalityRule,
    adding_nonnegative,
    comparing_squares,
    is_multiple,
    largest_entry,
    log_below_tangent,
    operator_norm,
    scaled,
    weights_at_most_one,
)
from symbolic import (
    Expression,
    UnsupportedError,
    abs,
    dims,
    inv,
    lambdify,
    log,
    logdet,
    matrix,
    max,
    mean,
    named,
    norm,
    scalar,
    spectral_norm,
    sum,
    trace,
    vector,
)
from symbolic.scalars.facts import Facts
from symbolic.traverse import variables

m, n, k, q = dims("m n k q")
A, B, G = matrix("A", m, n), matrix("B", n, n), matrix("G", n, n, domain="invertible")
x, y, z = vector("x", n), vector("y", n), vector("z", n)
c, p = scalar("c"), scalar("p", domain="positive")
U, Q = matrix("U", m, k + q, domain="orthogonal"), matrix("Q", m, k, domain="orthogonal")
R = matrix("R", m, k)
s, u = vector("s", k + q, domain="descending"), vector("u", k + q, domain="nonnegative")
v, t = vector("v", k + q, domain="positive"), vector("t", k + q)
w, free = sum((U.T @ Q) ** 2, axis=1), sum((U.T @ R) ** 2, axis=1)
image = named("image", A @ x)
rows, share = matrix("rows", m, n, domain="prob"), vector("share", n, domain="prob")
tall = sum(rows, axis=0)
usual, columns = mean(rows, axis=0), matrix("columns", m, n, domain="prob")
S, C = matrix("S", n, n, domain="spd"), matrix("C", n, n, domain="spd")
NO_FACTS = Facts()

PROVED: list[tuple[InequalityRule, Expression, Expression]] = [
    (adding_nonnegative, c, c + norm(x)),
    (operator_norm, norm(A @ x), spectral_norm(A) * norm(x)),
    (operator_norm, norm(image), spectral_norm(A) * norm(x)),
    (operator_norm, norm(B @ B.T @ x), spectral_norm(B) * norm(B.T @ x)),
    (operator_norm, norm(A @ B @ x), spectral_norm(A @ B) * norm(x)),
    (operator_norm, norm(G @ x - B @ x), spectral_norm(G - B) * norm(x)),
    (operator_norm, 3 * p * norm(A @ x) + c, 3 * p * spectral_norm(A) * norm(x) + c),
    (operator_norm, 1 / norm(x), spectral_norm(G) / norm(G @ x)),
    (weights_at_most_one, sum(s * w), sum(s[:k])),
    (weights_at_most_one, sum(s**2 * w), sum(s[:k] ** 2)),
    (weights_at_most_one, c - p * sum(s[:k] ** 2), c - p * sum(s**2 * w)),
    (largest_entry, sum(y * x**2), max(y) * sum(x**2)),
    (largest_entry, p * sum(y * x**2), p * max(y) * sum(x**2)),
    (log_below_tangent, sum(u * log(s) - s), sum(u * log(u) - u)),
    (log_below_tangent, p * sum(v * log(u) - u), p * sum(v * log(v) - v)),
    (logdet_below_tangent, logdet(C), logdet(S) + trace(inv(S) @ (C - S))),
    (logdet_below_tangent, p * logdet(A.T @ A), p * (logdet(C) + trace(inv(C) @ A.T @ A) - n)),
    (nonnegative_form, c, c + x @ inv(S) @ x),
    (nonnegative_form, c - p * ((x - y) @ S @ (x - y)), c),
]

SILENT: list[tuple[InequalityRule, Expression, Expression]] = [
    (adding_nonnegative, c, c + sum(x)),
    (adding_nonnegative, c + norm(x), c),
    (operator_norm, spectral_norm(A) * norm(x), norm(A @ x)),
    (operator_norm, c * norm(A @ x), c * spectral_norm(A) * norm(x)),
    (operator_norm, norm(A @ x), spectral_norm(B) * norm(x)),
    (operator_norm, norm(A @ x), norm(x)),
    (operator_norm, norm(G @ x + B @ x), spectral_norm(G - B) * norm(x)),
    (operator_norm, norm(B @ x), max(B) * norm(x)),
    (operator_norm, norm(x), spectral_norm(G) / norm(G @ x)),
    (weights_at_most_one, sum(s[:k]), sum(s * w)),
    (weights_at_most_one, sum(s**2 * free), sum(s[:k] ** 2)),
    (weights_at_most_one, sum(u**2 * w), sum(u[:k] ** 2)),
    (weights_at_most_one, sum(s**2 * w), sum(s[k:] ** 2)),
    (weights_at_most_one, sum(s**2 * w), sum(s[:k])),
    (largest_entry, sum(y * x), max(y) * sum(x)),
    (largest_entry, max(y) * sum(x**2), sum(y * x**2)),
    (largest_entry, sum(y * x**2), max(z) * sum(x**2)),
    (log_below_tangent, sum(u * log(u) - u), sum(u * log(s) - s)),
    (log_below_tangent, sum(u * log(s)), sum(u * log(u))),
    (log_below_tangent, sum(t * log(u) - u), sum(t * log(t) - t)),  # t may be negative
    (log_below_tangent, c * sum(u * log(s) - s), c * sum(u * log(u) - u)),
    (logdet_below_tangent, logdet(S) + trace(inv(S) @ (C - S)), logdet(C)),
    (logdet_below_tangent, c * logdet(C), c * (logdet(S) + trace(inv(S) @ (C - S)))),
    (logdet_below_tangent, logdet(G), logdet(S) + trace(inv(S) @ (G - S))),  # det(G) may be < 0
    (logdet_below_tangent, logdet(C), logdet(A.T @ A) + trace(inv(A.T @ A) @ C) - n),
    (logdet_below_tangent, logdet(C), logdet(S) + trace(inv(S) @ C)),
    (nonnegative_form, c, c + x @ B @ x),
    (nonnegative_form, c, c + x @ S @ y),
    (nonnegative_form, c, c - x @ S @ x),
]


def shown(case: object) -> str:
    return case.name if isinstance(case, InequalityRule) else str(case)[:50]


@pytest.mark.parametrize(("rule", "before", "after"), PROVED, ids=shown)
def test_the_rule_proves_the_step(
    rule: InequalityRule, before: Expression, after: Expression
) -> None:
    assert rule.holds(before, after)
    assert not rule.holds(after, before)
    assert not rule.holds(before, -after)
    others = {each.name: each for each, _, _ in PROVED if each is not rule}.values()
    assert not any(other.holds(before, after) for other in others)


@pytest.mark.parametrize(("rule", "before", "after"), SILENT, ids=shown)
def test_the_rule_says_no(rule: InequalityRule, before: Expression, after: Expression) -> None:
    assert not rule.holds(before, after)


def drawn(lines: list[Expression], rng: np.random.Generator) -> dict[str, np.ndarray]:
    sizes = {m: 9, n: 4, k: 2, q: 3}
    values = {"first": np.zeros(sizes[k]), "rest": np.zeros(sizes[q])}  # for their lengths
    for each in variables(lines):
        full = rng.normal(size=tuple(int(sympy.sympify(d).subs(sizes)) for d in each.shape))
        match each.domain:
            case "orthogonal":
                full = np.linalg.qr(full)[0]
            case "descending":
                full = -np.sort(-np.abs(full))
            case "positive" | "nonnegative":
                full = np.abs(full)
            case "spd":
                full = full @ full.T + np.eye(len(full)) / 5
            case "prob":
                full = np.exp(full) / np.exp(full).sum(axis=-1, keepdims=True)
        values[each.name] = full
    return values


@pytest.mark.parametrize(("rule", "before", "after"), PROVED, ids=shown)
def test_what_is_proved_holds_in_floats(
    rule: InequalityRule, before: Expression, after: Expression
) -> None:
    """By NumPy's decompositions: they share no code with the rules."""
    seed = 3
    rng = np.random.default_rng(seed)
    given = [*variables([before, after]), vector("first", k), vector("rest", q)]
    low, high = (lambdify(line, arguments=given) for line in (before, after))
    for _ in range(20):
        values = drawn([before, after], rng)
        assert low(**values) <= high(**values) + 1e-9, f"seed {seed}"


def combinations(rng: np.random.Generator) -> Iterator[tuple[Expression, Expression]]:
    """Random pairs of lines from the parts that the rules are about, most of them in no order."""
    parts = [
        norm(A @ x),
        norm(x),
        spectral_norm(A),
        norm(A),
        sum(y * x**2),
        max(y),
        norm(x) ** 2,
        c,
    ]
    for _ in range(150):
        one, other, third = (parts[i] for i in rng.integers(0, len(parts), 3))
        yield one, other * third
        yield one * third, other * third
        yield c - one, c - other


def test_no_rule_proves_what_is_false_at_random_data() -> None:
    seed = 11
    rng = np.random.default_rng(seed)
    proved = 0
    for before, after in combinations(rng):
        rules = [
            r for r in (adding_nonnegative, operator_norm, largest_entry) if r.holds(before, after)
        ]
        if not rules:
            continue
        proved += 1
        given = variables([before, after])
        low, high = (lambdify(line, arguments=given) for line in (before, after))
        for _ in range(5):
            values = drawn([before, after], rng)
            del values["first"], values["rest"]
            assert low(**values) <= high(**values) + 1e-9, f"{rules} {before} {after}, seed {seed}"
    assert proved


def test_a_factor_is_defined_where_the_lines_are() -> None:
    assert is_multiple(p, p + norm(x), norm(x))
    assert not is_multiple(c, c + 1, norm(x))  # 1 = norm(x)/norm(x) but where x is 0


def test_an_earlier_square_bounds_the_absolute_value() -> None:
    squares = inequality((x @ y) ** 2, norm(x) ** 2 * norm(y) ** 2)
    reason = comparing_squares(squares)
    assert reason.holds(abs(x @ y), norm(x) * norm(y), NO_FACTS)
    assert reason.holds(x @ y, norm(x) * norm(y), NO_FACTS)
    assert not reason.holds(abs(x @ y), -norm(x) * norm(y), NO_FACTS)
    assert not reason.holds(norm(x) * norm(y), abs(x @ y), NO_FACTS)
    assert not reason.holds(abs(x @ z), norm(x) * norm(z), NO_FACTS)
    assert reason.claim is squares


def test_a_page_bounds_a_multiple() -> None:
    reason = scaled(cauchy_schwarz.derivation, claim=2)
    assert reason.holds(abs(x @ y) / norm(x), norm(y), NO_FACTS)
    assert reason.holds(p * abs(x @ z), p * norm(x) * norm(z), NO_FACTS)
    assert not reason.holds(c * abs(x @ z), c * norm(x) * norm(z), NO_FACTS)
    assert not reason.holds(abs(x @ z), norm(x) * norm(y), NO_FACTS)
    with pytest.raises(UnsupportedError, match="claims"):
        scaled(cauchy_schwarz.derivation, claim=3)


def test_a_page_bounds_what_its_larger_side_has_alone() -> None:
    """The values say what stands for the variables that the smaller side does not have."""
    page, u = completing_the_square, vector("u", m)
    low, high = c - y @ inv(S) @ y / 2, c + x @ S @ x / 2 - y @ x
    reason = scaled(page.derivation, 2, {page.x: x})
    assert reason.holds(low, high, NO_FACTS)
    assert not reason.holds(high, low, NO_FACTS)
    assert not reason.holds(low, high + 1, NO_FACTS)
    assert not scaled(page.derivation, 2).holds(low, high, NO_FACTS)
    assert not scaled(page.derivation, 2, {page.x: z}).holds(low, high, NO_FACTS)
    assert not scaled(page.derivation, 2, {page.x: u}).holds(low, high, NO_FACTS)
    other = c - y @ inv(B) @ y / 2  # B need not be positive definite
    assert not reason.holds(other, c + x @ B @ x / 2 - y @ x, NO_FACTS)
    with pytest.raises(UnsupportedError, match="a value for z"):
        scaled(page.derivation, 2, {z: x})
