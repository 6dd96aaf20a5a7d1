"""Claims that are wrong only where one has to look for it, and right ones that differ at a kink."""

import pytest
import sympy

from derivations import equivalent, verify_gradient

HIDDEN = [  # sides that agree nearly everywhere, or at most sizes, or for one kind of matrix
    ("x + sin(10**30*pi*x)", "x", {"x": ""}),
    ("sign(y)", "ones(n)", {"y": "n: prob"}),
    ("relu(x - 1/3)*relu(1/3 + 1e-9 - x)", "0", {"x": ""}),
    ("relu(x)*relu(y)*relu(1e-6 - x - y)", "0", {"x": "", "y": ""}),
    ("relu(x - 100)*relu(1 - y)*relu(y)", "0", {"x": "", "y": ""}),
    ("relu(x[0] - x[1])*relu(x[1] - x[2])*relu(x[2] - x[3])*relu(x[3] - x[4])", "0", {"x": "5"}),
    ("where(x == 0, 5, 2*x)", "2*x", {"x": ""}),
    ("(n - 1)*(n - 2)*(n - 3)*(n - 4)*(n - 5)*(n - 6)*sum(x)", "0", {"x": "n"}),
    ("relu(n - 100)*sum(x)", "0", {"x": "n"}),
    ("minimum(n, 20)*sum(x)", "n*sum(x)", {"x": "n"}),
    ("sum(tril(A, k=-10))", "0", {"A": "n n"}),
    ("Q", "Q.T", {"Q": "2 2: orthogonal"}),
    ("det(Q)", "-1", {"Q": "2 2: orthogonal"}),
    ("det(K)", "0", {"K": "3 3: psd"}),
    ("K @ K", "trace(K)*K", {"K": "2 2: psd"}),
    ("y[0, 0]", "y[1, 0]", {"y": "2 3: onehot"}),
    ("y[0, 0]*y[1, 1]", "0", {"y": "2 2: onehot"}),
]
PIECEWISE = [  # a function, its variable, a wrong claim, declarations
    ("g @ where(x > 0, x, a*expm1(x))", "x", "g*where(x > 0, 1, minimum(a*exp(x), 5/4))",
     {"x": "n", "g": "n", "a": ": positive"}),
    ("mean(abs(y - X @ w))", "w", "-X.T @ sign(minimum(y, 5/4) - X @ w)/n",
     {"X": "n d", "w": "d", "y": "n"}),
    ("sum(maximum(0, 1 - y*(X @ w)))", "w", "-X.T @ (y*step(1 - 2*(y*(X @ w))))",
     {"X": "n d", "w": "d", "y": "n: pm1"}),
    ("-sum(y*log(softmax(z/T)))", "z", "(softmax(log(z)/T) - y)/T",
     {"z": "k", "y": "k: onehot", "T": ": positive"}),
    ("sum(x**2)", "x", "2*x + where(x > 1000, 1, 0)", {"x": "n"}),
]  # fmt: skip
CONVENTIONS = [  # right claims that take another slope where the function has none
    ("sum(maximum(q*(y - X @ w), (q - 1)*(y - X @ w)))", "w", "X.T @ (step(X @ w - y) - q)",
     {"X": "n d", "w": "d", "y": "n", "q": ": unit"}),
    ("sum(abs(x))", "x", "where(x > 0, 1, -1)", {"x": "n"}),
    ("sum(relu(x))", "x", "where(x >= 0, 1, 0)", {"x": "n"}),
    ("relu(c/p)", "c", "step(exp(c)/p)/p", {"c": ": unit", "p": ": positive"}),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "given"), HIDDEN)
def test_a_hidden_difference_is_found(left, right, given):
    found = equivalent(left, right, given)
    assert found.verdict == "refuted", found.reason
    assert found.counterexample is not None


def test_a_difference_at_a_single_number_is_found():
    x = sympy.Symbol("x", real=True)
    claim = sympy.Piecewise((x, sympy.Eq(x, 3)), (0, True))
    assert equivalent(claim, sympy.Integer(0)).verdict == "refuted"


@pytest.mark.parametrize(("f", "wrt", "claim", "given"), PIECEWISE)
def test_a_wrong_branch_is_found(f, wrt, claim, given):
    assert verify_gradient(f, wrt, claim, given).verdict == "refuted"


@pytest.mark.parametrize(("f", "wrt", "claim", "given"), CONVENTIONS)
def test_a_convention_at_a_kink_is_no_mistake(f, wrt, claim, given):
    assert verify_gradient(f, wrt, claim, given).passed


@pytest.mark.parametrize(
    ("left", "right", "given"),
    [
        ("minimum(n, 2000)*sum(x)", "n*sum(x)", {"x": "n"}),
        ("inv(X.T @ X) @ X.T", "X.T @ inv(X @ X.T)", {"X": "n d"}),
        ("log(x**2)", "2*log(x)", {"x": ""}),
    ],
)
def test_what_cannot_be_told_is_undecided(left, right, given):
    found = equivalent(left, right, given)
    assert found.verdict == "undecided"
    assert found.reason


def test_a_counterexample_is_as_simple_as_it_can_be():
    found = equivalent("sum(x)", "mean(x)", {"x": "n"}).counterexample
    assert found is not None
    assert found.sizes == {"n": 2}
    assert all(abs(x.numerator) < 10 and x.denominator == 1 for x in found.point["x"])


def test_zero_stands_for_an_array_of_zeros():
    given = {"x": "n", "y": "n"}
    assert verify_gradient("x @ x", "y", "0", given).verdict == "proved"
    assert verify_gradient("x @ x", "x", "0", given).verdict == "refuted"


def test_a_kink_may_depend_on_what_the_derivative_has_lost():
    given = {"x": "", "y": ""}
    assert verify_gradient("x*y + 0*relu(x - y)", "x", "y", given).passed
    assert verify_gradient("maximum(x, y) - maximum(x, y) + x", "x", "1", given).passed
    assert (
        verify_gradient("maximum(x, y) - maximum(x, y) + x", "x", "2", given).verdict == "refuted"
    )
