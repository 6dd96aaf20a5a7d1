"""SymPy's own `lambdify` never sees inside our expressions: it refuses them, and names ours.

SymPy would write an expression that it does not know as text and execute it, with functions of other
libraries under the names of ours. So every way of handing one over has to end in the refusal.
"""

import inspect

import numpy as np
import pytest
import sympy

from symbolic import (
    dims,
    gradient,
    lambdify,
    matrix,
    mean,
    named,
    scalar,
    sigmoid,
    softplus,
    vector,
)
from symbolic.errors import UnsupportedError

n, d = dims("n d")
X, w, y, s = matrix("X", n, d), vector("w", d), vector("y", n), scalar("s")
loss = mean(softplus(X @ w) - y * (X @ w))
t = sympy.Symbol("t")
REFUSAL = "handed to SymPy: SymPy does not know its nodes; use symbolic.lambdify for NumPy code"

EXPRESSIONS = {
    "variable": s,
    "scalar": s**2 + 1,
    "product": X @ w,
    "function": sigmoid(X @ w),
    "sum": loss,
    "gradient": gradient(loss, w),
    "named": named("z", X @ w),
    "brackets": X[0, 1:],
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
@pytest.mark.parametrize(
    "arguments",
    [
        [X, w, y, s],
        (X, w, y, s),
        [[X, w], y, s],
        ["X", "w", "y", "s"],
        sympy.symbols("X w y s"),
        [],
    ],
    ids=["list", "tuple", "nested", "texts", "symbols", "none"],
)
def test_an_expression_of_ours_is_refused(expression, arguments):
    with pytest.raises(UnsupportedError, match=REFUSAL):
        sympy.lambdify(arguments, expression)


@pytest.mark.parametrize(
    "results",
    [
        [X @ w, s],
        (X @ w, s),
        [t, s],
        (t**2, [t, (s,)]),
        {t: s},
        {s: t},
        np.array([s, t], dtype=object),
    ],
    ids=str,
)
def test_it_is_found_among_other_results(results):
    with pytest.raises(UnsupportedError, match=r"symbolic\.lambdify"):
        sympy.lambdify([X, w, s, t], results)


@pytest.mark.parametrize("result", [t, t**2, sympy.Symbol("s") + t, 1, [t, 2]], ids=str)
@pytest.mark.parametrize("arguments", [[s, t], [t, (s,)], s, X], ids=["flat", "nested", "s", "X"])
def test_it_is_found_among_the_arguments(arguments, result):
    with pytest.raises(UnsupportedError, match=r"symbolic\.lambdify"):
        sympy.lambdify(arguments, result)


@pytest.mark.parametrize(
    "options",
    [
        *({"modules": name} for name in ("math", "mpmath", "numpy", "scipy", "sympy", "cmath")),
        *({"modules": name} for name in ("jax", "torch", "numexpr")),
        {"modules": [{"sigmoid": np.tanh}, "numpy"]},
        {"cse": True},
        {"cse": lambda e: ((), e)},
        {"dummify": True},
        {"use_imps": False},
        {"printer": str},
        {"printer": lambda e: "__import__('os')"},
    ],
    ids=lambda options: " ".join(options),
)
@pytest.mark.parametrize("result", [sigmoid(X @ w), [sigmoid(X @ w), w]], ids=["one", "list"])
def test_no_option_gets_around_it(options, result):
    needed = options.get("modules")
    if needed in ("jax", "torch", "numexpr"):
        pytest.importorskip(needed)
    with pytest.raises(UnsupportedError, match=r"symbolic\.lambdify"):
        sympy.lambdify([X, w], result, **options)


@pytest.mark.parametrize(
    "use",
    [
        sympy.sympify,
        sympy.sin,
        sympy.simplify,
        lambda e: sympy.Matrix([[e, e]]),
        lambda e: sympy.Tuple(e),
        lambda e: sympy.diff(e, t),
    ],
)
def test_the_rest_of_sympy_refuses_as_well(use):
    with pytest.raises(UnsupportedError, match=r"symbolic\.to_sympy"):
        use(s)


def test_numbers_and_sizes_of_sympy_still_meet_our_operators():
    assert sympy.Integer(2) * s is 2 * s
    assert sympy.pi * s is s * sympy.pi
    assert (n * w).shape == w.shape
    assert n != s
    assert [n, s].index(s) == 1


def test_ours_does_what_sympy_refuses():
    A, v = np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0])
    assert np.array_equal(lambdify([X @ w, w])(A, v)[0], A @ v)


def test_iteration_names_ours_as_well():
    with pytest.raises(UnsupportedError, match=r"evaluate it with symbolic\.lambdify"):
        list(w)


def test_members_of_the_class_can_be_listed():
    assert dict(inspect.getmembers(type(s)))["T"] is type(s).T
