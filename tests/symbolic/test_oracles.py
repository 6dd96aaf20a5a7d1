"""Gradients of random expressions against JAX, which shares no code with ours: the text itself is run.

Set CHAINRULE_RANDOM to multiply the number of expressions. A failure prints the seed and the shortest
failing text of its kind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from numeric import evaluate, sample_float
from symbolic import gradient, parse, simplify
from symbolic.nodes import Expression, Variable
from symbolic.sizes import size_symbol
from symbolic.traverse import variables
from tests.symbolic import linear_texts
from tests.symbolic.random_expressions import Writer

jax = pytest.importorskip("jax", reason="JAX is the oracle here; it comes with the test extra")
jnp = jax.numpy

MANY = int(os.environ.get("CHAINRULE_RANDOM", "1"))
TOLERANCE = 1e-6
LARGEST = 1e8  # a value beyond tells more of rounding than of a rule


@pytest.fixture(autouse=True)
def float64() -> Iterator[None]:
    """JAX computes in float64 here, and as a user finds it elsewhere."""
    with jax.enable_x64(True):
        yield


def _padded(x: Any, before: int, after: int, axis: int = -1) -> Any:
    widths = [(0, 0)] * x.ndim
    widths[axis] = (before, after)
    return jnp.pad(x, widths)


def _windows(x: Any, width: int) -> Any:
    return x[jnp.arange(len(x) - width + 1)[:, None] + jnp.arange(width)]


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: function(x, axis=axis, keepdims=keepdims)


def _softmax(x: Any, axis: int | None = None) -> Any:
    e = jnp.exp(x - jax.lax.stop_gradient(jnp.max(x, axis=axis, keepdims=True)))
    return e / jnp.sum(e, axis=axis, keepdims=True)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(jnp, name)
        for name in (
            "exp", "log", "log1p", "expm1", "sin", "cos", "tanh", "sinh", "cosh", "arctanh",
            "sqrt", "sign", "where", "maximum", "minimum", "outer", "diag", "trace", "einsum",
            "tril", "triu", "kron", "eye", "diagonal",
        )
    },
    **{name: _reduced(getattr(jnp, name)) for name in ("sum", "mean", "max", "min", "prod")},
    "abs": jnp.abs,
    "asarray": jnp.asarray,
    "ones": lambda *shape: jnp.ones(shape),
    "zeros": lambda *shape: jnp.zeros(shape),
    **{
        name: lambda x, function=function: function(jnp.asarray(x, float))
        for name, function in (
            ("sigmoid", jax.nn.sigmoid),
            ("softplus", jax.nn.softplus),
            ("relu", jax.nn.relu),
            ("silu", jax.nn.silu),
            ("gelu", lambda x: jax.nn.gelu(x, approximate=False)),
        )
    },
    "step": lambda x: jnp.where(x > 0, 1.0, 0.0),
    "erf": jax.scipy.special.erf,
    "erfc": jax.scipy.special.erfc,
    "lgamma": jax.scipy.special.gammaln,
    "gamma": lambda x: jnp.exp(jax.scipy.special.gammaln(x)),
    "digamma": jax.scipy.special.digamma,
    "softmax": _softmax,
    "log_softmax": lambda x, axis=None: x - _lse(x, axis, keepdims=True),
    "logsumexp": lambda x, axis=None, keepdims=False: _lse(x, axis, keepdims),
    "norm": lambda x, axis=None: jnp.sqrt(jnp.sum(x * x, axis=axis)),
    "inv": jnp.linalg.inv,
    "det": jnp.linalg.det,
    "logdet": lambda a: jnp.linalg.slogdet(a)[1],
    "solve": lambda a, b: jnp.linalg.inv(a) @ b,
    "concatenate": lambda *parts, axis=0: jnp.concatenate(parts, axis),
    "reshape": lambda x, *shape: jnp.reshape(x, shape),
    "vec": lambda x: x.T.reshape(-1),
    "pad": _padded,
    "windows": _windows,
    "pi": np.pi,
}  # fmt: skip


def _lse(x: Any, axis: int | None, keepdims: bool) -> Any:
    return jax.scipy.special.logsumexp(x, axis=axis, keepdims=keepdims)


def function_of(text: str, sizes: dict[str, int]) -> Callable[..., Any]:
    """The text as a function of its variables, run by Python on JAX arrays."""
    indexed = re.sub(r"\((-?[\d./]+)\)\[", r"asarray(\1)[", text)  # Python's numbers have no axes
    code = compile(indexed, "<expression>", "eval")

    def run(values: dict[str, Any]) -> Any:
        names = {**FUNCTIONS, **sizes, **values}
        return jnp.asarray(eval(code, {"__builtins__": {}}, names), float)

    return run


def check(e: Expression, sizes: dict[str, int], seed: int) -> str | None:
    """What differs between our gradients of a scalar and those of JAX; None when nothing does."""
    numbers = {size_symbol(letter): size for letter, size in sizes.items()}
    text = str(e)
    point = {
        variable.name: value
        for variable, value in sample_float(
            variables(e), numbers, np.random.default_rng(seed)
        ).items()
    }
    run = function_of(text, sizes)
    value = float(run({name: jnp.asarray(v) for name, v in point.items()}))
    if not np.isfinite(value) or abs(value) > LARGEST:
        return None
    if not np.allclose(evaluate(simplify(e), _of(simplify(e), point), numbers), value, rtol=1e-7):
        return f"seed {seed}: simplify changes the value of {text}"
    slopes = jax.grad(run)({name: jnp.asarray(v, dtype=float) for name, v in point.items()})
    for variable in variables(e):
        theirs = np.asarray(slopes[variable.name])
        if not np.all(np.isfinite(theirs)) or np.max(np.abs(theirs)) > LARGEST:
            continue
        found = gradient(e, variable)
        ours = evaluate(found, _of(found, point), numbers)
        size = 1 + np.max(np.abs(theirs))
        if not np.allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE * size):
            return f"seed {seed}: by {variable.name} of {text}\n  ours {found}\n{ours}\n{theirs}"
    return None


def _of(e: Expression, point: dict[str, Any]) -> dict[Variable, Any]:
    return {variable: point[variable.name] for variable in variables(e)}


def worst(failures: Iterator[str | None]) -> str:
    """The shortest failure, or nothing."""
    return min((each for each in failures if each is not None), key=len, default="")


@pytest.mark.parametrize("block", range(8))
def test_linear_algebra_and_moves_agree_with_jax(block: int) -> None:
    seeds = range(block * 1000, block * 1000 + 12 * MANY)
    failures = (
        check(
            parse(linear_texts.random_text(seed, depth=1 + seed % 3), linear_texts.GIVEN),
            linear_texts.SIZES,
            seed,
        )
        for seed in seeds
    )
    found = worst(failures)
    assert not found, found


SMALL = {"n": 4, "d": 3, "k": 2}


@pytest.mark.parametrize("block", range(8))
def test_the_elementwise_language_agrees_with_jax(block: int) -> None:
    seeds = range(block * 1000, block * 1000 + 12 * MANY)
    failures = (
        check(Writer(seed, names=False, smooth=True).expression((), 1 + seed % 4), SMALL, seed)
        for seed in seeds
    )
    found = worst(failures)
    assert not found, found


def test_the_oracle_says_no() -> None:
    """A wrong derivative is seen: the check is run on a function whose text is changed."""
    e = parse("sum(tanh(X @ w)**2)", {"X": "n d", "w": "d"})
    other = parse("sum(tanh(X @ w)**2) + 1e-3*sum(w)", {"X": "n d", "w": "d"})
    point = {"X": np.ones((4, 3)), "w": np.full(3, 0.2)}
    slope = jax.grad(function_of(str(other), SMALL))(point)["w"]
    numbers = {size_symbol(letter): size for letter, size in SMALL.items()}
    (w,) = [v for v in variables(e) if v.name == "w"]
    found = gradient(e, w)
    ours = evaluate(found, _of(found, point), numbers)
    assert not np.allclose(ours, np.asarray(slope), rtol=TOLERANCE, atol=TOLERANCE)
