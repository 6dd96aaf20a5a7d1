"""AdaGrad adds up squared gradients, RMSProp averages them: what a constant gradient does to the step.

AdaGrad's sum grows with every step, so its steps shrink like 1/sqrt(t). RMSProp forgets at the rate rho: its
average weighs each squared gradient by a power of rho and stays bounded.
"""

from sympy import Abs, Function, Sum, Symbol, sqrt

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import recursion
from derivations.rules.induction import induction
from symbolic.scalars import sums
from symbolic.scalars.recursion import Recursion

rho = Symbol("rho", positive=True)  # decay of the average
g = Function("g", real=True)  # gradients g(1), g(2), ...
c = Symbol("c", real=True)  # a gradient that stays the same
eta = Symbol("eta", real=True)  # learning rate
t = Symbol("t", integer=True, positive=True)  # number of the step
i = Symbol("i", integer=True)
v, k = Symbol("v", real=True), Symbol("k", integer=True, nonnegative=True)

accumulated = Recursion(v + g(k) ** 2, v, 0, k, t)  # AdaGrad
total = Sum(g(i) ** 2, (i, 1, t))
one_more = equation(total, Sum(g(i) ** 2, (i, 1, t - 1)) + g(t) ** 2)
average = Recursion(rho * v + (1 - rho) * g(k) ** 2, v, 0, k, t)  # RMSProp
unrolled = (1 - rho) * Sum(rho ** (t - i) * g(i) ** 2, (i, 1, t))
before = (1 - rho) * Sum(rho ** (t - 1 - i) * g(i) ** 2, (i, 1, t - 1))
one_step = equation(unrolled, rho * before + (1 - rho) * g(t) ** 2)

derivation = Derivation(
    given=(rho, g, c, eta, t, rho < 1),
    claim=(
        one_more,
        equation(accumulated, total),
        equation(eta * c / sqrt(Sum(c**2, (i, 1, t))), eta * c / (Abs(c) * sqrt(t))),
        one_step,
        equation(average, unrolled),
        equation((1 - rho) * Sum(rho ** (t - i) * c**2, (i, 1, t)), (1 - rho**t) * c**2),
    ),
    steps=(
        begin(total, "AdaGrad: one more gradient"),
        equals(one_more.right, by=sums.last_term),
        begin(accumulated, "All of them, from zero"),
        equals(total, by=induction(one_more, t)),
        begin(eta * c / sqrt(Sum(c**2, (i, 1, t))), "With a constant gradient the step shrinks"),
        equals(eta * c / (Abs(c) * sqrt(t)), by=sums.sum_of_constant),
        begin(unrolled, "RMSProp: one step of the average"),
        equals(
            (1 - rho) * (Sum(rho ** (t - i) * g(i) ** 2, (i, 1, t - 1)) + g(t) ** 2),
            by=sums.last_term,
        ),
        equals(one_step.right, by=right_to_left(sums.into_the_sum(rho))),
        begin(average, "All steps, from zero"),
        equals(unrolled, by=induction(one_step, t)),
        begin(
            (1 - rho) * Sum(rho ** (t - i) * c**2, (i, 1, t)),
            "With a constant gradient the average comes close to its square",
        ),
        equals((1 - rho) * c**2 * Sum(rho ** (t - i), (i, 1, t)), by=sums.linearity),
        equals((1 - rho**t) * c**2, by=sums.geometric_sum),
    ),
    evidence=(
        recursion(
            rho * v + (1 - rho) * g(k) ** 2, v, start=0, closed_form=unrolled.subs(t, k), k=k
        ),
    ),
    source="Duchi, Hazan and Singer, Adaptive subgradient methods, JMLR 12 (2011)",
)
