"""The records of the primitives of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.stability import determinants, geometry, information, moments, softmaxes, sums
from numeric.stability.domains import (
    cancelling_vector,
    cancelling_vectors,
    distribution,
    logits,
    near_vectors,
    offset_vector,
    positive_definite,
    positive_vector,
    scaled_vector,
    two_distributions,
)
from numeric.stability.primitive import Derivative, Primitive

_INF = np.inf
_X, _XY, _PQ = {"x": "n"}, {"x": "n", "y": "n"}, {"p": "n", "q": "n"}


def _running(x: Any) -> Any:
    """The sum one number after the other, in the format of x."""
    return np.cumsum(x)[-1] if len(x) else x.dtype.type(0)


def _naive_softmax(x: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x))


def _naive_norm(x: Any) -> Any:
    return np.sqrt(np.sum(x * x))


def _naive_cosine(x: Any, y: Any) -> Any:
    return x @ y / (_naive_norm(x) * _naive_norm(y))


def _naive_cosine_slope(x: Any, y: Any) -> Any:
    length = _naive_norm(x)
    return y / (length * _naive_norm(y)) - _naive_cosine(x, y) * x / length**2


def _one_pass_variance(x: Any) -> Any:
    return np.mean(x * x) - np.mean(x) ** 2


def _one_pass_slope(x: Any) -> Any:
    return 2 * x / len(x) - 2 * np.mean(x) / len(x)


_COSINE = "x @ y/(norm(x)*norm(y))"
_COSINE_SLOPE = "y/(norm(x)*norm(y)) - (x @ y)*x/(norm(x)**3*norm(y))"
_VARIANCE_SLOPE = Derivative(
    "x", moments.variance_gradient, _one_pass_slope, "2*(x - mean(x))/n", 2, "largest"
)
_SUM_SLOPE = Derivative("x", sums.sum_gradient, np.ones_like, "1 + 0*x", 0)

VECTOR_PRIMITIVES = (
    Primitive(
        "logsumexp",
        softmaxes.logsumexp,
        lambda x: np.log(np.sum(np.exp(x))),
        "logsumexp(x)",
        _X,
        "exp overflows above 709, and when all entries are below -745 the sum is 0.",
        "Take out the largest entry m and add log1p of the sum of the others: m + log1p(s).",
        (Derivative("x", softmaxes.logsumexp_gradient, _naive_softmax, "softmax(x)", 4),),
        logits(20),
        7,
        scale="condition",
        edges=(
            (np.array([]), -_INF),
            (np.array([-_INF, -_INF]), -_INF),
            (np.array([_INF, _INF]), _INF),
            (np.array([_INF, 0.0]), _INF),
            (np.array([-_INF, 2.0]), 2.0),
        ),
    ),
    Primitive(
        "softmax",
        softmaxes.softmax,
        _naive_softmax,
        "softmax(x)",
        _X,
        "exp overflows above 709. With the largest entry taken out, x_i - m is still rounded, which "
        "costs up to 9 bits in small probabilities; and p (1 - p) is 0 for a confident class.",
        "The rounding error of x_i - m goes into the exponential too; 1 - p_i is the sum of the "
        "other p_j.",
        (
            Derivative(
                "x",
                softmaxes.softmax_jacobian,
                lambda x: (
                    np.diag(_naive_softmax(x)) - np.outer(_naive_softmax(x), _naive_softmax(x))
                ),
                "diag(softmax(x)) - outer(softmax(x), softmax(x))",
                9,
            ),
        ),
        logits(12),
        4,
        edges=(
            (np.array([]), np.array([])),
            (np.array([_INF, 0.0]), np.array([1.0, 0.0])),
            (np.array([0.0, -_INF]), np.array([1.0, 0.0])),
            (np.array([_INF, _INF]), np.array([np.nan, np.nan])),
        ),
    ),
    Primitive(
        "log_softmax",
        softmaxes.log_softmax,
        lambda x: x - np.max(x) - np.log(np.sum(np.exp(x - np.max(x)))),
        "log_softmax(x)",
        _X,
        "For a confident class the sum of exponentials is 1 + s, which rounds to 1: the loss is 0 "
        "where it is s.",
        "-log1p(s) for the largest entry, with s the sum of the others.",
        (
            Derivative(
                "x",
                softmaxes.log_softmax_jacobian,
                lambda x: np.eye(len(x), dtype=x.dtype) - _naive_softmax(x)[None, :],
                "eye(n) - outer(ones(n), softmax(x))",
                4,
            ),
        ),
        logits(12),
        3,
        edges=((np.array([0.0, -_INF]), np.array([0.0, -_INF])),),
    ),
    Primitive(
        "entropy",
        information.entropy,
        lambda p: -np.sum(p * np.log(p)),
        "-sum(p*log(p))",
        {"p": "n"},
        "0 log(0) is NaN, so that one impossible outcome spoils the sum; and the slope -(log(p) + "
        "1) cancels at p = 1/e.",
        "0 where p is 0; the slope is -log1p(e (p - 1/e)) around 1/e, with 1/e to twice the "
        "precision.",
        (
            Derivative(
                "p", information.entropy_gradient, lambda p: -(np.log(p) + 1), "-(log(p) + 1)", 2.5
            ),
        ),
        distribution(20),
        3,
        edges=((np.array([1.0, 0.0]), 0.0), (np.array([]), 0.0)),
    ),
    Primitive(
        "kl_divergence",
        information.kl_divergence,
        lambda p, q: np.sum(p * np.log(p / q)),
        "sum(p*log(p/q) - p + q)",
        _PQ,
        "For q near p the terms are of the first order in q - p and cancel down to the second. What "
        "is left is the rounding of p and q, which do not sum to 1 exactly; it is often negative.",
        "Every term is -p log1pmx((q - p)/p), of the second order and never negative.",
        (
            Derivative(
                "p", information.kl_divergence_by_p, lambda p, q: np.log(p / q), "log(p/q)", 2
            ),
            Derivative(
                "q", information.kl_divergence_by_q, lambda p, q: 1 - p / q, "(q - p)/q", 1.5
            ),
        ),
        two_distributions(20),
        6,
        edges=(
            (np.array([0.0, 1.0]), np.array([0.0, 1.0]), 0.0),
            (np.array([0.5, 0.5]), np.array([0.5, 0.5]), 0.0),
            (np.array([0.5, 0.5]), np.array([1.0, 0.0]), _INF),
            (np.array([]), np.array([]), 0.0),
        ),
    ),
    Primitive(
        "norm",
        geometry.norm,
        _naive_norm,
        "norm(x)",
        _X,
        "The squares overflow above 1e154 and vanish below 1e-162.",
        "Scale by a power of two next to the largest entry, which is exact.",
        (Derivative("x", geometry.norm_gradient, lambda x: x / _naive_norm(x), "x/norm(x)", 2),),
        scaled_vector(50, 300),
        0.51,
        edges=((np.array([]), 0.0), (np.array([0.0, 0.0]), 0.0), (np.array([_INF, 1.0]), _INF)),
    ),
    Primitive(
        "cosine_similarity",
        geometry.cosine_similarity,
        _naive_cosine,
        _COSINE,
        _XY,
        "Near a right angle the inner product cancels; the squares of long vectors overflow. The "
        "slope cancels where the vectors are nearly parallel.",
        "The inner product and the lengths of scaled vectors as pairs of floats; the slope from the part "
        "of y perpendicular to x.",
        (
            Derivative(
                "x",
                geometry.cosine_similarity_gradient,
                _naive_cosine_slope,
                _COSINE_SLOPE,
                3,
                "largest",
            ),
        ),
        near_vectors(20, orthogonal=True),
        0.51,
        edges=((np.array([0.0, 0.0]), np.array([1.0, 2.0]), np.nan),),
    ),
    Primitive(
        "cosine_distance",
        geometry.cosine_distance,
        lambda x, y: 1 - _naive_cosine(x, y),
        f"1 - {_COSINE}",
        _XY,
        "The cosine of two nearly parallel vectors is 1 to second order, so that 1 - cos is "
        "rounding, often negative.",
        "Half the squared distance of the unit vectors, which are pairs of floats.",
        (
            Derivative(
                "x",
                geometry.cosine_distance_gradient,
                lambda x, y: -_naive_cosine_slope(x, y),
                f"-({_COSINE_SLOPE})",
                3,
                "largest",
            ),
        ),
        near_vectors(20),
        0.51,
        edges=((np.array([0.0, 1.0]), np.array([0.0, 5.0]), 0.0),),
    ),
    Primitive(
        "variance",
        moments.variance,
        _one_pass_variance,
        "mean((x - mean(x))**2)",
        _X,
        "mean(x^2) - mean(x)^2 cancels when the mean is large against the spread; it can be "
        "negative.",
        "Two passes, with the mean and the distances from it as pairs of floats.",
        (_VARIANCE_SLOPE,),
        offset_vector(200),
        0.51,
        edges=((np.array([]), np.nan), (np.array([3.0]), 0.0), (np.array([0.1] * 3), 0.0)),
    ),
    Primitive(
        "variance_streaming",
        moments.variance_streaming,
        _one_pass_variance,
        "mean((x - mean(x))**2)",
        _X,
        "Running sums of x and x^2 are all that the one-pass formula keeps, and their difference "
        "cancels.",
        "Sum the distances from the first number and their squares, as pairs of floats. One of the "
        "numbers is near enough: the difference loses at most a factor n.",
        (_VARIANCE_SLOPE,),
        offset_vector(20),
        0.51,
        edges=((np.array([3.0]), 0.0),),
    ),
    Primitive(
        "logdet",
        determinants.logdet,
        lambda A: np.log(np.linalg.det(A)),
        "logdet(A)",
        {"A": "n n"},
        "The determinant is a product of n numbers and overflows or vanishes.",
        "Twice the logarithm of the product of the diagonal of Cholesky's factor, significands apart from "
        "exponents.",
        (
            Derivative(
                "A",
                determinants.logdet_gradient,
                lambda A: np.linalg.det(A) * np.linalg.inv(A) / np.linalg.det(A),
                "inv(A)",
                2,
                "condition",
            ),
        ),
        positive_definite(6),
        10,
        scale="condition",
    ),
    Primitive(
        "sum_compensated",
        sums.sum_compensated,
        _running,
        "sum(x)",
        _X,
        "Every addition rounds; when the sum cancels, what is left is rounding.",
        "Every addition also returns its rounding error, and the errors are summed beside.",
        (_SUM_SLOPE,),
        cancelling_vector(200),
        0.51,
        edges=(
            (np.array([]), 0.0),
            (np.array([_INF, 1.0]), _INF),
            (np.array([1e308, 1e308, -1e308]), 1e308),
        ),
    ),
    Primitive(
        "sum_pairwise",
        sums.sum_pairwise,
        _running,
        "sum(x)",
        _X,
        "The running sum rounds n times, and its error grows with n.",
        "Sum the halves, and their halves: every number passes log2(n) additions.",
        (_SUM_SLOPE,),
        positive_vector(1000),
        10,
        edges=((np.array([]), 0.0), (np.array([_INF, 1.0]), _INF)),
    ),
    Primitive(
        "dot_compensated",
        sums.dot_compensated,
        lambda x, y: _running(x * y),
        "x @ y",
        _XY,
        "Every product and every addition rounds; when the sum cancels, what is left is rounding.",
        "Products by Dekker's two_product with their rounding errors, their sum compensated.",
        (Derivative("x", sums.dot_gradient, lambda x, y: y, "y + 0*x", 0),),
        cancelling_vectors(200),
        0.51,
        edges=(
            (np.array([]), np.array([]), 0.0),
            (np.array([1e300, 1e-300]), np.array([0.0, 1e300]), 1.0),
            (np.array([_INF, 1.0]), np.array([1.0, 1.0]), _INF),
        ),
    ),
    Primitive(
        "mean",
        sums.mean,
        lambda x: _running(x) / len(x),
        "mean(x)",
        _X,
        "The sum rounds with every addition and can overflow although the mean does not.",
        "A compensated sum, scaled where it could overflow.",
        (
            Derivative(
                "x", sums.mean_gradient, lambda x: np.ones_like(x) / len(x), "(1 + 0*x)/n", 0.5
            ),
        ),
        cancelling_vector(200),
        0.51,
        edges=((np.array([]), np.nan), (np.array([1e308, 1.5e308, -1e308]), 5e307)),
    ),
)
