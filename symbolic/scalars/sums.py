"""Rules of finite sums."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.innermost import finite_sum, has_integer_ends, of_sum
from symbolic.scalars.normal import equal, is_zero
from symbolic.scalars.parameters import as_expression, as_variable
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import Range
from symbolic.scalars.substituting import making_way, put

_ARITHMETIC = "the laws of arithmetic"


def _filled(limits: Range, facts: Facts) -> bool:
    """Whether the range certainly holds a first and a last index."""
    return facts.nonnegative(limits[2] - limits[1])


def _proper(limits: Range, facts: Facts) -> bool:
    """Whether the range is certainly filled or just empty."""
    return facts.nonnegative(limits[2] - limits[1] + 1)


@of_sum
def _linearity(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    spread = sympy.expand_mul(term) if isinstance(term, sympy.Mul) else term
    parts = []
    for each in sympy.Add.make_args(spread):
        constant, rest = each.as_independent(limits[0], as_Add=False)
        parts.append(constant * sympy.Sum(rest, limits))
    return sympy.Add(*parts)


linearity = ScalarRule(
    "linearity of the sum",
    "sum(a f + b g) = a sum(f) + b sum(g)",
    "the sum is finite",
    _ARITHMETIC,
    _linearity,
)


@of_sum
def _constant_factor(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    constant, rest = sympy.expand_power_exp(term).as_independent(limits[0], as_Add=False)
    return None if constant == 1 else constant * sympy.Sum(rest, limits)


constant_factor = ScalarRule(
    "constant factor of a sum",
    "sum(a f) = a sum(f)",
    "the sum is finite",
    _ARITHMETIC,
    _constant_factor,
)


def into_the_sum(factor: sympy.Expr) -> ScalarRule:
    """A factor moved into a sum that it multiplies.

    >>> i, n, c = sympy.symbols("i n c", integer=True)
    >>> into_the_sum(c).results(2 * c * sympy.Sum(i, (i, 1, n)), Facts())
    (2*Sum(c*i, (i, 1, n)),)
    """
    factor = as_expression(factor, "into_the_sum")

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Mul):
            return None
        whole = [each for each in node.args if isinstance(each, sympy.Sum)]
        if len(whole) != 1 or finite_sum(whole[0], facts) is None:
            return None
        outside = node / whole[0] / factor
        if factor.free_symbols & {limits[0] for limits in whole[0].limits}:
            return None
        if sympy.count_ops(outside) >= sympy.count_ops(node / whole[0]):
            return None
        term = sympy.powsimp(factor * whole[0].function, combine="exp")
        return outside * sympy.Sum(term, *whole[0].limits)

    return ScalarRule(
        "factor into the sum",
        f"a sum(f) = sum(a f) with a = {factor}",
        "the sum is finite",
        _ARITHMETIC,
        apply,
        (factor,),
        into_the_sum,
    )


@of_sum
def _constant(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    index, low, high = limits
    if term.free_symbols & {index} or not _proper(limits, facts):
        return None
    return (high - low + 1) * term


sum_of_constant = ScalarRule(
    "sum of a constant",
    "sum(c, i=a..b) = (b - a + 1) c",
    "b >= a - 1",
    _ARITHMETIC,
    _constant,
)


@of_sum
def _first(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    if not _filled(limits, facts):
        return None
    index, low, high = limits
    return put(term, {index: low}) + sympy.Sum(term, (index, low + 1, high))


first_term = ScalarRule(
    "first term of a sum",
    "sum(f(i), i=a..b) = f(a) + sum(f(i), i=a+1..b)",
    "b >= a",
    _ARITHMETIC,
    _first,
)


@of_sum
def _last(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    if not _filled(limits, facts):
        return None
    index, low, high = limits
    return sympy.Sum(term, (index, low, high - 1)) + put(term, {index: high})


last_term = ScalarRule(
    "last term of a sum",
    "sum(f(i), i=a..b) = sum(f(i), i=a..b-1) + f(b)",
    "b >= a",
    _ARITHMETIC,
    _last,
)


@of_sum
def _empty(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    _, low, high = limits
    return sympy.S.Zero if is_zero(high - low + 1) else None


empty_sum = ScalarRule(
    "empty sum",
    "sum(f(i), i=a..a-1) = 0",
    "the last index is the one before the first",
    _ARITHMETIC,
    _empty,
)


def shift(by: sympy.Expr | int) -> ScalarRule:
    """The index of a sum moved by a whole number.

    >>> i, n = sympy.symbols("i n", integer=True)
    >>> shift(1).results(sympy.Sum(i**2, (i, 1, n)), Facts())[0]
    Sum((i + 1)**2, (i, 0, n - 1))
    """
    step = as_expression(by, "shift")

    @of_sum
    def apply(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
        index, low, high = limits
        if step == 0 or not facts.integer(step) or index in step.free_symbols:
            return None
        shifted = put(term, {index: index + step})
        return sympy.Sum(shifted, (index, low - step, high - step))

    return ScalarRule(
        "shift of the index",
        f"sum(f(i), i=a..b) = sum(f(i + c), i=a-c..b-c) with c = {step}",
        "c is an integer",
        _ARITHMETIC,
        apply,
        (step,),
        shift,
    )


@of_sum
def _reversed(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    index, low, high = limits
    return sympy.Sum(put(term, {index: low + high - index}), limits)


reversed_order = ScalarRule(
    "terms in reverse order",
    "sum(f(i), i=a..b) = sum(f(a + b - i), i=a..b)",
    "the sum is finite",
    _ARITHMETIC,
    _reversed,
)


@of_sum
def _geometric(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    if not _proper(limits, facts):
        return None
    index, low, high = limits
    following = put(term, {index: index + 1})
    ratio = sympy.powsimp(sympy.cancel(sympy.expand_power_exp(following / term)))
    if ratio.free_symbols & {index} or not facts.nonzero(1 - ratio):
        return None
    first = put(term, {index: low})
    if not equal(term, first * ratio ** (index - low)):
        return None
    return first * (1 - ratio ** (high - low + 1)) / (1 - ratio)


geometric_sum = ScalarRule(
    "geometric sum",
    "sum(c r^i, i=a..b) = c r^a (1 - r^(b - a + 1)) / (1 - r)",
    "r != 1 and b >= a - 1",
    _ARITHMETIC,
    _geometric,
)


@of_sum
def _telescoping(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    if not _proper(limits, facts):
        return None
    index, low, high = limits
    for whole in sympy.Add.make_args(sympy.expand(term)):
        if equal(term, put(whole, {index: index + 1}) - whole):
            return put(whole, {index: high + 1}) - put(whole, {index: low})
        if equal(term, whole - put(whole, {index: index - 1})):
            return put(whole, {index: high}) - put(whole, {index: low - 1})
    return None


telescoping = ScalarRule(
    "telescoping sum",
    "sum(F(i + 1) - F(i), i=a..b) = F(b + 1) - F(a)",
    "b >= a - 1",
    _ARITHMETIC,
    _telescoping,
)


def binomial_theorem(index: sympy.Symbol) -> ScalarRule:
    """A power of a sum of two terms as a sum over the index.

    >>> x, h = sympy.symbols("x h", real=True)
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> k = sympy.Symbol("k", integer=True)
    >>> binomial_theorem(k).results((x + h)**n, Facts())[0]
    Sum(h**k*x**(-k + n)*binomial(n, k), (k, 0, n))
    """
    index = as_variable(index, "binomial_theorem")

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Pow) or not isinstance(node.base, sympy.Add):
            return None
        base, n = node.args
        if len(base.args) != 2 or not (facts.integer(n) and facts.nonnegative(n)):
            return None
        if index in node.free_symbols or not index.is_integer:
            return None
        b, a = sorted(base.args, key=str)
        term = sympy.binomial(n, index) * a ** (n - index) * b**index
        return sympy.Sum(term, (index, 0, n))

    return ScalarRule(
        "binomial theorem",
        f"(a + b)^n = sum(binomial(n, {index}) a^(n - {index}) b^{index}, {index}=0..n)",
        "n is a nonnegative integer",
        "Newton",
        apply,
        (index,),
        binomial_theorem,
    )


def _factorial(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.factorial):
        return None
    before = node.args[0] - 1
    if not (facts.integer(before) and facts.nonnegative(before)):
        return None
    return node.args[0] * sympy.factorial(before)


factorial = ScalarRule(
    "factorial",
    "(n + 1)! = (n + 1) n!",
    "n is a nonnegative integer",
    "the definition",
    _factorial,
)


def _exchanged(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Sum) or len(node.limits) != 2:
        return None
    inner, outer = node.limits
    if not has_integer_ends(node, facts) or inner[0] == outer[0]:
        return None
    if sympy.Tuple(*inner[1:], *outer[1:]).free_symbols & {inner[0], outer[0]}:
        return None
    return sympy.Sum(node.function, outer, inner)


order_of_summation = ScalarRule(
    "order of summation",
    "sum(sum(f, i), j) = sum(sum(f, j), i)",
    "both ranges are finite and fixed",
    _ARITHMETIC,
    _exchanged,
)


def written_out(e: sympy.Basic) -> sympy.Basic:
    """An expression with every sum of a fixed small number of terms written out.

    >>> k = sympy.Symbol("k", integer=True)
    >>> written_out(sympy.Sum(k**2, (k, 1, 3)) + sympy.Sum(k, (k, 1, 0)))
    14
    """
    return e.replace(_is_short, _written)


def _written(node: sympy.Sum | sympy.Product) -> sympy.Expr:
    index, low, high = node.limits[0]
    term = making_way(node.function, low.free_symbols)
    return node.func(term, (index, low, high)).doit(deep=False)


def _is_short(node: sympy.Basic) -> bool:
    if not isinstance(node, (sympy.Sum, sympy.Product)) or len(node.limits) != 1:
        return False
    index, *ends = node.limits[0]
    if len(ends) != 2 or not ends[0].is_integer or index in ends[0].free_symbols:
        return False
    count = ends[1] - ends[0]
    return bool(count.is_Integer and -1 <= count <= _MOST_TERMS)


_MOST_TERMS = 20


def _out(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    return _written(node) if _is_short(node) else None


terms_written_out = ScalarRule(
    "terms of the sum written out",
    "sum(f(i), i=1..3) = f(1) + f(2) + f(3)",
    "the number of terms is fixed and small",
    _ARITHMETIC,
    _out,
)

__all__ = [
    "binomial_theorem",
    "constant_factor",
    "empty_sum",
    "factorial",
    "first_term",
    "geometric_sum",
    "into_the_sum",
    "last_term",
    "linearity",
    "order_of_summation",
    "reversed_order",
    "shift",
    "sum_of_constant",
    "telescoping",
    "terms_written_out",
    "written_out",
]
