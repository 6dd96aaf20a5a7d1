"""Claims at kinks: another convention is noted, what no choice of a slope gives is refuted."""

import pytest

from derivations import verify_gradient, verify_hessian, verify_jacobian, verify_steps

ONE = {"s": ""}
MANY = {"x": "n"}

BEYOND = [
    (verify_gradient, "where(s > 0, s, 0)", "s", "where(s == 0, 7, where(s > 0, 1, 0))", ONE),
    (verify_gradient, "where(s > 0, s, 0)", "s", "where(s == 0, -1, where(s > 0, 1, 0))", ONE),
    (verify_gradient, "sum(relu(x))", "x", "step(x) + 7*(1 - sign(x)**2)", MANY),
    (verify_gradient, "sum(relu(x - 1))", "x", "where(x == 1, 2, step(x - 1))", MANY),
    (verify_gradient, "sum(relu(x)**2)", "x", "where(x == 0, 1, 2*relu(x))", MANY),
    (verify_gradient, "relu(relu(s) - 1)", "s", "where(s == 1, 8, step(s - 1))", ONE),
    (
        verify_gradient,
        "maximum(s, t)",
        "s",
        "where(s == t, 2, step(s - t))",
        {"s": "", "t": ""},
    ),
    (
        verify_gradient,
        "sum(abs(x - y))",
        "x",
        "where(x == y, 4, sign(x - y))",
        {"x": "n", "y": "n"},
    ),
    (verify_gradient, "max(x)", "x", "where(hardmax(x) == 1/2, 3, hardmax(x))", {"x": "2"}),
    (verify_jacobian, "relu(x)", "x", "diag(where(x == 0, 9, step(x)))", MANY),
    (verify_hessian, "sum(relu(x)**2)", "x", "diag(where(x == 0, 9, 2*step(x)))", MANY),
]


@pytest.mark.parametrize(("verify", "f", "wrt", "claim", "given"), BEYOND)
def test_a_value_beyond_all_slopes_is_refuted_at_the_kink(verify, f, wrt, claim, given):
    found = verify(f, wrt, claim, given)
    assert found.verdict == "refuted"
    assert found.method == "slopes at a kink"
    assert found.counterexample is not None
    assert found.reason.startswith("At the kink ")
    assert not found.mistakes
    assert max(map(len, str(found).splitlines())) <= 80


OTHERS = [
    ("where(s > 0, s, 0)", "s", "where(s >= 0, 1, 0)", ONE, "s = 0 the claim takes 1"),
    ("abs(s)", "s", "2*where(s > 0, 1, 0) - 1", ONE, "s = 0 the claim takes -1"),
    ("abs(s)", "s", "where(s == 0, 1/2, sign(s))", ONE, "s = 0 the claim takes 0.5"),
    ("abs(s)", "s", "s/abs(s)", ONE, "s = 0 the claim has no value"),
    ("sum(relu(x))", "x", "where(x >= 0, 1, 0)", MANY, "x = [0] in entry [0]: the claim takes 1"),
    ("relu(s) - relu(-s)", "s", "1", ONE, "s = 0 the claim takes 1"),
    (
        "minimum(relu(s), relu(t))",
        "s",
        "where(relu(t) >= relu(s), 1, 0)*where(s >= 0, 1, 0)",
        {"s": "", "t": ""},
        "the claim takes 1",
    ),
]


@pytest.mark.parametrize(("f", "wrt", "claim", "given", "words"), OTHERS)
def test_another_convention_is_noted_in_words(f, wrt, claim, given, words):
    found = verify_gradient(f, wrt, claim, given)
    assert found.passed
    assert words in found.notes[0]
    assert "the convention here" in found.notes[0]


@pytest.mark.parametrize(
    ("f", "wrt", "claim", "given"),
    [
        ("where(s > 0, s, 0)", "s", "where(s > 0, 1, 0)", ONE),
        ("sum(relu(x)**2)", "x", "2*relu(x)", MANY),
        ("sum(abs(x))", "x", "sign(x)", MANY),
        ("s**2", "s", "2*s", ONE),
        ("where(s > 0, 1, 0)", "s", "where(s == 0, 5, 0)", ONE),  # a jump: no slope to compare with
    ],
)
def test_the_convention_itself_is_not_noted(f, wrt, claim, given):
    found = verify_gradient(f, wrt, claim, given)
    assert found.passed
    assert not found.notes


def test_lines_are_compared_at_kinks():
    lines = ["f = abs(t)", "D(f, t) = 2*where(t > 0, 1, 0) - 1", "= sign(t)"]
    found = verify_steps(lines, {"t": ""})
    assert found.first_wrong is None
    assert "at the kink t = 0 the right side takes -1, the left side 0" in found.lines[1].notes[0]
    lines[1] = "D(f, t) = sign(t) + 7*where(t == 0, 1, 0)"
    wrong = verify_steps(lines, {"t": ""}).first_wrong
    assert wrong.number == 2
    assert "At the kink t = 0 the right side is 7" in wrong.reason
