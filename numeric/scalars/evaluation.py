"""The value of a concrete scalar expression, from the bottom up: one small function per kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy

from numeric.errors import Undecided
from numeric.kernels import HEADS
from numeric.scalars import operations, pieces
from numeric.scalars.derivatives import derivative_value, substitution_value
from numeric.scalars.integrals import integral_value
from numeric.scalars.limits import limit_value
from numeric.scalars.numbers_and_balls import KNOWN, Arithmetic, Value
from numeric.scalars.recursion import recursion_value
from numeric.scalars.scope import RememberingScope, Scope
from numeric.scalars.series import product_value, sum_value
from symbolic.scalars.recursion import Recursion

Rule = Callable[[Any, Scope], Value]


def scope_of(numbers: Mapping[Any, Any], arithmetic: Arithmetic) -> Scope:
    """The scope in which symbols have the numbers of a point.

    >>> x = sympy.Symbol("x")
    >>> scope_of({x: sympy.Rational(1, 2)}, Arithmetic()).value(x**2 + sympy.Max(x, 1))
    5/4
    """
    return Scope(numbers, arithmetic, _evaluated)


def remembering_scope_of(numbers: Mapping[Any, Any], arithmetic: Arithmetic) -> RememberingScope:
    """The same for several expressions one after the other.

    >>> scope = remembering_scope_of({}, Arithmetic())
    >>> scope.value(sympy.Integer(1) / 3), scope.size
    (1/3, 1)
    """
    return RememberingScope(numbers, arithmetic, _evaluated)


def _evaluated(node: sympy.Basic, scope: Scope) -> Value:
    rule = _rule_for(type(node))
    if rule is not None:
        return rule(node, scope)
    name = HEADS.get(type(node).__name__, type(node).__name__)
    if isinstance(node, sympy.Function) and len(node.args) == 1 and name in KNOWN:
        return scope.arithmetic.apply(name, scope.value(node.args[0]))
    raise Undecided(
        f"the value of {node}",
        f"{type(node).__name__} has no enclosure",
        "write it with known functions",
    )


def _rule_for(kind: type) -> Rule | None:
    if kind not in _FOUND:
        _FOUND[kind] = next((rule for known, rule in _RULES if issubclass(kind, known)), None)
    return _FOUND[kind]


_FOUND: dict[type, Rule | None] = {}
_RULES: tuple[tuple[type, Rule], ...] = (
    (sympy.Symbol, operations.symbol),
    (sympy.Rational, operations.rational),
    (sympy.Float, operations.decimal),
    (sympy.Add, operations.total),
    (sympy.Mul, operations.product),
    (sympy.exp, operations.exponential),
    (sympy.Pow, operations.power),
    (sympy.log, operations.logarithm),
    (sympy.Abs, pieces.absolute),
    (sympy.sign, pieces.sign),
    (sympy.Heaviside, pieces.step),
    (sympy.Max, pieces.extreme),
    (sympy.Min, pieces.extreme),
    (sympy.re, pieces.real_part),
    (sympy.im, pieces.imaginary_part),
    (sympy.conjugate, pieces.conjugate),
    (sympy.arg, pieces.argument),
    (sympy.floor, pieces.rounded),
    (sympy.ceiling, pieces.rounded),
    (sympy.Piecewise, pieces.cases),
    (sympy.KroneckerDelta, pieces.bracket),
    (sympy.factorial, operations.factorial),
    (sympy.gamma, operations.gamma),
    (sympy.binomial, operations.binomial),
    (sympy.polygamma, operations.polygamma),
    (sympy.beta, operations.beta),
    (sympy.Indexed, operations.entry),
    (sympy.Sum, sum_value),
    (sympy.Product, product_value),
    (sympy.Derivative, derivative_value),
    (sympy.Subs, substitution_value),
    (sympy.Integral, integral_value),
    (sympy.Limit, limit_value),
    (Recursion, recursion_value),
    (sympy.UnevaluatedExpr, operations.unchanged),
    (sympy.Number, operations.constant),
    (sympy.NumberSymbol, operations.constant),
    (type(sympy.I), operations.constant),
)
