"""Functions that share their exponentials: softmax with its logarithm, a loss of logits with its slope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symbolic.code.cancellation import meaning
from symbolic.code.logistic_losses import (
    LOSS,
    LOSS_AND_SIGMOID,
    SOFTPLUS_AND_SIGMOID,
    is_total,
)
from symbolic.functions import sigmoid, softplus
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
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
    """Two nodes that one call of a helper gives."""

    first: Expression
    second: Expression
    operands: tuple[Expression, ...]
    axis: int | None
    helper: tuple[str, str]

    @property
    def inner(self) -> tuple[Expression, ...]:
        """What the helper works out on the way: the losses of which it gives the sum."""
        return self.first.children if isinstance(self.first, Contraction) else ()


def joint_functions(order: Sequence[Expression]) -> dict[Expression, Joint]:
    """The nodes that are computed together.

    >>> from symbolic.variables import vector
    >>> z = vector("z", "n")
    >>> pair = Apply("softmax", z), Apply("logsumexp", z)
    >>> joint_functions([z, *pair])[pair[1]].helper[0]
    'softmax_and_logsumexp'
    """
    nodes = [node for node in order if isinstance(node, Apply)]
    found: dict[Expression, Joint] = {}
    present = set(nodes)
    for (first, second), helper in JOINT.items():
        for node in nodes:
            if node.function != first or node in found:
                continue
            other = Apply(second, node.operands, node.axis)
            if other in present and other not in found:
                joint = Joint(node, other, node.operands, node.axis, helper)
                found[node] = found[other] = joint
    for joint in _with_sigmoid(order):
        found[joint.first] = found[joint.second] = joint
    return found


def _with_sigmoid(order: Sequence[Expression]) -> Iterator[Joint]:
    """Sums of losses of logits, and softplus, each with sigmoid of the same argument."""
    kernels = [node for node in order if isinstance(node, Elementwise) and node.rank]
    slopes = {
        meaning(node.operands[0]): node for node in kernels if node.kernel.expr == sigmoid(_x)
    }
    totals = {node.operands[0]: node for node in order if is_total(node)}
    uses = Counter(child for node in order for child in node.children)
    for node in kernels if slopes else ():
        value: Expression = node
        helper = SOFTPLUS_AND_SIGMOID
        if node.kernel == LOSS and node in totals and uses[node] == 1:
            value, helper = totals[node], LOSS_AND_SIGMOID
        elif node.kernel.expr != softplus(_x):
            continue
        slope = slopes.pop(meaning(node.operands[0]), None)
        if slope is not None:
            yield Joint(value, slope, node.operands, None, helper)
