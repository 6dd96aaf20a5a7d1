"""Rules of expectation, variance and probability for SymPy lines.

Expectations that a page writes are taken to exist, as its assumptions say (finite second moments).
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.independence import are_independent, is_independent, unrelated_factors
from symbolic.scalars.monotone import bound_by_parts
from symbolic.scalars.random_variables import (
    Expectation,
    HasMass,
    IdenticallyDistributed,
    Indicator,
    NormallyDistributed,
    Probability,
    RandomVariable,
    SampleMean,
    TakesValues,
    Variance,
    is_event,
    is_random,
    known_from,
    random_parts,
    with_value,
)
from symbolic.scalars.rule import ScalarRule

_SOURCE = "Grimmett and Stirzaker, Probability and Random Processes"


def _finite(constants: Iterable[sympy.Expr], facts: Facts) -> bool:
    """Whether these are numbers for certain: none of their denominators may be 0."""
    return all(
        not each.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan)
        and _nonzero(each.as_numer_denom()[1], facts)
        for each in constants
    )


def _nonzero(denominator: sympy.Expr, facts: Facts) -> bool:
    return denominator == 1 or facts.nonzero(denominator)


def _taken_out(term: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """constant, rest with term = constant * rest, nothing in the constant random."""
    factors = sympy.Mul.make_args(term)
    constant = sympy.Mul(*(each for each in factors if not is_random(each)))
    return constant, sympy.Mul(*(each for each in factors if is_random(each)))


def _runs_over_numbers(e: sympy.Basic) -> bool:
    """Whether an expression is a sum with finitely many terms, their number not random."""
    if not isinstance(e, sympy.Sum):
        return False
    ends = [end for limit in e.limits for end in limit[1:]]
    return len(ends) == 2 * len(e.limits) and not any(
        is_random(end) or end.has(sympy.oo, -sympy.oo) for end in ends
    )


def _linearity(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation):
        return None
    inner, *known = node.args
    if not is_random(inner):
        return inner if _finite([inner], facts) else None
    terms = sympy.Add.make_args(inner)
    parts = [_taken_out(term) for term in terms]
    if not _finite([constant for constant, _ in parts], facts):
        return None
    found = sympy.Add(
        *(
            constant * (_expected(rest, known) if rest != 1 else sympy.S.One)
            for constant, rest in parts
        )
    )
    return None if found == node else found


def _expected(rest: sympy.Expr, known: list[sympy.Basic]) -> sympy.Expr:
    if _runs_over_numbers(rest):
        return sympy.Sum(Expectation(rest.function, *known), *rest.limits)
    return Expectation(rest, *known)


linearity = ScalarRule(
    "linearity of expectation",
    "E[a X + b Y + c] = a E[X] + b E[Y] + c, and so for every finite sum",
    "a, b, c are numbers, not random",
    _SOURCE,
    _linearity,
)


def _variance(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Variance):
        return None
    inner, *known = node.args
    return Expectation((inner - Expectation(inner, *known)) ** 2, *known)


definition_of_variance = ScalarRule(
    "definition of variance",
    "Var[X] = E[(X - E[X])^2]",
    "none",
    _SOURCE,
    _variance,
)


def _variance_of_multiple(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Variance):
        return None
    inner, *known = node.args
    terms = sympy.Add.make_args(inner)
    shift = [term for term in terms if not is_random(term)]
    constant, rest = _taken_out(sympy.Add(*(term for term in terms if is_random(term))))
    if (constant == 1 and not shift) or not _finite([constant, *shift], facts):
        return None
    return constant**2 * Variance(rest, *known) if rest != 1 else sympy.S.Zero


variance_of_multiple = ScalarRule(
    "variance of a multiple",
    "Var[a X + b] = a^2 Var[X]",
    "a and b are numbers, not random",
    _SOURCE,
    _variance_of_multiple,
)


def _variance_of_sum(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Variance) or len(node.args) > 1:
        return None
    inner = node.args[0]
    if isinstance(inner, sympy.Add):
        return sympy.Add(*map(Variance, inner.args)) if are_independent(inner.args, facts) else None
    if not _runs_over_numbers(inner) or len(inner.limits) > 1:
        return None
    index, first, last = inner.limits[0]
    members = random_parts(inner.function)
    if len(members) != 1 or not facts.nonnegative(last - first + 1):
        return None
    (member,) = members
    if not isinstance(member, sympy.Indexed) or member.indices != (index,):
        return None
    return (
        sympy.Sum(Variance(inner.function), *inner.limits)
        if is_independent(member.base, facts)
        else None
    )


variance_of_independent_sum = ScalarRule(
    "variance of an independent sum",
    "Var[X_1 + ... + X_n] = Var[X_1] + ... + Var[X_n]",
    "X_1, ..., X_n are independent",
    _SOURCE,
    _variance_of_sum,
)


def _independence(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) > 1:
        return None
    groups = unrelated_factors(node.args[0], facts)
    return sympy.Mul(*map(Expectation, groups)) if len(groups) > 1 else None


independence = ScalarRule(
    "independence",
    "E[X Y] = E[X] E[Y]",
    "X and Y are independent",
    _SOURCE,
    _independence,
)


def _identical(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, (Expectation, Variance, Probability)) or len(node.args) > 1:
        return None
    members = random_parts(node.args[0])
    if len(members) != 1:
        return None
    (member,) = members
    if not isinstance(member, sympy.Indexed) or len(member.indices) > 1 or member.indices[0] == 1:
        return None
    given = any(
        isinstance(each, IdenticallyDistributed) and member.base in each.args
        for each in facts.conditions
    )
    return node.xreplace({member: member.base[1]}) if given else None


identical_distribution = ScalarRule(
    "identical distribution",
    "E[f(X_i)] = E[f(X_1)], and so for variances and probabilities",
    "X_1, X_2, ... are identically distributed",
    _SOURCE,
    _identical,
)


def _sample_mean(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, SampleMean):
        return None
    family, count = node.args
    if not facts.positive(count) or not facts.integer(count):
        return None
    index = sympy.Dummy("i", integer=True)
    return sympy.Sum(family[index], (index, 1, count)) / count


definition_of_sample_mean = ScalarRule(
    "definition of the sample mean",
    "mean(X, n) = (X_1 + ... + X_n) / n",
    "n is a positive integer",
    _SOURCE,
    _sample_mean,
)


def _tower(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) > 1:
        return None
    inner = node.args[0]
    if not isinstance(inner, Expectation) or len(inner.args) < 2:
        return None
    if is_event(inner.args[1]):
        return None
    return Expectation(inner.args[0])


tower_rule = ScalarRule(
    "tower rule",
    "E[E[X | Y]] = E[X]",
    "Y is a random variable, and no event",
    _SOURCE,
    _tower,
)


def _known(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) < 2:
        return None
    inner, known = node.args
    if is_event(known):
        return None
    factors = sympy.Mul.make_args(inner)
    outside = [each for each in factors if is_random(each) and known_from(each, known)]
    if not outside:
        return None
    rest = sympy.Mul(*(each for each in factors if each not in outside))
    return sympy.Mul(*outside) * Expectation(rest, known)


taking_out_what_is_known = ScalarRule(
    "taking out what is known",
    "E[f(Y) X | Y] = f(Y) E[X | Y]",
    "Y is a random variable, and f(Y) a function of Y alone",
    _SOURCE,
    _known,
)


def _by_indicator(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Probability):
        return None
    return Expectation(Indicator(node.args[0]), *node.args[1:])


probability_of_event = ScalarRule(
    "probability as an expectation",
    "P(A) = E[1{A}]",
    "none",
    _SOURCE,
    _by_indicator,
)


def _events(event: sympy.Basic) -> frozenset[sympy.Basic]:
    return frozenset(event.args if isinstance(event, sympy.And) else (event,))


def _conditional(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Probability) or len(node.args) < 2:
        return None
    event, known = node.args
    if (Probability(known) > 0) not in facts.conditions:
        return None
    return Probability(sympy.And(event, known)) / Probability(known)


conditional_probability = ScalarRule(
    "definition of conditional probability",
    "P(A | B) = P(A, B) / P(B)",
    "P(B) > 0",
    _SOURCE,
    _conditional,
)


def _product(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Mul):
        return None
    for factor in node.args:
        if not isinstance(factor, Probability) or len(factor.args) < 2:
            continue
        event, known = factor.args
        if is_event(known) and Probability(known) in node.args:
            rest = [each for each in node.args if each not in (factor, Probability(known))]
            return sympy.Mul(*rest, Probability(sympy.And(event, known)))
    return None


product_rule = ScalarRule(
    "product rule of probability",
    "P(A | B) P(B) = P(A, B)",
    "none; both sides are 0 where P(B) = 0",
    _SOURCE,
    _product,
)


def sum_rule(variable: RandomVariable) -> ScalarRule:
    """The sum of P(A, H = h) over all values h that H takes is P(A).

    >>> H, D = RandomVariable("H"), RandomVariable("D")
    >>> h, K = sympy.symbols("h K", integer=True, positive=True)
    >>> joint = Probability(sympy.And(sympy.Eq(D, 1), sympy.Eq(H, h)))
    >>> sum_rule(H).results(sympy.Sum(joint, (h, 1, K)), Facts((TakesValues(H, 1, K),)))
    (P(D = 1),)
    """

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Sum) or len(node.limits) > 1 or len(node.limits[0]) != 3:
            return None
        value, first, last = node.limits[0]
        if TakesValues(variable, first, last) not in facts.conditions:
            return None
        if not isinstance(node.function, Probability) or len(node.function.args) > 1:
            return None
        events = _events(node.function.args[0])
        rest = events - {sympy.Eq(variable, value)}
        if len(rest) == len(events) or any(value in each.free_symbols for each in rest):
            return None
        return Probability(sympy.And(*rest)) if rest else sympy.S.One

    return ScalarRule(
        "sum rule of probability",
        f"the sum of P(A, {variable} = h) over h is P(A)",
        f"h runs over all values of {variable}",
        _SOURCE,
        apply,
        (variable,),
        sum_rule,
    )


def _under_law(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) > 1:
        return None
    parts = random_parts(node.args[0])
    if len(parts) != 1:
        return None
    (variable,) = parts
    inner = node.args[0]
    if any(len(each.args) > 1 for each in inner.atoms(Expectation, Variance, Probability)):
        return None
    for law in facts.conditions:
        if isinstance(law, NormallyDistributed) and law.args[0] == variable:
            if any(map(is_random, law.args[1:])) or not facts.positive(law.args[2]):
                continue
            x = sympy.Dummy(str(variable).lower(), real=True)
            weighted = with_value(inner, variable, x) * law.density(x)
            return sympy.Integral(weighted, (x, -sympy.oo, sympy.oo))
        if isinstance(law, HasMass) and law.args[0] == variable:
            if any(map(is_random, law.args[1:])):
                continue
            x = sympy.Dummy(str(variable).lower(), integer=True)
            weighted = with_value(inner, variable, x) * law.args[1](x)
            return sympy.Sum(weighted, (x, *law.args[2:]))
    return None


expectation_under_law = ScalarRule(
    "expectation under the distribution",
    "E[f(X)] is the sum of f(x) P(X = x), or the integral of f(x) times the density",
    "the distribution of X is given, its deviation is positive and its parameters are no random variables",
    _SOURCE,
    _under_law,
)


# --- bounds --------------------------------------------------------------------------------------


def _above_log(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.log) or not facts.positive(node.args[0]):
        return None
    return node.args[0] - 1


log_below_line = bound_by_parts(
    "log t <= t - 1",
    "log t <= t - 1, with equality at t = 1 alone",
    "t > 0",
    "the logarithm is concave; t - 1 is its tangent at 1",
    _above_log,
)


def _above_indicator(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Indicator) or not isinstance(node.args[0], sympy.GreaterThan):
        return None
    size, level = node.args[0].gts, node.args[0].lts
    if not facts.positive(level):
        return None
    if isinstance(size, sympy.Abs) and facts.real(size.args[0]):
        return (size.args[0] / level) ** 2
    return size / level if facts.nonnegative(size) else None


indicator_below_ratio = bound_by_parts(
    "an indicator is at most the ratio",
    "1{Y >= a} <= Y / a for Y >= 0, and 1{abs(Y) >= a} <= (Y / a)^2",
    "a > 0",
    "where the event happens, the ratio is at least 1",
    _above_indicator,
)


def _above_mean_of_log(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or not isinstance(node.args[0], sympy.log):
        return None
    inner = node.args[0].args[0]
    return sympy.log(Expectation(inner, *node.args[1:])) if facts.positive(inner) else None


jensen_for_log = bound_by_parts(
    "Jensen's inequality for the logarithm",
    "E[log X] <= log E[X]",
    "X > 0",
    "the logarithm is concave",
    _above_mean_of_log,
)
