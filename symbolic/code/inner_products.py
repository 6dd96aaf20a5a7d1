"""Inner products with sums that hold inverses, multiplied out.

In `sum((inv(A) - outer(a, a)) * E)`, all of whose axes are summed, each term has a short way of its
own: the entries of the inverse times those of E, and `a @ E @ a`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from symbolic.code.product_order import Labels, is_inverse
from symbolic.code.products import Product
from symbolic.nodes import Contraction, Expression, Named, Sum
from symbolic.traverse import postorder, with_children


def split_inner_products(
    roots: Sequence[Expression], stable: Mapping[Expression, Expression]
) -> dict[Expression, Expression]:
    """A mapping of expressions, with such inner products below the roots as sums of inner products.

    >>> from symbolic.matrices import inv
    >>> from symbolic.operations import sum
    >>> from symbolic.variables import dims, matrix
    >>> (n,) = dims("n")
    >>> A, B = matrix("A", n, n), matrix("B", n, n)
    >>> split_inner_products([A], {A: sum((inv(A) + B) * B)})[A]
    einsum("ij,ij->", inv(A), B) + einsum("ij,ij->", B, B)
    """
    results = {stable[root] for root in roots}
    order = postorder(stable[root] for root in roots)
    sums: set[Expression] = {
        node
        for node in order
        if isinstance(node, Sum) and node.rank and any(map(_inverts, node.terms))
    }
    if not sums:
        return dict(stable)
    uses = Counter(child for node in order for child in node.children)
    uses.update(results)
    fixed = {node.meaning for node in order if isinstance(node, Named)}
    new: dict[Expression, Expression] = {}
    for node in order:
        split = None
        if isinstance(node, Contraction) and not node.output:
            split = _split(Product.of(node, uses, fixed), sums, new)
        if split is None:
            split = with_children(node, tuple(new[child] for child in node.children))
        new[node] = split
    return {node: new.get(value, value) for node, value in stable.items()}


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
