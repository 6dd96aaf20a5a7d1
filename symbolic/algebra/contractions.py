"""The canonical form of a contraction: one flat product, its operands and indices in a fixed order."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

import sympy

from symbolic.algebra.orientation import is_upright, turned
from symbolic.algebra.weights import LARGEST_REGION, weight
from symbolic.domains import domain_of
from symbolic.equal_labels import EqualLabels
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Named,
    Sum,
    Variable,
)
from symbolic.sizes import Size

Factor = tuple[Expression, tuple[int, ...]]
MOST_OPERANDS = 16  # longer products stay nested, so that flattening stays linear


class Product:
    """A product under construction: a coefficient, factors with labels, and labels made equal."""

    def __init__(self, coefficient: sympy.Expr, sizes: dict[int, Size]) -> None:
        self.coefficient = coefficient
        self.factors: list[Factor] = []
        self.sizes = sizes
        self.touched: set[int] = set()
        self.longest = MOST_OPERANDS
        self._equal = EqualLabels[int]()

    @classmethod
    def of(cls, node: Contraction, *, whole: bool) -> Product:
        """The product that a contraction is, its operands inlined.

        With `whole`, operands that sum are inlined as well; otherwise each of their connected parts
        stays one factor.
        """
        self = cls(node.coefficient, dict(enumerate(node.sizes)))
        for operand, labels in zip(node.operands, node.labels, strict=True):
            self.multiply(operand, labels, whole=whole)
        counted = self._only_counted(self.root(label) for label in node.output)
        for label in counted:
            self.coefficient = self.coefficient * self.sizes[label]
        self.touched = {each for each in self.touched if self.root(each) not in counted}
        return self

    def _only_counted(self, target: Iterable[int]) -> list[int]:
        """The labels that are summed over and that no factor has: such a sum is their size."""
        present = {label for _, at in self.resolved() for label in at}
        return sorted({self.root(label) for label in self.touched} - present - set(target))

    def fresh(self, size: Size) -> int:
        """A label not used yet."""
        label = len(self.sizes)
        self.sizes[label] = size
        return label

    def root(self, label: int) -> int:
        """The representative of the labels made equal to this one."""
        return self._equal.root(label)

    def multiply(self, node: Expression, labels: Sequence[int], *, whole: bool) -> None:
        """Multiply by a node read at labels, inlining contractions."""
        stack: list[Factor] = [(node, tuple(labels))]
        while stack:
            factor, at = stack.pop()
            self.touched.update(at)
            if not isinstance(factor, Contraction):
                self.factors.append((factor, at))
                continue
            if len(factor.operands) > self.longest:
                coefficient, block = _block(factor, at)
                self.coefficient = self.coefficient * coefficient
                self.factors.append(block)
                continue
            parts = [(factor, None)] if whole else connected_parts(factor)
            if not whole and len(parts) == 1 and parts[0][1] is not None and parts[0][0] is factor:
                self.factors.append((factor, at))
                continue
            inner = self._inline(factor, at)
            if whole:
                stack.extend(
                    (operand, tuple(inner[label] for label in each))
                    for operand, each in zip(factor.operands, factor.labels, strict=True)
                )
            else:
                for part, outputs in parts:
                    place = (part, tuple(inner[label] for label in outputs or ()))
                    if isinstance(part, Contraction) and part.summed:
                        self.factors.append(place)
                    else:
                        stack.append(place)

    def _inline(self, factor: Contraction, at: tuple[int, ...]) -> dict[int, int]:
        self.coefficient = self.coefficient * factor.coefficient
        inner = self._equal.read_at(factor.output, at)
        for label, size in enumerate(factor.sizes):
            if label not in inner:
                inner[label] = self.fresh(size)
        return inner

    def _open_alone(self) -> None:
        """A product that is the only factor is not nested, however long it is."""
        ((whole, at),) = self.factors
        if isinstance(whole, Contraction):
            self.touched.update(at)
            inner = self._inline(whole, at)
            self.factors = [
                (operand, tuple(inner[label] for label in each))
                for operand, each in zip(whole.operands, whole.labels, strict=True)
            ]

    def equate(self, a: int, b: int) -> None:
        """Make two labels of one size the same."""
        self._equal.equate(a, b)

    @property
    def merged(self) -> bool:
        """Whether some labels were made equal."""
        return bool(self._equal)

    def resolved(self) -> list[Factor]:
        """The factors with equal labels written alike."""
        return [(node, tuple(map(self._equal.root, at))) for node, at in self.factors]

    def finish(self, output: Sequence[int]) -> Expression:
        """The canonical contraction of the product with the given output labels."""
        if len(self.factors) == 1:
            self._open_alone()
        factors = self.resolved()
        target = tuple(self.root(label) for label in output)
        coefficient = self.coefficient
        for label in self._only_counted(target):
            coefficient = coefficient * self.sizes[label]
        if coefficient == 0:
            factors = []
        if coefficient == 1 and _is_itself(factors, target):
            return factors[0][0]
        factors = [_oriented(factor) for factor in factors]
        if len(factors) > 1 or any(is_symmetric(node) for node, _ in factors):
            factors = ordered(factors, target)
        if coefficient == 1 and _is_itself(factors, target):
            return factors[0][0]
        return Contraction(
            [node for node, _ in factors],
            [at for _, at in factors],
            target if coefficient != 0 else tuple(range(-1, -1 - len(target), -1)),
            self.sizes
            if coefficient != 0
            else {-1 - i: self.sizes[label] for i, label in enumerate(target)},
            coefficient,
        )


def _block(node: Contraction, at: tuple[int, ...]) -> tuple[sympy.Expr, Factor]:
    """A product that stays nested, in one of its two orientations, and the size of its coefficient.

    Its sign stays inside, where presentation finds the sum that it belongs to.
    """
    sign = -1 if node.coefficient.could_extract_minus_sign() else 1
    pure: Expression = node
    if node.coefficient != sign:
        sizes = dict(enumerate(node.sizes))
        pure = Contraction(node.operands, node.labels, node.output, sizes, sign)
    if node.rank == 2 and turned(pure).key < pure.key:
        pure, at = turned(pure), at[::-1]
    return node.coefficient * sign, (pure, at)


def unnested(node: Expression) -> Expression:
    """A canonical product with the products in it written out, however long it becomes."""
    if not isinstance(node, Contraction):
        return node
    product = Product(node.coefficient, dict(enumerate(node.sizes)))
    product.longest = sys.maxsize
    for operand, labels in zip(node.operands, node.labels, strict=True):
        product.multiply(operand, labels, whole=True)
    return product.finish(node.output)


def _oriented(factor: Factor) -> Factor:
    """An entrywise matrix as the product holds it: itself, or its transpose at turned labels."""
    node, at = factor
    entrywise = isinstance(node, (Sum, Elementwise)) and node.rank == 2
    if not entrywise or weight(node) > LARGEST_REGION or is_upright(node):
        return factor
    return turned(node), at[::-1]


def _is_itself(factors: list[Factor], target: tuple[int, ...]) -> bool:
    """Whether a product is its one factor, read along its own axes."""
    return len(factors) == 1 and factors[0][1] == target and len(set(target)) == len(target)


def connected_parts(node: Contraction) -> list[tuple[Expression, tuple[int, ...] | None]]:
    """A contraction as a product of parts that share no summed index, each with its output labels.

    Operands without a summed index are parts of their own; the coefficient is left out.
    """
    summed = set(node.summed)
    groups: list[tuple[set[int], list[int]]] = []
    for place, labels in enumerate(node.labels):
        mine = set(labels) & summed
        joined = [place]
        rest = []
        for labels_of, places in groups:
            if mine & labels_of:
                mine |= labels_of
                joined = places + joined
            else:
                rest.append((labels_of, places))
        groups = [*rest, (mine, joined)]
    groups.sort(key=lambda group: min(group[1]))
    parts: list[tuple[Expression, tuple[int, ...] | None]] = []
    for labels_of, places in groups:
        operands = [node.operands[i] for i in places]
        at = [node.labels[i] for i in places]
        if not labels_of and len(places) == 1:
            parts.append((operands[0], at[0]))
            continue
        output = tuple(dict.fromkeys(x for each in at for x in each if x not in summed))
        if len(groups) == 1 and node.coefficient == 1 and output == node.output:
            return [(node, output)]
        product = Product(sympy.S.One, dict(enumerate(node.sizes)))
        product.factors = list(zip(operands, at, strict=True))
        parts.append((product.finish(output), output))
    return parts


_symmetric: WeakKeyDictionary[Expression, bool] = WeakKeyDictionary()
_SYMMETRIC_FUNCTIONS = frozenset({"inv", "expm"})  # symmetric where their operand is


def is_symmetric(node: Expression) -> bool:
    """Whether a canonical node equals its transpose: by the domain of a variable, or as it is built."""
    while isinstance(node, Named):
        node = node.meaning
    if isinstance(node, Variable):
        return domain_of(node.domain).symmetric
    if node.rank != 2 or node.shape[0] != node.shape[1]:
        return False
    found = _symmetric.get(node)
    if found is None:
        if isinstance(node, Apply):
            found = node.function in _SYMMETRIC_FUNCTIONS and is_symmetric(node.operand)
        elif isinstance(node, Derivative) or weight(node) > LARGEST_REGION:
            found = False
        else:
            found = turned(node) is node
        _symmetric[node] = found
    return found


def ordered(factors: list[Factor], output: tuple[int, ...]) -> list[Factor]:
    """The factors in an order that depends on the product alone, not on how it was written.

    Indices are told apart by colour refinement (what they touch, and what that touches ...);
    factors that remain alike are told apart one at a time.
    """
    color = _start_colors(factors, output)
    keys = [node.key for node, _ in factors]
    symmetric = [is_symmetric(node) for node, _ in factors]
    if len(set(keys)) == len(keys) and not any(symmetric):
        return [factors[i] for i in sorted(range(len(factors)), key=keys.__getitem__)]
    marks = [0] * len(factors)
    while True:
        color, shades = _refine(factors, symmetric, color, marks)
        order = sorted(range(len(factors)), key=lambda i: shades[i])
        tied = [i for i, j in itertools.pairwise(order) if shades[i] == shades[j]]
        if not tied:
            break
        marks[tied[0]] = len(factors) - len(set(shades)) + 1
    return [_upright(factors[i], color) for i in order]


def _upright(factor: Factor, color: dict[int, int]) -> Factor:
    node, labels = factor
    if is_symmetric(node) and color[labels[0]] > color[labels[1]]:
        return node, labels[::-1]
    return factor


def _start_colors(factors: list[Factor], output: tuple[int, ...]) -> dict[int, int]:
    color = {label: 0 for _, labels in factors for label in labels}
    for position, label in enumerate(output):
        color[label] = color.get(label, 0) * (len(output) + 1) + position + 1
    return color


def _refine(
    factors: list[Factor], symmetric: list[bool], color: dict[int, int], marks: list[int]
) -> tuple[dict[int, int], list[int]]:
    classes = 0
    fixed = [
        (mark, node.key, labels, either, tuple(map(labels.index, labels)))
        for mark, (node, labels), either in zip(marks, factors, symmetric, strict=True)
    ]
    while True:
        looks = []
        for mark, key, labels, either, repeats in fixed:
            seen = [color[label] for label in labels]
            if either:
                seen.sort()
            looks.append((mark, key, tuple(seen), repeats))
        rank = {look: i for i, look in enumerate(sorted(set(looks)))}
        shades = [rank[look] for look in looks]
        touched: dict[int, list[tuple[int, int]]] = {label: [] for label in color}
        for shade, (_, _, labels, either, _) in zip(shades, fixed, strict=True):
            for position, label in enumerate(labels):
                touched[label].append((shade, 0 if either else position))
        views = {label: (color[label], tuple(sorted(touched[label]))) for label in color}
        level = {view: i for i, view in enumerate(sorted(set(views.values())))}
        color = {label: level[view] for label, view in views.items()}
        count = len(rank) + len(level)
        if count == classes:
            return color, shades
        classes = count
