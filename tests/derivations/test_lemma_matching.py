"""A page of expressions as a reason: what it is about has to be what the line is about."""

from __future__ import annotations

import pytest
import sympy

from derivations import D, Derivation, at_most, begin, equals, equation, inequality
from derivations.lemma import Earlier, Lemma, lemma
from derivations.rules.inequalities import ScaledLemma, adding_nonnegative
from derivations.statements import Equation
from derivations.verdicts import check_step
from symbolic import (
    Expression,
    dims,
    eigvecsh,
    einsum,
    exp,
    eye,
    inv,
    log,
    matrix,
    named,
    norm,
    rules,
    scalar,
    softmax,
    sum,
    trace,
    vector,
)
from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.exponential_rules import exp_of_sum
from symbolic.calculus.logarithm_rules import log_of_product
from symbolic.calculus.matching import match
from symbolic.calculus.matrix_rules import inverse_of_product, orthonormal_columns
from symbolic.calculus.norm_rules import orthogonal_invariance
from symbolic.calculus.trace_rules import trace_trick
from symbolic.scalars.facts import Facts

n, m, d, k, q = dims("n m d k q")
x, y, a = vector("x", n), vector("y", m), vector("a", n)
X, w, t = matrix("X", n, d), vector("w", d), vector("t", n)
M, u = matrix("M", m, d), vector("u", m)


def page(left: Expression, right: Expression, *conditions: sympy.Basic) -> Lemma:
    """A lemma that says left = right; whether it is true is not looked at here."""
    return Lemma(Derivation(conditions, equation(left, right), ()), equation(left, right))


# --- sizes ---------------------------------------------------------------------------------------


def test_a_letter_of_the_page_is_another_size_on_the_line() -> None:
    mean = page(D(norm(X @ w - t) ** 2 / n, w), 2 * X.T @ (X @ w - t) / n)
    other = D(norm(M @ w - u) ** 2 / m, w)
    assert mean.once(other) is not other
    wrong = D(norm(M @ w - u) ** 2 / n, w)  # divided by n, though there are m examples
    assert mean.once(wrong) is wrong


def test_a_letter_in_an_exponent_is_one_of_the_page() -> None:
    powers = page(sum(x**n), sum(x ** (n + 1) / x))
    assert match(sum(x**n), sum(y**n)) is None
    assert powers.once(sum(y**n)) == sum(y**n)
    assert powers.once(sum(y**m)) is sum(y ** (m + 1) / y)


def test_compound_sizes_are_compared_when_their_letters_are_known() -> None:
    s, v = vector("s", k + q), vector("v", k)
    known = page(sum(s) * sum(v), sum(v) * sum(s) + 0 * sum(v))
    line = sum(s) * sum(vector("r", n))  # here k is n, so that k + q is n + q
    assert known.once(line) is line
    fits = sum(vector("s", n + q)) * sum(vector("r", n))
    assert match(sum(s) * sum(v), fits) is None  # q is the size of nothing by itself


def test_conditions_of_the_page_about_sizes_have_to_hold() -> None:
    left = trace(X.T @ X)
    at_least = page(left, norm(X) ** 2, sympy.Ge(n, d))
    tall = trace(matrix("A", d + 2, d).T @ matrix("A", d + 2, d))
    assert at_least.once(tall) is not tall
    assert at_least.once(left) is left  # n may be less than d
    assert page(left, norm(X) ** 2).once(left) is not left


def test_a_condition_that_is_not_about_sizes_is_not_known() -> None:
    c = sympy.Symbol("c", real=True)
    assert page(sum(x), x @ x, sympy.Gt(c, 0)).once(sum(a)) is sum(a)


# --- domains -------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["spd", "symmetric", "invertible", "orthogonal", "psd"])
def test_a_page_about_a_domain_says_nothing_of_other_matrices(domain: str) -> None:
    S, A = matrix("S", n, n, domain=domain), matrix("A", n, n)
    known = page(trace(S), trace(S.T))
    for other in (A, A.T, A @ A, S + A):
        assert known.once(trace(other)) is trace(other)
    bound = Lemma(Derivation((S,), inequality(trace(S), sum(S)), ()), inequality(trace(S), sum(S)))
    assert bound.holds(trace(S), sum(S), Facts())
    assert not bound.holds(trace(A), sum(A), Facts())
    scaled = ScaledLemma(bound.derivation, bound.proved)
    assert scaled.holds(2 * trace(S), 2 * sum(S), Facts())
    assert not scaled.holds(2 * trace(A), 2 * sum(A), Facts())


