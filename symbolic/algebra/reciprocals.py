"""A sum times its own reciprocal, inside a flat product: sum(u) * (1/sum(u)) = 1.

Multiplied out, the terms of the sum stand in the product as factors with an index of their own, so that
nothing cancels by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from symbolic.algebra.contractions import Factor, Product
from symbolic.algebra.regions import power_kernel
from symbolic.nodes import Contraction, Elementwise, Expression, kernel_symbol

LONGEST_SUM = 6  # factors of a sum that is looked for


@dataclass(frozen=True)
class _Found:
    """The factors of a product that are the terms of a sum, and the indices of the sum."""

    places: frozenset[int]
    indices: frozenset[int]


def use_reciprocals(product: Product, output: Iterable[int]) -> None:
    """Cancel sums and their reciprocals in a flat product, in place."""
    target = {product.root(label) for label in output}
    while _one_cancelled(product, target):
        pass


def _one_cancelled(product: Product, target: set[int]) -> bool:
    factors = product.resolved()
    for place, (node, at) in enumerate(factors):
        total = _divisor(node)
        if total is None:
            continue
        found = next(_occurrences(total, at, factors, place, target), None)
        if found is None:
            continue
        kept = [each for i, each in enumerate(factors) if i not in found.places | {place}]
        exponent = node.kernel.expr.exp + 1 if isinstance(node, Elementwise) else 0
        if exponent != 0:
            kept.append((Elementwise(power_kernel(exponent), [total]), at))
        product.factors = kept
        product.coefficient = product.coefficient / total.coefficient
        product.touched = {x for x in product.touched if product.root(x) not in found.indices}
        return True
    return False


def _divisor(node: Expression) -> Contraction | None:
    """The sum of which a factor is a reciprocal, or the reciprocal of a power."""
    if not isinstance(node, Elementwise) or len(node.operands) != 1:
        return None
    kernel, (base,) = node.kernel.expr, node.operands
    reciprocal = kernel.is_Pow and kernel.base == kernel_symbol(0) and kernel.exp.is_Integer
    if not reciprocal or kernel.exp >= 0 or not isinstance(base, Contraction):
        return None
    is_sum = base.summed and base.coefficient != 0 and len(base.operands) <= LONGEST_SUM
    return base if is_sum and len(set(base.output)) == base.rank else None


def _occurrences(
    total: Contraction, at: tuple[int, ...], factors: list[Factor], place: int, target: set[int]
) -> Iterator[_Found]:
    """The ways to read the sum, at these labels, in factors of a product other than `place`.

    Its indices may occur nowhere else, neither in other factors nor in the result.
    """
    inner = list(zip(total.operands, total.labels, strict=True))
    outside = dict(zip(total.output, at, strict=True))
    taken = target | set(at)

    def read(number: int, labels: dict[int, int], places: frozenset[int]) -> Iterator[_Found]:
        if number == len(inner):
            summed = frozenset(labels[each] for each in total.summed)
            left = (each for i, (_, each) in enumerate(factors) if i not in places)
            if not any(summed & set(each) for each in left):
                yield _Found(places, summed)
            return
        node, wanted = inner[number]
        for i, (other, found) in enumerate(factors):
            if i == place or i in places or other is not node:
                continue
            extended = _extended(labels, wanted, found, taken)
            if extended is not None:
                yield from read(number + 1, extended, places | {i})

    yield from read(0, outside, frozenset())


def _extended(
    labels: dict[int, int], wanted: tuple[int, ...], found: tuple[int, ...], taken: set[int]
) -> dict[int, int] | None:
    """What the labels of a sum are in a product, with those of one more factor; None if they clash."""
    extended = dict(labels)
    for inside, outside in zip(wanted, found, strict=True):
        if inside not in extended:
            if outside in taken or outside in extended.values():
                return None
            extended[inside] = outside
        elif extended[inside] != outside:
            return None
    return extended


__all__ = ["use_reciprocals"]
