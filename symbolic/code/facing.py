"""Matrices computed the way round in which they are met.

In `P * (V @ G.T - r).T` every row of the difference would be read across. `G @ V.T - r[:, None]` costs
the same and lies in memory as P does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from symbolic.code.orientation import has_bracket, is_transpose, transpose, turned
from symbolic.code.products import is_move
from symbolic.nodes import Contraction, Elementwise, Expression, Sum
from symbolic.traverse import postorder, with_children


def face(
    planned: Mapping[Expression, Expression], roots: Iterable[Expression]
) -> dict[Expression, Expression]:
    """What each node below the roots has become; matrices that are only met turned are computed turned.

    >>> from symbolic.variables import dims, matrix
    >>> n, d = dims("n d")
    >>> P, A, B = matrix("P", n, n), matrix("A", n, d), matrix("B", d, n)
    >>> e = Contraction([P, A @ B], ["ij", "ji"], "ij")
    >>> face({e: e}, [e])[e].operands[1]
    einsum("ij,jk->ki", A, B).T
    """
    results = dict.fromkeys(planned[root] for root in roots)
    computed = postorder(results)
    uses = Counter(child for node in computed for child in node.children)
    along: Counter[Expression] = Counter()
    against: Counter[Expression] = Counter()
    for node in computed:
        for matrix, is_turned in _met(node):
            (against if is_turned else along)[matrix] += 1
    new: dict[Expression, Expression] = {}
    for node in computed:
        built = with_children(node, tuple(new[child] for child in node.children))
        faces = against[node] and not along[node] and node not in results
        new[node] = transpose(_turned(built)) if faces and _turns_freely(node, uses) else built
    needed = set(postorder(new[result] for result in results))
    return {node: new[each] for node, each in planned.items() if new.get(each) in needed}


def _met(node: Expression) -> Iterator[tuple[Expression, bool]]:
    """The matrices that a matrix takes entry by entry, and whether they are turned."""
    if node.rank != 2:
        return
    if isinstance(node, Contraction):
        if len(node.operands) > 1 and len(set(node.output)) == 2:
            for operand, at in zip(node.operands, node.labels, strict=True):
                if set(at) == set(node.output) and operand.rank == 2:
                    yield _core(operand, at != node.output)
    elif isinstance(node, (Sum, Elementwise)):
        for operand in node.children:
            if operand.rank == 2:
                yield _core(operand, False)


def _core(operand: Expression, is_turned: bool) -> tuple[Expression, bool]:
    if is_transpose(operand):
        return operand.children[0], not is_turned
    return operand, is_turned


def _turns_freely(node: Expression, uses: Counter[Expression]) -> bool:
    """Whether the transpose costs no more: a matrix product, or a sum of such with repeated vectors."""
    if isinstance(node, Sum):
        return all(
            _repeats_vector(term) or (_is_product(term) and uses[term] == 1) for term in node.terms
        )
    return _is_product(node)


def _turned(node: Expression) -> Expression:
    """The transpose of what turns freely, by nodes of the same kinds."""
    return Sum([turned(term) for term in node.terms]) if isinstance(node, Sum) else turned(node)


def _is_product(node: Expression) -> bool:
    if not isinstance(node, Contraction) or len(node.operands) < 2:
        return False
    if is_move(node) or has_bracket(node) or len(set(node.output)) < 2:
        return False
    return not any(set(node.output) <= set(at) for at in node.labels)


def _repeats_vector(node: Expression) -> bool:
    return (
        isinstance(node, Contraction)
        and len(node.operands) == 1
        and node.operands[0].rank < 2
        and len(set(node.output)) == 2
    )
