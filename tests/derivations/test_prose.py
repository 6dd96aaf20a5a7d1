"""Formulas among words: in prose, in statements of experiments, and in the names of rules."""

import re

import pytest
import sympy

from derivations import catalogue, right_to_left
from derivations.evidence.points import fixed
from derivations.evidence.stating import assignments
from derivations.rendering.html import page
from derivations.rendering.latex import align
from derivations.rendering.prose import Formula, prose
from derivations.rendering.sheet import sheet
from derivations.rendering.spans import number_latex, spans, spans_of, written
from derivations.rendering.text import plain
from symbolic import inv, matrix, rules
from symbolic.phrases import parts_of, phrase
from symbolic.scalars import integrals

x, s = sympy.symbols("x s", real=True)


def marked(found):
    """Spans as text, formulas in brackets."""
    return written(found, str, lambda formula: f"[{formula}]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The best matrix of rank k", "The best matrix of rank [k]"),
        ("shrinks by 1 - eta lambda", r"shrinks by [1 - \eta \lambda]"),
        ("where 0 < eta lambda < 2 holds", r"where [0 < \eta \lambda < 2] holds"),
        ("u_i = A v_i / sigma_i", r"[u_i = A v_i/\sigma_i]"),
        ("eigenvectors of A.T @ A", r"eigenvectors of [A^{\top} A]"),
        ("the multiplier of v @ v = 1", r"the multiplier of [v \cdot v = 1]"),
        ("(n + 1)! outgrows x^n", r"[\left(n + 1\right)!] outgrows [{x}^{n}]"),
        ("(kappa - 1)/(kappa + 1)", r"[\left(\kappa - 1\right)/\left(\kappa + 1\right)]"),
        ("the mean E[u | x] of it", r"the mean [\mathbb{E}\left[u \mid x\right]] of it"),
        ("-b + sqrt(b^2 - 4 a c)", r"[-b + \sqrt{{b}^{2} - 4 a c}]"),
        ("L = inv(S)", "[L = {S}^{-1}]"),
        ("from x_t to x_{t-1}", "from [x_t] to [x_{t-1}]"),
        ("steps of 1e-100", "steps of [10^{-100}]"),
        ("f' at g(x)", r"[f'] at [g\left(x\right)]"),
        ("plus lambda |x|", r"plus [\lambda \left|x\right|]"),
        ("the n-th part", "the [n]-th part"),
        ("so x -> -x changes it", r"so [x \to -x] changes it"),
        ("far from A", "far from [A]"),
        ("tangent of a", "tangent of [a]"),
    ],
)
def test_formulas_in_prose_are_found(text, shown):
    assert marked(prose(text, ("a", "b", "c", "A", "L", "S"))) == shown


@pytest.mark.parametrize(
    "text",
    [
        "A picture is stored, and a part of it is lost",
        "The E-step and the M-step, k-means and the x-axis",
        "Bayes' theorem and Newton's method",
        "An L2 term, a ROC curve and the QR decomposition (Eckart and Young)",
        "from -1 to 1, in 1000 steps",
        "I say so, e.g. here",
        "softmax cross-entropy with a log-likelihood",
        "outer loops of the program",
        "by at least |gradient|^2",
    ],
)
def test_words_stay_words(text):
    assert prose(text, ("A", "a")) == [text]


@pytest.mark.parametrize("name", list(catalogue))
def test_prose_loses_no_word(name):
    derivation = catalogue[name]
    names = sheet(derivation).names
    for text in (derivation.title, derivation.why, *sheet(derivation).comments.values()):
        rest = text
        for words in prose(text, names):
            if isinstance(words, str):
                before, found, rest = rest.partition(words)
                assert found
                assert len(before) < 60


def test_formulas_relations_and_numbers_side_by_side_are_one_formula():
    statement = ("the size of", x**2, "<=", "1e-12", "where", *assignments(((x, 3), (s, 5))))
    assert spans(statement) == [
        "the size of ",
        Formula(r"x^{2} \le 10^{-12}"),
        " where ",
        Formula("x = 3"),
        ", ",
        Formula("s = 5"),
    ]


def test_a_table_of_numbers_is_a_matrix_and_a_list_a_vector():
    A = matrix("A", 2, 2)
    shown = marked(spans(assignments(fixed({A: ((1, 0), (0, 1)), x: (1, 2)}))))
    assert r"\begin{matrix}1 & 0\\0 & 1\end{matrix}" in shown
    assert shown.endswith(r"[x = (1, 2)]")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("-3/4", r"-\frac{3}{4}"), ("2e-06", r"2 \cdot 10^{-6}"), ("1000", "1000"), ("-0.5", "-0.5")],
)
def test_numbers_as_latex(number, shown):
    assert number_latex(number) == shown


def test_a_phrase_is_text_that_keeps_its_formulas():
    name = phrase("logarithm of both sides,", phrase("the term", s, "of a sum"))
    assert name == "logarithm of both sides, the term s of a sum"
    assert parts_of(name) == ("logarithm of both sides,", "the term", s, "of a sum")
    assert parts_of("linearity") == ("linearity",)


def test_names_of_rules_keep_formulas_of_both_languages():
    A = matrix("A", "n", "n")
    rule = right_to_left(integrals.antiderivative(s - s**2 / 2, s))
    assert rule.name == "antiderivative s - s**2/2"
    assert marked(spans_of(rule.name)) == r"antiderivative [s - \frac{s^{2}}{2}]"
    assert marked(spans_of(rules.through(A).name)) == "chain rule through [A]"
    product = phrase("multiply by", inv(A.T @ A))
    assert marked(spans_of(product)) == r"multiply by [(A^\top A)^{-1}]"


def test_margins_have_formulas_typeset_and_text_has_them_as_text():
    derivation = catalogue["calculus/taylor_exponential"]
    assert "antiderivative exp(s*x)" in plain(derivation)
    assert r"\text{(4) antiderivative }e^{s x}" in align(derivation)
    source = page(derivation)
    margins = re.sub(r" title=\"[^\"]*\"", "", source.partition("Rules used")[0])
    assert "antiderivative <span" in margins
    assert "exp(s*x)" not in margins


def test_what_is_shown_above_is_said_by_number():
    derivation = catalogue["linear_algebra/eckart_young"]
    rows = sheet(derivation).rows
    shown = [name for row in rows for name, _ in row.reasons if name.startswith("shown above")]
    assert shown == ["shown above (3)", "shown above (7)", "shown above (11)"]
