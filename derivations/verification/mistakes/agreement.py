"""Whether a suspicion holds: enclosures at rational points, more of them where there are branches.

Float values of both sides have agreed before, and edges of branches are not sought out as they are for
a verdict, so that a suspicion costs little.
"""

from __future__ import annotations

from contextlib import suppress

from derivations.verification.equality.values import (
    Agreement,
    Difference,
    compare_closely,
    confirm_closely,
)
from derivations.verification.mistakes.points import FAILURES
from numeric.branches import switches
from numeric.sampling import choose_sizes, sample
from numeric.seeds import generator
from symbolic.nodes import Expression
from symbolic.traverse import unfold, variables

_POINTS = 4
_MORE = 12  # points of expressions with branches


def agree(first: Expression, second: Expression, seed: int, points: int = _POINTS) -> bool:
    """Whether two expressions of one shape agree at rational points; what cannot be told does not.

    >>> from symbolic import parse
    >>> given = {"x": "n"}
    >>> agree(parse("sum(x*x)", given), parse("norm(x)**2", given), 0)
    True
    >>> agree(parse("sum(x*x)", given), parse("norm(x)", given), 0)
    False
    """
    with suppress(*FAILURES):
        return first.shape == second.shape and _agree(unfold(first), unfold(second), seed, points)
    return False


def _agree(first: Expression, second: Expression, seed: int, points: int) -> bool:
    rng = generator(seed)
    both, names = [first, second], variables([first, second])
    wanted = _MORE if switches(both) else points
    chosen = choose_sizes(both, rng, _POINTS)
    told = []
    for number in range(wanted if chosen else 0):
        sizes = chosen[number % len(chosen)]
        point = sample(names, sizes, rng)
        found: Agreement | Difference = compare_closely(first, second, point, sizes)
        if isinstance(found, Difference):
            return False
        if found.agreed:
            told.append((point, sizes))
    if 2 * len(told) <= wanted:
        return False
    closely = confirm_closely(first, second, *told[0])
    return isinstance(closely, Agreement) and closely.agreed
