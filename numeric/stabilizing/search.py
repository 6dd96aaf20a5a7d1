"""The search for an accurate form: rewrite, measure, keep what is best somewhere.

A form is scored by its bits of error at every sample point. The beam holds the forms with the
least mean, and those that are best on points where the others are bad, because regimes join
forms that are good in different places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.accuracy.errors import bits_of_error
from numeric.stabilizing.exact import Truth
from numeric.stabilizing.floats import Evaluator
from numeric.stabilizing.matching import Rule, inside
from numeric.stabilizing.rules import RULES
from numeric.stabilizing.series import expansions
from numeric.stabilizing.terms import (
    ONE,
    ZERO,
    Term,
    node,
    rebuild,
    substitute,
    subterms,
    tidy,
)
from numeric.stabilizing.transformations import TRANSFORMATIONS

Floats = NDArray[np.float64]

BEAM = 24  # forms that are rewritten in a round
ROUNDS = 8
MOST_FORMS = 8000  # that are measured
MOST_SIZE = 90  # nodes of a form
ENOUGH = 0.12  # bits; a choice of forms this good ends the search
SIZE_PRICE = 0.004  # bits that one node more has to gain
WORST_SHARE = 0.005  # of the largest error that counts beside the mean
PAIR_PRICE = 0.1  # bits that arithmetic of pairs has to gain
PATIENCE = 3  # rounds without gain
LEAST_STEP = 0.02  # bits that count as gain
FEW = 6.0  # bits; the largest error of a formula that is left as it is, and of a series


@dataclass(frozen=True)
class Form:
    """A form of the formula: its term, its error at every point, how it came about.

    series   a term that is not 0 where a Taylor series stands in for the formula
    """

    term: Term
    bits: Floats = field(repr=False)
    rules: tuple[str, ...] = ()
    series: Term = ZERO

    @property
    def mean(self) -> float:
        return float(self.bits.mean())

    @property
    def error(self) -> float:
        """Mean error and a little of the largest."""
        return self.mean + WORST_SHARE * float(self.bits.max())

    @property
    def price(self) -> float:
        """The error, and a little for length."""
        return self.error + length_price(self.term)


@lru_cache(maxsize=1 << 16)
def length_price(term: Term) -> float:
    """What a form has to gain for being as long as it is."""
    pairs = sum(each.op == "compensated" for each in subterms([term]))
    return SIZE_PRICE * term.size + PAIR_PRICE * pairs


class Problem:
    """What a form is measured against: points, the exact values there, and the input formula.

    infinite    how many points were drawn that are not finite, and so no points of the type
    undefined   how many certainly have no real value
    undecided   how many have a value that no precision tried could tell
    """

    def __init__(
        self,
        original: Term,
        points: Mapping[str, Floats],
        truth: Truth,
        dtype: np.dtype,
        infinite: int = 0,
    ) -> None:
        known, open_ = truth.known, ~(truth.known | truth.undefined)
        self.original = original
        self.points = {name: x[known] for name, x in points.items()}
        self.values = truth.values[known]
        self.dtype = dtype
        self.infinite = infinite
        self.undefined = int(truth.undefined.sum())
        self.undecided = int(open_.sum())
        self.evaluate = Evaluator({n: x.astype(dtype) for n, x in self.points.items()}, dtype)
        self._bits: dict[Term, Floats] = {}
        self._evaluate_undecided = Evaluator(
            {name: x[open_].astype(dtype) for name, x in points.items()}, dtype
        )

    def form(self, term: Term, rules: tuple[str, ...] = (), series: Term = ZERO) -> Form:
        """A form with its measured error."""
        return Form(term, self.bits(term), rules, series)

    def bits(self, term: Term) -> Floats:
        """The error of a term at every point."""
        found = self._bits.get(term)
        if found is None:
            found = bits_of_error(self._at_points(term), self.values, self.dtype)
            self._bits[term] = found
        return found

    def uses_series(self, form: Form) -> NDArray[np.bool_]:
        """Where a form rests on a series."""
        return np.asarray(self._at_points(form.series) != 0)

    def forbids(self, form: Form) -> NDArray[np.bool_]:
        """Where a form must not be used: it fails and the input does not, or its series is off.

        To be NaN is worse than to be infinite where the exact value is finite.
        """
        lost = failure(self._at_points(form.term), self.values) > self._failure_of_original
        return lost | (self.uses_series(form) & (self.bits(form.term) > FEW))

    def allows(self, form: Form) -> bool:
        """Whether a form may be used at every point; at the undecided ones it must not fail anew."""
        if self.undecided:
            values, original = map(self._evaluate_undecided, (form.term, self.original))
            if np.any(failure(values) > failure(original)):
                return False
            if np.any(self._evaluate_undecided(form.series) != 0):
                return False
        return not self.forbids(form).any()

    def costs(self, form: Form) -> Floats:
        """The error of a form; a wrong number in place of an honest failure gains nothing."""
        bits = self.bits(form.term)
        dishonest = (self._failure_of_original > 0) & (bits > FEW)
        return np.where(dishonest, np.maximum(bits, self.bits(self.original)), bits)

    @cached_property
    def _failure_of_original(self) -> NDArray[np.int_]:
        return failure(self._at_points(self.original), self.values)

    def _at_points(self, term: Term) -> NDArray[Any]:
        return np.broadcast_to(self.evaluate(term), self.values.shape)


def failure(values: Any, exact: Any = 0.0) -> NDArray[np.int_]:
    """0 for a number, 1 for an infinity that the exact value is not, 2 for NaN."""
    return np.where(np.isnan(values), 2, np.where(np.isinf(values) & np.isfinite(exact), 1, 0))


class Rewriter:
    """All terms that one rewrite makes of a term, anywhere in it; remembered."""

    def __init__(self) -> None:
        self._by_op: dict[str, list[Rule]] = {}
        for rule in RULES:
            self._by_op.setdefault(rule.sides[0].op, []).append(rule)
        self._found: dict[Term, dict[Term, str]] = {}

    def __call__(self, term: Term) -> dict[Term, str]:
        found = self._found.get(term)
        if found is None:
            found = {}
            for result, name in self._at_root(term):
                found.setdefault(result, name)
            for k, arg in enumerate(term.args):
                for other, name in self(arg).items():
                    args = (*term.args[:k], other, *term.args[k + 1 :])
                    found.setdefault(rebuild(term, args), name)
            found.pop(term, None)
            self._found[term] = found
        return found

    def _at_root(self, term: Term) -> Iterable[tuple[Term, str]]:
        for rule in self._by_op.get(term.op, ()):
            for result in rule.apply(term):
                yield result, rule.name
        for transformation in TRANSFORMATIONS:
            for result in transformation.apply(term):
                yield result, transformation.name
        for pair, surrounding in inside(term):
            for rule in self._by_op.get(pair.op, ()):
                for result in rule.apply(pair):
                    yield surrounding.around(result), rule.name


def search(original: Term, problem: Problem) -> list[Form]:
    """Forms that are good everywhere or somewhere, the best first."""
    rewriter = Rewriter()
    first = problem.form(original)
    start = tidy(original)
    known: dict[Term, Form] = {original: first}
    known.setdefault(start, problem.form(start))
    done: set[Term] = set()
    best, stale = first.mean, 0
    for _ in range(ROUNDS):
        frontier = select(known.values(), BEAM, done)
        if not frontier or best <= ENOUGH or stale >= PATIENCE or len(known) > MOST_FORMS:
            break
        for form in frontier:
            done.add(form.term)
            for term, name in rewriter(form.term).items():
                if term not in known and term.size <= MOST_SIZE:
                    known[term] = problem.form(term, (*form.rules, name))
            if len(known) > MOST_FORMS:
                break
        now = cover_mean(known.values())
        stale = 0 if now < best - LEAST_STEP else stale + 1
        best = min(best, now)
    return select(known.values(), BEAM, set())


def cover_mean(forms: Iterable[Form]) -> float:
    """The mean error if each point had its best form."""
    return float(np.min([form.bits for form in forms], axis=0).mean())


def select(forms: Iterable[Form], count: int, done: set[Term]) -> list[Form]:
    """The cheapest forms, and in turn those that help most where the chosen ones are bad."""
    every = sorted(forms, key=lambda form: (form.price, form.term.key))
    fresh = [form for form in every if form.term not in done]
    if not fresh:
        return []
    chosen = fresh[: count // 2]
    covered = np.min([form.bits for form in every if form.term in done] + [chosen[0].bits], axis=0)
    matrix = np.array([form.bits for form in fresh])
    prices = np.array([length_price(form.term) for form in fresh])
    taken = set(range(len(chosen)))
    while len(chosen) < min(count, len(fresh)):
        gains = np.minimum(matrix, covered).mean(axis=1) + prices
        for k in np.argsort(gains, kind="stable"):
            if int(k) not in taken:
                break
        taken.add(int(k))
        chosen.append(fresh[int(k)])
        covered = np.minimum(covered, matrix[int(k)])
    return chosen


def with_series(forms: Iterable[Form], problem: Problem) -> list[Form]:
    """Forms in which a part is replaced by its Taylor polynomial, or by its first order."""
    made: dict[Term, Form] = {}
    for form in forms:
        for part in subterms([form.term]):
            for _, polynomial in expansions(part):
                term = substitute(form.term, {part: polynomial})
                if term not in made and term.size <= MOST_SIZE:
                    rules = (*form.rules, "Taylor series")
                    made[term] = problem.form(term, rules, series=ONE)
    return list(made.values())


def with_pairs(forms: Iterable[Form], problem: Problem) -> list[Form]:
    """Forms of which a part is computed in arithmetic of pairs, with twice the digits."""
    made: dict[Term, Form] = {}
    for form in forms:
        for part in subterms([form.term]):
            if part.size < 3 or not part.names or part.op in ("less", "less_equal", "equal"):
                continue
            term = substitute(form.term, {part: node("compensated", part)})
            if term not in made:
                rules = (*form.rules, "arithmetic of pairs")
                made[term] = problem.form(term, rules, form.series)
    return list(made.values())
