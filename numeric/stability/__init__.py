"""The stable primitives of machine learning, each with its naive form and its measured error.

One function each, for float64 and float32 arrays and for numbers. `primitives` is the table of
records: what each computes as a statement of the language, why the naive form fails, the cure, the
stable derivatives, the domain, and a bound in ulps that a test checks against enclosures.
The bounds of vectors and matrices follow from the rounding of each operation, for any number of
entries where none is said; they take exp and log to be within 0.6 ulps and log1p within 1.

    print(primitives["logit"])      the record, with its errors measured now
"""

from __future__ import annotations

from numeric.stability.activations import gelu, mish, silu
from numeric.stability.combinatorics import log_binomial
from numeric.stability.determinants import logdet
from numeric.stability.geometry import cosine_distance, cosine_similarity, hypot, norm
from numeric.stability.information import bernoulli_entropy, bernoulli_kl, entropy, kl_divergence
from numeric.stability.logarithms import log1mexp, log1pmx, xlogy
from numeric.stability.logistic import log1pexp, log_sigmoid, logit, sigmoid, softplus
from numeric.stability.moments import Moments, variance, variance_streaming
from numeric.stability.pairs import two_product, two_sum
from numeric.stability.primitive import Derivative, Measurement, Primitive
from numeric.stability.scalar_table import SCALAR_PRIMITIVES
from numeric.stability.softmaxes import log_softmax, logsumexp, softmax
from numeric.stability.sums import (
    dot_compensated,
    mean,
    sum_compensated,
    sum_pairwise,
)
from numeric.stability.vector_table import VECTOR_PRIMITIVES

primitives: dict[str, Primitive] = {
    each.name: each for each in (*SCALAR_PRIMITIVES, *VECTOR_PRIMITIVES)
}

__all__ = [
    "sigmoid", "log_sigmoid", "softplus", "log1pexp", "logit",
    "log1mexp", "log1pmx", "xlogy",
    "logsumexp", "softmax", "log_softmax",
    "bernoulli_entropy", "bernoulli_kl", "entropy", "kl_divergence",
    "gelu", "silu", "mish",
    "hypot", "norm", "cosine_similarity", "cosine_distance",
    "variance", "variance_streaming", "Moments",
    "log_binomial", "logdet",
    "sum_compensated", "sum_pairwise", "dot_compensated", "mean", "two_sum", "two_product",
    "Primitive", "Derivative", "Measurement", "primitives",
]  # fmt: skip
