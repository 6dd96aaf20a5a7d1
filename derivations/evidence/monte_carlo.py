"""Monte Carlo: the mean of an estimator over random draws, with an interval of stated confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy.stats.rv import RandomSymbol, random_symbols

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Point,
    enclosed,
    fixed,
    inserted,
    mathematics,
    points,
)
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from numeric.binding import shape_of
from numeric.seeds import generator
from symbolic import Expression, Variable, lambdify
from symbolic.errors import ChainruleError, UnsupportedError
from symbolic.traverse import variables

_FEWEST = 1000  # samples
_WIDEST = 0.05  # of the truth (or of 1) that the half-width of the interval may be


@dataclass(frozen=True)
class MonteCarlo:
    """The mean of an estimator over random draws is the truth, as far as the samples can tell."""

    estimator: Mathematics
    truth: Mathematics
    draws: tuple[tuple[Variable, RandomSymbol], ...]
    at: Fixed
    samples: int
    confidence: float
    name: str = "Monte Carlo"

    @property
    def statement(self) -> Statement:
        """The mean, the truth, and what is drawn."""
        drawn: list[Any] = []
        for variable, source in self.draws:
            drawn += ["over", variable, "with entries from", _described(source)]
        if not isinstance(self.estimator, Expression):
            for place, source in enumerate(sorted(random_symbols(self.estimator), key=str)):
                drawn += ["and" if place else "over", source.symbol, "from", _described(source)]
        return ("the mean of", self.estimator, *drawn, "is", self.truth, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Draw, average, and see whether the truth lies in the interval."""
        try:
            values, truth = self._drawn(seed)
        except (ChainruleError, NotImplementedError) as why:
            return Evidence("undecided", "sampled", str(why))
        if not np.all(np.isfinite(values)):
            return Evidence("undecided", "sampled", "the estimator is not finite for some draws")
        mean = values.mean(axis=0)
        spread = values.std(axis=0, ddof=1) / np.sqrt(self.samples)
        half = _quantile(self.confidence, mean.size) * spread
        off = np.abs(mean - truth)
        place = int(np.argmax(off - half))
        entry = tuple(int(k) for k in np.unravel_index(place, mean.shape)) if mean.ndim else ()
        said = (
            f"the mean is {mean.flat[place]:.6g} ± {half.flat[place]:.2g}, the truth "
            f"{truth.flat[place]:.6g}"
            + (f" in entry {list(entry)}" if entry else "")
            + f" ({self.samples} samples, confidence {100 * self.confidence:.10g} %, seed {seed})"
        )
        rounding = 1e-9 * (1 + abs(truth.flat[place]))
        if off.flat[place] > half.flat[place] + rounding:
            return Evidence("refuted", "sampled", said, self.samples, said)
        if not np.all(np.isfinite(half)) or np.any(half > _WIDEST * np.maximum(np.abs(truth), 1)):
            return Evidence("undecided", "sampled", f"the interval is too wide: {said}")
        return Evidence("verified", "sampled", said, self.samples)

    def _drawn(self, seed: int) -> tuple[Any, Any]:
        estimator = inserted(self.estimator, self.at)
        truth = inserted(self.truth, self.at)
        nowhere = Point({}, {})
        rng = generator(seed)
        if not isinstance(estimator, Expression):
            sources = sorted(random_symbols(estimator), key=str)
            _need_no_unknowns(estimator, sources)
            drawn = [draw_many(source, (self.samples,), rng) for source in sources]
            values = sympy.lambdify(sources, estimator, modules=["scipy", "numpy"])(*drawn)
            found = np.broadcast_to(np.asarray(values, dtype=float), (self.samples,))
            return found, _floats(truth, nowhere)
        drawn_names = {variable for variable, _ in self.draws}
        formulas = [estimator, truth] if isinstance(truth, Expression) else [estimator]
        point = next(points(formulas, self.at, seed, 1))
        arguments = variables(estimator)
        arrays = []
        numbers = {u: v for u, v in self.at if isinstance(u, sympy.Symbol)}
        sources_of = dict(self.draws)
        for variable in arguments:
            if variable in drawn_names:
                shape = shape_of(variable.shape, point.sizes)
                source = _with_parameters(sources_of[variable], numbers)
                arrays.append(draw_many(source, (self.samples, *shape), rng))
            else:
                arrays.append(np.asarray(point.values[variable], dtype=float))
        code = lambdify(
            estimator, arguments=arguments, batch=[v.name for v in drawn_names], check=False
        )
        values = np.asarray(code(*arrays), dtype=float)
        return values, _floats(truth, point if isinstance(truth, Expression) else nowhere)


