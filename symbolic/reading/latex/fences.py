r"""Matching brackets and bars: characters become fences, so that a phrase nests as it is meant.

A bar opens where a factor may begin and closes where a factor has ended; `||` is `\|`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbolic.errors import AmbiguousError, ParseError
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.parse_source import Source

_OPENING = {
    "(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\}", r"\langle": r"\rangle",
    r"\lvert": "|", r"\lVert": r"\|", r"\lbrack": "]",
}  # fmt: skip
_CLOSING = {
    ")": ")", "]": "]", r"\}": r"\}", r"\rbrace": r"\}", r"\rangle": r"\rangle",
    r"\rvert": "|", r"\rVert": r"\|", r"\rbrack": "]",
}  # fmt: skip
_BARS = {"|": "|", r"\|": r"\|", r"\vert": "|", r"\Vert": r"\|"}
NAMES = {")": "()", "]": "[]", r"\}": "{}", r"\rangle": "<>", "|": "||", r"\|": r"\|"}
_LEFT = {
    "(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\}", r"\langle": r"\rangle", "|": "|",
    r"\|": r"\|", r"\lvert": "|", r"\lVert": r"\|", r"\vert": "|", r"\Vert": r"\|", "<": r"\rangle",
}  # fmt: skip
_BEFORE_A_FACTOR = frozenset("+-*/=<>,;:!([|") | {
    r"\cdot", r"\times", r"\odot", r"\circ", r"\ast", r"\otimes", r"\log", r"\ln", r"\exp", r"\le",
    r"\leq", r"\ge", r"\geq", r"\approx", r"\propto", r"\sum", r"\prod", r"\max", r"\min", r"\neq",
    r"\partial", r"\nabla", r"\det", r"\tr", r"\in", r"\to", r"\leftarrow", r"\div", r"\pm", r"\mp",
    r"\sim", r"\succeq", r"\preceq", r"\succ", r"\prec", r"\equiv", r"\oslash", r"\star", r"\mid",
}  # fmt: skip


def match_fences(items: Items, source: Source, *, fenced: bool = False) -> Items:
    """The items with every bracket and bar, at every depth, gathered into a fence.

    In items that are `fenced` a lone bar separates, as in `p\\left(x | y\\right)`.
    """
    stack: list[tuple[Item | None, str, list[Item]]] = [(None, "", [])]
    whole = tuple(_without_double_bars(items))
    for place, item in enumerate(whole):
        each = _inner(item, source)
        if each.kind == "group" and not each.parts[0] and not _has_scripts(each):
            continue
        symbol = each.text if each.kind in ("char", "command") else ""
        inside = stack[-1][2]
        if symbol in _BARS:
            closing = _BARS[symbol]
            if stack[-1][1] == closing and inside and not _wants_a_factor(inside[-1]):
                _refuse_nested_bars(whole[place:], source)
                _close(stack, each)
            else:
                _refuse_scripts(each, source)
                stack.append((each, closing, []))
        elif symbol in _OPENING:
            _refuse_scripts(each, source)
            stack.append((each, _OPENING[symbol], []))
        elif symbol in _CLOSING:
            if _CLOSING[symbol] not in _BARS:
                _reopen_bars(stack)
            if stack[-1][1] != _CLOSING[symbol]:
                raise _unbalanced(stack[-1][0] or each, source)
            _close(stack, each)
        else:
            inside.append(each)
    if fenced:
        _reopen_bars(stack)
    if len(stack) > 1:
        raise _unbalanced(stack[-1][0], source)
    return tuple(stack[0][2])


def _refuse_nested_bars(items: Items, source: Source) -> None:
    """Refuse `|x|y|z|`: the bar at the front may close, or open one around y."""
    bars = [k for k, item in enumerate(items) if k and item.text == items[0].text]
    between = items[1 : bars[0]] if bars else ()
    if not between or _has_scripts(items[0]) or len(bars) < 2:
        return
    if not _wants_a_factor(between[0]) and not _wants_a_factor(between[-1]):
        raise source.error_at(
            AmbiguousError,
            items[0].start,
            items[bars[0]].end,
            "bars that may nest, or stand side by side",
            r"write \left| and \right|",
        )


def _reopen_bars(stack: list[tuple[Item | None, str, list[Item]]]) -> None:
    """Bars that no bar closes inside of brackets separate, as in p(x | y)."""
    while (bar := stack[-1][0]) is not None and bar.text in _BARS:
        _, _, inside = stack.pop()
        stack[-1][2].extend([replace(bar, kind="command", text=r"\mid"), *inside])


def _close(stack: list[tuple[Item | None, str, list[Item]]], closer: Item) -> None:
    opener, closing, inside = stack.pop()
    start = opener.start if opener else closer.start
    stack[-1][2].append(
        replace(closer, kind="fence", text=NAMES[closing], start=start, parts=(tuple(inside),))
    )


def _inner(item: Item, source: Source) -> Item:
    parts = (
        tuple(match_fences(part, source, fenced=item.kind == "fence") for part in item.parts)
        if item.kind != "word"
        else item.parts
    )
    sub = None if item.sub is None else match_fences(item.sub, source)
    sup = None if item.sup is None else match_fences(item.sup, source)
    text = item.text
    if item.kind == "fence":
        opening, _, closing = text.partition(" ")
        text = _fence_name(opening, closing, item, source)
    return _scripts_outside(replace(item, text=text, parts=parts, sub=sub, sup=sup))


def _scripts_outside(item: Item) -> Item:
    r"""Scripts under an accent, in a font or alone in braces belong outside: `\hat{y_i}` is `\hat y_i`."""
    if item.kind not in ("accent", "font", "group") or len(item.parts[0]) != 1:
        return item
    (inner,) = item.parts[0]
    both = (
        (inner.sub and item.sub)
        or (inner.sup and item.sup)
        or (inner.primes and _has_scripts(item))
    )
    if (
        not _has_scripts(inner)
        or both
        or inner.kind not in ("char", "command", "accent", "font", "word")
    ):
        return item
    return replace(
        item,
        parts=((replace(inner, sub=None, sup=None, primes=0),),),
        sub=inner.sub or item.sub,
        sup=inner.sup or item.sup,
        primes=inner.primes + item.primes,
        sub_first=inner.sub is not None if _has_scripts(item) else inner.sub_first,
    )


def _fence_name(opening: str, closing: str, item: Item, source: Source) -> str:
    expected = _LEFT.get(opening)
    found = _CLOSING.get(closing) or _BARS.get(closing) or (r"\rangle" if closing == ">" else None)
    if opening == "." and closing in ("|", r"\vert", r"\rvert"):
        return ".|"
    if expected is not None and closing == ".":
        return NAMES[expected][0] + "."
    if expected is None or expected != found:
        raise source.error_at(
            ParseError,
            item.start,
            item.end,
            f"the fences {opening!r} and {closing!r}, which do not belong together",
            "close a bracket with its own kind",
        )
    return NAMES[expected]


def _without_double_bars(items: Items) -> Iterable[Item]:
    """The items with two bars side by side made one double bar."""
    waiting: Item | None = None
    for item in items:
        bar = item.kind == "char" and item.text == "|"
        if waiting is not None and bar and waiting.end == item.start and not _has_scripts(waiting):
            yield replace(item, kind="command", text=r"\|", start=waiting.start)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if bar:
            waiting = item
        else:
            yield item
    if waiting is not None:
        yield waiting


def _has_scripts(item: Item) -> bool:
    return item.sub is not None or item.sup is not None or bool(item.primes)


def _refuse_scripts(item: Item, source: Source) -> None:
    if _has_scripts(item):
        raise source.error_at(
            ParseError, item.start, item.end, "a script at an opening bracket", "put it behind"
        )


def _wants_a_factor(item: Item) -> bool:
    return item.kind in ("char", "command") and item.text in _BEFORE_A_FACTOR


def _unbalanced(item: Item | None, source: Source) -> Exception:
    start, end = (item.start, item.end) if item else (0, len(source.text))
    written = item.text if item else ""
    bar = written in _BARS
    return source.error_at(
        ParseError,
        start,
        end,
        f"{written!r} without its partner",
        "close each bar; a condition as in p(x | y) is not read" if bar else "balance the brackets",
    )
