r"""LaTeX: exact textbook formulas, brackets that match, and a page that amsmath alone compiles."""

import re
import shutil
import subprocess
import time

import pytest

import symbolic as s
from symbolic import parse, simplify, variables
from symbolic.errors import UnsupportedError
from symbolic.nodes import Contraction, Derivative, Expression
from symbolic.printing.flattening import flattened
from symbolic.printing.latex_names import name_latex
from symbolic.printing.latex_printer import latex
from symbolic.traverse import postorder
from tests.symbolic.random_expressions import Writer

GIVEN = {
    "X": "n d", "w": "d", "y": "n", "z": "n", "p": "n", "lam": ": positive", "a": "", "c": "",
    "A": "d d", "B": "d d", "S": "d d: symmetric", "x": "d", "u": "d", "v": "d", "mu": "d",
    "Z": "n k", "Y": "n k", "P": "n k", "W": "d k", "W1": "d k", "b": "k", "delta2": "n k",
    "Q": "n d", "K": "m d", "V": "m d",
}  # fmt: skip

TEXTBOOK = {
    "X.T @ (sigmoid(X@w) - y)/n + lam*w": r"\frac{1}{n} X^\top (\sigma(X w) - y) + \lambda w",
    "X.T @ diag(sigmoid(X@w)*(1 - sigmoid(X@w))) @ X/n + lam*eye(d)": (
        r"\frac{1}{n} X^\top \operatorname{diag}(\sigma(X w) \odot (1 - \sigma(X w))) X"
        r" + \lambda I_d"
    ),
    "mean(softplus(X@w) - y*(X@w))": (
        r"\frac{1}{n} \sum_{i=1}^{n} \left[\operatorname{softplus}((X w)_i) - y_i (X w)_i\right]"
    ),
    "norm(X@w - y)**2/n + lam*norm(w)**2": (
        r"\frac{1}{n} \left\|X w - y\right\|_2^2 + \lambda \left\|w\right\|_2^2"
    ),
    "lam/2*norm(w)**2": r"\frac{\lambda}{2} \left\|w\right\|_2^2",
    "norm(X)": r"\left\|X\right\|_F",
    "(softmax(Z, axis=1) - Y)/n": r"\frac{1}{n} (\operatorname{softmax}(Z) - Y)",
    "softmax(Q @ K.T/sqrt(d), axis=1) @ V": (
        r"\operatorname{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V"
    ),
    "-mean(sum(Y*log(P), axis=1))": (
        r"-\frac{1}{n} \sum_{i=1}^{n} \sum_{j=1}^{k} Y_{ij} \log(P_{ij})"
    ),
    "v@S@v - lam*(v@v - 1)": r"v^\top S v - \lambda (v^\top v - 1)",
    "2*S@v - 2*lam*v": r"2 S v - 2 \lambda v",
    "(delta2 @ W1.T)*(1 - X**2)": r"(\delta_2 W_1^\top) \odot (1 - X^{\odot 2})",
    "1 - tanh(z)**2": r"1 - \tanh^2(z)",
    "x @ A": r"A^\top x",
    "x @ A @ u": r"x^\top A u",
    "x @ S": r"S x",
    "(A@x) @ u": r"(A x)^\top u",
    "(A + B).T @ x": r"(A + B)^\top x",
    "(x - mu) @ S @ (x - mu)/2": r"\frac{1}{2} (x - \mu)^\top S (x - \mu)",
    "outer(u, v)": r"u v^\top",
    "outer(u, v @ A)": r"u v^\top A",
    "trace(A @ B.T)": r"\operatorname{tr}(A B^\top)",
    "diag(x) - outer(x, x)": r"\operatorname{diag}(x) - x x^\top",
    "eye(d) - outer(x, x)/(x@x)": r"I_d - \frac{x x^\top}{x^\top x}",
    "X @ W + b": r"X W + \mathbf{1} b^\top",
    "X - mean(X, axis=0)": r"X - \frac{1}{n} \mathbf{1} \mathbf{1}^\top X",
    "sum(Z, axis=0)": r"Z^\top \mathbf{1}",
    "sum(Z, axis=1)": r"Z \mathbf{1}",
    "sum(X@w)": r"\mathbf{1}^\top X w",
    "sum(w**2)": r"\sum_{i=1}^{d} w_i^2",
    "y[:, None]*X": r"\operatorname{diag}(y) X",
    "P*b": r"P \operatorname{diag}(b)",
    "P/sum(P, axis=1, keepdims=True)": r"\operatorname{diag}(P \mathbf{1})^{-1} P",
    "x - logsumexp(x)": r"x - \operatorname{logsumexp}(x) \mathbf{1}",
    "(y - p)/(p*(1 - p))": r"\frac{y - p}{p \odot (1 - p)}",
    "exp(-a**2/2)/sqrt(2*pi)": r"\frac{1}{\sqrt{2 \pi}} \exp\left(-\frac{a^2}{2}\right)",
    "-log(c) - (a - lam)**2/(2*c**2)": r"-\log(c) - \frac{(a - \lambda)^2}{2 c^2}",
    "X.T @ (p*y)": r"X^\top (p \odot y)",
    "(tanh(a)**2)**3": r"(\tanh^2(a))^3",
    "lam*w*exp(w)": r"\lambda w \odot \exp(w)",
    "(u@v)*w/norm(w)**3": r"\frac{(u^\top v) w}{\left\|w\right\|_2^3}",
    "2*(a + c)*x": r"2 (a + c) x",
    "3*2**a": r"3 \cdot 2^a",
    "a - (c - lam)": r"a - (c - \lambda)",
    "(u@v)**2": r"(u^\top v)^2",
    "where(y == 1, -log(p), 0)": (
        r"\begin{cases} -\log(p) & \text{if } y = 1 \\ 0 & \text{otherwise} \end{cases}"
    ),
    "einsum('ij,ik,il->jkl', X, X, X)": r"\left[\sum_{i=1}^{n} X_{ij} X_{ik} X_{il}\right]_{jkl}",
}

