"""Functions of formal quotients: each by what it is of generators that are as independent as they can be.

exp of linearly dependent arguments is one generator's powers, the logarithm of a product is a sum,
log(u) and u**c are written with the irreducible factors of u, sines of sums are taken apart, gamma(u + 1)
is u*gamma(u). Each rule holds wherever both of its sides have a value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction
from math import lcm
from typing import Any

import sympy

from derivations.verification.equality.formal_combinations import combination, prime_powers
from derivations.verification.equality.formal_field import (
    Field,
    Generator,
    OutOfReachError,
    Polynomial,
    Quotient,
)
from derivations.verification.equality.formal_signs import Signer

_LARGEST_SHARE = 24  # exp(x/share)
_LARGEST_SHIFT = 12  # gamma(u + shift)
_LARGEST_ANGLE = 12  # sin(multiple*u)


class RefinedError(Exception):
    """A generator was replaced by a root of itself, so everything is to be read again."""


class Undefined:
    """No value: absorbs every operation."""

    def _itself(self, *_: object) -> Undefined:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _itself
    __truediv__ = __rtruediv__ = __neg__ = _itself


UNDEFINED = Undefined()


class Functions:
    """The functions over one field; signs are asked of `signer`."""

    def __init__(self, field: Field, signer: Signer) -> None:
        self.field, self.signer = field, signer
        self._shares: dict[Hashable, int] = {}
        self._exponents: list[Quotient] = []  # arguments of exp, linearly independent
        self._angles: list[Quotient] = []  # arguments of sin and cos, linearly independent
        self._calls: dict[str, list[tuple[Quotient, Quotient]]] = {}

    def apply(self, name: str, parameter: int, u: Quotient) -> Any:
        """The value of a function of the table."""
        if name in _RULES:
            return _RULES[name](self, u)
        if name == "polygamma":
            return self._shifted(f"polygamma{parameter}", u)
        return self._call(name, u)

    # --- exponentials ----------------------------------------------------------------------------

    def exp(self, u: Quotient) -> Quotient:
        """The exponential of u, with logarithms in u turned into powers."""
        found, rest = self.field.number(1), u
        if u.bottom.is_constant():
            for monomial, coefficient in u.terms():
                place = monomial.index(1) if sum(monomial) == 1 else -1
                kind = self.field.generators[place].kind if place >= 0 else ""
                if kind in ("log", "lgamma"):
                    rest = rest - self._generator(place) * coefficient
                    found = found * self._power_of_log(place, coefficient)
                elif not any(monomial):
                    rest = rest - coefficient
                    found = found * self._raised(self.field.number(1), coefficient)
        for basis, coefficient in self._combination(self._exponents, rest):
            found = found * self._raised(basis, coefficient)
        return found

    def _generator(self, place: int) -> Quotient:
        return Quotient(self.field, self.field._gens[place], self.field.constant_one)

    def _power_of_log(self, place: int, coefficient: Fraction) -> Quotient:
        """exp(c*log(abs(f))) and exp(c*lgamma(u))."""
        generator = self.field.generators[place]
        if generator.kind == "log":
            return self._absolute_power(generator.argument, coefficient)
        if coefficient.denominator > 1:
            raise OutOfReachError("a root of gamma")
        return self._shifted("gamma", generator.argument).power(int(coefficient))

    def _raised(self, basis: Quotient, coefficient: Fraction) -> Quotient:
        """exp(coefficient*basis), as a power of the generator exp(basis/share)."""
        key = basis.key
        share = self._shares.setdefault(key, coefficient.denominator)
        if share % coefficient.denominator:
            self._shares[key] = share = lcm(share, coefficient.denominator)
            if share > _LARGEST_SHARE:
                raise OutOfReachError("a small share of an exponent")
            raise RefinedError
        made = Generator("exp", basis, share, sign=1)
        generator = self.field.generator(("exp", key, share), made)
        return generator.power(int(coefficient * share))

    def _combination(self, known: list[Quotient], u: Quotient) -> list[tuple[Quotient, Fraction]]:
        """U as a rational combination of arguments that are known; u joins them where it is none."""
        if u.is_zero:
            return []
        weights = combination(known, u, self.field)
        if weights is None:
            known.append(u)
            return [(u, Fraction(1))]
        return [(basis, w) for basis, w in zip(known, weights, strict=True) if w]

    # --- logarithms and powers -------------------------------------------------------------------

    def logarithm(self, u: Quotient) -> Any:
        """The logarithm of u, as a sum of those of its irreducible factors' absolute values."""
        return self.log_of_size(u) if 1 in self.signer.signs(u) else UNDEFINED

    def log_of_size(self, u: Quotient) -> Any:
        """The same of abs(u)."""
        if u.is_zero:
            return UNDEFINED
        total = self.field.number(0)
        for polynomial, side in ((u.top, 1), (u.bottom, -1)):
            content, factors = self.field.factors(polynomial)
            for prime, exponent in prime_powers(abs(content)):
                total = total + self._log_of_number(prime) * (side * exponent)
            for factor, exponent in factors:
                total = total + self._log_of_factor(factor) * (side * exponent)
        return total

    def _log_of_number(self, prime: int) -> Quotient:
        number = self.field.number(prime)
        return self.field.generator(("log", prime), Generator("log", number.top, sign=1))

    def _log_of_factor(self, factor: Polynomial) -> Quotient:
        place = self.field.place(factor)
        if place >= 0:
            generator = self.field.generators[place]
            if generator.kind == "exp":
                return generator.argument * Fraction(1, generator.share)
            if self.field.is_sign(place):
                return self.field.number(0)
            if generator.kind == "abs":
                return self._log_of_factor(generator.argument)
            if generator.kind == "root":
                inner = generator.argument
                if inner.is_constant():
                    value = self._log_of_number(int(inner.leading_coefficient()))
                else:
                    value = self._log_of_factor(inner)
                return value * Fraction(1, generator.share)
            if generator.kind == "gamma":
                return self._shifted("lgamma", generator.argument)
        return self.field.generator(("log", str(factor)), Generator("log", factor))

    def power(self, u: Any, exponent: Fraction) -> Any:
        """u**exponent for a rational exponent."""
        if exponent.denominator == 1:
            if u.is_zero and exponent < 0:
                return UNDEFINED
            return u.power(int(exponent))
        if u.is_zero:
            return UNDEFINED if exponent < 0 else u
        if not {0, 1} & self.signer.signs(u):
            return UNDEFINED
        found = self.field.number(1)
        for polynomial, side in ((u.top, 1), (u.bottom, -1)):
            content, factors = self.field.factors(polynomial)
            for prime, k in prime_powers(abs(content)):
                found = found * self._power_of_number(prime, side * k * exponent)
            for factor, k in factors:
                found = found * self._absolute_power(factor, side * k * exponent)
        return found

    def _power_of_number(self, prime: int, exponent: Fraction) -> Quotient:
        whole = exponent.numerator // exponent.denominator
        found = self.field.number(Fraction(prime) ** whole)
        rest = exponent - whole
        if rest:
            number = self.field.number(prime)
            found = found * self._root(number.top, rest, number)
        return found

    def _absolute_power(self, factor: Polynomial, exponent: Fraction) -> Quotient:
        """abs(f)**exponent of an irreducible polynomial f, or of a prime."""
        if factor.is_constant():
            return self._power_of_number(int(factor.leading_coefficient()), exponent)
        base = Quotient(self.field, factor, self.field.constant_one)
        place = self.field.place(factor)
        generator = self.field.generators[place] if place >= 0 else None
        if exponent.denominator == 1:
            if exponent % 2 == 0:
                return base.power(int(exponent))
            return self.absolute_factor(factor).power(int(exponent))
        if generator is not None and generator.kind == "exp":
            return self.exp(generator.argument * (exponent / generator.share))
        if generator is not None and generator.kind in ("abs", "root"):
            return self._absolute_power(generator.argument, exponent / generator.share)
        size = self.absolute_factor(factor)
        whole = exponent.numerator // exponent.denominator
        return size.power(whole) * self._root(factor, exponent - whole, size)

    def absolute(self, u: Quotient) -> Quotient:
        """abs(u) by the irreducible factors of u."""
        found = self.field.number(1)
        for polynomial, side in ((u.top, 1), (u.bottom, -1)):
            content, factors = self.field.factors(polynomial)
            found = found * Fraction(abs(content)) ** side
            for factor, exponent in factors:
                found = found * self._absolute_power(factor, Fraction(side * exponent))
        return found

    def absolute_factor(self, factor: Polynomial) -> Quotient:
        """abs(f) of an irreducible polynomial f: f or -f, or a generator while signs are left open."""
        base = Quotient(self.field, factor, self.field.constant_one)
        if self.signer.splitting:
            return base * self.signer.closed_sign(factor)
        signs = self.signer.polynomial(factor)
        if -1 not in signs or 1 not in signs:
            return base if -1 not in signs else -base
        size = self.field.generator(("abs", str(factor)), Generator("abs", factor, sign=0))
        self.field.relate(size, 2, base * base)
        return size

    def _root(self, factor: Polynomial, exponent: Fraction, size: Quotient) -> Quotient:
        """abs(f)**exponent for an exponent between 0 and 1; `size` is abs(f)."""
        key = ("root", str(factor))
        share = self._shares.setdefault(key, exponent.denominator)
        if share % exponent.denominator:
            self._shares[key] = lcm(share, exponent.denominator)
            if self._shares[key] > _LARGEST_SHARE:
                raise OutOfReachError("a high root")
            raise RefinedError
        base = Quotient(self.field, factor, self.field.constant_one)
        strictly = 1 if 0 not in self.signer.signs(base) else 0
        made = Generator("root", factor, share, sign=strictly)
        root = self.field.generator((*key, share, size.key, strictly), made)
        self.field.relate(root, share, size)
        return root.power(int(exponent * share))

    # --- sines -----------------------------------------------------------------------------------

    def sine_and_cosine(self, u: Quotient) -> tuple[Quotient, Quotient]:
        """sin(u) and cos(u), by the addition theorems."""
        sine, cosine = self.field.number(0), self.field.number(1)
        for basis, coefficient in self._combination(self._angles, u):
            key = ("angle", basis.key)
            share = self._shares.setdefault(key, coefficient.denominator)
            if share % coefficient.denominator:
                self._shares[key] = lcm(share, coefficient.denominator)
                if self._shares[key] > _LARGEST_SHARE:
                    raise OutOfReachError("a small share of an angle")
                raise RefinedError
            s, c = self._multiple(basis, share, int(coefficient * share))
            sine, cosine = sine * c + cosine * s, cosine * c - sine * s
        return sine, cosine

    def _multiple(self, basis: Quotient, share: int, count: int) -> tuple[Quotient, Quotient]:
        """Sine and cosine of count*basis/share."""
        if abs(count) > _LARGEST_ANGLE:
            raise OutOfReachError("a large multiple of an angle")
        s, c = self._basic_angle(basis, share)
        if count < 0:
            s = -s
        sine, cosine = self.field.number(0), self.field.number(1)
        for _ in range(abs(count)):
            sine, cosine = sine * c + cosine * s, cosine * c - sine * s
        return sine, cosine

    def _basic_angle(self, basis: Quotient, share: int) -> tuple[Quotient, Quotient]:
        place = self.field.place(basis.top) if basis.bottom == 1 else -1
        generator = self.field.generators[place] if place >= 0 else None
        number = self.field.number
        if generator is not None and generator.kind == "pi" and share <= 2:
            return (number(0), number(-1)) if share == 1 else (number(1), number(0))
        if generator is not None and generator.kind == "asin" and share == 1:
            u = generator.argument
            return u, self.power(number(1) - u * u, Fraction(1, 2))
        if generator is not None and generator.kind == "atan" and share == 1:
            u = generator.argument
            c = self.power(number(1) + u * u, Fraction(-1, 2))
            return u * c, c
        key = (basis.key, share)
        c = self.field.generator(("cos", *key), Generator("cos", basis, share))
        s = self.field.generator(("sin", *key), Generator("sin", basis, share))
        self.field.relate(s, 2, number(1) - c * c)
        return s, c

    # --- other functions -------------------------------------------------------------------------

    def _call(self, name: str, u: Quotient) -> Quotient:
        """A function of which only its parity is known."""
        for argument, value in self._calls.setdefault(name, []):
            if (argument - u).is_zero:
                return value
            if name in _ODD and (argument + u).is_zero:
                return -value
        if name in _ODD and u.is_zero:
            return u
        value = self.field.generator((name, u.key), Generator(name, u))
        self._calls[name].append((u, value))
        return value

    def _shifted(self, name: str, u: Quotient) -> Any:
        """gamma, lgamma, digamma and polygamma, by those of an argument that differs by an integer."""
        constant = u.constant
        if constant is not None and constant.denominator == 1 and constant <= 0:
            return UNDEFINED
        for argument, value in self._calls.setdefault(name, []):
            shift = (u - argument).constant
            if shift is not None and shift.denominator == 1 and abs(shift) <= _LARGEST_SHIFT:
                return self._moved(name, argument, value, int(shift))
        if name == "gamma" and constant == 1:
            return self.field.number(1)
        if name == "lgamma" and constant == 1:
            return self.field.number(0)
        kind = name if name in ("gamma", "lgamma") else "polygamma"
        value = self.field.generator((name, u.key), Generator(kind, u))
        self._calls[name].append((u, value))
        return value

    def _moved(self, name: str, u: Quotient, value: Quotient, shift: int) -> Any:
        """f(u + shift) from f(u)."""
        steps = range(shift) if shift > 0 else range(shift, 0)
        for k in steps:
            at = u + k
            if at.is_zero:
                return UNDEFINED
            if name == "gamma":
                value = value * at if shift > 0 else value * at.inverse()
                continue
            if name == "lgamma":
                step = self.logarithm(at)
                if step is UNDEFINED:
                    return UNDEFINED
            else:
                order = 0 if name == "digamma" else int(name.removeprefix("polygamma"))
                factorial = (-1) ** order * int(sympy.factorial(order))
                step = at.power(-order - 1) * factorial
            value = value + step if shift > 0 else value - step
        return value


