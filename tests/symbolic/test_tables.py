"""Every entry of every table: its code, its definition, its slope, its LaTeX and its domain."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import numeric
from symbolic import dims, tensor
from symbolic.algebra.identities import LAWS
from symbolic.calculus.accumulation import slope
from symbolic.domains import DOMAINS
from symbolic.functions import ELEMENTWISE, ElementwiseFunction
from symbolic.nodes import Apply, Variable, kernel_symbol
from symbolic.operations import apply_elementwise
from symbolic.structured import STRUCTURED, StructuredFunction
from tests.symbolic.random_expressions import close, evaluate_complex, evaluate_real

x0, x1 = kernel_symbol(0), kernel_symbol(1)
KINKS = {"abs", "sign", "relu", "step", "maximum", "minimum"}
PLACES = {"x > 0": (0.05, 0.7, 3.5, 20.0), "x > -1": (-0.9, -0.2, 0.4, 7.0)}
INSIDE = (-0.8, -0.3, 0.2, 0.9)
EVERYWHERE = (-6.5, -0.7, 0.3, 4.0)


def places(entry: ElementwiseFunction) -> tuple[float, ...]:
    """Points inside the set where the entry is defined."""
    if entry.condition.startswith("x >="):
        return PLACES["x > 0"]
    if entry.condition.startswith("-1 <"):
        return INSIDE
    return PLACES.get(entry.condition, EVERYWHERE)


def code_of(name: str, source: str) -> Callable[..., Any]:
    if source.startswith("np."):
        return getattr(np, source.removeprefix("np."))
    namespace: dict[str, Any] = {"np": np}
    exec(source, namespace)  # our own table, as the generated code runs it
    return namespace[name]


def arguments(entry: ElementwiseFunction) -> list[tuple[float, ...]]:
    points = places(entry)
    return (
        [(p,) for p in points] if entry.arity == 1 else [(p, q) for p in points for q in (0.1, 9.0)]
    )


def exact(expression: sympy.Expr, values: tuple[float, ...]) -> mpmath.mpf:
    symbols = (x0, x1)[: len(values)]
    exact_values = {s: sympy.Rational(str(v)) for s, v in zip(symbols, values, strict=True)}
    return mpmath.mpf(str(sympy.N(expression.subs(exact_values), 40)))


elementwise = pytest.mark.parametrize("entry", ELEMENTWISE.values(), ids=list(ELEMENTWISE))
structured = pytest.mark.parametrize("entry", STRUCTURED.values(), ids=list(STRUCTURED))


@elementwise
def test_an_elementwise_head_has_the_value_of_its_definition(entry: ElementwiseFunction) -> None:
    symbols = (x0, x1)[: entry.arity]
    for values in arguments(entry):
        with mpmath.workdps(30):
            head = exact(entry.head(*symbols), values)
            defined = exact(entry.definition(*symbols), values)
            assert mpmath.almosteq(head, defined, rel_eps=mpmath.mpf(10) ** -25)


@elementwise
def test_an_elementwise_slope_is_the_derivative_of_the_definition(
    entry: ElementwiseFunction,
) -> None:
    symbols = (x0, x1)[: entry.arity]
    kernel = sympy.Lambda(symbols, entry.head(*symbols))
    definition = sympy.lambdify(symbols, entry.definition(*symbols), "mpmath")
    for position in range(entry.arity):
        for values in arguments(entry):
            order = tuple(int(i == position) for i in range(entry.arity))
            with mpmath.workdps(40):
                point = tuple(mpmath.mpf(str(v)) for v in values)
                expected = mpmath.diff(definition, point, order, h=mpmath.mpf(10) ** -15)
                found = exact(slope(kernel, position), values)
                assert mpmath.almosteq(found, expected, rel_eps=1e-10, abs_eps=1e-10), values


@elementwise
def test_elementwise_numpy_code_has_the_value_of_the_definition(
    entry: ElementwiseFunction,
) -> None:
    function = code_of(entry.name, entry.numpy)
    symbols = (x0, x1)[: entry.arity]
    for values in arguments(entry):
        expected = float(exact(entry.definition(*symbols), values))
        found = function(*(np.array([v]) for v in values))
        assert found.shape == (1,)
        assert np.isclose(found[0], expected, rtol=1e-13, atol=1e-300), values


SPECIAL = {  # without the cancellation of their definition, or slow at thousands of digits
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "gamma": mpmath.gamma,
    "lgamma": mpmath.loggamma,
    "digamma": mpmath.digamma,
}
FAR = {"exp", "expm1", "sinh", "cosh", "gamma"}  # overflow is the right answer


@elementwise
def test_elementwise_numpy_code_is_stable_far_out(entry: ElementwiseFunction) -> None:
    function = code_of(entry.name, entry.numpy)
    symbols = (x0, x1)[: entry.arity]
    far = [v for v in (1e4, 700.0, 40.0, 1e-9, -1e-9, -40.0, -700.0, -1e4) if inside(entry, v)]
    for v in far:
        values = (v,) * entry.arity
        with np.errstate(over="ignore", under="ignore"):
            found = float(function(*(np.array([u]) for u in values))[0])
        if entry.name in FAR and v > 40:
            assert found > 1e16
            continue
        special = SPECIAL.get(entry.name)
        with mpmath.workdps(50 if special else 6000):
            definition = sympy.lambdify(symbols, entry.definition(*symbols), "mpmath")
            expected = float((special or definition)(*(mpmath.mpf(u) for u in values)))
        assert np.isclose(found, expected, rtol=1e-12, atol=1e-300), f"{entry.name}({v})"


def inside(entry: ElementwiseFunction, value: float) -> bool:
    if entry.condition.startswith("-1 <"):
        return abs(value) < 1
    if entry.condition.startswith("x >"):
        return value > (-1 if "-1" in entry.condition else 0)
    return True


@elementwise
def test_an_elementwise_entry_is_complete(entry: ElementwiseFunction) -> None:
    assert entry.condition
    assert entry.source
    assert len(re.findall(r"(?<!\{)\{\}(?!\})", entry.latex)) == 1 or "{{{}}}" in entry.latex
    written = entry.latex.format("ARGUMENT")
    assert written.count("ARGUMENT") == 1
    assert written.count("{") == written.count("}")
    assert written.count(r"\left") == written.count(r"\right")
    operands = [tensor(letter, 2) for letter in "ab"[: entry.arity]]
    assert str(apply_elementwise(entry.name, *operands)).startswith(entry.name + "(")


# --- structured functions ------------------------------------------------------------------------

n, d, k, m = dims("n d k m")
STRUCTURED_SIZES = {n: 3, d: 2, k: 4, m: 5}
SHAPES = [((n,), None), ((n, d), None), ((n, d), 0), ((n, d), 1)]
SHAPES += [((n, d, k), axis) for axis in (None, 0, 1, 2)]


@structured
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
@pytest.mark.parametrize("further", [(), (m,), (m, d)])
def test_a_differential_is_the_complex_step(
    entry: StructuredFunction, shape: tuple, axis: int | None, further: tuple
) -> None:
    z, tangent = tensor("z", *shape), tensor("dz", *shape, *further)
    random = np.random.default_rng(0)
    size = [STRUCTURED_SIZES[each] for each in (*shape, *further)]
    at, step = random.standard_normal(size[: len(shape)]), random.standard_normal(size)
    node = Apply(entry.name, z, axis)
    found = evaluate_real(
        entry.differential(node, tangent), {z: at, tangent: step}, STRUCTURED_SIZES
    )
    assert found.shape == (*(STRUCTURED_SIZES[s] for s in node.shape), *size[len(shape) :])
    for place in np.ndindex(*size[len(shape) :]):
        direction = step[(..., *place)]
        moved = evaluate_complex(node, {z: at + 1e-30j * direction}, STRUCTURED_SIZES)
        assert close(np.imag(moved) / 1e-30, found[(..., *place)])


@structured
def test_structured_numpy_code_has_the_value_of_the_definition(entry: StructuredFunction) -> None:
    function = code_of(entry.name, entry.numpy)
    z = tensor("z", n, d, k)
    at = np.random.default_rng(1).standard_normal((3, 2, 4))
    for axis in (None, 0, 1, 2):
        expected = evaluate_real(Apply(entry.name, z, axis), {z: at}, STRUCTURED_SIZES)
        assert close(expected, function(at, axis), 1e-14)


@structured
def test_structured_numpy_code_is_stable_far_out(entry: StructuredFunction) -> None:
    function = code_of(entry.name, entry.numpy)
    for far in (1e4, -1e4):
        assert np.all(np.isfinite(function(np.array([far, far - 1, far + 2, 0.0]), None)))


@structured
def test_a_structured_entry_is_complete(entry: StructuredFunction) -> None:
    assert entry.condition
    assert entry.source
    assert entry.statement.startswith(f"d {entry.name}(")
    assert entry.latex.count("{") == entry.latex.count("}")


# --- domains -------------------------------------------------------------------------------------

ENTRYWISE: dict[str, Callable[[Any], bool]] = {
    "real": lambda x: True,
    "positive": lambda x: x > 0,
    "nonnegative": lambda x: x >= 0,
    "unit": lambda x: 0 <= x <= 1,
    "binary": lambda x: x in (0, 1),
    "pm1": lambda x: x in (-1, 1),
    "counts": lambda x: x >= 0 and x.denominator == 1,
    "index": lambda x: x >= 0 and x.denominator == 1,
    "onehot": lambda x: x in (0, 1),
    "prob": lambda x: x >= 0,
    "prob columns": lambda x: x >= 0,
}


def positive_definite(x: Any, least: int) -> bool:
    minors = [sympy.Matrix(x[:i, :i].tolist()).det() for i in range(1, len(x) + 1)]
    return all(minor > 0 if least else minor >= 0 for minor in minors)


WHOLE: dict[str, Callable[[Any], bool]] = {
    "symmetric": lambda x: bool((x == x.T).all()),
    "spd": lambda x: bool((x == x.T).all()) and positive_definite(x, 1),
    "psd": lambda x: bool((x == x.T).all()) and positive_definite(x, 0),
    "invertible": lambda x: sympy.Matrix(x.tolist()).det() != 0,
    "orthogonal": lambda x: bool((x.T @ x == np.eye(x.shape[1], dtype=int)).all()),
    "diagonal": lambda x: bool((x == np.diag(np.diag(x))).all()),
    "lower": lambda x: bool((x == np.tril(x)).all()),
    "onehot": lambda x: bool((x.sum(axis=-1) == 1).all()),
    "prob": lambda x: bool((x.sum(axis=-1) == 1).all()),
    "prob columns": lambda x: bool((x.sum(axis=-2) == 1).all()),
    "unit_norm": lambda x: (x * x).sum() == 1,
}


@pytest.mark.parametrize("domain", DOMAINS)
def test_sampled_values_lie_in_the_domain(domain: str) -> None:
    assert domain in ENTRYWISE or domain in WHOLE
    for seed in range(5):
        for size in (1, 3):
            variable = Variable("v", (n, n), domain)
            point = numeric.sample([variable], {n: size}, np.random.default_rng(seed))
            value = point[variable]
            assert value.shape == (size, size)
            assert all(ENTRYWISE.get(domain, lambda x: True)(entry) for entry in value.flat)
            assert WHOLE.get(domain, lambda x: True)(value)


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=list(DOMAINS))
def test_what_a_domain_says_of_its_values_is_true(domain: Any) -> None:
    variable = Variable("v", (n, n), domain.name)
    value = numeric.sample([variable], {n: 4}, np.random.default_rng(7))[variable]
    assert not domain.positive or (value > 0).all()
    assert not domain.nonnegative or (value >= 0).all()
    assert not domain.idempotent or (value * value == value).all()
    assert not domain.symmetric or (value == value.T).all()
    if domain.sums_to_one is not None:
        assert (value.sum(axis=domain.sums_to_one) == 1).all()
    assert domain.meaning
    assert domain.latex


def test_every_law_is_complete() -> None:
    for name, law in LAWS.items():
        assert law.name == name
        assert law.statement
        assert law.condition
        assert law.source
