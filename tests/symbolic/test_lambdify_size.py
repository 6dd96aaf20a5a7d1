"""Generated NumPy of long chains, wide sums and graphs with much sharing."""

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.nodes import Sum
from tests.symbolic.lambdify_examples import w


@pytest.mark.parametrize("kind", ["function", "sum", "product", "matmul", "named"])
def test_a_chain_of_twenty_thousand(kind):
    A, x = s.matrix("A", 2, 2), s.vector("x", 2)
    e = A if kind == "matmul" else x
    for i in range(20_000):
        match kind:
            case "function":
                e = s.tanh(e)
            case "sum":
                e = e + x
            case "product":
                e = e * x
            case "matmul":
                e = e @ A
            case "named":
                e = s.named(f"h{i}", s.sin(e))
    if kind == "matmul":
        e = e @ x
    function = lambdify(e)
    data = {"A": np.array([[0.0, 1.0], [1.0, 0.0]]), "x": np.ones(2)}
    result = function(**{name: data[name] for name in function.args})
    if kind == "sum":
        assert result.tolist() == [20_001] * 2
    elif kind in ("product", "matmul"):
        assert result.tolist() == [1, 1]
    else:
        assert np.all((result > 0) & (result < 0.1))
    assert max(map(len, function.source.splitlines())) <= 100


def test_one_sum_of_many_terms():
    e = Sum([s.scalar(f"s{i}") for i in range(3000)])
    assert lambdify(e)(*np.ones(3000)) == 3000


def test_shared_graphs_do_not_explode():
    e = w
    for _ in range(60):
        e = e + s.tanh(e)
    source = lambdify(e).source
    assert len(source) < 10_000
    assert "a long expression, shape (d,)" in source
