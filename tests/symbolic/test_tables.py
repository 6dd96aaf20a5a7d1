"""Every entry of every table: its code, its definition, its slope, its LaTeX and its domain."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.linalg
import sympy

import numeric
import numeric.binding
from symbolic import dims, tensor
from symbolic.algebra.identities import LAWS
from symbolic.calculus.accumulation import slope
from symbolic.domains import DOMAINS
from symbolic.functions import ELEMENTWISE, ElementwiseFunction
from symbolic.nodes import Apply, Variable, kernel_symbol
from symbolic.operations import apply_elementwise
from symbolic.structured import STRUCTURED, StructuredFunction
from symbolic.structured.along_axis import ALONG_AXIS
from symbolic.traverse import variables
from tests.numeric.definitions import DEFINITIONS, draw_operand
from tests.symbolic.random_expressions import close

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
    namespace: dict[str, Any] = {"np": np, "scipy": scipy}
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
    "trigamma": lambda x: mpmath.polygamma(1, x),
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
STRUCTURED_SIZES = {n: 3, d: 2, k: 4, m: 2}
SHAPES: list[tuple[tuple, int | None]] = [((n,), None), ((n, d), None), ((n, d), 0), ((n, d), 1)]
SHAPES += [((n, d, k), axis) for axis in (None, 0, 1, 2)]
MATRICES: list[tuple[tuple, int | None]] = [((n, n), None), ((d, n, n), None)]
RECTANGLES: list[tuple[tuple, int | None]] = [((n, d), None), ((d, n), None), ((k, n, d), None)]


def shapes_for(entry: StructuredFunction) -> list[tuple[tuple, int | None]]:
    """Shapes and axes that a function takes."""
    if entry.keeps or entry.reduces:
        return SHAPES
    if entry.name.startswith("svd"):
        return MATRICES + RECTANGLES
    return MATRICES[:1] if entry.name.startswith("expm") else MATRICES


def in_numbers(shape: tuple) -> tuple[int, ...]:
    return tuple(STRUCTURED_SIZES[each] for each in shape)


CASES = [
    pytest.param(entry, shape, axis, id=f"{entry.name}-{''.join(map(str, shape))}-{axis}")
    for entry in STRUCTURED.values()
    for shape, axis in shapes_for(entry)
]


def operands_of(entry: StructuredFunction, shape: tuple) -> tuple[list[Any], list[Any]]:
    """The operands as variables and as arrays; expm_frechet has a direction with an axis more."""
    random = np.random.default_rng(1)
    operands = [tensor("z", *shape)]
    arrays = [draw_operand(entry.name, in_numbers(shape), random)]
    if entry.name == "expm_frechet":
        operands.append(tensor("e", *shape, m))
        arrays.append(random.standard_normal(in_numbers((*shape, m))))
    return operands, arrays


def called(entry: StructuredFunction, function: Callable[..., Any], arrays: list[Any],
           axis: int | None) -> Any:  # fmt: skip
    along = entry.keeps or entry.reduces
    return function(*arrays, axis) if along else function(*arrays)


@pytest.mark.parametrize(("entry", "shape", "axis"), CASES)
@pytest.mark.parametrize("further", [(), (m,), (m, d)])
def test_a_differential_is_the_slope_of_the_definition(
    entry: StructuredFunction, shape: tuple, axis: int | None, further: tuple
) -> None:
    operands, arrays = operands_of(entry, shape)
    node = Apply(entry.name, operands, axis)
    last = operands[-1]
    tangent = tensor("t", *last.shape, *further)
    step = np.random.default_rng(2).standard_normal(in_numbers(tangent.shape))
    push = entry.differential(node, tangent)
    assert push.shape == node.shape + further
    given = dict(zip(operands, arrays, strict=True)) | {tangent: step}
    used = {variable: given[variable] for variable in variables(push)}
    found = numeric.evaluate(push, used, STRUCTURED_SIZES)
    for place in np.ndindex(*in_numbers(further)):
        direction = step[(..., *place)]

        def moved(t: float, direction: Any = direction) -> Any:
            at = [*arrays[:-1], arrays[-1] + t * direction]
            return called(entry, DEFINITIONS[entry.name], at, axis)

        expected = numeric.derivative(moved, 0.0)
        assert np.max(expected.bar) < 1e-3
        assert close(found[(..., *place)], expected.value, 1e-6)


@pytest.mark.parametrize(("entry", "shape", "axis"), CASES)
def test_structured_numpy_code_has_the_value_of_the_definition(
    entry: StructuredFunction, shape: tuple, axis: int | None
) -> None:
    operands, arrays = operands_of(entry, shape)
    expected = called(entry, DEFINITIONS[entry.name], arrays, axis)
    found = called(entry, code_of(entry.name, entry.numpy), arrays, axis)
    assert close(expected, found, 1e-10)
    node = Apply(entry.name, operands, axis)
    values = dict(zip(operands, arrays, strict=True))
    assert np.array_equal(numeric.evaluate(node, values, STRUCTURED_SIZES), found)
    assert np.shape(found) == numeric.binding.shape_of(node.shape, STRUCTURED_SIZES)


@pytest.mark.parametrize("entry", ALONG_AXIS.values(), ids=list(ALONG_AXIS))
def test_structured_numpy_code_is_stable_far_out(entry: StructuredFunction) -> None:
    function = code_of(entry.name, entry.numpy)
    for far in (1e4, -1e4):
        assert np.all(np.isfinite(function(np.array([far, far - 1, far + 2, 0.0]), None)))


@structured
def test_a_structured_entry_is_complete(entry: StructuredFunction) -> None:
    assert entry.condition
    assert entry.source
    assert " = " in entry.statement
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
    "descending": lambda x: bool((x >= 0).all() and (np.diff(x, axis=-1) <= 0).all()),
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
