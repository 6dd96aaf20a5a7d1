"""Results that are sums of products with other results: one pass over the entries less, no digits less."""

import numpy as np
import pytest

from symbolic import gradient, lambdify, parse
from symbolic.code.stable_forms import stabilise
from symbolic.code.sums_of_results import from_other_results
from symbolic.nodes import Sum

GIVEN = {"G": "n d", "A": "n d", "B": "n d", "gain": "d", "bias": "d", "r": "n", "c": ""}
CENTRED = "(A - mean(A, axis=1, keepdims=True))"
NORMAL = f"{CENTRED}/sqrt(mean({CENTRED}**2, axis=1, keepdims=True) + 1e-5)"


def changed(value, *others):
    roots = tuple(parse(text, GIVEN) for text in (value, *others))
    stable = stabilise(roots)
    return from_other_results(stable, roots)[roots[0]] is not stable[roots[0]]


def test_a_linear_function_comes_from_its_gradients():
    value = parse(f"sum(G*({NORMAL}*gain + bias))", GIVEN)
    roots = (value, *gradient(value, ["gain", "bias"]))
    f = lambdify(roots)
    rng = np.random.default_rng(0)
    G, A = rng.normal(size=(7, 5)), rng.normal(size=(7, 5))
    gain, bias = rng.normal(size=(2, 5))
    found, of_gain, of_bias = f(G=G, A=A, gain=gain, bias=bias)
    centred = A - A.mean(axis=1, keepdims=True)
    normal = centred / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(found, np.sum(G * (normal * gain + bias)), rtol=1e-13)
    np.testing.assert_allclose(of_gain, np.sum(G * normal, axis=0), rtol=1e-13)
    np.testing.assert_allclose(of_bias, G.sum(axis=0), rtol=1e-13)
    assert "gain + bias" not in f.source.split('"""')[-1]


@pytest.mark.parametrize(
    ("value", "others"),
    [
        ("sum(G*(A*gain + bias))", ["sum(G*A, axis=0)", "sum(G, axis=0)"]),
        ("-2*sum(G*(A*gain + bias))", ["3*sum(A*G, axis=0)", "-sum(G, axis=0)"]),
        ("sum(G*(A*gain + B*c + r[:, None]))", ["sum(G*A, axis=0)", "sum(B*G)", "sum(G, axis=1)"]),
        ("sum(G*(A*gain + bias))/n", ["mean(G*A, axis=0)", "2*sum(G, axis=0)/n"]),
        ("sum(G*(A*gain + bias), axis=0)", ["sum(G*A, axis=0)", "sum(G, axis=0)"]),
    ],
)
def test_results_that_are_known(value, others):
    assert changed(value, *others)
    roots = tuple(parse(text, GIVEN) for text in (value, *others))
    f, alone = lambdify(roots), lambdify(roots[:1])
    rng = np.random.default_rng(1)
    data = {
        name: rng.normal(size=tuple({"n": 4, "d": 3}[k] for k in GIVEN[name].split()))
        for name in f.args
    }
    (wanted,) = alone(**data)
    np.testing.assert_allclose(f(**data)[0], wanted, rtol=1e-13)


@pytest.mark.parametrize(
    ("value", "others"),
    [
        ("sum(G*(A*gain + bias))", ["sum(G*A, axis=0)"]),  # one term only
        ("sum(G*(A*gain + bias))", ["sum(G*A, axis=1)", "sum(G, axis=0)"]),  # over another axis
        ("sum(G*(A*gain + bias))", ["sum(G*B, axis=0)", "sum(G, axis=0)"]),
        ("sum(G*(A*gain + bias))", ["mean(G*A, axis=0)", "mean(G, axis=0)"]),  # divided by n
        ("sum(G*(A - B))", ["sum(G*A)", "sum(G*B)"]),  # exact terms may cancel exactly
        ("sum(G*(A*gain + bias))", ["G*(A*gain + bias)", "sum(G*A, axis=0)", "sum(G, axis=0)"]),
        ("sum(G*(A @ B.T @ A + bias))", ["sum(G*(A @ B.T @ A))", "sum(G, axis=0)"]),
    ],
)
def test_other_results_stay(value, others):
    assert not changed(value, *others)


def test_two_results_do_not_come_from_each_other():
    roots = [
        parse(text, GIVEN)
        for text in ("sum(G*(A*gain + B*gain), axis=0)", "sum(G*A, axis=0)", "sum(G*B, axis=0)")
    ]
    again = from_other_results({each: each for each in roots}, roots)
    assert isinstance(again[roots[0]], Sum)
    assert [again[each] for each in roots[1:]] == roots[1:]