def _sigmoid(over: Functions, u: Quotient) -> Quotient:
    e = over.exp(u)
    return e * (e + 1).inverse()


def _tanh(over: Functions, u: Quotient) -> Quotient:
    e = over.exp(2 * u)
    return (e - 1) * (e + 1).inverse()


def _hyperbolic(sign: int) -> Callable[[Functions, Quotient], Quotient]:
    def rule(over: Functions, u: Quotient) -> Quotient:
        e = over.exp(u)
        return (e + sign * e.inverse()) * Fraction(1, 2)

    return rule


def _artanh(over: Functions, u: Quotient) -> Any:
    if (u - 1).is_zero or (u + 1).is_zero:
        return UNDEFINED
    return over.logarithm((u + 1) * (1 - u).inverse()) * Fraction(1, 2)


def _arsinh(over: Functions, u: Quotient) -> Any:
    return over.logarithm(u + over.power(u * u + 1, Fraction(1, 2)))


def _gelu(over: Functions, u: Quotient) -> Quotient:
    inside = u * over.power(over.field.number(2), Fraction(-1, 2))
    return u * (over.apply("erf", 0, inside) + 1) * Fraction(1, 2)


def _tan(over: Functions, u: Quotient) -> Any:
    sine, cosine = over.sine_and_cosine(u)
    return UNDEFINED if cosine.is_zero else sine * cosine.inverse()


