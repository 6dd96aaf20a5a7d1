"""Evaluation in blocks of rows: which axis the work can be cut along, and in how many passes.

Two axes belong together where the expression reads them at the same index. A class of axes whose
entries never mix, but in sums over the whole class, can be evaluated some rows at a time: the sums
of the blocks are added, the rows of the results put below each other. Then intermediates of the length
of the data never exist as a whole, and data are read once a pass, while they are in the cache.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

import sympy

from symbolic.code.logistic_losses import LOSS
from symbolic.code.product_order import is_inverse
from symbolic.code.products import arranges, is_move
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Variable,
)
from symbolic.sizes import Size
from symbolic.structured import STRUCTURED
from symbolic.traverse import postorder

MOST_PASSES = 4
FEW_VECTORS = 3  # intermediates of one axis that are worth a block
ARRAYS_OF_LOSS = 5  # that a loss of logits takes
WORTH = 2  # times as many entries do intermediates have as the sums of a block
LONG, SHORT = 10_000, 50  # assumed entries of the axis that is cut, and of others

Axis = tuple[Expression, int]
Label = tuple[Expression, str, int]


@dataclass(frozen=True)
class Pass:
    """One pass over the rows: the sums that it takes and the row by row results that it keeps."""

    sums: tuple[Contraction, ...]
    kept: tuple[Expression, ...]

    @property
    def roots(self) -> tuple[Expression, ...]:
        """All that the pass computes."""
        return (*self.sums, *self.kept)


@dataclass(frozen=True)
class RowPlan:
    """A size, the axis of that size in each node that goes row by row, and the passes."""

    letter: sympy.Symbol
    axis: dict[Expression, int]
    passes: tuple[Pass, ...]

    def below(self, one: Pass) -> list[Expression]:
        """The row by row nodes that a pass computes or reads, its roots not among them."""
        found: dict[Expression, None] = {}
        waiting = [child for root in one.roots for child in root.children]
        while waiting:
            node = waiting.pop()
            if node in self.axis and node not in found:
                found[node] = None
                waiting.extend(node.children)
        return list(found)


def row_plan(outputs: Sequence[Expression], arguments: Sequence[Variable]) -> RowPlan | None:
    """How planned outputs are evaluated in blocks of rows, or None where that is of no use.

    >>> from symbolic.code.products import plan
    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w = matrix("X", n, d), vector("w", d)
    >>> square = plan([X.T @ (X @ w)])[X.T @ (X @ w)]
    >>> found = row_plan([square], [X, w])
    >>> found.letter, len(found.passes), row_plan([X @ w], [X, w])
    (n, 1, None)
    """
    order = postorder(outputs)
    axes = _Axes(order)
    found: list[tuple[int, int, int, int, RowPlan]] = []
    for name in axes.classes_of(arguments):
        plan = _plan(order, outputs, axes, name)
        if plan is not None and _pays(plan, order):
            cut = [plan.axis[variable] for variable in arguments if variable in plan.axis]
            found.append((-len(plan.passes), -max(cut), len(cut), -len(found), plan))
    return max(found)[-1] if found else None


# --- classes of axes -----------------------------------------------------------------------------


class _Axes:
    """The axes of all nodes in classes of those that are read at one index."""

    def __init__(self, order: Sequence[Expression]) -> None:
        self._parent: dict[Axis | Label, Axis | Label] = {}
        self._mixed: set[Axis | Label] = set()
        for node in order:
            self._read(node)
        for node in order:
            held = [self.find((node, axis)) for axis in range(node.rank)]
            if isinstance(node, Contraction):
                held = [self.find((node, "label", label)) for label in range(len(node.sizes))]
            self._mixed.update(each for each in held if held.count(each) > 1)
        self._mixed = {self.find(each) for each in self._mixed}

    def find(self, axis: Axis | Label) -> Axis | Label:
        """The name of the class of an axis."""
        root = axis
        while (above := self._parent.get(root, root)) != root:
            root = above
        while axis != root:
            self._parent[axis], axis = root, self._parent.get(axis, axis)
        return root

    def classes_of(self, arguments: Iterable[Variable]) -> list[Axis | Label]:
        """The classes along which arguments may be cut."""
        found = dict.fromkeys(
            self.find((variable, axis))
            for variable in arguments
            for axis, size in enumerate(variable.shape)
            if isinstance(size, sympy.Symbol)
        )
        return [each for each in found if each not in self._mixed]

    def axis(self, node: Expression, name: Axis | Label) -> int | None:
        """The axis of a node in a class."""
        return next((k for k in range(node.rank) if self.find((node, k)) == name), None)

    def sums(self, node: Expression, name: Axis | Label) -> bool:
        """Whether a node sums over the index of a class."""
        return isinstance(node, Contraction) and any(
            self.find((node, "label", label)) == name for label in node.summed
        )

    def _join(self, one: Axis | Label, other: Axis | Label) -> None:
        self._parent[self.find(one)] = self.find(other)

    def _mix(self, node: Expression, axes: Iterable[int]) -> None:
        self._mixed.update((node, axis) for axis in axes)

    def _read(self, node: Expression) -> None:
        match node:
            case Sum() | Elementwise() | Named():
                for child in node.children:
                    for axis in range(node.rank):
                        self._join((child, axis), (node, axis))
            case Contraction():
                self._read_labels(node)
            case Apply():
                self._read_function(node)
            case Iverson():
                self._mix(node, range(node.rank))

    def _read_labels(self, node: Contraction) -> None:
        for operand, labels in zip(node.operands, node.labels, strict=True):
            for axis, label in enumerate(labels):
                self._join((operand, axis), (node, "label", label))
                if labels.count(label) > 1:
                    self._mix(operand, (axis,))
        for axis, label in enumerate(node.output):
            self._join((node, axis), (node, "label", label))
            if node.output.count(label) > 1:
                self._mix(node, (axis,))

    def _read_function(self, node: Apply) -> None:
        entry = STRUCTURED[node.function]
        axes = range(node.operand.rank)
        if not (entry.keeps or entry.reduces):
            for operand in node.operands:
                self._mix(operand, range(operand.rank))
            self._mix(node, range(node.rank))
            return
        mixed = axes if node.axis is None else (node.axis,)
        self._mix(node.operand, mixed)
        rest = [axis for axis in axes if axis not in mixed]
        if entry.keeps:
            self._mix(node, mixed)
        for place, axis in enumerate(rest):
            self._join((node, axis if entry.keeps else place), (node.operand, axis))


# --- passes --------------------------------------------------------------------------------------


def _plan(
    order: Sequence[Expression],
    outputs: Sequence[Expression],
    axes: _Axes,
    name: Axis | Label,
) -> RowPlan | None:
    axis = {node: k for node in order if (k := axes.axis(node, name)) is not None}
    sums = {node for node in order if axes.sums(node, name)}
    ready: dict[Expression, int] = {}
    for node in order:
        ready[node] = max((ready[child] for child in node.children), default=0)
        ready[node] += node in sums
    kept = dict.fromkeys(found for node in outputs if (found := without_arrangement(node)) in axis)
    letters = {node.shape[k] for node, k in axis.items()}
    numbers = {ready[node] - 1 for node in sums} | {ready[node] for node in kept}
    if len(letters) > 1 or not numbers or max(numbers) >= MOST_PASSES:
        return None
    passes = [
        Pass(
            tuple(n for n in order if n in sums and ready[n] - 1 == number),  # type: ignore[misc]
            tuple(node for node in kept if ready[node] == number),
        )
        for number in range(max(numbers) + 1)
    ]
    letter: Size = letters.pop()
    assert isinstance(letter, sympy.Symbol)
    cuts = {k for node, k in axis.items() if isinstance(node, Variable) and node.rank > 1}
    kept_well = all(axis[node] == 0 and not isinstance(node, Variable) for node in kept)
    solves = any(
        is_inverse(child)
        for node in order
        if node in axis or node in sums
        for child in node.children
    )
    columns = max(cuts, default=0) > 0 and len(passes) > 1  # strided data, read again and again
    if len(cuts) > 1 or columns or not kept_well or solves:
        return None
    return RowPlan(letter, axis, tuple(each for each in passes if each.roots))


def without_arrangement(node: Expression) -> Expression:
    """A node without the transposes and names around it."""
    while (arranges(node) and len(node.children[0].shape) == node.rank) or isinstance(node, Named):
        node = node.children[0]
    return node


def _pays(plan: RowPlan, order: Sequence[Expression]) -> bool:
    """Whether blocks save anything: intermediates that never exist, or data that are read again.

    The intermediates have to be larger than what is added up block by block, if the axis that is cut
    is the long one, whatever it is called; and no product is done twice.
    """
    rows = [node for node in order if node in plan.axis and not arranges(node)]
    kept = plan.passes[-1].kept
    made = [
        each
        for each in rows
        if not (isinstance(each, (Variable, Named)) or is_move(each) or each in kept)
    ]
    products = [node for each in plan.passes for node in plan.below(each) if _is_product(node)]
    if not made or len(products) > len(set(products)):
        return False
    sums = sum(_entries(each, plan) for one in plan.passes for each in one.sums)
    if sum(_entries(each, plan) for each in made) < WORTH * sums:
        return False
    again = any(_reads_again(one, plan) for one in plan.passes)
    vectors = sum(ARRAYS_OF_LOSS if _is_loss(each) else 1 for each in made)
    return again or vectors >= FEW_VECTORS or any(each.rank > 1 for each in made)


def _is_loss(node: Expression) -> bool:
    return isinstance(node, Elementwise) and node.kernel == LOSS


def _reads_again(one: Pass, plan: RowPlan) -> bool:
    """Whether a pass reads data of several axes more than once."""
    nodes = {*one.roots, *plan.below(one)}
    reads = Counter(child for node in nodes for child in set(node.children))
    return any(
        isinstance(each, Variable) and each in plan.axis and each.rank > 1 and times > 1
        for each, times in reads.items()
    )


def _entries(node: Expression, plan: RowPlan) -> int:
    long = {plan.letter: LONG}
    return prod(
        size
        if isinstance(size, int)
        else max(
            1, int(size.xreplace({letter: long.get(letter, SHORT) for letter in size.free_symbols}))
        )
        for size in node.shape
    )


def _is_product(node: Expression) -> bool:
    """Whether a row by row node costs more than a few operations an entry."""
    return isinstance(node, Contraction) and len(node.operands) == 2 and bool(node.summed)
