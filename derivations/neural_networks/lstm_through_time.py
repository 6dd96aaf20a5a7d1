"""Backpropagation through time in an LSTM: errors run back step by step, and shared weights add theirs up.

The error of an output is that of its own loss and what the next step's gates hand back; the error of the
cell state comes back through the next forget gate. All steps use one set of weights, as if each had a copy
of it: the gradient is the sum over the copies, so no step may be left out. Each copy's is the output before
it times its error, and the sum of these is the whole derivative, as backpropagation through time says.
"""

from derivations import D, Derivation, begin, equals, equation, lemma
from derivations.calculus import matrix_product_vjp
from derivations.evidence import identity_on_random_data
from symbolic import (
    derivative_of,
    dims,
    einsum,
    matrix,
    named,
    ones,
    rules,
    sigmoid,
    stack,
    sum,
    tanh,
    through,
    unspecified,
)
from symbolic.calculus.path_rules import total_derivative

m, p, T = dims("m p T")
c = matrix("c", m, p)  # cell state of step t, one example a row
o = matrix("o", m, p)  # output gate of step t
A_i, A_f = matrix("A_i", m, p), matrix("A_f", m, p)  # the part of the input in step t+1
A_o, A_g = matrix("A_o", m, p), matrix("A_g", m, p)  # the part of the input in step t+1
U_i, U_f = matrix("U_i", p, p), matrix("U_f", p, p)  # recurrent weights, the copy of step t+1
U_o, U_g = matrix("U_o", p, p), matrix("U_g", p, p)  # recurrent weights, the copy of step t+1
U = matrix("U", p, p)  # recurrent weights of one gate, shared by all steps

h = named("h", o * tanh(c))  # output of step t
c_kept = named("c_kept", c)  # the cell state as step t+1 gets it
z_i = named("z_i", A_i + h @ U_i)  # pre-activations of the input gate, step t+1
z_f = named("z_f", A_f + h @ U_f)  # pre-activations of the forget gate, step t+1
z_o = named("z_o", A_o + h @ U_o)  # pre-activations of the output gate, step t+1
z_g = named("z_g", A_g + h @ U_g)  # pre-activations of the candidate, step t+1
f = named("f", sigmoid(z_f))  # forget gate of step t+1
c_next = named("c_next", f * c_kept + sigmoid(z_i) * tanh(z_g))  # cell state of step t+1
s = named("s", stack(sigmoid(z_o) * tanh(c_next), c_next))  # output and cell state of step t+1
E = unspecified("E", h)  # the loss of step t
L = unspecified("L", s)  # the losses of all later steps
C = named("C", E + L)  # the cost, as far as step t has a part in it

delta_i, delta_f = named("delta_i", D(L, z_i)), named("delta_f", D(L, z_f))  # errors of step t+1
delta_o, delta_g = named("delta_o", D(L, z_o)), named("delta_g", D(L, z_g))  # errors of step t+1
c_next_bar = named("c_next_bar", D(L, c_next))  # error of the next cell state
handed_back = delta_i @ U_i.T + delta_f @ U_f.T + delta_o @ U_o.T + delta_g @ U_g.T
h_bar = named("h_bar", D(E, h) + handed_back)  # error of the output of step t
own = h_bar * o * (1 - tanh(c) ** 2)  # the error of the cell state from its own step

U_steps = named("U_steps", ones(T)[:, None, None] * U)  # the copies of U, one for each step
J = unspecified("J", U_steps)  # the cost of the whole sequence, a function of them

output = equation(D(C, h), h_bar)

derivation = Derivation(
    given=(c, o, A_i, A_f, A_o, A_g, U_i, U_f, U_o, U_g, U),
    claim=(
        output,
        equation(D(C, c), own + c_next_bar * f),
        equation(D(L, U_f), h.T @ delta_f),
        equation(D(J, U), sum(D(J, U_steps), axis=0)),
    ),
    steps=(
        begin(D(C, h), "The output of step t"),
        equals(D(E, h) + D(L, h), by=rules.linearity),
        equals(
            D(E, h)
            + einsum("pq,pqij->ij", delta_i, D(z_i, h))
            + einsum("pq,pqij->ij", delta_f, D(z_f, h))
            + einsum("pq,pqij->ij", delta_o, D(z_o, h))
            + einsum("pq,pqij->ij", delta_g, D(z_g, h)),
            by=total_derivative(z_i, z_f, z_o, z_g),
        ),
        equals(h_bar, by=(rules.linearity, matrix_product_vjp.derivation)),
        begin(D(C, c), "The cell state of step t, along two paths"),
        equals(
            einsum("pq,pqij->ij", D(C, h), D(h, c))
            + einsum("pq,pqij->ij", D(C, c_kept), D(c_kept, c)),
            by=total_derivative(h, c_kept),
        ),
        equals(
            own + D(L, c_kept),
            by=(output, rules.linearity, derivative_of(tanh), rules.linear_map),
        ),
        equals(
            own + einsum("pq,pqij->ij", c_next_bar, D(c_next, c_kept)),
            by=through(c_next),
        ),
        equals(own + c_next_bar * f, by=(rules.linearity, rules.linear_map)),
        begin(D(L, U_f), "The copy of the weights in step t+1"),
        equals(einsum("pq,pqij->ij", delta_f, D(z_f, U_f)), by=through(z_f)),
        equals(h.T @ delta_f, by=(rules.linearity, lemma(matrix_product_vjp.derivation, claim=2))),
        begin(D(J, U), "The weights that the steps share"),
        equals(einsum("tpq,tpqij->ij", D(J, U_steps), D(U_steps, U)), by=through(U_steps)),
        equals(sum(D(J, U_steps), axis=0), by=rules.linear_map),
    ),
    source="Goodfellow, Bengio, Courville, Deep Learning (2016), section 10.2.2",
    evidence=(identity_on_random_data(D(C, c), own + c_next_bar * f),),
)
