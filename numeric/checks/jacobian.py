"""Checking the Jacobian of an array-valued function, row by row or along random cotangents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from numeric.arrays import real_array, real_point
from numeric.checks.narrowing import narrow, only
from numeric.checks.pullback import check_pullback
from numeric.checks.remembered import Remembered
from numeric.checks.slopes import check_slopes
from numeric.gradient_check import SMALL
from numeric.outcome import GradientCheck
from symbolic.errors import ShapeError
from symbolic.sizes import shape_text

Array = Any

LISTED = 64  # wrong entries that a result lists


def check_jacobian(
    f: Callable[[Array], Any],
    jac: Callable[[Array], Array] | Array,
    x: object,
    *,
    seed: int = 0,
) -> GradientCheck:
    """Whether an array is the Jacobian of f at x; `entries` are (output, input) indices.

    Formula: J[k, i] = d f_k / d x_i. Up to 64 outputs are checked one by one, as `check_gradient`
    does; more of them through v'J for random v, and wrong outputs are named by halving.
    Shapes: x and f(x) any, the Jacobian `shape(f(x)) + shape(x)`; else a `ShapeError`.
    Conditions and numerical error: as for `check_gradient`; all outputs share their evaluations.

    >>> x = np.array([2.0, 3.0])
    >>> found = check_jacobian(lambda x: np.array([x[0] * x[1], x[1]]), [[3, 0], [2, 1]], x)
    >>> found.verdict, found.mistakes, found.entries
    ('fail', ('transposed',), ((0, 1), (1, 0)))
    """
    remembered = Remembered(f, real_point(x))
    point = remembered.point.values
    claim = real_array(jac(remembered.x) if callable(jac) else jac, "the Jacobian")
    shape = remembered.start.shape + point.shape
    if claim.shape != shape:
        swapped = point.shape + remembered.start.shape
        raise ShapeError(
            "the Jacobian",
            f"shape {shape_text(claim.shape)} where f(x) and x need {shape_text(shape)}"
            + ("; its transpose would fit" if claim.shape == swapped else ""),
            "order the axes as shape(f(x)) + shape(x)",
        )
    found = _check(remembered, claim, seed)
    if found.verdict == "fail" and remembered.start.shape == point.shape and point.size > 1:
        turned = claim.reshape(point.size, -1).T.reshape(shape)
        if _check(remembered, turned, seed).verdict == "pass":
            found = replace(found, mistakes=("transposed",))
    return finished(found, remembered)


def _check(f: Remembered, claim: Array, seed: int) -> GradientCheck:
    point = f.point.values
    matrix = claim.reshape(f.start.size, point.size)
    if f.start.size <= SMALL:
        rows: dict[int, GradientCheck] = {}
        for k in range(len(matrix)):
            rows[k] = _row(f, matrix, k, seed)
            if sum(len(row.entries) for row in rows.values()) > LISTED:
                break
        return _of_rows(f, rows, claim)

    def row(v: Array) -> Array:
        return (v.ravel() @ matrix).reshape(point.shape)

    found, v = check_pullback(f, row, seed=seed)
    if found.verdict != "fail" or found.mistakes:
        return found

    def fails(outputs: Array) -> bool:
        part = only(outputs, v)
        return check_slopes(f, f.weighted(part), row(part), seed=seed).verdict == "fail"

    rows = {k: _row(f, matrix, k, seed) for k in narrow(f.start.size, fails)}
    if not any(row.verdict == "fail" for row in rows.values()):
        return found
    named = _of_rows(f, rows, claim)
    return replace(found, entries=named.entries, reason=named.reason)


def _row(f: Remembered, matrix: Array, k: int, seed: int) -> GradientCheck:
    row = matrix[k].reshape(f.point.values.shape)
    return check_slopes(f, f.entry(k), row, seed=seed)


def _of_rows(f: Remembered, rows: dict[int, GradientCheck], claim: Array) -> GradientCheck:
    wrong = [k for k, row in rows.items() if row.verdict == "fail"]
    unknown = [k for k, row in rows.items() if row.verdict == "inconclusive"]
    first = rows[(wrong or unknown or list(rows))[0]]
    everything = rows.values()
    merged = replace(
        first,
        bar=max(row.bar for row in everything),
        step=max(row.step for row in everything),
        notes=tuple(dict.fromkeys(note for row in everything for note in row.notes)),
    )
    if wrong:
        entries = [(*_index(f, k), *entry) for k in wrong for entry in rows[k].entries]
        return replace(
            merged,
            entries=tuple(entries[:LISTED]),
            mistakes=_mistakes(f, rows, wrong, claim),
            reason=f"{_outputs(f, wrong, rows)}: {first.reason}",
        )
    if unknown:
        return replace(merged, reason=f"Output {list(_index(f, unknown[0]))}: {first.reason}")
    many = (
        f"All {claim.size} entries agree with differences within their bars."
        if f.point.values.size <= SMALL
        else f"The slopes of all {f.start.size} outputs agree. Of each: {first.reason}"
    )
    return replace(merged, reason=many)


def _mistakes(
    f: Remembered, rows: dict[int, GradientCheck], wrong: list[int], claim: Array
) -> tuple[str, ...]:
    """What all wrong rows have in common, and where, if other rows are right."""
    common = [m for m in rows[wrong[0]].mistakes if all(m in rows[k].mistakes for k in wrong)]
    matrix = claim.reshape(f.start.size, -1)
    right = [k for k in rows if k not in wrong and np.any(matrix[k])]
    if not right:
        return tuple(common)
    where = ", ".join(str(list(_index(f, k))) for k in wrong[:3]) + ", ..." * (len(wrong) > 3)
    return tuple(f"{mistake} in output {where}" for mistake in common)


def _outputs(f: Remembered, wrong: list[int], rows: dict[int, GradientCheck]) -> str:
    first = list(_index(f, wrong[0]))
    if len(rows) < f.start.size or len(rows) == 1:
        return f"Output {first}"
    return f"{len(wrong)} of {len(rows)} outputs are wrong; output {first}"


def _index(f: Remembered, k: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(k, f.start.shape)) if f.start.ndim else ()


def finished(found: GradientCheck, f: Remembered) -> GradientCheck:
    """The outcome with all evaluations that were made, and what became of the point."""
    notes = (f.point.note, *found.notes) if f.point.note else found.notes
    return replace(found, evaluations=f.calls, notes=tuple(dict.fromkeys(notes)))
