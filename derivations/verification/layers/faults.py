"""What a layer does wrong beside its formulas, and the names that numbers alone give to a slip."""

from __future__ import annotations

from typing import Any

import numpy as np

from derivations.verification.functions.calling import CallError
from derivations.verification.layers.runs import LayerRun, protected
from numeric.arrays import real_point
from numeric.checks.layer_mistakes import check_claim
from numeric.checks.memory import faults_of_adding, faults_of_cache, other_value
from numeric.checks.remembered import Remembered
from numeric.checks.subjects import RefusedError
from symbolic.nodes import Variable

Array = Any


def faults_of_memory(run: LayerRun, accumulates: bool | None, seed: int) -> tuple[str, ...]:
    """Gradients that add up over calls, a cache that is too old, another value with a gradient."""
    try:
        functions = {name: _function_of(run, name) for name in run.names.values()}
        if not functions:
            return ()
        first = next(iter(functions.values()))
        return (
            *faults_of_adding(run.subject, run.claims, accumulates),
            *faults_of_cache(run.subject, run.claims, functions, seed),
            *other_value(run.subject, first.start, first.eps),
        )
    except (RefusedError, CallError):
        return ()


def slips_by_numbers(run: LayerRun, variable: Variable, seed: int) -> tuple[str, ...]:
    """What undoes the mistake in the gradient of a variable, found without any formula."""
    name = run.names[variable]
    try:
        with np.errstate(all="ignore"):
            return check_claim(_function_of(run, name), run.claims, name, seed).mistakes
    except (RefusedError, CallError):
        return ()


def _function_of(run: LayerRun, name: str) -> Remembered:
    """The output as a function of one argument, the others as they are."""
    start = run.subject.start

    def output(value: Array) -> Array:
        return protected("forward", lambda: run.subject.output({**start, name: np.array(value)}))

    return Remembered(output, real_point(start[name]))
