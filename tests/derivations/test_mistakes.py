"""The slip in a refuted claim is named, the name is proved, and nonsense has no name."""

import json
import warnings
from pathlib import Path

import pytest

from derivations.verification.equality.decision import decide
from derivations.verification.mistakes import Explanation, explain
from derivations.verification.mistakes.slip import abridged
from symbolic import Derivative, gradient, hessian, jacobian, parse
from symbolic.errors import IndependentWarning
from symbolic.nodes import Unspecified
from symbolic.traverse import variables
from tests.symbolic.textbook import CASES as TEXTBOOK
from tests.work import function_calls

CASES = {case.id: case for case in TEXTBOOK}
CORPUS = json.loads((Path(__file__).parent / "mistakes_corpus.json").read_text(encoding="utf-8"))
CLAIMS = [(row["case"], wrong) for row in CORPUS for wrong in row["wrong"]]

LINEAR = {"X": "n d", "w": "d", "y": "n"}
LOGISTIC = {"X": "n d", "w": "d", "y": "n: binary", "lam": ": positive"}
QUADRATIC = {"A": "n n", "x": "n"}


def explained(f, wrt, claim, given, derive=gradient):
    function = parse(f, given)
    if derive is gradient and function.rank:
        derive = jacobian
    place = next(v for v in variables(function) if v.name == wrt)
    slope = Derivative(function, place)
    if derive is hessian:
        slope = Derivative(slope, place)
    correct = derive(function, place)
    return correct, explain(correct, parse(claim, given), slope, 0)


def names_it(found, wrong):
    kinds = any(m.kind.startswith(tuple(wrong["kinds"])) for m in found.mistakes)
    return kinds and any(
        wrong["names"].lower() in m.detail.lower() or wrong["names"] in m.kind
        for m in found.mistakes
    )


def test_the_corpus_is_large_and_varied():
    assert len(CLAIMS) >= 150
    assert len(CORPUS) >= 60
    assert {case for case, _ in CLAIMS} <= set(CASES)


def test_slips_of_the_corpus_are_named_as_a_teacher_names_them():
    chosen = CLAIMS[::9]
    missed = []
    for name, wrong in chosen:
        case = CASES[name]
        _, found = explained(case.f, case.wrt, wrong["claim"], case.given)
        if not names_it(found, wrong):
            missed.append((name, wrong["claim"], [str(each) for each in found.mistakes]))
    assert len(missed) <= 0.06 * len(chosen), missed


@pytest.mark.parametrize(("name", "wrong"), CLAIMS[3::37], ids=lambda part: str(part)[:40])
def test_every_repaired_claim_is_right(name, wrong):
    case = CASES[name]
    correct, found = explained(case.f, case.wrt, wrong["claim"], case.given)
    assert found.mistakes
    for mistake in found.mistakes:
        assert decide(correct, mistake.repaired).verdict in ("proved", "verified"), mistake


@pytest.mark.parametrize(
    ("f", "wrt", "claim", "given", "kind", "detail"),
    [
        (
            "mean((X @ w - y)**2)",
            "w",
            "2*X.T @ (X @ w - y)",
            LINEAR,
            "sum for mean",
            "claim = n * correct",
        ),
        ("sum(cos(w))", "w", "sin(w)", LINEAR, "sign", "claim = -correct"),
        (
            "x @ A @ x",
            "x",
            "2*A @ x",
            QUADRATIC,
            "symmetric assumed",
            "A is taken for symmetric: A.T = A",
        ),
        (
            "log(det(A)**2)",
            "A",
            "2*inv(A)",
            {"A": "n n: invertible"},
            "transposed",
            "claim = correct.T",
        ),
        (
            "a @ softmax(z)",
            "z",
            "softmax(z)*(1 - softmax(z))*a",
            {"a": "k", "z": "k"},
            "diagonal only",
            "only the diagonal p*(1 - p) of the Jacobian of softmax is used (softmax(z))",
        ),
        (
            "a @ tanh(z)",
            "z",
            "a*(1 - z**2)",
            {"a": "k", "z": "k"},
            "derivative at the output",
            "the formula in the output of tanh is evaluated at its input (tanh(z))",
        ),
        (
            "sum(exp(s) - a*s)",
            "s",
            "1 - a*exp(-s)",
            {"a": "k", "s": "k"},
            "log parameter",
            "claim = exp(-s) * correct: the derivative by exp(s), not by s",
        ),
        (
            "sum(G*(X + b))",
            "b",
            "G",
            {"G": "n d", "X": "n d", "b": "d"},
            "missing broadcast sum",
            "the sum over axis 0 is missing: claim has shape (n, d), correct (d,)",
        ),
        (
            "sum(softplus(X @ w) - y*(X @ w)) + lam*norm(w)**2/2",
            "w",
            "X.T @ (sigmoid(X @ w) - y)",
            LOGISTIC,
            "dropped term",
            "the term lam*w is missing",
        ),
        (
            "sum(P*(log(P) - log(softmax(z))))",
            "z",
            "softmax(z)*(log(softmax(z)/P) - sum(softmax(z)*log(softmax(z)/P)))",
            {"P": "k: prob", "z": "k"},
            "swapped argument",
            "in the function P and softmax(z) are exchanged",
        ),
        (
            "logsumexp(A @ x, axis=0)",
            "x",
            "A @ softmax(A @ x)",
            {"A": "n n", "x": "n"},
            "symmetric assumed",
            "A is taken for symmetric: A.T = A",
        ),
        (
            "tanh(A @ x)",
            "x",
            "A.T @ diag(1 - tanh(A @ x)**2)",
            {"A": "n d", "x": "d"},
            "layout",
            "claim is the transposed Jacobian: numerator for denominator layout",
        ),
    ],
)
def test_a_slip_is_told_in_a_sentence(f, wrt, claim, given, kind, detail):
    _, found = explained(f, wrt, claim, given)
    assert (found.mistakes[0].kind, found.mistakes[0].detail) == (kind, detail)


