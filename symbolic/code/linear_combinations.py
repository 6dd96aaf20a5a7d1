"""One array for all multiples of a sum.

`a - b`, `b - a`, `2*a/n - 2*b/n` and `a/2 - (b - a)/2` hold the same numbers up to a factor. The first
one met is computed, the others are multiples of it; a kernel of the negative becomes a kernel of the
sum itself. Sums of operands inside kernels are sums like others, and so are products.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeGuard

import sympy

from symbolic.algebra.kernels import common_factor_first
from symbolic.code.clipped_cases import clipped_parts
from symbolic.code.flat_products import FlatProducts
from symbolic.code.orientation import has_bracket
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.traverse import postorder, with_children

MOST_TERMS = 12  # of a sum in which differences are looked for
MOST_NODES = 40  # of a sum that is looked at, sums and multiples inside it among them

_Combination = dict[Expression, sympy.Expr]
_Key = frozenset[tuple[Expression, sympy.Expr]]


def share_combinations(
    stable: Mapping[Expression, Expression], roots: Sequence[Expression]
) -> dict[Expression, Expression]:
    """What each node has become, with one of all sums that are multiples of each other.

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> roots = [exp(x - y), exp(2*y - 2*x)]
    >>> share_combinations({each: each for each in roots}, roots)[roots[1]]
    exp(-2*(x - y))
    """
    order = postorder(dict.fromkeys(stable.values()))
    below = postorder([stable[root] for root in roots])
    uses = Counter(child for node in below for child in node.children)
    new: dict[Expression, Expression] = {}
    seen: dict[_Key, tuple[Expression, sympy.Expr]] = {}
    products = FlatProducts()
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        if isinstance(node, Sum) and node.rank:
            built = _shared(built, _combination(node, new, uses, products), seen)
            if isinstance(built, Sum):
                built = _grouped(built, seen, products)
        elif isinstance(built, Elementwise):
            built = _of_positive(_opened(built, seen, products))
            built = _out_of_cases(_out_of_power(_out_of_clipped(built)))
        elif isinstance(built, Contraction) and len(built.operands) > 1:
            core, coefficient = _core(built)
            built = _shared(_times(coefficient, core), dict([products.of(built)]), seen)
        new[node] = built
    return _within({node: new[found] for node, found in stable.items()}, roots)


def _within(
    found: dict[Expression, Expression], roots: Sequence[Expression]
) -> dict[Expression, Expression]:
    """The same nodes, with a coefficient inside the product of which only that multiple is needed."""
    needed = postorder(dict.fromkeys(found[root] for root in roots))
    uses = Counter(child for node in needed for child in node.children)
    uses.update(found[root] for root in roots)
    new: dict[Expression, Expression] = {}
    for node in postorder(dict.fromkeys(found.values())):
        inner, coefficient = multiple_of(node)
        if inner is not None and uses[inner] == 1 and _is_product(inner):
            operands, sizes = [new[each] for each in inner.operands], dict(enumerate(inner.sizes))
            whole = coefficient * inner.coefficient
            new[node] = Contraction(operands, inner.labels, inner.output, sizes, whole)
        else:
            new[node] = with_children(node, tuple(new[child] for child in node.children))
    return {node: new[each] for node, each in found.items()}


def _is_product(node: Expression) -> TypeGuard[Contraction]:
    """Whether a node is a product of arrays, and not a move of entries."""
    return isinstance(node, Contraction) and len(node.operands) > 1 and not has_bracket(node)


def _combination(
    node: Sum,
    new: Mapping[Expression, Expression],
    uses: Counter[Expression],
    products: FlatProducts,
) -> _Combination | None:
    """The terms with their coefficients, sums inside that nothing else needs taken apart."""
    found: _Combination = {}
    waiting: list[tuple[Expression, sympy.Expr]] = [(node, sympy.S.One)]
    looked_at = 0
    while waiting:
        term, factor = waiting.pop()
        looked_at += 1
        if looked_at > MOST_NODES:
            return None
        if term is node or (isinstance(term, Sum) and uses[term] == 1):
            waiting.extend((each, factor) for each in term.children)
            continue
        inner, coefficient = multiple_of(term)
        if inner is not None:
            waiting.append((inner, factor * coefficient))
            continue
        core, coefficient = products.of(new[term])
        found[core] = found.get(core, sympy.S.Zero) + factor * coefficient
    combination = {core: c for core, value in found.items() if (c := sympy.cancel(value)) != 0}
    return combination if len(combination) > 1 else None


def _grouped(
    node: Sum, seen: dict[_Key, tuple[Expression, sympy.Expr]], products: FlatProducts
) -> Sum:
    """A sum with a multiple of a difference that is computed anyway: digits of `2*x - 2*y` are lost."""
    terms = list(node.terms)
    if not 2 < len(terms) <= MOST_TERMS:
        return node
    read = [products.of(term) for term in terms]
    for one, other in combinations(range(len(terms)), 2):
        (core, c), (second, e) = read[one], read[other]
        if core is second or 0 in (c, e) or not (c / e).is_negative:
            continue
        whole = _shared(node, {core: c, second: e}, seen, add=False)
        if whole is not node:
            rest = [term for k, term in enumerate(terms) if k not in (one, other)]
            return Sum([*rest, whole])
    return node


def multiple_of(term: Expression) -> tuple[Expression | None, sympy.Expr]:
    """What a multiple is a multiple of, and the coefficient."""
    if isinstance(term, Contraction) and len(term.operands) == 1:
        (labels,) = term.labels
        if labels == term.output and len(set(labels)) == len(labels):
            return term.operands[0], term.coefficient
    return None, sympy.S.One


def _core(term: Expression) -> tuple[Expression, sympy.Expr]:
    """A term without its coefficient; a repeated multiple is a multiple of what is repeated."""
    factor = sympy.S.One
    while isinstance(term, Contraction):
        inner, coefficient = multiple_of(term)
        if inner is not None:
            term, factor = inner, factor * coefficient
            continue
        factors, factor = [], factor * term.coefficient
        for operand, at in zip(term.operands, term.labels, strict=True):
            below, coefficient = multiple_of(operand)
            if below is None and _is_constant(operand) and set(at) <= set(term.output):
                factor *= operand.coefficient
                continue
            factors.append((operand if below is None else below, at))
            factor *= coefficient
        sizes = dict(enumerate(term.sizes))
        operands, labels = [each for each, _ in factors], [at for _, at in factors]
        return Contraction(operands, labels, term.output, sizes), factor
    return term, factor


def _is_constant(node: Expression) -> TypeGuard[Contraction]:
    """Whether all entries are one number."""
    return (
        isinstance(node, Contraction)
        and not node.operands
        and len(set(node.output)) == len(node.output)
    )


def _shared(
    built: Expression,
    combination: _Combination | None,
    seen: dict[_Key, tuple[Expression, sympy.Expr]],
    *,
    add: bool = True,
) -> Expression:
    """The sum, or a multiple of the one met before; one that is not met before is added, or not."""
    if combination is None or 0 in combination.values():
        return built
    lead = combination[min(combination, key=lambda core: core.key)]
    key = frozenset((core, sympy.cancel(c / lead)) for core, c in combination.items())
    first, scale = seen.setdefault(key, (built, lead)) if add else seen.get(key, (built, lead))
    ratio = sympy.cancel(lead / scale)
    return _times(ratio, first) if first is not built and _always(ratio, lead) else built


def _always(ratio: sympy.Expr, coefficient: sympy.Expr) -> bool:
    """Whether a ratio is a number other than zero at all sizes at which the coefficient is a number.

    Not so is 1/(n - 1) for one row, nor 1/n for none.
    """
    divided = sympy.denom(ratio).free_symbols <= sympy.denom(coefficient).free_symbols
    return bool(divided and ratio.is_nonzero and ratio.is_finite)


def _times(coefficient: sympy.Expr, node: Expression) -> Expression:
    if coefficient == 1:
        return node
    axes = tuple(range(node.rank))
    return Contraction([node], [axes], axes, coefficient=coefficient)


def _opened(
    node: Elementwise, seen: dict[_Key, tuple[Expression, sympy.Expr]], products: FlatProducts
) -> Elementwise:
    """A kernel with the sums of operands inside it as operands."""
    symbols = set(node.kernel.variables)
    sums = [
        each
        for each in node.kernel.expr.atoms(sympy.Add)
        if each != node.kernel.expr and _is_linear(each, symbols)
    ]
    if not sums or node.rank == 0:
        return node
    operands = list(node.operands)
    replaced = {}
    for each in sorted(sums, key=str):
        terms = [term.as_coeff_Mul() for term in each.args]
        parts = [(operands[node.kernel.variables.index(symbol)], c) for c, symbol in terms]
        whole = Sum([_times(c, operand) for operand, c in parts])
        combination: _Combination = {}
        for operand, c in parts:
            core, factor = products.of(operand)
            combination[core] = combination.get(core, sympy.S.Zero) + c * factor
        replaced[each] = kernel_symbol(len(operands))
        operands.append(_shared(whole, combination if len(combination) > 1 else None, seen))
    expression = node.kernel.expr.xreplace(replaced)
    held = [k for k in range(len(operands)) if expression.has(kernel_symbol(k))]
    renamed = {kernel_symbol(k): kernel_symbol(place) for place, k in enumerate(held)}
    kernel = sympy.Lambda(tuple(renamed.values()), expression.xreplace(renamed))
    return Elementwise(kernel, [operands[k] for k in held])


def _is_linear(total: sympy.Add, symbols: set[sympy.Symbol]) -> bool:
    """Whether a sum in a kernel adds multiples of several operands and nothing else."""
    parts = [term.as_coeff_Mul() for term in total.args]
    return len(parts) > 1 and all(symbol in symbols and c.is_Rational for c, symbol in parts)


def _of_positive(node: Elementwise) -> Elementwise:
    """A kernel of negated sums as a kernel of the sums, where it does not grow."""
    turned = {}
    operands = list(node.operands)
    for place, operand in enumerate(operands):
        inner, coefficient = multiple_of(operand)
        if inner is not None and coefficient == -1 and isinstance(inner, Sum):
            symbol = node.kernel.variables[place]
            turned[symbol], operands[place] = -symbol, inner
    if not turned or node.kernel.expr in turned:
        return node
    changed = node.kernel.expr.xreplace(turned)
    expression = changed.replace(lambda each: each.is_Mul, lambda each: sympy.Mul(*each.args))
    if expression.count_ops() > node.kernel.expr.count_ops() + len(turned):
        return node
    return Elementwise(sympy.Lambda(node.kernel.variables, expression), operands)


def _out_of_clipped(node: Elementwise) -> Expression:
    """A negative number clipped at -d and d as the negative of the clipped number."""
    parts = clipped_parts(node.kernel.expr)
    if parts is None:
        return node
    (u, d), operands, sign = parts, list(node.operands), sympy.S.One
    if u.could_extract_minus_sign():
        u, sign = -u, -sign
    if u.is_Symbol:
        place = node.kernel.variables.index(u)
        inner, coefficient = multiple_of(operands[place])
        if inner is not None and coefficient == -1:
            operands[place], sign = inner, -sign
    kernel = sympy.Lambda(node.kernel.variables, sympy.Min(sympy.Max(u, -d), d))
    return _times(sign, Elementwise(kernel, operands))


def _out_of_power(node: Expression) -> Expression:
    """A power of a multiple as a multiple of the power."""
    if not isinstance(node, Elementwise) or len(node.operands) > 1:
        return node
    base, exponent = node.kernel.expr.as_base_exp()
    inner, coefficient = multiple_of(node.operands[0])
    if inner is None or base != kernel_symbol(0) or not exponent.is_Rational:
        return node
    if not (coefficient.is_positive or exponent.is_Integer):
        return node
    return _times(coefficient**exponent, Elementwise(node.kernel, [inner]))


def _out_of_cases(node: Expression) -> Expression:
    """Cases of multiples, all by one number, as a multiple of cases."""
    if not isinstance(node, Elementwise) or not isinstance(node.kernel.expr, sympy.Piecewise):
        return node
    coefficient, rest = common_factor_first(node.kernel.expr).as_coeff_Mul()
    if not coefficient.is_Rational:
        return node
    return _times(
        coefficient, Elementwise(sympy.Lambda(node.kernel.variables, rest), node.operands)
    )
