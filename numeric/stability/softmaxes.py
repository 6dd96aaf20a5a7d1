"""Log-sum-exp, softmax and log-softmax: accurate in every entry, for every class.

The largest entry m is taken out. What remains is s, the sum of exp(x_i - m) over all entries but
the largest: log-sum-exp is m + log1p(s) and the log-probability of the largest class -log1p(s),
which is not lost when s is far below 1. The rounding error of x_i - m is carried along, because
exp turns an absolute error of its argument into a relative one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, keeping, reducing
from numeric.stability.pairs import Pair, joined, minus, plus, quotient, two_sum
from numeric.stability.sums import total, total_of_pairs


def logsumexp(x: ArrayLike, axis: int | None = None) -> Any:
    """The logarithm of a sum of exponentials.

    Formula: log(sum(exp(x))) = m + log1p(s), with m the largest entry, s the sum of exp(x_i - m)
    over the others. Shapes: `axis` disappears; None takes all. Conditions: none; -inf when empty
    or all entries are -inf, inf when one is. Numerical error: below 7 ulps times the condition
    number sum(p |x|)/|result|, which is large where the result is near 0; 3 ulps where m >= 0.
    Source: Blanchard, Higham, Higham, IMA J. Numerical Analysis 41 (2021).

    >>> print(f"{logsumexp([1000.0, 1000.0]):.14g} {logsumexp([0.0, -40.0]):.14g}")
    1000.6931471806 4.2483542552916e-18
    """
    return reducing(_logsumexp, axis, x)


def softmax(x: ArrayLike, axis: int | None = -1) -> Any:
    """Exponentials that sum to 1.

    Formula: exp(x_i - m)/(1 + s). Shapes: that of x. Conditions: finite entries, -inf (which gives
    0) or a single inf (which gives 1); NaN where two are inf or all are -inf.
    Numerical error: below 4 ulps in every entry, for differences of 2000 too.
    Source: Blanchard, Higham, Higham, IMA J. Numerical Analysis 41 (2021).

    >>> print(f"{softmax([0.0, -700.0])[1]:.14g}")
    9.8596765437598e-305
    """
    return keeping(_softmax, axis, x)


def log_softmax(x: ArrayLike, axis: int | None = -1) -> Any:
    """The logarithms of softmax, also of a class that is nearly certain.

    Formula: -log1p(s) for the largest entry, (x_i - m) - log1p(s) for the others, whose terms have
    one sign. Shapes: that of x. Conditions: as `softmax`.
    Numerical error: below 3 ulps in every entry, for differences of 2000 too.

    >>> print(f"{log_softmax([40.0, 0.0])[0]:.14g}")
    -4.2483542552916e-18
    """
    return keeping(_log_softmax, axis, x)


def logsumexp_gradient(x: ArrayLike) -> Any:
    """The gradient of logsumexp of a vector, softmax(x)."""
    return keeping(_softmax, None, x)


def softmax_jacobian(x: ArrayLike) -> Any:
    """The Jacobian of softmax of a vector, J_ij = p_i ([i = j] - p_j), 1 - p_i from the other p_j.

    Shapes: x is (n,), the result (n, n).
    """
    return reducing(lambda x: _softmax(x)[:, None] * _from_unit(_softmax(x)), None, x)


def log_softmax_jacobian(x: ArrayLike) -> Any:
    """The Jacobian of log_softmax of a vector, J_ij = [i = j] - p_j, 1 - p_i from the other p_j.

    Shapes: x is (n,), the result (n, n).
    """
    return reducing(lambda x: _from_unit(_softmax(x)), None, x)


def _from_unit(p: Floats) -> Any:
    """[i = j] - p_j, with the sum of the other probabilities on the diagonal."""
    n = len(p)
    others = np.where(np.eye(n, dtype=bool), 0.0, p[:, None])
    return np.where(np.eye(n, dtype=bool), joined(total(others)), -p[None, :])


class _Shifted(NamedTuple):
    """Entries less the largest, their exponentials, and the sum of all exponentials but its; as pairs."""

    largest: Any
    distances: Pair
    exponentials: Pair
    rest: Pair


def _shifted(x: Floats) -> _Shifted:
    place = np.argmax(x, axis=0, keepdims=True)
    largest = np.take_along_axis(x, place, axis=0)
    tied = np.isinf(largest) & (np.sum(x == largest, axis=0, keepdims=True) > 1)
    high, low = two_sum(x, -largest)
    high = np.where(x == largest, np.where(tied, np.nan, 0.0), high)
    low = np.where(np.isfinite(low), low, 0.0)
    exponential = np.exp(high)
    exponentials = exponential, exponential * low
    return _Shifted(largest[0], (high, low), exponentials, _all_but(exponentials, place))


def _all_but(terms: Pair, place: Any) -> Pair:
    """The sum over the first axis of all terms but those at a place."""
    others = terms[0].copy(), terms[1].copy()
    for each in others:
        np.put_along_axis(each, place, 0.0, axis=0)
    return total_of_pairs(others)


def _log1p(x: Pair) -> Pair:
    """log(1 + x) of a pair, as good as log1p of a float is."""
    return np.log1p(x[0]), x[1] / (1 + x[0])


def _logsumexp(x: Floats) -> Any:
    if not len(x):
        return np.full(x.shape[1:], -np.inf)
    found = _shifted(x)
    high, low = _log1p(found.rest)
    finite = joined(plus((found.largest, 0.0), (high, low)))
    return np.where(np.isinf(found.largest), found.largest, finite)


def _softmax(x: Floats) -> Any:
    if not x.size:
        return x.copy()
    found = _shifted(x)
    return joined(quotient(found.exponentials, plus((1.0, 0.0), found.rest)))


def _log_softmax(x: Floats) -> Any:
    if not x.size:
        return x.copy()
    found = _shifted(x)
    finite = joined(plus(found.distances, minus(_log1p(found.rest))))
    return np.where(np.isneginf(found.distances[0]), -np.inf, finite)
