"""What a sentence or a comment declares."""

import pytest

from derivations.verification.documents.declarations import Declaration, Problem, read_comment
from derivations.verification.documents.pieces import Piece
from derivations.verification.documents.sentences import read_hints, read_sentence
from derivations.verification.documents.tex import find_in_tex


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
