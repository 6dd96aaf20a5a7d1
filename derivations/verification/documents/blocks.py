"""One displayed formula, checked: its lines, the first wrong one, and what it defines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from derivations.verification.documents.rows import equations, on_rows
from derivations.verification.steps import LineVerification, verify_steps
from derivations.verification.steps.latex_rows import rows
from symbolic import Latex, read_latex
from symbolic.errors import ChainruleError, ShapeError

_ALIGNED_AT = re.compile(r"\\(begin|end)\{(align|aligned)at(\*?)\}(?:\s*\{[0-9]+\})?")
_LONGEST = 2_000  # characters of an expression that is quoted


def check_block(
    text: str, given: Mapping[str, str], definitions: Sequence[str] = (), seed: int = 0
) -> dict[str, Any]:
    r"""What the lines of a displayed formula were found to be, as JSON has it.

    `definitions` are formulas of earlier displays, each on one line, that the names come from. Beside
    the lines, `before` has the numbers at which the definitions end, `lost` says why some of them cannot
    be read here, by place, `left_out` how many equations of the text no line is about, and `misfit`
    which shapes do not fit.

    >>> found = check_block(r"\nabla_x L = A x", {"A": "n n", "x": "n"}, [r"L = x^\top A x"])
    >>> [(line["number"], line["verdict"]) for line in found["lines"]]
    [(1, 'refuted')]
    """
    text = on_rows(_ALIGNED_AT.sub(r"\\\1{\2\3}", text))
    try:
        checked = verify_steps([*map(Latex, definitions), Latex(text)], given, seed=seed)
    except ChainruleError as error:
        return {"refused": _first_line(error)}
    ends = [max((row.number for row in rows(definitions[:place])), default=0)
            for place in range(len(definitions) + 1)]  # fmt: skip
    lines = [line for line in checked.lines if line.number > ends[-1]]
    found: dict[str, Any] = {"before": ends}
    found["lines"] = [_as_dict(line, line.number - ends[-1]) for line in lines]
    lost = {
        bisect_left(ends, line.number) - 1: line.reason
        for line in checked.lines
        if line.number <= ends[-1] and line.verdict in ("undecided", "refuted")
    }
    if lost:
        found["lost"] = lost
    if any(line.reading == "unread" for line in lines):
        found["misfit"] = _misfit([*definitions, text], given)
    else:
        judged = sum(line.relation in ("=", ":=") for line in lines)
        found["left_out"] = max(0, equations(text) - judged)
    return found


def _as_dict(line: LineVerification, number: int) -> dict[str, Any]:
    found = {**line.as_dict(), "number": number}
    return {key: _shortened(value) for key, value in found.items()}


def _shortened(value: Any) -> Any:
    """The same with long texts cut."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[: _LONGEST - 3] + "..."
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    return value


def _misfit(texts: Sequence[str], given: Mapping[str, str]) -> str:
    """Why shapes do not fit, when that is why a formula could not be read."""
    try:
        read_latex("\\\\\n".join(texts), given)
    except ShapeError as error:
        return _first_line(error)
    except ChainruleError:
        pass
    return ""


def _first_line(error: ChainruleError) -> str:
    return str(error).partition("\n")[0]
