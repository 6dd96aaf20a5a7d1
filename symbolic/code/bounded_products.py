"""Products with an exponential that are bounded although the exponential is not.

exp(-m*z) * sigmoid(z)**k = sigmoid(-z)**m * sigmoid(z)**(k - m),  0 < m <= k
exp(z) / sum(exp(z)) = softmax(z)
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, scaled, without_coefficient
from symbolic.functions import sigmoid
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
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
    found = _softmax(node)
    if found is not None:
        return found
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


def _softmax(node: Contraction) -> Expression | None:
    """A product with exp(z) and one over its sum along an axis, or all of them."""
    for place, operand in enumerate(node.operands):
        total = _divisor(operand)
        if total is None:
            continue
        (at,), above = total.labels, total.operands[0]
        kept = tuple(label for label in at if label in total.output)
        summed = [axis for axis, label in enumerate(at) if label not in kept]
        if (
            len(set(at)) < len(at)
            or kept != total.output
            or len(summed) != (1 if kept else len(at))
        ):
            continue
        for other, labels in enumerate(node.labels):
            beside = tuple(label for axis, label in enumerate(labels) if axis not in summed)
            same = meaning(node.operands[other]) is meaning(above)
            if not same or beside != node.labels[place] or total.coefficient != 1:
                continue
            (z,) = meaning(above).children
            found = Apply("softmax", z, summed[0] if kept else None)
            rest = [k for k in range(len(node.operands)) if k not in (place, other)]
            if not rest and node.coefficient == 1 and labels == node.output:
                return found
            operands = [found, *(node.operands[k] for k in rest)]
            at_all = [labels, *(node.labels[k] for k in rest)]
            sizes = dict(enumerate(node.sizes))
            return Contraction(operands, at_all, node.output, sizes, node.coefficient)
    return None


def _divisor(node: Expression) -> Contraction | None:
    """The sum of exp(z) in `1/sum(exp(z))`."""
    inner = meaning(node)
    if not isinstance(inner, Elementwise) or inner.kernel.expr != 1 / _x:
        return None
    total = meaning(inner.operands[0])
    if not isinstance(total, Contraction) or len(total.operands) != 1 or not total.summed:
        return None
    above = meaning(total.operands[0])
    is_exp = isinstance(above, Elementwise) and above.kernel.expr == sympy.exp(_x)
    return total if is_exp else None


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
