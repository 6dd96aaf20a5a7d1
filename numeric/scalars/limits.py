"""Limits: by continuity and L'Hopital's rule where functions are analytic, else SymPy's with support.

A value is certain where the expression is analytic around the point (balls say so), where its parts
have limits, or where numerator and denominator are analytic, vanish identically at the point, and the
quotient of their derivatives has a limit. What SymPy finds beyond that only counts when the expression
is seen to approach it; else the limit is undecided.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import flint
import sympy
from flint import acb, arb, fmpq

from numeric.balls import precision
from numeric.errors import Undecided
from numeric.scalars.derivatives import worked_out, written_out
from numeric.scalars.inner_limits import inner_limits_worked_out, is_entire, together, vanishes
from numeric.scalars.numbers_and_balls import Arithmetic, Value, ball, is_finite
from numeric.scalars.scope import Scope, free
from numeric.scalars.slopes import slope

_RADII = (4, 16, 64)  # discs of radius 2^-r
_MOST_STEPS = 8
_MOST_TERMS = 100
_CLOSER = (8, 16, 24, 32, 40, 48)  # support: arguments at a distance of 2^-k
_SUPPORT_BITS = 256
_OF_COMPLEX = (sympy.re, sympy.im, sympy.Abs, sympy.arg, sympy.conjugate)


class _Small(sympy.Symbol):
    """What goes to 0: the distance from the point, or the inverse of what grows."""


def limit_value(node: sympy.Limit, scope: Scope) -> Value:
    """The value of a limit; `Undecided` where it is in doubt."""
    body, variable, point, direction = node.args
    body = _sums_written_out(written_out(body, scope), variable, scope)
    body = inner_limits_worked_out(body, variable)
    if point in (sympy.oo, -sympy.oo):
        u, sides = _Small(variable.name, positive=True), "+"
        moved = body.xreplace({variable: 1 / u if point == sympy.oo else -1 / u})
    else:
        u, sides = _Small(variable.name, real=True), str(direction)
        moved = body.xreplace({variable: point + u})
    found = _certain(moved, u, scope, 0, whole=True)
    if found is not None and is_finite(found):
        return found
    return _supported(node.func(body, variable, point, str(direction)), moved, u, sides, scope)


def _sums_written_out(body: sympy.Expr, variable: sympy.Symbol, scope: Scope) -> sympy.Expr:
    """The expression with its short sums over ends with values as sums of terms."""

    def has_values(node: sympy.Basic) -> bool:
        if not isinstance(node, sympy.Sum) or len(node.limits) != 1:
            return False
        ends = node.limits[0][1:]
        symbols = frozenset().union(*map(free, ends))
        known = variable not in symbols and scope.knows(symbols)
        return known and not any(end.has(sympy.oo, -sympy.oo) for end in ends)

    def written(node: sympy.Sum) -> sympy.Expr:
        index, low, high = node.limits[0]
        first, last = (scope.integer(end, "the end of a sum") for end in (low, high))
        if not first - 1 <= last < first + _MOST_TERMS:
            return node
        return sympy.Add(*(node.function.subs(index, k) for k in range(first, last + 1)))

    return body.replace(has_values, written)


def _certain(
    body: sympy.Expr, u: sympy.Symbol, scope: Scope, steps: int, *, whole: bool = False
) -> Value | None:
    """The limit at 0, None where it is not certain; `whole` says that it is no part of another."""
    if u not in free(body):
        return scope.value(body)
    if analytic_at_zero(body, u, scope):
        return scope.inside({u: fmpq(0)}).value(body)
    if isinstance(body, (sympy.Add, sympy.Mul)):
        parts = [_certain(arg, u, scope, _MOST_STEPS) for arg in body.args]
        if all(part is not None and is_finite(part) for part in parts):
            combine = (
                scope.arithmetic.add if isinstance(body, sympy.Add) else scope.arithmetic.multiply
            )
            return combine(parts)
    if isinstance(body, sympy.exp):
        inner = _certain(body.args[0], u, scope, steps)
        return None if inner is None else scope.arithmetic.apply("exp", inner)
    if isinstance(body, sympy.Pow) and u in free(body.exp):
        return _certain(sympy.exp(body.exp * sympy.log(body.base)), u, scope, steps)
    if isinstance(body, sympy.log) or (isinstance(body, sympy.Pow) and u in free(body.base)):
        inner = _certain(body.args[0], u, scope, steps)
        if inner is not None and is_finite(inner) and ball(inner).real > 0:
            bound = scope.inside({u: inner})
            return bound.value(body.func(u, *body.args[1:]))
    return _quotient(body, u, scope, steps, whole) if steps < _MOST_STEPS else None


def analytic_at_zero(body: sympy.Expr, u: sympy.Symbol, scope: Scope) -> bool:
    """Whether balls show that an expression is analytic on some disc around 0.

    >>> from numeric.scalars.evaluation import scope_of
    >>> u = sympy.Symbol("u", real=True)
    >>> [analytic_at_zero(f, u, scope_of({}, Arithmetic())) for f in (sympy.exp(u), 1 / u, sympy.sqrt(u))]
    [True, False, False]
    """
    if _divides_by_zero(body, u):
        return False
    if is_entire(body, u):
        return True
    for radius in _RADII:
        disc = arb(0, 1) * arb(2) ** -radius
        try:
            value = scope.inside({u: acb(disc, disc)}, Arithmetic(True)).value(body)
        except Undecided:
            return False
        if is_finite(value):
            return True
    return False


@lru_cache(maxsize=4096)
def _divides_by_zero(body: sympy.Expr, u: sympy.Symbol) -> bool:
    """Whether a factor is a negative power of what is 0 at the point."""
    return any(
        isinstance(factor, sympy.Pow)
        and factor.exp.is_negative is True
        and factor.base.xreplace({u: sympy.S.Zero}) == 0
        for factor in sympy.Mul.make_args(body)
    )


def _quotient(
    body: sympy.Expr, u: sympy.Symbol, scope: Scope, steps: int, whole: bool
) -> Value | None:
    """L'Hopital's rule for analytic functions that vanish identically at the point.

    `Undecided` where the whole has no limit: the denominator goes to 0 and the numerator does not.
    """
    for fraction in (_split, together):
        top, bottom = fraction(body)
        if u not in free(bottom) or not vanishes(bottom, u):
            continue
        if vanishes(top, u):
            break
        if whole and _stays_away_from_zero(top, u, scope):
            raise Undecided(f"the limit of {body}", "it grows without bound", "check the limit")
    else:
        return None
    if not (analytic_at_zero(top, u, scope) and analytic_at_zero(bottom, u, scope)):
        return None
    at_zero = scope.inside({u: fmpq(0)})
    rise, run = slope(top, u, at_zero), slope(bottom, u, at_zero)
    if is_finite(run) and not ball(run).contains(0):
        return scope.arithmetic.multiply([rise, scope.arithmetic.power(run, fmpq(-1))])
    slopes = [worked_out(part, ((u, 1),)) for part in (top, bottom)]
    if slopes[1] == 0:
        return None
    return _certain(slopes[0] / slopes[1], u, scope, steps + 1, whole=whole)


def _stays_away_from_zero(top: sympy.Expr, u: sympy.Symbol, scope: Scope) -> bool:
    if not analytic_at_zero(top, u, scope):
        return False
    value = scope.inside({u: fmpq(0)}).value(top)
    return is_finite(value) and not ball(value).contains(0)


def _split(body: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Numerator and denominator of a product, by the signs of the exponents."""
    below = {
        factor: factor.base**-factor.exp
        for factor in sympy.Mul.make_args(body)
        if isinstance(factor, sympy.Pow) and factor.exp.is_Rational and factor.exp < 0
    }
    above = (factor for factor in sympy.Mul.make_args(body) if factor not in below)
    return sympy.Mul(*above), sympy.Mul(*below.values())


