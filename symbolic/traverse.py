"""Walking an expression graph: iterative, each node once, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any

from symbolic.errors import UnsupportedError
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expectation,
    Expression,
    Iverson,
    Named,
    Sum,
    Unspecified,
    Variable,
)


def postorder(
    roots: Expression | Iterable[Expression], known: Container[Expression] = ()
) -> list[Expression]:
    """Every node below the roots once, children before parents; nothing at or below `known` ones."""
    stack = [roots] if isinstance(roots, Expression) else list(roots)[::-1]
    done: set[Expression] = set()
    opened: set[Expression] = set()
    order = []
    while stack:
        node = stack[-1]
        if node in done or node in known:
            stack.pop()
        elif node in opened:
            stack.pop()
            done.add(node)
            order.append(node)
        else:
            opened.add(node)
            stack.extend(child for child in reversed(node.children) if child not in opened)
    return order


def has_more_nodes(root: Expression, count: int) -> bool:
    """Whether an expression has more than so many nodes; not all of them are visited."""
    seen = {root}
    waiting = [root]
    while waiting and len(seen) <= count:
        fresh = set(waiting.pop().children) - seen
        seen |= fresh
        waiting.extend(fresh)
    return len(seen) > count


def entrywise(roots: Expression | Iterable[Expression]) -> Iterator[Expression]:
    """The nodes whose entries stand in single entries of the roots: sums of products are not looked into.

    >>> from symbolic import exp, matrix, vector
    >>> x, A = vector("x", "n"), matrix("A", "n", "n")
    >>> list(map(str, entrywise(exp(x) + A @ x)))
    ['exp(x) + A @ x', 'A @ x', 'exp(x)', 'x']
    """
    waiting = [roots] if isinstance(roots, Expression) else list(roots)
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, (Elementwise, Sum, Named)) or (
            isinstance(node, Contraction) and not node.summed
        ):
            fresh = [child for child in node.children if child not in seen]
            seen.update(fresh)
            waiting += fresh


def with_children(node: Expression, children: tuple[Expression, ...]) -> Expression:
    """`node` with its children replaced, everything else kept."""
    if children == node.children:
        return node
    match node:
        case Contraction():
            sizes = dict(enumerate(node.sizes))
            for operand, labels in zip(children, node.labels, strict=True):
                sizes.update(zip(labels, operand.shape, strict=True))
            return Contraction(children, node.labels, node.output, sizes, node.coefficient)
        case Sum():
            return Sum(children)
        case Elementwise():
            return Elementwise(node.kernel, children)
        case Apply():
            return Apply(node.function, children, node.axis)
        case Named():
            return Named(node.name, children[0])
        case Unspecified():
            return Unspecified(node.name, children[0])
        case Derivative():
            return Derivative(children[0], children[1])
        case Expectation():
            return Expectation(*children)
        case _:
            return node


def rewrite(root: Expression, visit: Callable[[Expression], Expression]) -> Expression:
    """Rebuild a graph from the leaves up; `visit` maps each rebuilt node to its replacement."""
    new: dict[Expression, Expression] = {}
    for node in postorder(root):
        new[node] = visit(with_children(node, tuple(new[child] for child in node.children)))
    return new[root]


def substitute(root: Expression, mapping: Mapping[Any, Expression]) -> Expression:
    """`root` with nodes replaced, wherever they occur.

    The variable of a `Derivative` is replaced only by another variable or name; where it would
    become something else the derivative keeps what it was. The bound variable of an `Expectation` stays.
    """
    if not mapping:
        return root
    new: dict[Expression, Expression] = {}
    for node in postorder(root):
        if node in mapping:
            new[node] = mapping[node]
            continue
        children = tuple(new[child] for child in node.children)
        if isinstance(node, Derivative) and not isinstance(children[1], (Variable, Named)):
            new[node] = node
        elif isinstance(node, Expectation):
            new[node] = _with_bound(node, children, mapping)
        else:
            new[node] = with_children(node, children)
    return new[root]


def _with_bound(
    node: Expectation, children: tuple[Expression, ...], mapping: Mapping[Any, Expression]
) -> Expression:
    """An expectation after a substitution, which its bound variable takes no part in.

    Raises `UnsupportedError` where something put inside would be caught by the bound variable.
    """
    bound = node.variable
    inside = {old: new for old, new in mapping.items() if old is not bound}
    for old, new in inside.items():
        if new in depends_on(new, bound) and old not in depends_on(old, bound):
            raise UnsupportedError(
                f"{old} replaced inside an expectation over {bound.name}",
                f"what replaces it has {bound.name} in it, which is bound there",
                "call the bound variable otherwise",
            )
    inner = children[0] if bound not in mapping else substitute(node.expression, inside)
    return Expectation(inner, bound, *children[2:])


def variables(roots: Expression | Iterable[Expression]) -> tuple[Variable, ...]:
    """The variables of one expression or several, in order of first appearance."""
    return tuple(node for node in postorder(roots) if isinstance(node, Variable))


def named_nodes(root: Expression) -> tuple[Named, ...]:
    """The named intermediates of an expression, each after those it is built from."""
    return tuple(node for node in postorder(root) if isinstance(node, Named))


def unfold(root: Expression, names: Iterable[Named] | None = None) -> Expression:
    """`root` with named intermediates replaced by their meaning (all of them by default).

    A derivative by a named intermediate keeps the name in the place it is differentiated by.
    """
    chosen = None if names is None else set(names)
    new: dict[Expression, Expression] = {}
    for node in postorder(root):
        if isinstance(node, Named) and (chosen is None or node in chosen):
            new[node] = new[node.meaning]
        elif isinstance(node, Derivative) and isinstance(node.variable, Named):
            new[node] = node
        else:
            new[node] = with_children(node, tuple(new[child] for child in node.children))
    return new[root]


def depends_on(root: Expression, *targets: Expression) -> set[Expression]:
    """The nodes of `root` whose value changes with one of the targets.

    A `Derivative` does not depend on the place where it is differentiated, only on what it is of.
    """
    wanted = set(targets)
    found: set[Expression] = set()
    for node in postorder(root):
        if node in wanted or not found.isdisjoint(node.children):
            found.add(node)
    return found


def dump_graph(root: Expression) -> list[tuple[Any, ...]]:
    """A graph as a flat list, children by position: pickles at any depth."""
    order = postorder(root)
    place = {node: i for i, node in enumerate(order)}
    rows: list[tuple[Any, ...]] = []
    for node in order:
        fields = tuple(
            place[value]
            if isinstance(value, Expression)
            else tuple(place[child] for child in value)
            if isinstance(value, tuple) and value and isinstance(value[0], Expression)
            else value
            for value in (getattr(node, name) for name in node._fields)
        )
        rows.append((type(node), *fields))
    return rows


def load_graph(rows: list[tuple[Any, ...]]) -> Expression:
    """The graph that `dump_graph` wrote."""
    nodes: list[Expression] = []
    for kind, *fields in rows:
        node: Expression
        if kind is Variable:
            node = Variable(*fields)
        elif kind is Contraction:
            coefficient, operands, labels, output, sizes = fields
            node = Contraction(
                [nodes[i] for i in operands], labels, output, dict(enumerate(sizes)), coefficient
            )
        elif kind is Sum:
            node = Sum([nodes[i] for i in fields[0]])
        elif kind is Elementwise:
            node = Elementwise(fields[0], [nodes[i] for i in fields[1]])
        elif kind is Apply:
            node = Apply(fields[0], [nodes[i] for i in fields[1]], fields[2])
        elif kind is Iverson:
            node = Iverson(*fields)
        elif kind is Derivative:
            node = Derivative(nodes[fields[0]], nodes[fields[1]])
        elif kind is Expectation:
            node = Expectation(*(nodes[field] for field in fields))
        else:
            node = kind(fields[0], nodes[fields[1]])
        nodes.append(node)
    return nodes[-1]
