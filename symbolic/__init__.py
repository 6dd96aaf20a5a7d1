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

from symbolic.algebra.simplification import simplify
from symbolic.calculus import rules
from symbolic.calculus.directions import differential, directional_derivative, hvp
from symbolic.calculus.expectations import *  # noqa: F403 (random variables, its __all__)
from symbolic.calculus.expectations import __all__ as _random
from symbolic.calculus.gradients import gradient, hessian, jacobian
from symbolic.calculus.origins import Assumption, assumptions
from symbolic.calculus.rules import derivative_of, through
from symbolic.errors import (
    AmbiguousError,
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
from symbolic.indexing import *  # noqa: F403 (slices, stacking, reordering, its __all__)
from symbolic.indexing import __all__ as _indexing
from symbolic.matrices import *  # noqa: F403 (linear algebra, its __all__)
from symbolic.matrices import __all__ as _matrices
from symbolic.nodes import Derivative, Expectation, Expression, Named, Variable
from symbolic.operations import *  # noqa: F403 (the functions of the language, its __all__)
from symbolic.operations import __all__ as _functions
from symbolic.printing.text_printer import text
from symbolic.reading.latex.formulas import Formula, Head, Latex, Side
from symbolic.reading.parser import parse
from symbolic.reductions import *  # noqa: F403 (functions along an axis, its __all__)
from symbolic.reductions import __all__ as _reductions
from symbolic.variables import *  # noqa: F403 (declaring, its __all__)
from symbolic.variables import __all__ as _declaring
from symbolic.windows import *  # noqa: F403 (convolution and pooling, its __all__)
from symbolic.windows import __all__ as _windows

if TYPE_CHECKING:
    from symbolic.code.compilation import Function, lambdify
    from symbolic.code.singular import SingularError
    from symbolic.printing.latex_printer import latex
    from symbolic.reading.latex.reader import read_latex
    from symbolic.sympy_border.incoming import from_sympy
    from symbolic.sympy_border.outgoing import to_sympy

_LATER = {  # imported when first asked for
    "Function": "symbolic.code.compilation",
    "SingularError": "symbolic.code.singular",
    "from_sympy": "symbolic.sympy_border.incoming",
    "lambdify": "symbolic.code.compilation",
    "latex": "symbolic.printing.latex_printer",
    "read_latex": "symbolic.reading.latex.reader",
    "to_sympy": "symbolic.sympy_border.outgoing",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AmbiguousError",
    "Assumption",
    "assumptions",
    "differential",
    "directional_derivative",
    "hvp",
    "ChainruleError",
    "DataError",
    "Derivative",
    "DomainError",
    "Expectation",
    "Expression",
    "Formula",
    "Function",
    "Head",
    "IndependentWarning",
    "Latex",
    "Named",
    "NameUnknownError",
    "NotAllowedError",
    "ParseError",
    "ShapeError",
    "Side",
    "SingularError",
    "UnsupportedError",
    "Variable",
    "derivative_of",
    "from_sympy",
    "gradient",
    "hessian",
    "jacobian",
    "lambdify",
    "latex",
    "parse",
    "read_latex",
    "rules",
    "simplify",
    "text",
    "through",
    "to_sympy",
    *_declaring,
    *_functions,
    *_indexing,
    *_matrices,
    *_random,
    *_reductions,
    *_windows,
]
