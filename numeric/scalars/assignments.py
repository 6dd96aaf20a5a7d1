"""Points of scalar expressions: a value for each symbol, a meaning for each undefined function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from numbers import Rational
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy.core.function import UndefinedFunction

from numeric.errors import Undecided
from numeric.scalars.meanings import random_meaning
from numeric.scalars.tables import RANDOM
from symbolic.errors import DataError, UnsupportedError

if TYPE_CHECKING:
    from numeric.scalars.memory import Memory

Unknown = Any  # a sympy.Symbol, an undefined function or a sympy.IndexedBase
_SHOWN = 60  # characters of a value


@dataclass(frozen=True)
class RandomArray:
    """An array of any size whose entries are random rational numbers, the same for the same index.

    `sign` is 1 where all entries are positive, -1 where they are negative, 0 where they are real;
    `whole` says that they are integers.
    """

    seed: int
    sign: int = 0
    whole: bool = False

    def __getitem__(self, place: tuple[int, ...]) -> sympy.Rational:
        """The entry at a tuple of integers of 0 or more.

        >>> entries = RandomArray(seed=1)
        >>> entries[2, 0] == entries[2, 0] != entries[0, 2]
        True
        """
        if any(index < 0 for index in place):
            raise Undecided(f"the entry {list(place)}", "an index below 0", "use 0, 1, 2, ...")
        rng = np.random.default_rng([self.seed, len(place), *place])
        size = sympy.Rational(
            *(int(rng.integers(1, 12)), 1 if self.whole else int(rng.integers(2, 8)))
        )
        sign = self.sign or (1 if rng.random() < 0.5 else -1)
        return sign * size

    def __str__(self) -> str:
        return ", ".join(str(self[(k,)]) for k in range(4)) + ", ..."


class RandomFunction:
    """A random smooth function of any number of arguments, for an undefined one that fits `head`.

    >>> f = RandomFunction(sympy.Function("f"), seed=3)
    >>> f.meaning(2) == f.meaning(2), len(f.meaning(2).variables)
    (True, 2)
    """

    def __init__(self, head: UndefinedFunction, seed: int) -> None:
        self.head, self.seed = head, seed
        self._known: dict[int, sympy.Lambda] = {}

    def meaning(self, arguments: int) -> sympy.Lambda:
        """The function of so many arguments."""
        if arguments not in self._known:
            rng = np.random.default_rng([self.seed, arguments])
            self._known[arguments] = random_meaning(self.head, arguments, rng)
        return self._known[arguments]

    def __call__(self, *arguments: Any) -> sympy.Expr:
        return self.meaning(len(arguments))(*arguments)

    def __str__(self) -> str:
        met = self._known or {1: self.meaning(1)}
        return "; ".join(_shown(self.head, meaning) for meaning in met.values())


class Assignment(Mapping[Unknown, Any]):
    """What every unknown of a scalar expression is at one point.

    A symbol has a number (a constant SymPy expression, as a rule rational), an undefined function a
    `sympy.Lambda`, an `IndexedBase` an array. Integers and fractions are taken too, floats are the
    rational numbers they are.

    >>> x, f = sympy.Symbol("x"), sympy.Function("f")
    >>> u = sympy.Symbol("u")
    >>> print(Assignment({x: Fraction(1, 2), f: sympy.Lambda(u, u**2)}))
    x = 1/2; f(u) = u**2
    """

    def __init__(self, values: Mapping[Unknown, Any]) -> None:
        self._values = {unknown: _checked(unknown, value) for unknown, value in values.items()}

    def __getitem__(self, unknown: Unknown) -> Any:
        return self._values[unknown]

    def __iter__(self) -> Iterator[Unknown]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def meaning(self, head: UndefinedFunction, arguments: int) -> sympy.Lambda:
        """The meaning of an undefined function of so many arguments; `Undecided` where it has none."""
        found = self._values.get(head)
        if isinstance(found, RandomFunction):
            return found.meaning(arguments)
        if found is None or len(found.variables) != arguments:
            raise Undecided(
                f"the function {head} of {arguments} arguments",
                "it has no meaning here",
                "draw it with the other unknowns",
            )
        return found

    @cached_property
    def memory(self) -> Memory:
        """What has been found out at this point."""
        from numeric.scalars.memory import Memory

        return Memory(self)

    def with_values(self, values: Mapping[Unknown, Any]) -> Assignment:
        """The same point with other values for some unknowns.

        >>> x = sympy.Symbol("x")
        >>> print(Assignment({x: 1}).with_values({x: 2}))
        x = 2
        """
        return Assignment({**self._values, **values})

    def __str__(self) -> str:
        return "; ".join(_shown(unknown, value) for unknown, value in self._values.items())

    def __repr__(self) -> str:
        return f"Assignment({self})"


def _checked(unknown: Unknown, value: Any) -> Any:
    if isinstance(value, RANDOM):
        return value
    if isinstance(unknown, UndefinedFunction):
        if not isinstance(value, (sympy.Lambda, RandomFunction)):
            raise UnsupportedError(
                f"the meaning of {unknown}", f"{value!r} is no sympy.Lambda", "give a Lambda"
            )
        return value
    if isinstance(unknown, sympy.IndexedBase):
        return value if isinstance(value, RandomArray) else np.asarray(value, dtype=object)
    if isinstance(unknown, sympy.Symbol):
        found = number(unknown, value)
        if not may_be(unknown, found):
            raise DataError(
                f"{unknown} = {found}", "it is outside its domain", "give it another value"
            )
        return found
    raise UnsupportedError(
        f"a value for {unknown}", "no symbol, undefined function or IndexedBase", "leave it out"
    )


def may_be(symbol: sympy.Symbol, value: sympy.Expr) -> bool:
    """Whether a number has, as far as SymPy can tell, all that is assumed of a symbol.

    >>> n = sympy.Symbol("n", integer=True)
    >>> may_be(n, sympy.Integer(2)), may_be(n, sympy.Rational(1, 2))
    (True, False)
    """
    if value.has(sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit):
        return True  # SymPy would work them out to tell
    return all(
        getattr(value, f"is_{name}") in (expected, None)
        for name, expected in symbol.assumptions0.items()
    )


def number(what: object, value: Any) -> sympy.Expr:
    """A number as an exact constant SymPy expression.

    >>> number("x", 0.25)
    1/4
    """
    if isinstance(value, (Rational, np.integer)) and not isinstance(value, bool):
        fraction = Fraction(int(value)) if isinstance(value, np.integer) else Fraction(value)
        return sympy.Rational(fraction.numerator, fraction.denominator)
    if isinstance(value, (float, np.floating)) and np.isfinite(value):
        return sympy.Rational(float(value))
    if isinstance(value, sympy.Float):
        return sympy.Rational(value)
    if isinstance(value, sympy.Expr) and not value.free_symbols and value.is_finite is not False:
        return value
    raise DataError(f"the value of {what}", f"{value!r} is no finite number", "give a number")


def _shown(unknown: Unknown, value: Any) -> str:
    if isinstance(value, RandomFunction):
        return str(value)
    if isinstance(value, sympy.Lambda):
        arguments = ", ".join(map(str, value.variables))
        return f"{unknown}({arguments}) = {value.expr}"
    if isinstance(value, np.ndarray):
        value = "[" + ", ".join(map(str, value.flat)) + "]"
    text = str(value)
    return f"{unknown} = {text if len(text) <= _SHOWN else text[:_SHOWN] + '...'}"
