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
from symbolic.sizes import Size
from symbolic.traverse import postorder, with_children

MOST_TERMS = 6  # of a sum whose pairs are looked at
LARGEST_RANK = 3
DEEPEST = 8  # products in products that are read

Axes = tuple[int, ...]
_Factor = tuple[Expression, Axes]


@dataclass(frozen=True)
class _Centred:
    """Two terms of a sum that are `scale*w*(u - mean(u))`, w the same along the axes of the mean.

    `axes` are those of u over which the mean goes, `difference` is u - mean(u) up to `multiple`, and
    `pair` what the two terms are together.
    """

    total: Sum
    places: tuple[int, int]
    u: Expression
    axes: tuple[int, ...]
    difference: Expression
    multiple: sympy.Expr
    pair: Expression


def centre_both(
    stable: Mapping[Expression, Expression], roots: Sequence[Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with such inner products below the roots.

    >>> from symbolic.operations import mean
    >>> from symbolic.variables import vector
    >>> u, x = vector("u", "n"), vector("x", "n")
    >>> roots = [u @ (x - mean(x)), u - mean(u)]
    >>> centre_both({each: each for each in roots}, roots)[roots[0]]
    (u - mean(u)) @ (x - mean(x))
    """
    order = postorder(dict.fromkeys(stable[root] for root in roots))
    products = FlatProducts()
    found: dict[Expression, _Centred] = {}
    whole: dict[Expression, Axes] = {}
    for node in order:
        if isinstance(node, Sum) and 0 < node.rank <= LARGEST_RANK:
            for centred in _centred(node, products):
                if centred.pair is node:
                    whole[node] = centred.axes
                    found[centred.u] = centred
                found.setdefault(centred.u, centred)
    if len(found) < 2 or not whole:
        return dict(stable)
    targets: dict[Expression, Expression] = {}
    used: set[_Centred] = set()
    for node in order:
        both = _both(node, whole, found, products) if isinstance(node, Contraction) else None
        if both is not None:
            targets[node] = both[0]
            used.add(both[1])
    for each in used:
        rest = [term for k, term in enumerate(each.total.terms) if k not in each.places]
        targets[each.total] = Sum([*rest, each.pair]) if rest else each.pair
    return with_targets(stable, targets)


def _centred(total: Sum, products: FlatProducts) -> Iterator[_Centred]:
    """The pairs of terms that are a product and minus its mean."""
    if len(total.terms) > MOST_TERMS:
        return
    axes = tuple(range(total.rank))
    sizes = dict(enumerate(total.shape))
    read = [products.of(term) for term in total.terms]
    for other, (mean, minus) in enumerate(read):
        if not isinstance(mean, Contraction) or len(set(mean.output)) < len(mean.output):
            continue
        held = {label for at in mean.labels for label in at}
        along = tuple(axis for axis, label in enumerate(mean.output) if label not in held)
        number = sympy.Mul(*(sizes[axis] for axis in along))
        for place, (whole, scale) in enumerate(read):
            if place == other or scale == 0 or not along:
                continue
            found, times = products.of(_repeated_sum(whole, axes, along, sizes))
            if found is mean and sympy.expand(minus * number + scale * times) == 0:
                yield _split(total, (place, other), (whole, scale), along)


def _split(
    total: Sum, places: tuple[int, int], whole: tuple[Expression, sympy.Expr], along: Axes
) -> _Centred:
    """The two terms with what is the same along the axes of the mean in front."""
    core, scale = whole
    axes = tuple(range(total.rank))
    factors: list[_Factor] = [(core, axes)]
    if isinstance(core, Contraction) and not core.summed:
        axis_of = {label: axis for axis, label in enumerate(core.output)}
        if len(axis_of) == total.rank:
            factors = [
                (each, tuple(axis_of[label] for label in at))
                for each, at in zip(core.operands, core.labels, strict=True)
            ]
    moving = [each for each in factors if set(each[1]) & set(along)]
    fixed = [each for each in factors if not set(each[1]) & set(along)]
    if not moving or not fixed:
        both = total if len(total.terms) == 2 else Sum([total.terms[place] for place in places])
        return _Centred(total, places, core, along, both, scale, both)
    sizes = dict(enumerate(total.shape))
    labels = tuple(axis for axis in axes if any(axis in at for _, at in moving))
    u = _product(moving, labels, sizes)
    number = sympy.Mul(*(sizes[axis] for axis in along))
    mean = _repeated_sum(u, labels, along, sizes, -1 / number)
    difference = Sum([u, mean])
    pair = _product([*fixed, (difference, labels)], axes, sizes, scale)
    inside = tuple(labels.index(axis) for axis in along)
    return _Centred(total, places, u, inside, difference, sympy.S.One, pair)


def _product(
    factors: Sequence[_Factor],
    output: Axes,
    sizes: Mapping[int, Size],
    coefficient: sympy.Expr = sympy.S.One,
) -> Expression:
    operands, labels = zip(*factors, strict=True)
    if coefficient == 1 and labels == (output,):
        return operands[0]
    return Contraction(operands, labels, output, dict(sizes), coefficient)


def _repeated_sum(
    node: Expression,
    labels: Axes,
    along: Axes,
    sizes: Mapping[int, Size],
    coefficient: sympy.Expr = sympy.S.One,
) -> Expression:
    """The sum of an array along axes, repeated there."""
    kept = tuple(label for label in labels if label not in along)
    total = Contraction([node], [labels], kept, coefficient=coefficient)
    return Contraction([total], [kept], labels, dict(sizes))


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
        moving: list[_Factor] = []
        fixed: list[_Factor] = []
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
            beside = [(centred.difference, order), (factor, at), *fixed]
            scale = coefficient * times / centred.multiple
            return _product(beside, core.output, sizes, scale), centred
    return None


def _near(node: Contraction) -> Iterator[Expression]:
    """The factors of a product and of the products inside it."""
    waiting = [(operand, 0) for operand in node.operands]
    while waiting:
        operand, depth = waiting.pop()
        inner = meaning(operand)
        yield inner
        if isinstance(inner, Contraction) and depth < DEEPEST:
            waiting.extend((each, depth + 1) for each in inner.operands)


def with_targets(
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
