"""Rules of differentiation in one variable."""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction

from symbolic.scalars.facts import Facts
from symbolic.scalars.parameters import as_expression
from symbolic.scalars.rule import Rewrite, ScalarRule
from symbolic.scalars.smoothness import smooth

_CALCULUS = "the rules of differentiation"
_TABLE = {
    sympy.exp: sympy.exp,
    sympy.log: lambda u: 1 / u,
    sympy.sin: sympy.cos,
    sympy.cos: lambda u: -sympy.sin(u),
    sympy.tanh: lambda u: 1 - sympy.tanh(u) ** 2,
    sympy.sinh: sympy.cosh,
    sympy.cosh: sympy.sinh,
    sympy.atan: lambda u: 1 / (1 + u**2),
}


def derivative(
    function: UndefinedFunction, point: sympy.Expr | int, order: sympy.Expr | int = 1
) -> sympy.Expr:
    """The derivative of an undefined function at a point: f'(x + h), f''(0), ...

    >>> f, x, h = sympy.Function("f"), sympy.Symbol("x"), sympy.Symbol("h")
    >>> derivative(f, x), derivative(f, x + h, 2)
    (Derivative(f(x), x), Subs(Derivative(f(t), (t, 2)), t, h + x))
    """
    at = as_expression(point, "derivative")
    if order == 0:
        return function(at)
    if isinstance(at, sympy.Symbol):
        return sympy.Derivative(function(at), (at, order))
    t = sympy.Symbol("t", real=True)
    return sympy.Subs(sympy.Derivative(function(t), (t, order)), t, at)


def settled(e: sympy.Basic) -> sympy.Basic:
    """An expression in which derivatives at a symbol are written without a substitution.

    >>> f, t, x = sympy.Function("f"), *sympy.symbols("t x", real=True)
    >>> settled(sympy.Subs(sympy.Derivative(f(t), t), t, x))
    Derivative(f(x), x)
    """
    return e.replace(_is_at_symbol, _at_symbol)


def _is_at_symbol(node: sympy.Basic) -> bool:
    if not isinstance(node, sympy.Subs) or len(node.variables) != 1:
        return False
    body, (place,), (point,) = node.args
    if not isinstance(body, sympy.Derivative) or not isinstance(point, sympy.Symbol):
        return False
    return isinstance(body.expr, AppliedUndef) and point not in body.free_symbols - {place}


def _at_symbol(node: sympy.Subs) -> sympy.Expr:
    body, (place,), (point,) = node.args
    return body.xreplace({place: point})


def of_derivative(
    rewrite: Callable[[sympy.Expr, sympy.Symbol, Facts], sympy.Expr | None],
) -> Rewrite:
    """What a rule does with derivatives of first order, from what it does with function and variable."""

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Derivative) or len(node.variable_count) != 1:
            return None
        place, count = node.variable_count[0]
        if count != 1 or not isinstance(place, sympy.Symbol):
            return None
        result = rewrite(node.expr, place, facts)
        return None if result == node else result

    return apply


