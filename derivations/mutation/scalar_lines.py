"""SymPy lines, each with one thing changed."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy.core.function import AppliedUndef

from symbolic.scalars.normal import is_matrix

Change = tuple[str, sympy.Basic]  # what kind of change, and the line with it

_EXCHANGED = {sympy.sin: sympy.cos, sympy.cos: sympy.sin, sympy.exp: sympy.log, sympy.log: sympy.exp,
              sympy.Max: sympy.Min, sympy.Min: sympy.Max}  # fmt: skip


def changed(line: sympy.Basic) -> Iterator[Change]:
    """The line with a sign, a factor, a power, an index, a function or a bound changed."""
    if is_matrix(line):
        yield "sign", -line
        if line.shape[0] == line.shape[1]:
            yield "transposition", line.T
    elif isinstance(line, sympy.Expr):
        yield "summand", line + 1
        if line != 0:
            yield "sign", -line
            yield "factor", 2 * line
    for node in _nodes(line):
        for kind, new in _changed_node(node):
            found = _with(line, node, new)
            if found is not None and found != line:
                yield kind, found


def _changed_node(node: sympy.Basic) -> Iterator[Change]:
    if isinstance(node, sympy.Add):
        for term in node.args:
            yield "sign", node - 2 * term
    elif isinstance(node, sympy.Mul):
        yield "factor", 2 * node
    elif isinstance(node, sympy.Pow):
        base, exponent = node.args
        yield "power", base ** (exponent + 1)
    elif isinstance(node, (sympy.Integral, sympy.Sum)):
        (variable, *ends), *others = node.limits
        if len(ends) == 2 and ends[1].is_finite is not False:
            yield "bound", node.func(node.function, (variable, ends[0], ends[1] + 1), *others)
    elif type(node) in _EXCHANGED:
        yield "function", _EXCHANGED[type(node)](*node.args)
    elif isinstance(node, AppliedUndef) and len(node.args) > 1:
        yield "index", node.func(*reversed(node.args))
    elif isinstance(node, sympy.Indexed):
        yield "index", node.base[tuple(each + 1 for each in node.indices)]


def _nodes(line: sympy.Basic) -> list[sympy.Basic]:
    """The nodes below a line, each once; a limit's or a derivative's place is not one of them."""
    found: dict[sympy.Basic, None] = {}
    waiting = [line]
    while waiting:
        node = waiting.pop()
        if node in found or node.is_Atom:
            continue
        found[node] = None
        places = isinstance(node, (sympy.Derivative, sympy.Limit, sympy.Subs))
        waiting.extend(node.args[:1] if places else node.args)
    return list(found)


def _with(line: sympy.Basic, old: sympy.Basic, new: sympy.Basic) -> sympy.Basic | None:
    try:
        return line.xreplace({old: new})
    except (TypeError, ValueError):
        return None  # SymPy allows no such expression
