"""Scalar nodes of SymPy: numbers, symbols, arithmetic, functions, cases."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import sympy

from symbolic import operations
from symbolic.functions import (
    ELEMENTWISE,
    elementwise_function,
    function_argument,
    polygamma_order,
)
from symbolic.nodes import Contraction, Expression, Iverson, Sum
from symbolic.operations import constant
from symbolic.sympy_border.names import Names
from symbolic.sympy_border.values import (
    Handler,
    Index,
    Reading,
    Scope,
    Task,
    Value,
    align,
    all_indices,
    bound,
    entrywise,
    scalar_of,
    short,
    spread,
    unsupported,
)
from symbolic.variables import elementwise

_EXACT = {sympy.pi, sympy.E}


def scalars(node: Any, arguments: Any, scope: Scope) -> Any:
    """The scalar values of several nodes below `node`, in order."""
    found = []
    for argument in arguments:
        found.append(scalar_of((yield Task(argument, scope)), node))
    return found


def number(node: Any, scope: Scope, names: Names) -> Reading:
    """A real number; decimals are read as the fraction they are written as."""
    yield from ()
    if not node.is_finite or (isinstance(node, sympy.NumberSymbol) and node not in _EXACT):
        raise unsupported(node, "a number the language has not", "use fractions, decimals, pi, E")
    return Value(constant(_fraction(node) if node.is_Float else node))


def _fraction(node: sympy.Float) -> sympy.Rational:
    """The shortest decimal of a Python float, the exact value of a longer one."""
    near = float(node)
    return sympy.Rational(repr(near)) if sympy.Float(near) == node else sympy.Rational(node)


def symbol(node: Any, scope: Scope, names: Names) -> Reading:
    """A variable, a size, a summation index as a number, or the argument of a Lambda."""
    yield from ()
    meaning = bound(node, scope)
    if isinstance(meaning, Value):
        return meaning
    if isinstance(meaning, Index):
        return _counting(meaning)
    return Value(names.symbol(node))


def _counting(index: Index) -> Value:
    """The values first, first + 1, ... of a summation index."""
    n = index.length
    up_to = Iverson((n, n), (1, -1), 0, ">=")
    position = Contraction([up_to], [(0, 1)], (0,))
    start = Contraction((), (), (0,), {0: n}, index.first - 1)
    return Value(Sum([position, start]), (index,))


def total(node: Any, scope: Scope, names: Names) -> Reading:
    """A sum of scalars."""
    terms = yield from scalars(node, node.args, scope)
    indices = all_indices(terms)
    each = [spread(term, indices) if term.indices != indices else term.expression for term in terms]
    return Value(Sum(each), indices)


def product(node: Any, scope: Scope, names: Names) -> Reading:
    """A product of scalars."""
    factors = yield from scalars(node, node.args, scope)
    return reduce(times, factors)


def times(left: Value, right: Value) -> Value:
    """The product of two scalars, for each value of their indices."""
    indices = all_indices([left, right])
    if not left.indices or not right.indices or left.indices == right.indices:
        return entrywise(operations.multiply, left, right)
    operands = [left.expression, right.expression]
    return Value(Contraction(operands, [left.indices, right.indices], indices), indices)


def power(node: Any, scope: Scope, names: Names) -> Reading:
    """A scalar raised to a scalar."""
    base, exponent = yield from scalars(node, node.args, scope)
    return entrywise(operations.power, base, exponent)


def real_part(node: Any, scope: Scope, names: Names) -> Reading:
    """The conjugate or the real part of a real number."""
    return (yield Task(node.args[0], scope))


def _with_sum(a: sympy.Expr) -> sympy.Expr:
    return sympy.log(a + sympy.sqrt(a**2 + 1))


def _heaviside(a: sympy.Expr, at_zero: sympy.Expr) -> sympy.Expr:
    step: Any = ELEMENTWISE["step"].head
    return step(a) + at_zero * (1 - sympy.sign(a) ** 2)


REWRITTEN: dict[Any, Callable[..., sympy.Expr]] = {
    sympy.tan: lambda a: sympy.sin(a) / sympy.cos(a),
    sympy.cot: lambda a: sympy.cos(a) / sympy.sin(a),
    sympy.sec: lambda a: 1 / sympy.cos(a),
    sympy.csc: lambda a: 1 / sympy.sin(a),
    sympy.coth: lambda a: sympy.cosh(a) / sympy.sinh(a),
    sympy.sech: lambda a: 1 / sympy.cosh(a),
    sympy.csch: lambda a: 1 / sympy.sinh(a),
    sympy.asinh: _with_sum,
    sympy.acosh: lambda a: sympy.log(a + sympy.sqrt(a - 1) * sympy.sqrt(a + 1)),
    sympy.factorial: lambda a: sympy.gamma(a + 1),
    sympy.Heaviside: _heaviside,
}


def function(node: Any, scope: Scope, names: Names) -> Reading:
    """A function of the elementwise table, or one that is written with such functions."""
    if node.func in REWRITTEN:
        dummies = [sympy.Dummy(real=True) for _ in node.args]
        inner = yield from scalars(node, node.args, scope)
        within = (*scope, *zip(dummies, inner, strict=True))
        return (yield Task(REWRITTEN[node.func](*dummies), within))
    order = polygamma_order(node)
    if order is not None:
        (argument,) = yield from scalars(node, node.args[1:], scope)
        return entrywise(lambda a: operations.polygamma(order, a), argument)
    entry = elementwise_function(node)
    if entry is None:
        raise unsupported(
            node,
            "a function that is not in the table",
            "write it with exp, log, trigonometric and hyperbolic functions, erf and gamma",
        )
    arguments = yield from scalars(node, function_argument(node), scope)
    if entry.arity == 1:
        (argument,) = arguments
        return entrywise(lambda a: operations.apply_elementwise(entry.name, a), argument)
    return reduce(
        lambda left, right: entrywise(
            lambda a, b: operations.apply_elementwise(entry.name, a, b), left, right
        ),
        arguments,
    )


def undefined(node: Any, scope: Scope, names: Names) -> Reading:
    """An undefined function f(x) of one scalar: differentiable, of which nothing else is known."""
    arguments = yield from scalars(node, node.args, scope)
    if len(arguments) != 1:
        raise unsupported(node, "an undefined function of several arguments", "use one argument")
    return entrywise(elementwise(node.func.__name__), arguments[0])


_RELATIONS = {
    sympy.Eq: "==", sympy.Ne: "!=", sympy.Lt: "<", sympy.Le: "<=", sympy.Gt: ">", sympy.Ge: ">=",
}  # fmt: skip


def cases(node: Any, scope: Scope, names: Names) -> Reading:
    """Cases with one comparison each; the last one has to hold always."""
    *others, (last, always) = node.args
    if always != sympy.true:
        raise unsupported(node, "cases that leave points out", "end with a case (value, True)")
    found = scalar_of((yield Task(last, scope)), node)
    for value, condition in reversed(others):
        relation = _RELATIONS.get(type(condition))
        if relation is None:
            raise unsupported(
                node, f"the condition {short(condition)}", "use one comparison for each case"
            )
        parts = yield from scalars(node, (condition.lhs, condition.rhs, value), scope)
        indices = all_indices([*parts, found])
        left, right, yes, no = (align(part, indices) for part in (*parts, found))
        found = Value(_where(left, relation, right, yes, no), indices)
    return found


def _where(
    left: Expression, relation: str, right: Expression, yes: Expression, no: Expression
) -> Expression:
    return operations.where(operations.compare(left, relation, right), yes, no)


SCALAR_NODES: dict[type, Handler] = {
    sympy.Symbol: symbol,
    sympy.Dummy: symbol,
    sympy.Add: total,
    sympy.Mul: product,
    sympy.Pow: power,
    sympy.conjugate: real_part,
    sympy.re: real_part,
    sympy.Max: function,
    sympy.Min: function,
    sympy.Piecewise: cases,
}
