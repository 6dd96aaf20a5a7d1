"""Graphs deeper than Python's stack: every pass is iterative and linear.

Linear means that twice the operations make twice the function calls, which no other load changes.
Measured on two busy cores, 20,000 operations: simplify 1 to 9 s, pickle 3.8 s, evaluate 1.8 s.
Differentiating costs about 2.5 ms an operation of a sine or tanh chain, so those have 1,000.
"""

from __future__ import annotations

import pickle
import signal
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from numeric import evaluate
from symbolic import (
    Derivative,
    Expression,
    UnsupportedError,
    dims,
    gradient,
    jacobian,
    matrix,
    rules,
    scalar,
    simplify,
    sin,
    sum,
    tanh,
    vector,
)
from symbolic.algebra.normal import equal_by_algebra
from symbolic.traverse import postorder
from tests.symbolic.random_expressions import evaluate_real
from tests.work import growth

DEEP = 20_000
(n,) = dims("n")
W, x, w = matrix("W", n, n), vector("x", n), vector("w", n)
a = scalar("a")

CHAINS: dict[str, Callable[[Expression], Expression]] = {
    "sum": lambda e: e + w,
    "sine": sin,
    "product": lambda e: W @ e,
    "layer": lambda e: tanh(W @ e),
    "scaled": lambda e: 2 * e,
    "shared": lambda e: e * tanh(e),
}
SECONDS = 100.0  # of processor time, where a test no longer ends


def chain(name: str, depth: int) -> Expression:
    expression: Expression = x
    for _ in range(depth):
        expression = CHAINS[name](expression)
    return expression


def too_slow(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} seconds")


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Stop a test that does not end."""
    before = signal.signal(signal.SIGPROF, too_slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.mark.parametrize("name", CHAINS)
def test_a_deep_chain_is_simplified(name: str) -> None:
    depth = {"scaled": 1000, "shared": 200}.get(name, DEEP)
    assert simplify(chain(name, depth)).shape == (n,)


@pytest.mark.parametrize("name", CHAINS)
def test_simplifying_is_linear_in_the_depth(name: str) -> None:
    size = {"scaled": 300, "shared": 50}.get(name, 800)
    assert growth(lambda depth: simplify(chain(name, depth)), size) < 2.5


def test_a_deep_sum_collects_its_terms() -> None:
    assert str(simplify(chain("sum", DEEP))) == f"{DEEP}*w + x"


@pytest.mark.parametrize(
    ("name", "depth"), [("sum", DEEP), ("sine", 1000), ("product", 1000), ("layer", 1000)]
)
def test_a_deep_chain_is_differentiated(name: str, depth: int) -> None:
    found = gradient(sum(chain(name, depth)), x)
    assert found.shape == (n,)


@pytest.mark.parametrize("name", ["sum", "sine", "product", "layer"])
def test_differentiating_is_linear_in_the_depth(name: str) -> None:
    assert growth(lambda depth: gradient(sum(chain(name, depth)), x), 200) < 2.5


@pytest.mark.parametrize("depth", [60, 120, 250])
def test_a_power_of_a_matrix_is_differentiated(depth: int) -> None:
    """Where a product of many equal factors is cut into pieces must not decide about the time."""
    assert gradient(sum(chain("product", depth)), x).shape == (n,)


def test_a_deep_network_has_all_its_gradients_at_once() -> None:
    expression: Expression = x
    weights = [matrix(f"W{i}", n, n) for i in range(500)]
    for each in weights:
        expression = tanh(each @ expression)
    found = gradient(expression @ expression, weights)
    assert len(found) == 500


@pytest.mark.parametrize("name", ["sum", "sine", "layer"])
def test_a_deep_chain_is_printed(name: str) -> None:
    assert len(str(chain(name, 2000))) > 2000


def test_text_that_would_be_huge_is_an_error_of_ours() -> None:
    with pytest.raises(UnsupportedError, match=r"its text passes \d+ characters; name the inter"):
        str(chain("shared", 60))


@pytest.mark.parametrize("name", ["sum", "sine", "layer"])
def test_a_deep_chain_is_evaluated(name: str) -> None:
    point = {W: np.eye(2) / 2, x: np.ones(2), w: np.full(2, 1e-4)}
    expression = chain(name, DEEP)
    inside = {v: value for v, value in point.items() if v in postorder(expression)}
    assert np.allclose(evaluate(expression, inside), evaluate_real(expression, inside, {n: 2}))


@pytest.mark.parametrize("name", ["sum", "sine", "layer"])
def test_a_deep_chain_is_pickled(name: str) -> None:
    expression = chain(name, DEEP)
    assert pickle.loads(pickle.dumps(expression)) is expression


def test_deep_chains_are_compared_by_algebra() -> None:
    assert equal_by_algebra(chain("sine", 5000), chain("sine", 5000))
    assert equal_by_algebra(chain("sum", 5000), chain("sum", 4999) + w)
    assert not equal_by_algebra(chain("layer", 2000), chain("layer", 1999))


def test_a_deep_derivative_is_worked_out_by_rules() -> None:
    inert: Expression = Derivative(sum(chain("sine", 30)), x)
    for _ in range(100):
        before = inert
        for rule in rules.CALCULUS:
            inert = rule.once(inert)
        if inert is before:
            break
    assert not any(isinstance(node, Derivative) for node in postorder(inert))


def test_the_jacobian_of_a_deep_scalar_chain() -> None:
    expression: Expression = a
    for _ in range(1000):
        expression = sin(expression)
    assert jacobian(expression, a).shape == ()
