"""What a layer keeps between calls: a cache that is too old, gradients that add up."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.checks.cotangents import cotangents, same
from numeric.checks.layer_claims import Claims
from numeric.checks.remembered import Remembered
from numeric.checks.slopes import check_slopes
from numeric.checks.subjects import Subject

Array = Any


def faults_of_adding(subject: Subject, claims: Claims, accumulates: bool | None) -> tuple[str, ...]:
    """Gradients that add up over calls, where that is not meant."""
    if not claims.adding or accumulates or (accumulates is None and subject.clears()):
        return ()
    return tuple(
        f"{name}: the gradient adds up over calls of backward" for name in sorted(claims.adding)
    )


def faults_of_cache(
    subject: Subject, claims: Claims, functions: dict[str, Remembered], seed: int
) -> tuple[str, ...]:
    """Arguments whose gradient is wrong after forward has run at other arguments before."""
    first = next(iter(functions.values()))
    v = cotangents(first.start, first.dtype, seed)[0]
    other = {name: value * 1.25 + 0.125 for name, value in subject.start.items()}
    session = subject.session()
    try:
        session.forward(other)
        output = session.forward(subject.start)
        found = claims.from_session(session, v)
    except (ValueError, ArithmeticError, IndexError):
        return ()
    if not same(output, first.start, first.eps):
        return ()  # forward itself remembers: a random mask, a running mean
    fresh = claims.of(v)
    faults = []
    for name, f in functions.items():
        now, new = found[name], fresh[name]
        if now is None or new is None or now.shape != f.point.values.shape:
            continue
        if not np.all(np.isfinite(new)) or (new.shape == now.shape and same(now, new, f.eps)):
            continue
        if check_slopes(f, f.weighted(v), now, seed=seed).verdict == "fail":
            faults.append(f"{name}: stale cache, backward uses an earlier forward")
    return tuple(faults)


def other_value(subject: Subject, output: Array, eps: float) -> tuple[str, ...]:
    """Whether forward gives another value when a gradient is asked for."""
    value = subject.session().forward(subject.start)
    if not np.all(np.isfinite(output)):
        return ()
    if np.shape(value) == np.shape(output) and same(value, output, eps):
        return ()
    return ("forward gives another value when a gradient is asked for",)
