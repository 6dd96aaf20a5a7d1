"""Tails of the normal distribution: densities over them, which are no 0 over 0, and their logarithms.

| written                        | computed                        |
|--------------------------------|---------------------------------|
| `exp(-w**2)/erfc(w)`           | `1/erfcx(w)`                    |
| `exp(-w**2)**2/erfc(w)**2`     | `(1/erfcx(w))**2`               |
| `(a - b*erfc(w))/(erfc(w)*erfc(-w))` | `(a/2 - b)/erfc(-w) + a/2/erfc(w)` |
| `log(erfc(w)/2)`               | `log_ndtr(-sqrt(2)*w)`          |
| `log(erfc(w))`                 | `log1p(-erf(w))` for w < 1/2, else from `log_ndtr` |

From w = 26 on, erfc(w) is 0; the slope of its logarithm, which probit regression needs, is about -2*w.
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, scaled
from symbolic.code.power_products import Powers, Product, product_of, written
from symbolic.code.tails_in_kernels import with_tails_in_cases
from symbolic.functions import erfcx, log1p, log_ndtr
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

MOST_READ = 20  # factors and terms, and factors of factors
MOST_NESTED = 4  # sums in factors of terms of sums

_x, _y = kernel_symbol(0), kernel_symbol(1)
_LOG_TWO = sympy.log(2).evalf(17)
_LOG_ERFC = sympy.Lambda(  # of w and -sqrt(2)*w
    (_x, _y),
    sympy.Piecewise(
        (log1p(-sympy.erf(sympy.Min(_x, sympy.S.Half))), _x < sympy.S.Half),
        (log_ndtr(_y) + _LOG_TWO, True),
    ),
)


def with_scaled_tails(node: Expression) -> Expression:
    """A product with densities over tails of the same number as one function of it.

    >>> from symbolic.operations import erfc, exp
    >>> from symbolic.variables import scalar
    >>> w = scalar("w")
    >>> with_scaled_tails(exp(-(w**2)) * (1 / erfc(w)))
    1/erfcx(w)
    """
    if isinstance(node, Contraction) and len(set(node.output)) < node.rank:
        return _placed(node)
    if isinstance(node, Contraction) and node.summed:
        return node
    if not any(_divides_by_tail(each) for each in (node, *node.children)):
        return node
    product = product_of(node)
    if product is None:
        return node
    parts = _apart(product, node)
    if parts is not None:
        return Sum([with_scaled_tails(written(part, [], node)) for part in parts])
    whole = _written_scaled(product, node, MOST_NESTED)
    return node if whole is None else whole


def _placed(node: Contraction) -> Expression:
    """The same with the entries of a diagonal."""
    if len(node.operands) != 1 or not isinstance(node.operands[0], Contraction):
        return node
    inner = with_scaled_tails(node.operands[0])
    if inner is node.operands[0]:
        return node
    return Contraction(
        [inner], node.labels, node.output, dict(enumerate(node.sizes)), node.coefficient
    )


def _scaled(product: Product) -> Product | None:
    """A product in which densities over a tail are one function."""
    number, powers = product
    for (tail, at), exponent in product[1].items():
        if exponent.is_negative and _is(tail, sympy.erfc):
            left = _without_densities(powers, tail.children[0], at, -exponent)
            if left is not None:
                scaled_tail = Elementwise(sympy.Lambda((_x,), erfcx(_x)), [tail.children[0]])
                del left[tail, at]
                exponent += left.pop((scaled_tail, at), sympy.S.Zero)
                over = Elementwise(sympy.Lambda((_x,), 1 / _x), [scaled_tail])
                powers = {**left, (over, at): -exponent}  # a square of erfcx may overflow
    return None if powers is product[1] else (number, powers)


def _without_densities(
    powers: Powers, argument: Expression, at: tuple[int, ...], needed: sympy.Expr
) -> Powers | None:
    """Powers over exp(-argument**2) to this power; None where its densities are fewer."""
    left = dict(powers)
    of_argument = product_of(argument)
    for place, times in powers.items():
        density, there = place
        if there != at or not _is(density, sympy.exp) or not times.is_positive:
            continue
        share = _squares(product_of(density.children[0]), of_argument)
        if share is None:
            continue
        taken = sympy.Min(times, needed / share)
        needed, kept = needed - taken * share, times - taken
        del left[place]
        if kept.is_Integer and kept != 0:
            left[place] = kept
        elif kept != 0:
            exponent = scaled(kept, density.children[0])
            narrower = Elementwise(sympy.Lambda((_x,), sympy.exp(_x)), [exponent])
            left[narrower, at] = sympy.S.One
        if needed == 0:
            return left
    return None


def _written_scaled(product: Product, like: Expression, depth: int) -> Expression | None:
    found = _scaled(product)
    found = with_tails_in_cases(product, like) if found is None else found
    return _inside_sum(product, like, depth) if found is None else written(found, [], like)


def _inside_sum(product: Product, like: Expression, depth: int) -> Expression | None:
    """Densities, or tails below the line, times a sum in which every term has the other of the two."""
    number, powers = product
    axes = tuple(range(like.rank))
    densities = [key for key, k in powers.items() if k.is_positive and _is(key[0], sympy.exp)]
    tails = [key for key, k in powers.items() if k.is_negative and _is(key[0], sympy.erfc)]
    for total, k in powers.items():
        if not depth or k != 1 or not isinstance(total[0], Sum) or total[1] != axes:
            continue
        for some in filter(None, (densities, *([each] for each in densities), tails)):
            whole = _times({key: powers[key] for key in some}, total[0], like, depth)
            if whole is not None:
                left = {key: n for key, n in powers.items() if key not in (total, *some)}
                return written((number, {**left, (whole, axes): sympy.S.One}), [], like)
    return None


def _times(powers: Powers, total: Sum, like: Expression, depth: int) -> Sum | None:
    """Powers times every term of a sum; None where one of the terms is no density over a tail then."""
    terms = []
    for term in total.terms:
        product = product_of(term)
        if product is None:
            return None
        times = {key: product[1].get(key, sympy.S.Zero) + k for key, k in powers.items()}
        found = _written_scaled((product[0], {**product[1], **times}), like, depth - 1)
        if found is None:
            return None
        terms.append(found)
    return Sum(terms)


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
    if number == 1:
        return Elementwise(_LOG_ERFC, [tail.children[0], turned])
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
        if isinstance(inner, Elementwise):
            kernel = inner.kernel.expr
            if kernel.has(sympy.erfc):
                return True
            if not isinstance(kernel, sympy.Piecewise) and not kernel.is_rational_function():
                continue
        if isinstance(inner, Contraction | Sum | Elementwise):
            waiting += inner.children
    return False


def _is(node: Expression, head: object) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr == head(_x)  # type: ignore[operator]


def _squares(exponent: Product | None, argument: Product | None) -> sympy.Expr | None:
    """The positive k, if an exponent is -k times the square of the argument."""
    if exponent is None or argument is None:
        return None
    square = {each: 2 * k for each, k in argument[1].items()}
    if _with_facts(exponent[1]) != _with_facts(square):
        return None
    times = sympy.simplify(-exponent[0] / argument[0] ** 2)
    return times if times.is_Rational and times.is_positive else None


def _with_facts(powers: Powers) -> Powers:
    """Powers without the squares of numbers that are 1 or -1."""
    left = {}
    for (node, at), k in powers.items():
        signs = isinstance(node, Variable) and node.domain == "pm1"
        k = k % 2 if signs else k
        if k != 0:
            left[node, at] = k
    return left
