"""Macros that a document defines are written out, a bounded number of times."""

import pytest

from derivations.verification.documents.macros import macros_of, write_out
from symbolic.errors import ParseError
from tests.work import function_calls


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