@pytest.mark.parametrize(
    ("f", "wrt", "claim", "given"),
    [
        ("mean((X @ w - y)**2)", "w", "X.T @ (y - 3*(X @ w)**2)", LINEAR),
        ("mean((X @ w - y)**2)", "w", "w", LINEAR),
        ("mean((X @ w - y)**2)", "w", "X.T @ sin(y)", LINEAR),
        ("mean((X @ w - y)**2)", "w", "-2*X.T @ (X @ w + y)/7", LINEAR),
        (
            "sum(softplus(X @ w) - y*(X @ w)) + lam*norm(w)**2/2",
            "w",
            "X.T @ (tanh(X @ w) - y) + lam**2*w",
            LOGISTIC,
        ),
        (
            "sum(softplus(X @ w) - y*(X @ w)) + lam*norm(w)**2/2",
            "w",
            "X.T @ (exp(X @ w) + y) + lam/w",
            LOGISTIC,
        ),
        ("x @ A @ x", "x", "A @ A @ x", QUADRATIC),
        (
            "trace(A @ X @ B)",
            "X",
            "3*X*sin(A.T @ B.T)",
            {"A": "n m", "X": "m d", "B": "d n"},
        ),
        ("logdet(X)", "X", "X @ X", {"X": "n n: invertible"}),
        ("norm(X)**2", "X", "exp(X)", {"X": "n d"}),
        ("sum(exp(x))", "x", "cos(x) + 3", {"x": "n"}),
        ("a @ softmax(z)", "z", "tanh(a)*z**2", {"a": "k", "z": "k"}),
        ("a @ softmax(z)", "z", "softmax(z)*(z - 3*a @ softmax(z))", {"a": "k", "z": "k"}),
        ("a @ tanh(W @ x)", "W", "outer(a*cos(W @ x), x**2)", {"a": "n", "W": "n d", "x": "d"}),
        ("x**2*y", "x", "y**3 + x", {"x": "", "y": ""}),
    ],
)
def test_nonsense_and_several_slips_have_no_name(f, wrt, claim, given):
    _, found = explained(f, wrt, claim, given)
    assert found.mistakes == ()


@pytest.mark.parametrize(
    ("f", "wrt", "claim", "given", "derive", "right_if"),
    [
        ("x @ A @ x", "x", "2*A", QUADRATIC, hessian, "A is symmetric"),
        ("mean(w**2)", "w", "2*w", {"w": "n"}, gradient, "n = 1"),
        ("tau*sum(w**2)", "w", "2*w", {"w": "n", "tau": ": positive"}, gradient, "tau = 1"),
        (
            "sum(abs(a)*w)",
            "w",
            "a",
            {"w": "n", "a": "n"},
            gradient,
            "the entries of a are nonnegative",
        ),
        (
            "-sum(y*log(softmax(z)))",
            "z",
            "softmax(z) - y",
            {"z": "k", "y": "k: positive"},
            gradient,
            "the entries of y sum to one (y: prob)",
        ),
        (
            "norm(Q @ x)**2",
            "x",
            "2*x",
            {"Q": "n d", "x": "d"},
            gradient,
            "the columns of Q are orthonormal (Q.T @ Q = eye)",
        ),
        ("sum(y**2*w)", "w", "y", {"w": "n", "y": "n"}, gradient, "the entries of y are 0 or 1"),
        ("(v @ v)*sum(w)", "w", "ones(n)", {"w": "n", "v": "n"}, gradient, "v has length one"),
    ],
)
def test_assumptions_that_make_a_claim_right(f, wrt, claim, given, derive, right_if):
    _, found = explained(f, wrt, claim, given, derive)
    assert right_if in found.right_if


