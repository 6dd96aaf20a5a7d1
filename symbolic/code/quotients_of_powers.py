"""Quotients of powers as powers of quotients, which overflow or vanish no sooner than the whole.

| written                | computed            |
|------------------------|---------------------|
| `x**2/s**2`            | `(x/s)**2`          |
| `x**2/s**3`            | `(x/s)**2/s`        |
| `x/s**2`               | `(x/s)/s`, where x/s is computed anyway |
| `x**2/10**300`         | `(x/10**150)**2`    |
| `x*y/h**3`, h = hypot(x, y) | `(x/h)*(y/h)/h` |
| `x/(x**2 + y**2)`      | `(x/h)/h`, where h = hypot(x, y) is computed anyway |

A divisor that is repeated along axes takes part where none of them is summed over: a sum of squares is
divided once, by the square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy

from symbolic.code.cancellation import meaning, scaled
from symbolic.code.hypotenuses import as_hypotenuse, legs_of
from symbolic.code.power_products import power, powers_of_operands
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.traverse import postorder, with_children

LARGE = sympy.Integer(10) ** 30  # numbers beyond it, or below its inverse, are taken into powers
MOST_FACTORS = 8  # of a product that is read
DEEPEST = 8  # products in products that are read

_x, _y = kernel_symbol(0), kernel_symbol(1)
_Place = tuple[Expression, tuple[int, ...]]
_Pair = tuple[_Place, _Place]


def powers_of_quotients(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """What each node has become, with such powers.

    >>> from symbolic.operations import sum
    >>> from symbolic.variables import vector
    >>> x, s = vector("x", "n"), vector("s", "n", domain="positive")
    >>> e = sum(x**2 / s**2)
    >>> powers_of_quotients({e: e})[e]
    sum((x/s)**2)
    """
    order = postorder(dict.fromkeys(stable.values()))
    divided = {pair for node in order for pair in _pairs(node)}
    large = any(isinstance(node, Contraction) and _is_large(node.coefficient) for node in order)
    if not divided and not large:
        return dict(stable)
    quotients = {(one[0], other[0]) for one, other in divided}
    new: dict[Expression, Expression] = {}
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        powers = _powers(node)
        if powers is not None:
            taken = _with_quotients(node, powers, quotients)
            if taken is not None:
                built = _renewed(taken, new)
        if isinstance(built, Contraction) and _is_large(built.coefficient):
            built = _coefficient_inside(built)
        new[node] = built
    return {node: new[found] for node, found in stable.items()}


def legs_over_hypotenuses(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """What each node has become, with legs divided by hypotenuses before their powers are taken.

    >>> from symbolic.code.norms import roots_as_norms
    >>> from symbolic.operations import sqrt
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> e = x * y / (sqrt(x**2 + y**2)) ** 3
    >>> str(legs_over_hypotenuses(roots_as_norms({e: e}))[e]).count("x/")
    1
    """
    order = postorder(dict.fromkeys(stable.values()))
    hypotenuses = {node: found for node in order if (found := legs_of(node))}
    if not hypotenuses:
        return dict(stable)
    squares = {}
    for node in order:
        if isinstance(node, Sum):
            root = as_hypotenuse(Elementwise(sympy.Lambda((_x,), sympy.sqrt(_x)), [node]))
            if root in hypotenuses:
                squares[node] = root
    new: dict[Expression, Expression] = {}
    for node in order:
        new[node] = with_children(node, tuple(new[child] for child in node.children))
        powers = _powers(node)
        if powers is None:
            continue
        for (each, at), exponent in list(powers.exponents.items()):
            if exponent < 0 and each in squares:
                del powers.exponents[each, at]
                place = squares[each], at
                powers.exponents[place] = powers.exponents.get(place, 0) + 2 * exponent
        quotients = {
            (x[0], s[0])
            for s, below in powers.exponents.items()
            for x, above in powers.exponents.items()
            if above >= 1 and below <= -2 and x[0] in hypotenuses.get(s[0], ())
        }
        taken = _with_quotients(node, powers, quotients) if quotients else None
        if taken is not None:
            new[node] = _renewed(taken, new)
    return {node: new[found] for node, found in stable.items()}


def _renewed(node: Expression, new: Mapping[Expression, Expression]) -> Expression:
    """A node made of old ones, made of new ones."""
    if node in new:
        return new[node]
    return with_children(node, tuple(_renewed(child, new) for child in node.children))


# --- products as powers --------------------------------------------------------------------------


@dataclass
class _Powers:
    """A product entry by entry: a number, and factors with their labels and exponents."""

    number: sympy.Expr = sympy.S.One
    exponents: dict[_Place, int] = field(default_factory=dict)

    def multiply(
        self, node: Expression, at: tuple[int, ...], exponent: int, depth: int = 0
    ) -> None:
        """Multiply by a power of an array; products and powers in it are taken apart."""
        inner = meaning(node)
        read = depth < DEEPEST
        if read and isinstance(inner, Contraction) and _is_entrywise(inner):
            place = dict(zip(inner.output, at, strict=True))
            self.number *= inner.coefficient**exponent
            for operand, labels in zip(inner.operands, inner.labels, strict=True):
                at_inside = tuple(place[label] for label in labels)
                self.multiply(operand, at_inside, exponent, depth + 1)
            return
        powers = _of_kernel(inner) if read and isinstance(inner, Elementwise) else None
        if powers is None:
            self.exponents[node, at] = self.exponents.get((node, at), 0) + exponent
            return
        for operand, times in powers:
            self.multiply(operand, at, exponent * times, depth + 1)


def _powers(node: Expression) -> _Powers | None:
    """A product as powers of its factors; None where it is no product of several."""
    found = _Powers()
    if isinstance(node, Elementwise):
        if node.kernel.expr == _x / _y or _of_kernel(node) is None:
            return None
        found.multiply(node, tuple(range(node.rank)), 1)
        return found if len(found.exponents) > 1 else None
    if not isinstance(node, Contraction) or len(node.operands) < 2:
        return None
    if len(set(node.output)) < len(node.output) or len(node.operands) > MOST_FACTORS:
        return None
    for operand, at in zip(node.operands, node.labels, strict=True):
        found.multiply(operand, at, 1)
    return found


def _is_entrywise(node: Contraction) -> bool:
    if not node.operands or len(set(node.output)) < len(node.output):
        return False
    if not node.coefficient.is_number:
        return False
    return not node.summed and len(node.operands) <= MOST_FACTORS


def _of_kernel(node: Elementwise) -> list[tuple[Expression, int]] | None:
    """The operands of a product of whole powers, with their exponents."""
    powers = powers_of_operands(node.kernel)
    if powers is None or not all(exponent.is_Integer for _, exponent in powers):
        return None
    return [(node.operands[place], int(exponent)) for place, exponent in powers]


def _pairs(node: Expression) -> list[_Pair]:
    """The arrays of which one to the second power or more is divided by such a power of the other."""
    powers = _powers(node)
    if powers is None:
        return []
    above = [place for place, exponent in powers.exponents.items() if exponent >= 2]
    below = [place for place, exponent in powers.exponents.items() if exponent <= -2]
    return [(x, s) for x in above for s in below if _fit(node, x, s)]


def _fit(node: Expression, x: _Place, s: _Place) -> bool:
    """Whether x may be divided by s before anything is summed."""
    if len(set(x[1])) < len(x[1]):
        return False
    if x[1] == s[1]:
        return True
    summed = set(node.summed) if isinstance(node, Contraction) else set()
    return set(s[1]) <= set(x[1]) and not summed & set(x[1])


# --- written -------------------------------------------------------------------------------------


def _with_quotients(
    node: Expression, powers: _Powers, quotients: set[tuple[Expression, Expression]]
) -> Expression | None:
    left = dict(powers.exponents)
    factors: list[tuple[Expression, tuple[int, ...]]] = []
    for x, s in [(x, s) for x in left for s in left if (x[0], s[0]) in quotients]:
        times = min(left[x], -left[s])
        if times < 1 or (times == 1 and left[s] > -2) or not _fit(node, x, s):
            continue
        quotient = _quotient(x, s)
        factors.append((_power(quotient, times), x[1]))
        left[x] -= times
        left[s] += times
    if not factors:
        return None
    factors += [(_power(place, k), at) for (place, at), k in left.items() if k != 0]
    axes = tuple(range(node.rank))
    output, sizes, coefficient = axes, dict(enumerate(node.shape)), powers.number
    if isinstance(node, Contraction):
        output, sizes, coefficient = (
            node.output,
            dict(enumerate(node.sizes)),
            coefficient * node.coefficient,
        )
    if coefficient == 1 and len(factors) == 1 and factors[0][1] == output:
        return factors[0][0]
    operands, labels = zip(*factors, strict=True)
    return Contraction(operands, labels, output, sizes, coefficient)


def _quotient(x: _Place, s: _Place) -> Expression:
    if x[1] == s[1]:
        return Elementwise(sympy.Lambda((_x, _y), _x / _y), [x[0], s[0]])
    inverse = _power(s[0], -1)
    return Contraction([x[0], inverse], [x[1], s[1]], x[1])


def _power(node: Expression, exponent: int) -> Expression:
    return power(node, sympy.Integer(exponent))


def _is_large(number: sympy.Expr) -> bool:
    return bool(number.is_Rational and number != 0 and not 1 / LARGE < abs(number) < LARGE)


def _coefficient_inside(node: Contraction) -> Expression:
    """A product with a very large or small number in front, with the number in one of its squares."""
    for place, operand in enumerate(node.operands):
        inner = meaning(operand)
        if not isinstance(inner, Elementwise) or not inner.kernel.expr.is_Pow:
            continue
        base, exponent = inner.kernel.expr.as_base_exp()
        if base != _x or not exponent.is_Integer or exponent < 2:
            continue
        size = abs(node.coefficient)
        power = Elementwise(inner.kernel, [scaled(size ** (1 / exponent), inner.operands[0])])
        operands = (*node.operands[:place], power, *node.operands[place + 1 :])
        sign = sympy.sign(node.coefficient)
        if sign == 1 and len(operands) == 1 and node.labels[0] == node.output:
            return power
        return Contraction(operands, node.labels, node.output, dict(enumerate(node.sizes)), sign)
    return node
