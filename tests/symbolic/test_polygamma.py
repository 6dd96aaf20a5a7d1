r"""Derivatives of lgamma of every order: text, LaTeX, values in every library, what is refused."""

import importlib.util
from contextlib import ExitStack

import mpmath
import numpy as np
import pytest
import sympy

import symbolic as s
from symbolic import AmbiguousError, ChainruleError, DomainError, Latex, NotAllowedError, parse
from symbolic.calculus.conditions import conditions
from tests.symbolic.test_array_api import assert_close, called, convert, installed, plain

x, y = s.scalar("x", domain="positive"), s.scalar("y", domain="positive")
v = s.vector("v", "n", domain="positive")
GIVEN = {"x": x, "y": y, "v": v}
LIBRARIES = ("torch", "jax", "dask")
DIRICHLET = "n*(lgamma(sum(a)) - sum(lgamma(a))) + sum((a - 1)*t)"
NEGATIVE_BINOMIAL = "sum(lgamma(c + r) - lgamma(r) + r*log(1 - p) + c*log(p))"


@pytest.fixture(autouse=True)
def _settings():
    """JAX with 64 bits; Dask in this thread, in which NumPy's warnings are switched."""
    with ExitStack() as stack:
        if importlib.util.find_spec("jax"):
            import jax

            stack.enter_context(jax.enable_x64(True))
        if importlib.util.find_spec("dask"):
            import dask

            stack.enter_context(dask.config.set(scheduler="synchronous"))
        yield


def order(expression, times):
    for _ in range(times):
        expression = s.gradient(expression, x)
    return expression


# --- text and LaTeX --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "text", "latex"),
    [
        (1, "digamma(x)", r"\psi(x)"),
        (2, "trigamma(x)", r"\psi'(x)"),
        (3, "polygamma(2, x)", r"\psi^{(2)}(x)"),
        (5, "polygamma(4, x)", r"\psi^{(4)}(x)"),
    ],
)
def test_every_derivative_of_lgamma_is_written_with_its_order(times, text, latex):
    slope = order(s.lgamma(x), times)
    assert (str(slope), s.latex(slope)) == (text, latex)
    assert parse(text, GIVEN) is slope
    assert parse(Latex(latex), GIVEN) is slope
    name = text.partition("(")[0]
    assert [str(each) for each in s.assumptions(slope)] == [f"x > 0, in {name}"]


READ_BACK = [
    s.hessian(s.sum(s.lgamma(v)), v),
    s.trigamma(v) ** 2 * s.lgamma(v),
    s.lgamma(x) ** 2 * s.trigamma(x) ** 2,
    s.lgamma(x) ** y,
    s.lgamma(v) @ v,
    s.outer(s.trigamma(v), s.lgamma(v)),
    s.lgamma(s.sum(v)) - s.sum(s.lgamma(v)),
    s.polygamma(3, v) ** 2 / s.digamma(v),
    s.trigamma(x / y) + s.log(s.gamma(x)) + s.gamma(y) ** 2,
]


