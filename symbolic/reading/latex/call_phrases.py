r"""Functions in the syntax tree: what a function takes as its argument, with brackets or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolic.errors import AmbiguousError, ChainruleError, ParseError
from symbolic.reading.latex.function_names import LOGARITHMS
from symbolic.reading.latex.marks import (
    OPERATORS,
    RELATIONS,
    is_transpose,
    order_of,
    scripted,
    sign_of,
    word_of,
)
from symbolic.reading.latex.structure import Item
from symbolic.reading.latex.syntax import Call, Name, Node, Number, Product, Scripted

if TYPE_CHECKING:
    from symbolic.reading.latex.phrases import Phrases


def call(phrases: Phrases, item: Item) -> Node:
    """A function and its argument, with or without brackets."""
    phrases.place += 1
    following = phrases.next
    if following is not None and following.kind == "fence" and following.text in ("()", "[]", "{}"):
        phrases.place += 1
        fence = phrases.fence(following)
        node: Node = Call(item.start, following.end, item, fence.parts)
        if not scripted(following):
            return node
        if following.sup is not None and sign_of(item) in LOGARITHMS and order_of(following.sup):
            raise phrases.error(
                AmbiguousError,
                item.start,
                following.end,
                "the power of the logarithm, or the logarithm of the power",
                r"write \log^2(x) or \log(x^2)",
            )
        return Scripted(item.start, following.end, node, following)
    argument = _argument(phrases, item)
    if isinstance(argument, Scripted) and _is_log_gamma(item, argument.base):
        above = argument.item.sup
        if above is not None and not is_transpose(above):
            raise phrases.error(
                AmbiguousError,
                item.start,
                argument.end,
                "the power of the logarithm, or the logarithm of the power",
                r"write \log^2\Gamma(x) or \log(\Gamma(x)^2)",
            )
    return Call(item.start, argument.end, item, (argument,))


def _is_log_gamma(function: Item, argument: Node) -> bool:
    return (
        sign_of(function) in LOGARITHMS
        and isinstance(argument, Call)
        and argument.function.text == r"\Gamma"
    )


def _of_a_product(phrases: Phrases, function: Item, last: Item) -> ChainruleError:
    return phrases.error(
        AmbiguousError,
        function.start,
        last.end,
        "the function may be of the first factor, or of the product",
        "put brackets around its argument",
    )


def _argument(phrases: Phrases, function: Item) -> Node:
    """The argument of a function that is written without brackets."""
    factors: list[tuple[str, Node]] = []
    while (item := phrases.next) is not None:
        symbol = sign_of(item)
        if symbol in OPERATORS or symbol in RELATIONS or symbol in ("+", "-", ",", ";", "."):
            break
        following = phrases.ahead()
        called = following is not None and following.kind == "fence"
        is_function = phrases.names.is_function(item, called)
        if factors and is_function:
            if item.text == r"\Gamma" and _is_log_gamma(function, factors[0][1]):
                raise _of_a_product(phrases, function, item)
            break
        unknown = len(factors) == 1 and isinstance(factors[0][1], Name)
        if (
            unknown
            and item.kind == "fence"
            and not phrases.names.is_known(phrases.items[phrases.place - 1])
        ):
            factors.append(("", phrases.fence(item)))
            phrases.place += 1
            break
        if factors and word_of(function) in ("tr", "Tr", "trace"):
            phrases.names.note("a trace without brackets covers the product behind it")
        elif factors and not all(isinstance(node, Number) for _, node in factors):
            raise _of_a_product(phrases, function, item)
        factors.append(("", phrases.factor()))
    if not factors:
        raise phrases.error(
            ParseError,
            function.start,
            function.end,
            "a function without its argument",
            "write the argument in brackets",
        )
    if sign_of(phrases.next) == "/":
        raise phrases.error(
            AmbiguousError,
            function.start,
            phrases.items[phrases.place].end,
            "the function of the quotient, or the quotient of the function",
            "put brackets around its argument, or use \\frac",
        )
    if len(factors) == 1:
        return factors[0][1]
    return Product(factors[0][1].start, factors[-1][1].end, tuple(factors))
