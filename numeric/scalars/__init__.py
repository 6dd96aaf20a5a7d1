"""Numeric evidence for plain SymPy lines: random points, certain values, comparisons.

A line of scalar mathematics may hold undefined functions, derivatives, sums, integrals and limits. At a
point every symbol is a number and every undefined function a concrete one; the value of the line is then
a ball that certainly contains it, or `Undecided` says why there is none.

    draw             a random point of the domains at which conditions hold
    solve_on         a random point at which an equation holds
    enclose_scalar   a ball that contains the value of an expression at a point
    compare_scalars  whether two expressions agree there: equal, different (certain) or undecided
    order_scalars    whether one is at most the other
"""

from numeric.scalars.assignments import Assignment, RandomArray
from numeric.scalars.comparison import compare_scalars, enclose_scalar, order_scalars
from numeric.scalars.drawing import draw
from numeric.scalars.solving import solve_on

__all__ = [
    "draw", "solve_on",
    "Assignment", "RandomArray",
    "enclose_scalar", "compare_scalars", "order_scalars",
]  # fmt: skip
