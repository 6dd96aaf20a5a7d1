"""Products, planned: every contraction as steps of at most two operands, cheapest first.

Nested contractions that occur once (chains of `@`, sums of products, traces) and those that only
arrange entries (transposes, `diag`, `eye`, broadcasts) are read as one product over labels. Then
the pair of operands that costs the fewest multiplications is joined, again and again, so a vector
meets a matrix before two matrices meet, and a diagonal matrix only ever scales rows or columns.

Moves of the language (slices, padding, reshape, kron, ...) stay whole; other Iverson brackets are
factors, each joined with an array in which it moves entries.

What remains of the arrangement (a transpose, a diagonal, repetition) is one outermost node of one
operand, which printers leave to broadcasting where they can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import TypeGuard

import sympy

from symbolic.code.gram import Factor, Mirror, mirror, square_root, work
from symbolic.code.known_products import KnownProducts
from symbolic.code.product_order import (
    NOTHING_KNOWN,
    Labels,
    Network,
    assumed_size,
    contract,
    is_equality,
    is_inverse,
)
from symbolic.code.sign_of_values import is_nonnegative_array
from symbolic.equal_labels import EqualLabels
from symbolic.moves import spell_move
from symbolic.nodes import (
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Variable,
    kernel_symbol,
)
from symbolic.sizes import Size
from symbolic.traverse import postorder, with_children

_SQUARE = kernel_symbol(0) ** 2
_QUOTIENT = kernel_symbol(0) / kernel_symbol(1)
_RECIPROCAL = sympy.Lambda((kernel_symbol(0),), 1 / kernel_symbol(0))
SMALLER = 8  # times; a coefficient goes to a factor that is so much smaller than the product


def plan(
    roots: Iterable[Expression], known: KnownProducts = NOTHING_KNOWN
) -> dict[Expression, Expression]:
    """For each root, named intermediate and shared node: the same value as planned steps.

    Products that are `known` to be computed anyway are preferred.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> product = matrix("X", n, d) @ matrix("A", d, d) @ vector("w", d)
    >>> plan([product])[product]
    X @ (A @ w)
    """
    roots = list(roots)
    order = postorder(roots)
    fixed = {node.meaning for node in order if isinstance(node, Named)}
    uses = Counter(child for node in order for child in node.children)
    uses.update(roots)
    wanted = set(roots)
    products: dict[Expression, Product] = {}
    for node in reversed(order):
        if node not in wanted:
            continue
        if isinstance(node, Contraction) and not is_move(node):
            product = products[node] = Product.of(node, uses, fixed)
            wanted.update(factor for factor, _ in product.factors)
        else:
            wanted.update(node.children)
    new: dict[Expression, Expression] = {}
    for node in order:
        if node in products:
            new[node] = products[node].planned(new, known)
        elif node in wanted:
            new[node] = with_children(node, tuple(new[child] for child in node.children))
    return new


def arranges(node: Expression) -> TypeGuard[Contraction]:
    """Whether a contraction only places entries: a transpose, diagonal matrix or repetition."""
    if not isinstance(node, Contraction) or len(node.operands) != 1 or node.coefficient != 1:
        return False
    (labels,) = node.labels
    return len(set(labels)) == len(labels) and set(labels) <= set(node.output)


def is_multiple(node: Expression) -> TypeGuard[Contraction]:
    """Whether a node is a number times another: its entries are never worth an array of their own."""
    if not isinstance(node, Contraction) or len(node.operands) != 1:
        return False
    (labels,) = node.labels
    same = labels == node.output and len(set(labels)) == len(labels)
    return same and bool(node.coefficient.is_number)


def is_move(node: Expression) -> bool:
    """Whether a node is one move of the language that is written whole: a slice, reshape, kron, ...

    Windows are factors: the order of their axes is free.
    """
    if not isinstance(node, Contraction) or not any(map(_is_entries, node.operands)):
        return False
    move = spell_move(node)
    return move is not None and move[0] != "windows"


def _is_entries(node: Expression) -> bool:
    """Whether a node is neither a bracket nor an array of one value."""
    return not isinstance(node, Iverson) and bool(node.children or isinstance(node, Variable))


@dataclass
class Product:
    """Factors with labels, a coefficient, and the labels of the result."""

    coefficient: sympy.Expr
    output: Labels
    sizes: dict[int, Size]
    factors: list[tuple[Expression, Labels]] = field(default_factory=list)
    known: KnownProducts = NOTHING_KNOWN
    own: set[Expression] = field(default_factory=set)

    @classmethod
    def of(cls, node: Contraction, uses: Counter[Expression], fixed: set[Expression]) -> Product:
        """The product that a contraction is, with what it may absorb multiplied out."""
        self = cls(node.coefficient, node.output, dict(enumerate(node.sizes)))
        equal = EqualLabels[int]()
        root = equal.root
        stack = list(zip(node.operands, node.labels, strict=True))[::-1]
        while stack:
            factor, at = stack.pop()
            parts = _factors(factor) if uses[factor] == 1 else None
            if parts is not None and (len(parts) > 1) and _gains(parts, at, self.output):
                stack.extend([(part, tuple(at[k] for k in axes)) for part, axes in parts][::-1])
                continue
            summed = any(root(label) not in map(root, self.output) for label in at)
            if not _absorbed(factor, uses, fixed, summed=summed):
                self.factors.append((factor, at))
                continue
            self.own.add(factor)
            self.coefficient = self.coefficient * factor.coefficient
            inner = equal.read_at(factor.output, at)
            for label, size in enumerate(factor.sizes):
                if label not in inner:
                    inner[label] = len(self.sizes)
                    self.sizes[inner[label]] = size
            inside = zip(factor.operands, factor.labels, strict=True)
            stack.extend(
                [(each, tuple(inner[label] for label in axes)) for each, axes in inside][::-1]
            )
        self.factors = [(each, tuple(map(root, at))) for each, at in self.factors]
        self.output = tuple(map(root, self.output))
        self.factors = [_without_repetition(each, at) for each, at in self.factors]
        present = {label for _, at in self.factors for label in at} | set(self.output)
        for label in {root(label) for label in self.sizes} - present:
            self.coefficient = self.coefficient * self.sizes[label]
        return self

    def planned(
        self, new: dict[Expression, Expression], known: KnownProducts = NOTHING_KNOWN
    ) -> Expression:
        """The product as nodes of at most two operands."""
        self.known = known.without(self.own)
        factors = [(new.get(factor, factor), at) for factor, at in self.factors]
        target = tuple(dict.fromkeys(self.output))
        if not factors or self.coefficient == 0:
            return self._constant(target)
        scalars = [factor for factor, at in factors if not at]
        tensors = [(factor, at) for factor, at in factors if at]
        if not scalars:
            tensors = self._scaled_smallest(tensors, target)
        value, inside = self._joined(tensors, target)
        if scalars:
            number = reduce(self._times, scalars)
            number = contract([number], [()], (), self.sizes, self.coefficient)
            self.coefficient = sympy.S.One
            joined = [number] if value is None else [number, value]
            value = contract(joined, [(), inside][: len(joined)], inside, self.sizes)
        assert value is not None
        value = contract([value], [inside], inside, self.sizes, self.coefficient)
        return contract([value], [inside], self.output, self.sizes)

    def _times(self, one: Expression, other: Expression) -> Expression:
        return contract([one, other], [(), ()], (), self.sizes)

    def _scaled_smallest(self, tensors: list[Factor], target: Labels) -> list[Factor]:
        """The factors, with the coefficient at one that is much smaller than the product."""
        if self.coefficient == 1 or len(tensors) < 2 or not target or mirror(tensors, target):
            return tensors
        sizes = [self._assumed(at) for _, at in tensors]
        summed = [not set(at) <= set(target) for _, at in tensors]
        place = min(range(len(tensors)), key=lambda each: (summed[each], sizes[each]))
        if sizes[place] * SMALLER > self._assumed(target):
            place = sizes.index(min(sizes))
        factor, at = tensors[place]
        plain = not is_inverse(factor) and not isinstance(factor, Iverson)
        if not plain or len(set(at)) < len(at) or sizes[place] * SMALLER > self._assumed(target):
            return tensors
        scaled = contract([factor], [at], at, self.sizes, self.coefficient)
        self.coefficient = sympy.S.One
        return [*tensors[:place], (scaled, at), *tensors[place + 1 :]]

    def _assumed(self, at: Labels) -> int:
        return prod(assumed_size(self.sizes[label]) for label in set(at))

    def _constant(self, target: Labels) -> Expression:
        if len(target) == len(self.output) or self.coefficient == 0:
            sizes = {place: self.sizes[label] for place, label in enumerate(self.output)}
            return Contraction((), (), tuple(sizes), sizes, self.coefficient)
        one = Contraction((), (), (), coefficient=self.coefficient)
        return Contraction([one], [()], self.output, self.sizes)

    def _joined(
        self, tensors: list[tuple[Expression, Labels]], target: Labels
    ) -> tuple[Expression | None, Labels]:
        """The product of factors that have axes, and the labels of its axes."""
        if not tensors:
            return None, ()
        tensors = self._filled(tensors, target)
        count = Counter(label for _, at in tensors for label in set(at))
        alone = {label for label, times in count.items() if times == 1} - set(target)
        if len(tensors) == 1:
            return self._single(tensors[0], tuple(label for label in target if label in count))
        reduced = [self._reduced(factor, at, alone) for factor, at in tensors]
        scalars = [factor for factor, at in reduced if not at]
        rest = [(factor, at) for factor, at in reduced if at] or [(scalars.pop(), ())]
        value, inside = self._cheapest(rest, target)
        for scalar in scalars:
            value = contract([scalar, value], [(), inside], inside, self.sizes)
        return value, inside

    def _cheapest(self, factors: list[Factor], target: Labels) -> tuple[Expression, Labels]:
        """The product in pairs, or as a half times its mirror image where that is less work."""
        pairs = Network(factors, target, self.sizes, self.known).joined()
        found = mirror(factors, target)
        if found is None:
            return pairs
        known = {factor for factor, _ in factors}
        whole = self._mirrored(found, target)
        return min(pairs, whole, key=lambda each: work(each[0], known))

    def _mirrored(self, found: Mirror, target: Labels) -> tuple[Expression, Labels]:
        """A half times its mirror image; square roots of weights belong to both."""
        held = {label for _, at in found.half for label in at}
        left = list(found.half)
        right = None
        if found.weights:
            labels = dict.fromkeys(label for _, at in found.weights for label in at)
            kept = tuple(label for label in labels if label in held or label in target)
            weight, at = Network(list(found.weights), kept, self.sizes).joined()
            if is_nonnegative_array(weight):
                left.append((square_root(weight), at))
            else:
                right = [*left, (weight, at)]
        half, inside = self._half(found, left, target)
        other, outside = (half, inside) if right is None else self._half(found, right, target)
        image = found.image(outside)
        order = tuple(label for label in target if label in {*inside, *image})
        return contract([half, other], [inside, image], order, self.sizes), order

    def _half(
        self, found: Mirror, factors: list[Factor], target: Labels
    ) -> tuple[Expression, Labels]:
        """The product of one side; labels that both sides have are kept."""
        labels = dict.fromkeys(label for _, at in factors for label in at)
        shared = [each for each in labels if found.exchanged.get(each, each) == each]
        inside = [each for each in shared if each in target]
        inside += [each for each in shared if each not in target]
        inside += [each for each in target if each in labels and each not in shared]
        return Network(factors, tuple(inside), self.sizes).joined()

    def _filled(
        self, tensors: list[tuple[Expression, Labels]], target: Labels
    ) -> list[tuple[Expression, Labels]]:
        """Ones where a bracket or an inverse alone is summed, so that it moves or solves for them."""
        count = Counter(label for _, at in tensors for label in set(at))
        filled = list(tensors)
        for factor, at in tensors:
            alone = [each for each in at if count[each] == 1 and each not in target]
            if is_inverse(factor):
                alone = [each for each in at[-2:] if each in alone][-1:]
            elif not is_equality(factor):
                continue
            if alone and len(set(at)) == len(at):
                sizes = {each: self.sizes[each] for each in alone}
                filled.append((Contraction((), (), alone, sizes), tuple(alone)))
        return filled

    def _single(
        self, factor: tuple[Expression, Labels], target: Labels
    ) -> tuple[Expression, Labels]:
        """One factor: a sum over its axes, a mean if the coefficient says so, and its order."""
        node, at = factor
        kept = tuple(label for label in dict.fromkeys(at) if label in target)
        if len(set(at)) == len(at) and len(kept) < len(at):
            count = sympy.Mul(*(self.sizes[label] for label in at if label not in target))
            share = sympy.S.One
            if count != 1 and (self.coefficient * count).is_Rational:
                share, self.coefficient = 1 / count, self.coefficient * count
            node = contract([node], [at], kept, self.sizes, share)
        else:
            node = contract([node], [at], kept, self.sizes)
        return contract([node], [kept], target, self.sizes), target

    def _reduced(
        self, factor: Expression, at: Labels, alone: set[int]
    ) -> tuple[Expression, Labels]:
        """A factor without repeated labels and without those that nothing else has.

        The rows and columns of an inverse are left for the system that it solves.
        """
        if is_inverse(factor) and len(set(at)) == len(at) and not set(at[-2:]) <= alone:
            alone = alone - set(at[-2:])
        kept = tuple(label for label in dict.fromkeys(at) if label not in alone)
        return contract([factor], [at], kept, self.sizes), kept


def _absorbed(
    factor: Expression, uses: Counter[Expression], fixed: set[Expression], *, summed: bool
) -> TypeGuard[Contraction]:
    """Whether a factor is multiplied out; an outer product that is summed over always is."""
    if not isinstance(factor, Contraction) or factor in fixed:
        return False
    if is_move(factor):
        return False
    if is_multiple(factor):
        return True
    if uses[factor] == 1 or not factor.operands or arranges(factor):
        return True
    return summed and _is_outer(factor)


def _factors(factor: Expression) -> list[tuple[Expression, Labels]] | None:
    """An entrywise square or quotient as factors, each with the axes of it that the factor has."""
    if not isinstance(factor, Elementwise):
        return None
    whole = tuple(range(factor.rank))
    if factor.kernel.expr == _SQUARE:
        return [(factor.operands[0], whole)] * 2
    if factor.kernel.expr != _QUOTIENT:
        return None
    top, bottom = factor.operands
    if not arranges(bottom) or len(bottom.labels[0]) == bottom.rank:
        return None
    if len(set(bottom.output)) < bottom.rank:
        return None
    axes = tuple(bottom.output.index(label) for label in bottom.labels[0])
    below = Elementwise(_RECIPROCAL, [bottom.operands[0]])
    return [(top, whole), (below, axes)]


def _gains(parts: list[tuple[Expression, Labels]], at: Labels, output: Labels) -> bool:
    """Whether a square is summed, so that no array of squares is needed; quotients always gain."""
    square = parts[0][0] is parts[1][0]
    return not square or bool(set(at) - set(output))


def _is_outer(factor: Contraction) -> bool:
    """Whether a product, or a multiple of one, is larger than each of its factors."""
    inner: Expression = factor
    while isinstance(inner, Contraction) and len(inner.operands) == 1 and not inner.summed:
        (inner,) = inner.operands
    if not isinstance(inner, Contraction) or inner.summed:
        return False
    return all(operand.rank < inner.rank for operand in inner.operands)


def _without_repetition(factor: Expression, at: Labels) -> tuple[Expression, Labels]:
    """A bracket with each label once, and only labels that the relation depends on."""
    if not isinstance(factor, Iverson):
        return factor, at
    total = dict.fromkeys(at, sympy.S.Zero)
    sizes = dict(zip(at, factor.shape, strict=True))
    for label, coefficient in zip(at, factor.coefficients, strict=True):
        total[label] = sympy.expand(total[label] + coefficient)
    kept = tuple(label for label in total if total[label] != 0)
    if kept == at:
        return factor, at
    coefficients = [total[label] for label in kept]
    shape = [sizes[label] for label in kept]
    return Iverson(shape, coefficients, factor.offset, factor.relation), kept
