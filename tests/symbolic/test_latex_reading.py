r"""LaTeX is read as a mathematician reads it with the declarations, or refused: never another way."""

import doctest
from pathlib import Path

import pytest

import symbolic as s
from symbolic import (
    AmbiguousError,
    ChainruleError,
    Latex,
    NameUnknownError,
    NotAllowedError,
    ParseError,
    ShapeError,
    parse,
    read_latex,
)
from symbolic.algebra.normal import equal_by_algebra
from symbolic.nodes import Derivative, Named
from symbolic.traverse import postorder, with_children

DOCS = Path(__file__).parents[2] / "docs" / "latex.md"

READ = [
    (r"-t\log(y)-(1-t)\log(1-y)", {"t": "", "y": ""}, "-t*log(y) - (1-t)*log(1-y)"),
    (r"A^T b", {"A": "n d", "b": "n"}, "A.T @ b"),
    (r"A^{\mathsf T} b", {"A": "n d", "b": "n"}, "A.T @ b"),
    (r"A^\intercal b", {"A": "n d", "b": "n"}, "A.T @ b"),
    (r"x(1-x)", {"x": ""}, "x*(1-x)"),
    (r"\gamma_i+\beta_i", {"gamma_": "n", "beta": "n"}, "gamma_ + beta"),
    (r"t_{ic}", {"t": "n k"}, "t"),
    (r"\frac1N\sum_i -2x_i(y_i - m x_i)", {"x": "N", "y": "N", "m": ""}, "sum(-2*x*(y - m*x))/N"),
    (r"\sum_i x_i^2 + y", {"x": "n", "y": ""}, "sum(x**2) + y"),
    (r"\sum_i y_i \log p_i + (1 - y_i)\log(1 - p_i)", {"y": "n", "p": "n: unit"},
     "sum(y*log(p) + (1-y)*log(1-p))"),
    (r"\sum_{i=0}^{n-1} x_i", {"x": "n"}, "sum(x)"),
    (r"\sum_{i,j} A_{ij} x_i x_j", {"A": "n n", "x": "n"}, "x @ A @ x"),
    (r"\sum_{i<j} A_{ij}", {"A": "n n"}, "sum(triu(A, k=1))"),
    (r"\sum_{i=1}^n \sum_{j \ne i} A_{ij}", {"A": "n n"}, "sum(A) - trace(A)"),
    (r"x^\top y", {"x": "n", "y": "n"}, "x @ y"),
    (r"x y^\top", {"x": "n", "y": "d"}, "outer(x, y)"),
    (r"x^\top A", {"x": "n", "A": "n d"}, "x @ A"),
    (r"a \odot b c^\top", {"a": "n", "b": "n", "c": "d"}, "outer(a*b, c)"),
    (r"\tanh^2 x", {"x": ""}, "tanh(x)**2"),
    (r"\operatorname{softmax}(o)_j", {"o": "q"}, "softmax(o)"),
    (r"\log\det X", {"X": "n n: spd"}, "log(det(X))"),
    (r"\log|\Sigma|", {"Sigma": "n n: spd"}, "log(det(Sigma))"),
    (r"\|A\|_F^2", {"A": "n d"}, "norm(A)**2"),
    (r"\|x\|_1", {"x": "n"}, "sum(abs(x))"),
    (r"(A + \lambda I)^{-1} b", {"A": "n n: spd", "b": "n", "lam": ""}, "inv(A + lam*eye(n)) @ b"),
    (r"\mathbf 1^\top x", {"x": "n"}, "sum(x)"),
    (r"\sum_j \delta_{ij} x_j", {"x": "n"}, "x"),
    (r"\max(0, 1 - z)", {"z": "n"}, "maximum(0, 1 - z)"),
    (r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}", {"x": ""}, "where(x > 0, x, 0)"),
    (r"x^\top\! y\,/\,2", {"x": "n", "y": "n"}, "x @ y/2"),
    (r"\newcommand{\R}[1]{\mathbf{#1}} \R{x}^\top \R{x}", {"x": "n"}, "x @ x"),
    (r"W^{[2]T} \delta^{(2)}", {r"W^{[2]}": "k h", r"\delta^{(2)}": "k"}, "W_2.T @ delta_2"),
    (r"x_{12} + x_1", {"x": "20"}, "x[11] + x[0]"),
    (r"e^{-x} + e", {"x": ""}, "exp(-x) + exp(1)"),
    (r"\sigma'(z)", {"z": "n"}, "sigmoid(z)*(1 - sigmoid(z))"),
]  # fmt: skip

