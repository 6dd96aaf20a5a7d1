"""Random hostile text and LaTeX: read or refused with a typed error, in bounded time; nothing is executed."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derivations import verify_gradient
from symbolic import Latex, parse, read_latex
from symbolic.errors import ChainruleError
from symbolic.reading.declarations import declare
from symbolic.reading.latex.reader import declared_names
from tests.safety.attempts import GIVEN
from tests.safety.canary import canary
from tests.symbolic.latex_corpus.loader import load

MOST = 5.0  # seconds of processor time for one input

FORMULAS = [(entry.latex, entry.given) for entry in load()]
LOOK_ALIKES = (
    "\u0430\u0435\u043e\uff58\uff41\u200b\u200d\u202e\u2066"
    "\u0301\u0000\ufeff\u2212\u00d7\u2032\u22a4\ud800"
)
INJECTIONS = [
    "__import__('os').system('touch CANARY')", "().__class__.__bases__[0]", "x.__class__",
    "eval('1')", "(lambda: 0)()", "[i for i in x]", "(y := 1)", "f'{x}'", "exec('')", "globals()",
    "open('CANARY', 'w')", "x if x else x", "*x", "**x", "yield x", "await x", "print(x)",
    "\\input{/etc/passwd}", "\\write18{ls}", "\\def\\x{\\x\\x}", "\\newcommand{\\a}[1]{#1#1}",
    "\\csname", "\\catcode",
]  # fmt: skip
TEXT_TOKENS = [
    *"xAan()[],.:@*+-/0123 ", "**", "**9**9", ".T", "sum(", "exp(", "softmax(", "axis=", "inv(",
    "einsum(", "'ij->i'", "mean(", "==", "None", "...", "1e-3", "lambda", "where(", "eye(n)",
    "norm(", "log(",
]  # fmt: skip
LATEX_TOKENS = [
    *"xAan()[]{}|_^=+-/*,.'&<d0123 ", "\\frac", "\\frac{1}{n}", "\\sum_i", "\\sum_{i=1}^n",
    "\\nabla_x", "^\\top", "^{-1}", "_{ij}", "_i", "^2", "\\left(", "\\right)", "\\left.",
    "\\right|", "\\|", "\\sigma", "\\log", "\\partial", "\\frac{\\partial}{\\partial x}",
    "\\mathbf", "\\mathbf{x}", "\\hat", "\\operatorname{tr}", "\\text{if}", "\\\\",
    "\\begin{aligned}", "\\end{aligned}", "\\begin{cases}", "\\end{cases}", "\\begin{pmatrix}",
    "\\end{pmatrix}", "\\cdot", "\\odot", "\\otimes", "\\delta_{ij}", "\\mathbb{1}", "\\mathbf 1",
    "I", "\\max", "\\sqrt", "\\in", "\\text{where}", "\\quad", "e^{x}", "dx", "\\theta_{t-1}",
    "\\{", "\\}", "\\langle", "\\rangle", "\\mid",
]  # fmt: skip
KEYS = [
    "x", "x_i", "z", "h(x)", "\\sigma", "\\cdot", "|A|", "layout", "\\nabla f",
    "\\frac{\\partial L}{\\partial x}", "x^{(i)}", "\\hat{x}", "dX", "n", "lambda", "__class__", "",
    "\\", "f(x)", "g(x)", "'", "A",
]  # fmt: skip
VALUES = [
    "n", "n d", "n: prob", ": positive", "= x", "= 2*x", "= z*z", "= \\log(x)", "= f(x) + g(x)",
    "= X[i]", "9**9", "n*n n+1", "=", ":", "tanh", "elementwise", "= tanh", "= x[", "999999999999",
    "= eval('1')", "det",
]  # fmt: skip

everyday = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=150,
)


@st.composite
def pieces(draw: st.DrawFn, tokens: list[str]) -> str:
    """A text of tokens, with strange characters, code and deep brackets between them."""
    found = []
    for kind in draw(st.lists(st.integers(0, 19), max_size=24)):
        if kind == 0:
            found.append(draw(st.text(LOOK_ALIKES + string.printable, max_size=4)))
        elif kind == 1:
            found.append(draw(st.sampled_from(INJECTIONS)))
        elif kind == 2:
            opening, closing = draw(st.sampled_from(("()", "[]", "{}", "||")))
            depth = draw(st.integers(1, 120))
            found.append(opening * depth + draw(st.sampled_from(tokens)) + closing * depth)
        else:
            found.append(draw(st.sampled_from(tokens)))
    return "".join(found)


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A formula that is right, with some characters lost, doubled, exchanged or put in."""
    text, declared = draw(st.sampled_from(FORMULAS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 6)))
        kind = draw(st.sampled_from(("lost", "doubled", "put in", "strange", "moved")))
        new = {
            "lost": "",
            "doubled": text[start:end] * 2,
            "put in": text[start:end] + draw(st.sampled_from(LATEX_TOKENS + INJECTIONS)),
            "strange": draw(st.sampled_from(LOOK_ALIKES)),
            "moved": text[:start][-5:],
        }[kind]
        text = text[:start] + new + text[end:]
    return text, declared


