"""Zero times the logarithm of zero is zero, for one item and for many."""

import warnings

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify

P, Q = np.array([0, 0.5, 0.5]), np.array([0, 0.25, 0.75])
Y, ROWS = np.eye(3)[[0, 1]], np.array([[1, 0, 0], [0.5, 0.5, 0]])
TWO = {"p": "n: prob", "q": "n: prob"}

CASES = [
    ("sum(p*log(p))", {"p": "n: prob"}, {"p": P}, -np.log(2)),
    ("-2*sum(p*log(p))", {"p": "n: prob"}, {"p": P}, 2 * np.log(2)),
    ("sum(p*log(p/q))", TWO, {"p": P, "q": Q}, np.log(4 / 3) / 2),
    ("sum(p*(log(p) - log(q)))", TWO, {"p": P, "q": Q}, np.log(4 / 3) / 2),
    ("sum(p*(1 + 2*log(q)))", TWO, {"p": P, "q": Q}, 1 + np.log(3 / 16)),
    (
        "-mean(y*log(q) + (1 - y)*log(1 - q))",
        {"y": "n: unit", "q": "n: unit"},
        {"y": np.array([0, 1, 0.5]), "q": np.array([0, 1, 0.5])},
        np.log(2) / 3,
    ),
    (
        "-sum(Y*log(P))/n",
        {"Y": "n k: onehot", "P": "n k: prob"},
        {"Y": Y, "P": ROWS},
        np.log(2) / 2,
    ),
    ("sum(P*log(P), axis=1)", {"P": "n k: prob"}, {"P": ROWS}, [0, -np.log(2)]),
    ("sum(P*log(P), axis=0)", {"P": "n k: prob columns"}, {"P": ROWS.T}, [0, -np.log(2)]),
    ("y @ log(p)", {"y": "n: onehot", "p": "n: prob"}, {"y": Y[1], "p": P}, -np.log(2)),
    ("c*log(x)", {"c": ": nonnegative", "x": "n: unit"}, {"c": 0, "x": np.zeros(2)}, [0, 0]),
]


def quietly(function, **values):
    with np.errstate(divide="ignore", invalid="ignore"):  # of p/q, which is not taken at 0/0
        return function(**values)


@pytest.mark.parametrize(
    ("text", "given", "values", "wanted"), CASES, ids=[case[0] for case in CASES]
)
def test_for_one_item_and_for_many(text, given, values, wanted):
    e = s.parse(text, given)
    np.testing.assert_allclose(quietly(lambdify(e), **values), wanted, rtol=1e-14)
    for batch in (True, *([name] for name in given)):
        names = given if batch is True else batch
        many = {
            name: np.stack([value] * 4) if name in names else value
            for name, value in values.items()
        }
        found = quietly(lambdify(e, batch=batch), **many)
        np.testing.assert_allclose(found, [wanted] * 4, rtol=1e-14)


def test_rows_of_zeros_and_one_beside_one_distribution():
    f = lambdify("Y @ log(p)", {"Y": "n k: onehot", "p": "k: prob"}, batch=["Y"])
    np.testing.assert_allclose(f([Y[1:], Y[1:]], P), [[-np.log(2)], [-np.log(2)]], rtol=1e-15)
    assert f(Y[1:], P) == [-np.log(2)]


def test_no_warning_is_given_for_a_logarithm_that_is_not_taken():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = lambdify("y @ log(q)", {"y": "n: prob", "q": "n: prob"}, batch=["y"])
        assert f([P, P], Q).shape == (2,)


def test_what_is_impossible_and_happened_is_infinite():
    e = s.parse("sum(y*log(q))", {"y": "n: prob", "q": "n: prob"})
    y, q = np.array([0.5, 0.5, 0]), np.array([0, 0, 1.0])
    with np.errstate(divide="ignore"):
        assert lambdify(e)(y, q) == -np.inf
        assert list(lambdify(e, batch=["y"])([y, [0, 0, 1]], q)) == [-np.inf, 0]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("sum(p*log(p))", {"p": "n: positive"}),
        ("sum(x*log(p))", {"x": "n", "p": "n: prob"}),
        ("sum(p*log(x))", {"x": "n", "p": "n: prob"}),
        ("A @ log(B)", {"A": "n m: prob", "B": "m k: prob"}),
    ],
)
def test_other_logarithms_stay_as_they_are(text, given):
    assert "where" not in lambdify(text, given).source


def test_domains_of_rows_are_those_of_many_items():
    f = lambdify("sum(p*log(p))", {"p": "n: prob"}, batch=True)
    with pytest.raises(s.DomainError, match=r"in item \[1\]"):
        f([[0.5, 0.5], [0.5, 0.6]])
    assert "p: array of shape (batch, n), prob" in f.source
