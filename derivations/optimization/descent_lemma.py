"""The descent lemma: a step of size 1/L decreases f by at least |g|^2/(2 L).

Where the curvature is at most L, f lies below a parabola that touches it; the step goes to the minimum of the
parabola. Where the gradient is large as long as f is far above its minimum, the descent converges linearly.
"""

from sympy import Function, Integral, Symbol

from derivations import Derivation, at_least, at_most, begin, equals, equation, inequality
from derivations.evidence import equality_case
from derivations.reasons import right_to_left
from derivations.rules.induction import induction
from symbolic.scalars import integrals
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.elementary import algebra, product_of_powers
from symbolic.scalars.inequalities import bounded_by, square
from symbolic.scalars.recursion import Recursion
from symbolic.scalars.series import taylor
from symbolic.scalars.throughout import Throughout, given_bound

phi = Function("phi", real=True)  # f along the negative gradient g: phi(eta) = f(x - eta g)
eta = Symbol("eta", positive=True)  # step size
M = Symbol("M", real=True)  # bound on the second derivative of phi, L |g|^2
G = Symbol("G", positive=True)  # |g|^2, so that the slope of phi at 0 is -G
L = Symbol("L", positive=True)  # bound on the curvature of f
mu = Symbol("mu", real=True)  # |g|^2 is at least 2 mu times what f is above its minimum
r = Symbol("r", real=True)  # how far f is above its minimum
r_next = Symbol("r_next", real=True)  # the same after a step of size 1/L
r_0 = Symbol("r_0", real=True)  # and at the start
n = Symbol("n", integer=True, positive=True)  # number of steps
e, k = Symbol("e", real=True), Symbol("k", integer=True, nonnegative=True)
s, t = Symbol("s", real=True), Symbol("t", real=True)

tangent = phi(0) + eta * derivative(phi, 0)
change = -eta * G + L * G * eta**2 / 2  # what the parabola allows, with slope -G and M = L G
after = (1 - mu / L) ** n * r_0
one_step = equation(after, (1 - mu / L) * ((1 - mu / L) ** (n - 1) * r_0))

derivation = Derivation(
    given=(
        *(phi, eta, M, G, L, mu, r, r_next, r_0, n),
        Throughout(derivative(phi, t, 2) <= M, t, 0, eta),
        r_next <= r - G / (2 * L),
        2 * mu * r <= G,
    ),
    claim=(
        inequality(phi(eta), tangent + M * eta**2 / 2),
        inequality(change, -G / (2 * L), ">="),
        inequality(r_next, (1 - mu / L) * r),
        one_step,
        equation(Recursion((1 - mu / L) * e, e, r_0, k, n), after),
    ),
    steps=(
        begin(phi(eta), "Below a parabola"),
        equals(
            tangent + eta**2 * Integral((1 - s) * derivative(phi, s * eta, 2), (s, 0, 1)),
            by=taylor(phi(eta), 0, order=1, along=s),
        ),
        at_most(tangent + eta**2 * Integral((1 - s) * M, (s, 0, 1)), by=given_bound),
        equals(tangent + M * eta**2 / 2, by=integrals.antiderivative(s - s**2 / 2, s)),
        begin(change, "The parabola falls most, by G/(2 L), with the step 1/L"),
        at_least(-G / (2 * L), by=square(eta - 1 / L, L * G / 2)),
        begin(r_next, "With a large gradient each step takes away a fixed share"),
        at_most(r - G / (2 * L), by=bounded_by(r_next, r - G / (2 * L))),
        at_most(r - mu * r / L, by=bounded_by(-G / (2 * L), -mu * r / L)),
        equals((1 - mu / L) * r, by=algebra),
        begin(after, "So the bounds fall like a geometric sequence: one step"),
        equals(one_step.right, by=right_to_left(product_of_powers)),
        begin(Recursion((1 - mu / L) * e, e, r_0, k, n), "All steps"),
        equals(after, by=induction(one_step, n)),
    ),
    source="Nesterov, Lectures on Convex Optimization (2018), section 1.2.3",
    evidence=(equality_case(-G / (2 * L), change, at={eta: 1 / L}),),
)