def test_a_variable_that_occurs_twice_stands_for_one_thing() -> None:
    known = page(x @ x, norm(x) ** 2)
    assert known.once(a @ a) is not a @ a
    assert known.once(a @ x) is a @ x


# --- places --------------------------------------------------------------------------------------

p = vector("p", n, domain="prob")
Q = matrix("Q", n, k, domain="orthogonal")
b = vector("b", n, domain="positive")
z = named("z", exp(a) * b)
s = named("s", a + x)


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (orthonormal_columns, D(Q.T @ Q, Q)),
        (orthogonal_invariance, D(norm(Q @ vector("v", k)), Q)),
        (log_of_product, D(log(z), z)),
        (exp_of_sum, D(exp(s), s)),
        (Earlier(equation(sum(p), 1)), D(sum(p), p)),
        (Earlier(equation(Q.T @ Q, eye(k))), D(Q.T @ Q @ vector("v", k), Q)),
        (page(sum(p), sum(p) ** 2), D(sum(p), p)),
        (page(sum(p), sum(p) ** 2), D(sum(named("g", softmax(a))), named("g", softmax(a)))),
    ],
    ids=str,
)
def test_what_holds_at_a_place_is_not_used_inside_its_derivative(rule, line: Expression) -> None:
    """In D(f, p) the entries of p are independent, and D(f, z) knows not what z stands for."""
    assert rule.once(line) is line
    assert rule.exhausted(line) is line


def test_what_holds_around_a_place_is_used_inside_its_derivative() -> None:
    assert equal_by_algebra(log_of_product.once(D(log(a * b), b)), D(log(a) + log(b), b))
    v = vector("v", k)
    assert equal_by_algebra(orthonormal_columns.once(D(Q.T @ Q @ v, v)), D(v, v))
    line = D(sum(p) * a, a)
    assert Earlier(equation(sum(p), 1)).once(line) is not line
    P = matrix("P", n, n, domain="spd")
    R = matrix("R", n, n, domain="invertible")
    assert inverse_of_product.once(D(inv(P @ R), P)) is not D(inv(P @ R), P)


def test_a_name_by_which_is_differentiated_is_no_abbreviation() -> None:
    r = named("r", X @ w)
    known = page(D(r @ r, r), 2 * r)
    v = named("v", M @ w)
    assert known.once(D(v @ v, v)) is 2 * v
    hidden = D((M @ w) @ (M @ w), v)  # does not contain v
    assert known.once(hidden) is hidden
    c = vector("c", n)
    linear = page(D(c @ r, r), c)
    square = D(v @ v, v)  # c would be v itself
    assert linear.once(square) is square
    e = named("e", exp(a))
    product = page(D(x @ exp(vector("f", n)), x), exp(vector("f", n)))
    assert product.once(D(e @ e, e)) is D(e @ e, e)


def test_errors_may_depend_on_the_place_of_the_derivative_beside_them() -> None:
    G, W = matrix("G", n, k), matrix("W", d, k)
    product = page(einsum("pq,pqij->ij", G, D(X @ W, W)), X.T @ G)
    e = named("e", exp(X @ W))
    assert product.once(einsum("pq,pqij->ij", e, D(X @ W, W))) is X.T @ e
    inside = page(sum(a) * D(x @ x, x), D(sum(a) * (x @ x), x))  # for an a that x does not change
    assert inside.once(sum(t) * D(x @ x, x)) is not sum(t) * D(x @ x, x)
    assert inside.once(sum(exp(x)) * D(x @ x, x)) == sum(exp(x)) * D(x @ x, x)
    hidden = page(D(sum(a) * (x @ x), x), sum(a) * 2 * x)
    assert hidden.once(D(sum(exp(x)) * (x @ x), x)) == D(sum(exp(x)) * (x @ x), x)


