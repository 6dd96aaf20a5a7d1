"""softplus and sigmoid of one argument, from one exponential.

With e = exp(-|z|), which never overflows,

    softplus(z) = max(z, 0) + log1p(e)
    sigmoid(z)  = exp(min(z, 0)) / (1 + e)
    sigmoid(z) * sigmoid(-z) = e / (1 + e)**2

so that a loss, its gradient and its Hessian share e; a loss with its gradient alone is left to
`logistic_losses`. In a sum the small log1p(e) is added last: for labels
y in {0, 1}, max(z, 0) - y*z is exact, and the loss of a confident example keeps its digits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

import sympy

from symbolic.functions import log1p, sigmoid, softplus
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, kernel_symbol
from symbolic.traverse import postorder, with_children

FEWEST = 2  # functions of one argument, before sharing pays

_x, _y = kernel_symbol(0), kernel_symbol(1)
_HEADS = (sigmoid(_x), softplus(_x))


def share_exponentials(
    stable: Mapping[Expression, Expression], roots: Iterable[Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with softplus and sigmoid of one argument by one exponential.

    >>> from symbolic.operations import sigmoid, softplus
    >>> from symbolic.variables import scalar
    >>> z = scalar("z")
    >>> e = sigmoid(z) - softplus(z)
    >>> share_exponentials({e: e}, [e])[e]
    exp(minimum(0, z))/(1 + exp(-abs(z))) - (maximum(0, z) + log1p(exp(-abs(z))))
    """
    below = [stable[root] for root in roots]
    order = postorder(below)
    shared = _shared(order)
    if not shared:
        return dict(stable)
    uses = Counter(child for node in order for child in node.children)
    uses.update(below)
    new: dict[Expression, Expression] = {}
    called = {_meaning(node): node.name for node in order if isinstance(node, Named)}

    def written(z: Expression) -> Expression:
        """What z has become, by its name if it has one."""
        return Named(called[z], new[z]) if z in called else new[z]

    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        place = None if isinstance(node, Named) else _argument(node)
        if place is not None and place[0] in shared:
            built = _written(node, written(place[0]), turned=place[1])
        elif isinstance(node, Contraction):
            built = _slope(node, built, new, shared, written)
        elif isinstance(node, Sum):
            built = _smallest_last(node, new, uses)
        new[node] = built
    return {node: new[found] for node, found in stable.items() if found in new}


def _argument(node: Expression) -> tuple[Expression, bool] | None:
    """The z of a function of z or of -z, and whether it is the latter."""
    node = _meaning(node)
    if not isinstance(node, Elementwise) or node.kernel.expr not in _HEADS:
        return None
    z = _meaning(node.operands[0])
    if isinstance(z, Contraction) and z.coefficient == -1 and z.labels == (z.output,):
        return _meaning(z.operands[0]), True
    return z, False


def _meaning(node: Expression) -> Expression:
    while isinstance(node, Named):
        node = node.meaning
    return node


def _shared(order: Iterable[Expression]) -> set[Expression]:
    """The arguments of several functions, but for those of softplus and sigmoid alone, outside sums."""
    found: dict[Expression, list[tuple[Expression, bool]]] = defaultdict(list)
    in_sums: set[Expression] = set()
    for node in order:
        if isinstance(node, Sum):
            in_sums.update(map(_meaning, node.terms))
        place = None if isinstance(node, Named) else _argument(node)
        if place is not None:
            found[place[0]].append((node, place[1]))
    return {
        z for z, nodes in found.items() if len(nodes) >= FEWEST and not _is_pair(nodes, in_sums)
    }


def _is_pair(nodes: Sequence[tuple[Expression, bool]], in_sums: Container[Expression]) -> bool:
    """Whether these are softplus and sigmoid of one argument, and no large part of softplus cancels."""
    (one, turned), *others = nodes
    if len(others) != 1 or others[0][1] != turned or not one.rank:
        return False
    return all(_is_sigmoid(node) or node not in in_sums for node, _ in nodes)


def _of(expression: sympy.Expr, *operands: Expression) -> Elementwise:
    symbols = tuple(kernel_symbol(place) for place in range(len(operands)))
    return Elementwise(sympy.Lambda(symbols, expression), operands)


def _exponential(z: Expression) -> Expression:
    return _of(sympy.exp(_x), _negative(_of(sympy.Abs(_x), z)))


def _negative(z: Expression) -> Expression:
    axes = tuple(range(z.rank))
    return Contraction([z], [axes], axes, coefficient=-1)


def _one_more(e: Expression) -> Expression:
    return _of(1 + _x, e)


def _written(node: Expression, z: Expression, *, turned: bool) -> Expression:
    """Softplus or sigmoid of z, or of -z."""
    assert isinstance(node, Elementwise)
    e = _exponential(z)
    if node.kernel.expr.func is softplus:
        part = _of(sympy.Max(-_x if turned else _x, 0), z)
        return Sum([part, _of(log1p(_x), e)])
    least = sympy.Min(-_x if turned else _x, 0)
    return _of(_x / _y, _of(sympy.exp(_x), _of(least, z)), _one_more(e))


def _slope(
    node: Contraction,
    built: Expression,
    new: dict[Expression, Expression],
    shared: set[Expression],
    written: Callable[[Expression], Expression],
) -> Expression:
    """A product with the factors sigmoid(z) and sigmoid(-z), with e/(1 + e)**2 in their place."""
    factors = list(zip(node.operands, node.labels, strict=True))
    known: dict[tuple[Expression, bool, tuple[int, ...]], int] = {}
    for place, (operand, at) in enumerate(factors):
        found = _argument(operand)
        if found and found[0] in shared and _is_sigmoid(operand):
            known[(*found, at)] = place
    for (z, turned, at), place in known.items():
        other = known.get((z, True, at))
        if turned or other is None:
            continue
        e = _exponential(written(z))
        slope = _of(_x / _y**2, e, _one_more(e))
        rest = [(new[f], at) for k, (f, at) in enumerate(factors) if k not in (place, other)]
        operands, labels = zip((slope, at), *rest, strict=True)
        sizes = dict(enumerate(node.sizes))
        return Contraction(operands, labels, node.output, sizes, node.coefficient)
    return built


def _is_sigmoid(node: Expression) -> bool:
    node = _meaning(node)
    return isinstance(node, Elementwise) and node.kernel.expr.func is sigmoid


def _smallest_last(
    node: Sum, new: dict[Expression, Expression], uses: Counter[Expression]
) -> Expression:
    """A sum with the parts of softplus as terms of their own, log1p behind all others."""
    first: list[Expression] = []
    last: list[Expression] = []
    for term in node.terms:
        built = new[term]
        split = built is not term and uses[term] == 1 and isinstance(built, Sum)
        if split and _argument(term) is not None:
            first.append(built.children[0])
            last.append(built.children[1])
        else:
            first.append(built)
    return Sum([*first, *last])
