"""Rational points of domains: exactly inside, generic, and the same for the same seed.

Each domain has a rational parametrisation: orthogonal matrices by Cayley's (I - K)(I + K)^-1 with K
skew, unit vectors by stereographic projection, positive definite ones as A A^T + I, probabilities
as positive numbers over their sum. Points are interior where the domain has an interior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import cycle, islice
from math import prod
from typing import Any

import numpy as np
import sympy

from numeric.binding import shape_of
from numeric.brackets import check_inside
from numeric.errors import Undecided
from numeric.linear import determinant, inverse
from symbolic.errors import ShapeError
from symbolic.nodes import Contraction, Elementwise, Expression, Iverson, Variable
from symbolic.traverse import postorder

Array = Any
Generator = np.random.Generator
Point = dict[Variable, Array]

_MOST_ENTRIES = 10**6
_SCALES = (Fraction(1), Fraction(1), Fraction(1), Fraction(1, 40), Fraction(12))


class _Source:
    """Rational numbers that never repeat."""

    def __init__(self, rng: Generator) -> None:
        self.rng = rng
        self.seen: set[Fraction] = set()

    def integer(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def fraction(self, low: Fraction, high: Fraction) -> Fraction:
        """A fraction strictly between two numbers, with a small denominator."""
        bottom = max(7, len(self.seen) // 8)  # room enough that a new one is soon found
        while True:
            q = self.integer(2, bottom)
            least, most = low * q // 1 + 1, -(-high * q // 1) - 1
            if least <= most:
                found = Fraction(self.integer(int(least), int(most)), q)
                if found not in self.seen and abs(found) not in self.seen:
                    self.seen.add(abs(found))
                    return found
            bottom += 1

    def positive(self, shape: tuple[int, ...]) -> Array:
        scale = _SCALES[self.integer(0, len(_SCALES) - 1)]
        return _fill(shape, lambda: scale * self.fraction(Fraction(0), Fraction(3)))

    def real(self, shape: tuple[int, ...]) -> Array:
        return self.positive(shape) * _fill(shape, lambda: Fraction(2 * self.integer(0, 1) - 1))

    def signs(self, count: int) -> Array:
        """Numbers 1 and -1, each sign independent of the others."""
        return _fill((count,), lambda: Fraction(2 * self.integer(0, 1) - 1))

    def two_valued(self, shape: tuple[int, ...], low: int, high: int) -> Array:
        """Two values, each of them present where there are two entries."""
        result = _fill(shape, lambda: Fraction(self.rng.choice([low, high]).item()))
        if result.size > 1 and len(set(result.flat)) == 1:
            result.flat[self.integer(0, result.size - 1)] = Fraction(low + high - result.flat[0])
        return result


def _fill(shape: tuple[int, ...], draw: Callable[[], Fraction]) -> Array:
    if prod(shape) > _MOST_ENTRIES:
        raise Undecided(f"an array of shape {shape}", "too large to be drawn", "use smaller sizes")
    result = np.empty(prod(shape), dtype=object)
    result[:] = [draw() for _ in range(result.size)]
    return result.reshape(shape)


def _eye(n: int) -> Array:
    return _fill((n, n), lambda: Fraction(0)) + np.diag(_fill((n,), lambda: Fraction(1)))


def _moderate(source: _Source, shape: tuple[int, ...]) -> Array:
    return _fill(shape, lambda: source.fraction(Fraction(-2), Fraction(2)))


def _symmetric(source: _Source, shape: tuple[int, ...]) -> Array:
    full = source.real(shape)
    return np.triu(full) + np.triu(full, 1).T


def _spd(source: _Source, shape: tuple[int, ...]) -> Array:
    root = _moderate(source, shape)
    return root @ root.T + _eye(shape[0])


def _psd(source: _Source, shape: tuple[int, ...]) -> Array:
    """Of a rank one short of full, of full rank, or of any."""
    size = shape[0]
    rank = (size - 1, size, source.integer(1, size))[source.integer(0, 2)]
    root = _moderate(source, (size, max(1, rank)))
    return root @ root.T


def _invertible(source: _Source, shape: tuple[int, ...]) -> Array:
    while True:
        found = source.real(shape)
        if determinant(found) != 0:
            return found


def _orthogonal(source: _Source, shape: tuple[int, ...]) -> Array:
    rows, columns = shape[-2:]
    if rows < columns:
        raise Undecided(
            f"orthonormal columns of a matrix of shape {shape}",
            "there are more columns than rows",
            "choose at least as many rows as columns",
        )
    result = np.empty((prod(shape[:-2]), rows, columns), dtype=object)
    for place in range(len(result)):
        upper = np.triu(_moderate(source, (rows, rows)), 1)
        skew = upper - upper.T
        turn = 2 * inverse(_eye(rows) + skew) - _eye(rows)  # (I - K) (I + K)^-1
        result[place] = (turn * source.signs(rows))[:, :columns]
    return result.reshape(shape)


def _lower(source: _Source, shape: tuple[int, ...]) -> Array:
    return np.tril(source.real(shape)) * Fraction(1)


def _onehot(source: _Source, shape: tuple[int, ...]) -> Array:
    rows = _fill((prod(shape[:-1]), shape[-1]), lambda: Fraction(0))
    for row in rows:
        row[source.integer(0, shape[-1] - 1)] = Fraction(1)
    return rows.reshape(shape)


def _prob(source: _Source, shape: tuple[int, ...], axis: int = -1) -> Array:
    weights = _fill(shape, lambda: source.fraction(Fraction(0), Fraction(4)))
    return weights / weights.sum(axis=axis, keepdims=True)


def _unit_norm(source: _Source, shape: tuple[int, ...]) -> Array:
    u = _moderate(source, (prod(shape) - 1,))
    square = Fraction((u * u).sum()) if u.size else Fraction(0)
    ends = np.array([*(2 * u), square - 1], dtype=object) / (square + 1)
    return (ends * source.integer(0, 1) * 2 - ends).reshape(shape)


_SAMPLERS: dict[str, Callable[[_Source, tuple[int, ...]], Array]] = {
    "real": _Source.real,
    "positive": _Source.positive,
    "nonnegative": _Source.positive,
    "descending": lambda s, shape: -np.sort(-s.positive(shape), axis=-1),
    "unit": lambda s, shape: _fill(shape, lambda: s.fraction(Fraction(0), Fraction(1))),
    "binary": lambda s, shape: s.two_valued(shape, 0, 1),
    "pm1": lambda s, shape: s.two_valued(shape, -1, 1),
    "counts": lambda s, shape: _fill(shape, lambda: Fraction(s.integer(0, 6))),
    "index": lambda s, shape: _fill(shape, lambda: Fraction(s.integer(0, 4))),
    "symmetric": _symmetric,
    "spd": _spd,
    "psd": _psd,
    "invertible": _invertible,
    "orthogonal": _orthogonal,
    "diagonal": lambda s, shape: _eye(shape[0]) * s.real(shape),
    "lower": _lower,
    "onehot": _onehot,
    "prob": _prob,
    "prob columns": lambda s, shape: _prob(s, shape, -2),
    "unit_norm": _unit_norm,
}


def sample(
    variables: Iterable[Variable], sizes: Mapping[sympy.Symbol, int], rng: Generator
) -> Point:
    """A rational point: every variable exactly in its domain, entries distinct where they can be.

    Shapes: `point[v]` is an object array of `Fraction` of the shape of v. Conditions: `sizes` has
    every letter. Numerical error: none.

    >>> from symbolic.variables import dims, vector
    >>> n, = dims("n")
    >>> v = vector("v", n, domain="unit_norm")
    >>> point = sample([v], {n: 3}, np.random.default_rng(0))
    >>> sum(entry**2 for entry in point[v])
    Fraction(1, 1)
    """
    source = _Source(rng)
    return {
        variable: np.asarray(
            _SAMPLERS[variable.domain](source, shape_of(variable.shape, sizes)), dtype=object
        )
        for variable in variables
    }


_SPECIAL = (
    (Fraction(0),),
    (Fraction(1),),
    (Fraction(-1),),
    (Fraction(-1), Fraction(0), Fraction(1)),
    (Fraction(1), Fraction(-1)),
    (Fraction(1, 10**9), Fraction(-1, 10**9)),
    (Fraction(40), Fraction(-39), Fraction(37)),
    (Fraction(-38), Fraction(41)),
)
_INSIDE: dict[str, Callable[[Fraction], bool]] = {
    "real": lambda x: True,
    "positive": lambda x: x > 0,
    "nonnegative": lambda x: x >= 0,
    "unit": lambda x: 0 <= x <= 1,
    "binary": lambda x: x in (0, 1),
    "pm1": lambda x: x in (-1, 1),
    "counts": lambda x: x >= 0 and x.denominator == 1,
    "symmetric": lambda x: True,
}


def special_points(
    variables: Sequence[Variable], sizes: Mapping[sympy.Symbol, int], rng: Generator
) -> list[Point]:
    """Points with zeros, ones, ties, tiny and large numbers, where the domains have them.

    Shapes and conditions are those of `sample`; a variable whose domain has no such values is drawn.

    >>> from symbolic.variables import scalar
    >>> x = scalar("x", domain="positive")
    >>> [str(point[x]) for point in special_points([x], {}, np.random.default_rng(0))]
    ['1', '1', '1', '1/1000000000', '40', '41']
    """
    found: list[Point] = []
    for pattern in _SPECIAL:
        special = {
            variable: _patterned(values, place, variable, sizes)
            for place, variable in enumerate(variables)
            if (values := _inside(variable, pattern))
        }
        generic = sample([each for each in variables if each not in special], sizes, rng)
        borders = {
            variable: _at_border(weights, _SIMPLEX[variable.domain])
            for variable, weights in generic.items()
            if variable.domain in _SIMPLEX and Fraction(0) in pattern
        }
        point = {**generic, **special, **borders}
        if special or any(point[each] is not generic[each] for each in borders):
            found.append({variable: point[variable] for variable in variables})
    return found


def _inside(variable: Variable, pattern: Sequence[Fraction]) -> list[Fraction]:
    """The numbers of a pattern that a domain of single numbers has."""
    inside = _INSIDE.get(variable.domain)
    return [value for value in pattern if inside is not None and inside(value)]


_INTEGERS = {"real": (-2, 2), "nonnegative": (0, 2), "positive": (1, 3)}


def integer_point(
    variables: Iterable[Variable], sizes: Mapping[sympy.Symbol, int], rng: Generator
) -> Point:
    """A point of small integers, in which zeros and ties are frequent; other domains are drawn.

    >>> from symbolic.variables import vector
    >>> x = vector("x", 4)
    >>> [str(entry) for entry in integer_point([x], {}, np.random.default_rng(0))[x]]
    ['1', '1', '0', '0']
    """
    point = sample(variables, sizes, rng)
    for variable, array in point.items():
        if variable.domain in _INTEGERS:
            low, high = _INTEGERS[variable.domain]
            drawn = [Fraction(int(k)) for k in rng.integers(low, high + 1, size=array.size)]
            point[variable] = np.array(drawn, dtype=object).reshape(array.shape)
    return point


_SIMPLEX = {"prob": -1, "prob columns": -2}  # and the axis along which entries sum to one


def _at_border(weights: Array, axis: int) -> Array:
    """Probabilities of which one is 0, where there are several."""
    if weights.shape[axis] < 2:
        return weights
    kept = weights.copy()
    kept[(..., 0) if axis == -1 else (..., 0, slice(None))] = Fraction(0)
    return np.asarray(kept / kept.sum(axis=axis, keepdims=True), dtype=object)


def _patterned(
    values: Sequence[Fraction], start: int, variable: Variable, sizes: Mapping[sympy.Symbol, int]
) -> Array:
    """An array for a variable with some values in turn, symmetric where it has to be."""
    turns = islice(cycle(values), start % len(values), None)
    shaped = _fill(shape_of(variable.shape, sizes), lambda: next(turns))
    if variable.domain == "symmetric":
        shaped = np.triu(shaped) + np.triu(shaped, 1).T
    return shaped


def sample_float(
    variables: Iterable[Variable], sizes: Mapping[sympy.Symbol, int], rng: Generator
) -> dict[Variable, Any]:
    """The same points as float64 arrays, for numeric checks.

    Shapes: those of the variables. Numerical error: each entry is the rational one, rounded once.

    >>> from symbolic.variables import scalar
    >>> p = scalar("p", domain="unit")
    >>> sample_float([p], {}, np.random.default_rng(0))[p].dtype
    dtype('float64')
    """
    point = sample(variables, sizes, rng)
    return {variable: np.asarray(array, dtype=np.float64) for variable, array in point.items()}


def choose_sizes(
    items: Iterable[Expression], rng: Generator, count: int = 3
) -> list[dict[sympy.Symbol, int]]:
    """Several assignments of numbers to the size letters of variables or expressions.

    The first has all letters different (from 2 on), the second the smallest numbers that are
    possible, all 1 where nothing speaks against it; later ones are different again in another
    order. Conditions: assignments that a variable's domain (orthonormal columns need rows), a
    compound size (n - 1) or an index (`x[5]`) does not allow are left out.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> first, second = choose_sizes([matrix("X", n, d)], np.random.default_rng(0), 2)
    >>> first[n] != first[d], second == {n: 1, d: 1}
    (True, True)
    >>> choose_sizes([vector("x", n)[2:]], np.random.default_rng(0), 2)[1]
    {n: 3}
    """
    conditions = _Conditions(postorder(list(items)))
    letters = conditions.letters
    found: list[dict[sympy.Symbol, int]] = []
    smallest_tried = False
    for attempt in range(20 * count):
        if len(found) == count:
            break
        room = (
            max(len(letters), 3) + 2 ** (attempt // _WIDENED) - 1
        )  # wider where nothing fits so far
        numbers = [int(k) + 2 for k in rng.permutation(min(room, _WIDEST))]
        sizes = dict(zip(letters, numbers, strict=False))
        if len(found) == 1 and not smallest_tried:
            smallest_tried = True
            sizes = conditions.smallest(found[0])
        if conditions.allow(sizes) and (sizes not in found or not letters):
            found.append(conditions.tightened(sizes) if attempt >= _WIDENED else sizes)
    return found


def equal_sizes(items: Iterable[Expression], number: int) -> dict[sympy.Symbol, int] | None:
    """All size letters of variables or expressions the same number; None where that is not allowed.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> equal_sizes([matrix("X", n, d)], 2)
    {d: 2, n: 2}
    >>> equal_sizes([vector("x", n)[2:]], 2)
    """
    conditions = _Conditions(postorder(list(items)))
    sizes = dict.fromkeys(conditions.letters, number)
    return sizes if conditions.allow(sizes) else None


_WIDEST = 128  # the largest size that is tried
_WIDENED = 5  # attempts after which sizes are drawn from a wider range, and then made small again


class _Conditions:
    """What an expression asks of its size letters."""

    def __init__(self, nodes: Sequence[Expression]) -> None:
        self.variables = [node for node in nodes if isinstance(node, Variable)]
        self.brackets = [node for node in nodes if isinstance(node, Iverson)]
        self.lengths = list(dict.fromkeys(size for node in nodes for size in node.shape))
        mentioned: list[Any] = [*self.lengths]
        for node in nodes:
            if isinstance(node, Contraction):
                mentioned.append(node.coefficient)
            elif isinstance(node, Elementwise):
                mentioned.append(node.kernel)
            elif isinstance(node, Iverson):
                mentioned += [*node.coefficients, node.offset]
        found = {
            x for each in mentioned if isinstance(each, sympy.Basic) for x in each.free_symbols
        }
        self.letters = sorted(found, key=lambda letter: letter.name)

    def allow(self, sizes: Mapping[sympy.Symbol, int]) -> bool:
        """Whether every size is a positive integer, every index inside, every domain possible."""
        try:
            shape_of(tuple(self.lengths), sizes)
            for bracket in self.brackets:
                check_inside(bracket, sizes)
        except ShapeError:
            return False
        for variable in self.variables:
            shape = shape_of(variable.shape, sizes)
            if variable.domain == "orthogonal" and shape[-2] < shape[-1]:
                return False
        return True

    def tightened(self, sizes: Mapping[sympy.Symbol, int]) -> dict[sympy.Symbol, int]:
        """Each letter in turn as small, from 2 on, as the others let it, all of them different."""
        found = dict(sizes)
        for letter in [*found, *found]:  # a later one that is small lets an earlier one be smaller
            others = {number for other, number in found.items() if other != letter}
            for number in range(2, found[letter]):
                if number not in others and self.allow({**found, letter: number}):
                    found[letter] = number
                    break
        return found

    def smallest(self, known: Mapping[sympy.Symbol, int]) -> dict[sympy.Symbol, int]:
        """All letters 1 where that is allowed; else each in turn as small as the others let it."""
        sizes = dict.fromkeys(self.letters, 1)
        if self.allow(sizes):
            return sizes
        sizes = dict(known)
        for letter in self.letters:
            for number in range(1, sizes[letter]):
                if self.allow({**sizes, letter: number}):
                    sizes[letter] = number
                    break
        return sizes
