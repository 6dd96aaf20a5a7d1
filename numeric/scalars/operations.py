"""Arithmetic, elementary functions, functions of whole numbers and entries of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from flint import acb, fmpq

from numeric.balls import Balls
from numeric.errors import Undecided
from numeric.kernels import CONSTANTS
from numeric.scalars.numbers_and_balls import Value, integer_of
from numeric.scalars.scope import Scope


def symbol(node: sympy.Symbol, scope: Scope) -> Value:
    return scope.meaning(node)


def unchanged(node: sympy.UnevaluatedExpr, scope: Scope) -> Value:
    return scope.value(node.args[0])


def rational(node: sympy.Rational, scope: Scope) -> Value:
    return fmpq(int(node.p), int(node.q))


def decimal(node: sympy.Float, scope: Scope) -> Value:
    return rational(sympy.Rational(node), scope)


def constant(node: sympy.Expr, scope: Scope) -> Value:
    if node is sympy.S.ImaginaryUnit:
        return acb(0, 1)
    if node not in CONSTANTS:
        return scope.arithmetic.undefined(f"{node} is no number with an enclosure")
    return acb(Balls().constant(CONSTANTS[node]))


def total(node: sympy.Add, scope: Scope) -> Value:
    return scope.arithmetic.add([scope.value(arg) for arg in node.args])


def product(node: sympy.Mul, scope: Scope) -> Value:
    return scope.arithmetic.multiply([scope.value(arg) for arg in node.args])


def power(node: sympy.Pow, scope: Scope) -> Value:
    return scope.arithmetic.power(scope.value(node.base), scope.value(node.exp))


def exponential(node: sympy.exp, scope: Scope) -> Value:
    return scope.arithmetic.apply("exp", scope.value(node.args[0]))


def logarithm(node: sympy.log, scope: Scope) -> Value:
    value = scope.value(node.args[0])
    if value == 0:
        return scope.arithmetic.undefined("the logarithm of zero")
    return scope.arithmetic.apply("log", value)


# --- whole numbers and arrays --------------------------------------------------------------------


def factorial(node: sympy.factorial, scope: Scope) -> Value:
    value = scope.value(node.args[0])
    whole = integer_of(value)
    if whole is not None and 0 <= whole <= 1000:
        return fmpq(int(sympy.factorial(whole)))
    return scope.arithmetic.apply("gamma", value + fmpq(1))


def gamma(node: sympy.gamma, scope: Scope) -> Value:
    value = scope.value(node.args[0])
    whole = integer_of(value)
    if whole is not None and 1 <= whole <= 1000:
        return fmpq(int(sympy.factorial(whole - 1)))
    return scope.arithmetic.apply("gamma", value)


def binomial(node: sympy.binomial, scope: Scope) -> Value:
    top, bottom = (scope.value(arg) for arg in node.args)
    count = integer_of(bottom)
    if count is None or count > 1000:
        raise Undecided(
            f"the value of {node}", "its lower part is no small integer", "use an integer"
        )
    if count < 0:
        whole = integer_of(top)
        if whole is None or whole < 0:
            raise Undecided(
                f"the value of {node}", "conventions differ", "use integers of 0 or more"
            )
        return fmpq(0)
    factors = [(top - fmpq(j)) * fmpq(1, j + 1) for j in range(count)]
    return scope.arithmetic.multiply(factors)


def polygamma(node: sympy.polygamma, scope: Scope) -> Value:
    order = scope.integer(node.args[0], "the order")
    value = scope.value(node.args[1])
    if order == 0:
        return scope.arithmetic.apply("digamma", value)
    return scope.arithmetic.apply("polygamma", value, order)


def beta(node: sympy.beta, scope: Scope) -> Value:
    first, second = node.args[0], node.args[-1]
    return scope.value(sympy.gamma(first) * sympy.gamma(second) / sympy.gamma(first + second))


def entry(node: sympy.Indexed, scope: Scope) -> Value:
    place = tuple(scope.integer(index, "the index") for index in node.indices)
    array = _array(node.base, scope)
    if node.base.shape is not None:
        sizes = [scope.integer(size, "the size") for size in node.base.shape]
        if any(not 0 <= index <= size for index, size in zip(place, sizes, strict=True)):
            raise Undecided(f"the entry {node}", f"index {list(place)} is outside", "stay inside")
    if isinstance(array, np.ndarray) and (
        len(place) != array.ndim
        or any(not 0 <= k < size for k, size in zip(place, array.shape, strict=True))
    ):
        raise Undecided(f"the entry {node}", f"there is none at {list(place)}", "stay inside")
    return scope.value(sympy.sympify(array[place]))


def _array(base: sympy.IndexedBase, scope: Scope) -> Any:
    while scope.outer is not None:
        scope = scope.outer
    for known, array in scope.numbers.items():
        if isinstance(known, sympy.IndexedBase) and known.label == base.label:
            return array
    raise Undecided(f"the array {base}", "it has no value here", "draw it with the other unknowns")
