r"""LaTeX: exact textbook formulas, brackets that match, and a page that amsmath alone compiles."""

import re
import shutil
import subprocess

import pytest

import symbolic as s
from derivations.rendering.breaking import pieces
from derivations.rendering.latex_tree import read_latex, unknown_commands
from symbolic import parse, simplify, variables
from symbolic.errors import UnsupportedError
from symbolic.nodes import Contraction, Derivative, Expression
from symbolic.printing.flattening import flattened
from symbolic.printing.latex_names import name_latex
from symbolic.printing.latex_printer import latex
from symbolic.traverse import postorder
from tests.symbolic.random_expressions import Writer
from tests.work import growth

GIVEN = {
    "X": "n d", "w": "d", "y": "n", "z": "n", "p": "n", "lam": ": positive", "a": "", "c": "",
    "A": "d d", "B": "d d", "S": "d d: symmetric", "x": "d", "u": "d", "v": "d", "mu": "d",
    "Z": "n k", "Y": "n k", "P": "n k", "W": "d k", "W1": "d k", "b": "k", "delta2": "n k",
    "Q": "n d", "K": "m d", "V": "m d", "prior": "", "rate": "",
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
    "exp(x/c)/norm(x)": r"\frac{1}{\left\|x\right\|_2} \exp\left(\frac{x}{c}\right)",
    "exp(x/c)/sum(exp(x/c))": (
        r"\frac{\exp\left(\frac{x}{c}\right)}"
        r"{\sum_{i=1}^{d} \exp\left(\frac{x_i}{c}\right)}"
    ),
    "(u @ u)*(v @ v)": r"(u^\top u) (v^\top v)",
    "(u @ v)*lam": r"\lambda u^\top v",
    "prior*rate*a": r"\mathrm{prior} \cdot \mathrm{rate} a",
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

GIVEN_MATRICES = {
    "A": "n n", "B": "n n", "S": "n n: spd", "C": "m n", "F": "n k", "X": "n d", "R": "n d", "T": "b n d",
    "x": "n", "y": "n", "v": "n", "z": "n", "h": "3", "g": "3 3", "W1": "n n", "s": "", "lam": "",
    "Q": "n d", "K": "m d", "V": "m d", "E": "n n", "a4": "4", "I2": "p q", "o": "c n k",
}  # fmt: skip

MATRICES = {
    "inv(A)": "A^{-1}",
    "inv(A).T": r"A^{-\top}",
    "inv(A.T)": r"A^{-\top}",
    "inv(A).T.T": "A^{-1}",
    "inv(S).T": "S^{-1}",
    "inv(A + s*B)": "(A + s B)^{-1}",
    "inv(A + s*B).T": r"(A + s B)^{-\top}",
    "inv(inv(A))": "(A^{-1})^{-1}",
    "inv(A)**2": r"(A^{-1})^{\odot 2}",
    "inv(A) @ inv(A)": "A^{-2}",
    "A @ A @ A": "A^3",
    "A.T @ A.T": r"(A^\top)^2",
    "A @ inv(A)": "A A^{-1}",
    "A @ A @ x": "A^2 x",
    "W1 @ W1": "W_1^2",
    "x @ inv(A) @ x": r"x^\top A^{-1} x",
    "inv(A @ B) @ X": "(A B)^{-1} X",
    "det(A + B)**2": r"\det(A + B)^2",
    "logdet(A)": r"\log\left|\det(A)\right|",
    "logdet(S)": r"\log\det(S)",
    "logdet(inv(S))": r"\log\det(S^{-1})",
    "logdet(X.T @ X + s*eye(d))": r"\log\left|\det(X^\top X + s I_d)\right|",
    "trace(inv(A) @ B)": r"\operatorname{tr}(A^{-1} B)",
    "norm(x, 1)": r"\left\|x\right\|_1",
    "norm(x - y, 3)**3": r"\left\|x - y\right\|_3^3",
    "norm(x, 4)": r"\left\|x\right\|_4",
    "norm(x, 3/2)": r"\left\|x\right\|_{3/2}",
    "max(abs(x))": r"\left\|x\right\|_{\infty}",
    "norm(A, 1)": r"\left\|A\right\|_1",
    "norm(A, 2)": r"\left\|A\right\|_2",
    "max(sum(abs(A), axis=1))": r"\left\|A\right\|_{\infty}",
    "sum(svdvals(C))": r"\left\|C\right\|_*",
    "x/norm(x, 1)": r"\frac{x}{\left\|x\right\|_1}",
    "sum(y/norm(x, 1))": r"\frac{1}{\left\|x\right\|_1} \sum_{i=1}^{n} y_i",
    "sum(abs(A))": r"\sum_{i=1}^{n} \sum_{j=1}^{n} \left|A_{ij}\right|",
    "svdvals(C)": r"\boldsymbol{\sigma}(C)",
    "svdvals(C)[0]": r"\sigma_1(C)",
    "eigvalsh(A)": r"\boldsymbol{\lambda}(A)",
    "sum(eigvalsh(A)**2)": r"\sum_{i=1}^{n} \lambda_i(A)^2",
    "eigvalsh(A)[-1]": r"\lambda_n(A)",
    "cholesky(S) @ x": r"\operatorname{chol}(S) x",
    "expm(s*A)": "e^{s A}",
    "expm(A)**2": r"(e^{A})^{\odot 2}",
    "exp(A)": r"\exp(A)",
    "expm_frechet(A, E)": r"L_{\exp}(A, E)",
    "max(x)": r"\max_i x_i",
    "max(x + y)**2": r"\left(\max_i \left[x_i + y_i\right]\right)^2",
    "max(X, axis=1)": r"\left[\max_j X_{ij}\right]_i",
    "min(X)": r"\min_{i,j} X_{ij}",
    "prod(1 - x)": r"\prod_{i=1}^{n} \left[1 - x_i\right]",
    "hardmax(X, axis=0)": r"\operatorname{hardmax}_{\mathrm{col}}(X)",
    "kron(A, B) @ kron(x, y)": r"(A \otimes B) (x \otimes y)",
    "2*kron(A + B, B)": r"2 (A + B) \otimes B",
    "kron(C, I2) + kron(C, 2*I2)": r"C \otimes I_2 + 2 C \otimes I_2",
    "kron(A, B)*kron(A, B)": r"(A \otimes B) \odot (A \otimes B)",
    "vec(A @ X)": r"\operatorname{vec}(A X)",
    "reshape(X, n*d)": r"\operatorname{vec}(X^\top)",
    "reshape(vec(X), d, n)": r"\operatorname{reshape}_{d \times n}(\operatorname{vec}(X))",
    "tril(A) @ x": r"\operatorname{tril}(A) x",
    "triu(A, k=1)": r"\operatorname{triu}_1(A)",
    "inv(tril(A))": r"\operatorname{tril}(A)^{-1}",
    "x[0]": "x_1",
    "x[-1]": "x_n",
    "A[0, 1]": "A_{1,2}",
    "A[0, 1]*eye(n)[1]": r"A_{1,2} \mathbf{e}_2",
    "A[0] @ x": r"A_{1,:}^\top x",
    "A[:, 0][2]": "A_{3,1}",
    "x[1:] - x[:-1]": "x_{2:n} - x_{1:n-1}",
    "x[1:]**2": r"x_{2:n}^{\odot 2}",
    "x[::-1]": "x_{n:-1:1}",
    "x[::2]": "x_{1:2:n}",
    "W1[1:, :-1]": "(W_1)_{2:n,1:n-1}",
    "(x + y)[1:]": "(x + y)_{2:n}",
    "T[0]": "T_{1,:,:}",
    "pad(x, 1, 2)": r"\begin{bmatrix} 0 \\ x \\ 0_2 \end{bmatrix}",
    "pad(X, 0, 1, axis=0)": r"\begin{bmatrix} X \\ 0_{1 \times d} \end{bmatrix}",
    "concatenate(x, y)": r"\begin{bmatrix} x \\ y \end{bmatrix}",
    "concatenate(X, R, axis=1)": r"\begin{bmatrix} X & R \end{bmatrix}",
    "stack(x, y)": r"\begin{bmatrix} x^\top \\ y^\top \end{bmatrix}",
    "stack(x, y, axis=1)": r"\begin{bmatrix} x & y \end{bmatrix}",
    "conv1d(x, h)": r"\left[\sum_{j=1}^{3} h_j x_{i+j-1}\right]_{1 \le i \le n - 2}",
    "windows(x, 3)": r"\left[x_{i+j-1}\right]_{1 \le i \le n - 2,\, 1 \le j \le 3}",
    "sum(conv1d(x, h)**2)": (
        r"\sum_{i=1}^{n - 2} \left(\sum_{j=1}^{3} h_j x_{i+j-1}\right)^2"
    ),
    "sum(max_pool1d(x, 2))": (
        r"\sum_{i=1}^{\lfloor n/2 \rfloor} \max_{1 \le j \le 2} x_{2i+j-2}"
    ),
    "step(z)": r"\mathbf{1}[z > 0]",
    "step(z) @ x": r"\mathbf{1}[z > 0]^\top x",
}  # fmt: skip

MATRIX_INDEX = {
    "conv1d(x, h)": r"\sum_{j=1}^{3} h_j x_{i+j-1}",
    "conv1d(x, h, padding=1)": r"\sum_{j=1}^{3} h_j x_{i+j-2} [1 \le i + j - 2 \le n]",
    "conv2d(X, g)": r"\sum_{k=1}^{3} \sum_{l=1}^{3} g_{kl} X_{i+k-1,j+l-1}",
    "conv1d(T, o)": r"\sum_{j=1}^{n} \sum_{q=1}^{k} o_{ljq} T_{i,j,p+q-1}",
    "max_pool1d(x, 2)": r"\max_{1 \le j \le 2} x_{2i+j-2}",
    "x[1:] - x[:-1]": "x_{i+1} - x_i",
    "x[::-1]": "x_{n-i+1}",
    "x[2]": "x_3",
    "pad(x, 1, 0)": r"x_{i-1} [i \ge 2]",
    "concatenate(x, y)": r"x_i [i \le n] + y_{i-n} [i \ge n + 1]",
    "vec(X)": r"\sum_{k=1}^{n} \sum_{j=1}^{d} X_{kj} [i = n (j - 1) + k]",
    "kron(x, y)": r"\sum_{j=1}^{n} \sum_{k=1}^{n} x_j y_k [i = n (j - 1) + k]",
    "reshape(a4, 2, 2)": "(a_4)_{2j+k-2}",
    "tril(A) @ x": r"\sum_{j=1}^{n} A_{ij} x_j [i \ge j]",
    "tril(A, k=-1)": r"A_{ij} [i \ge j + 1]",
    "inv(A).T": "(A^{-1})_{ji}",
    "eye(n)[1]": "[i = 2]",
    "norm(x, 1)": r"\sum_{i=1}^{n} \left|x_i\right|",
    "max(X, axis=1)": r"\max_j X_{ij}",
    "prod(X, axis=0)": r"\prod_{i=1}^{n} X_{ij}",
    "sum(svdvals(C))": r"\sum_{i=1}^{\min(m, n)} \sigma_i(C)",
    "expm(A)": "(e^{A})_{ij}",
}

GRADIENTS = {
    ("logdet(A)", "A"): r"A^{-\top}",
    ("logdet(S)", "S"): "S^{-1}",
    ("det(A)", "A"): r"\det(A) A^{-\top}",
    ("trace(inv(A) @ B)", "A"): r"-A^{-\top} B^\top A^{-\top}",
    ("trace(A @ A @ A)", "A"): r"3 (A^\top)^2",
    ("trace(expm(A))", "A"): r"(e^{A})^\top",
    ("logdet(X.T @ X + s*eye(d))", "X"): r"2 X (s I_d + X^\top X)^{-1}",
    ("x[0]**2", "x"): r"2 x_1 \mathbf{e}_1",
    ("sum(relu(A @ x))", "x"): r"A^\top \mathbf{1}[A x > 0]",
    (
        "sum(tril(A) @ x)",
        "A",
    ): r"\operatorname{tril}(\mathbf{1} \mathbf{1}^\top) \operatorname{diag}(x)",
    ("sum(svdvals(C))", "C"): r"\operatorname{svd}_U(C) \operatorname{svd}_V(C)^\top",
    ("max(x)", "x"): r"\operatorname{hardmax}(x)",
}

CASES = {
    "relu(z)": r"\begin{cases} z & \text{if } z > 0 \\ 0 & \text{if } z \le 0 \end{cases}",
    "step(z)": r"\begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{if } z \le 0 \end{cases}",
    "abs(z)": r"\begin{cases} z & \text{if } z \ge 0 \\ -z & \text{if } z < 0 \end{cases}",
    "sign(z)": (
        r"\begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{if } z = 0 \\"
        r" -1 & \text{if } z < 0 \end{cases}"
    ),
    "lam*step(z)": (
        r"\lambda \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{if } z \le 0 \end{cases}"
    ),
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


@pytest.mark.parametrize("text", MATRICES)
def test_linear_algebra_and_moves_of_entries(text):
    assert latex(parse(text, GIVEN_MATRICES)) == MATRICES[text]


@pytest.mark.parametrize("text", MATRIX_INDEX)
def test_index_form_of_linear_algebra_and_moves(text):
    assert latex(parse(text, GIVEN_MATRICES), index=True) == MATRIX_INDEX[text]


@pytest.mark.parametrize(("text", "wrt"), GRADIENTS)
def test_gradient_in_textbook_form(text, wrt):
    found = s.gradient(text, wrt, given=GIVEN_MATRICES)
    assert latex(found) == GRADIENTS[text, wrt]


@pytest.mark.parametrize("text", CASES)
def test_a_kink_shows_what_holds_there(text):
    assert latex(parse(text, GIVEN_MATRICES), cases=True) == CASES[text]


def test_the_slope_of_relu_at_0_is_shown():
    slope = s.gradient("sum(relu(z))", "z", given=GIVEN_MATRICES)
    assert latex(slope) == r"\mathbf{1}[z > 0]"
    assert latex(slope, cases=True) == CASES["step(z)"]
    assert r"0 & \text{if } z_i \le 0" in latex(slope, cases=True, index=True)


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


@pytest.mark.parametrize("line", [*MATRICES.values(), *MATRIX_INDEX.values(), *CASES.values()])
def test_written_lines_are_well_formed_and_are_read_back(line):
    assert well_formed(line)
    assert not unknown_commands(read_latex(line))
    assert "".join("".join(pieces(line, 1000)).split()) == "".join(line.split())


@pytest.mark.parametrize("text", [r"\left(a", r"x_1_2", r"{a", r"x^\top^2"])
def test_the_checker_of_form_sees_mistakes(text):
    assert not well_formed(text)


@pytest.mark.parametrize("index", [False, True])
def test_depth_is_no_limit(index):
    def chain(depth):
        x = variables.vector("x", "n")
        for _ in range(depth):
            x = s.tanh(x)
        return x

    assert latex(chain(20_000), index=index).count(r"\tanh") == 20_000
    assert growth(lambda depth: latex(chain(depth), index=index), 1000) < 2.5


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
    lines += [*MATRICES.values(), *MATRIX_INDEX.values(), *GRADIENTS.values(), *CASES.values()]
    page = r"\documentclass{article}\usepackage{amsmath}\begin{document}" + "".join(
        f"\\[{line}\\]\n" for line in lines
    )
    (tmp_path / "page.tex").write_text(page + r"\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_number_beside_a_diagonal_is_written_as_a_matrix() -> None:
    """I_n - 1/n would be read as a multiple of the identity."""
    shown = latex(s.jacobian("x - mean(x)", "x", {"x": "n"}))
    assert shown == r"I_n - \frac{1}{n} \mathbf{1} \mathbf{1}^\top"


def test_conditions_of_conditions_are_written():
    u, v = variables.vector("u", "n"), variables.vector("v", "n")
    inner = s.where(s.compare(v, ">", u), v, 2 * u)
    again = s.where(s.compare(inner, ">", u), inner, 2 * u)
    outer = s.where(s.compare(again, ">", inner), u, 2 * inner)
    slope = s.gradient(s.sum(s.tanh(outer)), v)
    assert r"\land" in latex(slope)
    assert well_formed(latex(slope))
    assert " and " in s.text(slope)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("where(x > 0, x/3, 1/3)", "where(x > 0, x, 1)/3"),
        ("where(x > 0, 2*x*y, 3*y)", "y*where(x > 0, 2*x, 3)"),
        ("where(x > 0, log(x)*x, 0*x)", "where(x > 0, x*log(x), 0)"),
    ],
)
def test_what_all_cases_share_stands_before_them(text, shown):
    assert s.text(s.simplify(s.parse(text, {"x": "n", "y": "n"}))) == shown
