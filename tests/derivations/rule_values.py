"""Random expressions of the kinds that rules are about, and their values by NumPy, node by node.

Derivatives are central differences of the values, of which the place is moved entry by entry; a name that is
a place is moved itself. Nothing is shared with the rules, and a value that is not finite counts as none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import sympy

import symbolic as s
from symbolic import Expression, Variable, dims, named
from symbolic.nodes import Apply, Contraction, Derivative, Elementwise, Iverson, Named, Sum
from symbolic.traverse import postorder, variables
from tests.symbolic import numpy_oracle as oracle

Array = Any
Shape = tuple[Any, ...]
Sizes = Mapping[str, int]
n, m, k = LETTERS = dims("n m k")
SIZES: tuple[dict[str, int], ...] = (
    {"n": 3, "m": 2, "k": 2},
    {"n": 1, "m": 1, "k": 1},
    {"n": 2, "m": 3, "k": 1},
)
LARGEST = 1e6  # values beyond say nothing in float64
ENTRYWISE = ("positive", "nonnegative", "unit", "binary", "pm1", "counts")
SQUARE = ("symmetric", "spd", "invertible", "orthogonal", "diagonal", "lower")
HALF = sympy.Rational(1, 2)


class NoValueError(ValueError):
    """An expression has no finite value at a point, or a domain no point of a shape."""


class Kinds:
    """Writes small random expressions; the same seed writes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def pick(self, *options: Any) -> Any:
        """One of the options, each as likely."""
        return options[int(self.random.integers(len(options)))]

    def letter(self) -> sympy.Symbol:
        """The letter of a size."""
        return self.pick(*LETTERS)

    def variable(self, *shape: Any) -> Variable:
        """A variable of the shape, of any domain that there is for it."""
        domains = ["real"] * 5 + list(ENTRYWISE)
        if shape:
            domains += ["prob", "onehot", "unit_norm"]
        if len(shape) == 1:
            domains.append("descending")
        if len(shape) == 2:
            domains += ["orthogonal", "orthogonal", "prob columns"]
        if len(shape) == 2 and shape[0] == shape[1]:
            domains += SQUARE
        return self.of(self.pick(*domains), *shape)

    def of(self, domain: str, *shape: Any) -> Variable:
        """A variable of a domain, of one of two names."""
        name = "_".join([self.pick("a", "b"), domain, *map(str, shape)])
        return Variable("".join(c for c in name if c.isalnum() or c == "_"), shape, domain)

    def part(self, *shape: Any) -> Expression:
        """An expression of the shape, one or two operations deep."""
        x, y = self.variable(*shape), self.variable(*shape)
        scalar = self.variable()
        options = [
            lambda: x, lambda: x, lambda: -x, lambda: x + y, lambda: x * y, lambda: x * scalar,
            lambda: s.exp(x), lambda: s.sqrt(x), lambda: x**2, lambda: 1 / x, lambda: s.sigmoid(x),
            lambda: named(self.pick("u", "v"), x * y), lambda: named("w", x - y), lambda: x / n,
        ]  # fmt: skip
        if len(shape) == 2:
            inner = self.letter()
            options += [
                lambda: self.variable(shape[0], inner) @ self.variable(inner, shape[1]),
                lambda: self.variable(*shape[::-1]).T,
            ]
        if len(shape) == 1:
            inner = self.letter()
            options += [
                lambda: self.variable(shape[0], inner) @ self.variable(inner),
                lambda: s.softmax(x),
            ]
        return self.pick(*options)()

    def square(self, size: Any) -> Expression:
        """A square matrix, many of them products, Gram matrices or inverses."""
        A, B = self.variable(size, size), self.variable(size, size)
        Q = self.variable(self.letter(), size)
        options = (
            lambda: A, lambda: A @ B, lambda: A.T @ A, lambda: Q.T @ Q, lambda: s.inv(A), lambda: A * B,
            lambda: Q.T @ Q + self.variable() * s.eye(size), lambda: A + B, lambda: A.T,
            lambda: s.diag(self.part(size)), lambda: s.inv(A @ B), lambda: self.part(size, size),
        )  # fmt: skip
        return self.pick(*options)()

    def in_context(self, inner: Expression) -> Expression:
        """The expression, or something around it."""
        options = [
            lambda: inner, lambda: inner, lambda: 2 * inner, lambda: inner + self.variable(*inner.shape),
            lambda: inner * self.part(*inner.shape), lambda: s.sum(inner), lambda: s.tanh(inner),
            lambda: named("z", inner), lambda: inner * self.variable(), lambda: s.exp(-s.sum(inner)),
            lambda: inner * s.sum(s.eye(self.letter())),
        ]  # fmt: skip
        return self.pick(*options)()

    def differentiated(self, inner: Expression) -> Expression:
        """The derivative of the expression by something in it, where it has few axes."""
        places = [x for x in postorder(inner) if isinstance(x, (Variable, Named))]
        places = [x for x in places if x.rank + inner.rank < 4 and x is not inner]
        return Derivative(inner, self.pick(*places)) if places else inner


