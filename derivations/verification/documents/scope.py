"""What is declared and defined at each place of a document."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from derivations.verification.documents.declarations import Declaration, Hint, with_domain
from derivations.verification.documents.names import (
    letters,
    recurs,
    same_name,
    symbol_of,
    wholes_of_rows,
    without_arguments,
    without_index,
    without_labels,
)
from symbolic.errors import ParseError

MAX_DEFINITIONS = 50  # that one formula rests on
_MOST_NAMES = 500
_MOST_TURNS = 3  # ways in which what sentences hint at is tried
NOTATIONS = frozenset(
    ["layout", "|A|", "^T", "'", "*", "\\cdot", "\\otimes", "\\circ", "\\log", "\\ast", "\\times"]
)


@dataclass(frozen=True)
class Definition:
    """A name with the line that defines it: what it says, and where it stands for a person.

    `piece` is the number of the piece of the document, `section` that of the section, and `row` orders
    the definitions of one piece.
    """

    name: str
    text: str
    place: str
    piece: int
    section: int = 0
    row: int = 0

    @property
    def where(self) -> str:
        """Its place for a person: "line 4", or "cell 1:4"."""
        return self.place if self.place.startswith("cell") else f"line {self.place}"

    @property
    def spoken(self) -> bool:
        """Whether a sentence or a comment says it, and no display."""
        return self.piece < 0

    def uses(self, other: Definition) -> bool:
        """Whether it is written with what the other one defines."""
        return recurs(without_index(other.name), self.text.partition("=")[2])

    def may_use(self, other: Definition) -> bool:
        """The same, however labels are spelt."""
        return recurs(without_labels(other.name), self.text.partition("=")[2])


@dataclass
class _Name:
    """All that is said of one name, by place."""

    written: str
    places: list[int] = field(default_factory=list)
    declared: list[Declaration] = field(default_factory=list)
    definition: Definition | None = None

    def at(self, place: int) -> Declaration | None:
        """What holds at a place: the last that was said before, or else the first that is said."""
        if not self.declared:
            return None
        return self.declared[max(0, bisect_right(self.places, place) - 1)]

    def display(self, place: int) -> Definition | None:
        """The display that defines the name, unless a comment has taken the name back since."""
        found = self.definition
        if found is None or not self.declared:
            return found
        number = max(0, bisect_right(self.places, place) - 1)
        taken_back = self.declared[number].value is None and self.places[number] > found.piece
        return None if taken_back else found


@dataclass(frozen=True)
class Names:
    """What a formula may use: declarations as `given` has them, and lines that define."""

    given: Mapping[str, str]
    definitions: tuple[Definition, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The lines that define."""
        return [each.text for each in self.definitions]

    @property
    def sizes(self) -> set[str]:
        """The letters of sizes that are declared."""
        return set().union(*map(_sizes, self.given.values()))

    def used(self, text: str) -> list[Definition]:
        """The definitions that a formula rests on, those that they rest on among them."""
        found = [each for each in self.definitions if recurs(without_index(each.name), text)]
        for definition in found:
            found.extend(
                each for each in self.definitions if each not in found and definition.uses(each)
            )
        return [each for each in self.definitions if each in found]

    def narrowed(self, text: str) -> Names:
        """The same without the definitions that a formula cannot rest on."""
        text = " ".join([text, *(value for value in self.given.values() if value.startswith("="))])
        found = [
            each
            for each in self.definitions
            if recurs(without_labels(each.name), text) or not letters(each.name)
        ]
        for definition in found:
            found.extend(
                each for each in self.definitions if each not in found and definition.may_use(each)
            )
        return Names(self.given, tuple(each for each in self.definitions if each in found))


