"""Sizes and moderate random values in the domains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from symbolic import Expression, Variable
from symbolic.traverse import variables
from tests.symbolic.random_expressions.writer import D, K, N

Array = Any
Shape = tuple[Any, ...]
SIZES = {N: 3, D: 2, K: 4}
ONE = {N: 1, D: 3, K: 2}


def draw(
    expressions: Expression | list[Expression],
    sizes: Mapping[sympy.Symbol, int],
    random: np.random.Generator,
) -> dict[Variable, Array]:
    """Moderate random values of the variables, in their domains as far as the language asks."""
    roots = [expressions] if isinstance(expressions, Expression) else expressions
    found: dict[Variable, Array] = {}
    for root in roots:
        for variable in variables(root):
            if variable not in found:
                found[variable] = _value(variable, sizes, random)
    return found


def _value(
    variable: Variable, sizes: Mapping[sympy.Symbol, int], random: np.random.Generator
) -> Array:
    shape = lengths(variable.shape, sizes)
    x = random.standard_normal(shape)
    match variable.domain:
        case "positive" | "nonnegative":
            return random.uniform(0.3, 2.0, shape)
        case "unit":
            return random.uniform(0.1, 0.9, shape)
        case "binary":
            return random.integers(0, 2, shape).astype(float)
        case "prob":
            e = np.exp(x)
            return e / e.sum(axis=-1, keepdims=True)
        case "onehot":
            return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
        case "unit_norm":
            return x / np.sqrt((x * x).sum())
        case "symmetric":
            return (x + x.T) / 2
        case "spd":
            return x @ x.T + np.eye(shape[0])
        case "diagonal":
            return np.diag(np.diag(x))
        case "real":
            return x
    raise NotImplementedError(variable.domain)


def lengths(shape: Shape, sizes: Mapping[sympy.Symbol, int]) -> tuple[int, ...]:
    """The shape in numbers."""
    return tuple(int(sympy.sympify(size).xreplace(dict(sizes))) for size in shape)
