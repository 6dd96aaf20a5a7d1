"""Products of sums that hold diagonals or inverses, multiplied out.

In `(diag part + full part)` times a matrix the diagonal part only scales; kept together, the sum
would have to be built as one large array of mostly zeros. In `(inv(A) + B) @ v` the inverse only
multiplies, so that a system is solved instead. And in `(A.T @ A + B.T @ B) @ v` where `A @ v` and `B @ v`
are needed anyway, two thin products remain of two thick ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from symbolic.code.known_products import KnownProducts, Labels
from symbolic.code.products import is_multiple
from symbolic.nodes import Apply, Contraction, Expression, Sum
from symbolic.traverse import postorder, with_children

SMALLEST_RANK = 3  # a square matrix with a changed diagonal is cheap, and shorter to write


def distribute(node: Expression) -> Expression:
    """A contraction with such a sum as a sum of contractions.

    >>> from symbolic.operations import einsum
    >>> from symbolic.variables import tensor
    >>> T, v = tensor("T", 2, 2, 2), tensor("v", 2)
    >>> cube = Contraction([v], ["i"], "iii")
    >>> type(distribute(einsum("ijk,k->ij", T + cube, v))).__name__
    'Sum'
    """
    if not isinstance(node, Contraction):
        return node
    for place, operand in enumerate(node.operands):
        if not isinstance(operand, Sum):
            continue
        large = operand.rank >= SMALLEST_RANK and any(map(_has_diagonal, operand.terms))
        if large or (any(map(_is_inverse, operand.terms)) and _multiplies(node, place)):
            return Sum([_with(node, place, term) for term in operand.terms])
    return node


def share_products(
    stable: Mapping[Expression, Expression], roots: Sequence[Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with sums of matrix products multiplied out by what is computed anyway.

    >>> from symbolic.variables import dims, matrix
    >>> n, d = dims("n d")
    >>> A, B, v = matrix("A", n, d), matrix("B", n, d), matrix("v", d, 2)
    >>> roots = [A @ v, B @ v, (A.T @ A + B.T @ B) @ v]
    >>> type(share_products({each: each for each in roots}, roots)[roots[2]]).__name__
    'Sum'
    """
    order = postorder(dict.fromkeys(stable[root] for root in roots))
    uses = Counter(child for node in order for child in node.children)
    uses.update(stable[root] for root in roots)
    known = KnownProducts(order)
    new: dict[Expression, Expression] = {}
    for node in postorder(dict.fromkeys(stable.values())):
        built = with_children(node, tuple(new[child] for child in node.children))
        if isinstance(node, Contraction) and isinstance(built, Contraction):
            for place, operand in enumerate(node.operands):
                if isinstance(operand, Sum) and uses[operand] == 1 and _shares(node, place, known):
                    terms = built.operands[place].children
                    built = Sum([_with(built, place, term) for term in terms])
                    break
        new[node] = built
    return {node: new[found] for node, found in stable.items()}


def _shares(node: Contraction, place: int, known: KnownProducts) -> bool:
    """Whether each term of a sum has a factor whose product with another operand is known."""
    terms = node.operands[place].children
    factors = [list(_outer_factors(term, node, place)) for term in terms]
    return all(any(_is_known(*each, node, place, known) for each in some) for some in factors)


def _outer_factors(
    term: Expression, node: Contraction, place: int
) -> Iterator[tuple[Expression, Labels]]:
    """The factors of a matrix product, with the labels that its axes have in the node around it."""
    while is_multiple(term):
        (term,) = term.operands
    if not isinstance(term, Contraction) or len(term.operands) < 2:
        return
    if not {label for at in term.labels for label in at} - set(term.output):
        return
    outside = dict(zip(term.output, node.labels[place], strict=True))
    hidden = len(node.sizes)
    for factor, at in zip(term.operands, term.labels, strict=True):
        yield factor, tuple(outside.get(label, hidden + label) for label in at)


def _is_known(
    factor: Expression, at: Labels, node: Contraction, place: int, known: KnownProducts
) -> bool:
    """Whether a factor times one of the other operands is computed anyway."""
    for other, (operand, labels) in enumerate(zip(node.operands, node.labels, strict=True)):
        summed = {label for label in labels if label in at and label not in node.output}
        kept = ({*at, *labels}) - summed
        if other != place and summed and known.find([factor, operand], [at, labels], kept):
            return True
    return False


def _has_diagonal(term: Expression) -> bool:
    return isinstance(term, Contraction) and len(set(term.output)) < len(term.output)


def _is_inverse(term: Expression) -> bool:
    """Whether a term is an inverse, maybe transposed or with a coefficient."""
    if isinstance(term, Contraction) and len(term.operands) == 1 and term.rank == 2:
        (term,) = term.operands
    return isinstance(term, Apply) and term.function == "inv"


def _multiplies(node: Contraction, place: int) -> bool:
    """Whether an operand is summed over exactly one axis, with another operand."""
    summed = [label for label in node.labels[place] if label not in node.output]
    others = {label for k, at in enumerate(node.labels) if k != place for label in at}
    return (
        len(summed) == 1
        and summed[0] in others
        and not others & set(node.labels[place]) - {summed[0]}
    )


def _with(node: Contraction, place: int, term: Expression) -> Contraction:
    operands = (*node.operands[:place], term, *node.operands[place + 1 :])
    sizes = dict(enumerate(node.sizes))
    return Contraction(operands, node.labels, node.output, sizes, node.coefficient)
