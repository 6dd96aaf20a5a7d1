"""Derivatives by reverse accumulation over the graph, each node once.

The adjoint of a node v is D_v y with shape(y) + shape(v); it starts as the identity at y and is pushed
to the operands of each node by one small function a node type. Nothing is simplified here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sympy

from symbolic.errors import UnsupportedError
from symbolic.functions import step
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Named,
    Sum,
    Unspecified,
    Variable,
)
from symbolic.operations import repeated_value
from symbolic.sizes import Size
from symbolic.structured import structured_function
from symbolic.traverse import depends_on, postorder


def accumulate(y: Expression, targets: Sequence[Expression]) -> list[Expression]:
    """The derivatives of y by each target, unsimplified; shape(y) + shape(target) each.

    A target that y does not contain gets zeros. Work is shared between the targets.
    """
    needed = depends_on(y, *targets)
    adjoints: dict[Expression, list[Expression]] = {y: [identity(y)]}
    wanted = set(targets)
    kept: dict[Expression, Expression] = {}
    for node in reversed(postorder(y)):
        if node not in needed or node not in adjoints:
            continue
        parts = adjoints.pop(node)
        adjoint = parts[0] if len(parts) == 1 else Sum(parts)
        if node in wanted:
            kept[node] = adjoint
        for operand, part in pull_back(node, adjoint, y.rank, needed):
            adjoints.setdefault(operand, []).append(part)
    return [kept[t] if t in kept else zero(y.shape + t.shape) for t in targets]


def zero(shape: tuple[Size, ...]) -> Contraction:
    """An array of zeros of the given shape."""
    sizes = dict(enumerate(shape))
    return Contraction((), (), tuple(sizes), sizes, 0)


def identity(y: Expression) -> Contraction:
    """The derivative of y by itself: 1 for a scalar, a product of Kronecker deltas otherwise."""
    axes = tuple(range(y.rank))
    return Contraction((), (), axes + axes, dict(zip(axes, y.shape, strict=True)))


def pull_back(
    node: Expression, adjoint: Expression, prefix: int, needed: set[Expression]
) -> list[tuple[Expression, Expression]]:
    """What the adjoint of a node gives to each operand; `prefix` axes of the adjoint are of y."""
    match node:
        case Variable():
            return []
        case Named():
            return [(node.meaning, adjoint)]
        case Sum():
            return [(term, adjoint) for term in node.terms if term in needed]
        case Contraction():
            return _pull_back_contraction(node, adjoint, prefix, needed)
        case Elementwise():
            return _pull_back_elementwise(node, adjoint, prefix, needed)
        case Apply():
            return _pull_back_apply(node, adjoint, prefix, needed)
        case Unspecified():
            slope = Derivative(node, _place(node))
            front = list(range(prefix))
            back = list(range(prefix, prefix + slope.rank))
            return [(node.operand, Contraction([adjoint, slope], [front, back], front + back))]
        case _:
            raise UnsupportedError(
                f"differentiating {node}",
                f"{type(node).__name__}, which is not worked out",
                "work out what is inside first: a derivative with gradient or jacobian",
            )


def _place(node: Unspecified) -> Variable | Named:
    if isinstance(node.operand, (Variable, Named)):
        return node.operand
    raise UnsupportedError(
        f"differentiating {node}",
        "its operand has no name",
        "name the operand first, as in unspecified('C', named('z', ...))",
    )


def _pull_back_contraction(
    node: Contraction, adjoint: Expression, prefix: int, needed: set[Expression]
) -> list[tuple[Expression, Expression]]:
    front = [("y", axis) for axis in range(prefix)]
    sizes: dict[object, Size] = dict(enumerate(node.sizes))
    given: list[tuple[Expression, Expression]] = []
    for place, operand in enumerate(node.operands):
        if operand not in needed:
            continue
        others = [each for i, each in enumerate(node.operands) if i != place]
        labels = [each for i, each in enumerate(node.labels) if i != place]
        part = Contraction(
            [*others, adjoint],
            [*labels, [*front, *node.output]],
            [*front, *node.labels[place]],
            sizes,
            node.coefficient,
        )
        given.append((operand, part))
    return given


def _with_constants(node: Elementwise) -> sympy.Lambda:
    """The kernel with the operands that are one number throughout written as numbers."""
    if not node.kernel.expr.has(sympy.Max, sympy.Min):
        return node.kernel
    numbers = {}
    for symbol, operand in zip(node.kernel.variables, node.operands, strict=True):
        value = repeated_value(operand)
        if value is not None:
            numbers[symbol] = value
    return sympy.Lambda(node.kernel.variables, node.kernel.expr.xreplace(numbers))


@lru_cache(maxsize=4096)
def slope(kernel: sympy.Lambda, position: int) -> sympy.Expr:
    """The partial derivative of a kernel; at a kink the convention of the table holds.

    |x|' = sign(x) with sign(0) = 0; max(x, c)' = step(x - c) and min(x, c)' = step(c - x) for a
    number c, which are 0 at the kink as relu' is; max(a, b) gives each side 1/2 at a tie.
    """
    expression = kernel.expr.diff(kernel.variables[position])
    several = len(kernel.expr.free_symbols & set(kernel.variables)) > 1

    def at_most_one_side(argument: sympy.Expr) -> sympy.Expr:
        return (1 + sympy.sign(argument)) / 2 if several else step(argument)

    return expression.replace(sympy.Heaviside, lambda a, *_: at_most_one_side(a)).replace(
        sympy.DiracDelta, lambda *_: sympy.S.Zero
    )


def partial(node: Elementwise, position: int) -> Expression | None:
    """The slope of an elementwise node by one operand, with the node's shape; None when it is 0."""
    expression = slope(_with_constants(node), position)
    if expression == 0:
        return None
    used = [i for i, symbol in enumerate(node.kernel.variables) if expression.has(symbol)]
    if not used:
        axes = tuple(range(node.rank))
        return Contraction((), (), axes, dict(enumerate(node.shape)), expression)
    from symbolic.nodes import kernel_symbol

    rename = {node.kernel.variables[i]: kernel_symbol(place) for place, i in enumerate(used)}
    renamed = sympy.Lambda(tuple(rename.values()), expression.xreplace(rename))
    return Elementwise(renamed, [node.operands[i] for i in used])