@of_derivative
def _of_sum(e: sympy.Expr, x: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    if not e.free_symbols & {x}:
        return sympy.S.Zero
    terms = sympy.Add.make_args(e)
    if not all(smooth(term, x, facts) for term in terms):
        return None
    parts = []
    for term in terms:
        constant, rest = term.as_independent(x, as_Add=False)
        parts.append(constant * sympy.Derivative(rest, x) if rest != 1 else sympy.S.Zero)
    return sympy.Add(*parts)


@of_derivative
def _of_product(e: sympy.Expr, x: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    if not isinstance(e, sympy.Mul) or not all(smooth(each, x, facts) for each in e.args):
        return None
    constant, rest = e.as_independent(x, as_Add=False)
    factors = sympy.Mul.make_args(rest)
    if len(factors) < 2:
        return None
    return constant * sympy.Add(
        *(
            sympy.Mul(*factors[:k], sympy.Derivative(each, x), *factors[k + 1 :])
            for k, each in enumerate(factors)
        )
    )


@of_derivative
def _of_quotient(e: sympy.Expr, x: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    above, below = e.as_numer_denom()
    if not below.free_symbols & {x} or not facts.nonzero(below):
        return None
    if not (smooth(above, x, facts) and smooth(below, x, facts)):
        return None
    top = sympy.Derivative(above, x) * below - above * sympy.Derivative(below, x)
    return top / below**2


@of_derivative
def _of_power(e: sympy.Expr, x: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    base, exponent = e.as_base_exp()
    if base != x or exponent.free_symbols & {x}:
        return None
    whole = facts.integer(exponent) and facts.nonnegative(exponent)
    if not whole and not facts.positive(x) and not (facts.integer(exponent) and facts.nonzero(x)):
        return None
    return exponent * x ** (exponent - 1)


@of_derivative
def _of_composition(e: sympy.Expr, x: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    """The outer derivative at the inner function, times the derivative of the inner function."""
    if isinstance(e, sympy.Pow) and not e.exp.free_symbols & {x} and e.base != x:
        inner, outer = e.base, e.exp * e.base ** (e.exp - 1)
    elif isinstance(e, sympy.Pow) and not e.base.free_symbols & {x} and e.base != sympy.E:
        inner, outer = e.exp, e * sympy.log(e.base)
        if not facts.positive(e.base):
            return None
    elif len(e.args) == 1 and type(e) in _TABLE and e.args[0] != x:
        (inner,) = e.args
        outer = _TABLE[type(e)](inner)
    elif isinstance(e, AppliedUndef) and len(e.args) == 1 and e.args[0] != x:
        (inner,) = e.args
        outer = derivative(e.func, inner)
    else:
        return None
    if not smooth(e, x, facts) or not inner.free_symbols & {x}:
        return None
    return outer * (sympy.S.One if inner == x else sympy.Derivative(inner, x))


@of_derivative
def _of_function(e: sympy.Expr, x: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    if type(e) not in _TABLE or e.args[0] != x or not smooth(e, x, facts):
        return None
    return _TABLE[type(e)](x)


linearity = ScalarRule(
    "linearity of the derivative",
    "D(a f + b g, x) = a D(f, x) + b D(g, x)",
    "f and g are smooth",
    _CALCULUS,
    _of_sum,
)
product_rule = ScalarRule(
    "product rule",
    "D(f g, x) = D(f, x) g + f D(g, x)",
    "f and g are smooth",
    _CALCULUS,
    _of_product,
)
quotient_rule = ScalarRule(
    "quotient rule",
    "D(f / g, x) = (D(f, x) g - f D(g, x)) / g^2",
    "f and g are smooth and g != 0",
    _CALCULUS,
    _of_quotient,
)
power_rule = ScalarRule(
    "power rule",
    "D(x^n, x) = n x^(n - 1)",
    "n is a nonnegative integer, or an integer and x != 0, or x > 0",
    _CALCULUS,
    _of_power,
)
chain_rule = ScalarRule(
    "chain rule",
    "D(f(g(x)), x) = f'(g(x)) D(g, x)",
    "f and g are smooth where they are used",
    _CALCULUS,
    _of_composition,
)
known_derivative = ScalarRule(
    "known derivative",
    "D(exp(x), x) = exp(x), D(log(x), x) = 1 / x, D(sin(x), x) = cos(x), ...",
    "x is where the function is smooth",
    _CALCULUS,
    _of_function,
)


@of_derivative
def _constant_term(e: sympy.Expr, x: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    moving = [term for term in sympy.Add.make_args(e) if x in term.free_symbols]
    if not isinstance(e, sympy.Add) or len(moving) == len(e.args):
        return None
    return sympy.Derivative(sympy.Add(*moving), x) if moving else sympy.S.Zero


constant_term = ScalarRule(
    "constant term",
    "D(f + c, x) = D(f, x)",
    "c does not depend on x",
    _CALCULUS,
    _constant_term,
)


def _of_exponential(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    """Any derivative of exp(c x)."""
    if not isinstance(node, sympy.Derivative) or len(node.variable_count) != 1:
        return None
    x, order = node.variable_count[0]
    if not isinstance(node.expr, sympy.exp) or not facts.integer(order):
        return None
    slope = sympy.cancel(node.expr.args[0] / x)
    if slope.free_symbols & {x} or not facts.nonnegative(order):
        return None
    return slope**order * node.expr


derivatives_of_exponential = ScalarRule(
    "derivatives of the exponential",
    "D(exp(c x), (x, n)) = c^n exp(c x)",
    "c does not depend on x and n is a nonnegative integer",
    _CALCULUS,
    _of_exponential,
)

__all__ = [
    "chain_rule",
    "constant_term",
    "derivative",
    "derivatives_of_exponential",
    "known_derivative",
    "linearity",
    "of_derivative",
    "power_rule",
    "product_rule",
    "quotient_rule",
    "settled",
]
