"""The Jacobian of the softmax: a diagonal less an outer product.

Each probability grows with its own logit and falls with all others, because they share one sum. Adding the
same number to all logits changes nothing, so every row of the Jacobian sums to zero. A backward pass never
forms it: errors are weighed by the probabilities, once their weighted mean is taken off.
"""

from derivations import D, Derivation, begin, equals, equation, right_to_left
from derivations.evidence import finite_difference
from symbolic import (
    derivative_of,
    diag,
    dims,
    einsum,
    exp,
    matrix,
    named,
    ones,
    outer,
    rules,
    softmax,
    sum,
    vector,
    zeros,
)

m, n = dims("m n")
z = vector("z", n)  # logits
v = vector("v", n)  # errors of the probabilities
Z = matrix("Z", m, n)  # logits, one example a row
G = matrix("G", m, n)  # errors of the probabilities, likewise

p = named("p", softmax(z))  # probabilities
s = named("s", sum(exp(z)))  # their normaliser
P = named("P", softmax(Z, axis=1))  # the probabilities of each row

jacobian = equation(D(p, z), diag(p) - outer(p, p))
mean_off = sum(G * P, axis=1)[:, None]

derivation = Derivation(
    given=(z, v, Z, G),
    claim=(
        jacobian,
        equation(D(p, z) @ ones(n), 0),
        equation(v @ D(p, z), p * (v - v @ p)),
        equation(einsum("pq,pqij->ij", G, D(P, Z)), P * (G - mean_off)),
    ),
    steps=(
        begin(D(p, z), "The Jacobian, by the quotient rule"),
        equals(D(exp(z) / s, z), by=right_to_left(rules.definition_of_softmax)),
        equals(
            D(exp(z), z) / s - outer(exp(z), D(s, z)) / s**2,
            by=(rules.product_rule, rules.power_rule),
        ),
        equals(
            diag(exp(z)) / s - outer(exp(z), exp(z)) / s**2,
            by=(rules.linearity, derivative_of(exp), rules.linear_map),
        ),
        equals(diag(p) - outer(p, p), by=rules.definition_of_softmax),
        begin(D(p, z) @ ones(n), "Its rows sum to zero"),
        equals(p - p * sum(p), by=jacobian),
        equals(zeros(n), by=rules.sums_to_one),
        begin(v @ D(p, z), "Errors carried back through it"),
        equals(p * (v - v @ p), by=jacobian),
        begin(einsum("pq,pqij->ij", G, D(P, Z)), "Row by row"),
        equals(P * (G - mean_off), by=(derivative_of(softmax), rules.linear_map)),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4",
    evidence=(
        finite_difference(p, z, diag(p) - outer(p, p)),
        finite_difference(sum(G * P), Z, P * (G - mean_off)),
    ),
)
