"""Generated NumPy has the values of a plain evaluation of every node."""

import operator

import numpy as np
import pytest
import sympy

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.nodes import Contraction
from tests.symbolic.lambdify_examples import GIVEN, d, k, loss, n, w
from tests.symbolic.numpy_oracle import SIZES, assert_close, data_for, evaluate, same_as_oracle

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


def test_softmax_regression_hessian(rng):
    given = {"X": "n d", "W": "d k", "Y": "n k: nonnegative"}
    e = s.parse("sum(logsumexp(X@W, axis=1)) - sum(Y*(X@W))", given)
    for each in (e, s.gradient(e, "W"), s.hessian(e, "W")):
        same_as_oracle(each, rng)


@pytest.mark.parametrize("seed", range(10))
def test_value_and_gradient_and_hessian_agree_with_the_oracle(seed):
    rng = np.random.default_rng(seed)
    expressions = (loss, s.gradient(loss, w), s.hessian(loss, w))
    data = data_for(expressions, rng)
    for found, expression in zip(lambdify(expressions)(**data), expressions, strict=True):
        np.testing.assert_allclose(found, evaluate(expression, data, SIZES), rtol=1e-10)


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


# --- comparisons as factors, and cases that are not taken ----------------------------------------

COMPARISONS = [
    "step(x)*step(y) + step(z)*step(w)", "sum(step(x)*step(y) + step(z)*step(w))",
    "step(x)*step(y) - step(z)*step(w)", "-(step(x)*y)", "-step(x)*exp(y)", "step(x)*step(y)*z - step(w)",
    "(step(A)*step(B)) @ (step(C)*step(D))", "step(A)*step(B) @ step(C)", "-step(A)*step(B)",
]  # fmt: skip


@pytest.mark.parametrize("text", COMPARISONS)
def test_comparisons_are_numbers(text):
    given = dict.fromkeys("xyzw", "n") | dict.fromkeys("ABCD", "n n")
    e = s.parse(text, given)
    data = data_for([e], np.random.default_rng(3), {"n": 3})
    for ones in (False, True):
        point = {name: np.ones_like(value) if ones else value for name, value in data.items()}
        f = lambdify(e)
        assert_close(
            f(**{each: point[each] for each in f.args}), evaluate(e, point, {"n": 3}), f.source
        )


@pytest.mark.parametrize(
    ("text", "variable", "at", "order", "wanted"),
    [
        ("sum(where(x > 0, x*log(x), 0))", "x", 0.0, 1, 0.0),
        ("sum(where(y > 0, y*log(y/x), 0))", "y", 0.0, 1, 0.0),
        ("sum(where(x > 0, x, exp(x) - 1))", "x", 1000.0, 2, 0.0),
        ("sum(where(y == 1, -log(x), -log(1 - x)))", "x", 1.0, 2, 1.0),
        ("sum(minimum(exp(x), 1))", "x", 1000.0, 1, 0.0),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_case_that_is_not_taken_brings_no_nan(text, variable, at, order, wanted):
    given = {"x": "n", "y": "n"}
    by = s.parse(variable, given)
    slope = (s.gradient if order == 1 else s.hessian)(s.parse(text, given), by)
    f = lambdify(slope)
    found = f(**{name: np.full(1, at if name == variable else 1.0) for name in f.args})
    assert found.ravel().tolist() == [wanted]
