"""The structure of TeX as items: characters, commands, groups, fences, each with its scripts.

Lark reads it with the grammar beside this file; what the items mean is decided later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import lark

from symbolic.errors import NotAllowedError, ParseError
from symbolic.reading.parse_source import MAX_NESTING, MAX_NUMBER, Source, foreign_character

MAX_ITEMS = 4000  # characters and commands of one text
_PIECE = re.compile(r"\\[a-zA-Z]+|\\?[^\s\\]")
_CHAIN = re.compile(  # arguments without braces, one in the other
    r"(?:(?:[\^_]|\\(?:[tdc]?frac|sqrt|(?:wide)?(?:hat|tilde)|bar|overline|d?dot|check|breve|acute|grave|vec|boxed"
    r"|math[a-z]+|bm|rm|bf|pmb|text[a-z]*|boldsymbol|underline|operatorname)(?![a-zA-Z]))\s*){40}"
)
_TOO_DEEP = f"brackets nested more than {MAX_NESTING} deep"


@dataclass(frozen=True)
class Item:
    r"""One piece of TeX with its scripts.

    `kind` is "char", "command", "group", "fraction", "root", "accent", "font", "word", "fence",
    "environment" or "break"; `text` the character, the command, the fences or the environment's name.
    """

    kind: str
    text: str
    start: int
    end: int
    parts: tuple[Items, ...] = ()
    sub: Items | None = None
    sup: Items | None = None
    primes: int = 0
    sub_first: bool = True


Items = tuple[Item, ...]


def read_structure(source: Source) -> Items:
    """The items of a text, or an error that shows the place."""
    _check_length(source)
    _check_nesting(source)
    try:
        tree = _parser().parse(source.text)
    except lark.exceptions.UnexpectedCharacters as error:
        raise _no_character(source, error.pos_in_stream or 0) from None
    except lark.exceptions.UnexpectedToken as error:
        place = error.pos_in_stream if error.pos_in_stream is not None else len(source.text)
        token = str(error.token) if error.token.type != "$END" else ""
        found = f"{token!r} where it does not fit" if token else "the text ends too early"
        raise source.error_at(
            ParseError, place, place + max(1, len(token)), found, "balance braces and scripts here"
        ) from None
    try:
        items: Items = _Builder(source).transform(tree)
    except lark.exceptions.VisitError as error:
        raise error.orig_exc from None
    return items


def _no_character(source: Source, place: int) -> Exception:
    foreign = foreign_character(source.text[place])
    found = foreign[1] if foreign else f"the character {source.text[place]!r}"
    advice = foreign[2] if foreign else "write it as LaTeX does"
    return source.error_at(NotAllowedError, place, place + 1, found, advice)


def _check_length(source: Source) -> None:
    count = sum(1 for _ in _PIECE.finditer(source.text))
    if count > MAX_ITEMS:
        raise source.error_at(
            ParseError, 0, 0, f"{count} characters and commands", f"write at most {MAX_ITEMS}"
        )


def _check_nesting(source: Source) -> None:
    depth = 0
    for found in re.finditer(r"\\(?:left|begin)(?![a-zA-Z])|\\.|[{(\[^_]|[})\]]", source.text):
        token = found.group()
        if token in "{([" or token in (r"\left", r"\begin"):
            depth += 1
        elif token in "})]":
            depth = max(0, depth - 1)
        if depth > MAX_NESTING:
            raise source.error_at(
                ParseError, found.start(), found.end(), _TOO_DEEP, "split the formula"
            )
    for run in re.finditer(r"[0-9]+", source.text):
        if len(run.group()) > MAX_NUMBER:
            raise source.error_at(
                NotAllowedError,
                run.start(),
                run.end(),
                f"a number of {len(run.group())} characters",
                f"write it with at most {MAX_NUMBER}",
            )
    chain = _CHAIN.search(source.text)
    if chain:
        raise source.error_at(ParseError, chain.start(), chain.end(), _TOO_DEEP, "use braces")


@cache
def _parser() -> Any:
    grammar = Path(__file__).with_name("structure.lark").read_text(encoding="ascii")
    return lark.Lark(grammar, parser="lalr", lexer="basic", propagate_positions=True)


def _leaf(token: lark.Token) -> Item:
    text, start, end = str(token), token.start_pos or 0, token.end_pos or 0
    if token.type == "CHARACTER":
        return Item("char", text, start, end)
    if token.type == "BREAK":
        return Item("break", "&" if text == "&" else r"\\", start, end)
    if token.type == "WORD":
        command, _, word = text.partition("{")
        return Item(
            "word", word[:-1].strip(), start, end, ((Item("char", command.strip(), start, end),),)
        )
    return Item("command", text, start, end)


@lark.v_args(meta=True)
class _Builder(lark.Transformer):
    """Items from lark's tree."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source

    def start(self, meta: Any, children: list[Any]) -> Items:
        return children[0]

    def items(self, meta: Any, children: list[Any]) -> Items:
        return tuple(children)

    def leaf(self, meta: Any, children: list[Any]) -> Item:
        return _leaf(children[0])

    def group(self, meta: Any, children: list[Any]) -> Item:
        return Item("group", "", meta.start_pos, meta.end_pos, (children[0],))

    def fraction(self, meta: Any, children: list[Any]) -> Item:
        parts = tuple(_inside(each) for each in children[1:])
        return Item("fraction", "", meta.start_pos, meta.end_pos, parts)

    def root(self, meta: Any, children: list[Any]) -> Item:
        degree = re.sub(r"\D", "", str(children[0])) or "2"
        return Item("root", degree, meta.start_pos, meta.end_pos, (_inside(children[1]),))

    def accent(self, meta: Any, children: list[Any]) -> Item:
        name = str(children[0])[1:].replace("wide", "").replace("overline", "bar")
        return Item("accent", name, meta.start_pos, meta.end_pos, (_inside(children[1]),))

    def font(self, meta: Any, children: list[Any]) -> Item:
        name = str(children[0])[1:]
        return Item("font", name, meta.start_pos, meta.end_pos, (_inside(children[1]),))

    def fence(self, meta: Any, children: list[Any]) -> Item:
        left, inside, right = children
        opening, closing = str(left)[5:].strip(), str(right)[6:].strip()
        text = f"{opening} {closing}"
        return Item("fence", text, meta.start_pos, meta.end_pos, (inside,))

    def environment(self, meta: Any, children: list[Any]) -> Item:
        begin, inside, end = children
        name = str(begin).partition("{")[2].partition("}")[0]
        closing = str(end).partition("{")[2].partition("}")[0]
        if name != closing:
            raise self.source.error_at(
                ParseError,
                end.start_pos,
                end.end_pos,
                f"the end of {closing!r} where {name!r} is open",
                "close environments in order",
            )
        return Item("environment", name, meta.start_pos, meta.end_pos, (inside,))

    def superscript(self, meta: Any, children: list[Any]) -> tuple[str, Items, int]:
        return "sup", _inside(children[0]), meta.end_pos

    def subscript(self, meta: Any, children: list[Any]) -> tuple[str, Items, int]:
        return "sub", _inside(children[0]), meta.end_pos

    def primes(self, meta: Any, children: list[Any]) -> tuple[str, int, int]:
        return "primes", len(children[0]), meta.end_pos

    def item(self, meta: Any, children: list[Any]) -> Item:
        base: Item = children[0]
        found: dict[str, Any] = {}
        for kind, value, end in children[1:]:
            if kind in found:
                raise self.source.error_at(
                    ParseError, base.start, end, "two scripts in one place", "use braces"
                )
            found[kind] = value
        if not found:
            return base
        if base.sub is not None or base.sup is not None or base.primes:
            base = Item("group", "", base.start, base.end, ((base,),))
        order = [kind for kind in found if kind != "primes"]
        return replace(base, **found, end=children[-1][2], sub_first=order[:1] != ["sup"])


def _inside(item: Item) -> Items:
    """The items of an argument: a group's, or the one item."""
    if item.kind == "group" and item.sub is None and item.sup is None and not item.primes:
        return item.parts[0]
    return (item,)
