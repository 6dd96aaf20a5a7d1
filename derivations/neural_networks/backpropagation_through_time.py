"""Backpropagation through time in one formula: inputs times errors, summed over the steps.

Weights that all steps share move every state, directly and through the state before it. Let S say how the
states move as the weights move along V: the losses then change by the sum of G * S. Errors that run back
once, from the last step to the first, give the same number for every V. So the gradient is H.T @ delta, a sum
of outer products over the steps: what a step got, times the error of its pre-activations.
"""

from derivations import Derivation, begin, equals, equation, follows, implies
from derivations.evidence import counterexample, finite_difference
from derivations.rules.equations import rearranging, substituting_in
from symbolic import dims, einsum, iverson, matrix, named, outer, rules, sum, tanh, tensor, vector

T, q, p, r = dims("T q p r")
J = tensor("J", T, q, q)  # slopes of each step: of the state after it by the state before it
Z = tensor("Z", T, q, r)  # slopes of each state by the pre-activations of its step
H = matrix("H", T, p)  # what the weights multiply in each step: the output of the step before
V = matrix("V", p, r)  # a direction in which the weights move
S = matrix("S", T, q)  # how the state after each step moves, along all paths
E = matrix("E", T, q)  # error of each state: slope of all losses from then on

follows_on = iverson("i0 == i1 + 1", T, T)  # step i0 comes after step i1
S_prev = named("S_prev", follows_on @ S)  # how the state before each step moves, 0 for the first
B = named("B", einsum("tir,tr->ti", Z, H @ V))  # what the weights do in the step itself
forward = einsum("tij,tj->ti", J, S_prev) + B
R = named("R", einsum("st,sij,si->tj", follows_on, J, E))  # errors that the next step hands back
G = named("G", E - R)  # slope of the loss of each step alone
delta = named("delta", einsum("ti,tir->tr", E, Z))  # errors of the pre-activations

moves = equation(S, forward)
handed = sum(E * einsum("tij,tj->ti", J, S_prev))  # what the errors say of the states before
through_states = equation(handed, sum(R * S))
by_weights = equation(sum(E * B), sum(V * (H.T @ delta)))

h, U = vector("h", p), matrix("U", p, p)  # an example: two steps without inputs, weights U
z1 = h @ U
z2 = tanh(z1) @ U
example = outer(h, (U @ z2) * (1 - tanh(z1) ** 2)) + outer(tanh(z1), z2)

derivation = Derivation(
    given=(J, Z, H, V, S, E),
    claim=(
        through_states,
        by_weights,
        follows(moves, equation(sum(G * S), sum(V * (H.T @ delta)))),
    ),
    steps=(
        begin(handed, "The states before a step, and the errors handed back to them"),
        equals(sum(R * S), by=rules.algebra),
        begin(sum(E * B), "The weights in each step"),
        equals(sum(V * (H.T @ delta)), by=rules.algebra),
        begin(moves, "The losses change by the sum of outer products"),
        implies(sum(E * S), sum(E * forward), by=substituting_in(sum(E * S))),
        implies(sum(E * S) - handed, sum(E * B), by=rearranging),
        implies(sum(E * S) - sum(R * S), sum(E * B), by=through_states),
        implies(sum(E * S) - sum(R * S), sum(V * (H.T @ delta)), by=by_weights),
        implies(sum(G * S), sum(V * (H.T @ delta)), by=rearranging),
    ),
    source="Goodfellow, Bengio, Courville, Deep Learning (2016), section 10.2.2",
    evidence=(
        finite_difference(sum(z2**2) / 2, U, example),
        counterexample(example, outer(tanh(z1), z2), without="the path through the step before"),
    ),
)
