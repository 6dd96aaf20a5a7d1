"""Windows along an axis, and what is made of them: convolution and pooling.

    windows(x, k)[..., o, j] = x[..., stride*o + dilation*j - padding],  0 outside

A convolution is a product with windows, pooling a mean or a maximum of them, so that nothing about
them has to be known twice.
"""

from __future__ import annotations

import sympy

from symbolic import operations, reductions
from symbolic.errors import ShapeError
from symbolic.indexing import compound_size, place_of_axis
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.operations import arange_axes, as_expression
from symbolic.sizes import as_size, shape_text

__all__ = [
    "avg_pool1d", "avg_pool2d", "conv1d", "conv2d", "max_pool1d", "max_pool2d", "windows",
]  # fmt: skip


def windows(
    a: object, size: object, axis: int = -1, stride: int = 1, dilation: int = 1, padding: int = 0
) -> Expression:
    """All windows along an axis; the axis becomes two, the number of the window and the place in it.

    The count is floor((n + 2*padding - dilation*(size - 1) - 1)/stride) + 1.

    >>> from symbolic.variables import vector
    >>> windows(vector("x", "n"), 3).shape
    (n - 2, 3)
    """
    operand = as_expression(a)
    place = place_of_axis(operand, axis, "windows")
    _check_counts(stride=(stride, 1), dilation=(dilation, 1), padding=(padding, 0))
    length, width = operand.shape[place], as_size(size)
    span = length + 2 * padding - dilation * (width - 1) - 1
    count = sympy.expand(span if stride == 1 else sympy.floor(sympy.expand(span) / stride)) + 1
    if sympy.sympify(count).is_nonpositive:
        raise ShapeError(
            f"windows of size {size}",
            f"the axis has size {length}",
            "use a window that fits, or padding",
        )
    moved = Iverson((length, compound_size(count), width), (1, -stride, -dilation), padding)
    labels: list[object] = list(arange_axes(operand))
    output = [*labels[:place], "window", "place", *labels[place + 1 :]]
    return Contraction([operand, moved], [labels, [place, "window", "place"]], output)


def _check_counts(**counts: tuple[int, int]) -> None:
    for name, (value, least) in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ShapeError(f"{name}={value!r}", "no such count", f"give an integer from {least}")


def conv1d(
    x: object, w: object, stride: int = 1, padding: int = 0, dilation: int = 1
) -> Expression:
    """Cross-correlation along the last axis, as deep-learning libraries define convolution.

    Shapes: x (n,) with w (k,); x (..., c, n) with w (o, c, k) gives (..., o, count).

    >>> from symbolic.variables import vector
    >>> conv1d(vector("x", "n"), vector("w", "k")).shape
    (-k + n + 1,)
    """
    signal, kernel = as_expression(x), as_expression(w)
    _check_convolution(signal, kernel, 1)
    seen = windows(signal, kernel.shape[-1], -1, stride, dilation, padding)
    if kernel.rank == 1:
        return operations.matmul(seen, kernel)
    batch = [("batch", axis) for axis in range(signal.rank - 2)]
    return Contraction(
        [seen, kernel], [[*batch, "c", "n", "k"], ["o", "c", "k"]], [*batch, "o", "n"]
    )


def conv2d(
    x: object, w: object, stride: int = 1, padding: int = 0, dilation: int = 1
) -> Expression:
    """Cross-correlation along the last two axes.

    Shapes: x (h, v) with w (k, l); x (..., c, h, v) with w (o, c, k, l) gives (..., o, ., .).

    >>> from symbolic.variables import matrix
    >>> conv2d(matrix("x", "h", "v"), matrix("w", 3, 3), padding=1).shape
    (h, v)
    """
    image, kernel = as_expression(x), as_expression(w)
    _check_convolution(image, kernel, 2)
    rows, columns = kernel.shape[-2:]
    seen = windows(image, rows, -2, stride, dilation, padding)
    seen = windows(seen, columns, -1, stride, dilation, padding)
    if kernel.rank == 2:
        batch = [("batch", axis) for axis in range(image.rank - 2)]
        return Contraction([seen, kernel], [[*batch, "h", "k", "v", "l"], ["k", "l"]],
                           [*batch, "h", "v"])  # fmt: skip
    batch = [("batch", axis) for axis in range(image.rank - 3)]
    return Contraction(
        [seen, kernel],
        [[*batch, "c", "h", "k", "v", "l"], ["o", "c", "k", "l"]],
        [*batch, "o", "h", "v"],
    )


def _check_convolution(signal: Expression, kernel: Expression, axes: int) -> None:
    plain = kernel.rank == axes and signal.rank >= axes
    channels = kernel.rank == axes + 2 and signal.rank > axes
    if plain or (channels and signal.shape[-axes - 1] == kernel.shape[1]):
        return
    raise ShapeError(
        f"conv{axes}d",
        f"shapes {shape_text(signal.shape)} and {shape_text(kernel.shape)}",
        f"give a kernel with {axes} axes, or one (out, in, ...) for a signal (..., in, ...)",
    )


def _pooled(a: object, size: int, axes: int, function: str, stride: int | None) -> Expression:
    found = as_expression(a)
    if found.rank < axes:
        raise ShapeError(f"{function} pooling", f"shape {shape_text(found.shape)}", f"{axes} axes")
    moved = size if stride is None else stride
    for axis in range(-axes, 0):
        place = found.rank + axis
        seen = windows(found, size, place, moved)
        if function == "mean":
            found = operations.mean(seen, axis=place + 1)
        else:
            found = reductions.max(seen, axis=place + 1)
    return found


def max_pool1d(a: object, size: int, stride: int | None = None) -> Expression:
    """The largest entry of each window along the last axis; the stride is the size by default."""
    return _pooled(a, size, 1, "max", stride)


def max_pool2d(a: object, size: int, stride: int | None = None) -> Expression:
    """The largest entry of each square window along the last two axes."""
    return _pooled(a, size, 2, "max", stride)


def avg_pool1d(a: object, size: int, stride: int | None = None) -> Expression:
    """The mean of each window along the last axis."""
    return _pooled(a, size, 1, "mean", stride)


def avg_pool2d(a: object, size: int, stride: int | None = None) -> Expression:
    """The mean of each square window along the last two axes."""
    return _pooled(a, size, 2, "mean", stride)
