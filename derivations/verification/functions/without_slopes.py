"""Points that say nothing of a derivative: where f has no value, or no slope that a claim had to give.

At the kink of a norm the formula of its gradient is 0/0, and so is right code of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from derivations.verification.functions.float_sides import FloatPoint, Side, value_at
from derivations.verification.functions.float_values import MOVABLE
from symbolic.nodes import Expression, Variable

Array = Any

_STEP = 2.0**-20
_SMOOTH = 2.0**-10  # of a step is more than a smooth function bends by over it


def has_value(f: Side, point: FloatPoint) -> bool:
    """Whether f is finite at a point."""
    return bool(np.all(np.isfinite(value_at(f, point))))


def may_lack_slope(
    f: Side, claim: Side, place: Variable, point: FloatPoint, rng: np.random.Generator
) -> bool:
    """Whether a right claim about the slope of a person's function f by `place` may have no value.

    So may an expression, which is not evaluated with care for such points; and code, at a kink of f in
    several entries together, as that of a norm at 0, in another variable, or in its only entry. At kinks
    of single entries, as those of a sum of absolute values, a slope is expected, as where f is smooth.
    """
    if isinstance(claim, Expression):
        return not np.all(np.isfinite(value_at(claim, point)))
    movable = {v: a for v, a in point.arrays.items() if v.domain in MOVABLE}
    steps = {v: _STEP * rng.uniform(0.5, 1.0, np.shape(a)) for v, a in movable.items()}
    whole = _bend(f, point, steps)
    if np.all(np.abs(whole) <= _SMOOTH * _STEP):
        return False
    own = {variable: step for variable, step in steps.items() if variable is place}
    parts = [_bend(f, point, step) for step in _entry_by_entry(own)]
    return len(parts) == 1 or not np.all(np.abs(whole - sum(parts)) <= _SMOOTH * _STEP)


def _bend(f: Side, point: FloatPoint, steps: Mapping[Variable, Array]) -> Array:
    """f(p + h) - 2 f(p) + f(p - h): of the size of h at a kink, of its square where f is smooth."""
    ahead, behind = (
        value_at(f, FloatPoint({**point.arrays, **_moved(point, steps, sign)}, point.sizes))
        for sign in (1, -1)
    )
    return ahead - 2 * value_at(f, point) + behind


def _moved(point: FloatPoint, steps: Mapping[Variable, Array], sign: int) -> dict[Variable, Array]:
    return {variable: point.arrays[variable] + sign * step for variable, step in steps.items()}


def _entry_by_entry(steps: Mapping[Variable, Array]) -> Iterator[dict[Variable, Array]]:
    for variable, step in steps.items():
        for entry in np.ndindex(step.shape):
            alone = np.zeros_like(step)
            alone[entry] = step[entry]
            yield {variable: alone}
