"""The table of functions that text may call: one line each, and the only calls there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from symbolic import indexing, matrices, operations, reductions, windows
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
    after: int = 0  # with `sizes`: how many expressions (or texts) come before them

    @property
    def usage(self) -> str:
        """How the function is called, as in sum(x, axis=..., keepdims=...)."""
        count = self.least if self.most is None else self.most
        letters = ["n", "d", "k"] if self.sizes else ["x", "y", "z"]
        words = {"text": ["'ij,jk->ik'", "x", "y"], "comparison": ["x == y", "x", "y"]}
        arguments = words.get(self.first, letters)[: max(count, 1)]
        more = ["..."] if self.most is None else []
        return f"{self.name}({', '.join([*arguments, *more, *(f'{o}=...' for o in self.options)])})"


_STEPS = ("stride", "padding", "dilation")


def _padded(
    operand: Expression, before: Expression, after: Expression, axis: int = -1
) -> Expression:
    integer = parse_constants.integer
    return indexing.pad(operand, integer(before), integer(after), axis)


def _windows(operand: Expression, size: Expression, **options: int) -> Expression:
    return windows.windows(operand, parse_constants.size(size), **options)


def _pooled(
    build: Callable[..., Expression], operand: Expression, size: Expression, **options: int
) -> Expression:
    return build(operand, parse_constants.size(size), **options)


def _matrix_power(operand: Expression, exponent: Expression) -> Expression:
    return matrices.matrix_power(operand, int(parse_constants.integer(exponent)))


_REDUCTION = ("axis", "keepdims")
_AXIS = ("axis",)

FUNCTIONS: dict[str, Function] = {
    entry.name: entry
    for entry in (
        *(
            Function(name, partial(parse_constants.elementwise, name), each.arity, each.arity)
            for name, each in ELEMENTWISE.items()
        ),
        Function("polygamma", parse_constants.polygamma, 2, 2),
        Function("sum", operations.sum, options=_REDUCTION),
        Function("mean", operations.mean, options=_REDUCTION),
        Function("softmax", reductions.softmax, options=_AXIS),
        Function("log_softmax", reductions.log_softmax, options=_AXIS),
        Function("logsoftmax", reductions.log_softmax, options=_AXIS),
        Function("logsumexp", reductions.logsumexp, options=_REDUCTION),
        Function("hardmax", reductions.hardmax, options=_AXIS),
        Function("max", reductions.max, options=_REDUCTION),
        Function("min", reductions.min, options=_REDUCTION),
        Function("prod", reductions.prod, options=_REDUCTION),
        Function("norm", reductions.norm, 1, 2, options=_REDUCTION),
        Function("floor", parse_constants.floor),
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
        Function("inv", matrices.inv),
        Function("solve", matrices.solve, 2, 2),
        Function("solve_triangular", matrices.solve_triangular, 2, 2, options=("lower",)),
        Function("det", matrices.det),
        Function("logdet", matrices.logdet),
        Function("cholesky", matrices.cholesky),
        Function("eigvalsh", matrices.eigvalsh),
        Function("eigvecsh", matrices.eigvecsh),
        Function("svdvals", matrices.svdvals),
        Function("svd_left", matrices.svd_left),
        Function("svd_right", matrices.svd_right),
        Function("spectral_norm", matrices.spectral_norm),
        Function("nuclear_norm", matrices.nuclear_norm),
        Function("expm", matrices.expm),
        Function("expm_frechet", matrices.expm_frechet, 2, 2),
        Function("matrix_power", _matrix_power, 2, 2),
        Function("kron", indexing.kron, 2, 2),
        Function("vec", indexing.vec),
        Function("tril", indexing.tril, options=("k",)),
        Function("triu", indexing.triu, options=("k",)),
        Function("concatenate", indexing.concatenate, 2, None, options=("axis",)),
        Function("stack", indexing.stack, 2, None, options=("axis",)),
        Function("pad", _padded, 3, 3, options=("axis",)),
        Function("reshape", indexing.reshape, 2, None, sizes=True, after=1),
        Function("iverson", indexing.iverson, 1, None, first="text", sizes=True),
        Function("windows", _windows, 2, 2, options=("axis", *_STEPS)),
        Function("conv1d", windows.conv1d, 2, 2, options=_STEPS),
        Function("conv2d", windows.conv2d, 2, 2, options=_STEPS),
        *(
            Function(build.__name__, partial(_pooled, build), 2, 2, options=("stride",))
            for build in (
                windows.avg_pool1d,
                windows.avg_pool2d,
                windows.max_pool1d,
                windows.max_pool2d,
            )
        ),
    )
}

RESERVED = frozenset(FUNCTIONS) | {"pi"}  # names that no variable and no size may have
