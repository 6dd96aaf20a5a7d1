"""Products that are symmetric because they are a factor times its own mirror image.

    X.T @ diag(v) @ X,   sum_i p_ij p_im x_ik x_il,   w @ X.T @ X @ w

Exchanging two sets of labels leaves such a product as it is. Its half H, with the square roots of weights
that are not negative, is computed once and multiplied by itself: `H.T @ H` is one symmetric rank-k
update, half the work of a product of two matrices, and exactly symmetric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from math import prod

import sympy

from symbolic.code.product_order import Labels, assumed_size
from symbolic.code.symmetry import is_symmetric
from symbolic.functions import step
from symbolic.nodes import Contraction, Elementwise, Expression, Iverson, kernel_symbol
from symbolic.traverse import postorder

Factor = tuple[Expression, Labels]

ENTRYWISE = 30  # multiplications of a matrix product that take as long as one entry by entry


@dataclass(frozen=True)
class Mirror:
    """The halves of a product: labels that are exchanged, one half's factors, and the weights between."""

    exchanged: dict[int, int]
    half: tuple[Factor, ...]
    weights: tuple[Factor, ...]

    def image(self, at: Labels) -> Labels:
        """Labels after the exchange."""
        return tuple(self.exchanged.get(label, label) for label in at)


def mirror(factors: Sequence[Factor], target: Labels) -> Mirror | None:
    """How a product is a half times its mirror image, if it is.

    Each factor of the half occurs exactly twice; the others have none of the exchanged labels.
    """
    counts = Counter(factor for factor, _ in factors)
    twice = [factor for factor, count in counts.items() if count == 2]
    if not twice or any(isinstance(factor, Iverson) for factor, _ in factors):
        return None
    exchanged: dict[int, int] = {}
    half: list[Factor] = []
    weights = [(factor, at) for factor, at in factors if counts[factor] != 2]
    waiting = list(twice)
    while waiting:
        factor = _next(waiting, exchanged, factors)
        waiting.remove(factor)
        first, second = (at for each, at in factors if each is factor)
        ours = {label for _, at in half for label in at if exchanged[label] != label}
        if set(second) & ours:
            first, second = second, first
        ways = (second, second[::-1]) if is_symmetric(factor) else (second,)
        tried = [_exchange(first, way, exchanged) for way in ways]
        possible = [each for each in tried if each is not None]
        if not possible:
            return None
        exchanged = possible[0]
        half.append((factor, first))
    swapped = {label for label, other in exchanged.items() if label != other}
    fixed = all(exchanged[exchanged[label]] == label for label in exchanged)
    if not swapped or not fixed or any(set(at) & swapped for _, at in weights):
        return None
    inside = {label for _, at in half for label in at}
    if any(exchanged[label] in inside for label in inside & swapped):
        return None
    mirrored = all((label in target) == (exchanged[label] in target) for label in swapped)
    return Mirror(exchanged, tuple(half), tuple(weights)) if mirrored else None


def _next(
    waiting: Sequence[Expression], exchanged: dict[int, int], factors: Sequence[Factor]
) -> Expression:
    """A factor that shares an exchanged label with those before it, if there is one."""
    swapped = {label for label, other in exchanged.items() if label != other}
    for factor in waiting:
        if any(each is factor and set(at) & swapped for each, at in factors):
            return factor
    return waiting[0]


def _exchange(first: Labels, second: Labels, exchanged: dict[int, int]) -> dict[int, int] | None:
    """The exchange that also turns one tuple of labels into the other; None if it contradicts itself."""
    found = dict(exchanged)
    for one, other in zip(first, second, strict=True):
        if found.setdefault(one, other) != other or found.setdefault(other, one) != one:
            return None
    return found


def square_root(weight: Expression) -> Expression:
    """The square root, entry by entry; zeros and ones are their own."""
    x = kernel_symbol(0)
    if isinstance(weight, Elementwise) and _is_zero_or_one(weight.kernel.expr):
        return weight
    return Elementwise(sympy.Lambda((x,), sympy.sqrt(x)), [weight])


def _is_zero_or_one(kernel: sympy.Expr) -> bool:
    if isinstance(kernel, sympy.Piecewise):
        return all(value in (0, 1) for value, _ in kernel.args)
    return isinstance(kernel, step)


def work(product: Expression, factors: Container[Expression]) -> float:
    """Multiplications at assumed sizes; a matrix times its own transpose costs half.

    So does a stack of them: NumPy's `@` calls the symmetric update for each (measured: half the time).
    A product entry by entry is bound by memory: each of its multiplications costs `ENTRYWISE`.
    """
    total = 0.0
    for node in postorder(product, factors):
        if isinstance(node, Contraction) and len(node.operands) == 2:
            twice = node.operands[0] is node.operands[1] and node.labels[0] != node.labels[1]
            price = (0.5 if twice else 1) if node.summed else ENTRYWISE
            total += price * prod(map(assumed_size, node.sizes))
    return total