REFUSED = [
    (r"x y", {"x": "d", "y": "d"}, ShapeError, "a column of d and a column of d"),
    (r"\sum_{i=1}^{m} x_i", {"x": "n", "A": "m n"}, ShapeError, "size n"),
    (r"\sum_{i=2}^{n} x_i", {"x": "n"}, ShapeError, "whole axis"),
    (r"\sum_{i \ne j} A_{ij}", {"A": "n n"}, AmbiguousError, "summed over as well"),
    (r"\prod_i x_i y", {"x": "n", "y": ""}, AmbiguousError, "whole product or a part"),
    (r"\log x_i y_i", {"x": "n", "y": "n"}, AmbiguousError, "first factor, or of the product"),
    (r"\log(x)^2", {"x": ""}, AmbiguousError, "logarithm of the power"),
    (r"\sin^{-1} x", {"x": ""}, AmbiguousError, "inverse function, or the reciprocal"),
    (r"A_{ij}^{-1}", {"A": "n n"}, AmbiguousError, "inverse of the entry"),
    (r"A^{1/2}", {"A": "n n"}, AmbiguousError, "of its entries"),
    (r"\exp(A)", {"A": "n n"}, AmbiguousError, "matrix function"),
    (r"|x|", {"x": "n"}, AmbiguousError, "norm"),
    (r"|A|", {"A": "n n"}, AmbiguousError, "determinant"),
    (r"|x|y|z|", {"x": "", "y": "", "z": ""}, AmbiguousError, "nest"),
    (r"\|A\|", {"A": "n d"}, AmbiguousError, "Frobenius"),
    (r"X + \lambda", {"X": "n n", "lam": ""}, AmbiguousError, "multiple of the identity"),
    (r"W_1", {"W": "n d"}, AmbiguousError, "another matrix with this label"),
    (r"w_0", {"w": "n"}, ShapeError, "count from 1"),
    (r"x_k", {"x": "n", "k": ""}, AmbiguousError, "k is declared"),
    (r"x^{(1)}", {"x": "n"}, AmbiguousError, "label or an index"),
    (r"x^Ty", {"x": "n", "y": "n", "T": ""}, AmbiguousError, "T is declared"),
    (r"a/bc", {"a": "", "b": "", "c": ""}, AmbiguousError, "below it"),
    (r"a \cdot b", {"a": "n", "b": "n"}, AmbiguousError, "inner product"),
    (r"A \odot B C", {"A": "n n", "B": "n n", "C": "n n"}, AmbiguousError, "either may come first"),
    (r"f(x)", {"x": "", "f": ""}, AmbiguousError, "value of a function"),
    (r"d x", {"d": "", "x": ""}, AmbiguousError, "differential"),
    (r"\lambda x", {"lam": "", "lambda_": "", "x": ""}, AmbiguousError, "lam or lambda_"),
    (r"\epsilon + \varepsilon", {"eps": ""}, AmbiguousError, "declare both"),
    (r"\nabla_x A x", {"A": "m n", "x": "n"}, AmbiguousError, "denominator layout"),
    (r"\nabla_x x^\top A x + b^\top x", {"A": "n n", "x": "n", "b": "n"}, AmbiguousError, "of the sum"),
    (r"y_i = W_{ij} x_j", {"W": "n d", "x": "d", "y": "n"}, AmbiguousError, "index j is free"),
    (r"x_i + y", {"x": "n", "y": "n"}, ShapeError, "index i"),
    (r"1 2 x", {"x": ""}, AmbiguousError, "one number, or a product"),
    (r"x!", {"x": ""}, NotAllowedError, "factorial"),
    (r"\int x", {"x": ""}, NotAllowedError, "integrals"),
    (r"\mathbb{E}[x]", {"x": ""}, NotAllowedError, "distribution"),
    (r"\foo x", {"x": ""}, NotAllowedError, r"\foo"),
    (r"N x", {"x": "n"}, NameUnknownError, "declared: x, n"),
    ("{" * 200 + "x" + "}" * 200, {"x": ""}, ParseError, "nested"),
    ("x" + "^{x" * 120 + "}" * 120, {"x": ""}, ParseError, "nested"),
    (r"1^\top x", {"x": "n"}, AmbiguousError, "vector of ones"),
    (r"x^23", {"x": ""}, AmbiguousError, "braces"),
    (r"1e-3 x", {"x": ""}, AmbiguousError, "power of ten"),
    (r"x \quad (2)", {"x": ""}, AmbiguousError, "number of an equation"),
    (r"\frac{d}{dx}^2 x^3", {"x": ""}, AmbiguousError, "order"),
    (r"\frac{d}{dx} x^2 + 3x", {"x": ""}, AmbiguousError, "first term, or of the sum"),
    (r"\theta_t = \theta - g", {"theta": "d", "g": "d"}, AmbiguousError, "label"),
    (r"\left( x \right]", {"x": ""}, ParseError, "belong together"),
    (r"x + (y", {"x": "", "y": ""}, ParseError, "partner"),
    (r"9^{9^{9^9}}", {}, NotAllowedError, ""),
    ("9" * 500, {}, NotAllowedError, "500"),
    (r"\sqrt{" * 30, {}, ParseError, ""),
    ("x" * 30_000, {}, ParseError, "30000"),
    (r"\def\a{\a\a}\a", {}, NotAllowedError, "macros"),
    ("\\alpha \N{CYRILLIC SMALL LETTER A}", {"alpha": ""}, NotAllowedError, "CYRILLIC"),
]  # fmt: skip


