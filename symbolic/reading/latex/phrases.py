r"""From items to the syntax tree: terms, products, the extent of sums, functions and derivatives.

Extents are conventions: a sum covers the product that follows; a function without brackets one factor.
Where a reader could take more, the text is refused with both readings.
"""

from __future__ import annotations

from typing import NoReturn, Protocol

from symbolic.errors import AmbiguousError, ChainruleError, NotAllowedError, ParseError
from symbolic.reading.latex import call_phrases, derivative_phrases, environments, extents, ranges
from symbolic.reading.latex.marks import (
    BIG,
    OPERATORS,
    RELATIONS,
    ends_in_digit,
    is_d,
    is_digit,
    is_special,
    is_wide,
    scripted,
    sign_of,
    split_at,
)
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import bare_symbol
from symbolic.reading.latex.syntax import (
    Big,
    Call,
    Fenced,
    Fraction,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Root,
    Scripted,
    Terms,
    mentioned,
)
from symbolic.reading.parse_source import Source

_ADVICE = {
    r"\int": "integrals are not read; write the value, or declare a name for it",
    r"\pm": "write the two formulas apart",
    r"\mp": "write the two formulas apart",
    r"\ldots": "write the sum with \\sum",
    r"\dots": "write the sum with \\sum",
    r"\cdots": "write the sum with \\sum",
    r"\infty": "write a finite number",
    r"\lim": "limits are not read; write the value",
    r"\arg": "arg max has no value to compare; write the maximum",
    r"\argmax": "arg max has no value to compare; write the maximum",
    r"\argmin": "arg min has no value to compare; write the minimum",
    r"\mid": "conditions are not read; declare a name for the probability",
    r"\sim": "distributions are not read; declare the variable",
}


class Names(Protocol):
    """What the grammar has to know of names."""

    def is_function(self, item: Item, called: bool) -> bool:
        """Whether the item is a function (when `called`, with brackets behind it)."""

    def is_known(self, item: Item) -> bool:
        """Whether a name stands for anything at all."""

    def is_defined(self, item: Item) -> bool:
        """Whether the item is a function that was defined with parameters."""

    def is_head(self, item: Item, behind: Item | None) -> bool:
        """Whether an operator takes the item alone, with the brackets `behind` as its arguments."""

    def is_declared(self, item: Item) -> bool:
        """Whether the item with all its scripts is a declared name."""

    def is_taken(self, letter: str) -> bool:
        """Whether a letter names a variable, so that it is no index."""

    def reads_differential(self, d: Item, operand: Item) -> bool:
        """Whether `d` before the operand makes its differential."""

    def reads_derivative(self, top: Items, bottom: Items) -> bool:
        """Whether a fraction whose parts begin with d is a derivative."""

    def note(self, text: str) -> None:
        """Remember a reading that was taken."""

    @property
    def outer_indices(self) -> frozenset[str]:
        """The indices that stand free on the left."""


