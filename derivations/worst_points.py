"""Where an order that no rule proves is closest to failing: from random points downhill.

Random points see a violation only where it is wide. `sin(x) <= 1 - 1e-9` fails on a width of 1e-4 near
pi/2, and the slack, right minus left, leads there: it is made smaller one coordinate at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

Place = tuple[Fraction, ...]
Slack = Callable[
    [Place], Any
]  # a flint.arb; None where there is no value or no point of the domain

STARTS = 3  # random points from which is gone downhill, those of least slack
MOST_COORDINATES = 12
MOST_VALUES = 400  # values of the slack on the way from one point
_SMALLEST = Fraction(1, 2**46)  # the last step, of the order of rounding


def lowest(slack: Slack, start: Place) -> Place:
    """A place of least slack on the way down from `start`, each coordinate moved by itself.

    >>> from flint import arb
    >>> found = lowest(lambda x: arb(float((x[0] - 2) ** 2)), (Fraction(1),))
    >>> abs(float(found[0]) - 2) < 1e-6
    True
    """
    best, least = start, slack(start)
    if least is None:
        return start
    steps = [max(abs(x) / 4, Fraction(1, 4)) for x in start]
    left = MOST_VALUES
    while left > 0 and max(steps, default=_SMALLEST) > _SMALLEST:
        for axis, sign in product(range(len(best)), (1, -1)):
            place = (*best[:axis], best[axis] + sign * steps[axis], *best[axis + 1 :])
            found, left = slack(place), left - 1
            if found is not None and found.mid() < least.mid():
                best, least, steps[axis] = place, found, 2 * steps[axis]
                break
        else:
            steps = [step / 4 for step in steps]
    return best


def downhill(starts: Sequence[tuple[Slack, Place]]) -> Iterator[tuple[int, Place]]:
    """The places to which the slack leads from the starts of least slack, each with its number."""
    known = [(slack(place), number) for number, (slack, place) in enumerate(starts)]
    least = sorted((float(found.mid()), number) for found, number in known if found is not None)
    for _, number in least[:STARTS]:
        yield number, lowest(*starts[number])
