"""The arithmetic of formal quotients: expressions of explicit size evaluated over generators."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

import numpy as np
import sympy

from derivations.verification.equality.formal_field import (
    Field,
    Generator,
    OutOfReachError,
    Quotient,
)
from derivations.verification.equality.formal_functions import UNDEFINED, Functions
from derivations.verification.equality.formal_signs import Signer
from numeric.arithmetic import Foreign
from symbolic.domains import domain_of
from symbolic.nodes import Variable

Array = Any

_LARGEST_INVERSE = 4  # rows of a matrix that is inverted by its cofactors
_MOST_ENTRIES = 40  # of all variables together


class Formal:
    """Scalars that are rational functions of generators (see `numeric.arithmetic`)."""

    def __init__(self) -> None:
        self.field = Field()
        self.signer = Signer(self.field)
        self.functions = Functions(self.field, self.signer)
        self.zero: Any = self.field.number(0)
        self.undefined: Any = UNDEFINED
        self.notes: set[str] = set()
        self.foreign: Foreign | None = self._foreign
        self._entries: dict[Variable, list[Quotient]] = {}

    def number(self, value: Fraction) -> Any:
        return self.field.number(value)

    def constant(self, name: str) -> Any:
        if name == "e":
            return self.functions.exp(self.field.number(1))
        return self.field.generator(name, Generator(name, sign=1))

    def is_defined(self, scalar: Any) -> bool:
        return scalar is not UNDEFINED

    def sign(self, scalar: Any) -> int | None:
        return None if scalar is UNDEFINED else self.signer.strict(scalar)

    def integer(self, scalar: Any) -> int | None:
        constant = None if scalar is UNDEFINED else scalar.constant
        return int(constant) if constant is not None and constant.denominator == 1 else None

    def larger(self, first: Any, second: Any) -> Any:
        difference = first - second
        if difference is UNDEFINED:
            return UNDEFINED
        if difference.is_zero:
            return first
        return (first + second + self.functions.absolute(difference)) * Fraction(1, 2)

    def either(self, first: Any, second: Any) -> Any:
        return UNDEFINED

    def power(self, scalar: Any, exponent: Fraction, order: int) -> list[Any]:
        self._check(order)
        return [scalar if scalar is UNDEFINED else self.functions.power(scalar, exponent)]

    def taylor(self, function: str, parameter: int, scalar: Any, order: int) -> list[Any]:
        self._check(order)
        if scalar is UNDEFINED:
            return [scalar]
        return [self.functions.apply(function, parameter, scalar)]

    def _foreign(self, head: Any, scalars: Any, place: int, order: int) -> list[Any]:
        """An entry of a variable; other functions without an enclosure are not understood."""
        self._check(order)
        number = scalars[0].constant
        if not hasattr(head, "variable") or number is None:
            raise OutOfReachError(f"the function {head.__name__}")
        return [self._entries[head.variable][int(number)]]

    def _check(self, order: int) -> None:
        if order:
            raise OutOfReachError("a derivative that is not worked out")

    def inverse(self, matrix: Array) -> Array:
        """By cofactors, over a common denominator."""
        n = len(matrix)
        result = np.empty((n, n), dtype=object)
        result[...] = UNDEFINED
        if any(entry is UNDEFINED for entry in matrix.flat):
            return result
        if n > _LARGEST_INVERSE:
            raise OutOfReachError("the inverse of a large matrix")
        common = self.field.constant_one
        for entry in matrix.flat:
            common = self.field.product(common, entry.bottom // common.gcd(entry.bottom))
        scale = Quotient(self.field, common, self.field.constant_one)
        cleared = np.empty((n, n), dtype=object)
        for place, entry in np.ndenumerate(matrix):
            cleared[place] = entry * scale
        minors: dict[Any, Quotient] = {}
        whole = tuple(range(n))
        total = self._minor(cleared, whole, whole, minors)
        if total.is_zero:
            return result
        over = scale * total.inverse()
        for i in range(n):
            for j in range(n):
                rows, columns = whole[:j] + whole[j + 1 :], whole[:i] + whole[i + 1 :]
                minor = self._minor(cleared, rows, columns, minors)
                result[i, j] = minor * over * (-1) ** (i + j)
        return result

    def _minor(
        self,
        matrix: Array,
        rows: tuple[int, ...],
        columns: tuple[int, ...],
        known: dict[Any, Quotient],
    ) -> Quotient:
        if not rows:
            return self.field.number(1)
        if (rows, columns) not in known:
            total = self.field.number(0)
            for k, column in enumerate(columns):
                rest = self._minor(matrix, rows[1:], columns[:k] + columns[k + 1 :], known)
                total = total + matrix[rows[0], column] * rest * (-1) ** k
            known[rows, columns] = total
        return known[rows, columns]

    def exponential(self, matrix: Array) -> Array:
        raise OutOfReachError("the exponential of a matrix")

    def eigensystem(self, matrix: Array) -> tuple[Array, Array]:
        raise OutOfReachError("eigenvalues")

    # --- entries of variables --------------------------------------------------------------------

    def fix(self, variable: Variable, entries: Sequence[int]) -> None:
        """Give a variable's entries as numbers."""
        self._entries[variable] = [self.field.number(entry) for entry in entries]

    def declare(self, variable: Variable, shape: tuple[int, ...]) -> None:
        """Make the entries of a variable, with what its domain says of them."""
        if sum(len(each) for each in self._entries.values()) + prod(shape) > _MOST_ENTRIES:
            raise OutOfReachError("too many entries")
        domain = domain_of(variable.domain)
        sign = 1 if domain.positive else 0 if domain.nonnegative else None
        entries = np.empty(shape, dtype=object)
        for place in np.ndindex(shape):
            entries[place] = self._entry(variable, place, sign)
        rule = getattr(self, "_" + domain.name.replace(" ", "_"), None)
        if rule is not None:
            entries = rule(entries)
        elif domain.name not in ("real", "positive", "nonnegative", "counts", "index",
                                 "invertible", "diagonal", "lower", "symmetric"):  # fmt: skip
            raise OutOfReachError(f"the domain {domain.name}")
        self._entries[variable] = list(entries.flat)

    def _entry(self, variable: Variable, place: tuple[int, ...], sign: int | None) -> Quotient:
        domain = variable.domain
        if domain == "diagonal" and place[0] != place[1]:
            return self.field.number(0)
        if domain == "lower" and place[0] < place[1]:
            return self.field.number(0)
        if domain in ("symmetric", "spd", "psd"):
            place = (min(place), max(place))
        return self.field.generator(("entry", variable, place), Generator("entry", sign=sign))

    def _unit(self, entries: Array) -> Array:
        for entry in entries.flat:
            self.signer.know(1 - entry, strict=False)
        return entries

    def _binary(self, entries: Array) -> Array:
        for entry in entries.flat:
            self.field.relate(entry, 2, entry)
        return self._unit(entries)

    def _pm1(self, entries: Array) -> Array:
        for entry in entries.flat:
            self.field.relate(entry, 2, self.field.number(1))
        return entries

    def _spd(self, entries: Array) -> Array:
        n = len(entries)
        for size in range(1, min(n, _LARGEST_INVERSE) + 1):
            for chosen in combinations(range(n), size):
                self.signer.know(self._minor(entries, chosen, chosen, {}), strict=True)
        return entries

    def _psd(self, entries: Array) -> Array:
        n = len(entries)
        for size in range(1, min(n, _LARGEST_INVERSE) + 1):
            for chosen in combinations(range(n), size):
                self.signer.know(self._minor(entries, chosen, chosen, {}), strict=False)
        return entries

    def _prob(self, entries: Array, axis: int = -1) -> Array:
        lanes = np.moveaxis(entries, axis, -1)
        for place in np.ndindex(lanes.shape[:-1]):
            total = self.field.number(0)
            for k in range(lanes.shape[-1] - 1):
                total = total + lanes[place][k]
            lanes[place][-1] = 1 - total
            self.signer.know(1 - total, strict=False)
        return entries

    def _prob_columns(self, entries: Array) -> Array:
        return self._prob(entries, -2)

    def _onehot(self, entries: Array) -> Array:
        for number, place in enumerate(np.ndindex(entries.shape[:-1])):
            row = entries[place][:-1]
            for entry in row:
                self.field.relate(entry, 2, entry)
            self.field.exclude(list(row), number + 1000 * len(self._entries))
        return self._prob(entries)

    def _unit_norm(self, entries: Array) -> Array:
        flat = list(entries.flat)
        total = self.field.number(0)
        for entry in flat[:-1]:
            total = total + entry * entry
        self.field.relate(flat[-1], 2, 1 - total)
        return entries


def entry_reader(variable: Variable) -> Any:
    """A function of SymPy that stands for the entries of a variable, by their number."""
    return type("entry_of_" + variable.name, (sympy.Function,), {"nargs": 1, "variable": variable})


def positions(shape: tuple[int, ...]) -> Array:
    """The number of each entry of an array."""
    return np.arange(prod(shape)).reshape(shape)
