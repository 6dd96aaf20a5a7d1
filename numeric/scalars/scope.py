"""What the symbols of an expression stand for while its value is found, and which of them matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits

from numeric.errors import Undecided
from numeric.scalars.numbers_and_balls import Arithmetic, Met, Value, integer_of, is_real, sign_of
from symbolic.scalars.recursion import Recursion

Numbers = Mapping[Any, Any]  # of symbols, as constant expressions, and of arrays


class Scope:
    """The values of symbols: `numbers` are those of the point, `bound` those of sums and integrals.

    `evaluate` finds the value of one node; each value is found once.
    """

    def __init__(
        self,
        numbers: Numbers,
        arithmetic: Arithmetic,
        evaluate: Callable[[sympy.Basic, Scope], Value],
        bound: Mapping[sympy.Symbol, Value] | None = None,
        outer: Scope | None = None,
    ) -> None:
        self.numbers, self.arithmetic, self.outer = numbers, arithmetic, outer
        self.bound = dict(bound or {})
        self._evaluate = evaluate
        self._known: dict[sympy.Basic, Value] = {}
        self._letters = frozenset(self.bound)

    def inside(
        self, bound: Mapping[sympy.Symbol, Value], arithmetic: Arithmetic | None = None
    ) -> Scope:
        """The same scope with more symbols bound; parts without them are evaluated once, out here."""
        return Scope(self.numbers, arithmetic or self.arithmetic, self._evaluate, bound, self)

    def forgetful(self) -> Scope:
        """The same scope without the values found so far, for use at another precision."""
        outer = None if self.outer is None else self.outer.forgetful()
        return Scope(self.numbers, self.arithmetic, self._evaluate, self.bound, outer)

    def value(self, node: sympy.Basic) -> Value:
        """The value of an expression: an exact rational or a ball."""
        found = self._known.get(node)
        if found is None:
            if self.outer is not None and self._letters.isdisjoint(free(node)):
                found = self.outer.value(node)
            else:
                found = self._evaluate(node, self)
            self._known[node] = found
        return found

    def meaning(self, symbol: sympy.Symbol) -> Value:
        """The value of a symbol."""
        if symbol in self.bound:
            return self.bound[symbol]
        if symbol not in self.numbers:
            raise Undecided(
                f"the symbol {symbol}", "it has no value here", "draw it with the other unknowns"
            )
        return self.value(self.numbers[symbol])

    def knows(self, symbols: frozenset[sympy.Basic]) -> bool:
        """Whether every symbol has a value."""
        unknown = symbols - self.bound.keys()
        return unknown <= self.numbers.keys() if self.outer is None else self.outer.knows(unknown)

    def all_real(self, symbols: frozenset[sympy.Basic]) -> bool:
        """Whether all symbols have real values; in the middle of an integral they may be complex."""
        return all(is_real(self.value(symbol)) for symbol in symbols)

    def integer(self, node: sympy.Basic, what: str) -> int:
        """The value of an expression that is certainly an integer."""
        whole = integer_of(self.value(node))
        if whole is None:
            raise Undecided(
                f"{what} {node}", "its value is not certainly an integer", "use integers"
            )
        return whole


class RememberingScope(Scope):
    """The scope of a point at one precision, for several expressions one after the other.

    With a value it remembers what the arithmetic met on the way, and with an error the error, so that
    an expression fares the same whatever was evaluated before.
    """

    def __init__(
        self,
        numbers: Numbers,
        arithmetic: Arithmetic,
        evaluate: Callable[[sympy.Basic, Scope], Value],
    ) -> None:
        super().__init__(numbers, arithmetic, evaluate)
        self._met: dict[sympy.Basic, tuple[Value | Undecided, Met]] = {}

    @property
    def size(self) -> int:
        """How many values it remembers."""
        return len(self._met)

    def value(self, node: sympy.Basic) -> Value:
        """The value of an expression: an exact rational or a ball."""
        if node not in self._met:
            before = self.arithmetic.begin()
            found: Value | Undecided
            try:
                found = self._evaluate(node, self)
            except Undecided as error:
                found = error
            self._met[node] = found, self.arithmetic.begin()
            self.arithmetic.meet(before)
        found, met = self._met[node]
        self.arithmetic.meet(met)
        if isinstance(found, Undecided):
            raise found.with_traceback(None)
        return found


@lru_cache(maxsize=65536)
def free(node: sympy.Basic) -> frozenset[sympy.Basic]:
    """The symbols on which the value of an expression depends; labels of arrays are none.

    >>> i, n = sympy.symbols("i n")
    >>> sorted(map(str, free(sympy.Sum(sympy.IndexedBase("x")[i] * n, (i, 1, 3)))))
    ['n']
    """
    if isinstance(node, sympy.Symbol):
        return frozenset({node})
    if isinstance(node, sympy.Indexed):
        return frozenset().union(*map(free, node.indices), *map(free, node.base.shape or ()))
    if isinstance(node, ExprWithLimits):
        found = free(node.function)
        for limit in node.limits:
            found = (found - {limit[0]}).union(*map(free, limit[1:]))
        return found
    if isinstance(node, sympy.Subs):
        inner = free(node.expr) - set(node.variables)
        return inner.union(*map(free, node.point))
    if isinstance(node, sympy.Limit):
        body, variable, point = node.args[:3]
        return (free(body) - {variable}) | free(point)
    if isinstance(node, Recursion):
        step, variable, start, index, count = node.args
        return (free(step) - {variable, index}) | free(start) | free(count)
    return frozenset().union(*map(free, node.args))


def depends(node: sympy.Basic, variable: sympy.Expr) -> bool:
    """Whether a value changes with a symbol or with an entry of an array.

    >>> x, i, k = sympy.IndexedBase("x"), *sympy.symbols("i k")
    >>> depends(x[i] ** 2, x[k]), depends(i, x[i])
    (True, False)
    """
    if isinstance(variable, sympy.Indexed):
        return any(entry.base == variable.base for entry in node.atoms(sympy.Indexed))
    return variable in free(node)


def outermost(
    node: ExprWithLimits,
) -> tuple[sympy.Expr, sympy.Symbol, sympy.Expr, sympy.Expr]:
    """What a sum, product or integral runs over last: the rest of it, the variable, both bounds.

    >>> i, j = sympy.symbols("i j")
    >>> outermost(sympy.Sum(i * j, (i, 1, j), (j, 1, 3)))
    (Sum(i*j, (i, 1, j)), j, 1, 3)
    """
    limit = node.limits[-1]
    if len(limit) != 3:
        raise Undecided(f"the value of {node}", "it has no bounds", "state both bounds")
    inner = node.func(node.function, *node.limits[:-1]) if node.limits[1:] else node.function
    return inner, *limit


def check_range(
    variable: sympy.Symbol, ends: Iterable[sympy.Expr], scope: Scope, *, whole: bool
) -> None:
    """Raise `Undecided` where a variable is assumed to be what not every number of its range is.

    With `whole` the range is one of integers, else 0 may be an end of it for a positive variable.
    """
    if variable.is_real is False or (variable.is_integer and not whole):
        raise _misfit(variable)
    if any(getattr(variable, f"is_{name}") is not None for name in ("even", "odd", "prime")):
        raise _misfit(variable)
    for name, allowed in _SIGNS.items():
        if getattr(variable, f"is_{name}"):
            signs = {_sign_of_end(end, scope) for end in ends}
            if not signs <= (allowed if whole else allowed | {0}):
                raise _misfit(variable)


_SIGNS: dict[str, set[int | None]] = {
    "positive": {1},
    "negative": {-1},
    "nonnegative": {0, 1},
    "nonpositive": {-1, 0},
}


def _sign_of_end(end: sympy.Expr, scope: Scope) -> int | None:
    if end in (sympy.oo, -sympy.oo):
        return 1 if end == sympy.oo else -1
    return sign_of(scope.value(end))


def _misfit(variable: sympy.Symbol) -> Undecided:
    return Undecided(
        f"the range of {variable}", "not all of it is as the variable is assumed", "assume less"
    )
