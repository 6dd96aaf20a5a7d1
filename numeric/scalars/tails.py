"""Certain bounds on the tails of integrals: how far an integrand is from 0 towards infinity.

Every expression in x is bounded, for all x >= R >= 1, by a sum of terms

    |g(x)| <= sum_i C_i x^k_i exp(q_i(x)),   C_i >= 0, q_i a polynomial,

and where h(x) = k log x + q(x) falls at least as fast as h' <= -m < 0, the tail of a term is at most
C exp(h(R))/m; without an exponential it is C R^(k + 1)/(-k - 1) for k < -1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy
from flint import acb, arb, fmpq

from numeric.scalars.numbers_and_balls import ball, is_finite, is_real
from numeric.scalars.pieces import truth
from numeric.scalars.scope import Scope, free
from numeric.scalars.waves import terms_in

_MOST_TERMS = 2000
_MOST_POWER = 24
_BOUNDED: dict[str, int] = {
    "sin": 1, "cos": 1, "tanh": 1, "erf": 1, "erfc": 2, "atan": 2, "sign": 1, "Heaviside": 1, "acot": 2,
}  # fmt: skip


ZERO = fmpq(0)


@dataclass(frozen=True)
class Term:
    """C x^k exp(q(x)), a bound for x >= R; q is given by its coefficients, from degree 0."""

    size: arb
    power: fmpq = ZERO
    exponent: Mapping[int, arb] = field(default_factory=dict)

    def __mul__(self, other: Term) -> Term:
        exponent = dict(self.exponent)
        for degree, coefficient in other.exponent.items():
            exponent[degree] = exponent.get(degree, arb(0)) + coefficient
        return Term(self.size * other.size, self.power + other.power, exponent)

    def raised(self, to: fmpq) -> Term:
        """The term to a positive power."""
        exponent = {degree: coefficient * to for degree, coefficient in self.exponent.items()}
        size = arb(0) if self.size == 0 else self.size ** arb(to)
        return Term(size, self.power * to, exponent)

    def logarithm(self, at: arb) -> arb:
        """The logarithm of the term at a point."""
        total = self.size.log() + arb(self.power) * at.log()
        for degree, coefficient in self.exponent.items():
            total += coefficient * at**degree
        return total

    def slope(self, start: int) -> arb:
        """A bound from above on the slope of h(x) over x^(d - 1), for x >= start; d is q's degree."""
        top = self.degree
        near_zero = arb(0).union(1 / arb(start))
        total = arb(self.power) * near_zero**top
        for degree, coefficient in self.exponent.items():
            if degree and not coefficient.is_zero():
                total += degree * coefficient * near_zero ** (top - degree)
        return total.upper()

    @property
    def degree(self) -> int:
        """The degree of q."""
        return max((degree for degree, c in self.exponent.items() if not c.is_zero()), default=0)

    def tail(self, start: int) -> arb | None:
        """A bound on the integral of the term from `start` to infinity, None where there is none."""
        at = arb(start)
        if self.size == 0:
            return arb(0)
        if not self.degree:
            if self.power >= -1:
                return None
            return self.logarithm(at).exp() * at / arb(-self.power - 1)
        slope = self.slope(start)
        if not slope < 0:
            return None
        return self.logarithm(at).exp() / (-slope * at ** (self.degree - 1))

    def largest(self, start: int) -> arb | None:
        """A bound on the term for x >= start, None where it may grow."""
        if self.size == 0:
            return arb(0)
        falling = self.slope(start) < 0 if self.degree else self.power <= 0
        return self.logarithm(arb(start)).exp() if falling else None


Bound = list[Term]


def tail_bound(inner: sympy.Expr, variable: sympy.Symbol, start: int, scope: Scope) -> arb | None:
    """A bound on the integral of |inner| from `start` >= 1 to infinity; None where none is found.

    >>> from numeric.scalars.evaluation import scope_of
    >>> from numeric.scalars.numbers_and_balls import Arithmetic
    >>> x = sympy.Symbol("x", real=True)
    >>> bound = tail_bound(x * sympy.exp(-x), x, 20, scope_of({}, Arithmetic()))
    >>> bool(21 * arb(-20).exp() <= bound <= 23 * arb(-20).exp())
    True
    """
    terms = _bound(inner, variable, start, scope)
    if terms is None:
        return None
    total = arb(0)
    for term in terms:
        tail = term.tail(start)
        if tail is None or not tail.is_finite():
            return None
        total += tail
    return total


