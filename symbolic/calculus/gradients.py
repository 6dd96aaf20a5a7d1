"""Gradient, Jacobian and Hessian of expressions or text, in textbook form."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import overload

from symbolic.algebra.simplification import simplify
from symbolic.calculus.accumulation import accumulate
from symbolic.errors import IndependentWarning, NameUnknownError, ShapeError, UnsupportedError
from symbolic.nodes import Expression, Named, Variable
from symbolic.reading.parser import read
from symbolic.sizes import shape_text
from symbolic.traverse import depends_on, postorder

Given = Mapping[str, str | Variable]
Function = Expression | str
Place = Variable | Named | str
Places = list[Variable] | list[Named] | list[str] | tuple[Place, ...]


@overload
def gradient(f: Function, x: Place, given: Given | None = None) -> Expression: ...
@overload
def gradient(f: Function, x: Places, given: Given | None = None) -> tuple[Expression, ...]: ...
def gradient(
    f: Function, x: Place | Places, given: Given | None = None
) -> Expression | tuple[Expression, ...]:
    """The gradient of a scalar expression: G_i = df/dx_i, with the shape of x.

    Entries of x count as independent. `x` is a variable, a named intermediate, the name of one, or a
    list of them: then a tuple comes back and work is shared. With a `given` mapping, `f` may be text.

    Raises `ShapeError` when f is not a scalar and `NameUnknownError` when x names nothing. A variable
    that f does not contain gives zeros and an `IndependentWarning`.

    >>> gradient("0.5*norm(X @ w - y)**2", "w", {"X": "n d", "w": "d", "y": "n"})
    X.T @ (X @ w - y)
    """
    return _derivatives(_scalar(f, given, "gradient"), x, given)


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


def hessian(f: Function, x: Place, given: Given | None = None) -> Expression:
    """The second derivative of a scalar expression: H[i, j] = d2f/dx_i dx_j.

    Its shape is shape(x) + shape(x). Arguments and errors as for `gradient`.

    >>> hessian("0.5*norm(X @ w - y)**2", "w", {"X": "n d", "w": "d", "y": "n"})
    X.T @ X
    """
    whole = _scalar(f, given, "Hessian")
    place = place_of(x, whole, given)
    _warn_if_independent(whole, place)
    (slope,) = accumulate(whole, [place])
    (curvature,) = accumulate(slope, [place])
    return simplify(curvature)


def _derivatives(
    y: Expression, x: Place | Places, given: Given | None
) -> Expression | tuple[Expression, ...]:
    single = not isinstance(x, (list, tuple))
    wanted: Sequence[Place] = list(x) if isinstance(x, (list, tuple)) else [x]
    places = [place_of(each, y, given) for each in wanted]
    for place in places:
        _warn_if_independent(y, place)
    results = tuple(simplify(derivative) for derivative in accumulate(y, places))
    return results[0] if single else results


def _scalar(f: Function, given: Given | None, what: str) -> Expression:
    whole = read(f, given)
    if whole.rank:
        raise ShapeError(
            f"the {what} of {_short(whole)}",
            f"shape {shape_text(whole.shape)}, not a scalar",
            "use jacobian, or sum the entries first",
        )
    return whole


def _warn_if_independent(y: Expression, place: Variable | Named) -> None:
    if y not in depends_on(y, place):
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
    if not isinstance(x, str):
        raise UnsupportedError(
            f"a derivative by {_short(x)}",
            "it is neither a variable nor a named intermediate",
            "differentiate by a variable, or give the intermediate a name with named()",
        )
    inside = {n.name: n for n in postorder(y) if isinstance(n, (Variable, Named))}
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
