"""Time to the first result: derive, compile and call once, in a process that has imported everything.

Names are new each time, and so are the functions that JAX is handed, so that nothing is remembered;
caches on the disk are off. The least of several times counts, since other processes can only add.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

from performance_cases import (
    factorisation,
    logistic,
    networks,
    ours,
    quadratic,
    ridge,
    softmax_regression,
)
from performance_cases.case import Case
from performance_cases.clock import BUILDING, at_most
from performance_cases.peers import PEERS, SLOW, NotAskedError, without_disk_caches

TARGET = 0.050  # seconds

CASES: tuple[Case, ...] = (
    logistic.LOSS.case("logistic v+g", (200, 5), small=True),
    logistic.LOSS.case("logistic Hessian", (200, 5), hessian=True),
    ridge.LOSS.case("ridge v+g", (200, 5), small=True),
    softmax_regression.LOSS.case("softmax regression v+g", (200, 5, 3), small=True),
    softmax_regression.LOSS.case("softmax regression Hessian", (200, 5, 3), hessian=True),
    factorisation.LOSS.case("factorisation Hessian", (10, 3)),
    quadratic.LOSS.case("quadratic form v+g", (5,)),
    networks.network("MLP 3 relu v+g", "relu", 16, (5, 8, 8, 3), small=True),
    networks.network("MLP 10 tanh v+g", "tanh", 16, (8,) * 10 + (3,)),
)


@dataclass
class First:
    """Least seconds to the first result by competitor."""

    case: Case
    seconds: dict[str, float] = field(default_factory=dict)


def table(competitors: tuple[str, ...], repeats: int) -> list[First]:
    """Everyone's times, case by case."""
    without_disk_caches(competitors)
    rows = []
    for case in CASES:
        row = First(case)
        for name in competitors:
            times = []
            for _ in range(1 if name in SLOW else repeats):
                asked = ours.renamed(case) if name == "ours" else case
                try:
                    start = perf_counter()
                    with at_most(BUILDING):
                        (ours.build if name == "ours" else PEERS[name])(asked)()
                    times.append(perf_counter() - start)
                except NotAskedError:
                    break
                except Exception:  # the table of ratios tells what failed
                    break
            if times:
                row.seconds[name] = min(times)
        rows.append(row)
    return rows
