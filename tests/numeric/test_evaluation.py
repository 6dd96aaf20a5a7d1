"""Float evaluation agrees with enclosures; data are checked with messages that name the entry."""

import subprocess
import sys

import numpy as np
import pytest
import sympy

import numeric
import symbolic as ops
from numeric import check_data, enclose, evaluate, sample
from symbolic import variables as declared
from symbolic.errors import DataError, DomainError, NameUnknownError, ShapeError, UnsupportedError
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Derivative, Variable
from symbolic.operations import apply_elementwise
from symbolic.traverse import variables

n, d = declared.dims("n d")
X, w = declared.matrix("X", n, d), declared.vector("w", d)


def check_against_balls(expression, values, sizes=None):
    floats = {variable: np.asarray(array, dtype=float) for variable, array in values.items()}
    floats = {variable: floats[variable] for variable in variables(expression)}
    sizes = sizes or {n: 3, d: 2}
    balls = np.vectorize(float)(enclose(expression, floats, sizes, 200))
    np.testing.assert_allclose(evaluate(expression, floats, sizes), balls, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_every_elementwise_function(name, rng):
    u, v = declared.vector("u", n, domain="unit"), declared.vector("v", n, domain="unit")
    operands = [u, v][: ELEMENTWISE[name].arity]
    values = sample(operands, {n: 5}, rng)
    check_against_balls(apply_elementwise(name, *operands), values, {n: 5})


def test_a_matrix_outside_the_domain_is_an_error():
    A = declared.matrix("A", n, n)
    for function, array in ((ops.inv, np.ones((2, 2))), (ops.cholesky, -np.eye(2))):
        with pytest.raises(DomainError, match="of a matrix"):
            evaluate(function(A), {"A": array})


def test_contractions_and_branches(rng):
    values = sample([X, w], {n: 3, d: 2}, rng)
    z = declared.named("z", X @ w)
    for expression in (
        ops.diag(z) @ X,
        ops.mean(X + w, axis=0),
        ops.where(ops.compare(z, ">", 0), z, ops.exp(z)),
        ops.constant(sympy.sqrt(d) / n) * ops.trace(X.T @ X),
        ops.eye(n) - ops.outer(z, z) / (1 + z @ z),
        ops.ones(n, d) * 2 ** ops.sum(w, keepdims=True),
    ):
        check_against_balls(expression, values)
    assert evaluate(ops.eye(n), {}, {n: 2}).tolist() == [[1, 0], [0, 1]]


def test_what_has_no_float_value():
    with pytest.raises(UnsupportedError, match="the value of a derivative"):
        evaluate(Derivative(ops.sum(w), w), {"w": [1.0]})
    with pytest.raises(UnsupportedError, match="an unspecified function"):
        evaluate(declared.unspecified("C", w), {"w": [1.0]})


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"X": np.ones((3, 2)), "w": np.ones(3)}, ShapeError,
         "the value of w: size d is 3 here and 2 in X; give arrays that agree on d"),
        ({"X": np.ones(3), "w": np.ones(3)}, ShapeError,
         r"the value of X: it has 1 axes, shape \(3,\); give an array of shape \(n, d\)"),
        ({"X": np.ones((0, 2)), "w": [1, 2]}, ShapeError, "the value of X: size n is 0"),
        ({"X": [[1, 2]], "w": [1, np.nan]}, DataError, r"value of w: entry \[1\] is nan"),
        ({"X": [[1, 2]], "w": [True, False]}, DataError, "dtype bool"),
        ({"X": [[1, 2]], "w": ["a", "b"]}, DataError, "dtype <U1"),
        ({"X": [[1, 2], [3]], "w": [1, 2]}, DataError, "rows of different lengths"),
        ({"X": [[1, 2]]}, NameUnknownError, "the variable w: no value was given"),
        ({"X": [[1, 2]], "w": [1, 2], "v": 3}, NameUnknownError, "a value for 'v': no variable"),
    ],
)  # fmt: skip
def test_data_errors(values, error, message):
    with pytest.raises(error, match=message):
        check_data([X, w], values)


@pytest.mark.parametrize(
    ("domain", "array", "message"),
    [
        ("binary", [[0, 1], [0.5, 1]], r"binary \(0 or 1\), but entry \[1, 0\] is 0.5"),
        ("symmetric", [[1, 2], [3, 4]], r"entry \[0, 1\] is 2.0, entry \[1, 0\] is 3.0"),
        ("spd", [[1, 2], [2, 1]], r"entry \[1, 1\] is 1.0"),
        ("psd", [[-1, 0], [0, 1]], r"entry \[0, 0\] is -1.0"),
        ("positive", [[1, 0], [1, 1]], r"entry \[0, 1\] is 0.0"),
        ("prob", [[0.5, 0.5], [0.5, 0.6]], r"entry \[1, 0\] is 0.5"),
        ("onehot", [[1, 0], [1, 1]], r"entry \[1, 0\] is 1.0"),
        ("orthogonal", [[1, 0], [0, 2]], r"entry \[1, 1\] is 2.0"),
        ("lower", [[1, 7], [0, 2]], r"entry \[0, 1\] is 7.0"),
        ("diagonal", [[1, 0], [7, 2]], r"entry \[1, 0\] is 7.0"),
        ("invertible", [[1, 2], [2, 4]], "invertible"),
        ("counts", [[1, 2], [2, 0.5]], r"entry \[1, 1\] is 0.5"),
        ("unit_norm", [[1, 2], [2, 4]], "of length one"),
        ("pm1", [[1, -1], [0, 1]], r"entry \[1, 0\] is 0.0"),
        ("unit", [[0, 1], [0, 1.5]], r"entry \[1, 1\] is 1.5"),
    ],
)
def test_data_outside_the_domain(domain, array, message):
    variable = Variable("y", (2, 2), domain)
    with pytest.raises(DomainError, match=message):
        check_data([variable], {"y": array})


def test_integers_become_float64_and_float32_stays():
    arrays, sizes = check_data([X, w], {X: [[1, 2]], "w": np.ones(2, dtype=np.float32)})
    assert (arrays[X].dtype, arrays[w].dtype) == (np.float64, np.float32)
    assert sizes == {n: 1, d: 2}


def test_the_package_is_cheap_to_import_and_complete():
    for name in numeric.__all__:
        assert getattr(numeric, name).__doc__, name
    code = (
        "import numpy, sympy, sys; before = set(sys.modules); import numeric;"
        "print(*sorted(set(sys.modules) - before))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["numeric"]
