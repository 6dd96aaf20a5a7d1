"""Gradient, Jacobian and Hessian of expressions or text, in textbook form."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import overload

import sympy

from symbolic.calculus.accumulation import accumulate
from symbolic.calculus.origins import remember
from symbolic.calculus.structures import projected
from symbolic.errors import IndependentWarning, NameUnknownError, ShapeError, UnsupportedError
from symbolic.indexing import vec_bracket
from symbolic.nodes import Contraction, Expression, Named, Variable
from symbolic.reading.declarations import Given
from symbolic.reading.parser import read
from symbolic.sizes import shape_text
from symbolic.traverse import postorder

Function = Expression | str
Place = Variable | Named | str
Places = list[Variable] | list[Named] | list[str] | tuple[Place, ...]


@overload
def gradient(
    f: Function, x: Place, given: Given | None = None, *, structure: str | None = None
) -> Expression: ...
@overload
def gradient(
    f: Function, x: Places, given: Given | None = None, *, structure: str | None = None
) -> tuple[Expression, ...]: ...
def gradient(
    f: Function, x: Place | Places, given: Given | None = None, *, structure: str | None = None
) -> Expression | tuple[Expression, ...]:
    """The gradient of a scalar expression: G_i = df/dx_i, with the shape of x.

    Entries of x count as independent, unless `structure` says what the square matrix x is: "symmetric",
    "skew", "diagonal", "lower" or "upper"; then G is the gradient among such matrices, for symmetric
    ones (G + G.T)/2. `x` is a variable, a named intermediate, the name of one, or a list of them: then
    a tuple comes back and work is shared. With a `given` mapping, `f` may be text.

    Raises `ShapeError` when f is not a scalar and `NameUnknownError` when x names nothing. A variable
    that f does not contain gives zeros and an `IndependentWarning`.

    >>> gradient("0.5*norm(X @ w - y)**2", "w", {"X": "n d", "w": "d", "y": "n"})
    X.T @ (X @ w - y)
    >>> gradient("a @ S @ b", "S", {"S": "n n", "a": "n", "b": "n"}, structure="symmetric")
    (outer(a, b) + outer(b, a))/2
    """
    return _derivatives(read_scalar(f, given, "gradient"), x, given, structure)


@overload
def jacobian(y: Function, x: Place, given: Given | None = None) -> Expression: ...
@overload
def jacobian(y: Function, x: Places, given: Given | None = None) -> tuple[Expression, ...]: ...
def jacobian(
    y: Function, x: Place | Places, given: Given | None = None
) -> Expression | tuple[Expression, ...]:
    """The derivative of any expression: J[i, j] = dy_i/dx_j, with shape(y) + shape(x).

    Arguments and errors as for `gradient`.

    >>> jacobian("sigmoid(W @ x)", "x", {"W": "h d", "x": "d"})
    diag(sigmoid(W @ x)*(1 - sigmoid(W @ x))) @ W
    """
    return _derivatives(read(y, given), x, given)


def hessian(
    f: Function, x: Place, given: Given | None = None, *, vectorized: bool = False
) -> Expression:
    """The second derivative of a scalar expression: H[i, j] = d2f/dx_i dx_j.

    Its shape is shape(x) + shape(x). With `vectorized` that of a matrix X is a matrix: the Hessian by
    vec(X), whose Kronecker factors stay as they are. Arguments and errors as for `gradient`.

    >>> hessian("0.5*norm(X @ w - y)**2", "w", {"X": "n d", "w": "d", "y": "n"})
    X.T @ X
    >>> hessian("trace(X.T @ S @ X)/2", "X", {"X": "n d", "S": "n n: spd"}, vectorized=True)
    kron(eye(d), S)
    """
    whole = read_scalar(f, given, "Hessian")
    place = place_of(x, whole, given)
    _warn_if_independent(whole, [place])
    (slope,) = accumulate(whole, [place])
    (curvature,) = accumulate(slope, [place])
    return remember(_vectorized(curvature, place) if vectorized else curvature)


def _vectorized(curvature: Expression, place: Variable | Named) -> Expression:
    if place.rank != 2:
        raise ShapeError(
            f"the Hessian by vec({place.name})",
            f"{place.name} has shape {shape_text(place.shape)}",
            "differentiate by a matrix",
        )
    merged = vec_bracket(place.shape)
    return Contraction([curvature, merged, merged], ["ijkl", "Iij", "Kkl"], "IK")


def _derivatives(
    y: Expression, x: Place | Places, given: Given | None, structure: str | None = None
) -> Expression | tuple[Expression, ...]:
    single = not isinstance(x, (list, tuple))
    wanted: Sequence[Place] = list(x) if isinstance(x, (list, tuple)) else [x]
    places = [place_of(each, y, given) for each in wanted]
    _warn_if_independent(y, places)
    slopes = accumulate(y, places)
    if structure is not None:
        slopes = [projected(g, x, structure) for g, x in zip(slopes, places, strict=True)]
    results = tuple(remember(slope) for slope in slopes)
    return results[0] if single else results


def read_scalar(f: Function, given: Given | None, what: str) -> Expression:
    """A scalar expression, or `ShapeError`."""
    whole = read(f, given)
    if whole.rank:
        raise ShapeError(
            f"the {what} of {_short(whole)}",
            f"shape {shape_text(whole.shape)}, not a scalar",
            "use jacobian, or sum the entries first",
        )
    return whole


def _warn_if_independent(y: Expression, places: Sequence[Variable | Named]) -> None:
    inside = set(postorder(y))
    for place in places:
        if place not in inside:
            warnings.warn(
                f"{_short(y)} does not contain {place.name}: the derivative is zeros of shape "
                f"{shape_text(y.shape + place.shape)}",
                IndependentWarning,
                stacklevel=5,
            )


def place_of(x: Place, y: Expression, given: Given | None) -> Variable | Named:
    """What an expression is differentiated by: a variable, a named intermediate, or the name of one."""
    if isinstance(x, (Variable, Named)):
        return x
    if isinstance(x, sympy.Basic):
        from symbolic.sympy_border.names import place_name

        x = place_name(x, y, given)
    if not isinstance(x, str):
        raise UnsupportedError(
            f"a derivative by {_short(x)}",
            "it is neither a variable nor a named intermediate",
            "differentiate by a variable, or give the intermediate a name with named()",
        )
    named = [n for n in postorder(y) if isinstance(n, (Variable, Named))]
    inside = {n.name: n for n in named}
    if len([n for n in named if n.name == x]) > 1:
        raise NameUnknownError(
            f"a derivative by {x!r}",
            "several different variables or intermediates have that name",
            "differentiate by the variable itself, or rename one of them",
        )
    if x in inside:
        return inside[x]
    if given is not None and x in given:
        from symbolic.reading.declarations import declare

        return declare(given)[x]
    raise NameUnknownError(
        f"a derivative by {x!r}",
        "no such name in " + (", ".join(inside) or "a constant expression"),
        "differentiate by one of those, or declare the variable in given",
    )


def _short(expression: object) -> str:
    shown = str(expression)
    return shown if len(shown) <= 60 else shown[:57] + "..."
