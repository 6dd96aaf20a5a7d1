r"""Derivatives in the syntax tree: `\nabla_x`, `\partial L/\partial w`, `\frac{d}{dx}`, `d(Xw)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolic.errors import AmbiguousError, NotAllowedError, ParseError
from symbolic.reading.latex.marks import (
    OPERATORS,
    RELATIONS,
    is_d,
    is_transpose,
    marker,
    names_something,
    order_of,
    places_below,
    places_of,
    scripted,
    sign_of,
)
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.syntax import Differentiation, Infinitesimal, Node, Place, Scripted

if TYPE_CHECKING:
    from symbolic.reading.latex.phrases import Phrases


def nabla(phrases: Phrases, item: Item) -> Node:
    r"""`\nabla_x`, `\nabla^2 f`, `\partial_x`, and what they differentiate."""
    phrases.place += 1
    order = order_of(item.sup)
    if order == 1 and sign_of(phrases.next) == r"\nabla" and item.sub is None:
        item, order = phrases.items[phrases.place], 2
        phrases.place += 1
    if order is None:
        raise phrases.error(
            NotAllowedError,
            item.start,
            item.end,
            "a script at the derivative that is no order",
            "write \\nabla or \\nabla^2",
        )
    places = places_of(item.sub) if item.sub is not None else ()
    if places is None:
        raise phrases.error(
            NotAllowedError, item.start, item.end, "no single variable", "name one variable"
        )
    return differentiated(
        phrases, item, places * order if len(places) == 1 else places, order, True
    )


def differentiated(
    phrases: Phrases, item: Item, places: tuple[Place, ...], order: int, nabla: bool
) -> Node:
    """What a derivative operator applies to: a name with its arguments, a fence, or a product."""
    following = phrases.next
    if (
        following is None
        or sign_of(following) in RELATIONS
        or sign_of(following) in ("+", "-", ",", "/")
    ):
        return Differentiation(item.start, item.end, places, order=order, nabla=nabla)
    if names_something(following) and phrases.names.is_head(following, phrases.ahead()):
        return of_name(phrases, item, places, order, nabla)
    if following.kind == "fence" and following.text in ("()", "[]", "{}"):
        return of_brackets(phrases, item, following, places, order, nabla)
    body = phrases.term()
    return Differentiation(
        item.start, body.end, places, body=body, order=order, nabla=nabla, open=True
    )


def of_brackets(
    phrases: Phrases, item: Item, fence: Item, places: tuple[Place, ...], order: int, nabla: bool
) -> Node:
    """The derivative of what stands in brackets, with a power of it."""
    body = phrases.factor()
    turned = fence.sup is not None and is_transpose(fence.sup)
    if turned or not (phrases.next is None or _ends(phrases.next)):
        raise phrases.error(
            AmbiguousError,
            item.start,
            body.end,
            "the derivative of the brackets alone, or of all that follows",
            "put brackets around what is differentiated",
        )
    return Differentiation(item.start, body.end, places, body=body, order=order, nabla=nabla)


def _ends(item: Item) -> bool:
    """Whether a product of factors side by side ends before an item."""
    sign = sign_of(item)
    between = sign in OPERATORS or sign in ("+", "-", ",", ";", ".", ":") or item.kind == "break"
    return sign in RELATIONS or between


def of_name(
    phrases: Phrases, item: Item, places: tuple[Place, ...], order: int, nabla: bool
) -> Node:
    """The derivative of a named function, with its arguments when they follow."""
    name = phrases.items[phrases.place]
    behind = phrases.ahead()
    phrases.place += 1
    if behind is not None and behind.kind == "fence" and behind.text == "()":
        phrases.place += 1
        arguments: Node | None = phrases.fence(behind)
        node: Node = Differentiation(
            item.start, behind.end, places, name, arguments, order=order, nabla=nabla
        )
        if scripted(behind):
            return Scripted(item.start, behind.end, node, behind)
        following, after = phrases.next, phrases.ahead()
        called = after is not None and after.kind == "fence"
        goes_on = not nabla and following is not None and not _ends(following)
        if following and (goes_on or phrases.names.is_function(following, called)):
            raise phrases.error(
                AmbiguousError,
                item.start,
                following.end,
                "the derivative of the first function alone, or of the product",
                "put brackets around what is differentiated",
            )
        return node
    return Differentiation(item.start, name.end, places, name, order=order, nabla=nabla)


def slashed_derivative(phrases: Phrases) -> Node | None:
    r"""`\partial L/\partial w` or `{\partial L}/{\partial w}` at the cursor."""
    first = phrases.items[phrases.place]
    if first.kind == "group" and not scripted(first) and sign_of(phrases.ahead()) == "/":
        bottom = phrases.ahead(2)
        if (
            bottom is not None
            and bottom.kind == "group"
            and sign_of((*first.parts[0], None)[0]) == r"\partial"
        ):
            phrases.place += 3
            found = derivative(phrases, first.parts[0], bottom.parts[0], first)
            if found is not None and scripted(bottom):
                return Scripted(first.start, bottom.end, found, bottom)
            return found
    if sign_of(first) != r"\partial":
        return None
    slash = phrases.place + 1
    while slash < len(phrases.items) and sign_of(phrases.items[slash]) != "/":
        if sign_of(phrases.items[slash]) in RELATIONS or sign_of(phrases.items[slash]) in (
            "+",
            "-",
        ):
            break
        slash += 1
    end = slash + 1
    while end < len(phrases.items) - 1 and sign_of(phrases.items[end]) == r"\partial":
        end += 2
    if slash >= len(phrases.items) or sign_of(phrases.items[slash]) != "/" or end == slash + 1:
        phrases.refuse_item(first)
    top, bottom_items = phrases.items[phrases.place : slash], phrases.items[slash + 1 : end]
    phrases.place = end
    return derivative(phrases, top, bottom_items, first)


def derivative(phrases: Phrases, top: Items, bottom: Items, item: Item) -> Node | None:
    """The derivative that a fraction writes, or None when it is a fraction."""
    if not (is_d(top[0]) and is_d(bottom[0]) and marker(top[0]) == marker(bottom[0])):
        return None
    places = places_below(bottom)
    order = order_of(top[0].sup)
    if places is None or order is None:
        if marker(top[0]) == "d":
            return None
        raise phrases.error(
            NotAllowedError,
            item.start,
            item.end,
            "no derivative that is known",
            "name each variable",
        )
    if len(places) != order:
        names = tuple(each for each in bottom if phrases.names.is_declared(each))
        places = places_below(bottom, names) or places
    if len(places) != order:
        raise phrases.error(
            ParseError,
            item.start,
            item.end,
            "orders that differ above and below",
            "make them equal",
        )
    order = len(places)
    if marker(top[0]) == "d" and len(top) > 1 and not phrases.names.reads_derivative(top, bottom):
        return None
    if len(top) == 1:
        return differentiated(phrases, item, places, order, False)
    of = top[1:]
    if len(of) == 1 and names_something(of[0]):
        return Differentiation(item.start, item.end, places, of[0], order=order)
    called = len(of) == 2 and of[1].kind == "fence" and not scripted(of[1])
    if called and names_something(of[0]) and phrases.names.is_head(of[0], of[1]):
        arguments = phrases.fence(of[1])
        return Differentiation(item.start, item.end, places, of[0], arguments, order=order)
    body = phrases.inner(of, item)
    return Differentiation(item.start, item.end, places, body=body, order=order)


def differential(phrases: Phrases, d: Item, operand: Item) -> Node:
    """The differential of the name, bracket or function at the cursor."""
    if phrases.names.is_function(operand, False):
        phrases.place += 1
        body = phrases.factor()
        return Infinitesimal(d.start, body.end, None, body)
    if operand.kind != "fence":
        phrases.place += 2
        return Infinitesimal(d.start, operand.end, operand)
    phrases.place += 1
    if scripted(operand) and operand.text in ("()", "[]", "{}"):
        raise phrases.error(
            AmbiguousError,
            d.start,
            operand.end,
            "the differential of the power, or the power of the differential",
            "put brackets around the whole",
        )
    body = phrases.factor()
    return Infinitesimal(d.start, body.end, None, body)
