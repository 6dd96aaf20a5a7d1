"""Generated NumPy against a plain evaluation of every node, and its promises one by one."""

import math
import operator
import pickle
import re
import subprocess
import sys
import traceback

import numpy as np
import pytest
import sympy

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.nodes import Contraction, Sum
from tests.symbolic.numpy_oracle import SIZES, data_for, evaluate, same_as_oracle

n, d, k = s.dims("n d k")
X, w, y = (
    s.matrix("X", n, d),
    s.vector("w", d),
    s.vector("y", n, domain="binary"),
)
lam = s.scalar("lam", domain="positive")
z = s.named("z", X @ w)
loss = s.named("loss", s.mean(s.softplus(z) - y * z) + lam / 2 * s.norm(w) ** 2)


GIVEN = {
    "A": "n d", "B": "d k", "C": "k n", "D": "d d", "u": "n", "v": "d", "x": "d", "c": "",
    "p": "d: positive",
}  # fmt: skip

TEXTS = """
A @ diag(v) @ B
diag(u) @ A
A @ diag(v)
v @ diag(x) @ D
diag(v) @ diag(x)
diag(v) @ x
trace(A @ B @ C)
sum(outer(u, v))
sum(outer(u, v)*c)
trace(D)*v
trace(D @ D)
u @ A @ B
A @ B @ C @ u
(A @ B).T @ u
(v @ x)*v
outer(u, v) @ B
v @ outer(x, v) @ D
outer(u, v)
outer(2*v, x)/n
A*v
A.T*u
A/v
D + 3*eye(d)
D - c*eye(d) + diag(v)
c*eye(d)*v
eye(d) - D @ D.T
eye(d) + diag(v) + v*0
mean(A, axis=0)
mean(A, axis=1)
mean(A)
sum(A)
sum(A, axis=0, keepdims=True)
A/(sum(A, axis=1, keepdims=True)**2 + 1)
A - mean(A, axis=0)
-mean(sum(A*log_softmax(A, axis=1), axis=1))
norm(A)**2
norm(A, axis=1)**2
A/norm(A)
v/norm(v)
sqrt(n)*v/3
c*A @ v/n
-A @ v
-(v @ x)
2*A @ v
v**2 + v**3 - 1/p
p**-0.5
p**c
2**v
where(v > x, v, -x)
where(v > 0, 1, 0)
where(c > 0, v, x)
where(c > 0, 1, 2)
maximum(v, 0)
minimum(v, x)
exp(-v**2/2)/sqrt(2*pi)
1 - sigmoid(v)
ones(n, d)*2
zeros(d)
A*0
sum(ones(n, d)*3)
v + ones(d)
1 + v
diag(v)
A.T
A
v
einsum("ij,ik->ijk", A, A)
einsum("ij,kj->ik", A, A)
einsum("ij,ij->i", A, A)
einsum("ij,jk,kl->il", A, B, C)
einsum("ij,ij,ij->j", A, A, A)
einsum("ij,ik->j", A, C.T)
sum(A @ B)
sum(A @ B, axis=0)
softmax(A, axis=0)
logsumexp(A)
log(sum(exp(A), axis=1))
log(softmax(A, axis=1))
log(1 + exp(v))
log1p(exp(v))
log(sigmoid(v))
log(1 - sigmoid(v))
1/(1 + exp(-v))
3
c
c*2 + 1
lgamma(p) + digamma(p) + gamma(p)
gelu(v) + erf(v) + erfc(v)
arctanh(tanh(v))
abs(v)*sign(v)
relu(v) + step(v) + silu(v)
expm1(v)*sin(v)*cos(v) + sinh(v) - cosh(v)
n*v + d
u*n/(n + d)
""".strip().splitlines()


@pytest.mark.parametrize("text", TEXTS)
def test_text_examples(text, rng):
    same_as_oracle(s.parse(text, GIVEN), rng, also=[s.matrix("A", n, d), s.matrix("B", d, k)])


