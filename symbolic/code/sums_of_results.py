"""A result from other results, where it is the sum of products with them.

    sum(G*(A*gain + bias)) = sum(G*A, axis=0) @ gain + sum(G, axis=0) @ bias

A function that is linear in some of its parameters is the sum of their products with its gradients, so that
one pass over all entries is saved. The terms have to be products that are rounded, all but one: of what
cancels between them the digits are gone before they meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import sympy

from symbolic.code.centred_products import with_targets
from symbolic.code.flat_products import FlatProducts
from symbolic.code.products import arranges
from symbolic.nodes import Contraction, Expression, Sum
from symbolic.traverse import postorder

MOST_TERMS = 6  # of a sum that is multiplied out

_Labels = tuple[int, ...]
_Sum = tuple[
    Expression, Contraction, sympy.Expr
]  # a result, its product, the coefficient before it


def from_other_results(
    stable: Mapping[Expression, Expression], roots: Sequence[Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with such results below the roots.

    >>> from symbolic import matrix, sum, vector
    >>> G, A, c, b = matrix("G", "n", "d"), matrix("A", "n", "d"), vector("c", "d"), vector("b", "d")
    >>> roots = [sum(G * (A * c + b)), sum(G * A, axis=0), sum(G, axis=0)]
    >>> from_other_results({each: each for each in roots}, roots)[roots[0]]
    sum(G*A, axis=0) @ c + sum(G, axis=0) @ b
    """
    results = list(dict.fromkeys(stable[root] for root in roots))
    order = postorder(results)
    uses = Counter(child for node in order for child in node.children)
    uses.update(results)
    above = {child: node for node in order for child in node.children}
    products = FlatProducts()
    known = [each for node in results for each in _sum(node, products)]
    targets: dict[Expression, Expression] = {}
    for node, core, coefficient in known:
        others = [each for each in known if each[0] is not node and each[0] not in targets]
        sums = [each for each in core.operands if _is_used_only_by(node, each, uses, above)]
        found = _multiplied_out(core, coefficient, sums, others, products)
        if found is not None and {*targets, node}.isdisjoint(postorder(found)):
            targets[node] = found
    return with_targets(stable, targets)


def _sum(node: Expression, products: FlatProducts) -> Iterator[_Sum]:
    """A result that is a sum over axes."""
    core, coefficient = _flat(node, products)
    if isinstance(core, Contraction) and core.summed and coefficient.is_nonzero:
        yield node, core, coefficient


def _is_used_only_by(
    node: Expression,
    factor: Expression,
    uses: Counter[Expression],
    above: Mapping[Expression, Expression],
) -> bool:
    """Whether nothing but the products from a factor up to a node needs it."""
    while factor is not node:
        if uses[factor] != 1:
            return False
        factor = above[factor]
    return True


def _flat(node: Expression, products: FlatProducts) -> tuple[Expression, sympy.Expr]:
    """The product without coefficient and the coefficient, no factor repeated along axes that others have."""
    core, coefficient = products.of(node)
    for _ in range(MOST_TERMS):
        if not isinstance(core, Contraction):
            break
        factors = list(zip(core.operands, core.labels, strict=True))
        for place, (factor, at) in enumerate(factors):
            beside = {
                label for k, (_, there) in enumerate(factors) if k != place for label in there
            }
            single = {label for label, size in enumerate(core.sizes) if size == 1}
            factors[place] = _unrepeated(factor, at, beside | single)
        operands, labels = [each for each, _ in factors], [at for _, at in factors]
        whole = Contraction(operands, labels, core.output, dict(enumerate(core.sizes)))
        opened, more = products.of(whole)
        if opened is core:
            break
        core, coefficient = opened, coefficient * more
    return core, coefficient


def _unrepeated(factor: Expression, at: _Labels, free: set[int]) -> tuple[Expression, _Labels]:
    """A factor, or what is repeated in it where its other axes need not be its own."""
    if not isinstance(factor, Contraction) or not arranges(factor) or factor.coefficient != 1:
        return factor, at
    named = dict(zip(factor.output, at, strict=True))
    kept = tuple(named[label] for label in factor.labels[0])
    gone = set(at) - set(kept)
    is_plain = len(named) == len(factor.output) and gone <= free
    return (factor.operands[0], kept) if is_plain else (factor, at)


def _multiplied_out(
    core: Contraction,
    coefficient: sympy.Expr,
    sums: Sequence[Expression],
    known: Sequence[_Sum],
    products: FlatProducts,
) -> Expression | None:
    """A product with one of some sums in it as products with known results."""
    for place, total in enumerate(core.operands):
        if total not in sums or not isinstance(total, Sum) or len(total.terms) > MOST_TERMS:
            continue
        if sum(not _is_rounded(term, products) for term in total.terms) > 1:
            continue
        found = []
        for term in total.terms:
            operands = [*core.operands[:place], term, *core.operands[place + 1 :]]
            sizes = dict(enumerate(core.sizes))
            whole = Contraction(operands, core.labels, core.output, sizes, coefficient)
            flat, times = _flat(whole, products)
            shared = _with_known(flat, times, known) if isinstance(flat, Contraction) else None
            if shared is None:
                break
            found.append(shared)
        else:
            return Sum(found)
    return None


def _is_rounded(term: Expression, products: FlatProducts) -> bool:
    """Whether a term is a product entry by entry, the entries of which are rounded."""
    core, _ = _flat(term, products)
    return isinstance(core, Contraction) and len(core.operands) > 1 and not core.summed


def _with_known(
    whole: Contraction, coefficient: sympy.Expr, known: Sequence[_Sum]
) -> Expression | None:
    """A product as one with a known sum, which has some of its factors and axes."""
    factors = list(zip(whole.operands, whole.labels, strict=True))
    for node, part, scale in known:
        ratio = sympy.cancel(coefficient / scale)
        if not ratio.is_number or not set(part.operands) <= set(whole.operands):
            continue
        for places, names in _matches(part, factors):
            rest = [each for place, each in enumerate(factors) if place not in places]
            kept = {*whole.output, *(label for _, at in rest for label in at)}
            if any(names[label] in kept for label in part.summed):
                continue
            operands = [node, *(each for each, _ in rest)]
            labels = [tuple(names[label] for label in part.output), *(at for _, at in rest)]
            sizes = dict(enumerate(whole.sizes))
            return Contraction(operands, labels, whole.output, sizes, ratio)
    return None


def _matches(
    part: Contraction, factors: Sequence[tuple[Expression, _Labels]]
) -> Iterator[tuple[frozenset[int], dict[int, int]]]:
    """The ways to find the factors of a product among others: their places, and what its labels are."""
    found: list[tuple[frozenset[int], dict[int, int]]] = [(frozenset(), {})]
    for operand, at in zip(part.operands, part.labels, strict=True):
        longer = []
        for places, names in found:
            for place, (factor, there) in enumerate(factors):
                new = names | dict(zip(at, there, strict=False))
                fits = factor is operand and place not in places
                same = all(new[label] == each for label, each in zip(at, there, strict=False))
                if fits and same and names.items() <= new.items():
                    longer.append((places | {place}, new))
        found = longer
    for places, names in found:
        if len(set(names.values())) == len(names) and set(part.output) <= names.keys():
            yield places, names
