"""Float values of many related expressions at a few generic points: the sieve before any proof.

Equal nodes are one object, so an edited expression costs only the nodes on the way from the edit to
its root. What passes here is a candidate and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import sympy

from numeric.binding import shape_of
from numeric.evaluation import rule_of
from numeric.sampling import choose_sizes, sample_float
from symbolic.errors import ChainruleError
from symbolic.nodes import Expression, Variable
from symbolic.traverse import postorder, variables

Array = Any
Sizes = Mapping[sympy.Symbol, int]
_Known = dict[Expression, Array | None]

COUNT = 3  # points, each with sizes of its own
_SCALES = (1.0, 0.5, 2.0, 1.0, 0.25)  # of the draws of which the best is taken
_CLOSE = 1e-9
_PLAIN = {"real": 1, "positive": 0, "nonnegative": 0}  # domains drawn here, with a sign or without


FAILURES = (ChainruleError, ArithmeticError, ValueError, TypeError, np.linalg.LinAlgError)


class Points:
    """Points of the domains, and the values there of whatever is asked for."""

    def __init__(self, sizes: Sequence[Sizes], known: Sequence[_Known]) -> None:
        self.sizes, self._known = list(sizes), list(known)

    @classmethod
    def of(
        cls, expressions: Sequence[Expression], seed: int, others: Sequence[Expression] = ()
    ) -> Points:
        """Points where all expressions have values, and the others if possible.

        Preferred are points where the first is not zero and the second differs from it.
        """
        rng = np.random.default_rng([seed, 7])
        names = variables([*expressions, *others])
        sizes, points = [], []
        for numbers in _several_sizes([*expressions, *others], rng):
            best, worth = None, 0
            for scale in _SCALES:
                known = _draw(names, numbers, rng, scale)
                found = _worth(known, expressions, others, numbers)
                if found > worth:
                    best, worth = known, found
                if worth == _BEST:
                    break
            if best is not None:
                sizes.append(numbers)
                points.append(best)
        return cls(sizes, points)

    def with_domain(self, variable: Variable, seed: int) -> Points:
        """The same points, the value of one variable drawn from another domain; fewer where it has none."""
        sizes, points = [], []
        for numbers, known in zip(self.sizes, self._known, strict=True):
            rng = np.random.default_rng([seed, 8])
            with suppress(*FAILURES):
                drawn = {node: value for node, value in known.items() if isinstance(node, Variable)}
                points.append(drawn | _draw([variable], numbers, rng))
                sizes.append(numbers)
        return Points(sizes, points)

    def __len__(self) -> int:
        return len(self._known)

    def value(self, expression: Expression, place: int) -> Array | None:
        """The value at a point; None where there is none, or it is not finite."""
        return _extend(self._known[place], expression, self.sizes[place])

    def values(self, expression: Expression) -> list[Array] | None:
        """The values at all points, or None."""
        found = [self.value(expression, place) for place in range(len(self))]
        return None if any(each is None for each in found) else found

    def vanishes(self, expression: Expression) -> bool:
        """Whether an expression is zero everywhere here."""
        found = self.values(expression)
        return found is not None and not any(map(np.any, found))

    def equal(self, first: Expression, second: Expression) -> bool:
        """Whether two expressions have the same values everywhere here."""
        if first.shape != second.shape or not len(self):
            return False
        return all(
            close(self.value(first, place), self.value(second, place)) for place in range(len(self))
        )


def close(first: Array | None, second: Array | None) -> bool:
    """Whether two arrays are the same but for rounding; never where one is missing."""
    if first is None or second is None or first.shape != second.shape:
        return False
    bar = _CLOSE * max(float(np.abs(second).max(initial=0)), float(np.abs(first).max(initial=0)))
    return bool((np.abs(first - second) <= bar).all())


_BEST = 19


def _worth(
    known: _Known, expressions: Sequence[Expression], others: Sequence[Expression], sizes: Sizes
) -> int:
    """How good a point is: 0 where an expression has no value."""
    if any(_extend(known, each, sizes) is None for each in expressions):
        return 0
    first, *rest = [_extend(known, each, sizes) for each in expressions]
    assert first is not None
    alive = int(4 * np.count_nonzero(first) / max(first.size, 1))
    told_apart = not any(close(first, each) for each in rest)
    return (
        1 + 2 * alive + 9 * told_apart + all(_extend(known, o, sizes) is not None for o in others)
    )


def _several_sizes(expressions: Sequence[Expression], rng: np.random.Generator) -> list[Sizes]:
    found = choose_sizes(expressions, rng, COUNT + 2)
    generic: list[Sizes] = [sizes for sizes in found if not sizes or max(sizes.values()) > 1]
    if found and not found[0]:
        return [found[0]] * COUNT
    return generic[:COUNT]


def _draw(
    names: Iterable[Variable], sizes: Sizes, rng: np.random.Generator, scale: float = 1.0
) -> _Known:
    """Moderate values, in their domains but for rounding."""
    drawn: _Known = {}
    for variable in names:
        if variable.domain in _PLAIN:
            shape = shape_of(variable.shape, sizes)
            moderate = scale * rng.uniform(0.4, 1.6, shape)
            signed = _PLAIN[variable.domain] and rng.integers(0, 2, shape) == 1
            drawn[variable] = np.where(signed, -moderate, moderate)
        else:
            drawn[variable] = sample_float([variable], sizes, rng)[variable]
    return drawn


def _extend(known: _Known, root: Expression, sizes: Sizes) -> Array | None:
    """The value of a node, those below it remembered."""
    if root in known:
        return known[root]
    with np.errstate(all="ignore"):
        for node in postorder(root, known):
            known[node] = _step(node, known, sizes)
    found = known[root]
    if found is not None and not np.isfinite(found).all():
        known[root] = found = None
    return found


def _step(node: Expression, known: dict[Expression, Any], sizes: Sizes) -> Array | None:
    if any(known[child] is None for child in node.children):
        return None
    try:
        return np.asarray(rule_of(node)(node, known, dict(sizes)), dtype=np.float64)
    except FAILURES:
        return None
