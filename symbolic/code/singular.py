"""What a generated function says of a matrix that it cannot invert or factor."""

from __future__ import annotations

from collections.abc import Iterable

from numpy.linalg import LinAlgError

from symbolic.errors import ChainruleError
from symbolic.nodes import Apply, Expression
from symbolic.structured import structured_function
from symbolic.traverse import postorder

_MEANING = {"invertible": "invertible", "spd": "symmetric positive definite"}


class SingularError(ChainruleError, LinAlgError):
    """A matrix that is singular, or not positive definite, where the result needs that it is not."""


def singular(roots: Iterable[Expression], error: LinAlgError) -> SingularError:
    """The error of NumPy with the matrices that the results need to be invertible, and what they assume.

    >>> from symbolic import inv, matrix
    >>> print(singular([inv(matrix("A", "n", "n"))], LinAlgError("Singular matrix")))
    inv(A): Singular matrix; the result assumes A: invertible, so give such a matrix
    """
    needed: dict[str, str] = {}
    for node in postorder(list(roots)):
        requires = structured_function(node.function).requires if isinstance(node, Apply) else None
        if isinstance(node, Apply) and requires is not None:
            needed[str(node)] = f"{node.operand}: {_MEANING.get(requires, requires)}"
    assumed = "; ".join(dict.fromkeys(needed.values()))
    written = " or ".join(needed) or "a factorisation"
    advice = f"the result assumes {assumed}, so give such a matrix" if assumed else "give others"
    return SingularError(written, str(error).rstrip("."), advice)
