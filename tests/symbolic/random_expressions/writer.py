"""Writing random well-typed expressions over the whole language, and random networks of contractions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

import symbolic as s
from symbolic import Expression, Variable
from symbolic import variables as declared
from symbolic.nodes import Contraction, Sum
from symbolic.traverse import variables

Shape = tuple[Any, ...]
LETTERS = declared.dims("n d k")
N, D, K = LETTERS
SMOOTH = ("sin", "cos", "tanh", "sigmoid", "softplus", "erf", "gelu", "silu")
KINKED = ("relu", "abs")
TAME = ("sin", "cos", "tanh", "sigmoid", "erf")
POSITIVE = ("softplus", "sigmoid", "exp", "squared", "softmax", "variable", "sum", "product")


class Writer:
    """Writes random expressions; the same seed and options write the same ones.

    `smooth` leaves out functions with a kink, `names` says whether intermediates may be named.
    """

    def __init__(self, seed: int, *, smooth: bool = False, names: bool = True) -> None:
        self.random = np.random.default_rng(seed)
        self.smooth = smooth
        self.names = names
        self.count = 0

    def pick(self, *options: Any) -> Any:
        """One of the options, each as likely."""
        return options[int(self.random.integers(len(options)))]

    def shape(self, most: int = 2) -> Shape:
        """A shape of up to `most` different letters."""
        rank = int(self.random.integers(most + 1))
        return tuple(LETTERS[i] for i in self.random.permutation(len(LETTERS))[:rank])

    def scalar(self, depth: int) -> Expression:
        """A scalar that contains a variable."""
        found = self.expression((), depth)
        return found if variables(found) else s.sum(found * self.variable((N,)))

    def variable(self, shape: Shape) -> Variable:
        """A variable of the shape, of one of three names and of a domain that fits."""
        name = self.pick("a", "b", "c")
        domain = self.pick("real", "real", "real", self.domain(shape))
        letters = "".join(str(size) for size in shape)
        return Variable(f"{name}_{domain.replace(' ', '')}_{letters}", shape, domain)

    def domain(self, shape: Shape) -> str:
        """A domain for variables of the shape."""
        fitting = ["positive", "unit", "binary"]
        if shape and shape[-1] != 1:
            fitting += ["prob", "onehot", "unit_norm"]
        if len(shape) == 2 and shape[0] == shape[1]:
            fitting += ["symmetric", "symmetric", "spd", "diagonal"]
        return str(self.pick(*fitting))

    def expression(self, shape: Shape, depth: int) -> Expression:
        """An expression of the shape, at most about `depth` operations deep."""
        if depth <= 0:
            return self.leaf(shape)
        ways: list[Callable[[Shape, int], Expression]] = [
            self.total, self.difference, self.product, self.product, self.scaled, self.function,
            self.quotient, self.power, self.root, self.reduction, self.reduction, self.composed,
        ]  # fmt: skip
        if len(shape) <= 2 and 1 not in shape:
            ways += [self.matrix_product, self.matrix_product, self.matrix_product]
        if shape and 1 not in shape:
            ways += [self.normalised, self.centred]
        if len(shape) == 2:
            ways += [self.turned, self.square_form]
        if len(shape) <= 1 and 1 not in shape:
            ways.append(self.traced)
        if self.names:
            ways.append(self.named)
        if not self.smooth:
            ways.append(self.chosen)
        return self.pick(*ways)(shape, depth - 1)

    def leaf(self, shape: Shape) -> Expression:
        if self.pick(0, 0, 0, 0, 0, 1):
            return s.broadcast_to(s.constant(self.number()), shape)
        return self.variable(shape)

    def number(self) -> Fraction:
        return Fraction(int(self.pick(-3, -2, -1, 1, 2, 3)), int(self.pick(1, 1, 2)))

    def narrower(self, shape: Shape) -> Shape:
        """A shape that broadcasts to this one: leading axes dropped, others made 1."""
        start = int(self.random.integers(len(shape) + 1)) if self.pick(0, 1) else 0
        return tuple(1 if self.pick(0, 0, 0, 1) else size for size in shape[start:])

    def pair(self, shape: Shape, depth: int) -> tuple[Expression, Expression]:
        """Two expressions that broadcast to the shape together, in either order."""
        first = self.expression(shape, depth)
        other = self.narrow_expression(self.narrower(shape), depth)
        return self.pick((first, other), (other, first), (first, self.expression(shape, depth)))

    def narrow_expression(self, shape: Shape, depth: int) -> Expression:
        """An expression whose axes of size 1 come from keepdims or new axes."""
        ones = tuple(axis for axis, size in enumerate(shape) if size == 1)
        if not ones:
            return self.expression(shape, depth)
        if self.pick(0, 1):
            kept = tuple(size for size in shape if size != 1)
            index = tuple(None if size == 1 else slice(None) for size in shape)
            return self.expression(kept, depth)[index]
        free = [letter for letter in LETTERS if letter not in shape]
        full = tuple(self.pick(*(free or LETTERS)) if size == 1 else size for size in shape)
        reduce_ = self.pick(s.sum, s.mean)
        return reduce_(self.expression(full, depth - 1), axis=ones, keepdims=True)

    def total(self, shape: Shape, depth: int) -> Expression:
        left, right = self.pair(shape, depth)
        return left + right

    def difference(self, shape: Shape, depth: int) -> Expression:
        left, right = self.pair(shape, depth)
        return left - right

    def product(self, shape: Shape, depth: int) -> Expression:
        left, right = self.pair(shape, depth)
        return left * right

    def scaled(self, shape: Shape, depth: int) -> Expression:
        inner = self.expression(shape, depth)
        return self.pick(
            lambda: self.number() * inner, lambda: -inner, lambda: inner / self.pick(N, D, K, 2)
        )()

    def function(self, shape: Shape, depth: int) -> Expression:
        inner = self.expression(shape, depth)
        name = self.pick(*SMOOTH, *(() if self.smooth else KINKED), "exp", "log", "log1p", "expm1")
        if name in ("exp", "expm1"):
            return getattr(s, name)(getattr(s, self.pick(*TAME))(inner))
        if name in ("log", "log1p"):
            return getattr(s, name)(self.positive(shape, depth))
        return getattr(s, name)(inner)

    def positive(self, shape: Shape, depth: int) -> Expression:
        """An expression that is greater than zero."""
        way = self.pick(*POSITIVE) if depth > 0 else "variable"
        if way == "softmax" and shape and 1 not in shape:
            return s.softmax(self.expression(shape, depth - 1), axis=self.axis(shape))
        if way == "squared":
            return self.expression(shape, depth - 1) ** 2 + self.pick(1, 2)
        if way == "sum":
            return self.positive(shape, depth - 1) + self.positive(self.narrower(shape), depth - 1)
        if way == "product":
            return self.positive(shape, depth - 1) * self.positive(shape, depth - 1)
        if way == "exp":
            return s.exp(getattr(s, self.pick(*TAME))(self.expression(shape, depth - 1)))
        if way in ("softplus", "sigmoid"):
            return getattr(s, way)(self.expression(shape, depth - 1))
        letters = "".join(str(size) for size in shape)
        return Variable(f"{self.pick('p', 'q')}_{letters}", shape, "positive")

    def quotient(self, shape: Shape, depth: int) -> Expression:
        top = self.expression(shape, depth)
        return top / self.positive(self.narrower(shape), depth)

    def power(self, shape: Shape, depth: int) -> Expression:
        if self.pick(0, 1):
            return self.expression(shape, depth) ** self.pick(2, 3)
        exponent = self.pick(Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), -1, -2)
        return self.positive(shape, depth) ** exponent

    def root(self, shape: Shape, depth: int) -> Expression:
        return s.sqrt(self.positive(shape, depth))

    def composed(self, shape: Shape, depth: int) -> Expression:
        """One expression used twice, so that something can cancel."""
        inner = self.expression(shape, depth - 1)
        return self.pick(
            lambda: inner * s.sigmoid(inner),
            lambda: inner**2 - inner,
            lambda: s.softplus(inner) - inner * self.expression(shape, 0),
            lambda: inner / (1 + inner**2),
            lambda: s.sigmoid(inner) * (1 - s.sigmoid(inner)),
        )()

    def axis(self, shape: Shape) -> int | None:
        """One of the axes, or none."""
        return self.pick(None, *range(len(shape)))

    def wider(self, shape: Shape) -> tuple[Shape, int]:
        """The shape with one more axis, and the place of that axis."""
        place = int(self.random.integers(len(shape) + 1))
        free = [letter for letter in LETTERS if letter not in shape] or list(LETTERS)
        return (*shape[:place], self.pick(*free), *shape[place:]), place

    def reduction(self, shape: Shape, depth: int) -> Expression:
        if len(shape) > 2 or 1 in shape:
            return self.expression(shape, depth)
        full, place = self.wider(shape)
        inner = self.expression(full, depth)
        name = self.pick("sum", "mean", "sum", "mean", "logsumexp", "norm")
        if name == "norm":
            inner = self.positive(full, min(depth, 1))
        return getattr(s, name)(inner, axis=place)

    def normalised(self, shape: Shape, depth: int) -> Expression:
        function = self.pick(s.softmax, s.log_softmax)
        return function(self.expression(shape, depth), axis=self.axis(shape))

    def centred(self, shape: Shape, depth: int) -> Expression:
        inner = self.expression(shape, depth)
        axis = int(self.random.integers(len(shape)))
        return inner - s.mean(inner, axis=axis, keepdims=True)

    def matrix_product(self, shape: Shape, depth: int) -> Expression:
        inner = self.pick(*LETTERS)
        if not shape:
            left, right = self.expression((inner,), depth), self.expression((inner,), depth - 1)
            if self.pick(0, 1):
                other = self.pick(*LETTERS)
                left = self.expression((other,), 0) @ self.expression((other, inner), depth - 1)
            return left @ right
        if len(shape) == 1:
            matrix, vector = (
                self.expression((*shape, inner), depth),
                self.expression((inner,), depth),
            )
            return self.pick(
                lambda: matrix @ vector,
                lambda: vector @ self.expression((inner, *shape), depth - 1),
                lambda: vector @ matrix.T,
                lambda: s.einsum("ij,j->i", matrix, vector),
            )()
        left = self.expression((shape[0], inner), depth)
        right = self.expression((inner, shape[1]), depth - 1)
        return self.pick(
            lambda: left @ right,
            lambda: (right.T @ left.T).T,
            lambda: s.einsum("ij,jk->ik", left, right),
            lambda: left @ s.diag(self.expression((inner,), depth - 1)) @ right,
        )()

    def turned(self, shape: Shape, depth: int) -> Expression:
        return self.expression(shape[::-1], depth).T

    def square_form(self, shape: Shape, depth: int) -> Expression:
        if shape[0] == shape[1] and shape[0] != 1:
            return self.pick(
                lambda: s.diag(self.expression(shape[:1], depth)),
                lambda: s.eye(shape[0]) * self.expression((), depth),
            )()
        if 1 in shape:
            return self.expression(shape, depth)
        return s.outer(self.expression(shape[:1], depth), self.expression(shape[1:], depth))

    def traced(self, shape: Shape, depth: int) -> Expression:
        size = shape[0] if shape else self.pick(*LETTERS)
        inner = self.expression((size, size), depth)
        return s.diagonal(inner) if shape else s.trace(inner)

    def named(self, shape: Shape, depth: int) -> Expression:
        self.count += 1
        inner = self.expression(shape, depth)
        return self.pick(
            lambda: (
                declared.named(f"z{self.count}", inner)
                * s.sigmoid(declared.named(f"z{self.count}", inner))
            ),
            lambda: declared.named(f"z{self.count}", inner),
        )()

    def chosen(self, shape: Shape, depth: int) -> Expression:
        left, right = self.expression(shape, depth), self.expression(shape, depth - 1)
        if self.pick(0, 1):
            return self.pick(s.maximum, s.minimum)(left, right)
        condition = s.compare(self.expression(shape, 0), self.pick("<", ">="), s.constant(0))
        return s.where(condition, left, right)


def network(seed: int, depth: int = 2) -> Expression:
    """Nested contractions with arbitrary labels over one size: repeated, free and summed ones."""
    random = np.random.default_rng(seed)
    domains = ("real", "real", "symmetric", "positive", "unit_norm", "prob")

    def leaf() -> Expression:
        rank = int(random.integers(1, 3))
        domain = domains[int(random.integers(len(domains)))] if rank == 2 else "real"
        name = "ABC"[int(random.integers(3))] + f"{rank}{domain[0]}{domain[-1]}"
        return Variable(name, (N,) * rank, domain)

    def build(depth: int, rank: int | None) -> Expression:
        if depth == 0 and rank is None:
            return leaf()
        kind = int(random.integers(8))
        if kind == 0 and rank is not None and depth:
            return Sum([build(depth - 1, rank) for _ in range(2)])
        if kind == 1 and rank is not None and depth:
            return build(depth - 1, rank) ** 2
        if kind == 2 and rank is not None and depth:
            return s.sigmoid(build(depth - 1, rank))
        operands = [build(max(depth - 1, 0), None) for _ in range(int(random.integers(1, 4)))]
        count = 2 + int(random.integers(3))
        labels = [tuple(int(x) for x in random.integers(count, size=e.rank)) for e in operands]
        width = int(random.integers(3)) if rank is None else rank
        output = tuple(int(x) for x in random.integers(count, size=width))
        return Contraction(operands, labels, output, dict.fromkeys(range(count), N))

    return build(depth, int(random.integers(3)))