@pytest.mark.parametrize(
    ("f", "wrt", "claim", "given"),
    [
        ("mean((X @ w - y)**2)", "w", "X.T @ sin(y)", LINEAR),
        ("x @ A @ x", "x", "A @ A @ x", QUADRATIC),
        ("sum(exp(x))", "x", "x", {"x": "n"}),
        ("sum(w*y)", "w", "2*y", {"w": "n", "y": "n"}),
    ],
)
def test_no_assumption_is_invented(f, wrt, claim, given):
    _, found = explained(f, wrt, claim, given)
    assert found.right_if == ()


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("X.T @ X", "missing chain factor"),
        ("X.T @ diag(sigmoid(X @ w)) @ X", "missing chain factor"),
        ("-X.T @ diag(sigmoid(X @ w)*(1 - sigmoid(X @ w))) @ X", "sign"),
        ("X.T @ diag(sigmoid(X @ w)*(1 - sigmoid(X @ w))) @ X/n", "mean for sum"),
    ],
)
def test_slips_in_a_hessian(claim, kind):
    _, found = explained("sum(softplus(X @ w))", "w", claim, LINEAR, hessian)
    assert found.mistakes[0].kind == kind


def test_an_equality_without_a_derivative_is_explained():
    given = {"x": ""}
    found = explain(parse("tanh(x)", given), parse("-tanh(x)", given), None, 0)
    assert [each.kind for each in found.mistakes] == ["sign"]


def test_what_cannot_be_evaluated_has_no_explanation():
    given = {"x": "n", "y": "n"}
    x, y = parse("x", given), parse("y", given)
    slope = Derivative(Unspecified("C", x), x)
    assert explain(slope, y, slope, 0) == Explanation()
    assert explain(x, parse("y[:2]", given), None, 0).mistakes == ()


def test_a_right_claim_has_no_slip():
    _, found = explained("x @ A @ x", "x", "(A + A.T) @ x", QUADRATIC)
    assert found.mistakes == ()


def test_a_function_without_the_variable_has_no_slip():
    given = {"x": "n", "y": "n"}
    function, x = parse("sum(y)", given), parse("x", given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndependentWarning)
        correct = gradient(function, x)
    assert explain(correct, parse("y", given), Derivative(function, x), 0).mistakes == ()


@pytest.mark.parametrize(
    ("left", "right", "given"),
    [
        ("x[0]*x[1]", "0", {"x": "n"}),
        ("y*(1 - y)", "0*y", {"y": "n: unit"}),
        ("det(A)*(trace(A) - A[0, 0])", "0", {"A": "n n"}),
        ("x**3 - x", "0", {"x": ""}),
        ("x[1:] - x[:-1]", "0*x[1:]", {"x": "n"}),
        ("relu(-x)", "0", {"x": ""}),
        ("0*y", "y*(1 - y)", {"y": "n"}),
        ("x - x", "x**2", {"x": "n"}),
    ],
)
def test_where_a_side_is_zero_nothing_is_mended(left, right, given):
    found = explain(parse(left, given), parse(right, given), None, 0)
    assert found.mistakes == ()
    assert "zero everywhere" in found.notes[0]


@pytest.mark.parametrize(
    ("left", "right", "given"),
    [
        ("x[1:] - x[:-1]", "x[1:] + x[:-1]", {"x": "n"}),
        ("x[::-1]", "x", {"x": "n"}),
        ("kron(A, B) @ vec(X)", "vec(A @ X @ B.T)", {"A": "n n", "B": "m m", "X": "n m"}),
        ("y*y", "y", {"y": "n: unit"}),
        ("(-1)**n*sum(x)", "sum(x)", {"x": "n"}),
        ("x + sin(5040*pi*x)", "x", {"x": ""}),
        ("abs(K)", "K", {"K": "n n: spd"}),
    ],
)
def test_a_sentence_is_one_that_a_person_writes(left, right, given):
    found = explain(parse(left, given), parse(right, given), None, 0)
    assert len(found.mistakes) <= 1
    for mistake in found.mistakes:
        assert 0 < len(mistake.detail) <= 100
        assert "iverson" not in mistake.detail
        assert "inside of the sums" not in mistake.detail
        assert "(-n)" not in mistake.detail


