"""Random points of scalar expressions, at which conditions hold exactly."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import sympy

from numeric.scalars.assignments import Assignment, Unknown
from numeric.scalars.drawing_numbers import draw_numbers
from numeric.scalars.drawing_spaces import draw_with_space, needs_space


def draw(
    unknowns: Iterable[Unknown], conditions: Iterable[sympy.Basic], rng: np.random.Generator
) -> Assignment:
    """A random point: a rational number for every symbol, a smooth function for every undefined one.

    Symbols: their assumptions are the domain, one without any is real, one with `complex=True` is
    complex; positive integers are small and, where possible, all different. Undefined functions:
    `sympy.Function("f")`, or applied as in f(x, y), which tells how many arguments it has. Arrays: a
    `sympy.IndexedBase`. Conditions: SymPy relations; all hold exactly at the point, an `Eq` with a lone
    symbol by setting it; `Undecided` where no such point is found.

    >>> a, b = sympy.symbols("a b")
    >>> point = draw([a, b, sympy.Function("f")], [0 < a, a < b, b < 1], np.random.default_rng(0))
    >>> bool(0 < point[a] < point[b] < 1)
    True
    """
    wanted, given = list(dict.fromkeys(unknowns)), list(conditions)
    choose = draw_with_space if needs_space(wanted, given) else draw_numbers
    return choose(wanted, given, rng)
