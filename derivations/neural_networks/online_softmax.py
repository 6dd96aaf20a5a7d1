"""Online softmax: one pass over the entries gives the weighted mean of the batch softmax.

Stable softmax takes the maximum before the first exponential, so it reads its entries twice. In one pass, the
running sums are rescaled each time the maximum moves. After every entry they are the sums that two passes
would have given, and the quotient is the mean of the values under the softmax: so attention needs no row of
its weights in memory.
"""

from sympy import Function, Sum, Symbol, exp

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import float_error
from derivations.evidence import recursion as recursion_checked
from derivations.rules.induction import induction
from symbolic.scalars import sums
from symbolic.scalars.recursion import Recursion

n = Symbol("n", integer=True, positive=True)  # how many entries have been read
i = Symbol("i", integer=True)
k = Symbol("k", integer=True, nonnegative=True)  # number of the entry that is read
x = Function("x", real=True)  # entries x(1), x(2), ..., the scores of one query
v = Function("v", real=True)  # their values
m = Function("m", real=True)  # m(k) is the largest of the first k entries; the proof needs less
z = Symbol("z", real=True)

scale = exp(m(k - 1) - m(k))  # at most 1, and 1 where the maximum stays
normaliser = Recursion(z * scale + exp(x(k) - m(k)), z, 0, k, n)
output = Recursion(z * scale + exp(x(k) - m(k)) * v(k), z, 0, k, n)

total = Sum(exp(x(i) - m(n)), (i, 1, n))
weighted = Sum(exp(x(i) - m(n)) * v(i), (i, 1, n))
total_before = Sum(exp(x(i) - m(n - 1)), (i, 1, n - 1))
weighted_before = Sum(exp(x(i) - m(n - 1)) * v(i), (i, 1, n - 1))
rescaled = equation(total, total_before * exp(m(n - 1) - m(n)) + exp(x(n) - m(n)))
rescaled_output = equation(
    weighted, weighted_before * exp(m(n - 1) - m(n)) + exp(x(n) - m(n)) * v(n)
)
normalisers, outputs = equation(normaliser, total), equation(output, weighted)
batch = Sum(exp(x(i)) * v(i), (i, 1, n)) / Sum(exp(x(i)), (i, 1, n))

a, b = Symbol("a", real=True), Symbol("b", real=True)  # two entries

derivation = Derivation(
    given=(n, x, v, m),
    claim=(
        rescaled,
        normalisers,
        rescaled_output,
        outputs,
        equation(output / normaliser, batch),
    ),
    steps=(
        begin(total, "The sum of the exponentials, one entry later"),
        equals(Sum(exp(x(i) - m(n)), (i, 1, n - 1)) + exp(x(n) - m(n)), by=sums.last_term),
        equals(
            exp(-m(n)) * Sum(exp(x(i)), (i, 1, n - 1)) + exp(x(n) - m(n)), by=sums.constant_factor
        ),
        equals(rescaled.right, by=right_to_left(sums.constant_factor)),
        begin(normaliser, "All entries"),
        equals(total, by=induction(rescaled, n)),
        begin(weighted, "The weighted sum of the values, one entry later"),
        equals(
            Sum(exp(x(i) - m(n)) * v(i), (i, 1, n - 1)) + exp(x(n) - m(n)) * v(n), by=sums.last_term
        ),
        equals(
            exp(-m(n)) * Sum(exp(x(i)) * v(i), (i, 1, n - 1)) + exp(x(n) - m(n)) * v(n),
            by=sums.constant_factor,
        ),
        equals(rescaled_output.right, by=right_to_left(sums.constant_factor)),
        begin(output, "All values"),
        equals(weighted, by=induction(rescaled_output, n)),
        begin(output / normaliser, "The quotient"),
        equals(output / total, by=normalisers),
        equals(weighted / total, by=outputs),
        equals(batch, by=sums.constant_factor),
    ),
    source="Milakov, Gimelshein, Online normalizer calculation for softmax (2018)",
    evidence=(
        recursion_checked(
            z * scale + exp(x(k) - m(k)), z, start=0, closed_form=total.subs(n, k), k=k
        ),
        float_error(
            exp(b) / (exp(a) + exp(b)), exp(b - a) / (1 + exp(b - a)), at={a: 1000, b: 999}
        ),
    ),
)
