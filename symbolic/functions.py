"""The table of elementwise functions: one entry each, everything about it in one place.

An entry holds the SymPy head (with its derivative in terms of named functions), the definition in
elementary functions that the head is tested against, NumPy code, LaTeX, where it is defined, and
a source. Printers, evaluators and the code generator read this table and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy
from sympy import S
from sympy.core.function import ArgumentIndexError

_x = sympy.Symbol("x0", real=True)
_y = sympy.Symbol("x1", real=True)


class _RealFunction(sympy.Function):
    """A real function of one real argument, with its derivative in `_slope`."""

    nargs = 1

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self._slope(self.args[0])

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return ELEMENTWISE[type(self).__name__].definition(*self.args)._eval_evalf(prec)


class sigmoid(_RealFunction):
    """sigmoid(x) = 1/(1 + exp(-x))"""

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:
        return S.Half if x.is_zero else None

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return sigmoid(x) * (1 - sigmoid(x))

    def _eval_is_positive(self) -> bool:
        return True


class softplus(_RealFunction):
    """softplus(x) = log(1 + exp(x))"""

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return sigmoid(x)

    def _eval_is_positive(self) -> bool:
        return True


class relu(_RealFunction):
    """relu(x) = max(x, 0); relu'(0) = 0 by convention"""

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return step(x)


class step(_RealFunction):
    """step(x) = 1 where x > 0, else 0; its derivative is 0 away from 0"""

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return S.Zero


class silu(_RealFunction):
    """silu(x) = x*sigmoid(x)"""

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return sigmoid(x) + silu(x) * (1 - sigmoid(x))


class gelu(_RealFunction):
    """gelu(x) = x*(1 + erf(x/sqrt(2)))/2"""

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return (1 + sympy.erf(x / sympy.sqrt(2))) / 2 + x * sympy.exp(-(x**2) / 2) / sympy.sqrt(
            2 * sympy.pi
        )


class log1p(_RealFunction):
    """log1p(x) = log(1 + x)"""

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return 1 / (1 + x)


class expm1(_RealFunction):
    """expm1(x) = exp(x) - 1"""

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return sympy.exp(x)


class erfcx(_RealFunction):
    """erfcx(x) = exp(x**2)*erfc(x)"""


class log_ndtr(_RealFunction):
    """log_ndtr(x) = log(erfc(-x/sqrt(2))/2)"""


class hurwitz_zeta(sympy.Function):
    """hurwitz_zeta(s, x) = sum over k = 0, 1, 2, ... of 1/(k + x)**s"""

    nargs = 2


class Unspecified(_RealFunction):
    """A differentiable function of which only its name and the order of its derivative are known."""

    base: str
    order: int

    def _slope(self, x: sympy.Expr) -> sympy.Expr:
        return unspecified_function(self.base, self.order + 1)(x)

    def _eval_evalf(self, prec: int) -> None:
        return None


@cache
def unspecified_function(name: str, order: int = 0) -> type[Unspecified]:
    """The SymPy head of the derivative of the given order of an unspecified function."""
    return type(name + "'" * order, (Unspecified,), {"base": name, "order": order})


@dataclass(frozen=True)
class ElementwiseFunction:
    """One elementwise function.

    `numpy` is a NumPy name, or the source of a helper function called `name`; `scipy` says that the
    helper needs `scipy.special`. `latex` has `{}` for the argument. `condition` is where the
    function is defined and differentiable.
    """

    name: str
    head: Callable[..., sympy.Expr]
    definition: Callable[..., sympy.Expr]
    numpy: str
    latex: str
    condition: str = "all real x"
    arity: int = 1
    source: str = "NumPy reference, mathematical functions"


def _helper(name: str, *lines: str) -> str:
    return f"def {name}(x):\n" + "".join(f"    {line}\n" for line in lines)


def _special(name: str, scipy_name: str) -> str:
    return _helper(
        name,
        f"from scipy.special import {scipy_name} as special",
        "",
        "return special(x)",
    )


def _command(name: str) -> str:
    return rf"\{name}\left({{}}\right)"


def _operator(name: str) -> str:
    return rf"\operatorname{{{{{name}}}}}\left({{}}\right)"


_SQUARE = "square = np.vdot(x, x)"  # exp(80) is a number of float32, not of float16
_ABOVE = "if square.itemsize > 2 and (square < 6400.0 or np.min(x) > -80.0):"
_BELOW = "if square.itemsize > 2 and (square < 6400.0 or np.max(x) < 80.0):"
_DLMF = "NIST Digital Library of Mathematical Functions"

