"""Quotients by a difference of two sigmoids, which is 0 to the last digit where both are 0 or 1.

The slope of `log(sigmoid(u) - sigmoid(v))` by u, the logarithm of the probability of a category of an
ordered scale, is `sigmoid(u)*(1 - sigmoid(u))/(sigmoid(u) - sigmoid(v))`. Products, and sums of them, are
read as rational functions of the two sigmoids with other arrays beside them; what has no pole is computed
from u - v (`sigmoid_polynomials`). A difference by itself is, where terms of u and v cancel.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, scaled
from symbolic.code.diagonal_sums import with_one_diagonal, without_diagonal_factors
from symbolic.code.factors_together import with_factors_joined
from symbolic.code.logistic_quotients import p, q
from symbolic.code.opened_cases import with_factors_in_cases, with_opened_cases
from symbolic.code.power_products import Place, product_of, written
from symbolic.code.sigmoid_logarithms import log_of_sigmoids
from symbolic.code.sigmoid_polynomials import (
    Sigmoids,
    argument_of_sigmoid,
    arguments_of_difference,
)
from symbolic.functions import sigmoid
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.traverse import postorder, with_children

DEEPEST = 12  # products, sums and powers in each other that are read
MOST_READ = 60  # nodes of a product or a sum in which a difference is looked for
MOST_BESIDE = 8  # other arrays beside the sigmoids
LONGEST = 500  # operations of a rational function that is written without its pole

_x = kernel_symbol(0)
_Terms = frozenset[tuple[Expression | None, sympy.Expr]]
_Axes = tuple[int, ...]


def with_sigmoid_differences(roots: Sequence[Expression]) -> dict[Expression, Expression]:
    """Every node below the roots, with such quotients and differences computed from u - v.

    >>> from symbolic import parse
    >>> e = parse("sigmoid(z + 1) - sigmoid(z)", {"z": ""})
    >>> with_sigmoid_differences([e])[e]
    (sigmoid(z + 1)*sigmoid(-z) + sigmoid(-(z + 1))*sigmoid(z))*tanh(1/2)
    """
    order = postorder(roots)
    if not any(map(_may_differ, order)):
        return {node: node for node in order}
    joined = _together(order)
    whole = [joined[root] for root in roots]
    order = postorder(whole)
    replaced = _replaced(whole, _Pairs(order))
    new: dict[Expression, Expression] = {}
    for node in order:
        if node in replaced:
            new[node] = _renewed(replaced[node], new)
        else:
            new[node] = with_children(node, tuple(new[child] for child in node.children))
    return {node: new[last] for node, last in joined.items() if last in new}


def _may_differ(node: Expression) -> bool:
    """Whether a node is a difference of sigmoids, or cases in which one may be."""
    if isinstance(node, Elementwise):
        return node.kernel.expr.has(sigmoid) and isinstance(node.kernel.expr, sympy.Piecewise)
    return arguments_of_difference(node) is not None


def _together(order: Sequence[Expression]) -> dict[Expression, Expression]:
    """What each node has become: factors of equal axes together, diagonals, and factors in cases."""
    new: dict[Expression, Expression] = {}
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        built = with_opened_cases(without_diagonal_factors(built), sigmoid)
        if isinstance(built, Sum):
            built = with_one_diagonal(built, lambda total: total)
        elif isinstance(built, Contraction) and any(map(_has_difference, built.children)):
            joined = with_factors_joined(built, _has_difference)
            operands = tuple(_in_cases(each) for each in joined.children)
            built = _in_cases(with_children(joined, operands))
        new[node] = built
    return new


def _in_cases(node: Expression) -> Expression:
    if not isinstance(node, Contraction):
        return node
    return with_factors_in_cases(node, _has_difference, _without_quotients)


def _without_quotients(product: Contraction) -> Expression:
    """A product without sigmoids over themselves, which may be 0 over 0."""
    read = [product_of(each, at) for each, at in zip(product.operands, product.labels, strict=True)]
    whole = product_of(product)
    if whole is None or not whole[1]:
        return product
    gone = {base for part in read if part is not None for base, _ in part[1]}
    gone -= {base for base, _ in whole[1]}
    if not gone or any(argument_of_sigmoid(base) is None for base in gone):
        return product
    return written(whole, [], product)


def _renewed(node: Expression, new: Mapping[Expression, Expression]) -> Expression:
    """A node made of old ones, made of new ones."""
    if node in new:
        return new[node]
    return with_children(node, tuple(_renewed(child, new) for child in node.children))


class _Pairs:
    """The differences of sigmoids among nodes; the same two sigmoids have one order of arguments."""

    def __init__(self, order: Sequence[Expression]) -> None:
        self.old = set(order)
        self._known: dict[frozenset[_Terms], Sigmoids] = {}
        self.of: dict[Expression, Sigmoids] = {}
        for node in order:
            found = arguments_of_difference(node)
            if found is not None:
                _, u, v = found
                both = frozenset((_terms(u), _terms(v)))
                self.of[node] = self._known.setdefault(both, Sigmoids(u, v))

    def inside(self, node: Expression) -> Iterator[tuple[Sigmoids, _Axes]]:
        """The differences in a product or sum entry by entry, with the axes that they have in it."""
        for found, at in _differences(node):
            yield self.of[found], at


def _differences(node: Expression) -> Iterator[tuple[Expression, _Axes]]:
    """The nearest differences in a product or sum entry by entry, with the axes that they have in it."""
    waiting = deque([(node, tuple(range(node.rank)), DEEPEST)])
    read = 0
    while waiting and read < MOST_READ:
        (inner, at, depth), read = waiting.popleft(), read + 1
        inner = meaning(inner)
        if arguments_of_difference(inner) is not None:
            yield inner, at
        elif depth:
            waiting.extend((each, its, depth - 1) for each, its in _entrywise(inner, at))


def _has_difference(node: Expression) -> bool:
    inner = meaning(node)
    if isinstance(inner, Elementwise) and isinstance(inner.kernel.expr, sympy.Piecewise):
        return any(True for each in inner.operands for _ in _differences(each))
    return any(True for _ in _differences(inner))


def _replaced(roots: Sequence[Expression], pairs: _Pairs) -> dict[Expression, Expression]:
    """The outermost nodes that are such quotients or differences, and what they are computed as."""
    replaced: dict[Expression, Expression] = {}
    waiting = list(dict.fromkeys(roots))
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        found = _logarithm(node, pairs) if _is_log(node) else _stable(node, pairs)
        below = list(node.children)
        if found is not None:
            replaced[node] = found
            below = [found]
        while below:
            each = below.pop()
            if each not in pairs.old:
                below += each.children
            elif each not in seen:
                seen.add(each)
                waiting.append(each)
    return replaced


def _stable(node: Expression, pairs: _Pairs) -> Expression | None:
    if isinstance(node, Sum):
        found = _sum(node, pairs)
        if found is None and node in pairs.of and pairs.of[node].has_fewer_terms:
            number, u, v = arguments_of_difference(node) or (sympy.S.One, node, node)
            return scaled(number, Sigmoids(u, v).difference())
        return found
    for sigmoids, at in pairs.inside(node):
        found = _Reading(sigmoids, at).stable([node])
        if found is not None:
            return found
    return None


def _sum(total: Sum, pairs: _Pairs) -> Expression | None:
    """A sum in which the terms with two sigmoids are together, where one is divided by their difference."""
    axes = tuple(range(total.rank))
    for sigmoids, at in pairs.inside(total):
        if at != axes:
            continue
        terms = [t for t in total.terms if _Reading(sigmoids, at).has_sigmoid(t)]
        found = _Reading(sigmoids, at).stable(terms) if terms else None
        if found is not None:
            rest = [term for term in total.terms if term not in terms]
            return Sum([found, *rest]) if rest else found
    return None


# --- reading -------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """Nodes read as rational functions of p and q, sigmoids with some axes, and of symbols for others."""

    sigmoids: Sigmoids
    at: _Axes
    places: dict[Place, sympy.Symbol] = field(default_factory=dict)
    numbers: dict[sympy.Expr, sympy.Symbol] = field(default_factory=dict)
    known: dict[Place, sympy.Expr] = field(default_factory=dict)

    def stable(self, terms: Sequence[Expression]) -> Expression | None:
        """The sum of terms without the difference below the line; None where it is not there, or stays."""
        like = terms[0]
        axes = tuple(range(like.rank))
        read = sympy.Add(*(self._read(term, axes, DEEPEST) for term in terms))
        if not _divides_by_difference(read) or len(self.places) > MOST_BESIDE:
            return None
        if read.count_ops() > LONGEST:
            return None
        above, below = sympy.fraction(sympy.cancel(read))
        number, factors = sympy.factor_list(below)
        powers = dict(factors)
        k = powers.pop(p - q, 0)
        if any(base.free_symbols & {p, q} for base in powers):
            return None
        outside = sympy.Mul(1 / number, *(base**-exponent for base, exponent in powers.items()))
        symbols = sorted(above.free_symbols - {p, q}, key=str)
        found = []
        for exponents, numerator in _by_monomial(above, symbols):
            quotient = self.sigmoids.quotient(numerator, k)
            if quotient is None:
                return None
            beside = sympy.Mul(*(s**e for s, e in zip(symbols, exponents, strict=True)))
            found.append(self._beside(outside * beside, quotient, like))
        return found[0] if len(found) == 1 else Sum(found)

    def has_sigmoid(self, term: Expression) -> bool:
        read = self._read(term, self.at, DEEPEST)
        return bool(read.free_symbols & {p, q})

    def _beside(self, monomial: sympy.Expr, quotient: Expression, like: Expression) -> Expression:
        """A product of other arrays and a quotient."""
        number, powers = sympy.S.One, {}
        place_of = {symbol: place for place, symbol in self.places.items()}
        number_of = {symbol: value for value, symbol in self.numbers.items()}
        for factor in sympy.Mul.make_args(monomial):
            base, exponent = factor.as_base_exp()
            if base in place_of:
                powers[place_of[base]] = exponent
            else:
                number = number * factor.xreplace(number_of)
        core = factor_and_core(quotient)
        if not powers and self.at == tuple(range(like.rank)):
            return scaled(number, quotient)
        beside = [] if core[1] is None else [(core[1], self.at)]
        return written((number * core[0], powers), beside, like)

    def _read(self, node: Expression, at: _Axes, depth: int) -> sympy.Expr:
        inner = meaning(node)
        if (inner, at) not in self.known:
            self.known[inner, at] = self._fresh(inner, at, depth)
        return self.known[inner, at]

    def _fresh(self, inner: Expression, at: _Axes, depth: int) -> sympy.Expr:
        if at == self.at:
            found = self._sigmoid(inner)
            if found is not None:
                return found
        below = _entrywise(inner, at) if depth else []
        if isinstance(inner, Contraction) and not inner.operands:
            return self._number(inner.coefficient)
        parts = [self._read(each, there, depth - 1) for each, there in below]
        if not parts:
            return self._place(inner, at)
        if isinstance(inner, Contraction):
            return sympy.Mul(self._number(inner.coefficient), *parts)
        if not any(part.free_symbols & {p, q} for part in parts):
            return self._place(inner, at)
        if isinstance(inner, Sum):
            return sympy.Add(*parts)
        assert isinstance(inner, Elementwise)
        return inner.kernel.expr.xreplace(dict(zip(inner.kernel.variables, parts, strict=True)))

    def _sigmoid(self, node: Expression) -> sympy.Expr | None:
        """p, q, 1 - p or 1 - q, if a node is one of these sigmoids."""
        w = argument_of_sigmoid(node)
        if w is None or w.shape != self.sigmoids.u.shape:
            return None
        terms = _terms(w)
        for symbol, argument in ((p, self.sigmoids.u), (q, self.sigmoids.v)):
            if terms == _terms(argument):
                return symbol
            if terms == frozenset((core, -factor) for core, factor in _terms(argument)):
                return 1 - symbol
        return None

    def _place(self, node: Expression, at: _Axes) -> sympy.Symbol:
        return self.places.setdefault((node, at), sympy.Symbol(f"x{len(self.places)}"))

    def _number(self, number: sympy.Expr) -> sympy.Expr:
        if number.is_Rational:
            return number
        return self.numbers.setdefault(number, sympy.Symbol(f"c{len(self.numbers)}"))


def _by_monomial(
    polynomial: sympy.Expr, symbols: Sequence[sympy.Symbol]
) -> list[tuple[tuple[int, ...], sympy.Expr]]:
    """The exponents of the symbols with the polynomials in p and q that stand beside them."""
    if not symbols:
        return [((), polynomial)]
    return [(e, c.as_expr()) for e, c in sympy.Poly(polynomial, *symbols).terms()]


def _divides_by_difference(read: sympy.Expr) -> bool:
    return any(
        each.exp.is_negative and {p, q} <= each.base.free_symbols for each in read.atoms(sympy.Pow)
    )


def _entrywise(node: Expression, at: _Axes) -> list[tuple[Expression, _Axes]]:
    """What a product, sum or rational function entry by entry is made of, with axes; else nothing."""
    if isinstance(node, Contraction):
        if node.summed or len(set(node.output)) < node.rank:
            return []
        axes = dict(zip(node.output, at, strict=True))
        pairs = zip(node.operands, node.labels, strict=True)
        return [(each, tuple(axes[label] for label in labels)) for each, labels in pairs]
    if isinstance(node, Sum):
        return [(each, at) for each in node.terms]
    if isinstance(node, Elementwise) and _is_rational(node.kernel):
        return [(each, at) for each in node.operands]
    return []


def _is_rational(kernel: sympy.Lambda) -> bool:
    expression = kernel.expr
    return expression.is_rational_function(*kernel.variables) and not expression.has(sympy.Float)


def _terms(total: Expression) -> _Terms:
    """The terms of a sum with the numbers in front of them."""
    whole = meaning(total)
    found: dict[Expression | None, sympy.Expr] = {}
    for term in whole.terms if isinstance(whole, Sum) else (whole,):
        factor, core = factor_and_core(term)
        found[core] = found.get(core, sympy.S.Zero) + factor
    return frozenset(found.items())


def _is_log(node: Expression) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr == sympy.log(_x)


def _logarithm(node: Expression, pairs: _Pairs) -> Expression | None:
    """The logarithm of a product with one of the differences."""
    inside = node.children[0]
    return log_of_sigmoids(inside) if any(pairs.inside(inside)) else None
