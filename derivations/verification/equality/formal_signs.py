"""Signs of polynomials in generators: what is known, what a region says, what follows linearly.

Where a sign decides on a formula and is not known, the proof is made once for each sign. A region
is what was decided so far. `abs` splits a sign into "at least 0" and "at most 0", which overlap; a
comparison splits it into "greater", "equal" and "less".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derivations.verification.equality.formal_field import Field, Polynomial, Quotient

Signs = frozenset[int]
Linear = dict[tuple[int, ...], Fraction]  # coefficients by monomial; the empty one for the constant
Constraint = tuple[
    Linear, bool
]  # a form that is at least 0, or greater than 0 where that is strict

ANY: Signs = frozenset({-1, 0, 1})
_MOST_CONSTRAINTS = 120


class OpenSignError(Exception):
    """The sign of a polynomial has to be decided: one region for each of the alternatives."""

    def __init__(self, polynomial: Polynomial, alternatives: Iterable[Signs]) -> None:
        super().__init__(str(polynomial))
        self.polynomial = polynomial
        self.alternatives = tuple(alternatives)


@dataclass(frozen=True)
class Region:
    """The signs that polynomials have, by their text."""

    signs: Mapping[str, tuple[Polynomial, Signs]] = field(default_factory=dict)

    def narrowed(self, polynomial: Polynomial, signs: Signs) -> Region:
        """The region in which a polynomial has one of these signs as well."""
        key = str(polynomial)
        known = self.signs[key][1] if key in self.signs else ANY
        return Region({**self.signs, key: (polynomial, known & signs)})

    @property
    def zeros(self) -> tuple[Polynomial, ...]:
        """The polynomials that are zero in the region."""
        return tuple(p for p, signs in self.signs.values() if signs == {0})


class Signer:
    """Signs in one region of a field; `facts` are polynomials that are zero or greater."""

    def __init__(self, over: Field) -> None:
        self.over = over
        self.region = Region()
        self.splitting = True
        self.facts: dict[str, tuple[Polynomial, bool]] = {}

    def know(self, value: Quotient, strict: bool) -> None:
        """Take a polynomial to be zero or greater, or greater than zero."""
        if value.bottom == 1 and not value.top.is_constant():
            self.facts[str(value.top)] = (value.top, strict)

    def signs(self, value: Quotient) -> Signs:
        """The signs that a quotient may have; sign 0 only by its top."""
        found = self._product(value.top)
        below = self._product(value.bottom)
        return frozenset(a * b for a in found for b in below - {0}) if below != {0} else ANY

    def closed_sign(self, factor: Polynomial) -> int:
        """1 where a polynomial is at least 0, -1 where it is at most 0; else `OpenSignError`."""
        signs = self.polynomial(factor)
        if -1 not in signs:
            return 1
        if 1 not in signs:
            return -1
        raise OpenSignError(factor, [frozenset({0, 1}), frozenset({-1, 0})])

    def strict(self, value: Quotient) -> int:
        """The sign of a quotient; `OpenSignError` where that is open."""
        if value.is_zero:
            return 0
        result = 1
        for polynomial in (value.top, value.bottom):
            content, factors = self.over.factors(polynomial)
            result *= -1 if content < 0 else 1
            for factor, exponent in factors:
                signs = self.polynomial(factor)
                if len(signs) != 1:
                    raise OpenSignError(factor, [frozenset({each}) for each in sorted(signs)])
                result *= next(iter(signs)) ** exponent
        return result

    def _product(self, polynomial: Polynomial) -> Signs:
        if not polynomial:
            return frozenset({0})
        content, factors = self.over.factors(polynomial)
        found = frozenset({1 if content > 0 else -1})
        for factor, exponent in factors:
            each = frozenset(sign**exponent for sign in self.polynomial(factor))
            found = frozenset(a * b for a in found for b in each)
        return found

    def polynomial(self, polynomial: Polynomial) -> Signs:
        """The signs that an irreducible polynomial may have."""
        key = str(polynomial)
        known = self._by_terms(polynomial)
        if key in self.region.signs:
            known &= self.region.signs[key][1]
        if len(known) < 2 or (known != ANY and not self.region.signs):
            return known
        form = linear(polynomial)
        constraints = _connected(form, self._constraints())
        if -1 in known and infeasible([*constraints, (_negative(form), True)]):
            known -= {-1}
        if 1 in known and infeasible([*constraints, (form, True)]):
            known -= {1}
        if 0 in known and infeasible([*constraints, (form, False), (_negative(form), False)]):
            known -= {0}
        return known

    def impossible(self) -> bool:
        """Whether the region holds no point, or only such as others hold too."""
        if any(not signs for _, signs in self.region.signs.values()):
            return True
        constraints = self._constraints(inner=not self.region.zeros)
        if not self.region.signs:
            return False
        newest, _ = list(self.region.signs.values())[-1]
        return infeasible(_connected(linear(newest), constraints))

    def _by_terms(self, polynomial: Polynomial) -> Signs:
        """By the signs of the terms, where they agree."""
        kinds = {self._of_term(m, int(c)) for m, c in polynomial.to_dict().items()}
        for sign in (1, -1):
            if kinds <= {(sign, True), (sign, False)}:
                return frozenset({sign}) if (sign, True) in kinds else frozenset({0, sign})
        return ANY

    def _of_term(self, monomial: tuple[int, ...], coefficient: int) -> tuple[int, bool] | None:
        """The sign of a term and whether it is never zero; None where the sign is not known."""
        never_zero = True
        for place, exponent in enumerate(monomial):
            if exponent:
                sign = self.over.generators[place].sign
                if sign is None and exponent % 2:
                    return None
                never_zero &= sign == 1
        return (1 if coefficient > 0 else -1), never_zero

    def _constraints(self, inner: bool = False) -> list[Constraint]:
        """What is known as linear forms; with `inner` only interior points of the region count."""
        found: list[Constraint] = [(linear(p), strict) for p, strict in self.facts.values()]
        for polynomial, signs in self.region.signs.values():
            form = linear(polynomial)
            if -1 not in signs:
                found.append((form, 0 not in signs or (inner and signs != {0})))
            if 1 not in signs:
                found.append((_negative(form), 0 not in signs or (inner and signs != {0})))
        for monomial in {m for form, _ in found for m in form if any(m)}:
            kind = self._of_term(monomial, 1)
            if kind is not None:
                found.append(({monomial: Fraction(1)}, kind[1] or inner))
        return found


def linear(polynomial: Polynomial) -> Linear:
    """A polynomial as a linear form in its monomials."""
    return {m: Fraction(int(c)) for m, c in polynomial.to_dict().items()}


def _negative(form: Linear) -> Linear:
    return {monomial: -coefficient for monomial, coefficient in form.items()}


def _connected(form: Linear, constraints: Sequence[Constraint]) -> list[Constraint]:
    """The constraints that share a monomial with a form, or with another one that does."""
    monomials = {m for m in form if any(m)}
    found: list[Constraint] = []
    left = list(constraints)
    while True:
        near = [each for each in left if not monomials.isdisjoint(each[0])]
        if not near:
            return found
        left = [each for each in left if monomials.isdisjoint(each[0])]
        found += near
        monomials |= {m for each, _ in near for m in each if any(m)}


def infeasible(constraints: Iterable[Constraint]) -> bool:
    """Whether linear constraints contradict each other, by Fourier's and Motzkin's elimination.

    Monomials count as independent; a contradiction among them is one among polynomials.
    """
    left = [({m: c for m, c in form.items() if c}, strict) for form, strict in constraints]
    while True:
        if any(_contradicts(form, strict) for form, strict in left):
            return True
        variables = {m for form, _ in left for m in form if any(m)}
        if not variables or len(left) > _MOST_CONSTRAINTS:
            return False
        left = _eliminated(left, min(variables, key=lambda m: (_pairs(left, m), m)))


def _contradicts(form: Linear, strict: bool) -> bool:
    if any(any(m) for m in form):
        return False
    value = sum(form.values(), Fraction(0))
    return value < 0 or (strict and value == 0)


def _pairs(constraints: list[Constraint], monomial: tuple[int, ...]) -> int:
    above = sum(form.get(monomial, 0) > 0 for form, _ in constraints)
    below = sum(form.get(monomial, 0) < 0 for form, _ in constraints)
    return above * below - above - below


def _eliminated(constraints: list[Constraint], monomial: tuple[int, ...]) -> list[Constraint]:
    found = [each for each in constraints if monomial not in each[0]]
    above = [each for each in constraints if each[0].get(monomial, 0) > 0]
    below = [each for each in constraints if each[0].get(monomial, 0) < 0]
    for first, strict in above:
        for second, other in below:
            a, b = first[monomial], -second[monomial]
            form = {
                m: first.get(m, Fraction(0)) / a + second.get(m, Fraction(0)) / b
                for m in {*first, *second}
            }
            found.append(({m: c for m, c in form.items() if c}, strict or other))
    return found
