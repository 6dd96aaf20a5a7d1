"""Random points at which an equation holds: all unknowns but one are drawn, and that one is solved for.

A symbol is solved for where the equation is affine in it, or where it occurs once inside functions that
have inverses. Where no symbol is, a constant or a linear term is added to the meaning of an undefined
function, which leaves it as generic as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sympy
from flint import arb
from numpy.random import Generator
from sympy.core.function import AppliedUndef, UndefinedFunction

from numeric.errors import Undecided
from numeric.scalars.assignments import Assignment, Unknown, may_be
from numeric.scalars.comparison import compare_scalars, enclose_scalar
from numeric.scalars.concrete import concrete, real_symbol
from numeric.scalars.conditions import flat, holds
from numeric.scalars.derivatives import written_out
from numeric.scalars.drawing import draw
from numeric.scalars.evaluation import scope_of
from numeric.scalars.memory import shape_of
from numeric.scalars.numbers_and_balls import Arithmetic
from symbolic.errors import ChainruleError, UnsupportedError

_ATTEMPTS = 6

Equation = Any  # sympy.Eq, or a pair of its sides


def solve_on(
    equation: Equation,
    unknowns: Iterable[Unknown],
    conditions: Iterable[sympy.Basic],
    rng: Generator,
) -> Assignment:
    """A random point of the domains at which an equation and the conditions hold.

    The equation is a `sympy.Eq` or a pair of sides. Conditions: it is solvable for one of the unknowns as
    the module says, else `Undecided`. The number of a solved symbol is an exact constant expression; that
    both sides agree at the point to 50 digits is checked as well.

    >>> import numpy as np
    >>> x, y = sympy.symbols("x y")
    >>> point = solve_on((3 * x, y), [x, y], [], np.random.default_rng(0))
    >>> bool(3 * point[x] == point[y])
    True
    """
    left, right = sides(equation)
    wanted = list(dict.fromkeys(unknowns))
    required = flat(conditions)
    reason = "it is not affine in any of the unknowns"
    for _ in range(_ATTEMPTS):
        start = draw(wanted, required, rng)
        for candidate in _candidates(left, right, start):
            try:
                if _agrees(left, right, candidate, required):
                    return candidate
            except ChainruleError as error:
                reason = str(error)
    raise Undecided(
        f"a point at which {left} = {right}", reason, "state an equation that can be solved"
    )


def sides(equation: Equation) -> tuple[sympy.Expr, sympy.Expr]:
    """The two sides of an equation.

    >>> x = sympy.Symbol("x")
    >>> sides(sympy.Eq(x, 1)) == sides((x, sympy.Integer(1)))
    True
    """
    if isinstance(equation, sympy.Eq):
        left, right = equation.args
    elif isinstance(equation, tuple) and len(equation) == 2:
        left, right = (sympy.sympify(side, strict=True) for side in equation)
    else:
        raise UnsupportedError(f"the equation {equation}", "no equation", "give Eq(left, right)")
    if shape_of(left) or shape_of(right):
        raise Undecided(f"a point at which {left} = {right}", "matrices", "state it entry by entry")
    return left, right


def _agrees(
    left: sympy.Expr, right: sympy.Expr, point: Assignment, conditions: Iterable[sympy.Basic]
) -> bool:
    inside = all(
        in_domain(unknown, value)
        for unknown, value in point.items()
        if isinstance(unknown, sympy.Symbol)
    )
    if not inside or not all(holds(condition, point) for condition in conditions):
        return False
    return compare_scalars(left, right, point).outcome == "equal"


def in_domain(symbol: sympy.Symbol, value: sympy.Expr) -> bool:
    """Whether a number certainly has all that is assumed of a symbol; `Undecided` if not certain.

    >>> in_domain(sympy.Symbol("x", positive=True), sympy.exp(1) - 3)
    False
    """
    nothing = Assignment({})
    found = enclose_scalar(value, nothing, 256)
    known = not value.has(sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit)
    if symbol.is_complex is not True and symbol.is_real is None and not isinstance(found, arb):
        return False
    for name, expected in symbol.assumptions0.items():
        if name in _BY_BALLS and expected:
            certain = isinstance(found, arb) and holds(_BY_BALLS[name](value), nothing)
        elif name in _OF_EVERY_NUMBER and expected:
            certain = True
        elif name in _OF_REAL_NUMBERS:
            certain = isinstance(found, arb) == expected
        elif name in _WHOLE or (name not in _IMPLIED and expected):
            certain = known and getattr(value, f"is_{name}") is expected
        else:
            certain = not known or getattr(value, f"is_{name}") in (expected, None)
        if not certain:
            return False
    return True


_OF_EVERY_NUMBER = {"commutative", "complex", "finite"}
_OF_REAL_NUMBERS = {"real", "extended_real", "hermitian"}
_WHOLE = {"integer", "even", "odd", "prime", "composite", "rational", "imaginary"}
_IMPLIED = {
    f"extended_{sign}" for sign in ("positive", "negative", "nonnegative", "nonpositive", "nonzero")
}
_BY_BALLS = {
    "positive": lambda value: sympy.Gt(value, 0, evaluate=False),
    "negative": lambda value: sympy.Lt(value, 0, evaluate=False),
    "nonnegative": lambda value: sympy.Ge(value, 0, evaluate=False),
    "nonpositive": lambda value: sympy.Le(value, 0, evaluate=False),
    "nonzero": lambda value: sympy.Ne(value, 0, evaluate=False),
}


def _candidates(left: sympy.Expr, right: sympy.Expr, start: Assignment) -> Iterator[Assignment]:
    """Points with one unknown solved for."""
    difference = sympy.Add(left, -right)
    symbols = [unknown for unknown in start if isinstance(unknown, sympy.Symbol)]
    for symbol in sorted(symbols, key=lambda symbol: bool(symbol.is_integer)):
        others = Assignment({name: value for name, value in start.items() if name != symbol})
        solved = _solved(difference, symbol, others)
        if solved is not None and may_be(symbol, solved):
            yield start.with_values({symbol: solved})
    for head in start:
        if not isinstance(head, UndefinedFunction):
            continue
        counts = {len(each.args) for each in difference.atoms(AppliedUndef) if each.func == head}
        if len(counts) != 1:
            continue
        meaning = start.meaning(head, counts.pop())
        for term in (sympy.S.One, *meaning.variables):
            free = sympy.Dummy("c", real=True)
            moved = sympy.Lambda(meaning.variables, meaning.expr + free * term)
            solved = _solved(difference, free, start.with_values({head: moved}))
            if solved is not None:
                fixed = sympy.Lambda(meaning.variables, moved.expr.xreplace({free: solved}))
                yield start.with_values({head: fixed})


def _solved(difference: sympy.Expr, symbol: sympy.Symbol, others: Assignment) -> sympy.Expr | None:
    """The value of a symbol at which an expression is 0, None where it is not found."""
    letter = real_symbol(symbol)
    numbers = {
        real_symbol(name): value for name, value in others.items() if isinstance(name, sympy.Symbol)
    }
    arrays = {name: value for name, value in others.items() if isinstance(name, sympy.IndexedBase)}
    scope = scope_of({**numbers, **arrays}, Arithmetic())
    try:
        whole = written_out(concrete(difference, others), scope).subs(numbers)
    except Undecided:
        return None
    if letter not in whole.free_symbols:
        return None
    if arrays:
        return None
    slope = sympy.expand(sympy.diff(whole, letter))
    if letter not in slope.free_symbols:
        if enclose_scalar(slope, {}, 256).contains(0):
            return None
        return -whole.subs(letter, 0) / slope
    return _isolated(sympy.fraction(sympy.together(whole))[0], sympy.S.Zero, letter)


def _isolated(side: sympy.Expr, value: sympy.Expr, letter: sympy.Symbol) -> sympy.Expr | None:
    """The letter from side = value, where it occurs in one place inside functions with inverses."""
    while side != letter:
        holding = [arg for arg in side.args if letter in arg.free_symbols]
        if len(holding) != 1:
            return None
        rest = [arg for arg in side.args if letter not in arg.free_symbols]
        if isinstance(side, sympy.Add):
            value = value - sympy.Add(*rest)
        elif isinstance(side, sympy.Mul):
            value = value / sympy.Mul(*rest)
        elif isinstance(side, sympy.exp):
            value = sympy.log(value)
        elif isinstance(side, sympy.log):
            value = sympy.exp(value)
        elif isinstance(side, sympy.Pow) and letter in side.base.free_symbols:
            value = value ** (1 / side.exp)
        elif isinstance(side, sympy.Pow):
            value = sympy.log(value) / sympy.log(side.base)
        else:
            return None
        side = holding[0]
    return value
