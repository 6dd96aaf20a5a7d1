"""Losses of logits, and what shares their exponential: softplus(z) - y*z with sigmoid(z).

| written                                  | computed              |
|------------------------------------------|-----------------------|
| `softplus(z) - y*z`                      | `logistic_loss(z, y)` |
| `y*softplus(-z) + (1 - y)*softplus(z)`   | `logistic_loss(z, y)` |

The loss of a confident example is the small rest of large terms: softplus(z) is nearly z where y = 1. Entry
by entry, no digit is lost in

    log1p(exp(-abs(z))) + y*max(-z, 0) + (1 - y)*max(z, 0).

With e = exp(z), where it does not overflow, softplus(z) = log1p(e) and sigmoid(z) = e/(1 + e) to all digits;
then a sum of losses is that of log1p(e) less that of y*z, unless most digits cancel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, scaled
from symbolic.functions import sigmoid, softplus
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.traverse import postorder, with_children

_Term = tuple[sympy.Expr, tuple[Expression, ...]]  # a number and one array or two, multiplied

_x, _y = kernel_symbol(0), kernel_symbol(1)
LOSS = sympy.Lambda((_x, _y), softplus(_x) - _x * _y)

_SMALL = "z.itemsize > 2 and (np.vdot(z, z) < 6400 or z.max() < 80)"
_LOSS_ENTRIES = "(1.0 - y) * above + y * (above - z) + np.log1p(e)"
_SLOPE = "np.exp(np.minimum(z, 0.0)) / (1.0 + e)"

LOGISTIC_LOSS = (
    "logistic_loss",
    "def logistic_loss(z, y):\n"
    '    """softplus(z) - y*z, with the digits of a small loss."""\n'
    "    e = np.exp(-np.abs(z))\n"
    "    above = np.maximum(z, 0.0)\n"
    f"    return {_LOSS_ENTRIES}\n",
)
_LOSS_HEAD = (
    f"    if {_SMALL}:\n"
    "        e = np.exp(z)\n"
    "        total = np.log1p(e).sum()\n"
    "        loss = total - np.vdot(y, z)\n"
    "        if loss > total / 16:\n"
)
LOSS_AND_SIGMOID = (
    "logistic_loss_and_sigmoid",
    "def logistic_loss_and_sigmoid(z, y):\n"
    '    """sum(softplus(z) - y*z) and sigmoid(z), by one exponential where that keeps the digits."""\n'
    f"{_LOSS_HEAD}"
    "            return loss, e / (1.0 + e)\n"
    "    e = np.exp(-np.abs(z))\n"
    "    above = np.maximum(z, 0.0)\n"
    f"    loss = {_LOSS_ENTRIES}\n"
    f"    return loss.sum(), {_SLOPE}\n",
)
LOSS_AND_SLOPE = (
    "logistic_loss_and_slope",
    "def logistic_loss_and_slope(z, y):\n"
    '    """sum(softplus(z) - y*z) and sigmoid(z) - y, by one exponential where that keeps the digits."""\n'
    f"{_LOSS_HEAD}"
    "            return loss, e / (1.0 + e) - y\n"
    "    above = np.maximum(z, 0.0)\n"
    "    a, b = np.exp(np.minimum(z, 0.0)), np.exp(-above)  # sigmoid(z) = a/(a + b)\n"
    "    rest = 1.0 - y\n"
    "    loss = rest * above + y * (above - z) + np.log1p(a * b)\n"
    "    return loss.sum(), (rest * a - y * b) / (a + b)\n",
)
SOFTPLUS_AND_SIGMOID = (
    "softplus_and_sigmoid",
    "def softplus_and_sigmoid(z):\n"
    '    """softplus(z) and sigmoid(z), by one exponential where it does not overflow."""\n'
    f"    if {_SMALL}:\n"
    "        e = np.exp(z)\n"
    "        return np.log1p(e), e / (1.0 + e)\n"
    "    e = np.exp(-np.abs(z))\n"
    f"    return np.maximum(z, 0.0) + np.log1p(e), {_SLOPE}\n",
)


@dataclass(frozen=True)
class _Loss:
    """A sum as factor * (softplus(z) - y*z); `inner` are the nodes of softplus and the products in it."""

    factor: sympy.Expr
    z: Expression
    y: Expression
    inner: tuple[Expression, ...]


def with_logistic_losses(
    stable: Mapping[Expression, Expression], roots: Iterable[Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with losses of logits as one kernel.

    Where further functions of the logits share exp(-abs(z)) with a loss, it stays as it is; but a sum of
    losses and sigmoid(z) are computed together.

    >>> from symbolic.operations import softplus
    >>> from symbolic.operations import sum as total
    >>> from symbolic.variables import vector
    >>> y, z = vector("y", "n"), vector("z", "n")
    >>> e = total(y * softplus(-z) + (1 - y) * softplus(z))
    >>> with_logistic_losses({e: e}, [e])[e].operands[0].operands
    (z, y)
    """
    below = [stable[root] for root in roots]
    order = postorder(below)
    functions = [node for node in order if _logits(node) is not None]
    if not functions:
        return dict(stable)
    users: dict[Expression, list[Expression]] = defaultdict(list)
    for user in order:
        for child in user.children:
            users[child].append(user)
    for root in below:
        users[root].append(root)
    new: dict[Expression, Expression] = {}
    for node in order:
        loss = _loss(node)
        if loss is not None and _stands_alone(node, loss, users, functions):
            kernel = Elementwise(LOSS, [new[loss.z], new[loss.y]])
            new[node] = scaled(loss.factor, kernel)
        else:
            built = with_children(node, tuple(new[child] for child in node.children))
            new[node] = _factor_outside(built) if is_total(built) else built
    return {node: new[found] for node, found in stable.items() if found in new}