def test_a_name_is_seen_through_beside_a_derivative_by_it() -> None:
    G, W = matrix("G", n, k), matrix("W", d, k)
    product = page(einsum("pq,pqij->ij", G, D(X @ W, W)), X.T @ G)
    Y = named("Y", X @ W)
    slope = D(sum(Y**2), Y)
    assert product.once(einsum("pq,pqij->ij", slope, D(Y, W))) is X.T @ slope
    other = D(sum(Y * (X @ W)), Y)  # what Y stands for does not move with it
    square = page(D(sum(G * G), G), 2 * G)
    assert square.once(other) is other


def test_eigenvectors_have_orthonormal_columns() -> None:
    S, R = matrix("S", n, n), matrix("R", n, n, domain="orthogonal")
    known = page(norm(R @ x), norm(x))
    assert known.once(norm(eigvecsh(S) @ x)) is norm(x)
    line = norm(S @ x)
    assert known.once(line) is line


# --- factors that only count ---------------------------------------------------------------------


def test_a_sum_over_what_no_factor_has_is_a_factor() -> None:
    A, B = matrix("A", n, n, domain="invertible"), matrix("B", n, n, domain="invertible")
    count = sum(eye(m))
    for rule, line in (
        (trace_trick, count * (x @ A @ x)),
        (inverse_of_product, inv(count * A @ B)),
    ):
        for after in (rule.once(line), rule.exhausted(line)):
            assert after is line or "m" in str(after)


# --- what a lemma rests on -----------------------------------------------------------------------

c = scalar("c")


def test_a_page_is_a_reason_for_nothing_but_its_claims() -> None:
    proved = Derivation((x,), (D(x @ x, x), 2 * x), (
        equals(2 * x, by=(rules.product_rule, rules.linear_map)),
    ))  # fmt: skip
    wrong = Lemma(proved, equation(sum(x), x @ x))
    found = check_step(c * sum(x), equals(c * (x @ x), by=wrong))
    assert found.verdict != "proved"
    unseen = check_step(sum(x), equals(2 * sum(x) - sum(x), by=Lemma(proved, equation(c, c))))
    assert unseen.verdict == "undecided"
    assert "does not claim" in unseen.reason
    assert lemma(proved).proved == equation(D(x @ x, x), 2 * x)


def test_an_earlier_claim_counts_only_when_its_chain_proves_it() -> None:
    """The first chain is a valid one, but of another claim than the first."""
    false, true = inequality(c, c - 1), inequality(c, c + c**2)
    chain = (begin(c), at_most(c + c**2, by=adding_nonnegative))
    second = (begin(c), at_most(c - 1, by=false))
    report = Derivation((c,), (false, true), (*chain, *second)).check()
    assert report.verdict in ("undecided", "refuted")
    assert report.chains[1][0].verdict != "proved"


def test_a_claim_with_no_steps_is_no_reason() -> None:
    first, second = equation(c, c), equation(2 * c, c + c)
    report = Derivation((c,), (first, second), (begin(c), begin(2 * c), equals(c + c, by=first)))
    found = report.check()
    assert found.chains[1][0].verdict != "proved"
    assert isinstance(first, Equation)
    assert not found.passed


def test_a_derivation_does_not_rest_on_what_it_proves() -> None:
    claim = equation(D(x @ x, x), 2 * x)
    circular = Derivation((x,), claim, (equals(2 * x, by=claim),))
    assert circular.check().verdict == "undecided"
    assert "not shown before" in circular.check().chains[0][0].reason


def test_a_value_given_for_a_variable_keeps_its_domain_around_a_place() -> None:
    e, g = vector("e", n), vector("g", n, domain="prob")
    known = Derivation((x, e, g), equation(x @ e, sum(g) * (x @ e)), ())
    reason = Lemma(known, equation(x @ e, sum(g) * (x @ e)), ((g, p),))
    line = x @ p
    assert reason.once(line) is not line
    assert reason.once(D(line, x)) is not D(line, x)
    assert reason.once(D(line, p)) is D(line, p)  # the entries of p sum to one at p alone
    assert lemma(known, {g: p}).once(D(line, p)) is D(line, p)
    assert reason.once(x @ a) is not x @ a
    assert lemma(known, {g: a}).once(line) is line  # a need not sum to one
