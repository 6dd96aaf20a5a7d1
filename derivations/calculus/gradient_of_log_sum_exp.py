"""Log-sum-exp has the softmax as its gradient, and a variance as its curvature.

It is a smooth maximum, and the normaliser of every distribution that is given by its logits. That its second
derivative along a direction is a variance makes it convex, and with it the losses of softmax classifiers.
"""

from derivations import D, Derivation, at_least, begin, equals, equation, inequality, right_to_left
from derivations.calculus import softmax_jacobian
from derivations.evidence import equality_case, finite_difference
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    constant,
    derivative_of,
    diag,
    dims,
    einsum,
    exp,
    eye,
    log,
    logsumexp,
    matrix,
    named,
    ones,
    outer,
    rules,
    scalar,
    softmax,
    sum,
    vector,
)

m, n = dims("m n")
z = vector("z", n)  # logits
v = vector("v", n)  # any direction
Z = matrix("Z", m, n)  # logits, one example a row
a = scalar("a")  # one number for all logits

p = named("p", softmax(z))  # probabilities
hessian = diag(p) - outer(p, p)
variance = p @ (v - p @ v) ** 2  # of the entries of v
of_rows = einsum("ij,ik->ikj", softmax(Z, axis=1), eye(m))

curvature = equation(v @ hessian @ v, variance)

derivation = Derivation(
    given=(z, v, Z),
    claim=(
        equation(D(logsumexp(z), z), softmax(z)),
        equation(D(softmax(z), z), hessian),
        curvature,
        inequality(v @ hessian @ v, 0, ">="),
        equation(D(logsumexp(Z, axis=1), Z), of_rows),
    ),
    steps=(
        begin(D(logsumexp(z), z), "The gradient"),
        equals(D(log(sum(exp(z))), z), by=right_to_left(rules.definition_of_logsumexp)),
        equals(D(sum(exp(z)), z) / sum(exp(z)), by=derivative_of(log)),
        equals(exp(z) / sum(exp(z)), by=(rules.linearity, derivative_of(exp), rules.linear_map)),
        equals(softmax(z), by=rules.definition_of_softmax),
        begin(D(softmax(z), z), "The Hessian"),
        equals(hessian, by=softmax_jacobian.derivation),
        begin(v @ hessian @ v, "Along a direction it is a variance"),
        equals(p @ v**2 - (p @ v) ** 2, by=rules.algebra),
        equals(variance, by=right_to_left(rules.sums_to_one)),
        begin(v @ hessian @ v, "So log-sum-exp is convex"),
        equals(variance, by=curvature),
        at_least(0, by=adding_nonnegative),
        begin(D(logsumexp(Z, axis=1), Z), "Row by row: none depends on the logits of another"),
        equals(D(log(sum(exp(Z), axis=1)), Z), by=right_to_left(rules.definition_of_logsumexp)),
        equals(
            einsum("ij,ik->ikj", exp(Z) / sum(exp(Z), axis=1)[:, None], eye(m)),
            by=(derivative_of(log), rules.linearity, derivative_of(exp), rules.linear_map),
        ),
        equals(of_rows, by=rules.definition_of_softmax),
    ),
    source="Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.5",
    evidence=(
        finite_difference(logsumexp(z), z, softmax(z)),
        finite_difference(softmax(z), z, hessian),
        equality_case(constant(0), v @ hessian @ v, at={v: a * ones(n)}),
    ),
)
