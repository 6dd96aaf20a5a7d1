"""A quadratic form with its gradient, small."""

from performance_cases.case import Loss


def data(rng, d):
    """A symmetric matrix and two vectors."""
    A = rng.normal(size=(d, d))
    return {"A": A @ A.T, "b": rng.normal(size=d), "x": rng.normal(size=d)}


def loss(o, A, b, x):
    """In the words of a peer."""
    return o.dot(x, A @ x) / 2 - o.dot(b, x)


def expert(A, b, x):
    """Value and gradient share the product."""
    Ax = A @ x
    return x @ Ax / 2 - b @ x, Ax - b


LOSS = Loss(
    text="x @ A @ x/2 - b @ x",
    given={"A": "d d: symmetric", "b": "d", "x": "d"},
    wrt=("x",),
    names=("A", "b", "x"),
    data=data,
    expert=expert,
    loss=loss,
    options={"small": True},
)

CASES = (
    LOSS.case("quadratic form v+g d=5 called", (5,), target=0.85),
    LOSS.case("quadratic form v+g d=5 bound", (5,), form="bound"),
)
