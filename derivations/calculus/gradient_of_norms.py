"""The gradient of a length is the direction; the Hessian projects away from it.

Walking outward a step changes norm(x) by the length of the step, walking across it changes nothing to
first order. At x = 0 there is no direction, and the norm has a kink there.
"""

from sympy import Abs, Limit, Symbol

from derivations import D, Derivation, begin, equals, equation, right_to_left
from derivations.evidence import counterexample, finite_difference
from symbolic import dims, eye, norm, outer, rules, sqrt, vector

(n,) = dims("n")
x = vector("x", n)  # other than 0
h = Symbol("h", real=True)  # a step from 0, in one dimension

direction = x / norm(x)
gradient = equation(D(norm(x), x), direction)
across = eye(n) - outer(x, x) / norm(x) ** 2  # the projector onto what is orthogonal to x

derivation = Derivation(
    given=(x,),
    claim=(
        gradient,
        equation(D(direction, x), across / norm(x)),
    ),
    steps=(
        begin(D(norm(x), x), "The gradient"),
        equals(D(sqrt(x @ x), x), by=right_to_left(rules.definition_of_norm)),
        equals(D(x @ x, x) / (2 * sqrt(x @ x)), by=rules.power_rule),
        equals(x / sqrt(x @ x), by=(rules.product_rule, rules.linear_map)),
        equals(direction, by=rules.definition_of_norm),
        begin(D(direction, x), "The Hessian"),
        equals(D(x, x) / norm(x) + outer(x, D(1 / norm(x), x)), by=rules.product_rule),
        equals(
            eye(n) / norm(x) - outer(x, D(norm(x), x)) / norm(x) ** 2,
            by=(rules.power_rule, rules.linear_map),
        ),
        equals(eye(n) / norm(x) - outer(x, x) / norm(x) ** 3, by=gradient),
        equals(across / norm(x), by=rules.algebra),
    ),
    source="Petersen, Pedersen, The Matrix Cookbook (2012), section 2.6",
    evidence=(
        finite_difference(norm(x), x, direction),
        finite_difference(direction, x, across / norm(x)),
        counterexample(
            Limit(Abs(h) / h, h, 0, "+"), Limit(Abs(h) / h, h, 0, "-"), without="x other than 0"
        ),
    ),
)
