"""Sums of exponentials with their largest exponent taken out: sum(w*exp(z)) = exp(m)*sum(w*exp(z - m)).

An exponent is a sum of terms, each a number times an array whose axes carry labels. A `Peak` is the largest
exponent m of a sum. Where a product has exp(z) above a line and the sum below it, exp(z - m) is at most 1.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.cancellation import scaled
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.sizes import Size

_x, _y, _z = kernel_symbol(0), kernel_symbol(1), kernel_symbol(2)
_EXP = sympy.Lambda((_x,), sympy.exp(_x))
_WHERE_NOT_ZERO = sympy.Lambda((_x, _y, _z), sympy.Piecewise((_x, sympy.Ne(_y, 0)), (_z, True)))
WINDOW = 40  # exponents of running sums are left alone between -40 and 40
_EXCESS = sympy.Lambda((_x,), _x - sympy.Max(sympy.Min(_x, WINDOW), -WINDOW))

Labels = tuple[Hashable, ...]
Factor = tuple[Expression, Labels]
Exponent = dict[Factor, sympy.Expr]  # the sum of numbers times arrays with labels


@dataclass(frozen=True)
class Summand:
    """One kind of exponential in a sum: its exponent, as terms and as one array, and its weights.

    `array` is the exponent with its labels where no weight is 0; elsewhere it is smaller.
    """

    exponent: tuple[tuple[Factor, sympy.Expr], ...]
    array: Factor | None  # none for exp(0)
    weights: tuple[Factor, ...] = ()


@dataclass(frozen=True)
class Peak:
    """The largest exponent of a sum: `node` has the axes of the labels 0, 1, ... of the summands."""

    node: Expression
    summands: tuple[Summand, ...]


def of_sum(
    exponent: Exponent, summed: Sequence[Hashable], weights: Sequence[Factor], *, running: bool
) -> tuple[Peak, dict[Hashable, Hashable]]:
    """The peak of exp(exponent) times the weights over labels, and where its labels are.

    The weights are those that may be 0; with `running` there are brackets beside them.
    """
    labels = _labels_of(exponent)
    array: Factor = (written(exponent, labels, sizes_of(exponent)), labels)
    least: Factor = _over("min", array, summed)
    for weight in weights:
        known = sizes_of({array: sympy.S.One, weight: sympy.S.One})
        first, second = (weight, array) if set(weight[1]) >= set(array[1]) else (array, weight)
        wider = tuple(dict.fromkeys((*first[1], *second[1])))
        parts = [broadcast(each, wider, known) for each in (array, weight, least)]
        array = (Elementwise(_WHERE_NOT_ZERO, parts), wider)
    node, kept = _over("max", array, summed)
    if running:
        node = Elementwise(_EXCESS, [node])
    local: dict[Hashable, Hashable] = {label: place for place, label in enumerate(kept)}
    for label in array[1]:
        local.setdefault(label, ("summed", len(local)))
    turned = tuple(((z, _mapped(at, local)), c) for (z, at), c in exponent.items())
    seen = tuple((w, _mapped(at, local)) for w, at in weights)
    summand = Summand(turned, (array[0], _mapped(array[1], local)), seen)
    return Peak(node, (summand,)), {there: here for here, there in local.items()}


def of_terms(exponents: Sequence[Exponent], shape: Sequence[Size]) -> Peak:
    """The peak of a sum of terms of one shape, of which the labels are the axes."""
    axes = tuple(range(len(shape)))
    sizes: dict[Hashable, Size] = dict(enumerate(shape))
    arrays = [written(each, axes, sizes) if each else None for each in exponents]
    found = sorted({each for each in arrays if each is not None}, key=lambda each: each.key)
    symbols = [kernel_symbol(place) for place in range(len(found))]
    zero = [sympy.S.Zero] if None in arrays else []
    node: Expression = found[0]
    if len(found) + len(zero) > 1:
        node = Elementwise(sympy.Lambda(tuple(symbols), sympy.Max(*symbols, *zero)), found)
    summands = [
        Summand(tuple(each.items()), None if array is None else (array, axes))
        for each, array in zip(exponents, arrays, strict=True)
    ]
    return Peak(node, tuple(dict.fromkeys(summands)))


def bounded_exponentials(
    exponent: Exponent, peaks: Mapping[Expression, Peak], weights: Sequence[Factor]
) -> tuple[list[Factor], Exponent, list[Factor]]:
    """Exponentials of differences from a peak, as many as there are in an exponent, and what is left.

    The last are the weights of the exponentials.
    """
    left = dict(exponent)
    found, met = [], []
    while (pair := _pair(left, peaks)) is not None:
        peak, at, summand, place = pair
        found.append(below_peak(peak, at, summand, place, weights))
        met += [(w, _mapped(labels, place)) for w, labels in summand.weights]
        for (z, labels), number in summand.exponent:
            _add(left, (z, _mapped(labels, place)), -number)
        _add(left, (peak.node, at), sympy.S.One)
    return found, left, met


def by_weights(
    exponent: Exponent,
    peaks: Mapping[Expression, Peak],
    factors: Sequence[Factor],
    summed: Container[Hashable],
    used: Container[Factor],
) -> tuple[list[Factor], Exponent]:
    """Exponentials below a peak that a sum over it needs, and what is left of the exponent.

    The weights of a peak, which are among the factors, say which of its exponentials a sum over other
    labels meets: `sum_i R_ij/exp(m_i)` is `exp(-z_j)*sum_i R_ij*exp(z_j - m_i)`, and elsewhere R is 0.
    Those that are `used` have met theirs.
    """
    left = dict(exponent)
    found = []
    for weight, labels in factors:
        if (weight, labels) in used:
            continue
        for (z, at), number in list(left.items()):
            if z not in peaks or number > -1 or not any(label in summed for label in at):
                continue
            (summand, *others) = peaks[z].summands
            if others or len(summand.weights) != 1 or summand.weights[0][0] is not weight:
                continue
            place: dict[Hashable, Hashable] = dict(enumerate(at))
            local = summand.weights[0][1]
            agree = all(place.setdefault(a, b) == b for a, b in zip(local, labels, strict=True))
            terms = [((y, there), c) for (y, there), c in summand.exponent if agree]
            inside = [x for (_, there), _ in terms for x in there]
            if not terms or any(x not in place or place[x] in summed for x in inside):
                continue
            found.append(below_peak(peaks[z], at, summand, place, factors))
            for (y, there), c in terms:
                _add(left, (y, _mapped(there, place)), -c)
            _add(left, (z, at), sympy.S.One)
            break
    return found, left


def in_pairs(exponent: Exponent, peaks: Mapping[Expression, Peak]) -> list[Factor]:
    """The exponential of an exponent as factors, in each an exponent less a peak while there are both.

    Of an outer product the factors are vectors.
    """
    left = dict(exponent)
    found: list[Factor] = []
    while left:
        lower = [each for each, c in left.items() if each[0] in peaks and c <= -1]
        upper = [each for each, c in left.items() if each not in lower]
        if len(lower) * len(upper) == 0 or len(left) < 3:
            part = dict(left)
        else:
            part = {upper[0]: left[upper[0]], lower[0]: sympy.S.NegativeOne}
        for each, number in part.items():
            _add(left, each, -number)
        labels = _labels_of(part)
        found.append((exponential(part, labels), labels))
    return found


def below_peak(
    peak: Peak,
    at: Labels,
    summand: Summand,
    place: Mapping[Hashable, Hashable],
    weights: Sequence[Factor],
) -> Factor:
    """exp(z - m) for a summand whose labels are placed; where its weights are factors, 0 is 0 there."""
    whole = summand.array
    if not all((w, _mapped(labels, place)) in weights for w, labels in summand.weights):
        labels = _labels_of(dict(summand.exponent))
        whole = (written(dict(summand.exponent), labels, sizes_of(dict(summand.exponent))), labels)
    axes: Labels = tuple(range(peak.node.rank))
    if whole is None:
        return exponential({(peak.node, axes): sympy.S.NegativeOne}, axes), at
    sizes = sizes_of({whole: sympy.S.One})
    sizes.update(enumerate(peak.node.shape))
    labels = (*whole[1], *(label for label in axes if label not in whole[1]))
    lower = broadcast((scaled(sympy.S.NegativeOne, peak.node), axes), labels, sizes)
    difference = Sum([broadcast(whole, labels, sizes), lower])
    everywhere = dict(place)
    everywhere.update(enumerate(at))
    return Elementwise(_EXP, [difference]), _mapped(labels, everywhere)


def exponential(exponent: Exponent, labels: Labels) -> Expression:
    """Exp of an exponent as an array with these labels."""
    return Elementwise(_EXP, [written(exponent, labels, sizes_of(exponent))])


def written(exponent: Exponent, labels: Labels, sizes: Mapping[Hashable, Size]) -> Expression:
    """An exponent as one array."""
    parts = [broadcast((scaled(c, z), at), labels, sizes) for (z, at), c in exponent.items()]
    return parts[0] if len(parts) == 1 else Sum(parts)


def broadcast(factor: Factor, labels: Labels, sizes: Mapping[Hashable, Size]) -> Expression:
    """An array as one with these labels."""
    node, at = factor
    return node if at == labels else Contraction([node], [at], labels, dict(sizes))


def sizes_of(exponent: Exponent) -> dict[Hashable, Size]:
    """The sizes of the labels of an exponent."""
    return {label: size for z, at in exponent for label, size in zip(at, z.shape, strict=True)}


def placed(exponent: Exponent, place: Mapping[Hashable, Hashable]) -> Exponent:
    """An exponent with other labels."""
    found: Exponent = {}
    for (z, labels), number in exponent.items():
        _add(found, (z, _mapped(labels, place)), number)
    return found


def added(exponents: Iterable[Exponent]) -> Exponent:
    """The sum of exponents."""
    found: Exponent = {}
    for each in exponents:
        for factor, number in each.items():
            _add(found, factor, number)
    return found


def _add(exponent: Exponent, factor: Factor, number: sympy.Expr) -> None:
    total = exponent.get(factor, sympy.S.Zero) + number
    if total == 0:
        exponent.pop(factor, None)
    else:
        exponent[factor] = total


def _labels_of(exponent: Exponent) -> Labels:
    return tuple(dict.fromkeys(label for _, at in exponent for label in at))


def _mapped(labels: Labels, place: Mapping[Hashable, Hashable]) -> Labels:
    return tuple(place[label] for label in labels)


def _over(function: str, array: Factor, summed: Sequence[Hashable]) -> Factor:
    """The largest or smallest entry along labels, one axis after the other."""
    node, labels = array
    if set(labels) <= set(summed):
        return Apply(function, node), ()
    for label in [label for label in labels if label in summed]:
        axis = labels.index(label)
        node, labels = Apply(function, node, axis), labels[:axis] + labels[axis + 1 :]
    return node, labels


Pair = tuple[Peak, Labels, Summand, dict[Hashable, Hashable]]


def _pair(exponent: Exponent, peaks: Mapping[Expression, Peak]) -> Pair | None:
    """A peak below the line with a summand of it above the line, and where its labels are."""
    for (z, at), number in exponent.items():
        if z not in peaks or number > -1:
            continue
        peak = peaks[z]
        for summand in peak.summands:
            if not summand.exponent:
                continue
            place = _match(summand.exponent, exponent, dict(enumerate(at)))
            if place is not None:
                return peak, at, summand, place
    return None


def _match(
    wanted: Sequence[tuple[Factor, sympy.Expr]],
    exponent: Exponent,
    place: dict[Hashable, Hashable],
) -> dict[Hashable, Hashable] | None:
    """The labels of a summand as those of an exponent that holds it."""
    if not wanted:
        return place
    ((z, labels), number), *others = wanted
    for (found, at), there in exponent.items():
        if found is not z or there / number < 1:
            continue
        further = dict(place)
        if all(further.setdefault(a, b) == b for a, b in zip(labels, at, strict=True)):
            whole = _match(others, exponent, further)
            if whole is not None:
                return whole
    return None
