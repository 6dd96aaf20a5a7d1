"""Backpropagation through an LSTM cell: the cell state hands its error back through the forget gate alone.

The cell state reaches the cost through the output, and as it is handed to the next step. On the way back
its error is only multiplied by the forget gate: where that is near one, it neither vanishes nor explodes.
"""

from derivations import D, Derivation, begin, equals, equation, lemma
from derivations.calculus import matrix_product_vjp
from derivations.evidence import finite_difference
from symbolic import (
    derivative_of,
    dims,
    einsum,
    matrix,
    named,
    rules,
    sigmoid,
    stack,
    sum,
    tanh,
    through,
    unspecified,
)
from symbolic.calculus.path_rules import total_derivative
from symbolic.traverse import substitute

m, d, p = dims("m d p")
X = matrix("X", m, d)  # input, one example a row; a column of ones gives the biases
h_prev, c_prev = matrix("h_prev", m, p), matrix("c_prev", m, p)  # output and cell state before
W_i, U_i = matrix("W_i", d, p), matrix("U_i", p, p)  # weights of the input gate
W_f, U_f = matrix("W_f", d, p), matrix("U_f", p, p)  # weights of the forget gate
W_o, U_o = matrix("W_o", d, p), matrix("U_o", p, p)  # weights of the output gate
W_g, U_g = matrix("W_g", d, p), matrix("U_g", p, p)  # weights of the candidate

z_i = named("z_i", X @ W_i + h_prev @ U_i)  # pre-activations of the input gate
z_f = named("z_f", X @ W_f + h_prev @ U_f)  # pre-activations of the forget gate
z_o = named("z_o", X @ W_o + h_prev @ U_o)  # pre-activations of the output gate
z_g = named("z_g", X @ W_g + h_prev @ U_g)  # pre-activations of the candidate
i = named("i", sigmoid(z_i))  # how much of the candidate is let in
f = named("f", sigmoid(z_f))  # how much of the cell state is kept
o = named("o", sigmoid(z_o))  # how much is given out
g = named("g", tanh(z_g))  # the candidate
c = named("c", f * c_prev + i * g)  # the cell state
h = named("h", o * tanh(c))  # the output
c_out = named("c_out", c)  # the cell state as the next step gets it
s = named("s", stack(h, c_out))  # what the cell hands on
C = unspecified("C", s)  # the cost, a function of both

h_bar = named("h_bar", D(C, h))  # error of the output
c_out_bar = named("c_out_bar", D(C, c_out))  # error of the cell state, from the next step
c_bar = named("c_bar", c_out_bar + h_bar * o * (1 - tanh(c) ** 2))  # along both paths
delta_i = named("delta_i", c_bar * g * i * (1 - i))  # errors before the input gate
delta_f = named("delta_f", c_bar * c_prev * f * (1 - f))  # errors before the forget gate
delta_o = named("delta_o", h_bar * tanh(c) * o * (1 - o))  # errors before the output gate
delta_g = named("delta_g", c_bar * i * (1 - g**2))  # errors before the candidate
handed_back = delta_i @ U_i.T + delta_f @ U_f.T + delta_o @ U_o.T + delta_g @ U_g.T
cell = equation(D(C, c), c_bar)
input_gate = equation(D(C, z_i), delta_i)
forget_gate = equation(D(C, z_f), delta_f)
output_gate = equation(D(C, z_o), delta_o)
candidate = equation(D(C, z_g), delta_g)
by_weights = lemma(matrix_product_vjp.derivation, claim=2)
gates = (input_gate, forget_gate, output_gate, candidate)
cost, errors = sum(s**2) / 2, {h_bar: h, c_out_bar: c}  # an example of a cost, and its errors

derivation = Derivation(
    given=(X, h_prev, c_prev, W_i, U_i, W_f, U_f, W_o, U_o, W_g, U_g),
    claim=(
        cell,
        *gates,
        equation(D(C, c_prev), c_bar * f),
        equation(D(C, h_prev), handed_back),
        equation(D(C, W_f), X.T @ delta_f),
        equation(D(C, U_f), h_prev.T @ delta_f),
    ),
    steps=(
        begin(D(C, c), "The cell state, along two paths"),
        equals(
            einsum("pq,pqij->ij", h_bar, D(h, c)) + einsum("pq,pqij->ij", c_out_bar, D(c_out, c)),
            by=total_derivative(h, c_out),
        ),
        equals(c_bar, by=(rules.linearity, derivative_of(tanh), rules.linear_map)),
        begin(D(C, z_i), "The input gate"),
        equals(einsum("pq,pqij->ij", D(C, c), D(c, z_i)), by=through(c)),
        equals(einsum("pq,pqij->ij", c_bar * g, D(i, z_i)), by=(cell, rules.linearity)),
        equals(delta_i, by=(derivative_of(sigmoid), rules.linear_map)),
        begin(D(C, z_f), "The forget gate"),
        equals(einsum("pq,pqij->ij", D(C, c), D(c, z_f)), by=through(c)),
        equals(einsum("pq,pqij->ij", c_bar * c_prev, D(f, z_f)), by=(cell, rules.linearity)),
        equals(delta_f, by=(derivative_of(sigmoid), rules.linear_map)),
        begin(D(C, z_o), "The output gate"),
        equals(einsum("pq,pqij->ij", h_bar, D(h, z_o)), by=through(h)),
        equals(einsum("pq,pqij->ij", h_bar * tanh(c), D(o, z_o)), by=rules.linearity),
        equals(delta_o, by=(derivative_of(sigmoid), rules.linear_map)),
        begin(D(C, z_g), "The candidate"),
        equals(einsum("pq,pqij->ij", D(C, c), D(c, z_g)), by=through(c)),
        equals(einsum("pq,pqij->ij", c_bar * i, D(g, z_g)), by=(cell, rules.linearity)),
        equals(delta_g, by=(derivative_of(tanh), rules.linear_map)),
        begin(D(C, c_prev), "The cell state of the step before"),
        equals(einsum("pq,pqij->ij", D(C, c), D(c, c_prev)), by=through(c)),
        equals(c_bar * f, by=(cell, rules.linearity, rules.linear_map)),
        begin(D(C, h_prev), "The output of the step before, along four paths"),
        equals(
            einsum("pq,pqij->ij", D(C, z_i), D(z_i, h_prev))
            + einsum("pq,pqij->ij", D(C, z_f), D(z_f, h_prev))
            + einsum("pq,pqij->ij", D(C, z_o), D(z_o, h_prev))
            + einsum("pq,pqij->ij", D(C, z_g), D(z_g, h_prev)),
            by=total_derivative(z_i, z_f, z_o, z_g),
        ),
        equals(handed_back, by=(*gates, rules.linearity, matrix_product_vjp.derivation)),
        begin(D(C, W_f), "The weights of the forget gate, and likewise of the others"),
        equals(einsum("pq,pqij->ij", D(C, z_f), D(z_f, W_f)), by=through(z_f)),
        equals(X.T @ delta_f, by=(forget_gate, rules.linearity, by_weights)),
        begin(D(C, U_f), "Its recurrent weights"),
        equals(einsum("pq,pqij->ij", D(C, z_f), D(z_f, U_f)), by=through(z_f)),
        equals(h_prev.T @ delta_f, by=(forget_gate, rules.linearity, by_weights)),
    ),
    source="Goodfellow, Bengio, Courville, Deep Learning (2016), section 10.10.1",
    evidence=(finite_difference(cost, h_prev, substitute(handed_back, errors)),),
)