@pytest.mark.parametrize("expression", READ_BACK, ids=str)
def test_text_and_latex_are_read_back(expression):
    assert s.simplify(parse(str(expression), GIVEN)) is s.simplify(expression)
    assert s.simplify(parse(Latex(s.latex(expression)), GIVEN)) is s.simplify(expression)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\psi_1(x)", "trigamma(x)"),
        (r"\psi_0(x)", "digamma(x)"),
        (r"\psi''(x)", "polygamma(2, x)"),
        (r"\psi^{(3)}(v)", "polygamma(3, v)"),
        (r"\psi'(x)^2", "trigamma(x)**2"),
        (r"\operatorname{trigamma}(x)", "trigamma(x)"),
        (r"\digamma'(x)", "trigamma(x)"),
        (r"\Gamma(x + 1)", "gamma(x + 1)"),
        (r"\Gamma'(x)", "gamma(x)*digamma(x)"),
        (r"\log\Gamma(x)", "lgamma(x)"),
        (r"\ln^2\Gamma(x)", "lgamma(x)**2"),
        (r"\log(\Gamma(x)^2)", "log(gamma(x)**2)"),
        (r"\log_2\Gamma(x)", "log(gamma(x))/log(2)"),
        (r"\log\Gamma(x)\psi(y)", "lgamma(x)*digamma(y)"),
        (r"\log\frac{\Gamma(x)\Gamma(y)}{\Gamma(x + y)}", "log(gamma(x)*gamma(y)/gamma(x + y))"),
        (r"\sum_i \log\Gamma(v_i)", "sum(lgamma(v))"),
    ],
)
def test_the_usual_notations_are_read(latex, text):
    assert s.simplify(parse(Latex(latex), GIVEN)) is s.simplify(parse(text, GIVEN))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("digamma(1)", "digamma(1)"),
        ("digamma(3)*x", "(3/2 + digamma(1))*x"),
        ("polygamma(2, 3)*x", "(9/4 + polygamma(2, 1))*x"),
        ("polygamma(4, 1/2)*x", "31*polygamma(4, 1)*x"),
        ("x**digamma(3)", "x**(3/2 + digamma(1))"),
        ("trigamma(1/4)*x", "trigamma(1/4)*x"),
        ("trigamma(2)*x", "(pi**2/6 - 1)*x"),
    ],
)
def test_constants_are_written_in_the_language(text, written):
    expression = parse(text, GIVEN)
    assert str(expression) == written
    assert parse(written, GIVEN) is expression
    assert parse(Latex(s.latex(expression)), GIVEN) is expression


def test_a_letter_that_nothing_declares_is_told():
    (formula,) = s.read_latex(r"\log\Gamma(x) + \psi(x)", GIVEN)
    assert formula.notes == (r"\Gamma is the gamma function", r"\psi is the digamma function")


@pytest.mark.parametrize(
    "latex",
    [
        r"\log\Gamma(x)^2",
        r"\log\Gamma(x)\Gamma(y)",
        r"\log\Gamma(x) y",
        r"\psi(x, y)",
        r"\psi^{(30)}(x)",
        r"\psi x",
        r"y = \psi(x) \\ \psi(x) = x^2",
    ],
)
def test_what_has_two_readings_is_refused(latex):
    with pytest.raises(ChainruleError) as caught:
        s.read_latex(latex, GIVEN)
    assert caught.value.advice


@pytest.mark.parametrize(
    "declared", [{"psi": ""}, {r"\psi_1": ""}, {r"\psi^{(l)}": ""}, {r"\psi_\theta(x)": "= x^2"}]
)
def test_a_declared_psi_is_not_digamma(declared):
    given = {"x": ": positive", **declared}
    with pytest.raises(AmbiguousError):
        s.read_latex(r"1 + \psi(2x + 1)", given)


def test_a_definition_of_psi_stays_one():
    first, second = s.read_latex(r"\psi(x) = x^2 \\ z = \psi(3)", GIVEN)
    assert first.sides[0].head.name == "psi"
    assert str(second.sides[1].expression) == "3**2"
    assert str(parse(r"\psi'(x)", {"x": "", r"\psi": "= tanh"})) == "1 - tanh(x)**2"
    (formula,) = s.read_latex(r"\psi'(x) = 2x", GIVEN)
    assert formula.sides[0].head.kind == "derivative"


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("polygamma(21, x)", NotAllowedError, "its order is no integer from 0 to 20"),
        ("polygamma(-1, x)", NotAllowedError, "its order is no integer from 0 to 20"),
        ("polygamma(1/2, x)", NotAllowedError, "its order is no integer from 0 to 20"),
        ("polygamma(x, x)", NotAllowedError, "say how often digamma is differentiated"),
        ("polygamma(x, 2)", NotAllowedError, "say how often digamma is differentiated"),
        ("polygamma(n, v)", NotAllowedError, "say how often digamma is differentiated"),
        ("polygamma(2)", NotAllowedError, "takes 2 arguments"),
        ("polygamma(2, 10**9)", NotAllowedError, "outside the range"),
        ("trigamma(10**9)", NotAllowedError, "outside the range"),
        ("trigamma(0)", DomainError, "no finite real number"),
        ("polygamma(2, 0)", DomainError, "no finite real number"),
    ],
)
def test_what_is_no_polygamma_function_is_refused(text, error, says):
    with pytest.raises(error, match=says):
        parse(text, GIVEN)