class Phrases:
    """Reads the items of one side."""

    def __init__(self, items: Items, source: Source, names: Names) -> None:
        self.items = items
        self.source = source
        self.names = names
        self.place = 0

    # --- the cursor -----------------------------------------------------------------------------

    @property
    def next(self) -> Item | None:
        """The item at the cursor."""
        return self.items[self.place] if self.place < len(self.items) else None

    def ahead(self, count: int = 1) -> Item | None:
        """An item behind the cursor."""
        place = self.place + count
        return self.items[place] if place < len(self.items) else None

    def inner(self, items: Items, within: Item) -> Node:
        """The expression of the items of a group, argument or fence."""
        if not items:
            raise self.source.error_at(
                ParseError, within.start, within.end, "nothing inside", "write an expression"
            )
        return Phrases(items, self.source, self.names).whole()

    def whole(self) -> Node:
        """The expression of all items."""
        node = self.terms()
        if self.next is not None:
            self.refuse_item(self.next)
        return node

    def error(
        self, kind: type[ChainruleError], start: int, end: int, found: str, advice: str
    ) -> ChainruleError:
        """An error about a piece of the text."""
        return self.source.error_at(kind, start, end, found, advice)

    def refuse_item(self, item: Item) -> NoReturn:
        """Refuse an item that does not belong here, by its name."""
        written = item.text or item.kind
        if item.kind == "word":
            found, advice = f"the words {written!r}", "put comments at the end of a line"
        elif item.kind == "command":
            found = f"the command {written} is not read here"
            advice = _ADVICE.get(written, "write it in other words, or declare a name for it")
        elif item.text == "!":
            found, advice = "a factorial", r"write \Gamma(n + 1)"
        else:
            found, advice = f"{written!r} where it does not fit", "correct the formula here"
        raise self.error(NotAllowedError, item.start, item.end, found, advice)

    # --- sums and products ------------------------------------------------------------------------

    def terms(self) -> Node:
        """Terms with signs between them."""
        first = self.place
        found: list[tuple[int, Node]] = []
        sign = self.sign()
        while True:
            found.append((sign or 1, self.term()))
            sign = self.sign()
            if not sign:
                break
        found = extents.absorbed(self, found)
        if len(found) == 1 and found[0][0] == 1:
            return found[0][1]
        return Terms(self.items[first].start, found[-1][1].end, tuple(found))

    def sign(self) -> int:
        """The sign at the cursor, 0 when there is none."""
        found = 0
        while sign_of(self.next) in ("+", "-") and not scripted(self.items[self.place]):
            if found:
                item = self.items[self.place]
                raise self.error(
                    ParseError, item.start, item.end, "two signs in a row", "use brackets"
                )
            found = 1 if sign_of(self.next) == "+" else -1
            self.place += 1
        return found

    def term(self) -> Node:
        """Factors, up to a sign, a relation or a comma."""
        factors: list[tuple[str, Node]] = []
        while (item := self.next) is not None:
            symbol = sign_of(item)
            if symbol in ("+", "-") or symbol in RELATIONS or symbol in (",", ";", ":", "."):
                break
            if item.kind == "break":
                break
            operator = ""
            if symbol in OPERATORS and not scripted(item):
                operator = OPERATORS[symbol]
                if not factors:
                    raise self.error(
                        ParseError, item.start, item.end, "no factor before it", "write one"
                    )
                self.place += 1
                sign = self.sign()
                if sign == -1:
                    minus = Number(item.end, item.end, "1")
                    factors.append((operator, Terms(item.end, item.end, ((-1, minus),))))
                    operator = ""
            elif symbol in OPERATORS:
                self.refuse_item(item)
            elif factors and is_wide(self.items[self.place - 1], item, self.source):
                raise self.error(
                    AmbiguousError,
                    item.start,
                    item.end,
                    "a product over a wide space, two things side by side, or the number of an equation",
                    "write \\cdot, or leave the space out; number equations by \\tag",
                )
            if self.next is None:
                raise self.error(
                    ParseError, item.start, item.end, "no factor behind it", "write one"
                )
            factors.append((operator, self.factor()))
        if not factors:
            at = self.next or (self.items[-1] if self.items else None)
            start, end = (at.start, at.end) if at else (0, len(self.source.text))
            raise self.error(ParseError, start, end, "an expression is missing", "write one here")
        if len(factors) == 1:
            return factors[0][1]
        return Product(factors[0][1].start, factors[-1][1].end, tuple(factors))

    # --- factors ----------------------------------------------------------------------------------

    def factor(self) -> Node:
        """One factor; prefix operators take what follows them."""
        item = self.items[self.place]
        symbol = sign_of(item)
        if symbol in BIG and (symbol in (r"\sum", r"\prod") or item.sub is not None):
            return self.big(item)
        if symbol == r"\nabla" or (symbol == r"\partial" and item.sub is not None):
            return derivative_phrases.nabla(self, item)
        slashed = derivative_phrases.slashed_derivative(self)
        if slashed is not None:
            return slashed
        if item.kind == "fraction":
            return self.fraction(item)
        following = self.ahead()
        called = (
            following is not None
            and following.kind == "fence"
            and following.text in ("()", "[]", "{}")
        )
        if self.names.is_function(item, called):
            return call_phrases.call(self, item)
        if following is not None and is_d(item) and not scripted(item):
            is_call = self.names.is_function(following, False)
            operand = following.kind == "fence" or bare_symbol(following) is not None or is_call
            if operand and self.names.reads_differential(item, following):
                return derivative_phrases.differential(self, item, following)
        if item.kind == "char" and item.text.isdigit():
            return self.number()
        if bare_symbol(item) is not None or is_special(item):
            self.place += 1
            return Name(item.start, item.end, item)
        return self.enclosed(item)

    def enclosed(self, item: Item) -> Node:
        """A fence, group, root, environment."""
        self.place += 1
        if item.kind == "fence":
            node: Node = self.fence(item)
        elif item.kind == "group" or (item.kind == "font" and item.text in ("boxed", "underline")):
            node = self.inner(item.parts[0], item)
            if scripted(item) and not isinstance(node, (Fenced, Name)):
                node = Fenced(item.start, item.end, "()", (node,))
        elif item.kind == "root":
            node = Root(item.start, item.end, int(item.text), self.inner(item.parts[0], item))
        elif item.kind == "environment":
            node = environments.environment(self, item)
        elif item.kind in ("accent", "font"):
            raise self.error(
                NotAllowedError,
                item.start,
                item.end,
                f"\\{item.text} over more than a letter",
                "declare a name for it",
            )
        else:
            self.refuse_item(item)
        return Scripted(item.start, item.end, node, item) if scripted(item) else node

    def fence(self, item: Item) -> Fenced:
        """The parts of a fence between commas."""
        if "." in item.text:
            raise self.error(
                NotAllowedError,
                item.start,
                item.end,
                "a fence with one side, as an evaluation bar",
                "substitute the value, or close the fence",
            )
        parts = [
            self.condition(part, item) for part in split_at(item.parts[0], (",", ";", r"\mid"))
        ]
        return Fenced(item.start, item.end, item.text, tuple(parts))

    def condition(self, items: Items, within: Item) -> Node:
        """An expression, or two with a relation between them."""
        places = [k for k, each in enumerate(items) if sign_of(each) in RELATIONS]
        if not places:
            return self.inner(items, within)
        if len(places) > 1:
            raise self.error(
                NotAllowedError, within.start, within.end, "a chain of relations", "write one"
            )
        (at,) = places
        left, right = self.inner(items[:at], within), self.inner(items[at + 1 :], within)
        return Relation(left.start, right.end, left, RELATIONS[sign_of(items[at])], right)

    def number(self) -> Node:
        """Digits side by side, perhaps with a point, and the scripts of the last one."""
        first = self.items[self.place]
        before = self.items[self.place - 1] if self.place else None
        if before is not None and before.end == first.start and ends_in_digit(before):
            raise self.error(
                AmbiguousError,
                before.start,
                first.end,
                "a script of one digit and another digit behind it",
                "put the script in braces",
            )
        text, last = "", first
        while (item := self.next) is not None and item.kind == "char":
            point = item.text == "." and "." not in text and is_digit(self.ahead())
            if not (item.text.isdigit() or point) or (text and last.end != item.start):
                break
            text, last = text + item.text, item
            self.place += 1
            if scripted(item):
                break
        following = self.next
        self._refuse_exponent(first, last)
        if text == "1" and not scripted(last) and following is not None and following.text == "{}":
            parts = self.fence(following).parts
            if len(parts) == 1 and isinstance(parts[0], Relation):
                self.place += 1
                one = Item("word", "1", first.start, last.end, ((first,),))
                indicator = Call(first.start, following.end, one, parts)
                if scripted(following):
                    return Scripted(first.start, following.end, indicator, following)
                return indicator
        node = Number(first.start, last.end, text)
        if is_digit(self.next) and not scripted(last):
            following = self.items[self.place]
            raise self.error(
                AmbiguousError,
                first.start,
                following.end,
                "digits with a space between them: one number, or a product",
                "write the number together, or \\cdot between two",
            )
        return Scripted(first.start, last.end, node, last) if scripted(last) else node

    def _refuse_exponent(self, first: Item, last: Item) -> None:
        """Refuse `1e-3`: a power of ten, or the number e."""
        letter, behind = self.next, self.ahead()
        if letter is None or letter.text not in ("e", "E") or letter.start != last.end:
            return
        if (
            behind is not None
            and behind.start == letter.end
            and (is_digit(behind) or sign_of(behind) in ("+", "-"))
        ):
            raise self.error(
                AmbiguousError,
                first.start,
                behind.end,
                "a power of ten, or the number e",
                "write 10^{-3}, or a space before e",
            )

    def fraction(self, item: Item) -> Node:
        """A fraction, or a derivative written as one."""
        top, bottom = item.parts
        if not top or not bottom:
            raise self.error(
                ParseError, item.start, item.end, "a fraction with an empty part", "fill it"
            )
        self.place += 1
        derivative = derivative_phrases.derivative(self, top, bottom, item)
        if derivative is not None:
            node = derivative
            if scripted(item) and len(top) == 1:
                raise self.error(
                    AmbiguousError,
                    item.start,
                    item.end,
                    "a script at an operator: its order, or that of its value",
                    "write \\frac{d^2}{dx^2}, or brackets",
                )
            if scripted(item):
                return Scripted(item.start, item.end, node, item)
            return node
        node = Fraction(item.start, item.end, self.inner(top, item), self.inner(bottom, item))
        return Scripted(item.start, item.end, node, item) if scripted(item) else node

    # --- operators before a body ------------------------------------------------------------------

    def big(self, item: Item) -> Big:
        """A sum, product or extreme with its range; its body is the rest of the product."""
        self.place += 1
        operator = BIG[item.text]
        found = ranges.read_range(item, self) if item.sub is not None else None
        sign = self.sign()
        body = self.term()
        if sign == -1:
            body = Terms(body.start, body.end, ((-1, body),))
        if found is None:
            found = ranges.implied_range(item, body, self)
        if operator != "sum" and isinstance(body, Product):
            self._check_extent(operator, found.indices, body)
        return Big(item.start, body.end, operator, found, body)

    def _check_extent(self, operator: str, indices: tuple[str, ...], body: Product) -> None:
        outside = [node for _, node in body.factors if not set(indices) & mentioned(node)]
        if outside:
            raise self.error(
                AmbiguousError,
                body.start,
                body.end,
                f"the {operator} over {', '.join(indices)} may cover the whole product or a part of it",
                "put brackets around what it covers",
            )
