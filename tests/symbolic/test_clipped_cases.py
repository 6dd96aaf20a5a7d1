"""Cases inside and beyond a bound with the clipped value: the numbers of the cases, for all numbers."""

import numpy as np
import pytest

from symbolic import gradient, lambdify, parse

GIVEN = {"u": "n", "v": "n", "w": "n", "d": ": positive", "s": ": positive", "free": ""}
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-310]

CLIPPED = {
    "where(abs(u) <= 2, u, 2*sign(u))": lambda u, v, d, s: (abs(u) <= 2, u, 2 * np.sign(u)),
    "where(abs(u) < d, u, d*sign(u))": lambda u, v, d, s: (abs(u) < d, u, d * np.sign(u)),
    "where(abs(u) <= 2, 3*u**2/2 + w, 6*(abs(u) - 1) + w)": lambda u, v, d, s: (
        abs(u) <= 2,
        3 * u**2 / 2 + 1,
        6 * (abs(u) - 1) + 1,
    ),
    "where(abs(u) > d, d*(abs(u) - d/2), u**2/2)": lambda u, v, d, s: (
        abs(u) <= d,
        u**2 / 2,
        d * (abs(u) - d / 2),
    ),
    "where(d >= abs(u - v), (u - v)**2/(2*d), abs(u - v) - d/2)": lambda u, v, d, s: (
        abs(u - v) <= d,
        ((u - v) / d) * ((u - v) / 2),
        abs(u - v) - d / 2,
    ),
    "where(abs((u - v)/s) < d, ((u - v)/s)**2/2, d*abs((u - v)/s) - d**2/2)": lambda u, v, d, s: (
        abs((u - v) / s) < d,
        ((u - v) / s) ** 2 / 2,
        d * (abs((u - v) / s) - d / 2),
    ),
    "where(abs(u) > d, 7, 7*u**2/d**2)": lambda u, v, d, s: (
        abs(u) <= d,
        7 * (u / d) ** 2,
        np.where(np.isnan(u), u, 7),
    ),
    "where(abs(u) <= d, w*u**3, w*d**3*sign(u))": lambda u, v, d, s: (
        abs(u) <= d,
        u**3,
        d**3 * np.sign(u),
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", CLIPPED)
def test_the_numbers_are_those_of_the_cases(text):
    f = lambdify(parse(text, GIVEN), check=False)
    assert ".clip(" in f.source
    assert "np.where" not in f.source
    rng = np.random.default_rng(3)
    for d in (1.0, 2.5, 1e-3, 1e5):
        near = [d, -d, np.nextafter(d, 9 * d), np.nextafter(-d, 0)]
        u = np.array([*rng.normal(size=40) * d, *near, *SPECIAL])
        data = {"u": u, "v": 0 * np.ones(len(u)), "w": np.ones(len(u)), "d": d, "s": 1.0}
        with np.errstate(all="ignore"):
            asked, within, beyond = CLIPPED[text](u, data["v"], d, 1.0)
            wanted = np.where(asked, within, beyond)
            found = f(**{name: data[name] for name in f.args})
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    "text",
    [
        "where(abs(u) <= 1, u**2, 2*abs(u))",  # jumps
        "where(abs(u) <= 1, u, -sign(u))",
        "where(abs(u) <= free, u, free*sign(u))",  # a bound that may be negative
        "where(abs(u) <= d, u**2, d**2)",  # NaN is beyond, and no NaN there
        "where(abs(u) <= v, u, v*sign(u))",
        "where(u <= 1, u, sign(u))",
        "where(abs(u) <= 1, u + u**3, 2*sign(u))",  # two powers
        "where(abs(u - v) <= 1, u, v + sign(u - v))",  # digits of u - v that u does not have
        "where(abs(u) <= 1, exp(u), exp(sign(u)))",
    ],
)
def test_other_cases_stay(text):
    f = lambdify(parse(text, GIVEN))
    assert ".clip(" not in f.source
    u = np.array([0.25, -0.5, 1.5, -3.0])
    data = {"u": u, "v": np.full(4, 0.5), "d": 0.75, "free": -1.0}
    named = {**data, "abs": np.abs, "sign": np.sign, "exp": np.exp, "where": np.where}
    found = f(**{name: data[name] for name in f.args})
    np.testing.assert_allclose(found, eval(text, {}, named), rtol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "mean(where(abs(X @ w - y) <= d, (X @ w - y)**2/2, d*(abs(X @ w - y) - d/2)))",
        "mean(where(abs(X @ w - y) < d, (X @ w - y)**2/(2*d), abs(X @ w - y) - d/2))",
        "sum(where(abs((y - X @ w)/d) < 3/2, ((y - X @ w)/d)**2/2, 3*abs((y - X @ w)/d)/2 - 9/8))",
    ],
)
def test_value_and_gradient_clip_once(text):
    loss = parse(text, {"X": "n d", "w": "d", "y": "n", "d": ": positive"} | {"X": "n k", "w": "k"})
    f = lambdify((loss, gradient(loss, "w")))
    lines = f.source.split("def f", 1)[1]
    assert lines.count(".clip(") == 1
    assert "np." not in lines.replace("np.float16", "")
    rng = np.random.default_rng(5)
    X, w, y = rng.normal(size=(30, 4)), rng.normal(size=4), rng.normal(size=30)
    _, slope = f(X=X, w=w, y=y, d=0.8)
    step = 1e-6 * np.eye(4)
    wanted = [
        (f(X=X, w=w + e, y=y, d=0.8)[0] - f(X=X, w=w - e, y=y, d=0.8)[0]) / 2e-6 for e in step
    ]
    np.testing.assert_allclose(slope, wanted, rtol=1e-7)


def test_bounds_far_out_neither_overflow_nor_vanish():
    text = "where(abs(u) < d, u**2/(2*d), abs(u) - d/2)"
    f = lambdify(parse(text, GIVEN))
    for d in (1e-200, 1e200):
        found = f(u=np.array([0.5, -1, 3]) * d, d=d)
        np.testing.assert_allclose(found / d, [0.125, 0.5, 2.5], rtol=1e-15)
