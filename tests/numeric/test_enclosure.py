"""Enclosures contain the true value, and a comparison never claims more than they show."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb

import symbolic as ops
from numeric import PrecisionTooLow, Undecided, compare, enclose, evaluate_exactly, sample
from numeric.balls import Balls, precision
from symbolic import variables as declared
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Derivative, Elementwise, kernel_symbol
from symbolic.operations import apply_elementwise

n, d = declared.dims("n d")
x = declared.scalar("x")
X, w, y = declared.matrix("X", n, d), declared.vector("w", d), declared.vector("y", n)
u0 = kernel_symbol(0)


def array(*entries):
    return np.array([Fraction(entry) for entry in entries], dtype=object)


def inside(ball, text):
    """Whether a ball meets the number that mpmath computed to 60 digits."""
    with precision(300):
        return ball.overlaps(type(ball)(f"{text} +/- 1e-55"))


ARGUMENT = {"log": Fraction(7, 3), "arctanh": Fraction(2, 7), "sqrt": Fraction(5, 3)}
MPMATH = {
    "log1p": mpmath.log1p, "expm1": mpmath.expm1, "arctanh": mpmath.atanh, "abs": abs,
    "sign": mpmath.sign, "lgamma": mpmath.loggamma, "maximum": max, "minimum": min,
    "trigamma": lambda t: mpmath.polygamma(1, t),
    "sigmoid": lambda t: 1 / (1 + mpmath.exp(-t)),
    "softplus": lambda t: mpmath.log(1 + mpmath.exp(t)),
    "silu": lambda t: t / (1 + mpmath.exp(-t)),
    "gelu": lambda t: t * (1 + mpmath.erf(t / mpmath.sqrt(2))) / 2,
    "relu": lambda t: max(t, 0), "step": lambda t: mpmath.mpf(t > 0),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_every_function_of_the_table_and_its_derivatives(name):
    entry = ELEMENTWISE[name]
    point = ARGUMENT.get(name, Fraction(7, 3))
    names = ["p", "q"][: entry.arity]
    places = [declared.scalar(each) for each in names]
    values = dict(zip(places, [np.array(point), np.array(Fraction(1, 3))], strict=False))
    expression = apply_elementwise(name, *places)
    reference = MPMATH.get(name) or getattr(mpmath, name)
    with mpmath.workdps(60):
        numbers = [mpmath.mpf(v.item().numerator) / v.item().denominator for v in values.values()]
        assert inside(enclose(expression, values, bits=300).item(), reference(*numbers))
    head = entry.head(*(kernel_symbol(k) for k in range(entry.arity)))
    for order in (1, 2, 3):
        symbols = tuple(kernel_symbol(k) for k in range(entry.arity))
        claimed = Elementwise(sympy.Lambda(symbols, sympy.diff(head, u0, order)), places)
        ours = expression
        for _ in range(order):
            ours = Derivative(ours, places[0])
        assert compare(ours, claimed, values).outcome == "equal", (name, order)


def test_a_tiny_logarithm_is_not_zero():
    values = {x: np.array(Fraction(-500))}
    found = compare(ops.log(1 + ops.exp(x)), ops.constant(0), values)
    assert (found.outcome, found.left[:12]) == ("different", "7.1245764067")
    assert compare(ops.log(1 + ops.exp(x)), ops.softplus(x), values).outcome == "equal"


@pytest.mark.parametrize("power", [20, 61, 100, 250])
def test_small_differences_are_different(power):
    tiny = ops.constant(sympy.Rational(1, 10**power))
    found = compare(ops.exp(x), ops.exp(x) + tiny, {x: np.array(Fraction(1, 3))})
    assert found.outcome == "different"
    assert found.entry == ()


def test_the_limit_is_respected():
    tiny = ops.constant(sympy.Rational(1, 10**600))
    assert compare(ops.exp(x), ops.exp(x) + tiny, {x: 1}).outcome == "equal"
    assert compare(ops.exp(x), ops.exp(x) + tiny, {x: 1}, digits=700).outcome == "different"
    close = compare(ops.exp(x) - ops.exp(x), ops.constant(0), {x: 1}, limit=128)
    assert close.outcome == "undecided"


def test_exact_cancellation_is_equal():
    assert compare(x - x, ops.constant(0), {x: np.array(Fraction(1, 3))}).outcome == "equal"
    squares = ops.sin(x) ** 2 + ops.cos(x) ** 2
    assert compare(squares - 1, ops.constant(0), {x: np.array(Fraction(1, 3))}).outcome == "equal"


def test_kinks_and_edges_are_never_guessed():
    at_zero = {x: np.array(Fraction(0))}
    assert enclose(ops.relu(x), at_zero).item() == 0
    for kinked in (ops.relu(x), ops.abs(x), ops.maximum(x, 2 * x)):
        found = compare(Derivative(kinked, x), ops.constant(0), at_zero)
        assert found.outcome == "undecided"
    branch = ops.where(ops.compare(ops.exp(ops.log(x)), ">", 3), x, -x)
    found = compare(branch, x, {x: np.array(Fraction(3))})
    assert found.outcome == "undecided"
    assert found.reason == "a branch edge is too close to tell the side"
    near = {x: np.array(3 + Fraction(1, 10**100))}
    assert compare(branch, x, near).outcome == "equal"


def test_a_branch_that_is_not_taken_may_be_undefined():
    safe = ops.where(ops.compare(y, ">", 0), ops.log(y), y)
    found = enclose(Derivative(ops.sum(safe), y), {y: array(-2, 4)})
    assert [float(ball) for ball in found] == [1.0, 0.25]


def test_outside_the_domain_is_undecided():
    with pytest.raises(PrecisionTooLow, match="argument of log"):
        enclose(ops.log(x), {x: np.array(Fraction(-1))})
    assert compare(ops.log(x), ops.log(x), {x: np.array(Fraction(-1))}).outcome == "undecided"
    assert "divisor" in compare(1 / x, x, {x: np.array(Fraction(0))}).reason


def test_contractions_with_every_kind_of_label(rng):
    values = sample([X, w, y], {n: 3, d: 2}, rng)
    a, b, c = values[X], values[w], values[y]
    same = evaluate_exactly(ops.diag(X @ w), values)
    assert np.all(same == np.diag(a @ b) * Fraction(1))
    assert np.all(evaluate_exactly(X + w, values) == a + b)
    assert np.all(
        evaluate_exactly(ops.einsum("ij,i,j->ji", X, y, w), values) == (a * np.outer(c, b)).T
    )
    assert np.all(evaluate_exactly(ops.trace(X.T @ X), values) == np.trace(a.T @ a))
    assert np.all(evaluate_exactly(ops.mean(X, axis=0), values) == a.sum(axis=0) / 3)
    root = ops.constant(sympy.sqrt(d) * sympy.sqrt(2 * sympy.pi) / n)
    with mpmath.workdps(60):
        assert inside(enclose(root, {}, {n: 3, d: 2}, 300).item(), 2 * mpmath.sqrt(mpmath.pi) / 3)


def test_derivatives_of_every_kind(rng):
    values = sample([X, w, y], {n: 3, d: 2}, rng)
    loss = ops.mean(ops.softplus(X @ w) - y * (X @ w))
    s = ops.sigmoid(X @ w)
    gradient = (1 / n) * (X.T @ (s - y))
    hessian = (1 / n) * (X.T @ ops.diag(s * (1 - s)) @ X)
    first = Derivative(loss, w)
    assert compare(first, gradient, values).outcome == "equal"
    assert compare(Derivative(first, w), hessian, values).outcome == "equal"
    mixed = ops.einsum("abk->kab", Derivative(Derivative(loss, X), w))
    assert compare(Derivative(first, X), mixed, values).outcome == "equal"
    third = Derivative(Derivative(Derivative(ops.sum(w**4), w), w), w)
    assert compare(third, 24 * ops.einsum("i->iii", w), values).outcome == "equal"
    assert compare(first, 2 * gradient, values).outcome == "different"


def test_derivatives_by_named_intermediates(rng):
    values = sample([X, w, y], {n: 3, d: 2}, rng)
    z = declared.named("z", X @ w)
    loss = ops.sum(ops.log_softmax(z) * y) + ops.sum(X)
    delta = Derivative(loss, z)
    assert compare(X.T @ delta, Derivative(loss, w), values).outcome == "equal"
    partial = Derivative(ops.sum(X @ w) + ops.sum(z * z), z)
    assert compare(partial, 2 * z, values).outcome == "equal"
    chain = ops.einsum("ij,jk->ik", Derivative(delta, z), X)
    assert compare(Derivative(delta, w), chain, values).outcome == "equal"


def test_unspecified_functions_are_generic(rng):
    values = sample([X, w], {n: 3, d: 2}, rng)
    z = declared.named("z", X @ w)
    cost = declared.unspecified("C", z)
    assert compare(X.T @ Derivative(cost, z), Derivative(cost, w), values).outcome == "equal"
    assert compare(cost, declared.unspecified("D", z), values).outcome == "different"
    f = sympy.Function("f")
    phi = Elementwise(sympy.Lambda((u0,), f(u0)), [z])
    slope = Elementwise(sympy.Lambda((u0,), f(u0).diff(u0)), [z])
    assert compare(Derivative(phi, z), ops.diag(slope), values).outcome == "equal"
    assert compare(phi, z, values).outcome == "different"
    other = Elementwise(sympy.Lambda((u0,), sympy.Function("g")(u0)), [z])
    assert compare(phi, other, values).outcome == "different"


def test_too_deep_a_nesting_is_undecided():
    deep = ops.exp(x)
    for _ in range(5):
        deep = Derivative(deep, x)
    with pytest.raises(Undecided, match="nested"):
        enclose(deep, {x: 1})


def test_a_chain_of_20000_nodes():
    chain = x
    for place in range(20_000):
        chain = ops.sin(chain) if place % 2 else chain + 1
    values = {x: np.array(Fraction(1, 3))}
    assert 0.9 < float(enclose(chain, values).item()) < 1
    assert enclose(Derivative(chain, x), values).item() != 0


def random_pair(rng, depth):
    """An expression and the SymPy expression of the same meaning, built together."""
    if depth == 0:
        return (
            (x, u0)
            if rng.random() < 0.6
            else (ops.constant(k := int(rng.integers(1, 9))), sympy.Integer(k))
        )
    (a, b), (c, e) = random_pair(rng, depth - 1), random_pair(rng, depth - 1)
    match int(rng.integers(0, 6)):
        case 0:
            return a + c, b + e
        case 1:
            return a * c, b * e
        case 2:
            return a - c / 3, b - e / 3
        case 3:
            return ops.exp(ops.sin(a)), sympy.exp(sympy.sin(b))
        case 4:
            return ops.sigmoid(a), 1 / (1 + sympy.exp(-b))
        case _:
            return ops.sqrt(a * a + 1), sympy.sqrt(b**2 + 1)


@pytest.mark.parametrize("seed", range(25))
def test_random_expressions_against_mpmath(seed):
    rng = np.random.default_rng(seed)
    ours, theirs = random_pair(rng, 4)
    with mpmath.workdps(80):
        f = sympy.lambdify(u0, theirs, "mpmath")
        point = mpmath.mpf(2) / 7
        value = mpmath.mpf(f(point))
        slope = mpmath.mpf(sympy.lambdify(u0, sympy.diff(theirs, u0), "mpmath")(point))
    values = {x: np.array(Fraction(2, 7))}
    for expression, reference in ((ours, value), (Derivative(ours, x), slope)):
        ball = enclose(expression, values, bits=400).item()
        with precision(400), mpmath.workdps(80):
            gap = abs(ball - type(ball)(mpmath.nstr(reference, 75)))
            assert gap < 1e-60 * (1 + abs(float(reference))), f"seed {seed}"


@pytest.mark.parametrize("seed", range(15))
def test_enclosures_contain_exact_rationals(seed):
    rng = np.random.default_rng(seed)
    values = sample([X, w, y], {n: 3, d: 2}, rng)
    expression = Derivative((X @ w) @ y / (1 + ops.sum(w * w)) + ops.sum((X @ w) ** 3), w)
    for exact, ball in zip(
        evaluate_exactly(expression, values).flat, enclose(expression, values).flat, strict=True
    ):
        assert (ball * exact.denominator).contains(exact.numerator), f"seed {seed}"


def test_powers(rng):
    values = {y: array(0, 2, -3), w: array(0, 3, 2)}
    powers = Elementwise(
        sympy.Lambda((u0, kernel_symbol(1)), u0 ** kernel_symbol(1)), [y, declared.vector("v", n)]
    )
    v = declared.vector("v", n)
    found = evaluate_exactly(powers, {y: values[y], v: values[w]})
    assert found.tolist() == [1, 8, 9]
    half = enclose(x ** sympy.Rational(3, 2), {x: np.array(Fraction(4))}).item()
    assert half.contains(8)
    with pytest.raises(Undecided, match="root"):
        evaluate_exactly(ops.sqrt(x), {x: np.array(Fraction(2))})
    assert evaluate_exactly(ops.norm(y), {y: array(3, 4)}).item() == 5


@pytest.mark.parametrize("exponent", [2, 3, 5])
def test_a_whole_power_of_a_ball_around_zero_is_finite(exponent):
    """At one entry x - mean(x) is a ball around 0, and its power is one too."""
    x = declared.vector("x", 1)
    found = enclose((x - ops.mean(x)) ** exponent + 1, {x: [Fraction(-4, 3)]})
    assert found[0].contains(1)
    with precision(100):
        ball = Balls().power(arb(0, 1e-30), Fraction(exponent), 0)[0]
        assert ball.is_finite()
        assert ball.contains(0)
