"""A name means in one formula what earlier formulas and sentences say of it."""

import pytest

from tests.derivations.documents.common import DECLARED, LEAST_SQUARES, told


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


def test_an_entry_named_like_a_size_leaves_the_size_alone(check):
    text = (
        "Let $r \\in \\mathbb{R}^{N \\times K}$.\n$$ N_k = \\sum_{n=1}^N r_{nk} $$\n"
        "$$ \\sum_{n=1}^N \\sum_{k=1}^K r_{nk} = \\sum_{k=1}^K \\sum_{n=1}^N r_{nk} $$"
    )
    assert told(check(text)) == [(2, "stated"), (3, "proved")]


def test_calligraphic_letters_are_letters_of_their_own(check):
    text = "$$ L = w^\\top w $$\n$$ \\mathcal{L} = y^\\top X w $$\n"
    assert told(check(f"{DECLARED}{text}$$ \\nabla_w L = 2w $$\n$$ \\nabla_w \\mathcal{{L}} = 2w $$")) == [
        (3, "stated"), (4, "stated"), (5, "proved"), (6, "refuted"),
    ]  # fmt: skip


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


def test_what_is_said_again_in_a_section_has_to_agree_there(check):
    text = "$$ z_i = w^\\top x_i $$\n\n# Next\n\n$$ z = Xw $$\n$$ z_i = 2 w^\\top x_i $$"
    assert [each.verdict for each in check(LEAST_SQUARES + text)] == ["stated", "proved", "refuted"]


def test_a_name_with_two_readings_is_undecided_where_they_differ(check):
    text = (
        "Let $X \\in \\mathbb{R}^{n \\times d}$, $w \\in \\mathbb{R}^d$ and $y \\in \\mathbb{R}^n$,\n"
        "$e \\in \\mathbb{R}^n$. The model is\n$$ y = Xw + e $$\nand the loss\n$$ L = \\|Xw - y\\|^2 $$\n"
        "with the gradient\n$$ \\nabla_w L = 2 X^\\top (Xw - y). $$\n"
    )
    found = check(text)
    assert told(found) == [(3, "stated"), (5, "stated"), (7, "undecided")]
    assert "y (line 3)" in found[2].reason


def test_what_is_not_known_is_told_with_the_line_that_says_it(check):
    found = check(LEAST_SQUARES + "$$ L = \\heartsuit w $$\n$$ \\nabla_w L = w $$")
    assert told(found) == [(3, "skipped"), (4, "undecided")]
    assert "Line 3 says so, and is not read" in found[1].reason


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
