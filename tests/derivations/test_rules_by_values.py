"""Each rule for expressions, executed on random ones of its kind, keeps their values.

Most of the expressions are near misses: domains are drawn, too, so that conditions hold of some of them. The
values are those of `rule_values`, at points with zeros and ties and at sizes of 1.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

import numpy as np
import pytest

import symbolic as s
import symbolic.calculus
from derivations.rules import equations, inequalities
from derivations.rules.equations import EquationRule
from derivations.rules.inequalities import InequalityRule
from derivations.statements import Equation
from symbolic import Expression, Variable
from symbolic.algebra import signs
from symbolic.calculus import definiteness_rules, matrix_rules, root_rules, rules
from symbolic.calculus.execution import Reason
from symbolic.errors import ChainruleError
from symbolic.nodes import Derivative
from symbolic.traverse import postorder
from tests.derivations.rule_values import HALF, Kinds, NoValueError, points, value

Kind = Callable[[Kinds], Expression]


def found_rules() -> dict[str, Reason]:
    """Every rule for expressions in the modules of rules, by its name."""
    found: dict[str, Reason] = {"split sum": matrix_rules.split_sum(1)}
    for each in pkgutil.iter_modules(symbolic.calculus.__path__):
        module = import_module(f"symbolic.calculus.{each.name}")
        for name, rule in vars(module).items():
            if not name.startswith("_") and not isinstance(rule, type) and isinstance(rule, Reason):
                found[rule.name] = rule
    del found[rules.algebra.name]
    return found


SEEDS = 50
RULES = found_rules()
DIFFERENTIAL = {rule.name for rule in rules.CALCULUS} | {"derivative of sqrt"}


def spectral(g: Kinds) -> Expression:
    S = g.square(g.letter())
    V, lam = s.eigvecsh(S), s.eigvalsh(g.pick(S, S, g.square(S.shape[0])))
    return g.pick(V @ s.diag(lam) @ V.T, V.T @ s.diag(lam) @ V, (V * lam) @ V.T, V.T @ V, V @ V.T)


def orthonormal(g: Kinds) -> Expression:
    Q = g.of(g.pick("orthogonal", "orthogonal", "real"), g.letter(), g.letter())
    P = g.of("orthogonal", Q.shape[0], g.letter())
    A = g.part(Q.shape[1], g.letter())
    return g.pick(
        lambda: Q.T @ Q @ A, lambda: Q @ A, lambda: Q.T @ P, lambda: Q @ Q.T, lambda: Q * g.part(Q.shape[1]),
        lambda: Q @ g.part(Q.shape[1]), lambda: Q.T @ g.part(Q.shape[0]), lambda: Q * Q, lambda: A.T @ Q.T,
        lambda: Q.T @ s.diag(g.part(Q.shape[0])) @ Q, lambda: s.sum(Q.T @ Q, axis=0),
        lambda: Q @ g.part(Q.shape[1]) - Q @ g.variable(Q.shape[1]),
    )()  # fmt: skip


def quadratic(g: Kinds) -> Expression:
    a, b = g.letter(), g.letter()
    x, X, A = g.part(a), g.variable(b, a), g.square(a)
    return g.pick(
        x @ A @ x, s.sum((X @ A) * X), x @ A @ g.part(a), s.sum(X @ A @ X.T), x @ x, s.sum(X**2)
    )


def deviations(g: Kinds) -> Expression:
    x = g.part(g.letter())
    y = g.part(*x.shape)
    return g.pick(s.sum(x - s.mean(x)), s.sum((x - s.mean(x)) * s.sum(y)), s.sum((x - s.mean(x)) * y),
                  s.sum(x - s.mean(y)), s.sum(x - s.sum(x)))  # fmt: skip


def logarithm(g: Kinds) -> Expression:
    shape = g.pick((), (g.letter(),))
    x, y = g.part(*shape), g.part(*shape)
    return s.log(g.pick(x * y, x**g.pick(2, 3, -1, HALF), s.exp(x), x * y / 2, x / y, s.sqrt(x) * y,
                        s.prod(g.part(g.letter())), x * s.exp(y)))  # fmt: skip


def exponential(g: Kinds) -> Expression:
    shape = g.pick((), (g.letter(),))
    x, y = g.part(*shape), g.part(*shape)
    return s.exp(g.pick(x + y, x + s.log(y), s.log(x) - y, s.log(x) + s.log(y), -s.log(x) + y))


def power(g: Kinds) -> Expression:
    shape = g.pick((), (g.letter(),))
    u, x, y = g.variable(*shape), g.variable(*shape), g.variable(*shape)
    return u ** g.pick(x + y, x + 1, x * y + x, x - y, 2 * x + y)


def norms(g: Kinds) -> Expression:
    shape = g.pick((g.letter(),), (g.letter(), g.letter()))
    x, y = g.part(*shape), g.part(*shape)
    return g.pick(s.norm(x + y), s.norm(x - 2 * y), s.norm(x), s.norm(s.norm(x) * y - y)) ** 2


def inverted(g: Kinds) -> Expression:
    A, B = g.square(s.dims("n")[0]), g.square(s.dims("n")[0])
    return g.pick(s.inv(A @ B), s.inv(A @ B @ A.T), s.inv(A.T @ A), s.inv(2 * A @ B), A @ s.inv(A))


def gram(g: Kinds) -> Expression:
    B = g.part(g.letter(), g.letter())
    C = g.part(*B.shape)
    return s.spectral_norm(g.pick(B.T @ B, B @ B.T, B.T @ C, B.T @ B.T.T, 2 * B.T @ B))


def determinant(g: Kinds) -> Expression:
    return s.log(g.pick(s.det, s.trace, lambda A: s.det(A) * g.variable())(g.square(g.letter())))


def summed(g: Kinds) -> Expression:
    a, b = g.letter(), g.letter()
    return g.pick(s.sum(g.part(a)), g.part(a, b) @ g.part(b), g.part(a) @ g.part(a), g.part(a, b))


def longer(g: Kinds) -> Expression:
    size = 1 + s.dims("k")[0]
    x, A = g.variable(size), g.variable(g.letter(), size)
    return g.pick(A @ x, x @ x, A @ A.T, s.sum(A, axis=1), A * x)


def softmaxes(g: Kinds) -> Expression:
    Z = g.part(g.letter(), g.letter())
    axis = g.pick(None, 0, 1)
    return g.pick(s.log_softmax, s.softmax, s.logsumexp)(Z, axis=axis)


def function(g: Kinds) -> Expression:
    x = g.variable(*g.pick((), (g.letter(),)))
    y = g.part(*x.shape)
    inner = g.pick(
        x * y,
        x + y,
        s.tanh(x) * y,
        s.exp(x * y),
        s.sqrt(x**2 + y**2),
        x**3,
        s.sqrt(s.exp(x)),
        x,
        x * s.exp(x),
    )
    constant = s.sum(g.of("real", g.letter()))
    return g.pick(
        inner, s.sigmoid(inner), 2 * inner, x * constant, inner + x, s.sum(inner), constant
    )


def differentiated(g: Kinds) -> Expression:
    f = function(g)
    other = Derivative(f, g.of("real", g.letter()))
    return g.pick(g.differentiated(f), g.differentiated(f), g.differentiated(f), other)


KINDS: dict[str, Kind] = {
    "spectral theorem": spectral,
    "orthonormal columns": orthonormal,
    "orthogonal invariance": lambda g: s.norm(orthonormal(g)),
    "trace trick": quadratic,
    "sum of deviations": deviations,
    "logarithm of a product": logarithm,
    "exponential of a sum": exponential,
    "power of a sum": power,
    "square of a sum": norms,
    "inverse of a product": inverted,
    "norm of a Gram matrix": gram,
    "logarithm of a determinant": determinant,
    "split sum": longer,
    "derivative of sqrt": lambda g: g.differentiated(s.sqrt(g.part() ** 2 + g.part())),
    "definition of log-softmax": softmaxes,
    **dict.fromkeys((rule.name for rule in rules.CALCULUS), differentiated),
}
OTHERS = (spectral, orthonormal, quadratic, logarithm, norms, inverted, summed, softmaxes, function)


def agrees(before: Expression, after: Expression, seed: int, exact: bool) -> str:
    """Where two expressions differ; "" where they agree at every point that has a value before."""
    for data, sizes in points([before, after], seed, whole=exact):
        try:
            wanted = value(before, data, sizes)
        except NoValueError:
            continue
        try:
            found = value(after, data, sizes)
        except NoValueError as error:
            return f"seed {seed}, {sizes}: {before} became {after}, which has no value: {error}"
        scale = max(1.0, float(np.abs(wanted).max(initial=0)))
        if np.abs(found - wanted).max(initial=0) > (1e-7 if exact else 1e-4) * scale:
            return f"seed {seed}, {sizes}: {before} became {after}: {wanted} is not {found}"
    return ""


def rewritings(rule: Reason, expression: Expression) -> list[Expression]:
    """What the rule makes of an expression, in one pass and exhausted."""
    try:
        found = dict.fromkeys((rule.once(expression), rule.exhausted(expression)))
    except ChainruleError:
        return []
    return [each for each in found if each is not expression]


def is_inert(expressions: list[Expression]) -> bool:
    return any(isinstance(node, Derivative) for node in postorder(expressions))


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_keeps_the_value_of_expressions_of_its_kind(name: str) -> None:
    rule, kinds = RULES[name], (KINDS[name],) if name in KINDS else OTHERS
    applied, wrong = 0, []
    for seed in range(SEEDS):
        g = Kinds(seed)
        try:
            before = g.in_context(kinds[seed % len(kinds)](g))
        except ChainruleError:
            continue
        if seed % 5 == 4 and name not in DIFFERENTIAL:
            before = g.differentiated(before)
        for after in rewritings(rule, before):
            assert after.shape == before.shape
            applied += 1
            wrong.append(agrees(before, after, seed, exact=not is_inert([before, after])))
    assert not any(wrong), "\n".join(filter(None, wrong))
    assert applied or name not in KINDS, "no expression of its kind was one that it applies to"


CONDITIONS: dict[Callable[[Expression], object], Callable[[np.ndarray], bool]] = {
    definiteness_rules.is_positive: lambda a: bool((a > 0).all()),
    root_rules.positive: lambda a: bool((a > 0).all()),
    signs.nonnegative: lambda a: bool((a >= -1e-9).all()),
    definiteness_rules.is_positive_definite: lambda a: is_symmetric(a) and lowest(a) > 0,
    definiteness_rules.is_positive_semidefinite: lambda a: is_symmetric(a) and lowest(a) > -1e-8,
    definiteness_rules.is_invertible: lambda a: np.linalg.matrix_rank(a, 1e-13) == len(a),
    matrix_rules.has_orthonormal_columns: lambda a: np.allclose(a.T @ a, np.eye(a.shape[1])),
}


def is_symmetric(a: np.ndarray) -> bool:
    return np.allclose(a, a.T)


def lowest(a: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(a).min()) / max(1.0, float(np.abs(a).max()))


@pytest.mark.parametrize("known", CONDITIONS, ids=lambda f: f.__name__)
def test_a_condition_that_is_known_holds(known: Callable[[Expression], object]) -> None:
    """What the rules ask before they apply is true of the values, singular and zero ones included."""
    yes = 0
    for seed in range(8 * SEEDS):
        g = Kinds(seed)
        try:
            expression = g.square(g.letter())
            if not known(expression):
                continue
        except ChainruleError:
            continue
        yes += 1
        for data, sizes in points([expression], seed):
            with suppress(NoValueError):
                array = np.asarray(value(expression, data, sizes))
                assert CONDITIONS[known](array), f"seed {seed}: {expression} is {array}"
    assert yes


# --- inequalities and equations ------------------------------------------------------------------


def bounds(g: Kinds) -> tuple[Expression, Expression]:
    """Two scalars, related as the rules of inequalities relate them, or nearly so."""
    a, b = g.letter(), g.letter()
    A, x, y, c = g.part(a, b), g.part(b), g.part(b), g.part()
    p, q = (g.of(g.pick("prob", "prob", "positive"), b) for _ in range(2))
    low, high = g.pick(
        (s.norm(A @ x), g.pick(s.spectral_norm(A), s.norm(A), s.max(A)) * s.norm(x)),
        (s.sum(x * y), s.max(x) * s.sum(y)),
        (s.sum(p * s.log(q)), s.sum(p * s.log(p))),
        (c, c + g.pick(x @ x, s.norm(x), s.sum(x), c**2, s.sum(p))),
        (s.sum(x * y**2), g.pick(s.max(x), s.max(y)) * s.sum(y**2)),
    )
    return g.pick(
        (low, high), (low * c, high * c), (c - high, c - low), (low / c, high / c), (high, low)
    )


BOUNDS = [each for each in vars(inequalities).values() if isinstance(each, InequalityRule)]


def test_no_rule_proves_an_inequality_that_is_false() -> None:
    proved = set()
    for seed in range(5 * SEEDS):
        low, high = bounds(Kinds(seed))
        names = [each.name for each in BOUNDS if each.holds(low, high)]
        proved.update(names)
        for data, sizes in points([low, high], seed) if names else ():
            with suppress(NoValueError):
                small, large = value(low, data, sizes), value(high, data, sizes)
                scale = max(1.0, abs(float(small)))
                assert small <= large + 1e-9 * scale, f"seed {seed}, {names}: {low} <= {high}"
    assert len(proved) >= 4


def equation_rules(g: Kinds) -> tuple[EquationRule, Expression]:
    """A rule for equations, and the left side of an equation for it."""
    a = g.letter()
    A, w, c = g.square(a), g.variable(a), g.part()
    return g.pick(
        (equations.multiply_by_inverse(A), A @ w),
        (equations.divide_both_sides(c), c * w),
        (equations.divide_both_sides(w), w * g.part(a)),
        (equations.multiply_both_sides(g.part(a)), w),
        (equations.multiply_left(A), w),
        (equations.transposing, A),
        (equations.normalizing, w),
    )


TAKING_OUT = (equations.multiply_by_inverse, equations.divide_both_sides)


def test_what_follows_from_an_equation_is_true_where_it_is() -> None:
    """The premise is true by construction: its right side is a variable of just that value."""
    applied = set()
    for seed in range(8 * SEEDS):
        g = Kinds(seed)
        rule, left = equation_rules(g)
        right = Variable("right", left.shape)
        if rule is equations.normalizing:
            scalar, shares = g.variable(), g.variable(*left.shape)
            right = scalar * shares
            left = Variable("left", left.shape)
        after = rule.apply(Equation(left, right))
        if after is None:
            continue
        applied.add(rule.name.partition(" ")[0])
        free, fixed = (left, right) if rule is equations.normalizing else (right, left)
        for data, sizes in points([left, right, after.left, after.right], seed):
            try:
                data[free] = value(fixed, data, sizes)
                if rule.make not in TAKING_OUT:  # a factor that is put in may have no value itself
                    _ = [value(factor, data, sizes) for factor in rule.about]
            except NoValueError:
                continue
            one, other = value(after.left, data, sizes), value(after.right, data, sizes)
            scale = max(1.0, float(np.abs(one).max(initial=0)))
            assert np.allclose(one, other, atol=1e-6 * scale), f"seed {seed}: {rule} {after}"
    assert len(applied) >= 4
