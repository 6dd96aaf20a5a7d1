"""Functions that share their exponentials: softmax with its logarithm, a loss of logits with its slope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symbolic.code.cancellation import meaning
from symbolic.code.logistic_losses import (
    LOSS,
    LOSS_AND_SIGMOID,
    LOSS_AND_SLOPE,
    SOFTPLUS_AND_SIGMOID,
    is_total,
)
from symbolic.code.products import is_multiple
from symbolic.code.softmax_losses import LIKELIHOOD_AND_SOFTMAX, likelihoods
from symbolic.functions import sigmoid, softplus
from symbolic.nodes import Apply, Elementwise, Expression, Sum, kernel_symbol
from symbolic.structured.along_axis import EXPONENTIALS, LOG_OF_TOTAL, SHIFTED, TOTAL

_x = kernel_symbol(0)

JOINT: dict[tuple[str, str], tuple[str, str]] = {
    ("softmax", "log_softmax"): (
        "softmax_and_log",
        "def softmax_and_log(x, axis=None):\n"
        '    """softmax(x) and its logarithm, by the same exponentials."""\n'
        f"{SHIFTED}{TOTAL}{LOG_OF_TOTAL}"
        "    e /= total\n"
        "    s -= log\n"
        "    return e, s\n",
    ),
    ("softmax", "logsumexp"): (
        "softmax_and_logsumexp",
        "def softmax_and_logsumexp(x, axis=None):\n"
        '    """softmax(x) and logsumexp(x), by the same exponentials."""\n'
        f"{EXPONENTIALS}{TOTAL}{LOG_OF_TOTAL}"
        "    e /= total\n"
        "    return e, np.squeeze(m + log, axis=axis)[()]\n",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Joint:
    """Two nodes that one call gives: of the first helper, which may call the others.

    `inner` are the nodes that the helper works out on the way, and nothing else reads.
    """

    first: Expression
    second: Expression
    operands: tuple[Expression, ...]
    axis: int | None
    helpers: tuple[tuple[str, str], ...]
    inner: tuple[Expression, ...] = ()


def joint_functions(
    order: Sequence[Expression], roots: Sequence[Expression]
) -> dict[Expression, Joint]:
    """The nodes that are computed together.

    >>> from symbolic.variables import vector
    >>> z = vector("z", "n")
    >>> pair = Apply("softmax", z), Apply("logsumexp", z)
    >>> joint_functions([z, *pair], pair)[pair[1]].helpers[0][0]
    'softmax_and_logsumexp'
    """
    uses = Counter(child for node in order for child in node.children)
    uses.update(roots)
    found: dict[Expression, Joint] = {}
    for joint in (*_likelihoods(order, uses), *_with_sigmoid(order, uses)):
        found[joint.first] = found[joint.second] = joint
    nodes = [node for node in order if isinstance(node, Apply)]
    present = set(nodes)
    for (first, second), helper in JOINT.items():
        for node in nodes:
            if node.function != first or node in found:
                continue
            other = Apply(second, node.operands, node.axis)
            if other in present and other not in found:
                joint = Joint(node, other, node.operands, node.axis, (helper,))
                found[node] = found[other] = joint
    return found


def _likelihoods(order: Sequence[Expression], uses: Counter[Expression]) -> Iterator[Joint]:
    """Sums of y*log_softmax(z), each with softmax(z)."""
    helpers = (LIKELIHOOD_AND_SOFTMAX, JOINT["softmax", "log_softmax"])
    present = set(order)
    for value, logarithm, y in likelihoods(order):
        p = Apply("softmax", logarithm.operands, logarithm.axis)
        if p in present and uses[logarithm] == 1:
            yield Joint(value, p, (logarithm.operand, y), None, helpers, (logarithm,))


def _with_sigmoid(order: Sequence[Expression], uses: Counter[Expression]) -> Iterator[Joint]:
    """Sums of losses of logits, and softplus, each with sigmoid of the same argument."""
    kernels = [node for node in order if isinstance(node, Elementwise) and node.rank]
    slopes = {
        meaning(node.operands[0]): node for node in kernels if node.kernel.expr == sigmoid(_x)
    }
    totals = {node.operands[0]: node for node in order if is_total(node)}
    for node in kernels if slopes else ():
        is_loss = node.kernel == LOSS and node in totals and uses[node] == 1
        if not is_loss and node.kernel.expr != softplus(_x):
            continue
        slope = slopes.pop(meaning(node.operands[0]), None)
        if slope is None:
            continue
        if not is_loss:
            yield Joint(node, slope, node.operands, None, (SOFTPLUS_AND_SIGMOID,))
            continue
        rest = _difference(slope, node.operands[1], order) if uses[slope] == 1 else None
        if rest is None:
            yield Joint(totals[node], slope, node.operands, None, (LOSS_AND_SIGMOID,), (node,))
        else:
            inner = (node, slope)
            yield Joint(totals[node], rest, node.operands, None, (LOSS_AND_SLOPE,), inner)


def _difference(slope: Expression, y: Expression, order: Sequence[Expression]) -> Sum | None:
    """The difference slope - y."""
    for node in order:
        if isinstance(node, Sum) and len(node.terms) == 2 and slope in node.terms:
            (other,) = (term for term in node.terms if term is not slope)
            minus_y = is_multiple(other) and other.coefficient == -1
            if minus_y and meaning(other.children[0]) == meaning(y):
                return node
    return None
