"""Derivatives by matrices in the layout of vec: columns stacked, so that a Jacobian is a matrix."""

from __future__ import annotations

from collections.abc import Sequence

from symbolic import Expression
from symbolic.indexing import vec_bracket
from symbolic.nodes import Contraction
from symbolic.sizes import Shape


def vectorized(derivative: Expression, parts: Sequence[Shape]) -> Expression:
    """A derivative with each part of its axes that is of a matrix replaced by one, that of its vec.

    `parts` are the shapes of the function and of what it is differentiated by, one after the other.

    >>> from symbolic import jacobian, matrix, simplify
    >>> A, X = matrix("A", "m", "n"), matrix("X", "n", "d")
    >>> product = A @ X
    >>> simplify(vectorized(jacobian(product, X), [product.shape, X.shape]))
    kron(eye(d), A)
    """
    operands: list[Expression] = [derivative]
    labels: list[tuple[object, ...]] = [tuple(range(derivative.rank))]
    output: list[object] = []
    at = 0
    for place, shape in enumerate(parts):
        axes = tuple(range(at, at + len(shape)))
        at += len(shape)
        if len(shape) != 2:
            output.extend(axes)
            continue
        operands.append(vec_bracket(shape))
        labels.append((("vec", place), *axes))
        output.append(("vec", place))
    return Contraction(operands, labels, output)


def fits_vectorized(claim: Shape, parts: Sequence[Shape]) -> bool:
    """Whether a shape has one axis for each matrix among the parts, of as many entries."""
    wanted: list[object] = []
    for shape in parts:
        wanted.extend([vec_bracket(shape).shape[0]] if len(shape) == 2 else shape)
    return any(len(shape) == 2 for shape in parts) and list(claim) == wanted