# --- values ---------------------------------------------------------------------------------------

MOST_ULPS = {1: 7, 2: 6, 3: 6}
POINTS = np.concatenate(
    [10 ** np.random.default_rng(0).uniform(-10, 10, 200), np.arange(1, 40) / 2, [9.4e-8, 1.0]]
)


def worst(found, times, grid):
    """The largest distance from mpmath's value in units of the last place."""
    with mpmath.workdps(40):
        truths = [mpmath.polygamma(times, mpmath.mpf(float(each))) for each in grid]
        pairs = [
            (abs(mpmath.mpf(float(value)) - truth), np.spacing(abs(found.dtype.type(truth))))
            for value, truth in zip(found, truths, strict=True)
            if abs(truth) < float(np.finfo(found.dtype).max)
            and abs(truth) > 2 * float(np.finfo(found.dtype).tiny)
        ]
        return max(float(error / mpmath.mpf(float(unit))) for error, unit in pairs)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_generated_code_keeps_the_digits_and_the_type(times, kind):
    f = s.lambdify(s.polygamma(times, v))
    grid = POINTS.astype(kind)
    with np.errstate(over="ignore"):
        found = f(grid)
    assert found.dtype == kind
    assert worst(found, times, grid) <= MOST_ULPS[times]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize("times", [1, 2])
def test_code_for_libraries_keeps_the_digits_and_the_type(times, name, kind):
    installed(name)
    grid = POINTS.astype(kind)
    with np.errstate(over="ignore"):
        found = plain(s.lambdify(s.polygamma(times, v))(convert(name, grid, kind)))
    assert found.dtype == kind
    assert worst(found, times, grid) <= MOST_ULPS[times]


def test_a_library_without_the_function_says_so():
    installed("array_api_strict")
    with pytest.raises(s.UnsupportedError, match="hurwitz_zeta of array_api_strict arrays"):
        s.lambdify(s.trigamma(v))(convert("array_api_strict", [1.0, 2.0]))


@pytest.mark.parametrize("times", [1, 2, 3, 4, 5])
def test_derivatives_of_lgamma_have_mpmath_s_values(times):
    f = s.lambdify(order(s.lgamma(x), times))
    for at in (1e-3, 0.5, 1.0, 2.75, 40.0, 1e6):
        with mpmath.workdps(40):
            wanted = float(mpmath.polygamma(times - 1, mpmath.mpf(at)))
        assert np.isclose(f(at), wanted, rtol=1e-14, atol=0)


# --- likelihoods ----------------------------------------------------------------------------------


def likelihood(text):
    """A log likelihood, its variables, data for them, and the same in torch."""
    rng = np.random.default_rng(3)
    if text == DIRICHLET:
        a, t = s.vector("a", "k", domain="positive"), s.vector("t", "k")
        place = {"a": rng.uniform(0.2, 5, 4), "t": rng.normal(size=4)}
        return parse("7*" + text.removeprefix("n*"), {"a": a, "t": t}), place, "a"
    given = {"c": "n: counts", "r": ": positive", "p": ": unit"}
    place = {"c": rng.integers(0, 9, 12).astype(float), "r": 2.3, "p": 0.4}
    return parse(text, given), place, "r"


def in_torch(text, place):
    torch = installed("torch")
    if text == DIRICHLET:
        t = torch.tensor(place["t"], dtype=torch.float64)
        return lambda a: 7 * (torch.lgamma(a.sum()) - torch.lgamma(a).sum()) + ((a - 1) * t).sum()
    c, p = torch.tensor(place["c"], dtype=torch.float64), torch.tensor(place["p"])
    return lambda r: (
        torch.lgamma(c + r) - torch.lgamma(r) + r * torch.log(1 - p) + c * torch.log(p)
    ).sum()


