"""Measuring a function against the truth over a domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.accuracy.calls import Measured, Subject
from numeric.accuracy.conditioning import condition_numbers
from numeric.accuracy.domains import Domain, Points, draw
from numeric.accuracy.errors import Exact, bits_of_error, ulps_of_error
from numeric.accuracy.formats import Floats, Format, format_of
from numeric.accuracy.inputs import whole_count
from numeric.accuracy.reference import Reference, exact_values
from numeric.accuracy.report import Accuracy, Comparison
from numeric.accuracy.search import Errors, search, worst_places
from numeric.accuracy.verdict import allowed, blame, sentence
from numeric.seeds import generator
from symbolic.errors import DataError

_SEARCH_LIMIT = 2000  # bits: the search leaves harder points out
_STARTS = 16  # worst samples that the search starts from


def measure(
    f: Measured,
    reference: Reference,
    domain: Domain,
    dtype: Any = np.float64,
    *,
    samples: int = 2000,
    seed: int = 0,
) -> Accuracy:
    """How far a function is from the truth over a domain, in bits and ulps, and who is to blame.

    Formula: `bits_of_error` and `ulps_of_error` of f(x) against the correctly rounded reference(x),
    at the edges and random points of the domain; a guided search then looks for larger errors near
    the worst of them. The maximum is the largest error found, a lower bound of the largest there is.
    Shapes: f takes one array of shape (N,) for each name of the domain, by keyword (by place if
    there is one), or single numbers; text and expressions are compiled by `symbolic.lambdify`,
    which may choose a stabler form than was written. Conditions: as for `exact_values`; points
    without a known true value are dropped and counted. For float16 and bfloat16, f must be written
    with functions of NumPy: it gets a `RoundedArray`. Numerical error: none in bits; 1e-3 in ulps.

    >>> from numeric.accuracy import log_uniform
    >>> found = measure(lambda x: np.log(1 + x), "log(1 + x)", {"x": log_uniform(1e-10, 1)})
    >>> round(found.max_bits), round(found.condition, 3), found.verdict[:26]
    (33, 1.0, 'The algorithm is to blame:')
    """
    return compare({"f": f}, reference, domain, dtype, samples=samples, seed=seed)["f"]


def compare(
    functions: Mapping[str, Measured],
    reference: Reference,
    domain: Domain,
    dtype: Any = np.float64,
    *,
    samples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Several functions measured on the same points, as one table.

    Shapes, conditions and numerical error: as for `measure`.

    >>> from numeric.accuracy import log_uniform
    >>> domain = {"x": log_uniform(1e-10, 1)}
    >>> found = compare({"naive": lambda x: np.exp(x) - 1, "stable": np.expm1}, "expm1(x)", domain)
    >>> found["naive"].max_bits > 30, found["stable"].max_bits <= 1
    (True, True)
    """
    if not isinstance(functions, Mapping) or not functions:
        raise DataError(
            "compare(functions, ...)", "no function", 'give a mapping as {"naive": f, "stable": g}'
        )
    form = format_of(dtype)
    sample = _sample(reference, domain, form, samples, seed)
    return Comparison({name: _measured(f, sample) for name, f in functions.items()})


@dataclass(frozen=True)
class _Sample:
    """The points of a measurement with their true values and condition numbers."""

    reference: Reference
    domain: Domain
    form: Format
    seed: int
    points: Points
    exact: Exact
    conditions: Floats
    dropped: int
    undefined: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.points)


def _sample(reference: Reference, domain: Domain, form: Format, samples: int, seed: int) -> _Sample:
    drawn = draw(domain, whole_count("samples", samples, 1), generator(seed), form)
    exact = exact_values(reference, drawn, form)
    if not exact.decided.any():
        raise DataError(
            f"the reference over {samples} points of the domain",
            "its value is known at none of them",
            "check that the domain lies where the reference is defined",
        )
    points = {name: values[exact.decided] for name, values in drawn.items()}
    return _Sample(
        reference, domain, form, seed, points, exact.at(exact.decided),
        condition_numbers(reference, points),
        int(np.count_nonzero(~exact.decided)), int(np.count_nonzero(exact.undefined)),
    )  # fmt: skip


