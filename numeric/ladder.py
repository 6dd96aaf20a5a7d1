r"""One slope from differences over a ladder of steps, with an error bar.

Error model. A central difference D(h) = (f(x+h) - f(x-h))/(2h) is wrong by

    truncation   c_1 h^2 + c_2 h^4 + ...      (one-sided: c_1 h + c_2 h^2 + ...)
    noise        at most sigma/h              (second derivative: 4 sigma/h^2)

sigma is three times the spread of f's own error, measured once from a table of differences at
closely spaced points (More and Wild, SIAM J. Sci. Comput. 33 (2011) 1292), and never below
eps*abs(f). The steps form a geometric ladder and are those that the arithmetic represents,
(x+h)-x. From one rung to the next Neville's scheme removes one power of h at a time; the
truncation left in an entry is estimated by how far it is from its finer neighbour, its noise is
carried through the scheme with absolute weights, and

    bar = 2 truncation + noise.

The ladder is climbed from small steps to large ones. A rung counts only while it agrees, within the
bars, with the best value below it: small steps are noisy but honest, large ones may agree with each
other by accident (a pole between them, an oscillation). The answer is the entry of least bar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite

RATIO = 4.0
_COLUMNS = 4
_LONGEST = 40  # rungs
_PATIENCE = 3  # rungs without gain before the climb ends


@dataclass(frozen=True)
class Slope:
    """A derivative with its bar (at most `bar` off) and the step that gave it."""

    value: float
    bar: float
    step: float


NOTHING = Slope(float("nan"), inf, 0.0)

Quotient = Callable[[int], tuple[float, float, float]]  # rung -> quotient, noise, step


def climb(quotient: Quotient, power: int, first: int = 0, anchor: Slope = NOTHING) -> Slope:
    """The best extrapolated value of a difference quotient over the rungs first, first + 1, ...

    `anchor` is a value from steps smaller than all of them, which the climb starts out from.

    `quotient(k)` gives the difference quotient of rung k, a bound on its noise and its step, which
    grows fourfold a rung; NaN where the function is not finite. `power` is the power of h in which
    the truncation expands (2 central, 1 one-sided).
    Numerical error: `bar`, by the model of this module; an estimate, not a proof.

    >>> found = climb(lambda k: (1 + (0.01 * 4**k)**2, 1e-12, 0.01 * 4**k), power=2)
    >>> abs(found.value - 1) <= found.bar < 1e-9
    True
    """
    best = anchor
    row: list[tuple[float, float]] = []
    idle = clashes = 0
    for rung in range(first, first + _LONGEST):
        value, noise, step = quotient(rung)
        if not isfinite(value):
            break
        row, candidate = _extended(row, (value, noise), step, power)
        if candidate is None:
            continue
        if abs(candidate.value - best.value) > candidate.bar + best.bar:
            clashes += 1
            if clashes == 2:
                break
            continue
        clashes = 0
        if candidate.bar < best.bar:
            best, idle = candidate, 0
        else:
            idle += 1
            if idle == _PATIENCE:
                break
    return best


def _extended(
    finer: list[tuple[float, float]], entry: tuple[float, float], step: float, power: int
) -> tuple[list[tuple[float, float]], Slope | None]:
    """The next row of Neville's scheme while its changes shrink, and its entry of least bar."""
    row = [entry]
    best: Slope | None = None
    previous = inf
    for column, (lower, lower_noise) in enumerate(finer[: _COLUMNS - 1], start=1):
        weight = RATIO ** (power * column)
        upper, upper_noise = row[-1]
        value = lower + (lower - upper) / (weight - 1)
        noise = (weight * lower_noise + upper_noise) / (weight - 1)
        row.append((value, noise))
        change = abs(value - lower)
        if change > max(previous, noise):
            break
        previous = change
        bar = 2 * change + noise
        if best is None or bar < best.bar:
            best = Slope(value, bar, step)
    return row, best


def noise_level(values: list[float]) -> float:
    """The spread of the error of f, from its values at equally spaced, close points.

    sigma_k^2 = (k!)^2/(2k)! mean((Delta^k f)^2): for white noise the same for every order k, for a
    smooth function it falls with k. The estimate is the largest of the orders 4 to 6.
    Source: More and Wild, SIAM J. Sci. Comput. 33 (2011) 1292.

    >>> noise_level([0.0, 1.0] * 4) > 0.1
    True
    >>> noise_level([k * k for k in range(8)]) < 1e-13
    True
    """
    unit = max(map(abs, values)) or 1.0
    table = [value / unit for value in values]
    sigmas = []
    factor = 1.0
    for order in range(1, min(7, len(values))):
        table = [after - before for before, after in pairwise(table)]
        factor *= order / (2.0 * (2 * order - 1))
        mean = sum(difference**2 for difference in table) / len(table)
        sigmas.append((factor * mean) ** 0.5)
    return float(max(sigmas[3:])) * unit
