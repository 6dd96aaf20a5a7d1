"""Tails of the normal distribution: densities over them, which are no 0 over 0, and their logarithms.

| written                        | computed                        |
|--------------------------------|---------------------------------|
| `exp(-w**2)/erfc(w)`           | `1/erfcx(w)`                    |
| `(a - b*erfc(w))/(erfc(w)*erfc(-w))` | `(a/2 - b)/erfc(-w) + a/2/erfc(w)` |
| `log(erfc(w)/2)`               | `log_ndtr(-sqrt(2)*w)`          |

From w = 26 on, erfc(w) is 0; the slope of its logarithm, which probit regression needs, is about -2*w.
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, scaled
from symbolic.code.power_products import Powers, Product, product_of, written
from symbolic.functions import erfcx, log_ndtr
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

MOST_READ = 20  # factors, and factors of factors

_x = kernel_symbol(0)


def with_scaled_tails(node: Expression) -> Expression:
    """A product with densities over tails of the same number as one function of it.

    >>> from symbolic.operations import erfc, exp
    >>> from symbolic.variables import scalar
    >>> w = scalar("w")
    >>> with_scaled_tails(exp(-(w**2)) * (1 / erfc(w)))
    1/erfcx(w)
    """
    whole = isinstance(node, Contraction) and (node.summed or len(set(node.output)) < node.rank)
    if whole or not any(_divides_by_tail(each) for each in (node, *node.children)):
        return node
    product = product_of(node)
    if product is None:
        return node
    parts = _apart(product, node)
    if parts is not None:
        return Sum([with_scaled_tails(written(part, [], node)) for part in parts])
    found = _scaled(product)
    if found is not None:
        return written(found, [], node)
    inside = _inside_sum(product, node)
    return node if inside is None else inside


def _scaled(product: Product) -> Product | None:
    """A product in which a density over a tail is one function."""
    number, powers = product
    for place, exponent in powers.items():
        tail, at = place
        if not exponent.is_negative or not _is(tail, sympy.erfc):
            continue
        for other, times in powers.items():
            density, there = other
            if there != at or not _is(density, sympy.exp) or not times.is_positive:
                continue
            one, two = product_of(density.children[0]), product_of(tail.children[0])
            if _cancels(one, two, times / exponent):
                scaled_tail = Elementwise(sympy.Lambda((_x,), erfcx(_x)), [tail.children[0]])
                left: Powers = {key: k for key, k in powers.items() if key not in (place, other)}
                return number, {**left, (scaled_tail, at): exponent}
    return None


def _inside_sum(product: Product, like: Expression) -> Expression | None:
    """A density times a sum in which every term is divided by a tail of its number."""
    number, powers = product
    axes = tuple(range(like.rank))
    densities = [key for key, k in powers.items() if k.is_positive and _is(key[0], sympy.exp)]
    for total, k in powers.items():
        if k != 1 or not isinstance(total[0], Sum) or total[1] != axes:
            continue
        for density in densities:
            terms = []
            for term in total[0].terms:
                factor, inside = product_of(term) or (sympy.S.One, {})
                times = inside.get(density, sympy.S.Zero) + powers[density]
                terms.append(_scaled((factor, {**inside, density: times})))
            if all(term is not None for term in terms):
                whole = Sum([written(term, [], like) for term in terms if term is not None])
                left = {key: n for key, n in powers.items() if key not in (total, density)}
                return written((number, {**left, (whole, axes): sympy.S.One}), [], like)
    return None


def _apart(product: Product, like: Expression) -> list[Product] | None:
    """A sum over two tails, which are 2 together, as quotients by one of them."""
    number, powers = product
    tails = [key for key, k in powers.items() if k == -1 and _is(key[0], sympy.erfc)]
    axes = tuple(range(like.rank))
    for one in tails:
        for other in tails:
            if one[1] != axes or other[1] != axes or not _opposite(one[0], other[0]):
                continue
            for total in [key for key, k in powers.items() if k == 1 and isinstance(key[0], Sum)]:
                terms = [factor_and_core(term) for term in total[0].children]
                place = next((k for k, (_, c) in enumerate(terms) if c is one[0]), None)
                if place is None or total[1] != axes:
                    continue
                others = [term for k, term in enumerate(total[0].children) if k != place]
                half = scaled(sympy.S.Half, others[0] if len(others) == 1 else Sum(others))
                beside = Contraction((), (), axes, dict(enumerate(like.shape)), terms[place][0])
                left = {key: k for key, k in powers.items() if key != total}
                return [
                    (number, {**left, (Sum([half, beside]), axes): sympy.S.One, one: sympy.S.Zero}),
                    (number, {**left, (half, axes): sympy.S.One, other: sympy.S.Zero}),
                ]
    return None


def _opposite(one: Expression, other: Expression) -> bool:
    """Whether the arguments of two functions are each other's negatives."""
    first, second = product_of(one.children[0]), product_of(other.children[0])
    return first is not None and second == (-first[0], first[1])


def log_of_tail(inside: Expression) -> Expression | None:
    """The logarithm of a number times erfc(w)."""
    number, core = factor_and_core(inside)
    tail = None if core is None else meaning(core)
    if tail is None or not _is(tail, sympy.erfc) or not number.is_positive:
        return None
    turned = scaled(-sympy.sqrt(2), tail.children[0])
    found = Elementwise(sympy.Lambda((_x,), log_ndtr(_x)), [turned])
    if number == sympy.S.Half:
        return found
    shift = Contraction(
        (), (), range(tail.rank), dict(enumerate(tail.shape)), sympy.log(2 * number)
    )
    return Sum([found, shift])


def _divides_by_tail(operand: Expression) -> bool:
    """Whether a node is a product of powers with one over erfc among its factors."""
    waiting, read = [operand], 0
    while waiting and read < MOST_READ:
        inner, read = meaning(waiting.pop()), read + 1
        if _is(inner, sympy.erfc):
            return True
        rational = isinstance(inner, Elementwise) and inner.kernel.expr.is_rational_function()
        if isinstance(inner, Contraction) or rational:
            waiting += inner.children
    return False


def _is(node: Expression, head: object) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr == head(_x)  # type: ignore[operator]


def _cancels(exponent: Product | None, argument: Product | None, times: sympy.Expr) -> bool:
    """Whether times*exponent is the square of the argument."""
    if exponent is None or argument is None:
        return False
    square = {each: 2 * k for each, k in argument[1].items()}
    same = _with_facts(exponent[1]) == _with_facts(square)
    return same and bool(sympy.simplify(times * exponent[0] - argument[0] ** 2) == 0)


def _with_facts(powers: Powers) -> Powers:
    """Powers without the squares of numbers that are 1 or -1."""
    left = {}
    for (node, at), k in powers.items():
        signs = isinstance(node, Variable) and node.domain == "pm1"
        k = k % 2 if signs else k
        if k != 0:
            left[node, at] = k
    return left
