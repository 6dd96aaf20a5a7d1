"""Bound variables whose declared properties their ranges do not give: such a line has no meaning.

SymPy reasons with what a symbol was declared to be, also where it is bound: with t positive it takes
|t| for t in an integral from -1 to 1.
"""

from __future__ import annotations

import sympy

from derivations.languages import is_scalar
from derivations.statements import Line, sides
from symbolic.scalars.facts import Facts

_SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero")


def contradicted(line: Line, facts: Facts) -> str | None:
    """What is wrong with the first bound variable of a line that claims too much; None if none does.

    >>> t = sympy.Symbol("t", positive=True)
    >>> contradicted(sympy.Integral(t, (t, -1, 1)), Facts())
    't is declared positive, and its range says nothing of the kind'
    >>> contradicted(sympy.Integral(t, (t, 1, 2)), Facts()) is None
    True
    """
    for side in sides(line):
        if not is_scalar(side):
            continue
        for node in sympy.preorder_traversal(side):
            found = _contradicted(node, facts)
            if found is not None:
                return found
    return None


def _contradicted(node: sympy.Basic, facts: Facts) -> str | None:
    if isinstance(node, sympy.Limit):
        _, variable, point, _ = node.args
        ends = [point] if point.is_infinite else None
        return _too_much(variable, ends, facts)
    if not isinstance(node, (sympy.Integral, sympy.Sum, sympy.Product)):
        return None
    for variable, *ends in node.limits:
        if isinstance(node, sympy.Integral) and variable.is_integer:
            return f"{variable} is declared a whole number, and an integral runs over all numbers"
        reached = ends if isinstance(node, sympy.Integral) else ends[:1]
        found = _too_much(variable, reached if len(ends) == 2 else None, facts)
        if found is not None:
            return found
    return None


def _too_much(variable: sympy.Symbol, ends: list[sympy.Expr] | None, facts: Facts) -> str | None:
    """What is declared of a variable that does not hold at all ends of its range."""
    for word in _SIGNS:
        declared = getattr(variable, "_assumptions_orig", {}).get(word)
        if declared is None:
            continue
        known = declared and ends is not None and all(_is(word, end, facts) for end in ends)
        if not known:
            return f"{variable} is declared {word}, and its range says nothing of the kind"
    return None


def _is(word: str, end: sympy.Expr, facts: Facts) -> bool:
    if end.is_infinite:
        return (end == sympy.oo) == (word in ("positive", "nonnegative", "nonzero"))
    if word == "nonpositive":
        return facts.nonnegative(-end)
    return bool(getattr(facts, word)(end))
