"""Inner products with sums that hold inverses, multiplied out.

In `sum((inv(A) - outer(a, a)) * E)`, all of whose axes are summed, each term has a short way of its
own: the entries of the inverse times those of E, and `a @ E @ a`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from symbolic.code.product_order import Labels, is_inverse
from symbolic.code.products import Product
from symbolic.nodes import Contraction, Expression, Named, Sum
from symbolic.traverse import postorder, with_children


def split_inner_products(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """The expressions of a mapping with such inner products as sums of inner products.

    >>> from symbolic.matrices import inv
    >>> from symbolic.reductions import trace
    >>> from symbolic.variables import dims, matrix
    >>> (n,) = dims("n")
    >>> A, B = matrix("A", n, n), matrix("B", n, n)
    >>> split_inner_products({A: trace((inv(A) + B) @ B)})[A]
    trace(inv(A) @ B) + trace(B @ B)
    """
    order = postorder(dict.fromkeys(stable.values()))
    sums = {node for node in order if isinstance(node, Sum) and node.rank}
    sums = {node for node in sums if any(map(_inverts, node.children))}
    if not sums:
        return dict(stable)
    uses = Counter(child for node in order for child in node.children)
    fixed = {node.meaning for node in order if isinstance(node, Named)}
    new: dict[Expression, Expression] = {}
    for node in order:
        split = None
        if isinstance(node, Contraction) and not node.output:
            split = _split(Product.of(node, uses, fixed), sums, new)
        if split is None:
            split = with_children(node, tuple(new[child] for child in node.children))
        new[node] = split
    return {node: new[value] for node, value in stable.items()}


def _inverts(term: Expression) -> bool:
    """Whether a term is an inverse or a product with one."""
    return is_inverse(term) or (
        isinstance(term, Contraction) and any(map(is_inverse, term.operands))
    )


def _split(
    product: Product, sums: set[Expression], new: dict[Expression, Expression]
) -> Expression | None:
    """A product of which all is summed, with its first sum that holds an inverse multiplied out.

    The other factors with the axes of the sum become one, so that all terms meet the same array.
    """
    place = next((k for k, (factor, _) in enumerate(product.factors) if factor in sums), None)
    if place is None:
        return None
    total, axes = product.factors[place]
    beside: list[tuple[Expression, Labels]] = []
    others: list[tuple[Expression, Labels]] = []
    scalars: list[Expression] = []
    for k, (factor, at) in enumerate(product.factors):
        if not at:
            scalars.append(new[factor])
        elif k != place:  # which has axes
            (beside if set(at) == set(axes) else others).append((new[factor], at))
    if len(beside) > 1:
        kept = tuple(dict.fromkeys(axes))
        operands, labels = zip(*beside, strict=True)
        beside = [(Contraction(operands, labels, kept), kept)]
    terms = []
    for term in total.children:
        operands, labels = zip((new[term], axes), *beside, *others, strict=True)
        terms.append(Contraction(operands, labels, (), product.sizes))
    operands = (*scalars, Sum(terms))
    return Contraction(operands, [()] * len(operands), (), coefficient=product.coefficient)
