"""A nest of contractions as one product, its factors in the order in which they are written."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symbolic.equal_labels import EqualLabels
from symbolic.nodes import Contraction, Expression
from symbolic.sizes import Size
from symbolic.spelling import spell

Factor = tuple[Expression, tuple[int, ...]]
_READ_THROUGH = frozenset({"index", "pad", "windows"})  # no more than other indices of the operand
_LINEAR = frozenset({"transpose", "scale", "matmul", "broadcast", "index", "pad"})
_LOOKED_AT = 16  # factors of a chain


@dataclass(frozen=True)
class FlatProduct:
    """coefficient * sum of the product of the factors; `output` has one label an axis.

    Axes of one label are a diagonal: zero unless their indices are equal.
    """

    coefficient: sympy.Expr
    factors: tuple[Factor, ...]
    output: tuple[int, ...]
    sizes: dict[int, Size]

    @property
    def summed(self) -> tuple[int, ...]:
        """The labels summed over, in the order of the factors."""
        found = dict.fromkeys(label for _, at in self.factors for label in at)
        return tuple(label for label in found if label not in self.output)


def flattened(node: Contraction, *, whole: bool) -> FlatProduct:
    """The product that a contraction is; with `whole`, operands that sum are inlined as well.

    Operands that only read other entries (a slice, padding, windows) are inlined in any case.

    >>> from symbolic.variables import dims, matrix
    >>> (d,) = dims("d")
    >>> A = matrix("A", d, d)
    >>> product = flattened(A @ A @ A, whole=True)
    >>> [at for _, at in product.factors], product.output
    ([(0, 3), (3, 2), (2, 1)], (0, 1))
    """
    labels = _Labels()
    output = tuple(labels.fresh(size) for size in node.shape)
    coefficient = sympy.S.One
    factors: list[Factor] = []
    stack: list[Factor] = [(node, output)]
    touched: set[int] = set()
    while stack:
        factor, at = stack.pop()
        touched.update(at)
        if not isinstance(factor, Contraction) or not (
            whole or factor is node or not factor.summed or is_read_through(factor)
        ):
            factors.append((factor, at))
            continue
        coefficient = coefficient * factor.coefficient
        inner = labels.inside(factor, at)
        stack.extend(
            (operand, tuple(inner[label] for label in each))
            for operand, each in zip(
                reversed(factor.operands), reversed(factor.labels), strict=True
            )
        )
    placed = tuple((factor, tuple(map(labels.equal.root, at))) for factor, at in factors)
    target = tuple(map(labels.equal.root, output))
    present = {label for _, at in placed for label in at} | set(target)
    for label in sorted({labels.equal.root(label) for label in touched} - present):
        coefficient = coefficient * labels.sizes[label]
    return FlatProduct(coefficient, placed, target, labels.sizes)


def is_read_through(node: Contraction) -> bool:
    """Whether a contraction reads entries by their indices: a slice, or a product with windows."""
    return spell(node).operation in _READ_THROUGH or has_windows(node)


def has_windows(node: Contraction) -> bool:
    """Whether a contraction is of windows, or a matrix product with them."""
    stack: list[Expression] = [node]
    for _ in range(_LOOKED_AT):
        if not stack:
            return False
        each = stack.pop()
        if isinstance(each, Contraction):
            spelling = spell(each)
            if spelling.operation == "windows":
                return True
            if spelling.operation in _LINEAR:
                stack.extend(reversed(spelling.operands))
    return False


class _Labels:
    """Labels with their sizes, some of them made equal."""

    def __init__(self) -> None:
        self.sizes: dict[int, Size] = {}
        self.equal = EqualLabels[int]()

    def fresh(self, size: Size) -> int:
        self.sizes[len(self.sizes)] = size
        return len(self.sizes) - 1

    def inside(self, node: Contraction, at: tuple[int, ...]) -> dict[int, int]:
        """The labels of a contraction read at labels: repeated output labels become equal."""
        inner = self.equal.read_at(node.output, at)
        for label, size in enumerate(node.sizes):
            if label not in inner:
                inner[label] = self.fresh(size)
        return inner
