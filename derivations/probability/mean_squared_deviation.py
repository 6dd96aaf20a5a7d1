"""The mean square about any point is the variance plus the squared distance from the mean.

So the mean is the point from which a random variable deviates least. The errors of estimates split in this
way into bias and variance, and the moments of distributions are carried from one centre to another.
"""

from sympy import Symbol

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import finite_distribution
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import nonnegative_term
from symbolic.scalars.probability import definition_of_variance, linearity
from symbolic.scalars.random_variables import E, RandomVariable, Var

X = RandomVariable("X")  # any, with a variance
c = Symbol("c", real=True)  # any point

deviation = X - E(X)  # from the mean
split = equation(E((X - c) ** 2), Var(X) + (E(X) - c) ** 2)

derivation = Derivation(
    given=(X, c),
    claim=(split, inequality(Var(X), E((X - c) ** 2))),
    steps=(
        begin(E((X - c) ** 2), "About any point"),
        equals(E(deviation**2 + 2 * (E(X) - c) * deviation + (E(X) - c) ** 2), by=algebra),
        equals(
            E(deviation**2) + 2 * (E(X) - c) * E(deviation) + (E(X) - c) ** 2,
            by=linearity,
        ),
        equals(E(deviation**2) + (E(X) - c) ** 2, by=linearity),
        equals(Var(X) + (E(X) - c) ** 2, by=right_to_left(definition_of_variance)),
        begin(Var(X), "The mean is the best point"),
        at_most(Var(X) + (E(X) - c) ** 2, by=nonnegative_term),
        equals(E((X - c) ** 2), by=right_to_left(split)),
    ),
    evidence=(finite_distribution(split.left, split.right),),
)
