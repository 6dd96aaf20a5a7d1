"""Entropy and Kullback-Leibler divergence, also where a probability is nearly 1 or two are equal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from numeric.stability.arguments import Floats, elementwise, keeping, reducing
from numeric.stability.logarithms import log1pmx_core
from numeric.stability.logistic import logit
from numeric.stability.pairs import joined, quotient, two_sum
from numeric.stability.sums import total

_INVERSE_E = (0.36787944117144233, -1.2428753672788363e-17)  # 1/e as a pair
_FAR = -0.7  # relative distance below which q is so much smaller than p that nothing cancels


def bernoulli_entropy(p: ArrayLike) -> Any:
    """The entropy of a coin, in nats.

    Formula: -p log(p) - (1 - p) log1p(-p). Shapes: any. Conditions: 0 <= p <= 1, else NaN; 0 at the
    ends. Numerical error: below 2.5 ulps.

    >>> print(f"{bernoulli_entropy(1e-20):.14g}")
    4.7051701859881e-19
    """
    return elementwise(lambda p: special.entr(p) - special.xlog1py(1 - p, -p), p)


def bernoulli_entropy_derivative(p: ArrayLike) -> Any:
    """The slope of the entropy of a coin, log((1 - p)/p) = -logit(p)."""
    return elementwise(lambda p: -logit(p), p)


def entropy(p: ArrayLike, axis: int | None = -1) -> Any:
    """The entropy of a distribution, in nats.

    Formula: -sum(p log(p)), where 0 log(0) = 0. Shapes: `axis` disappears; None takes all.
    Conditions: p >= 0, else -inf; p is not rescaled to sum 1. Numerical error: below 3 ulps where no p
    exceeds 1, however many there are: the terms have one sign, and their sum is compensated.

    >>> print(f"{entropy([0.5, 0.5, 0.0]):.14g}")
    0.69314718055995
    """
    return reducing(lambda p: joined(total(special.entr(p))), axis, p)


def entropy_gradient(p: ArrayLike) -> Any:
    """The gradient of the entropy, -(log(p) + 1), with its zero at p = 1/e to full precision."""
    return keeping(lambda p: -_log_times_e(p), None, p)


def bernoulli_kl(p: ArrayLike, q: ArrayLike) -> Any:
    """The Kullback-Leibler divergence of two coins, in nats.

    Formula: p log(p/q) + (1 - p) log((1 - p)/(1 - q)). With d = q - p it is
    -p log1pmx(d/p) - (1 - p) log1pmx(-d/(1 - p)): the first-order terms, which cancel, are gone, and
    both terms are positive. Shapes: broadcast together. Conditions: 0 <= p, q <= 1, else NaN; inf
    where q is 0 or 1 and p is not. Numerical error: below 7 ulps, for p and q as near as 1e-12.

    >>> print(f"{bernoulli_kl(0.3, 0.3 + 1e-9):.14g}")
    2.3809525075919e-18
    """
    return elementwise(_bernoulli_kl, p, q)


def bernoulli_kl_by_p(p: ArrayLike, q: ArrayLike) -> Any:
    """The slope of bernoulli_kl by p, logit(p) - logit(q) = log1p((p - q)/(q (1 - p)))."""
    return elementwise(_bernoulli_kl_by_p, p, q)


def bernoulli_kl_by_q(p: ArrayLike, q: ArrayLike) -> Any:
    """The slope of bernoulli_kl by q, (q - p)/(q (1 - q))."""
    return elementwise(_bernoulli_kl_by_q, p, q)


def kl_divergence(p: ArrayLike, q: ArrayLike, axis: int | None = -1) -> Any:
    """The Kullback-Leibler divergence of two distributions, in nats.

    Formula: sum(p log(p/q) - p + q), which is sum(p log(p/q)) when both sum to 1. In this form every
    term is at least 0, so neither the terms nor the rounding of the sums to 1 cancels what is left.
    Each term is -p log1pmx((q - p)/p).
    Shapes: broadcast together; `axis` disappears; None takes all. Conditions: p, q >= 0, else NaN;
    inf where q is 0 and p is not. Numerical error: below 6 ulps, for p and q as near as 1e-12.

    >>> print(f"{kl_divergence([0.25, 0.75], [0.25 + 1e-9, 0.75 - 1e-9]):.14g}")
    2.6666667331336e-18
    """
    return reducing(lambda p, q: joined(total(_kl_term(p, q))), axis, p, q)


def kl_divergence_by_p(p: ArrayLike, q: ArrayLike) -> Any:
    """The gradient of kl_divergence by p, log(p/q)."""
    return keeping(_log_ratio, None, p, q)


def kl_divergence_by_q(p: ArrayLike, q: ArrayLike) -> Any:
    """The gradient of kl_divergence by q, (q - p)/q."""
    return keeping(_kl_by_q, None, p, q)


def _log_times_e(p: Floats) -> Any:
    """log(p e) = log(p) + 1."""
    near = math.e * ((p - _INVERSE_E[0]) - _INVERSE_E[1])
    return np.where(np.abs(near) < 0.5, np.log1p(near), np.log(p) + 1)


def _log_ratio(p: Floats, q: Floats) -> Any:
    """log(p/q) for p, q >= 0, accurate where they are nearly equal."""
    near = (p - q) / q
    ratio = p / q
    plain = np.log(ratio)
    tiny = np.finfo(np.float64).tiny
    plain = np.where((ratio < tiny) | np.isinf(ratio), np.log(p) - np.log(q), plain)
    return np.where(np.abs(near) < 0.5, np.log1p(near), plain)


def _kl_term(p: Floats, q: Floats) -> Any:
    """P log(p/q) - p + q, for p = m 2^k by the distance of q/2^k from m, which is a pair."""
    significand, exponent = np.frexp(p)
    distance = two_sum(np.ldexp(q, -exponent), -significand)
    relative, rest = quotient(distance, (significand, 0.0))
    near = -p * (log1pmx_core(relative) - relative / (1 + relative) * rest)
    far = p * _log_ratio(p, q) + (q - p)
    found = np.where((relative < _FAR) | (relative > 1e8), far, near)
    found = np.where(p == 0, q, found)
    found = np.where((p == 0) & (q == 0), 0.0, found)
    return np.where((p < 0) | (q < 0), np.nan, found)


def _kl_by_q(p: Floats, q: Floats) -> Any:
    found = np.where(p == 0, 1.0, (q - p) / q)
    return np.where((p >= 0) & (q >= 0), found, np.nan)


def _bernoulli_kl(p: Floats, q: Floats) -> Any:
    other_p, other_q = 1 - p, 1 - q
    relative = (p - q) / other_p
    near = -other_p * log1pmx_core(relative)
    far = other_p * _log_ratio(other_p, other_q) + (p - q)
    second = np.where((relative < _FAR) | (relative > 1e8), far, near)
    second = np.where(other_p == 0, other_q, second)
    found = _kl_term(p, q) + second
    return np.where((p > 1) | (q > 1), np.nan, found)


def _bernoulli_kl_by_p(p: Floats, q: Floats) -> Any:
    near = (p - q) / q / (1 - p)
    ratio = p / q * ((1 - q) / (1 - p))
    tiny = np.finfo(np.float64).tiny
    lost = (ratio < tiny) | np.isinf(ratio) | np.isnan(ratio)
    far = np.where(lost, logit(p) - logit(q), np.log(ratio))
    return np.where(np.abs(near) < 0.5, np.log1p(near), far)


def _bernoulli_kl_by_q(p: Floats, q: Floats) -> Any:
    found = np.where(p == 0, 1 / (1 - q), np.where(p == 1, -1 / q, (q - p) / q / (1 - q)))
    inside = (p >= 0) & (p <= 1) & (q >= 0) & (q <= 1)
    return np.where(inside, found, np.nan)
