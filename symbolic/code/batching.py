"""Batch axes: an expression for one item as an expression for many, one leading axis more.

Each node that depends on a batched variable gets a first axis of a size of its own; others stay as
they are and are repeated where they meet. The code generator then writes the loop over items as it
writes every other axis.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sympy

from symbolic.domains import DOMAINS
from symbolic.errors import ChainruleError, UnsupportedError
from symbolic.indexing import reshape
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Named,
    Sum,
    Variable,
)
from symbolic.sizes import Size, size_symbol
from symbolic.structured import structured_function
from symbolic.traverse import depends_on, postorder

_BATCH = "batch"  # the label of the new axis


def batched(
    roots: Sequence[Expression], arguments: Sequence[Variable], names: Collection[str]
) -> tuple[tuple[Expression, ...], tuple[Variable, ...]]:
    """The roots and the arguments, those in `names` with a leading axis, and the roots as well.

    Errors: `UnsupportedError` where a part has no form for many items.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w = matrix("X", n, d), vector("w", d)
    >>> (root,), (_, many) = batched([X @ w], [X, w], ["w"])
    >>> root, root.shape, many.shape
    (einsum("ij,kj->ki", X, w), (batch, n), (batch, d))
    """
    size = _fresh_size(roots, arguments)
    wide: dict[Expression, Variable] = {
        variable: _widened(variable, size) for variable in arguments if variable.name in names
    }
    new: dict[Expression, Expression] = {**wide}
    dependent = _dependent(roots, wide)
    for node in postorder(roots):
        if node in new:
            continue
        new[node] = _of_items(node, new, dependent, size) if node in dependent else node
    results = tuple(new[root] if root in dependent else _repeated(root, size) for root in roots)
    return results, tuple(wide.get(variable, variable) for variable in arguments)


def _dependent(roots: Sequence[Expression], wide: Iterable[Expression]) -> set[Expression]:
    found: set[Expression] = set()
    for root in roots:
        found |= depends_on(root, *wide)
    return found


def _fresh_size(roots: Sequence[Expression], arguments: Sequence[Variable]) -> sympy.Symbol:
    """A size letter that nothing uses."""
    used = {
        symbol.name
        for node in (*postorder(roots), *arguments)
        for size in (*node.shape, *getattr(node, "sizes", ()))
        if isinstance(size, sympy.Expr)
        for symbol in size.free_symbols
    }
    letter, count = _BATCH, 1
    while letter in used:
        count += 1
        letter = f"{_BATCH}_{count}"
    return size_symbol(letter)


def _widened(variable: Variable, size: Size) -> Variable:
    """The variable of many items, with what its domain says of entries, and of rows or columns.

    The domain itself is checked item by item elsewhere.
    """
    domain = DOMAINS[variable.domain]
    kept = domain.name
    if not domain.entrywise and domain.sums_to_one is None:
        kept = "nonnegative" if domain.nonnegative else "real"
    return Variable(variable.name, (size, *variable.shape), kept)


def _repeated(node: Expression, size: Size) -> Expression:
    """A node that is the same for all items."""
    axes = tuple(range(node.rank))
    return Contraction([node], [axes], (_BATCH, *axes), {_BATCH: size})


def _of_items(
    node: Expression,
    new: dict[Expression, Expression],
    dependent: set[Expression],
    size: Size,
) -> Expression:
    """A node with a leading axis, built from children some of which have one."""

    def wide(child: Expression) -> Expression:
        return new[child] if child in dependent else _repeated(new[child], size)

    match node:
        case Named():
            return Named(node.name, new[node.meaning])
        case Contraction():
            labels = [
                (_BATCH, *at) if operand in dependent else at
                for operand, at in zip(node.operands, node.labels, strict=True)
            ]
            sizes = dict(enumerate(node.sizes))
            operands = [new[operand] for operand in node.operands]
            return Contraction(operands, labels, (_BATCH, *node.output), sizes, node.coefficient)
        case Sum():
            return Sum([wide(term) for term in node.terms])
        case Elementwise():
            return Elementwise(node.kernel, [wide(operand) for operand in node.operands])
        case Apply() if len(node.operands) == 1:
            return _applied(node, new[node.operand])
    raise UnsupportedError(
        f"batch axes for {node.function if isinstance(node, Apply) else type(node).__name__}",
        "it takes one array at a time",
        "call the function once for each item",
    )


def _applied(node: Apply, operand: Expression) -> Expression:
    """A function of each item."""
    function = structured_function(node.function)
    along = function.keeps or function.reduces
    try:
        if not along:
            return Apply(node.function, operand)
        if node.axis is not None:
            return Apply(node.function, operand, node.axis + 1)
        if node.operand.rank == 1:
            return Apply(node.function, operand, 1)
        flat = reshape(operand, operand.shape[0], sympy.Mul(*operand.shape[1:]))
        result = Apply(node.function, flat, 1)
        return reshape(result, *operand.shape) if function.keeps else result
    except ChainruleError as problem:
        raise UnsupportedError(
            f"batch axes for {node.function}", problem.found, "call the function once for each item"
        ) from None
