"""Putting values for symbols, without any of their symbols being caught by a bound variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy


def put(e: sympy.Basic, values: Mapping[sympy.Symbol, sympy.Basic]) -> sympy.Basic:
    """An expression with values for free symbols, all at once; bound variables make way.

    >>> x, k = sympy.symbols("x k", integer=True)
    >>> print(put(sympy.Sum(x * k, (k, 1, 3)), {x: k}).doit())
    6*k
    """
    meant = {symbol for value in values.values() for symbol in value.free_symbols}
    free = making_way(e, meant)
    if len(values) == 1:
        return free.subs(dict(values))
    return free.subs(dict(values), simultaneous=True)


def making_way(e: sympy.Basic, symbols: set[sympy.Basic]) -> sympy.Basic:
    """An expression in which none of these symbols is a bound variable."""
    if e.is_Atom or not e.args:
        return e
    args = [making_way(each, symbols) for each in e.args]
    if any(new is not old for new, old in zip(args, e.args, strict=True)):
        e = e.func(*args)
    if isinstance(e, sympy.Limit):
        body, variable, *rest = e.args
        names = other_names([variable], symbols, e)
        return sympy.Limit(body.xreplace(names), variable.xreplace(names), *rest) if names else e
    if isinstance(e, sympy.Subs):
        body, places, points = e.args
        names = other_names(places, symbols, e)
        return sympy.Subs(body.xreplace(names), places.xreplace(names), points) if names else e
    if not isinstance(e, (sympy.Integral, sympy.Sum, sympy.Product)):
        return e
    names = other_names([limit[0] for limit in e.limits], symbols, e)
    if not names:
        return e
    limits = []
    for place, (variable, *ends) in enumerate(e.limits):
        outer = {v[0]: names[v[0]] for v in e.limits[place + 1 :] if v[0] in names}
        limits.append((variable.xreplace(names), *(end.xreplace(outer) for end in ends)))
    return e.func(e.function.xreplace(names), *limits)


def other_names(
    bound: Iterable[sympy.Symbol], symbols: set[sympy.Basic], e: sympy.Basic
) -> dict[sympy.Basic, sympy.Basic]:
    """Other names for the bound variables in the way, with underscores until nothing has them."""
    taken = {each.name for each in e.atoms(sympy.Symbol) | symbols if hasattr(each, "name")}
    names: dict[sympy.Basic, sympy.Basic] = {}
    for each in bound:
        if each in symbols:
            name = each.name
            while name in taken:
                name += "_"
            taken.add(name)
            names[each] = sympy.Symbol(name, **each.assumptions0)
    return names