def _floats(truth: Any, point: Any) -> Any:
    balls = enclosed(truth, point, 128)
    return np.array([float(ball.mid()) for ball in balls.flat]).reshape(balls.shape)


def _described(source: RandomSymbol) -> str:
    """The distribution in words: Normal(0, 1)."""
    distribution = source.pspace.distribution
    kind = type(distribution).__name__.removesuffix("Distribution")
    return f"{kind}({', '.join(map(str, distribution.args))})"


def _with_parameters(source: RandomSymbol, numbers: Mapping[Any, Any]) -> RandomSymbol:
    return source.subs({u: sympy.Rational(v) for u, v in numbers.items()}) if numbers else source


def _need_no_unknowns(estimator: sympy.Expr, sources: list[Any]) -> None:
    free = estimator.free_symbols - set(sources) - {source.symbol for source in sources}
    if free:
        raise UnsupportedError(
            f"the estimator {estimator}",
            f"{', '.join(sorted(map(str, free)))} have no value",
            "give them one in at={...}",
        )


def draw_many(source: RandomSymbol, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """Independent draws of a random variable of SymPy, as float64.

    >>> from sympy.stats import Die
    >>> float(draw_many(Die("d", 6), (10_000,), np.random.default_rng(0)).mean().round(1))
    3.5
    """
    from sympy.stats import density, sample

    if source.pspace.is_Finite:
        table = dict(density(source).dict)
        outcomes = np.array([float(outcome) for outcome in table])
        weights = np.array([float(weight) for weight in table.values()])
        return rng.choice(outcomes, size=shape, p=weights / weights.sum())
    return np.asarray(sample(source, size=shape, library="numpy", seed=rng), dtype=float)


def _quantile(confidence: float, entries: int) -> float:
    """The normal quantile of a two-sided interval, for all entries together (Bonferroni)."""
    from scipy.special import ndtri

    return float(-ndtri((1 - confidence) / (2 * max(entries, 1))))


def monte_carlo(
    estimator: Mathematics,
    truth: object,
    draws: Mapping[Variable, RandomSymbol] | None = None,
    at: At | None = None,
    samples: int = 100_000,
    confidence: float = 0.999999,
) -> MonteCarlo:
    """The mean of the estimator over random draws is the truth.

    `draws` gives the distribution of the entries of each random array, all independent; a SymPy
    estimator holds its random variables itself. By the central limit theorem the interval holds the true mean
    with the confidence stated, about.

    >>> from sympy.stats import Normal
    >>> monte_carlo(Normal("Z", 0, 1) ** 2, 1).run(seed=0).verdict
    'verified'
    """
    value = mathematics(truth)
    if draws is not None and not isinstance(draws, Mapping):
        raise UnsupportedError(f"draws={draws!r}", "no mapping", "write draws={X: Normal(...)}")
    if not isinstance(samples, int) or samples < _FEWEST:
        raise UnsupportedError(f"samples={samples}", "too few to tell", f"use {_FEWEST} or more")
    if not isinstance(confidence, float) or not 0.5 <= confidence < 1:
        raise UnsupportedError(f"confidence={confidence}", "no level", "use 0.999999")
    return MonteCarlo(
        estimator, value, tuple((draws or {}).items()), fixed(at), samples, confidence
    )
