"""Rational functions of generators: what entries, exponentials, logarithms and roots combine to.

A generator stands for an entry of a variable or for a function of earlier generators, as exp(x) does.
Generators may satisfy relations that are known, r**2 = x for a root or y**2 = y for a binary entry, which are
used, and others that are not. So a quotient whose top is zero is zero; one whose top is not proves nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Polynomial = Any  # flint.fmpz_mpoly

_GENERATORS = 48
_MOST_TERMS = 60_000  # of one product
_MOST_WORK = 2_500_000  # products of terms, all together
_STEP = 50  # what any operation costs
_LONGEST_FACTORED = 400  # terms
_LARGEST_COMMON = 40_000  # product of the numbers of terms of which a common divisor is sought


class OutOfReachError(Exception):
    """A proof is not found within its budget, or outside what it understands."""


@dataclass(frozen=True)
class Generator:
    """One generator.

    kind     "entry", "exp", "log", "root", "sin", ..., for the rules of functions
    argument what it is a function of, where it is one
    share    the generator stands for f(argument/share), for a root it is argument**(1/share)
    sign     1 where it is always positive, 0 where zero or greater, None where that is not known
    """

    kind: str
    argument: Any = None
    share: int = 1
    sign: int | None = None


class Field:
    """The generators with their relations, and the budget of one proof."""

    def __init__(self) -> None:
        names = [f"g{k}" for k in range(_GENERATORS)]
        from flint import Ordering, fmpz_mpoly_ctx

        self._context = fmpz_mpoly_ctx.get(names, Ordering.degrevlex)
        self._gens = self._context.gens()
        self._places: dict[Hashable, int] = {}
        self.generators: list[Generator] = []
        self._powers: dict[int, tuple[int, Polynomial]] = {}  # place: (q, p) means g**q = p
        self._exclusive: dict[int, int] = {}  # place: group; products inside a group are zero
        self._factored: dict[str, tuple[int, list[tuple[Polynomial, int]]]] = {}
        self.work = 0
        self.constant_one = self._context.constant(1)

    def number(self, value: Fraction | int) -> Quotient:
        """A rational number."""
        fraction = Fraction(value)
        top = self._context.constant(fraction.numerator)
        return Quotient(self, top, self._context.constant(fraction.denominator))

    def generator(self, key: Hashable, made: Generator) -> Quotient:
        """The generator of a key, which is made where it is new."""
        place = self._places.get(key)
        if place is None:
            place = len(self.generators)
            if place >= _GENERATORS:
                raise OutOfReachError("too many generators")
            self._places[key] = place
            self.generators.append(made)
        return Quotient(self, self._gens[place], self.constant_one)

    def relate(self, generator: Quotient, exponent: int, power: Quotient) -> None:
        """State that a generator to some power is a polynomial in it and earlier ones."""
        if power.bottom != 1:
            raise OutOfReachError("a relation with a denominator")
        self._powers[self.place(generator.top)] = (exponent, power.top)

    def exclude(self, generators: list[Quotient], group: int) -> None:
        """State that the product of two different ones among some generators is zero."""
        for each in generators:
            self._exclusive[self.place(each.top)] = group

    def place(self, polynomial: Polynomial) -> int:
        """The number of a generator that is given as a polynomial, -1 for another polynomial."""
        if len(polynomial) != 1 or polynomial.leading_coefficient() != 1:
            return -1
        exponents = next(iter(polynomial.monoms()))
        return exponents.index(1) if sum(exponents) == 1 else -1

    def is_sign(self, place: int) -> bool:
        """Whether a generator is 1 or -1."""
        exponent, power = self._powers.get(place, (0, None))
        return exponent == 2 and power == 1

    def spend(self, work: int) -> None:
        """Count work; `OutOfReachError` beyond the budget."""
        self.work += work
        if self.work > _MOST_WORK:
            raise OutOfReachError("too many terms")

    def product(self, first: Polynomial, second: Polynomial) -> Polynomial:
        """A product within the budget, with the relations used."""
        count = len(first) * len(second)
        self.spend(count + _STEP)
        if count > 50 * _MOST_TERMS:
            raise OutOfReachError("too many terms")
        found = first * second
        if len(found) > _MOST_TERMS:
            raise OutOfReachError("too many terms")
        return self.reduced(found)

    def reduced(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial with no power of a generator that a relation replaces."""
        if not self._powers and not self._exclusive:
            return polynomial
        degrees = polynomial.degrees()
        while any(degrees[k] >= exponent for k, (exponent, _) in self._powers.items()):
            place = max(k for k, (exponent, _) in self._powers.items() if degrees[k] >= exponent)
            exponent, power = self._powers[place]
            self.spend(len(polynomial) * max(1, degrees[place] // exponent))
            polynomial = self._replaced(polynomial, place, exponent, power)
            degrees = polynomial.degrees()
        if self._exclusive:
            kept = {m: c for m, c in polynomial.to_dict().items() if not self._vanishes(m)}
            polynomial = self._context.from_dict(kept)
        return polynomial

    def _replaced(
        self, polynomial: Polynomial, place: int, exponent: int, power: Polynomial
    ) -> Polynomial:
        shares: dict[int, dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in polynomial.to_dict().items():
            whole, rest = divmod(monomial[place], exponent)
            lowered = (*monomial[:place], rest, *monomial[place + 1 :])
            shares.setdefault(whole, {})[lowered] = coefficient
        total = self._context.constant(0)
        for whole, part in shares.items():
            self.spend(len(part) * max(1, len(power)) ** min(whole, 4))
            total += self._context.from_dict(part) * power**whole
        return total

    def _vanishes(self, monomial: tuple[int, ...]) -> bool:
        groups = [self._exclusive[k] for k in self._exclusive if monomial[k]]
        return len(set(groups)) < len(groups)

    def factors(self, polynomial: Polynomial) -> tuple[int, list[tuple[Polynomial, int]]]:
        """Content and irreducible factors with exponents; each has a positive leading coefficient."""
        key = str(polynomial)
        known = self._factored.get(key)
        if known is None:
            known = self._factored[key] = self._factors(polynomial)
        return known

    def _factors(self, polynomial: Polynomial) -> tuple[int, list[tuple[Polynomial, int]]]:
        if len(polynomial) > _LONGEST_FACTORED:
            raise OutOfReachError("a polynomial that is too long to factor")
        self.spend(20 * len(polynomial))
        try:
            content, found = polynomial.factor()
        except OverflowError:  # a coefficient beyond what the library factors
            raise OutOfReachError("a polynomial that is too large to factor") from None
        content = int(content)
        upright = []
        for factor, exponent in found:
            if factor.leading_coefficient() < 0:
                factor, content = -factor, content * (-1) ** int(exponent)
            upright.append((factor, int(exponent)))
        return content, upright


class Quotient:
    """A rational function: top/bottom in lowest terms, as far as that is cheap."""

    __slots__ = ("bottom", "field", "top")

    def __init__(self, field: Field, top: Polynomial, bottom: Polynomial) -> None:
        self.field, self.top, self.bottom = field, top, bottom

    @property
    def key(self) -> Hashable:
        """The same for equal quotients in lowest terms."""
        return str(self.top), str(self.bottom)

    @property
    def is_zero(self) -> bool:
        return not self.top

    @property
    def constant(self) -> Fraction | None:
        """The rational number that it is, if it is one."""
        if not (self.top.is_constant() and self.bottom.is_constant()):
            return None
        return Fraction(int(_number(self.top)), int(_number(self.bottom)))

    def terms(self) -> Iterator[tuple[tuple[int, ...], Fraction]]:
        """Monomials with coefficients; the bottom is a number."""
        below = int(_number(self.bottom))
        for monomial, coefficient in self.top.to_dict().items():
            yield monomial, Fraction(int(coefficient), below)

    def lowest(self) -> Quotient:
        """The same in lowest terms, where that is cheap."""
        top, bottom, field = self.top, self.bottom, self.field
        if not bottom:
            raise OutOfReachError("a divisor that is zero everywhere")
        if not top:
            return Quotient(field, top, field.constant_one)
        if bottom == 1:
            return self
        if len(top) * len(bottom) <= _LARGEST_COMMON:
            field.spend(len(top) + len(bottom))
            common = top.gcd(bottom)
            if common != 1:
                top, bottom = top // common, bottom // common
        if bottom.leading_coefficient() < 0:
            top, bottom = -top, -bottom
        return Quotient(field, top, bottom)

    def _other(self, other: Any) -> Quotient | None:
        if isinstance(other, Quotient):
            return other
        return self.field.number(other) if isinstance(other, (int, Fraction)) else None

    def __add__(self, other: Any) -> Any:
        second = self._other(other)
        if second is None:
            return NotImplemented
        product = self.field.product
        if self.bottom == second.bottom:
            return Quotient(self.field, self.top + second.top, self.bottom).lowest()
        common = self.bottom.gcd(second.bottom)
        first_rest, second_rest = self.bottom // common, second.bottom // common
        top = product(self.top, second_rest) + product(second.top, first_rest)
        return Quotient(self.field, top, product(self.bottom, second_rest)).lowest()

    __radd__ = __add__

    def __neg__(self) -> Quotient:
        return Quotient(self.field, -self.top, self.bottom)

    def __sub__(self, other: Any) -> Any:
        second = self._other(other)
        return NotImplemented if second is None else self + -second

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        second = self._other(other)
        if second is None:
            return NotImplemented
        top = self.field.product(self.top, second.top)
        return Quotient(self.field, top, self.field.product(self.bottom, second.bottom)).lowest()

    __rmul__ = __mul__

    def inverse(self) -> Quotient:
        """One over it. Conditions: it is not zero."""
        return Quotient(self.field, self.bottom, self.top).lowest()

    def power(self, exponent: int) -> Quotient:
        """A whole power."""
        base = self.inverse() if exponent < 0 else self
        if abs(exponent) > 64:
            raise OutOfReachError("a high power")
        found = self.field.number(1)
        for _ in range(abs(exponent)):
            found = found * base
        return found


def _number(polynomial: Polynomial) -> Any:
    """The value of a constant polynomial."""
    return polynomial.leading_coefficient() if polynomial else 0
