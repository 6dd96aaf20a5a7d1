r"""LaTeX derivations: nothing that is written is dropped, and each side is judged on its own row."""

import json

import pytest

from derivations.verification.steps import verify_steps
from derivations.verification.steps.latex_reader import LatexReader
from derivations.verification.steps.latex_rows import pieces, rows
from derivations.verification.steps.latex_wrapping import wrapped_latex
from symbolic import Latex, read_latex
from symbolic.errors import ChainruleError
from tests.derivations.steps_cases import cases
from tests.symbolic.latex_corpus.loader import load

SCALARS = {"x": "", "a": "", "b": ""}
VECTORS = {"x": "d", "w": "d", "X": "n d"}


def judged(text, given=SCALARS):
    found = verify_steps(Latex(text), given)
    return [(line.number, line.text, line.verdict) for line in found.lines]


def verdicts(text, given=SCALARS):
    return [verdict for *_, verdict in judged(text, given)]


def linked(texts, given):
    return list(LatexReader([Latex(each) for each in texts], given).links())


# --- nothing is dropped


def corpus():
    for entry in load():
        yield entry.id, [entry.latex], entry.given
    for case in cases("latex.txt"):
        yield case.name, list(case.lines), case.given
        for number, line in case.wrong:
            yield f"{case.name} {number}", case.with_wrong(number, line), case.given


def plain(text):
    """A text without what only shapes its lines."""
    for mark in ("\\\\", "&", r"\quad", " "):
        text = text.replace(mark, "")
    return text


@pytest.mark.filterwarnings("ignore")
def test_every_side_of_every_formula_is_a_link():
    read = 0
    for name, texts, given in corpus():
        if any(r"\Rightarrow" in text for text in texts):
            continue
        try:
            formulas = read_latex(" \\\\ ".join(texts), given)
        except ChainruleError:
            continue
        sides = [plain(side.text) for formula in formulas for side in formula.sides]
        links = [link for link in linked(texts, given) if link.side is not None]
        assert [plain(link.side.text) for link in links] == sides, name
        relations = [relation for formula in formulas for relation in formula.relations]
        assert [link.relation for link in links if link.relation] == relations, name
        read += 1
    assert read > 200


@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_read_is_listed_side_by_side():
    bad = 0
    for entry in load():
        try:
            read_latex(entry.latex, entry.given)
        except ChainruleError:
            try:
                found = linked([entry.latex], entry.given)
            except ChainruleError:
                continue  # of the declarations
            written = sum(len(pieces(row)) for row in rows([entry.latex]))
            assert len(found) >= written, entry.id
            bad += 1
    assert bad > 50


def test_every_link_with_a_relation_is_a_line():
    for case in cases("latex.txt")[:4]:
        relations = [link.relation for link in linked(case.lines, case.given) if link.relation]
        found = verify_steps([Latex(line) for line in case.lines], case.given)
        assert [line.relation for line in found.lines if line.relation] == relations


@pytest.mark.parametrize(
    "text",
    [
        r"x = x, \quad x = 2x", r"x = x \quad x = 2x", r"x = x; x = 2x", r"x = x \text{ and } x = 2x",
        r"x = x \text{ where } x = 2x", r"x &= x & x &= 2x", r"\boxed{x = x \\ x = 2x}", r"x = x \iff x = 2x",
        r"x = x \\[3pt] x = 2x", r"x \in \mathbb{R}, x = 2x", r"x \in \mathbb{R} \\ x = 2x",
        r"x &= x \\ &= 2x",
        r"\newcommand{\q}{2x} x = \q", r"x = x = x = 2x", r"\begin{aligned} x &= x \\ x &= 2x \end{aligned}",
        r"\text{so that } x = 2x", r"x = x \\ \text{in other words} \\ x = 2x",
    ],
)  # fmt: skip
def test_a_false_statement_beside_a_true_one_is_found(text):
    assert verify_steps(Latex(text), SCALARS).verdict == "refuted"


@pytest.mark.parametrize(
    "text",
    [
        r"\text{if } x = 2x, \text{ then } x = x", r"x = x \land x = 2x", r"x = x \text{ for all } x = 2x",
        r"x &= x \\ & 2x", r"x =", r"= x", r"x = \text{blah}", r"x = x ~(= 2x)", r"x \stackrel{?}{=} 2x",
    ],
)  # fmt: skip
def test_what_has_no_certain_meaning_is_undecided(text):
    assert verify_steps(Latex(text), SCALARS).verdict == "undecided"


def test_a_membership_is_listed_and_claims_nothing():
    assert verdicts(r"x = x \\ x \in \mathbb{R} \\ x = x") == ["proved", "skipped", "proved"]


# --- rows


def test_a_sum_that_goes_on_below_is_one_side():
    assert verdicts(r"x &= a \\ &\quad + x - a = x") == ["proved", "proved"]
    assert verdicts(r"x &= 3x \\ &\quad - 2x = x") == ["proved", "proved"]
    assert verdicts(r"&x = x \\ &-x = -x") == ["proved", "proved"]
    assert [number for number, *_ in judged(r"&x = x \\ &-x = -x")] == [1, 2]


def test_words_that_suppose_something_make_an_equation():
    assert verdicts(r"\text{WLOG } x = 2a \\ x - 2a = 0") == ["stated", "proved"]
    assert verdicts(r"\text{Let } z = 2x \\ z = 3x") == ["stated", "refuted"]


def test_a_prime_at_a_function_is_asked_about():
    found = verify_steps(Latex(r"f = x^2 \\ f' = 3x"), SCALARS)
    assert found.lines[1].verdict == "undecided"
    assert "derivative of f" in found.lines[1].reason


