"""Expressions with symbolic sizes: shapes, calculus, simplification, text, LaTeX, code.

Declare variables, write mathematics as in NumPy, and get textbook results:

    >>> from symbolic import dims, gradient, matrix, mean, softplus, vector
    >>> n, d = dims("n d")
    >>> X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)
    >>> gradient(mean(softplus(X @ w) - y * (X @ w)), w)
    X.T @ (sigmoid(X @ w) - y)/n

Nodes are immutable and hash-consed; every pass over them is one module, iterative and memoised.
"""

from typing import TYPE_CHECKING

from symbolic import rules
from symbolic.calculus import gradient, hessian, jacobian
from symbolic.errors import (
    ChainruleError,
    DataError,
    DomainError,
    IndependentWarning,
    NameUnknownError,
    NotAllowedError,
    ParseError,
    ShapeError,
    UnsupportedError,
)
from symbolic.nodes import Derivative, Expression, Named, Variable
from symbolic.operations import *  # noqa: F403 - the functions of the language, listed in its __all__
from symbolic.operations import __all__ as _language
from symbolic.parse import parse
from symbolic.rules import derivative_of, through
from symbolic.simplify import simplify
from symbolic.text import text

if TYPE_CHECKING:
    from symbolic.compile import lambdify

_LATER = {"lambdify": "symbolic.compile"}  # imported when first asked for


def __getattr__(name: str) -> object:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")



__all__ = [
    "ChainruleError",
    "DataError",
    "Derivative",
    "DomainError",
    "Expression",
    "IndependentWarning",
    "Named",
    "NameUnknownError",
    "NotAllowedError",
    "ParseError",
    "ShapeError",
    "UnsupportedError",
    "Variable",
    "derivative_of",
    "gradient",
    "hessian",
    "jacobian",
    "lambdify",
    "parse",
    "rules",
    "simplify",
    "text",
    "through",
    *_language,
]