class Scope:
    """The names of one document.

    A comment decides over a sentence; what a sentence says and does not fit the rest is left out. The
    definition of a display holds from there on, unless a comment declares the name.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._names: list[_Name] = []
        self._found: dict[str, _Name] = {}
        self._hints: list[Hint] = []
        for name, value in given.items():
            self.declare(-1, Declaration(name, value, 0))

    def declare(self, place: int, declaration: Declaration) -> None:
        """Take in a declaration; a comment ends what sentences and displays said of the name."""
        name = self._name(declaration.name)
        commented = [each for each in name.declared if not each.spoken]
        if declaration.spoken and (commented or (declaration.adds and not name.declared)):
            return
        if declaration.spoken and (declaration.value or "").startswith(":") and name.declared:
            declaration = _with_domain(name.declared[-1], declaration)
        if not declaration.spoken and len(commented) < len(name.declared):
            name.places, name.declared = [], []
        name.places.append(place)
        name.declared.append(declaration)

    def define(self, definition: Definition) -> None:
        """Take in the line of a display that defines a name."""
        self._name(definition.name).definition = definition

    def hint(self, hint: Hint) -> None:
        """Take in what a sentence may say of a name; without a name, of all of them."""
        self._hints.append(hint)

    def hinted(self, given: Mapping[str, str]) -> Iterator[tuple[dict[str, str], list[Hint]]]:
        """What is declared, with what sentences hint at added; and the hints that were taken."""
        taken: dict[str, list[tuple[str, Hint]]] = {}
        for name, value in given.items():
            for hint in self._hints:
                if not hint.name or same_name(without_index(name), hint.name):
                    others = [with_domain(value, domain) for domain in hint.domains]
                    taken.setdefault(name, []).extend(
                        (each, hint) for each in others if each != value
                    )
        for turn in range(min(_MOST_TURNS, max(map(len, taken.values()), default=0))):
            chosen = {name: each[min(turn, len(each) - 1)] for name, each in taken.items() if each}
            yield (
                {**given, **{name: value for name, (value, _) in chosen.items()}},
                list(dict.fromkeys(hint for _, hint in chosen.values())),
            )

    def forget(self, written: str) -> None:
        """Take back what displays have said of a name."""
        self._name(written).definition = None

    def spoken_variable(self, written: str, place: int) -> bool:
        """Whether a sentence, and nothing else, says where a name lies."""
        said = self._name(written).at(place)
        return said is not None and said.spoken and not said.is_definition

    def definition(self, written: str, place: int) -> Definition | None:
        """The line of an earlier display that defines a name, unless a comment has taken it back."""
        return self._name(written).display(place)

    def at(
        self,
        place: int,
        text: str,
        *,
        without: Iterable[str] = (),
        as_variables: bool = False,
        whole: bool = False,
    ) -> Names:
        """What a formula at a place may use, but for the names in `without`.

        With `as_variables`, names that are both said to lie somewhere and defined are variables; with
        `whole`, whatever displays define is there as well, as it may be what an equation is about.
        """
        left_out = {id(self._name(each)) for each in without}
        comments: list[Declaration] = []
        sentences: list[Declaration] = []
        defined: list[Definition] = []
        if whole:
            text = " ".join([text, *(each.written for each in self._names if each.definition)])
        for name in self._relevant(place, text):
            said, definition = name.at(place), name.display(place)
            if id(name) in left_out:
                continue
            if said is not None and not said.spoken and said.value is not None:
                comments.append(said)
            elif definition is not None and not (as_variables and said is not None):
                defined.append(definition)
            elif said is not None and said.is_definition:
                defined.append(_spoken_line(said))
            elif said is not None and said.value is not None:
                sentences.append(said)
        if len(defined) > MAX_DEFINITIONS:
            return Names(_consistent(comments, sentences), tuple(defined))
        comments, lines = _apart(comments, defined)
        given = _consistent(comments, sentences)
        return Names(given, tuple(_in_order([*lines, *defined]))).narrowed(text)

    def _name(self, written: str) -> _Name:
        plain = without_arguments(written)
        found = self._found.get(plain)
        if found is None:
            found = next((each for each in self._names if same_name(each.written, plain)), None)
            if found is None:
                if len(self._names) >= _MOST_NAMES:
                    raise ParseError(plain, f"more than {_MOST_NAMES} names", "split the document")
                found = _Name(plain)
                self._names.append(found)
            self._found[plain] = found
        return found

    def _relevant(self, place: int, text: str) -> list[_Name]:
        """The names that a formula, or what its names mean, may be written with."""
        used = letters(text) | wholes_of_rows(text)
        waiting = list(self._names)
        found: list[_Name] = []
        while True:
            added = [name for name in waiting if _may_occur(name.written, used)]
            if not added:
                return [name for name in self._names if any(name is each for each in found)]
            found.extend(added)
            waiting = [name for name in waiting if not any(name is each for each in added)]
            for name in added:
                said = name.at(place)
                if said is not None and said.value is not None:
                    used |= letters(
                        said.value if said.is_definition else said.value.partition(":")[0]
                    )
                if name.definition is not None:
                    used |= letters(name.definition.text) | wholes_of_rows(name.definition.text)


def _spoken_line(said: Declaration) -> Definition:
    """A definition in a sentence, or in a comment, as a line."""
    place = f"cell {said.cell}:{said.line}" if said.cell else str(said.line)
    return Definition(without_arguments(said.name), f"{said.name} {said.value}", place, -1)


def _apart(
    comments: list[Declaration], defined: list[Definition]
) -> tuple[list[Declaration], list[Definition]]:
    """Comments that go into `given`, and those that have to be lines, as they use what lines define."""
    lines: list[Definition] = []
    while True:
        names = [each.name for each in (*defined, *lines)]
        moved = [
            each
            for each in comments
            if each.is_definition and any(recurs(name, each.value or "") for name in names)
        ]
        if not moved:
            return comments, lines
        lines.extend(_spoken_line(each) for each in moved)
        comments = [each for each in comments if not any(each is other for other in moved)]


def _in_order(definitions: list[Definition]) -> Iterator[Definition]:
    """Each definition after those that it uses, and else in the order in which they are written."""
    waiting = sorted(definitions, key=lambda each: (each.piece, each.row))
    while waiting:
        ready = (
            each
            for each in waiting
            if not any(each.uses(other) for other in waiting if other is not each)
        )
        first = next(ready, waiting[0])
        yield first
        waiting.remove(first)


def _may_occur(name: str, used: set[str]) -> bool:
    """Whether all letters of a name in LaTeX are used; words of the text language may always be."""
    if name in NOTATIONS or symbol_of(name) is None:
        return True
    return letters(without_index(name)) <= used


def _with_domain(said: Declaration, domain: Declaration) -> Declaration:
    """Sizes that were said before with a domain that is said now."""
    if said.is_definition or said.value is None:
        return said
    value = with_domain(said.value, (domain.value or "").strip(": "))
    return Declaration(domain.name, value, domain.line, domain.cell, True)


def _consistent(comments: list[Declaration], sentences: list[Declaration]) -> dict[str, str]:
    """Declarations by name; what is read from a sentence gives way where names and sizes collide."""
    given = {each.name: each.value or "" for each in comments}
    sizes = {letter for value in given.values() for letter in _sizes(value)}
    for each in sentences:
        value = each.value or ""
        if each.name in sizes or _sizes(value) & set(given):
            continue
        given[each.name] = value
        sizes |= _sizes(value)
    return given


def _sizes(value: str) -> set[str]:
    return set() if value.startswith("=") else set(re.findall("[a-zA-Z]+", value.partition(":")[0]))
