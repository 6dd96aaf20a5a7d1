"""Checking a document: formula after formula, each with what is declared and defined at its place."""

from __future__ import annotations

import json
import re
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from derivations.verification.documents.declarations import (
    Declaration,
    Mark,
    Problem,
    read_comment,
)
from derivations.verification.documents.files import read_document
from derivations.verification.documents.findings import (
    PASSED,
    advised,
    of_lines,
    skipped,
    undecided,
)
from derivations.verification.documents.heads import HEAD, OPENING, heads, one_line
from derivations.verification.documents.macros import MAX_WRITTEN_OUT, Macro, macros_of, write_out
from derivations.verification.documents.names import (
    alphabet,
    labelled_apart,
    recurs,
    same_name,
    without_index,
)
from derivations.verification.documents.pieces import Piece
from derivations.verification.documents.places import Places
from derivations.verification.documents.process import Checker
from derivations.verification.documents.report import DocumentReport, Finding
from derivations.verification.documents.scope import (
    MAX_DEFINITIONS,
    NOTATIONS,
    Definition,
    Names,
    Scope,
)
from derivations.verification.documents.sentences import read_hints, read_sentence
from symbolic.errors import ChainruleError, ParseError
from symbolic.reading.declarations import declare, is_notation

MAX_FORMULAS = 2_000  # of one document
MAX_DECLARATIONS = 2_000
_DOCUMENT = 30  # a document gets as long as so many formulas

_LINE = re.compile(r"\bline (\d+)")
_WHAT_IS = re.compile(r"what is ([^?]{1,40})\?")


def check_documents(
    paths: Sequence[Path],
    given: Mapping[str, str] | None = None,
    *,
    seed: int = 0,
    seconds: float = 20.0,
) -> Iterator[DocumentReport]:
    """Check documents one after the other; a formula gets so many seconds, a document thirty times that.

    Raises the errors of `read_document`, before any is checked.
    """
    read = [(path, *read_document(path)) for path in paths]
    with Checker(seconds) as checker:
        for path, text, pieces in read:
            found = _Document(text, pieces, given or {}, checker, seed).findings()
            yield DocumentReport(path, tuple(found), seed)


def check_document(
    path: str | Path,
    given: Mapping[str, str] | None = None,
    *,
    seed: int = 0,
    seconds: float = 20.0,
) -> DocumentReport:
    """Check the displayed formulas of a Markdown file, a TeX file or a notebook.

    Each is checked as by `verify_steps` under what the document declares (see docs/documents.md) and
    `given`. Raises the errors of `read_document`.
    """
    (report,) = check_documents([Path(path)], given, seed=seed, seconds=seconds)
    return report


