"""The value of a recursion, step by step."""

from __future__ import annotations

from flint import fmpq

from numeric.errors import Undecided
from numeric.scalars.numbers_and_balls import Value
from numeric.scalars.scope import Scope
from symbolic.scalars.recursion import Recursion

_MOST_STEPS = 1000


def recursion_value(node: Recursion, scope: Scope) -> Value:
    """The value after the last step; `Undecided` where the number of steps is negative or large."""
    step, variable, start, index, count = node.args
    steps = scope.integer(count, "the number of steps")
    if not 0 <= steps <= _MOST_STEPS:
        raise Undecided(f"{node}", f"it has {steps} steps", f"use 0 to {_MOST_STEPS} steps")
    value = scope.value(start)
    for number in range(1, steps + 1):
        value = scope.inside({variable: value, index: fmpq(number)}).value(step)
    return value
