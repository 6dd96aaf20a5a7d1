"""Integrals in closed form: of polynomials times sines and cosines of affine arguments.

Every such function of x is a sum of terms a x^k and a x^k cos(b x + c - q pi/2), and

    int x^k cos(b x + c) dx = sum_j (-1)^j k!/(k - j)! x^(k - j) cos(b x + c - (j + 1) pi/2)/b^(j + 1).

The slopes b are numbers that can be read off, so that none of them is 0 unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy

from numeric.errors import Undecided
from numeric.scalars.derivatives import inner_worked_out
from numeric.scalars.scope import free

_MOST_TERMS = 600
_MOST_POWER = 12
_SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "integer", "zero")


@dataclass(frozen=True)
class _Wave:
    """cos(slope x + phase - quarter pi/2) with a slope above 0."""

    slope: sympy.Rational
    phase: sympy.Expr
    quarter: int

    def at(self, x: sympy.Expr) -> sympy.Expr:
        return _turned(self.slope * x + self.phase, self.quarter)


_Terms = dict[tuple[int, _Wave | None], sympy.Expr]  # the power of x and the wave: the coefficient


def closed(node: sympy.Basic) -> sympy.Basic:
    """The expression with those of its integrals in closed form that have one.

    >>> x, a = sympy.symbols("x a", real=True)
    >>> closed(sympy.Integral(a * x * sympy.cos(2 * x), (x, 0, a)))
    a*(a*sin(2*a)/2 + cos(2*a)/4) - a/4
    """
    return _closed(node) if node.has(sympy.Integral) else node


@lru_cache(maxsize=1024)
def _closed(node: sympy.Basic) -> sympy.Basic:
    args = [closed(arg) for arg in node.args]
    changed = any(new is not old for new, old in zip(args, node.args, strict=True))
    if isinstance(node, sympy.Limit):
        return node.func(*args[:3], str(args[3])) if changed else node
    rebuilt = node.func(*args) if changed else node
    return _integrated(rebuilt) if isinstance(rebuilt, sympy.Integral) else rebuilt


def _integrated(node: sympy.Integral) -> sympy.Expr:
    """An integral over what is left of its ranges, from the inside."""
    limits = list(node.limits)
    try:
        inner = inner_worked_out(node.function)
    except Undecided:
        return node
    done = 0
    for variable, *ends in limits:
        if len(ends) != 2 or not _plain(variable) or not all(map(_is_real_number, ends)):
            break
        found = antiderivative(inner, variable)
        if found is None:
            break
        low, high = ends
        inner = found.xreplace({variable: high}) - found.xreplace({variable: low})
        done += 1
    if not done:
        return node
    return sympy.Integral(inner, *limits[done:]) if limits[done:] else inner


def _plain(variable: sympy.Symbol) -> bool:
    """Whether a variable may be any real number."""
    return variable.is_real is True and not any(getattr(variable, f"is_{name}") for name in _SIGNS)


def _is_real_number(end: sympy.Expr) -> bool:
    return end.is_real is True


@lru_cache(maxsize=4096)
def antiderivative(inner: sympy.Expr, variable: sympy.Symbol) -> sympy.Expr | None:
    """The antiderivative of a function as the module describes it, None for any other.

    >>> x, a = sympy.symbols("x a", real=True)
    >>> antiderivative(a * x**2 + 1, x), antiderivative(sympy.exp(x), x)
    (a*x**3/3 + x, None)
    """
    powers = terms_in(inner, variable)
    terms = _read(inner, variable) if powers is None else {(k, None): c for k, c in powers.items()}
    if terms is None:
        return None
    parts = []
    for (power, wave), coefficient in terms.items():
        if wave is None:
            parts.append(coefficient * variable ** (power + 1) / (power + 1))
            continue
        by_parts = (
            (-1) ** j
            * sympy.ff(power, j)
            * variable ** (power - j)
            * _turned(wave.slope * variable + wave.phase, wave.quarter + j + 1)
            / wave.slope ** (j + 1)
            for j in range(power + 1)
        )
        parts.append(coefficient * sympy.Add(*by_parts))
    return sympy.Add(*parts)


def _turned(angle: sympy.Expr, quarter: int) -> sympy.Expr:
    """cos(angle - quarter pi/2)."""
    wave = sympy.sin(angle) if quarter % 2 else sympy.cos(angle)
    return wave if quarter % 4 in (0, 1) else -wave


def terms_in(e: sympy.Expr, x: sympy.Symbol) -> dict[int, sympy.Expr] | None:
    """The coefficients of a polynomial by the power of x; None for what is none.

    >>> x, a = sympy.symbols("x a")
    >>> terms_in(a * x**2 + 1, x), terms_in(1 / x, x)
    ({2: a, 0: 1}, None)
    """
    if not e.is_polynomial(x):
        return None
    try:
        terms = sympy.Poly(e, x).terms()
    except sympy.PolynomialError:
        return None
    return {int(power): coefficient for (power,), coefficient in terms}


def _read(node: sympy.Expr, x: sympy.Symbol) -> _Terms | None:
    if x not in free(node):
        return {(0, None): node}
    if node == x:
        return {(1, None): sympy.S.One}
    if isinstance(node, sympy.Add):
        return _sum([_read(arg, x) for arg in node.args])
    if isinstance(node, sympy.Mul):
        return _product([_read(arg, x) for arg in node.args])
    if isinstance(node, sympy.Pow) and node.exp.is_Integer and 0 < node.exp <= _MOST_POWER:
        return _product([_read(node.base, x)] * int(node.exp))
    if isinstance(node, (sympy.sin, sympy.cos)):
        return _wave(node.args[0], x, int(isinstance(node, sympy.sin)))
    return None


def _wave(angle: sympy.Expr, x: sympy.Symbol, quarter: int) -> _Terms | None:
    terms = _read(angle, x)
    if terms is None or not terms.keys() <= {(0, None), (1, None)}:
        return None
    slope, phase = terms.get((1, None), sympy.S.Zero), terms.get((0, None), sympy.S.Zero)
    return _of_wave(sympy.S.One, 0, slope, phase, quarter) if slope.is_Rational else None


def _of_wave(
    coefficient: sympy.Expr, power: int, slope: sympy.Rational, phase: sympy.Expr, quarter: int
) -> _Terms:
    if slope == 0:
        return {(power, None): coefficient * _turned(phase, quarter)}
    if slope < 0:
        slope, phase, quarter = -slope, -phase, -quarter
    return {(power, _Wave(slope, sympy.expand(phase), quarter % 4)): coefficient}


def _sum(parts: list[_Terms | None]) -> _Terms | None:
    found: _Terms = {}
    for part in parts:
        if part is None or len(found) > _MOST_TERMS:
            return None
        for key, coefficient in part.items():
            found[key] = found.get(key, sympy.S.Zero) + coefficient
    return found


def _product(parts: list[_Terms | None]) -> _Terms | None:
    found: _Terms = {(0, None): sympy.S.One}
    for part in parts:
        if part is None or len(found) * len(part) > _MOST_TERMS:
            return None
        pairs: list[_Terms | None] = [
            _times(one, other) for one in found.items() for other in part.items()
        ]
        multiplied = _sum(pairs)
        if multiplied is None:
            return None
        found = multiplied
    return found


_Term = tuple[tuple[int, _Wave | None], sympy.Expr]


def _times(one: _Term, other: _Term) -> _Terms:
    (first, wave), a = one
    (second, further), b = other
    power, coefficient = first + second, a * b
    if wave is None or further is None:
        return {(power, wave or further): coefficient}
    half = coefficient / 2
    found = _sum(
        [
            _of_wave(
                half,
                power,
                wave.slope + sign * further.slope,
                wave.phase + sign * further.phase,
                wave.quarter + sign * further.quarter,
            )
            for sign in (1, -1)
        ]
    )
    assert found is not None
    return found
