"""The slope of an expression in one symbol, by the chain rule from the bottom up.

No expression is written for it: what SymPy would write for a composition of functions is long.
"""

from __future__ import annotations

import sympy
from flint import fmpq

from numeric.scalars.derivatives import worked_out
from numeric.scalars.numbers_and_balls import Value
from numeric.scalars.scope import Scope, free


def slope(node: sympy.Expr, u: sympy.Symbol, scope: Scope) -> Value:
    """The derivative by u where u and the other symbols have their values in the scope.

    Conditions: the expression is analytic there, with all of its parts that depend on u.

    >>> from numeric.scalars.evaluation import scope_of
    >>> from numeric.scalars.numbers_and_balls import Arithmetic
    >>> u = sympy.Symbol("u", real=True)
    >>> slope((1 + u**2) ** 3, u, scope_of({u: sympy.Integer(2)}, Arithmetic()))
    300
    """
    return _Slopes(u, scope).of(node)


class _Slopes:
    def __init__(self, u: sympy.Symbol, scope: Scope) -> None:
        self.u, self.scope = u, scope
        self.known: dict[sympy.Basic, Value] = {}

    def of(self, node: sympy.Expr) -> Value:
        if node not in self.known:
            self.known[node] = self._new(node)
        return self.known[node]

    def _new(self, node: sympy.Expr) -> Value:
        arithmetic, value = self.scope.arithmetic, self.scope.value
        if self.u not in free(node):
            return fmpq(0)
        if node == self.u:
            return fmpq(1)
        if isinstance(node, sympy.Add):
            return arithmetic.add([self.of(arg) for arg in node.args])
        if isinstance(node, sympy.Mul):
            return arithmetic.add([self._by_factor(node, place) for place in range(len(node.args))])
        if isinstance(node, sympy.Pow) and self.u not in free(node.exp):
            power = arithmetic.power(value(node.base), value(node.exp - 1))
            return arithmetic.multiply([value(node.exp), power, self.of(node.base)])
        if isinstance(node, (sympy.exp, sympy.log, sympy.sin, sympy.cos)):
            return arithmetic.multiply([value(node.fdiff()), self.of(node.args[0])])
        return value(worked_out(node, ((self.u, 1),)))

    def _by_factor(self, node: sympy.Mul, place: int) -> Value:
        """The term of the product rule in which one factor is differentiated."""
        if self.u not in free(node.args[place]):
            return fmpq(0)
        others = [self.scope.value(arg) for k, arg in enumerate(node.args) if k != place]
        return self.scope.arithmetic.multiply([self.of(node.args[place]), *others])
