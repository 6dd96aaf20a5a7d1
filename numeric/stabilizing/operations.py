"""The operations of terms: for each its NumPy code, its value over balls and its derivative.

One table is read by the evaluator over floats, the evaluator over balls, the writer of source and
the pair arithmetic, so they agree on what every operation means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb
from scipy import special

from numeric.stabilizing import primitives
from numeric.stabilizing.reading import pattern
from numeric.stabilizing.terms import Term, substitute, variable


class UnclearError(ArithmeticError):
    """A branch that balls of this precision cannot decide."""


@dataclass(frozen=True)
class Operation:
    """One operation.

    code    the function in source; empty for what has a syntax of its own
    over    its value over floats
    ball    its value over `flint.arb`
    slope   its derivative at x as a formula; empty if unknown or with several arguments
    """

    name: str
    code: str
    over: Callable[..., Any]
    ball: Callable[..., arb]
    slope: str = ""
    arity: int = 1

    @property
    def helper(self) -> bool:
        """Whether the source of a primitive has to come along."""
        return self.code.startswith("primitives.")

    def slope_at(self, x: Term) -> Term:
        """The term of the derivative."""
        return substitute(pattern(self.slope), {variable("x"): x})


def _power(x: arb, n: arb) -> arb:
    exact = n.unique_fmpz()
    if exact is None and x == 0 and n > 0:
        return x
    return x**exact if exact is not None else (n * x.log()).exp()


def _cube_root(x: arb) -> arb:
    if x > 0:
        return x.root(3)
    if x < 0:
        return -((-x).root(3))
    if x == 0:
        return x
    raise UnclearError


def _choose(first: bool, second: bool) -> bool:
    """Whether the first of two exclusive certain relations holds."""
    if first == second:
        raise UnclearError
    return first


def _less(a: arb, b: arb, x: arb, y: arb) -> arb:
    return x if _choose(bool(a < b), bool(a >= b)) else y


def _less_equal(a: arb, b: arb, x: arb, y: arb) -> arb:
    return x if _choose(bool(a <= b), bool(a > b)) else y


def _equal(a: arb, b: arb, x: arb, y: arb) -> arb:
    return x if _choose(bool(a == b), bool(a != b)) else y


def _sign(x: arb) -> arb:
    return x.sgn() if x > 0 or x < 0 or x == 0 else _unclear()


def _unclear() -> arb:
    raise UnclearError


def _half_erfc(x: arb) -> arb:
    return (-x / arb(2).sqrt()).erfc() / 2


def _mean_slope(f: Callable[[arb], arb]) -> Callable[[arb, arb], arb]:
    return lambda a, b: (f(a) - f(b)) / (a - b)


def _numpy(name: str, ball: Callable[..., arb], slope: str = "", arity: int = 1) -> Operation:
    return Operation(name, f"np.{name}", getattr(np, name), ball, slope, arity)


def _scipy(
    name: str, ball: Callable[..., arb], slope: str = "", arity: int = 1, known_as: str = ""
) -> Operation:
    code = known_as or name
    return Operation(name, f"special.{code}", getattr(special, code), ball, slope, arity)


def _own(name: str, ball: Callable[..., arb], slope: str = "", arity: int = 1) -> Operation:
    return Operation(name, f"primitives.{name}", getattr(primitives, name), ball, slope, arity)


def _stirling(x: arb) -> arb:
    return x.lgamma() - (x - arb(1) / 2) * x.log() + x - (2 * arb.pi()).log() / 2


def _where(relation: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda a, b, x, y: np.where(relation(a, b), x, y)


OPERATIONS: dict[str, Operation] = {
    entry.name: entry
    for entry in (
        Operation("add", "", np.add, lambda x, y: x + y, arity=2),
        Operation("subtract", "", np.subtract, lambda x, y: x - y, arity=2),
        Operation("negative", "", np.negative, lambda x: -x),
        Operation("multiply", "", np.multiply, lambda x, y: x * y, arity=2),
        Operation("divide", "", np.divide, lambda x, y: x / y, arity=2),
        Operation("power", "", lambda x, y: x**y, _power, arity=2),
        Operation("less", "", _where(np.less), _less, arity=4),
        Operation("less_equal", "", _where(np.less_equal), _less_equal, arity=4),
        Operation("equal", "", _where(np.equal), _equal, arity=4),
        Operation("compensated", "", np.positive, lambda x: x),
        _numpy("exp", lambda x: x.exp(), "exp(x)"),
        _numpy("expm1", lambda x: x.expm1(), "exp(x)"),
        _numpy("log", lambda x: x.log(), "1/x"),
        _numpy("log1p", lambda x: x.log1p(), "1/(1 + x)"),
        _numpy("sqrt", lambda x: x.sqrt(), "1/(2*sqrt(x))"),
        _numpy("cbrt", _cube_root, "1/(3*cbrt(x)**2)"),
        _numpy("abs", abs, "sign(x)"),
        _numpy("sign", _sign),
        _numpy("sin", lambda x: x.sin(), "cos(x)"),
        _numpy("cos", lambda x: x.cos(), "-sin(x)"),
        _numpy("tan", lambda x: x.tan(), "1 + tan(x)**2"),
        _numpy("sinh", lambda x: x.sinh(), "cosh(x)"),
        _numpy("cosh", lambda x: x.cosh(), "sinh(x)"),
        _numpy("tanh", lambda x: x.tanh(), "1/cosh(x)**2"),
        _numpy("arcsin", lambda x: x.asin(), "1/sqrt(1 - x**2)"),
        _numpy("arccos", lambda x: x.acos(), "-1/sqrt(1 - x**2)"),
        _numpy("arctan", lambda x: x.atan(), "1/(1 + x**2)"),
        _numpy("arcsinh", lambda x: x.asinh(), "1/sqrt(1 + x**2)"),
        _numpy("arccosh", lambda x: x.acosh(), "1/sqrt(x**2 - 1)"),
        _numpy("arctanh", lambda x: x.atanh(), "1/(1 - x**2)"),
        _numpy("maximum", lambda x, y: x.max(y), arity=2),
        _numpy("minimum", lambda x, y: x.min(y), arity=2),
        _numpy("hypot", lambda x, y: (x * x + y * y).sqrt(), arity=2),
        _numpy("arctan2", lambda y, x: arb.atan2(y, x), arity=2),
        _scipy("erf", lambda x: x.erf(), "2/sqrt(pi)*exp(-x**2)"),
        _scipy("erfc", lambda x: x.erfc(), "-2/sqrt(pi)*exp(-x**2)"),
        _scipy("erfcx", lambda x: x.erfc() * (x * x).exp(), "2*x*erfcx(x) - 2/sqrt(pi)"),
        _scipy("ndtr", _half_erfc, "exp(-x**2/2)/sqrt(2*pi)"),
        _scipy("log_ndtr", lambda x: _half_erfc(x).log()),
        _scipy("lgamma", lambda x: x.lgamma(), "digamma(x)", known_as="gammaln"),
        _scipy("gamma", lambda x: x.gamma()),
        _scipy("digamma", lambda x: x.digamma()),
        _scipy("betaln", lambda x, y: x.lgamma() + y.lgamma() - (x + y).lgamma(), arity=2),
        _own("sigmoid", lambda x: 1 / (1 + (-x).exp()), "sigmoid(x)*sigmoid(-x)"),
        _own("softplus", lambda x: x.exp().log1p(), "sigmoid(x)"),
        _own("log1pmx", lambda x: x.log1p() - x, "-x/(1 + x)"),
        _own("expm1mx", lambda x: x.expm1() - x, "expm1(x)"),
        _own("log1mexp", lambda x: (-x.expm1()).log(), "-1/expm1(-x)"),
        _own("gaussian", lambda x: (-x * x).exp(), "-2*x*gaussian(x)"),
        _own("stirling", _stirling),
        _own("mean_gaussian", _mean_slope(lambda x: x.erf()), arity=2),
        _own("mean_digamma", _mean_slope(lambda x: x.lgamma()), arity=2),
    )
}
