"""Rules of integrals. Each one makes sure that the integrals it speaks of exist."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic.scalars.derivatives import settled
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal, is_zero
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import (
    Continuity,
    Range,
    continuous,
    decays,
    integrable,
    is_finite,
    ordered,
    smooth,
    within,
)

_CALCULUS = "the rules of integration"


def _single(node: sympy.Basic) -> tuple[sympy.Expr, Range] | None:
    """The integrand and the range of a definite integral in one variable; the innermost of several."""
    if not isinstance(node, sympy.Integral) or any(len(limits) != 3 for limits in node.limits):
        return None
    return node.function, tuple(node.limits[0])


def _around(node: sympy.Integral, inner: sympy.Expr) -> sympy.Expr:
    """The outer integrals of a node around what its innermost one has become."""
    return sympy.Integral(inner, *node.limits[1:]) if len(node.limits) > 1 else inner


def _facts_inside(node: sympy.Integral, facts: Facts) -> Facts:
    """The facts with the ranges of the outer variables of an iterated integral."""
    for limits in reversed(node.limits[1:]):
        facts = within(facts, tuple(limits))
    return facts


def _constant_part(e: sympy.Expr, variable: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr]:
    constant, rest = e.as_independent(variable, as_Add=False)
    return constant, rest


def _linearity(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _single(node)
    if found is None:
        return None
    integrand, limits = found
    facts = _facts_inside(node, facts)
    spread = _spread(integrand, limits[0])
    terms = sympy.Add.make_args(spread)
    if not all(integrable(term, limits, facts) for term in terms):
        return None
    parts = []
    for term in terms:
        constant, rest = _constant_part(term, limits[0])
        if rest == 1:
            parts.append(constant * sympy.Integral(1, limits))
        else:
            parts.append(constant * sympy.Integral(rest, limits))
    result = _around(node, sympy.Add(*parts))
    return None if result == node else result


def _spread(e: sympy.Expr, variable: sympy.Symbol) -> sympy.Expr:
    """A sum as it stands, with a factor of a sum of several terms multiplied in."""
    if isinstance(e, sympy.Mul) and any(isinstance(factor, sympy.Add) for factor in e.args):
        return sympy.expand_mul(e)
    return e


linearity = ScalarRule(
    "linearity of the integral",
    "integral(a f + b g) = a integral(f) + b integral(g)",
    "the integrals of both parts exist",
    _CALCULUS,
    _linearity,
)


def _constant_factor(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _single(node)
    if found is None:
        return None
    integrand, limits = found
    constant, rest = _constant_part(integrand, limits[0])
    known = integrable(rest, limits, _facts_inside(node, facts)) or facts.nonzero(constant)
    if constant == 1 or not known:
        return None
    return _around(node, constant * sympy.Integral(rest, limits))


constant_factor = ScalarRule(
    "constant factor of an integral",
    "integral(a f) = a integral(f)",
    "the integral exists or a != 0",
    _CALCULUS,
    _constant_factor,
)


def _constant(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _single(node)
    if found is None:
        return None
    integrand, (variable, low, high) = found
    if integrand.free_symbols & {variable} or not (is_finite(low) and is_finite(high)):
        return None
    return _around(node, (high - low) * integrand)


integral_of_constant = ScalarRule(
    "integral of a constant",
    "integral(c, x=a..b) = (b - a) c",
    "the range is bounded",
    _CALCULUS,
    _constant,
)


# --- antiderivatives ------------------------------------------------------------------------------


def _at_end(e: sympy.Expr, variable: sympy.Symbol, end: sympy.Expr, facts: Facts) -> sympy.Expr | None:
    """The value at an end of a range, or the limit 0 at infinity of what decays."""
    if is_finite(end):
        return settled(e.subs(variable, end))
    return sympy.S.Zero if decays(e, variable, end, facts) else None


def _difference(e: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    """E at the upper end minus e at the lower end, for e smooth on the closed range."""
    variable, low, high = limits
    inside = within(facts, limits)
    if not smooth(e, variable, inside):
        return None
    upper, lower = (_at_end(e, variable, end, inside) for end in (high, low))
    return None if upper is None or lower is None else upper - lower


def _fundamental(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _single(node)
    if found is not None:
        integrand, limits = found
        constant, rest = _constant_part(integrand, limits[0])
        whole = _differentiated(rest, limits[0])
        if whole is None:
            return None
        difference = _difference(whole, limits, _facts_inside(node, facts))
        return None if difference is None else _around(node, constant * difference)
    if isinstance(node, sympy.Derivative) and isinstance(node.expr, sympy.Integral):
        return _derivative_by_end(node, facts)
    return None


def _differentiated(e: sympy.Expr, variable: sympy.Symbol) -> sympy.Expr | None:
    """F where e is written as the derivative of F by the variable."""
    if not isinstance(e, sympy.Derivative):
        return None
    counts = [(each, count) for each, count in e.variable_count if each == variable]
    others = [(each, count) for each, count in e.variable_count if each != variable]
    if len(counts) != 1 or not (counts[0][1] - 1).is_nonnegative:
        return None
    left = [*others, *([(variable, counts[0][1] - 1)] if counts[0][1] != 1 else [])]
    inner = sympy.Derivative(e.expr, *left) if left else e.expr
    return inner.args[0] if isinstance(inner, sympy.UnevaluatedExpr) else inner


def _derivative_by_end(node: sympy.Derivative, facts: Facts) -> sympy.Expr | None:
    """The derivative of an integral by a variable in its ends alone."""
    if len(node.variable_count) != 1 or node.variable_count[0][1] != 1:
        return None
    place = node.variables[0]
    if not isinstance(place, sympy.Symbol) or len(node.expr.limits) != 1:
        return None
    integrand, (variable, low, high) = node.expr.function, tuple(node.expr.limits[0])
    if integrand.free_symbols & {place} or variable == place:
        return None
    if not all(is_finite(end) and smooth(end, place, facts) for end in (low, high)):
        return None
    if not continuous(integrand, variable, facts):
        return None
    ends = [(high, 1), (low, -1)]
    return sympy.Add(
        *(sign * integrand.subs(variable, end) * sympy.diff(end, place) for end, sign in ends)
    )


fundamental_theorem = ScalarRule(
    "fundamental theorem of calculus",
    "integral(D(F, x), x=a..b) = F(b) - F(a), and D(integral(f, t=a..x), x) = f(x)",
    "F is smooth on the closed range; f is continuous",
    _CALCULUS,
    _fundamental,
)


def antiderivative(whole: sympy.Expr, variable: sympy.Symbol) -> ScalarRule:
    """An integral worked out by a function that has the integrand as its derivative.

    >>> t = sympy.Symbol("t", real=True)
    >>> line = sympy.Integral(t**2, (t, 0, 1))
    >>> antiderivative(t**3 / 3, t).results(line, Facts())
    (1/3,)
    """
    derivative = sympy.diff(whole, variable)

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = _single(node)
        if found is None or found[1][0] != variable:
            return None
        integrand, limits = found
        constant, rest = _constant_part(integrand, variable)
        inside = _facts_inside(node, facts)
        for factor, left in ((sympy.S.One, integrand), (constant, rest)):
            if equal(left, derivative):
                difference = _difference(whole, limits, inside)
                return None if difference is None else _around(node, factor * difference)
        return None

    return ScalarRule(
        f"antiderivative {whole}",
        f"integral(f, {variable}=a..b) = F(b) - F(a) with F = {whole}",
        "F is smooth on the closed range and its derivative is f",
        _CALCULUS,
        apply,
        (whole, variable),
        antiderivative,
    )


def by_parts(u: sympy.Expr, v: sympy.Expr, variable: sympy.Symbol) -> ScalarRule:
    """Integration by parts: integral(u v') = [u v] - integral(u' v).

    >>> t = sympy.Symbol("t", real=True)
    >>> line = sympy.Integral(t * sympy.exp(t), (t, 0, 1))
    >>> by_parts(t, sympy.exp(t), t).results(line, Facts())
    (E - Integral(exp(t), (t, 0, 1)),)
    """
    product, left_over = u * sympy.diff(v, variable), sympy.diff(u, variable) * v

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = _single(node)
        if found is None or found[1][0] != variable:
            return None
        integrand, limits = found
        constant, rest = _constant_part(integrand, variable)
        inside = within(_facts_inside(node, facts), limits)
        if not (smooth(u, variable, inside) and smooth(v, variable, inside)):
            return None
        for factor, left in ((sympy.S.One, integrand), (constant, rest)):
            if equal(left, product):
                boundary = _difference(u * v, limits, _facts_inside(node, facts))
                if boundary is None or not integrable(left_over, limits, inside):
                    return None
                outside, moving = _constant_part(left_over, variable)
                other = outside * sympy.Integral(moving, limits)
                return _around(node, factor * (boundary - other))
        return None

    return ScalarRule(
        "integration by parts",
        f"integral(u D(v)) = [u v] - integral(D(u) v) with u = {u}, v = {v}",
        "u and v are smooth on the closed range and the last integral exists",
        _CALCULUS,
        apply,
        (u, v, variable),
        by_parts,
    )


# --- substitution ---------------------------------------------------------------------------------


def substitution(old: sympy.Symbol, new: sympy.Expr, variable: sympy.Symbol) -> ScalarRule:
    """The substitution old = new, an affine function of another variable.

    >>> t, s = sympy.symbols("t s", real=True)
    >>> x = sympy.Symbol("x", real=True)
    >>> line = sympy.Integral(sympy.exp(t), (t, 0, x))
    >>> substitution(t, s * x, s).results(line, Facts())
    (Integral(x*exp(s*x), (s, 0, 1)),)
    """
    slope = sympy.diff(new, variable)
    start = new.subs(variable, 0)

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = _single(node)
        if found is None or found[1][0] != old or slope.free_symbols & {variable}:
            return None
        integrand, (_, low, high) = found
        outer = {limits[0] for limits in node.limits}
        if variable in integrand.free_symbols - {old} or variable in outer - {old}:
            return None
        ends = [_solved(end, facts) for end in (low, high)]
        if any(end is None for end in ends) or not is_zero(new - start - slope * variable):
            return None
        moved = slope * integrand.subs(old, new)
        return _around(node, sympy.Integral(moved, (variable, *ends)))

    def _solved(end: sympy.Expr, facts: Facts) -> sympy.Expr | None:
        if not is_finite(end):
            if facts.positive(slope):
                return end
            return -end if facts.negative(slope) else None
        solution = sympy.cancel((end - start) / slope)
        defined = facts.nonzero(sympy.fraction(solution)[1])
        return solution if defined and is_zero(start + slope * solution - end) else None

    return ScalarRule(
        f"substitution {old} = {new}",
        "integral(f(x), x=g(a)..g(b)) = integral(f(g(t)) D(g, t), t=a..b)",
        "g is affine, of known direction where the range is unbounded",
        _CALCULUS,
        apply,
        (old, new, variable),
        substitution,
    )


def change_of_variable(new: sympy.Expr, variable: sympy.Symbol, old: sympy.Symbol) -> ScalarRule:
    """An integral of f(g(t)) g'(t) as the integral of f: the substitution old = new, left to right.

    >>> t, u = sympy.symbols("t u", real=True)
    >>> line = sympy.Integral(2 * t * sympy.exp(t**2), (t, 0, 1))
    >>> change_of_variable(t**2, t, u).results(line, Facts())
    (Integral(exp(u), (u, 0, 1)),)
    """
    slope = sympy.diff(new, variable)

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = _single(node)
        if found is None or found[1][0] != variable or slope == 0:
            return None
        integrand, limits = found
        if old in integrand.free_symbols or not (is_finite(limits[1]) and is_finite(limits[2])):
            return None
        outer = _facts_inside(node, facts)
        quotient = sympy.cancel(integrand / slope)
        moved = quotient.subs(new, old)
        if moved.free_symbols & {variable} or not equal(moved.subs(old, new) * slope, integrand):
            return None
        if not (smooth(new, variable, within(outer, limits)) and continuous(moved, old, outer)):
            return None
        ends = (new.subs(variable, end) for end in limits[1:])
        return _around(node, sympy.Integral(moved, (old, *ends)))

    return ScalarRule(
        f"substitution {old} = {new}",
        "integral(f(g(t)) D(g, t), t=a..b) = integral(f(u), u=g(a)..g(b))",
        "g is smooth on the closed range and f continuous everywhere",
        _CALCULUS,
        apply,
        (new, variable, old),
        change_of_variable,
    )


# --- symmetric ranges and known integrals ---------------------------------------------------------


def _odd(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _single(node)
    if found is None:
        return None
    integrand, (variable, low, high) = found
    if not is_zero(low + high) and not (low == -sympy.oo and high == sympy.oo):
        return None
    if not integrable(integrand, found[1], _facts_inside(node, facts)):
        return None
    return sympy.S.Zero if is_zero(integrand + integrand.subs(variable, -variable)) else None


odd_integrand = ScalarRule(
    "odd integrand",
    "integral(f, x=-c..c) = 0 where f(-x) = -f(x)",
    "the integral exists",
    _CALCULUS,
    _odd,
)


def _gaussian(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _single(node)
    if found is None or found[1][1:] != (-sympy.oo, sympy.oo):
        return None
    integrand, (variable, _, _) = found
    constant, rest = _constant_part(integrand, variable)
    if not isinstance(rest, sympy.exp):
        return None
    coefficient = sympy.cancel(rest.args[0] / variable**2)
    if coefficient.free_symbols & {variable} or not facts.negative(coefficient):
        return None
    return _around(node, constant * sympy.sqrt(sympy.pi / -coefficient))


gaussian_integral = ScalarRule(
    "Gaussian integral",
    "integral(exp(-a x^2), x=-oo..oo) = sqrt(pi / a)",
    "a > 0",
    "Gauss, by polar coordinates",
    _gaussian,
)


# --- several variables ----------------------------------------------------------------------------


def _nested(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    """C integral(f, s) under an integral as one iterated integral."""
    found = _single(node)
    if found is None:
        return None
    integrand, limits = found
    inner = [each for each in sympy.Mul.make_args(integrand) if isinstance(each, sympy.Integral)]
    if len(inner) != 1 or any(len(each) != 3 for each in inner[0].limits):
        return None
    factor = integrand / inner[0]
    if factor == 1 or factor.free_symbols & {each[0] for each in inner[0].limits}:
        return None
    whole = sympy.Integral(factor * inner[0].function, *inner[0].limits, *node.limits)
    return whole if _jointly_continuous(whole, facts) else None


def _jointly_continuous(node: sympy.Integral, facts: Facts) -> bool:
    """Whether the integrand is continuous on the bounded closed set that the ranges describe."""
    variables: frozenset[sympy.Symbol] = frozenset()
    for limits in reversed(node.limits):
        if len(limits) != 3 or not all(is_finite(end) for end in limits[1:]):
            return False
        facts = within(facts, tuple(limits))
        variables |= {limits[0]}
    return Continuity(facts).holds(node.function, variables)


iterated_integral = ScalarRule(
    "iterated integral",
    "integral(g(t) integral(f(s), s), t) = integral(integral(g(t) f(s), s), t)",
    "the integrand is continuous and the ranges are bounded",
    _CALCULUS,
    _nested,
)


def _exchanged(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Integral) or len(node.limits) != 2:
        return None
    if any(len(limits) != 3 for limits in node.limits) or not _jointly_continuous(node, facts):
        return None
    inner, outer = (tuple(limits) for limits in node.limits)
    for limits in _other_order(inner, outer, facts):
        return sympy.Integral(node.function, *limits)
    return None


def _other_order(inner: Range, outer: Range, facts: Facts) -> Iterator[tuple[Range, Range]]:
    """The ranges of a rectangle, or of a triangle below its diagonal, in the other order."""
    (s, low, high), (t, first, last) = inner, outer
    if not (low.free_symbols | high.free_symbols) & {t}:
        yield outer, inner
    elif not ordered(first, last, facts):
        return
    elif low == t and high == last:  # first <= t <= s <= last
        yield (t, first, s), (s, first, last)
    elif high == t and low == first:  # first <= s <= t <= last
        yield (t, s, last), (s, first, last)


order_of_integration = ScalarRule(
    "order of integration",
    "integral(integral(f, s), t) = integral(integral(f, t), s)",
    "f is continuous on the bounded rectangle or triangle",
    "Fubini's theorem",
    _exchanged,
)


def _under(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Derivative) or len(node.variable_count) != 1:
        return None
    place, count = node.variable_count[0]
    found = _single(node.expr)
    if found is None or count != 1 or len(node.expr.limits) != 1:
        return None
    integrand, (variable, low, high) = found
    ends = (low.free_symbols | high.free_symbols) & {place}
    if ends or place == variable or not (is_finite(low) and is_finite(high)):
        return None
    inside = within(facts, found[1])
    if not Continuity(inside, smooth=True).holds(integrand, frozenset({variable, place})):
        return None
    return sympy.Integral(sympy.Derivative(integrand, place), found[1])


derivative_under_the_integral = ScalarRule(
    "derivative under the integral",
    "D(integral(f(t, x), t=a..b), x) = integral(D(f(t, x), x), t=a..b)",
    "f is smooth and the range bounded and fixed",
    "Leibniz's rule",
    _under,
)


def restriction(low: sympy.Expr | int, high: sympy.Expr | int) -> ScalarRule:
    """An integral over a part of a range as one over all of it, of a function that is 0 elsewhere.

    >>> s, t = sympy.symbols("s t", real=True)
    >>> line = sympy.Integral(s**2, (s, t, 1))
    >>> restriction(0, 1).results(line, Facts((t >= 0, t <= 1)))
    (Integral(Piecewise((s**2, s > t), (0, True)), (s, 0, 1)),)
    """
    low, high = sympy.sympify(low, strict=True), sympy.sympify(high, strict=True)

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = _single(node)
        if found is None:
            return None
        integrand, (variable, first, last) = found
        inside = _facts_inside(node, facts)
        chain = [(low, first), (first, last), (last, high)]
        if not all(a == b or ordered(a, b, inside) for a, b in chain):
            return None
        conditions = [variable > first] if first != low else []
        if last != high:
            conditions.append(variable < last)
        if not conditions or not integrable(integrand, (variable, low, high), inside):
            return None
        inner = sympy.Piecewise((integrand, sympy.And(*conditions)), (0, True))
        return sympy.Integral(inner, (variable, low, high), *node.limits[1:])

    return ScalarRule(
        f"restriction to a part of {low}..{high}",
        "integral(f, x=c..b) = integral(f where x > c and 0 elsewhere, x=a..b)",
        "a <= c <= b and f is integrable on the whole range",
        _CALCULUS,
        apply,
        (low, high),
        restriction,
    )


__all__ = [
    "antiderivative",
    "by_parts",
    "change_of_variable",
    "constant_factor",
    "derivative_under_the_integral",
    "fundamental_theorem",
    "gaussian_integral",
    "integral_of_constant",
    "iterated_integral",
    "linearity",
    "odd_integrand",
    "order_of_integration",
    "restriction",
    "substitution",
]
