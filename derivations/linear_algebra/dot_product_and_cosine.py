"""The dot product is the product of the lengths and the cosine of the angle.

The law of cosines gives the angle of a triangle from its sides, also for vectors with thousands of
entries: cosine similarity compares documents and embeddings by direction alone.
"""

from derivations import (
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
    right_to_left,
)
from derivations.evidence import equality_case
from derivations.linear_algebra import cauchy_schwarz
from derivations.rules.equations import rearranging, substituting_in
from derivations.rules.inequalities import scaled
from symbolic import abs, constant, dims, named, norm, rules, vector

(n,) = dims("n")
a = vector("a", n)  # one side of a triangle with a corner at 0, not of length 0
b = vector("b", n)  # another, not of length 0

sides = norm(a) ** 2 + norm(b) ** 2 - norm(a - b) ** 2
cosine = named("c", sides / (2 * norm(a) * norm(b)))  # of the angle at 0, by the law of cosines
distance = equation(norm(a - b) ** 2, norm(a) ** 2 + norm(b) ** 2 - 2 * a @ b)
similarity = equation(cosine, a @ b / (norm(a) * norm(b)))
pythagoras = equation(norm(a) ** 2 + norm(b) ** 2, norm(a - b) ** 2)

derivation = Derivation(
    given=(a, b),
    claim=(
        distance,
        similarity,
        inequality(abs(a @ b) / (norm(a) * norm(b)), 1),
        follows(equation(a @ b, 0), pythagoras),
        follows(pythagoras, equation(a @ b, 0)),
    ),
    steps=(
        begin(norm(a - b) ** 2, "The third side of a triangle"),
        equals((a - b) @ (a - b), by=rules.squared_norm),
        equals(a @ a - 2 * a @ b + b @ b, by=rules.algebra),
        equals(norm(a) ** 2 + norm(b) ** 2 - 2 * a @ b, by=right_to_left(rules.squared_norm)),
        begin(cosine, "The cosine of the angle between two sides"),
        equals(2 * a @ b / (2 * norm(a) * norm(b)), by=distance),
        equals(a @ b / (norm(a) * norm(b)), by=rules.algebra),
        begin(abs(a @ b) / (norm(a) * norm(b)), "It is at most 1"),
        at_most(constant(1), by=scaled(cauchy_schwarz.derivation, claim=2)),
        begin(equation(a @ b, 0), "Orthogonal sides: the theorem of Pythagoras"),
        implies(2 * a @ b, 0, by=rearranging),
        implies(
            norm(a) ** 2 + norm(b) ** 2,
            norm(a - b) ** 2,
            by=(substituting_in(norm(a - b) ** 2 + 2 * a @ b), distance),
        ),
        begin(pythagoras, "And only then"),
        implies(pythagoras.left, pythagoras.left - 2 * a @ b, by=distance),
        implies(a @ b, 0, by=rearranging),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), sections 3.2-3.4",
    evidence=(equality_case(abs(a @ b) / (norm(a) * norm(b)), constant(1), at={a: 2 * b}),),
)
