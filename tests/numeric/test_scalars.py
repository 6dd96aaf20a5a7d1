"""Values of plain SymPy lines: every ball contains the value, and what has none is undecided."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import acb, arb
from sympy import (
    Abs,
    Derivative,
    Eq,
    Heaviside,
    I,
    Integral,
    KroneckerDelta,
    Lambda,
    Limit,
    Max,
    Min,
    Ne,
    Piecewise,
    Product,
    Rational,
    Subs,
    Sum,
    binomial,
    cos,
    erf,
    exp,
    factorial,
    gamma,
    im,
    log,
    oo,
    pi,
    sin,
    sqrt,
    tanh,
)  # fmt: skip

from numeric import Undecided
from numeric.balls import precision
from numeric.scalars import Assignment, compare_scalars, enclose_scalar, order_scalars
from symbolic.errors import DataError, ShapeError

x, y, t, u, h, m = sympy.symbols("x y t u h m")
s = sympy.Symbol("s", positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
k, j = sympy.symbols("k j", integer=True, nonnegative=True)
f, g = sympy.Function("f"), sympy.Function("g")
w = sympy.Symbol("w", complex=True)
X = sympy.IndexedBase("X")
WAVY = u**3 / 3 + sin(2 * u) + exp(-(u**2))
POINT = Assignment(
    {x: Rational(2, 3), y: 2, s: Rational(3, 2), n: 3, m: Rational(1, 3), f: Lambda(u, WAVY)}
)
DIGITS = 60


def contains(ball, value):
    """Whether a ball contains a number known to sixty digits."""
    with precision(300):
        real, imag = (
            arb(mpmath.nstr(part, DIGITS, strip_zeros=False)) for part in (value.real, value.imag)
        )
        slack = arb(0, 1) * arb(10) ** (5 - DIGITS) * (1 + abs(real) + abs(imag))
        return bool(acb(ball).overlaps(acb(real + slack, imag + slack)))


def known(expression):
    """The value of a closed form by mpmath, through SymPy's own evaluation."""
    with mpmath.workdps(DIGITS + 20):
        return mpmath.mpmathify(sympy.sympify(expression).evalf(DIGITS + 10))


# --- elementary expressions against mpmath -------------------------------------------------------

UNARY = [
    sin, cos, exp, tanh, erf, sympy.atan, sqrt, log, sympy.sinh, sympy.gamma, Abs, sympy.conjugate,
    sympy.re, im, sympy.cosh, sympy.cot, sympy.asinh,
]  # fmt: skip


def grown(rng, depth, letters):
    """A random expression; numbers are kept moderate by tanh and division."""
    if depth == 0:
        return letters[int(rng.integers(len(letters)))]
    kind = rng.random()
    if kind < 0.45:
        inner = grown(rng, depth - 1, letters)
        function = UNARY[int(rng.integers(len(UNARY)))]
        return function(sympy.Mul(Rational(1, 2), inner, evaluate=False))
    a, b = grown(rng, depth - 1, letters), grown(rng, depth - 1, letters)
    if kind < 0.65:
        return sympy.Add(a, b, evaluate=False)
    if kind < 0.85:
        return sympy.Mul(a, b, evaluate=False)
    return sympy.Pow(a, b, evaluate=False)


@pytest.mark.parametrize("seed", range(6))
def test_random_expressions_contain_the_value_of_mpmath(seed):
    rng = np.random.default_rng([41, seed])
    checked = 0
    for _ in range(60):
        expression = grown(rng, int(rng.integers(1, 5)), [x, y, Rational(-3, 7), Rational(5, 2), w])
        numbers = {
            x: Rational(int(rng.integers(-9, 10)), 7),
            y: Rational(int(rng.integers(1, 20)), 9),
        }
        try:
            with mpmath.workdps(DIGITS + 30):
                function = sympy.lambdify([x, y, w], expression, "mpmath")
                rational = [mpmath.mpf(int(q.p)) / int(q.q) for q in numbers.values()]
                value = mpmath.mpmathify(function(*rational, mpmath.mpc(0, 1)))
            found = enclose_scalar(expression, {**numbers, w: I}, 256)
        except (Undecided, ArithmeticError, ValueError, TypeError):
            continue
        if not mpmath.isfinite(value) or abs(value) > 1e20:
            continue
        assert contains(found, value), f"seed {seed}: {expression} at {numbers}: {found}, {value}"
        checked += 1
    assert checked >= 25


# --- expressions whose value is known in closed form ----------------------------------------------