@pytest.mark.parametrize("text", [DIRICHLET, NEGATIVE_BINOMIAL])
def test_gradient_and_hessian_of_a_likelihood_are_those_of_torch(text):
    torch = installed("torch")
    loss, place, by = likelihood(text)
    results = (loss, s.gradient(loss, by), s.hessian(loss, by))
    f = s.lambdify(results)
    found = f(**place)
    at = torch.tensor(place[by], dtype=torch.float64, requires_grad=True)
    function = in_torch(text, place)
    slope = torch.autograd.functional.jacobian(function, at)
    curvature = torch.autograd.functional.hessian(function, at)
    for ours, theirs in zip(found, (function(at), slope, curvature), strict=True):
        np.testing.assert_allclose(ours, plain(theirs), rtol=1e-6)
    for name in LIBRARIES:
        for ours, theirs in zip(called(name, f, place), found, strict=True):
            assert_close(ours, theirs)


def test_newton_s_method_finds_the_shape_of_a_gamma_distribution():
    data = np.random.default_rng(5).gamma(2.5, size=4000)
    given = {"a": ": positive", "z": "n: positive"}
    loss = parse("sum(lgamma(a) + z - (a - 1)*log(z))", given)
    f = s.lambdify((s.gradient(loss, "a"), s.hessian(loss, "a")))
    a = 1.0
    for _ in range(20):
        slope, curvature = f(a=a, z=data)
        a -= slope / curvature
    with mpmath.workdps(30):
        exact = mpmath.findroot(lambda b: mpmath.digamma(b) - float(np.mean(np.log(data))), 2.5)
    assert np.isclose(a, float(exact), rtol=1e-12)


def test_torch_and_jax_differentiate_the_code():
    torch, jnp = installed("torch"), installed("jax")
    import jax

    total = s.sum(s.trigamma(v) + s.polygamma(2, v))
    f, slope = s.lambdify(total), s.lambdify(s.gradient(total, v))
    at = np.array([0.3, 1.0, 7.5])
    leaf = torch.tensor(at, requires_grad=True)
    f(leaf).backward()
    np.testing.assert_allclose(plain(leaf.grad), slope(at), rtol=1e-12)
    np.testing.assert_allclose(plain(jax.grad(f)(jnp.asarray(at))), slope(at), rtol=1e-12)


def test_single_precision_stays_in_the_hessian():
    loss, place, by = likelihood(DIRICHLET)
    f = s.lambdify((loss, s.hessian(loss, by)))
    exact = f(**place)
    found = f(**{key: np.float32(value) for key, value in place.items()})
    assert found[1].dtype == np.float32
    np.testing.assert_allclose(found[1], exact[1], rtol=1e-5)


# --- conditions, and SymPy ------------------------------------------------------------------------


def test_the_argument_has_to_be_positive():
    u = s.scalar("u")
    for function in (s.trigamma(u), s.polygamma(2, u)):
        assert [str(each) for each in conditions([function])] == ["u > 0"]
    assert conditions([s.trigamma(x), s.polygamma(2, x + 1)]) == ()


@pytest.mark.parametrize("function", [s.digamma, s.trigamma, lambda e: s.polygamma(2, e)])
def test_a_condition_is_on_the_argument_and_not_on_a_factor_of_it(function):
    u, w = s.scalar("u"), s.scalar("w")
    found = {str(each).partition(",")[0] for each in s.assumptions(s.simplify(function(u * w)))}
    assert found == {"u*w > 0"}


def test_sympy_s_functions_come_in_and_go_out():
    z = sympy.Symbol("z", positive=True)
    for written, text in (
        (sympy.trigamma(z), "trigamma(z)"),
        (sympy.polygamma(1, z) ** 2, "trigamma(z)**2"),
        (sympy.polygamma(3, 2 * z), "polygamma(3, 2*z)"),
    ):
        read = s.from_sympy(written)
        assert str(read) == text
        assert s.to_sympy(read) == written
    with pytest.raises(s.UnsupportedError, match="a function that is not in the table"):
        s.from_sympy(sympy.polygamma(z, 2))
    with pytest.raises(NotAllowedError, match="no integer from 0 to 20"):
        s.from_sympy(sympy.polygamma(40, z))
