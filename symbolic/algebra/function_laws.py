"""Laws of named elementwise functions inside a kernel: what products and arguments combine to."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic.functions import log1p, relu, sigmoid, softplus, step

Factors = dict[sympy.Expr, sympy.Expr]  # exponents by base


def use_function_laws(expression: sympy.Expr, laws: frozenset[str]) -> sympy.Expr:
    """A kernel with the laws of the given names applied to each product and argument."""
    if "parity of sign" in laws and expression.has(sympy.sign):
        expression = expression.replace(sympy.sign, _upright_sign)
    if "definition of softplus" in laws and expression.has(sympy.log, log1p):
        expression = expression.replace(sympy.log, _log_of_sum)
        expression = expression.replace(log1p, lambda u: _log_of_sum(1 + u, log1p(u)))
    for name, functions, law in _PRODUCT_LAWS:
        if name in laws and all(expression.has(function) for function in functions):
            expression = expression.replace(
                lambda node: node.is_Mul or node.is_Pow, lambda node, law=law: _product(node, law)
            )
    return expression


def _upright_sign(argument: sympy.Expr) -> sympy.Expr:
    if argument.could_extract_minus_sign():
        return -sympy.sign(-argument)
    return sympy.sign(argument)


def _log_of_sum(argument: sympy.Expr, plain: sympy.Expr | None = None) -> sympy.Expr:
    """log(1 + exp(u)) = softplus(u)"""
    rest = argument - 1
    if isinstance(rest, sympy.exp):
        return softplus(rest.args[0])
    return sympy.log(argument) if plain is None else plain


def _product(node: sympy.Expr, law: Callable[[Factors], None]) -> sympy.Expr:
    factors: Factors = dict(node.as_powers_dict())
    before = dict(factors)
    law(factors)
    if factors == before:
        return node
    return sympy.Mul(*(base**exponent for base, exponent in factors.items()))


def _steps(factors: Factors) -> None:
    """relu(u)*step(u) = relu(u), max(0, u)*step(u) = max(0, u), step(u)**k = step(u)."""
    for base in [each for each in factors if isinstance(each, step)]:
        if not factors[base].is_positive:
            continue
        (u,) = base.args
        hinges = (relu(u), sympy.Max(0, u))
        if any(hinge in factors and factors[hinge].is_positive for hinge in hinges):
            del factors[base]
        else:
            factors[base] = sympy.S.One


def _signs(factors: Factors) -> None:
    """u*sign(u) = abs(u), abs(u)*sign(u) = u"""
    for base in [each for each in factors if isinstance(each, sympy.sign)]:
        (u,) = base.args
        absolute = sympy.Abs(u)
        for other, found in ((u, absolute), (-u, -absolute), (absolute, u)):
            exponents = [factors.get(each, sympy.S.Zero) for each in (base, other)]
            if all(k.is_number and k >= 1 for k in exponents):
                for each, times in ((base, -1), (other, -1), *found.as_powers_dict().items()):
                    factors[each] = factors.get(each, sympy.S.Zero) + times


def _hyperbolic(factors: Factors) -> None:
    """sinh(u)/cosh(u) = tanh(u)"""
    for base in [each for each in factors if isinstance(each, sympy.sinh)]:
        (u,) = base.args
        below = -factors.get(sympy.cosh(u), sympy.S.Zero)
        if factors[base].is_positive and below.is_positive:
            count = sympy.Min(factors[base], below)
            factors[base] -= count
            factors[sympy.cosh(u)] += count
            factors[sympy.tanh(u)] = factors.get(sympy.tanh(u), sympy.S.Zero) + count


def _exponential_share(factors: Factors) -> None:
    """exp(-u)*sigmoid(u) = sigmoid(-u)"""
    exponent = factors.get(sympy.E)
    for base in [each for each in factors if isinstance(each, sigmoid)]:
        (u,) = base.args
        if exponent is not None and sympy.expand(exponent + u) == 0 and factors[base] == 1:
            del factors[base], factors[sympy.E]
            factors[sigmoid(-u)] = factors.get(sigmoid(-u), sympy.S.Zero) + 1
            return


_PRODUCT_LAWS: tuple[tuple[str, tuple[type, ...], Callable[[Factors], None]], ...] = (
    ("hinge and step", (step,), _steps),
    ("product with its sign", (sympy.sign,), _signs),
    ("hyperbolic quotient", (sympy.sinh, sympy.cosh), _hyperbolic),
    ("definition of sigmoid", (sympy.exp, sigmoid), _exponential_share),
)