normal = exp(-(t**2) / (2 * s**2)) / sqrt(2 * pi * s**2)
KNOWN = [
    (Integral(normal, (t, -oo, oo)), 1),
    (Integral(t**2 * normal, (t, -oo, oo)), Rational(9, 4)),
    (Integral(t**4 * normal, (t, -oo, oo)), 3 * Rational(3, 2) ** 4),
    (Integral(exp(t * x) * normal, (t, -oo, oo)), exp(Rational(1, 2))),
    (Integral(normal * log(normal), (t, -oo, oo)), -log(2 * pi * sympy.E * Rational(9, 4)) / 2),
    (Integral(exp(-(x**2) - t**2), (x, -oo, oo), (t, -oo, oo)), pi),
    (Integral(s * exp(-s * t) * t, (t, 0, oo)), Rational(2, 3)),
    (Integral(Abs(t) * exp(-Abs(t)), (t, -oo, oo)), 2),
    (Integral((t + sin(s)) * exp(-(t**2)), (t, -oo, oo)), sqrt(pi) * sin(Rational(3, 2))),
    (Integral(cos(t) * exp(-(t**2) / 2), (t, -oo, oo)), sqrt(2 * pi) * exp(-Rational(1, 2))),
    (Integral(exp(I * t - t**2 / 2), (t, -oo, oo)), sqrt(2 * pi) * exp(-Rational(1, 2))),
    (Integral(exp(-t), (t, oo, 0)), -1),
    (Integral(exp(t), (t, -oo, x)), exp(Rational(2, 3))),
    (Integral(Abs(t - m), (t, -1, 1)), Rational(10, 9)),
    (Integral(Heaviside(t - m), (t, 0, 1)), Rational(2, 3)),
    (Integral(Piecewise((t, t < m), (1, True)), (t, 0, 1)), Rational(1, 18) + Rational(2, 3)),
    (Integral(Max(t, m), (t, 0, 1)), Rational(5, 9)),
    (Integral(Piecewise((1, (t > 0) & (t < 1)), (0, True)), (t, -oo, oo)), 1),
    (Integral(t * y, (t, 0, y), (y, 0, 1)), Rational(1, 8)),
    (Integral(log(t), (t, 0, 1)), -1),
    (Integral(t ** (x - 1) * (1 - t) ** m, (t, 0, 1)), sympy.beta(Rational(2, 3), Rational(4, 3))),
    (Integral(t ** (x - 1) * exp(-t), (t, 0, oo)), gamma(Rational(2, 3))),
    (Integral(1 / (1 + t**2), (t, -oo, oo)), pi),
    (Integral(2 / t**3, (t, 1, oo)), 1),
    (Integral(3 * t**2 + x, (t, 0, 2)), 8 + Rational(4, 3)),
    (Integral(1 / t, (t, 1, 2)), log(2)),
    (Integral(sqrt(t), (t, 0, 1)), Rational(2, 3)),
    (Integral(1 / (1 + exp(-t)) ** 2 * exp(-t), (t, -oo, oo)), 1),
    (Sum(s**k / factorial(k), (k, 0, oo)), exp(Rational(3, 2))),
    (Sum(k**2 * m**k, (k, 1, oo)), Rational(3, 2)),
    (Sum((-1) ** k * x ** (2 * k) / factorial(2 * k), (k, 0, oo)), cos(Rational(2, 3))),
    (Sum(k * exp(-s) * s**k / factorial(k), (k, 0, oo)), Rational(3, 2)),
    (Sum(binomial(n, k) * x**k * (1 - x) ** (n - k), (k, 0, n)), 1),
    (Sum(k * j, (j, 1, k), (k, 1, 3)), 1 + 6 + 18),
    (Sum(k, (k, 1, 0)), 0),
    (Product(k + x, (k, 0, n)), Rational(2, 3) * Rational(5, 3) * Rational(8, 3) * Rational(11, 3)),
    (Sum(X[k] * KroneckerDelta(k, n), (k, 0, 5)), 7),
    (Derivative(f(x), x), WAVY.diff(u).subs(u, Rational(2, 3))),
    (Derivative(f(x), (x, n)), WAVY.diff(u, 3).subs(u, Rational(2, 3))),
    (Derivative(Derivative(f(x) * y, x), y), WAVY.diff(u).subs(u, Rational(2, 3))),
    (Subs(Derivative(f(u), u), u, x * y), WAVY.diff(u).subs(u, Rational(4, 3))),
    (Derivative(f(x**2), x), (WAVY.subs(u, u**2)).diff(u).subs(u, Rational(2, 3))),
    (Derivative(Integral(exp(-t * x), (t, 0, 1)), x), ((1 - exp(-u)) / u).diff(u).subs(u, Rational(2, 3))),
    (Derivative(Integral(sin(t), (t, 0, x**2)), x), 2 * Rational(2, 3) * sin(Rational(4, 9))),
    (Derivative(Sum(X[k] ** 2, (k, 0, 5)), X[n]), 14),
    (Derivative(Max(x, y) ** 2, y), 4),
    (Limit((f(x + h) - f(x)) / h, h, 0), WAVY.diff(u).subs(u, Rational(2, 3))),
    (Limit((f(x + h) - 2 * f(x) + f(x - h)) / h**2, h, 0), WAVY.diff(u, 2).subs(u, Rational(2, 3))),
    (Limit((f(x + h) * x - f(x) * x) / h, h, 0, "-"), (WAVY.diff(u) * u).subs(u, Rational(2, 3))),
    (Limit(n * sin(pi / n), n, oo), pi),
    (Limit((n + 1) / n + cos(2 * pi / n), n, oo), 2),
    (Limit(t / sqrt(t**2 + 1), t, -oo), -1),
    (Integral(Abs(log(s)), (s, 0, 4)), 1 + 4 * log(4) - 3),
    (Limit(sin(h) / h, h, 0), 1),
    (Limit((s**h - 1) / h, h, 0), log(Rational(3, 2))),
    (Limit((1 + x / t) ** t, t, oo), exp(Rational(2, 3))),
    (Limit(t**3 * exp(-t), t, oo), 0),
    (Limit(Abs(h) / h, h, 0, "-"), -1),
    (Limit(h * log(h), h, 0), 0),
    (Limit(s / (t * x**2), t, oo), 0),
    (Max(x, y, 1) - Min(x, y), Rational(4, 3)),
    (im(exp(I * x)), sin(Rational(2, 3))),
    (log(-x), log(Rational(2, 3)) + I * pi),
    ((-x) ** s, (-Rational(2, 3)) ** Rational(3, 2)),
    (gamma(s) * sympy.beta(x, y), gamma(Rational(3, 2)) * gamma(Rational(2, 3)) / gamma(Rational(8, 3))),
    (sympy.polygamma(1, s), sympy.polygamma(1, Rational(3, 2))),
    (sympy.floor(x * y) + sympy.ceiling(pi), 5),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "value"), KNOWN, ids=lambda e: str(e)[:60])