# --- values --------------------------------------------------------------------------------------


def draw(variable: Variable, sizes: Sizes, random: np.random.Generator, whole: bool) -> Array:
    """A point of the domain of a variable; with `whole` one with zeros and equal entries."""
    shape = tuple(int(oracle.number(size, sizes)) for size in variable.shape)
    x = random.normal(size=shape)
    if whole:
        x = np.round(2 * x)
    match variable.domain:
        case "positive":
            return np.abs(x) + 0.1
        case "nonnegative":
            return np.abs(x) * (random.random(shape) < 0.8)
        case "descending":
            return -np.sort(-np.abs(x))
        case "unit":
            return np.round(random.random(shape)) if whole else random.random(shape)
        case "binary":
            return (x > 0) * 1.0
        case "pm1":
            return np.where(x > 0, 1.0, -1.0)
        case "counts":
            return np.floor(2 * np.abs(x))
        case "prob" | "prob columns":
            axis = -1 if variable.domain == "prob" else -2
            return np.exp(x) / np.exp(x).sum(axis, keepdims=True)
        case "onehot":
            return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
        case "unit_norm":
            x = random.normal(size=shape)
            return x / np.sqrt((x * x).sum())
        case "orthogonal" if shape[0] < shape[1]:
            raise NoValueError(f"no {variable} of shape {shape}")
        case "orthogonal":
            return np.linalg.qr(random.normal(size=shape))[0]
        case "symmetric":
            return (x + x.T) / 2
        case "spd":
            return x @ x.T + 0.5 * np.eye(shape[0])
        case "invertible":
            return random.normal(size=shape) + np.eye(shape[0])
        case "diagonal":
            return np.diag(np.diag(x))
        case "lower":
            return np.tril(x)
    return x


def points(
    expressions: list[Expression], seed: int, whole: bool = True
) -> Iterator[tuple[dict[Variable, Array], dict[str, int]]]:
    """Data at several sizes, all 1 among them, half of the points with zeros and ties if `whole`."""
    random = np.random.default_rng(seed)
    for sizes in SIZES:
        for special in (False, True) if whole else (False, False):
            try:
                data = {v: draw(v, sizes, random, special) for v in variables(expressions)}
            except NoValueError:
                break
            yield data, sizes


def value(expression: Expression, given: Mapping[Expression, Array], sizes: Sizes) -> Array:
    """The value for the values of variables, and of names, given; `NoValueError` where it has none."""
    found: dict[Expression, Array] = dict(given)
    inert = {node for node in postorder(expression) if isinstance(node, Derivative)}
    order = [*postorder(expression, inert | set(given)), *({expression} & inert)]
    for node in order:
        for child in {*node.children, node} & inert:
            found[child] = _differences(child, given, sizes)
        if node not in inert:
            found[node] = _node(node, [found[child] for child in node.children], sizes)
        _check(found[node], node)
    return found[expression]


def _check(array: Array, node: Expression) -> None:
    if not np.all(np.isfinite(array)) or np.abs(array).max(initial=0) > LARGEST:
        raise NoValueError(f"{node} is {array}")


def _node(node: Expression, below: list[Array], sizes: Sizes) -> Array:
    with np.errstate(all="ignore"):
        match node:
            case Named():
                return below[0]
            case Contraction():
                return oracle.einsum_of(node, below, sizes)
            case Sum():
                return sum(below[1:], start=below[0])
            case Elementwise():
                return oracle.kernel_of(node.kernel, tuple(sizes.items()))(*below)
            case Iverson():
                return oracle.bracket_of(node, sizes)
            case Apply():
                try:
                    return oracle.APPLIED[node.function](below[0], node.axis)
                except np.linalg.LinAlgError as error:
                    raise NoValueError(f"{node}: {error}") from None
    raise NotImplementedError(type(node).__name__)


def _differences(node: Expression, given: Mapping[Expression, Array], sizes: Sizes) -> Array:
    """D(f, x) by central differences of order 4, the entries of x one after the other."""
    assert isinstance(node, Derivative)
    at = np.asarray(value(node.variable, given, sizes), dtype=float)
    step, columns = 1e-4, []
    for entry in np.ndindex(*at.shape):
        near = []
        for times in (-2, -1, 1, 2):
            moved = at.copy()
            moved[entry] += times * step
            near.append(np.asarray(value(node.expression, {**given, node.variable: moved}, sizes)))
        columns.append((near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step))
    stacked = np.stack(columns, -1)
    return stacked.reshape(stacked.shape[:-1] + at.shape)
