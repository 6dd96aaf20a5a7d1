"""Documents: formulas are found where they are, read as declared, and checked one by one."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from derivations.command_line import main
from derivations.verification.documents import blocks, check_document, checking, documents
from derivations.verification.documents.blocks import check_block
from derivations.verification.documents.declarations import (
    Declaration,
    Problem,
    read_comment,
)
from derivations.verification.documents.files import MAX_BYTES, read_document
from derivations.verification.documents.findings import of_lines
from derivations.verification.documents.macros import macros_of, write_out
from derivations.verification.documents.markdown import find_in_markdown
from derivations.verification.documents.names import recurs
from derivations.verification.documents.notebook import find_in_notebook
from derivations.verification.documents.pieces import Piece
from derivations.verification.documents.places import Places
from derivations.verification.documents.process import Checker
from derivations.verification.documents.rows import equations
from derivations.verification.documents.scope import Definition, Scope
from derivations.verification.documents.sentences import read_hints, read_sentence
from derivations.verification.documents.tex import find_in_tex
from symbolic.errors import ChainruleError, ParseError
from tests.work import function_calls

ROOT = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "documents"
FINDERS = [find_in_markdown, find_in_tex]


def displays(pieces):
    return [
        (" ".join(piece.text.split()), piece.line) for piece in pieces if piece.kind == "display"
    ]


# --- finding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("find", FINDERS)
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\n$$ x = y $$\n", [("x = y", 2)]),
        ("a\n\\[\nx = y\n\\]\n", [("x = y", 2)]),
        ("$$\nx\n$$ and $$y$$", [("x", 1), ("y", 3)]),
        ("\\begin{equation*}\nx\n\\end{equation*}", [("\\begin{equation*} x \\end{equation*}", 1)]),
        ("costs \\$5 and \\$6 $$x$$", [("x", 1)]),
        ("$$ a\n\nb $$ c $$ d", [("c", 3)]),
        ("$$ open\n\nthen\n\n$$ x $$", [("x", 5)]),
        ("$$ x \\text{ if $y$} $$", [("x \\text{ if $y$}", 1)]),
        ("\\begin{align}\\begin{align}x\\end{align}\\end{align}",
         [("\\begin{align}\\begin{align}x\\end{align}\\end{align}", 1)]),
        ("\\begin{figure} $$x$$ \\end{figure}", [("x", 1)]),
    ],
)  # fmt: skip
def test_displays_are_found_with_their_lines(find, text, found):
    assert displays(find(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`$$a$$` $$b$$", [("b", 1)]),
        ("``$$a`$$`` $$b$$", [("b", 1)]),
        ("a ` b $$c$$\n\n` $$d$$", [("c", 1), ("d", 3)]),
        ("```\n$$a$$\n```\n$$b$$", [("b", 4)]),
        ("~~~~ py\n$$a$$\n~~~\n$$b$$\n~~~~\n$$c$$", [("c", 6)]),
        ("- item\n  ```\n  $$a$$\n  ```\n  $$b$$", [("b", 5)]),
        ("> ```\n> $$a$$\n> ```\n> $$\n> b\n> $$", [("b", 4)]),
        ("```math\na\n```\n", [("a", 1)]),
        ("```{math}\na\n```\n", [("a", 1)]),
        ("```\nnever closed\n$$a$$", []),
        ("text\n\n    $$a$$\n\n$$b$$", [("b", 5)]),
        ("- item\n\n    $$a$$\n", [("a", 3)]),
        ("<!-- $$a$$ --> $$b$$", [("b", 1)]),
        ("<!--\n```\n--> $$b$$", [("b", 3)]),
        ("<!-- open $$a$$", []),
        ("<pre>$$a$$</pre><code>$$b$$</CODE> $$c$$", [("c", 1)]),
        ("---\ntitle: $$a$$\n---\n$$b$$", [("b", 4)]),
        ("\\\\[ a \\\\]", [("a", 1)]),
        ("it costs $5 and $6\n$$a$$", [("a", 2)]),
        ("a $ b $$c$$", [("c", 1)]),
    ],
)
def test_markdown_code_and_comments_hold_no_formulas(text, found):
    assert displays(find_in_markdown(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("% $$a$$\n\\% $$b$$", [("b", 2)]),
        ("\\verb|$$a$$| $$b$$", [("b", 1)]),
        ("\\verb*+$$a$$ $$b$$", []),
        ("\\begin{verbatim}\n$$a$$\n\\end{verbatim}$$b$$", [("b", 3)]),
        ("\\begin{lstlisting}[language=C]\n$$a$$\n\\end{lstlisting}$$b$$", [("b", 3)]),
        ("\\begin{comment}\n\\begin{align}a\\end{align}\n\\end{comment}", []),
        ("\\iffalse $$a$$ \\fi $$b$$", [("b", 1)]),
        ("$$a$$\\end{document}$$b$$", [("a", 1)]),
        ("$$ a % $$\n$$", [("a %", 1)]),
        ("\\verbatiminput{x} $$a$$", [("a", 1)]),
        ("a\\\\[2pt] $x$ \\$$ $$y$$", [("y", 1)]),
        ("$$\na\n% a line that is not empty\nb$$", [("a % b", 1)]),
    ],
)
def test_tex_comments_and_verbatim_text_hold_no_formulas(text, found):
    assert displays(find_in_tex(text)) == found


def test_inline_formulas_and_dollars_of_money():
    found = find_in_markdown("for $20 and $30 we have $x > 0$ and \\(y\\)")
    assert [piece.text for piece in found if piece.kind == "inline"] == ["x > 0", "y"]
    assert found[-1].before.endswith("and")


def test_lines_of_a_block_are_found_in_it():
    rows = ["  a &= b, \\quad c = d \\\\", "% = e", "  &=", "  \\sum_{i=1}^n e_i", " \\\\ &= f = g"]
    text = "\n".join(["\\begin{align}", *rows, "\\end{align}"])
    places = Places(text, 10)
    said = ["a = b", "c = d", r"= \sum_{i=1}^n e_i", "= f", "= g", "= nowhere"]
    assert [places.line({"text": each, "relation": "="}) for each in said] == [
        11,
        11,
        13,
        15,
        15,
        15,
    ]


def test_an_unclosed_display_is_told():
    assert [(p.kind, p.text, p.line) for p in find_in_tex("a\n\\[ x\n\ny")] == [
        ("unclosed", "\\[", 2)
    ]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf<!-- chainrule: x: n -->\r\n\r\n$$\r\nx = x\r\n$$\r\n")
    _, pieces = read_document(path)
    assert [(piece.kind, piece.line) for piece in pieces] == [("declaration", 1), ("display", 3)]


def test_notebook_cells_are_counted_with_their_lines():
    _, pieces = read_document(SAMPLES / "notebook.ipynb")
    assert [(p.cell, p.line) for p in pieces if p.kind == "display"] == [(1, 6), (3, 2), (3, 6)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.md", b"\xff\xfe\x00x", "null bytes"),
        ("a.md", b"fine\n\xff", "a.md:2: not UTF-8"),
        ("a.ipynb", b"{", "not JSON"),
        ("a.ipynb", b"[]", "no object with cells"),
        ("a.ipynb", b'{"a": 1}', "no object with cells"),
        ("a.ipynb", b'{"cells": 3}', "a int where a list belongs"),
        ("a.ipynb", b'{"cells": [{"cell_type": "markdown", "source": [1]}]}', "cell 1"),
        ("a.ipynb", b"[" * 200_000, "not JSON: brackets nested too deeply"),
        ("a.ipynb", b"9" * 6_000, "not JSON"),
        ("a.md", b"x" * (MAX_BYTES + 1), "more than 5,000,000 bytes"),
        ("a.txt", b"x", "not one of .md"),
    ],
)
def test_files_that_are_no_documents(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ChainruleError, match=re.escape(message)) as caught:
        read_document(path)
    assert name in str(caught.value)


def test_missing_files_pipes_and_folders(tmp_path):
    with pytest.raises(ChainruleError, match="no such file"):
        documents([str(tmp_path / "none.md")])
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(ChainruleError, match="not a regular file"):
        read_document(tmp_path / "pipe.md")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "sub").mkdir()
    for name in (".hidden/a.md", "sub/b.tex", "sub/c.txt", "d.ipynb"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = documents([str(tmp_path), str(tmp_path / "d.ipynb")])
    assert [path.name for path in found] == ["d.ipynb", "b.tex"]


# --- declarations -----------------------------------------------------------------------------------


def said(text, before="Let"):
    return [
        (each.name, each.value) for each in read_sentence(Piece("inline", text, 1, before=before))
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"X \in \mathbb{R}^{n \times d}", [("X", "n d")]),
        (r"u, v \in \mathbb R^n", [("u", "n"), ("v", "n")]),
        (r"y \in \{0, 1\}^n", [("y", "n: binary")]),
        (r"y \in \{-1, +1\}^n", [("y", "n: pm1")]),
        (r"p \in [0, 1]^{k}", [("p", "k: unit")]),
        (r"\Sigma \in \mathbb{S}_{++}^d", [(r"\Sigma", "d d: spd")]),
        (r"s \in \mathbb{R}_+^{2d}", [("s", "2*d: nonnegative")]),
        (r"W^{(1)} \in \mathbb{R}^{h \times 784}", [("W^{(1)}", "h 784")]),
        (r"\lambda > 0", [(r"\lambda", ": positive")]),
        (r"\alpha, \beta \geq 0", [(r"\alpha", ": nonnegative"), (r"\beta", ": nonnegative")]),
        (r"z = Xw", [("z", "= Xw")]),
        (r"x_i \in \mathbb{R}^d", []),
        (r"y^{(i)} \in \{0, 1\}", []),
        (r"k = 3", []),
        (r"a = b = c", []),
        (r"i \in \{1, \dots, n\}", []),
        (r"i = 1, \dots, n", []),
        (r"j = 0, ..., d", []),
        (r"f: \mathbb{R}^n \to \mathbb{R}", []),
        (r"x \in \mathcal{X}", []),
        (r"x > 1", []),
    ],
)
def test_what_a_sentence_declares(text, found):
    assert said(text) == found


@pytest.mark.parametrize(
    "before", ["for", "if", "It holds", "Let us see what happens when", "", "where we see that for"]
)
@pytest.mark.parametrize("text", [r"x > 0", r"z = Xw"])
def test_a_condition_is_no_declaration(text, before):
    assert said(text, before) == []


def test_the_space_of_a_variable_needs_no_introduction():
    assert said(r"X \in \mathbb{R}^{n \times d}", "the data") == [("X", "n d")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"Let $A \in \mathbb{R}^{n \times n}$ be symmetric.", [("A", "n n: symmetric")]),
        (r"Let $A \in \mathbb{R}^{D \times D}$ symmetric positive definite.", [("A", "D D: spd")]),
        (r"a positive semidefinite matrix $A \in \mathbb{R}^{n \times n}$,", [("A", "n n: psd")]),
        (r"$A \in \mathbb{R}^{n \times n}$, invertible, $b \in \mathbb{R}^n$",
         [("A", "n n: invertible"), ("b", "n")]),
        (r"with orthogonal $Q \in \mathbb{R}^{n \times k}$", [("Q", "n k: orthogonal")]),
        (r"Let $y \in \{0, 1\}^n$ be a one-hot vector.", [("y", "n: onehot")]),
        (r"binary labels $y \in \mathbb{R}^n$", [("y", "n: binary")]),
        (r"Let $A \in \mathbb{R}^{n \times n}$ and a positive number $c$.",
         [("A", "n n"), ("c", ": positive")]),
        (r"For symmetric $A \in \mathbb{R}^{n \times n}$ it is", [("A", "n n")]),
        (r"Let $A \in \mathbb{R}^{n \times n}$, not symmetric.", [("A", "n n")]),
        (r"$A \in \mathbb{R}^{n \times n}$ with positive diagonal", [("A", "n n")]),
        (r"Let $X \in \mathbb{R}^{n \times d}$ be symmetric.", [("X", "n d")]),
        (r"Let $x_i \in \mathbb{R}^d$ for $i = 1, \dots, n$, $S \in \mathbb{R}^{d \times d}$ symmetric.",
         [("S", "d d: symmetric")]),
        (r"$\sigma \in \mathbb{R}^d_{>0}$, $s \in \mathbb{R}_+^d$",
         [(r"\sigma", "d: positive"), ("s", "d: nonnegative")]),
    ],
)  # fmt: skip
def test_words_of_domain_next_to_a_space(text, found):
    pieces = [piece for piece in find_in_tex(text) if piece.kind == "inline"]
    assert [(each.name, each.value) for piece in pieces for each in read_sentence(piece)] == found


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("If $A$ is symmetric,", ("symmetric",)),
        (r"the covariance $A \in \mathbb{R}^{d \times d}$", ("psd",)),
        ("$A$ is not symmetric", ()),
        ("the matrix $A$", ()),
    ],
)
def test_words_of_domain_elsewhere_are_hints(text, domains):
    found = [hint for piece in find_in_tex(text) for hint in read_hints(piece)]
    assert [(each.name, each.domains) for each in found] == ([("A", domains)] if domains else [])


def test_a_domain_alone_declares_no_name():
    """That A is symmetric says no sizes, and makes no number of A."""
    scope = Scope({})
    for piece in find_in_tex(
        r"$A$ is symmetric. Let $A \in \mathbb{R}^{n \times n}$. $A$ is symmetric."
    ):
        for declaration in read_sentence(piece):
            scope.declare(piece.start, declaration)
    assert [scope.at(place, "A").given.get("A") for place in (5, 200)] == ["n n", "n n: symmetric"]


def test_names_are_told_apart_in_products():
    assert [recurs("B", each) for each in ("BV", "B_1", r"\hat{B}", r"\operatorname{B2B}", "b")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert recurs(r"\mathbf{z}^{(1)}", r"{\bm z}^{(1)} + 1")
    assert not recurs("e", "relu(x)")
    assert not recurs("a", r"\begin{align} x \end{align}")


def test_definitions_come_after_those_they_use():
    scope = Scope({})
    for row, text in enumerate(["A = 2Q", "B = 3A", "C = BV", r"L = \|C\|^2"]):
        scope.define(Definition(text[0], text, "1", 0, row=row))
    scope.define(Definition("Q", "Q = 3P", "9", 5))
    assert [each.name for each in scope.at(7, r"\nabla_C L").definitions] == [
        "Q",
        "A",
        "B",
        "C",
        "L",
    ]
    assert [each.name for each in scope.at(7, "B").definitions] == ["Q", "A", "B"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a = b = c", 2),
        ("a &= b, & c &= d", 2),
        (r"\sum_{i=1}^n a_i = b \quad i = 1, \dots, n", 1),
        (r"\begin{cases} a & i = j \\ b & i \ne j \end{cases} = c", 1),
        (r"\left\{ \begin{aligned} a &= b \\ c &= d \end{aligned} \right.", 2),
        (r"\begin{array}{rcl} a &=& b \\ c &=& d \end{array}", 2),
        (r"p(x = 1) = \left[ a = b \right] \text{ if } i = j", 2),
    ],
)
def test_equations_of_a_display_are_counted(text, count):
    assert equations(text) == count


def test_a_comment_says_several_things_on_several_lines():
    text = "X: n d; lam: : positive\n z := X w;\\cdot: elementwise;; forget a, b\n skip\n nonsense"
    found = list(read_comment(Piece("declaration", text, 7)))
    assert [(each.name, each.value, each.line) for each in found if isinstance(each, Declaration)] == [
        ("X", "n d", 7), ("lam", ": positive", 7), ("z", "= X w", 8), (r"\cdot", "elementwise", 8),
        ("a", None, 8), ("b", None, 8),
    ]  # fmt: skip
    assert isinstance(found[-1], Problem)
    assert found[-1].line == 10


def test_tex_comments_go_on_while_they_are_indented():
    text = "x % chainrule: x: n\n%   y: n\n% a remark\n% chainrule: z: n\n"
    assert [piece.text.split() for piece in find_in_tex(text)] == [
        ["x:", "n", "y:", "n"],
        ["z:", "n"],
    ]


def test_a_declaration_holds_from_its_place_and_the_first_before_it_too():
    scope = Scope({"A": "m m"})
    scope.declare(3, Declaration("x", "n", 3))
    scope.declare(6, Declaration("x", "k", 6))
    scope.declare(8, Declaration("x", None, 8))
    assert [scope.at(place, "A x").given.get("x") for place in (1, 4, 7, 9)] == [
        "n",
        "n",
        "k",
        None,
    ]
    assert scope.at(1, "x").given == {"x": "n"}  # A does not occur


def test_a_comment_decides_over_sentences():
    scope = Scope({})
    scope.declare(1, Declaration(r"\mathbf{x}", "n", 1, spoken=True))
    scope.declare(2, Declaration("x", "3", 2))
    scope.declare(3, Declaration("x", "m", 3, spoken=True))
    assert scope.at(4, r"\mathbf{x}").given == {"x": "3"}


def test_sentences_that_collide_are_left_out():
    scope = Scope({"X": "n d"})
    scope.declare(1, Declaration("n", ": positive", 1, spoken=True))
    scope.declare(1, Declaration("y", "X", 1, spoken=True))
    assert scope.at(2, "X n y").given == {"X": "n d"}


def test_a_domain_that_is_said_later_keeps_the_sizes():
    scope = Scope({})
    scope.declare(1, Declaration("S", "n n", 1, spoken=True))
    scope.declare(2, Declaration("S", ": spd", 2, spoken=True))
    assert scope.at(3, "S").given == {"S": "n n: spd"}


def test_definitions_bring_what_they_are_written_with():
    scope = Scope({})
    scope.declare(0, Declaration("X", "n d", 1))
    scope.declare(0, Declaration("w", "d", 1))
    scope.define(Definition("z", "z = Xw", "2", 0))
    scope.define(Definition("q", "q = w", "3", 0))
    names = scope.at(5, r"\sigma(z)")
    assert (dict(names.given), names.lines) == ({"X": "n d", "w": "d"}, ["z = Xw"])


# --- macros -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definitions", "text", "written"),
    [
        (r"\newcommand{\R}{\mathbb{R}}", r"x \in \R^n", r"x \in \mathbb{R}^n"),
        (r"\newcommand\norm[1]{\|#1\|}", r"\norm{a}+\norm b", r"\|a\|+\|b\|"),
        (r"\def\inner#1#2{\langle #1, #2 \rangle}", r"\inner{a}{b}", r"\langle a, b \rangle"),
        (r"\DeclareMathOperator{\tr}{tr}", r"\tr A", r"\operatorname{tr}A"),
        (r"\renewcommand{\a}{\alpha}", r"\a b", r"\alpha b"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{c}", r"\a\\\a", r"c\\c"),
    ],
)
def test_macros_are_written_out(definitions, text, written):
    assert write_out(text, macros_of(definitions)) == written


@pytest.mark.parametrize(
    "definitions",
    [
        r"\newcommand{\a}{\a}",
        r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}",
        "".join(rf"\def\{chr(97 + k)}{{\{chr(98 + k)}\{chr(98 + k)}}}" for k in range(25))
        + r"\def\z{x}",
        r"\def\a#1{#1#1\a{#1#1}}",
    ],
)
def test_macros_without_an_end_are_refused(definitions):
    def refused():
        with pytest.raises(ParseError, match="too long when written out"):
            write_out(r"\a{xx}", macros_of(definitions))

    assert function_calls(refused) < 1_000_000


# --- hostile text -----------------------------------------------------------------------------------

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


@settings(max_examples=100, deadline=None)
@drawn(TEXTS, st.integers(0, 30))
def test_a_display_after_any_paragraph_has_its_line(text, empty):
    """What comes before is closed first, so that nothing of it can reach the display."""
    text += "-->\n\n```\n\n~~~\n\n" + "\n" * empty
    for closing in ("$$ q = q $$", "x\n\n$$ q = q $$"):
        whole = text + closing
        found = [piece for piece in find_in_markdown(whole) if piece.text == " q = q "]
        assert all(piece.line == whole.count("\n") + 1 for piece in found)


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


@pytest.mark.parametrize("find", FINDERS)
@pytest.mark.parametrize(
    "part",
    ["$$ x ", "\\begin{align}", "`", "` `` ", "<!-- ", "<script ", "```\n", "> ", "- ", "\\[", "%\n", " ",
     "% chainrule: x: n\n", "\\newcommand{\\a}{", "\\def\\a#1{", "{", "\\begin{verbatim}", "\n "],
)  # fmt: skip
def test_finding_takes_time_linear_in_the_text(find, part):
    text = part * (100_000 // len(part))
    began = time.process_time()
    find(text)
    macros_of(text)
    assert time.process_time() - began < 10  # quadratic: minutes


# --- checking ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def process():
    with Checker(60) as checker:
        yield checker


@pytest.fixture(autouse=True)
def one_process(process, monkeypatch):
    """One process for all tests here, since each takes a second to start."""
    monkeypatch.setattr(checking, "Checker", lambda seconds: contextlib.nullcontext(process))


@pytest.fixture
def check(tmp_path):
    """Checks a text as Markdown, and gives the findings."""

    def checked(text, name="a.md", **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return check_document(tmp_path / name, **options).findings

    return checked


def told(findings):
    return [(finding.line, finding.verdict) for finding in findings]


def test_the_sample_in_markdown():
    report = check_document(SAMPLES / "notes.md")
    assert told(report.findings) == [
        (6, "stated"), (12, "proved"), (19, "refuted"), (37, "refuted"), (43, "skipped"),
    ]  # fmt: skip
    wrong = report.findings[2].lines[0]
    assert wrong["verification"]["mistakes"]
    assert "n" in wrong["repaired"]
    assert [line["verdict"] for line in report.findings[3].lines] == ["stated", "proved", "refuted"]


def test_the_sample_in_tex():
    report = check_document(SAMPLES / "paper.tex")
    assert told(report.findings) == [
        (11, "stated"),
        (15, "proved"),
        (27, "proved"),
        (34, "refuted"),
    ]


def test_the_sample_notebook():
    findings = check_document(SAMPLES / "notebook.ipynb").findings
    assert [(each.cell, each.line, each.verdict) for each in findings] == [
        (1, 6, "stated"), (3, 2, "proved"), (3, 7, "refuted"),
    ]  # fmt: skip
    assert findings[-1].place == "cell 3:7"


def test_the_example_of_the_documentation(check):
    page = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    example = re.search(r"<!-- example -->\n```markdown\n(.*?)```", page, re.DOTALL)[1]
    loss, gradient = check(example)
    assert (loss.verdict, gradient.verdict) == ("stated", "refuted")
    assert "2" in gradient.lines[0]["repaired"]


DECLARED = "<!-- chainrule: X: n d; w: d; y: n; A: n n; x: n -->\n\n"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("$$ x^\\top A x = x^\\top A^\\top x $$", ["proved"]),
        ("$$ x^\\top A x = x^\\top A A x $$", ["refuted"]),
        ("$$ u^\\top A x $$", ["skipped"]),
        ("$$ x^\\top v = 3 $$", ["skipped"]),
        ("$$ \\heartsuit \\to \\infty $$", ["skipped"]),
        ("$$ v \\in \\mathbb{R}^d $$", ["stated"]),
        ("$$ z = X w $$ $$ \\|z\\|^2 = w^\\top X^\\top z $$", ["stated", "proved"]),
        ("$$ \\|r\\|^2 = r^\\top r $$ where $r = Xw - y$.", ["proved"]),
        ("$$ \\|r\\|^2 = 2 r^\\top r $$ where\n$$ r = Xw - y. $$", ["refuted", "stated"]),
        ("<!-- chainrule: skip -->\n$$ x = 2 x $$ $$ x = 3 x $$", ["skipped", "refuted"]),
        ("$$ z = Xw $$\n$$ z = 2 X w $$", ["stated", "refuted"]),
        ("$$ z = Xw $$\n\n# Next\n\n$$ z = 2 X w $$\n$$ z = X w + X w $$", ["stated", "stated", "proved"]),
        ("$$ z = Xw $$\n$$ z := 2 X w $$", ["stated", "stated"]),
        ("$$ y = X w $$", ["undecided"]),
        ("$$ x^\\top w = 1 $$", ["undecided"]),
        ("$$ never closed\n\n$$ x = x $$", ["skipped", "proved"]),
        ("$$ A x = x $$", ["refuted"]),
        ("<!-- chainrule: solve -->\n$$ A x = x $$", ["stated"]),
        ("<!-- chainrule: solve -->\n\\begin{equation} A x = x \\end{equation}", ["stated"]),
        ("$$ L = \\|Xw - y\\|^2 $$ $$ X^\\top X w = X^\\top y $$ $$ w = (X^\\top X)^{-1} X^\\top y $$",
         ["stated", "proved", "proved"]),
        ("$$ L = \\|Xw - y\\|^2 $$ $$ X^\\top X w = 2 X^\\top y $$", ["stated", "refuted"]),
        ("$$ z = Xw $$ With $r = z - y$ $$ r^\\top r = \\|Xw - y\\|^2 $$", ["stated", "proved"]),
        ("$$ z = Xw $$ <!-- chainrule: r = z - y --> $$ r^\\top r = \\|Xw - y\\|^2 $$", ["stated", "proved"]),
        ("$$ z = Xw $$ <!-- chainrule: forget z --> $$ z = 2Xw $$ $$ z = Xw $$",
         ["stated", "stated", "refuted"]),
        ("Let $z \\in \\mathbb{R}^n$. $$ z = Xw, \\quad L = \\|z\\|^2 $$ $$ \\nabla_w L = 2 X^\\top z $$",
         ["stated", "proved"]),
        ("Let $z \\in \\mathbb{R}^n$. $$ q = X w \\\\ z = q $$ $$ \\|z\\|^2 = w^\\top X^\\top z $$",
         ["stated", "proved"]),
        ("$$ x = x, \\quad x = 2 x $$", ["refuted"]),
        ("$$ x^\\top x = \\|x\\|^2 \\qquad A x = A x $$", ["proved"]),
        ("$$ x = x \\quad \\text{for all } x $$", ["proved"]),
        ("$$ g(t) = t^2 $$ <!-- chainrule: t: --> $$ g'(t) = 2t $$ $$ g'(t) = t $$",
         ["stated", "proved", "refuted"]),
    ],
)  # fmt: skip
def test_what_is_found(check, text, verdicts):
    assert [finding.verdict for finding in check(DECLARED + text)] == verdicts


LEAST_SQUARES = (
    "Let $X \\in \\mathbb{R}^{n \\times d}$, $y \\in \\mathbb{R}^n$ and $w \\in \\mathbb{R}^d$.\n\n"
)


@pytest.mark.parametrize(
    "line", ["x^\\top A x + 2 x x^\\top", "\\heartsuit", "x^\\top A x + (A x \\\\"]
)
def test_a_display_with_a_line_that_is_not_read_does_not_pass(check, line):
    """However right the rest of it is; and it is named."""
    (found,) = check(
        DECLARED
        + f"$$\n\\begin{{aligned}} x^\\top A x &= x^\\top A^\\top x \\\\\n &= {line}\n\\end{{aligned}} $$"
    )
    assert (found.verdict, found.line) == ("undecided", 5)
    assert "not read" in found.reason


def test_equations_that_no_line_is_about_do_not_pass(check, monkeypatch):
    monkeypatch.setattr(blocks, "equations", lambda text: 2)
    found = check_block("x = x", {"x": "n"})
    assert found["left_out"] == 1
    lines = tuple({**line, "line": 1} for line in found["lines"])
    assert of_lines(Piece("display", "x = x", 1), lines, found, (), ()).verdict == "undecided"


def test_a_true_line_is_not_refuted_for_a_word_that_is_not_read(check):
    sizes = "Let $x \\in \\mathbb{R}^n$ and $A \\in \\mathbb{R}^{n \\times n}$"
    line = "$$ \\nabla_x x^\\top A x = 2 A x $$"
    wrong = "$$ \\nabla_x x^\\top A x = 3 A x $$"
    assert told(check(f"{sizes} symmetric.\n{line}\n{wrong}")) == [(2, "proved"), (3, "refuted")]
    for said in (f"{sizes}.\nIf $A$ is symmetric,", f"{sizes}.\nFor the covariance $A$"):
        found = check(f"{said}\n{line}\n{wrong}")
        assert told(found) == [(3, "undecided"), (4, "refuted")]
        assert "'A: n n: " in found[0].reason
        assert "line 2" in found[0].reason
    assert told(check(f"{sizes}.\n{line}")) == [(2, "refuted")]
    assert told(check(f"<!-- chainrule: x: n; A: n n -->\nNow $A$ is symmetric.\n{line}")) == [
        (3, "undecided")
    ]


def test_rows_of_a_matrix_need_it_nowhere_else(check):
    text = "$$ \\ell(w) = \\sum_{i=1}^n (x_i^\\top w - y_i)^2 $$\n$$ \\nabla_w \\ell = 2 X^\\top (X w - y) $$"
    assert told(check(LEAST_SQUARES + text)) == [(3, "stated"), (4, "proved")]


def test_a_network_of_several_layers(check):
    text = (
        "Let $Q \\in \\mathbb{R}^{n \\times d}$, $V \\in \\mathbb{R}^{d \\times k}$,"
        " $G \\in \\mathbb{R}^{n \\times k}$.\n"
        "\\begin{align} A &= 2Q \\\\ B &= 3A \\\\ C &= BV \\\\"
        " L &= \\operatorname{tr}(G^\\top C) \\end{align}\n"
        "$$ \\frac{\\partial L}{\\partial V} = B^\\top G $$\n"
        "$$ \\frac{\\partial L}{\\partial Q} = 5 G V^\\top $$"
    )
    found = check(text)
    assert told(found) == [(2, "stated"), (3, "proved"), (4, "refuted")]
    assert [each.name for each in found[1].uses] == ["A", "B", "C", "L"]


def test_what_is_not_known_is_told_with_the_line_that_says_it(check):
    found = check(LEAST_SQUARES + "$$ L = \\heartsuit w $$\n$$ \\nabla_w L = w $$")
    assert told(found) == [(3, "skipped"), (4, "undecided")]
    assert "Line 3 says so, and is not read" in found[1].reason


def test_an_entry_named_like_a_size_leaves_the_size_alone(check):
    text = (
        "Let $r \\in \\mathbb{R}^{N \\times K}$.\n$$ N_k = \\sum_{n=1}^N r_{nk} $$\n"
        "$$ \\sum_{n=1}^N \\sum_{k=1}^K r_{nk} = \\sum_{k=1}^K \\sum_{n=1}^N r_{nk} $$"
    )
    assert told(check(text)) == [(2, "stated"), (3, "proved")]


def test_a_solution_in_the_line_of_its_equation(check):
    text = (
        "$$ L = \\|Xw - y\\|^2 $$\n"
        "$$ \\nabla_w L = 2 X^\\top(X w - y) = 0 \\Rightarrow w = (X^\\top X)^{-1} X^\\top y $$\n"
        "$$ \\nabla_w L = 2 X^\\top(X w - y) = 0 \\Rightarrow w = 2 (X^\\top X)^{-1} X^\\top y $$"
    )
    found = check(LEAST_SQUARES + text)
    assert told(found) == [(3, "stated"), (4, "proved"), (5, "refuted")]
    assert "line 5" in found[2].reason  # of the document, and not of the steps


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("P_{ij} = A_{ij}", "P = 2A", "refuted"),
        ("P = A", "P_{ij} = A_{ij}", "proved"),
        ("\\hat x = A x", "\\widehat x = 2 A x", "refuted"),
        ("\\hat x = A x", "\\widehat x = A x", "proved"),
        ("L_{\\text{reg}} = w^\\top w", "L_{\\mathrm{reg}} = 2 w^\\top w", "refuted"),
        ("z_1 = Xw", "z^{(1)} = 2Xw", "stated"),  # two names
        ("L = w^\\top w", "\\mathcal{L} = 2 w^\\top w", "stated"),
    ],
)
def test_a_name_that_is_defined_twice_has_to_agree_however_it_is_spelt(
    check, first, second, verdict
):
    text = f"{DECLARED}$$ {first} $$\n$$ {second} $$"
    assert [each.verdict for each in check(text)] == ["stated", verdict]
    assert [each.verdict for each in check(f"{text}\n$$ {first} $$")][-1] != "refuted"


def test_calligraphic_letters_are_letters_of_their_own(check):
    text = "$$ L = w^\\top w $$\n$$ \\mathcal{L} = y^\\top X w $$\n"
    assert told(check(f"{DECLARED}{text}$$ \\nabla_w L = 2w $$\n$$ \\nabla_w \\mathcal{{L}} = 2w $$")) == [
        (3, "stated"), (4, "stated"), (5, "proved"), (6, "refuted"),
    ]  # fmt: skip


def test_what_is_said_again_in_a_section_has_to_agree_there(check):
    text = "$$ z_i = w^\\top x_i $$\n\n# Next\n\n$$ z = Xw $$\n$$ z_i = 2 w^\\top x_i $$"
    assert [each.verdict for each in check(LEAST_SQUARES + text)] == ["stated", "proved", "refuted"]


def test_a_sentence_that_cannot_be_read_hides_no_display(check):
    text = (
        "We define $\\delta^{(l)} = \\frac{\\partial L}{\\partial z^{(l)}}$ where $i = 1, \\dots, n$.\n"
        "$$ z^{(1)} = Xw $$\n$$ L = \\|z^{(1)}\\|^2 $$\n"
        "$$ \\delta^{(1)} = \\frac{\\partial L}{\\partial z^{(1)}} = 2 z^{(1)} $$\n"
        "$$ \\nabla_w L = X^\\top \\delta^{(1)} $$"
    )
    assert [each.verdict for each in check(DECLARED + text)] == [
        "stated",
        "stated",
        "proved",
        "proved",
    ]


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("chainrule: \\cdot: dot", "no meaning that this sign can have"),
        ("chainrule: Y: n x m", "write 'Y: n m'"),
        ("chainrule: w: d e; w: d", "w is declared twice"),
        ("Chainrule: q: n: nonsense", "no such domain"),
    ],
)
def test_a_wrong_item_is_told_and_turns_nothing_off(check, comment, reason):
    found = check(f"<!-- {comment} -->\n" + DECLARED + "$$ x = 2x $$")
    assert told(found) == [(1, "undecided"), (4, "refuted")]
    assert reason in found[0].reason


@pytest.mark.parametrize("comment", ["chainrule skip", "CHAINRULE: skip", "chainrule : skip"])
def test_a_comment_with_or_without_its_colon(check, comment):
    assert told(check(DECLARED + f"<!-- {comment} -->\n$$ x = 2x $$")) == [(4, "skipped")]


def test_declarations_that_do_not_fit_each_other_fail(check):
    assert told(check("<!-- chainrule: X: n d; n: -->\n$$ X = 2X $$"))[0][1] == "undecided"


def test_a_name_with_two_readings_is_undecided_where_they_differ(check):
    text = (
        "Let $X \\in \\mathbb{R}^{n \\times d}$, $w \\in \\mathbb{R}^d$ and $y \\in \\mathbb{R}^n$,\n"
        "$e \\in \\mathbb{R}^n$. The model is\n$$ y = Xw + e $$\nand the loss\n$$ L = \\|Xw - y\\|^2 $$\n"
        "with the gradient\n$$ \\nabla_w L = 2 X^\\top (Xw - y). $$\n"
    )
    found = check(text)
    assert told(found) == [(3, "stated"), (5, "stated"), (7, "undecided")]
    assert "y (line 3)" in found[2].reason


def test_one_bad_formula_leaves_the_others_alone(check):
    bad = [
        "\\frac{1",
        "{" * 500,
        "x = " + "(" * 3000,
        "x^{9^{9^{9}}} = x",
        "\u2212x = \u0445",
        "\\x" * 9000,
    ]
    text = DECLARED + "".join(f"$$ {each} $$\n\n$$ A x = A x $$\n\n" for each in bad)
    verdicts = [finding.verdict for finding in check(text)]
    assert verdicts[1::2] == ["proved"] * len(bad)
    assert not {"proved", "verified", "refuted"} & set(verdicts[::2])


def test_a_declaration_that_cannot_be_read_is_told_with_its_line(check):
    found = check("<!-- chainrule:\nx: n\ny: n: prime\nnonsense\n-->\n$$ x = x $$")
    assert told(found) == [(3, "undecided"), (4, "undecided"), (6, "proved")]


def test_given_declares_for_the_document(check):
    assert told(check("$$ 2 q = q + q $$", given={"q": "n"})) == [(1, "proved")]


def test_a_formula_that_takes_too_long_is_ended_and_the_next_one_checked():
    with Checker(0.001) as checker:
        request = {"text": "x = x", "given": {"x": "n"}}
        assert "takes longer" in checker.ask(request)["failed"]
        checker.seconds = 60
        assert checker.ask(request)["lines"][0]["verdict"] == "proved"
        checker._process.kill()
        assert "broke down" in checker.ask(request)["failed"]
        assert checker.ask(request)["lines"][0]["verdict"] == "proved"


def test_the_memory_of_the_process_is_bounded():
    code = (
        "from derivations.verification.documents.worker import MEMORY, _bound_memory\n"
        "_bound_memory()\n"
        "try: bytearray(MEMORY)\n"
        "except MemoryError: print('bounded')"
    )
    assert run("-c", code).stdout == "bounded\n"


def test_hostile_documents_execute_nothing(tmp_path):
    """Neither text nor modules that lie beside the document."""
    canary = tmp_path / "canary"
    attack = f"__import__('pathlib').Path({str(canary)!r}).touch()"
    for name in ("sympy", "numpy", "lark", "derivations", "resource", "json"):
        (tmp_path / f"{name}.py").write_text(attack, encoding="utf-8")
    attacks = [
        attack,
        f"eval({attack!r})",
        "\\input{/etc/passwd}",
        f"\\write18{{touch {canary}}}",
        "{}.__class__",
    ]
    text = "".join(
        f"<!-- chainrule: x: n; {each}: n; q: {each}; z = {each}; h(x) = {each} -->\n$$ x = {each} $$\n"
        f"Let $z = {each}$.\n\n$$\n\\nabla_x {each} = x\n$$\n\n"
        for each in attacks
    )
    cell = {"cell_type": "markdown", "source": text}
    (tmp_path / "evil.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    (tmp_path / "evil.md").write_text(text, encoding="utf-8")
    (tmp_path / "evil.tex").write_text(text, encoding="utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from derivations.command_line import main; "
        f"sys.exit(main(['check', '.', '--given', {attack!r} + ': n']))"
    )
    done = run("-I", "-c", program, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not canary.exists()


def test_control_characters_do_not_reach_the_terminal(tmp_path, capsys):
    (tmp_path / "a.md").write_text(
        "<!-- chainrule: \x1b]0;title\x07 -->\n$$ \x1b[2J = 1 $$", encoding="utf-8"
    )
    assert main(["check", str(tmp_path / "a.md"), "--verbose"]) == 1
    assert "\x1b" not in capsys.readouterr().out


# --- the command ------------------------------------------------------------------------------------


def run(*arguments, folder=ROOT):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_shows_the_first_wrong_line_and_the_repair(capsys):
    assert main(["check", str(SAMPLES / "notes.md")]) == 1
    out = capsys.readouterr().out
    assert f"{SAMPLES / 'notes.md'}:19: refuted:" in out
    assert "    slip      " in out
    assert "    repaired  " in out
    assert "1 skipped (--verbose tells why)" in " ".join(out.split())
    shown = [line for line in out.splitlines() if str(SAMPLES) not in line]
    assert max(map(len, shown)) <= 80


def test_a_long_path_stands_with_its_verdict_on_one_line(tmp_path, capsys):
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    document = folder / "notes.md"
    document.write_text("<!-- chainrule: x: n -->\n\n$$ x = 2x $$\n", encoding="utf-8")
    assert main(["check", str(document)]) == 1
    assert f"{document}:3: refuted:\n    " in capsys.readouterr().out


def test_verbose_shows_every_formula(capsys):
    main(["check", str(SAMPLES / "notes.md"), "--verbose"])
    out = capsys.readouterr().out
    assert [int(line) for line in re.findall(r"notes\.md:(\d+): ", out)] == [6, 12, 19, 37, 43]


def test_documents_and_pages_in_one_command(capsys):
    status = main(["check", "pca", str(SAMPLES / "notebook.ipynb"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (status, found["pages"][0]["page"]) == (1, "unsupervised/pca")
    (document,) = found["documents"]
    assert [(each["cell"], each["line"], each["verdict"]) for each in document["formulas"]] == [
        (1, 6, "stated"), (3, 2, "proved"), (3, 7, "refuted"),
    ]  # fmt: skip
    assert document["counts"] == {"refuted": 1, "proved": 1, "stated": 1}


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        ("$$ x = x $$", [], 0),
        ("$$ x = 2 x $$", [], 1),
        ("$$ x = v $$", [], 0),
        ("$$ x = v $$", ["--strict"], 1),
        ("$$ x = v $$", ["--given", "v: n"], 1),
        ("$$ z = z $$ <!-- chainrule: z -->", [], 1),
        ("$$ x = x $$ <!-- chainrule: z -->", ["--allow-undecided"], 0),
        ("$$ x = 2 x $$", ["--allow-undecided"], 1),
        ("no formula", [], 0),
    ],
)
def test_the_exit_status(tmp_path, text, options, status):
    (tmp_path / "a.md").write_text(f"<!-- chainrule: x: n -->\n{text}", encoding="utf-8")
    assert main(["check", str(tmp_path / "a.md"), *options]) == status


def test_the_pre_commit_hook_runs_what_it_says(tmp_path):
    hook = {}
    for line in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").splitlines():
        key, _, value = line.removeprefix("- ").strip().partition(": ")
        hook[key] = value
    assert (hook["id"], hook["language"]) == ("chainrule-check", "python")
    names = ["a.md", "b/paper.tex", "c.ipynb", "d.py", "e.mdx"]
    assert [name for name in names if re.search(hook["files"], name)] == names[:3]
    program, *arguments = hook["entry"].split()
    assert f'{program} = "derivations.command_line:main"' in (ROOT / "pyproject.toml").read_text(
        encoding="utf-8"
    )
    (tmp_path / "a.md").write_text("$$ 1 = 2 $$", encoding="utf-8")
    assert main([*arguments, str(tmp_path / "a.md")]) == 1