def test_known_values_lie_in_narrow_balls(expression, value):
    point = POINT.with_values({X: np.array([3, -1, 4, 7, 5, 9])})
    found = enclose_scalar(expression, point, 192)
    assert contains(found, known(value)), found
    assert acb(found).rad() < 1e-35 * (1 + abs(complex(known(value))))


# --- what must be refused ---------------------------------------------------------------------------

REFUSED = [
    Integral(1 / t, (t, -1, 1)),
    Integral(1 / t**2, (t, -1, 1)),
    Integral(1 / t, (t, 1, oo)),
    Integral(exp(t), (t, 0, oo)),
    Integral(sin(t), (t, 0, oo)),
    Integral(exp(-(t**2)) / (t - 1), (t, -oo, oo)),
    Integral(t, t),
    Integral(s, (s, -1, 1)),
    Integral(k, (k, 0, 1)),
    Sum(1 / k, (k, 1, oo)),
    Sum(y**k, (k, 0, oo)),
    Sum((-1) ** k, (k, 0, oo)),
    Sum(k, (k, 4, 1)),
    Sum(k, (k, 0, x)),
    Sum(k, (k, -2, 2)),
    Limit(1 / h, h, 0),
    Limit(sin(1 / h), h, 0),
    Limit(Abs(h) / h, h, 0, "+-"),
    Limit(exp(t), t, oo),
    Subs(Derivative(Abs(u), u), u, 0),
    Subs(Derivative(Max(u, 1), u), u, 1),
    Derivative(Heaviside(x - y), x),
    Derivative(sympy.floor(x), x),
    Derivative(Integral(Heaviside(x - t), (t, 0, 1)), x),
    Derivative(Integral(Piecewise((1, t < x), (0, True)), (t, 0, 1)), x),
    Derivative(Piecewise((1, x < Rational(2, 3)), (2, True)), x),
    Derivative(Sum(Abs(X[k]), (k, 0, 5)), X[2]),
    g(x),
    sympy.Symbol("unknown") + 1,
    1 / (x - Rational(2, 3)),
    log(x - Rational(2, 3)),
    gamma(-y),
    sympy.asin(y),
    sympy.sign(I * x + 1),
    Piecewise((1, x < 0)),
    X[9],
    X[x],
    sympy.zeta(y, x),
    sympy.nan,
    sympy.DiracDelta(x),
]


@pytest.mark.parametrize("expression", REFUSED, ids=lambda e: str(e)[:60])
def test_what_has_no_certain_value_is_undecided(expression):
    point = POINT.with_values({X: np.array([3, -1, 0, 7, 5, 9])})
    with pytest.raises(Undecided):
        enclose_scalar(expression, point, 128)


def test_a_slow_integral_has_a_wide_ball_that_contains_it():
    slow = Integral(Abs(sqrt(t)), (t, -1, 1))
    assert contains(enclose_scalar(slow, {}, 64), known(Rational(4, 3)))


