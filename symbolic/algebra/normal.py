"""Equality by algebra: products multiplied out, quotients cancelled, like terms added.

Two expressions are equal by algebra when their difference, multiplied out into a sum of flat products
of atoms (variables, named functions, derivatives), has no term left. That is a proof; the
converse does not hold, and a difference that does not vanish here proves nothing.
"""

from __future__ import annotations

from math import prod

import sympy

from symbolic.algebra.brackets import use_brackets
from symbolic.algebra.contractions import Product
from symbolic.algebra.identities import use_facts
from symbolic.algebra.inverses import use_inverses
from symbolic.algebra.reciprocals import use_reciprocals
from symbolic.algebra.regions import power_kernel
from symbolic.algebra.simplification import ALGEBRA, SIMPLIFICATION, Canonicalizer
from symbolic.algebra.squared_norms import with_norms_squared
from symbolic.algebra.weights import LARGEST_REGION, weight
from symbolic.nodes import (
    Contraction,
    Derivative,
    Elementwise,
    Expectation,
    Expression,
    Named,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.operations import subtract
from symbolic.traverse import postorder, unfold, with_children

MOST_TERMS = 2000  # a product with more terms stays as it is
HIGHEST_POWER = 8  # a higher power of a sum stays as it is

Terms = list[Expression]


def equal_by_algebra(a: Expression, b: Expression) -> bool:
    """Whether a = b follows from the laws of arithmetic, names written out.

    >>> from symbolic.variables import dims, matrix, vector
    >>> A, x, y = matrix("A", "n", "n"), vector("x", "n"), vector("y", "n")
    >>> equal_by_algebra(A @ (x + y) - A @ y, A @ x)
    True
    >>> equal_by_algebra(A @ x, A.T @ x)
    False
    """
    return _vanishes(a, b, ALGEBRA)


def equal_by_identities(a: Expression, b: Expression) -> bool:
    """Like `equal_by_algebra`, with identities of named functions and facts of domains as well."""
    return _vanishes(a, b, SIMPLIFICATION)


def _vanishes(a: Expression, b: Expression, laws: Canonicalizer) -> bool:
    if a.shape != b.shape:
        return False
    if a is b:
        return True
    difference = subtract(unfold(a), unfold(b))
    cut = weight(difference) > LARGEST_REGION
    return _is_nothing(difference, laws) or (cut and _is_nothing(_closed(subtract(a, b)), laws))


def _is_nothing(difference: Expression, laws: Canonicalizer) -> bool:
    found = laws.canonical(difference)
    if is_zero(found) or is_zero(expand(found, laws)):
        return True
    squared = with_norms_squared(found) if laws is SIMPLIFICATION else found
    return squared is not found and is_zero(expand(laws.canonical(squared), laws))


def _closed(expression: Expression) -> Expression:
    """Names, derivatives, expectations as variables: what holds for all values holds for theirs."""
    new: dict[Expression, Expression] = {
        node: Variable(f"closed_{node.key.hex()}", node.shape)
        for node in postorder(expression)
        if isinstance(node, (Named, Derivative, Expectation))
    }
    for node in postorder(expression, new):
        new[node] = with_children(node, tuple(new[child] for child in node.children))
    return new[expression]


def is_zero(expression: Expression) -> bool:
    """Whether an expression is written as an array of zeros."""
    return isinstance(expression, Contraction) and expression.coefficient == 0


def expand(expression: Expression, laws: Canonicalizer = ALGEBRA) -> Expression:
    """The expression multiplied out: a sum of flat products of atoms, like terms added."""
    terms: dict[Expression, Terms] = {}
    for node in postorder(expression):
        terms[node] = _terms(node, terms, laws)
    return _total(terms[expression], expression)


def term_count(expression: Expression) -> int:
    """How many terms an expression has when it is multiplied out."""
    count: dict[Expression, int] = {}
    for node in postorder(expression):
        match node:
            case Sum():
                count[node] = sum(count[term] for term in node.terms)
            case Contraction():
                count[node] = prod(count[operand] for operand in node.operands)
            case Elementwise() if len(node.operands) == 1 and _is_whole_power(node):
                count[node] = count[node.operands[0]] ** int(node.kernel.expr.exp)
            case _:
                count[node] = 1
    return count[expression]


def _is_whole_power(node: Elementwise) -> bool:
    """Whether a node is x**k with a k that is multiplied out."""
    kernel = node.kernel.expr
    exponent = kernel.exp if kernel.is_Pow else sympy.S.Zero
    return bool(
        exponent.is_Integer and 1 < exponent <= HIGHEST_POWER and kernel.base == kernel_symbol(0)
    )


def _total(terms: Terms, like: Expression) -> Expression:
    """Like terms added; the order does not depend on how the terms came about."""
    coefficients: dict[Expression, sympy.Expr] = {}
    for term in terms:
        coefficient, body = split(term)
        coefficients[body] = coefficients.get(body, sympy.S.Zero) + coefficient
    left = {body: sympy.expand(c) for body, c in coefficients.items()}
    kept = [_times(c, body) for body, c in left.items() if c != 0]
    axes = tuple(range(like.rank))
    if not kept:
        return Contraction((), (), axes, dict(enumerate(like.shape)), 0)
    return kept[0] if len(kept) == 1 else Sum(sorted(kept, key=lambda term: term.key))


def split(term: Expression) -> tuple[sympy.Expr, Expression]:
    """A term as its coefficient and the rest."""
    if not isinstance(term, Contraction) or term.coefficient in (0, 1):
        return (sympy.S.Zero if is_zero(term) else sympy.S.One), term
    product = Product.of(term, whole=True)
    coefficient, product.coefficient = product.coefficient, sympy.S.One
    return coefficient, product.finish(term.output)


def _times(coefficient: sympy.Expr, body: Expression) -> Expression:
    product = Product(coefficient, dict(enumerate(body.shape)))
    axes = tuple(range(body.rank))
    product.multiply(body, axes, whole=True)
    return product.finish(axes)


def _terms(node: Expression, terms: dict[Expression, Terms], laws: Canonicalizer) -> Terms:
    match node:
        case Sum():
            return [part for term in node.terms for part in terms[term]]
        case Contraction():
            return _multiplied_out(node, [terms[operand] for operand in node.operands], laws)
        case Elementwise():
            return _power_multiplied_out(node, terms, laws)
        case Derivative():
            return [laws.canonical(node)]
        case _:
            return [_rebuilt(node, terms, laws)]


def _rebuilt(node: Expression, terms: dict[Expression, Terms], laws: Canonicalizer) -> Expression:
    children = tuple(_total(terms[child], child) for child in node.children)
    return laws.canonical(with_children(node, children))


def _power_multiplied_out(
    node: Elementwise, terms: dict[Expression, Terms], laws: Canonicalizer
) -> Terms:
    """x**k as a product of k factors; every other function is an atom."""
    if len(node.operands) > 1 or not _is_whole_power(node):
        return [_rebuilt(node, terms, laws)]
    exponent = node.kernel.expr.exp
    axes = tuple(range(node.rank))
    flat = Contraction([node.operands[0]] * int(exponent), [axes] * int(exponent), axes)
    return _multiplied_out(flat, [terms[node.operands[0]]] * int(exponent), laws)


def _multiplied_out(node: Contraction, choices: list[Terms], laws: Canonicalizer) -> Terms:
    """Every way to take one term from each operand, as a flat product."""
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_TERMS:
        choices = [
            [_total(choice, operand)]
            for choice, operand in zip(choices, node.operands, strict=True)
        ]
    partial: list[list[Expression]] = [[]]
    for choice in choices:
        partial = [[*chosen, each] for chosen in partial for each in choice]
    return [_flat(node, chosen, laws) for chosen in partial]


def _flat(node: Contraction, operands: list[Expression], laws: Canonicalizer) -> Expression:
    product = Product(node.coefficient, dict(enumerate(node.sizes)))
    for operand, labels in zip(operands, node.labels, strict=True):
        product.multiply(operand, labels, whole=True)
    use_facts(product, node.output, laws.laws)
    use_brackets(product, node.output)
    use_inverses(product, node.output, laws.laws)
    product.factors = _powers_combined(product)
    use_reciprocals(product, node.output)
    return product.finish(node.output)


def _powers_combined(product: Product) -> list[tuple[Expression, tuple[int, ...]]]:
    """Factors with one base at one place combined; whole powers are written as repeated factors."""
    exponents: dict[tuple[Expression, tuple[int, ...]], sympy.Expr] = {}
    for node, at in product.resolved():
        base, exponent = node, sympy.S.One
        if isinstance(node, Elementwise) and len(node.operands) == 1 and node.kernel.expr.is_Pow:
            power = node.kernel.expr
            if power.base == kernel_symbol(0) and power.exp.is_Rational:
                base, exponent = node.operands[0], power.exp
        exponents[base, at] = exponents.get((base, at), sympy.S.Zero) + exponent
    factors = []
    for (base, at), exponent in exponents.items():
        if exponent.is_Integer and 0 <= exponent <= HIGHEST_POWER:
            factors.extend([(base, at)] * int(exponent))
        else:
            factors.append((Elementwise(power_kernel(exponent), [base]), at))
    return factors
