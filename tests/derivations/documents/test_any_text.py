"""Any text is searched to its end: pieces stand where they say, and the work is linear."""

import contextlib
import json
import sys

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from derivations.verification.documents.declarations import read_comment
from derivations.verification.documents.macros import macros_of
from derivations.verification.documents.markdown import find_in_markdown
from derivations.verification.documents.notebook import find_in_notebook
from derivations.verification.documents.sentences import read_sentence
from derivations.verification.documents.tex import find_in_tex
from symbolic.errors import ChainruleError
from tests.derivations.documents.common import FINDERS

PARTS = st.sampled_from(
    ["$$", "$", "\\[", "\\]", "\\(", "\\)", "\\\\", "\\\\[", "\n", "\n\n", "`", "```", "~~~", "```math\n",
     "<!--", "-->", "<!-- chainrule:", "% chainrule:", "%", "\\begin{align}", "\\end{align}",
     "\\begin{verbatim}", "\\end{verbatim}", "\\begin{cases}", "\\verb|", "|", "x: n", ";", "=", "z = X w",
     "\\in", "\\mathbb{R}^{n}", "Let ", "> ", "- ", "    ", "# ", "<pre>", "</pre>", "\\newcommand{\\a}{",
     "\\a", "}", "{", "\u2212", "\u0130", "\u2028", "\x0b", "\r", "&", "\\iffalse", "\\fi", "é"]
)  # fmt: skip
TEXTS = st.lists(PARTS | st.text(max_size=4), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@drawn(TEXTS)
def test_any_text_gives_pieces_that_stand_where_they_say(text):
    lines = text.split("\n")
    for find in FINDERS:
        for piece in find(text):
            assert 1 <= piece.line <= len(lines)
            first = piece.text.strip().split("\n")[0].strip()
            if piece.kind == "display" and first and find is find_in_tex and "%" not in text:
                assert first in "\n".join(lines[piece.line - 1 :])
            for item in (
                read_comment(piece) if piece.kind == "declaration" else read_sentence(piece)
            ):
                assert piece.line <= item.line <= len(lines)


CLOSINGS = ["", "-->", "`" * 200, "~" * 200]


@settings(max_examples=100, deadline=None)
@drawn(TEXTS, st.integers(0, 30))
def test_a_display_after_any_paragraph_has_its_line(text, empty):
    """One of the closings ends what the text has left open; behind the others it may go on."""
    reached = []
    for closing in CLOSINGS:
        whole = f"{text}\n\n{closing}\n\n" + "\n" * empty + "$$ q = q $$"
        found = [piece.line for piece in find_in_markdown(whole) if piece.text == " q = q "]
        assert found in ([], [whole.count("\n") + 1])
        reached += found
    assert reached


@settings(max_examples=100, deadline=None)
@drawn(st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["cells", "source", "cell_type", "worksheets", "markdown"]), inner, max_size=4),
    max_leaves=20,
))  # fmt: skip
def test_any_json_is_a_notebook_or_a_typed_error(value):
    with contextlib.suppress(ChainruleError):
        find_in_notebook(json.dumps(value))


def lines_run(action):
    """The lines of Python that an action runs, so that a loop counts which calls nothing."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("find", FINDERS)
@pytest.mark.parametrize(
    "part",
    ["$$ x ", "\\begin{align}", "`", "` `` ", "<!-- ", "<script ", "```\n", "> ", "- ", "\\[", "%\n", " ",
     "% chainrule: x: n\n", "\\newcommand{\\a}{", "\\def\\a#1{", "{", "\\begin{verbatim}", "\n ", "$$x$$\n"],
)  # fmt: skip
def test_finding_takes_time_linear_in_the_text(find, part):
    def read(text):
        find(text)
        macros_of(text)

    text = part * (3000 // len(part))  # longer than any body of a macro that is read
    read(text + text)  # what is done once
    assert lines_run(lambda: read(text + text)) < 2.5 * lines_run(lambda: read(text))
