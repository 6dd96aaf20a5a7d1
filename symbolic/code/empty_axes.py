"""What an expression is for arrays without entries: sums over nothing are 0, most else is nothing.

Sizes are declared to be 1 or more, and simplification relies on it. Where an axis has size 0, a sum
is 0, a product 1, a norm 0 and an entrywise result empty; a mean, a maximum, a matrix function or a
move of entries is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy

from symbolic.errors import DataError
from symbolic.nodes import Apply, Contraction, Expression, Iverson
from symbolic.sizes import Size
from symbolic.traverse import postorder

_OF_NOTHING = ("prod", "norm")  # the functions whose value for no entries is agreed on


def check_empty(roots: Iterable[Expression], sizes: Mapping[sympy.Basic, int]) -> None:
    """Raise `DataError` for an expression that has no value at these sizes, of which some are 0."""
    empty = {letter for letter, size in sizes.items() if size == 0}
    known = {letter: sympy.Integer(size) for letter, size in sizes.items()}
    for node in postorder(roots):
        held = _letters(node) & empty
        if not held:
            continue
        letter = min(held, key=str)
        if isinstance(node, Iverson):
            raise _refused(letter, "a slice, shift or window", "along an axis")
        if isinstance(node, Contraction) and not node.coefficient.xreplace(known).is_finite:
            raise _refused(letter, "a mean", "over entries")
        if (
            isinstance(node, Apply)
            and node.function not in _OF_NOTHING
            and _is_of_nothing(node, empty)
        ):
            raise _refused(letter, node.function, "of entries")
        for size in node.shape:
            if isinstance(size, sympy.Expr) and not size.is_Symbol:
                raise _refused(letter, f"an axis of size {size}", "made of axes")


def _letters(node: Expression) -> set[sympy.Basic]:
    found: set[sympy.Basic] = set()
    given: tuple[Size | sympy.Expr, ...] = node.shape
    if isinstance(node, Contraction):
        given = (*node.sizes, node.coefficient)
    elif isinstance(node, Apply):
        given = node.operand.shape
    for size in given:
        if isinstance(size, sympy.Expr):
            found |= size.free_symbols
    return found


def _is_of_nothing(node: Apply, empty: set[sympy.Basic]) -> bool:
    """Whether what a function works on has no entries: a matrix, or the axis it goes along."""
    shape = node.operand.shape
    worked_on = shape if node.axis is None else shape[node.axis : node.axis + 1]
    return not empty.isdisjoint(worked_on)


def _refused(letter: sympy.Basic, what: str, over: str) -> DataError:
    return DataError(
        f"arrays with {letter} = 0", f"{what} {over} of which there are none", "pass longer arrays"
    )
