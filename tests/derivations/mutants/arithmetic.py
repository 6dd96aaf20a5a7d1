"""Scalars that the oracle computes with: sixty digits, floats, or SymPy's expressions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import mpmath
import numpy as np
import sympy
from scipy import special

Array = Any
Relation = Callable[[Any, Any], Any]

DIGITS = 60


@dataclass(frozen=True)
class Arithmetic:
    """How numbers are made, what the named functions are, and how a comparison chooses."""

    number: Callable[[Fraction], Any]
    pi: Any
    functions: Mapping[str, Callable[..., Array]]
    choose: Callable[[Relation, Array, Array, Array, Array], Array]
    inverse: Callable[[Array], Array]
    determinant: Callable[[Array], Any]
    exponential: Callable[[Array], Array]
    dtype: Any = object

    def array(self, value: Any) -> Array:
        """The value as an array of these scalars."""
        return np.asarray(value, dtype=self.dtype)


def _each(function: Callable[..., Any], arguments: int = 1) -> Callable[..., Array]:
    """A function of scalars for object arrays of them."""
    return np.frompyfunc(function, arguments, 1)


def _derived(known: Mapping[str, Callable[..., Any]], step: Relation) -> dict[str, Any]:
    """The functions that are made of others, from their definitions; `step` is [x > 0]."""
    exp, log, tanh, erf, sqrt = (known[name] for name in ("exp", "log", "tanh", "erf", "sqrt"))
    half = Fraction(1, 2)

    def sigmoid(x: Any) -> Any:
        return (1 + tanh(x / 2)) / 2

    return {
        "sigmoid": sigmoid,
        "softplus": lambda x: log(1 + exp(x)),
        "relu": lambda x: x * step(x),
        "step": step,
        "silu": lambda x: x * sigmoid(x),
        "gelu": lambda x: x * (1 + erf(x / sqrt(known["two"]))) / 2,
        "log1p": lambda x: log(1 + x),
        "expm1": lambda x: exp(x) - 1,
        "sqrt": lambda x: known["power"](x, half),
    }


# --- sixty digits --------------------------------------------------------------------------------


def _mp_power(base: Any, exponent: Any) -> Any:
    value = Fraction(exponent) if isinstance(exponent, (int, Fraction)) else None
    if value is None and exponent == int(exponent) and abs(exponent) < 1000:
        value = Fraction(int(exponent))
    if value is not None and value.denominator == 1:
        return base ** int(value)
    if base < 0:
        return mpmath.nan
    if value is not None:
        exponent = mpmath.mpf(value.numerator) / value.denominator
    return mpmath.power(base, exponent)


def _mp_real(function: Callable[[Any], Any], inside: Callable[[Any], bool]) -> Callable[[Any], Any]:
    return lambda x: function(x) if inside(x) else mpmath.nan


def _mp_step(x: Any) -> Any:
    return mpmath.mpf(1 if x > 0 else 0)


def _mp_inverse(matrix: Array) -> Array:
    """By Gauss and Jordan, with the largest pivot of each column."""
    n = len(matrix)
    one, zero = mpmath.mpf(1), mpmath.mpf(0)
    rows = [[*matrix[i], *(one if i == j else zero for j in range(n))] for i in range(n)]
    for column in range(n):
        best = max(range(column, n), key=lambda i: abs(rows[i][column]))
        if not abs(rows[best][column]) > mpmath.mpf(10) ** (-DIGITS // 2):
            return np.full((n, n), mpmath.nan, dtype=object)
        rows[column], rows[best] = rows[best], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for i in range(n):
            if i != column:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return np.array([row[n:] for row in rows], dtype=object).reshape(n, n)


def _expanded(matrix: Array) -> Any:
    """The determinant by Laplace's expansion along the first row."""
    if len(matrix) == 1:
        return matrix[0, 0]
    minors = [np.delete(matrix[1:], j, axis=1) for j in range(len(matrix))]
    signed = [(-1) ** j * matrix[0, j] * _expanded(minor) for j, minor in enumerate(minors)]
    return reduce(operator.add, signed)


def _mp_exponential(matrix: Array) -> Array:
    total = term = np.frompyfunc(mpmath.mpf, 1, 1)(np.eye(len(matrix)))
    scaled = matrix / 2**20
    for order in range(1, 30):
        term = term @ scaled / order
        total = total + term
    for _ in range(20):
        total = total @ total
    return total


