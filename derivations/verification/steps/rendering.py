"""A checked derivation as text of at most 80 columns, and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from textwrap import wrap

from derivations.rendering.style import STYLE
from derivations.rendering.wrapping import wrapped
from derivations.verification.equality.decision import Counterexample
from derivations.verification.result import Verification, place_of
from derivations.verification.steps.latex_wrapping import wrapped_latex
from derivations.verification.steps.result import CLAIMS, LineVerification, StepsVerification

WIDTH = 80
_NUMBER = 7  # columns of the line number
_LABEL = 11  # columns of the labels below a line


def as_text(found: StepsVerification) -> str:
    """The lines with their readings and verdicts, and below a line what there is to say of it."""
    return "\n".join(line.rstrip() for line in _lines(found))


def as_html(found: StepsVerification) -> str:
    """The same as one `<div>` with its own style; all text is escaped, and it needs no network."""
    verdict, told = found.summary.split(":", 1)
    head = f"<p>{_coloured(verdict)}:{escape(told)}</p>"
    rows = "".join(
        _row(found, line, before)
        for before, line in zip((None, *found.lines), found.lines, strict=False)
    )
    return f'<style>{STYLE}</style><div class="chainrule">{head}{rows}</div>'


def _row(found: StepsVerification, line: LineVerification, before: LineVerification | None) -> str:
    """One line: its number, its text, what it was read as and its verdict, and remarks below."""
    is_first = before is None or before.number != line.number
    remarks = "".join(
        f'<div><span class="cr-faint">{escape(label)}</span> '
        f"{f'<code>{escape(text)}</code>' if is_formula else escape(text)}</div>"
        for label, text, is_formula in _remarks(line, found.first_wrong)
    )
    below = f'<div class="cr-explained">{remarks}</div>' if remarks else ""
    return (
        f'<div class="cr-line{"" if before is not None else " cr-first"}">'
        f'<div class="cr-number">{f"({line.number})" if is_first else ""}</div><div></div>'
        f"<div><code>{escape(line.text)}</code></div>"
        f'<div class="cr-why">{escape(line.reading)} {_coloured(line.verdict)}</div>{below}</div>'
    )


def _coloured(verdict: str) -> str:
    """A verdict in its colour; one that judges nothing is faint."""
    colour = verdict if verdict in CLAIMS else "faint"
    return f'<span class="cr-verdict cr-{colour}">{escape(verdict)}</span>'


def _lines(found: StepsVerification) -> Iterator[str]:
    yield from wrap(found.summary, WIDTH)
    if found.lines:
        yield ""
    last = 0
    for line in found.lines:
        number = f"({line.number})" if line.number != last else ""
        last = line.number
        yield from _beside(f"{number:>5}  ", line.text, f"{line.reading}  {_mark(line)}")
        for label, text, is_formula in _remarks(line, found.first_wrong):
            room = WIDTH - _NUMBER - _LABEL
            parts = _formula(text, room) if is_formula else wrap(text, room)
            for place, part in enumerate(parts):
                yield f"{'':<{_NUMBER}}{label if place == 0 else '':<{_LABEL}}{part}"


def _formula(text: str, room: int) -> list[str]:
    """A formula in lines, in the language in which it is written."""
    return wrapped_latex(text, room) if "\\" in text else wrapped(text, room)


def _mark(line: LineVerification) -> str:
    return f"{line.verdict:>9}"


def _beside(number: str, text: str, margin: str) -> Iterator[str]:
    """A formula, broken where it has to be, with a text at the right margin of its last line."""
    parts = _formula(text, WIDTH - len(number))
    for place, part in enumerate(parts):
        head = number if place == 0 else " " * len(number)
        if place < len(parts) - 1:
            yield head + part
        elif len(head) + len(part) + 2 + len(margin) <= WIDTH:
            yield head + part + margin.rjust(WIDTH - len(head) - len(part))
        else:
            yield head + part
            yield margin.rjust(WIDTH)


def _remarks(
    line: LineVerification, first_wrong: LineVerification | None
) -> Iterator[tuple[str, str, bool]]:
    """Labels and texts to stand below a line, and whether a text is a formula."""
    if line.verdict in ("refuted", "undecided", "skipped") or line.reading in _TOLD:
        yield "why", line.reason, False
    if line.verdict == "verified" and line.reading == "bound":
        yield "seen", line.reason, False
    if line is first_wrong and line.verification is not None:
        yield from _values(line.verification)
    if line.verdict == "refuted" and line.repaired:
        yield "repaired", line.repaired, True
    if line.follows is not None:
        yield "", f"follows from line {line.follows}, which is wrong", False
    if line.verification is not None and line.passed and line.verification.assumptions:
        yield "assumes", "; ".join(line.verification.assumptions), False
    for note in line.notes:
        yield "note", note, False


_TOLD = ("equation", "solution", "implication")


def _values(found: Verification) -> Iterator[tuple[str, str, bool]]:
    for mistake in found.mistakes:
        yield "slip", str(mistake), False
    for assumption in found.right_if:
        yield "right if", assumption, False
    if found.counterexample is not None:
        yield from _point(found.counterexample)


def _point(found: Counterexample) -> Iterator[tuple[str, str, bool]]:
    place, entry = place_of(found)
    yield "at", place, False
    yield "values", f"{entry}left side {found.left}, right side {found.right}", False
