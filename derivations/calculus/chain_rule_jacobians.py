"""The chain rule: the Jacobian of a composition is the product of the Jacobians.

Row by row it says that a small change of x changes u, and the change of u changes the result; the last map
applied stands first in the product. Multiplied from the right the product is forward mode, from the left
reverse mode.
"""

from derivations import D, Derivation, begin, equals, equation, right_to_left
from derivations.evidence import counterexample, identity_on_random_data
from symbolic import dims, named, rules, stack, through, unspecified, vector

(n,) = dims("n")
x = vector("x", n)  # the point

u = named("u", stack(unspecified("f1", x), unspecified("f2", x)))  # u = f(x)
y = named("y", stack(unspecified("g1", u), unspecified("g2", u)))  # y = g(u)
z = named("z", stack(unspecified("h1", y), unspecified("h2", y)))  # z = h(y)
g1, g2 = unspecified("g1", u), unspecified("g2", u)
J_f = named("J_f", D(u, x))  # the Jacobian of the first map

two = equation(D(y, x), D(y, u) @ J_f)

derivation = Derivation(
    given=(x,),
    claim=(
        two,
        equation(D(z, x), D(z, y) @ D(y, u) @ J_f),
    ),
    steps=(
        begin(D(y, x), "Two maps"),
        equals(stack(D(g1, x), D(g2, x)), by=rules.linearity),
        equals(stack(D(g1, u) @ J_f, D(g2, u) @ J_f), by=through(u)),
        equals(D(y, u) @ J_f, by=right_to_left(rules.linearity)),
        begin(D(z, x), "Three maps"),
        equals(D(z, y) @ D(y, u) @ J_f, by=(through(y), two)),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), sections 5.2-5.3",
    evidence=(
        identity_on_random_data(D(z, x), D(z, y) @ D(y, u) @ J_f),
        counterexample(D(z, x), D(y, u) @ D(z, y) @ J_f, without="the order of the factors"),
    ),
)
