"""Polynomials in the sigmoids of two numbers as arrays, without terms that cancel where one sign is seen.

With P = sigmoid(u), Q = sigmoid(v), g = u - v:

| written                     | computed                                      |
|-----------------------------|-----------------------------------------------|
| `1 - P`, `1 - 2*P`          | `sigmoid(-u)`, `-tanh(u/2)`                   |
| `P - Q`                     | `(P*sigmoid(-v) + sigmoid(-u)*Q)*tanh(g/2)`   |
| `P*(1 - P)/(P - Q)`         | `(sigmoid(-u)*sigmoid(g) + P*sigmoid(-g))/tanh(g/2)` |
| `P*(1 - P)*Q*(1 - Q)/(P - Q)**2` | `sigmoid(g)*sigmoid(-g)/tanh(g/2)**2`    |
| `log(P - Q)`                | `-softplus(-u) - softplus(v) + log(1 - exp(-g))` |

Each row is an identity for both signs of g, and nothing in it overflows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import sympy

from symbolic.code.arrangement import is_arrangement
from symbolic.code.cancellation import difference, factor_and_core, meaning, multiplied, scaled
from symbolic.code.logistic_quotients import divided, p, q, terms_of_degree
from symbolic.code.power_products import power
from symbolic.code.products import arranges
from symbolic.code.repetition import repeat_last
from symbolic.functions import expm1, log1p, sigmoid, softplus
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.traverse import with_children

_x = kernel_symbol(0)
_HALF, _MINUS = sympy.S.Half, sympy.S.NegativeOne
_LOG_HALF = -sympy.log(2).evalf(17)
LOG1MEXP = sympy.Lambda(
    (_x,),
    sympy.Piecewise(
        (sympy.log(-expm1(_x)), _x > _LOG_HALF),
        (log1p(-sympy.exp(sympy.Min(_x, _LOG_HALF))), True),
    ),
)


class Sigmoids:
    """sigmoid(u) and sigmoid(v), and what is made of them; `gap` is u - v."""

    def __init__(self, u: Expression, v: Expression) -> None:
        found = difference(u, v)
        self.u, self.v = u, v
        self.gap = Sum([u, _negative(v)]) if found is None else _repeated_last(found)
        self.has_fewer_terms = found is not None

    @cached_property
    def _factors(self) -> tuple[Expression, ...]:
        """The sigmoids of u, -u, v, -v."""
        return tuple(_on(sigmoid, z) for w in (self.u, self.v) for z in (w, _negative(w)))

    @cached_property
    def _shares(self) -> tuple[Expression, Expression]:
        """The sigmoids of u - v and of v - u."""
        return _on_multiple(sigmoid, sympy.S.One, self.gap), _on_multiple(sigmoid, _MINUS, self.gap)

    @cached_property
    def _tangent(self) -> Expression:
        return _on_multiple(sympy.tanh, _HALF, self.gap)

    def logarithm(self) -> Expression:
        """log(sigmoid(u) - sigmoid(v)): three terms of one sign."""
        outer = _on(softplus, _negative(self.u)), _on(softplus, self.v)
        inner = _on_multiple(LOG1MEXP, _MINUS, self.gap)
        return Sum([*map(_negative, outer), inner])

    def difference(self) -> Expression:
        """sigmoid(u) - sigmoid(v) with the digits of u - v."""
        of_u, rest_of_u, of_v, rest_of_v = self._factors
        both = Sum([multiplied([of_u, rest_of_v]), multiplied([rest_of_u, of_v])])
        return multiplied([both, self._tangent])

    def quotient(self, numerator: sympy.Expr, k: int) -> Expression | None:
        """A polynomial over a power of the difference; None where it has a pole."""
        parts = divided(numerator, k)
        if parts is None:
            return None
        terms = []
        for j, (a, b) in enumerate(parts):
            beside = [power(each, sympy.Integer(j)) for each in self._shares] if j else []
            whole, below = a, 2 * j
            if b != 0:
                whole, below = sympy.gcd(a, b), 2 * j + 1
                beside.append(self._weighted(sympy.cancel(a / whole), sympy.cancel(b / whole)))
            if below:
                beside.append(power(self._tangent, sympy.Integer(-below)))
            if whole != 0:
                terms.append(self.product(whole, beside))
        return self._sum(terms)

    def product(self, polynomial: sympy.Expr, beside: Sequence[Expression] = ()) -> Expression:
        """A polynomial times factors."""
        number, powers = sympy.factor_list(polynomial, p, q)
        factors = []
        for base, exponent in powers:
            sign, node = self._irreducible(base)
            number = number * sign**exponent
            factors.append(power(node, sympy.Integer(exponent)))
        return self._times(number, [*factors, *beside])

    def _weighted(self, a: sympy.Expr, b: sympy.Expr) -> Expression:
        """(a + b/expm1(g))*tanh(g/2)."""
        wide, narrow = self._shares
        parts = (a, wide), (sympy.expand(b - a), narrow)
        return self._sum([self.product(whole, [share]) for whole, share in parts if whole != 0])

    def _irreducible(self, base: sympy.Expr) -> tuple[sympy.Expr, Expression]:
        """A number and an array whose product a polynomial without factors is."""
        of_u, rest_of_u, of_v, rest_of_v = self._factors
        known = {
            p: (sympy.S.One, of_u),
            q: (sympy.S.One, of_v),
            p - 1: (_MINUS, rest_of_u),
            q - 1: (_MINUS, rest_of_v),
            2 * p - 1: (sympy.S.One, _on(sympy.tanh, scaled(_HALF, self.u))),
            2 * q - 1: (sympy.S.One, _on(sympy.tanh, scaled(_HALF, self.v))),
        }
        if base == p - q:
            return sympy.S.One, self.difference()
        if base in known:
            return known[base]
        apart = _apart(base)
        if apart is not None:
            return sympy.S.One, self._sum([self.product(each) for each in apart])
        terms = []
        for number, exponents in terms_of_degree(base):
            pairs = zip(self._factors, exponents, strict=True)
            powers = [power(each, sympy.Integer(k)) for each, k in pairs if k]
            terms.append(self._times(number, powers))
        return sympy.S.One, self._sum(terms)

    def _times(self, number: sympy.Expr, factors: Sequence[Expression]) -> Expression:
        if not factors:
            return Contraction((), (), range(self.u.rank), dict(enumerate(self.u.shape)), number)
        return scaled(number, factors[0] if len(factors) == 1 else multiplied(factors))

    def _sum(self, terms: Sequence[Expression]) -> Expression:
        if not terms:
            return self._times(sympy.S.Zero, [])
        return terms[0] if len(terms) == 1 else Sum(terms)


def arguments_of_difference(node: Expression) -> tuple[sympy.Expr, Expression, Expression] | None:
    """c, u and v, if a node is c*(sigmoid(u) - sigmoid(v)) with a positive c."""
    if not isinstance(node, Sum) or len(node.terms) != 2:
        return None
    (c, one), (d, other) = map(factor_and_core, node.terms)
    if c != -d or one is None or other is None:
        return None
    if c.is_negative:
        (c, one), other = (d, other), one
    u, v = argument_of_sigmoid(one), argument_of_sigmoid(other)
    return None if u is None or v is None or not c.is_positive else (c, u, v)


def argument_of_sigmoid(node: Expression) -> Expression | None:
    """z, if a node is sigmoid(z)."""
    inner = meaning(node)
    if not isinstance(inner, Elementwise) or inner.kernel.expr.func is not sigmoid:
        return None
    (argument,) = inner.kernel.expr.args
    if argument == _x:
        return inner.operands[0]
    return Elementwise(sympy.Lambda(inner.kernel.variables, argument), inner.operands)


def log_of_difference(u: Expression, v: Expression, number: sympy.Expr) -> Expression:
    """log(number*(sigmoid(u) - sigmoid(v))) for a positive number."""
    found = Sigmoids(u, v).logarithm()
    if number == 1:
        return found
    sizes = dict(enumerate(u.shape))
    return Sum([found, Contraction((), (), range(u.rank), sizes, sympy.log(number))])


def _apart(polynomial: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """A polynomial as one in p and one in q, of which as few terms as can be change sign."""
    whole = sympy.Poly(polynomial, p, q)
    if any(i and k for i, k in whole.monoms()) or not (whole.degree(p) and whole.degree(q)):
        return None
    of_p = sympy.Add(*(number * p**i for (i, k), number in whole.terms() if i))
    of_q = sympy.Add(*(number * q**k for (i, k), number in whole.terms() if k))
    number = whole.coeff_monomial(1)
    ways = ((of_p + number, of_q), (of_p, of_q + number))
    return min(ways, key=lambda way: sum(len(terms_of_degree(each)) for each in way))


def _repeated_last(total: Expression) -> Expression:
    """A sum, of arrays before they are repeated where all are."""
    if not isinstance(total, Sum):
        return total
    terms = []
    for term in total.terms:
        number, core = factor_and_core(term)
        if core is not None and isinstance(core, Contraction) and is_arrangement(core):
            inner = scaled(number * core.coefficient, core.operands[0])
            term = Contraction([inner], core.labels, core.output, dict(enumerate(core.sizes)))
        terms.append(term)
    return repeat_last(Sum(terms))


def _on_multiple(
    head: Callable[..., sympy.Expr], number: sympy.Expr, operand: Expression
) -> Expression:
    """A function of a number times an array, of the array before it is repeated."""
    if not arranges(operand) or not is_arrangement(operand):
        return _on(head, scaled(number, operand))
    return with_children(operand, (_on(head, scaled(number, operand.operands[0])),))


def _on(head: Callable[..., sympy.Expr], operand: Expression) -> Expression:
    return Elementwise(sympy.Lambda((_x,), head(_x)), [operand])


def _negative(operand: Expression) -> Expression:
    return scaled(_MINUS, operand)