# --- comparisons -------------------------------------------------------------------------------------

AGREE = [
    (sin(2 * x), 2 * sin(x) * cos(x)),
    (Derivative(f(x) * x, x), f(x) + x * Derivative(f(x), x)),
    (Rational(1, 3) + Rational(1, 6), Rational(1, 2)),
    (sin(x) ** 2 + cos(x) ** 2 - 1, sympy.Integer(0)),
    (Integral(t * normal, (t, -oo, oo)), sympy.Integer(0)),
    (
        f(y),
        Sum(Derivative(f(x), (x, k)) * (y - x) ** k / factorial(k), (k, 0, n))
        + Integral((y - t) ** n / factorial(n) * Derivative(f(t), (t, n + 1)), (t, x, y)),
    ),
    (Limit((f(x + h) - f(x)) / h, h, 0), Derivative(f(x), x)),
    (Sum(Integral(t**k, (t, 0, 1)), (k, 0, n)), Sum(1 / (k + 1), (k, 0, n))),
    (
        sympy.Matrix([[x, y], [1, sin(x)]]) * 2,
        sympy.ImmutableMatrix([[2 * x, 2 * y], [2, 2 * sin(x)]]),
    ),
]


@pytest.mark.parametrize(("left", "right"), AGREE, ids=lambda e: str(e)[:40])
def test_equal_lines_agree_and_changed_ones_differ(left, right):
    assert compare_scalars(left, right, POINT).outcome == "equal"
    changed = right + (sympy.ones(2, 2) / 10**30 if right.is_Matrix else Rational(1, 10**30))
    found = compare_scalars(left, changed, POINT)
    assert found.outcome == "different", found
    assert found.left
    assert found.right


def test_exact_equality_needs_one_evaluation():
    assert compare_scalars(x + 1, (x**2 - 1) / (x - 1), {x: 3}).precision < 1024


def test_a_tiny_difference_is_not_called_equal():
    tiny = exp(-(Rational(10) ** 6))
    assert compare_scalars(1 + exp(-Rational(600)), sympy.Integer(1), {}).outcome == "different"
    assert compare_scalars(tiny, sympy.Integer(0), {}).outcome != "equal"


def test_orders_hold_with_their_equality_case():
    for value in (-1, 0, 2):
        assert order_scalars(1 + x, exp(x), {x: value}).outcome == "equal"
        expected = "equal" if value == 0 else "different"
        assert order_scalars(exp(x), 1 + x, {x: value}).outcome == expected
    assert order_scalars(I * x, x, {x: 1}).outcome == "undecided"
    assert order_scalars(x * y, (x**2 + y**2) / 2, {x: 3, y: 3}).outcome == "equal"


def test_what_cannot_be_decided_says_why():
    found = compare_scalars(g(x), x, POINT)
    assert found.outcome == "undecided"
    assert "no meaning" in found.reason
    with pytest.raises(ShapeError, match="shapes"):
        compare_scalars(sympy.Matrix([[1, 2]]), x, POINT)


# --- meanings ----------------------------------------------------------------------------------------


def test_a_bound_variable_is_never_caught():
    inner = Integral(u * t, (t, 0, 1))
    meaning = Assignment({f: Lambda(u, inner), x: 2})
    assert enclose_scalar(Integral(f(t), (t, 0, x)), meaning).contains(1)
    assert enclose_scalar(f(f(x)), meaning).contains(Fraction(1, 2).__float__())
    assert enclose_scalar(Subs(Integral(u * t, (t, 0, 1)), u, t), {t: 6}).contains(3)
    assert enclose_scalar(Limit(Integral(h * t, (t, 0, 1)), h, t), {t: 6}).contains(3)


def test_symbols_without_assumptions_are_real():
    assert compare_scalars(sqrt(x**2), Abs(x), {x: -3}).outcome == "equal"
    assert enclose_scalar(Derivative(Abs(x), x), {x: -3}) == -1
    z = sympy.Symbol("z", complex=True)
    assert isinstance(enclose_scalar(z**2, {z: 1 + 2 * I}), acb)


def test_values_outside_the_domain_are_refused():
    with pytest.raises(DataError, match="outside its domain"):
        Assignment({s: -1})
    with pytest.raises(DataError, match="outside its domain"):
        Assignment({n: Rational(1, 2)})
    with pytest.raises(DataError, match="no finite number"):
        Assignment({x: float("nan")})


def test_conditions_in_cases_are_decided_by_balls():
    case = Piecewise((1, Eq(sqrt(x), 2)), (2, Ne(x, 9)), (3, True))
    assert [int(float(enclose_scalar(case, {x: value}))) for value in (4, 5, 9)] == [1, 2, 3]
