"""The total derivative: a quantity that reaches the result along several paths.

    D(f, x) = sum_k D(f, z_k) D(z_k, x)

holds where every path from x to f goes through one of the z_k, and none of them is on the way to
another. With copies of one variable as the z_k it says that the gradient of a shared weight is the sum
over its uses.
"""

from __future__ import annotations

from symbolic.calculus.rules import Rule, see_through
from symbolic.errors import UnsupportedError
from symbolic.nodes import Contraction, Derivative, Expression, Named, Sum
from symbolic.phrases import phrase
from symbolic.traverse import depends_on, postorder


def total_derivative(*middles: Named) -> Rule:
    """The chain rule through several named intermediates, one term for each path.

    >>> from symbolic import Derivative, exp, named, sum, vector
    >>> x = vector("x", "n")
    >>> u, v = named("u", exp(x)), named("v", 3 * x)
    >>> total_derivative(u, v).once(Derivative(sum(u * v), x))
    D(sum(u*v), u) @ D(u, x) + D(sum(u*v), v) @ D(v, x)
    """
    if len(set(middles)) < 2 or len(set(middles)) < len(middles):
        raise UnsupportedError(
            f"total_derivative({', '.join(each.name for each in middles)})",
            "not several different names",
            "give two or more; through(z) is the chain rule through one",
        )

    def apply(node: Expression) -> Expression | None:
        if not isinstance(node, Derivative) or not _separate(node, middles):
            return None
        return Sum([_along(node, middle) for middle in middles])

    names = ", ".join(each.name for each in middles)
    return Rule(
        phrase("total derivative through", middles[0], *_listed(middles[1:])),
        "D(f, x) = sum_k D(f, z_k) D(z_k, x), summed over the paths",
        f"f depends on x through {names} alone, and none of them depends on another",
        "Magnus, Neudecker, Matrix Differential Calculus (2019)",
        apply,
        middles,
        total_derivative,
    )


def _listed(others: tuple[Named, ...]) -> tuple[object, ...]:
    return tuple(part for each in others for part in (",", each))


def _separate(node: Derivative, middles: tuple[Named, ...]) -> bool:
    """Whether each path from the place to what is differentiated meets exactly one of the middles."""
    root, place = see_through(node.expression, node.variable), node.variable
    if place in middles or root in middles or node.expression in middles:
        return False
    if not set(middles) <= depends_on(root, place):
        return False
    if any(
        other in postorder(middle) for middle in middles for other in middles if other is not middle
    ):
        return False
    around: set[Expression] = set()
    for each in postorder(root):
        if each not in middles and (
            each is place or any(child in around for child in each.children)
        ):
            around.add(each)
    return root not in around


def _along(node: Derivative, middle: Named) -> Contraction:
    """D(f, z) D(z, x), summed over the entries of z."""
    first, second = Derivative(node.expression, middle), Derivative(middle, node.variable)
    front = [("y", i) for i in range(node.expression.rank)]
    inner = [("u", i) for i in range(middle.rank)]
    back = [("x", i) for i in range(node.variable.rank)]
    return Contraction([first, second], [front + inner, inner + back], front + back)