ELEMENTWISE: dict[str, ElementwiseFunction] = {
    entry.name: entry
    for entry in (
        ElementwiseFunction("exp", sympy.exp, sympy.exp, "np.exp", _command("exp")),
        ElementwiseFunction("log", sympy.log, sympy.log, "np.log", _command("log"), "x > 0"),
        ElementwiseFunction(
            "log1p", log1p, lambda x: sympy.log(1 + x), "np.log1p", _operator("log1p"), "x > -1"
        ),
        ElementwiseFunction(
            "expm1", expm1, lambda x: sympy.exp(x) - 1, "np.expm1", _operator("expm1")
        ),
        ElementwiseFunction("sin", sympy.sin, sympy.sin, "np.sin", _command("sin")),
        ElementwiseFunction("cos", sympy.cos, sympy.cos, "np.cos", _command("cos")),
        ElementwiseFunction("sinh", sympy.sinh, sympy.sinh, "np.sinh", _command("sinh")),
        ElementwiseFunction("cosh", sympy.cosh, sympy.cosh, "np.cosh", _command("cosh")),
        ElementwiseFunction("tanh", sympy.tanh, sympy.tanh, "np.tanh", _command("tanh")),
        ElementwiseFunction(
            "arctanh", sympy.atanh, sympy.atanh, "np.arctanh", _operator("artanh"), "-1 < x < 1"
        ),
        ElementwiseFunction(
            "sqrt", sympy.sqrt, sympy.sqrt, "np.sqrt", r"\sqrt{{{}}}", "x >= 0; slope for x > 0"
        ),
        ElementwiseFunction(
            "abs", sympy.Abs, sympy.Abs, "np.abs", r"\left|{}\right|", "slope sign(x), 0 at x = 0"
        ),
        ElementwiseFunction(
            "sign", sympy.sign, sympy.sign, "np.sign", _operator("sign"), "slope 0 for x != 0"
        ),
        ElementwiseFunction(
            "sigmoid",
            sigmoid,
            lambda x: 1 / (1 + sympy.exp(-x)),
            _helper(
                "sigmoid",
                _SQUARE,
                _ABOVE,
                "    return 1.0 / (1.0 + np.exp(-x))",
                "return np.exp(np.minimum(x, 0.0)) / (1.0 + np.exp(-np.abs(x)))",
            ),
            r"\sigma\left({}\right)",
            source="Bishop, Pattern Recognition and Machine Learning (2006)",
        ),
        ElementwiseFunction(
            "softplus",
            softplus,
            lambda x: sympy.log(1 + sympy.exp(x)),
            _helper(
                "softplus",
                _SQUARE,
                _BELOW,
                "    return np.log1p(np.exp(x))",
                "return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))",
            ),
            _operator("softplus"),
            source="Goodfellow, Bengio, Courville, Deep Learning (2016)",
        ),
        ElementwiseFunction(
            "relu",
            relu,
            lambda x: sympy.Max(x, 0),
            _helper("relu", "return np.maximum(x, 0.0)"),
            _operator("relu"),
            "slope 0 at x = 0",
        ),
        ElementwiseFunction(
            "step",
            step,
            lambda x: sympy.Piecewise((1, x > 0), (0, True)),
            _helper("step", "return np.sign(np.maximum(x, 0.0))"),
            r"\mathbf{{1}}\left[{} > 0\right]",
            "slope 0 for x != 0; step(0) = 0",
        ),
        ElementwiseFunction(
            "silu",
            silu,
            lambda x: x / (1 + sympy.exp(-x)),
            _helper(
                "silu",
                _SQUARE,
                _ABOVE,
                "    return x / (1.0 + np.exp(-x))",
                "h = np.exp(-0.5 * np.abs(x))  # of which the square may be too small",
                "return np.where(x >= 0, x, (x * h) * h) / (1.0 + h * h)",
            ),
            _operator("silu"),
        ),
        ElementwiseFunction(
            "gelu",
            gelu,
            lambda x: x * (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
            _helper(
                "gelu",
                "from scipy.special import erfcx, ndtr",
                "",
                "value = np.asarray(x * ndtr(x))",
                "far = x < -4.0  # where the rounding of x * x counts in exp(-x * x / 2)",
                "if np.any(far):",
                "    a = -np.asarray(x)[far]",
                "    c = np.floor(16.0 * np.minimum(a, 64.0)) / 16.0  # c * c is exact",
                "    tail = 0.5 * a * erfcx(0.7071067811865476 * a)",
                "    tail = tail * np.exp(-0.5 * (a - c) * (a + c)) * np.exp(-0.5 * c * c)",
                "    value[far] = -tail",
                "return value[()]",
            ),
            _operator("gelu"),
        ),
        ElementwiseFunction(
            "erf", sympy.erf, sympy.erf, _special("erf", "erf"), _operator("erf"), source=_DLMF
        ),
        ElementwiseFunction(
            "erfc",
            sympy.erfc,
            sympy.erfc,
            _special("erfc", "erfc"),
            _operator("erfc"),
            source=_DLMF,
        ),
        ElementwiseFunction(
            "gamma",
            sympy.gamma,
            sympy.gamma,
            _special("gamma", "gamma"),
            r"\Gamma\left({}\right)",
            "x > 0",
            source=_DLMF,
        ),
        ElementwiseFunction(
            "lgamma",
            sympy.loggamma,
            sympy.loggamma,
            _special("lgamma", "gammaln"),
            r"\log\Gamma\left({}\right)",
            "x > 0",
            source=_DLMF,
        ),
        ElementwiseFunction(
            "digamma",
            sympy.digamma,
            sympy.digamma,
            _special("digamma", "digamma"),
            r"\psi\left({}\right)",
            "x > 0",
            source=_DLMF,
        ),
        ElementwiseFunction(
            "trigamma",
            sympy.trigamma,
            sympy.trigamma,
            _helper(
                "trigamma",
                "from scipy.special import zeta",
                "",
                "return zeta(2.0, x)",
            ),
            r"\psi'\left({}\right)",
            "x > 0",
            source=_DLMF,
        ),
        ElementwiseFunction(
            "maximum",
            sympy.Max,
            sympy.Max,
            "np.maximum",
            r"\max\left({}\right)",
            "slope 1/2 each at a tie",
            arity=2,
        ),
        ElementwiseFunction(
            "minimum",
            sympy.Min,
            sympy.Min,
            "np.minimum",
            r"\min\left({}\right)",
            "slope 1/2 each at a tie",
            arity=2,
        ),
    )
}

OF_CODE: dict[str, ElementwiseFunction] = {  # what generated code alone has
    entry.name: entry
    for entry in (
        ElementwiseFunction(
            "erfcx",
            erfcx,
            lambda x: sympy.exp(x**2) * sympy.erfc(x),
            _special("erfcx", "erfcx"),
            _operator("erfcx"),
            source=_DLMF,
        ),
        ElementwiseFunction(
            "log_ndtr",
            log_ndtr,
            lambda x: sympy.log(sympy.erfc(-x / sympy.sqrt(2)) / 2),
            _special("log_ndtr", "log_ndtr"),
            r"\log\Phi\left({}\right)",
            source=_DLMF,
        ),
        ElementwiseFunction(
            "hurwitz_zeta",
            hurwitz_zeta,
            sympy.zeta,
            "def hurwitz_zeta(s, x):\n"
            "    from scipy.special import zeta\n\n"
            "    return zeta(s, x)\n",
            r"\zeta\left({}\right)",
            "x > 0",
            arity=2,
            source=_DLMF,
        ),
    )
}

_BY_HEAD: dict[Any, ElementwiseFunction] = {
    entry.head: entry for entry in (*ELEMENTWISE.values(), *OF_CODE.values())
}

MOST_DERIVATIVES = 20  # of digamma, that may be asked for by name
_OF_ORDER = {0: ELEMENTWISE["digamma"], 1: ELEMENTWISE["trigamma"]}  # polygamma functions


def elementwise_function(expression: sympy.Expr) -> ElementwiseFunction | None:
    """The table entry of the outermost function of a SymPy expression, if it has one."""
    if isinstance(expression, sympy.polygamma):
        return _OF_ORDER.get(expression.args[0])
    return _BY_HEAD.get(expression.func)


def function_argument(expression: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """The arguments of a function as its entry counts them; all of them where it has no entry."""
    if isinstance(expression, sympy.polygamma) and expression.args[0] in _OF_ORDER:
        return expression.args[1:]
    return expression.args


def polygamma_order(expression: sympy.Expr) -> int | None:
    """The order of a polygamma function beyond digamma and trigamma; None for anything else.

    >>> polygamma_order(sympy.polygamma(2, _x)), polygamma_order(sympy.polygamma(1, _x))
    (2, None)
    """
    if not isinstance(expression, sympy.polygamma) or expression.args[0] in _OF_ORDER:
        return None
    order = expression.args[0]
    return int(order) if order.is_Integer and order.is_positive else None


def as_zeta(expression: sympy.Expr) -> sympy.Expr:
    """polygamma(k, x) = (-1)**(k + 1) * k! * hurwitz_zeta(k + 1, x), for x > 0.

    >>> as_zeta(sympy.polygamma(2, _x))
    -2*hurwitz_zeta(3, x0)
    """
    order, x = expression.args
    return (-1) ** (order + 1) * sympy.factorial(order) * hurwitz_zeta(order + 1, x)


def by_polygamma(number: sympy.Expr) -> tuple[sympy.Expr, dict[sympy.Symbol, int]] | None:
    """A number with Euler's constant as -digamma(1), and zeta(3), zeta(5), ... by polygamma(k, 1).

    With the symbols that stand for these functions at 1, and their orders. None where it has neither.

    >>> by_polygamma(2 * sympy.zeta(3) - 1)
    (-polygamma(2, 1) - 1, {polygamma(2, 1): 2})
    """
    meanings: dict[sympy.Expr, sympy.Expr] = {}
    orders: dict[sympy.Symbol, int] = {}
    for each in number.atoms(type(sympy.EulerGamma), sympy.zeta):
        k = 0 if each is sympy.EulerGamma else each.args[0] - 1
        symbol = sympy.Symbol(f"polygamma({k}, 1)" if k else "digamma(1)")
        meanings[each] = (-1) ** (k + 1) * symbol / sympy.factorial(k)
        orders[symbol] = int(k)
    return (number.xreplace(meanings), orders) if meanings else None