def worked_out(expression):
    """The expression with its derivatives taken."""
    done = {}
    for node in postorder(expression):
        children = [done[child] for child in node.children]
        if isinstance(node, Derivative):
            done[node] = s.jacobian(children[0], node.variable)
        else:
            done[node] = with_children(node, children) if children else node
    return done[expression]


@pytest.mark.parametrize(("latex", "given", "meaning"), READ, ids=[case[0][:40] for case in READ])
def test_meaning(latex, given, meaning):
    names = {s.reading.declarations.identifier(key): value for key, value in given.items()}
    assert equal_by_algebra(parse(Latex(latex), given), parse(meaning, names))


@pytest.mark.parametrize(
    ("latex", "given", "kind", "message"), REFUSED, ids=[case[0][:40] for case in REFUSED]
)
def test_refusals(latex, given, kind, message):
    with pytest.raises(kind) as error:
        read_latex(latex, given)
    assert message in str(error.value)


def test_errors_show_the_place():
    with pytest.raises(NameUnknownError) as error:
        read_latex(r"X^\top (y - z)", {"X": "n d", "y": "n"})
    *_, text, carets = str(error.value).splitlines()
    assert text[carets.index("^")] == "z"


def test_a_block_defines_and_differentiates():
    formulas = read_latex(
        r"""\begin{aligned}
        z &= Xw \\
        L &= \tfrac{1}{2n} \|z - y\|^2 \\
          &= \tfrac{1}{2n} \sum_{i=1}^n (z_i - y_i)^2, \\
        \frac{\partial L}{\partial z} &= \tfrac1n (z - y), \qquad
        \nabla_w L = \tfrac1n X^\top(z - y).
        \end{aligned}""",
        {"X": "n d", "w": "d", "y": "n"},
    )
    assert [formula.relations for formula in formulas] == [("=",), ("=", "="), ("=",), ("=",)]
    assert [side.row for side in formulas[1].sides] == [1, 1, 2]
    z = formulas[1].sides[1].expression
    assert any(isinstance(node, Named) and node.name == "z" for node in postorder(z))
    for formula in formulas[2:]:
        left, right = (side.expression for side in formula.sides)
        assert equal_by_algebra(worked_out(left), right)


