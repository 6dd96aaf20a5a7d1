"""Derivatives along a direction: differentials, directional derivatives, Hessian-vector products.

They are contracted before they are simplified, so that no Jacobian is ever written out.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.calculus.accumulation import accumulate
from symbolic.calculus.gradients import Function, Place, place_of, read_scalar
from symbolic.calculus.origins import remember
from symbolic.errors import NameUnknownError, ShapeError
from symbolic.nodes import Contraction, Expression, Named, Sum, Variable
from symbolic.reading.declarations import Given
from symbolic.reading.parser import read
from symbolic.sizes import shape_text
from symbolic.traverse import depends_on, substitute, variables


def directional_derivative(
    f: Function, x: Place, direction: Function, given: Given | None = None
) -> Expression:
    """The derivative of f at x along a direction: sum over i of (df/dx_i) * v_i.

    Shapes: the direction has the shape of x, the result that of f. The direction counts as constant.
    Raises `ShapeError` when the shapes differ, `NameUnknownError` when x names nothing.

    >>> directional_derivative("logdet(X)", "X", "E", {"X": "n n", "E": "n n"})
    trace(inv(X) @ E)
    """
    whole = read(f, given)
    place = place_of(x, whole, given)
    along = _direction(direction, place, given)
    return remember(_along(whole, place, along))


def hvp(f: Function, x: Place, direction: Function, given: Given | None = None) -> Expression:
    """The Hessian-vector product of a scalar f: sum over j of (d2f/dx_i dx_j) * v_j.

    Shapes: the direction and the result have the shape of x. The Hessian itself is never formed.
    Raises what `directional_derivative` raises.

    >>> hvp("0.5*norm(X @ w - y)**2", "w", "v", {"X": "n d", "w": "d", "y": "n", "v": "d"})
    X.T @ X @ v
    """
    whole = read_scalar(f, given, "Hessian-vector product")
    place = place_of(x, whole, given)
    along = _direction(direction, place, given)
    fixed = Variable(f"direction_{along.key.hex()}", along.shape)
    slope = _contracted(accumulate(whole, [place])[0], fixed, 0)
    (curvature,) = accumulate(slope, [place])
    return remember(substitute(curvature, {fixed: along}))


def differential(
    f: Function, x: Place | Sequence[Place] | None = None, given: Given | None = None
) -> Expression:
    """The differential of f, linear in the differentials dX of its variables: df = <G, dX>.

    Shapes: that of f. `x` is what is differentiated by, all variables of f by default; each gets a
    variable of its shape named d and its name. Raises `NameUnknownError` when such a name is taken.

    >>> differential("logdet(X)", given={"X": "n n"})
    trace(inv(X) @ dX)
    >>> differential("inv(X)", given={"X": "n n"})
    -inv(X) @ dX @ inv(X)
    """
    whole = read(f, given)
    wanted = variables(whole) if x is None else _as_places(x)
    places = [place_of(each, whole, given) for each in wanted]
    taken = {variable.name for variable in variables(whole)}
    terms = []
    for place in places:
        name = f"d{place.name}"
        if name in taken:
            raise NameUnknownError(
                f"the differential {name}", f"{name} is a variable of f", "rename that variable"
            )
        terms.append(_along(whole, place, Variable(name, place.shape)))
    return remember(terms[0] if len(terms) == 1 else Sum(terms))


def _as_places(x: Place | Sequence[Place]) -> Sequence[Place]:
    return [x] if isinstance(x, (Variable, Named, str)) else x


def _direction(direction: Function, place: Variable | Named, given: Given | None) -> Expression:
    along = read(direction, given)
    if along.shape != place.shape:
        raise ShapeError(
            f"the direction {along}",
            f"shape {shape_text(along.shape)}, and {place.name} has {shape_text(place.shape)}",
            f"give a direction of the shape of {place.name}",
        )
    return along


def _along(whole: Expression, place: Variable | Named, along: Expression) -> Expression:
    if whole not in depends_on(whole, place):
        axes = tuple(range(whole.rank))
        return Contraction((), (), axes, dict(enumerate(whole.shape)), 0)
    return _contracted(accumulate(whole, [place])[0], along, whole.rank)


def _contracted(slope: Expression, along: Expression, rank: int) -> Expression:
    """The sum of a derivative times a direction over the axes behind the first `rank`."""
    axes = list(range(slope.rank))
    return Contraction([slope, along], [axes, axes[rank:]], axes[:rank])