# --- random expressions --------------------------------------------------------------------------

UNARY = [
    s.sigmoid, s.softplus, s.tanh, s.exp, s.sin, s.relu,
    lambda e: e**2,
    lambda e: 1 / (1 + e**2),
    lambda e: s.log(1 + s.exp(e)),
    lambda e: s.log(s.sigmoid(e)),
    lambda e: -e / 3,
    lambda e: s.named("h", s.tanh(e)),
]  # fmt: skip
BINARY = [
    operator.add, operator.sub, operator.mul, s.maximum,
    lambda a, b: a / (1 + b**2),
    lambda a, b: s.where(s.compare(a, ">", b), a, 2 * b),
]  # fmt: skip


def random_expression(rng, steps):
    """An expression grown from a pool, with much sharing."""
    sizes = [n, d, k]
    pool = [
        s.tensor(f"v{i}", *rng.choice(sizes, size=rank))
        for i, rank in enumerate((0, 1, 1, 2, 2, 2))
    ]
    while len(pool) < steps:
        one, other = (pool[i] for i in rng.integers(len(pool), size=2))
        made = _grow(rng, s.tanh(one) if rng.random() < 0.2 else one, other)
        if made is not None and made.rank <= 4:
            pool.append(made)
    total = s.constant(0)
    for each in pool[-4:]:
        total = total + s.sum(s.tanh(each))
    return total, pool[-1]


def _grow(rng, one, other):
    match rng.integers(9):
        case 0:
            return UNARY[rng.integers(len(UNARY))](one)
        case 1 | 2:
            try:
                return BINARY[rng.integers(len(BINARY))](one, other)
            except s.ShapeError:
                return None
        case 3 | 4:
            for left in (one, one.T):
                for right in (other, other.T):
                    ranks = left.rank and right.rank and left.rank + right.rank <= 4
                    if ranks and left.shape[-1] == right.shape[max(right.rank - 2, 0)]:
                        return left @ right
            return None
        case 5:
            if one.rank == 0:
                return None
            axis = int(rng.integers(one.rank))
            functions = [s.sum, s.mean, s.softmax, s.logsumexp, s.norm, s.log_softmax]
            return functions[rng.integers(len(functions))](one, axis=axis)
        case 6:
            if one.rank == 1:
                return [s.diag(one), s.outer(one, s.tanh(one)), one[:, None]][rng.integers(3)]
            square = one.rank == 2 and one.shape[0] == one.shape[1]
            return [s.trace, s.diagonal][rng.integers(2)](one) if square else one.T
        case 7:
            return one + 2 * s.eye(one.shape[0]) if _is_square(one) else None
        case _:
            return _random_contraction(rng, one, other)


def _is_square(node):
    return node.rank == 2 and node.shape[0] == node.shape[1]


def _random_contraction(rng, one, other):
    """Labels at random, summed or kept, sometimes twice in the output."""
    size_of, groups = {}, []
    for operand in (one, other):
        group = []
        for size in operand.shape:
            fitting = [label for label, each in size_of.items() if each == size]
            label = (
                fitting[rng.integers(len(fitting))]
                if fitting and rng.random() < 0.6
                else len(size_of)
            )
            size_of.setdefault(label, size)
            group.append(label)
        groups.append(group)
    output = [label for label in size_of if rng.random() < 0.6]
    rng.shuffle(output)
    if output and rng.random() < 0.2:
        output.append(output[0])
    return Contraction([one, other], groups, output, coefficient=sympy.Rational(2, 3) / n)


@pytest.mark.parametrize("seed", range(100))
def test_random_expressions(seed):
    print(f"seed: {seed}")
    rng = np.random.default_rng(seed)
    for expression in random_expression(rng, int(rng.integers(8, 30))):
        with np.errstate(all="ignore"):
            same_as_oracle(expression, rng, also=[s.tensor("sizes", n, d, k)])


