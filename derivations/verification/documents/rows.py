r"""Formulas that stand beside each other, `z = Xw, \quad L = \|z\|^2`, set on rows of their own."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\\(?P<which>begin|end)\s*\{(?P<name>[a-zA-Z]{1,20})\*?\}|[,;]?\s*(?P<gap>\\q?quad(?![a-zA-Z]))"
    r"|\\left(?![a-zA-Z])|\\right(?![a-zA-Z])|\\.|[{}]",
    re.DOTALL,
)
_TABLES = re.compile(r"array|[dr]?cases|[bBpvV]?matrix|smallmatrix|substack")
_RELATION = re.compile(r"[=<>]|\\(?:leq?|geq?|approx|equiv|coloneqq|triangleq)(?![a-zA-Z])")
_REMARK = re.compile(
    r"\s*&?\s*(?:[=<>+\-]|\\(?:text\w*|mbox|mathrm|forall|leq?|geq?|approx|quad|qquad|tag)(?![a-zA-Z]))"
    r"|.*\\[lc]?dots(?![a-zA-Z])",
    re.DOTALL,
)


def on_rows(text: str) -> str:
    r"""The text with `\\` between formulas that only a wide space, or a comma and one, separates.

    Remarks such as `\quad \text{for all } x` and ranges such as `\quad i = 1, \dots, n` stay.

    >>> print(on_rows(r"z = Xw, \quad L = z^2 \quad \text{with } L > 0"))
    z = Xw \\ L = z^2 \quad \text{with } L > 0
    """
    depth, done = 0, 0
    parts: list[str] = []
    for found in _TOKEN.finditer(text):
        token = found.group()
        if found["which"] and _TABLES.fullmatch(found["name"]):
            depth += 1 if found["which"] == "begin" else -1
        elif token in ("{", "\\left"):
            depth += 1
        elif token in ("}", "\\right"):
            depth -= 1
        elif depth <= 0 and (found["gap"] or token == "\\\\"):
            parts.extend([text[done : found.start()], token])
            done = found.end()
    parts.append(text[done:])
    for place in range(1, len(parts), 2):
        before, after = parts[place - 1], parts[place + 1]
        if (
            parts[place] != "\\\\"
            and _states(before)
            and _states(after)
            and not _REMARK.match(after)
        ):
            parts[place] = " \\\\"
    return "".join(parts)


def _states(text: str) -> bool:
    return _RELATION.search(text) is not None


_SIGN = re.compile(
    r"\\(?P<which>begin|end)\s*\{(?P<name>[a-zA-Z]{1,20})\*?\}"
    r"|(?P<brace>\\left\s*\\\{\s*(?=\\begin))|(?P<open>\\left(?![a-zA-Z])\s*\\?.|\\?[{(\[])"
    r"|(?P<close>\\right(?![a-zA-Z])\s*\\?.|\\?[})\]])|\\not\s*=|(?P<equals>=)|\\.",
    re.DOTALL,
)
_RANGE = re.compile(r"[a-zA-Z](?:\s*,\s*[a-zA-Z])*\s*=\s*[01]\s*,\s*(?:\d\s*,\s*)?\\[lc]?dots")
_ALIGNED = re.compile(r"&\s*=")


def equations(text: str) -> int:
    r"""How many equality signs a formula has that are not within brackets, words or tables.

    >>> equations(r"a &= b, & \sum_{i=1}^n c_i &= d \text{ with } i = 1, \dots, n")
    2
    """
    text = _RANGE.sub("", text)
    count, hidden = 0, 0
    opened: list[bool] = []  # whether what is within counts as hidden
    for found in _SIGN.finditer(text):
        if found["equals"]:
            count += not hidden
        elif found["close"] or found["which"] == "end":
            hidden -= opened.pop() if opened else 0
        elif found["which"]:
            inside = text[found.end() : text.find("\\end", found.end())]
            block = found["name"] == "array" and _ALIGNED.search(inside)
            opened.append(_TABLES.fullmatch(found["name"]) is not None and not block)
            hidden += opened[-1]
        elif found["open"] or found["brace"]:
            opened.append(found["brace"] is None)
            hidden += opened[-1]
    return count
