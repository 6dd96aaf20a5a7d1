"""Generated NumPy reads like hand-written code: its order of products, its names, its shared work."""

import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.code.unused_lines import without_unused
from tests.symbolic.lambdify_examples import GIVEN, X, loss, w, y
from tests.symbolic.numpy_oracle import same_as_oracle


def returned(text):
    source = lambdify(s.parse(text, GIVEN)).source
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
        ("(A @ D).T @ u", "u.dot(A).dot(D)"),
        ("A @ D @ D", "A.dot(D.dot(D))"),
        ("mean(v*x)", "v.dot(x) / d"),
        ("outer(u, v) @ x", "u * v.dot(x)"),
        ("v/norm(v)", "v / norm(v)"),
        ("log(1 - sigmoid(v))", "-softplus(v)"),
        ("log(sum(exp(A), axis=1))", "logsumexp(A, axis=1)"),
        ("v/(sum(v) + 1)", "v / (v.sum() + 1)"),
        ("A.T", "A.T.copy()"),
        ("v/3 - 1", "v / 3.0 - 1.0"),
        ("v**(-2)", "1.0 / v**2"),
        ("where(v > 1, 2, v)", "np.where(v > 1.0, 2.0, v)"),
        ("(2*v).T @ x + 3", "2 * v.dot(x) + 3"),
    ],
)
def test_code_of_single_expressions(text, code):
    assert returned(text) == code


def test_rows_are_written_where_they_belong():
    source = lambdify(s.parse("A/(sum(A, axis=1, keepdims=True) + 1)", GIVEN)).source
    assert "    np.divide(A, (A.sum(axis=1) + 1.0)[:, None], out=result)\n" in source


def test_the_identity_is_added_to_the_diagonal_in_place():
    source = lambdify(s.parse("D + c*eye(d)", GIVEN)).source
    opening = "t1 = D.copy()  # shape (d, d)\n"
    assert f"{opening}    t1[np.diag_indices(d)] += c\n    return t1" in source
    assert "np.eye" not in source


def test_logistic_source_reads_like_hand_written_code():
    f = lambdify((loss, s.gradient(loss, w), s.hessian(loss, w)), names=("loss", "grad", "hess"))
    rows = f.source.partition('    """Sums over some of the rows."""\n')[2]
    assert rows.partition("\n\n\n")[0] == (
        "    z = X.dot(w)  # z = X @ w, shape (n,)\n"
        "    t1 = np.exp(-np.abs(z))  # exp(-abs(z)), shape (n,)\n"
        "    t2 = 1.0 + t1  # 1 + exp(-abs(z)), shape (n,)\n"
        "    t3 = X * np.sqrt(t1 / t2**2)[:, None]  # shape (n, d)\n"
        "    return (\n"
        "        (np.maximum(z, 0.0) - y * z + np.log1p(t1)).sum(),\n"
        "        (np.exp(np.minimum(z, 0.0)) / t2 - y).dot(X),\n"
        "        t3.T.dot(t3),\n"
        "    )"
    )
    body = f.source.rpartition('"""\n    n, d')[2]
    assert body == (
        " = X.shape\n"
        "    block = max(256, min(2**23, max(2**18, 8 * d**2)) // (18 + 2 * d))\n"
        "    if n <= block:\n"
        "        loss_sum, grad_sum, hess_sum = f_rows(X, y, w)\n"
        "    else:\n"
        "        loss_sum, grad_sum, hess_sum = sum_rows(f_rows, (X, y), (w,), block, threads)\n"
        "    # loss = mean(softplus(z) - y*z) + lam/2*norm(w)**2, a scalar\n"
        "    loss = loss_sum / n + lam / 2 * w.dot(w)\n"
        "    grad = grad_sum / n + lam * w\n"
        "    hess = hess_sum / n\n"
        "    hess[np.diag_indices(d)] += lam\n"
        "    return loss, grad, hess\n"
    )


def test_only_helpers_that_are_called_are_written():
    assert "def step(" not in lambdify(s.parse("v*step(x)", GIVEN)).source
    assert "def step(" in lambdify(s.parse("step(v)", GIVEN)).source
    assert "def step(" in lambdify(s.parse("v*step(x)*step(v)", GIVEN)).source


def test_nothing_is_written_that_no_line_reads():
    triangle = s.parse("sum(B*solve_triangular(L, C))", {"B": "n m", "C": "n m", "L": "n n"})
    source = lambdify((triangle, *s.gradient(triangle, ["B", "C", "L"]))).source
    assert "= np.tril(L)" not in source
    assert source.count("scipy.linalg.solve_triangular(") == 2  # with L, and with its transpose
    volume = s.parse("logdet(X.T @ X + c*eye(d))", {"X": "n d", "c": ": positive"})
    results = (volume, s.gradient(volume, "X"), s.hessian(volume, "X"))
    source = lambdify(results, batch=True).source
    assert "    batch = " not in source
    assert "    d = " not in source


def test_a_remark_goes_with_its_line_and_what_changes_a_variable_reads_it():
    lines = ["    # of x", "    n = (", "        x.shape[0]", "    )", "    a = 2", "    a += 1"]
    assert without_unused(lines) == ("    a = 2", "    a += 1")
    lines = ["    a, b = x.shape", "    c = 1  # c", "    return f(c)"]
    assert without_unused(lines) == tuple(lines)


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
    assert "(p - y).dot(X)" in source
    assert "p = sigmoid(X.dot(w))  # p = sigmoid(X @ w), shape (n,)" in source


def test_two_names_of_one_thing_and_two_things_of_one_name(rng):
    a, b = s.named("a", s.tanh(w)), s.named("b", s.tanh(w))
    other = s.named("a", s.exp(w))
    expression = a * b + other
    source = lambdify(expression).source
    assert "b = a" in source
    assert "a_2 = np.exp(w)" in source
    same_as_oracle(expression, rng)


def test_no_array_grows_larger_than_what_is_given_where_another_order_keeps_it_small():
    given = {"X": "n d", "S": "n k", "D": "n m", "W": "k m"}  # m is assumed to be large
    small = lambdify(s.parse('einsum("nd,nk,nm,km->dk", X, S, D, W)', given)).source
    assert "X.T.dot(S * D.dot(W.T))" in small
    grown = lambdify(s.parse('einsum("nd,nk,nm->dkm", X, S, D)', given)).source
    assert "[:, :, None] * " in grown
