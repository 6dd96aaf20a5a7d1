"""Rules are executed: each keeps the value, and none is accepted where it does not apply."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from symbolic import (
    Derivative,
    Expression,
    NameUnknownError,
    derivative_of,
    dims,
    exp,
    jacobian,
    matrix,
    named,
    parse,
    rules,
    sigmoid,
    softmax,
    softplus,
    sum,
    tanh,
    through,
    vector,
)
from symbolic.algebra.identities import LAWS
from symbolic.calculus.execution import leads_to
from symbolic.calculus.rules import LawRule, Rule
from symbolic.nodes import Named, Variable
from symbolic.traverse import postorder, substitute, variables
from tests.symbolic.random_expressions import Writer, certainly_equal, differ, mutations

n, d = dims("n d")
x, y = vector("x", n), vector("y", n)
A, X, w = matrix("A", n, n), matrix("X", n, d), vector("w", d)
GIVEN = {
    "x": "n", "z": "n", "a": "n", "b": "n", "A": "n n", "s": "", "y": "n: binary", "P": "n d: prob",
    "C": "n d: prob columns", "O": "n d: onehot", "v": "n: unit_norm", "V": "n n: unit_norm",
    "r": "n d", "u": "n: unit", "I": "n n: invertible", "Q": "n d: orthogonal", "t": "n: pm1",
}  # fmt: skip

# law, an expression it applies to, and near ones that it must leave alone
LAW_CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "log of softmax": ("log(softmax(r, axis=1))", ("log(r)", "log(softmax(r, axis=1) + 1)")),
    "log of sigmoid": ("log(1 - sigmoid(z)) + log(sigmoid(s))", ("log(2 - sigmoid(z))", "log(u)")),
    "reflection of sigmoid": ("sigmoid(-z) - sigmoid(z)", ("tanh(-z) + tanh(z)",)),
    "definition of sigmoid": ("1/(1 + exp(-z))", ("1/(2 + exp(-z))", "1/(1 + exp(z*z))*0 + z")),
    "reflection of softplus": ("softplus(-z)", ("softplus(z)", "softplus(z*z)")),
    "sums to one": ("sum(P) + sum(O) + sum(C) + sum(softmax(z))",
                    ("sum(P, axis=0)", "sum(C, axis=1)", "sum(P*r)", "sum(u)", "sum(P*P)")),
    "squared norm": ("norm(r, axis=1)**2", ("norm(r, axis=1)**3", "norm(r)", "sum(z)**2")),
    "definition of the norm": ("sqrt(sum(r**2, axis=1)) + 1/sqrt(x @ x)",
                               ("sqrt(sum(r))", "(x @ x)**2", "sqrt(x @ z)", "sqrt(1 + x @ x)")),
    "unit length": ("v @ v + sum(V*V)", ("sum(v)", "x @ v", "sum(V, axis=0) @ sum(V, axis=0)",
                                         "diagonal(V) @ diagonal(V)", "outer(v, v)")),
    "inverse": (
        "trace(inv(I) @ A @ inv(3*inv(I))) + trace(I @ inv(I)) + sum(Q.T @ Q) + det(inv(I))",
        ("inv(I)", "I @ inv(I + A)", "inv(I) @ A @ I", "Q @ Q.T", "inv(I).T @ I", "I * inv(I)"),
    ),
    "definition of softplus": ("log(1 + exp(z)) + log1p(exp(-s))",
                               ("log(2 + exp(z))", "log(1 + exp(z)*s)", "exp(z) + 1")),
    "definition of softmax": (

        "exp(z)/sum(exp(z)) + exp(x)/sum(exp(x))**2",
        ("exp(z)/sum(exp(x))", "exp(z)/sum(exp(2*z))", "exp(2*z)/sum(exp(z))"),
    ),
    "definition of logsumexp": (
        "log(sum(exp(z))) + log(mean(exp(r), axis=1))", ("log(sum(exp(z)*x))", "log(sum(z))"),
    ),
    "parity of sign": ("sign(x - z) + sign(z - x)", ("abs(x - z)", "tanh(-z)")),
    "product with its sign": ("x*sign(x)*z + sign(z)**2*z - sign(x)*x**3",
                              ("z*sign(x)", "sign(x)**2", "sign(x)/x", "(x + 1)*sign(x)")),
    "hinge and step": ("relu(z)*step(z) + step(x)**2*maximum(0, x)",
                       ("relu(z)*step(x)", "relu(z)*step(-z)", "step(z)")),
    "hyperbolic quotient": ("sinh(z)**2/cosh(z)", ("sinh(z)/cosh(x)", "cosh(z)/sinh(z)")),
    "plus or minus one": ("s*t**2 + sum(t*exp(t*t)) + sum(1/t)", ("y**2", "u**2", "exp(t)")),
    "zero or one": ("sum(y**3) + sum(O*O*r)", ("t**2", "u**2", "exp(y)", "sum(P*P)")),
    "binary selection": ("where(y == 1, a, b) + where(y == 0, a, z)",
                         ("where(u == 1, a, b)", "where(y == 2, a, b)", "where(y < 1, a, b)")),
}  # fmt: skip


def law(name: str) -> LawRule:
    return next(rule for rule in rules.LAW_RULES if rule.name == name)


def test_the_table_of_laws_is_walked() -> None:
    assert set(LAW_CASES) == set(LAWS) == {rule.name for rule in rules.LAW_RULES}


@pytest.mark.parametrize("name", LAWS)
def test_a_law_applies_and_keeps_the_value(name: str) -> None:
    expression = parse(LAW_CASES[name][0], GIVEN)
    for after in (law(name).once(expression), law(name).exhausted(expression)):
        assert after is not expression
        assert all(certainly_equal(expression, after, seed) for seed in range(3))


CASES = [(name, near) for name, (_, nears) in LAW_CASES.items() for near in nears]


@pytest.mark.parametrize(("name", "near"), CASES)
def test_a_law_does_nothing_outside_its_condition(name: str, near: str) -> None:
    expression = parse(near, GIVEN)
    assert law(name).once(expression) is expression
    assert law(name).exhausted(expression) is expression


@pytest.mark.parametrize("rule", rules.LAW_RULES, ids=lambda rule: rule.name)
def test_a_law_keeps_the_value_of_random_expressions(rule: LawRule) -> None:
    wrong = []
    for seed in range(60):
        writer = Writer(seed, names=seed % 2 == 0)
        expression = writer.expression(writer.shape(), 1 + seed % 4)
        for after in (rule.once(expression), rule.exhausted(expression)):
            if differ(expression, after, seed):
                wrong.append(f"seed {seed}: {expression} became {after}")
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "f", "place"),
    [
        ("sums to one", "sum(P)*s", "P"),
        ("unit length", "(v @ v)**2", "v"),
        ("binary selection", "where(y == 1, a, b)", "y"),
    ],
)
def test_a_fact_of_the_place_is_not_used_inside_its_derivative(
    name: str, f: str, place: str
) -> None:
    """Inside D(f, P) the entries of P are independent; a fact that holds only at P says nothing."""
    expression = parse(f, GIVEN)
    inert = Derivative(expression, {v.name: v for v in variables(expression)}[place])
    for after in (law(name).once(inert), law(name).exhausted(inert)):
        assert after is inert, str(after)


# --- rules of calculus ---------------------------------------------------------------------------


def inert(seed: int) -> Iterator[Derivative]:
    """Derivatives, not worked out, of random expressions."""
    writer = Writer(seed, smooth=True, names=seed % 3 == 0)
    expression = writer.expression(writer.shape(1), 1 + seed % 3)
    for place in variables(expression)[:1]:
        yield Derivative(expression, place)
    for node in postorder(expression):
        if isinstance(node, Named):
            yield Derivative(expression, node)
            return


@pytest.mark.parametrize("rule", rules.CALCULUS, ids=lambda rule: rule.name)
def test_a_rule_of_calculus_keeps_the_value(rule: Rule) -> None:
    wrong = []
    for seed in range(60):
        for line in inert(seed):
            for after in (rule.once(line), rule.exhausted(line)):
                same_shape = after.shape == line.shape
                if not same_shape or (after is not line and not certainly_equal(line, after, seed)):
                    wrong.append(f"seed {seed}: {line} became {after}")
    assert wrong == []


def test_the_rules_together_work_out_every_derivative() -> None:
    left = []
    for seed in range(100, 160):
        for line in inert(seed):
            after: Expression = line
            for _ in range(60):
                before = after
                for rule in rules.CALCULUS:
                    after = rule.once(after)
                if after is before:
                    break
            if any(isinstance(node, Derivative) for node in postorder(after)):
                left.append(f"seed {seed}: {line} stops at {after}")
            elif differ(after, jacobian(line.expression, line.variable), seed):
                left.append(f"seed {seed}: {line} became {after}")
    assert left == []


@pytest.mark.parametrize("rule", rules.CALCULUS, ids=lambda rule: rule.name)
def test_a_rule_of_calculus_leaves_alone_what_has_no_derivative(rule: Rule) -> None:
    for seed in range(20):
        expression = Writer(seed).scalar(3)
        assert rule.once(expression) is expression
    assert rule.name
    assert rule.statement
    assert rule.condition
    assert rule.source


def test_the_chain_rule_of_one_function_applies_to_that_function_only() -> None:
    line = Derivative(sum(exp(x)) + sum(tanh(x)), x)
    split = rules.linearity.exhausted(line)
    for function, other in (("exp", "tanh"), ("tanh", "exp")):
        after = derivative_of(function).exhausted(split)
        assert certainly_equal(line, after, 0)
        shown = str(after)
        assert f"D({other}(x), x)" in shown
        assert f"D({function}(x), x)" not in shown


@pytest.mark.parametrize("name", ["exp", "softplus", "tanh", "sqrt", "logsumexp", "norm", "power"])
def test_the_rule_of_a_function_has_a_statement_and_a_source(name: str) -> None:
    rule = derivative_of(name)
    assert rule.statement
    assert rule.condition
    assert rule.source


def test_a_rule_of_no_function_is_refused() -> None:
    with pytest.raises(NameUnknownError, match="not a function"):
        derivative_of("no function")


# --- reasons -------------------------------------------------------------------------------------

LOSS = sum(softplus(X @ w))
RIGHT_STEPS = (
    (Derivative(3 * sum(x) + x @ y, x), 3 * Derivative(sum(x), x) + Derivative(x @ y, x),
     (rules.linearity,)),
    (Derivative(A @ x, x), A, (rules.linear_map,)),
    (Derivative(exp(x) @ exp(x), x), 2 * (exp(x) @ Derivative(exp(x), x)), (rules.product_rule,)),
    (Derivative(sum(y), x), 0 * x, (rules.independent,)),
    (Derivative(LOSS, w), X.T @ sigmoid(X @ w),
     (rules.linearity, derivative_of("softplus"), rules.linear_map)),
    (sum(softmax(x)) * y, y, (rules.sums_to_one,)),
    (2 * (x + y), 2 * x + 2 * y, (rules.algebra,)),
)  # fmt: skip


@pytest.mark.parametrize(("before", "after", "reasons"), RIGHT_STEPS)
def test_a_right_step_follows(before: Expression, after: Expression, reasons: tuple) -> None:
    assert leads_to(before, after, reasons)


@pytest.mark.parametrize(("before", "after", "reasons"), RIGHT_STEPS)
def test_a_line_that_does_not_follow_is_refused(
    before: Expression, after: Expression, reasons: tuple
) -> None:
    for other in (-after, 2 * after, after + 1, before):
        if differ(after, other, 0) or other is before:
            assert not leads_to(before, other, reasons)
    for place, other in enumerate(mutations(after, np.random.default_rng(0))):
        if place < 10 and differ(after, other, 0):
            assert not leads_to(before, other, reasons), str(other)


@pytest.mark.parametrize(("before", "after", "reasons"), RIGHT_STEPS)
def test_a_reason_that_does_not_apply_is_refused(
    before: Expression, after: Expression, reasons: tuple
) -> None:
    for wrong in (rules.unit_length, rules.binary_selection, derivative_of("tanh")):
        assert not leads_to(before, after, (*reasons, wrong))
        assert not leads_to(before, after, (wrong,))


def test_nothing_is_shown_by_no_change() -> None:
    assert not leads_to(x + y, x + y, (rules.algebra,))
    assert not leads_to(x + y, sum(x + y), (rules.algebra,))
    assert not leads_to(Derivative(sum(exp(x)), x), exp(x), (rules.algebra,))


def test_the_chain_rule_through_a_name_needs_that_name_alone() -> None:
    z = named("z", X @ w)
    good, bad = sum(softplus(z)), sum(softplus(z)) + w @ w
    after = through(z).once(Derivative(good, w))
    assert after is not Derivative(good, w)
    assert certainly_equal(Derivative(good, w), after, 0)
    assert through(z).once(Derivative(bad, w)) is Derivative(bad, w)
    assert through(z).once(Derivative(good, z)) is Derivative(good, z)


def test_a_rule_about_a_name_can_be_renamed() -> None:
    z, other = named("z", X @ w), named("t", X @ w)
    renamed = through(z).renamed(lambda node: substitute(node, {z: other}))
    line = Derivative(sum(exp(other)), w)
    assert renamed.once(line) is not line
    assert isinstance(w, Variable)
