"""Fractions of exponentials that overflow or cancel, as products of sigmoids, which do neither.

    exp(z)^m / (1 + exp(z))^k = sigmoid(z)^m * sigmoid(-z)^(k - m),  0 <= m <= k
    (exp(z) - 1) / (exp(z) + 1) = tanh(z/2)

A person writes exp(z)/(1 + exp(z)); its derivatives are fractions of high degree in exp(z), whose terms are
huge where the whole is tiny. The slope of log(sigmoid(z)) has sigmoid(z) below the line, which is 0 far out.
Whatever is such a fraction of one exponential, however it is spread over nodes, is one polynomial in
sigmoids of z and -z, of which every term is at most its coefficient. Few other arrays may be in the
coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import gcd

import sympy

from symbolic.code.cancellation import scaled
from symbolic.code.shifted_exponentials import without_overflow
from symbolic.functions import expm1, sigmoid
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, kernel_symbol
from symbolic.traverse import postorder, with_children

MOST_OPERATIONS = 200  # of a fraction
MOST_POWERS = 12  # of 1 + exp(z) below a fraction stroke
MOST_OTHERS = 3  # arrays in coefficients
DEEPEST = 6  # levels of a coefficient that are read
LARGEST = 4  # multiple of the exponent

_x, _y, _h = kernel_symbol(0), kernel_symbol(1), kernel_symbol(2)
_E = sympy.Dummy("e", positive=True)


@dataclass(frozen=True)
class _Fraction:
    """A value as a rational function of exp(z); `others` are the arrays that symbols in it stand for.

    `raw` says whether exp(z) itself occurs in it, or a sigmoid of z below a line.
    """

    z: Expression | None  # none for a number
    value: sympy.Expr
    raw: bool = False
    others: tuple[tuple[sympy.Symbol, Expression], ...] = ()


def without_exponentials(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """What each node has become, with such fractions as polynomials in sigmoids.

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import scalar
    >>> z = scalar("z")
    >>> e = exp(z) / (1 + exp(z)) ** 2
    >>> without_exponentials({e: e})[e]
    sigmoid(-z)*sigmoid(z)
    """
    order = postorder(dict.fromkeys(stable.values()))
    fractions: dict[Expression, _Fraction] = {}
    for node in order:
        found = _fraction(node, fractions)
        if found is not None:
            fractions[node] = found
    new: dict[Expression, Expression] = {}
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        found = fractions.get(node)
        if found is not None and found.raw and found.z is not None and not isinstance(node, Named):
            bounded = _in_sigmoids(
                found, new[found.z], [_renewed(each, new) for _, each in found.others]
            )
            built = built if bounded is None else bounded
        new[node] = built
    return without_overflow({node: new[found] for node, found in stable.items()})


def _renewed(node: Expression, new: Mapping[Expression, Expression]) -> Expression:
    """What an array in a coefficient has become; one that is repeated may be no node of its own."""
    return new[node] if node in new else with_children(node, tuple(new[c] for c in node.children))


def _fraction(node: Expression, known: Mapping[Expression, _Fraction]) -> _Fraction | None:
    match node:
        case Named():
            return known.get(node.meaning)
        case Contraction(operands=()):
            number = node.coefficient.is_number and len(set(node.output)) == len(node.output)
            return _Fraction(None, node.coefficient) if number else None
        case Contraction():
            if node.summed or len(set(node.output)) < len(node.output):
                return None
            if not node.coefficient.is_number or not any(each in known for each in node.operands):
                return None
            factors = []
            for operand, at in zip(node.operands, node.labels, strict=True):
                part = known.get(operand)
                if at != node.output and (part is None or part.z is not None):
                    axes = dict(enumerate(node.sizes))
                    part = _as_coefficient(Contraction([operand], [at], node.output, axes))
                factors.append(part or _as_coefficient(operand))
            return _joined(factors, lambda values: sympy.Mul(node.coefficient, *values))
        case Sum():
            if not any(each in known for each in node.terms):
                return None
            terms = [known.get(each) or _as_coefficient(each) for each in node.terms]
            return _joined(terms, lambda values: sympy.Add(*values))
        case Elementwise():
            return _kernel(node, known)
        case _:
            return None


def _as_coefficient(node: Expression, depth: int = 0) -> _Fraction:
    """An array as a polynomial of few others, at the least as a symbol that stands for it."""
    found = None
    if depth < DEEPEST:
        match node:
            case Named():
                return _as_coefficient(node.meaning, depth + 1)
            case Sum():
                terms = [_as_coefficient(each, depth + 1) for each in node.terms]
                found = _joined(terms, lambda values: sympy.Add(*values))
            case Contraction() if not node.summed and node.coefficient.is_number:
                if not node.operands and len(set(node.output)) == len(node.output):
                    return _Fraction(None, node.coefficient)
                if all(at == node.output for at in node.labels):
                    factors = [_as_coefficient(each, depth + 1) for each in node.operands]
                    found = _joined(factors, lambda values: sympy.Mul(node.coefficient, *values))
            case _:
                pass
    return found or _as_symbol(node)


@lru_cache(maxsize=4096)
def _as_symbol(node: Expression) -> _Fraction:
    symbol = sympy.Dummy("c", real=True)
    return _Fraction(None, symbol, others=((symbol, node),))


def _joined(
    parts: Sequence[_Fraction], combine: Callable[[list[sympy.Expr]], sympy.Expr]
) -> _Fraction | None:
    """A rational function of values that are fractions of one exponential."""
    arguments = {part.z for part in parts if part.z is not None}
    others = tuple(dict.fromkeys(each for part in parts for each in part.others))
    if len(arguments) > 1 or len(others) > MOST_OTHERS:
        return None
    value = combine([part.value for part in parts])
    allowed = {_E, *(symbol for symbol, _ in others)}
    if not value.free_symbols <= allowed or value.count_ops() > MOST_OPERATIONS:
        return None
    z = next(iter(arguments), None)
    return _Fraction(z, value, any(part.raw for part in parts), others)


def _kernel(node: Elementwise, known: Mapping[Expression, _Fraction]) -> _Fraction | None:
    expression = node.kernel.expr
    if len(node.operands) == 1 and (opened := _opened(node)) is not None:
        return opened
    if not expression.is_rational_function(*node.kernel.variables):
        return None
    if not any(each in known for each in node.operands):
        return None
    symbols = node.kernel.variables
    found = _joined(
        [known.get(each) or _as_coefficient(each) for each in node.operands],
        lambda values: expression.xreplace(dict(zip(symbols, values, strict=True))),
    )
    below = sympy.fraction(sympy.together(expression))[1].free_symbols
    divides = any(
        symbol in below and _has_sigmoid(each)
        for symbol, each in zip(symbols, node.operands, strict=True)
    )
    return replace(found, raw=True) if found is not None and divides else found


def _has_sigmoid(node: Expression) -> bool:
    """Whether a node is a product of sigmoids and other arrays."""
    stack = [node]
    while stack:
        inner = stack.pop()
        if isinstance(inner, Elementwise) and inner.kernel.expr.has(sigmoid):
            return True
        power = isinstance(inner, Elementwise) and inner.kernel.expr.is_Pow
        if power or isinstance(inner, (Named, Contraction)):
            stack.extend(inner.children)
    return False


def _opened(node: Elementwise) -> _Fraction | None:
    """A kernel of exp and sigmoid of one operand as a fraction."""
    z, e = node.operands[0], _E
    while isinstance(z, Named):
        z = z.meaning
    times = z.coefficient if isinstance(z, Contraction) and z.labels == (z.output,) else None
    if times is not None and times.is_Integer and 0 < abs(times) <= LARGEST:
        z, e = z.children[0], _E**times
    heads = {
        sympy.exp(_x): e, sympy.exp(-_x): 1 / e, expm1(_x): e - 1, expm1(-_x): 1 / e - 1,
        sigmoid(_x): e / (1 + e), sigmoid(-_x): 1 / (1 + e),
    }  # fmt: skip
    value = node.kernel.expr.xreplace(heads)
    if value.has(_x) or not value.free_symbols <= {_E} or value == node.kernel.expr:
        return None
    return _Fraction(z, value, node.kernel.expr.has(sympy.exp, expm1))


def _in_sigmoids(
    fraction: _Fraction, z: Expression, others: Sequence[Expression]
) -> Expression | None:
    axes, value = tuple(range(z.rank)), sympy.cancel(fraction.value)
    if value.is_number:
        return Contraction((), (), axes, dict(enumerate(z.shape)), value)
    top, bottom = (sympy.Poly(part, _E) for part in sympy.fraction(value))
    common = gcd(*(power for part in (top, bottom) for (power,) in part.monoms()))
    if common > 1:
        top, bottom = (_of_power(part, common) for part in (top, bottom))
        z = Contraction([z], [axes], axes, coefficient=common)
    k, bottom = _divided(bottom, _E + 1)
    zeros, top = _divided(top, _E - 1)
    if k == 0 or zeros > k or not bottom.is_monomial:
        return None
    k -= zeros
    (((shift,), below),) = bottom.terms()
    powers = {power - shift: factor / below for (power,), factor in top.terms()}
    if below.free_symbols or min(powers) < 0 or max(powers) > k:
        return None
    kernel = sympy.Add(*(c * _x ** (k - m) * _y**m for m, c in powers.items())) * _h**zeros
    turned = scaled(sympy.S.NegativeOne, z)
    half = scaled(sympy.S.Half, z)
    functions = [(sigmoid(_x), turned), (sigmoid(_x), z), (sympy.tanh(_x), half)]
    at: dict[sympy.Symbol, Expression] = {
        symbol: Elementwise(sympy.Lambda((_x,), function), [operand])
        for symbol, (function, operand) in zip((_x, _y, _h), functions, strict=True)
    }
    at |= {symbol: other for (symbol, _), other in zip(fraction.others, others, strict=True)}
    if kernel in at:
        return at[kernel]
    held = [symbol for symbol in at if kernel.has(symbol)]
    renamed = {symbol: kernel_symbol(place) for place, symbol in enumerate(held)}
    kernel = sympy.Lambda(tuple(renamed.values()), kernel.xreplace(renamed))
    return Elementwise(kernel, [at[symbol] for symbol in held])


def _of_power(whole: sympy.Poly, power: int) -> sympy.Poly:
    """A polynomial in a power as a polynomial in what it is a power of."""
    return sympy.Poly({(k // power,): c for (k,), c in whole.terms()}, _E)


def _divided(whole: sympy.Poly, factor: sympy.Expr) -> tuple[int, sympy.Poly]:
    """How often a factor divides a polynomial, and what is left."""
    times, divisor = 0, sympy.Poly(factor, _E)
    quotient, rest = whole.div(divisor)
    while rest.is_zero and times < MOST_POWERS:
        times, whole = times + 1, quotient
        quotient, rest = whole.div(divisor)
    return times, whole
