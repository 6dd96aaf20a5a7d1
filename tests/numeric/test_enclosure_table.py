"""Every function of the language is enclosed; what SymPy has beyond it is never called an enclosure."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from numeric import Undecided, compare, enclose, evaluate
from numeric.balls import FUNCTIONS as BALLS
from numeric.balls import precision
from numeric.enclosure import balls_at
from numeric.kernels import HEADS
from numeric.unenclosed import approximate
from symbolic import parse, scalar
from symbolic.nodes import Derivative, Elementwise, kernel_symbol
from symbolic.reading.parse_functions import FUNCTIONS

x = scalar("x")
u, v = kernel_symbol(0), kernel_symbol(1)

GIVEN = {"A": "2 2", "S": "2 2: spd", "L": "2 2: lower", "X": "4 3", "z": "3", "p": ": positive",
         "q": ": unit", "I": "4 4", "K": "2 2", "s": "8", "k": "2"}  # fmt: skip
CALLS = {
    "arctanh": "arctanh(q)", "maximum": "maximum(p, q)", "minimum": "minimum(p, q)",
    "polygamma": "polygamma(2, p)",
    **{name: f"{name}(z)" for name in (
        "sum", "mean", "softmax", "log_softmax", "logsoftmax", "logsumexp", "hardmax", "max", "min",
        "prod", "norm", "diag")},
    **{name: f"{name}(A)" for name in (
        "trace", "tr", "diagonal", "inv", "det", "logdet", "eigvalsh", "eigvecsh", "svdvals",
        "svd_left", "svd_right", "spectral_norm", "nuclear_norm", "expm", "vec", "tril", "triu")},
    "cholesky": "cholesky(S)", "floor": "floor(5/2)*p", "outer": "outer(z, z)", "eye": "eye(3) @ z",
    "ones": "ones(3)*z", "zeros": "zeros(3) + z", "einsum": "einsum('ij,j->i', X, z)",
    "where": "where(p > q, p, q)", "solve": "solve(A, S)",
    "solve_triangular": "solve_triangular(L, S, lower=True)", "expm_frechet": "expm_frechet(A, S)",
    "matrix_power": "matrix_power(A, 3)", "kron": "kron(A, S)", "concatenate": "concatenate(z, z)",
    "stack": "stack(z, z)", "pad": "pad(z, 1, 2)", "reshape": "reshape(X, 6, 2)",
    "iverson": "iverson('i0 >= i1', 3, 3) @ z", "windows": "windows(z, 2)", "conv1d": "conv1d(s, k)",
    "conv2d": "conv2d(I, K)", "avg_pool1d": "avg_pool1d(s, 2)", "avg_pool2d": "avg_pool2d(I, 2)",
    "max_pool1d": "max_pool1d(s, 2)", "max_pool2d": "max_pool2d(I, 2)",
}  # fmt: skip


def point_for(expression):
    """Generic data: the same for every run, with distinct entries and a positive definite S."""
    rng = np.random.default_rng(7)
    made = {}
    for name in GIVEN:
        shape = [int(size) for size in GIVEN[name].partition(":")[0].split()]
        made[name] = rng.integers(1, 200, shape) / 256 + 0.1
    made["S"] = made["A"] @ made["A"].T + np.eye(2)
    made["L"] = np.tril(made["A"])
    wanted = {each.name for each in expression_variables(expression)}
    return {name: array for name, array in made.items() if name in wanted}


def expression_variables(expression):
    from symbolic.traverse import variables

    return variables(expression)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_that_text_may_call_is_enclosed(name):
    expression = parse(CALLS.get(name, f"{name}(p)"), GIVEN)
    values = point_for(expression)
    balls = enclose(expression, values, bits=200)
    middles = np.vectorize(float, otypes=[float])(balls)
    np.testing.assert_allclose(middles, evaluate(expression, values), rtol=1e-11, atol=1e-13)
    assert max(float(ball.rad()) for ball in balls.flat) < 1e-40
    assert not approximate(expression, values, digits=10).lacking


ONE_ARGUMENT = {
    "sec": mpmath.sec, "csc": mpmath.csc, "cot": mpmath.cot, "sech": mpmath.sech, "tan": mpmath.tan,
    "csch": mpmath.csch, "coth": mpmath.coth, "asin": mpmath.asin, "acos": mpmath.acos,
    "atan": mpmath.atan, "acot": mpmath.acot, "asinh": mpmath.asinh, "acosh": mpmath.acosh,
    "asec": mpmath.asec, "acsc": mpmath.acsc, "acoth": mpmath.acoth, "asech": mpmath.asech,
    "acsch": mpmath.acsch, "sinc": mpmath.sinc, "erfi": mpmath.erfi, "factorial": mpmath.factorial,
    "Ei": mpmath.ei, "Si": mpmath.si, "Ci": mpmath.ci, "Shi": mpmath.shi, "Chi": mpmath.chi,
    "li": mpmath.li, "LambertW": mpmath.lambertw, "airyai": mpmath.airyai, "airybi": mpmath.airybi,
    "fresnels": mpmath.fresnels, "fresnelc": mpmath.fresnelc, "zeta": mpmath.zeta,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ONE_ARGUMENT))
def test_other_functions_of_sympy_and_their_slopes(name):
    assert HEADS.get(name, name) in BALLS
    large = name in ("acosh", "asec", "acsc", "acoth", "zeta")
    point = Fraction(19, 8) if large else Fraction(3, 8)
    function = Elementwise(sympy.Lambda(u, getattr(sympy, name)(u)), [x])
    value, slope = (
        enclose(each, {x: point}, bits=900).item() for each in (function, Derivative(function, x))
    )
    with mpmath.workdps(200), precision(900):
        at = mpmath.mpf(point.numerator) / point.denominator
        for ball, reference, digits in (
            (value, ONE_ARGUMENT[name](at), 190),
            (slope, mpmath.diff(ONE_ARGUMENT[name], at), 60),
        ):
            claimed = type(ball)(mpmath.nstr(reference.real, 195))
            assert abs(ball - claimed) < type(ball)(10) ** -digits, name


def test_letters_in_coefficients_are_put_in_exactly():
    n = sympy.Symbol("n", integer=True, positive=True)
    for coefficient in (
        sympy.floor(n / 2),
        sympy.binomial(n, 2),
        sympy.Mod(n, 3),
        sympy.harmonic(n),
    ):
        found = enclose(coefficient * x, {x: 1}, {n: 5}, bits=200).item()
        exact = coefficient.subs(n, 5)
        assert (found * int(exact.q)).contains(int(exact.p))


# --- functions that no ball encloses -------------------------------------------------------------

LACKING = {
    "elliptic_k": (sympy.elliptic_k(u), mpmath.ellipk),
    "besselj": (sympy.besselj(0, u), lambda t: mpmath.besselj(0, t)),
    "expint": (sympy.expint(2, u), lambda t: mpmath.expint(2, t)),
    "erfinv": (sympy.erfinv(u), mpmath.erfinv),
}


@pytest.mark.parametrize("name", sorted(LACKING))
def test_what_is_not_enclosed_is_said_to_be_so(name):
    kernel, reference = LACKING[name]
    function = Elementwise(sympy.Lambda(u, kernel), [x])
    for wrong in (function, function + 1, 2 * function):
        found = compare(function, wrong, {x: Fraction(1, 3)})
        assert (found.outcome, "no enclosure" in found.reason) == ("undecided", True)
    with pytest.raises(Undecided, match=name):
        enclose(function, {x: Fraction(1, 3)})
    found = approximate(function * sympy.pi, {x: Fraction(1, 3)}, digits=40)
    assert (found.enclosed, found.lacking) == (False, (name,))
    assert found.agreement == 40
    slope = approximate(Derivative(function, x), {x: Fraction(1, 3)}, digits=25)
    with mpmath.workdps(60):
        at = mpmath.mpf(1) / 3
        assert abs(found.value.item() - mpmath.pi * reference(at)) < mpmath.mpf(10) ** -38
        assert abs(slope.value.item() - mpmath.diff(reference, at)) < mpmath.mpf(10) ** -23
    assert "not enclosed, for " + name in str(found)
    assert max(map(len, str(found).splitlines())) < 80
    assert name in found._repr_html_()


def test_an_approximation_outside_a_domain_is_undecided():
    outside = Elementwise(sympy.Lambda(u, sympy.erfinv(u)), [x])
    with pytest.raises(Undecided, match="no real value"):
        approximate(outside, {x: 2})
    y = scalar("y")
    both = Elementwise(sympy.Lambda((u, v), sympy.besselj(u, v)), [x * x, x])
    with pytest.raises(Undecided, match="several of its arguments move"):
        approximate(Derivative(both, x), {x: 2})
    assert approximate(Derivative(Elementwise(both.kernel, [y, x]), x), {x: 2, y: 0}).lacking


def test_an_enclosed_expression_has_certain_digits():
    found = approximate("log(1 + exp(p))", {"p": -500}, digits=12, given={"p": ""})
    assert (found.enclosed, found.lacking, mpmath.nstr(found.value.item(), 6)) == (
        True, (), "7.12458e-218",
    )  # fmt: skip
    (ball,), _ = balls_at([parse("log(1 + exp(p))", {"p": ""})], {"p": -500}, None, 60)
    assert ball.item().contains(0)