def _bound(node: sympy.Expr, x: sympy.Symbol, start: int, scope: Scope) -> Bound | None:
    """Terms that bound |node| for every x >= start."""
    if x not in free(node):
        value = scope.value(node)
        return [Term(ball(value).abs_upper())] if is_finite(value) else None
    if node == x:
        return [Term(arb(1), fmpq(1))]
    if isinstance(node, (sympy.Add, sympy.Max, sympy.Min)):
        return _together([_bound(arg, x, start, scope) for arg in node.args])
    if isinstance(node, sympy.Mul):
        return _product([_bound(arg, x, start, scope) for arg in node.args])
    if isinstance(node, sympy.exp):
        return _exponential(node.args[0], x, start, scope)
    if isinstance(node, sympy.Pow):
        return _power(node, x, start, scope)
    if isinstance(node, (sympy.Abs, sympy.re, sympy.im, sympy.conjugate)):
        return _bound(node.args[0], x, start, scope)
    if isinstance(node, sympy.log):
        return _logarithm(node, x, start, scope)
    if isinstance(node, sympy.Piecewise):
        return _cases(node, x, start, scope)
    name = type(node).__name__
    if name in _BOUNDED and node.args[0].is_real and scope.all_real(free(node) - {x}):
        return [Term(arb(_BOUNDED[name]))]
    return None


def _together(parts: Sequence[Bound | None]) -> Bound | None:
    found: Bound = []
    for part in parts:
        if part is None or len(found) > _MOST_TERMS:
            return None
        found += part
    return found


def _product(parts: Sequence[Bound | None]) -> Bound | None:
    found = [Term(arb(1))]
    for part in parts:
        if part is None or len(found) * len(part) > _MOST_TERMS:
            return None
        found = [one * other for one in found for other in part]
    return found


def coefficients_in(node: sympy.Expr, x: sympy.Symbol, scope: Scope) -> dict[int, acb] | None:
    """The coefficients of a polynomial in x as balls, None for what is none."""
    terms = terms_in(node, x)
    if terms is None:
        return None
    found = {power: ball(scope.value(coefficient)) for power, coefficient in terms.items()}
    return found if all(map(is_finite, found.values())) else None


def _leading(coefficients: Mapping[int, acb], start: int) -> acb:
    """What a polynomial is over its highest power of x, for every x >= start."""
    top = max(coefficients)
    near_zero = arb(0).union(1 / arb(start))
    total = acb(0)
    for degree, coefficient in coefficients.items():
        total += coefficient * near_zero ** (top - degree)
    return total


def _exponential(argument: sympy.Expr, x: sympy.Symbol, start: int, scope: Scope) -> Bound | None:
    """Exp of a polynomial, and of a rest that stays below some number."""
    terms = sympy.Add.make_args(sympy.expand(argument))
    polynomial = sympy.Add(*(term for term in terms if term.is_polynomial(x)))
    rest = sympy.Add(*(term for term in terms if not term.is_polynomial(x)))
    coefficients = coefficients_in(polynomial, x, scope)
    size = _largest(rest, x, start, scope)
    if coefficients is None or size is None:
        return None
    return [Term(size.exp(), fmpq(0), {degree: c.real for degree, c in coefficients.items()})]


def _largest(rest: sympy.Expr, x: sympy.Symbol, start: int, scope: Scope) -> arb | None:
    """A number that the real part of an expression does not exceed for x >= start."""
    if rest.is_nonpositive and scope.all_real(free(rest) - {x}):
        return arb(0)
    terms = _bound(rest, x, start, scope)
    if terms is None:
        return None
    total = arb(0)
    for term in terms:
        largest = term.largest(start)
        if largest is None:
            return None
        total += largest
    return total


