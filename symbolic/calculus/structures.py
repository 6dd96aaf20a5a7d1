"""Gradients of structured matrices: the projection of G on the space that the matrix moves in.

    df = <G, dX> for every dX of the structure; the gradient is the G of that structure itself.

For symmetric X this is (G + G.T)/2; the form G + G.T - diag(G) counts an off-diagonal entry twice and is
the gradient by no inner product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable

from symbolic import operations
from symbolic.errors import NotAllowedError, ShapeError
from symbolic.indexing import tril, triu
from symbolic.nodes import Expression, Named, Variable
from symbolic.sizes import shape_text

STRUCTURES: dict[str, Callable[[Expression], Expression]] = {
    "symmetric": lambda g: (g + g.T) / 2,
    "skew": lambda g: (g - g.T) / 2,
    "diagonal": lambda g: operations.diag(operations.diagonal(g)),
    "lower": tril,
    "upper": triu,
}


def projected(slope: Expression, place: Variable | Named, structure: str) -> Expression:
    """The gradient by a square matrix of the given structure, from the one by independent entries."""
    if structure not in STRUCTURES:
        raise NotAllowedError(
            f"structure={structure!r}", "no such structure", "use one of " + ", ".join(STRUCTURES)
        )
    if place.rank != 2 or place.shape[0] != place.shape[1]:
        raise ShapeError(
            f"structure={structure!r} of {place.name}",
            f"its shape is {shape_text(place.shape)}",
            "differentiate by a square matrix",
        )
    return STRUCTURES[structure](slope)