@pytest.mark.parametrize(
    ("latex", "head"),
    [
        (r"L = x", s.Head("name", "L")),
        (r"\ell(\theta) = x", s.Head("name", "ell")),
        (r"\nabla_x L = x", s.Head("derivative", "L", ("x",))),
        (r"\partial L/\partial x_j = x_j", s.Head("derivative", "L", ("x",), ("j",))),
        (r"{\partial \xi}/{\partial x_i} = x_i", s.Head("derivative", "xi", ("x",), ("i",))),
        (r"\frac{\partial^2 L}{\partial x \partial x^\top} = x", s.Head("derivative", "L", ("x", "x"))),
        (r"f'(x) = x", s.Head("derivative", "f", ("x",))),
        (r"dL = x", s.Head("differential", "L")),
        (r"h_i = x_i", s.Head("name", "h", (), ("i",))),
        (r"\nabla L^{(2)} = x", s.Head("derivative", "L_2")),
        (r"\left(\frac{\partial L}{\partial x}\right)^\top = x", None),
    ],
)  # fmt: skip
def test_heads(latex, head):
    given = {"x": "n"}
    if head is None:
        with pytest.raises(ChainruleError):
            read_latex(latex, given)
    else:
        assert read_latex(latex, given)[0].sides[0].head == head


def test_a_declared_name_is_never_redefined():
    (formula,) = read_latex("y = Xw", {"X": "n d", "w": "d", "y": "n"})
    assert formula.sides[0].head is None
    assert str(formula.sides[0].expression) == "y"


def test_rows_orientation_and_free_indices():
    given = {"X": "n d", "y": "n", "A": "n d"}
    (formula,) = read_latex(r"y^\top X", given)
    assert formula.sides[0].row_vector
    (formula,) = read_latex(r"B_{ij} = A_{ji}", given)
    assert formula.sides[0].indices == formula.sides[1].indices == ("i", "j")
    assert str(formula.sides[1].expression) == "A.T"


@pytest.mark.parametrize(
    ("sign", "latex", "meaning"),
    [
        ({r"\cdot": "inner"}, r"a \cdot b", "a @ b"),
        ({r"\cdot": "elementwise"}, r"a \cdot b", "a*b"),
        ({"|A|": "abs"}, "|a|", "abs(a)"),
        ({"|A|": "norm"}, "|a|", "norm(a)"),
        ({"'": "transpose"}, "a'b", "a @ b"),
        ({r"\otimes": "outer"}, r"a \otimes b", "outer(a, b)"),
        ({"*": "elementwise"}, "a * b", "a*b"),
        ({r"\log": "10"}, r"\log 2 + 0 a^\top b", "log(2)/log(10) + 0*(a @ b)"),
    ],
)
def test_notations_settle_readings(sign, latex, meaning):
    given = {"a": "n", "b": "n"}
    assert equal_by_algebra(parse(Latex(latex), given | sign), parse(meaning, given))


def test_definitions_in_both_languages():
    given = {"X": "n d", "w": "d", "z": "= X @ w", "p": r"= \sigma(z)", "g": "= tanh"}
    assert str(parse("X.T @ p", given)) == "X.T @ p"
    assert equal_by_algebra(parse(r"\sum_i g(z_i)", given), parse("sum(tanh(X @ w))", given))
    given = {"X": "n d", "t": "d", r"x^{(i)}": "= X[i]", "h(x)": r"= \sigma(t^\top x)"}
    assert equal_by_algebra(
        parse(r"\sum_{i=1}^n h(x^{(i)})", given), parse("sum(sigmoid(X @ t))", given)
    )


def test_readings_are_told():
    (formula,) = read_latex(r"\sum_i a_i + b_i", {"a": "n", "b": "n"})
    assert any("covers" in note for note in formula.notes)


def test_statements_are_no_expressions():
    with pytest.raises(NotAllowedError, match="verify_steps"):
        parse(r"x^\top x = y^\top y", {"x": "n", "y": "n"})


def test_documentation():
    failures, examples = doctest.testfile(
        str(DOCS), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert examples
    assert not failures
