"""Rules for counting whole numbers: conditions on them, and sums over those that meet one."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.innermost import of_sum
from symbolic.scalars.parameters import as_variable
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import Range


def at_most_whole_part(number: sympy.Symbol) -> ScalarRule:
    """A bound on a multiple of a whole number as a bound on the number itself.

    >>> t = sympy.Symbol("t", integer=True)
    >>> s, a = sympy.Symbol("s", positive=True), sympy.Symbol("a", real=True)
    >>> at_most_whole_part(t).results(s * t <= a, Facts())
    (t <= floor(a/s),)
    """
    number = as_variable(number, "at_most_whole_part")

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, (sympy.LessThan, sympy.GreaterThan)):
            return None
        gap = sympy.expand(node.gts - node.lts)
        step = -gap.coeff(number)
        rest = sympy.expand(gap + step * number)
        if number in rest.free_symbols | step.free_symbols or not facts.integer(number):
            return None
        if not (facts.positive(step) and facts.real(rest)):
            return None
        bounded = sympy.LessThan(number, sympy.floor(rest / step))
        return None if bounded == node else bounded

    return ScalarRule(
        "whole part",
        f"s {number} <= a says {number} <= floor(a/s)",
        f"{number} is an integer, s > 0 and a real",
        "the definition of the whole part",
        apply,
        (number,),
        at_most_whole_part,
    )


@of_sum
def _selected(term: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    index, low, _ = limits
    last = _last_selected(term, index)
    if last is None or not _is_an_end(last, limits, facts):
        return None
    return sympy.Sum(term.args[0].expr, (index, low, last))


def _last_selected(term: sympy.Expr, index: sympy.Symbol) -> sympy.Expr | None:
    """The c of a term that is f where index <= c, and 0 elsewhere."""
    if not isinstance(term, sympy.Piecewise) or len(term.args) != 2:
        return None
    (_, condition), (other, elsewhere) = term.args
    if other != 0 or elsewhere != sympy.true:
        return None
    if not isinstance(condition, (sympy.LessThan, sympy.GreaterThan)) or condition.lts != index:
        return None
    return None if index in condition.gts.free_symbols else condition.gts


def _is_an_end(last: sympy.Expr, limits: Range, facts: Facts) -> bool:
    """Whether a bound certainly is an integer from low - 1 to high."""
    _, low, high = limits
    if not facts.integer(last) or not facts.nonnegative(last - low + 1):
        return False
    above = last.args[0] if isinstance(last, sympy.floor) else last
    return facts.nonnegative(high - last) or facts.nonnegative(high - above)


sum_where = ScalarRule(
    "terms that are not zero",
    "sum(f(i) where i <= c and 0 elsewhere, i=a..b) = sum(f(i), i=a..c)",
    "c is an integer and a - 1 <= c <= b",
    "the laws of arithmetic",
    _selected,
)

__all__ = ["at_most_whole_part", "sum_where"]