def test_a_size_that_is_not_known_is_no_misfit():
    given = {"A": "n m", "B": "n m"}
    assert verdicts(r"A^\top A = \mathbf{1}\mathbf{1}^\top \mathbf{1}", given) == ["undecided"]
    assert verdicts("A = A_{ij} + B_{ijk}", given) == ["undecided"]
    assert verdicts(r"A = A A", given) == ["refuted"]


def test_zero_is_as_wide_as_a_row_of_a_derivative():
    given = {"r": "n K: positive", "x": "n d", r"\mu": "K d"}
    loss = r"Q = -\frac12\sum_{i,k} r_{ik}\|x_i-\mu_k\|^2 \\ "
    slope = r"\frac{\partial Q}{\partial \mu_k} = 0 \implies "
    right = r"\mu_k = \frac{\sum_i r_{ik}x_i}{\sum_i r_{ik}}"
    wrong = r"\mu_k = \frac{2\sum_i r_{ik}x_i}{\sum_i r_{ik}}"
    assert verdicts(loss + slope + right, given) == ["stated", "stated", "proved"]
    assert verdicts(loss + slope + wrong, given)[-1] == "refuted"


def test_another_letter_behind_an_arrow_is_asked_about():
    given = {"X": "n d", "w": "d", "y": "n"}
    loss = r"J = \|Xw - y\|^2 \\ \nabla_w J = 0 \implies "
    assert verdicts(loss + r"\hat w = (X^\top X)^{-1}X^\top y", given)[-1] == "proved"
    assert verdicts(loss + r"\hat w = 2(X^\top X)^{-1}X^\top y", given)[-1] == "refuted"
    assert verdicts(loss + r"\beta = 2(X^\top X)^{-1}X^\top y", given)[-1] == "undecided"
    declared = {**given, "w^*": "d"}
    assert verdicts(loss + r"w^* = (X^\top X)^{-1}X^\top y", declared)[-1] == "proved"
    assert verdicts(loss + r"w^* = X^\top y", declared)[-1] == "refuted"


def test_a_line_behind_an_unread_row_keeps_its_left_side():
    given = {"X": "n d", "w": "d", "y": "n"}
    found = judged(r"y = \unknown{w} \\ z = X w", given)
    assert found[-1][1:] == ("z = X w", "stated")


def test_shapes_that_do_not_fit_refute_their_own_side_only():
    text = r"L = \|x\|^2 \\ \nabla_x L = 2x = X X = 2x = 3x \\ w = w"
    assert judged(text, VECTORS) == [
        (1, r"L = \|x\|^2", "stated"),
        (2, r"\nabla_x L = 2x", "proved"),
        (2, "= X X", "refuted"),
        (2, "= 2x", "proved"),
        (2, "= 3x", "refuted"),
        (3, "w = w", "proved"),
    ]


def test_what_stands_behind_a_side_that_cannot_be_read():
    text = r"w = w = \foo{w} = 2w \\ = 2w \\ = 3w"
    assert [each[::2] for each in judged(text, VECTORS)] == [
        (1, "proved"), (1, "undecided"), (1, "undecided"), (2, "proved"), (3, "refuted"),
    ]  # fmt: skip
    assert verdicts(r"\foo{w} = w = 2w", VECTORS)[-1] == "refuted"
    assert verdicts(r"\foo{w} = \foo{x} \\ = 2w \\ = 3w", VECTORS)[-2:] == ["undecided", "refuted"]


def test_rows_after_many_bad_ones_are_judged():
    rows = [r"x = x", r"x = \foo"] * 10 + [r"x = 2x"]
    found = verify_steps(Latex(r" \\ ".join(rows)), SCALARS)
    assert [line.number for line in found.lines if line.relation] == list(range(1, 22))
    assert found.first_wrong.number == 21


# --- rendering


@pytest.mark.parametrize("width", [12, 20, 33, 60])
def test_lines_break_at_no_command(width):
    text = (
        r"\frac{\partial L}{\partial W_1} = \left(W_2^\top \left(\hat{y} - y\right)"
        r" \odot \sigma'(z)\right) x^\top + 2\lambda W_1"
    )
    parts = wrapped_latex(text, width)
    joined = "".join(parts)
    assert joined.replace(" ", "") == text.replace(" ", "")
    assert all(len(part) <= max(width, 14) for part in parts)
    commands = [each for part in parts for each in part.replace("{", " ").split() if "\\" in each]
    assert commands
    assert not any(part.rstrip().endswith("\\") for part in parts)
    for part in parts[1:]:
        assert not part.strip().startswith(
            ("frac{}", "partial", "ambda", "igma", "op", "ight", "eft")
        )


def test_a_long_latex_line_is_shown_whole():
    lines = [
        r"L = \|X w - b\|^2",
        r"\nabla_w L = " + " + ".join([r"2 X^\top (X w - b) - 2 X^\top X w"] * 3),
    ]
    found = verify_steps([Latex(each) for each in lines], {"X": "n d", "w": "d", "b": "n"})
    assert max(map(len, str(found).split("\n"))) <= 80
    assert json.loads(found.to_json())["first_wrong"] == 2


def test_a_derivative_in_a_chain_of_several_sides_is_followed():
    """An expression has no truth value: the slope of the chain is kept by identity."""
    block = r"""
    \begin{aligned}
    f(w) &= \|X w - y\|^2 + \lambda w^\top w \\
    \nabla_w f &= \nabla_w \left[ \|X w - y\|^2 \right] + 2 \lambda w \\
      &= 2 X^\top (X w - y) + 2 \lambda w
    \end{aligned}"""
    given = {"X": "n d", "w": "d", "y": "n", r"\lambda": ": positive"}
    assert verify_steps(block, given).verdict == "proved"
    assert verify_steps(block.replace("= 2 X", "= X"), given).verdict == "refuted"
