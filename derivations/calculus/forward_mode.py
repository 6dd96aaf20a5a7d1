"""Forward mode: values and their tangents are carried through a program together.

Moving the input along v moves every value; each operation passes the motion on by its own slope. One run
gives the product of the Jacobian with v, and the Jacobian itself is never formed.
"""

from derivations import D, Derivation, begin, equals, equation, right_to_left
from derivations.evidence import identity_on_random_data
from symbolic import (
    derivative_of,
    dims,
    elementwise,
    matrix,
    named,
    rules,
    scalar,
    through,
    vector,
)

n, m, k = dims("n m k")
x0 = vector("x0", n)  # the point
v = vector("v", n)  # the direction
t = scalar("t")  # how far along it
A, B = matrix("A", m, n), matrix("B", k, m)  # linear operations
f = elementwise("f")  # an elementwise operation

x = named("x", x0 + t * v)  # the input
u = named("u", A @ x)  # first operation of the program
a = named("a", f(u))  # second operation
y = named("y", B @ a)  # third operation, the output
u_dot = named("u_dot", A @ v)  # tangent of u
a_dot = named("a_dot", f.prime(u) * u_dot)  # tangent of a
y_dot = named("y_dot", B @ a_dot)  # tangent of the output

first = equation(D(x, t), v)
second = equation(D(u, t), u_dot)
third = equation(D(a, t), a_dot)
last = equation(D(y, t), y_dot)

derivation = Derivation(
    given=(x0, v, t, A, B),
    claim=(first, second, third, last, equation(D(y, x) @ v, y_dot)),
    steps=(
        begin(D(x, t), "The input"),
        equals(D(t * v, t), by=rules.linearity),
        equals(v, by=rules.linear_map),
        begin(D(u, t), "The first operation, linear"),
        equals(A @ D(x, t), by=rules.linearity),
        equals(u_dot, by=first),
        begin(D(a, t), "The second operation, entry by entry"),
        equals(f.prime(u) * D(u, t), by=derivative_of("f")),
        equals(a_dot, by=second),
        begin(D(y, t), "The third operation, linear"),
        equals(B @ D(a, t), by=rules.linearity),
        equals(y_dot, by=third),
        begin(D(y, x) @ v, "The output's tangent is the Jacobian times the direction"),
        equals(D(y, x) @ D(x, t), by=right_to_left(first)),
        equals(D(y, t), by=right_to_left(through(x))),
        equals(y_dot, by=last),
    ),
    source="Baydin et al., Automatic differentiation in machine learning: a survey (2018), section 3.1",
    evidence=(identity_on_random_data(D(y, x) @ v, y_dot),),
)
