"""Every rewrite of the table is an identity where it says, by balls at random points."""

from fractions import Fraction

import numpy as np
import pytest

from numeric.stabilizing.exact import balls
from numeric.stabilizing.matching import CONSTANTS, Rule
from numeric.stabilizing.operations import OPERATIONS
from numeric.stabilizing.reading import pattern, read_term
from numeric.stabilizing.rules import RULES
from numeric.stabilizing.series import expansions
from numeric.stabilizing.terms import constant, node, substitute, tidy, variable
from numeric.stabilizing.transformations import TRANSFORMATIONS

BITS = 600
COUNT = 12
LAWS = {
    "real": lambda rng: rng.normal(size=COUNT) * 2,
    "positive": lambda rng: np.exp(rng.normal(size=COUNT)),
    "negative": lambda rng: -np.exp(rng.normal(size=COUNT)),
    "unit": lambda rng: rng.uniform(0.01, 0.99, COUNT),
    "small": lambda rng: rng.uniform(-0.99, 0.99, COUNT),
    "above -1": lambda rng: -1 + np.exp(rng.normal(size=COUNT)),
    "above 1": lambda rng: 1 + np.exp(rng.normal(size=COUNT)),
}


def laws(rule: Rule) -> dict[str, str]:
    """The law of each letter of a rule."""
    found = dict.fromkeys(rule.sides[0].names | rule.sides[1].names, "real")
    for clause in filter(None, rule.domain.split(";")):
        letters = [word for word in clause.split() if len(word) == 1 and word.isalpha()]
        for letter in letters:
            found[letter] = " ".join(clause.split()[len(letters) :])
    return found


def holds(left, right, points) -> bool:
    """Whether two terms certainly have values and agree to 300 bits, at every point."""
    for a, b in zip(balls(left, points, BITS), balls(right, points, BITS), strict=True):
        if not (a.is_finite() and b.is_finite()):
            return False
        if not abs(a - b) < (1 + abs(b)) * 2.0**-300:
            return False
    return True


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.left} -> {rule.right}")
def test_rule_is_an_identity_on_its_domain(rule):
    left, right = rule.sides
    rng = np.random.default_rng(7)
    points = {name: LAWS[law](rng) for name, law in sorted(laws(rule).items())}
    for name in set(points) & set(CONSTANTS):  # a constant of a rule is a number in the formula
        number = constant(Fraction(float(points.pop(name)[0])))
        left, right = (substitute(side, {variable(name): number}) for side in (left, right))
    assert holds(left, right, points)


@pytest.mark.parametrize(
    ("left", "right"),
    [("log(a*b)", "log(a) - log(b)"), ("sqrt(a) - b", "(a - b)/(sqrt(a) + b)"),
     ("1 - cos(a)", "2*sin(a/2)**2 + 10**(-60)"), ("exp(a)/exp(b)", "exp(b - a)")],
)  # fmt: skip
def test_the_test_refuses_what_is_no_identity(left, right):
    rng = np.random.default_rng(7)
    points = {"a": LAWS["positive"](rng), "b": LAWS["positive"](rng)}
    assert not holds(pattern(left), pattern(right), points)


EXAMPLES = (
    "log(exp(a) + exp(b) + exp(c))", "log(w*exp(a) + (1 - w)*exp(b))", "log1p(exp(a) + exp(b))",
    "log(exp(a) + exp(b)) - a", "p*log(p/q) + (1 - p)*log((1 - p)/(1 - q))",
    "log(b/a) + a**2/(2*b**2) - 1/2", "(1 - p**a - (1 - p)**a)/(a - 1)", "p - q - q*log(p/q)",
    "exp(a) - 1 - a", "log1p(p) - p", "1/(a + 1) - 1/a", "1 - 1/(1 + exp(-a))", "(a**2 - b**2)/2",
    "(exp(2*a) - 1)/(exp(2*a) + 1)", "exp(a)/(exp(a) + exp(b) + exp(c))", "sqrt(a + 1)**2 - a",
    "(a**2 + b**2 + c**2)/3 - ((a + b + c)/3)**2", "lgamma(a + b) - lgamma(a) - lgamma(b)",
    "lgamma(a + 3) - lgamma(a)", "digamma(a) - digamma(a + 2)", "lgamma(a) - lgamma(b) + a",
    "log((a + b)/2) - (log(a) + log(b))/2", "2*log(a)/3 - log(b)",
)  # fmt: skip


@pytest.mark.parametrize("transformation", TRANSFORMATIONS, ids=lambda each: each.name)
def test_transformation_keeps_the_value(transformation):
    rng = np.random.default_rng(3)
    names = {"p": "unit", "q": "unit", "w": "unit"}
    points = {name: LAWS[names.get(name, "positive")](rng) for name in "abcpqw"}
    results = 0
    for example in EXAMPLES:
        for term in (read_term(example), tidy(read_term(example))):
            for result in transformation.apply(term):
                results += 1
                assert holds(result, term, points), f"{example} became {result}"
    assert results, "no example that the transformation applies to"


@pytest.mark.parametrize(
    "example", ["x - sin(x)", "(1 - cos(x))/x**2", "log(cosh(x))", "x/(exp(x) - 1)", "1/tanh(x) - 1/x",
                "sqrt(1 + x) - 1", "erf(x)/x", "exp(x)**3 - (1 + x)**(1/2)"],
)  # fmt: skip
def test_series_approximates_near_zero(example):
    term = pattern(example)
    longest = max(
        (p for small, p in expansions(term) if small is variable("x")), key=lambda p: p.size
    )
    points = {"x": np.array([1e-6, -3e-6, 1e-4])}
    for a, b in zip(balls(longest, points, BITS), balls(term, points, BITS), strict=True):
        assert abs(a - b) < abs(b) * 2.0**-60


def test_every_operation_has_the_same_value_over_floats_and_balls():
    rng = np.random.default_rng(5)
    for name, operation in OPERATIONS.items():
        letters = [variable(letter) for letter in "abcd"[: operation.arity]]
        points = {str(letter.value): rng.uniform(0.1, 0.9, COUNT) for letter in letters}
        if name == "arccosh":
            points["a"] = points["a"] + 1
        if name == "log1mexp":
            points["a"] = -points["a"]
        if name.startswith("mean_"):  # of near arguments
            points["b"] = points["a"] * 1.1
        exact = [float(ball.mid()) for ball in balls(node(name, *letters), points, BITS)]
        found = operation.over(*points.values())
        np.testing.assert_allclose(found, exact, rtol=3e-14, err_msg=name)


def test_every_slope_is_the_derivative():
    x, step = np.linspace(0.1, 0.9, COUNT), Fraction(1, 2**80)
    for name, operation in OPERATIONS.items():
        if not operation.slope:
            continue
        a = variable("a")
        points = {"a": {"arccosh": x + 1, "log1mexp": -x}.get(name, x)}
        raised = node(name, node("add", a, constant(step)))
        lowered = node(name, node("subtract", a, constant(step)))
        quotient = (raised - lowered) / constant(2 * step)
        left = balls(quotient, points, BITS)
        right = balls(operation.slope_at(a), points, BITS)
        for difference, slope in zip(left, right, strict=True):
            assert abs(difference - slope) < 2.0**-120, name