@pytest.mark.parametrize("seed", range(10))
def test_value_and_gradient_and_hessian_agree_with_the_oracle(seed):
    rng = np.random.default_rng(seed)
    expressions = (loss, s.gradient(loss, w), s.hessian(loss, w))
    data = data_for(expressions, rng)
    for found, expression in zip(lambdify(expressions)(**data), expressions, strict=True):
        np.testing.assert_allclose(found, evaluate(expression, data, SIZES), rtol=1e-10)


def test_softmax_regression_hessian(rng):
    given = {"X": "n d", "W": "d k", "Y": "n k: nonnegative"}
    e = s.parse("sum(logsumexp(X@W, axis=1)) - sum(Y*(X@W))", given)
    for each in (e, s.gradient(e, "W"), s.hessian(e, "W")):
        same_as_oracle(each, rng)


# --- structure and order -------------------------------------------------------------------------


def returned(text, given=None):
    source = lambdify(s.parse(text, given or GIVEN)).source
    return source.rpartition("return ")[2].strip()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("diag(v) @ B", "v[:, None] * B"),
        ("A @ diag(v)", "A * v"),
        ("A @ diag(v) @ B", "A.dot(v[:, None] * B)"),
        ("trace(D @ D)", "np.vdot(D, D.T)"),
        ("A @ B @ C @ u", "A.dot(B.dot(C.dot(u)))"),
        ("u @ A @ B", "u.dot(A).dot(B)"),
        ("(A @ D).T @ u", "A.T.dot(u).dot(D)"),
        ("A @ D @ D", "A.dot(D.dot(D))"),
        ("mean(v*x)", "v.dot(x) / d"),
        ("outer(u, v) @ x", "u * v.dot(x)"),
        ("v/norm(v)", "v / norm(v)"),
        ("log(1 - sigmoid(v))", "-softplus(v)"),
        ("log(sum(exp(A), axis=1))", "logsumexp(A, axis=1)"),
        ("v/(sum(v) + 1)", "v / (v.sum() + 1)"),
        ("A.T", "A.T.copy()"),
    ],
)
def test_code_of_single_expressions(text, code):
    assert returned(text) == code


def test_rows_are_written_where_they_belong():
    source = lambdify(s.parse("A/(sum(A, axis=1, keepdims=True) + 1)", GIVEN)).source
    assert "    np.divide(A, (A.sum(axis=1) + 1)[:, None], out=result)\n" in source


def test_the_identity_is_added_to_the_diagonal_in_place():
    source = lambdify(s.parse("D + c*eye(d)", GIVEN)).source
    opening = "t1 = D.copy()  # shape (d, d)\n"
    assert f"{opening}    t1[np.diag_indices(d)] += c\n    return t1" in source
    assert "np.eye" not in source


def test_data_are_not_changed_nor_returned_as_views(rng):
    D = rng.normal(size=(3, 3))
    before = D.copy()
    for text in ("D + c*eye(d)", "D.T", "D", "D - eye(d)", "diagonal(D)", "D[0]"):
        result = lambdify(s.parse(text, GIVEN))(**{"D": D, "c": 1.0} if "c*" in text else {"D": D})
        result[...] = 7
        assert np.array_equal(D, before)


