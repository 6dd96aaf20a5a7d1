"""Functions in pieces, parts of complex numbers, and conditions.

In the middle of an integral a complex value may stand for the continuation of a real one: a case then
counts where the real part of the ball lies on one side, and only for arguments that are real.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from flint import acb, arb, fmpq

from numeric.errors import Undecided
from numeric.scalars.numbers_and_balls import (
    Value,
    ball,
    is_finite,
    is_real,
    real_part_if_real,
    sign_of,
)
from numeric.scalars.scope import Scope


def _real_argument(argument: sympy.Expr, scope: Scope) -> Value:
    """The value of an argument of a function that is only meant for real numbers.

    In the middle of an integral values are complex, and stand for the continuation of a real one.
    """
    value = scope.value(argument)
    if is_finite(value) and not is_real(value):
        _only_real(argument)
    return value


def _continued(argument: sympy.Expr, value: Value) -> bool:
    """Whether a complex value stands for the continuation of a real one."""
    return not is_real(value) and bool(argument.is_real)


def absolute(node: sympy.Abs, scope: Scope) -> Value:
    argument = node.args[0]
    value = scope.value(argument)
    if isinstance(value, fmpq):
        return abs(value)
    if not is_finite(value):
        return value
    if scope.arithmetic.analytic or _continued(argument, value):
        _only_real(argument)
        return value.real_abs(analytic=scope.arithmetic.analytic)
    return acb(abs(value))


def _only_real(argument: sympy.Expr) -> None:
    if not argument.is_real:
        raise Undecided(f"the number {argument}", "it is not certainly real", "state that it is")


def sign(node: sympy.sign, scope: Scope) -> Value:
    value = _real_argument(node.args[0], scope)
    sides = {-1: fmpq(-1), 0: fmpq(0), 1: fmpq(1)}
    return _by_side(node.args[0], value, sides, scope)


def step(node: sympy.Heaviside, scope: Scope) -> Value:
    value = _real_argument(node.args[0], scope)
    at_zero = scope.value(node.args[1]) if len(node.args) > 1 else fmpq(1, 2)
    return _by_side(node.args[0], value, {-1: fmpq(0), 0: at_zero, 1: fmpq(1)}, scope)


def _by_side(argument: sympy.Expr, value: Value, sides: Mapping[int, Value], scope: Scope) -> Value:
    if not is_finite(value):
        return ball(value)
    side = _side(argument, value, scope)
    if side is not None:
        return sides[side]
    return scope.arithmetic.either(list(sides.values()))


def _side(argument: sympy.Expr, value: Value, scope: Scope) -> int | None:
    """The sign of the real part of a value, as far as it is certain; of a real value its sign."""
    if isinstance(value, fmpq) or not (scope.arithmetic.analytic or _continued(argument, value)):
        return sign_of(value)
    _only_real(argument)
    if value.real > 0:
        return 1
    return -1 if value.real < 0 else None


def extreme(node: sympy.Expr, scope: Scope) -> Value:
    """The largest or smallest of several real numbers."""
    values = [_real_argument(arg, scope) for arg in node.args]
    sign = 1 if isinstance(node, sympy.Max) else -1
    if all(isinstance(value, fmpq) for value in values):
        return max(values) if sign > 0 else min(values)
    if not all(map(is_finite, values)):
        return scope.arithmetic.undefined("an extreme of a number without a value")
    for arg in node.args if scope.arithmetic.analytic else ():
        _only_real(arg)
    if all(map(is_real, values)) and not scope.arithmetic.analytic:
        largest, *others = (ball(value * sign).real for value in values)
        for other in others:
            largest = largest.max(other)
        return acb(largest) * sign
    total = ball(values[0]) * sign
    for value in values[1:]:
        total = total.real_max(ball(value) * sign, analytic=scope.arithmetic.analytic)
    return total * sign


def real_part(node: sympy.re, scope: Scope) -> Value:
    return _part(node, scope, lambda z: z.real)


def imaginary_part(node: sympy.im, scope: Scope) -> Value:
    return _part(node, scope, lambda z: z.imag)


def _part(node: sympy.Expr, scope: Scope, part: Callable[[acb], arb]) -> Value:
    if scope.arithmetic.analytic:
        raise _not_analytic(node)
    return acb(part(ball(scope.value(node.args[0]))))


def _not_analytic(node: sympy.Expr) -> Undecided:
    return Undecided(
        f"an integral of {node}", "it is no analytic function", "write it with real parts"
    )


def conjugate(node: sympy.conjugate, scope: Scope) -> Value:
    if scope.arithmetic.analytic:
        raise _not_analytic(node)
    return ball(scope.value(node.args[0])).conjugate()


def argument(node: sympy.arg, scope: Scope) -> Value:
    if scope.arithmetic.analytic:
        raise _not_analytic(node)
    z = ball(scope.value(node.args[0]))
    if not z.is_finite() or z.contains(0):
        return scope.arithmetic.undefined("the argument of a number that may be zero")
    return acb(z.arg())


def rounded(node: sympy.Expr, scope: Scope) -> Value:
    """Floor and ceiling, where they are certain."""
    value = scope.value(node.args[0])
    below = isinstance(node, sympy.floor)
    if isinstance(value, fmpq):
        return fmpq(value.floor() if below else value.ceil())
    real = real_part_if_real(value)
    if real is None or scope.arithmetic.analytic or not real.is_finite():
        return scope.arithmetic.undefined("the rounding of a number that is not certainly real")
    whole = (real.floor() if below else real.ceil()).unique_fmpz()
    if whole is None:
        return scope.arithmetic.undefined("a number too near an integer to be rounded")
    return fmpq(whole)


# --- conditions ----------------------------------------------------------------------------------


def truth(condition: sympy.Basic, scope: Scope) -> bool | None:
    """Whether a condition holds, None where that is not certain.

    >>> from numeric.scalars.evaluation import scope_of
    >>> from numeric.scalars.numbers_and_balls import Arithmetic
    >>> truth(sympy.pi > 3, scope_of({}, Arithmetic()))
    True
    """
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    if isinstance(condition, sympy.Not):
        inner = truth(condition.args[0], scope)
        return None if inner is None else not inner
    if isinstance(condition, (sympy.And, sympy.Or)):
        decisive = isinstance(condition, sympy.Or)
        parts = [truth(arg, scope) for arg in condition.args]
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(condition, (sympy.Eq, sympy.Ne)):
        same = _same(condition.lhs, condition.rhs, scope)
        return same if same is None or isinstance(condition, sympy.Eq) else not same
    if isinstance(condition, (sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge)):
        return _ordered(condition, scope)
    if isinstance(condition, sympy.Contains) and isinstance(condition.args[1], sympy.Set):
        return truth(condition.args[1].as_relational(condition.args[0]), scope)
    raise Undecided(f"the condition {condition}", "it is no relation of numbers", "use relations")


def _same(left: sympy.Expr, right: sympy.Expr, scope: Scope) -> bool | None:
    if not isinstance(left, sympy.Expr) or not isinstance(right, sympy.Expr):
        return truth(left, scope) == truth(right, scope)
    difference = scope.value(left) - scope.value(right)
    if isinstance(difference, fmpq):
        return bool(difference == 0)
    if not difference.is_finite() or difference.contains(0):
        return True if difference == 0 else None
    return None if scope.arithmetic.analytic else False


def _ordered(condition: sympy.Rel, scope: Scope) -> bool | None:
    left, right = (_infinite(side) for side in (condition.lhs, condition.rhs))
    if left is not None or right is not None:
        found = (left or 0) < (right or 0)
        return found if isinstance(condition, (sympy.Lt, sympy.Le)) else not found
    difference = condition.rhs - condition.lhs
    value = scope.value(condition.rhs) - scope.value(condition.lhs)
    if not is_finite(value):
        return None
    if not is_real(value):
        _only_real(difference)
    if isinstance(condition, (sympy.Gt, sympy.Ge)):
        difference, value = -difference, -value
    strict = isinstance(condition, (sympy.Lt, sympy.Gt))
    if isinstance(value, acb) and (scope.arithmetic.analytic or not is_real(value)):
        return True if value.real > 0 else False if value.real < 0 else None
    if isinstance(value, fmpq):
        return bool(value > 0 if strict else value >= 0)
    real = value.real
    if strict:
        return True if real > 0 else False if real <= 0 else None
    return True if real >= 0 else False if real < 0 else None


def _infinite(side: sympy.Expr) -> int | None:
    return {sympy.oo: 1, -sympy.oo: -1}.get(side)


def cases(node: sympy.Piecewise, scope: Scope) -> Value:
    possible = []
    for branch, condition in node.args:
        holds = truth(condition, scope)
        if holds is False:
            continue
        possible.append(scope.value(branch))
        if holds:
            break
    else:
        return scope.arithmetic.undefined("no case is certain to hold")
    return possible[0] if len(possible) == 1 else scope.arithmetic.either(possible)


def bracket(node: sympy.KroneckerDelta, scope: Scope) -> Value:
    """1 where two numbers are equal, else 0."""
    if len(node.args) > 2:
        raise Undecided(f"the value of {node}", "it has a range", "leave the range out")
    same = _same(node.args[0], node.args[1], scope)
    if same is None:
        return scope.arithmetic.undefined(
            f"whether {node.args[0]} is {node.args[1]} is not certain"
        )
    return fmpq(int(same))
