"""No false enclosure: edges, kinks, cancellation, and random expressions against their own differences."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, fmpq

import symbolic as s
from numeric import PrecisionTooLow, Undecided, compare, enclose, evaluate_exactly
from numeric.balls import ENCLOSED, Balls, precision
from numeric.enclosure import balls_at, enclose_to
from numeric.exact import Rationals
from symbolic import matrix, scalar, vector
from symbolic.errors import ChainruleError, DataError, NameUnknownError, UnsupportedError
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Derivative
from symbolic.operations import apply_elementwise

x, t = scalar("x"), scalar("t")
z = vector("z", "n")
zero = s.constant(0)


def test_a_comparison_says_in_a_line_what_it_found():
    values = {z: np.array([1, 2], dtype=object)}
    shown = [str(compare(s.exp(z), right, values)) for right in (s.exp(z), 2 * z, s.log(-z))]
    assert shown[0] == "equal to 50 digits, at 1024 bits"
    assert shown[1].startswith("different in entry [0]: 2.718281828459")
    assert shown[2].startswith("undecided: the argument of log")
    assert all(len(line) < 80 for each in shown for line in each.splitlines())
    assert "different" in compare(x, x + 1, {x: 0})._repr_html_()


def outcome(left, right, **values):
    return compare(left, right, values).outcome


# --- digits on demand ----------------------------------------------------------------------------


def test_precision_is_raised_until_the_digits_are_certain():
    for exponent, digits in ((-500, 30), (-3000, 40), (-20, 300)):
        (ball,) = enclose_to(s.log(1 + s.exp(x)), {x: exponent}, digits=digits).flat
        with precision(12000):
            exact = enclose(s.softplus(x), {x: exponent}, bits=12000).item()
            assert ball.contains(exact)
            assert abs(ball.rad() / exact) < arb(10) ** -digits


def test_a_limit_that_does_not_suffice_says_what_was_reached():
    hidden = s.stack(x, s.exp(x) - s.exp(x))
    with pytest.raises(
        PrecisionTooLow, match=r"entry \(1,\) to 30 digits: at 512 bits it is \[\+/-"
    ):
        enclose_to(hidden, {x: 1}, limit=512)
    with pytest.raises(PrecisionTooLow, match="argument of log"):
        enclose_to(s.log(x), {x: -1}, limit=512)
    assert enclose_to(x - x, {x: 2}).item() == 0


@pytest.mark.parametrize("call", [
    lambda: enclose(x, {x: 1}, bits=0), lambda: enclose(x, {x: 1}, bits=10**30),
    lambda: enclose(x, {x: 1}, bits=2.5), lambda: compare(x, x, {x: 1}, limit=1),
    lambda: compare(x, x, {x: 1}, digits=0), lambda: enclose_to(x, {x: 1}, digits=-3),
    lambda: enclose_to(x, {x: 1}, limit=0),
])  # fmt: skip
def test_precisions_that_cannot_be_are_refused(call):
    with pytest.raises(UnsupportedError):
        call()


def test_every_kind_of_rational_number_is_read_exactly():
    third = Fraction(1, 3)
    for number in (third, fmpq(1, 3), sympy.Rational(1, 3), "1/3"):
        assert evaluate_exactly(x, {x: number}).item() == third
    for number in (np.float16(0.1), np.float32(0.1), 0.1, np.longdouble(0.1)):
        exact = Fraction(*number.as_integer_ratio())
        assert evaluate_exactly(x, {x: number}).item() == exact
    for number, exact in ((np.int8(7), 7), (True, 1), (Decimal("0.1"), Fraction(1, 10))):
        assert evaluate_exactly(x, {x: number}).item() == exact
    for wrong in (float("nan"), float("inf"), "abc", None, 1j, sympy.pi, "1/0"):
        with pytest.raises(DataError, match="finite numbers"):
            enclose(x, {x: wrong})
    assert enclose("a + b", {"a": 1, "b": 2}, given={"a": "", "b": ""}).item() == 3
    with pytest.raises(NameUnknownError, match="'c'"):
        enclose(x, {"x": 1, "c": 2})


# --- underflow and cancellation ------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [-500, -1000, -2700])
def test_a_tiny_number_is_seen_through_a_sum(exponent):
    for hidden in (s.log(1 + s.exp(x)), (1 + s.exp(x)) - 1):
        assert outcome(hidden, zero, x=exponent) == "different"
        assert outcome(hidden, 2 * s.exp(x), x=exponent) == "different"


@pytest.mark.parametrize("exponent", [-2900, -(10**5), -(10**30)])
def test_a_number_too_tiny_for_the_limit_is_never_called_zero(exponent):
    hidden = (1 + s.exp(x)) - 1
    for wrong in (zero, 2 * s.exp(x), s.gelu(x)):
        found = compare(hidden, wrong, {x: exponent})
        assert (found.outcome, "tiny" in found.reason) == ("undecided", True)
    assert outcome(s.gelu(x), zero, x=exponent) != "equal"
    assert outcome(s.softplus(x), s.exp(x), x=exponent) == "equal"


@pytest.mark.parametrize("at", [Fraction(1, 3), Fraction(-1, 3), Fraction(0), Fraction(10) ** 200])
def test_exact_cancellation_is_equal_and_its_neighbours_are_not(at):
    tiny = s.constant(sympy.Rational(1, 10**300))
    for nothing in (x - x, s.sqrt(x * x) - s.abs(x), s.sin(x) ** 2 + s.cos(x) ** 2 - 1):
        assert outcome(nothing, zero, x=at) == "equal"
        assert outcome(nothing, tiny, x=at) == "different"


def test_huge_entries():
    for top in (10**5, 10**20, Fraction(10) ** 300):
        values = {z: np.array([top, 0, -top], dtype=object)}
        assert compare(s.logsumexp(z), s.log(s.sum(s.exp(z))), values).outcome == "equal"
        assert compare(s.sum(s.softmax(z)), s.constant(1), values).outcome == "equal"
        assert compare(s.logsumexp(z), s.max(z) + 1, values).outcome == "different"
        assert compare(Derivative(s.logsumexp(z), z), s.softmax(z), values).outcome == "equal"
    values = {z: np.array([Fraction(10) ** 300, Fraction(10) ** 300 + 1, 1], dtype=object)}
    assert compare(s.logsumexp(z), s.max(z), values).outcome == "different"


# --- powers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", ["2", "3", "7", "1/2", "1/3", "7/5", f"1/{3**50}"])
def test_powers_of_balls_that_touch_zero_contain_every_power(exponent):
    exponent = Fraction(exponent)
    with precision(120):
        for middle, radius in ((0, 0), (1, 1), (1, 0.5), (0, 1e-20), (1, 3), (-1, 2)):
            ball = arb(middle, radius)
            (found,) = Balls().power(ball, exponent, 0)
            if not found.is_finite():
                assert exponent.denominator > 1
                assert middle - radius <= 0
                continue
            for place in np.linspace(middle - radius, middle + radius, 9):
                if place >= 0 or exponent.denominator == 1:
                    power = arb(place) ** arb(fmpq(exponent.numerator, exponent.denominator))
                    assert found.overlaps(power if place else arb(0)), (middle, radius, place)
        assert not Balls().power(arb.nan(), exponent, 0)[0].is_finite()


def test_roots_at_zero():
    for exponent in ("1/3", "1/2", "3/2"):
        assert enclose(x ** sympy.Rational(exponent), {x: 0}).item() == 0
    for exponent in ("1/3", "1/2", "-1", "-1/3"):
        slope = Derivative(x ** sympy.Rational(exponent), x)
        assert compare(slope, zero, {x: 0}).outcome == "undecided"
    assert enclose(x**0, {x: 0}).item() == 1
    huge = x ** sympy.Integer(10**400)
    assert enclose(huge, {x: 0}).item() == 0
    assert compare(huge, zero, {x: 2}).outcome == "different"


# --- slopes at edges -----------------------------------------------------------------------------

NO_SLOPE_AT_ZERO = {
    "a root of a square": s.sqrt(x * x),
    "a norm": s.norm(s.stack(x, 2 * x)),
    "a sign of a square": s.sign(x * x),
    "a step of a square": s.step(x * x),
    "a branch on a square": s.where(s.compare(x * x, ">", 0), x, -x),
    "a branch that does not move": s.where(s.compare(x, "==", 0), 1, 0) * x + s.abs(x),
    "maximum of a function and its kink": s.maximum(s.sin(x), s.abs(x)),
    "maximum of a jump below": s.maximum(s.constant(sympy.Rational(1, 2)), s.step(-x)),
    "max of a jump below": s.max(s.stack(zero + sympy.Rational(1, 2), s.step(-x))),
    "hardmax at a tie": s.hardmax(s.stack(x * x, 0 * x))[0],
    "maximum at a tie": s.maximum(x, -x),
    "a cube root": (x * x) ** sympy.Rational(1, 3),
    "where no function is": x + s.log(x - 1),
}


@pytest.mark.parametrize("name", sorted(NO_SLOPE_AT_ZERO))
def test_where_there_is_no_slope_none_is_given(name):
    slope = Derivative(NO_SLOPE_AT_ZERO[name], x)
    for claim in (-1, 0, sympy.Rational(1, 2), 1):
        assert compare(slope, s.constant(claim), {x: 0}).outcome == "undecided"


def test_slopes_beside_and_across_edges():
    assert outcome(Derivative(s.abs(x * x), x), zero, x=0) == "equal"
    assert outcome(Derivative(s.relu(x * x), x), zero, x=0) == "equal"
    assert outcome(Derivative(s.maximum(x * x, -x * x), x), zero, x=0) == "equal"
    assert outcome(Derivative(s.relu(t) + x, x), s.constant(1), x=0, t=0) == "equal"
    assert outcome(Derivative(Derivative(s.relu(t + x * x), t), x), zero, x=0, t=0) == "undecided"
    mixed = Derivative(Derivative(s.where(s.compare(t, ">", 0), x, 0), x), t)
    assert outcome(mixed, zero, x=1, t=0) == "undecided"
    both = s.sum(s.maximum(z, 0))
    values = {z: np.array([0, 2, 0, -1], dtype=object)}
    (balls,), _ = balls_at([Derivative(both, z)], values, None, 100)
    assert [ball.is_finite() for ball in balls] == [False, True, False, True]


def test_a_matrix_function_is_defined_whole_or_not_at_all():
    A = matrix("A", 2, 2)
    indefinite = np.array([[1, 2], [2, 1]], dtype=object)
    assert compare(s.cholesky(A)[0, 0], s.constant(1), {A: indefinite}).outcome == "undecided"
    lacking = s.stack(s.stack(s.log(x), zero), s.stack(zero, zero + 1))
    for function in (s.inv, s.expm):
        assert outcome(function(lacking)[1, 1], zero, x=-1) == "undecided"
    assert compare(s.inv(A), s.inv(A), {A: np.ones((2, 2), dtype=int)}).outcome == "undecided"


@pytest.mark.parametrize("over", [Balls(), Rationals()], ids=["balls", "rationals"])
def test_what_has_no_value_absorbs_every_operation(over):
    nowhere, one = over.undefined, over.number(Fraction(1))
    for order in (0, 2):
        for function in sorted(ENCLOSED):
            assert not any(map(over.is_defined, over.taylor(function, 1, nowhere, order))), function
        for exponent in (0, 1, 2, -1, Fraction(1, 2)):
            assert not over.is_defined(over.power(nowhere, Fraction(exponent), order)[0])
    for found in (over.zero * nowhere, nowhere - nowhere, over.larger(one, nowhere),
                  over.larger(nowhere, one), *over.inverse(np.array([[one, nowhere], [one, one]])).flat,
                  *over.exponential(np.array([[over.zero, nowhere], [over.zero, one]])).flat):  # fmt: skip
        assert not over.is_defined(found)
    assert over.sign(nowhere) is None
    assert over.integer(nowhere) is None


@pytest.mark.parametrize("ball", [arb("inf"), arb("-inf"), arb("[+/- inf]")], ids=str)
def test_an_infinite_ball_has_no_finite_image(ball):
    over = Balls()
    for function in sorted(ENCLOSED):
        assert not any(each.is_finite() for each in over.taylor(function, 1, ball, 1)), function
    for exponent in (-1, 0, Fraction(1, 2), 2):
        assert not over.power(ball, Fraction(exponent), 0)[0].is_finite()


@pytest.mark.parametrize("name", ["log", "1/", "arctanh", "digamma", "sqrt", "acosh"])
def test_an_operation_that_ignores_an_operand_asks_for_its_value(name):
    """Outside the domain of a part the whole has no value, also as a power 0 or a product with 0."""
    lost = {
        "log": s.log(x), "1/": 1 / (x + 1), "arctanh": s.arctanh(x - 1), "digamma": s.digamma(x + 1),
        "sqrt": s.sqrt(x), "acosh": s.log(x + s.sqrt(x * x - 2)),
    }[name]  # fmt: skip
    one = s.constant(1)
    ignoring = (
        lost**t, t * lost, s.sin(lost) * t, 1**lost, (t + 1) ** lost, s.maximum(t, lost),
        s.minimum(t, lost), s.where(s.compare(lost, ">", 0), one, one), s.max(s.stack(t, lost)),
        s.sum(s.stack(t, lost)) * t, s.prod(s.stack(t, lost)),
        s.det(s.stack(s.stack(t, t), s.stack(t, lost))),
        s.hardmax(s.stack(t, lost))[0], s.sign(lost) * t, s.norm(s.stack(t, lost)) * t,
    )  # fmt: skip
    for whole in ignoring:
        for each in (whole, Derivative(whole, t), Derivative(t + 0 * whole, t)):
            assert compare(each, one, {x: -1, t: 0}).outcome == "undecided", whole
            with pytest.raises(Undecided):
                enclose(each, {x: -1, t: 0})
            with pytest.raises(Undecided):
                evaluate_exactly(each, {x: -1, t: 0})
    assert outcome(s.where(s.compare(t, ">=", 0), 1, lost), one, x=-1, t=0) == "equal"


def test_a_power_zero_of_what_has_no_value_is_not_one():
    given = {"x": "", "y": ""}
    for base, at in (("log(x)", -1), ("(1/x)", 0), ("arctanh(x)", 2), ("digamma(x)", 0)):
        found = compare(f"{base}**y", "1 + 0*x*y", {"x": at, "y": 0}, given=given)
        assert found.outcome == "undecided", base
    assert enclose("x**y", {"x": 0, "y": 0}, given=given).item() == 1


# --- random expressions --------------------------------------------------------------------------

NAMES = [name for name, entry in ELEMENTWISE.items() if entry.arity == 1]
PLACES = [Fraction(k) for k in (0, 1, -1, 2, -2, 30, -40)] + [Fraction(1, 2), Fraction(7, 3)]
POWERS = (2, 3, -1, -2, sympy.Rational(1, 2), sympy.Rational(1, 3), 0)
ROWS = (
    s.max, s.min, s.logsumexp, s.norm, s.prod, lambda row: s.softmax(row)[0],
    lambda row: s.log_softmax(row)[1], lambda row: s.hardmax(row)[0],
)  # fmt: skip


def random_expression(rng, depth):
    if depth == 0:
        number = s.constant(sympy.Rational(int(rng.integers(-3, 4)), int(rng.integers(1, 3))))
        return [x, x, t, number][int(rng.integers(0, 4))]
    a, b, c = (random_expression(rng, depth - 1) for _ in range(3))
    kind = int(rng.integers(0, 12))
    if kind < 4:
        return apply_elementwise(NAMES[int(rng.integers(0, len(NAMES)))], a)
    relation = str(rng.choice(["<", "<=", "==", "!=", ">", ">="]))
    return {
        4: lambda: a + b, 5: lambda: a - b, 6: lambda: a * b, 7: lambda: a / b,
        8: lambda: s.maximum(a, b) if rng.random() < 0.5 else s.minimum(a, b),
        9: lambda: s.where(s.compare(a, relation, b), c, a),
        10: lambda: a ** POWERS[int(rng.integers(0, len(POWERS)))],
        11: lambda: ROWS[int(rng.integers(0, len(ROWS)))](s.stack(a, b, c)),
    }[kind]()  # fmt: skip


def random_case(seed, depth):
    rng = np.random.default_rng(seed)
    while True:
        try:
            found = random_expression(rng, int(rng.integers(1, depth + 1)))
        except ChainruleError:
            continue
        point = {each: PLACES[int(rng.integers(0, len(PLACES)))] for each in (x, t)}
        return found, point if rng.random() < 0.7 else {x: point[x], t: point[x]}


@pytest.mark.parametrize("group", range(8))
def test_balls_of_all_precisions_overlap_and_slopes_are_limits_of_differences(group):
    """A finite slope must be the limit of difference quotients from both sides, to 2^-120."""
    slopes = 0
    for seed in range(120 * group, 120 * (group + 1)):
        function, point = random_case(seed, 3)
        if seed % 3 == 0:
            function = Derivative(function, t)
        pair = [function, Derivative(function, x)]
        found = {
            bits: [a.item() for a in balls_at(pair, point, None, bits)[0]] for bits in (60, 1500)
        }
        for rough, fine in zip(found[60], found[1500], strict=True):
            with precision(1500):
                assert fine.is_finite() or not rough.is_finite(), seed
                assert not rough.is_finite() or rough.overlaps(fine), seed
        value, slope = found[1500]
        assert value.is_finite() or not slope.is_finite(), seed
        if not slope.is_finite():
            continue
        slopes += 1
        step = Fraction(1, 2**300)
        at = [balls_at([function], {**point, x: point[x] + k * step}, None, 2500)[0][0].item()
              for k in (-1, 0, 1)]  # fmt: skip
        with precision(2500):
            sides = [side for side in (at[1] - at[0], at[2] - at[1]) if side.is_finite()]
            assert sides, seed
            for side in sides:
                gap = abs(side * arb(2) ** 300 - slope)
                assert not gap > arb(2) ** -120 * (1 + abs(slope)), seed
    assert slopes > 60


def test_undecided_is_raised_and_never_anything_else():
    for seed in range(2000, 2150):
        function, point = random_case(seed, 4)
        for bits in (20, 200):
            try:
                enclose(function, point, bits=bits)
            except Undecided:
                continue
