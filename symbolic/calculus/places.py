"""Rewriting what is differentiated: a fact that holds at a place need not hold around it.

In `D(f, x)` the entries of x are independent, and f is looked at around x as well: that x sums to one,
that its columns are orthonormal, or what a name z stands for in `D(f, z)`, says nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symbolic.domains import domain_of
from symbolic.nodes import Derivative, Expression, Named, Variable
from symbolic.traverse import postorder, substitute, with_children

_AROUND = {"positive", "nonnegative", "unit", "invertible"}  # that have a point's neighbours
_DISCRETE = {"binary", "counts", "index", "onehot"}

Visit = Callable[[Expression], Expression | None]
Replace = Callable[[Expression], Expression]


def around(place: Variable | Named) -> Variable:
    """A variable in the place of another one or of a name, of which only is known what holds around it.

    >>> from symbolic.variables import matrix
    >>> around(matrix("S", "n", "n", domain="spd")).domain
    'invertible'
    """
    domain = place.domain if isinstance(place, Variable) else "real"
    if domain == "spd":
        domain = "invertible"
    elif domain_of(domain).nonnegative and domain not in _AROUND | _DISCRETE:
        domain = "nonnegative"
    elif domain not in _AROUND:
        domain = "real"
    if isinstance(place, Variable) and place.domain == domain:
        return place
    return Variable(f"place_{place.key.hex()}", place.shape, domain)


def rewritten(
    root: Expression,
    visit: Visit,
    *,
    closed: bool = False,
    within: Callable[[Replace], Visit] | None = None,
) -> Expression:
    """A graph rebuilt from the leaves up; `visit` gives a node's replacement, or None to keep it.

    With `closed`, what names stand for stays as it is. What is differentiated is visited with its
    place exchanged by `around`, and `within` makes the visit that knows the place by that name.
    """
    whole = postorder(root)
    names = {node for node in whole if closed and isinstance(node, Named)}
    inert = {node for node in whole if isinstance(node, Derivative)}
    new: dict[Expression, Expression] = {}

    def found(node: Expression) -> Expression:
        if node not in new and isinstance(node, Derivative):
            new[node] = _visited(_differentiated(node, visit, closed, within), visit)
        return new.get(node, node)

    for node in postorder(root, names | inert):
        new[node] = _visited(with_children(node, tuple(map(found, node.children))), visit)
    return found(root)


def _visited(node: Expression, visit: Visit) -> Expression:
    after = visit(node)
    return node if after is None else after


def _differentiated(
    node: Derivative, visit: Visit, closed: bool, within: Callable[[Replace], Visit] | None
) -> Derivative:
    """A derivative, what it is of rewritten apart from the facts of the place."""
    place, inner = node.variable, node.expression
    free = around(place)
    if free is not place:
        replace = replacing({place: free})
        inner, visit = replace(inner), visit if within is None else within(replace)
    after = rewritten(inner, visit, closed=closed, within=within)
    return Derivative(replacing({free: place})(after), place)


def replacing(mapping: Mapping[Expression, Expression]) -> Replace:
    """What puts other nodes for the keys of the mapping."""
    return lambda expression: substitute(expression, mapping)
