"""Every combination of the values of discrete variables, where there are not too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy

from symbolic.nodes import Variable

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_VALUES = {"binary": (0, 1), "pm1": (-1, 1), "counts": (0, 1, 2, 3), "index": (0, 1, 2)}
_MOST = 600  # combinations


def all_discrete(point: Point, sizes: Sizes) -> Iterator[tuple[Point, Sizes]]:
    """A point with its discrete variables at every combination of their (smallest) values.

    >>> from symbolic import scalar
    >>> b = scalar("b", domain="binary")
    >>> [str(found[b]) for found, _ in all_discrete({b: Fraction(0)}, {})]
    ['0', '1']
    """
    choices = {v: _choices(v, np.shape(x)) for v, x in point.items() if _is_discrete(v)}
    if not choices or prod(len(each) for each in choices.values()) > _MOST:
        return
    for chosen in product(*choices.values()):
        yield {**point, **dict(zip(choices, chosen, strict=True))}, sizes


def _is_discrete(variable: Variable) -> bool:
    return variable.domain in _VALUES or variable.domain == "onehot"


def _choices(variable: Variable, shape: tuple[int, ...]) -> list[Any]:
    """Every array of a discrete variable; too many of them are not listed but told by their number."""
    if variable.domain == "onehot":
        rows, classes = prod(shape[:-1]), shape[-1]
        if classes**rows > _MOST:
            return [None] * (_MOST + 1)
        eye = np.array([[Fraction(int(i == j)) for j in range(classes)] for i in range(classes)])
        return [eye[list(each)].reshape(shape) for each in product(range(classes), repeat=rows)]
    values = _VALUES[variable.domain]
    count = prod(shape)
    if len(values) ** count > _MOST:
        return [None] * (_MOST + 1)
    return [_array(each, shape) for each in product(values, repeat=count)]


def _array(values: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = [Fraction(value) for value in values]
    return array.reshape(shape)
