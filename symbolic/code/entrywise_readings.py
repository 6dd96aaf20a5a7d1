"""Nodes of one shape as SymPy expressions of what stands below them, and back.

A rule that needs the algebra of SymPy, and not the order in which products and kernels are nested, reads
nodes with `EntrywiseReading.of`, rewrites the expression, and makes nodes of it with `built`.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, multiplied, scaled
from symbolic.code.orientation import has_bracket
from symbolic.code.repetition import repeat_last
from symbolic.domains import domain_of
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

MOST_READ = 100  # nodes


class EntrywiseReading:
    """The symbols of the nodes that are not read further; `like` has their shape.

    Read are sums, products entry by entry, quotients, abs and sign, and the functions that are given.

    >>> from symbolic.operations import erfc
    >>> from symbolic.variables import vector
    >>> z = vector("z", "n")
    >>> reading = EntrywiseReading(z, sympy.erfc)
    >>> reading.of(3 / erfc(2 * z))
    3/erfc(2*u0)
    >>> print(reading.built(1 / sympy.erfc(2 * sympy.Symbol("u0", real=True))))
    1/erfc(2*z)
    """

    def __init__(self, like: Expression, *functions: type[sympy.Expr]) -> None:
        self.like = like
        self._read = (sympy.Abs, sympy.sign, *functions)
        self.nodes: dict[sympy.Expr, Expression] = {}
        self._symbols: dict[Expression, sympy.Symbol] = {}
        self._count = 0

    def of(self, node: Expression) -> sympy.Expr:
        """A node as an expression."""
        self._count += 1
        number, core = factor_and_core(node)
        if core is None and number.is_number:
            return number
        if core is not None and core is not node and number.is_number:
            return number * self.of(core)
        inner = meaning(node)
        if self._count > MOST_READ:
            return self.symbol(inner)
        if isinstance(inner, Sum):
            return sympy.Add(*map(self.of, inner.terms))
        if isinstance(inner, Contraction) and _is_entrywise(inner):
            if len(inner.operands) > 1:
                return inner.coefficient * sympy.Mul(*map(self.of, _repeated(inner)))
            opened = _opened(inner)
            (repeated,) = _repeated(inner)
            found = self.symbol(repeated) if opened is None else self.of(opened)
            return inner.coefficient * found
        if isinstance(inner, Elementwise):
            kernel = inner.kernel.expr
            if isinstance(kernel, self._read) or kernel.is_rational_function(
                *inner.kernel.variables
            ):
                return self.of_kernel(inner)
        return self.symbol(inner)

    def of_kernel(self, node: Elementwise) -> sympy.Expr:
        """A kernel of what its operands are."""
        read = map(self.of, node.operands)
        return node.kernel.expr.xreplace(dict(zip(node.kernel.variables, read, strict=True)))

    def symbol(self, node: Expression) -> sympy.Symbol:
        """What stands for a node that is not read further."""
        if node not in self._symbols:
            known = "positive" if _is_positive(node) else "real"
            symbol = sympy.Symbol(f"u{len(self._symbols)}", **{known: True})
            self._symbols[node], self.nodes[symbol] = symbol, node
        return self._symbols[node]

    def built(self, expression: sympy.Expr) -> Expression:
        """The node of an expression."""
        if expression in self.nodes:
            return self.nodes[expression]
        if not expression.free_symbols:
            shape = self.like.shape
            return Contraction((), (), range(len(shape)), dict(enumerate(shape)), expression)
        number, rest = expression.as_independent(*expression.free_symbols, as_Add=False)
        if number != 1:
            return scaled(number, self.built(rest))
        if expression.is_Mul:
            return multiplied([self.built(factor) for factor in expression.args])
        if expression.is_Add:
            return Sum([self.built(term) for term in expression.args])
        symbols = sorted(expression.free_symbols, key=str)
        at = {symbol: kernel_symbol(place) for place, symbol in enumerate(symbols)}
        operands = [self.nodes[symbol] for symbol in symbols]
        kernel = sympy.Lambda(tuple(at.values()), expression.xreplace(at))
        return repeat_last(Elementwise(kernel, operands))


def _is_entrywise(node: Contraction) -> bool:
    """Whether a node multiplies arrays entry by entry, some of them repeated."""
    plain = not node.summed and len(set(node.output)) == len(node.output) and not has_bracket(node)
    return plain and bool(node.coefficient.is_number)


def _repeated(node: Contraction) -> Iterator[Expression]:
    """The operands in the shape of the product."""
    sizes = dict(enumerate(node.sizes))
    for operand, at in zip(node.operands, node.labels, strict=True):
        yield operand if at == node.output else Contraction([operand], [at], node.output, sizes)


def _opened(node: Contraction) -> Expression | None:
    """A repeated product or kernel as that of repeated operands, without the coefficient around it."""
    inner, (at,), sizes = meaning(node.operands[0]), node.labels, dict(enumerate(node.sizes))
    if isinstance(inner, Contraction) and inner.labels and _is_entrywise(inner):
        named = dict(zip(inner.output, at, strict=True))
        labels = [tuple(named[label] for label in each) for each in inner.labels]
        return Contraction(inner.operands, labels, node.output, sizes, inner.coefficient)
    if isinstance(inner, Elementwise):
        repeated = [Contraction([each], [at], node.output, sizes) for each in inner.operands]
        return Elementwise(inner.kernel, repeated)
    return None


def _is_positive(node: Expression) -> bool:
    """Whether all entries are those of a positive variable."""
    while isinstance(node, Contraction) and len(node.operands) == 1 and node.coefficient == 1:
        if node.summed or len(set(node.output)) < len(node.output):
            return False
        (node,) = node.operands
    return isinstance(node, Variable) and domain_of(node.domain).positive
