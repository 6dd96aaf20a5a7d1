"""Rational normal forms: cancelling, factoring and expanding over functions as unknowns.

What is not + - * / or an integer power is an unknown. Exponentials of multiples of one argument
are powers of one unknown, square roots square to their argument, so exp(2*x) - 1 over exp(x) + 1
cancels and (sqrt(a) - sqrt(b))*(sqrt(a) + sqrt(b)) is a - b.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import Any

from flint import fmpq, fmpq_mpoly_ctx

from numeric.stabilizing.terms import ONE, ZERO, Term, call, constant, node, power, product

Polynomial = Any  # flint.fmpq_mpoly
MOST_TERMS = 60  # of a polynomial; longer ones are left alone
MOST_POWER = 12


class TooLargeError(ArithmeticError):
    """A normal form that is not worth having."""


class _Field:
    """Rational functions in the unknowns of one term."""

    def __init__(self, unknowns: list[Term], units: dict[Term, Fraction]) -> None:
        self.unknowns = unknowns
        self.units = units  # the unknown exp(argument) stands for exp(unit*argument)
        names = tuple(f"u{k}" for k in range(max(len(unknowns), 1)))
        self.context = fmpq_mpoly_ctx.get(names, "lex")
        self.position = {u: k for k, u in enumerate(unknowns)}
        self.generators = self.context.gens()
        self.one = self.context.constant(1)
        self.found: dict[Term, tuple[Polynomial, Polynomial]] = {}

    def fraction(self, term: Term) -> tuple[Polynomial, Polynomial]:
        result = self.found.get(term)
        if result is None:
            result = self.found[term] = self.reduced(*self._fraction(term))
        return result

    def _fraction(self, term: Term) -> tuple[Polynomial, Polynomial]:
        if term.number is not None:
            value = fmpq(term.number.numerator, term.number.denominator)
            return self.context.constant(value), self.one
        if term.op in ("add", "subtract", "multiply", "divide"):
            (a, b), (c, d) = (self.fraction(arg) for arg in term.args)
            if max(len(a), len(b)) * max(len(c), len(d)) > MOST_TERMS**2:
                raise TooLargeError
            match term.op:
                case "add":
                    return (a + c, b) if b == d else (a * d + c * b, b * d)
                case "subtract":
                    return (a - c, b) if b == d else (a * d - c * b, b * d)
                case "multiply":
                    return a * c, b * d
            if c.is_zero():
                raise TooLargeError
            return a * d, b * c
        if term.op == "negative":
            a, b = self.fraction(term.args[0])
            return -a, b
        n = _integer(term)
        if n:
            a, b = self.fraction(term.args[0])
            if (n < 0 and a.is_zero()) or max(len(a), len(b)) ** (abs(n) - 1) > MOST_TERMS**2:
                raise TooLargeError
            return (a**n, b**n) if n > 0 else (b**-n, a**-n)
        if term.op == "exp":
            top, bottom = self.one, self.one
            for coefficient, argument in linear_items(term.args[0]):
                whole = node("exp", argument)
                k = coefficient / self.units[whole]
                u = self.generators[self.position[whole]]
                if abs(k) > MOST_POWER:
                    raise TooLargeError
                if k > 0:
                    top = top * u ** int(k)
                else:
                    bottom = bottom * u ** int(-k)
            return top, bottom
        return self.generators[self.position[term]], self.one

    def reduced(self, a: Polynomial, b: Polynomial) -> tuple[Polynomial, Polynomial]:
        for k, u in enumerate(self.unknowns):
            if u.op == "sqrt":
                a, b = self._without_square(k, a, b)
        if a.is_zero():
            return a, self.one
        common = a.gcd(b)
        if not common.is_one():
            a, b = a / common, b / common
        if len(a) > MOST_TERMS or len(b) > MOST_TERMS:
            raise TooLargeError
        return a, b

    def _without_square(
        self, k: int, a: Polynomial, b: Polynomial
    ) -> tuple[Polynomial, Polynomial]:
        """Even powers of a square root become powers of what is under it."""
        if max(a.degrees()[k], b.degrees()[k]) < 2:
            return a, b
        top, bottom = self.fraction(self.unknowns[k].args[0])
        (c, d), (e, f) = self._lowered(a, k, top, bottom), self._lowered(b, k, top, bottom)
        return c * f, d * e

    def _lowered(
        self, a: Polynomial, k: int, top: Polynomial, bottom: Polynomial
    ) -> tuple[Polynomial, Polynomial]:
        most = a.degrees()[k] // 2
        result = self.context.constant(0)
        for powers, coefficient in a.to_dict().items():
            half, odd = divmod(powers[k], 2)
            rest = self.context.from_dict(
                {tuple(odd if j == k else p for j, p in enumerate(powers)): coefficient}
            )
            result = result + rest * top**half * bottom ** (most - half)
        return result, bottom**most

    def monomial(self, powers: tuple[int, ...], coefficient: Fraction) -> tuple[Term, Term]:
        """Numerator and denominator of one monomial; exponentials merge."""
        exponent = ZERO
        top: list[Term] = []
        for u, p in zip(self.unknowns, powers, strict=False):
            if p and u in self.units:
                exponent = exponent + constant(self.units[u] * p) * u.args[0]
            elif p:
                top.append(power(u, constant(p)))
        if exponent is not ZERO:
            top.append(call("exp", exponent))
        return (
            constant(coefficient.numerator) * product(top),
            constant(coefficient.denominator),
        )

    def expanded(self, a: Polynomial) -> Term:
        """A polynomial as a sum, with its rational content in front."""
        if a.is_zero():
            return ZERO
        items = [(tuple(map(int, p)), _fraction(c)) for p, c in a.to_dict().items()]
        scale = lcm(*(c.denominator for _, c in items))
        content = Fraction(gcd(*(int(c * scale) for _, c in items)), scale)
        if len(items) == 1:
            top, bottom = self.monomial(*items[0])
            return top / bottom
        if all(c < 0 for _, c in items):
            content = -content
        terms = [self.monomial(p, c / content) for p, c in items]
        result = ZERO
        for term in sorted(
            (top / bottom for top, bottom in terms), key=lambda t: (t.op == "negative", _sign(t))
        ):
            result = result + term
        return (
            constant(content) * result
            if content.denominator == 1
            else (constant(content.numerator) * result / constant(content.denominator))
        )

    def factored(self, a: Polynomial, b: Polynomial) -> Term:
        """A quotient of products of irreducible polynomials; its exponentials merge."""
        exponent, whole = ZERO, []
        for polynomial, sign in ((a, 1), (b, -1)):
            content, parts = polynomial.factor()
            rest = ONE
            for part, n in parts:
                (powers, *more) = part.to_dict()
                u = None if more or sum(powers) != 1 else self.unknowns[powers.index(1)]
                if u in self.units:
                    exponent = exponent + constant(self.units[u] * int(n) * sign) * u.args[0]
                else:
                    rest = rest * power(self.expanded(part), constant(int(n)))
            whole.append((_fraction(content), rest))
        (c, top), (d, bottom) = whole
        if exponent is not ZERO:
            top = call("exp", simplest(exponent)) * top
        return _times(c / d, top / bottom)


def _times(c: Fraction, term: Term) -> Term:
    if c.denominator == 1:
        return constant(c) * term
    return constant(c.numerator) * term / constant(c.denominator)


def _sign(term: Term) -> bool:
    first = term.args[0].number if term.op in ("multiply", "divide") else term.number
    return first is not None and first < 0


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _integer(term: Term) -> int:
    if term.op != "power" or term.args[1].number is None:
        return 0
    n = term.args[1].number
    return int(n) if n.denominator == 1 and abs(n) <= MOST_POWER else 0


@lru_cache(maxsize=4096)
def linear_items(term: Term) -> list[tuple[Fraction, Term]]:
    """A term as a rational combination of terms without rational factors.

    >>> from numeric.stabilizing.reading import pattern
    >>> linear_items(pattern("2*(x - y/4)"))
    [(Fraction(2, 1), x), (Fraction(-1, 2), y)]
    """
    items: dict[Term, Fraction] = defaultdict(Fraction)
    for coefficient, each in _linear(term, Fraction(1)):
        items[each] += coefficient
    return [(c, t) for t, c in items.items() if c]


def _linear(term: Term, scale: Fraction) -> list[tuple[Fraction, Term]]:
    match term.op:
        case "constant":
            assert term.number is not None
            return [(scale * term.number, ONE)]
        case "add":
            return _linear(term.args[0], scale) + _linear(term.args[1], scale)
        case "subtract":
            return _linear(term.args[0], scale) + _linear(term.args[1], -scale)
        case "negative":
            return _linear(term.args[0], -scale)
        case "multiply" if term.args[0].number is not None:
            return _linear(term.args[1], scale * term.args[0].number)
        case "multiply" if term.args[1].number is not None:
            return _linear(term.args[0], scale * term.args[1].number)
        case "divide" if term.args[1].number:
            return _linear(term.args[0], scale / term.args[1].number)
        case "divide" | "multiply" | "power":
            try:
                a, b, field = _quotient(term)
            except TooLargeError:
                return [(scale, term)]
            if len(b) == 1 and (len(a) > 1 or field.expanded(a) / field.expanded(b) is not term):
                ((below, c),) = b.to_dict().items()
                result = []
                for powers, coefficient in a.to_dict().items():
                    p = tuple(int(x) - int(y) for x, y in zip(powers, below, strict=True))
                    over, _ = field.monomial(tuple(max(k, 0) for k in p), Fraction(1))
                    under, _ = field.monomial(tuple(max(-k, 0) for k in p), Fraction(1))
                    result.append((scale * _fraction(coefficient) / _fraction(c), over / under))
                return result
    return [(scale, term)]


@lru_cache(maxsize=4096)
def _quotient(term: Term) -> tuple[Polynomial, Polynomial, _Field]:
    unknowns: list[Term] = []
    steps: dict[Term, list[Fraction]] = {}
    _collect(term, unknowns, steps, set())
    units = {
        argument: Fraction(
            gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients))
        )
        for argument, coefficients in steps.items()
    }
    field = _Field([*unknowns, *units], units)
    a, b = field.fraction(term)
    return a, b, field


def _collect(
    term: Term, unknowns: list[Term], steps: dict[Term, list[Fraction]], seen: set[Term]
) -> None:
    if term in seen or term.number is not None:
        return
    seen.add(term)
    if term.op in ("add", "subtract", "multiply", "divide", "negative") or _integer(term):
        for arg in term.args if not _integer(term) else term.args[:1]:
            _collect(arg, unknowns, steps, seen)
    elif term.op == "exp":
        for coefficient, argument in linear_items(term.args[0]):
            steps.setdefault(node("exp", argument), []).append(coefficient)
    else:
        if term.op == "sqrt":
            _collect(term.args[0], unknowns, steps, seen)
        unknowns.append(term)


@lru_cache(maxsize=8192)
def forms(term: Term) -> tuple[Term, ...]:
    """Different ways to write a term as a quotient of polynomials in its unknowns.

    >>> from numeric.stabilizing.reading import pattern
    >>> forms(pattern("1/x - 1/(x + 1)"))[0]
    divide(1,multiply(x,add(x,1)))
    """
    try:
        a, b, field = _quotient(term)
        if a.is_zero():
            return (ZERO,)
        found = [
            field.factored(a, b),
            field.expanded(a) / field.expanded(b),
        ]
        below = field.expanded(b)
        if 1 < len(a) <= 4:
            pieces = [
                field.expanded(field.context.from_dict({p: c})) for p, c in a.to_dict().items()
            ]
            found.append(_added(piece / below for piece in pieces))
        for k, u in enumerate(field.unknowns):
            if u in field.units:
                c, d = _reversed(a, b, k, field)
                found.append(_turned(field, c, d, k))
        return tuple(dict.fromkeys(found))
    except (TooLargeError, ZeroDivisionError, OverflowError):
        return ()


def _added(terms: Iterable[Term]) -> Term:
    result = ZERO
    for term in sorted(terms, key=_sign):
        result = result + term
    return result


def _reversed(a: Polynomial, b: Polynomial, k: int, field: _Field) -> tuple[Polynomial, Polynomial]:
    """Both polynomials in the inverse of unknown number k."""
    most = max(a.degrees()[k], b.degrees()[k])

    def turned(p: Polynomial) -> Polynomial:
        return field.context.from_dict(
            {(*q[:k], most - q[k], *q[k + 1 :]): c for q, c in p.to_dict().items()}
        )

    return turned(a), turned(b)


def _turned(field: _Field, a: Polynomial, b: Polynomial, k: int) -> Term:
    """A quotient of polynomials in the inverse of unknown number k, as a term."""
    u = field.unknowns[k]
    inverse = _Field(
        [node("exp", -u.args[0]) if j == k else v for j, v in enumerate(field.unknowns)],
        {node("exp", -v.args[0]) if v is u else v: unit for v, unit in field.units.items()},
    )
    return inverse.factored(*(inverse.context.from_dict(each.to_dict()) for each in (a, b)))


def simplest(term: Term) -> Term:
    """The shortest of a term and its rational forms.

    >>> from numeric.stabilizing.reading import pattern
    >>> simplest(pattern("(1 - p) - (1 - q)"))
    subtract(q,p)
    """
    return min((term, *forms(term)), key=lambda each: (each.size, each is not term))


def difference(a: Term, b: Term) -> Term:
    """The difference a - b, with what cancels taken out."""
    return simplest(a - b)


def quotient(a: Term, b: Term) -> Term:
    """The quotient a/b, with common factors taken out."""
    return simplest(a / b)
