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

import sympy

from symbolic.code.entrywise_readings import EntrywiseReading
from symbolic.nodes import Elementwise, Expression

_t, _c = (sympy.Symbol(name, real=True) for name in ("t", "c"))


def with_clipped_values(node: Elementwise) -> Expression:
    """Such cases with the clipped value; other kernels as they are.

    >>> from symbolic import parse
    >>> print(with_clipped_values(parse("where(abs(u) <= 2, u, 2*sign(u))", {"u": "n"})))
    minimum(2, maximum(-2, u))
    """
    if not isinstance(node.kernel.expr, sympy.Piecewise) or not node.rank:
        return node
    reading = EntrywiseReading(node)
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

    >>> x, y = sympy.symbols("x y")
    >>> clipped_parts(sympy.Min(y, sympy.Max(-x, -y))), clipped_parts(sympy.Min(sympy.Max(x, 0), 1))
    ((-x, y), None)
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
