"""Fractions of exponentials that overflow or cancel, as products of sigmoids, which do neither.

    exp(z)^m / (1 + exp(z))^k = sigmoid(z)^m * sigmoid(-z)^(k - m),  0 <= m <= k
    (exp(z) - 1) / (exp(z) + 1) = tanh(z/2)
    exp(z)^m / (exp(z) - 1)^k = exp(-z)^(k - m) / (1 - exp(-z))^k,  0 <= m <= k, z >= 0

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
from typing import TypeGuard

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, multiplied, scaled
from symbolic.code.shifted_exponentials import without_overflow
from symbolic.code.sign_of_values import is_nonnegative_array
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
    multiples = {
        _multiple(node.operands[0]): node.operands[0] for node in order if _is_single(node)
    }
    new: dict[Expression, Expression] = {}
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        found = fractions.get(node)
        if found is not None and found.raw and found.z is not None and not isinstance(node, Named):
            others = [_renewed(each, new) for _, each in found.others]
            bounded = _in_sigmoids(found, _Argument(found.z, multiples, new), others)
            built = built if bounded is None else bounded
        new[node] = built
    return without_overflow({node: new[found] for node, found in stable.items()})


@dataclass(frozen=True)
class _Argument:
    """An exponent, with the multiples of it that the graph has."""

    z: Expression
    multiples: Mapping[tuple[sympy.Expr, Expression], Expression]
    new: Mapping[Expression, Expression]
    common: int = 1

    def times(self, number: sympy.Expr) -> Expression:
        """The exponent times a number, as it stands in the graph already if it does."""
        known = self.multiples.get((number * self.common, self.z))
        if known is not None:
            return _renewed(known, self.new)
        return scaled(number * self.common, _renewed(self.z, self.new))


def _is_single(node: Expression) -> TypeGuard[Elementwise]:
    return isinstance(node, Elementwise) and len(node.operands) == 1


def _multiple(node: Expression) -> tuple[sympy.Expr, Expression]:
    """An array as a number times an array: numbers before the factors of a product are taken out."""
    number, core = factor_and_core(meaning(node))
    if core is None:
        return sympy.S.One, node
    inner = meaning(core)
    if not isinstance(inner, Contraction) or inner.summed or not inner.coefficient.is_number:
        return number, inner
    if any(at != inner.output for at in inner.labels) or len(set(inner.output)) < inner.rank:
        return number, inner
    parts = [factor_and_core(each) for each in inner.operands]
    cores = [each for _, each in parts if each is not None]
    if len(cores) < len(parts) or len(parts) < 2:
        return number, inner
    return sympy.Mul(number, inner.coefficient, *(n for n, _ in parts)), multiplied(cores)


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
    z, e = meaning(node.operands[0]), _E
    times, core = _multiple(z)
    if times.is_Integer and 0 < abs(times) <= LARGEST:
        z, e = core, _E**times
    heads = {
        sympy.exp(_x): e, sympy.exp(-_x): 1 / e, expm1(_x): e - 1, expm1(-_x): 1 / e - 1,
        sigmoid(_x): e / (1 + e), sigmoid(-_x): 1 / (1 + e),
    }  # fmt: skip
    value = node.kernel.expr.xreplace(heads)
    if value.has(_x) or not value.free_symbols <= {_E} or value == node.kernel.expr:
        return None
    return _Fraction(z, value, node.kernel.expr.has(sympy.exp, expm1))


def _in_sigmoids(
    fraction: _Fraction, argument: _Argument, others: Sequence[Expression]
) -> Expression | None:
    z, value = argument.z, sympy.cancel(fraction.value)
    if value.is_number:
        return Contraction((), (), range(z.rank), dict(enumerate(z.shape)), value)
    top, bottom = (sympy.Poly(part, _E) for part in sympy.fraction(value))
    common = gcd(*(power for part in (top, bottom) for (power,) in part.monoms()))
    if common > 1:
        top, bottom = (_of_power(part, common) for part in (top, bottom))
        argument = replace(argument, common=common)
    k, bottom = _divided(bottom, _E + 1)
    zeros, top = _divided(top, _E - 1)
    poles, bottom = (0, bottom) if k or zeros else _divided(bottom, _E - 1)
    k = k or poles
    if k == 0 or zeros > k or not bottom.is_monomial:
        return None
    if poles and not is_nonnegative_array(z):
        return None
    k -= zeros
    (((shift,), below),) = bottom.terms()
    powers = {power - shift: factor / below for (power,), factor in top.terms()}
    if below.free_symbols or min(powers) < 0 or max(powers) > k:
        return None
    kernel = sympy.Add(*(c * _x ** (k - m) * _y**m for m, c in powers.items())) * _h**zeros
    at = dict(zip((_x, _y, _h), _logistic(argument), strict=True))
    if poles:
        kernel = _over_poles({k - m: c for m, c in powers.items()})
        at = _geometric(argument)
    at |= {symbol: other for (symbol, _), other in zip(fraction.others, others, strict=True)}
    if not poles:
        return _on_held(kernel, at)
    number, kernel = kernel.as_coeff_Mul()
    factors = [_on(_x**-k, at[_y])]  # a node of its own, which cannot overflow
    factors += [] if kernel == 1 else [_on_held(kernel, at)]
    return scaled(number, multiplied(factors) if len(factors) > 1 else factors[0])


def _on_held(kernel: sympy.Expr, at: Mapping[sympy.Symbol, Expression]) -> Expression:
    """A kernel of the arrays that its symbols stand for."""
    if kernel in at:
        return at[kernel]
    held = [symbol for symbol in at if kernel.has(symbol)]
    renamed = {symbol: kernel_symbol(place) for place, symbol in enumerate(held)}
    kernel = sympy.Lambda(tuple(renamed.values()), kernel.xreplace(renamed))
    return Elementwise(kernel, [at[symbol] for symbol in held])


def _logistic(argument: _Argument) -> list[Expression]:
    """The values of sigmoid(-z), sigmoid(z) and tanh(z/2)."""
    factors = (sympy.S.NegativeOne, sympy.S.One, sympy.S.Half)
    heads = (sigmoid, sigmoid, sympy.tanh)
    return [_on(head(_x), argument.times(c)) for head, c in zip(heads, factors, strict=True)]


def _over_poles(powers: Mapping[int, sympy.Expr]) -> sympy.Expr:
    """A polynomial in x = exp(-z), but in y = 1 - x unless all terms have one sign."""
    least = min(powers)
    top = sympy.Add(*(c * _x ** (power - least) for power, c in powers.items()))
    signs = {c.is_positive if c.is_number else None for c in powers.values()}
    if signs == {None} or len(signs) > 1:
        top = sympy.factor_terms(sympy.expand(top.xreplace({_x: 1 - _y})))
    return _x**least * top


def _geometric(argument: _Argument) -> dict[sympy.Symbol, Expression]:
    """The values of exp(-z) and 1 - exp(-z)."""
    turned = argument.times(sympy.S.NegativeOne)
    rest = scaled(sympy.S.NegativeOne, _on(expm1(_x), turned))
    return {_x: _on(sympy.exp(_x), turned), _y: rest}


def _on(function: sympy.Expr, operand: Expression) -> Expression:
    return Elementwise(sympy.Lambda((_x,), function), [operand])


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