INDEX = {
    "X.T @ (sigmoid(X@w) - y)/n + lam*w": (
        r"\frac{1}{n} \sum_{i=1}^{n} X_{ij} \left(\sigma\left(\sum_{k=1}^{d} X_{ik} w_k\right)"
        r" - y_i\right) + \lambda w_j"
    ),
    "X.T @ X @ w": r"\sum_{i=1}^{n} \sum_{k=1}^{d} X_{ij} X_{ik} w_k",
    "x @ A @ x": r"\sum_{i=1}^{d} \sum_{j=1}^{d} x_i A_{ij} x_j",
    "lam*eye(d)": r"\lambda \delta_{ij}",
    "eye(d) @ A": r"A_{ij}",
    "diag(x) - outer(x, x)": r"x_i \delta_{ij} - x_i x_j",
    "W1 @ b": r"\sum_{j=1}^{k} (W_1)_{ij} b_j",
    "A.T": r"A_{ji}",
    "diag(A)": r"A_{ii}",
    "x/norm(x)": r"\frac{x_i}{\left\|x\right\|_2}",
    "trace(X.T @ X)": r"\sum_{i=1}^{n} \sum_{j=1}^{d} X_{ij}^2",
    "x - mean(x)": r"x_i - \frac{1}{d} \sum_{j=1}^{d} x_j",
    "softmax(x)*u": r"\operatorname{softmax}(x)_i u_i",
    "X + ones(n, 1)": r"X_{ij} + 1",
}


@pytest.mark.parametrize("text", TEXTBOOK)
def test_textbook_formula(text):
    assert latex(parse(text, GIVEN)) == TEXTBOOK[text]


@pytest.mark.parametrize("text", INDEX)
def test_index_form(text):
    assert latex(parse(text, GIVEN), index=True) == INDEX[text]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("w", "w"), ("lam", r"\lambda"), ("Sigma", r"\Sigma"), ("W1", "W_1"), ("W_1", "W_1"),
        ("z12", "z_{12}"), ("delta_next", r"\delta_{\mathrm{next}}"), ("loss", r"\mathrm{loss}"),
        ("W_1_2", "W_{1,2}"), ("y_hat", r"\hat{y}"), ("theta_i", r"\theta_i"), ("λ", r"\lambda"),
        ("_", r"\_"), ("x_", "x"), ("mu_k2", r"\mu_{\mathrm{k2}}"),
    ],
)  # fmt: skip
def test_names(name, wanted):
    assert name_latex(name) == wanted