def test_logistic_source_reads_like_hand_written_code():
    f = lambdify((loss, s.gradient(loss, w), s.hessian(loss, w)), names=("loss", "grad", "hess"))
    rows = f.source.partition('    """Sums over some of the rows."""\n')[2]
    assert rows.partition("\n\n\n")[0] == (
        "    z = X.dot(w)  # z = X @ w, shape (n,)\n"
        "    t1 = np.exp(-np.abs(z))  # exp(-abs(z)), shape (n,)\n"
        "    t2 = 1 + t1  # 1 + exp(-abs(z)), shape (n,)\n"
        "    t3 = X * np.sqrt(t1 / t2**2)[:, None]  # shape (n, d)\n"
        "    return (\n"
        "        (np.maximum(z, 0) - y * z + np.log1p(t1)).sum(),\n"
        "        X.T.dot(np.exp(np.minimum(z, 0)) / t2 - y),\n"
        "        t3.T.dot(t3),\n"
        "    )"
    )
    body = f.source.rpartition('"""\n    n, d')[2]
    assert body == (
        " = X.shape\n"
        "    block = max(256, max(2**18, 2 * d**2) // (18 + 2 * d))\n"
        "    loss_sum, grad_sum, hess_sum = sum_rows(\n"
        "        lambda rows: f_rows(X[rows], w, y[rows]), n, block, threads\n"
        "    )\n"
        "    # loss = mean(softplus(z) - y*z) + lam/2*norm(w)**2, a scalar\n"
        "    loss = loss_sum / n + lam / 2 * w.dot(w)\n"
        "    grad = grad_sum / n + lam * w\n"
        "    hess = hess_sum / n\n"
        "    hess[np.diag_indices(d)] += lam\n"
        "    return loss, grad, hess\n"
    )


def test_shared_work_is_done_once():
    p = s.sigmoid(X @ w)
    source = lambdify((s.sum(p**2), X.T @ p, p * (1 - p), X @ w)).source
    code = source.rpartition('"""')[2]
    rows = source.partition("def f_rows(")[2].partition("def f(")[0]
    assert "X.dot" not in code
    assert rows.count("X.dot(w)") == 1
    assert rows.count("np.exp(-np.abs(") == 1
    assert "sigmoid(" not in rows


def test_a_named_intermediate_serves_bare_occurrences_too():
    p = s.named("p", s.sigmoid(X @ w))
    source = lambdify((s.sum(p), X.T @ (s.sigmoid(X @ w) - y))).source
    assert "X.T.dot(p - y)" in source
    assert "p = sigmoid(X.dot(w))  # p = sigmoid(X @ w), shape (n,)" in source


def test_two_names_of_one_thing_and_two_things_of_one_name(rng):
    a, b = s.named("a", s.tanh(w)), s.named("b", s.tanh(w))
    other = s.named("a", s.exp(w))
    expression = a * b + other
    source = lambdify(expression).source
    assert "b = a" in source
    assert "a_2 = np.exp(w)" in source
    same_as_oracle(expression, rng)


# --- stability -----------------------------------------------------------------------------------

