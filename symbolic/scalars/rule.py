"""Rules for SymPy lines: each rewrites a node, and is executed on a line wherever it applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy

from symbolic.scalars.facts import Facts

Rewrite = Callable[[sympy.Basic, Facts], sympy.Basic | None]
Order = Callable[[sympy.Expr, sympy.Expr, Facts], bool]  # whether one is at most the other
MOST_PASSES = 50  # an exhausted rule stops by itself; this only guards against a faulty rule
MOST_PLACES = 40  # single places of one line that are tried


@dataclass(frozen=True)
class ScalarRule:
    """One rule: its name, what it says, when it holds, where it is from, and what it does.

    `apply` rewrites one node under the facts known, or returns None where the rule does not apply.
    A rule about certain expressions keeps them in `about`, and `make` makes the rule from them.
    """

    name: str
    statement: str
    condition: str
    source: str
    apply: Rewrite
    about: tuple[sympy.Basic, ...] = ()
    make: Callable[..., ScalarRule] | None = None

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """What the rule makes of a line: applied everywhere, until it stops, and at one place each.

        Nothing where it does not apply.
        """
        everywhere = _everywhere(self.apply, line, facts)
        if everywhere == line:
            return ()
        last = everywhere
        for _ in range(MOST_PASSES):
            further = _everywhere(self.apply, last, facts)
            if further == last:
                break
            last = further
        found = dict.fromkeys((everywhere, last))
        for place, single in enumerate(_at_one_place(self.apply, line, facts)):
            if place == MOST_PLACES:
                break
            found[single] = None
        return tuple(each for each in found if each != line)

    def renamed(self, replace: Callable[[sympy.Basic], sympy.Basic]) -> ScalarRule:
        """The rule about other expressions."""
        return self.make(*map(replace, self.about)) if self.make is not None else self

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


@dataclass(frozen=True)
class ScalarBound:
    """A reason for `smaller <= larger`: its name, what it says, and the proof it carries out.

    A bound about certain expressions keeps them in `about`, and `make` makes it from them.
    """

    name: str
    statement: str
    condition: str
    source: str
    holds: Order
    about: tuple[sympy.Basic, ...] = ()
    make: Callable[..., ScalarBound] | None = None

    def renamed(self, replace: Callable[[sympy.Basic], sympy.Basic]) -> ScalarBound:
        """The bound about other expressions."""
        return self.make(*map(replace, self.about)) if self.make is not None else self

    def __repr__(self) -> str:
        return f"<bound {self.name}: {self.statement}>"


def _everywhere(apply: Rewrite, node: sympy.Basic, facts: Facts) -> sympy.Basic:
    """Each node rewritten once, its arguments first."""
    known = facts_of_parts(node, facts)
    args = [_everywhere(apply, each, k) for each, k in zip(node.args, known, strict=True)]
    rebuilt = _rebuilt(node, args)
    found = apply(rebuilt, facts)
    return rebuilt if found is None else found


def _at_one_place(apply: Rewrite, node: sympy.Basic, facts: Facts) -> Iterator[sympy.Basic]:
    """The line with the rule applied at one node, for each node where it applies; outermost first."""
    found = apply(node, facts)
    if found is not None:
        yield found
    known = facts_of_parts(node, facts)
    for place, (each, facts_there) in enumerate(zip(node.args, known, strict=True)):
        for changed in _at_one_place(apply, each, facts_there):
            yield _rebuilt(node, [*node.args[:place], changed, *node.args[place + 1 :]])


def facts_of_parts(node: sympy.Basic, facts: Facts) -> list[Facts]:
    """What is known in each argument of a node.

    The first is what a node binds variables in: nothing that was known of variables of these names
    holds there, but their ranges do. Ends of ranges and points are outside.
    """
    bound = bound_in(node)
    if not bound:
        return [facts] * len(node.args)
    kept = Facts(tuple(each for each in facts.conditions if not each.free_symbols & bound))
    several = len(getattr(node, "limits", ())) > 1  # then an end may name another variable
    inner = kept.having(*ranges(node, kept))
    return [inner, *[kept if several else facts] * (len(node.args) - 1)]


def bound_in(node: sympy.Basic) -> set[sympy.Basic]:
    """The variables that a node binds, or differentiates by.

    >>> t = sympy.Symbol("t")
    >>> bound_in(sympy.Integral(t**2, (t, 0, 1)))
    {t}
    """
    if isinstance(node, sympy.Limit):
        return {node.args[1]}
    if isinstance(node, sympy.Derivative):
        return {place for place, _ in node.variable_count}
    return set(getattr(node, "bound_symbols", ()))


def _rebuilt(node: sympy.Basic, args: list[sympy.Basic]) -> sympy.Basic:
    if all(new is old for new, old in zip(args, node.args, strict=True)):
        return node
    return node.func(*args)


def ranges(node: sympy.Basic, facts: Facts) -> Iterator[sympy.Basic]:
    """What holds of the bound variables inside an integral or a sum whose ends are in order.

    >>> t, x = sympy.symbols("t x", real=True)
    >>> list(ranges(sympy.Integral(t**2, (t, 0, 1)), Facts()))
    [t > 0, t < 1]
    >>> list(ranges(sympy.Integral(t**2, (t, 0, x)), Facts()))  # x may be less than 0
    []
    """
    if not isinstance(node, (sympy.Integral, sympy.Sum, sympy.Product)):
        return
    strict = isinstance(node, sympy.Integral)  # its ends do not matter
    for variable, *ends in node.limits:
        if len(ends) == 2 and variable.is_extended_real:
            low, high = ends
            if not facts.nonnegative(high - low if strict else high - low + 1):
                continue
            if low != -sympy.oo:
                yield variable > low if strict else variable >= low
            if high != sympy.oo:
                yield variable < high if strict else variable <= high
