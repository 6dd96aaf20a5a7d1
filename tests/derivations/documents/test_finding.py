"""Formulas are found where they are, and nowhere else."""

import pytest

from derivations.verification.documents.files import read_document
from derivations.verification.documents.markdown import find_in_markdown
from derivations.verification.documents.places import Places
from derivations.verification.documents.rows import equations
from derivations.verification.documents.tex import find_in_tex
from tests.derivations.documents.common import FINDERS, SAMPLES


def displays(pieces):
    return [
        (" ".join(piece.text.split()), piece.line) for piece in pieces if piece.kind == "display"
    ]


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


def test_an_unclosed_display_is_told():
    assert [(p.kind, p.text, p.line) for p in find_in_tex("a\n\\[ x\n\ny")] == [
        ("unclosed", "\\[", 2)
    ]


def test_notebook_cells_are_counted_with_their_lines():
    _, pieces = read_document(SAMPLES / "notebook.ipynb")
    assert [(p.cell, p.line) for p in pieces if p.kind == "display"] == [(1, 6), (3, 2), (3, 6)]


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