v = s.vector("v", n)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (s.sigmoid(v), [0.0, 0.5, 1.0]),
        (s.softplus(v), [0.0, math.log(2), 1e4]),
        (s.log(1 + s.exp(v)), [0.0, math.log(2), 1e4]),
        (s.log1p(s.exp(v)), [0.0, math.log(2), 1e4]),
        (s.log(s.sigmoid(v)), [-1e4, -math.log(2), 0.0]),
        (s.log(1 - s.sigmoid(v)), [0.0, -math.log(2), -1e4]),
        (s.log(s.named("p", s.sigmoid(v))), [-1e4, -math.log(2), 0.0]),
        (s.log(1 - s.named("p", s.sigmoid(v))), [0.0, -math.log(2), -1e4]),
        (1 / (1 + s.exp(-v)), [0.0, 0.5, 1.0]),
        (s.log(s.softmax(v)), [-2e4, -1e4, 0.0]),
        (s.log(s.sum(s.exp(v))), 1e4),
        (s.logsumexp(v), 1e4),
        (s.softmax(v), [0.0, 0.0, 1.0]),
        (s.log_softmax(v), [-2e4, -1e4, 0.0]),
        (s.silu(v), [0.0, 0.0, 1e4]),
        (s.tanh(v), [-1.0, 0.0, 1.0]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_stable_at_ten_thousand(expression, wanted, dtype):
    data = np.array([-1e4, 0.0, 1e4], dtype=dtype)
    found = lambdify(expression)(data)
    np.testing.assert_allclose(found, wanted, rtol=1e-6 if dtype == np.float32 else 1e-15)


# --- types ---------------------------------------------------------------------------------------


FLOATS = """
A @ diag(v) @ B/n
where(v > 0, 1, 0)
step(v)*v
exp(-c)*v
sqrt(d)*v
v*pi/3
D + c*eye(d)
eye(d)*c + 0*D
diag(v)*0
ones(n, d)*A
sigmoid(v) + relu(v)
softplus(v)
silu(v)
gelu(v)
mean(A)
logsumexp(A)
norm(A)
trace(D)*v
2**v
A/norm(A)
lgamma(p)
digamma(p)
hardmax(A, axis=1)
max(A) - min(v)*prod(v)
0.1*v + 2/3
maximum(v, 0)
where(c > 0, 1, 2)*v
""".strip().splitlines()


@pytest.mark.parametrize("text", FLOATS)
def test_float32_stays_float32(text, rng):
    expression = s.parse(text, GIVEN)
    data = {
        name: np.float32(value) if np.ndim(value) else value
        for name, value in data_for([expression], rng).items()
    }
    found = lambdify(expression)(**data)
    assert found.dtype == np.float32, lambdify(expression).source


def test_integers_and_booleans_become_float64():
    f = lambdify(s.mean(X @ w) / 2)
    result = f(np.arange(6).reshape(3, 2), np.array([True, False]))
    assert result.dtype == np.float64
    assert result == 1.0
    assert isinstance(result, float)


@pytest.mark.parametrize(
    "text", ["sum(v)", "c*2", "where(c > 0, c, 1)", "logsumexp(v)", "norm(v)", "sigmoid(c)"]
)
def test_scalars_come_back_as_numbers(text, rng):
    expression = s.parse(text, GIVEN)
    result = lambdify(expression)(**data_for([expression], rng))
    assert isinstance(result, float), type(result)


def test_orders_of_memory_and_small_sizes(rng):
    expression = s.hessian(loss, w)
    f = lambdify(expression)
    for sizes in ({"n": 1, "d": 1}, {"n": 1, "d": 4}, {"n": 9, "d": 1}):
        data = data_for([expression], rng, sizes)
        wanted = f(**data)
        np.testing.assert_allclose(wanted, evaluate(expression, data, sizes), rtol=1e-12)
        data["X"] = np.asfortranarray(data["X"])
        np.testing.assert_allclose(f(**data), wanted, rtol=1e-12)
        data["X"] = np.repeat(data["X"], 2, axis=1)[:, ::2]
        np.testing.assert_allclose(f(**data), wanted, rtol=1e-12)


# --- standalone ----------------------------------------------------------------------------------

BLOCKER = """
import importlib.abc, sys
class OnlyNumPy(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sympy", "symbolic", "numeric", "derivations", "scipy"}:
            raise ImportError(name)
sys.meta_path.insert(0, OnlyNumPy())
"""


def test_source_runs_alone_in_another_process(tmp_path, rng):
    outputs = (loss, s.gradient(loss, w), s.hessian(loss, w))
    f = lambdify(outputs, name="logistic")
    (tmp_path / "generated.py").write_text(f.source, encoding="utf-8")
    data = data_for(outputs, rng)
    np.savez(tmp_path / "data.npz", **data)
    run = BLOCKER + (
        "import numpy as np\nfrom generated import logistic\ndata = np.load('data.npz')\n"
        "outputs = logistic(**{name: data[name][()] for name in data})\n"
        "np.savez('out.npz', *outputs)\n"
    )
    (tmp_path / "run.py").write_text(run, encoding="utf-8")
    subprocess.run([sys.executable, "-W", "error", "run.py"], cwd=tmp_path, check=True, timeout=60)
    found = np.load(tmp_path / "out.npz")
    for place, wanted in enumerate(f(**data)):
        assert np.array_equal(found[f"arr_{place}"], wanted)


def test_only_used_helpers_are_written():
    source = lambdify(s.sigmoid(w)).source
    assert re.findall(r"^def (\w+)", source, re.M) == ["sigmoid", "f"]
    assert re.findall(r"^import .*", source, re.M) == ["import numpy as np"]
    special = lambdify(s.erf(w)).source
    assert "    from scipy.special import erf" in special
    assert "It needs NumPy, and SciPy for special functions." in special


def test_source_is_clean_to_ruff(tmp_path):
    S, x = s.matrix("S", n, n, domain="spd"), s.vector("x", n)
    moves = s.sum(s.tanh(s.conv1d(x[1:], s.vector("u", k), stride=2, padding=1))) + x @ s.solve(
        S, x
    )
    outputs = (loss, s.gradient(loss, w), s.hessian(loss, w), moves, *s.gradient(moves, [x, S]))
    outputs = (
        *outputs,
        s.einsum("iok,ok->i", s.iverson("i0 == i1 + i2", n, d, 2), (X.T @ X)[:, :2]),
    )
    path = tmp_path / "generated.py"
    path.write_text(lambdify(outputs).source, encoding="utf-8")
    ruff = pytest.importorskip("ruff.__main__", reason="ruff is not installed")
    command = [ruff.find_ruff_bin(), "check", "--isolated", "--select", "E,F,I,W,B,SIM,UP"]
    command += ["--line-length", "100", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["lambda", "np", "sigmoid", "t1", "f", "dtype", "sum", "n", "match", "norm", "ﬁ", "Σ", "def"],
)
def test_awkward_names_are_safe(name, rng):
    variable = s.vector(name, n)
    expression = s.sigmoid(variable) * s.norm(variable) + s.exp(s.sigmoid(variable)) / n
    same_as_oracle(expression, rng)
    assert lambdify(expression).args == (name,)


# --- size and speed ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["function", "sum", "product", "matmul", "named"])
def test_a_chain_of_twenty_thousand(kind):
    A, x = s.matrix("A", 2, 2), s.vector("x", 2)
    e = A if kind == "matmul" else x
    for i in range(20_000):
        match kind:
            case "function":
                e = s.tanh(e)
            case "sum":
                e = e + x
            case "product":
                e = e * x
            case "matmul":
                e = e @ A
            case "named":
                e = s.named(f"h{i}", s.sin(e))
    if kind == "matmul":
        e = e @ x
    function = lambdify(e)
    data = {"A": np.array([[0.0, 1.0], [1.0, 0.0]]), "x": np.ones(2)}
    result = function(**{name: data[name] for name in function.args})
    if kind == "sum":
        assert result.tolist() == [20_001] * 2
    elif kind in ("product", "matmul"):
        assert result.tolist() == [1, 1]
    else:
        assert np.all((result > 0) & (result < 0.1))
    assert max(map(len, function.source.splitlines())) <= 100


def test_one_sum_of_many_terms(rng):
    e = Sum([s.scalar(f"s{i}") for i in range(3000)])
    assert lambdify(e)(*np.ones(3000)) == 3000


def test_shared_graphs_do_not_explode():
    e = w
    for _ in range(60):
        e = e + s.tanh(e)
    source = lambdify(e).source
    assert len(source) < 10_000
    assert "a long expression, shape (d,)" in source


def test_tracebacks_show_the_generated_line():
    f = lambdify(s.log(s.matrix("Q", n, d)), check=False)
    try:
        with np.errstate(all="raise"):
            f(-np.ones((2, 2)))
    except FloatingPointError:
        assert "return np.log(Q)" in traceback.format_exc()


def test_functions_pickle(rng):
    outputs = (loss, s.gradient(loss, w))
    f = lambdify(outputs, names=("loss", "gradient"))
    again = pickle.loads(pickle.dumps(f))
    data = data_for(outputs, rng)
    assert again.source == f.source
    assert again(**data)[0] == f(**data)[0]
