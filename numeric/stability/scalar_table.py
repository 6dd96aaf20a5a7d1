"""The records of the primitives of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from numeric.stability import (
    activations,
    combinatorics,
    geometry,
    information,
    logarithms,
    logistic,
)
from numeric.stability.domains import (
    PROBABILITY,
    SUBSETS,
    TWO_COINS,
    line,
    line_above,
    plane,
    quarter_plane,
)
from numeric.stability.primitive import Derivative, Primitive

_INF = np.inf
_X, _P = {"x": ""}, {"p": ""}


def _phi(x: Any) -> Any:
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _naive_sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _naive_softplus_slope(x: Any) -> Any:
    return np.exp(x) / (1 + np.exp(x))


SCALAR_PRIMITIVES = (
    Primitive(
        "sigmoid",
        logistic.sigmoid,
        _naive_sigmoid,
        "1/(1 + exp(-x))",
        _X,
        "exp(-x) overflows below x = -710, so that values down to exp(-745) come out as 0; the "
        "slope s (1 - s) is 0 from x = 37 on, because s rounds to 1.",
        "Take e = exp(-|x|), which never overflows: e/(1 + e) for x < 0, and e/(1 + e)^2 for the "
        "slope, without any difference.",
        (
            Derivative(
                "x",
                logistic.sigmoid_derivative,
                lambda x: _naive_sigmoid(x) * (1 - _naive_sigmoid(x)),
                "exp(-x)/(1 + exp(-x))**2",
                5,
            ),
        ),
        line(1e-10, 745, 103),
        3,
        edges=((-_INF, 0.0), (_INF, 1.0), (np.nan, np.nan)),
    ),
    Primitive(
        "log_sigmoid",
        logistic.log_sigmoid,
        lambda x: np.log(_naive_sigmoid(x)),
        "log(1/(1 + exp(-x)))",
        _X,
        "The logarithm of a sigmoid that is rounded to 0 is -inf, of one rounded to 1 is 0.",
        "min(x, 0) - log1p(exp(-|x|)); the slope is sigmoid(-x) and not 1 - sigmoid(x).",
        (
            Derivative(
                "x",
                logistic.log_sigmoid_derivative,
                lambda x: 1 - _naive_sigmoid(x),
                "1/(1 + exp(x))",
                3,
            ),
        ),
        line(1e-10, 745, 103),
        2,
        edges=((-_INF, -_INF), (_INF, 0.0), (np.nan, np.nan)),
    ),
    Primitive(
        "softplus",
        logistic.softplus,
        lambda x: np.log(1 + np.exp(x)),
        "log(1 + exp(x))",
        _X,
        "exp(x) overflows above x = 709; below x = -37, 1 + exp(x) rounds to 1 and the result is 0.",
        "max(x, 0) + log1p(exp(-|x|)): the exponential never exceeds 1, and log1p keeps it.",
        (Derivative("x", logistic.sigmoid, _naive_softplus_slope, "exp(x)/(1 + exp(x))", 3),),
        line(1e-10, 745, 103),
        2,
        edges=((-_INF, 0.0), (_INF, _INF), (np.nan, np.nan)),
    ),
    Primitive(
        "log1pexp",
        logistic.log1pexp,
        lambda x: np.log1p(np.exp(x)),
        "log(1 + exp(x))",
        _X,
        "log1p alone keeps small exponentials, but exp(x) still overflows above x = 709.",
        "It is softplus: max(x, 0) + log1p(exp(-|x|)).",
        (Derivative("x", logistic.sigmoid, _naive_softplus_slope, "exp(x)/(1 + exp(x))", 3),),
        line(1e-10, 745, 103),
        2,
        edges=((-_INF, 0.0), (_INF, _INF)),
    ),
    Primitive(
        "logit",
        logistic.logit,
        lambda p: np.log(p) - np.log(1 - p),
        "log(p/(1 - p))",
        _P,
        "Near p = 1/2 both logarithms are near log 2, and their difference is rounding; log(p/(1 - "
        "p)) does no better, because the quotient is rounded next to 1.",
        "Between 1/4 and 3/4 2 artanh(2p - 1), whose argument is exact; log(p/(1 - p)) elsewhere.",
        (
            Derivative(
                "p", logistic.logit_derivative, lambda p: 1 / (p - p**2), "1/(p*(1 - p))", 2.5
            ),
        ),
        PROBABILITY,
        1.5,
        edges=((0.0, -_INF), (1.0, _INF), (0.5, 0.0), (-0.1, np.nan), (1.5, np.nan)),
    ),
    Primitive(
        "log1mexp",
        logarithms.log1mexp,
        lambda x: np.log(1 - np.exp(x)),
        "log(1 - exp(x))",
        _X,
        "Near x = 0 the difference 1 - exp(x) cancels; below x = -37 it rounds to 1, and the "
        "logarithm to 0.",
        "log(-expm1(x)) above -log 2, log1p(-exp(x)) below.",
        (
            Derivative(
                "x",
                logarithms.log1mexp_derivative,
                lambda x: -np.exp(x) / (1 - np.exp(x)),
                "-exp(x)/(1 - exp(x))",
                3,
            ),
        ),
        line(1e-300, 745, 103, positive=False),
        2,
        edges=((0.0, -_INF), (-_INF, 0.0), (1.0, np.nan)),
    ),
    Primitive(
        "log1pmx",
        logarithms.log1pmx,
        lambda x: np.log1p(x) - x,
        "log(1 + x) - x",
        _X,
        "log1p(x) and x agree in all but the second order, so that their difference loses "
        "everything for small x.",
        "With r = x/(2 + x), log1p(x) = 2 artanh(r) and x - 2r = r x: the first order is taken out "
        "by hand and the rest of the series of artanh is summed.",
        (
            Derivative(
                "x", logarithms.log1pmx_derivative, lambda x: 1 / (1 + x) - 1, "-x/(1 + x)", 2
            ),
        ),
        line_above(-1.0),
        3,
        edges=((-1.0, -_INF), (_INF, -_INF), (0.0, 0.0), (-2.0, np.nan)),
    ),
    Primitive(
        "xlogy",
        logarithms.xlogy,
        lambda x, y: x * np.log(y),
        "x*log(y)",
        {"x": "", "y": ""},
        "At x = 0, y = 0 it is 0 times -inf, NaN, where the limit is 0: one empty cell of a table "
        "of probabilities spoils the sum.",
        "0 where x is 0.",
        (
            Derivative("x", logarithms.xlogy_by_x, lambda x, y: np.log(y), "log(y)", 1),
            Derivative("y", logarithms.xlogy_by_y, lambda x, y: x / y, "x/y", 0.51),
        ),
        quarter_plane(1e-100, 1e100),
        2,
        edges=((0.0, 0.0, 0.0), (0.0, _INF, 0.0), (1.0, 0.0, -_INF), (1.0, -1.0, np.nan)),
    ),
    Primitive(
        "bernoulli_entropy",
        information.bernoulli_entropy,
        lambda p: -p * np.log(p) - (1 - p) * np.log(1 - p),
        "-p*log(p) - (1 - p)*log(1 - p)",
        _P,
        "For small p the second term is p, but 1 - p rounds it away; at 0 and 1 it is NaN. The "
        "slope log(1 - p) - log(p) cancels near 1/2.",
        "log1p(-p) in place of log(1 - p); the slope is -logit(p).",
        (
            Derivative(
                "p",
                information.bernoulli_entropy_derivative,
                lambda p: np.log(1 - p) - np.log(p),
                "log((1 - p)/p)",
                1.5,
            ),
        ),
        PROBABILITY,
        2.5,
        edges=((0.0, 0.0), (1.0, 0.0)),
    ),
    Primitive(
        "bernoulli_kl",
        information.bernoulli_kl,
        lambda p, q: p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)),
        "p*log(p/q) + (1 - p)*log((1 - p)/(1 - q))",
        {"p": "", "q": ""},
        "For q near p both terms are of the first order in q - p and cancel down to the second: "
        "the result is rounding, often negative.",
        "-p log1pmx((q - p)/p) - (1 - p) log1pmx((p - q)/(1 - p)): the first order is taken out, "
        "both terms are positive.",
        (
            Derivative(
                "p",
                information.bernoulli_kl_by_p,
                lambda p, q: np.log(p / q) - np.log((1 - p) / (1 - q)),
                "log(p/q) - log((1 - p)/(1 - q))",
                8,
            ),
            Derivative(
                "q",
                information.bernoulli_kl_by_q,
                lambda p, q: (1 - p) / (1 - q) - p / q,
                "(q - p)/(q*(1 - q))",
                3.5,
            ),
        ),
        TWO_COINS,
        7,
        edges=(
            (0.0, 0.0, 0.0),
            (1.0, 1.0, 0.0),
            (0.3, 0.3, 0.0),
            (0.3, 0.0, _INF),
            (0.3, 1.0, _INF),
            (0.0, 1.0, _INF),
            (1.5, 0.5, np.nan),
            (-0.1, 0.5, np.nan),
        ),
    ),
    Primitive(
        "gelu",
        activations.gelu,
        lambda x: x * (1 + special.erf(x / np.sqrt(x.dtype.type(2)))) / 2,
        "x*(1 + erf(x/sqrt(2)))/2",
        _X,
        "In the left tail erf rounds to -1 and 1 + erf to 0, from x = -8.3 on. With erfc instead "
        "the rounding of x^2 inside still costs 10 bits.",
        "exp(-x^2/2) erfcx(-x/sqrt 2) with the rounding error of x^2 carried along.",
        (
            Derivative(
                "x",
                activations.gelu_derivative,
                lambda x: (1 + special.erf(x / np.sqrt(x.dtype.type(2)))) / 2 + x * _phi(x),
                "(1 + erf(x/sqrt(2)))/2 + x*exp(-x**2/2)/sqrt(2*pi)",
                8,
            ),
        ),
        line(1e-10, 38.4, 14),
        8,
        edges=((-_INF, 0.0), (_INF, _INF), (-1e308, 0.0), (0.0, 0.0)),
    ),
    Primitive(
        "silu",
        activations.silu,
        lambda x: x / (1 + np.exp(-x)),
        "x/(1 + exp(-x))",
        _X,
        "exp(-x) overflows below x = -710, so that values down to exp(-745) come out as 0.",
        "(x h)(h/(1 + h^2)) with h = exp(x/2) for x < 0; the slope is a difference from its zero.",
        (
            Derivative(
                "x",
                activations.silu_derivative,
                lambda x: _naive_sigmoid(x) + x * _naive_sigmoid(x) * (1 - _naive_sigmoid(x)),
                "1/(1 + exp(-x)) + x*exp(-x)/(1 + exp(-x))**2",
                8,
            ),
        ),
        line(1e-10, 745, 103),
        5,
        edges=((-_INF, 0.0), (_INF, _INF), (0.0, 0.0)),
    ),
    Primitive(
        "mish",
        activations.mish,
        lambda x: x * np.tanh(np.log(1 + np.exp(x))),
        "x*tanh(log(1 + exp(x)))",
        _X,
        "exp(x) overflows to the right, and 1 + exp(x) rounds to 1 below x = -37.",
        "tanh(log(1 + e)) is the fraction e (e + 2)/(e (e + 2) + 2) of e = exp(x).",
        (
            Derivative(
                "x",
                activations.mish_derivative,
                lambda x: (
                    np.tanh(np.log(1 + np.exp(x)))
                    + x * (1 - np.tanh(np.log(1 + np.exp(x))) ** 2) * _naive_sigmoid(x)
                ),
                "tanh(log(1 + exp(x))) + x*(1 - tanh(log(1 + exp(x)))**2)/(1 + exp(-x))",
                9,
            ),
        ),
        line(1e-10, 745, 103),
        7,
        edges=((-_INF, 0.0), (_INF, _INF), (0.0, 0.0)),
    ),
    Primitive(
        "hypot",
        geometry.hypot,
        lambda x, y: np.sqrt(x**2 + y**2),
        "sqrt(x**2 + y**2)",
        {"x": "", "y": ""},
        "The squares overflow above 1e154 and vanish below 1e-162.",
        "Scale by a power of two next to the larger entry.",
        (
            Derivative(
                "x",
                geometry.hypot_by_x,
                lambda x, y: x / np.sqrt(x**2 + y**2),
                "x/sqrt(x**2 + y**2)",
                2,
            ),
        ),
        plane(1e-290, 1e290),
        1,
        edges=((0.0, 0.0, 0.0), (_INF, np.nan, _INF), (3.0, 4.0, 5.0)),
    ),
    Primitive(
        "log_binomial",
        combinatorics.log_binomial,
        lambda n, k: special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1),
        "lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)",
        {"n": "", "k": ""},
        "Three numbers of size n log n cancel: for n = 1e15, k = 1 no digit is right.",
        "The terms of Stirling's formula that cancel are taken out; what is left has one sign.",
        (
            Derivative(
                "n",
                combinatorics.log_binomial_by_n,
                lambda n, k: special.digamma(n + 1) - special.digamma(n - k + 1),
                "digamma(n + 1) - digamma(n - k + 1)",
                5,
            ),
            Derivative(
                "k",
                combinatorics.log_binomial_by_k,
                lambda n, k: special.digamma(n - k + 1) - special.digamma(k + 1),
                "digamma(n - k + 1) - digamma(k + 1)",
                5,
            ),
        ),
        SUBSETS,
        7,
        edges=((5.0, 0.0, 0.0), (5.0, 5.0, 0.0), (0.0, 0.0, 0.0), (3.0, 4.0, np.nan)),
    ),
)
