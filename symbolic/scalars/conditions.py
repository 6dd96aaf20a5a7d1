"""What has to hold for a SymPy line to have a value, besides what is known of its symbols.

What it divides by is not 0, the argument of a logarithm is positive, a series or an improper integral
converges. What certainly holds is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy

from symbolic.scalars import printing
from symbolic.scalars.facts import Facts
from symbolic.scalars.recursion import Recursion
from symbolic.scalars.rule import bound_in, facts_of_parts
from symbolic.scalars.smoothness import integrable, is_finite, within
from symbolic.scalars.substituting import put

_POSITIVE_ARGUMENT = (sympy.log, sympy.gamma, sympy.loggamma)
_RUNNING = (sympy.Sum, sympy.Product)
_NEAR = (
    sympy.Limit,
    Recursion,
)  # what these bind runs where only the result tells whether all is well
_LATEX = {"!= 0": r"\ne 0", "> 0": "> 0", ">= 0": r"\ge 0"}
Ranges = tuple[tuple[sympy.Symbol, sympy.Expr, sympy.Expr], ...]


@dataclass(frozen=True)
class Condition:
    """One thing that has to hold: what it is about, what is said of it, and for which values of an index.

    >>> i, n = sympy.symbols("i n", integer=True)
    >>> print(Condition(i - n, "!= 0", ((i, sympy.Integer(1), n),)))
    i - n != 0 for i = 1..n
    """

    about: sympy.Expr
    statement: str
    ranges: Ranges = ()

    def __str__(self) -> str:
        running = ", ".join(
            f"{i} = {printing.text(a)}..{printing.text(b)}" for i, a, b in self.ranges
        )
        return f"{printing.text(self.about)} {self.statement}" + (running and f" for {running}")

    def latex(self) -> str:
        """The condition as LaTeX."""
        said = _LATEX.get(self.statement, rf"\text{{ {self.statement}}}")
        running = ", ".join(
            rf"{printing.latex(i)} = {printing.latex(a)}, \dots, {printing.latex(b)}"
            for i, a, b in self.ranges
        )
        for_each = rf" \quad \text{{for }} {running}" if running else ""
        return f"{printing.latex(self.about)} {said}{for_each}"


def conditions(line: sympy.Basic, facts: Facts) -> tuple[Condition, ...]:
    """What has to hold for a line to have a value, under the facts known, each once.

    >>> x, c = sympy.symbols("x c", real=True)
    >>> print(*conditions(sympy.log(1 + x**2) / (x - c), Facts()), sep="; ")
    x - c != 0
    >>> conditions(1 / (x - c), Facts((x > c,)))
    ()
    """
    return tuple(dict.fromkeys(_inside(line, facts, frozenset(), ())))


def _inside(
    node: sympy.Basic, facts: Facts, hidden: frozenset[sympy.Basic], ranges: Ranges
) -> Iterator[Condition]:
    """The conditions of a node and its parts; none on symbols that are `hidden`."""
    if isinstance(node, sympy.Piecewise):
        for _, case in node.args:
            yield from _inside(case, facts, hidden, ranges)
        return
    if isinstance(node, sympy.Subs):
        yield from _at_points(node, facts, hidden, ranges)
        return
    for about, statement in _of_node(node, facts):
        for each in _unless_it_holds(about, statement, facts):
            if not each.about.free_symbols & hidden:
                used = tuple(limits for limits in ranges if limits[0] in each.about.free_symbols)
                yield replace(each, ranges=used)
    parts = list(zip(node.args, facts_of_parts(node, facts), strict=True))
    for place, (part, known) in enumerate(parts):
        if place == 0 and isinstance(node, (*_RUNNING, sympy.Integral)):
            known = facts_of_parts(node, facts)[0].having(*_between(node))
            running = tuple(tuple(each) for each in reversed(node.limits) if len(each) == 3)
            below = hidden | bound_in(node) if isinstance(node, sympy.Integral) else hidden
            yield from _inside(part, known, below, (*ranges, *running))
        elif isinstance(node, _NEAR):
            yield from _inside(part, known, hidden | bound_in(node), ranges)
        else:
            yield from _inside(
                part, known if not isinstance(node, sympy.Derivative) else facts, hidden, ranges
            )


def _between(node: sympy.Sum | sympy.Product | sympy.Integral) -> Iterator[sympy.Basic]:
    """What holds of the indices of a sum or product: where it is empty, nothing is needed."""
    for variable, *ends in node.limits if isinstance(node, _RUNNING) else ():
        if len(ends) == 2 and variable.is_integer:
            yield from (variable >= end for end in ends[:1] if is_finite(end))
            yield from (variable <= end for end in ends[1:] if is_finite(end))


def _at_points(
    node: sympy.Subs, facts: Facts, hidden: frozenset[sympy.Basic], ranges: Ranges
) -> Iterator[Condition]:
    """The conditions of the expression with the points put for its variables."""
    points = dict(zip(node.variables, node.point, strict=True))
    for each in _inside(node.expr, facts, frozenset(), ()):
        about = put(each.about, points)
        for there in _unless_it_holds(about, each.statement, facts):
            if not there.about.free_symbols & hidden:
                yield replace(there, ranges=ranges)
    for point in node.point:
        yield from _inside(point, facts, hidden, ranges)


def _of_node(node: sympy.Basic, facts: Facts) -> Iterator[tuple[sympy.Expr, str]]:
    if isinstance(node, sympy.Pow):
        base, exponent = node.args
        if base.is_number or (exponent.is_integer and facts.nonnegative(exponent)):
            return
        if exponent.is_integer:
            yield base, "!= 0"
        elif base.is_extended_real:
            yield base, ">= 0" if facts.positive(exponent) else "> 0"
    elif isinstance(node, _POSITIVE_ARGUMENT) and node.args[0].is_extended_real:
        yield node.args[0], "> 0"
    elif isinstance(node, _RUNNING):
        if not all(is_finite(end) for limits in node.limits for end in limits[1:]):
            yield node, "converges"
    elif isinstance(node, sympy.Integral) and not _exists(node, facts):
        yield node, "exists"


def _exists(integral: sympy.Integral, facts: Facts) -> bool:
    """Whether an integral certainly exists, one range after the other, the innermost first."""
    if any(len(limits) != 3 for limits in integral.limits):
        return False
    for place, limits in enumerate(integral.limits):
        inner = (
            sympy.Integral(integral.function, *integral.limits[:place])
            if place
            else integral.function
        )
        known = facts
        for outer in reversed(integral.limits[place + 1 :]):
            known = within(known, tuple(outer))
        if not integrable(inner, tuple(limits), known):
            return False
    return True


def _unless_it_holds(about: sympy.Expr, statement: str, facts: Facts) -> Iterator[Condition]:
    """The condition, on each factor of a product alone; nothing where it holds."""
    if statement == "!= 0":
        for factor in _factors(about):
            if not _nonzero(factor, facts):
                yield Condition(factor, statement)
    elif statement == "> 0":
        left = [each for each in sympy.Mul.make_args(about) if not _positive(each, facts)]
        if left:
            yield Condition(sympy.Mul(*left), statement)
    elif statement != ">= 0" or not (facts.nonnegative(about) or _positive(about, facts)):
        yield Condition(about, statement)


def _factors(e: sympy.Expr) -> Iterator[sympy.Expr]:
    """What has to differ from 0 for a product to do so."""
    for factor in sympy.Mul.make_args(e):
        if isinstance(factor, sympy.Abs):
            yield from _factors(factor.args[0])
        elif factor.is_Pow and factor.exp.is_Rational:
            yield from _factors(factor.base)
        else:
            yield factor


def _nonzero(e: sympy.Expr, facts: Facts) -> bool:
    return bool(facts.nonzero(e) or _positive(e, facts) or _positive(-e, facts))


def _positive(e: sympy.Expr, facts: Facts) -> bool:
    """Whether e > 0 for certain: 1 - b^n with b < 1, sums with terms, and recursions as well."""
    if facts.positive(e):
        return True
    if isinstance(e, sympy.Add) and len(e.args) == 2 and sympy.S.One in e.args:
        base, exponent = (1 - e).as_base_exp()
        small = facts.positive(base) and facts.positive(1 - base)
        return bool(small and facts.positive(exponent))
    if isinstance(e, sympy.Sum) and len(e.limits) == 1 and len(e.limits[0]) == 3:
        filled = facts.nonnegative(e.limits[0][2] - e.limits[0][1])
        return bool(filled and _positive(e.function, facts_of_parts(e, facts)[0]))
    if isinstance(e, sympy.factorial):
        return facts.nonnegative(e.args[0])
    if isinstance(e, Recursion):
        before = sympy.Dummy(nonnegative=True)
        runs = facts.positive(e.count) and facts.nonnegative(e.start)
        return bool(runs and _positive(put(e.args[0], {e.args[1]: before}), Facts()))
    return False


__all__ = ["Condition", "conditions"]