def derivatives() -> dict[str, Expression]:
    n, d, k = variables.dims("n d k")
    X, w, y, W = (
        variables.matrix("X", n, d),
        variables.vector("w", d),
        variables.vector("y", n),
        variables.matrix("W", d, k),
    )
    f, z = variables.named("f", s.norm(X @ w - y)), variables.named("z", X @ w)
    t = variables.scalar("t")
    Z = variables.named("Z_next", X @ W)
    cost = variables.unspecified("C", Z)
    delta = variables.named("delta", Derivative(cost, Z))
    activation = variables.elementwise("f")
    return {
        r"\nabla_w f": Derivative(f, w),
        r"\nabla_w \left[\left\|X w - y\right\|_2^2\right]": Derivative(s.norm(X @ w - y) ** 2, w),
        r"\nabla_w^2 f": Derivative(Derivative(f, w), w),
        r"\frac{\partial z}{\partial w}": Derivative(z, w),
        r"\frac{\partial}{\partial t} \left[t^2\right]": Derivative(t**2, t),
        r"\left(\frac{\partial z}{\partial w}\right)^\top \nabla_z f": (
            Derivative(z, w).T @ Derivative(f, z)
        ),
        r"\nabla_W C(Z_{\mathrm{next}})": Derivative(cost, W),
        r"(\delta W^\top) \odot f'(X)": (delta @ W.T) * activation.prime(X),
    }


@pytest.mark.parametrize("wanted", derivatives())
def test_derivatives(wanted):
    assert latex(derivatives()[wanted]) == wanted


def test_chain_rule_by_entries():
    n, d, k = variables.dims("n d k")
    X, W = variables.matrix("X", n, d), variables.matrix("W", d, k)
    Z = variables.named("Z_next", X @ W)
    delta = variables.matrix("delta", n, k)
    line = s.einsum("pq,pqij->ij", delta, Derivative(Z, W))
    assert latex(line) == (
        r"\sum_{i=1}^{n} \sum_{j=1}^{k} \delta_{ij}"
        r" \frac{\partial (Z_{\mathrm{next}})_{ij}}{\partial W}"
    )


def test_indices_are_no_names_of_the_expression():
    i, j = variables.dims("i j")
    assert latex(variables.matrix("k", i, j), index=True) == "k_{lp}"


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_a_flattened_product_is_the_product(seed, whole):
    writer = Writer(seed)
    for node in postorder(writer.expression(writer.shape(), 4)):
        if isinstance(node, Contraction):
            flat = flattened(node, whole=whole)
            nodes, labels = zip(*flat.factors, strict=True) if flat.factors else ((), ())
            again = Contraction(nodes, labels, flat.output, flat.sizes, flat.coefficient)
            assert simplify(again - node) is simplify(node - node)


def well_formed(text: str) -> bool:
    """Whether braces, growing brackets and environments match and no script is doubled."""
    level = 0
    for token in re.findall(r"\\[a-zA-Z]+|\\.|[{}]", text):
        level += (token in ("{", r"\left")) - (token in ("}", r"\right"))
        if level < 0:
            return False
    if level != 0 or text.count(r"\begin") != text.count(r"\end"):
        return False
    bare = re.sub(r"\\[{}]", "", text)
    while "{" in bare:
        bare = re.sub(r"\{[^{}]*\}", "G", bare)
    return not re.search(r"_(G|\\?\w)\s*_|\^(G|\\[a-z]+|\w)\s*\^", bare)


@pytest.mark.parametrize("seed", range(60))
def test_random_expressions_are_well_formed(seed):
    writer = Writer(seed)
    expression = writer.expression(writer.shape(), 4)
    for each in (expression, simplify(expression)):
        assert well_formed(latex(each))
        assert well_formed(latex(each, index=True))


@pytest.mark.parametrize("text", [r"\left(a", r"x_1_2", r"{a", r"x^\top^2"])
def test_the_checker_of_form_sees_mistakes(text):
    assert not well_formed(text)


@pytest.mark.parametrize("index", [False, True])
def test_depth_is_no_limit(index):
    x = variables.vector("x", "n")
    for _ in range(20_000):
        x = s.tanh(x)
    started = time.perf_counter()
    assert latex(x, index=index).count(r"\tanh") == 20_000
    assert time.perf_counter() - started < 20


def test_what_is_too_long_is_refused():
    x = variables.scalar("x")
    for _ in range(60):
        x = x + x
    with pytest.raises(UnsupportedError, match="name the intermediates"):
        latex(x)


@pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="needs pdflatex, which a user need not have"
)
def test_a_page_compiles_with_amsmath_alone(tmp_path):
    given = [parse(text, GIVEN) for text in TEXTBOOK]
    lines = [latex(each) for each in given] + [latex(each, index=True) for each in given]
    lines += [latex(each) for each in derivatives().values()]
    page = r"\documentclass{article}\usepackage{amsmath}\begin{document}" + "".join(
        f"\\[{line}\\]\n" for line in lines
    )
    (tmp_path / "page.tex").write_text(page + r"\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
