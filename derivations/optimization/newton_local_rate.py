"""Newton's method converges quadratically in many dimensions as well.

The gradient is the mean of the Hessians on the way from the minimum, times how far the point is from it.
With one Hessian everywhere the step would meet the minimum. Where the Hessian changes, the mean differs from
that at the point, at most by half of what a Lipschitz constant allows: so the error is squared.
"""

from sympy import Function, Integral, Symbol

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import identity_on_random_data
from derivations.rules.inequalities import operator_norm
from symbolic import dims, inv, matrix, named, norm, rules, spectral_norm, vector
from symbolic.scalars import integrals
from symbolic.scalars.inequalities import bounded_by
from symbolic.scalars.throughout import Throughout, given_bound

(n,) = dims("n")
H = matrix("H", n, n)  # the Hessian at the point reached; it has an inverse
M = matrix("M", n, n)  # the mean of the Hessians on the way there from the minimum
x = vector("x", n)  # the point
x_min = vector("x_min", n)  # the minimum, where the gradient is zero

g = named("g", M @ (x - x_min))  # the gradient at the point
x_next = named("x_next", x - inv(H) @ g)  # after the Newton step

mu = Symbol("mu", positive=True)  # least eigenvalue of the Hessian at the point
L = Symbol("L", real=True)  # Lipschitz constant of the Hessian
e = Symbol("e", positive=True)  # distance of the point from the minimum
e_next = Symbol("e_next", real=True)  # and after the step
a = Symbol("a", real=True)  # spectral norm of inv(H)
b = Symbol("b", nonnegative=True)  # spectral norm of H - M, at most the mean change on the way
rho = Function("rho", real=True)  # change from the Hessian on the way to H, divided by the distance
s, t = Symbol("s", real=True), Symbol("t", real=True)

mean_change = Integral((1 - s) * rho(s), (s, 0, 1))
missed = equation(x_next - x_min, inv(H) @ (H - M) @ (x - x_min))

derivation = Derivation(
    given=(
        *(H, M, x, x_min, mu, L, e, e_next, a, b, rho),
        e_next <= a * b * e,
        a <= 1 / mu,
        b <= e * mean_change,
        Throughout(rho(t) <= L, t, 0, 1),
    ),
    claim=(
        missed,
        inequality(
            norm(x_next - x_min), spectral_norm(inv(H)) * spectral_norm(H - M) * norm(x - x_min)
        ),
        inequality(e_next, L / (2 * mu) * e**2),
    ),
    steps=(
        begin(x_next - x_min, "What the step misses"),
        equals(x - x_min - inv(H) @ M @ (x - x_min), by=rules.algebra),
        equals(missed.right, by=right_to_left(rules.inverse)),
        begin(norm(x_next - x_min), "Its length"),
        equals(norm(inv(H) @ ((H - M) @ (x - x_min))), by=missed),
        at_most(spectral_norm(inv(H)) * norm((H - M) @ (x - x_min)), by=operator_norm),
        at_most(spectral_norm(inv(H)) * spectral_norm(H - M) * norm(x - x_min), by=operator_norm),
        begin(e_next, "With a Hessian that is Lipschitz and not flat"),
        at_most(a * b * e, by=bounded_by(e_next, a * b * e)),
        at_most(b * e / mu, by=bounded_by(a, 1 / mu)),
        at_most(e**2 / mu * mean_change, by=bounded_by(b, e * mean_change)),
        at_most(e**2 / mu * Integral((1 - s) * L, (s, 0, 1)), by=given_bound),
        equals(L / (2 * mu) * e**2, by=integrals.antiderivative(s - s**2 / 2, s)),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), section 3.3",
    evidence=(identity_on_random_data(x_next - x_min, inv(H) @ (H - M) @ (x - x_min)),),
)