def _measured(f: Measured, sample: _Sample) -> Accuracy:
    form, subject = sample.form, Subject(f, sample.names, sample.form)
    computed = subject(sample.points)
    bits = bits_of_error(computed, sample.exact, form)
    ulps = ulps_of_error(computed, sample.exact, form)
    searched = 0

    def errors_at(points: Points) -> Errors:
        nonlocal searched
        exact = exact_values(sample.reference, points, form, _SEARCH_LIMIT)
        values = subject(points)
        searched += len(values)
        found = bits_of_error(values, exact, form), ulps_of_error(values, exact, form)
        return tuple(np.where(exact.decided, each, np.nan) for each in found)  # type: ignore[return-value]

    best = worst_places((bits, ulps), _STARTS)
    start = {name: values[best] for name, values in sample.points.items()}
    rng = generator(sample.seed, 1)
    points, errors = search(errors_at, start, (bits[best], ulps[best]), sample.domain, form, rng)
    worst = {name: values[:1] for name, values in points.items()}
    exact = exact_values(sample.reference, worst, form)
    value = float(subject(worst)[0])
    condition = float(condition_numbers(sample.reference, worst)[0])
    truth = float(exact.rounded[0])
    max_ulps = float(np.nanmax([ulps.max(), np.nanmax(errors[1])]))
    verdict = sentence(float(errors[1][0]), condition, value, truth, max_ulps)
    if blame(float(errors[1][0]), condition) == "problem":
        verdict += _elsewhere(sample, ulps)
    return Accuracy(
        format=form,
        max_bits=float(errors[0][0]), mean_bits=float(bits.mean()),
        max_ulps=max_ulps,
        mean_ulps=_mean(ulps),
        worst={name: float(values[0]) for name, values in worst.items()},
        computed=value, truth=truth, condition=condition, verdict=verdict,
        samples=len(bits), dropped=sample.dropped, undefined=sample.undefined, searched=searched,
        enclosure=sample.exact.enclosure, seed=sample.seed,
        notes=(*sorted(subject.notes), *_notes_on_zeros(sample.exact)),
        points=sample.points, bits=bits, ulps=ulps, conditions=sample.conditions,
    )  # fmt: skip


def _mean(ulps: Floats) -> float:
    """The mean of numbers whose sum might overflow."""
    with np.errstate(over="ignore"):
        return float(np.sum(ulps / len(ulps)))


def _notes_on_zeros(exact: Exact) -> tuple[str, ...]:
    zeros = int(np.count_nonzero(exact.rounded == 0))
    if not zeros:
        return ()
    return (
        f"the true value rounds to 0 at {zeros} of {len(exact.rounded)} samples; ulps count there "
        f"in the smallest number of the format, {exact.format.smallest:.2g}, and may overflow",
    )


def _elsewhere(sample: _Sample, ulps: Floats) -> str:
    """What the condition number does not explain at other inputs, where there is such a one."""
    with np.errstate(all="ignore"):
        excess = ulps / allowed(sample.conditions)  # type: ignore[arg-type]
    excess = np.where(np.isnan(excess), 0.0, excess)
    place = int(np.argmax(excess))
    if blame(float(ulps[place]), float(sample.conditions[place])) != "algorithm":
        return ""
    where = ", ".join(
        f"{name} = {float(values[place])!r}" for name, values in sample.points.items()
    )
    return (
        f" But at {where} the algorithm is: {ulps[place]:.3g} ulps where the condition number "
        f"{sample.conditions[place]:.3g} explains {allowed(float(sample.conditions[place])):.3g}."
    )
