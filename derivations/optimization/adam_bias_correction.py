"""Adam's bias correction: a moving average that starts at zero is too small by a known factor.

Unrolled, the average weights each gradient by a power of beta, and the weights sum to 1 - beta^t and not
to 1. Divided by that, the average is right from the first step on.
"""

from sympy import Eq, Function, Sum, Symbol

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import recursion
from derivations.rules.induction import induction
from symbolic.scalars import sums
from symbolic.scalars.given import as_given
from symbolic.scalars.probability import identical_distribution, linearity
from symbolic.scalars.random_variables import E, IdenticallyDistributed, RandomFamily
from symbolic.scalars.recursion import Recursion

beta = Symbol("beta", positive=True)  # decay of the average
g = Function("g", real=True)  # gradients g(1), g(2), ...
G = RandomFamily("G")  # the gradients as random variables
mu = Symbol("mu", real=True)  # the mean that they share
t = Symbol("t", integer=True, positive=True)  # number of the step
i = Symbol("i", integer=True)
m, k = Symbol("m", real=True), Symbol("k", integer=True, nonnegative=True)

average = Recursion(beta * m + (1 - beta) * g(k), m, 0, k, t)
unrolled = (1 - beta) * Sum(beta ** (t - i) * g(i), (i, 1, t))
before = (1 - beta) * Sum(beta ** (t - 1 - i) * g(i), (i, 1, t - 1))
one_step = equation(unrolled, beta * before + (1 - beta) * g(t))
corrected = E((1 - beta) * Sum(beta ** (t - i) * G[i], (i, 1, t))) / (1 - beta**t)
first = (1 - beta) * Sum(beta ** (1 - i) * g(i), (i, 1, 1)) / (1 - beta)

derivation = Derivation(
    given=(beta, g, G, mu, t, beta < 1, IdenticallyDistributed(G), Eq(E(G[1]), mu)),
    claim=(
        one_step,
        equation(average, unrolled),
        equation(corrected, mu),
        equation(first, g(1)),
    ),
    steps=(
        begin(unrolled, "One step of the average"),
        equals((1 - beta) * (Sum(beta ** (t - i) * g(i), (i, 1, t - 1)) + g(t)), by=sums.last_term),
        equals(one_step.right, by=right_to_left(sums.into_the_sum(beta))),
        begin(average, "All steps, from zero"),
        equals(unrolled, by=induction(one_step, t)),
        begin(corrected, "The mean of the corrected average"),
        equals(
            (1 - beta) * Sum(beta ** (t - i) * E(G[i]), (i, 1, t)) / (1 - beta**t), by=linearity
        ),
        equals(
            (1 - beta) * Sum(beta ** (t - i) * mu, (i, 1, t)) / (1 - beta**t),
            by=(identical_distribution, as_given),
        ),
        equals(
            (1 - beta) * mu * Sum(beta ** (t - i), (i, 1, t)) / (1 - beta**t),
            by=sums.linearity,
        ),
        equals(mu, by=sums.geometric_sum),
        begin(
            first, "The first corrected average is the first gradient: the first step has size eta"
        ),
        equals(g(1), by=sums.terms_written_out),
    ),
    evidence=(
        recursion(beta * m + (1 - beta) * g(k), m, start=0, closed_form=unrolled.subs(t, k), k=k),
    ),
    source="Kingma and Ba, Adam: A method for stochastic optimization (2015), section 3",
)
