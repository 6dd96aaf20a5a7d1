"""The branches of expressions: where a maximum, a sign or a selection goes over into another formula.

Two expressions that agree at some points may differ where another branch is taken. A switch is an
expression whose sign decides on a branch; agreement says something of a branch only once a point
with that sign was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import sympy
from flint import arb
from sympy.core.relational import Relational

from numeric.enclosure import balls_at
from numeric.errors import Undecided
from symbolic.algebra.signs import nonnegative
from symbolic.nodes import Elementwise, Expression, Variable
from symbolic.traverse import postorder, unfold, variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Branch = tuple[Expression, int]  # a switch and its sign, or UNEQUAL

_SWITCHED = ("Abs", "sign", "relu", "step", "Heaviside", "heaviside")  # by the sign of the argument
UNEQUAL = 2
_BITS = 128


def branches(expressions: Iterable[Expression]) -> set[Branch]:
    """The signs that the switches of some expressions may have.

    An equality of reals is no branch, as it holds nowhere in general.

    >>> from symbolic import abs, scalar
    >>> sorted(sign for _, sign in branches([abs(scalar("x"))]))
    [-1, 1]
    >>> sorted(sign for _, sign in branches([abs(scalar("x") ** 2)]))
    []
    """
    found: set[Branch] = set()
    for switch, decides in dict.fromkeys(_switches(expressions)):
        signs = {1, -1}
        if decides == "equality":
            binary = all(variable.domain == "binary" for variable in variables(switch))
            signs = {0, UNEQUAL} if binary else set()
        elif nonnegative(switch) or nonnegative(-switch):
            signs = set()
        found |= {(switch, sign) for sign in signs}
    return found


def switches(expressions: Iterable[Expression]) -> tuple[Expression, ...]:
    """Everything whose sign, or whose being zero, decides on a branch of some expressions.

    >>> from symbolic import abs, scalar
    >>> switches([abs(scalar("x"))])
    (x,)
    """
    return tuple(dict.fromkeys(switch for switch, _ in _switches(expressions)))


def taken(wanted: Iterable[Branch], point: Point, sizes: Sizes) -> set[Branch]:
    """Those branches that some entry takes at a point."""
    seen: set[Branch] = set()
    for switch, sign in wanted:
        try:
            (balls,), _ = balls_at([switch], point, sizes, _BITS)
        except Undecided:
            continue
        signs = {_sign(ball) for ball in balls.flat}
        if sign in signs or (sign == UNEQUAL and signs & {1, -1}):
            seen.add((switch, sign))
    return seen


def moved(point: Point, rng: np.random.Generator) -> Point:
    """A point with its real and positive variables made much smaller or larger."""
    scale, sign = Fraction(10) ** int(rng.integers(-4, 8)), int(rng.choice([-1, 1]))
    factors = {"real": sign * scale, "positive": scale, "nonnegative": scale}
    return {variable: array * factors.get(variable.domain, 1) for variable, array in point.items()}


def _switches(expressions: Iterable[Expression]) -> Iterator[tuple[Expression, str]]:
    for node in postorder([unfold(each) for each in expressions]):
        if not isinstance(node, Elementwise):
            continue
        for part in sympy.preorder_traversal(node.kernel.expr):
            for difference, decides in _differences(part):
                if difference.free_symbols:
                    kernel = sympy.Lambda(node.kernel.variables, difference)
                    yield Elementwise(kernel, node.operands), decides


def _differences(part: sympy.Basic) -> Iterator[tuple[sympy.Expr, str]]:
    if isinstance(part, (sympy.Eq, sympy.Ne)):
        yield part.lhs - part.rhs, "equality"
    elif isinstance(part, Relational):
        yield part.lhs - part.rhs, "sign"
    elif isinstance(part, (sympy.Max, sympy.Min)):
        for first, second in combinations(part.args, 2):
            yield first - second, "sign"
    elif type(part).__name__ in _SWITCHED:
        yield part.args[0], "sign"


def _sign(ball: arb) -> int | None:
    if not ball.is_finite():
        return None
    return 1 if ball > 0 else -1 if ball < 0 else 0 if ball == 0 else None
