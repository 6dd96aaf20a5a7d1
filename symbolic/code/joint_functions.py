"""Named functions of one argument that share their exponentials: softmax with its logarithm or normaliser."""

from __future__ import annotations

from collections.abc import Iterable

from symbolic.nodes import Apply, Expression
from symbolic.structured.along_axis import LOG_OF_SUM, SHIFTED, TOTAL

JOINT: dict[tuple[str, str], tuple[str, str]] = {
    ("softmax", "log_softmax"): (
        "softmax_and_log",
        "def softmax_and_log(x, axis=None):\n"
        '    """softmax(x) and its logarithm, by the same exponentials."""\n'
        f"{SHIFTED}{TOTAL}{LOG_OF_SUM}"
        "    e /= total\n"
        "    s -= np.log1p(rest)\n"
        "    return e, s\n",
    ),
    ("softmax", "logsumexp"): (
        "softmax_and_logsumexp",
        "def softmax_and_logsumexp(x, axis=None):\n"
        '    """softmax(x) and logsumexp(x), by the same exponentials."""\n'
        f"{SHIFTED}{TOTAL}{LOG_OF_SUM}"
        "    e /= total\n"
        "    return e, np.squeeze(m + np.log1p(rest), axis=axis)[()]\n",
    ),
}  # fmt: skip


def joint_functions(order: Iterable[Expression]) -> dict[Expression, tuple[Apply, Apply, str, str]]:
    """The nodes that are computed together: each with both nodes, the name and source of the helper.

    >>> from symbolic.variables import vector
    >>> z = vector("z", "n")
    >>> pair = Apply("softmax", z), Apply("logsumexp", z)
    >>> joint_functions([z, *pair])[pair[1]][2]
    'softmax_and_logsumexp'
    """
    nodes = [node for node in order if isinstance(node, Apply)]
    found: dict[Expression, tuple[Apply, Apply, str, str]] = {}
    present = set(nodes)
    for (first, second), (name, source) in JOINT.items():
        for node in nodes:
            if node.function != first or node in found:
                continue
            other = Apply(second, node.operands, node.axis)
            if other in present and other not in found:
                found[node] = found[other] = (node, other, name, source)
    return found
