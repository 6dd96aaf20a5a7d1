"""The product of all other entries, `prod(x)/x`, with its value where an entry is 0 as well.

With y = where(x == 0, 1, x) and m zeros in all, z of them in an entry itself (0 or 1), the product of the
entries beside it is prod(y)/y where m = z, else 0. `prod(x**k)/x` is `x**(k - 1)` times such a product, and a
sum is taken apart where the quotient stands in its terms: `prod(x)*(c/x + y)`. Beside two entries i and j it
is prod(y)/(y_i*y_j) where m = z_i + z_j, else 0: second derivatives have that less its diagonal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

import sympy

from symbolic.code.arrangement import arranged_once
from symbolic.code.cancellation import factor_and_core, meaning
from symbolic.code.diagonal_sums import without_diagonal_factors
from symbolic.code.flat_products import FlatProducts
from symbolic.code.power_products import Powers, power, product_of
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol
from symbolic.sizes import Size
from symbolic.traverse import postorder, with_children

_ROUNDS = 2  # diagonals, and products or sums inside each other, that are opened
_TERMS = 12  # of a sum that is taken apart
_x, _others, _product, _entry = (kernel_symbol(place) for place in range(4))
_IS_ZERO = sympy.Lambda((_x,), sympy.Piecewise((1, sympy.Eq(_x, 0)), (0, True)))
_INVERSE = sympy.Lambda((_x,), 1 / _x)
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
        if isinstance(built, Contraction):
            built = _beside(built, flat, _ROUNDS)
        elif isinstance(node, Sum):
            built = _without_diagonals(node, built, flat)
        new[node] = built
    return new


def has_products_of_others(root: Expression) -> bool:
    """Whether a product and one over its entries meet in an expression.

    >>> from symbolic import prod, vector
    >>> x = vector("x", "n")
    >>> has_products_of_others(prod(x) / x), has_products_of_others(prod(x) * x)
    (True, False)
    """
    return with_products_of_others([root])[root] is not root


def _beside(node: Contraction, flat: FlatProducts, sums: int) -> Expression:
    """A product in which prod(u) stands beside 1/u, as one with the product of the other entries.

    `sums` are how many sums inside each other may be taken apart.
    """
    whole, coefficient = _flattened(node, flat)
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


@dataclass(frozen=True)
class _Second:
    """A term in which prod(u) stands beside 1/u twice: at two places, or at one."""

    number: sympy.Expr
    powers: Powers
    whole: Contraction
    product: tuple[Apply, tuple[int, ...]]
    places: tuple[tuple[int, ...], ...]

    def written(self) -> Expression:
        """The term with the product of the entries beside the two."""
        product, _ = self.product
        sizes = dict(enumerate(self.whole.sizes))
        axes = tuple(dict.fromkeys(label for beside in self.places for label in beside))
        left = {**self.powers, self.product: self.powers[self.product] - 1}
        left |= {(meaning(product.operand), beside): sympy.S.Zero for beside in self.places}
        rest = [(power(node, k), there) for (node, there), k in left.items() if k != 0]
        others = _of_others_than_two(product, self.places, axes, sizes)
        operands, labels = [others, *(e for e, _ in rest)], [axes, *(there for _, there in rest)]
        return Contraction(operands, labels, self.whole.output, sizes, self.number)

    def on_diagonal(self) -> tuple[Powers, tuple[int, ...]]:
        """The powers and the axes where the second place is the first."""
        first, second = self.places
        same = dict(zip(second, first, strict=True))
        powers: Powers = {}
        for (node, at), k in self.powers.items():
            place = node, tuple(same.get(label, label) for label in at)
            powers[place] = powers.get(place, sympy.S.Zero) + k
        return powers, tuple(same.get(label, label) for label in self.whole.output)


def _without_diagonals(old: Sum, built: Expression, flat: FlatProducts) -> Expression:
    """A sum in which `prod(x)*outer(1/x, 1/x)` stands beside its diagonal with the other sign."""
    read = [_second(term, flat) for term in old.terms]
    terms = list(built.children)
    for place, one in enumerate(read):
        for other, two in enumerate(read):
            if one is None or two is None or one.number != -two.number:
                continue
            if len(set(one.places)) == 2 and len(set(two.places)) == 1 and _matches(one, two):
                terms[place], terms[other] = one.written(), two.written()
    return built if all(x is y for x, y in zip(terms, built.children, strict=True)) else Sum(terms)


def _matches(one: _Second, two: _Second) -> bool:
    """Whether the second term is the diagonal of the first."""
    powers, output = one.on_diagonal()
    names = dict(zip(two.whole.output, output, strict=True))
    turned = {
        (node, tuple(names.get(x, -1) for x in at)): k for (node, at), k in two.powers.items()
    }
    same = tuple(names[label] for label in two.whole.output) == output
    return same and turned == powers and not one.whole.summed and not two.whole.summed


def _second(term: Expression, flat: FlatProducts) -> _Second | None:
    if not isinstance(term, Contraction):
        return None
    whole, number = _flattened(term, flat)
    if not isinstance(whole, Contraction):
        return None
    number = number * whole.coefficient
    powers: Powers = {}
    for factor, at in zip(whole.operands, whole.labels, strict=True):
        found = product_of(factor, at)
        if found is None:
            return None
        number = number * found[0]
        for key, k in found[1].items():
            powers[key] = powers.get(key, sympy.S.Zero) + k
    for (product, at), times in powers.items():
        if not _is_product(product) or times < 1 or _never_zero(product.operand):
            continue
        places: list[tuple[int, ...]] = []
        for (divisor, beside), k in powers.items():
            kept = tuple(label for axis, label in enumerate(beside) if _keeps(product, axis))
            if divisor is meaning(product.operand) and kept == at and k in (-1, -2):
                places += [beside] * int(-k)
        if len(places) == 2 and all(len(set(beside)) == len(beside) for beside in places):
            return _Second(number, powers, whole, (product, at), tuple(places))
    return None


def _flattened(term: Contraction, flat: FlatProducts) -> tuple[Expression, sympy.Expr]:
    """A product without its coefficient, and the coefficient."""
    whole, coefficient = arranged_once(term), sympy.S.One
    for _ in range(_ROUNDS):
        whole, more = flat.of(without_diagonal_factors(whole))
        coefficient = coefficient * more
    return whole, coefficient


def _of_others_than_two(
    product: Apply,
    places: Sequence[tuple[int, ...]],
    axes: tuple[int, ...],
    sizes: Mapping[int, Size],
) -> Expression:
    u = product.operand
    kept = tuple(axis for axis in range(u.rank) if _keeps(product, axis))
    at = tuple(places[0][axis] for axis in kept)
    zero, entry = Elementwise(_IS_ZERO, [u]), Elementwise(_NOT_ZERO, [u])
    zeros = Contraction([zero], [range(u.rank)], kept)
    whole = Apply("prod", entry, product.axis)
    own = tuple(range(u.rank))
    beside_one = Contraction([whole, Elementwise(_INVERSE, [entry])], [kept, own], own)
    return Elementwise(
        _BESIDE,
        [
            Contraction([zeros], [at], axes, dict(sizes)),
            Sum([Contraction([zero], [place], axes, dict(sizes)) for place in places]),
            Contraction([beside_one], [places[0]], axes, dict(sizes)),
            Contraction([entry], [places[1]], axes, dict(sizes)),
        ],
    )


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