# --- SymPy's limit, with support -----------------------------------------------------------------


def _supported(
    node: sympy.Limit, moved: sympy.Expr, u: sympy.Symbol, sides: str, scope: Scope
) -> Value:
    """SymPy's limit, where the expression comes ever closer to it from each side asked for."""
    numbers = {}
    for symbol in free(node):
        value = scope.value(symbol)
        if not isinstance(value, fmpq):
            raise Undecided(f"{node}", "its numbers are not rational", "use rational numbers")
        numbers[symbol] = sympy.Rational(int(value.p), int(value.q))
    candidate = _by_sympy(node.xreplace(numbers))
    if candidate is None or candidate.has(sympy.Limit, sympy.oo, -sympy.oo, sympy.nan, sympy.zoo):
        raise Undecided(f"{node}", "no limit was found", "state the limit of a simpler expression")
    value = scope.value(candidate)
    for sign in {"+": (1,), "-": (-1,)}.get(sides, (1, -1)):
        with precision(max(_SUPPORT_BITS, flint.ctx.prec)):
            gaps = []
            for k in _CLOSER:
                near = scope.inside({u: fmpq(sign, 2**k)}).value(moved)
                gaps.append(abs(ball(near) - ball(value)))
        if not all(gap.is_finite() for gap in gaps) or not _shrinking(gaps):
            raise Undecided(f"{node}", f"it is not seen to approach {candidate}", "check the limit")
    return value


def _shrinking(gaps: list[arb]) -> bool:
    tiny = arb(2) ** -100
    steady = all(later < tiny or later * 2 < earlier for earlier, later in pairwise(gaps))
    return steady and bool(gaps[-1] < arb(2) ** -20)


@lru_cache(maxsize=256)
def _by_sympy(node: sympy.Limit) -> sympy.Expr | None:
    if any(not part.args[0].is_extended_real for part in node.atoms(*_OF_COMPLEX)):
        return None  # it can take minutes
    try:
        return node.doit()
    except (NotImplementedError, ValueError, TypeError):
        return None