def test_a_power_of_a_reciprocal_is_told_as_a_power():
    _, found = explained(
        "norm(x)", "x", "(eye(n) - outer(x, x))/norm(x)", {"x": "n"}, derive=hessian
    )
    assert [each.detail for each in found.mistakes] == ["the power 3 of norm(x) is missing"]


def test_a_factor_is_told_as_what_is_missing():
    _, found = explained("lam*(a @ w)", "w", "a", {"a": "d", "w": "d", "lam": ": positive"})
    assert found.mistakes[0].detail == "claim = 1/lam * correct: the factor lam is missing"


@pytest.mark.parametrize(
    ("formula", "room", "told"),
    [
        ("X.T @ (s - y)", 20, "X.T @ (s - y)"),
        ("1/sqrt(mean((x - mean(x))**2) + eps)", 20, "1/sqrt(...)"),
        ("diag(f(x)) @ X + diag(g(x, y)) @ Y", 20, ""),
        ("diag(f(x)) @ X + diag(g(x, y)) @ Y", 29, "diag(...) @ X + diag(...) @ Y"),
        ("abcdefghijkl", 10, ""),
    ],
)
def test_long_formulas_are_told_with_gaps(formula, room, told):
    assert abridged(formula, room) == told


@pytest.mark.parametrize(
    ("f", "wrt", "claim", "given", "repaired"),
    [
        (
            "norm(X @ w - y)**2/2",
            "w",
            "X.T @ X @ w + X.T @ y",
            LINEAR,
            "X.T @ X @ w - X.T @ y",
        ),
        (
            "norm(X @ w - y)**2/2",
            "w",
            "2*X.T @ X @ w - X.T @ y",
            LINEAR,
            "X.T @ X @ w - X.T @ y",
        ),
        ("x @ A @ x + sum(x)", "x", "A @ x + A @ x + 1", QUADRATIC, "A.T @ x + A @ x + 1"),
        ("sum(cos(w))", "w", "sin(w)", LINEAR, "-sin(w)"),
        (
            "trace(A @ X) + norm(X)**2/2",
            "X",
            "A + X",
            {"A": "n n", "X": "n n"},
            "X + A.T",
        ),
    ],
)
def test_a_repaired_claim_has_the_form_of_the_claim(f, wrt, claim, given, repaired):
    _, found = explained(f, wrt, claim, given)
    assert str(found.mistakes[0].repaired) == repaired


@pytest.mark.parametrize(("name", "wrong"), CLAIMS[1::29], ids=lambda part: str(part)[:40])
def test_a_repaired_claim_is_another_function_than_the_claim(name, wrong):
    case = CASES[name]
    _, found = explained(case.f, case.wrt, wrong["claim"], case.given)
    assert 1 <= len(found.mistakes) <= 2
    for mistake in found.mistakes:
        assert decide(mistake.repaired, parse(wrong["claim"], case.given)).verdict == "refuted"


@pytest.mark.parametrize(
    ("left", "right", "given"),
    [
        ("abs(x - 1/100)", "x - 1/100", {"x": ""}),
        ("abs(y) + relu(y - 1e7)", "y", {"y": ""}),
        ("A - relu(A[0, 0] - 1e6)", "A.T", {"A": "n n"}),
        ("A @ B + relu(trace(A) - 1e6)", "B @ A", {"A": "n n", "B": "n n"}),
    ],
)
def test_what_fails_on_a_rare_branch_is_not_told(left, right, given):
    found = explain(parse(left, given), parse(right, given), None, 0)
    assert found.mistakes == ()
    assert not any("nonnegative" in each or "symmetric" in each for each in found.right_if)


def test_a_large_sum_costs_little():
    f = (
        "sum(tanh(X @ w)*y) + lam*norm(w)**2 + sum(exp(w)*a) + w @ A @ w + logsumexp(X @ w)"
        "+ sum(sqrt(1 + w**2)) + log(1 + norm(w)**2) + sum(sin(w)*a) + (a @ w)**2 + sum(w**3)/3"
    )
    given = {"X": "n d", "w": "d", "y": "n", "a": "d", "lam": ": positive", "A": "d d"}
    wrong = "X.T @ y + exp(w)*a - w**2*(a @ w) + A @ w"
    assert function_calls(lambda: explained(f, "w", wrong, given)) < 10_000_000
