"""Integrals: rigorous quadrature on finite ranges, with certain bounds for tails that run to infinity.

A product of factors in one variable each, over a box, is integrated factor by factor; other integrals in
several variables are nested quadratures.
"""

from __future__ import annotations

from functools import lru_cache

import flint
import sympy
from flint import acb, arb

from numeric.balls import precision
from numeric.errors import Undecided
from numeric.scalars.derivatives import written_out
from numeric.scalars.numbers_and_balls import (
    Arithmetic,
    Value,
    ball,
    is_finite,
    is_real,
    real_part_if_real,
    sign_of,
)
from numeric.scalars.scope import Scope, check_range, free, outermost
from numeric.scalars.tails import tail_bound
from numeric.scalars.waves import antiderivative
from symbolic.errors import ChainruleError

_EVALUATIONS_A_BIT = 120
_NESTED_EVALUATIONS_A_BIT = 2
_FIRST_BITS = 40
_FARTHEST = 2**14  # where the tail may begin


def integral_value(node: sympy.Integral, scope: Scope) -> Value:
    """A ball that contains an integral with bounds; not finite where none is found."""
    constant, factors = separated(node)
    values = [scope.value(constant), *(_one(factor, scope) for factor in factors)]
    return scope.arithmetic.multiply(values)


class _Positive(sympy.Symbol):
    """A variable of integration on a range of positive numbers."""


class _Real(sympy.Symbol):
    """A variable of integration on a range of any real numbers."""


def _positive(variable: sympy.Symbol) -> sympy.Symbol:
    return _Positive(variable.name, positive=True)


def _one(node: sympy.Integral, scope: Scope) -> Value:
    inner, variable, low, high = outermost(node)
    check_range(variable, (low, high), scope, whole=False)
    if low == sympy.oo or high == -sympy.oo:
        flipped = _one(sympy.Integral(inner, (variable, high, low)), scope)
        return scope.arithmetic.multiply([flint.fmpq(-1), flipped])
    inner = written_out(inner, scope)
    if low == -sympy.oo:
        mirrored = inner.xreplace({variable: -variable})
        if high != sympy.oo:
            return _from(mirrored, variable, -high, scope)
        left = _from(mirrored, variable, sympy.S.Zero, scope)
        if not is_finite(left) or mirrored == inner:
            return scope.arithmetic.add([left, left])
        return scope.arithmetic.add([left, _from(inner, variable, sympy.S.Zero, scope)])
    if high == sympy.oo:
        return _from(inner, variable, low, scope)
    return _between(inner, variable, low, high, scope)


def _from(
    inner: sympy.Expr, variable: sympy.Symbol, low: sympy.Expr, scope: Scope, again: bool = True
) -> Value:
    """The integral from a number to infinity: up to a far point, and a bound on the rest."""
    real = real_part_if_real(scope.value(low))
    if real is None or not real.is_finite():
        return scope.arithmetic.undefined("an integral from a number that is not certainly real")
    if again and inner.is_rational_function(variable):
        return _by_inverse(inner, variable, low, real, scope)
    end, bound = _far_point(inner, variable, real, scope)
    if again and (bound is None or bound >= arb(2) ** -flint.ctx.prec):
        return _by_logarithm(inner, variable, low, real, scope)
    if bound is None:
        return scope.arithmetic.undefined(f"the tail of the integral of {inner} is not bounded")
    between = _between if again else _quadrature
    body = ball(between(inner, variable, low, sympy.Integer(end), scope))
    around = arb(0, 1) * bound
    certain = is_real(body) and _is_real_for_positive(inner, variable, scope)
    return body + (acb(around) if certain else acb(around, around))


def _far_point(
    inner: sympy.Expr, variable: sympy.Symbol, low: arb, scope: Scope
) -> tuple[int, arb | None]:
    """A point beyond which the integral is small, and how small; None where no bound is found."""
    moving = _positive(variable)
    beyond = inner.xreplace({variable: moving})
    small = arb(2) ** -flint.ctx.prec
    best: tuple[int, arb | None] = (0, None)
    end = 8
    while end <= _FARTHEST and not (best[1] is not None and best[1] < small):
        if low < end:
            bound = tail_bound(beyond, moving, end, scope)
            if bound is not None:
                best = end, bound
        end += end // 4
    return best


def _by_logarithm(
    inner: sympy.Expr, variable: sympy.Symbol, low: sympy.Expr, real: arb, scope: Scope
) -> Value:
    """The integral to infinity with x = exp(v) from some x >= 1 on, where powers of x fall quickly."""
    middle = _power_of_two_above(real)
    moving = _positive(variable)
    beyond = inner.xreplace({variable: moving}).xreplace({moving: sympy.exp(moving)})
    rest = _from(beyond * sympy.exp(moving), moving, sympy.log(middle), scope, again=False)
    if not is_finite(rest):
        return rest
    return scope.arithmetic.add([_between(inner, variable, low, middle, scope), rest])


def _by_inverse(
    inner: sympy.Expr, variable: sympy.Symbol, low: sympy.Expr, real: arb, scope: Scope
) -> Value:
    """The integral of a rational function to infinity, with x = 1/v from some x >= 1 on."""
    middle = _power_of_two_above(real)
    beyond = sympy.cancel(inner.xreplace({variable: 1 / variable}) / variable**2)
    parts = [(inner, low, middle), (beyond, sympy.S.Zero, 1 / middle)]
    return scope.arithmetic.add([_between(each, variable, a, b, scope) for each, a, b in parts])


def _power_of_two_above(real: arb) -> sympy.Integer:
    found = sympy.Integer(1)
    while not real < int(found):
        found *= 2
    return found


