"""Inner products with centred data, the other factor centred too where it is computed centred anyway.

    sum(u*(x - mean(x))) = sum((u - mean(u))*(x - mean(x)))

The mean is rounded, so that the deviations add up to a rounding error and not to 0; times what u has in
common that is a large part of a small sum. It vanishes where u is centred. The backward pass of a
normalisation computes u - mean(u), so that nothing is added to the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import sympy

from symbolic.code.cancellation import meaning
from symbolic.code.flat_products import FlatProducts
from symbolic.nodes import Contraction, Expression, Sum
from symbolic.traverse import postorder, with_children

MOST_TERMS = 6  # of a sum whose pairs are looked at
LARGEST_RANK = 3


@dataclass(frozen=True)
class _Centred:
    """Two terms of a sum that are `scale` times (u - mean(u)) over some of the axes."""

    total: Sum
    places: tuple[int, int]
    scale: sympy.Expr
    axes: tuple[int, ...]

    @property
    def pair(self) -> Sum:
        """The two terms as a sum of their own."""
        return Sum([self.total.terms[place] for place in self.places])


def centre_both(
    stable: Mapping[Expression, Expression], roots: Sequence[Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with such inner products below the roots.

    >>> from symbolic.operations import mean
    >>> from symbolic.variables import vector
    >>> u, x = vector("u", "n"), vector("x", "n")
    >>> roots = [u @ (x - mean(x)), u - mean(u)]
    >>> centre_both({each: each for each in roots}, roots)[roots[0]]
    (u + -mean(u)) @ (x + -mean(x))
    """
    order = postorder(dict.fromkeys(stable[root] for root in roots))
    products = FlatProducts()
    found = {}
    for node in order:
        if isinstance(node, Sum) and 0 < node.rank <= LARGEST_RANK:
            for centred in _centred(node, products):
                found.setdefault(products.of(node.terms[centred.places[0]])[0], centred)
    if len(found) < 2:
        return dict(stable)
    whole = {each.total: each.axes for each in found.values() if len(each.total.terms) == 2}
    targets: dict[Expression, Expression] = {}
    used: set[_Centred] = set()
    for node in order:
        both = _both(node, whole, found, products) if isinstance(node, Contraction) else None
        if both is not None:
            targets[node] = both[0]
            used.add(both[1])
    for each in used:
        rest = [term for k, term in enumerate(each.total.terms) if k not in each.places]
        if rest:
            targets[each.total] = Sum([*rest, each.pair])
    return _with_targets(stable, targets)


def _centred(total: Sum, products: FlatProducts) -> Iterator[_Centred]:
    """The pairs of terms that are u and minus its mean."""
    if len(total.terms) > MOST_TERMS:
        return
    axes = tuple(range(total.rank))
    read = [products.of(term) for term in total.terms]
    for other, (mean, minus) in enumerate(read):
        if not isinstance(mean, Contraction) or len(set(mean.output)) < len(mean.output):
            continue
        held = {label for at in mean.labels for label in at}
        along = tuple(axis for axis, label in enumerate(mean.output) if label not in held)
        if not along:
            continue
        kept = tuple(axis for axis in axes if axis not in along)
        sizes = dict(enumerate(total.shape))
        number = sympy.Mul(*(sizes[axis] for axis in along))
        for place, (u, scale) in enumerate(read):
            if place == other or scale == 0:
                continue
            summed = Contraction([u], [axes], kept)
            core, times = products.of(Contraction([summed], [kept], axes, sizes))
            if core is mean and sympy.expand(minus * number + scale * times) == 0:
                yield _Centred(total, (place, other), scale, along)


def _both(
    node: Contraction,
    whole: Mapping[Expression, tuple[int, ...]],
    found: Mapping[Expression, _Centred],
    products: FlatProducts,
) -> tuple[Expression, _Centred] | None:
    """An inner product with a centred factor, with what stands beside it centred."""
    if not any(each in whole for each in _near(node)):
        return None
    core, coefficient = products.of(node)
    if not isinstance(core, Contraction):
        return None
    sizes = dict(enumerate(core.sizes))
    for place, (factor, at) in enumerate(zip(core.operands, core.labels, strict=True)):
        axes = whole.get(meaning(factor))
        if axes is None or len(set(at)) < len(at):
            continue
        along = {at[axis] for axis in axes}
        if along & set(core.output):
            continue
        moving, fixed = [], []
        for k, each in enumerate(zip(core.operands, core.labels, strict=True)):
            if k != place:
                (moving if along & set(each[1]) else fixed).append(each)
        labels = tuple(dict.fromkeys(label for _, there in moving for label in there))
        if not moving or len(labels) > LARGEST_RANK:
            continue
        operands, places = zip(*moving, strict=True)
        for order in permutations(labels):
            u, times = products.of(Contraction(operands, places, order, sizes))
            centred = found.get(u)
            if centred is None or {order[axis] for axis in centred.axes} != along:
                continue
            beside = [(centred.pair, order), (factor, at), *fixed]
            built = Contraction(
                [each for each, _ in beside],
                [there for _, there in beside],
                core.output,
                sizes,
                coefficient * times / centred.scale,
            )
            return built, centred
    return None


def _near(node: Contraction) -> Iterator[Expression]:
    """The factors of a product and of the products inside it."""
    waiting: list[Expression] = list(node.operands)
    while waiting:
        inner = meaning(waiting.pop())
        yield inner
        if isinstance(inner, Contraction):
            waiting.extend(inner.operands)


def _with_targets(
    stable: Mapping[Expression, Expression], targets: Mapping[Expression, Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with nodes replaced; what replaces one is rebuilt as well."""
    if not targets:
        return dict(stable)
    new: dict[Expression, Expression] = {}
    waiting: list[Expression] = list(dict.fromkeys(stable.values()))[::-1]
    while waiting:
        node = waiting[-1]
        target = targets.get(node, node)
        missing = [child for child in target.children if child not in new]
        if node in new or not missing:
            waiting.pop()
            new[node] = with_children(target, tuple(new[child] for child in target.children))
        else:
            waiting.extend(missing)
    return {node: new[each] for node, each in stable.items()}
