"""The search for an accurate form: rewrite, measure, keep what is best somewhere.

A form is scored by its bits of error at every sample point. The beam holds the forms with the
least mean, and those that are best on points where the others are bad, because regimes join
forms that are good in different places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from numeric.accuracy.errors import bits_of_error
from numeric.stabilizing.exact import Truth
from numeric.stabilizing.floats import Evaluator
from numeric.stabilizing.matching import Rule, inside
from numeric.stabilizing.rules import RULES
from numeric.stabilizing.series import expansions
from numeric.stabilizing.terms import Term, node, rebuild, substitute, subterms, tidy
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


@dataclass(frozen=True)
class Form:
    """A form of the formula: its term, its error at every point, how it came about."""

    term: Term
    bits: Floats = field(repr=False)
    rules: tuple[str, ...] = ()
    approximate: bool = False

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
    """What a form is measured against: points, and the exact values there."""

    def __init__(self, points: Mapping[str, Floats], truth: Truth, dtype: np.dtype) -> None:
        known = truth.known
        self.points = {name: x[known] for name, x in points.items()}
        self.values = truth.values[known]
        self.dtype = dtype
        self.evaluate = Evaluator({n: x.astype(dtype) for n, x in self.points.items()}, dtype)

    def bits(self, term: Term) -> Floats:
        """The error of a term at every point."""
        computed = np.broadcast_to(self.evaluate(term), self.values.shape)
        return bits_of_error(computed, self.values, self.dtype)


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
    first = Form(original, problem.bits(original))
    start = tidy(original)
    known: dict[Term, Form] = {original: first}
    known.setdefault(start, Form(start, problem.bits(start)))
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
                    known[term] = Form(term, problem.bits(term), (*form.rules, name))
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
    """Forms in which a part is replaced by its Taylor polynomial."""
    made: dict[Term, Form] = {}
    for form in forms:
        for part in subterms([form.term]):
            for _, polynomial in expansions(part):
                term = substitute(form.term, {part: polynomial})
                if term not in made and term.size <= MOST_SIZE:
                    rules = (*form.rules, "Taylor series")
                    made[term] = Form(term, problem.bits(term), rules, approximate=True)
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
                made[term] = Form(term, problem.bits(term), rules, form.approximate)
    return list(made.values())
