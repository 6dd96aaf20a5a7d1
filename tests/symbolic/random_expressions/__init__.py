"""Random well-typed expressions, interpreters that know no calculus, mutations, and shrinking.

`Writer(seed).expression(shape, depth)` writes an expression over the whole language whose value is
finite at every point of the domains. `evaluate_complex` gives its value node by node in complex128,
which the complex step needs; `entries` gives it as SymPy expressions. Neither shares code with
`symbolic.calculus.accumulation` or `numeric`.
"""

from tests.symbolic.random_expressions.comparing import (
    certainly_equal,
    close,
    differ,
    given_for,
)
from tests.symbolic.random_expressions.entries import entries
from tests.symbolic.random_expressions.interpreter import (
    evaluate_complex,
    evaluate_real,
    kernel_value,
)
from tests.symbolic.random_expressions.mutations import mutations, shuffled
from tests.symbolic.random_expressions.points import ONE, SIZES, draw, lengths
from tests.symbolic.random_expressions.shrinking import describe, shrink, smaller
from tests.symbolic.random_expressions.writer import LETTERS, D, K, N, Writer, network

__all__ = [
    "LETTERS", "N", "D", "K", "ONE", "SIZES", "Writer", "network", "draw", "lengths",
    "certainly_equal", "close", "differ", "given_for", "entries", "evaluate_complex",
    "evaluate_real", "kernel_value", "mutations", "shuffled", "describe", "shrink", "smaller",
]  # fmt: skip
