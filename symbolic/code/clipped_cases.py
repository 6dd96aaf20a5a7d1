"""Cases inside and beyond a bound, written with the clipped value c = min(max(u, -d), d).

| written                                           | computed          |
|---------------------------------------------------|-------------------|
| `where(abs(u) <= d, u, d*sign(u))`                | `c`               |
| `where(abs(u) <= d, u**2, d**2*sign(u)**2)`       | `c**2`            |
| `where(abs(u) <= d, u**2/2, d*abs(u) - d**2/2)`   | `c*(u - c/2)`     |

d is positive; both cases may have a factor in front and another term, and the power may be any. The rows
hold for all numbers, infinite ones and NaN among them: c is u inside the bound and `d*sign(u)` beyond it.
So a loss that goes on as a straight line and its gradient share c. Where a factor divides by d, c/d is
clipped at -1 and 1 instead, so that d*d neither overflows nor vanishes.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, multiplied, scaled
from symbolic.code.orientation import has_bracket
from symbolic.code.repetition import repeat_last
from symbolic.domains import domain_of
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

MOST_READ = 100  # nodes below the cases

_t, _c = (sympy.Symbol(name, real=True) for name in ("t", "c"))


def with_clipped_values(node: Elementwise) -> Expression:
    """Such cases with the clipped value; other kernels as they are.

    >>> from symbolic import parse
    >>> print(with_clipped_values(parse("where(abs(u) <= 2, u, 2*sign(u))", {"u": "n"})))
    minimum(2, maximum(-2, u))
    """
    if not isinstance(node.kernel.expr, sympy.Piecewise) or not node.rank:
        return node
    reading = _Reading(node)
    cases = reading.of_kernel(node)
    if not isinstance(cases, sympy.Piecewise) or len(cases.args) != 2:
        return node
    bound = _bound(cases.args[0].args[1])
    if bound is None:
        return node
    u, d, is_within = bound
    first, last = (_of_t(case.args[0], u) for case in cases.args)
    if first is None or last is None or not last.has(_t):  # the last case is that of NaN
        return node
    found = _clipped(*((first, last) if is_within else (last, first)), d)
    if found is None:
        return node
    of_c, is_relative = found
    c = sympy.Min(sympy.Max(_t / d, -1), 1) if is_relative else sympy.Min(sympy.Max(_t, -d), d)
    reading.nodes[_t] = reading.built(u)
    reading.nodes[_c] = reading.built(c)
    return reading.built(of_c)


def _clipped(
    within: sympy.Expr, beyond: sympy.Expr, d: sympy.Expr
) -> tuple[sympy.Expr, bool] | None:
    """What two cases of t are in t and c, and whether c is relative to d: where d is divided by."""
    powers = [term for term in sympy.Add.make_args(within) if term.has(_t)]
    if len(powers) != 1:
        return None
    factor, power = powers[0].as_independent(_t)
    (base, degree), rest = power.as_base_exp(), within - powers[0]
    if base != _t or not degree.is_Integer or degree < 1:
        return None
    is_relative = not factor.free_symbols.isdisjoint(d.free_symbols)
    c = d * _c if is_relative else _c
    ends = [
        (sign, beyond.xreplace({sympy.sign(_t): sign, sympy.Abs(_t): sign * _t}) - rest)
        for sign in (sympy.S.One, sympy.S.NegativeOne)
    ]
    if all(_are_equal(end, factor * (sign * d) ** degree) for sign, end in ends):
        return factor * c**degree + rest, is_relative
    if degree == 2 and all(_are_equal(end, factor * d * (2 * sign * _t - d)) for sign, end in ends):
        return 2 * factor * c * (_t - c / 2) + rest, is_relative
    return None


def clipped_parts(kernel: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """The u and d of min(max(u, -d), d).

    >>> x, y = kernel_symbol(0), kernel_symbol(1)
    >>> clipped_parts(sympy.Min(y, sympy.Max(-x, -y))), clipped_parts(sympy.Min(sympy.Max(x, 0), 1))
    ((-x0, x1), None)
    """
    if not isinstance(kernel, sympy.Min) or len(kernel.args) != 2:
        return None
    for d, other in (kernel.args, kernel.args[::-1]):
        if isinstance(other, sympy.Max) and -d in other.args and len(other.args) == 2:
            (u,) = set(other.args) - {-d}
            return u, d
    return None


def _bound(asked: sympy.Basic) -> tuple[sympy.Expr, sympy.Expr, bool] | None:
    """The u and d of a comparison of abs(u) with d, and whether it holds within the bound."""
    if not isinstance(asked, (sympy.Le, sympy.Lt, sympy.Ge, sympy.Gt)):
        return None
    for side, d, is_within in ((asked.lts, asked.gts, True), (asked.gts, asked.lts, False)):
        factor, size = side.as_independent(sympy.Abs, as_Add=False)
        if isinstance(size, sympy.Abs) and factor.is_positive and d.is_positive:
            u = factor * size.args[0]
            if not u.free_symbols & d.free_symbols:
                return u, d, is_within
    return None


def _of_t(case: sympy.Expr, u: sympy.Expr) -> sympy.Expr | None:
    """A case that depends on u alone, and on what u does not depend on, with t for u."""
    symbols = sorted(u.free_symbols, key=str)
    flat = sympy.expand(u)
    for symbol in symbols:
        slope = flat.coeff(symbol)
        rest = sympy.expand(flat - slope * symbol)
        if slope.is_nonzero and not rest.has(symbol):
            found = sympy.expand(case.xreplace({symbol: sympy.expand((_t - rest) / slope)}))
            if not found.has(*symbols):
                return found
    return None


def _are_equal(one: sympy.Expr, other: sympy.Expr) -> bool:
    return sympy.expand(one - other) == 0


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


class _Reading:
    """Nodes of one shape as SymPy expressions, and back."""

    def __init__(self, like: Expression) -> None:
        self.like = like
        self.nodes: dict[sympy.Expr, Expression] = {}
        self._symbols: dict[Expression, sympy.Symbol] = {}
        self._count = 0

    def of(self, node: Expression) -> sympy.Expr:
        """Through sums, products entry by entry, quotients, abs and sign."""
        self._count += 1
        number, core = factor_and_core(node)
        if core is None and number.is_number:
            return number
        if core is not None and core is not node and number.is_number:
            return number * self.of(core)
        inner = meaning(node)
        if self._count > MOST_READ:
            return self._symbol(inner)
        if isinstance(inner, Sum):
            return sympy.Add(*map(self.of, inner.terms))
        if isinstance(inner, Contraction) and _is_entrywise(inner):
            if len(inner.operands) > 1:
                return inner.coefficient * sympy.Mul(*map(self.of, _repeated(inner)))
            opened = _opened(inner)
            (repeated,) = _repeated(inner)
            found = self._symbol(repeated) if opened is None else self.of(opened)
            return inner.coefficient * found
        if isinstance(inner, Elementwise):
            kernel = inner.kernel.expr
            simple = isinstance(kernel, (sympy.Abs, sympy.sign))
            if simple or kernel.is_rational_function(*inner.kernel.variables):
                return self.of_kernel(inner)
        return self._symbol(inner)

    def of_kernel(self, node: Elementwise) -> sympy.Expr:
        """A kernel of what its operands are."""
        read = map(self.of, node.operands)
        return node.kernel.expr.xreplace(dict(zip(node.kernel.variables, read, strict=True)))

    def _symbol(self, node: Expression) -> sympy.Symbol:
        if node not in self._symbols:
            known = "positive" if _is_positive(node) else "real"
            symbol = sympy.Symbol(f"u{len(self._symbols)}", **{known: True})
            self._symbols[node], self.nodes[symbol] = symbol, node
        return self._symbols[node]

    def built(self, expression: sympy.Expr) -> Expression:
        """The node of an expression."""
        if expression in self.nodes:
            return self.nodes[expression]
        number, rest = expression.as_coeff_Mul()
        if rest == 1:
            shape = self.like.shape
            return Contraction((), (), range(len(shape)), dict(enumerate(shape)), number)
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
