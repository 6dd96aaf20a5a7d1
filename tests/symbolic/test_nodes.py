"""Nodes: one object for one expression, immutable, pickled, reproducible, with helpful errors."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
import sympy

from symbolic import (
    ChainruleError,
    Derivative,
    DomainError,
    Expression,
    Named,
    NameUnknownError,
    ShapeError,
    UnsupportedError,
    Variable,
    diag,
    dims,
    einsum,
    elementwise,
    exp,
    eye,
    logsumexp,
    matrix,
    named,
    outer,
    scalar,
    softmax,
    sum,
    tensor,
    trace,
    unspecified,
    vector,
)
from symbolic.traverse import postorder, variables
from tests.symbolic.random_expressions import Writer, network

n, d, k = dims("n d k")
X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)


def test_what_is_written_the_same_is_the_same_object() -> None:
    assert X @ w is X @ w
    assert vector("w", d) is w
    assert vector("w", "d") is w
    assert exp(X @ w - y) is exp(X @ w - y)
    assert vector("w", d, domain="positive") is not w
    assert 2 * w is w * 2
    assert w + 1 is not 1 + w


@pytest.mark.parametrize("seed", range(40))
def test_random_expressions_are_interned_and_have_distinct_keys(seed: int) -> None:
    first, again = Writer(seed).scalar(4), Writer(seed).scalar(4)
    assert first is again
    nodes = postorder(first)
    assert len({node.key for node in nodes}) == len(nodes)


def test_keys_tell_expressions_apart() -> None:
    nodes = {node for seed in range(300) for node in postorder(Writer(seed).scalar(4))}
    nodes |= {node for seed in range(300) for node in postorder(network(seed))}
    assert len({node.key for node in nodes}) == len(nodes)


def test_nodes_are_immutable() -> None:
    with pytest.raises(AttributeError, match="Variable is immutable: name cannot be set"):
        w.name = "v"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        (X @ w).shape = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        w.other = 1  # type: ignore[attr-defined]
    with pytest.raises((AttributeError, TypeError)):
        del vector("to_be_deleted", d).name


@pytest.mark.parametrize("seed", range(30))
def test_pickling_gives_the_same_object(seed: int) -> None:
    expression = Writer(seed).scalar(4)
    assert pickle.loads(pickle.dumps(expression)) is expression


def test_a_derivative_is_pickled() -> None:
    z = named("z", X @ w)
    inert = Derivative(z @ z, z)
    assert pickle.loads(pickle.dumps(inert)) is inert


def in_a_fresh_process(code: str, given: bytes = b"") -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", code], input=given, capture_output=True, check=True
    )
    return done.stdout


def test_pickling_into_a_fresh_process_gives_the_node_written_there() -> None:
    expression = exp(X @ w) @ y
    code = (
        "import pickle, sys\n"
        "read = pickle.load(sys.stdin.buffer)\n"
        "from symbolic import dims, exp, matrix, vector\n"
        "n, d = dims('n d')\n"
        "X, w, y = matrix('X', n, d), vector('w', d), vector('y', n)\n"
        "assert read is exp(X @ w) @ y\n"
        "sys.stdout.buffer.write(pickle.dumps(read))\n"
    )
    assert pickle.loads(in_a_fresh_process(code, pickle.dumps(expression))) is expression


def test_keys_do_not_depend_on_the_order_of_creation() -> None:
    lines = [
        "n, d = dims('n d')",
        "X = matrix('X', n, d)",
        "w = vector('w', d)",
        "u = sum(exp(X @ w))",
        "v = softmax(X, axis=1).T",
    ]
    other = ["d, n = dims('d n')", lines[2], "w @ w", lines[1], lines[4], "v + 1", lines[3]]
    shown = []
    for seed, order in (("1", lines), ("2", other)):
        code = "\n".join(
            ["from symbolic import *", *order, "print(u.key.hex(), v.key.hex(), simplify(u*v))"]
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )
        shown.append(done.stdout)
    assert shown[0] == shown[1]


SHAPE_ERRORS = (
    (lambda: w @ X, r"a product with @: shapes \(d,\) and \(n, d\): d is not n; the last size"),
    (lambda: X @ 2, r"a product with @: shapes \(n, d\) and \(\); use \* to multiply by a scalar"),
    (lambda: w + y, r"a sum: shapes \(d,\) and \(n,\); sizes, counted from the last axis"),
    (lambda: X * y, r"an entrywise product: shapes \(n, d\) and \(n,\)"),
    (lambda: trace(X), r"trace.*: shape \(n, d\); give a square matrix"),
    (lambda: diag(tensor("T", n, d, k)), r"diagonal.*: shape \(n, d, k\); give a square matrix"),
    (lambda: outer(X, w), r"outer: shapes \(n, d\) and \(d,\); give two vectors"),
    (lambda: sum(X, axis=2), r"sum along axis 2: the operand has shape \(n, d\)"),
    (lambda: softmax(scalar("s")), "softmax of a scalar: it has no axis"),
    (lambda: logsumexp(X, axis=5), "along axis 5"),
    (lambda: einsum("ij,jk->ik", X, X), "one index shared by axes of sizes d and n"),
    (lambda: einsum("ij->k", X), "output index k: no operand has it"),
    (lambda: einsum("ij,k", X, w), "subscripts that do not fit"),
    (lambda: vector("v", 0), "size 0: not a positive integer"),
)


@pytest.mark.parametrize("case", SHAPE_ERRORS, ids=[case[1] for case in SHAPE_ERRORS])
def test_shape_errors_say_what_was_written_and_what_to_do(case: tuple) -> None:
    build, message = case
    with pytest.raises(ShapeError, match=message):
        build()


def test_a_division_by_zero_is_refused() -> None:
    with pytest.raises(ChainruleError, match="a division: the divisor is 0"):
        w / 0


def test_names_are_checked() -> None:
    with pytest.raises(NameUnknownError, match="not an identifier"):
        Variable("2x", (n,))
    with pytest.raises(NameUnknownError, match="not an identifier"):
        Named("a b", w)
    with pytest.raises(DomainError, match="no such domain"):
        Variable("x", (n,), "wrong")
    with pytest.raises(DomainError, match="declare a square matrix"):
        matrix("S", n, d, domain="spd")


@pytest.mark.parametrize("name", [3, True, None, ["a"]])
def test_names_are_text(name: object) -> None:
    found = f"a {type(name).__name__}"
    for build in (named, unspecified, vector):
        with pytest.raises(NameUnknownError, match=found):
            build(name, w)  # type: ignore[operator]
    with pytest.raises(ChainruleError, match="not a free name"):
        elementwise(name)  # type: ignore[arg-type]


def test_text_is_no_expression() -> None:
    with pytest.raises(ChainruleError, match=r"'X @ w' in an expression: a str; read .* parse\("):
        named("z", "X @ w")  # type: ignore[arg-type]


def test_an_expression_has_no_truth_value_and_no_iterator() -> None:
    with pytest.raises(UnsupportedError, match="used as true or false: it has no value yet"):
        bool(w)
    with pytest.raises(UnsupportedError, match="iteration over an expression: its sizes are symb"):
        list(w)
    with pytest.raises(UnsupportedError):
        _ = w in w  # type: ignore[operator]


def test_a_derivative_by_something_else_than_a_variable_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="neither a variable nor a named intermediate"):
        Derivative(w @ w, 2 * w)


def test_numpy_on_the_left_leaves_the_operator_to_us() -> None:
    assert (np.float64(2) * w) is (2 * w)
    assert isinstance(np.int64(3) + w, Expression)


def test_sympy_prints_nodes_as_latex() -> None:
    assert sympy.latex(X @ w).replace(" ", "") != ""
    assert "X" in sympy.latex(X @ w)


def test_variables_come_in_order_of_appearance() -> None:
    assert variables(X @ w - y) == (X, w, y)
    assert eye(n).shape == (n, n)
