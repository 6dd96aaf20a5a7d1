"""Arithmetic of constants while text is read: exact, finite, real, and bounded in size.

Numbers, sizes and pi are folded as Python and SymPy would fold them, so that `parse("n*d*x")` is
the same node as `(n * d) * x`. Text comes from strangers: what would take long (9**9**9) or leave
the reals (log(0)) is refused before it is worked out.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

import sympy
from mpmath.libmp import NoConvergence

from symbolic import operations
from symbolic.errors import ChainruleError, DomainError, NotAllowedError, ShapeError
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Contraction, Expression
from symbolic.sizes import Size

LARGEST = 2**1024 - 2**970  # the range of double precision, beyond which no program can follow
SMALLEST = Fraction(1, 10**308)
MAX_BITS = 13_000  # of the integers in a constant; Python prints no int above 4300 digits
MAX_PARTS = 100  # nodes of a constant
MAX_MULTIPLE = 1_000  # SymPy works out exp(k*log(2)) and gamma(k) for integers k

PI = operations.constant(sympy.pi)
_NOT_REAL = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I)


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
        raise _out_of_range()
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
        _check_power(a, b)
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
        _check_argument(name, value)
    return _fold(ELEMENTWISE[name].head, *values)


def _fold(function: Callable[..., sympy.Expr], *values: sympy.Expr) -> Expression:
    try:
        return operations.constant(checked(function(*values)))
    except ChainruleError:
        raise
    except (ArithmeticError, TypeError, ValueError, RecursionError, NoConvergence):
        raise _out_of_range() from None


def size(expression: Expression) -> Size:
    """A scalar constant as the size of an axis.

    >>> size(number("3"))
    3
    """
    value = constant_value(expression)
    if value is None or not (value.is_integer and value.is_positive):
        raise ShapeError(
            "a size",
            "it is not surely a positive integer",
            "give a positive integer, a size letter or a product of them",
        )
    return int(value) if value.is_Integer else value


@lru_cache(maxsize=1 << 12)
def checked(value: sympy.Expr) -> sympy.Expr:
    """`value` if it is real, finite and of moderate size; a typed error otherwise."""
    if value.is_Rational:
        if value != 0 and not SMALLEST <= abs(Fraction(int(value.p), int(value.q))) <= LARGEST:
            raise _out_of_range()
        if _bits(value) > MAX_BITS:
            raise _too_long()
        return value
    if value.has(*_NOT_REAL) or value.is_extended_real is False or value.is_finite is False:
        raise _not_real()
    _check_size(value)
    if value.is_number:
        _approximate(value)
    return value


def _approximate(value: sympy.Expr) -> sympy.Float:
    near = value.evalf(15)
    if not (near.is_Float or near.is_Rational):
        raise _not_real()
    if abs(near) > LARGEST or (near != 0 and abs(near) < SMALLEST):
        raise _out_of_range()
    return near


def _check_size(value: sympy.Expr) -> None:
    for parts, part in enumerate(sympy.preorder_traversal(value), start=1):
        if parts > MAX_PARTS or _bits(part) > MAX_BITS:
            raise _too_long()
        if part.is_Pow and _integer_bits(part.base) * _largest(part.exp) > MAX_BITS:
            raise _too_long()


def _check_power(base: sympy.Expr, exponent: sympy.Expr) -> None:
    if base.is_zero and not exponent.is_nonnegative:
        raise DomainError(
            "a power of 0", "the exponent may be negative", "divide by something else"
        )
    largest = _largest(exponent)
    if _integer_bits(base) * largest > MAX_BITS or (
        largest > MAX_MULTIPLE and exponent.has(sympy.log)
    ):
        raise NotAllowedError(
            "a power of constants",
            "the exponent is so large that the result would be too long",
            "keep constants within the range of double precision",
        )


def _check_argument(name: str, value: sympy.Expr) -> None:
    largest = _largest(value)
    if name in ("exp", "expm1") and value.has(sympy.log) and largest > MAX_MULTIPLE:
        raise _too_long()
    is_large = value.is_number and abs(_approximate(value)) > MAX_MULTIPLE
    if is_large and name in ("gamma", "lgamma", "digamma"):
        raise _out_of_range()
    if name in ("maximum", "minimum") and not value.is_number and _parts(value) > MAX_PARTS // 4:
        raise _too_long()


def _check_divisor(divisor: Expression) -> None:
    if not isinstance(divisor, Contraction):
        return
    value = divisor.coefficient
    is_zero = value.is_zero
    if is_zero is None and value.is_number:  # log(6) - log(2) - log(3): no digit can be found
        is_zero = abs(_approximate(value)) < Fraction(1, 10**90)
    if is_zero:
        raise DomainError("a division", "the divisor is 0", "divide by something else")


def _parts(value: sympy.Expr) -> int:
    return sum(1 for _ in sympy.preorder_traversal(value))


def _bits(part: sympy.Basic) -> int:
    if not part.is_Rational:
        return 0
    return max(int(part.p).bit_length(), int(part.q).bit_length())


def _integer_bits(value: sympy.Expr) -> int:
    if abs(value) == 1:
        return 0
    return sum(_bits(part) for part in sympy.preorder_traversal(value))


def _largest(value: sympy.Expr) -> int:
    found = 1
    for part in sympy.preorder_traversal(value):
        if part.is_Rational:
            found = max(found, -(-abs(int(part.p)) // int(part.q)))
    return found


def _not_real() -> ChainruleError:
    return DomainError(
        "a constant", "its value is no finite real number", "stay where the function is defined"
    )


def _out_of_range() -> ChainruleError:
    return NotAllowedError(
        "a constant",
        "its size lies outside the range of double precision (1e-308 to 1.79e308)",
        "use a moderate number",
    )


def _too_long() -> ChainruleError:
    return NotAllowedError(
        "a constant", "its exact value is too long", "use a variable or a simpler constant"
    )


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
