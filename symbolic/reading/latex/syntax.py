"""The syntax tree of a formula: what is written, before names are looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import bare_symbol


@dataclass(frozen=True)
class Node:
    """A piece of a formula, from character `start` to `end` of its text."""

    start: int
    end: int


@dataclass(frozen=True)
class Number(Node):
    """A number without sign."""

    text: str


@dataclass(frozen=True)
class Name(Node):
    """A letter or word with its scripts: a name, an entry of one, a power or transpose of one."""

    item: Item


@dataclass(frozen=True)
class Scripted(Node):
    """Scripts at something that is no name: `(A + B)^\\top`, `|x|^2`, `f(x)_j`."""

    base: Node
    item: Item


@dataclass(frozen=True)
class Fenced(Node):
    """What stands in brackets or bars, in parts between commas."""

    style: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Terms(Node):
    """A sum of terms with their signs."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True)
class Product(Node):
    """Factors with the operator before each: "" for juxtaposition."""

    factors: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Fraction(Node):
    """A quotient with a bar."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Root(Node):
    """A root of some degree."""

    degree: int
    body: Node


@dataclass(frozen=True)
class Call(Node):
    """A function (with the scripts at its name) of arguments."""

    function: Item
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Range:
    """What a sum runs over: indices, bounds as written, conditions between indices, and other tests."""

    indices: tuple[str, ...]
    lower: Node | None = None
    upper: Node | None = None
    conditions: tuple[tuple[str, str, str], ...] = ()
    tests: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Big(Node):
    """A sum, product, maximum or minimum over indices."""

    operator: str
    range: Range
    body: Node


@dataclass(frozen=True)
class Place:
    """What is differentiated by: its item, and whether it is written transposed."""

    item: Item
    transposed: bool = False


@dataclass(frozen=True)
class Differentiation(Node):
    r"""A derivative: of a name (`of`, perhaps with its `arguments`) or of an expression (`body`)."""

    places: tuple[Place, ...]
    of: Item | None = None
    arguments: Node | None = None
    body: Node | None = None
    order: int = 1
    nabla: bool = False
    open: bool = False  # the body stands there without brackets


@dataclass(frozen=True)
class Infinitesimal(Node):
    """The differential of a name or of an expression: `dX`, `d(Xw)`."""

    item: Item | None
    body: Node | None = None


@dataclass(frozen=True)
class Relation(Node):
    """Two expressions compared, inside an indicator or a case."""

    left: Node
    relation: str
    right: Node


@dataclass(frozen=True)
class Cases(Node):
    """Values with their conditions; None for the last one, otherwise."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Applied(Node):
    """A function that an earlier row defines, at another argument."""

    function: Name
    fence: Fenced


@dataclass(frozen=True)
class Table(Node):
    """A matrix written out."""

    rows: tuple[tuple[Node, ...], ...]


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _nodes(each)
    elif isinstance(value, Range):
        yield from _nodes((value.lower, value.upper, value.tests))


def index_letters(items: Items | None) -> frozenset[str]:
    """The letters of a script that could be indices."""
    if not items:
        return frozenset()
    found: set[str] = set()
    for item in items:
        if item.kind == "char" and item.text.isalpha():
            found.add(item.text)
        elif item.kind == "command" and item.text[1:].isalpha():
            found.add(item.text[1:])
        for part in (*item.parts, item.sub, item.sup):
            if item.kind != "word":
                found |= index_letters(part)
    return frozenset(found)


def mentioned(node: Node) -> frozenset[str]:
    """The letters in scripts of names that no sum inside of the node binds."""
    found: set[str] = set()
    stack: list[tuple[Node, frozenset[str]]] = [(node, frozenset())]
    while stack:
        each, bound = stack.pop()
        items: list[Item] = []
        if isinstance(each, (Name, Scripted)):
            items.append(each.item)
        elif isinstance(each, Call):
            items.append(each.function)
        elif isinstance(each, Differentiation):
            items += [place.item for place in each.places] + ([each.of] if each.of else [])
        elif isinstance(each, Big):
            bound = bound | set(each.range.indices)
        for item in items:
            letters = index_letters(item.sub) | index_letters(item.sup)
            for part in item.parts:
                if item.kind in ("accent", "font", "group"):
                    letters |= index_letters_of_parts(part)
            found |= letters - bound
        stack.extend((child, bound) for child in children(each))
    return frozenset(found)


def index_letters_of_parts(part: Items) -> frozenset[str]:
    """The letters in the scripts inside of an accent or a font."""
    found: frozenset[str] = frozenset()
    for item in part:
        found |= index_letters(item.sub) | index_letters(item.sup)
        for inner in item.parts:
            if item.kind in ("accent", "font", "group"):
                found |= index_letters_of_parts(inner)
    return found


def names_in(node: Node) -> frozenset[str]:
    """The keys of the letters that a node names, scripts aside."""
    found: set[str] = set()
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, Name) and (symbol := bare_symbol(each.item)) is not None:
            found.add(symbol.key)
        stack.extend(children(each))
    return frozenset(found)
