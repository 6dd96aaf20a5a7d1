"""Products of an exponential with powers of a sigmoid, which are bounded although the exponential is not.

exp(-m*z) * sigmoid(z)**k = sigmoid(-z)**m * sigmoid(z)**(k - m),  0 < m <= k
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, scaled, without_coefficient
from symbolic.functions import sigmoid
from symbolic.nodes import Contraction, Elementwise, Expression, kernel_symbol
from symbolic.traverse import with_children

_x = kernel_symbol(0)


def bounded(node: Expression) -> Expression:
    """A product with its exponentials taken into its sigmoids.

    >>> from symbolic.operations import exp, sigmoid
    >>> from symbolic.variables import scalar
    >>> z = scalar("z")
    >>> bounded(exp(-z) * sigmoid(z))
    sigmoid(-z)
    """
    if not isinstance(node, Contraction) or len(node.operands) < 2:
        return node
    operands, labels = list(node.operands), list(node.labels)
    for place, operand in enumerate(node.operands):
        inner = meaning(operand)
        if not isinstance(inner, Elementwise) or inner.kernel.expr != sympy.exp(_x):
            continue
        for other, beside in enumerate(node.operands):
            read = _power_of_sigmoid(beside) if labels[other] == labels[place] else None
            times = None if read is None else _multiple(inner.operands[0], read[0])
            if read is None or times is None or not 0 < times <= read[1]:
                continue
            z, power = read
            operands[place] = _sigmoid(scaled(sympy.S.NegativeOne, z), times)
            operands[other] = _sigmoid(z, power - times)
            break
        else:
            continue
        break
    else:
        return node
    kept = [k for k, each in enumerate(operands) if not _is_one(each)]
    sizes = dict(enumerate(node.sizes))
    if len(kept) == 1 and node.coefficient == 1 and labels[kept[0]] == node.output:
        return operands[kept[0]]
    return Contraction(
        [operands[k] for k in kept], [labels[k] for k in kept], node.output, sizes, node.coefficient
    )


def _power_of_sigmoid(node: Expression) -> tuple[Expression, int] | None:
    """The z and k of `sigmoid(z)**k`."""
    inner, power = meaning(node), 1
    if not isinstance(inner, Elementwise) or len(inner.operands) > 1:
        return None
    kernel = inner.kernel.expr
    if kernel.is_Pow and kernel.base == _x and kernel.exp.is_Integer and kernel.exp > 0:
        power, inner = int(kernel.exp), meaning(inner.operands[0])
    if isinstance(inner, Elementwise) and inner.kernel.expr == sigmoid(_x):
        return inner.operands[0], power
    return None


def _multiple(exponent: Expression, z: Expression) -> int | None:
    """m, where the exponent is -m*z."""
    (factor, core), (other, same) = _factored(exponent), _factored(z)
    if core is None or core is not same or other == 0:
        return None
    times = -factor / other
    return int(times) if times.is_Integer else None


def _factored(node: Expression) -> tuple[sympy.Expr, Expression | None]:
    """A product as one number and the rest, the numbers of its operands collected."""
    factor, core = factor_and_core(meaning(node))
    if core is None:
        return factor, None
    more, core = without_coefficient(meaning(core))
    factor = factor * more
    if isinstance(core, Contraction):
        inside = [factor_and_core(operand) for operand in core.operands]
        bare = tuple(each for _, each in inside if each is not None)
        if len(bare) == len(inside):
            factor = factor * sympy.Mul(*(number for number, _ in inside))
            core = with_children(core, bare)
    return factor, core


def _sigmoid(z: Expression, power: int) -> Expression:
    if power == 0:
        return Contraction((), (), range(z.rank), dict(enumerate(z.shape)))
    found = Elementwise(sympy.Lambda((_x,), sigmoid(_x)), [z])
    return found if power == 1 else Elementwise(sympy.Lambda((_x,), _x**power), [found])


def _is_one(node: Expression) -> bool:
    return isinstance(node, Contraction) and not node.operands and node.coefficient == 1
