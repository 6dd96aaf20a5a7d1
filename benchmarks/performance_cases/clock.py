"""Timing: calls of all competitors in turn, round by round, and the ratios that are paired by round."""

from __future__ import annotations

import gc
import math
import random
import signal
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

now = perf_counter  # or process_time, which other processes disturb less
SAMPLE = 2e-3  # seconds that one sample lasts at least
BUILDING = 60.0  # seconds that a competitor may take for its first result
WARM = 20e-3  # calls shorter than this are called once untimed before each sample


class TooSlowError(Exception):
    """A competitor did not finish in its time."""


@dataclass
class Samples:
    """Seconds of a call by round; a slow competitor skips rounds."""

    call: Callable[[], Any]
    number: int  # calls in one sample
    every: int = 1  # it takes part in one of so many rounds
    seconds: dict[int, float] = field(default_factory=dict)

    def takes_part(self, place: int) -> bool:
        """Whether this round has a sample still to be taken."""
        return place % self.every == 0 and place not in self.seconds

    @property
    def median(self) -> float:
        """The middle time of a call."""
        return statistics.median(self.seconds.values())

    def sample(self, place: int, warm: bool) -> None:
        """Time one sample."""
        call, calls = self.call, range(self.number)
        if warm:
            call()
        start = now()
        for _ in calls:
            call()
        self.seconds[place] = (now() - start) / self.number


@dataclass(frozen=True)
class Ratio:
    """The median of paired ratios, with the 10th and 90th percentile as its noise."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, one: Samples, other: Samples) -> Ratio:
        """How much longer `one` takes, round by round."""
        pairs = sorted(time / other.seconds[place] for place, time in one.seconds.items())
        last = len(pairs) - 1
        return cls(statistics.median(pairs), pairs[round(0.1 * last)], pairs[round(0.9 * last)])


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer."""

    def interrupt(*_: object) -> None:
        raise TooSlowError(f"more than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def measure(
    calls: dict[str, Callable[[], Any]], base: str, rounds: int, seconds: float
) -> dict[str, Samples]:
    """Samples of all calls: at most `rounds` rounds, fewer (but 5) when `seconds` are over.

    The base and "ours" take part in every round, the others as often as their share of the time
    allows; what takes a third of the time by a single call is sampled once.
    """
    lengths = {name: _length(call) for name, call in calls.items()}
    everyone = {
        name: Samples(call, max(1, math.ceil(SAMPLE / lengths[name])))
        for name, call in calls.items()
    }
    share = seconds / len(everyone) / rounds
    for name, each in everyone.items():
        cost = lengths[name] * (each.number + (lengths[name] < WARM))
        if name in (base, "ours"):
            continue
        if cost > seconds / 3:
            each.seconds[0], each.every = lengths[name], rounds
        else:
            each.every = max(1, min(round(cost / share), rounds // 3))
    order = random.Random(0)
    gc.collect()
    gc.freeze()  # what is there already is not looked at again, so that a collection is quick
    gc.disable()
    try:
        start = perf_counter()
        for place in range(rounds):
            if place >= 5 and perf_counter() - start > seconds:
                break
            turn = [name for name, each in everyone.items() if each.takes_part(place)]
            order.shuffle(turn)
            for name in turn:
                everyone[name].sample(place, lengths[name] < WARM)
                gc.collect()  # what one leaves behind is not to be in the way of the next
    finally:
        gc.enable()
        gc.unfreeze()
    return everyone


def left_behind(call: Callable[[], Any]) -> int:
    """How many objects of a call only the garbage collector can free: they are in cycles."""
    gc.collect()
    gc.disable()
    try:
        call()
        return gc.collect()
    finally:
        gc.enable()


def _length(call: Callable[[], Any]) -> float:
    """About how many seconds a call takes."""
    number = 1
    while True:
        start = now()
        for _ in range(number):
            call()
        elapsed = now() - start
        if elapsed >= SAMPLE:
            return elapsed / number
        number *= 2 if elapsed > SAMPLE / 16 else 8
