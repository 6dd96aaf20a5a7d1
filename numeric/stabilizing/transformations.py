"""Rewrites that one pair of formulas cannot say: over any number of items, or by algebra.

Each takes a term and gives the terms that may replace the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product as combinations
from math import lcm

from numeric.stabilizing.rational import difference, forms, quotient, simplest
from numeric.stabilizing.terms import (
    ONE,
    PI,
    ZERO,
    Term,
    call,
    constant,
    factors,
    product,
    substitute,
    summands,
    total,
    variable,
)

MOST_STEPS = 6  # between arguments of lgamma
MOST_POWERS = 8  # of the arguments of logarithms that are joined
MOST_CURVED = 4  # items of a sum whose first orders are looked at


@dataclass(frozen=True)
class Transformation:
    """A named rewrite given by a function."""

    name: str
    apply: Callable[[Term], Iterator[Term]]


def rational_forms(term: Term) -> Iterator[Term]:
    """Factored, expanded and split forms of a rational function of its unknowns."""
    if term.op in ("add", "subtract", "multiply", "divide", "negative", "power"):
        yield from forms(term)


def _exponential_items(term: Term) -> list[tuple[Term, Term]] | None:
    """A sum of weighted exponentials as pairs (weight, exponent)."""
    items = []
    for sign, item in summands(term):
        minus, top, bottom = factors(item)
        if sign * minus < 0:
            return None
        exponent, weight = ZERO, ONE
        for factor in top:
            if factor.op == "exp":
                exponent = exponent + factor.args[0]
            else:
                weight = weight * factor
        for factor in bottom:
            if factor.op == "exp":
                exponent = exponent - factor.args[0]
            else:
                weight = weight / factor
        items.append((weight, simplest(exponent)))
    return items


def log_sum_exp(term: Term) -> Iterator[Term]:
    """log(sum w*exp(u)) shifted by the largest exponent, the rest through log1p."""
    if term.op not in ("log", "log1p"):
        return
    inner = term.args[0] if term.op == "log" else ONE + term.args[0]
    candidates = [inner, *forms(inner)]
    for each in dict.fromkeys(candidates):
        items = _exponential_items(each)
        if items is None or len(items) < 2 or all(u is ZERO for _, u in items):
            continue
        exponents = [u for _, u in items]
        largest, losers = exponents[0], []
        for u in exponents[1:]:
            losers.append(call("minimum", largest, u))
            largest = call("maximum", largest, u)
        if all(w is ONE for w, _ in items):
            rest = [call("exp", loser - largest) for loser in losers]
            if len(items) == 2:
                apart = call("abs", difference(exponents[0], exponents[1]))
                rest = [call("exp", -apart)]
            yield largest + call("log1p", total((1, each) for each in rest))
        else:
            shifted = [w * call("exp", u - largest) for w, u in items]
            yield largest + call("log", total((1, each) for each in shifted))
        for k, (weight, u) in enumerate(items):
            others = [
                quotient(w, weight) * call("exp", difference(v, u))
                for j, (w, v) in enumerate(items)
                if j != k
            ]
            yield u + call("log", weight) + call("log1p", total((1, each) for each in others))


def into_log(term: Term) -> Iterator[Term]:
    """log(a) + b as log(a*exp(b)), where a has exponentials that may cancel."""
    items = summands(term)
    if term.op not in ("add", "subtract", "negative") or len(items) > 6:
        return
    for k, (sign, item) in enumerate(items):
        if item.op not in ("log", "log1p") or not _has(item, "exp"):
            continue
        inside = item.args[0] if item.op == "log" else ONE + item.args[0]
        for j, (other_sign, other) in enumerate(items):
            if j == k or other.op == "log":
                continue
            moved = inside * call("exp", other if sign == other_sign else -other)
            rest = [each for i, each in enumerate(items) if i not in (j, k)]
            for form in forms(moved):
                yield total([*rest, (sign, call("log", form))])


def joined_logarithms(term: Term) -> Iterator[Term]:
    """A sum of logarithms with rational weights as one, by way of log1p.

    With n*log(a) - m*log(b) = log(a**n/b**m) the difference a**n - b**m is factored.
    """
    weighted = _log_weights(term) if term.op in ("add", "subtract") else None
    if weighted is None:
        return
    scale = lcm(*(weight.denominator for weight, _ in weighted))
    powers = [(int(weight * scale), inner) for weight, inner in weighted]
    if sum(abs(n) for n, _ in powers) > MOST_POWERS:
        return
    top = product(inner ** constant(n) for n, inner in powers if n > 0)
    bottom = product(inner ** constant(-n) for n, inner in powers if n < 0)
    if bottom is not ONE:
        yield call("log1p", quotient(difference(top, bottom), bottom)) / constant(scale)


def _log_weights(term: Term) -> list[tuple[Fraction, Term]] | None:
    """A rational combination of logarithms as weights with arguments, None for anything else."""
    match term.op, term.args:
        case "log", (inner,):
            return [(Fraction(1), inner)]
        case "multiply", (a, b) if a.number is not None:
            return _scaled_weights(b, a.number)
        case "divide", (a, b) if b.number:
            return _scaled_weights(a, 1 / b.number)
        case "add" | "subtract", (a, b):
            sign = Fraction(-1 if term.op == "subtract" else 1)
            left, right = _log_weights(a), _scaled_weights(b, sign)
            return left + right if left and right else None
    return None


def _scaled_weights(term: Term, factor: Fraction) -> list[tuple[Fraction, Term]] | None:
    weights = _log_weights(term)
    return weights and [(factor * weight, inner) for weight, inner in weights]


def _has(term: Term, op: str) -> bool:
    return term.op == op or any(_has(arg, op) for arg in term.args)


def _first_orders(term: Term) -> list[tuple[Term, Term]]:
    """Ways to write a function as its first order and the rest."""
    inner = term.args[0]
    match term.op:
        case "log":
            ways = []
            for scale in (1, -1, 2, -2):
                apart = inner ** constant(scale) - ONE
                argument = next(iter(forms(apart)), apart)  # one quotient of factored differences
                ways.append((argument / scale, call("log1pmx", argument) / scale))
            return ways
        case "log1p":
            argument = quotient(-inner, ONE + inner)
            return [
                (inner, call("log1pmx", inner)),
                (-argument, -call("log1pmx", argument)),
            ]
        case "exp":
            return [(ONE + inner, call("expm1mx", inner)), (ONE, call("expm1", inner))]
        case "expm1":
            return [(inner, call("expm1mx", inner))]
    exponent = term.args[1]
    log = call("log", inner)
    linear, rest = _first_orders(log)[0] if log.op == "log" else (log, ZERO)
    return [
        (ONE + exponent * linear, exponent * rest + call("expm1mx", exponent * log)),
        (inner, inner * call("expm1", difference(exponent, ONE) * log)),
    ]


_CURVED = ("log", "log1p", "exp", "expm1", "power")


def _is_curved(term: Term) -> bool:
    return term.op in _CURVED and (term.op != "power" or term.args[1].number is None)


def cancelled_first_orders(term: Term) -> Iterator[Term]:
    """Sums of logarithms and powers whose first orders cancel: terms of second order are left."""
    items = summands(term)
    if term.op not in ("add", "subtract", "negative"):
        return
    curved, others = [], []
    for sign, item in items:
        minus, top, bottom = factors(item)
        found = [factor for factor in top if _is_curved(factor)]
        if len(found) == 1:
            weight = product(f for f in top if f is not found[0]) / product(bottom)
            curved.append((sign * minus, weight, found[0]))
        else:
            others.append((sign, item))
    if not 1 <= len(curved) <= MOST_CURVED:
        return
    most = 4 if len(curved) < 3 else 2
    results = []
    for ways in combinations(*(_first_orders(each)[:most] for _, _, each in curved)):
        first, rest = list(others), []
        for (sign, weight, _), (linear, remainder) in zip(curved, ways, strict=True):
            first.append((sign, weight * linear))
            rest.append((sign, weight * remainder))
        left = simplest(total(first))
        results.append((left.size, total([*rest, (1, left)])))
    results.sort(key=lambda each: each[0])
    for _, result in results[:4]:
        yield result


def differences_of_variables(term: Term) -> Iterator[Term]:
    """A polynomial in the differences to one of its variables, where it then has fewer terms."""
    if term.op not in ("add", "subtract", "multiply", "divide") or not 2 <= len(term.names) <= 4:
        return
    if any(each.op not in _POLYNOMIAL for each in _parts(term)):
        return
    for name in sorted(term.names):
        base = variable(name)
        steps = {variable(o): variable(f"step of {o}") for o in sorted(term.names) if o != name}
        moved = substitute(term, {v: base + d for v, d in steps.items()})
        for form in forms(moved):
            if name not in form.names:
                yield substitute(form, {d: v - base for v, d in steps.items()})


_POLYNOMIAL = frozenset(
    ("add", "subtract", "multiply", "divide", "negative", "power", "constant", "variable")
)


def _parts(term: Term) -> Iterator[Term]:
    yield term
    for arg in term.args:
        yield from _parts(arg)


def stirling_differences(term: Term) -> Iterator[Term]:
    """Sums of log-gammas through Stirling's formula, their large parts joined in logarithms.

    Around the largest argument m every log(u) is log(m) + log1p((u - m)/m), so that the multiples
    of log(m) cancel as polynomials.
    """
    items = summands(term)
    gammas = [(s, t) for s, t in items if t.op == "lgamma"]
    if len(gammas) < 2:
        return
    rest = [item for item in items if item[1].op != "lgamma"]
    half = constant(Fraction(1, 2))
    for _, middle in gammas:
        m = middle.args[0]
        weight, plain, logs, tails = ZERO, ZERO, ZERO, ZERO
        for sign, gamma in gammas:
            u = gamma.args[0]
            weight = weight + constant(sign) * (u - half)
            plain = plain - constant(sign) * u
            step = quotient(difference(u, m), m)
            logs = logs + constant(sign) * (u - half) * call("log1p", step)
            tails = tails + constant(sign) * call("stirling", u)
        count = sum(sign for sign, _ in gammas)
        constants = constant(Fraction(count, 2)) * call("log", constant(2) * PI)
        whole = simplest(weight) * call("log", m) + logs + simplest(plain) + tails + constants
        yield total([*rest, (1, whole)])


def recurrences(term: Term) -> Iterator[Term]:
    """lgamma(a + n) - lgamma(a) as the log of a product, digamma's as a sum, for small n."""
    items = summands(term)
    for (k, (s, a)), (j, (t, b)) in combinations(enumerate(items), enumerate(items)):
        if (s, t) != (1, -1) or a.op != b.op or a.op not in ("lgamma", "digamma"):
            continue
        step = difference(a.args[0], b.args[0]).number
        if step is None or step.denominator != 1 or not 0 < abs(step) <= MOST_STEPS:
            continue
        low = (b if step > 0 else a).args[0]
        rising = [simplest(low + i) for i in range(abs(int(step)))]
        if a.op == "lgamma":
            between = call("log", product(rising))
        else:
            between = total((1, ONE / each) for each in rising)
        rest = [each for i, each in enumerate(items) if i not in (j, k)]
        yield total([*rest, (1 if step > 0 else -1, between)])


TRANSFORMATIONS = (
    Transformation("rational form", rational_forms),
    Transformation("log-sum-exp", log_sum_exp),
    Transformation("term into a logarithm", into_log),
    Transformation("joined logarithms", joined_logarithms),
    Transformation("cancelled first orders", cancelled_first_orders),
    Transformation("differences of variables", differences_of_variables),
    Transformation("Stirling differences", stirling_differences),
    Transformation("recurrence of lgamma", recurrences),
)
