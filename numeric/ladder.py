r"""One limit from a ladder of steps, with an error bar.

Error model. A difference quotient of step h is wrong by

    truncation   c_1 h^p1 + c_2 h^p2 + ...    p = 2, 4, 6 central; 1, 2, 3 one-sided
    noise        at most sigma/h              (second derivative: 4 sigma/h^2)

sigma is three times the spread of f's own error, measured once from a table of differences at
closely spaced points (More and Wild, SIAM J. Sci. Comput. 33 (2011) 1292), and never below
2 eps*abs(f). The steps form a geometric ladder and are those that the arithmetic represents.
Neville's scheme removes one power of h a column. With T_k an entry of a column at step h_k, and
T_(k-1) that of the next smaller step in the same column,

    bar = 3 abs(T_k - T_(k-1)) + noise.

This holds for every function whose truncation shrinks by a third or more from step to step,
whatever the powers really are (a kink of f' makes them 1 where 2 was expected): the true error is
at most 3/2 of that difference. A difference that grows when the step shrinks shows that there is no
such limit, or that the agreement is an accident; the entry does not count.

The noise is checked by what it did: where the values of the finer rungs scatter around the answer
by more than their noise allows, sigma was too small, and the climb is repeated with twice the
scatter.

The ladder is climbed from small steps to large ones. An entry counts only while it agrees, within
the bars, with the best value below it: small steps are noisy but honest, large ones may agree with
each other by accident (a pole between them, an oscillation). The answer is the entry of least bar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

RATIO = 4.0
EVEN, ODD, ALL = (2, 4, 6), (1, 3, 5), (1, 2, 3)  # powers of the step in which truncation expands
_LONGEST = 48  # rungs
_PATIENCE = 3  # rungs without gain before the climb ends
_SAFETY = 3.0
_PASSES = 4


@dataclass(frozen=True)
class Slope:
    """A derivative with its bar (at most `bar` off) and the step that gave it."""

    value: float
    bar: float
    step: float


NOTHING = Slope(float("nan"), inf, 0.0)

Quotient = Callable[[int], tuple[float, float, float]]  # rung -> quotient, noise, step


@dataclass(frozen=True)
class _Entry:
    """An entry of Neville's scheme; `change` is its distance from the one of the smaller step."""

    value: float
    noise: float
    change: float = inf


def climb(
    quotient: Quotient, powers: tuple[int, ...], first: int = 0, anchor: Slope = NOTHING
) -> Slope:
    """The limit of a difference quotient, from the rungs first, first + 1, ...

    `quotient(k)` gives the difference quotient of rung k, a bound on its noise and its step, which
    grows fourfold a rung; NaN where the function is not finite, and infinite noise where the rung
    says nothing. `powers` are the powers of the step
    that are removed (none of them: no extrapolation). `anchor` is a value from steps smaller than
    all of them, which the climb starts out from.
    Numerical error: `bar`, by the model of this module; an estimate, not a proof.

    >>> found = climb(lambda k: (1 + (0.001 * 4**k)**2, 1e-12 / 4**k, 0.001 * 4**k), EVEN)
    >>> abs(found.value - 1) <= found.bar < 1e-9
    True
    """
    scale = 1.0
    for _ in range(_PASSES):
        best, excess = _climbed(quotient, powers, first, anchor, scale)
        if excess <= 1:
            break
        scale *= 2 * excess
    return best


def _climbed(
    quotient: Quotient, powers: tuple[int, ...], first: int, anchor: Slope, scale: float
) -> tuple[Slope, float]:
    """The best entry, and by how much the scatter of the finer rungs exceeds their noise."""
    best, previous = anchor, inf
    finer: list[_Entry] = []
    tails: list[tuple[float, _Entry]] = []
    idle = clashes = 0
    for rung in range(first, first + _LONGEST):
        value, noise, step = quotient(rung)
        if not isfinite(value):
            break
        row = _row(finer, _Entry(value, scale * noise), powers)
        tails.append((step, row[-1]))
        candidate = _best(row, finer, step)
        finer = row
        if candidate is None:
            continue
        if abs(candidate.value - best.value) > candidate.bar + best.bar:
            clashes += 1
            if clashes == 2:
                break
            continue
        clashes = 0
        if candidate.bar < best.bar:
            best = candidate
        idle = idle + 1 if candidate.bar >= previous else 0
        previous = candidate.bar
        if idle == _PATIENCE:
            break
    below = [entry for step, entry in tails if step < best.step and isfinite(entry.noise)]
    off = [
        (abs(entry.value - best.value) - best.bar) / entry.noise for entry in below if entry.noise
    ]
    return best, max(off, default=0.0)


def _row(finer: list[_Entry], first: _Entry, powers: tuple[int, ...]) -> list[_Entry]:
    """The next row of Neville's scheme."""
    row = [first]
    for power, lower in zip(powers, finer, strict=False):
        weight, upper = RATIO**power, row[-1]
        value = (weight * lower.value - upper.value) / (weight - 1)
        row.append(_Entry(value, (weight * lower.noise + upper.noise) / (weight - 1)))
    return [
        _Entry(entry.value, entry.noise, abs(entry.value - lower.value))
        for entry, lower in zip(row, finer, strict=False)
    ] + row[len(finer) :]


def _best(row: list[_Entry], finer: list[_Entry], step: float) -> Slope | None:
    """The entry of least bar among those whose truncation shrinks with the step."""
    best: Slope | None = None
    for entry, lower in zip(row, finer, strict=False):
        shrinks = lower.change - 4 * lower.noise <= entry.change
        bar = _SAFETY * entry.change + entry.noise
        if (
            isfinite(lower.change)
            and isfinite(entry.noise)
            and shrinks
            and (best is None or bar < best.bar)
        ):
            best = Slope(entry.value, bar, step)
    return best
