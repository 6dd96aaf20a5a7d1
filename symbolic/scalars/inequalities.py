"""Rules for inequalities: why one SymPy line is at most another."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy.core.function import AppliedUndef

from symbolic.algebra.factoring import factored
from symbolic.errors import UnsupportedError
from symbolic.phrases import phrase
from symbolic.scalars.facts import Facts
from symbolic.scalars.innermost import finite_sum
from symbolic.scalars.monotone import part_by_part, runs_upwards
from symbolic.scalars.normal import equal, is_zero
from symbolic.scalars.parameters import as_expression
from symbolic.scalars.rule import ScalarBound, ScalarRule
from symbolic.scalars.smoothness import integrable, ordered, within
from symbolic.scalars.substituting import put

_ORDER = "the laws of order"
_INCREASING = (sympy.exp, sympy.log, sympy.tanh, sympy.atan, sympy.sinh, sympy.erf)


def at_most(a: sympy.Expr, b: sympy.Expr, facts: Facts) -> bool:
    """Whether a <= b for certain: by a condition, signs, cases for absolute values, increasing functions.

    >>> x, s = sympy.symbols("x s", real=True)
    >>> at_most(sympy.exp(s * x), sympy.exp(sympy.Abs(x)), Facts((s >= 0, s <= 1)))
    True
    >>> at_most(sympy.exp(s * x), sympy.exp(sympy.Abs(x)), Facts())
    False
    """
    if _is_given(a, b, facts) or facts.nonnegative(b - a):
        return True
    if isinstance(a, sympy.Abs) and facts.real(a.args[0]):
        (inner,) = a.args
        if at_most(inner, b, facts) and at_most(-inner, b, facts):
            return True
    terms = sympy.Add.make_args(sympy.expand_mul(a))
    bars = [each for each in terms if isinstance(each, sympy.Abs) and each != a]
    if any(at_most(bar, b - (a - bar), facts) for bar in bars):
        return True
    if any(_exceeds(bar, b - a, facts) for bar in b.atoms(sympy.Abs)):
        return True
    if isinstance(a, sympy.Pow) and isinstance(b, sympy.Pow) and a.exp == b.exp:
        return _powers_ordered(a.base, b.base, a.exp, facts)
    if type(a) is type(b) and isinstance(a, _INCREASING):
        defined = facts.positive if isinstance(a, sympy.log) else facts.real
        return defined(a.args[0]) and at_most(a.args[0], b.args[0], facts)
    if isinstance(a, sympy.exp) and b.is_number and b.is_positive:
        return at_most(a.args[0], sympy.log(b), facts)
    return any(
        all(facts.nonnegative(case) for case in _cases(b - a, symbol))
        for symbol in _signless(b - a)
    )


def _exceeds(bar: sympy.Abs, gap: sympy.Expr, facts: Facts) -> bool:
    """Whether a gap is how far an absolute value is above what is in it, or above minus that."""
    (inner,) = bar.args
    slopes = (each for each in inner.atoms(sympy.Subs, sympy.Derivative) if _is_real_slope(each))
    real = facts.real(inner.xreplace({each: sympy.Dummy(real=True) for each in slopes}))
    return real and (equal(gap, bar - inner) or equal(gap, bar + inner))


def _is_real_slope(node: sympy.Expr) -> bool:
    """Whether a node is a derivative of a real function, at a real point."""
    at = node.point if isinstance(node, sympy.Subs) else ()
    slope = node.expr if isinstance(node, sympy.Subs) else node
    real = isinstance(slope, sympy.Derivative) and isinstance(slope.expr, AppliedUndef)
    return real and all(each.is_extended_real is True for each in (slope.expr, *at))


def _is_given(a: sympy.Expr, b: sympy.Expr, facts: Facts) -> bool:
    """Whether a <= b, or a < b, is one of the conditions."""
    orders = (sympy.Le, sympy.Ge, sympy.Lt, sympy.Gt)
    return any(
        isinstance(each, orders) and equal(each.gts - each.lts, b - a) for each in facts.conditions
    )


def _powers_ordered(a: sympy.Expr, b: sympy.Expr, exponent: sympy.Expr, facts: Facts) -> bool:
    """Whether a^n <= b^n for certain: 0 <= a <= b for n >= 0, and 0 < b <= a for n <= 0."""
    if facts.nonnegative(exponent):
        return facts.nonnegative(a) and at_most(a, b, facts)
    return facts.nonnegative(-exponent) and facts.positive(b) and at_most(b, a, facts)


def _signless(e: sympy.Expr) -> list[sympy.Symbol]:
    """Symbols inside absolute values, real and of unknown sign."""
    inside = {symbol for node in e.atoms(sympy.Abs) for symbol in node.free_symbols}
    return sorted(
        (each for each in inside if each.is_real and each.is_nonnegative is None), key=str
    )


def _cases(e: sympy.Expr, symbol: sympy.Symbol) -> Iterator[sympy.Expr]:
    """The expression for a symbol that is nonnegative, and for one that is not positive."""
    size = sympy.Dummy(str(symbol), nonnegative=True)
    yield e.subs(symbol, size)
    yield e.subs(symbol, -size)


def bounded_by(part: sympy.Expr, bound: sympy.Expr) -> ScalarBound:
    """A part of the line replaced by something at least as large, where that makes the line larger.

    >>> x = sympy.Symbol("x", real=True)
    >>> rule = bounded_by(x, sympy.Abs(x))
    >>> rule.holds(3 * x + 1, 3 * sympy.Abs(x) + 1, Facts())
    True
    """
    part, bound = as_expression(part, "bounded_by"), as_expression(bound, "bounded_by")

    @part_by_part
    def holds(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        return bound if node == part and at_most(part, bound, facts) else None

    return ScalarBound(
        phrase(part, "<=", bound),
        "a larger part makes the line larger",
        f"{part} <= {bound}, and the signs around it are known",
        _ORDER,
        holds,
        (part, bound),
        bounded_by,
    )


@part_by_part
def _triangle(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Abs):
        return None
    (inner,) = node.args
    if isinstance(inner, sympy.Add):
        return sympy.Add(*map(sympy.Abs, inner.args))
    if isinstance(inner, sympy.Sum) and runs_upwards(inner, facts):
        return sympy.Sum(sympy.Abs(inner.function), *inner.limits)
    if isinstance(inner, sympy.Integral) and len(inner.limits) == 1:
        limits = tuple(inner.limits[0])
        upwards = len(limits) == 3 and ordered(limits[1], limits[2], facts)
        if upwards and integrable(inner.function, limits, facts):
            return sympy.Integral(sympy.Abs(inner.function), limits)
    return None


triangle_inequality = ScalarBound(
    "triangle inequality",
    "|a + b| <= |a| + |b|, |sum(f)| <= sum(|f|) and |integral(f)| <= integral(|f|)",
    "the integral exists and its range runs upwards",
    _ORDER,
    _triangle,
)


def triangle(*parts: sympy.Expr) -> ScalarBound:
    """The triangle inequality for a sum of certain parts: |a + b| <= |a| + |b|.

    >>> x, y, z = sympy.symbols("x y z", real=True)
    >>> triangle(x - y, y - z).holds(sympy.Abs(x - z), sympy.Abs(x - y) + sympy.Abs(y - z), Facts())
    True
    """
    terms = tuple(as_expression(each, "triangle") for each in parts)
    whole = sympy.Add(*terms)

    @part_by_part
    def holds(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Abs):
            return None
        fits = equal(node.args[0], whole) or equal(node.args[0], -whole)
        return sympy.Add(*map(sympy.Abs, terms)) if fits else None

    return ScalarBound(
        "triangle inequality",
        "|a + b| <= |a| + |b|",
        "a + b is what stands there",
        _ORDER,
        holds,
        terms,
        triangle,
    )


def _without_bars(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Abs):
        return None
    (inner,) = node.args
    if facts.nonnegative(inner) or _nonnegative_integral(inner, facts):
        return inner
    if facts.nonnegative(-inner):
        return -inner
    factors = inner.args if isinstance(inner, sympy.Mul) else ()
    rest = [each for each in factors if not (facts.nonnegative(each) or facts.nonnegative(-each))]
    if len(rest) == len(factors):
        return None
    signs = [1 if facts.nonnegative(each) else -1 for each in factors if each not in rest]
    known = [each for each in factors if each not in rest]
    return sympy.Mul(*signs, *known) * sympy.Abs(sympy.Mul(*rest))


def _split_bars(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Abs) or not isinstance(node.args[0], sympy.Mul):
        return None
    factors = [each.as_base_exp() for each in node.args[0].args]
    if not all(facts.integer(exponent) for _, exponent in factors):
        return None
    return sympy.Mul(*(sympy.Abs(base) ** exponent for base, exponent in factors))


absolute_value_of_product = ScalarRule(
    "absolute value of a product",
    "|a b| = |a| |b|, and |a / b| = |a| / |b|",
    "exponents are whole numbers",
    _ORDER,
    _split_bars,
)


def _nonnegative_integral(e: sympy.Expr, facts: Facts) -> bool:
    if not isinstance(e, sympy.Integral) or any(len(limits) != 3 for limits in e.limits):
        return False
    for limits in reversed(e.limits):
        if not ordered(limits[1], limits[2], facts):
            return False
        facts = within(facts, tuple(limits))
    return facts.nonnegative(e.function)


absolute_value = ScalarRule(
    "absolute value of what is not negative",
    "|a| = a, and |a b| = a |b|",
    "a >= 0; an integral is where its integrand is and its range runs upwards",
    _ORDER,
    _without_bars,
)


def _by_order(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    """The sign of what is known to be above or below 0; the maximum of what is known to be in order."""
    if isinstance(node, sympy.sign):
        (inner,) = node.args
        return sympy.Integer(facts.positive(inner) - facts.negative(inner)) or None
    if not isinstance(node, sympy.Max):
        return None
    largest = (a for a in node.args if all(b == a or at_most(b, a, facts) for b in node.args))
    return next(largest, None)


sign_and_maximum = ScalarRule(
    "sign and maximum",
    "sign(a) = 1 for a > 0 and -1 for a < 0, and max(a, b) = a for a >= b",
    "the order is known",
    _ORDER,
    _by_order,
)


def _adds(smaller: sympy.Expr, larger: sympy.Expr, facts: Facts) -> bool:
    gap = larger - smaller
    if is_zero(gap):
        return False
    terms = sympy.Add.make_args(sympy.expand_mul(gap))
    return (
        facts.nonnegative(gap)
        or facts.nonnegative(factored(gap))
        or all(facts.nonnegative(each) or _multiple_of_sum(each, facts) for each in terms)
    )


def _multiple_of_sum(e: sympy.Expr, facts: Facts) -> bool:
    """Whether e is a sum of terms that are not negative, times what is not negative."""
    factors = sympy.Mul.make_args(e)
    found = [each for each in factors if isinstance(each, sympy.Sum)]
    if len(found) != 1 or not runs_upwards(found[0], facts):
        return False
    rest = sympy.Mul(*(each for each in factors if each != found[0]))
    return facts.nonnegative(rest) and _nonnegative_terms(found[0], facts)


nonnegative_term = ScalarBound(
    "a term that is not negative",
    "a <= a + b",
    "b >= 0",
    _ORDER,
    _adds,
)


def square(root: sympy.Expr, factor: sympy.Expr | int = 1) -> ScalarBound:
    """A square, times what is not negative, makes the difference between both lines.

    >>> a, b = sympy.symbols("a b", real=True)
    >>> square(a - b).holds(2 * a * b, a**2 + b**2, Facts())
    True
    """
    root, factor = as_expression(root, "square"), as_expression(factor, "square")

    def holds(smaller: sympy.Expr, larger: sympy.Expr, facts: Facts) -> bool:
        known = facts.real(root) and facts.nonnegative(factor)
        return known and equal(larger - smaller, factor * root**2)

    return ScalarBound(
        phrase("the square of", root, "is not negative"),
        "a <= a + c b^2",
        "b is real and c >= 0",
        _ORDER,
        holds,
        (root, factor),
        square,
    )


def one_term(index: sympy.Expr) -> ScalarBound:
    """A sum of what is not negative is at least each of its terms.

    >>> i, n = sympy.symbols("i n", integer=True, positive=True)
    >>> f = sympy.Function("f", positive=True)
    >>> one_term(n).holds(f(n), sympy.Sum(f(i), (i, 1, n)), Facts())
    True
    """
    index = as_expression(index, "one_term")

    def holds(smaller: sympy.Expr, larger: sympy.Expr, facts: Facts) -> bool:
        if not isinstance(larger, sympy.Sum) or len(larger.limits) != 1:
            return False
        found = finite_sum(larger, facts)
        if found is None:
            return False
        term, (variable, low, high), _ = found
        inside = facts.nonnegative(index - low) and facts.nonnegative(high - index)
        known = facts.integer(index) and inside and _nonnegative_terms(larger, facts)
        return known and equal(smaller, put(term, {variable: index}))

    return ScalarBound(
        phrase("the term", index, "of a sum"),
        "f(j) <= sum(f(i), i=a..b)",
        "f >= 0 and j is an integer of a..b",
        _ORDER,
        holds,
        (index,),
        one_term,
    )


def _nonnegative_terms(e: sympy.Sum, facts: Facts) -> bool:
    for limits in reversed(e.limits):
        facts = within(facts, tuple(limits))
    return facts.nonnegative(e.function)


def log_of_both(bound: ScalarBound) -> ScalarBound:
    """The logarithm is increasing: a bound between arguments is one between logarithms.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> log_of_both(nonnegative_term).holds(sympy.log(x), sympy.log(x + y), Facts())
    True
    """
    if not isinstance(bound, ScalarBound):
        raise UnsupportedError(
            f"log_of_both({bound!r})", "it is no bound", "give a rule of inequalities"
        )

    def holds(smaller: sympy.Expr, larger: sympy.Expr, facts: Facts) -> bool:
        for node in larger.atoms(sympy.log):
            rest = larger - node
            if rest.has(node):
                continue
            inner = sympy.exp(smaller - rest)
            (larger_argument,) = node.args
            if facts.real(smaller - rest) and bound.holds(inner, larger_argument, facts):
                return True
        return False

    def make(*about: sympy.Basic) -> ScalarBound:
        return log_of_both(bound.make(*about) if bound.make is not None else bound)

    return ScalarBound(
        phrase("logarithm of both sides,", bound.name),
        "a <= b gives log(a) <= log(b)",
        f"a > 0; {bound.condition}",
        _ORDER,
        holds,
        bound.about,
        make,
    )


__all__ = [
    "absolute_value",
    "absolute_value_of_product",
    "at_most",
    "bounded_by",
    "log_of_both",
    "nonnegative_term",
    "one_term",
    "sign_and_maximum",
    "square",
    "triangle",
    "triangle_inequality",
]
