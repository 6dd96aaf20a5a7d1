"""How much work an action is, counted in function calls: the same on a busy machine as on an idle one."""

from __future__ import annotations

import sys
from collections.abc import Callable


def function_calls(action: Callable[[], object]) -> int:
    """The calls of functions, Python's and C's, that an action makes."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(before)
    return calls


def growth(action: Callable[[int], object], size: int) -> float:
    """How many times the work of an action grows when its size doubles: 2 where it is linear.

    What is kept from one size to the next makes it 1, and 3 where it is quadratic.
    """
    action(size // 2)  # what is done once
    small = function_calls(lambda: action(size))
    return function_calls(lambda: action(2 * size)) / small