def _acos(over: Functions, u: Quotient) -> Quotient:
    pi = over.field.generator("pi", Generator("pi", sign=1))
    return pi * Fraction(1, 2) - over.apply("asin", 0, u)


def _abs(over: Functions, u: Quotient) -> Quotient:
    return u if u.is_zero else over.absolute(u)


def _relu(over: Functions, u: Quotient) -> Quotient:
    return (u + _abs(over, u)) * Fraction(1, 2)


def _sign(over: Functions, u: Quotient) -> Quotient:
    return over.field.number(over.signer.strict(u))


def _step(over: Functions, u: Quotient) -> Quotient:
    return over.field.number(int(over.signer.strict(u) > 0))


def _heaviside(over: Functions, u: Quotient) -> Quotient:
    return over.field.number(Fraction(1 + over.signer.strict(u), 2))


_RULES: dict[str, Callable[[Functions, Quotient], Any]] = {
    "exp": Functions.exp,
    "expm1": lambda over, u: over.exp(u) - 1,
    "log": Functions.logarithm,
    "log1p": lambda over, u: over.logarithm(u + 1),
    "sqrt": lambda over, u: over.power(u, Fraction(1, 2)),
    "sigmoid": _sigmoid,
    "silu": lambda over, u: u * _sigmoid(over, u),
    "softplus": lambda over, u: over.logarithm(over.exp(u) + 1),
    "tanh": _tanh,
    "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(1),
    "arctanh": _artanh,
    "asinh": _arsinh,
    "sin": lambda over, u: over.sine_and_cosine(u)[0],
    "cos": lambda over, u: over.sine_and_cosine(u)[1],
    "tan": _tan,
    "acos": _acos,
    "erfc": lambda over, u: 1 - over.apply("erf", 0, u),
    "gelu": _gelu,
    "abs": _abs,
    "relu": _relu,
    "sign": _sign,
    "step": _step,
    "heaviside": _heaviside,
    **{
        name: lambda over, u, name=name: over._shifted(name, u)  # type: ignore[misc]
        for name in ("gamma", "lgamma", "digamma")
    },
}

_ODD = {"erf", "erfi", "asin", "atan", "si", "shi", "fresnel_s", "fresnel_c"}
