r"""What a declared LaTeX key names: a symbol, a derivative, a function of parameters, an indexed name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from symbolic.errors import NameUnknownError
from symbolic.reading.latex.fences import match_fences
from symbolic.reading.latex.structure import Item, Items, read_structure
from symbolic.reading.latex.symbols import Symbol, bare_symbol, label_text, whole_symbol
from symbolic.reading.parse_source import Source, shorten

_MAX_KEY = 300


@dataclass(frozen=True)
class Key:
    """A declared key: the key text that tells it from others, its identifier, its parameters."""

    key: str
    name: str
    item: Item
    parameters: tuple[str, ...] = ()


def key_name(text: str) -> str:
    r"""The identifier of a LaTeX key.

    >>> key_name(r"\frac{\partial L}{\partial \hat{x}}"), key_name("W^{(2)}")
    ('dL_dx_hat', 'W_2')
    """
    return read_key(text).name


@lru_cache(maxsize=1024)
def read_key(text: str) -> Key:
    """What a declared key names."""
    items = key_items(text)
    if len(items) == 2 and items[1].kind == "fence" and items[1].text == "()":
        symbol = whole_symbol(items[0])
        if symbol is not None:
            parameters = re.split(r"[,;]", label_text(items[1].parts[0]) or "")
            return Key(symbol.key, symbol.name, items[0], tuple(parameters))
    if len(items) == 1 and items[0].kind == "fence" and items[0].text == "||":
        inside = whole_symbol(items[0].parts[0][0]) if len(items[0].parts[0]) == 1 else None
        if inside is not None:
            return Key(f"|{inside.key}|", f"size_{inside.name}", items[0])
    if len(items) == 3 and items[0].text == r"\nabla" and items[2].kind == "fence":
        derivative = derivative_key(items[:2])
        arguments = _argument_symbols(items[2].parts[0])
        if derivative is not None and arguments:
            keys = ",".join(each.key for each in arguments)
            shown = "_".join(each.name for each in arguments)
            return Key(f"{derivative[0]}({keys})", f"{derivative[1]}_at_{shown}", items[0])
    if len(items) == 1 or (len(items) == 2 and items[0].text == r"\nabla"):
        derivative = derivative_key(items)
        if derivative is not None:
            return Key(derivative[0], derivative[1], items[0])
        symbol = whole_symbol(items[0]) if len(items) == 1 else None
        if symbol is not None:
            return Key(symbol.key, symbol.name, items[0])
    differential = len(items) == 2 and whole_symbol(items[0]) == Symbol("d")
    symbol = whole_symbol(items[-1]) if differential else None
    if symbol is not None:
        return Key(f"d {symbol.key}", f"d{symbol.name}", items[-1])
    raise NameUnknownError(
        f"{shorten(text)!r}",
        "neither a name nor LaTeX for one",
        r"declare a letter with its scripts, as in r'\delta^{(l)}', or a derivative",
    )


def key_items(text: str) -> Items:
    """The items of a key."""
    if len(text) > _MAX_KEY:
        raise NameUnknownError(shorten(text), f"{len(text)} characters", "use a shorter name")
    source = Source(text.strip())
    return match_fences(read_structure(source), source)


def _argument_symbols(items: Items) -> list[Symbol]:
    """The symbols between commas; none where something else stands there."""
    found = [whole_symbol(item) for item in items if item.text != ","]
    return [each for each in found if each is not None] if None not in found else []


def derivative_key(items: Items) -> tuple[str, str] | None:
    r"""The key and identifier of a derivative that is used as a name, as `\frac{\partial L}{\partial z}`."""
    first = items[0]
    if first.kind == "fraction" and not _scripted(first):
        top, bottom = first.parts
        if len(top) != 2 or len(bottom) != 2 or not (_is_d(top[0]) and _is_d(bottom[0])):
            return None
        of, by = whole_symbol(top[1]), whole_symbol(bottom[1])
    elif first.text == r"\nabla" and len(items) == 2 and first.sup is None:
        of = whole_symbol(items[1])
        by = (
            Symbol("")
            if not first.sub
            else whole_symbol(first.sub[0])
            if len(first.sub) == 1
            else None
        )
    else:
        return None
    if of is None or by is None:
        return None
    return derivative_names(of, by)


def derivative_names(of: Symbol, by: Symbol) -> tuple[str, str]:
    """The key and the identifier of the derivative of one symbol by another."""
    key = f"d({of.key})/d({by.key})" if by.base else f"d({of.key})"
    return key, f"d{of.name}_d{by.name}" if by.base else f"grad_{of.name}"


def _scripted(item: Item) -> bool:
    return item.sub is not None or item.sup is not None or bool(item.primes)


def _is_d(item: Item) -> bool:
    if item.kind == "command" and item.text == r"\partial":
        return item.sup is None
    return bare_symbol(item) == Symbol("d")
