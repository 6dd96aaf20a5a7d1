"""Axes that are several in one, taken apart: entry (i, k) of `kron(A, B)` at `i*p + k` is an entry (i, k).

A product has such an axis where a bracket `[I == i*p + k]` writes its place as a number whose digits
are other indices. Without the bracket, and with the digits in the place of I, the product shows what
it is made of. A sum is taken apart where all its terms can be, alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import sympy

from symbolic.code.product_order import Labels
from symbolic.indexing import reshape
from symbolic.nodes import Expression, Iverson
from symbolic.sizes import Size

Factor = tuple[Expression, Labels]


@dataclass(frozen=True)
class Part:
    """A product that is a term of a result: each of the `axes` of the result is one label or several.

    `scalars` are its factors without axes.
    """

    coefficient: sympy.Expr
    axes: tuple[Labels, ...]
    sizes: dict[int, Size]
    factors: tuple[Factor, ...]
    scalars: tuple[Expression, ...]

    @property
    def output(self) -> Labels:
        """The labels of the result, one behind the other."""
        return tuple(chain.from_iterable(self.axes))

    @property
    def lengths(self) -> list[tuple[Size, ...]]:
        """The sizes that each axis of the result has."""
        return [tuple(self.sizes[label] for label in axis) for axis in self.axes]


def split_axes(parts: Sequence[Part]) -> list[Part] | None:
    """The terms with their axes taken apart alike; None where brackets remain."""
    without = [_without_brackets(part) for part in parts]
    found = [part for part in without if part is not None]
    if len(found) < len(parts):
        return None
    lengths = [max(each, key=len) for each in zip(*(part.lengths for part in found), strict=True)]
    split = [_split(part, lengths) for part in found]
    if any(part is None or part.lengths != lengths for part in split):
        return None
    return [part for part in split if part is not None]


def _without_brackets(part: Part) -> Part | None:
    """A term with labels for the digits in the place of each label that a bracket takes apart."""
    digits: dict[int, Labels] = {}
    for factor, at in part.factors:
        if isinstance(factor, Iverson):
            places = [each for each in at if each in part.output and each not in digits]
            read = {each: _digits(factor, at, each) for each in places}
            label = next((each for each, found in read.items() if found is not None), None)
            if label is None:
                return None
            digits[label] = read[label] or ()
    if not digits:
        return part
    factors = tuple(each for each in part.factors if not isinstance(each[0], Iverson))
    used = {label for _, at in factors for label in at}.union(*digits.values())
    if used & digits.keys():  # also the place of an entry, or a digit of another place
        return None
    axes = tuple(
        tuple(chain.from_iterable(digits.get(x, (x,)) for x in axis)) for axis in part.axes
    )
    return replace(part, axes=axes, factors=factors)


def _digits(bracket: Iverson, at: Labels, label: int) -> Labels | None:
    """The labels of the digits of a place, the slowest first: j, i for [I == i + n*j].

    Each place must have digits, and only one of each.
    """
    if bracket.relation != "==" or bracket.offset != 0 or len(set(at)) < len(at):
        return None
    whole = at.index(label)
    sign = bracket.coefficients[whole]
    if abs(sign) != 1:
        return None
    rest = {
        each: (-sign * step, sympy.sympify(size))
        for each, step, size in zip(at, bracket.coefficients, bracket.shape, strict=True)
        if each != label
    }
    reached, order = sympy.Integer(1), []
    while rest:
        steps = [each for each, (step, _) in rest.items() if sympy.expand(step - reached) == 0]
        if not steps:
            return None
        chosen = min(steps, key=lambda each: rest[each][1] != 1)  # a digit that is always 0 first
        reached = reached * rest.pop(chosen)[1]
        order.append(chosen)
    return tuple(order[::-1]) if sympy.expand(reached - bracket.shape[whole]) == 0 else None


def _split(part: Part, lengths: Sequence[tuple[Size, ...]]) -> Part | None:
    """A term whose axes have these sizes, where one that is whole is written as several."""
    fresh = max(part.sizes, default=0) + 1
    sizes, digits = dict(part.sizes), dict[int, Labels]()
    for axis, wanted in zip(part.axes, lengths, strict=True):
        if len(axis) == 1 and len(wanted) > 1 and axis[0] not in digits:
            digits[axis[0]] = tuple(range(fresh, fresh + len(wanted)))
            sizes.update(zip(digits[axis[0]], wanted, strict=True))
            fresh += len(wanted)
    if not digits:
        return part
    axes = tuple(
        tuple(chain.from_iterable(digits.get(label, (label,)) for label in axis))
        for axis in part.axes
    )
    factors = []
    for factor, at in part.factors:
        labels = tuple(chain.from_iterable(digits.get(label, (label,)) for label in at))
        wide = factor if labels == at else reshape(factor, *(sizes[label] for label in labels))
        factors.append((wide, labels))
    return replace(part, axes=axes, sizes=sizes, factors=tuple(factors))
