"""The product of all other entries, `prod(x)/x`, with its value where an entry is 0 as well.

With y = where(x == 0, 1, x) and m zeros in all, z of them in an entry itself (0 or 1), the product of the
entries beside it is prod(y)/y where m = z, else 0. `prod(x**k)/x` is `x**(k - 1)` times such a product, and a
sum is taken apart where the quotient stands in its terms: `prod(x)*(c/x + y)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

import sympy

from symbolic.code.arrangement import arranged_once
from symbolic.code.cancellation import factor_and_core, meaning
from symbolic.code.diagonal_sums import without_diagonal_factors
from symbolic.code.flat_products import FlatProducts
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol
from symbolic.traverse import postorder, with_children

_ROUNDS = 2  # diagonals, and products or sums inside each other, that are opened
_TERMS = 12  # of a sum that is taken apart
_x, _others, _product, _entry = (kernel_symbol(place) for place in range(4))
_IS_ZERO = sympy.Lambda((_x,), sympy.Piecewise((1, sympy.Eq(_x, 0)), (0, True)))
_NOT_ZERO = sympy.Lambda((_x,), sympy.Piecewise((1, sympy.Eq(_x, 0)), (_x, True)))
_BESIDE = sympy.Lambda(
    (_x, _others, _product, _entry),
    sympy.Piecewise((_product / _entry, sympy.Eq(_x, _others)), (0, True)),
)


def with_products_of_others(roots: Sequence[Expression]) -> dict[Expression, Expression]:
    """Every node below the roots with such quotients written without a division by 0.

    >>> from symbolic import prod, vector
    >>> x = vector("x", "n")
    >>> print(with_products_of_others([prod(x) / x])[prod(x) / x])
    where(sum(where(x == 0, 1, 0)) == where(x == 0, 1, 0), prod(where(x == 0, 1, x))/where(x == 0, 1, x), 0)
    """
    order = postorder(roots)
    if not any(isinstance(node, Apply) and node.function == "prod" for node in order):
        return {node: node for node in order}
    new: dict[Expression, Expression] = {}
    flat = FlatProducts()
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        new[node] = _beside(built, flat, _ROUNDS) if isinstance(built, Contraction) else built
    return new


def _beside(node: Contraction, flat: FlatProducts, sums: int) -> Expression:
    """A product in which prod(u) stands beside 1/u, as one with the product of the other entries.

    `sums` are how many sums inside each other may be taken apart.
    """
    whole, coefficient = arranged_once(node), sympy.S.One
    for _ in range(_ROUNDS):
        whole, more = flat.of(without_diagonal_factors(whole))
        coefficient = coefficient * more
    if not isinstance(whole, Contraction):
        return node
    factors = list(zip(whole.operands, whole.labels, strict=True))
    for place, (factor, at) in enumerate(factors):
        product, left = _without_product(factor)
        if product is None or _never_zero(product.operand):
            continue
        for other, (divisor, beside) in enumerate(factors):
            kept = tuple(label for axis, label in enumerate(beside) if _keeps(product, axis))
            share = _share(_divisor(divisor), product.operand) if kept == at else None
            if share is None:
                continue
            times, more = share
            rest = [each for k, each in enumerate(factors) if k not in (place, other)]
            rest += [(each, beside) for each in more]
            rest += [] if left is None else [(left, at)]
            operands = [_of_others(product), *(each for each, _ in rest)]
            labels = [beside, *(there for _, there in rest)]
            times = times * coefficient * whole.coefficient
            return Contraction(operands, labels, whole.output, dict(enumerate(whole.sizes)), times)
    apart = _term_by_term(whole, coefficient, flat, sums - 1) if sums else None
    return node if apart is None else apart


def _term_by_term(
    whole: Contraction, coefficient: sympy.Expr, flat: FlatProducts, sums: int
) -> Expression | None:
    """A product with a sum among its factors as a sum, if that brings a product of others to light."""
    for place, factor in enumerate(whole.operands):
        if not isinstance(factor, Sum) or len(factor.terms) > _TERMS:
            continue
        terms = [
            Contraction(
                [*whole.operands[:place], term, *whole.operands[place + 1 :]],
                whole.labels,
                whole.output,
                dict(enumerate(whole.sizes)),
                coefficient * whole.coefficient,
            )
            for term in factor.terms
        ]
        opened = [_beside(term, flat, sums) for term in terms]
        if any(new is not old for new, old in zip(opened, terms, strict=True)):
            return Sum(opened)
    return None


def _without_product(node: Expression) -> tuple[Apply | None, Expression | None]:
    """The product p = prod(u) in p*f(p, ...), and f(p, ...), None where that is 1."""
    inner = meaning(node)
    if not isinstance(inner, Elementwise):
        return (inner, None) if _is_product(inner) else (None, None)
    powers = inner.kernel.expr.as_powers_dict()
    for symbol, operand in zip(inner.kernel.variables, inner.operands, strict=True):
        product = meaning(operand)
        if _is_product(product) and powers.get(symbol, 0) >= 1:
            left = inner.kernel.expr / symbol
            if left in (1, symbol):
                return product, product if left == symbol else None
            return product, Elementwise(sympy.Lambda(inner.kernel.variables, left), inner.operands)
    return None, None


def _is_product(node: Expression) -> TypeGuard[Apply]:
    return isinstance(node, Apply) and node.function == "prod"


def _divisor(node: Expression) -> Expression | None:
    """The u of 1/u."""
    inner = meaning(node)
    is_one_over = isinstance(inner, Elementwise) and inner.kernel.expr == 1 / _x
    return inner.children[0] if is_one_over else None


def _share(
    divisor: Expression | None, whole: Expression
) -> tuple[sympy.Expr, list[Expression]] | None:
    """A number and factors that the divisor times gives the whole."""
    if divisor is None or _never_zero(divisor):
        return None
    (factor, core), (other, same) = (
        factor_and_core(meaning(whole)),
        factor_and_core(meaning(divisor)),
    )
    if core is None or same is None or other == 0:
        return None
    left = _quotient(core, same)
    if left is not None:
        return factor / other, left
    if not isinstance(core, Contraction) or any(at != core.output for at in core.labels):
        return None
    parts = [factor_and_core(each) for each in core.operands]
    for place, (number, part) in enumerate(parts):
        left = None if part is None else _quotient(part, same)
        if left is not None:
            more = [each for k, each in enumerate(core.operands) if k != place]
            return factor * core.coefficient * number / other, more + left
    return None


def _quotient(power: Expression, base: Expression) -> list[Expression] | None:
    """The factors of u**k / u for a k of at least 1: none, or u**(k - 1)."""
    if power is base:
        return []
    if not isinstance(power, Elementwise):
        return None
    kernel, root = power.kernel.expr, _x
    if isinstance(base, Elementwise) and power.operands == base.operands:
        root = base.kernel.expr
    elif power.operands != (base,):
        return None
    times = kernel.as_powers_dict().get(root, 0) if kernel.is_Pow else 0
    if times == 2:
        return [base]
    if not times > 1:
        return None
    return [Elementwise(sympy.Lambda(power.kernel.variables, root ** (times - 1)), power.operands)]


def _never_zero(node: Expression) -> bool:
    inner = meaning(node)
    return isinstance(inner, Variable) and inner.domain in ("positive", "pm1")


def _keeps(product: Apply, axis: int) -> bool:
    return product.axis is not None and axis != product.axis


def _of_others(product: Apply) -> Expression:
    u = product.operand
    axes = tuple(range(u.rank))
    kept = tuple(axis for axis in axes if _keeps(product, axis))
    zero, entry = Elementwise(_IS_ZERO, [u]), Elementwise(_NOT_ZERO, [u])
    zeros = Contraction([zero], [axes], kept)
    sizes = dict(enumerate(u.shape))
    spread = [
        Contraction([each], [kept], axes, sizes)
        for each in (zeros, Apply("prod", entry, product.axis))
    ]
    return Elementwise(_BESIDE, [spread[0], zero, spread[1], entry])
