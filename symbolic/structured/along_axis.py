"""Named functions along an axis: softmax, logsumexp, norm, max, prod, ...

Each entry gives the differential in terms of named functions, as in

    d softmax(z) = p * (dz - sum(p * dz)),  p = softmax(z),

from which both the forward rule (push a tangent) and the reverse rule (its transpose) follow.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.structured.entry import StructuredFunction, keeps_axis, loses_axis


def _axes(node: Apply, tangent: Expression) -> tuple[list[int], list[int], list[int]]:
    """Labels of the operand, of the tangent's further axes, and of the operand without the axis."""
    rank = node.operand.rank
    operand = list(range(rank))
    further = list(range(rank, tangent.rank))
    rest = [] if node.axis is None else [label for label in operand if label != node.axis]
    return operand, further, rest


def _d_logsumexp(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    p = Apply("softmax", node.operand, node.axis)
    return Contraction([p, tangent], [operand, operand + further], rest + further)


def _d_softmax(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    mean = Contraction([node, tangent], [operand, operand + further], rest + further)
    return _difference(
        Contraction([node, tangent], [operand, operand + further], operand + further),
        Contraction([node, mean], [operand, rest + further], operand + further),
    )


def _d_log_softmax(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    p = Apply("softmax", node.operand, node.axis)
    mean = Contraction([p, tangent], [operand, operand + further], rest + further)
    sizes = dict(zip(operand, node.shape, strict=True))
    return _difference(tangent, Contraction([mean], [rest + further], operand + further, sizes))


def _d_norm(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    x = kernel_symbol(0)
    inverse = Elementwise(sympy.Lambda((x,), 1 / x), [node])
    return Contraction(
        [inverse, node.operand, tangent], [rest, operand, operand + further], rest + further
    )


def _d_extreme(chooser: Callable[[Expression], Expression]) -> Callable[..., Expression]:
    def differential(node: Apply, tangent: Expression) -> Expression:
        operand, further, rest = _axes(node, tangent)
        chosen = Apply("hardmax", chooser(node.operand), node.axis)
        return Contraction([chosen, tangent], [operand, operand + further], rest + further)

    return differential


def _negative(z: Expression) -> Expression:
    axes = tuple(range(z.rank))
    return Contraction([z], [axes], axes, coefficient=-1)


def _d_hardmax(node: Apply, tangent: Expression) -> Expression:
    axes = tuple(range(tangent.rank))
    return Contraction((), (), axes, dict(enumerate(tangent.shape)), 0)


def _d_prod(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    x = kernel_symbol(0)
    inverse = Elementwise(sympy.Lambda((x,), 1 / x), [node.operand])
    return Contraction([node, inverse, tangent], [rest, operand, operand + further], rest + further)


def _difference(a: Expression, b: Expression) -> Expression:
    labels = list(range(b.rank))
    return Sum([a, Contraction([b], [labels], labels, coefficient=-1)])


# Along a short last axis NumPy's own reductions take ten times as long as the copy and the product.
_LARGEST = (
    "    short = x.ndim == 2 and axis == 1 and x.shape[1] < 64  # slow for NumPy's own reductions\n"
    "    m = x.T.copy().max(axis=0)[:, None] if short else x.max(axis=axis, keepdims=True)\n"
)
SHIFTED = f"{_LARGEST}    s = x - m\n    e = np.exp(s)\n"
EXPONENTIALS = f"{_LARGEST}    e = x - m\n    np.exp(e, out=e)\n"
TOTAL = (
    "    ones = np.ones((x.shape[1], 1), e.dtype) if short else None\n"
    "    total = e.dot(ones) if short else e.sum(axis=axis, keepdims=True)\n"
)
# Where one entry leads, it alone is exp(0) = 1, and the only one that is not below 1.
LOG_OF_TOTAL = (
    "    log = np.log(total)\n"
    "    led = total < 1.5  # one entry leads: sum the others alone\n"
    "    if np.count_nonzero(led):\n"
    "        others = e - np.floor(e)\n"
    "        others = others.dot(ones) if short else others.sum(axis=axis, keepdims=True)\n"
    "        np.log1p(others, out=log, where=led)\n"
)
_NUMPY_SOURCE = "NumPy reference, mathematical functions"
_SOFTMAX_SOURCE = "Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4"

ALONG_AXIS: dict[str, StructuredFunction] = {
    entry.name: entry
    for entry in (
        StructuredFunction(
            "logsumexp",
            loses_axis,
            _d_logsumexp,
            statement="d logsumexp(z) = sum(softmax(z) * dz)",
            numpy=(
                "def logsumexp(x, axis=None):\n"
                f"{EXPONENTIALS}{TOTAL}{LOG_OF_TOTAL}"
                "    return np.squeeze(m + log, axis=axis)[()]\n"
            ),
            latex=r"\operatorname{logsumexp}",
            condition="finite z",
            source="Blanchard, Higham, Higham, IMA J. Numer. Anal. 41 (2021)",
        ),
        StructuredFunction(
            "softmax",
            keeps_axis,
            _d_softmax,
            statement="d softmax(z) = p * (dz - sum(p * dz)), p = softmax(z)",
            numpy=(
                "def softmax(x, axis=None):\n"
                f"{EXPONENTIALS}{TOTAL}"
                "    e /= total\n"
                "    return e\n"
            ),
            latex=r"\operatorname{softmax}",
            condition="finite z",
            source=_SOFTMAX_SOURCE,
        ),
        StructuredFunction(
            "log_softmax",
            keeps_axis,
            _d_log_softmax,
            statement="d log_softmax(z) = dz - sum(softmax(z) * dz)",
            numpy=(
                "def log_softmax(x, axis=None):\n"
                f"{SHIFTED}{TOTAL}{LOG_OF_TOTAL}"
                "    s -= log\n"
                "    return s\n"
            ),
            latex=r"\operatorname{log\,softmax}",
            condition="finite z",
            source=_SOFTMAX_SOURCE,
        ),
        StructuredFunction(
            "norm",
            loses_axis,
            _d_norm,
            statement="d norm(x) = sum(x * dx)/norm(x)",
            numpy=(
                "def norm(x, axis=None):\n"
                '    with np.errstate(over="ignore"):\n'
                "        square = np.vdot(x, x) if axis is None else np.sum(x * x, axis=axis)\n"
                "    if x.size == 0 or np.all((square > 1e-30) & (square < 1e38)):\n"
                "        return np.sqrt(square)\n"
                "    # squares out of range: scale by a power of two, which is exact\n"
                "    k = np.frexp(np.max(np.abs(x), axis=axis, keepdims=True))[1]\n"
                "    y = np.ldexp(x, -k)\n"
                "    size = np.sqrt(np.sum(y * y, axis=axis))\n"
                "    return np.ldexp(size, np.squeeze(k, axis=axis))[()]\n"
            ),
            latex=r"\left\|{}\right\|",
            condition="x != 0 (the square is differentiable everywhere)",
            source="Petersen, Pedersen, The Matrix Cookbook (2012)",
        ),
        StructuredFunction(
            "max",
            loses_axis,
            _d_extreme(lambda z: z),
            statement="d max(x) = sum(hardmax(x) * dx)",
            numpy="def max(x, axis=None):\n    return np.max(x, axis=axis)\n",
            latex=r"\max",
            condition="a single largest entry; at a tie the slope is shared equally",
            source=_NUMPY_SOURCE,
        ),
        StructuredFunction(
            "min",
            loses_axis,
            _d_extreme(_negative),
            statement="d min(x) = sum(hardmax(-x) * dx)",
            numpy="def min(x, axis=None):\n    return np.min(x, axis=axis)\n",
            latex=r"\min",
            condition="a single smallest entry; at a tie the slope is shared equally",
            source=_NUMPY_SOURCE,
        ),
        StructuredFunction(
            "hardmax",
            keeps_axis,
            _d_hardmax,
            statement="d hardmax(x) = 0, hardmax(x) the one-hot vector of the largest entry",
            numpy=(
                "def hardmax(x, axis=None):\n"
                "    largest = x == np.max(x, axis=axis, keepdims=True)\n"
                "    return largest / np.sum(largest, axis=axis, keepdims=True, dtype=x.dtype)\n"
            ),
            latex=r"\operatorname{hardmax}",
            condition="a single largest entry; at a tie its 1 is shared equally",
            source="ONNX operators, Hardmax",
        ),
        StructuredFunction(
            "prod",
            loses_axis,
            _d_prod,
            statement="d prod(x) = prod(x) * sum(dx/x)",
            numpy="def prod(x, axis=None):\n    return np.prod(x, axis=axis)\n",
            latex=r"\prod",
            condition="no entry is 0",
            source=_NUMPY_SOURCE,
        ),
    )
}  # fmt: skip