def is_total(node: Expression) -> TypeGuard[Contraction]:
    """Whether a node is a multiple of the sum of all entries of another."""
    if not isinstance(node, Contraction) or len(node.operands) != 1 or node.output:
        return False
    (labels,) = node.labels
    return bool(labels) and len(set(labels)) == len(labels)


def _factor_outside(total: Contraction) -> Contraction:
    """A sum of multiples as a multiple of the sum."""
    factor, core = factor_and_core(total.operands[0])
    if factor == 1 or core is None:
        return total
    sizes = dict(enumerate(total.sizes))
    return Contraction([core], total.labels, (), sizes, factor * total.coefficient)


def _logits(node: Expression) -> Expression | None:
    """The z of softplus or sigmoid of z or -z."""
    if not isinstance(node, Elementwise) or node.kernel.expr not in (softplus(_x), sigmoid(_x)):
        return None
    return _multiple(node.operands[0])[1]


def _multiple(node: Expression) -> tuple[sympy.Expr, Expression | None]:
    """A node as a number times another, without names around them."""
    number, core = factor_and_core(meaning(node))
    return number, None if core is None else meaning(core)


def _stands_alone(
    node: Expression,
    loss: _Loss,
    users: Mapping[Expression, Sequence[Expression]],
    functions: Sequence[Expression],
) -> bool:
    """Whether nothing else shares the exponential of a loss, or just the slope of its sum."""
    if any(len(users[each]) > 1 for each in loss.inner):
        return False
    same = _logits(loss.inner[0])
    others = [each for each in functions if each not in loss.inner and _logits(each) == same]
    match others, users[node]:
        case [], _:
            return True
        case [Elementwise() as slope], [total]:
            with_slope = slope.kernel.expr == sigmoid(_x) and is_total(total)
            return with_slope and meaning(slope.operands[0]) == meaning(loss.z)
    return False


# --- recognition ---------------------------------------------------------------------------------


def _loss(node: Expression) -> _Loss | None:
    """A sum of two terms as a multiple of a loss."""
    if not isinstance(node, Sum) or len(node.terms) != 2 or not node.rank:
        return None
    one, other = (_factors(term) for term in node.terms)
    found = _difference(one, other) or _difference(other, one)
    found = found or _cross_entropy(one, other) or _cross_entropy(other, one)
    if found is None:
        return None
    cores = (factor_and_core(term)[1] for term in node.terms)
    within = (each for each in (*node.terms, *cores) if each is not None)
    return replace(found, inner=tuple(dict.fromkeys((*found.inner, *within))))


def _factors(term: Expression) -> _Term:
    """A term as a number times one array or two."""
    number, core = factor_and_core(term)
    if core is None:
        return number, ()
    if not isinstance(core, Contraction) or len(core.operands) != 2:
        return number, (core,)
    if any(at != core.output for at in core.labels):
        return number, (core,)
    return number * core.coefficient, core.operands


def _difference(one: _Term, other: _Term) -> _Loss | None:
    """c*softplus(z) - c*y*z."""
    (c, values), (number, factors) = one, other
    if len(values) != 1 or len(factors) != 2 or not _is_softplus(values[0]):
        return None
    (z,) = values[0].children
    sign, logits = _multiple(z)
    for u, y in (factors, factors[::-1]):
        times, core = _multiple(u)
        if core is not None and core == logits and number * times == -c * sign:
            return _Loss(c, z, y, values)
    return None


def _cross_entropy(one: _Term, other: _Term) -> _Loss | None:
    """c*y*softplus(-z) + c*(1 - y)*softplus(z)."""
    (c, first), (number, second) = one, other
    if c != number or len(first) != 2 or len(second) != 2:
        return None
    for y, opposite in (first, first[::-1]):
        for rest, value in (second, second[::-1]):
            if not (_is_softplus(opposite) and _is_softplus(value) and _are_one(y, rest)):
                continue
            (z,) = value.children
            sign, core = _multiple(z)
            if (-sign, core) == _multiple(opposite.children[0]):
                return _Loss(c, z, y, (value, opposite))
    return None


def _is_softplus(node: Expression) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr == softplus(_x)


def _are_one(y: Expression, rest: Expression) -> bool:
    """Whether the rest is 1 - y."""
    if not isinstance(rest, Sum) or len(rest.terms) != 2:
        return False
    parts = [_multiple(term) for term in rest.terms]
    sign, core = _multiple(y)
    return (1, None) in parts and (-sign, core) in parts
