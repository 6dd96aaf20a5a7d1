"""The roots of a quadratic without cancellation.

Where b is large, -b + sqrt(b^2 - 4 a c) subtracts two nearly equal numbers. Multiplied by its conjugate it
needs a sum alone. So the root of larger size is worked out first, and the product of both, c / a, gives
the other one.
"""

from sympy import Symbol, sqrt

from derivations import Derivation, begin, equals, equation, follows, implies
from derivations.evidence import float_error
from derivations.rules.scalar_equations import rearranging
from symbolic.scalars.roots import multiplied_by_conjugate

a = Symbol("a", positive=True)  # coefficient of x^2
b = Symbol("b", positive=True)  # coefficient of x; positive, as x -> -x changes its sign
c = Symbol("c", real=True)  # constant coefficient
x = Symbol("x", real=True)  # a root

D = b**2 - 4 * a * c  # the discriminant
far = (-b - sqrt(D)) / (2 * a)  # the root of larger size
near = (-b + sqrt(D)) / (2 * a)
stable = -2 * c / (b + sqrt(D))
by_a_sum = equation(near, stable)

derivation = Derivation(
    given=(a, b, c, x, c <= b**2 / (4 * a)),
    claim=(
        follows(equation(a * x**2 + b * x + c, 0), equation((2 * a * x + b) ** 2, D)),
        by_a_sum,
        equation(near * far, c / a),
    ),
    steps=(
        begin(equation(a * x**2 + b * x + c, 0), "Completing the square"),
        implies((2 * a * x + b) ** 2, D, by=rearranging),
        begin(near, "The root of smaller size, by a sum"),
        equals(stable, by=multiplied_by_conjugate(-b + sqrt(D))),
        begin(near * far, "The product of both"),
        equals(c / a, by=by_a_sum),
    ),
    evidence=(float_error(near, stable, at={a: 1, b: 10**8, c: 1}),),
    source="Higham, Accuracy and Stability of Numerical Algorithms (2002), section 1.8",
)
