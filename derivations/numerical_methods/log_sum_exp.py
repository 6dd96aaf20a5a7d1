"""Log-sum-exp without overflow, and how close it is to the maximum.

exp(1000) is no double precision number, but log(exp(1000)) is 1000. With the largest entry taken out,
every exponential is at most 1 and one of them is 1: nothing overflows, and the logarithm is of a number
between 1 and n. So log-sum-exp lies above the maximum by log(n) at most.
"""

from sympy import Function, Sum, Symbol, exp, log

from derivations import Derivation, at_most, begin, equals, equation, inequality
from derivations.evidence import float_error
from symbolic.scalars import elementary, sums
from symbolic.scalars.inequalities import bounded_by, log_of_both, one_term

n = Symbol("n", integer=True, positive=True)  # number of entries
i = Symbol("i", integer=True, positive=True)
j = Symbol("j", integer=True, positive=True)  # any one of them
m = Symbol("m", real=True)  # the largest entry
d = Function("d", nonnegative=True)  # how far each entry is below it
a, b = Symbol("a", real=True), Symbol("b", real=True)

log_sum_exp = log(Sum(exp(m - d(i)), (i, 1, n)))
shifted = equation(log_sum_exp, m + log(Sum(exp(-d(i)), (i, 1, n))))

derivation = Derivation(
    given=(n, m, d, j, j <= n),
    claim=(
        shifted,
        inequality(log_sum_exp, m + log(n)),
        inequality(m - d(j), log_sum_exp),
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
    ),
    evidence=(float_error(log(exp(a) + exp(b)), a + log(1 + exp(b - a)), at={a: 1000, b: 999}),),
)
