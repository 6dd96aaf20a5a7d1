"""What has been found out at one point: the concrete form of expressions, and values at each precision.

Lines that are compared at the same point share their parts; each part is evaluated once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy.core.function import UndefinedFunction

from numeric.balls import precision
from numeric.scalars.concrete import Concretion, real_symbol
from numeric.scalars.evaluation import remembering_scope_of
from numeric.scalars.finite_spaces import worked_out
from numeric.scalars.integrals import separated
from numeric.scalars.numbers_and_balls import Arithmetic, Value
from numeric.scalars.scope import RememberingScope
from numeric.scalars.tables import RANDOM
from numeric.scalars.waves import closed

if TYPE_CHECKING:
    from numeric.scalars.assignments import Assignment

Values = np.ndarray  # of fmpq and acb
_MOST_FORMS = 2000
_MOST_VALUES = 50_000


class Memory:
    """Expressions at one point, entry by entry, and their values.

    >>> from numeric.scalars.assignments import Assignment
    >>> x = sympy.Symbol("x")
    >>> (found,), _ = Memory(Assignment({x: 2})).values((x**2 + 1,), bits=128)
    >>> found.item()
    5
    """

    def __init__(self, point: Assignment) -> None:
        self._point = point
        self._numbers: Mapping[Any, Any] = {
            real_symbol(unknown) if isinstance(unknown, sympy.Symbol) else unknown: value
            for unknown, value in point.items()
            if not isinstance(unknown, UndefinedFunction) and not isinstance(value, RANDOM)
        }
        self._forget()

    def _forget(self) -> None:
        self._concretion = Concretion(self._point)
        self._forms: dict[sympy.Basic, np.ndarray] = {}
        self._scopes: dict[int, RememberingScope] = {}

    def entries(self, expression: sympy.Basic) -> np.ndarray:
        """The entries of an expression with the functions of the point, alone for a scalar."""
        plain = (
            expression.as_immutable() if isinstance(expression, sympy.MatrixBase) else expression
        )
        if plain not in self._forms:
            if len(self._forms) > _MOST_FORMS:
                self._forget()
            found = self._concretion.of(worked_out(plain, self._point))
            self._forms[plain] = _entries(closed(found))
        return self._forms[plain]

    def nesting(self, expression: sympy.Basic) -> int:
        """How many integrals lie inside each other at most in the concrete form."""
        return max((_nesting(node) for node in self.entries(expression).flat), default=0)

    def values(
        self, expressions: tuple[sympy.Basic, ...], bits: int
    ) -> tuple[list[Values], Arithmetic]:
        """The values of all entries at one precision, and the arithmetic that found them."""
        whole = [self.entries(each) for each in expressions]
        scope = self._scopes.get(bits)
        if scope is None or scope.size > _MOST_VALUES:
            scope = self._scopes[bits] = remembering_scope_of(self._numbers, Arithmetic())
        scope.arithmetic.begin()
        with precision(bits):
            found = []
            for array in whole:
                values = np.empty(array.size, dtype=object)
                values[:] = [scope.value(node) for node in array.flat]
                found.append(values.reshape(array.shape))
        return found, scope.arithmetic

    def value_around(
        self, expression: sympy.Basic, balls: Mapping[sympy.Symbol, Value], bits: int
    ) -> Value:
        """A ball that contains all values of a scalar where some symbols lie in balls.

        >>> from flint import acb, arb
        >>> from numeric.scalars.assignments import Assignment
        >>> t = sympy.Symbol("t", real=True)
        >>> found = Memory(Assignment({})).value_around(t**2, {t: acb(arb(2, 1))}, bits=64)
        >>> bool(found.real.contains(arb(9)))
        True
        """
        scope = remembering_scope_of(self._numbers, Arithmetic()).inside(balls)
        with precision(bits):
            return scope.value(self.entries(expression).item())


def shape_of(expression: sympy.Basic) -> tuple[int, ...]:
    """The shape of a matrix, () for a scalar.

    >>> shape_of(sympy.Matrix([[1, 2]])), shape_of(sympy.Symbol("x"))
    ((1, 2), ())
    """
    return tuple(map(int, expression.shape)) if getattr(expression, "is_Matrix", False) else ()


def _entries(expression: sympy.Basic) -> np.ndarray:
    """The entries of a matrix, the expression alone of a scalar."""
    if not shape_of(expression):
        found = np.empty((), dtype=object)
        found[()] = expression
        return found
    explicit = expression.as_explicit()
    found = np.empty(explicit.shape, dtype=object)
    for place in np.ndindex(*explicit.shape):
        found[place] = explicit[place]
    return found


def _nesting(node: sympy.Basic) -> int:
    """How many integrals lie inside each other at most, variables that separate counted once."""
    inner = max((_nesting(arg) for arg in node.args), default=0)
    if not isinstance(node, sympy.Integral):
        return inner
    return inner + max((len(part.limits) for part in separated(node)[1]), default=0)
