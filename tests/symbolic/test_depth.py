"""Graphs deeper than Python's stack: every pass is iterative and linear.

Linear means that twice the operations make twice the function calls, which no other load changes.
Python's stack has 1,000 frames. Chains have 20,000 operations where one costs little, 5,000 to be
simplified (about 0.6 ms each), and 1,000 to be differentiated (about 2.5 ms each).
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
from symbolic.nodes import Variable
from symbolic.traverse import postorder, variables
from tests.symbolic.random_expressions import evaluate_real
from tests.work import growth

DEEP, LONG = 20_000, 5_000
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
POINT = {  # at which no chain vanishes or overflows
    W: np.array([[0.0, 1.0], [1.0, 0.0]]), x: np.array([30.0, -40.0]), w: np.array([1e-4, 2e-4]),
}  # fmt: skip
SECONDS = 100.0  # of processor time, where a test no longer ends


def chain(name: str, depth: int) -> Expression:
    expression: Expression = x
    for _ in range(depth):
        expression = CHAINS[name](expression)
    return expression


def given(expression: Expression) -> dict[Variable, np.ndarray]:
    """The values of the variables in an expression."""
    return {variable: POINT[variable] for variable in variables(expression)}


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
    expression = chain(name, {"scaled": 1000, "shared": 200}.get(name, LONG))
    found = evaluate(simplify(expression), given(expression))
    assert np.allclose(found, evaluate_real(expression, given(expression), {n: 2}), rtol=1e-9)


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
    expression = chain(name, DEEP)
    found = evaluate(expression, given(expression))
    assert np.allclose(found, evaluate_real(expression, given(expression), {n: 2}), rtol=1e-9)


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