def _power(node: sympy.Pow, x: sympy.Symbol, start: int, scope: Scope) -> Bound | None:
    if x in free(node.exp):
        if x in free(node.base):
            return None
        logarithm = sympy.log(node.base)
        base = scope.value(node.base)
        if not ball(base).real > 0 or not is_real(base):
            return None
        return _exponential(logarithm * node.exp, x, start, scope)
    exponent = scope.value(node.exp)
    if not isinstance(exponent, fmpq):
        return None
    if exponent < 0:
        smallest = _least(node.base, x, start, scope)
        return None if smallest is None else [_inverse(smallest).raised(-exponent)]
    base = _bound(node.base, x, start, scope)
    if base is None:
        return None
    if exponent.q == 1 and exponent <= _MOST_POWER:
        return _product([base] * int(exponent.p))
    if len(base) == 1:
        return [base[0].raised(exponent)]
    factor = arb(len(base)) ** arb(max(exponent - 1, fmpq(0)))
    return [Term(factor) * term.raised(exponent) for term in base]


def _inverse(term: Term) -> Term:
    return Term(1 / term.size, -term.power, {k: -c for k, c in term.exponent.items()})


def _least(node: sympy.Expr, x: sympy.Symbol, start: int, scope: Scope) -> Term | None:
    """A term that |node| is never below for x >= start."""
    if x not in free(node):
        lower = ball(scope.value(node)).abs_lower()
        return Term(lower) if lower > 0 else None
    coefficients = coefficients_in(node, x, scope)
    if coefficients is not None:
        lower = _leading(coefficients, start).abs_lower()
        return Term(lower, fmpq(max(coefficients))) if lower > 0 else None
    if isinstance(node, sympy.exp):
        inverse = _exponential(-node.args[0], x, start, scope)
        return None if inverse is None else _inverse(inverse[0])
    if isinstance(node, sympy.Mul):
        parts = [_least(arg, x, start, scope) for arg in node.args]
        total = Term(arb(1))
        for part in parts:
            if part is None:
                return None
            total = total * part
        return total
    if isinstance(node, sympy.Add):
        return _least_sum(node, x, start, scope)
    return None


def _least_sum(node: sympy.Add, x: sympy.Symbol, start: int, scope: Scope) -> Term | None:
    """A sum of nonnegative terms is at least the largest of them."""
    if not scope.all_real(free(node) - {x}) or not all(arg.is_nonnegative for arg in node.args):
        return None
    least = [_least(arg, x, start, scope) for arg in node.args]
    known = [term for term in least if term is not None]
    return max(known, key=lambda term: float(term.logarithm(arb(start) ** 2).mid()), default=None)


def _logarithm(node: sympy.log, x: sympy.Symbol, start: int, scope: Scope) -> Bound | None:
    """|log u| <= u + 1/u for u > 0; sums and polynomials in exponents are split off first."""
    argument = node.args[0]
    expanded = sympy.expand_log(node)
    if isinstance(expanded, (sympy.Add, sympy.Mul)):
        return _bound(expanded, x, start, scope)
    if not (argument.is_positive or argument == x) or not scope.all_real(free(node) - {x}):
        return None
    return _together(
        [_bound(argument, x, start, scope), _power(sympy.Pow(argument, -1), x, start, scope)]
    )


def _cases(node: sympy.Piecewise, x: sympy.Symbol, start: int, scope: Scope) -> Bound | None:
    """The branches that some x >= start may take."""
    possible = []
    for branch, condition in node.args:
        holds = _always(condition, x, start, scope)
        if holds is False:
            continue
        possible.append(_bound(branch, x, start, scope))
        if holds:
            break
    return _together(possible)


def _always(condition: sympy.Basic, x: sympy.Symbol, start: int, scope: Scope) -> bool | None:
    """Whether a condition holds for every x >= start (True) or for none (False)."""
    if x not in free(condition):
        return truth(condition, scope)
    if isinstance(condition, (sympy.And, sympy.Or)):
        decisive = isinstance(condition, sympy.Or)
        parts = [_always(arg, x, start, scope) for arg in condition.args]
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(condition, (sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge)):
        coefficients = coefficients_in(condition.gts - condition.lts, x, scope)
        if coefficients is None or not all(map(is_real, coefficients.values())):
            return None
        leading = _leading(coefficients, start).real
        return True if leading > 0 else False if leading < 0 else None
    return None
