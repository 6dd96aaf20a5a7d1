"""Rules of arithmetic, exponentials, logarithms and powers."""

from __future__ import annotations

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction

from symbolic.algebra.factoring import factored
from symbolic.errors import UnsupportedError
from symbolic.phrases import phrase
from symbolic.scalars.facts import Facts
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.substituting import put

algebra = ScalarRule(
    "algebra",
    "both sides are one expression when multiplied out",
    "none",
    "the laws of arithmetic",
    lambda node, facts: None,
)


def _log_of_product(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.log) or len(node.args) != 1:
        return None
    numerator, denominator = sympy.factor_terms(node.args[0]).as_numer_denom()
    above, below = map(sympy.Mul.make_args, (numerator, denominator))
    factors = [each for each in (*above, *below) if each != 1]
    if (len(factors) < 2 and below == (1,)) or not all(map(facts.positive, factors)):
        return None
    return sympy.Add(*map(sympy.log, above)) - sympy.Add(*map(sympy.log, below))


log_of_product = ScalarRule(
    "log of a product",
    "log(a b) = log a + log b and log(a / b) = log a - log b",
    "a > 0 and b > 0",
    "the laws of logarithms",
    _log_of_product,
)


def _log_of_power(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.log) or len(node.args) != 1:
        return None
    argument = node.args[0]
    if isinstance(argument, sympy.exp):
        (exponent,) = argument.args
        return exponent if facts.real(exponent) else None
    if not isinstance(argument, sympy.Pow):
        return None
    base, exponent = argument.args
    if base == sympy.E:
        return exponent if facts.real(exponent) else None
    return exponent * sympy.log(base) if facts.positive(base) and facts.real(exponent) else None


log_of_power = ScalarRule(
    "log of a power",
    "log(a^c) = c log a",
    "a > 0 and c real",
    "the laws of logarithms",
    _log_of_power,
)


def _power_as_exponential(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Pow) or isinstance(node, sympy.exp):
        return None
    base, exponent = node.args
    if base == sympy.E or exponent.is_number or not facts.positive(base):
        return None
    return sympy.exp(exponent * sympy.log(base))


power_as_exponential = ScalarRule(
    "power as an exponential",
    "a^c = exp(c log a)",
    "a > 0",
    "the definition of real powers",
    _power_as_exponential,
)


def _function_value(given: sympy.Eq, node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    """The value of a function defined by F(x, y) = ... for all x and y of their domains."""
    places, values = given.lhs.args, node.args
    if places == values:
        return given.rhs
    if len(places) != len(values) or len(set(places)) < len(places):
        return None
    if not all(isinstance(place, sympy.Symbol) for place in places):
        return None
    others = (each for each in facts.conditions if each != given)
    if any(each.free_symbols & set(places) for each in others):
        return None  # the definition is for such arguments only
    if not all(facts.has_domain_of(place, v) for place, v in zip(places, values, strict=True)):
        return None
    return put(given.rhs, dict(zip(places, values, strict=True)))


def definition_of(name: sympy.Symbol | sympy.Basic) -> ScalarRule:
    """What a name stands for, by the equation given for it: `Eq(mu, ...)` or `Eq(F(t), ...)`.

    >>> mu, x, t = sympy.symbols("mu x t", real=True)
    >>> definition_of(mu).results(mu + 1, Facts((sympy.Eq(mu, x**2),)))
    (x**2 + 1,)
    """
    if not isinstance(name, (sympy.Symbol, AppliedUndef, UndefinedFunction)):
        raise UnsupportedError(
            f"definition_of({name!r})", "it is no name", "give a symbol or an undefined function"
        )

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        for given in facts.conditions:
            if not isinstance(given, sympy.Eq):
                continue
            if node == name == given.lhs:
                return given.rhs
            if isinstance(given.lhs, AppliedUndef) and given.lhs.func == name == node.func:
                return _function_value(given, node, facts)
        return None

    return ScalarRule(
        phrase("definition of", name),
        f"{name} stands for what the equation given says",
        "the equation is given",
        "the notation of the page",
        apply,
        (name,) if isinstance(name, sympy.Basic) else (),
        definition_of if isinstance(name, sympy.Basic) else None,
    )


def _power_of_product(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Pow) or node.args[1].is_integer:
        return None
    base, exponent = node.args
    above, below = map(sympy.Mul.make_args, factored(base).as_numer_denom())
    signs = [facts.negative(each) for each in (*above, *below)]
    if sum(signs) % 2:
        return None
    above, below = ([-f if facts.negative(f) else f for f in part] for part in (above, below))
    known = [each for each in (*above, *below) if each != 1]
    if len(known) < 2 or not all(map(facts.positive, known)):
        return None
    upper = sympy.Mul(*(each**exponent for each in above))
    return upper / sympy.Mul(*(each**exponent for each in below))


power_of_product = ScalarRule(
    "power of a product",
    "(a b)^c = a^c b^c and (a / b)^c = a^c / b^c",
    "a > 0 and b > 0",
    "the laws of powers",
    _power_of_product,
)


def _product_of_powers(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Mul):
        return None
    powers: dict[sympy.Expr, list[sympy.Expr]] = {}
    for factor in node.args:
        base, exponent = factor.as_base_exp()
        powers.setdefault(base, []).append(exponent)
    several = {base: exponents for base, exponents in powers.items() if len(exponents) > 1}
    for base, exponents in several.items():
        whole = all(facts.integer(each) and facts.nonnegative(each) for each in exponents)
        if not whole and not (facts.positive(base) and all(map(facts.real, exponents))):
            return None
    joined = (base ** sympy.Add(*exponents) for base, exponents in powers.items())
    return sympy.Mul(*joined) if several else None


product_of_powers = ScalarRule(
    "product of powers",
    "a^b a^c = a^(b + c)",
    "a > 0, or b and c are whole numbers, zero or greater",
    "the laws of powers",
    _product_of_powers,
)
