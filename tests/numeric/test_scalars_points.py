"""Random points of SymPy lines: inside every domain, on every condition, and on equations."""

import numpy as np
import pytest
import sympy
from sympy import (
    Derivative,
    Eq,
    Function,
    Integral,
    Limit,
    Ne,
    Rational,
    Symbol,
    exp,
    log,
    sin,
    sqrt,
)

from numeric import Undecided
from numeric.scalars import Assignment, compare_scalars, draw, enclose_scalar, solve_on
from symbolic.errors import UnsupportedError

x, y, t, u, h, a, b = sympy.symbols("x y t u h a b")
s = Symbol("s", positive=True)
n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True, nonnegative=True)
f, g = Function("f"), Function("g", positive=True)
X = sympy.IndexedBase("X", shape=(n,))

DOMAINS = [
    x, s, n, k,
    Symbol("negative", negative=True), Symbol("nonnegative", nonnegative=True),
    Symbol("even", even=True), Symbol("odd", odd=True, positive=True), Symbol("z", complex=True),
    Symbol("integer", integer=True), Symbol("imaginary", imaginary=True),
    Symbol("nonzero", nonzero=True, real=True), Symbol("prime", prime=True),
]  # fmt: skip


def test_numbers_have_all_that_is_assumed_of_their_symbols(rng):
    for _ in range(20):
        point = draw(DOMAINS, [], rng)
        for symbol in DOMAINS:
            for name, expected in symbol.assumptions0.items():
                assert getattr(point[symbol], f"is_{name}") is expected, (
                    symbol,
                    name,
                    point[symbol],
                )


CONDITIONS = [
    [a > 0, a < 1],
    [a > 0, a < b, b < 1],
    [a < b, b < x, x < y],
    [sympy.And(a > 0, b > 0), a + b < 1],
    [Ne(a, b), Ne(a, 0)],
    [Eq(a, b**2 + 1)],
    [Eq(b, 2 * a), Eq(x, b + y)],
    [k <= n],
    [sqrt(s) < exp(1), a**2 + b**2 < 4],
    [sympy.Or(a < -1, a > 1)],
    [2 * a - 3 * b >= 1, a <= 5],
]


@pytest.mark.parametrize("conditions", CONDITIONS, ids=str)
def test_conditions_hold_at_every_point(conditions, rng):
    for _ in range(10):
        point = draw([a, b, x, y, s, n, k], conditions, rng)
        for condition in conditions:
            at = condition.subs(dict(point))
            assert at == sympy.true or bool(at.evalf(30)), (condition, point)


@pytest.mark.parametrize(
    "conditions",
    [[a < 0, a > 1], [Eq(a, a**2 + 1)], [a > 1, Eq(a, Rational(1, 2))], [s < -1]],
    ids=str,
)
def test_conditions_without_room_are_undecided(conditions, rng):
    with pytest.raises(Undecided):
        draw([a, s], conditions, rng)


def test_points_are_the_same_for_the_same_seed_and_generic(rng):
    first, second = (draw([x, s, n, f, X], [], np.random.default_rng(5)) for _ in range(2))
    assert str(first) == str(second)
    values = {str(draw([x, s, f], [], rng)) for _ in range(20)}
    assert len(values) == 20


def test_integers_are_small_and_sometimes_one(rng):
    drawn = [draw([n, k], [], rng) for _ in range(60)]
    assert {int(point[n]) for point in drawn} == {1, 2, 3, 4, 5}
    assert sum(point[n] == point[k] for point in drawn) < 10


def test_functions_have_a_meaning_for_any_number_of_arguments(rng):
    point = draw([f, g, x, y], [], rng)
    total = f(x) + f(x, y) + g(x, y) + Derivative(f(x, y), x, y)
    assert enclose_scalar(total, point).is_finite()
    assert enclose_scalar(g(x, y), point) > 0
    mixed = Derivative(f(x, y), x, y) - Derivative(f(x, y), y, x)
    assert compare_scalars(mixed, sympy.Integer(0), point).outcome == "equal"
    assert compare_scalars(f(x, y), f(y, x), point).outcome == "different"


def test_entries_of_arrays_stay_inside_their_shape(rng):
    point = draw([X, n], [], rng)
    assert enclose_scalar(X[1], point).is_finite()
    with pytest.raises(Undecided, match="outside"):
        enclose_scalar(X[n + 1], point)


def test_unknowns_of_other_kinds_are_refused(rng):
    with pytest.raises(UnsupportedError, match="no symbol"):
        draw([x + 1], [], rng)
    with pytest.raises(UnsupportedError, match="no relation"):
        draw([x], [x + 1], rng)


SOLVABLE = [
    (Eq(3 * x + s * y, a), [x, y, s, a]),
    (Eq(s**2, a), [s, a]),
    (Eq(s**2 + s, x**2), [s, x]),
    (Eq(exp(s) + 1, x), [s, x]),
    (Eq(log(s), -1), [s]),
    (Eq(2**x, 5), [x]),
    (Eq(f(a), f(b)), [a, b, f]),
    (Eq(Derivative(f(x), x), 0), [x, f]),
    (Eq(Derivative(g(x), x), 0), [x, g]),
    (Eq(Integral(f(t) * s, (t, 0, 1)), a), [f, s, a]),
    (Eq(Limit((f(x + h) - f(x)) / h, h, 0), y), [f, x, y]),
    (Eq(n, 2 * k), [n, k]),
]


@pytest.mark.parametrize(("equation", "unknowns"), SOLVABLE, ids=str)
def test_equations_hold_at_the_points_found(equation, unknowns, rng):
    point = solve_on(equation, unknowns, [], rng)
    assert isinstance(point, Assignment)
    assert compare_scalars(*equation.args, point).outcome == "equal"
    changed = compare_scalars(equation.lhs, equation.rhs + Rational(1, 10**40), point)
    assert changed.outcome == "different"


@pytest.mark.parametrize(
    ("equation", "unknowns", "conditions"),
    [
        (Eq(sin(s) + s**3, 0), [s], []),
        (Eq(exp(x), -1), [x], []),
        (Eq(x, y), [x, y], [x < y]),
        ((s + 1, 0), [s], []),
        ((2 * n, 1), [n], []),
    ],
    ids=str,
)
def test_equations_that_cannot_be_solved_are_undecided(equation, unknowns, conditions, rng):
    with pytest.raises(Undecided):
        solve_on(equation, unknowns, conditions, rng)
