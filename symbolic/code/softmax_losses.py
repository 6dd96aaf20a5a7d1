"""The cross-entropy of softmax and its slope, from one exponential without a shift.

With e = exp(z), where it neither overflows nor vanishes, and rows of y that sum to 1,

    softmax(z)            = e / total,  total = sum(e, axis=1)
    sum(y*log_softmax(z)) = sum(y*z) - sum(log(total)),

which spares the largest entries and two subtractions along the rows. The difference is taken where most
of its digits stay; else the logarithm is worked out entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbolic.code.cancellation import meaning
from symbolic.domains import domain_of
from symbolic.nodes import Apply, Contraction, Expression, Variable

LIKELIHOOD_AND_SOFTMAX = (
    "likelihood_and_softmax",
    "def likelihood_and_softmax(x, y):\n"
    '    """sum(y*log_softmax(x, axis=1)) and softmax(x, axis=1), for rows of y that sum to 1."""\n'
    "    if x.itemsize > 2 and (np.vdot(x, x) < 6400 or (x.max() < 80 and x.min() > -80)):\n"
    "        e = np.exp(x)\n"
    "        total = e.dot(np.ones((x.shape[1], 1), e.dtype))\n"
    "        log = np.log(total)\n"
    "        likelihood = np.vdot(y, x) - log.sum()\n"
    "        if -likelihood > np.abs(log).sum() / 16:\n"
    "            e /= total\n"
    "            return likelihood, e\n"
    "    p, logarithm = softmax_and_log(x, axis=1)\n"
    "    return np.vdot(y, logarithm), p\n",
)


def likelihoods(order: Iterable[Expression]) -> Iterator[tuple[Contraction, Apply, Expression]]:
    """The sums of y*log_softmax(z, axis=1) for rows of y that sum to 1, each with the logarithm and y.

    >>> from symbolic import log_softmax, matrix
    >>> Y, Z = matrix("Y", "n", "k", domain="onehot"), matrix("Z", "n", "k")
    >>> both = [Contraction([y, log_softmax(Z, axis=1)], [(0, 1), (0, 1)], ()) for y in (Y, Z)]
    >>> [str(y) for _, _, y in likelihoods(both)]
    ['Y']
    """
    for node in order:
        if not isinstance(node, Contraction) or node.output or len(node.operands) != 2:
            continue
        one, other = node.labels
        if one != other or len(set(one)) != 2:
            continue
        for logarithm, y in (node.operands, node.operands[::-1]):
            if not isinstance(logarithm, Apply) or logarithm.function != "log_softmax":
                continue
            if logarithm.axis == 1 and _rows_sum_to_one(y):
                yield node, logarithm, y


def _rows_sum_to_one(y: Expression) -> bool:
    y = meaning(y)
    if not isinstance(y, Variable):
        return False
    domain = domain_of(y.domain)
    return domain.nonnegative and domain.sums_to_one == -1
