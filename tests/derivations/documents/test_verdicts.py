"""Every formula of a document gets its verdict."""

import re

import pytest

from derivations.verification.documents import blocks, check_document
from derivations.verification.documents.blocks import check_block
from derivations.verification.documents.findings import of_lines
from derivations.verification.documents.pieces import Piece
from tests.derivations.documents.common import DECLARED, LEAST_SQUARES, ROOT, SAMPLES, told


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


def test_a_solution_in_the_line_of_its_equation(check):
    text = (
        "$$ L = \\|Xw - y\\|^2 $$\n"
        "$$ \\nabla_w L = 2 X^\\top(X w - y) = 0 \\Rightarrow w = (X^\\top X)^{-1} X^\\top y $$\n"
        "$$ \\nabla_w L = 2 X^\\top(X w - y) = 0 \\Rightarrow w = 2 (X^\\top X)^{-1} X^\\top y $$"
    )
    found = check(LEAST_SQUARES + text)
    assert told(found) == [(3, "stated"), (4, "proved"), (5, "refuted")]
    assert "line 5" in found[2].reason  # of the document, and not of the steps


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


def test_given_declares_for_the_document(check):
    assert told(check("$$ 2 q = q + q $$", given={"q": "n"})) == [(1, "proved")]
