"""Elementwise regions: tensors joined entry by entry, read as one scalar kernel and written back.

Reading replaces each tensor that is used at one place by a symbol (a generator); a tensor read at
the indices of only some axes is broadcast. Writing turns a kernel into nodes with one function each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sympy

from symbolic.algebra.contractions import Product
from symbolic.algebra.identities import kernel_identity, node_identity
from symbolic.algebra.weights import LARGEST_REGION, length, weight
from symbolic.domains import domain_of
from symbolic.functions import elementwise_function
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.sizes import Size

LARGEST_EXPONENT = 10**6


class Region:
    """One region: its labels with their sizes, and its generators.

    `total` builds the sum of written terms of one shape; `laws` are those that kernels may use.
    """

    def __init__(
        self,
        sizes: dict[int, Size],
        total: Callable[[list[Expression]], Expression],
        laws: frozenset[str],
    ) -> None:
        self.sizes = sizes
        self._laws = laws
        self._total = total
        self._symbols: dict[tuple[Expression, tuple[int, ...]], sympy.Symbol] = {}
        self._places: dict[sympy.Symbol, tuple[Expression, tuple[int, ...]]] = {}

    @property
    def weights(self) -> dict[sympy.Symbol, int]:
        """The text length of each generator."""
        return {symbol: length(node) for symbol, (node, _) in self._places.items()}

    def holds(self, symbol: sympy.Basic) -> bool:
        """Whether a symbol is one of the generators."""
        return symbol in self._places

    def generator(self, node: Expression, at: tuple[int, ...]) -> sympy.Symbol:
        """The symbol of a tensor read at labels."""
        symbol = self._symbols.get((node, at))
        if symbol is None:
            positive = isinstance(node, Variable) and domain_of(node.domain).positive
            norm = isinstance(node, Apply) and node.function == "norm"
            kind = {"positive" if positive else "nonnegative" if norm else "real": True}
            name = "_".join([node.key.hex(), *map(str, at)])
            symbol = sympy.Symbol(name, **kind)
            self._symbols[node, at] = symbol
            self._places[symbol] = (node, at)
        return symbol

    def with_facts(self, expression: sympy.Expr) -> sympy.Expr:
        """Powers of labels as their domains have them: y**2 = 1 for -1 or 1, y**2 = y for 0 or 1."""
        for symbol, (node, _) in self._places.items():
            domain = domain_of(node.domain) if isinstance(node, Variable) else None
            if domain is None or not expression.has(symbol):
                continue
            if domain.name == "pm1" and "plus or minus one" in self._laws:
                expression = _power_of(expression, symbol, lambda k: k % 2)
            elif domain.idempotent and "zero or one" in self._laws:
                expression = _power_of(expression, symbol, lambda k: sympy.Min(k, 1))
        return expression

    def read(self, node: Expression, at: tuple[int, ...]) -> sympy.Expr:
        """The kernel of a node whose axes have the given labels."""
        if weight(node) > LARGEST_REGION or _is_huge_power(node):
            return self.generator(node, at)
        match node:
            case Elementwise():
                read = self.read if _is_rational(node.kernel) else self._read_real
                arguments = {
                    symbol: read(operand, at)
                    for symbol, operand in zip(node.kernel.variables, node.operands, strict=True)
                }
                composed = node.kernel.expr.xreplace(arguments)
                if composed.has(sympy.I, sympy.nan, sympy.zoo, sympy.oo):
                    return self.generator(node, at)  # defined nowhere on the domain
                return kernel_identity(composed, self._laws)
            case Sum():
                return sympy.Add(*(self.read(term, at) for term in node.terms))
            case Contraction():
                return self._read_contraction(node, at)
            case _:
                return self.generator(node, at)

    def _read_real(self, node: Expression, at: tuple[int, ...]) -> sympy.Expr:
        """The kernel of a node as the argument of a function: what SymPy knows to be real.

        SymPy would follow `abs(sqrt(u))` into the complex numbers where u is negative.
        """
        found = self.read(node, at)
        return found if found.is_real else self.generator(node, at)

    def _read_contraction(self, node: Contraction, at: tuple[int, ...]) -> sympy.Expr:
        if len(set(node.output)) < len(node.output):
            sizes = dict(enumerate(node.sizes))
            pure = Contraction(node.operands, node.labels, node.output, sizes)
            return node.coefficient * self.generator(pure, at)
        product = Product(sympy.S.One, self.sizes)
        product.multiply(node, at, whole=False)
        if product.merged:
            return self.generator(node, at)
        parts = [
            self.generator(factor, labels)
            if isinstance(factor, Contraction)
            else self.read(factor, labels)
            for factor, labels in product.resolved()
        ]
        return sympy.Mul(product.coefficient, *parts)

    def write(self, expression: sympy.Expr) -> tuple[Expression, tuple[int, ...]]:
        """A kernel as a node, with the labels of its axes."""
        if expression in self._places:
            return self._places[expression]
        inside = [s for s in expression.free_symbols if s in self._places]
        if not inside:
            return Contraction((), (), (), coefficient=expression), ()
        if expression.is_Add:
            return self._write_sum([self.write(term) for term in expression.args])
        if expression.is_Mul:
            coefficient, factors = self.factors(expression)
            return self._write_product(coefficient, factors)
        if expression.is_Pow and not expression.exp.free_symbols & set(self._places):
            even = expression.exp.is_even and expression.base.could_extract_minus_sign()
            base, at = self.write(-expression.base if even else expression.base)
            power = Elementwise(power_kernel(expression.exp), [base])
            known = node_identity(power, self._laws)
            return (power if known is None else known), at
        if elementwise_function(expression) is not None and len(expression.args) <= 2:
            written = [self.write(argument) for argument in expression.args]
            if len(written) == 1:
                (argument, at) = written[0]
                return Elementwise(unary_kernel(expression.func), [argument]), at
        return self._write_kernel(expression, sorted(inside, key=lambda s: s.name))

    def factors(
        self, expression: sympy.Expr
    ) -> tuple[sympy.Expr, list[tuple[Expression, tuple[int, ...]]]]:
        """A product as a coefficient in sizes and factors written as nodes."""
        coefficient = sympy.S.One
        written = []
        for factor in sympy.Mul.make_args(expression):
            if any(symbol in self._places for symbol in factor.free_symbols):
                written.append(self.write(factor))
            else:
                coefficient = coefficient * factor
        return coefficient, written

    def _union(self, places: list[tuple[int, ...]]) -> tuple[int, ...]:
        return tuple(sorted({label for each in places for label in each}))

    def spread(self, node: Expression, at: tuple[int, ...], target: tuple[int, ...]) -> Expression:
        """A node repeated along the labels of `target` that it lacks."""
        if at == target:
            return node
        product = Product(sympy.S.One, self.sizes)
        product.multiply(node, at, whole=True)
        return product.finish(target)

    def _write_sum(
        self, written: list[tuple[Expression, tuple[int, ...]]]
    ) -> tuple[Expression, tuple[int, ...]]:
        target = self._union([at for _, at in written])
        return self._total([self.spread(node, at, target) for node, at in written]), target

    def _write_product(
        self, coefficient: sympy.Expr, factors: list[tuple[Expression, tuple[int, ...]]]
    ) -> tuple[Expression, tuple[int, ...]]:
        target = self._union([at for _, at in factors])
        product = Product(coefficient, self.sizes)
        for node, at in factors:
            product.multiply(node, at, whole=True)
        return product.finish(target), target

    def _write_kernel(
        self, expression: sympy.Expr, symbols: list[sympy.Symbol]
    ) -> tuple[Expression, tuple[int, ...]]:
        target = self._union([self._places[symbol][1] for symbol in symbols])
        operands = [self.spread(*self._places[symbol], target) for symbol in symbols]
        order = sorted(range(len(symbols)), key=lambda i: operands[i].key)
        rename = {symbols[i]: kernel_symbol(place) for place, i in enumerate(order)}
        kernel = sympy.Lambda(tuple(rename.values()), expression.xreplace(rename))
        return Elementwise(kernel, [operands[i] for i in order]), target


def _is_huge_power(node: Expression) -> bool:
    """Powers beyond x**LARGEST_EXPONENT are not multiplied out any further."""
    if not isinstance(node, Elementwise) or not node.kernel.expr.is_Pow:
        return False
    exponent = node.kernel.expr.exp
    return bool(exponent.is_Rational and abs(exponent) > LARGEST_EXPONENT)


def _power_of(
    expression: sympy.Expr, symbol: sympy.Symbol, exponent: Callable[[sympy.Expr], sympy.Expr]
) -> sympy.Expr:
    """An expression with the integer powers of a symbol given another exponent."""
    return expression.replace(
        lambda node: node.is_Pow and node.base == symbol and node.exp.is_Integer,
        lambda node: symbol ** exponent(node.exp),
    )


@lru_cache(maxsize=4096)
def _is_rational(kernel: sympy.Lambda) -> bool:
    """Whether a kernel is built from sums, products and whole powers."""
    return bool(kernel.expr.is_rational_function(*kernel.variables))


@lru_cache(maxsize=1024)
def power_kernel(exponent: sympy.Expr) -> sympy.Lambda:
    """The kernel x**exponent."""
    x = kernel_symbol(0)
    return sympy.Lambda((x,), x**exponent)


@lru_cache(maxsize=1024)
def unary_kernel(function: object) -> sympy.Lambda:
    """The kernel f(x)."""
    x = kernel_symbol(0)
    return sympy.Lambda((x,), function(x))  # type: ignore[operator]
