"""A case run: everyone built, checked against expert NumPy, and timed in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from performance_cases import ours
from performance_cases.case import Case
from performance_cases.clock import (
    BUILDING,
    Ratio,
    Samples,
    TooSlowError,
    at_most,
    left_behind,
    measure,
)
from performance_cases.peers import PEERS, NotAskedError

EXPERT, OURS = "expert", "ours"
TOLERANCE = 1e-8  # of the largest entry of a result


SLACK = 0.10  # of a ratio, on a machine that others use as well


@dataclass
class Row:
    """What came of a case; `remarks` say why someone has no ratio."""

    case: Case
    expert: Samples | None = None
    ratios: dict[str, Ratio] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)  # seconds to the first result
    remarks: dict[str, str] = field(default_factory=dict)

    @property
    def best_peer(self) -> str | None:
        """The fastest of the others."""
        others = {name: each.middle for name, each in self.ratios.items() if name != OURS}
        return min(others, key=others.__getitem__) if others else None

    @property
    def reached(self) -> str | None:
        """Whether ours reaches the target, is as near as the noise, or misses it; None without a target."""
        if self.case.target is None or OURS not in self.ratios:
            return None
        beyond = self.ratios[OURS].middle / self.case.target
        return "met" if beyond <= 1 else "near" if beyond <= 1 + SLACK else "missed"


def run(case: Case, competitors: tuple[str, ...], rounds: int, seconds: float) -> Row:
    """Build, compare, time."""
    row = Row(case)
    expert = partial(case.expert, *case.values)
    reference = arrays_of(expert())
    calls: dict[str, Callable[[], Any]] = {EXPERT: expert}
    for name in competitors:
        build = ours.build if name == OURS else PEERS[name]
        start = perf_counter()
        try:
            with at_most(BUILDING):
                call = build(case)
                result = arrays_of(call())
                row.first[name] = perf_counter() - start
                wrong = difference(result, reference)
                if name == OURS and not wrong:
                    wrong = _second_call(case, call, result, reference)
                    if cycles := left_behind(call):
                        row.remarks[name] = f"leaves {cycles} objects to the garbage collector"
        except NotAskedError:
            continue
        except TooSlowError as error:
            row.remarks[name] = str(error)
        except Exception as error:  # a competitor that fails is a result, too
            row.remarks[name] = (
                f"fails: {type(error).__name__}: {' '.join(str(error).split())[:80]}"
            )
        else:
            if wrong:
                row.remarks[name] = f"WRONG: {wrong}"
            else:
                calls[name] = call
    samples = measure(calls, EXPERT, rounds, seconds)
    row.expert = samples[EXPERT]
    row.ratios = {
        name: Ratio.of(each, samples[EXPERT]) for name, each in samples.items() if name != EXPERT
    }
    return row


def _second_call(
    case: Case, call: Callable[[], Any], before: list[np.ndarray], reference: list[np.ndarray]
) -> str:
    """What is wrong with another call: other results, or the arrays of the first one again."""
    again = arrays_of(call())
    wrong = difference(again, reference)
    if wrong:
        return f"the second call: {wrong}"
    shared = any(np.shares_memory(one, other) for one in before for other in again)
    return "a call overwrites the results of the last one" if shared and not case.bound else ""


def arrays_of(result: Any) -> list[np.ndarray]:
    """The results of a call as float64 arrays: a value and gradients, or one array."""
    flat: list[Any] = []
    waiting = [result]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, (tuple, list)):
            waiting[:0] = each
        else:
            flat.append(np.asarray(each.detach() if type(each).__module__ == "torch" else each))
    return flat


def difference(found: list[np.ndarray], reference: list[np.ndarray]) -> str:
    """What is wrong with results, in words; empty when they agree."""
    if len(found) != len(reference):
        return f"{len(found)} results instead of {len(reference)}"
    for place, (one, other) in enumerate(zip(found, reference, strict=True)):
        if one.size != other.size:
            return f"result {place} has shape {one.shape} instead of {other.shape}"
        if one.dtype != np.float64:
            return f"result {place} is {one.dtype}"
        scale = np.max(np.abs(other), initial=0.0)
        worst = np.max(np.abs(one.reshape(other.shape) - other), initial=0.0)
        if not worst <= TOLERANCE * scale:
            return f"result {place} differs by {worst / scale:.1e} of its largest entry"
    return ""
