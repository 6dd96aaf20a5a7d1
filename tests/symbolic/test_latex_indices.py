r"""Index form: what is written, read as a mathematician reads it, has the value of the expression."""

import itertools
import random
import re

import numpy as np
import pytest

from symbolic import (
    dims,
    gradient,
    iverson,
    lambdify,
    latex,
    named,
    parse,
    simplify,
    sum,
    tensor,
)
from symbolic.nodes import Expression
from symbolic.printing.index_names import IndexNames
from symbolic.traverse import variables
from tests.symbolic.latex_reader import holds, integer, read

GIVEN = {"x": "n", "y": "n", "v": "3", "w": "k", "X": "n d", "Y": "n d", "A": "n n", "Q": "4 6"}
SIZES = ({"n": 5, "d": 2, "k": 2}, {"n": 6, "d": 3, "k": 1})

FORMULAS = [
    "x[1:] - x[:-1]", "x[::-1]", "x[::2]", "x[1::3]", "x[3]", "x[-2]", "A[1, 2]*x", "X[2:, 1]",
    "A[1:, :-1]", "pad(x, 1, 2)", "pad(X, 2, 1, axis=0)", "pad(x[1:], 0, 1)", "sum(w)*pad(x, k, 0)",
    "concatenate(x, y)", "concatenate(X, Y, axis=1)", "stack(x, y)", "stack(x, y, axis=1)",
    "concatenate(x, v, y)", "windows(x, 3)", "windows(x, 2, stride=2)", "windows(x, k)*w",
    "windows(x, 3, padding=1)", "windows(x, 2, dilation=2, padding=1)", "conv1d(x, v)",
    "conv1d(x, w)", "conv1d(x, v, stride=2, padding=1)", "conv1d(x, v, padding=2)",
    "windows(windows(x, 3), 2, axis=0)", "windows(x, 3)[::-1]", "windows(x, 3)[:, ::-1]",
    "vec(X)", "vec(A @ X)", "kron(x, y)", "kron(X, Y)", "reshape(X, n*d)", "reshape(Q, 3, 8)",
    "reshape(Q, 2, 2, 6)", "reshape(vec(Q), 4, 6)", "reshape(Q, 24)[1:]", "tril(A)", "triu(A, k=1)",
    "tril(A, k=-1) @ x", "sum(tril(A))", "tril(ones(n, n)) @ x", "max_pool1d(x, 2)",
    "max_pool2d(A, 2)", "sum(max_pool1d(x, 2))", "avg_pool1d(x, 2)", "prod(windows(x, 2), axis=1)",
    "min(windows(x, 3, padding=1), axis=1)", 'einsum("i,ijk->ijk", x, iverson("i0 == 2*i1 + i2", n, 3, 2))',
    'einsum("i,ij->j", x, iverson("i0 == i1 + 1", n, n))', 'iverson("i0 >= 2*i1", n, n)*A',
    'einsum("i,ij->j", x, iverson("3*i0 == 2*i1", n, n))', "eye(n)[1] + x",
]  # fmt: skip

LOSSES = [
    ("sum((x[1:] - x[:-1])**2)", "x"), ("sum(conv1d(x, v)**2)/2", "v"),
    ("sum(conv1d(x, v)**2)/2", "x"), ("sum(conv1d(x, v, stride=2, padding=1)**2)", "x"),
    ("sum(conv1d(x, w)**2)", "x"), ("x[0]*x[1]", "x"), ("A[0, 1]*A[1, 0]", "A"),
    ("sum(pad(x, 1, 1)*pad(y, 2, 0))", "x"), ("sum(concatenate(x, y)**3)", "y"),
    ("sum(vec(X @ X.T)*vec(A))", "X"), ("sum(tril(A) @ x)", "A"), ("sum(kron(x, y)**2)", "x"),
    ("sum(reshape(Q, 3, 8)**2)", "Q"), ("x[::2] @ x[::2]", "x"),
]  # fmt: skip

MORE_FORMULAS = [
    "windows(x, 4)", "windows(x, 3)[:-1]", "windows(x, 3)[1:]", "x[1:]", "x[:-1]", "x[1:-1]",
    "x[::3]", "x[0]", "X[0]", "X[:, 0]", "X[0, 0]", "pad(x, 2, 1)", "pad(x, 1, 0)", "sum(abs(x))",
    "max(abs(x))", "norm(x)", "norm(x, 3)", "norm(A)", "norm(A, 1)", "norm(A, 2)", "sum(abs(A))",
    "sum(svdvals(A))", "svdvals(A)", "sigmoid(A)", "eigvalsh(A)", "expm(A)", "exp(A)", "det(A)",
    "logdet(A)", "trace(A)", "inv(A)", "inv(A).T", "A @ A", "A*A", "inv(A) @ inv(A)", "1/A**2",
    "max(x)", "min(x)", "prod(x)", "sum(x)", "max(X, axis=0)", "max(X, axis=1)", "max(X)",
    "maximum(x, y)", "hardmax(x)", "softmax(x)", "tril(A, k=1)", "triu(A)", "outer(x, y)",
    "vec(X.T)", "reshape(X, d, n)", "max(windows(x, 2)**2, axis=1)", "max(windows(x, 3)**2, axis=1)",
    "stack(y, x)", "concatenate(y, x)", "step(x)", "sign(x)", "abs(x)", "relu(x)",
]  # fmt: skip

