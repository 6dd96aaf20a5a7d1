"""Log-sum-exp and softmax without overflow, and how close log-sum-exp is to the maximum.

exp(1000) is no double precision number, but log(exp(1000)) is 1000. With the largest entry taken out,
every exponential is at most 1 and one of them is 1: nothing overflows, and the logarithm is of a number
between 1 and n. So log-sum-exp lies above the maximum by log(n) at most. The softmax does not change when
one number is added to all entries, so the largest of them may be taken out there as well.
"""

from sympy import Function, Max, Sum, Symbol, exp, log

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import equality_case, float_error
from symbolic.scalars import elementary, sums
from symbolic.scalars.inequalities import bounded_by, log_of_both, one_term

n = Symbol("n", integer=True, positive=True)  # number of entries
i = Symbol("i", integer=True, positive=True)
j = Symbol("j", integer=True, positive=True)  # any one of them
m = Symbol("m", real=True)  # the largest entry
d = Function("d", nonnegative=True)  # how far each entry is below it
c = Symbol("c", real=True)  # a number added to all entries
a, b = Symbol("a", real=True), Symbol("b", real=True)  # two entries

log_sum_exp = log(Sum(exp(m - d(i)), (i, 1, n)))
shifted = equation(log_sum_exp, m + log(Sum(exp(-d(i)), (i, 1, n))))
softmax = exp(m - d(j)) / Sum(exp(m - d(i)), (i, 1, n))
stable = exp(-d(j)) / Sum(exp(-d(i)), (i, 1, n))
moved = exp(m - d(j) + c) / Sum(exp(m - d(i) + c), (i, 1, n))

derivation = Derivation(
    given=(n, m, d, c, j, j <= n),
    claim=(
        shifted,
        inequality(log_sum_exp, m + log(n)),
        inequality(m - d(j), log_sum_exp),
        equation(softmax, stable),
        equation(moved, softmax),
    ),
    steps=(
        begin(log_sum_exp, "The largest entry taken out"),
        equals(log(exp(m) * Sum(exp(-d(i)), (i, 1, n))), by=sums.constant_factor),
        equals(shifted.right, by=elementary.log_of_product),
        begin(log_sum_exp, "At most log(n) above the largest"),
        equals(shifted.right, by=shifted),
        at_most(m + log(Sum(1, (i, 1, n))), by=log_of_both(bounded_by(exp(-d(i)), 1))),
        equals(m + log(n), by=sums.sum_of_constant),
        begin(m - d(j), "Not below any entry"),
        at_most(log_sum_exp, by=log_of_both(one_term(j))),
        begin(softmax, "The softmax, with the largest entry taken out"),
        equals(exp(m - d(j)) / (exp(m) * Sum(exp(-d(i)), (i, 1, n))), by=sums.constant_factor),
        equals(stable, by=elementary.algebra),
        begin(moved, "The softmax of all entries moved by one number"),
        equals(exp(c) * exp(m - d(j)) / Sum(exp(m - d(i) + c), (i, 1, n)), by=elementary.algebra),
        equals(softmax, by=(sums.constant_factor, right_to_left(sums.constant_factor))),
    ),
    evidence=(
        float_error(log(exp(a) + exp(b)), a + log(1 + exp(b - a)), at={a: 1000, b: 999}),
        float_error(exp(a) / (exp(a) + exp(b)), 1 / (1 + exp(b - a)), at={a: 1000, b: 999}),
        equality_case(log(exp(a) + exp(b)), Max(a, b) + log(2), at={a: b}),
        equality_case(m - d(j), log_sum_exp, at={n: 1, j: 1}),
    ),
    source="Blanchard, Higham, Higham, IMA J. Numer. Anal. 41 (2021)",
)
