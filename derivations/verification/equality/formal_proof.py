"""A proof entry by entry: both sides as rational functions of generators, one region of signs at a time.

Sizes have to be numbers. The difference of both sides is taken to lowest terms over generators; where it
is zero, in every region of the signs that matter, the two are equal wherever both have a value.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from derivations.verification.equality.formal_arithmetic import Formal, entry_reader, positions
from derivations.verification.equality.formal_field import OutOfReachError, Quotient
from derivations.verification.equality.formal_regions import vanish_everywhere
from numeric.errors import Undecided
from numeric.walker import walk
from symbolic.algebra.signs import nonnegative
from symbolic.calculus.accumulation import accumulate
from symbolic.functions import Unspecified as UnspecifiedFunction
from symbolic.nodes import (
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Iverson,
    Unspecified,
    Variable,
    kernel_symbol,
)
from symbolic.traverse import postorder, substitute, variables, with_children

Choice = Mapping[Variable, tuple[int, ...]]

_MOST_CHOICES = 16
_FEW_VALUES = {"binary": (0, 1), "pm1": (-1, 1)}
_INTEGERS = {"counts", "index", "binary", "pm1", "onehot"}


def equal_over_generators(left: Expression, right: Expression, *, quick: bool = False) -> bool:
    """Whether two expressions of explicit size are one rational function of generators.

    With `quick`, without going through the signs of what stands in comparisons.

    >>> from symbolic import parse
    >>> given = {"x": "", "y": ""}
    >>> a, b = parse("tanh(x + y)", given), parse("(tanh(x) + tanh(y))/(1 + tanh(x)*tanh(y))", given)
    >>> equal_over_generators(a, b)
    True
    >>> a, b = parse("abs(x*y)", given), parse("abs(x)*abs(y)", given)
    >>> equal_over_generators(a, b)
    True
    """
    try:
        sides = [worked_out(left), worked_out(right)]
        _check_explicit(sides)
        return all(_proved(sides, choice, quick) for choice in _choices(sides))
    except (OutOfReachError, Undecided):
        return False


def _choices(sides: Sequence[Expression]) -> list[Choice]:
    """The values of the variables that have few: each in turn, or none where they are too many."""
    options: list[list[tuple[Variable, tuple[int, ...]]]] = []
    for variable in variables(sides):
        count = prod(int(size) for size in variable.shape)
        values = _FEW_VALUES.get(variable.domain)
        if values is not None and len(values) ** count <= _MOST_CHOICES:
            options.append([(variable, entries) for entries in product(values, repeat=count)])
    if prod(len(each) for each in options) > _MOST_CHOICES:
        options = []
    found: list[Choice] = [dict(choice) for choice in product(*options)]
    fixed = set(found[0])
    for node in postorder(sides):
        if isinstance(node, Elementwise):
            check_powers(node, fixed)
    return found


def worked_out(expression: Expression) -> Expression:
    """The expression with its derivatives taken."""
    new: dict[Expression, Expression] = {}
    for node in postorder(expression):
        rebuilt = with_children(node, tuple(new[child] for child in node.children))
        if isinstance(rebuilt, Derivative):
            (rebuilt,) = accumulate(rebuilt.expression, [rebuilt.variable])
        new[node] = rebuilt
    return new[expression]


def without_meaning(node: Expression) -> bool:
    """Whether a node is a function of which nothing is known."""
    if isinstance(node, Elementwise):
        return bool(node.kernel.expr.has(AppliedUndef, UnspecifiedFunction))
    return isinstance(node, Unspecified)


def _check_explicit(sides: Sequence[Expression]) -> None:
    """`OutOfReachError` for sizes that are letters and functions without a meaning."""
    for node in postorder(sides):
        if without_meaning(node) or isinstance(node, Derivative):
            raise OutOfReachError("a function that is not specified")
        if has_letters(node):
            raise OutOfReachError("a size that is a letter")


def has_letters(node: Expression) -> bool:
    """Whether a node mentions a size that is a letter."""
    mentioned: list[Any] = [*node.shape]
    if isinstance(node, Contraction):
        mentioned += [node.coefficient, *node.sizes]
    elif isinstance(node, Elementwise):
        mentioned.append(node.kernel)
    elif isinstance(node, Iverson):
        mentioned += [*node.coefficients, node.offset]
    return any(isinstance(each, sympy.Basic) and each.free_symbols for each in mentioned)


def check_powers(node: Elementwise, fixed: Container[Variable]) -> None:
    """`OutOfReachError` for powers b**c that are not always exp(c*log(b)): b negative, c a whole number."""
    for power in node.kernel.expr.atoms(sympy.Pow):
        if power.exp.is_Rational or power.base is sympy.E:
            continue
        base = Elementwise(sympy.Lambda(node.kernel.variables, power.base), node.operands)
        whole = any(v.domain in _INTEGERS and v not in fixed for v in variables(node))
        if whole and not nonnegative(base):
            raise OutOfReachError("a power of what may be negative")


def _proved(sides: Sequence[Expression], choice: Choice, quick: bool) -> bool:
    over = Formal()
    places: dict[Expression, Expression] = {}
    values = {}
    for number, variable in enumerate(variables(sides)):
        shape = tuple(int(size) for size in variable.shape)
        if variable in choice:
            over.fix(variable, choice[variable])
        else:
            over.declare(variable, shape)
        x = kernel_symbol(0)
        reader = sympy.Lambda((x,), entry_reader(variable)(x))
        place = Variable(f"place{number}", variable.shape)
        places[variable] = Elementwise(reader, [place])
        values[place] = positions(shape)
    read = [substitute(side, places) for side in sides]

    def differences() -> list[Quotient]:
        first, second = walk(read, values, None, over)
        return [a - b for a, b in zip(first.flat, second.flat, strict=True)]

    return vanish_everywhere(over, differences, quick=quick)
