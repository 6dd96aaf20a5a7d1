"""Findings: what the lines of a display come to, and how reasons are told in a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from derivations.verification.documents.names import without_index
from derivations.verification.documents.pieces import Piece
from derivations.verification.documents.report import Finding

PASSED = ("proved", "verified")


def of_lines(
    piece: Piece,
    lines: tuple[dict[str, Any], ...],
    answer: Mapping[str, Any],
    given: tuple[tuple[str, str], ...],
    notes: tuple[str, ...],
) -> Finding:
    """The finding of a display whose lines were looked at: the worst of them.

    One that is not read as a whole does not pass, whatever the rest of it says.
    """

    def finding(verdict: str, reason: str, line: int) -> Finding:
        return Finding(verdict, reason, piece.text, line, piece.cell, lines, given, notes)

    unread = [line for line in lines if line["reading"] == "unread"]
    read = [line for line in lines if line["reading"] != "unread"]
    misfit, left_out = answer.get("misfit", ""), answer.get("left_out", 0)
    claims = any(line["verdict"] in PASSED for line in read)
    for verdict in ("refuted", "undecided"):
        chosen = next((line for line in read if line["verdict"] == verdict), None)
        if chosen is not None:
            return finding(verdict, chosen["reason"], chosen["line"])
    if misfit:
        return finding("undecided", f"the shapes do not fit: {misfit}", unread[0]["line"])
    if unread and claims:
        reason = f"a line of it is not read: {unread[0]['reason']}"
        return finding("undecided", reason, unread[0]["line"])
    if unread:
        return skipped(piece, unread[0]["reason"], lines, given)
    if left_out:
        told = f"{left_out} of its equations {'is' if left_out == 1 else 'are'} not read"
        return finding("undecided", f"{told}; set each on a row of its own", piece.line)
    for verdict in ("verified", "proved"):
        chosen = next((line for line in read if line["verdict"] == verdict), None)
        if chosen is not None:
            return finding(verdict, chosen["reason"], piece.line)
    stated = [line for line in lines if line["verdict"] == "stated" and line["relation"]]
    if stated:
        return finding("stated", stated[0]["reason"], piece.line)
    reason = lines[0]["reason"] if lines and lines[0]["relation"] else "it claims nothing"
    return skipped(piece, reason, lines, given)


def skipped(
    piece: Piece,
    reason: str,
    lines: tuple[dict[str, Any], ...] = (),
    given: tuple[tuple[str, str], ...] = (),
) -> Finding:
    return Finding("skipped", reason, piece.text, piece.line, piece.cell, lines, given)


def undecided(piece: Piece, reason: str, lines: tuple[dict[str, Any], ...] = ()) -> Finding:
    return Finding("undecided", reason, piece.text[:2_000], piece.line, piece.cell, lines)


_UNDECLARED = re.compile(
    r"(?P<name>\S[^:]*): it is not declared(?: \(declared: (?P<known>[^()]*)\))?; declare it in given.*"
)
_ADVICE = (
    (re.compile(r"; declare it in given.*"), "; declare it in a comment"),
    (re.compile(r"write 'solve:' before it"), "say 'chainrule: solve' in a comment before it"),
)


def advised(text: str) -> str:
    """A reason or a note with the advice that fits a document."""
    if found := _UNDECLARED.fullmatch(text):
        name = re.sub(r"\^\s*\{?\s*(?:\\top|\\intercal|\\mathsf\{T\}|T)\s*\}?$", "", found["name"])
        if without_index(name) not in (found["known"] or "").split(", "):
            name = without_index(name)
        return (
            f"{found['name']}: it is not declared; a comment such as 'chainrule: {name}: n' does that"
            " ('n d' for a matrix, nothing for a number)"
        )
    for pattern, advice in _ADVICE:
        text = pattern.sub(advice, text)
    return text
