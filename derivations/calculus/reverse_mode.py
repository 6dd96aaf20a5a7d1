"""Reverse mode: a value's error is the sum over all that was computed from it.

Going back through a program, each value collects one term from every successor: its error times the
slope of that edge. A value that is used twice gets two terms; writing instead of adding loses one.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.evidence import counterexample, finite_difference
from symbolic import (
    derivative_of,
    dims,
    elementwise,
    named,
    rules,
    stack,
    sum,
    unspecified,
    vector,
)
from symbolic.calculus.path_rules import total_derivative

(n,) = dims("n")
v = vector("v", n)  # a value of the program
f, g = elementwise("f"), elementwise("g")  # what is done with it

a, b = named("a", f(v)), named("b", g(v))  # its successors
s = named("s", stack(a, b))  # both successors
C = unspecified("C", s)  # the result, computed from both
a_bar, b_bar = named("a_bar", D(C, a)), named("b_bar", D(C, b))  # their errors

p, q, r = named("p", v), named("q", v), named("r", v)  # the three uses of v in v*v + v
y = named("y", sum(p * q + r))  # a program that uses a value three times

derivation = Derivation(
    given=(v,),
    claim=(
        equation(D(C, v), a_bar * f.prime(v) + b_bar * g.prime(v)),
        equation(D(y, v), 2 * v + 1),
    ),
    steps=(
        begin(D(C, v), "A value with two successors"),
        equals(a_bar @ D(a, v) + b_bar @ D(b, v), by=total_derivative(a, b)),
        equals(
            a_bar * f.prime(v) + b_bar * g.prime(v),
            by=(derivative_of("f"), derivative_of("g"), rules.linear_map),
        ),
        begin(D(y, v), "The sum of v*v + v, which uses v three times"),
        equals(
            D(y, p) @ D(p, v) + D(y, q) @ D(q, v) + D(y, r) @ D(r, v), by=total_derivative(p, q, r)
        ),
        equals(D(y, p) + D(y, q) + D(y, r), by=rules.linear_map),
        equals(q + p + 1, by=(rules.linearity, rules.linear_map)),
        equals(2 * v + 1, by=rules.algebra),
    ),
    source="Baydin et al., Automatic differentiation in machine learning: a survey (2018), section 3.2",
    evidence=(
        finite_difference(y, v, 2 * v + 1),
        counterexample(2 * v + 1, v + 1, without="one of the uses"),
    ),
)
