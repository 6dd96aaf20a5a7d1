"""Scalar expressions with a meaning for every function: undefined heads replaced, symbols made real.

Every bound variable (of an integral, a sum, a limit, a substitution) gets a name of its own, so that nothing
put into an expression later is caught by it.
"""

from __future__ import annotations

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef

from numeric.scalars.assignments import Assignment


class _Real(sympy.Symbol):
    """A symbol of its own kind, so that it is never mistaken for one that a page declares."""


class _Bound(sympy.Symbol):
    """A bound variable; its name is its own."""


def real_symbol(symbol: sympy.Symbol) -> sympy.Symbol:
    """The symbol itself where it says what numbers it stands for, else one for real numbers.

    >>> real_symbol(sympy.Symbol("x")).is_real
    True
    """
    if symbol.is_extended_real is not None or symbol.is_complex:
        return symbol
    return _Real(symbol.name, **_assumed(symbol))


def _assumed(symbol: sympy.Symbol) -> dict[str, bool]:
    """The assumptions of a symbol, which is real if it does not say otherwise."""
    known = dict(symbol.assumptions0)
    if symbol.is_extended_real is None and not symbol.is_complex:
        known["real"] = True
    return known


def concrete(expression: sympy.Basic, assignment: Assignment) -> sympy.Basic:
    """The expression with the functions of an assignment and with real symbols; no number goes in.

    Nothing is worked out. A derivative by an expression, as by g(x), becomes one by a new symbol at that
    expression. `Undecided` for a function without a meaning.

    >>> x, u, f = sympy.Symbol("x"), sympy.Symbol("u"), sympy.Function("f")
    >>> concrete(sympy.Derivative(f(x), x), Assignment({f: sympy.Lambda(u, u**2)}))
    Derivative(x**2, x)
    """
    return Concretion(assignment).of(expression)


class Concretion:
    """Expressions with the functions of one assignment; `known` are the parts that are done."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.known: dict[sympy.Basic, sympy.Basic] = {}
        self.bound = 0

    def of(self, node: sympy.Basic) -> sympy.Basic:
        """What `concrete` says, of one expression after the other."""
        if node not in self.known:
            self.known[node] = self._new(node)
        return self.known[node]

    def _new(self, node: sympy.Basic) -> sympy.Basic:
        if isinstance(node, sympy.Symbol):
            return real_symbol(node)
        if isinstance(node, AppliedUndef):
            return self._applied(node)
        if isinstance(node, sympy.Indexed):
            return sympy.Indexed(self._base(node.base), *map(self.of, node.indices))
        if isinstance(node, sympy.Derivative) and (inner := _by_expression(node)) is not None:
            return self.of(_as_substitution(node, inner))
        if not node.args or isinstance(node, sympy.IndexedBase):
            return node
        args = [self.of(arg) for arg in node.args]
        if isinstance(node, (ExprWithLimits, sympy.Subs, sympy.Limit)):
            return self._renamed(node, args)
        changed = any(new is not old for new, old in zip(args, node.args, strict=True))
        return node.func(*args) if changed else node

    def _applied(self, node: sympy.Expr) -> sympy.Expr:
        meaning = self.assignment.meaning(node.func, len(node.args))
        args = [self.of(arg) for arg in node.args]
        variables = [real_symbol(variable) for variable in meaning.variables]
        body = self.of(meaning.expr)
        return body.xreplace(dict(zip(variables, args, strict=True)))

    def _base(self, base: sympy.IndexedBase) -> sympy.IndexedBase:
        """An array that says what numbers it holds, else one of real numbers with its name."""
        shape = None if base.shape is None else tuple(map(self.of, base.shape))
        known = {} if base.is_extended_real is not None or base.is_complex else {"real": True}
        if not known and shape == base.shape:
            return base
        return sympy.IndexedBase(base.label, shape=shape, **{**_assumptions_of(base), **known})

    def _renamed(self, node: sympy.Basic, args: list[sympy.Basic]) -> sympy.Basic:
        """The node with new names for its bound variables; its parts are done."""
        if isinstance(node, sympy.Subs):
            inner, variables, point = args
            fresh = {variable: self._fresh(variable) for variable in variables}
            return node.func(inner.xreplace(fresh), tuple(fresh.values()), tuple(point))
        if isinstance(node, sympy.Limit):
            inner, variable, *rest = args
            fresh = {variable: self._fresh(variable)}
            return node.func(inner.xreplace(fresh), fresh[variable], rest[0], str(rest[1]))
        inner, *limits = args
        for place, limit in enumerate(limits):
            fresh = {limit[0]: self._fresh(limit[0])}
            inner = inner.xreplace(fresh)
            for earlier in range(place):
                limits[earlier] = limits[earlier].xreplace(fresh)
            limits[place] = sympy.Tuple(fresh[limit[0]], *limit[1:])
        return node.func(inner, *limits)

    def _fresh(self, variable: sympy.Symbol) -> sympy.Symbol:
        self.bound += 1
        return _Bound(f"{variable.name}_{self.bound}", **_assumed(variable))


def _assumptions_of(base: sympy.IndexedBase) -> dict[str, bool]:
    return {name: value for name, value in base.assumptions0.items() if name != "commutative"}


def _by_expression(node: sympy.Derivative) -> sympy.Expr | None:
    """The first expression, neither symbol nor entry of an array, by which a derivative is taken."""
    for variable, _ in node.variable_count:
        if not isinstance(variable, (sympy.Symbol, sympy.Indexed)):
            return variable
    return None


def _as_substitution(node: sympy.Derivative, inner: sympy.Expr) -> sympy.Subs:
    moving = sympy.Dummy("u", real=True)
    replaced = {inner: moving}
    counts = [(replaced.get(variable, variable), count) for variable, count in node.variable_count]
    return sympy.Subs(sympy.Derivative(node.expr.xreplace(replaced), *counts), moving, inner)