_numbers = np.random.default_rng(5)


def free_letters(expression: Expression) -> list[str]:
    """The letters of the free indices, in order of the axes."""
    names, at = IndexNames(expression), ()
    for size in expression.shape:
        at += (names.fresh(size, at),)
    return [str(index) for index in at]


def assert_same_value(expression: Expression, sizes: dict[str, int]) -> None:
    arrays = {
        each.name: _numbers.integers(-9, 10, [integer(str(size), sizes) for size in each.shape])
        .astype(float)
        for each in variables(expression)
    }  # fmt: skip
    wanted = np.asarray(lambdify(expression)(**arrays))
    text = latex(expression, index=True)
    formula = read(text, arrays, sizes)
    letters = free_letters(expression)
    for places in itertools.product(*(range(size) for size in wanted.shape)):
        names = {letter: place + 1 for letter, place in zip(letters, places, strict=True)}
        names.pop("1", None)
        assert float(formula(names)) == pytest.approx(wanted[places]), (text, names)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_index_form_has_the_value_of_the_expression(formula, sizes):
    expression = parse(formula, GIVEN)
    assert_same_value(expression, sizes)
    assert_same_value(simplify(expression), sizes)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("loss", "wrt"), LOSSES)
def test_the_index_form_of_a_gradient_has_its_value(loss, wrt, sizes):
    assert_same_value(gradient(loss, wrt, given=GIVEN), sizes)


def moved(choose: random.Random) -> str:
    """Random moves of entries of a vector, with squares between them, times another entry."""
    text, rank = choose.choice(["x", "y", "A[1]", "x*y", "vec(A)[:n]"]), 1
    for _ in range(choose.randint(2, 4)):
        moves = ["({})**2", "{}[1:]", "{}[::-1]", "pad({}, 1, 1)", "{}[::2]"]
        moves += ["windows({}, 2)", "windows({}, 3, padding=1)"] * (rank == 1)
        moves += ["conv1d({}, v, padding=1)", "concatenate({}, x)"] * (rank == 1)
        moves += ["{}.T", "max({}, axis=1)", "sum({}, axis=0)"] * (rank == 2)
        move = choose.choice(moves)
        text = move.format(f"({text})" if move[0] == "{" else text)
        rank += move.startswith("windows") - move.startswith(("max", "sum"))
    return text


@pytest.mark.parametrize("seed", range(60))
def test_the_index_form_of_random_moves_has_their_value(seed):
    expression = parse(moved(random.Random(seed)), GIVEN)
    assert_same_value(expression, SIZES[seed % 2])
    assert_same_value(simplify(expression), SIZES[seed % 2])


def test_different_formulas_print_differently():
    found: dict[str, Expression] = {}
    for formula in FORMULAS + MORE_FORMULAS:
        expression = simplify(parse(formula, GIVEN))
        other = found.setdefault(latex(expression), expression)
        assert other is expression, (str(other), str(expression))


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_determined_index_has_no_sum(formula):
    """`x_{i+k-1}` instead of a sum over all j with `[j = i + k - 1]`."""
    text = latex(parse(formula, GIVEN), index=True)
    for index in re.findall(r"\\sum_\{(\w)=1\}", text):
        assert not re.search(rf"\[{index} = [^\]]*[a-z] [+-] \d", text), text


@pytest.mark.parametrize(
    ("relation", "wanted"),
    [("i = 2 j + 1", True), ("1 \\le i - j \\le 2", False), ("j \\ge 3", False)],
)
def test_the_reader_of_relations(relation, wanted):
    assert holds(relation, {"i": 5, "j": 2}) == wanted


def test_the_reader_sees_a_wrong_index():
    x = np.array([1.0, 2.0, 3.0])
    assert read("x_{i+1} - x_i", {"x": x}, {})({"i": 2}) == 1
    with pytest.raises(AssertionError, match="outside"):
        read("x_{i+1}", {"x": x}, {})({"i": 3})
    assert read(r"x_{i+1} [i \le 2]", {"x": x}, {})({"i": 3}) == 0


def test_arrays_along_a_new_axis_are_a_stack():
    of_matrices = {"X": "n d", "Y": "n d", "T": "1 n d"}
    assert latex(parse("stack(X, Y)", of_matrices)) == r"\operatorname{stack}(X, Y)"
    assert "stack" in latex(parse("stack(X, Y, axis=2)", of_matrices))
    assert "stack" not in latex(parse("concatenate(T, X[None, :, :])", of_matrices))


def test_an_index_has_no_letter_of_what_a_name_stands_for():
    cube = {"S": "n n n"}
    plain = parse("sum(sum(sum(S*S, axis=0), axis=0), axis=0)", cube)
    assert r"\sum_{i=1}^{n}" in latex(plain)
    (n,) = dims("n")
    strided = named("S", tensor("X", n, n, n) * iverson("i0 == i*i1 + i2", n, n, n))
    assert r"\sum_{i=1}^{n}" not in latex(sum(sum(sum(strided * strided, axis=0), axis=0), axis=0))
