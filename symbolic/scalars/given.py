"""What is given as an equation, used from left to right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import standard
from symbolic.scalars.rule import bound_in


@dataclass(frozen=True)
class AsGiven:
    """The reason that replaces the left side of an equation given by its right side."""

    name: str = "as given"
    statement: str = "the left side of an equation given is its right side"
    condition: str = "the equation is given"
    source: str = "the assumptions of the page"

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """The line with all equations used, and with each of them alone; nothing without any.

        >>> f, x = sympy.Function("f"), sympy.Symbol("x", integer=True)
        >>> whole = sympy.Sum(f(x), (x, 1, 3))
        >>> AsGiven().results(2 * whole, Facts((sympy.Eq(whole, 1),)))
        (2,)
        """
        usable = list(_usable(line, facts))
        last = line
        for equation in usable:
            last = _put(last, equation)
        found = (last, *(_put(line, equation) for equation in usable))
        return tuple(dict.fromkeys(each for each in found if each != line))

    def renamed(self, replace: Callable[[sympy.Basic], sympy.Basic]) -> AsGiven:
        """The equations belong to the page."""
        return self

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


def _usable(line: sympy.Basic, facts: Facts) -> Iterator[sympy.Eq]:
    """The equations about nothing that moves in the line: bound, or differentiated by."""
    moving = set().union(*map(bound_in, sympy.preorder_traversal(line)))
    for condition in facts.conditions:
        if isinstance(condition, sympy.Eq) and not condition.free_symbols & moving:
            yield condition


def _put(line: sympy.Basic, equation: sympy.Eq) -> sympy.Basic:
    wanted = standard(equation.lhs)
    return line.replace(lambda node: standard(node) == wanted, lambda node: equation.rhs)


as_given = AsGiven()
