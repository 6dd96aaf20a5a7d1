"""Cases of which the values are nodes, with the factors beside them inside.

`y*where(x > 0, 1/f(z), 3)` is `where(x > 0, y*(1/f(z)), 3*y)`, where y and f(z) are met in one product. Cases
in one kernel are opened for that: each value becomes an operand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy

from symbolic.code.cancellation import meaning, multiplied, scaled
from symbolic.code.power_products import power
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol

DEEPEST = 12  # functions in functions of a kernel that is opened

_x, _y = kernel_symbol(0), kernel_symbol(1)


def with_opened_cases(node: Expression, head: type[sympy.Function]) -> Expression:
    """Cases with values that are nodes, if one of them has this function in the kernel.

    >>> from symbolic.variables import scalar
    >>> kernel = sympy.Lambda((_x, _y), sympy.Piecewise((_y * sympy.sin(_x), _x > 0), (2, True)))
    >>> with_opened_cases(Elementwise(kernel, [scalar("x"), scalar("y")]), sympy.sin).operands
    (x, y*sin(x), 2)
    """
    if not isinstance(node, Elementwise) or not isinstance(node.kernel.expr, sympy.Piecewise):
        return node
    pairs = node.kernel.expr.args
    if not any(value.has(head) for value, _ in pairs):
        return node
    opened = [_as_nodes(value, node, DEEPEST) for value, _ in pairs]
    return _with_values(node, opened)


def with_factors_in_cases(
    node: Contraction,
    wanted: Callable[[Expression], bool],
    written: Callable[[Contraction], Expression],
) -> Expression:
    """A product with the factors beside the first opened cases with a wanted value in all their values.

    `written` says what the products inside become.
    """
    if node.summed or len(set(node.output)) < node.rank:
        return node
    for place, operand in enumerate(node.operands):
        cases, at = meaning(operand), node.labels[place]
        values = _values(cases)
        if len(node.operands) < 2 or not any(
            value is not None and wanted(value) for value in values
        ):
            continue
        assert isinstance(cases, Elementwise)
        sizes = dict(enumerate(node.sizes))
        inside = [k for k, its in enumerate(node.labels) if k != place and set(its) <= set(at)]
        operands, labels = [node.operands[k] for k in inside], [node.labels[k] for k in inside]
        products = [
            None
            if value is None
            else written(Contraction([value, *operands], [at, *labels], at, sizes))
            for value in values
        ]
        whole = _with_values(cases, products)
        outside = [k for k in range(len(node.operands)) if k != place and k not in inside]
        if not outside and node.coefficient == 1 and at == node.output:
            return whole
        kept, its = [node.operands[k] for k in outside], [node.labels[k] for k in outside]
        return Contraction([whole, *kept], [at, *its], node.output, sizes, node.coefficient)
    return node


def _values(cases: Expression) -> list[Expression | None]:
    """The values of opened cases, None for 0; nothing for what is none."""
    if not isinstance(cases, Elementwise) or not isinstance(cases.kernel.expr, sympy.Piecewise):
        return []
    operand_of = dict(zip(cases.kernel.variables, cases.operands, strict=True))
    values = [value for value, _ in cases.kernel.expr.args]
    if any(value != 0 and value not in operand_of for value in values):
        return []
    return [operand_of.get(value) for value in values]


def _with_values(cases: Elementwise, values: Sequence[Expression | None]) -> Expression:
    """Cases with the same conditions and these values."""
    conditions = [condition for _, condition in cases.kernel.expr.args]
    used = [k for k, s in enumerate(cases.kernel.variables) if sympy.Tuple(*conditions).has(s)]
    symbols = {cases.kernel.variables[k]: kernel_symbol(place) for place, k in enumerate(used)}
    operands = [cases.operands[k] for k in used]
    pairs = []
    for value, condition in zip(values, conditions, strict=True):
        written = sympy.S.Zero if value is None else kernel_symbol(len(operands))
        operands += [] if value is None else [value]
        pairs.append((written, condition.xreplace(symbols)))
    variables = tuple(map(kernel_symbol, range(len(operands))))
    return Elementwise(sympy.Lambda(variables, sympy.Piecewise(*pairs, evaluate=False)), operands)


def _as_nodes(value: sympy.Expr, like: Elementwise, depth: int) -> Expression | None:
    """A value of a kernel as nodes of one function each; None for 0."""
    if value == 0:
        return None
    if value.is_Symbol:
        return like.operands[like.kernel.variables.index(value)]
    if value.is_number:
        return Contraction((), (), range(like.rank), dict(enumerate(like.shape)), value)
    parts = [_as_nodes(each, like, depth - 1) for each in value.args] if depth else []
    nodes = [part for part in parts if part is not None]
    if value.is_Add and depth:
        return Sum(nodes)
    if value.is_Mul and depth:
        number, factors = value.as_coeff_mul()
        whole = [_as_nodes(each, like, depth - 1) for each in factors]
        nodes = [part for part in whole if part is not None]
        return scaled(number, nodes[0] if len(nodes) == 1 else multiplied(nodes))
    if value.is_Pow and value.exp.is_Integer and depth:
        return power(nodes[0], value.exp)
    if isinstance(value, sympy.Function) and len(nodes) == len(value.args) == 1:
        return Elementwise(sympy.Lambda((_x,), value.func(_x)), nodes)
    return Elementwise(sympy.Lambda(like.kernel.variables, value), like.operands)
