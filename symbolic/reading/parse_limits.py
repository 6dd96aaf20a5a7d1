"""Which constants text may hold: real, finite, and too small to keep SymPy busy.

SymPy decides signs of sums by isolating roots and finding minimal polynomials, which takes minutes
for long integers, high powers and many radicals; so a sum has narrower limits than a product.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import prod

import sympy

from symbolic.errors import ChainruleError, DomainError, NotAllowedError

LARGEST = 2**1024 - 2**970  # the range of double precision, beyond which no program can follow
SMALLEST = Fraction(1, 10**308)
MAX_BITS = 13_000  # of an integer; Python prints none above 4300 digits
MAX_PARTS = 60  # nodes of a constant that is no number of the form p/q
MAX_EXPONENT = 1_000
MAX_ROOT_BITS = 64  # of numerator and denominator of an exponent
SUM_BITS = 128  # of an integer in a sum
SUM_EXPONENT = 10
SUM_RADICALS = 24  # product of the denominators of the exponents in a sum
MAX_MULTIPLE = 1_000  # SymPy works out exp(k*log(2)) for integers k
MAX_FACTORIAL = 200  # and gamma(k)
MAX_ARGUMENT = 10**30  # SymPy works out exp(x) and its relatives with as many digits as x has

_FACTORIAL = frozenset(("gamma", "lgamma", "digamma", "trigamma", "polygamma"))
_ALGEBRAIC = frozenset(
    ("abs", "log", "log1p", "maximum", "minimum", "relu", "sign", "sqrt", "step")
)

_NOT_REAL = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I)


@lru_cache(maxsize=1 << 12)
def checked(value: sympy.Expr) -> sympy.Expr:
    """`value` if it is real, finite and of moderate size; a typed error otherwise."""
    if value.is_Rational:
        if _bits(value) > MAX_BITS:
            raise too_long()
        if value != 0 and not SMALLEST <= abs(Fraction(int(value.p), int(value.q))) <= LARGEST:
            raise out_of_range()
        return value
    _check_size(value)
    if value.has(*_NOT_REAL) or value.is_extended_real is False or value.is_finite is False:
        raise _not_real()
    if value.is_number:
        approximate(value)
    return value


def approximate(value: sympy.Expr) -> sympy.Number:
    """A numeric constant to 15 digits; an error when it is not real or out of range."""
    near = value.evalf(15)
    if not (near.is_Float or near.is_Rational):
        raise _not_real()
    if abs(near) > LARGEST or (near != 0 and abs(near) < SMALLEST):
        raise out_of_range()
    return near


def check_power(base: sympy.Expr, exponent: sympy.Expr) -> None:
    """Refuse a power of constants that would take long to work out."""
    if base.is_zero and not exponent.is_nonnegative:
        raise DomainError(
            "a power of 0", "the exponent may be negative", "divide by something else"
        )
    is_moderate = _largest(exponent) <= MAX_EXPONENT and _bits(exponent) <= MAX_ROOT_BITS
    if _power_bits(base, exponent) > MAX_BITS or not (exponent.is_Integer or is_moderate):
        raise NotAllowedError(
            "a power of constants",
            "the exponent is too large or too long a fraction to work it out",
            "keep constants within the range of double precision",
        )


def check_argument(name: str, value: sympy.Expr) -> None:
    """Refuse the constant argument of a function that would take long to work out."""
    if value.has(sympy.log) and _largest(value) > MAX_MULTIPLE:
        raise too_long()
    if name in ("maximum", "minimum") and sum(1 for _ in _parts(value)) > MAX_PARTS // 2:
        raise too_long()
    if value.is_number and name not in _ALGEBRAIC:
        if abs(approximate(value)) > (MAX_FACTORIAL if name in _FACTORIAL else MAX_ARGUMENT):
            raise out_of_range()
        if name in _FACTORIAL and _bits(value) > SUM_BITS:
            raise too_long()


def _check_size(value: sympy.Expr) -> None:
    for count, part in enumerate(_parts(value), start=1):
        if count > MAX_PARTS or _bits(part) > MAX_BITS:
            raise too_long()
        if part.is_Pow and not _moderate_power(part):
            raise too_long()
        if part.is_Add:
            _check_sum(part)


def _moderate_power(power: sympy.Pow) -> bool:
    return (
        _power_bits(power.base, power.exp) <= MAX_BITS
        and _largest(power.exp) <= MAX_EXPONENT
        and _bits(power.exp) <= MAX_ROOT_BITS
    )


def _check_sum(value: sympy.Add) -> None:
    inside = list(_parts(value, functions=False))
    powers = [part.exp for part in inside if part.is_Pow]
    if (
        any(_bits(part) > SUM_BITS for part in inside)
        or any(_largest(exponent) > SUM_EXPONENT for exponent in powers)
        or prod(int(each.q) for each in powers if each.is_Rational) > SUM_RADICALS
    ):
        raise too_long()


def _parts(value: sympy.Basic, functions: bool = True) -> Iterator[sympy.Basic]:
    """The nodes of a SymPy expression; without `functions`, nothing inside of function calls."""
    stack = [value]
    while stack:
        part = stack.pop()
        yield part
        if functions or not part.is_Function:
            stack.extend(part.args)


def _bits(part: sympy.Basic) -> int:
    if not part.is_Rational:
        return 0
    return max(int(part.p).bit_length(), int(part.q).bit_length())


def _power_bits(base: sympy.Expr, exponent: sympy.Expr) -> int:
    if abs(base) == 1:
        return 0
    return sum(_bits(part) for part in _parts(base)) * _largest(exponent)


def _largest(value: sympy.Expr) -> int:
    """The largest rational number in an expression, rounded up; at least 1."""
    rationals = (part for part in _parts(value) if part.is_Rational)
    return max((-(-abs(int(part.p)) // int(part.q)) for part in rationals), default=1) or 1


def _not_real() -> ChainruleError:
    return DomainError(
        "a constant", "its value is no finite real number", "stay where the function is defined"
    )


def out_of_range() -> ChainruleError:
    """The error about a constant that double precision cannot hold."""
    return NotAllowedError(
        "a constant",
        "it lies, or leads, outside the range of double precision (1e-308 to 1.79e308)",
        "use a moderate number",
    )


def too_long() -> ChainruleError:
    """The error about a constant whose exact form is too long."""
    return NotAllowedError(
        "a constant",
        "its exact value is too long or has too large powers",
        "use a variable or a simpler constant",
    )
