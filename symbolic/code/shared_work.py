"""The graph that code for every library starts from: stable forms, and each array computed once.

    sides of kinks -> opposite sums -> factors together -> differences of sigmoids
    -> products of others -> stable forms -> multiples of a sum -> sums of results
    -> centred factors -> transposes -> inner products -> quotients of powers -> norms -> cosines -> products

Planning runs twice: the second time knows the products of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from symbolic.code.centred_products import centre_both
from symbolic.code.cosines import with_cosines
from symbolic.code.distribution import share_products
from symbolic.code.facing import face
from symbolic.code.factors_together import with_factors_together
from symbolic.code.inner_products import split_inner_products
from symbolic.code.known_products import KnownProducts
from symbolic.code.linear_combinations import share_combinations
from symbolic.code.logistic_fractions import without_exponentials
from symbolic.code.norms import roots_as_norms
from symbolic.code.opposite_sums import with_one_of_opposites
from symbolic.code.orientation import orient
from symbolic.code.products import plan
from symbolic.code.products_of_others import with_products_of_others
from symbolic.code.quotients_of_powers import legs_over_hypotenuses, powers_of_quotients
from symbolic.code.sides_of_kinks import with_sides
from symbolic.code.sigmoid_differences import with_sigmoid_differences
from symbolic.code.stable_forms import stabilise
from symbolic.code.sums_of_results import from_other_results
from symbolic.nodes import Expression, Named
from symbolic.traverse import postorder


def shared_work(roots: Sequence[Expression]) -> dict[Expression, Expression]:
    """What every node below the roots becomes.

    >>> from symbolic.operations import exp, log
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> roots = [log(1 + exp(x - y)), y - x]
    >>> shared = shared_work(roots)
    >>> [shared[root] for root in roots]
    [softplus(x - y), -(x - y)]
    """
    written: dict[Expression, Expression] = {node: node for node in postorder(roots)}
    for rewrite in (
        with_sides,
        with_one_of_opposites,
        with_factors_together,
        with_sigmoid_differences,
        with_products_of_others,
    ):
        found = rewrite([written[root] for root in roots])
        written = {node: found[last] for node, last in written.items() if last in found}
    found = without_exponentials(stabilise(tuple(written[root] for root in roots)))
    stable = {node: found[last] for node, last in written.items() if last in found}
    stable = share_products(share_combinations(stable, roots), roots)
    stable = centre_both(from_other_results(stable, roots), roots)
    stable = powers_of_quotients(split_inner_products(roots, orient(stable)))
    return with_cosines(legs_over_hypotenuses(roots_as_norms(stable)))


def planned_work(roots: Iterable[Expression]) -> dict[Expression, Expression]:
    """The roots and the named nodes below them as planned steps; equal products are one.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w = matrix("X", n, d), vector("w", d)
    >>> normal = X.T @ X @ w
    >>> planned_work([normal])[normal].children
    (X, X @ w)
    """
    roots = list(roots)
    first = face(orient(plan(roots)), roots)
    known = KnownProducts(postorder(dict.fromkeys(first.values())))
    again = plan(dict.fromkeys(first.values()), known)
    return {node: again[found] for node, found in first.items() if found in again}


def original_names(
    roots: Sequence[Expression],
    stable: Mapping[Expression, Expression],
    planned: Mapping[Expression, Expression],
) -> dict[Expression, Named]:
    """For the planned steps that compute them, the named nodes below the roots as they were written."""
    return {
        planned[stable[node]]: node
        for node in postorder(roots)
        if isinstance(node, Named) and stable.get(node) in planned
    }
