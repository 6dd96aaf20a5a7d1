"""The table of functions that text may call: one line each, and the only calls there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from symbolic import operations
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Expression
from symbolic.reading import parse_constants


@dataclass(frozen=True)
class Function:
    """One callable name: what it builds, how many arguments it takes, and which options.

    `first` tells what the leading argument is: an expression, the text of einsum's subscripts, or
    a comparison. With `sizes` all arguments are sizes. `most` is None for any number.
    """

    name: str
    build: Callable[..., Expression]
    least: int = 1
    most: int | None = 1
    options: tuple[str, ...] = ()
    first: str = "expression"
    sizes: bool = False

    @property
    def usage(self) -> str:
        """How the function is called, as in sum(x, axis=..., keepdims=...)."""
        count = self.least if self.most is None else self.most
        letters = ["n", "d", "k"] if self.sizes else ["x", "y", "z"]
        words = {"text": ["'ij,jk->ik'", "x", "y"], "comparison": ["x == y", "x", "y"]}
        arguments = words.get(self.first, letters)[: max(count, 1)]
        more = ["..."] if self.most is None else []
        return f"{self.name}({', '.join([*arguments, *more, *(f'{o}=...' for o in self.options)])})"


_REDUCTION = ("axis", "keepdims")
_AXIS = ("axis",)

FUNCTIONS: dict[str, Function] = {
    entry.name: entry
    for entry in (
        *(
            Function(name, partial(parse_constants.elementwise, name), each.arity, each.arity)
            for name, each in ELEMENTWISE.items()
        ),
        Function("sum", operations.sum, options=_REDUCTION),
        Function("mean", operations.mean, options=_REDUCTION),
        Function("softmax", operations.softmax, options=_AXIS),
        Function("log_softmax", operations.log_softmax, options=_AXIS),
        Function("logsoftmax", operations.log_softmax, options=_AXIS),
        Function("logsumexp", operations.logsumexp, options=_AXIS),
        Function("norm", operations.norm, options=_AXIS),
        Function("trace", operations.trace),
        Function("tr", operations.trace),
        Function("diag", operations.diag),
        Function("diagonal", operations.diagonal),
        Function("outer", operations.outer, 2, 2),
        Function("eye", operations.eye, sizes=True),
        Function("ones", operations.ones, 1, None, sizes=True),
        Function("zeros", operations.zeros, 1, None, sizes=True),
        Function("einsum", operations.einsum, 2, None, first="text"),
        Function("where", operations.where, 3, 3, first="comparison"),
    )
}

# Functions of the language that have no operation yet: a line above takes the place of a name here.
LATER = frozenset(
    ("det", "inv", "kron", "logdet", "max", "min", "prod", "solve", "tril")
) - frozenset(FUNCTIONS)

RESERVED = frozenset(FUNCTIONS) | LATER | {"pi"}  # names that no variable and no size may have