_MP: dict[str, Any] = {
    "exp": mpmath.exp, "log": _mp_real(mpmath.log, lambda x: x > 0), "sin": mpmath.sin,
    "cos": mpmath.cos, "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh,
    "arctanh": _mp_real(mpmath.atanh, lambda x: abs(x) < 1), "abs": abs, "sign": mpmath.sign,
    "erf": mpmath.erf, "erfc": mpmath.erfc, "gamma": mpmath.gamma, "lgamma": mpmath.loggamma,
    "digamma": mpmath.digamma, "sqrt": lambda x: _mp_power(x, Fraction(1, 2)), "two": mpmath.mpf(2),
    "power": _mp_power,
}  # fmt: skip
_MP |= _derived(_MP, _mp_step)
_MP |= {"maximum": lambda a, b: max(a, b), "minimum": lambda a, b: min(a, b)}

PRECISE = Arithmetic(
    number=lambda value: mpmath.mpf(value.numerator) / value.denominator,
    pi=mpmath.pi,
    functions={
        name: _each(f, 2 if name in ("power", "maximum", "minimum") else 1)
        for name, f in _MP.items()
        if name != "two"
    },
    choose=lambda relation, a, b, yes, no: _each(lambda p, q, y, z: y if relation(p, q) else z, 4)(
        a, b, yes, no
    ),
    inverse=_mp_inverse,
    determinant=_expanded,
    exponential=_mp_exponential,
)

# --- floats --------------------------------------------------------------------------------------


def _float_power(base: Any, exponent: Any) -> Any:
    return np.power(base, np.asarray(exponent, dtype=float))


_NP: dict[str, Any] = {
    "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "arctanh": np.arctanh, "abs": np.abs, "sign": np.sign, "erf": special.erf,
    "erfc": special.erfc, "gamma": special.gamma, "lgamma": special.gammaln,
    "digamma": special.digamma, "sqrt": np.sqrt, "two": 2.0, "power": _float_power,
}  # fmt: skip
_NP |= _derived(_NP, lambda x: (np.asarray(x) > 0) * 1.0)
_NP |= {"maximum": np.maximum, "minimum": np.minimum}


def _float_exponential(matrix: Array) -> Array:
    from scipy.linalg import expm

    return expm(matrix)


FLOATS = Arithmetic(
    number=float,
    pi=np.pi,
    functions=_NP,
    choose=lambda relation, a, b, yes, no: np.where(relation(a, b), yes, no),
    inverse=np.linalg.inv,
    determinant=np.linalg.det,
    exponential=_float_exponential,
    dtype=float,
)

# --- SymPy ---------------------------------------------------------------------------------------

_RELATIONALS: dict[Any, Any] = {
    operator.lt: sympy.Lt, operator.le: sympy.Le, operator.gt: sympy.Gt, operator.ge: sympy.Ge,
    operator.eq: sympy.Eq, operator.ne: sympy.Ne,
}  # fmt: skip


def _sympy_power(base: Any, exponent: Any) -> Any:
    if isinstance(exponent, Fraction):
        exponent = sympy.Rational(exponent.numerator, exponent.denominator)
    return sympy.Pow(base, exponent)


def _matrix_function(function: Callable[[Any], Any]) -> Callable[[Array], Array]:
    return lambda matrix: np.array(function(sympy.Matrix(matrix)).tolist(), dtype=object)


_SYMPY: dict[str, Any] = {
    "exp": sympy.exp, "log": sympy.log, "sin": sympy.sin, "cos": sympy.cos, "sinh": sympy.sinh,
    "cosh": sympy.cosh, "tanh": sympy.tanh, "arctanh": sympy.atanh, "abs": sympy.Abs,
    "sign": sympy.sign, "erf": sympy.erf, "erfc": sympy.erfc, "gamma": sympy.gamma,
    "lgamma": sympy.loggamma, "digamma": sympy.digamma, "sqrt": sympy.sqrt, "two": sympy.Integer(2),
    "power": _sympy_power,
}  # fmt: skip
_SYMPY |= _derived(_SYMPY, lambda x: sympy.Piecewise((1, x > 0), (0, True)))
_SYMPY |= {
    "maximum": sympy.Max,
    "minimum": sympy.Min,
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
}

SYMBOLIC = Arithmetic(
    number=lambda value: sympy.Rational(value.numerator, value.denominator),
    pi=sympy.pi,
    functions={
        name: _each(f, 2 if name in ("power", "maximum", "minimum") else 1)
        for name, f in _SYMPY.items()
        if name != "two"
    },
    choose=lambda relation, a, b, yes, no: _each(
        lambda p, q, y, z: sympy.Piecewise((y, _RELATIONALS[relation](p, q)), (z, True)), 4
    )(a, b, yes, no),
    inverse=_matrix_function(lambda matrix: matrix.inv()),
    determinant=lambda matrix: sympy.Matrix(matrix).det(),
    exponential=_matrix_function(sympy.exp),
)
