"""Functions of one number with their true derivatives: the examination of `numeric.derivative`.

`all_pairs()` are hundreds of functions at a point each. The float function is what is
differentiated; the truth is the derivative of the same text as mathematics at the same
floating-point number, a central difference of mpmath at 110 digits that is right to 50. `examine`
counts how often the bar holds and how often it says something.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
from scipy import special

DIGITS = 110
SEED = 20260101  # of the random compositions
EPS = float(np.finfo(float).eps)

_NAMES = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "log1p", "expm1")
FLOAT = SimpleNamespace(
    **{name: getattr(np, name) for name in _NAMES},
    atan=np.arctan, asin=np.arcsin, acos=np.arccos, asinh=np.arcsinh, atanh=np.arctanh,
    erf=special.erf, erfc=special.erfc, gamma=special.gamma, loggamma=special.gammaln,
    j0=special.j0,
)  # fmt: skip
EXACT = SimpleNamespace(
    **{name: getattr(mpmath, name) for name in _NAMES},
    atan=mpmath.atan, asin=mpmath.asin, acos=mpmath.acos, asinh=mpmath.asinh, atanh=mpmath.atanh,
    erf=mpmath.erf, erfc=mpmath.erfc, gamma=mpmath.gamma, loggamma=mpmath.loggamma,
    j0=lambda x: mpmath.besselj(0, x),
)  # fmt: skip

Function = Callable[[Any, Any], Any]  # of the number and of the functions to use


@dataclass(frozen=True)
class Pair:
    """A function at a point: `f` in floating point, `true` its derivative there."""

    name: str
    f: Callable[[float], Any]
    x: float
    true: float
    category: str


def _pair(name: str, function: Function, x: float, category: str) -> Pair | None:
    """The pair, unless the value or the derivative is out of range."""
    x = float(x)

    def f(t: float) -> Any:
        with np.errstate(all="ignore"):
            return function(t, FLOAT)

    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            value = float(function(np.float64(x), FLOAT))
        with mpmath.workdps(DIGITS):
            reach = mpmath.mpf(10) ** -40 * (abs(mpmath.mpf(x)) or 1)
            ends = [function(mpmath.mpf(x) + sign * reach, EXACT) for sign in (1, -1)]
            slope = (ends[0] - ends[1]) / (2 * reach)
        true = float(slope)
    except (TypeError, ValueError, ArithmeticError):
        return None
    if not 1e-250 < abs(true) + abs(value) < 1e250:
        return None
    return Pair(f"{name} at {x:.6g}", f, x, true, category)


def _table() -> Iterator[tuple[str, str, Function, list[float]]]:
    """Category, name, function and points."""
    ordinary = [-3.3, -1.0, -0.1, 0.01, 0.7, 1.9, 12.0]
    positive = [1e-3, 0.2, 1.0, 3.7, 45.0]
    for name in ("exp", "sin", "cos", "tanh", "sinh", "atan", "asinh", "erf", "expm1", "j0"):
        yield "ordinary", name, (lambda t, m, name=name: getattr(m, name)(t)), ordinary
    for name in ("log", "sqrt", "loggamma", "log1p", "gamma"):
        yield "ordinary", name, (lambda t, m, name=name: getattr(m, name)(t)), positive
    yield "ordinary", "polynomial", lambda t, m: 3 * t**5 - 2 * t**3 + t - 7, ordinary
    yield "ordinary", "rational", lambda t, m: (t * t - 2) / (1 + t**4), ordinary
    yield "ordinary", "softplus", lambda t, m: m.log(1 + m.exp(t)), ordinary
    yield "ordinary", "logistic", lambda t, m: 1 / (1 + m.exp(-t)), ordinary
    yield "ordinary", "bell", lambda t, m: m.exp(-t * t / 2), ordinary
    yield "ordinary", "linear", lambda t, m: 3 * t - 1, [*ordinary, 0.0, 1e8, -1e-8]
    yield "ordinary", "constant", lambda t, m: 0 * t + 5, [0.0, 1e-8, -2.0, 1e8]
    yield "ordinary", "at 0", lambda t, m: m.sin(t) + m.exp(2 * t), [0.0]

    scales = [s * 10.0**k for k in range(-8, 9, 2) for s in (1.7, -3.1)]
    upper = [2.3 * 10.0**k for k in range(-8, 9, 2)]
    yield "ill-scaled", "square", lambda t, m: t * t, scales
    yield "ill-scaled", "cube plus t", lambda t, m: t**3 + t, scales
    yield "ill-scaled", "log", lambda t, m: m.log(t), upper
    yield "ill-scaled", "sqrt", lambda t, m: m.sqrt(t), upper
    yield "ill-scaled", "t log t", lambda t, m: t * m.log(t), upper
    yield "ill-scaled", "1/t", lambda t, m: 1 / t, scales
    yield "ill-scaled", "t^-3.5", lambda t, m: t ** (-3.5), upper
    yield "ill-scaled", "atan", lambda t, m: m.atan(t), scales
    yield "ill-scaled", "1/(1+t^2)", lambda t, m: 1 / (1 + t * t), scales
    yield "ill-scaled", "exp(-1e8 t)", lambda t, m: m.exp(-1e8 * t), [1e-9, 1e-8, 5e-8, 2e-7]
    yield "ill-scaled", "sin(t/1e8)", lambda t, m: m.sin(t / 1e8), [1e6, 3e7, 1e8, 9e8]
    yield "ill-scaled", "1e8 sin", lambda t, m: 1e8 * m.sin(t), ordinary
    yield "ill-scaled", "1e-8 cosh", lambda t, m: 1e-8 * m.cosh(t), ordinary
    yield "ill-scaled", "1e-12 exp", lambda t, m: 1e-12 * m.exp(t), ordinary
    yield "ill-scaled", "tanh(1e6 t)", lambda t, m: m.tanh(1e6 * t), [0.0, 1e-7, -1e-6, 3e-6]
    narrow = [1 + 1e-5 * k for k in (-1.5, -0.2, 0.4, 1.1)]
    yield "ill-scaled", "bump of width 1e-5", lambda t, m: m.exp(-((1e5 * (t - 1)) ** 2)), narrow
    yield "ill-scaled", "tanh(t - 1e8)", lambda t, m: m.tanh(t - 1e8), [1e8 + 0.25, 1e8 - 1.0]
    yield (
        "ill-scaled",
        "sin(t - 1e6)",
        lambda t, m: m.sin(t - 1e6),
        [1e6 + 0.3, 1e6 - 2.0, 1e6 + 4.7],
    )

    for frequency in (1e2, 1e3, 1e4):
        yield (
            "oscillating", f"sin({frequency:g} t)",
            lambda t, m, w=frequency: m.sin(w * t), [0.0, 0.01, 0.3, -1.1, 2.5],
        )  # fmt: skip
    yield "oscillating", "sin(1/t)", lambda t, m: m.sin(1 / t), [0.004, 0.01, -0.03, 0.2, 1.0]
    yield "oscillating", "t^2 with ripple", lambda t, m: t * t + 1e-5 * m.sin(1e3 * t), ordinary
    yield "oscillating", "t with ripple 1e-6", lambda t, m: t + 1e-6 * m.cos(1e4 * t), ordinary
    yield "oscillating", "cos(t^2)", lambda t, m: m.cos(t * t), [1.0, 10.0, 30.0, -75.0]
    yield "oscillating", "beats", lambda t, m: m.sin(100 * t) * m.sin(103 * t), ordinary
    yield "oscillating", "cos(50 t) exp(-t)", lambda t, m: m.cos(50 * t) * m.exp(-t), ordinary
    yield "oscillating", "sin(exp t)", lambda t, m: m.sin(m.exp(t)), [0.0, 3.0, 6.0, 8.0]

    yield "flat", "exp(-t^2)", lambda t, m: m.exp(-t * t), [4.0, 7.0, -10.0, 0.0, 1e-6]
    yield "flat", "tanh", lambda t, m: m.tanh(t), [8.0, 15.0, -25.0]
    yield "flat", "logistic", lambda t, m: 1 / (1 + m.exp(-t)), [-40.0, -100.0, 20.0, 40.0]
    yield "flat", "exp(-1/t^2)", lambda t, m: m.exp(-1 / (t * t)), [0.05, 0.1, 0.3, -0.2]
    yield "flat", "t^4", lambda t, m: t**4, [0.0, 1e-4, 1e-2, -1e-3]
    yield "flat", "t^3", lambda t, m: t**3, [0.0, 1e-5, -1e-2]
    yield "flat", "1 + 1e-9 sin", lambda t, m: 1 + 1e-9 * m.sin(t), ordinary
    yield "flat", "cosh at 0", lambda t, m: m.cosh(t), [0.0, 1e-9, 1e-5]
    yield "flat", "stationary cos", lambda t, m: m.cos(t), [math.pi, 2 * math.pi]
    yield "flat", "t^20", lambda t, m: t**20, [0.0, 0.1, 0.5, 2.0]
    yield "flat", "erf", lambda t, m: m.erf(t), [3.0, 5.0, -6.0]

    small = [1e-2, 1e-4, -1e-5, 1e-6]
    yield "cancelling", "(exp t - 1)/t", lambda t, m: (m.exp(t) - 1) / t, small
    yield "cancelling", "(1 - cos t)/t^2", lambda t, m: (1 - m.cos(t)) / t**2, small[:3]
    yield "cancelling", "log(1 + t)", lambda t, m: m.log(1 + t), [*small, 1e-9, 1e-12]
    yield "cancelling", "1 - cos", lambda t, m: 1 - m.cos(t), small
    yield "cancelling", "t - sin", lambda t, m: t - m.sin(t), small
    yield "cancelling", "root difference", lambda t, m: m.sqrt(t + 1) - m.sqrt(t), [50.0, 1e3, 1e6]
    yield (
        "cancelling",
        "(t - 1)^3 expanded",
        lambda t, m: t**3 - 3 * t**2 + 3 * t - 1,
        [0.9, 1.01, 1.2],
    )
    yield (
        "cancelling", "(t - 2)^7 expanded",
        lambda t, m: t**7 - 14 * t**6 + 84 * t**5 - 280 * t**4 + 560 * t**3 - 672 * t**2 + 448 * t - 128,
        [1.9, 2.05, 2.3],
    )  # fmt: skip
    yield "cancelling", "tan - sin", lambda t, m: m.tan(t) - m.sin(t), small[:3]
    yield "cancelling", "log of a ratio", lambda t, m: m.log((t + 1e-6) / t), [0.5, 2.0, 1e2]
    yield "cancelling", "cosh^2 - sinh^2", lambda t, m: m.cosh(t) ** 2 - m.sinh(t) ** 2, [1.0, 5.0]

    gaps = [1e-2, 1e-4, 1e-6, 1e-8]
    below = [1 - gap for gap in gaps]
    yield "edge", "log", lambda t, m: m.log(t), [1e-3, 1e-7, 1e-12, 1e-100]
    yield "edge", "sqrt", lambda t, m: m.sqrt(t), [1e-3, 1e-7, 1e-12, 1e-100]
    yield "edge", "log(1 - t)", lambda t, m: m.log(1 - t), below
    yield "edge", "sqrt(1 - t)", lambda t, m: m.sqrt(1 - t), below
    yield "edge", "asin", lambda t, m: m.asin(t), below
    yield "edge", "acos", lambda t, m: m.acos(t), [-v for v in below]
    yield "edge", "atanh", lambda t, m: m.atanh(t), below
    yield "edge", "logit", lambda t, m: m.log(t / (1 - t)), [*below, *gaps]
    yield "edge", "tan", lambda t, m: m.tan(t), [math.pi / 2 - gap for gap in gaps]
    yield "edge", "gamma", lambda t, m: m.gamma(t), gaps
    yield "edge", "loggamma", lambda t, m: m.loggamma(t), gaps
    yield "edge", "1/(t - 1)", lambda t, m: 1 / (t - 1), below
    yield "edge", "(t - 1)^1.5", lambda t, m: m.sqrt(t - 1) ** 3, [1 + gap for gap in gaps]
    yield "edge", "barrier", lambda t, m: t * t - 1e-3 * m.log(1 - t), below
    yield (
        "edge",
        "t log t + (1-t) log(1-t)",
        lambda t, m: t * m.log(t) + (1 - t) * m.log(1 - t),
        [*below, *gaps],
    )
    yield "edge", "log(sin t)", lambda t, m: m.log(m.sin(t)), [*gaps, 3.14, 3.1415]

    for offset in (1e4, 1e6, 1e8):
        yield "offset", f"{offset:g} + sin", lambda t, m, c=offset: c + m.sin(t), ordinary
        yield "offset", f"{offset:g} + t^2", lambda t, m, c=offset: c + t * t, [0.5, 3.0, -20.0]
    yield "offset", "1e10 - exp", lambda t, m: 1e10 - m.exp(t), [0.0, 5.0, 20.0]
    yield "offset", "1e6 (1 + 1e-6 t)^2", lambda t, m: 1e6 * (1 + 1e-6 * t) ** 2, ordinary

    yield "product", "t exp(-t) sin", lambda t, m: t * m.exp(-t) * m.sin(t), ordinary
    yield "product", "t^20 exp(-t)", lambda t, m: t**20 * m.exp(-t), [0.5, 5.0, 20.0, 60.0]
    yield "product", "exp(50 t)", lambda t, m: m.exp(50 * t), [-2.0, -0.1, 0.3, 2.0]
    yield "product", "gamma", lambda t, m: m.gamma(t), [3.3, 20.5, 80.2]
    yield (
        "product",
        "ten factors",
        lambda t, m: math.prod((t - k) for k in range(10)),
        [0.5, 4.4, 9.3, 30.0],
    )
    yield "product", "tower", lambda t, m: m.exp(m.sin(m.exp(m.cos(t)))), ordinary
    yield "product", "newton root", lambda t, m: _newton(t), [0.3, 2.0, 77.0, 1e6]
    yield "product", "continued fraction", lambda t, m: _fraction(t), [0.2, 1.0, 9.0]
    yield "product", "logistic map, 12 turns", lambda t, m: _orbit(t), [0.2, 0.37, 0.81]


def _newton(t: Any) -> Any:
    y = 1 + t / 2
    for _ in range(25):
        y = (y + t / y) / 2
    return y


def _fraction(t: Any) -> Any:
    value = 1 + 0 * t
    for k in range(20, 0, -1):
        value = k + t / value
    return value


def _orbit(t: Any) -> Any:
    for _ in range(12):
        t = 3.8 * t * (1 - t)
    return t


_OUTER = ("exp", "sin", "cos", "tanh", "atan", "log1p", "expm1", "sqrt", "erf", "asinh", "log")


def random_function(rng: np.random.Generator, depth: int) -> tuple[str, Function]:
    """A composition drawn from a grammar, as text and as a function."""
    if depth == 0:
        if rng.random() < 0.7:
            return "t", lambda t, m: t
        c = round(float(rng.normal()) * 10.0 ** int(rng.integers(-2, 3)), 4)
        return f"({c:g}*t + 1)", lambda t, m: c * t + 1
    a, f = random_function(rng, depth - 1)
    kind = rng.random()
    if kind < 0.45:
        name = str(rng.choice(_OUTER))
        if name in ("log", "sqrt", "log1p"):
            return f"{name}(({a})^2 + 1e-3)", lambda t, m: getattr(m, name)(f(t, m) ** 2 + 1e-3)
        return f"{name}({a})", lambda t, m: getattr(m, name)(f(t, m))
    if kind < 0.55:
        power = int(rng.choice([2, 3, 5, -1, -2]))
        return f"({a})^{power}", lambda t, m: f(t, m) ** power
    b, g = random_function(rng, depth - 1)
    operation = int(rng.integers(4))
    if operation == 0:
        return f"({a} + {b})", lambda t, m: f(t, m) + g(t, m)
    if operation == 1:
        return f"({a} - {b})", lambda t, m: f(t, m) - g(t, m)
    if operation == 2:
        return f"({a})*({b})", lambda t, m: f(t, m) * g(t, m)
    return f"({a})/(1 + ({b})^2)", lambda t, m: f(t, m) / (1 + g(t, m) ** 2)


def random_pairs(seed: int, count: int) -> list[Pair]:
    """Random compositions at random points of sizes 1e-3 to 1e3."""
    rng = np.random.default_rng(seed)
    found: list[Pair] = []
    while len(found) < count:
        text, function = random_function(rng, int(rng.integers(1, 5)))
        x = float(rng.choice([-1.0, 1.0])) * 10.0 ** float(rng.uniform(-3, 3))
        pair = _pair(f"seed {seed}: {text}", function, x, "random")
        if pair is not None:
            found.append(pair)
    return found


def fixed_pairs() -> list[Pair]:
    """The pairs of the table."""
    pairs = (_pair(name, f, x, kind) for kind, name, f, points in _table() for x in points)
    return [pair for pair in pairs if pair is not None]


def all_pairs(random: int = 200) -> list[Pair]:
    """The table and random compositions of the fixed seed."""
    return fixed_pairs() + random_pairs(SEED, random)


@dataclass(frozen=True)
class Score:
    """How one category went."""

    pairs: int
    within: int  # the true error is at most the bar
    useful: int  # the bar is at most 100 true errors, or at rounding level
    missed: tuple[str, ...]
    vacuous: tuple[str, ...]


def rounding_level(pair: Pair) -> float:
    """The bar that rounding alone excuses, 1000 eps max(|f'|, |f/x|)."""
    value = abs(float(pair.f(np.float64(pair.x))))
    return 1e3 * EPS * max(abs(pair.true), value / (abs(pair.x) or 1.0))


def examine(derivative: Callable[..., Any], pairs: list[Pair]) -> dict[str, Score]:
    """The score of a function that answers with `value` and `bar`, by category and for "all"."""
    rows: dict[str, list[tuple[bool, bool, str]]] = {"all": []}
    for pair in pairs:
        found = derivative(pair.f, pair.x)
        value, bar = float(found.value), float(found.bar)
        error = abs(value - pair.true)
        within = bool(error <= bar) if np.isfinite(value) else bar == np.inf
        useful = bool(bar <= max(100 * error, rounding_level(pair)))
        text = f"{pair.name}: {value:.17g} +- {bar:.2g}, true {pair.true:.17g}, {found.status}"
        for key in ("all", pair.category):
            rows.setdefault(key, []).append((within, useful, text))
    return {
        key: Score(
            len(some),
            sum(row[0] for row in some),
            sum(row[1] for row in some),
            tuple(row[2] for row in some if not row[0]),
            tuple(row[2] for row in some if not row[1]),
        )
        for key, some in rows.items()
    }


def report(scores: dict[str, Score]) -> str:
    """A table of the scores."""
    lines = [f"{'category':<14}{'pairs':>6}{'within bar':>12}{'bar useful':>12}"]
    for key, score in scores.items():
        shares = f"{score.within / score.pairs:>12.1%}{score.useful / score.pairs:>12.1%}"
        lines.append(f"{key:<14}{score.pairs:>6}{shares}")
    return "\n".join(lines)