class _Document:
    """The pieces of one document, and what is known while they are checked in order."""

    def __init__(
        self,
        text: str,
        pieces: Sequence[Piece],
        given: Mapping[str, str],
        checker: Checker,
        seed: int,
    ) -> None:
        self.pieces, self.checker, self.seed = pieces, checker, seed
        self.macros: dict[str, Macro] = macros_of(text)
        self.scope = Scope(given)
        self.section = self.place = 0
        self.marks: dict[int, str] = {}
        self.problems: list[Finding] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.defined_as: dict[
            tuple[str, ...], Definition
        ] = {}  # by what the checker says of their lines
        self.unread: dict[str, str] = {}  # names of displays that are not read, with their lines
        self.defined: list[tuple[int, Piece, Declaration]] = []  # in comments
        self.ends = time.monotonic() + _DOCUMENT * checker.seconds

    def findings(self) -> list[Finding]:
        """One finding for each displayed formula, and for each declaration that cannot be read."""
        self._declare()
        found: dict[int, Finding] = {}
        sections: dict[int, int] = {}
        for place, piece in enumerate(self.pieces):
            self.section += piece.kind == "heading"
            sections[place] = self.section
            self.place = place
            if piece.kind in ("display", "unclosed"):
                found[place] = self._finding(place, piece, len(found))
        for place, finding in list(found.items()):
            if finding.verdict == "skipped" and finding.lines and "not declared" in finding.reason:
                self.section, self.place = sections[place], place
                found[place] = self._finding(place, self.pieces[place], 0)
        self._check_definitions()
        return sorted([*self.problems, *found.values()], key=lambda each: (each.cell, each.line))

    def _declare(self) -> None:
        """Take in all declarations; a display that only declares is one."""
        count, mark = 0, ""
        for place, piece in enumerate(self.pieces):
            if piece.kind == "display" and mark:
                self.marks[place], mark = mark, ""
            for item in self._declarations(piece):
                if isinstance(item, Mark):
                    mark = item.kind
                    continue
                count += 1
                if count > MAX_DECLARATIONS:
                    self._tell(f"more than {MAX_DECLARATIONS} declarations", piece, item.line)
                    return
                problem = item.error if isinstance(item, Problem) else self._problem(place, item)
                if problem is not None:
                    self._tell(_reason(problem), piece, item.line)
                elif isinstance(item, Declaration) and item.is_definition and not item.spoken:
                    self.defined.append((place, piece, item))

    def _check_definitions(self) -> None:
        """Report the definitions in comments that cannot be read, now that all names are known."""
        for place, piece, item in self.defined:
            names = self.scope.at(place, item.name)
            line = next((each for each in names.definitions if each.name == item.name), None)
            if line is None:
                answer = self._ask("0", names)
            else:
                answer = self._ask(line.text, self.scope.at(place, line.text, without=[item.name]))
            unread = [each for each in answer.get("lines", ()) if each["reading"] == "unread"]
            reason = answer.get("refused") or (unread[0]["reason"] if unread else "")
            if reason:
                self._tell(advised(reason), piece, item.line)

    def _tell(self, reason: str, piece: Piece, line: int) -> None:
        """Report a declaration that cannot be read."""
        self.problems.append(Finding("undecided", reason, "", line, piece.cell))

    def _declarations(self, piece: Piece) -> Iterator[Declaration | Mark | Problem]:
        if piece.kind == "declaration":
            yield from read_comment(piece)
        elif piece.kind in ("inline", "display") and len(piece.text) < MAX_WRITTEN_OUT:
            try:
                text = write_out(piece.text, self.macros)
            except ParseError:
                return
            for hint in read_hints(replace(piece, text=text)):
                self.scope.hint(hint)
            if piece.kind == "inline" or "=" not in text:
                yield from read_sentence(replace(piece, text=text))

    def _problem(self, place: int, item: Declaration) -> ChainruleError | None:
        """Take in one declaration; what makes it none, if it is in a comment."""
        try:
            if item.value is not None and not item.is_definition:
                _check_sizes(item.name, item.value)
            self.scope.declare(place, item)
        except ChainruleError as error:
            return None if item.spoken else error
        return None

    def _finding(self, place: int, piece: Piece, number: int) -> Finding:
        """What is found for a display."""
        if piece.kind == "unclosed":
            return skipped(
                piece, f"the formula that {piece.text} begins is not closed in its paragraph"
            )
        if self.marks.get(place) == "skip":
            return skipped(piece, "a comment says so")
        if number >= MAX_FORMULAS:
            return undecided(
                piece, f"only the first {MAX_FORMULAS} formulas of a document are checked"
            )
        if len(piece.text) > MAX_WRITTEN_OUT:
            return undecided(
                piece, f"it has {len(piece.text)} characters, more than {MAX_WRITTEN_OUT}"
            )
        if not piece.text.strip():
            return skipped(piece, "it is empty")
        try:
            text = write_out(piece.text, self.macros)
        except ParseError as error:
            return undecided(piece, _reason(error))
        if "=" not in text and next(read_sentence(replace(piece, text=text)), None) is not None:
            return Finding("stated", "it declares", piece.text, piece.line, piece.cell)
        if self.marks.get(place) == "solve":
            start = OPENING.match(text)
            begin = start.end() if start else 0
            marked = f"{text[:begin]} solve: {text[begin:]}"
            return self._read(piece, marked, self.scope.at(place, text))
        return self._checked(place, piece, text)

    def _checked(self, place: int, piece: Piece, text: str) -> Finding:
        """A display, not refuted where a sentence may say what would make it right."""
        found = self._settled(place, piece, text)
        head = HEAD.match(text)
        for known in found.uses if head and found.verdict in PASSED else ():
            if head and same_name(without_index(head["name"]), without_index(known.name)):
                self.scope.define(replace(known, section=self.section))  # it is said here again
        if found.verdict != "refuted":
            return found
        for given, hints in self.scope.hinted(dict(found.given)):
            names = self.scope.at(place, text)
            again = self._read(piece, text, replace(names, given=given), register=False)
            if again.verdict in PASSED:
                told = "; ".join(
                    f"'{name}: {value}'"
                    for name, value in given.items()
                    if dict(found.given)[name] != value
                )
                lines = ", ".join(str(line) for line in sorted({each.line for each in hints}))
                reason = f"it is right with {told}, as line {lines} may say; declare it, or mend it"
                return undecided(piece, reason, found.lines)
        return found

    def _settled(self, place: int, piece: Piece, text: str) -> Finding:
        """A display, under the reading of its names that is to be taken."""
        head = HEAD.match(text)
        name = head["name"].strip() if head else ""
        defines = head is not None and bool(name) and not recurs(name, head["rest"])
        spoken = [each for each in heads(text) if self.scope.spoken_variable(each, place)]
        if spoken:
            solved = self._in_context(place, piece, text)
            return solved or self._read(piece, text, self.scope.at(place, text, without=spoken))
        known = self.scope.definition(name, place) if defines else None
        if known is not None and head is not None and known.text != one_line(text):
            fresh = self.scope.at(place, text, without=[name])
            if head["sign"] != "=":
                return self._read(piece, text, fresh)
            found = self._read(piece, text, self.scope.at(place, text))
            if found.verdict in PASSED or known.section == self.section:
                return found
            return self._read(piece, text, fresh)
        if known is not None:
            return self._read(piece, text, self.scope.at(place, text, without=[name]))
        found = self._read(piece, text, self.scope.at(place, text))
        equation = any(line["reading"] == "equation" for line in found.lines)
        if found.verdict in PASSED or (found.verdict == "stated" and not equation):
            return found
        if any(
            line["reading"] == "equality" and line["verdict"] in ("refuted", "undecided")
            for line in found.lines
        ):
            solved = self._in_context(place, piece, text)
            if solved is not None:
                return solved
        return self._doubted(found, place, piece, text, name if defines else "")

    def _in_context(self, place: int, piece: Piece, text: str) -> Finding | None:
        """A formula as an equation to solve, or its solution, of what displays before it define."""
        names = self.scope.at(place, text, whole=True)
        if not names.definitions:
            return None
        found = self._read(piece, text, names, register=False)
        readings = {line["reading"] for line in found.lines}
        solves = "solution" in readings and "unread" not in readings
        passes = found.verdict in (*PASSED, "stated")
        return found if solves or (passes and readings & {"equation", "implication"}) else None

    def _doubted(self, found: Finding, place: int, piece: Piece, text: str, name: str) -> Finding:
        """What does not pass, where another reading of its names may do better."""
        declared = dict(found.given)
        if found.verdict == "refuted" and any(
            same_name(name, each) and not declared[each].startswith("=") for each in declared
        ):
            reason = (
                f"{name} is declared as a variable, so this is an equation and no identity; "
                f"to define it, declare '{name} = ...' instead"
            )
            return undecided(piece, reason, found.lines)
        usual = self.scope.at(place, text)
        other = self.scope.at(place, text, as_variables=True)
        if other == usual:
            return found
        free = self._read(piece, text, other, register=False)
        if free.verdict not in PASSED:
            return found
        names = [each for each in usual.definitions if each not in other.definitions]
        told = ", ".join(f"{each.name} ({each.where})" for each in names)
        if found.verdict == "skipped":
            return replace(free, notes=(*free.notes, f"{told} is taken for a variable"))
        reason = (
            f"it is right if {told} is a variable, and not if it stands for what it is said to equal; "
            "declare which in a comment"
        )
        return undecided(piece, reason, found.lines)

    def _read(self, piece: Piece, text: str, names: Names, *, register: bool = True) -> Finding:
        """What the checker says under these names; the definitions found are remembered."""
        answer = self._ask(text, names)
        given = tuple(names.given.items())
        if "failed" in answer:
            return undecided(piece, answer["failed"])
        if "refused" in answer:
            return undecided(piece, advised(answer["refused"]))
        lost = {names.definitions[int(place)]: why for place, why in answer.get("lost", {}).items()}
        if any(each.spoken for each in lost):
            kept = [each for each in names.definitions if not (each.spoken and each in lost)]
            return self._read(
                piece, text, replace(names, definitions=tuple(kept)), register=register
            )
        clashing = self._clashing(answer["lines"]) if register else []
        if clashing and (compared := self._compared(piece, text, names, clashing)) is not None:
            return compared
        places = Places(text, piece.line)
        before = answer["before"]
        shown_lines = [places.line(each) for each in answer["lines"]]
        numbered = {
            before[-1] + each["number"]: line
            for each, line in reversed(list(zip(answer["lines"], shown_lines, strict=True)))
        }

        def told(text: str) -> str:
            """What is said of a line of the checker, with the line of the document that it is."""

            def shown(found: re.Match[str]) -> str:
                number = int(found[1])
                if number in numbered:
                    return f"line {numbered[number]}"
                place = bisect_left(before, number) - 1
                known = names.definitions
                return known[place].where if place < len(known) else found[0]

            return _LINE.sub(shown, advised(text))

        lines = tuple(
            {**each, "line": numbered_line, "reason": told(each["reason"]),
             "notes": [told(note) for note in each["notes"]]}
            for each, numbered_line in zip(answer["lines"], shown_lines, strict=True)
        )  # fmt: skip
        if register:
            self._remember(piece, lines, names)
        used = names.used(text)
        notes = tuple(
            f"{each.name} is what {each.where} says, which is not read here: {advised(why)}"
            for each, why in lost.items()
            if each in used
        )
        found = of_lines(piece, lines, answer, given, notes)
        return replace(found, uses=tuple(used), reason=self._told(found, text))

    def _told(self, found: Finding, text: str) -> str:
        """The reason; for a name that is not known, with the line that says what it is and is not read."""
        head = HEAD.match(text)
        if found.verdict == "skipped" and head and head["name"].strip():
            self.unread[head["name"].strip()] = found.place
        asked = _WHAT_IS.match(found.reason)
        line = next(
            (self.unread[each] for each in self.unread if asked and same_name(each, asked[1])), ""
        )
        return (
            f"{asked[0]} Line {line} says so, and is not read" if asked and line else found.reason
        )

    def _ask(self, text: str, names: Names) -> dict[str, Any]:
        if time.monotonic() > self.ends:
            return {"failed": "the time for this document is used up"}
        if len(names.definitions) > MAX_DEFINITIONS:
            return {"failed": f"it rests on more than {MAX_DEFINITIONS} definitions"}
        request = {
            "text": text,
            "given": dict(names.given),
            "definitions": names.lines,
            "seed": self.seed,
        }
        key = json.dumps(request)
        if key not in self.answers:
            self.answers[key] = self.checker.ask(request)
        return self.answers[key]

    def _compared(
        self, piece: Piece, text: str, names: Names, clashing: Sequence[Definition]
    ) -> Finding | None:
        """A display that defines again what earlier ones define; None where the names are two."""
        known = names.definitions
        both = replace(
            names, definitions=(*known, *(each for each in clashing if each not in known))
        )
        found = self._read(piece, text, both, register=False)
        return None if any(line["reading"] == "definition" for line in found.lines) else found

    def _clashing(self, lines: Sequence[dict[str, Any]]) -> list[Definition]:
        """Definitions of the same section of what the lines define, written in another way."""
        found = []
        for line in lines:
            head = HEAD.match(line["text"])
            if line["reading"] != "definition" or head is None or head["sign"] != "=":
                continue
            known = self.defined_as.get((line["reason"], *alphabet(head["name"])))
            if known is None or self.scope.definition(head["name"], self.place) is not None:
                continue
            if labelled_apart(known.name, head["name"]):
                continue
            known = self.scope.definition(known.name, self.place)
            if known is not None and known.section == self.section and known.piece != self.place:
                found.append(known)
        return found

    def _remember(self, piece: Piece, lines: Sequence[dict[str, Any]], names: Names) -> None:
        """Take in what the lines define; an entry such as `N_k` of a size N defines no array N."""
        for row, line in enumerate(lines):
            if line["reading"] != "definition" or line["verdict"] != "stated":
                continue
            head = HEAD.match(line["text"])
            if head and head["name"].strip() and without_index(head["name"]) not in names.sizes:
                text = one_line(line["text"])
                shown = f"cell {piece.cell}:{line['line']}" if piece.cell else str(line["line"])
                name = head["name"].strip()
                defined = Definition(name, text, shown, self.place, self.section, row)
                key = (line["reason"], *alphabet(name))
                known = self.defined_as.get(key)
                if known is not None and known.name != name and known.section != self.section:
                    self.scope.forget(known.name)
                self.scope.define(defined)
                self.defined_as[key] = defined


def _check_sizes(name: str, value: str) -> None:
    """Raise what is wrong with the sizes and the domain of a name; notations have none."""
    if name in NOTATIONS and is_notation(name, value):
        return
    sizes = value.partition(":")[0].split()
    if len(sizes) > 2 and "x" in sizes[1:-1]:
        plain = " ".join(each for each in sizes if each != "x")
        raise ParseError(f"{name}: {value}", "an x between sizes", f"write '{name}: {plain}'")
    try:
        declare({"it": value})
    except ChainruleError as error:
        raise type(error)(
            error.written.replace("'it'", repr(name)), error.found, error.advice
        ) from None


def _reason(error: ChainruleError) -> str:
    return str(error).partition("\n")[0]
