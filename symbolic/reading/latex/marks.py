r"""What single items are: signs, digits, marks of a derivative, transposes, orders."""

from __future__ import annotations

import re
from dataclasses import replace

from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import bare_symbol, label_text
from symbolic.reading.latex.syntax import Place
from symbolic.reading.parse_source import Source

OPERATORS = {
    "*": "*", "/": "/", r"\cdot": r"\cdot", r"\times": r"\times", r"\odot": r"\odot",
    r"\circ": r"\circ", r"\ast": "*", r"\otimes": r"\otimes", r"\oslash": r"\oslash",
    r"\div": "/", r"\star": r"\star",
}  # fmt: skip
RELATIONS = {
    "=": "=", "<": "<", ">": ">", r"\le": "<=", r"\leq": "<=", r"\leqslant": "<=", r"\ge": ">=",
    r"\geq": ">=", r"\geqslant": ">=", r"\lt": "<", r"\gt": ">", r"\approx": "~=", r"\simeq": "~=",
    r"\propto": "propto", r"\to": "->", r"\rightarrow": "->", r"\leftarrow": "<-", r"\gets": "<-",
    r"\in": "in", r"\equiv": "=", r"\coloneqq": ":=", r"\triangleq": ":=", r"\neq": "!=",
    r"\ne": "!=", r"\doteq": ":=", r"\succeq": "succeq",
    r"\preceq": "preceq", r"\succ": "succ", r"\prec": "prec",
}  # fmt: skip
BIG = {r"\sum": "sum", r"\prod": "prod", r"\max": "max", r"\min": "min"}


def sign_of(item: Item | None) -> str:
    return item.text if item is not None and item.kind in ("char", "command") else ""


def scripted(item: Item) -> bool:
    """Whether an item carries scripts."""
    return item.sub is not None or item.sup is not None or bool(item.primes)


def bare(item: Item) -> Item:
    """The item without its scripts."""
    return replace(item, sub=None, sup=None, primes=0)


def word_of(item: Item) -> str:
    return item.text.lstrip("\\") if item.kind in ("command", "word") else ""


def is_digit(item: Item | None) -> bool:
    return item is not None and item.kind == "char" and item.text.isdigit()


def is_d(item: Item) -> bool:
    return marker(item) != ""


def marker(item: Item) -> str:
    if sign_of(item) == r"\partial":
        return "partial"
    inner = item
    while inner.kind == "font" and len(inner.parts[0]) == 1:
        inner = inner.parts[0][0]
    return "d" if inner.kind in ("char", "word") and inner.text == "d" else ""


def is_special(item: Item) -> bool:
    r"""`\mathbf 1`, `\mathbb E` and the like: a digit or letter whose font says what it is."""
    return (
        (
            item.kind == "font"
            and len(item.parts[0]) == 1
            and (is_digit(item.parts[0][0]) or item.text == "mathbb")
        )
        or (item.kind == "word" and item.text in ("0", "1"))
        or sign_of(item) in (r"\mathbbm", r"\pi")
    )


def names_something(item: Item) -> bool:
    return bare_symbol(item) is not None and not is_d(item)


def order_of(items: Items | None) -> int | None:
    if not items:
        return 1
    if len(items) == 1 and is_digit(items[0]) and items[0].text in "123":
        return int(items[0].text)
    return None


def derivative_of_psi(item: Item) -> int | None:
    r"""How often psi is differentiated in `\psi''`, `\psi_2`, `\psi^{(2)}`; None for other scripts."""
    below, above = label_text(item.sub), label_text(item.sup)
    if below is None or above is None:
        return None
    said = [*([below] if below else []), *([above] if above else []), *(["'"] * bool(item.primes))]
    if len(said) != 1:
        return None if said else 0
    if item.primes:
        return item.primes
    digits = below or above.removeprefix("(").removesuffix(")") * above.startswith("(")
    return int(digits) if digits.isdecimal() and len(digits) < 3 else None


def places_of(items: Items) -> tuple[Place, ...] | None:
    """What a subscript of nabla differentiates by: one variable."""
    if len(items) == 1 and names_something(items[0]):
        return (place_of(items[0]),)
    return None


def place_of(item: Item) -> Place:
    if item.sup is not None and is_transpose(item.sup):
        return Place(replace(item, sup=None), True)
    return Place(item)


def is_transpose(items: Items) -> bool:
    r"""Whether a superscript is one of the usual spellings of the transpose: \top, \intercal, T upright."""
    if len(items) != 1 or scripted(items[0]):
        return False
    item = items[0]
    if sign_of(item) in (r"\top", r"\intercal", "T"):
        return True
    if item.kind == "word" and item.text in ("T", "t"):
        return True
    return item.kind == "font" and is_transpose(item.parts[0])


def places_below(items: Items, wholes: tuple[Item, ...] = ()) -> tuple[Place, ...] | None:
    """The variables below a derivative: a marker before each; a power repeats one that is no whole name."""
    found: list[Place] = []
    place = 0
    while place < len(items):
        if not is_d(items[place]) or scripted(items[place]) or place + 1 >= len(items):
            return None
        item = items[place + 1]
        if bare_symbol(item) is None:
            return None
        order = order_of(item.sup)
        if item.sup is not None and order is not None and order > 1 and item not in wholes:
            found += [place_of(replace(item, sup=None))] * order
        else:
            found.append(place_of(item))
        place += 2
    return tuple(found) or None


def ends_in_digit(item: Item) -> bool:
    """Whether an item ends in a script of one digit without braces."""
    script = (item.sup if item.sub_first and item.sup else item.sub or item.sup) or ()
    return len(script) == 1 and is_digit(script[0]) and script[0].end == item.end


def split_at(items: Items, symbols: tuple[str, ...]) -> list[Items]:
    """The runs of items between separators."""
    found: list[Items] = []
    start = 0
    for place, item in enumerate(items):
        if (
            item.kind in ("char", "break", "command")
            and item.text in symbols
            and not scripted(item)
        ):
            found.append(items[start:place])
            start = place + 1
    return [*found, items[start:]]


def occurs(text: str, items: Items) -> bool:
    """Whether a letter or command is anywhere in the items."""
    stack = list(items)
    while stack:
        item = stack.pop()
        if item.kind == "word":
            continue
        if item.text == text:
            return True
        for part in (*item.parts, item.sub or (), item.sup or ()):
            stack.extend(part)
    return False


def is_wide(before: Item, after: Item, source: Source) -> bool:
    """Whether wide space or a column's edge separates two items."""
    return bool(re.search(r"\\q?quad(?![a-zA-Z])|&", source.text[before.end : after.start]))
