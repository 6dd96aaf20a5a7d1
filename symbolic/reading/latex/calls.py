r"""The functions of LaTeX on values: entry by entry, along an axis, of matrices."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic import matrices, operations, reductions
from symbolic.errors import AmbiguousError, ChainruleError, NotAllowedError, ShapeError
from symbolic.functions import ELEMENTWISE
from symbolic.indexing import tril, triu, vec
from symbolic.nodes import Contraction, Elementwise, Expression, kernel_symbol
from symbolic.reading import parse_constants
from symbolic.reading.latex.values import Value, elementwise, fitted

Note = Callable[[str], None]

_OF_MATRICES_TOO = frozenset(
    ("exp", "log", "sin", "cos", "sinh", "cosh", "sqrt", "arctanh", "log1p", "expm1")
)


_LARGEST_ORDER = 4  # of a derivative written with primes


def apply(name: str, arguments: list[Value], order: int, note: Note) -> Value:
    """The value of a function, or of its derivative of some order."""
    if order:
        return derivative_of_entries(name, arguments, order)
    if name in ("max", "min"):
        return extreme(name, arguments, note)
    if name in ELEMENTWISE and name != "abs":
        return of_entries(name, arguments)
    if len(arguments) != 1:
        raise NotAllowedError(name, f"{len(arguments)} arguments", "give one")
    (value,) = arguments
    if name == "abs":
        return elementwise(lambda x: parse_constants.elementwise("abs", x), value)
    build = _WHOLE.get(name)
    if build is None:
        raise NotAllowedError(
            name, "it is not read in LaTeX", "declare a name for it, or use the text language"
        )
    if value.fitting:
        (value,) = fitted([value])
    return build(value, note)


def of_entries(name: str, arguments: list[Value]) -> Value:
    """A function of the elementwise table. Of a square matrix it could be the matrix function."""
    arity = ELEMENTWISE[name].arity
    if len(arguments) != arity:
        raise NotAllowedError(name, f"{len(arguments)} arguments", f"give {arity}")
    if name in _OF_MATRICES_TOO:
        refuse_square(name, arguments[0])
    return elementwise(lambda *each: parse_constants.elementwise(name, *each), *arguments)


def refuse_square(name: str, value: Value) -> None:
    """Refuse a function of a square matrix that may act on entries or on the matrix."""
    if value.is_square:
        raise AmbiguousError(
            f"{name} of a square matrix",
            f"{name} of every entry, or the matrix function",
            "write it with indices, or declare a name for it",
        )


def derivative_of_entries(name: str, arguments: list[Value], order: int) -> Value:
    r"""The derivative of an elementwise function of one argument, as in `\sigma'(z)`."""
    if name not in ELEMENTWISE or ELEMENTWISE[name].arity != 1 or len(arguments) != 1:
        raise NotAllowedError(f"{name}'", "no function of one number", "write its derivative out")
    if order > _LARGEST_ORDER:
        raise NotAllowedError(f"{name} with {order} primes", "a high derivative", "write it out")
    x = kernel_symbol(0)
    slope = sympy.diff(ELEMENTWISE[name].head(x), x, order)

    def build(operand: Expression) -> Expression:
        return Elementwise(sympy.Lambda((x,), slope), [operand])

    return elementwise(build, *arguments)


def polygamma(order: int, arguments: list[Value]) -> Value:
    """A derivative of digamma, entry by entry."""
    if len(arguments) != 1:
        raise NotAllowedError(r"\psi", f"{len(arguments)} arguments", "give 1")
    times = operations.constant(order)
    return elementwise(lambda x: parse_constants.polygamma(times, x), *arguments)


def extreme(name: str, arguments: list[Value], note: Note) -> Value:
    """The larger or smaller of several values, or the extreme entry of one vector."""
    if len(arguments) > 1:
        pick = "maximum" if name == "max" else "minimum"
        found = arguments[0]
        for each in arguments[1:]:
            found = elementwise(lambda a, b: parse_constants.elementwise(pick, a, b), found, each)
        return found
    (value,) = arguments
    if value.rank == 0:
        raise NotAllowedError(name, "one number", "give two arguments, or a vector")
    build = reductions.max if name == "max" else reductions.min
    return Value(build(value.array, _own(value)), value.indices)


def _own(value: Value) -> tuple[int, ...]:
    return tuple(range(len(value.indices), value.array.rank))


def _vector_function(
    name: str, build: Callable[..., Expression], *, keeps: bool
) -> Callable[[Value, Note], Value]:
    def of(value: Value, note: Note) -> Value:
        if value.rank == 0:
            raise ShapeError(name, "a number", "give it a vector")
        if value.rank > 2 or (value.rank == 2 and not keeps):
            raise ShapeError(name, value.kind, "write it with indices, for the axis that is meant")
        if value.rank == 2:
            note(f"{name} of a matrix works along each row")
        return Value(build(value.array, axis=-1), value.indices, value.row and keeps)

    return of


def _square(name: str, value: Value) -> None:
    if not value.is_square:
        raise ShapeError(name, value.kind, "give a square matrix")


def _trace(value: Value, note: Note) -> Value:
    if value.rank == 0:
        note("the trace of a number is the number")
        return value
    _square("tr", value)
    if not value.indices:
        return Value(operations.trace(value.array))
    return Value(Contraction([value.array], [[*value.indices, 0, 0]], value.indices), value.indices)


def _matrix_function(
    name: str, build: Callable[[Expression], Expression]
) -> Callable[[Value, Note], Value]:
    def of(value: Value, note: Note) -> Value:
        if name != "vec":
            _square(name, value)
        if value.indices and name not in ("det", "logdet"):
            raise ShapeError(name, "a matrix with an index", "name the matrix first")
        return Value(build(value.array), value.indices)

    return of


def _diag(value: Value, note: Note) -> Value:
    if value.rank == 1:
        labels = [*value.indices, "d"]
        if not value.indices:
            return Value(operations.diag(value.array))
        return Value(
            Contraction([value.array], [labels], [*value.indices, "d", "d"]), value.indices
        )
    _square("diag", value)
    note("diag of a matrix is its diagonal, as a vector")
    labels = [*value.indices, "d", "d"]
    return Value(Contraction([value.array], [labels], [*value.indices, "d"]), value.indices)


def _along(axis: int) -> Callable[[Value, Note], Value]:
    def of(value: Value, note: Note) -> Value:
        if value.rank != 2:
            raise ShapeError("a sum of rows or columns", value.kind, "give a matrix")
        return Value(operations.sum(value.array, axis, True), value.indices)

    return of


def _total(build: Callable[..., Expression]) -> Callable[[Value, Note], Value]:
    def of(value: Value, note: Note) -> Value:
        if value.rank == 0:
            raise ShapeError("a sum or mean of entries", "a number", "give it a vector or matrix")
        return Value(build(value.array, _own(value)), value.indices)

    return of


def _variance(value: Value, note: Note) -> Value:
    if value.rank != 1 or value.indices:
        raise ShapeError("Var", value.kind, "give it a vector, or write the sum")
    note("the variance is that of the entries, divided by their number")
    centered = operations.subtract(value.array, operations.mean(value.array))
    return Value(operations.mean(operations.power(centered, 2)))


def _expectation(value: Value, note: Note) -> Value:
    raise NotAllowedError(
        r"\mathbb{E}",
        "an expectation: its distribution is not said",
        "write the sum, or declare a name for it",
    )


def _norm(value: Value, note: Note) -> Value:
    return norm(value, "", {})


def norm(value: Value, order: str, signs: dict[str, str]) -> Value:
    r"""A norm with its subscript: `\|x\|_1`, `\|A\|_F`."""
    if value.rank == 0:
        raise NotAllowedError("a norm", "of a number", "write |x|")
    if value.rank == 2:
        kind = {"F": "frobenius", "2": "spectral", "*": "nuclear", "ast": "nuclear"}.get(order) or (
            signs.get(r"\|A\|") if not order else None
        )
        if kind is None:
            raise AmbiguousError(
                f"a norm of a matrix{f' with the subscript {order}' if order else ''}",
                "the Frobenius norm, or the spectral one"
                if not order
                else "of the matrix, or of its entries",
                r"write \|A\|_F or \|A\|_2, or declare {r'\|A\|': 'frobenius'}",
            )
        if kind == "frobenius":
            return Value(reductions.norm(value.array, None, _own(value)), value.indices)
        if value.indices:
            raise ShapeError("a matrix norm", "a matrix with an index", "name the matrix first")
        build = matrices.spectral_norm if kind == "spectral" else matrices.nuclear_norm
        return Value(build(value.array))
    orders = {"": None, "2": None, "1": 1, "infty": float("inf"), "3": 3, "4": 4, "F": None}
    if value.rank > 2 or order not in orders:
        raise NotAllowedError(
            f"a norm with the subscript {order}", "no norm that is known here", "write it out"
        )
    return Value(reductions.norm(value.array, orders[order], -1), value.indices)


def bars(value: Value, signs: dict[str, str]) -> Value:
    """What stands between single bars: an absolute value, or a determinant."""
    said = signs.get("|A|")
    if value.rank == 0 or said == "abs":
        return elementwise(lambda x: parse_constants.elementwise("abs", x), value)
    if value.rank == 1 and said == "norm":
        return norm(value, "", signs)
    if value.is_square and said == "det":
        return Value(matrices.det(value.array), value.indices)
    other = "the determinant" if value.is_square else "the norm"
    raise AmbiguousError(
        f"bars around {value.kind}",
        f"the absolute value of every entry, or {other}",
        "declare {'|A|': 'abs'}, or 'det', or write \\|x\\| for the norm",
    )


_WHOLE: dict[str, Callable[[Value, Note], Value]] = {
    "softmax": _vector_function("softmax", reductions.softmax, keeps=True),
    "log_softmax": _vector_function("log_softmax", reductions.log_softmax, keeps=True),
    "logsumexp": _vector_function("logsumexp", reductions.logsumexp, keeps=False),
    "trace": _trace,
    "det": _matrix_function("det", matrices.det),
    "logdet": _matrix_function("logdet", matrices.logdet),
    "vec": _matrix_function("vec", vec),
    "expm": _matrix_function("expm", matrices.expm),
    "chol": _matrix_function("chol", matrices.cholesky),
    "tril": _matrix_function("tril", tril),
    "triu": _matrix_function("triu", triu),
    "diag": _diag,
    "rowsum": _along(-1),
    "colsum": _along(-2),
    "sum": _total(operations.sum),
    "mean": _total(operations.mean),
    "var": _variance,
    "norm": _norm,
    "expectation": _expectation,
}


def located(error: ChainruleError, written: str, place: str) -> ChainruleError:
    """An error of an operation with the text it happened in."""
    return type(error)(written, f"{error.written}: {error.found}", error.advice + place)