def _is_real_for_positive(inner: sympy.Expr, variable: sympy.Symbol, scope: Scope) -> bool:
    """Whether an integrand is real where its variable is positive."""
    here = inner.xreplace({variable: _positive(variable)})
    return bool(here.is_real) and scope.all_real(free(inner) - {variable})


def _between(
    inner: sympy.Expr, variable: sympy.Symbol, low: sympy.Expr, high: sympy.Expr, scope: Scope
) -> Value:
    """The integral between two numbers; ends where the integrand is infinite are left by logarithms."""
    found = _quadrature(inner, variable, low, high, scope)
    if is_finite(found) or scope.arithmetic.analytic:
        return found
    middle = (low + high) / 2
    length = (high - low) / 2
    side = sign_of(scope.value(length))
    if side == 0:
        return flint.fmpq(0)
    if side != 1:
        return found
    logarithm = _Real(variable.name, real=True)
    away = sympy.exp(-logarithm)
    start = -sympy.log(length)
    halves = []
    for first, last, moved in ((low, middle, low + away), (middle, high, high - away)):
        half = _quadrature(inner, variable, first, last, scope)
        if not is_finite(half):
            changed = sympy.expand_mul(inner).subs(variable, moved) * away
            half = _from(sympy.powsimp(changed), logarithm, start, scope, again=False)
        if not is_finite(half):
            return half
        halves.append(half)
    return scope.arithmetic.add(halves)


def _quadrature(
    inner: sympy.Expr, variable: sympy.Symbol, low: sympy.Expr, high: sympy.Expr, scope: Scope
) -> Value:
    """The integral between two numbers, of a function that is bounded there."""
    arithmetic = scope.arithmetic
    ends = [scope.value(end) for end in (low, high)]
    for node, end in zip((low, high), ends, strict=True):
        if not is_finite(end) or not (is_real(end) or (arithmetic.analytic and node.is_real)):
            return arithmetic.undefined("an integral whose bounds are not certainly real")
    whole = antiderivative(inner, variable)
    if whole is not None:
        lower, upper = (scope.inside({variable: end}).value(whole) for end in ends)
        return arithmetic.add([upper, -lower])
    positive = all(sign_of(end) in (0, 1) for end in ends)
    moving = _positive(variable) if positive else variable
    body = inner.xreplace({variable: moving})
    failures: list[ChainruleError] = []

    around = scope.forgetful()

    def function(z: acb, analytic: bool) -> acb:
        here = around.inside({moving: z}, Arithmetic(analytic or arithmetic.analytic))
        try:
            return ball(here.value(body))
        except ChainruleError as error:
            failures.append(error)
            return acb(arb.nan(), arb.nan())

    nested = arithmetic.analytic or inner.has(sympy.Integral)
    most = _NESTED_EVALUATIONS_A_BIT if nested else _EVALUATIONS_A_BIT
    low_end, high_end = map(ball, ends)
    with precision(min(_FIRST_BITS, flint.ctx.prec)):  # an integrand without bound shows at once
        found = acb.integral(function, low_end, high_end, eval_limit=most * flint.ctx.prec)
    if found.is_finite():
        around = scope
        found = acb.integral(function, low_end, high_end, eval_limit=most * flint.ctx.prec)
    if not found.is_finite():
        if failures:
            arithmetic.notes.add(str(failures[0]))
        return arithmetic.undefined(f"the integrand {inner} is not bounded on its range")
    if body.is_real and scope.all_real(free(body) - {moving}) and all(map(is_real, ends)):
        return acb(found.real)
    return found


@lru_cache(maxsize=4096)
def separated(node: sympy.Integral) -> tuple[sympy.Expr, tuple[sympy.Integral, ...]]:
    """A constant, and integrals whose product with it the integral is.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> separated(sympy.Integral(2 * x * sympy.exp(-x - y), (x, 0, 1), (y, 0, 1)))
    (2, (Integral(x*exp(-x), (x, 0, 1)), Integral(exp(-y), (y, 0, 1))))
    """
    if any(len(limit) != 3 for limit in node.limits):
        raise Undecided(f"the value of {node}", "it has no bounds", "state both bounds")
    variables = {limit[0] for limit in node.limits}
    if any(free(end) & variables for limit in node.limits for end in limit[1:]):
        return sympy.S.One, (node,)
    constants: list[sympy.Expr] = []
    parts: dict[sympy.Symbol, list[sympy.Expr]] = {limit[0]: [] for limit in node.limits}
    mixed: list[sympy.Expr] = []
    for factor in _factors(node.function, len(variables) > 1):
        present = [variable for variable in parts if variable in free(factor)]
        if not present:
            constants.append(factor)
        elif len(present) == 1:
            parts[present[0]].append(factor)
        else:
            mixed.append(factor)
    if mixed:
        inner = sympy.Mul(*mixed, *(factor for part in parts.values() for factor in part))
        return sympy.Mul(*constants), (sympy.Integral(inner, *node.limits),)
    one_by_one = (sympy.Integral(sympy.Mul(*parts[limit[0]]), limit) for limit in node.limits)
    return sympy.Mul(*constants), tuple(one_by_one)


def _factors(whole: sympy.Expr, several: bool) -> list[sympy.Expr]:
    """The factors of an expression, for `several` variables also those of exp(a + b)."""
    if isinstance(whole, sympy.Mul):
        return [factor for arg in whole.args for factor in _factors(arg, several)]
    if several and isinstance(whole, sympy.exp):
        terms = sympy.Add.make_args(sympy.expand(whole.args[0]))
        return [sympy.exp(term) for term in terms]
    return [whole]
