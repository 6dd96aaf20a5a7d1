"""Arithmetic of constants while text is read: exact, finite, real, and bounded in size.

Numbers, sizes and pi are folded as Python and SymPy would fold them, so that `parse("n*d*x")` is
the same node as `(n * d) * x`. Text comes from strangers: what would take long (9**9**9) or leave
the reals (log(0)) is refused before it is worked out.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy
from mpmath.libmp import NoConvergence

from symbolic import operations
from symbolic.errors import ChainruleError, DomainError, NotAllowedError, ShapeError
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Contraction, Expression
from symbolic.reading.parse_limits import (
    approximate,
    check_argument,
    check_power,
    checked,
    out_of_range,
)
from symbolic.sizes import Size

PI = operations.constant(sympy.pi)


def constant_value(expression: Expression) -> sympy.Expr | None:
    """The coefficient of a scalar constant, or None for any other expression."""
    if isinstance(expression, Contraction) and not expression.operands and not expression.output:
        return expression.coefficient
    return None


def number(text: str) -> Expression:
    """An unsigned number from its text, exactly.

    >>> constant_value(number("0.1"))
    1/10
    """
    _, _, exponent = text.lower().partition("e")
    if len(exponent.lstrip("+-0")) > 3:
        raise out_of_range()
    value = Fraction(text)
    return operations.constant(checked(sympy.Rational(value.numerator, value.denominator)))


def arithmetic(symbol: str, left: Expression, right: Expression) -> Expression:
    """The operator `symbol` of two expressions, worked out when both are constants."""
    if symbol == "/":
        _check_divisor(right)
    a, b = constant_value(left), constant_value(right)
    if a is None or b is None or symbol == "@":
        return _OPERATORS[symbol](left, right)
    if symbol == "**":
        check_power(a, b)
    return _fold(_SCALARS[symbol], a, b)


def negative(operand: Expression) -> Expression:
    """The operand with its sign changed."""
    value = constant_value(operand)
    return operations.negative(operand) if value is None else operations.constant(-value)


def elementwise(name: str, *operands: Expression) -> Expression:
    """A function of the elementwise table, worked out when all operands are constants."""
    values = [constant_value(operand) for operand in operands]
    if len(operands) != ELEMENTWISE[name].arity or any(value is None for value in values):
        return operations.apply_elementwise(name, *operands)
    for value in values:
        check_argument(name, value)
    return _fold(ELEMENTWISE[name].head, *values)


def polygamma(order: Expression, operand: Expression) -> Expression:
    """A derivative of digamma, worked out at a constant."""
    times, value = constant_value(order), constant_value(operand)
    derivative = operations.derivative_of_digamma(order if times is None else times)
    if value is None:
        return operations.polygamma(times, operand)
    check_argument("polygamma", value)
    return _fold(derivative, value)


def _fold(function: Callable[..., sympy.Expr], *values: sympy.Expr) -> Expression:
    try:
        return operations.constant(checked(function(*values)))
    except ChainruleError:
        raise
    except (ArithmeticError, TypeError, ValueError, RecursionError, NoConvergence):
        raise out_of_range() from None


def size(expression: Expression) -> Size:
    """A scalar constant as the size of an axis.

    >>> size(number("3"))
    3
    """
    value = constant_value(expression)
    if value is None or value.is_integer is not True or value.is_nonpositive:
        raise ShapeError(
            "a size",
            "it is not a positive integer",
            "give a positive integer, a size letter, or a sum or product of them",
        )
    return int(value) if value.is_Integer else value


def floor(expression: Expression) -> Expression:
    """The whole part of a constant, as in the size n/2 rounded down."""
    value = constant_value(expression)
    if value is None:
        raise NotAllowedError("floor of an array", "floor is for sizes", "write floor(n/2)")
    return operations.constant(sympy.floor(value))


def integer(expression: Expression) -> sympy.Expr:
    """A scalar constant as an integer or an expression in sizes, for an index."""
    value = constant_value(expression)
    if value is None or value.is_integer is False or (value.is_number and not value.is_Integer):
        raise NotAllowedError(
            "an index", "it is neither an integer nor a size", "write integers and size letters"
        )
    return value


def _check_divisor(divisor: Expression) -> None:
    if not isinstance(divisor, Contraction):
        return
    value = divisor.coefficient
    is_zero = value.is_zero
    if is_zero is None and value.is_number:  # log(6) - log(2) - log(3): no digit can be found
        is_zero = abs(approximate(value)) < Fraction(1, 10**90)
    if is_zero:
        raise DomainError("a division", "the divisor is 0", "divide by something else")


_OPERATORS: dict[str, Callable[[object, object], Expression]] = {
    "+": operations.add,
    "-": operations.subtract,
    "*": operations.multiply,
    "/": operations.divide,
    "**": operations.power,
    "@": operations.matmul,
}
_SCALARS: dict[str, Callable[[sympy.Expr, sympy.Expr], sympy.Expr]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}
