"""Fractions of exponentials that overflow or cancel, as products of sigmoids, which do neither.

    exp(z)^m / (1 + exp(z))^k = sigmoid(z)^m * sigmoid(-z)^(k - m),  0 <= m <= k
    (exp(z) - 1) / (exp(z) + 1) = tanh(z/2)

A person writes exp(z)/(1 + exp(z)); its derivatives are fractions of high degree in exp(z), whose terms are
huge where the whole is tiny. Whatever is such a fraction of one exponential, however it is spread over
nodes, is one polynomial in sigmoids of z and -z, of which every term is at most its coefficient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symbolic.functions import expm1, sigmoid
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, kernel_symbol
from symbolic.traverse import postorder, with_children

MOST_OPERATIONS = 200  # of a fraction
MOST_POWERS = 12  # of 1 + exp(z) below a fraction stroke

_x, _y, _h = kernel_symbol(0), kernel_symbol(1), kernel_symbol(2)
_E = sympy.Dummy("e", positive=True)


@dataclass(frozen=True)
class _Fraction:
    """A value as a rational function of exp(z); `raw` says whether exp(z) itself occurs in it."""

    z: Expression | None  # none for a number
    value: sympy.Expr
    raw: bool = False


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
            bounded = _in_sigmoids(found, new[found.z])
            built = built if bounded is None else bounded
        new[node] = built
    return {node: new[found] for node, found in stable.items()}


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
            factors = [known.get(each) for each in node.operands]
            for part, at in zip(factors, node.labels, strict=True):
                if part is None or (part.z is not None and at != node.output):
                    return None  # only numbers may be repeated
            return _joined(factors, lambda values: sympy.Mul(node.coefficient, *values))
        case Sum():
            terms = [known.get(each) for each in node.terms]
            return _joined(terms, lambda values: sympy.Add(*values))
        case Elementwise():
            return _kernel(node, known)
        case _:
            return None


def _joined(
    parts: Sequence[_Fraction | None], combine: Callable[[list[sympy.Expr]], sympy.Expr]
) -> _Fraction | None:
    """A rational function of values that are fractions of one exponential."""
    known = [part for part in parts if part is not None]
    arguments = {part.z for part in known if part.z is not None}
    if len(known) < len(parts) or len(arguments) > 1:
        return None
    value = combine([part.value for part in known])
    if not value.free_symbols <= {_E} or value.count_ops() > MOST_OPERATIONS:
        return None
    return _Fraction(next(iter(arguments), None), value, any(part.raw for part in known))


def _kernel(node: Elementwise, known: Mapping[Expression, _Fraction]) -> _Fraction | None:
    expression = node.kernel.expr
    if len(node.operands) == 1 and (opened := _opened(node)) is not None:
        return opened
    if not expression.is_rational_function(*node.kernel.variables):
        return None
    symbols = node.kernel.variables
    return _joined(
        [known.get(each) for each in node.operands],
        lambda values: expression.xreplace(dict(zip(symbols, values, strict=True))),
    )


def _opened(node: Elementwise) -> _Fraction | None:
    """A kernel of exp and sigmoid of one operand as a fraction."""
    z, e = node.operands[0], _E
    while isinstance(z, Named):
        z = z.meaning
    if isinstance(z, Contraction) and z.coefficient == -1 and z.labels == (z.output,):
        z, e = z.operands[0], 1 / _E
    heads = {
        sympy.exp(_x): e, sympy.exp(-_x): 1 / e, expm1(_x): e - 1, expm1(-_x): 1 / e - 1,
        sigmoid(_x): e / (1 + e), sigmoid(-_x): 1 / (1 + e),
    }  # fmt: skip
    value = node.kernel.expr.xreplace(heads)
    if value.has(_x) or not value.free_symbols <= {_E} or value == node.kernel.expr:
        return None
    return _Fraction(z, value, node.kernel.expr.has(sympy.exp, expm1))


def _in_sigmoids(fraction: _Fraction, z: Expression) -> Expression | None:
    axes, value = tuple(range(z.rank)), sympy.cancel(fraction.value)
    if value.is_number:
        return Contraction((), (), axes, dict(enumerate(z.shape)), value)
    top, bottom = (sympy.Poly(part, _E) for part in sympy.fraction(value))
    k, bottom = _divided(bottom, _E + 1)
    zeros, top = _divided(top, _E - 1)
    if k == 0 or zeros > k or not bottom.is_monomial:
        return None
    k -= zeros
    (((shift,), below),) = bottom.terms()
    powers = {power - shift: factor / below for (power,), factor in top.terms()}
    if min(powers) < 0 or max(powers) > k:
        return None
    kernel = sympy.Add(*(c * _x ** (k - m) * _y**m for m, c in powers.items())) * _h**zeros
    turned = Contraction([z], [axes], axes, coefficient=-1)
    functions = [(sigmoid(_x), turned), (sigmoid(_x), z), (sympy.tanh(_x / 2), z)]
    held = [place for place, symbol in enumerate((_x, _y, _h)) if kernel.has(symbol)]
    renamed = {(_x, _y, _h)[place]: kernel_symbol(k) for k, place in enumerate(held)}
    operands = [
        Elementwise(sympy.Lambda((_x,), functions[place][0]), [functions[place][1]])
        for place in held
    ]
    return Elementwise(sympy.Lambda(tuple(renamed.values()), kernel.xreplace(renamed)), operands)


def _divided(whole: sympy.Poly, factor: sympy.Expr) -> tuple[int, sympy.Poly]:
    """How often a factor divides a polynomial, and what is left."""
    times, divisor = 0, sympy.Poly(factor, _E)
    quotient, rest = whole.div(divisor)
    while rest.is_zero and times < MOST_POWERS:
        times, whole = times + 1, quotient
        quotient, rest = whole.div(divisor)
    return times, whole
