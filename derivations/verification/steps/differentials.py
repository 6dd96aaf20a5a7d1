"""Differentials: dF = <G, dX>, with the variables that vary told from those held constant."""

from __future__ import annotations

from collections.abc import Iterable

from symbolic import Expression, Named, Variable, differential
from symbolic.operations import subtract
from symbolic.traverse import substitute, unfold, variables


def moving(sides: Iterable[Expression], known: Iterable[Expression]) -> tuple[Variable, ...]:
    """The variables whose differentials occur; else those under the intermediates whose do."""
    names = {variable.name for side in sides for variable in variables(unfold(side))}
    mentioned = [each for each in known if f"d{_name(each)}" in names]
    direct = tuple(each for each in mentioned if isinstance(each, Variable))
    if direct:
        return direct
    under = [variables(unfold(each)) for each in mentioned]
    return tuple(dict.fromkeys(each for found in under for each in found))


def differential_of(function: Expression, varying: Iterable[Variable]) -> Expression:
    """The differential of a function when only some variables vary."""
    whole = unfold(function)
    inside = set(variables(whole))
    places = [variable for variable in varying if variable in inside]
    if not places:
        return subtract(whole, whole)
    return differential(whole, places)


def resolved(
    side: Expression, known: Iterable[Expression], varying: Iterable[Variable]
) -> Expression:
    """A side with differentials of intermediates written out, and those of constants zero."""
    wanted = tuple(varying)
    values: dict[Expression, Expression] = {}
    for each in known:
        symbol = Variable(f"d{_name(each)}", each.shape)
        if isinstance(each, Named):
            values[symbol] = differential_of(each, wanted)
        elif each not in wanted:
            values[symbol] = subtract(symbol, symbol)
    return substitute(side, values)


def _name(each: Expression) -> str:
    return each.name if isinstance(each, (Variable, Named)) else ""
