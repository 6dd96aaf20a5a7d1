"""What a random quantity consists of: numbers in front, and sums of finitely many terms."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.random_variables import is_random
from symbolic.scalars.smoothness import is_finite

SOURCE = "Grimmett and Stirzaker, Probability and Random Processes"


def are_numbers(constants: Iterable[sympy.Expr], facts: Facts) -> bool:
    """Whether these are numbers for certain: none of their denominators may be 0."""
    return all(is_finite(each) and facts.nonzero(each.as_numer_denom()[1]) for each in constants)


def taken_out(term: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """constant, rest with term = constant * rest, nothing in the constant random."""
    factors = sympy.Mul.make_args(term)
    constant = sympy.Mul(*(each for each in factors if not is_random(each)))
    return constant, sympy.Mul(*(each for each in factors if is_random(each)))


def is_finite_sum(e: sympy.Basic) -> bool:
    """Whether an expression is a sum with finitely many terms, their number not random."""
    if not isinstance(e, sympy.Sum):
        return False
    ends = [end for limit in e.limits for end in limit[1:]]
    definite = len(ends) == 2 * len(e.limits)
    return definite and all(is_finite(end) and not is_random(end) for end in ends)
