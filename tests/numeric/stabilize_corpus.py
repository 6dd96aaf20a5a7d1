"""Naive formulas of machine learning with domains, and the best forms known for them.

A domain names a law for each variable: ("log", low, high) is log-uniform, ("signed", low, high)
the same with both signs, ("uniform", low, high), ("near", other, low, high) another variable times
1 + d with |d| log-uniform and both signs, ("beside", centre, low, high) a number plus such a d.
The cases are in two halves: rules were tuned on the first, the second was only watched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special as sp

from numeric.stabilizing.primitives import expm1mx, log1mexp, log1pmx, sigmoid, softplus, stirling

Law = tuple[Any, ...]


@dataclass(frozen=True)
class Case:
    """A naive expression, where it is used, and the best form known (None: no better one)."""

    name: str
    expression: str
    domain: dict[str, Law]
    best: Callable[..., Any] | None

    def points(self, rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
        """Random points of the domain."""
        drawn: dict[str, np.ndarray] = {}
        for name, law in self.domain.items():
            drawn[name] = draw(law, rng, size, drawn)
        return drawn


def draw(law: Law, rng: np.random.Generator, size: int, drawn: dict) -> np.ndarray:
    """Random values of one variable."""
    kind, *rest = law
    if kind == "uniform":
        return rng.uniform(*rest, size)
    sizes = np.exp(rng.uniform(np.log(rest[-2]), np.log(rest[-1]), size))
    if kind == "log":
        return sizes
    signed = sizes * rng.choice([-1.0, 1.0], size)
    if kind == "signed":
        return signed
    if kind == "near":
        return drawn[rest[0]] * (1 + signed)
    return rest[0] + signed  # beside


_WIDE = ("signed", 1e-10, 700)
_LOGIT = ("signed", 1e-3, 800)
_LOGITS = {"a": _LOGIT, "b": _LOGIT, "c": _LOGIT}
_P = ("log", 1e-30, 0.999)
_CLOSE = {"p": ("uniform", 0.05, 0.6), "q": ("near", "p", 1e-9, 0.1)}
_POSITIVE = ("log", 1e-3, 1e3)


def _lse(*terms):
    return sp.logsumexp(np.stack(np.broadcast_arrays(*terms)), axis=0)


def _rest(*differences):
    return np.logaddexp(0, _lse(*differences))


def _kl(p, q):
    return -p * log1pmx((q - p) / p) - (1 - p) * log1pmx((p - q) / (1 - p))


TUNED: tuple[Case, ...] = (
    Case("one_minus_sigmoid", "1-1/(1+exp(-x))", {"x": _WIDE}, lambda x: sigmoid(-x)),
    Case("log_sigmoid", "log(1/(1+exp(-x)))", {"x": _WIDE}, lambda x: -softplus(-x)),
    Case("softplus", "log(1+exp(x))", {"x": _WIDE}, softplus),
    Case("logaddexp", "log(exp(a)+exp(b))", {"a": _LOGIT, "b": _LOGIT}, np.logaddexp),
    Case("logsumexp_3", "log(exp(a)+exp(b)+exp(c))", _LOGITS, lambda a, b, c: _lse(a, b, c)),
    Case(
        "confident_class",
        "log(exp(a)+exp(b)+exp(c))-a",
        {"a": ("log", 1, 800), "b": _LOGIT, "c": _LOGIT},
        lambda a, b, c: _rest(b - a, c - a),
    ),
    Case(
        "silu",
        "x/(1+exp(-x))",
        {"x": _LOGIT},
        lambda x: np.where(
            x < -40, x * np.exp(x / 2) * np.exp(np.minimum(x, 0) / 2), x * sp.expit(x)
        ),
    ),
    Case("tanh_by_exp2x", "(exp(2*x)-1)/(exp(2*x)+1)", {"x": _WIDE}, np.tanh),
    Case(
        "exp_difference",
        "exp(a)-exp(b)",
        {"a": ("signed", 0.01, 100), "b": ("near", "a", 1e-12, 0.1)},
        lambda a, b: np.exp(b) * np.expm1(a - b),
    ),
    Case(
        "student_t_kernel",
        "log(1+x**2/v)",
        {"x": ("log", 1e-12, 1e200), "v": ("log", 1, 1e4)},
        lambda x, v: np.where(
            x > 1e100, 2 * np.log(x) - np.log(v), np.log1p(np.minimum(x, 1e100) ** 2 / v)
        ),
    ),
    Case(
        "hypot",
        "sqrt(x**2+y**2)",
        {"x": ("log", 1e-200, 1e200), "y": ("near", "x", 1e-3, 10)},
        np.hypot,
    ),
    Case("kl_bernoulli_close", "p*log(p/q)+(1-p)*log((1-p)/(1-q))", _CLOSE, _kl),
    Case("log1mexp", "log(1-exp(-x))", {"x": ("log", 1e-10, 700)}, lambda x: log1mexp(-x)),
    Case("logit", "log(p/(1-p))", {"p": _P}, sp.logit),
    Case(
        "logit_near_half",
        "log(p/(1-p))",
        {"p": ("beside", 0.5, 1e-12, 0.1)},
        lambda p: 2 * np.arctanh(2 * p - 1),
    ),
    Case(
        "bce_with_logits",
        "-(y*log(1/(1+exp(-z)))+(1-y)*log(1-1/(1+exp(-z))))",
        {"y": ("uniform", 0, 1), "z": _LOGIT},
        lambda y, z: y * softplus(-z) + (1 - y) * softplus(z),
    ),
    Case(
        "gelu_exact",
        "x*(1+erf(x/sqrt(2)))/2",
        {"x": ("signed", 1e-3, 37)},
        lambda x: x * sp.ndtr(x),
    ),
    Case("mish", "x*tanh(log(1+exp(x)))", {"x": _LOGIT}, None),
    Case(
        "entropy_bernoulli",
        "-p*log(p)-(1-p)*log(1-p)",
        {"p": ("log", 1e-30, 0.5)},
        lambda p: -p * np.log(p) - (1 - p) * np.log1p(-p),
    ),
    Case(
        "kl_gaussian_close",
        "log(t/s)+s**2/(2*t**2)-1/2",
        {"s": _POSITIVE, "t": ("near", "s", 1e-9, 0.1)},
        lambda s, t: -log1pmx((s - t) * (s + t) / t**2) / 2,
    ),
    Case(
        "poisson_deviance",
        "2*(y*log(y/m)-(y-m))",
        {"y": _POSITIVE, "m": ("near", "y", 1e-9, 0.5)},
        lambda y, m: -2 * y * log1pmx((m - y) / y),
    ),
    Case(
        "log_cosh",
        "log((exp(x)+exp(-x))/2)",
        {"x": _WIDE},
        lambda x: np.where(
            np.abs(x) < 1,
            np.log1p(2 * np.sinh(np.clip(x, -1, 1) / 2) ** 2),
            np.abs(x) + np.log1p(np.exp(-2 * np.abs(x))) - np.log(2),
        ),
    ),
    Case(
        "variance_of_two",
        "(a**2+b**2)/2-((a+b)/2)**2",
        {"a": _POSITIVE, "b": ("near", "a", 1e-9, 0.5)},
        lambda a, b: ((a - b) / 2) ** 2,
    ),
    Case(
        "adam_bias",
        "1-b**t",
        {"b": ("beside", 1 - 1e-3, 1e-6, 9e-4), "t": ("log", 1, 1e5)},
        lambda b, t: -np.expm1(t * np.log(b)),
    ),
    Case(
        "box_cox",
        "(x**m-1)/m",
        {"x": _POSITIVE, "m": ("signed", 1e-12, 3)},
        lambda x, m: np.expm1(m * np.log(x)) / m,
    ),
    Case(
        "log_binomial",
        "lgamma(n+1)-lgamma(k_+1)-lgamma(n-k_+1)",
        {"n": ("log", 10, 1e6), "k_": ("uniform", 1, 9)},
        lambda n, k_: -np.log1p(n) - sp.betaln(n - k_ + 1, k_ + 1),
    ),
    Case(
        "mills_ratio",
        "(1-erf(x/sqrt(2)))*exp(x**2/2)",
        {"x": ("log", 1e-3, 1e3)},
        lambda x: sp.erfcx(x / np.sqrt(2)),
    ),
    Case(
        "quadratic_root",
        "(-b+sqrt(b**2-4*a*c))/(2*a)",
        {"a": ("log", 1e-3, 1), "b": ("log", 10, 1e8), "c": ("log", 1e-3, 1)},
        lambda a, b, c: -2 * c / (b + np.sqrt(b * b - 4 * a * c)),
    ),
    Case(
        "sqrt_step",
        "sqrt(x+1)-sqrt(x)",
        {"x": ("log", 1e-3, 1e15)},
        lambda x: 1 / (np.sqrt(x + 1) + np.sqrt(x)),
    ),
    Case(
        "one_minus_cos_over_square",
        "(1-cos(x))/x**2",
        {"x": ("signed", 1e-10, 3)},
        lambda x: (np.sin(x / 2) / (x / 2)) ** 2 / 2,
    ),
    Case("x_minus_sin", "x-sin(x)", {"x": ("signed", 1e-6, 10)}, None),
    Case(
        "sigmoid_slope",
        "1/(1+exp(-x))*(1-1/(1+exp(-x)))",
        {"x": _WIDE},
        lambda x: np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2,
    ),
    Case(
        "cosine_complement",
        "1-(a*c+b*d)/(sqrt(a**2+b**2)*sqrt(c**2+d**2))",
        {
            "a": _POSITIVE,
            "b": _POSITIVE,
            "c": ("near", "a", 1e-9, 1e-2),
            "d": ("near", "b", 1e-9, 1e-2),
        },
        None,
    ),
    Case(
        "jensen_shannon_term",
        "p*log(2*p/(p+q))+q*log(2*q/(p+q))",
        {"p": ("uniform", 0.05, 0.6), "q": ("near", "p", 1e-9, 0.1)},
        lambda p, q: -p * log1pmx((q - p) / (2 * p)) - q * log1pmx((p - q) / (2 * q)),
    ),
)

WATCHED: tuple[Case, ...] = (
    Case(
        "softmax_entry",
        "exp(a)/(exp(a)+exp(b)+exp(c))",
        _LOGITS,
        lambda a, b, c: np.exp(-_rest(b - a, c - a)),
    ),
    Case(
        "minus_log_softmax",
        "-log(exp(a)/(exp(a)+exp(b)+exp(c)))",
        {"a": ("log", 1, 800), "b": _LOGIT, "c": _LOGIT},
        lambda a, b, c: _rest(b - a, c - a),
    ),
    Case(
        "focal_loss",
        "-(1-1/(1+exp(-z)))**2*log(1/(1+exp(-z)))",
        {"z": ("signed", 1e-3, 300)},
        lambda z: sigmoid(-z) ** 2 * softplus(-z),
    ),
    Case(
        "bce",
        "-(y*log(p)+(1-y)*log(1-p))",
        {"y": ("uniform", 0, 1), "p": _P},
        lambda y, p: -(y * np.log(p) + (1 - y) * np.log1p(-p)),
    ),
    Case("tanh_by_two_exp", "(exp(x)-exp(-x))/(exp(x)+exp(-x))", {"x": _WIDE}, np.tanh),
    Case("tanh_slope", "1-tanh(x)**2", {"x": _WIDE}, lambda x: 1 / np.cosh(x) / np.cosh(x)),
    Case(
        "log_odds_difference",
        "log(p/(1-p))-log(q/(1-q))",
        _CLOSE,
        lambda p, q: np.log1p((p - q) / (q * (1 - p))),
    ),
    Case(
        "gamma_deviance",
        "2*((y-m)/m-log(y/m))",
        {"y": _POSITIVE, "m": ("near", "y", 1e-9, 0.5)},
        lambda y, m: -2 * log1pmx((y - m) / m),
    ),
    Case(
        "pseudo_huber",
        "d**2*(sqrt(1+(x/d)**2)-1)",
        {"x": ("signed", 1e-9, 1e6), "d": ("log", 0.1, 10)},
        lambda x, d: x**2 / (1 + np.sqrt(1 + (x / d) ** 2)),
    ),
    Case(
        "hypot_3",
        "sqrt(x**2+y**2+z**2)",
        {"x": ("log", 1e-200, 1e200), "y": ("near", "x", 1e-3, 10), "z": ("near", "x", 1e-3, 10)},
        lambda x, y, z: np.hypot(np.hypot(x, y), z),
    ),
    Case(
        "variance_of_three",
        "(a**2+b**2+c**2)/3-((a+b+c)/3)**2",
        {"a": _POSITIVE, "b": ("near", "a", 1e-9, 0.1), "c": ("near", "a", 1e-9, 0.1)},
        lambda a, b, c: ((a - b) ** 2 + (b - c) ** 2 + (c - a) ** 2) / 9,
    ),
    Case(
        "box_cox_inverse",
        "(m*y+1)**(1/m)",
        {"m": ("log", 1e-12, 1), "y": ("log", 1e-3, 10)},
        lambda m, y: np.exp(np.log1p(m * y) / m),
    ),
    Case(
        "log_beta",
        "lgamma(a)+lgamma(b)-lgamma(a+b)",
        {"a": ("log", 1e2, 1e8), "b": ("log", 1e-1, 10)},
        sp.betaln,
    ),
    Case("lgamma_step", "lgamma(x+1/2)-lgamma(x)", {"x": ("log", 1, 1e10)}, None),
    Case(
        "log_pdf_ratio",
        "log(exp(-(x-a)**2/2)/exp(-(x-b)**2/2))",
        {"x": ("signed", 1e-3, 100), "a": ("signed", 1e-3, 10), "b": ("near", "a", 1e-6, 1)},
        lambda x, a, b: (a - b) * (x - (a + b) / 2),
    ),
    Case("log_normal_cdf", "log((1+erf(x/sqrt(2)))/2)", {"x": ("signed", 1e-3, 37)}, sp.log_ndtr),
    Case("cloglog", "log(-log(1-p))", {"p": _P}, lambda p: np.log(-np.log1p(-p))),
    Case(
        "cloglog_inverse",
        "1-exp(-exp(x))",
        {"x": ("signed", 1e-3, 30)},
        lambda x: -np.expm1(-np.exp(x)),
    ),
    Case(
        "gumbel_density",
        "exp(-x)*exp(-exp(-x))",
        {"x": ("signed", 1e-3, 700)},
        lambda x: np.exp(-(x + np.exp(-x))),
    ),
    Case(
        "reciprocal_step", "1/(x+1)-1/x", {"x": ("log", 1e-3, 1e15)}, lambda x: -1 / (x * (x + 1))
    ),
    Case(
        "one_minus_cos", "1-cos(x)", {"x": ("signed", 1e-10, 3)}, lambda x: 2 * np.sin(x / 2) ** 2
    ),
    Case("expm1_over_x", "(exp(x)-1)/x", {"x": _WIDE}, lambda x: np.expm1(x) / x),
    Case("log1p_over_x", "log(1+x)/x", {"x": ("log", 1e-12, 1e3)}, lambda x: np.log1p(x) / x),
    Case("asinh_by_log", "log(x+sqrt(x**2+1))", {"x": ("signed", 1e-10, 1e200)}, np.arcsinh),
    Case("atanh_by_log", "log((1+x)/(1-x))/2", {"x": ("signed", 1e-12, 0.99)}, np.arctanh),
    Case(
        "difference_of_squares",
        "x**2-y**2",
        {"x": _POSITIVE, "y": ("near", "x", 1e-12, 0.1)},
        lambda x, y: (x - y) * (x + y),
    ),
    Case(
        "difference_of_cubes",
        "x**3-y**3",
        {"x": _POSITIVE, "y": ("near", "x", 1e-12, 0.1)},
        lambda x, y: (x - y) * (x * x + x * y + y * y),
    ),
    Case(
        "geometric_mean",
        "sqrt(a*b)",
        {"a": ("log", 1e-300, 1e300), "b": ("near", "a", 1e-3, 10)},
        lambda a, b: np.sqrt(np.abs(a)) * np.sqrt(np.abs(b)),
    ),
    Case(
        "harmonic_mean",
        "2*a*b/(a+b)",
        {"a": ("log", 1e-300, 1e300), "b": ("near", "a", 1e-3, 0.5)},
        lambda a, b: 2 * a * (b / (a + b)),
    ),
    Case(
        "rms_scale",
        "x/sqrt((x**2+y**2)/2)",
        {"x": ("log", 1e-200, 1e200), "y": ("near", "x", 1e-3, 10)},
        lambda x, y: x / (np.hypot(x, y) / np.sqrt(2)),
    ),
    Case(
        "rsqrt_difference",
        "1/sqrt(x)-1/sqrt(y)",
        {"x": _POSITIVE, "y": ("near", "x", 1e-12, 0.1)},
        lambda x, y: (y - x) / (np.sqrt(x) * np.sqrt(y) * (np.sqrt(x) + np.sqrt(y))),
    ),
    Case(
        "normal_cdf_difference",
        "(erf(b)-erf(a))/2",
        {"a": ("log", 1e-3, 5), "b": ("near", "a", 1e-9, 0.5)},
        None,
    ),
    Case(
        "symmetric_kl_bernoulli",
        "(p-q)*(log(p/(1-p))-log(q/(1-q)))",
        _CLOSE,
        lambda p, q: (p - q) * np.log1p((p - q) / (q * (1 - p))),
    ),
    Case("exp_second_order", "exp(x)-1-x", {"x": ("signed", 1e-8, 50)}, expm1mx),
    Case("log_second_order", "x-log(1+x)", {"x": ("log", 1e-8, 1e3)}, lambda x: -log1pmx(x)),
    Case(
        "weighted_logsumexp",
        "log(w*exp(a)+(1-w)*exp(b))",
        {"w": ("uniform", 0.01, 0.99), "a": _LOGIT, "b": _LOGIT},
        lambda w, a, b: _lse(np.log(w) + a, np.log1p(-w) + b),
    ),
    Case(
        "discriminant",
        "a*b-c*d",
        {
            "a": _POSITIVE,
            "b": _POSITIVE,
            "c": ("near", "a", 1e-9, 1e-3),
            "d": ("near", "b", 1e-9, 1e-3),
        },
        None,
    ),
    Case(
        "stirling_error", "lgamma(x)-(x-1/2)*log(x)+x-log(2*pi)/2", {"x": ("log", 1, 1e8)}, stirling
    ),
)
