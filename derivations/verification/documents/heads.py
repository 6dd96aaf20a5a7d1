"""What a display defines: the names that its rows set equal to something."""

from __future__ import annotations

import re

from derivations.verification.documents.names import NAME, recurs

OPENING = re.compile(r"(?:\s|&|\\begin\{[a-z]+\*?\}(?:\{\d*\})?|\\label\{[^{}]*\})*")
HEAD = re.compile(
    OPENING.pattern + rf"(?P<name>{NAME}(?:\s*\([^()=]{{1,40}}\))?)\s*&?\s*"
    r"(?P<sign>:=|=|\\coloneqq|\\triangleq|\\equiv)(?P<rest>.*)",
    re.DOTALL,
)
_ROW_END = re.compile(r"\\\\(?:\s*\[[^\]\n]{0,20}\])?|\\q?quad(?![a-zA-Z])")


def heads(text: str) -> list[str]:
    """The names that rows of a display set equal to something without them."""
    found = [HEAD.match(row) for row in _ROW_END.split(text)]
    return [
        head["name"].strip()
        for head in found
        if head and head["name"].strip() and not recurs(head["name"], head["rest"])
    ]


def one_line(text: str) -> str:
    """A formula on one line, without comments and the full stop behind it."""
    return " ".join(re.sub(r"(?<!\\)%[^\n]*", "", text).split()).rstrip(".,;")
