"""Whether a suspicion holds: enclosures at rational points; a verdict where there are branches.

Float values of both sides have agreed before. Where nothing branches, a few points say what many say;
else all that refutes a claim is held against the suspicion as well.
"""

from __future__ import annotations

from contextlib import suppress

from derivations.verification.equality.decision import decide
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
from symbolic.algebra.normal import equal_by_algebra
from symbolic.nodes import Expression
from symbolic.traverse import unfold, variables

_POINTS = 4
_MOST_SWITCHES = 4  # of expressions that are judged: each may double the points that tell


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
    chosen = choose_sizes(both, rng, _POINTS)
    told = []
    for number in range(points if chosen else 0):
        sizes = chosen[number % len(chosen)]
        point = sample(names, sizes, rng)
        found: Agreement | Difference = compare_closely(first, second, point, sizes)
        if isinstance(found, Difference):
            return False
        if found.agreed:
            told.append((point, sizes))
    decisive = len(switches(both))
    if decisive > _MOST_SWITCHES:
        return False
    if decisive:
        return decide(first, second, seed=seed).verdict in ("proved", "verified")
    if 2 * len(told) <= points:  # differences may be too small to be seen
        return equal_by_algebra(first, second)
    closely = confirm_closely(first, second, *told[0])
    return isinstance(closely, Agreement) and closely.agreed