def _pull_back_elementwise(
    node: Elementwise, adjoint: Expression, prefix: int, needed: set[Expression]
) -> list[tuple[Expression, Expression]]:
    front = list(range(prefix))
    axes = list(range(prefix, prefix + node.rank))
    given: list[tuple[Expression, Expression]] = []
    for position, operand in enumerate(node.operands):
        factor = partial(node, position) if operand in needed else None
        if factor is not None:
            part = Contraction([adjoint, factor], [front + axes, axes], front + axes)
            given.append((operand, part))
    return given


def check_linear_in_last(node: Apply, needed: set[Expression]) -> None:
    """`UnsupportedError` where a derivative by an operand other than the last one is asked for."""
    if any(operand in needed for operand in node.operands[:-1]):
        raise UnsupportedError(
            f"the derivative of {node.function} by its first operand",
            "only the one by its last operand is in the table",
            "take a lower derivative, or check it numerically",
        )


def _pull_back_apply(
    node: Apply, adjoint: Expression, prefix: int, needed: set[Expression]
) -> list[tuple[Expression, Expression]]:
    """The transpose of the differential: pull the adjoint back through the linear map of a tangent."""
    check_linear_in_last(node, needed)
    entry, operand = structured_function(node.function), node.operands[-1]
    if entry.adjoint is not None:
        return [(operand, entry.adjoint(node, adjoint, prefix))]
    tangent = Variable(f"d_{node.key.hex()}", operand.shape)
    push = entry.differential(node, tangent)
    found = _pull_to(tangent, push, adjoint, prefix)
    return [] if found is None else [(operand, found)]


def _pull_to(
    tangent: Variable, push: Expression, adjoint: Expression, prefix: int
) -> Expression | None:
    """The adjoint of the tangent of a linear map; None where the map does not contain it."""
    needed = depends_on(push, tangent)
    adjoints: dict[Expression, list[Expression]] = {push: [adjoint]}
    for inner in reversed(postorder(push)):
        if inner is not tangent and inner in needed and inner in adjoints:
            parts = adjoints.pop(inner)
            whole = parts[0] if len(parts) == 1 else Sum(parts)
            for operand, part in pull_back(inner, whole, prefix, needed):
                adjoints.setdefault(operand, []).append(part)
    parts = adjoints.get(tangent, [])
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Sum(parts)
