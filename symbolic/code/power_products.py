"""Products entry by entry, read as a number times powers of arrays."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symbolic.code.cancellation import factor_and_core, meaning
from symbolic.functions import erfcx
from symbolic.nodes import Contraction, Elementwise, Expression, kernel_symbol

DEEPEST = 8  # products in products that are read

_x = kernel_symbol(0)
Place = tuple[Expression, tuple[int, ...]]  # an array with the axes of the product that it has
Powers = dict[Place, sympy.Expr]
Product = tuple[sympy.Expr, Powers]


def product_of(term: Expression, axes: tuple[int, ...] | None = None) -> Product | None:
    """A term with these axes as a number times powers of arrays; None where the number may be 0.

    >>> from symbolic.variables import vector
    >>> x, s = vector("x", "n"), vector("s", "n", domain="positive")
    >>> number, powers = product_of(3 * x**2 / s)
    >>> number, {str(node): k for (node, _), k in powers.items()}
    (3, {'x': 2, 's': -1})
    """
    powers: Powers = {}
    number, core = factor_and_core(term)
    if core is not None:
        axes = tuple(range(core.rank)) if axes is None else axes
        number = number * _multiply(powers, core, axes, sympy.S.One, 0)
    if not number.is_nonzero:
        return None
    return number, {each: k for each, k in powers.items() if k != 0}


def _multiply(
    powers: Powers, node: Expression, at: tuple[int, ...], exponent: sympy.Expr, depth: int
) -> sympy.Expr:
    """Multiply by a power of an array, products and powers in it taken apart; the number in front."""
    inner = meaning(node)
    number, core = factor_and_core(inner)
    if number != 1 and core is not None and number.is_positive:
        return number**exponent * _multiply(powers, core, at, exponent, depth)
    read = depth < DEEPEST and exponent.is_Integer
    if read and isinstance(inner, Contraction) and _is_entrywise(inner):
        names = dict(zip(inner.output, at, strict=True))
        number = inner.coefficient**exponent
        for each, labels in zip(inner.operands, inner.labels, strict=True):
            there = tuple(names[label] for label in labels)
            number = number * _multiply(powers, each, there, exponent, depth + 1)
        return number
    if read and isinstance(inner, Elementwise):
        found = powers_of_operands(inner.kernel)
        if found is not None:
            return sympy.Mul(
                *(
                    _multiply(powers, inner.operands[place], at, exponent * power, depth + 1)
                    for place, power in found
                )
            )
    powers[inner, at] = powers.get((inner, at), sympy.S.Zero) + exponent
    return sympy.S.One


def powers_of_operands(kernel: sympy.Lambda) -> list[tuple[int, sympy.Expr]] | None:
    """The places of operands with their rational exponents, if a kernel is a product of such powers.

    >>> y = kernel_symbol(1)
    >>> powers_of_operands(sympy.Lambda((_x, y), _x**2 / sympy.sqrt(y)))
    [(0, 2), (1, -1/2)]
    >>> powers_of_operands(sympy.Lambda((_x, y), 2 * _x * y))
    """
    found = []
    for factor in sympy.Mul.make_args(kernel.expr):
        base, exponent = factor.as_base_exp()
        if base not in kernel.variables or not exponent.is_Rational:
            return None
        found.append((kernel.variables.index(base), exponent))
    return found


def _is_entrywise(node: Contraction) -> bool:
    return not node.summed and len(set(node.output)) == len(node.output)


def power(node: Expression, exponent: sympy.Expr) -> Expression:
    """A power of an array, one over the root where the exponent is negative and no whole number.

    A power below the line of what grows as exp(x**2) is a power of one over it, which does not overflow.
    """
    if exponent == 1:
        return node
    grows = isinstance(node, Elementwise) and node.kernel.expr == erfcx(_x)
    if grows and exponent < -1:
        return power(power(node, sympy.S.NegativeOne), -exponent)
    if exponent.is_Integer or exponent.is_positive:
        return Elementwise(sympy.Lambda((_x,), _x**exponent), [node])
    return Elementwise(sympy.Lambda((_x,), 1 / _x), [power(node, -exponent)])


def written(product: Product, beside: Sequence[Place], like: Expression) -> Expression:
    """A product with further factors, of the shape of a term."""
    factors = [(power(node, k), at) for (node, at), k in product[1].items() if k != 0]
    operands, labels = zip(*factors, *beside, strict=True)
    axes, sizes = tuple(range(like.rank)), dict(enumerate(like.shape))
    return Contraction(operands, labels, axes, sizes, product[0])
