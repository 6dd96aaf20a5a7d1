"""Lines of text: `z = X @ w`, `D(L, w) = ...`, `dL/dw = ...`, `= ...`, `<= ...`, `solve: ... = 0`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from derivations.verification.steps.lines import Link, Reader
from symbolic import Derivative, Expression, Named, Variable
from symbolic.errors import ChainruleError, NameUnknownError, ParseError, ShapeError
from symbolic.operations import constant
from symbolic.reading.declarations import Given, declare, declared_sizes, definitions
from symbolic.reading.latex.formulas import Head, Side
from symbolic.reading.parse_functions import RESERVED
from symbolic.reading.parse_source import MAX_LENGTH, shorten
from symbolic.reading.parser import parse_in
from symbolic.sizes import size_symbol

_SIGNS = {"≤": "<=", "≥": ">=", "≈": "~=", "⇒": "=>", "∝": "propto", "==": "=", "~": "~="}
_RELATION = re.compile(r"=>|<=|>=|==|:=|~=|=|<|>|~|≤|≥|≈|⇒|∝|\bpropto\b")
_MARK = re.compile(r"\s*solve\s*:\s*", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_]\w*")
_QUOTIENT = re.compile(r"(?<![\w.])d([A-Za-z_]\w*)\s*/\s*d([A-Za-z_]\w*)(?![\w(])")
_CALL = re.compile(r"(?<![\w.])(?:D|grad)\s*\(")
_DIFFERENTIAL = re.compile(r"(?<![\w.])d([A-Za-z_]\w*)(?!\w)")
_DIFFERENTIAL_OF = re.compile(r"d\s*\(")
_MOST_DERIVATIVES = 100  # on one side


class TextReader(Reader):
    """Reads text lines; a name that is not declared is defined by the first line that begins with it."""

    def __init__(self, lines: Sequence[str], given: Given | None) -> None:
        super().__init__()
        self.lines = lines
        self.sizes: dict[str, Expression] = {}
        for name, meaning in _names(given).items():
            if isinstance(meaning, (Variable, Named)):
                self.scope[name] = meaning
            else:
                self.sizes[name] = meaning
        self.line = 0  # the one that is read
        self.unread: dict[str, int] = {}  # names whose definition could not be read, and its line
        self.differentials = False  # whether the chain is about a differential

    def define(self, name: str, meaning: Expression) -> Named:
        """The named intermediate that later lines mean by a name."""
        self.unread[name] = self.line
        declare([Variable(name, meaning.shape)])
        named = Named(name, meaning)
        self.scope[name] = named
        self.unread.pop(name, None)
        return named

    def shown(self, expression: Expression) -> str:
        """An expression as text."""
        return str(expression)

    def links(self) -> Iterator[Link]:
        """The links of all lines in their order; blank lines and comments count, but give none."""
        for number, line in enumerate(self.lines, 1):
            text = line.partition("#")[0].strip()
            if len(text) > MAX_LENGTH:
                found = f"{len(text)} characters, at most {MAX_LENGTH} are read"
                yield Link(number, shorten(text), "", None, found)
            elif text:
                self.line = number
                yield from self._of_line(number, text)

    def _of_line(self, number: int, text: str) -> Iterator[Link]:
        mark = _MARK.match(text)
        body = text[mark.end() :] if mark else text
        pieces, relations = _at_relations(body)
        if pieces[0].strip():
            self.differentials = _DIFFERENTIAL_OF.match(pieces[0].strip()) is not None
        left = ""
        for place, (relation, piece) in enumerate(zip(["", *relations], pieces, strict=True)):
            piece = piece.strip()
            if place == 0 and not piece and len(pieces) > 1:
                continue
            if relation == "=>":
                relation, left = "", ""
            side, error, misfit = None, "", False
            try:
                if not relation and len(pieces) > 1 and piece in self.sizes:
                    raise NameUnknownError(
                        f"{piece} = ...", f"{piece} is a size", "choose another name"
                    )
                side = self._side(piece)
            except ChainruleError as problem:
                error = self._why(problem, piece, left.strip())
                misfit = isinstance(problem, ShapeError)
            if side is not None and side.head is not None and not relation:
                self.differentials = side.head.kind == "differential"
            shown = f"{left}{relation} {piece}".strip()
            yield Link(number, shown, relation, side, error, misfit, mark is not None)
            head = piece if not relation else left.strip()
            if side is None and _NAME.fullmatch(head):
                self.unread.setdefault(head, number)
            left = f"{piece} " if not relation else ""

    def _why(self, problem: ChainruleError, piece: str, left: str) -> str:
        """Why a side could not be read; the cause may be an earlier line, or a definition by itself."""
        for name in _NAME.findall(piece) if isinstance(problem, NameUnknownError) else ():
            if name in self.unread and name not in self.scope:
                return f"{name} is not defined, since line {self.unread[name]} could not be read"
            if name == left and name not in self.scope:
                return (
                    f"{name} is defined by itself; declare it, or give one of the two another name"
                )
        return str(problem).split("\n")[0]

    def _side(self, text: str) -> Side:
        if not text:
            raise ParseError("a relation", "nothing on one of its sides", "write both sides")
        head = self._head(text)
        if head is not None:
            return Side(text, 0, None, head=head)
        if (
            _DIFFERENTIAL_OF.match(text)
            and text.endswith(")")
            and _closing(text, text.index("(")) == len(text) - 1
        ):
            inner = self._expression(text[text.index("(") + 1 : -1])
            return Side(text, 0, inner, head=Head("differential", ""))
        return Side(text, 0, self._expression(text))

    def _head(self, text: str) -> Head | None:
        """What a side names, when it is no expression of what is known."""
        if _NAME.fullmatch(text):
            if text in self.scope or text in self.sizes or text in RESERVED:
                return None
            if text[0] == "d" and text[1:] in self.scope:
                return Head("differential", text[1:])
            return Head("name", text)
        quotient = _QUOTIENT.fullmatch(text)
        if quotient and quotient[1] not in self.scope:
            return Head("derivative", quotient[1], (quotient[2],))
        call = re.fullmatch(r"(?:D|grad)\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)", text)
        if call and call[1] not in self.scope and _NAME.fullmatch(call[1]):
            return Head("derivative", call[1], (call[2],))
        return None

    def _expression(self, text: str, nodes: Mapping[str, Expression] | None = None) -> Expression:
        """The expression of a text in which names are intermediates and derivatives are written.

        `nodes` are names that stand for expressions, besides those in scope.
        """
        for name in _NAME.findall(text):
            if name in self.unread and name not in self.scope:
                raise NameUnknownError(
                    name,
                    f"line {self.unread[name]}, which defines it, could not be read",
                    "mend it",
                )
        known: dict[str, Expression] = {**self.sizes, **self.scope, **(nodes or {})}
        plain = _QUOTIENT.sub(
            lambda found: self._quotient(found, known), self._without_calls(text, known)
        )
        if self.differentials:
            known.update((each.name, each) for each in self._differentials(plain))
        return parse_in(plain, known)

    def _differentials(self, text: str) -> Iterator[Variable]:
        """The differentials of known names that a text is written with."""
        for found in _DIFFERENTIAL.finditer(text):
            place = self.scope.get(found[1])
            if place is not None and f"d{found[1]}" not in self.scope:
                yield Variable(f"d{found[1]}", place.shape)

    def _without_calls(self, text: str, known: dict[str, Expression]) -> str:
        """The text with D(f, x) replaced by names for what they are, the innermost first."""
        for _ in range(_MOST_DERIVATIVES):
            calls = [] if {"D", "grad"} & set(self.scope) else list(_CALL.finditer(text))
            if not calls:
                return text
            start, opening = calls[-1].start(), calls[-1].end() - 1
            end = _closing(text, opening)
            function, comma, place = text[opening + 1 : end].rpartition(",")
            if not comma or not _NAME.fullmatch(place.strip()):
                raise ParseError(text[start : end + 1], "no derivative", "write D(f, x), x a name")
            name = self._stand_in(self._expression(function, known), place.strip(), known)
            text = f"{text[:start]}{name}{text[end + 1 :]}"
        raise ParseError(text[:60], "too many derivatives on one side", "split the line")

    def _quotient(self, found: re.Match[str], known: dict[str, Expression]) -> str:
        """dL/dw as a name for the derivative, where dL and dw are no names of their own."""
        function, place = found[1], found[2]
        if {f"d{function}", f"d{place}"} & set(self.scope):
            return found[0]
        if function not in self.scope or place not in self.scope:
            missing = place if function in self.scope else function
            raise NameUnknownError(found[0], f"{missing} is not defined", "define it first")
        return self._stand_in(self.scope[function], place, known)

    def _stand_in(self, function: Expression, place: str, known: dict[str, Expression]) -> str:
        variable = self.scope.get(place)
        if variable is None:
            raise NameUnknownError(
                f"a derivative by {place}", "it is neither declared nor defined", "define it first"
            )
        node = Derivative(function, variable)
        name = f"derivative_{node.key.hex()}"
        known[name] = node
        return name


def _names(given: Given | None) -> Mapping[str, Expression]:
    """What the declared names stand for: variables, sizes, and definitions where there are some."""
    if definitions(given):
        from symbolic.reading.latex.reader import declared_names

        return declared_names(given)
    declared = declare(given)
    sizes = {letter: constant(size_symbol(letter)) for letter in declared_sizes(declared)}
    return {**sizes, **declared}


def _at_relations(text: str) -> tuple[list[str], list[str]]:
    """The text cut at the relations that are in no bracket."""
    depth, start, pieces, relations, place = 0, 0, [], [], 0
    while place < len(text):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        found = _RELATION.match(text, place) if depth == 0 else None
        if found is None:
            place += 1
            continue
        pieces.append(text[start:place])
        relations.append(_SIGNS.get(found[0], found[0]))
        place = start = found.end()
    return [*pieces, text[start:]], relations


def _closing(text: str, opening: int) -> int:
    """The place of the bracket that closes one."""
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        if depth == 0:
            return place
    raise ParseError(text[:60], "a bracket that is not closed", "balance the brackets")
