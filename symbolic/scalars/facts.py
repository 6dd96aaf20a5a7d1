"""What is known of the unknowns of a page besides their own assumptions: conditions that hold.

A condition is a SymPy relation, such as `a < b`, `Ne(c, 1)` or `t <= 1`. It decides the sign of an
expression by writing one of its symbols as the rest plus a number of known sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import sympy

from symbolic.scalars.substituting import put

_SIGNS: dict[type, str] = {
    sympy.StrictGreaterThan: "positive",
    sympy.GreaterThan: "nonnegative",
    sympy.StrictLessThan: "negative",
    sympy.LessThan: "nonpositive",
}


@dataclass(frozen=True)
class Facts:
    """Conditions that hold, and what follows from them.

    >>> a, b = sympy.symbols("a b", real=True)
    >>> Facts((a < b,)).positive(b - a), Facts().positive(b - a)
    (True, False)
    """

    conditions: tuple[sympy.Basic, ...] = ()

    def having(self, *conditions: sympy.Basic) -> Facts:
        """These facts and more."""
        return Facts((*self.conditions, *(each for each in conditions if each != sympy.true)))

    def positive(self, e: sympy.Expr) -> bool:
        """Whether e > 0 for certain."""
        return _is_known(self, e, "positive", True)

    def negative(self, e: sympy.Expr) -> bool:
        """Whether e < 0 for certain."""
        return self.positive(-e)

    def nonnegative(self, e: sympy.Expr) -> bool:
        """Whether e >= 0 for certain; of a product, also by the signs of its factors."""
        if self._nonnegative_as_written(e):
            return True
        below = 0
        for factor in e.args if isinstance(e, sympy.Mul) else ():
            if self._nonnegative_as_written(factor):
                continue
            if not self._nonnegative_as_written(-factor):
                return False
            below += 1
        return isinstance(e, sympy.Mul) and below % 2 == 0

    def _nonnegative_as_written(self, e: sympy.Expr) -> bool:
        if _is_known(self, e, "nonnegative", True):
            return True
        sizes = {each: sympy.Dummy(nonnegative=True) for each in e.atoms(sympy.Abs)}
        return bool(sizes) and _is_known(self, e.xreplace(sizes), "nonnegative", True)

    def nonzero(self, e: sympy.Expr) -> bool:
        """Whether e is a number other than 0 for certain; so nothing in it may divide by 0."""
        below = sympy.fraction(sympy.together(e))[1]
        if not below.is_number and not self.nonzero(below):
            return False
        if _is_known(self, e, "zero", False) or self.positive(-e):
            return True
        return any(_multiple(e, unequal) for unequal in self._unequal())

    def real(self, e: sympy.Expr) -> bool:
        """Whether e is real for certain."""
        return e.is_extended_real is True

    def integer(self, e: sympy.Expr) -> bool:
        """Whether e is an integer for certain."""
        return e.is_integer is True

    def has_domain_of(self, symbol: sympy.Symbol, value: sympy.Expr) -> bool:
        """Whether a value certainly has every property that a symbol was declared with."""
        declared = symbol._assumptions_orig
        return all(
            self._has(word, value) if wanted else self._lacks(word, value)
            for word, wanted in declared.items()
            if word not in ("commutative", "complex") and wanted is not None
        )

    def _has(self, word: str, value: sympy.Expr) -> bool:
        match word:
            case "positive" | "negative" | "nonnegative" | "nonzero" | "real" | "integer":
                return bool(getattr(self, word)(value))
            case "nonpositive":
                return self.nonnegative(-value)
            case _:
                return getattr(value, f"is_{word}", None) is True

    def _lacks(self, word: str, value: sympy.Expr) -> bool:
        if word == "zero":
            return self.nonzero(value)
        return getattr(value, f"is_{word}", None) is False

    def written(self, e: sympy.Expr) -> Iterator[sympy.Expr]:
        """The expression itself, then with symbols written by the conditions on them."""
        yield e
        mappings = [mapping for mapping in map(_by_difference, self.conditions) if mapping]
        for mapping in mappings:
            once = _put(e, mapping)
            if once == e:
                continue
            yield once
            for other in mappings:
                twice = _put(once, other)
                if other is not mapping and twice != once:
                    yield twice
        last = e
        for mapping in mappings:
            last = _put(last, mapping)
        if last != e:
            yield last

    def _unequal(self) -> Iterator[sympy.Expr]:
        for condition in self.conditions:
            if isinstance(condition, sympy.Ne):
                yield condition.lhs - condition.rhs


@lru_cache(maxsize=8192)
def _is_known(facts: Facts, e: sympy.Expr, word: str, expected: bool) -> bool:
    """Whether some way of writing e has a property, or certainly has it not."""
    forms = (form for written in facts.written(e) for form in _forms(written))
    return any(getattr(form, f"is_{word}") is expected for form in forms)


def _put(e: sympy.Expr, mapping: dict[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """An expression with what a condition says of a symbol put for it, where it is free."""
    if not e.free_symbols & set(mapping):
        return e
    return put(e, mapping) if e.atoms(*_BINDING) else e.xreplace(mapping)


_BINDING = (
    *(sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit),
    *(sympy.Derivative, sympy.Subs),
)


def _by_difference(condition: sympy.Basic) -> dict[sympy.Symbol, sympy.Expr]:
    """A symbol of the condition as the other side plus a number of known sign."""
    sign = _SIGNS.get(type(condition))
    if sign is None:
        return {}
    one, other = condition.args
    gap = sympy.Dummy("gap", **{sign: True})
    if isinstance(one, sympy.Symbol) and one not in other.free_symbols:
        if sign == "negative" and one.is_positive and other.is_positive:
            return {one: other / (1 + sympy.Dummy("gap", positive=True))}
        return {one: other + gap}
    if isinstance(other, sympy.Symbol) and other not in one.free_symbols:
        return {other: one - gap}
    return {}


def _forms(e: sympy.Expr) -> Iterator[sympy.Expr]:
    yield e
    for form in (sympy.expand, sympy.factor, sympy.together):
        try:
            yield form(e)
        except sympy.PolynomialError:
            continue


def _multiple(e: sympy.Expr, factor: sympy.Expr) -> bool:
    """Whether e is a number of known sign, other than 0, times the factor or its reciprocal."""
    return any(sympy.cancel(ratio).is_zero is False for ratio in (e / factor, e * factor))
