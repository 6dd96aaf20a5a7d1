r"""Steps of an iteration: in `\theta_t = \theta_{t-1} - \eta g_t` the scripts are times, not indices.

The left side is a new name; behind it, a declared name with a time stands for its value at that time. The
state before is a term or factor on the right: deeper inside, as in `\tanh(W h_{t-1})`, it is not looked for.
"""

from __future__ import annotations

import re

from symbolic.reading.latex.scope import Scope
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import Symbol, bare_symbol, label_text

_TIME = re.compile(r"(\(?)([a-z])(\+1)?(\)?)")


def find_step(sides: list[Items], scope: Scope) -> tuple[str, frozenset[str]]:
    """The key of the new name on the left and the times of the step; ("", no times) for another formula."""
    nothing = "", frozenset[str]()
    if len(sides) < 2 or len(sides[0]) != 1:
        return nothing
    symbol, time = _timed(sides[0][0])
    found = _TIME.fullmatch(time)
    if (
        symbol is None
        or found is None
        or scope.is_taken(found[2])
        or not scope.find_quietly(symbol)
    ):
        return nothing
    opening, letter, next_one, closing = found.groups()
    before = f"{opening}{letter}{closing}" if next_one else f"{opening}{letter}-1{closing}"
    key = _key(symbol, time)
    if key in scope.keys or not _occurs(symbol, before, sides[1:]):
        return nothing
    return key, frozenset((time, before))


def _occurs(symbol: Symbol, time: str, sides: list[Items]) -> bool:
    timed = [_timed(item) for side in sides for item in side]
    return any(each is not None and (each.key, at) == (symbol.key, time) for each, at in timed)


def _timed(item: Item) -> tuple[Symbol | None, str]:
    """An item's symbol and its only script."""
    if item.primes or (item.sub is None) == (item.sup is None):
        return None, ""
    return bare_symbol(item), label_text(item.sub or item.sup) or ""


def _key(symbol: Symbol, time: str) -> str:
    return f"{symbol.key}^{{{time}}}" if time.startswith("(") else f"{symbol.key}_{{{time}}}"