def declarations() -> st.SearchStrategy[dict[str, str]]:
    """Mappings of hostile keys to hostile values."""
    key = st.one_of(st.sampled_from(KEYS), pieces(LATEX_TOKENS), st.sampled_from(INJECTIONS))
    value = st.one_of(
        st.sampled_from(VALUES), pieces(TEXT_TOKENS), pieces(LATEX_TOKENS).map("= {}".format)
    )
    return st.dictionaries(key, value, max_size=6)


def is_harmless(action: object) -> None:
    """Run an action: a result or a typed error, in time, with nothing executed."""
    assert callable(action)
    start = time.process_time()
    with canary() as calls:
        try:
            action()
        except ChainruleError as error:
            str(error)
    assert time.process_time() - start < MOST
    assert calls == []


@everyday
@given(pieces(TEXT_TOKENS))
def test_text(text: str) -> None:
    is_harmless(lambda: parse(text, GIVEN))


@everyday
@given(pieces(LATEX_TOKENS))
def test_latex(text: str) -> None:
    is_harmless(lambda: read_latex(Latex(text), GIVEN))


@everyday
@given(mutants())
def test_mutants_of_formulas(drawn: tuple[str, dict[str, str]]) -> None:
    text, declared = drawn
    is_harmless(lambda: read_latex(Latex(text), declared))


@everyday
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    is_harmless(lambda: parse(text, GIVEN))
    is_harmless(lambda: parse(Latex(text), GIVEN))
    is_harmless(lambda: declare({text: "n", "x": text}))


@everyday
@given(declarations())
def test_declarations(declared: dict[str, str]) -> None:
    is_harmless(lambda: declare(declared))
    is_harmless(lambda: declared_names(declared))
    is_harmless(lambda: read_latex("z = x", declared))


@settings(everyday, max_examples=12)
@given(pieces(TEXT_TOKENS), pieces(LATEX_TOKENS), declarations())
def test_verification(text: str, latex: str, declared: dict[str, str]) -> None:
    is_harmless(lambda: verify_gradient("x@x", "x", text, GIVEN))
    is_harmless(lambda: verify_gradient("x@x", "x", Latex(latex), GIVEN))
    is_harmless(lambda: verify_gradient(text, "x", "2*x", GIVEN))
    is_harmless(lambda: verify_gradient("x@x", "x", "2*x", {**declared, "x": "n"}))


@pytest.mark.parametrize("count", [12, 40, 2000])
def test_definitions_that_double(count: int) -> None:
    chain = {f"z{k}": f"= z{k - 1}*z{k - 1}" for k in range(1, count)}
    text = {"x": "n", "z0": "= x@x", **chain}
    is_harmless(lambda: parse(f"z{count - 1}", text))
    is_harmless(lambda: declared_names(text))
    latex = {f"z_{{{k}}}": f"= z_{{{k - 1}}} z_{{{k - 1}}}" for k in range(1, min(count, 200))}
    is_harmless(
        lambda: read_latex(
            f"y = z_{{{min(count, 200) - 1}}}", {"x": "n", "z_{0}": r"= x^\top x", **latex}
        )
    )


def test_thousands_of_declarations() -> None:
    many = {f"x{k}": "n" for k in range(3000)}
    is_harmless(lambda: parse("x0 + x2999", many))
    is_harmless(lambda: read_latex(r"y = x_{0} + x_{2999}", many))
    many = {rf"\theta_{{{k}}}": "n" for k in range(1000)}
    is_harmless(lambda: read_latex(r"y = \theta_{0} + \theta_{999}", many))
