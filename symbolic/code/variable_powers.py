"""Powers with a variable exponent beside powers of their base: u**k/u is u**(k - 1).

Both sides agree where the left one has a value; the right one has a value at u = 0 too. So has
u**k*log(u), which is 0 there for k > 0: the logarithm is taken of 1 where u**k is 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy

from symbolic.code.cancellation import meaning
from symbolic.functions import log1p
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol

_DEEPEST = 8  # nodes below each other in a base, and products in products, that are read


@dataclass(frozen=True)
class _Factor:
    node: Expression
    labels: tuple[int, ...]


def with_merged_powers(product: Contraction) -> Expression:
    """A product whose variable powers have taken in the powers of their bases beside them.

    >>> from symbolic.variables import scalar
    >>> x, k = scalar("x"), scalar("k")
    >>> with_merged_powers(x**k * (1 / x))
    x**(k - 1)
    """
    if not any(_is_read(meaning(each)) for each in product.operands):
        return product
    factors, number = _factors(product, dict(zip(product.output, product.output, strict=True)), 0)
    merged, more = _merged(factors)
    merged = _harmless_logarithms(_over_sums(merged))
    if merged == factors:
        return product
    number = number * more
    if len(merged) == 1 and number == 1 and merged[0].labels == product.output:
        return merged[0].node
    return _product(merged, product, number)


def _is_read(node: Expression, depth: int = 0) -> bool:
    if isinstance(node, Contraction) and depth < _DEEPEST:
        below = (meaning(each) for each in node.operands)
        return _is_entrywise(node) and any(_is_read(each, depth + 1) for each in below)
    return _is_power(node)


def _is_power(node: Expression) -> bool:
    """Whether a node is a power of a base with an exponent that is no number."""
    if not isinstance(node, Elementwise) or not node.kernel.expr.is_Pow:
        return False
    base, exponent = node.kernel.expr.args
    return bool(base.free_symbols) and bool(exponent.free_symbols)


def _is_entrywise(node: Contraction) -> bool:
    return not node.summed and len(set(node.output)) == len(node.output)


def _factors(
    node: Contraction, names: dict[int, int], depth: int
) -> tuple[list[_Factor], sympy.Expr]:
    """The factors of a product and its number, products entry by entry in it taken apart."""
    found: list[_Factor] = []
    number = node.coefficient
    for operand, labels in zip(node.operands, node.labels, strict=True):
        there = tuple(names.get(label, label) for label in labels)
        inner = meaning(operand)
        if depth < _DEEPEST and isinstance(inner, Contraction) and _is_entrywise(inner):
            below = dict(zip(inner.output, there, strict=True))
            if set(below) >= {label for each in inner.labels for label in each} and _covers(inner):
                more, factor = _factors(inner, below, depth + 1)
                found.extend(more)
                number = number * factor
                continue
        found.append(_Factor(operand, there))
    return found, number


def _is_along_equal_axes(node: Contraction) -> bool:
    return _is_entrywise(node) and all(labels == node.output for labels in node.labels)


def _covers(node: Contraction) -> bool:
    """Whether the operands have every axis of the product."""
    return {label for each in node.labels for label in each} == set(node.output)


def _product(factors: list[_Factor], like: Contraction, number: sympy.Expr) -> Contraction:
    operands = [each.node for each in factors]
    labels = [each.labels for each in factors]
    return Contraction(operands, labels, like.output, dict(enumerate(like.sizes)), number)


def _merged(factors: list[_Factor]) -> tuple[list[_Factor], sympy.Expr]:
    """Factors of which each variable power has taken in the powers of its base, and a number."""
    number = sympy.S.One
    left = list(factors)
    for place, factor in enumerate(factors):
        power = meaning(factor.node)
        if not isinstance(power, Elementwise) or not _is_power(power):
            continue
        leaves: dict[Expression, sympy.Symbol] = {}
        base = _base(power, leaves)
        exponent = sympy.S.Zero
        for other, each in enumerate(left):
            if other != place and each.labels == factor.labels:
                found = _beside(base, each.node, leaves)
                if found is not None:
                    number, exponent = number * found[0], exponent + found[1]
                    left[other] = _Factor(each.node, (_TAKEN,))
        if exponent != 0:
            kernel = power.kernel.expr
            raised = sympy.Lambda(power.kernel.variables, kernel.base ** (kernel.exp + exponent))
            left[place] = replace(factor, node=Elementwise(raised, power.operands))
    return [each for each in left if each.labels != (_TAKEN,)], number


_TAKEN = -1  # the label of a factor that has gone into a power


def _beside(
    base: sympy.Expr, node: Expression, leaves: dict[Expression, sympy.Symbol]
) -> tuple[sympy.Expr, sympy.Expr] | None:
    """A number and an exponent, if a node is that number times a negative whole power of a base."""
    inner = meaning(node)
    if not isinstance(inner, Elementwise) or not inner.kernel.expr.is_Pow:
        return None
    number, rest = _read(inner, leaves, 0).as_coeff_Mul()
    found, exponent = rest.as_base_exp()
    if not exponent.is_Integer or not exponent.is_negative:
        return None
    factor, core = base.as_coeff_Mul()
    squares = isinstance(core, sympy.Abs) and core.args[0] == found and exponent.is_even
    return (number * factor**-exponent, exponent) if found == core or squares else None


def _base(power: Elementwise, leaves: dict[Expression, sympy.Symbol]) -> sympy.Expr:
    """An entry of the base of a power."""
    base = sympy.Lambda(power.kernel.variables, power.kernel.expr.base)
    return _read(Elementwise(base, power.operands), leaves, 0)


def _read(node: Expression, leaves: dict[Expression, sympy.Symbol], depth: int) -> sympy.Expr:
    """An entry of a node, written with symbols for what is not computed entry by entry."""
    inner = meaning(node)
    if depth < _DEEPEST:
        if isinstance(inner, Elementwise):
            below = [_read(each, leaves, depth + 1) for each in inner.operands]
            return inner.kernel.expr.xreplace(dict(zip(inner.kernel.variables, below, strict=True)))
        if isinstance(inner, Sum):
            return sympy.Add(*(_read(each, leaves, depth + 1) for each in inner.terms))
        if isinstance(inner, Contraction) and _is_along_equal_axes(inner):
            below = [_read(each, leaves, depth + 1) for each in inner.operands]
            return sympy.Mul(inner.coefficient, *below)
    return leaves.setdefault(inner, kernel_symbol(len(leaves)))


def _over_sums(factors: list[_Factor]) -> list[_Factor]:
    """Factors in which a variable power has gone into a sum that divides by its base."""
    for place, factor in enumerate(factors):
        if not _is_power(meaning(factor.node)):
            continue
        for other, each in enumerate(factors):
            total = meaning(each.node)
            if not isinstance(total, Sum) or each.labels != factor.labels:
                continue
            terms = [_times(factor.node, term) for term in total.terms]
            merged = [with_merged_powers(term) for term in terms]
            if merged != terms:
                left = [_Factor(Sum(merged), each.labels)]
                return [f for k, f in enumerate(factors) if k not in (place, other)] + left
    return factors


def _times(power: Expression, term: Expression) -> Contraction:
    axes = tuple(range(term.rank))
    return Contraction([power, term], [axes, axes], axes)


def _harmless_logarithms(factors: list[_Factor]) -> list[_Factor]:
    """Factors with each logarithm of the base of a variable power taken of 1 where the power is 0."""
    left = list(factors)
    for power in factors:
        raised = meaning(power.node)
        if not isinstance(raised, Elementwise) or not _is_power(raised):
            continue
        leaves: dict[Expression, sympy.Symbol] = {}
        base = _base(raised, leaves)
        for place, each in enumerate(left):
            inner = meaning(each.node)
            if each.labels != power.labels or not isinstance(inner, Elementwise):
                continue
            function = inner.kernel.expr.func
            if function not in (sympy.log, log1p) or _argument(inner, leaves) != base:
                continue
            zero = kernel_symbol(len(inner.operands))
            harmless = 1 if function is sympy.log else 0
            inside = sympy.Piecewise(
                (harmless, sympy.Eq(zero, 0)), (inner.kernel.expr.args[0], True)
            )
            kernel = sympy.Lambda((*inner.kernel.variables, zero), inside)
            safe = Elementwise(kernel, [*inner.operands, power.node])
            x = kernel_symbol(0)
            left[place] = replace(each, node=Elementwise(sympy.Lambda((x,), function(x)), [safe]))
    return left


def _argument(node: Elementwise, leaves: dict[Expression, sympy.Symbol]) -> sympy.Expr:
    """What a logarithm is taken of."""
    inside = node.kernel.expr.args[0] + (1 if node.kernel.expr.func is log1p else 0)
    return _read(Elementwise(sympy.Lambda(node.kernel.variables, inside), node.operands), leaves, 0)
