"""What is known at a place of a document: declarations and definitions that hold there."""

from derivations.verification.documents.declarations import Declaration
from derivations.verification.documents.names import recurs
from derivations.verification.documents.scope import Definition, Scope
from derivations.verification.documents.sentences import read_sentence
from derivations.verification.documents.tex import find_in_tex


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


def test_a_domain_alone_declares_no_name():
    """That A is symmetric says no sizes, and makes no number of A."""
    scope = Scope({})
    for piece in find_in_tex(
        r"$A$ is symmetric. Let $A \in \mathbb{R}^{n \times n}$. $A$ is symmetric."
    ):
        for declaration in read_sentence(piece):
            scope.declare(piece.start, declaration)
    assert [scope.at(place, "A").given.get("A") for place in (5, 200)] == ["n n", "n n: symmetric"]


def test_a_domain_that_is_said_later_keeps_the_sizes():
    scope = Scope({})
    scope.declare(1, Declaration("S", "n n", 1, spoken=True))
    scope.declare(2, Declaration("S", ": spd", 2, spoken=True))
    assert scope.at(3, "S").given == {"S": "n n: spd"}


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


def test_definitions_bring_what_they_are_written_with():
    scope = Scope({})
    scope.declare(0, Declaration("X", "n d", 1))
    scope.declare(0, Declaration("w", "d", 1))
    scope.define(Definition("z", "z = Xw", "2", 0))
    scope.define(Definition("q", "q = w", "3", 0))
    names = scope.at(5, r"\sigma(z)")
    assert (dict(names.given), names.lines) == ({"X": "n d", "w": "d"}, ["z = Xw"])
