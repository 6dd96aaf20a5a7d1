"""The slope of relu from what relu gave: step(relu(z)) is step(z), and z need not be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from symbolic.functions import relu, step
from symbolic.nodes import Elementwise, Expression, Named, Variable, kernel_symbol
from symbolic.traverse import postorder, with_children

_RELU, _STEP = relu(kernel_symbol(0)), step(kernel_symbol(0))


def masks_from_relu(outputs: Sequence[Expression]) -> list[Expression]:
    """Outputs of the same values, with masks by relu of what nothing but relu and its slope reads.

    >>> from symbolic.operations import relu, step
    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> z = matrix("X", n, d) @ vector("w", d)
    >>> print(*masks_from_relu([relu(z), step(z)]), sep=", ")
    relu(X @ w), step(relu(X @ w))
    """
    order = postorder(outputs)
    readers: dict[Expression, set[Expression]] = defaultdict(set)
    for node in order:
        for child in node.children:
            readers[child].add(node)
    inside = {
        z
        for z, nodes in readers.items()
        if {_kernel(node) for node in nodes} == {_RELU, _STEP}
        and not isinstance(z, (Variable, Named))
        and z not in outputs
    }
    new: dict[Expression, Expression] = {}
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        if _kernel(node) == _STEP and node.children[0] in inside:
            assert isinstance(built, Elementwise)
            given = [each for each in readers[node.children[0]] if _kernel(each) == _RELU]
            built = Elementwise(built.kernel, [with_children(given[0], built.children)])
        new[node] = built
    return [new[output] for output in outputs]


def _kernel(node: Expression) -> object:
    return node.kernel.expr if isinstance(node, Elementwise) else None
