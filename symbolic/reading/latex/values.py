r"""Values while LaTeX is read: an array, its named leading axes, and whether a vector is a row.

`x_i` is the array x whose axis is called i; `x^\top` is a row; `I` and `\mathbf 1` are constants that
take the size of what they meet. The arithmetic here is that of mathematics: no broadcasting but that of
numbers, and two columns side by side are no product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from symbolic import operations
from symbolic.errors import AmbiguousError, ChainruleError, ShapeError
from symbolic.nodes import Contraction, Expression
from symbolic.reading import parse_constants
from symbolic.sizes import Shape, Size, shape_text


@dataclass(frozen=True)
class Value:
    """An array whose first axes carry index names; `fitting` is "eye", "ones" or "" (then it is plain).

    A fitting value is a scalar times an identity or a vector of ones of a size that is not known yet.
    """

    array: Expression
    indices: tuple[str, ...] = ()
    row: bool = False
    fitting: str = ""

    @property
    def shape(self) -> Shape:
        """The shape without the named axes."""
        return self.array.shape[len(self.indices) :]

    @property
    def rank(self) -> int:
        """The number of axes without a name."""
        return len(self.shape)

    @property
    def kind(self) -> str:
        """The value in words, for errors."""
        if self.fitting:
            return {"eye": "an identity", "ones": "a vector of ones"}[
                self.fitting
            ] + " of unknown size"
        if self.rank == 0:
            return "a number"
        if self.rank == 1:
            return f"a {'row' if self.row else 'column'} of {self.shape[0]}"
        return f"an array of shape {shape_text(self.shape)}"

    @property
    def is_square(self) -> bool:
        """Whether it is a square matrix."""
        return self.rank == 2 and self.shape[0] == self.shape[1]


def number(value: object) -> Value:
    """A constant."""
    return Value(operations.constant(value))


def misfit(what: str, a: Value, b: Value) -> ShapeError:
    """The error of two values that an operation does not take together."""
    return ShapeError(what, f"{a.kind} and {b.kind}", "make the shapes fit, perhaps by a transpose")


def elementwise(build: Callable[..., Expression], *values: Value) -> Value:
    """A function of entries; numbers are repeated to the shape of the others."""
    values = tuple(fitted(values))
    shaped = [each for each in values if each.rank]
    like = shaped[0] if shaped else values[0]
    for each in shaped[1:]:
        if each.shape != like.shape or (each.rank == 1 and each.row != like.row):
            raise misfit("an operation on entries", like, each)
    arrays, indices = aligned(values, like.shape)
    return Value(build(*arrays), indices, like.row and like.rank == 1)


def aligned(values: Sequence[Value], shape: Shape) -> tuple[list[Expression], tuple[str, ...]]:
    """The arrays with one order of named axes in front and one shape behind."""
    indices = tuple(dict.fromkeys(name for each in values for name in each.indices))
    sizes: dict[object, Size] = dict(enumerate(shape))
    for each in values:
        for name, size in zip(each.indices, each.array.shape, strict=False):
            if sizes.setdefault(name, size) != size:
                raise ShapeError(
                    f"the index {name}",
                    f"it runs over {sizes[name]} and over {size}",
                    "use two letters",
                )
    whole = [*indices, *range(len(shape))]
    arrays = []
    for each in values:
        own: list[object] = list(range(len(shape))) if each.rank else []
        labels = [*each.indices, *own]
        if labels == whole or (each.rank == 0 and not each.indices and is_constant(each)):
            arrays.append(each.array)
        else:
            arrays.append(Contraction([each.array], [labels], whole, sizes))
    return arrays, indices


def is_constant(value: Value) -> bool:
    """Whether it is a number or a size."""
    return parse_constants.constant_value(value.array) is not None


def fitted(values: Sequence[Value]) -> list[Value]:
    """The values, fitting constants given the shape of the plain ones."""
    plain = next((each for each in values if not each.fitting and each.rank), None)
    found = []
    for each in values:
        if not each.fitting:
            found.append(each)
        elif plain is None:
            raise ShapeError(
                each.kind, "nothing beside it says its size", r"write I_n or \mathbf{1}_n"
            )
        else:
            found.append(_fit(each, plain))
    return found


def _fit(value: Value, like: Value) -> Value:
    if value.fitting == "eye":
        if not like.is_square:
            raise misfit("an identity in a sum", value, like)
        filled: Expression = operations.eye(like.shape[0])
    else:
        if like.rank != 1 or like.row != value.row:
            raise misfit("ones in a sum", value, like)
        filled = operations.ones(like.shape[0])
    return multiply(
        Value(value.array, value.indices), Value(filled, row=value.row and like.rank == 1)
    )


def add(values: Sequence[tuple[int, Value]], note: Callable[[str], None]) -> Value:
    """A sum of values with signs."""
    fitting = {(each.fitting, each.row) for _, each in values}
    if fitting <= {("eye", False)} or (len(fitting) == 1 and next(iter(fitting))[0]):
        kind, row = next(iter(fitting))
        plain = add([(sign, replace(each, fitting="", row=False)) for sign, each in values], note)
        return replace(plain, fitting=kind, row=row)
    known = [each for _, each in values if not each.fitting and each.rank]
    like = max(known, key=lambda each: each.rank, default=None)
    parts = []
    for sign, each in values:
        value = _fit(each, like) if each.fitting and like is not None else each
        if value.fitting:
            raise ShapeError(
                value.kind, "nothing beside it says its size", r"write I_n or \mathbf{1}_n"
            )
        if like is not None:
            value = _to_shape(value, like, note)
        parts.append((sign, value))
    shape = like.shape if like is not None else ()
    if like is not None:
        shape = max(
            (value.shape for _, value in parts), key=lambda s: (len(s), sum(x != 1 for x in s))
        )
    arrays, indices = aligned([_stretched(value, shape) for _, value in parts], shape)
    total: Expression | None = None
    for (sign, _), array in zip(parts, arrays, strict=True):
        if total is None:
            total = array if sign == 1 else parse_constants.negative(array)
        else:
            total = parse_constants.arithmetic("+" if sign == 1 else "-", total, array)
    assert total is not None
    if total.rank < len(indices) + len(shape):
        total = operations.broadcast_to(total, shape)
    return Value(total, indices, any(v.row for _, v in parts if v.rank == 1) and len(shape) == 1)


def _to_shape(value: Value, like: Value, note: Callable[[str], None]) -> Value:
    """A term beside the largest one: a number, or a vector beside a matrix where only one reading fits."""
    if value.rank == like.rank:
        if value.rank == 1 and value.row != like.row:
            raise misfit("a sum of a row and a column", like, value)
        return value
    if value.rank == 0 and value.indices:
        raise ShapeError(
            "a sum",
            f"an entry with the index {value.indices[0]} and {like.kind}",
            "give both the same indices",
        )
    if value.rank == 0:
        zero = parse_constants.constant_value(value.array)
        if like.is_square and zero != 0:
            raise _number_and_matrix(like)
        if zero != 0 or not is_constant(value):
            note("a number beside an array is added to every entry")
        return value
    if (
        value.rank == 1
        and like.rank == 2
        and value.shape[0] == like.shape[1]
        and (value.row or like.shape[0] != like.shape[1])
    ):
        note(f"a {'row' if value.row else 'vector'} beside a matrix is added to every row")
        rows = Contraction(
            [value.array],
            [[*value.indices, "column"]],
            [*value.indices, "row", "column"],
            {"row": like.shape[0]},
        )
        return Value(rows, value.indices)
    raise misfit("a sum", like, value)


def _number_and_matrix(like: Value) -> ChainruleError:
    return AmbiguousError(
        "a sum of a number and a square matrix",
        "the number may be added to every entry, or be that multiple of the identity",
        r"write the identity as I, or a matrix of ones",
    )


def _stretched(value: Value, shape: Shape) -> Value:
    """A value whose axes of size 1 are repeated to a shape."""
    if value.rank != len(shape) or value.shape == shape:
        return value
    if any(size not in (1, wanted) for size, wanted in zip(value.shape, shape, strict=True)):
        raise ShapeError(
            "a sum", f"{shape_text(shape)} and {shape_text(value.shape)}", "make the shapes fit"
        )
    front = value.array.shape[: len(value.indices)]
    return replace(value, array=operations.broadcast_to(value.array, front + shape))


def contract(
    a: Value, b: Value, left: Sequence[str], right: Sequence[str], output: Sequence[str]
) -> Expression:
    """A product with labels for the plain axes; the named axes go first and are shared."""
    indices = tuple(dict.fromkeys(a.indices + b.indices))
    one = [*a.indices, *(("own", each) for each in left)]
    other = [*b.indices, *(("own", each) for each in right)]
    try:
        return Contraction(
            [a.array, b.array], [one, other], [*indices, *(("own", each) for each in output)]
        )
    except ShapeError as error:
        raise ShapeError("a product", error.found, "make the sizes fit") from None


def multiply(a: Value, b: Value) -> Value:
    """The product of two values side by side, as in linear algebra."""
    if a.fitting or b.fitting:
        return _multiply_fitting(a, b)
    indices = tuple(dict.fromkeys(a.indices + b.indices))
    if a.rank == 0 or b.rank == 0:
        array, row = b if a.rank == 0 else a, (b.row if a.rank == 0 else a.row)
        axes = [str(k) for k in range(array.rank)]
        if not indices or (not a.indices and is_constant(a)) or (not b.indices and is_constant(b)):
            return Value(parse_constants.arithmetic("*", a.array, b.array), indices, row)
        left, right = ([], axes) if a.rank == 0 else (axes, [])
        return Value(contract(a, b, left, right, axes), indices, row)
    if a.rank > 2 or b.rank > 2:
        raise misfit("a product", a, b)
    if a.rank == 1 and not a.row:
        if b.rank == 1 and b.row:  # x y^T
            return Value(contract(a, b, ["r"], ["c"], ["r", "c"]), indices)
        if b.rank == 2 and b.shape[0] == 1:
            return Value(contract(a, b, ["r"], ["one", "c"], ["r", "c"]), indices)
        raise misfit("a product", a, b)
    if b.rank == 1 and b.row:
        if a.rank == 2 and a.shape[1] == 1:
            return Value(contract(a, b, ["r", "one"], ["c"], ["r", "c"]), indices)
        raise misfit("a product", a, b)
    if a.shape[-1] != b.shape[0]:
        raise misfit("a product", a, b)
    if not indices:
        return Value(operations.matmul(a.array, b.array), (), b.rank == 2 and a.rank == 1)
    left = ["r", "m"] if a.rank == 2 else ["m"]
    right = ["m", "c"] if b.rank == 2 else ["m"]
    output = [*left[:-1], *right[1:]]
    return Value(contract(a, b, left, right, output), indices, a.rank == 1 and b.rank == 2)


def _multiply_fitting(a: Value, b: Value) -> Value:
    if a.rank == 0 and not a.fitting:
        return replace(multiply(a, replace(b, fitting="", row=False)), fitting=b.fitting, row=b.row)
    if b.rank == 0 and not b.fitting:
        return replace(multiply(replace(a, fitting="", row=False), b), fitting=a.fitting, row=a.row)
    if a.fitting == "eye":
        return multiply(replace(a, fitting=""), b)
    if b.fitting == "eye":
        return multiply(a, replace(b, fitting=""))
    if a.fitting == "ones" and not b.fitting and b.rank and a.row:
        if b.rank == 1 and b.row:
            raise misfit("a product", a, b)
        return multiply(
            multiply(Value(a.array, a.indices), Value(operations.ones(b.shape[0]), row=True)), b
        )
    if b.fitting == "ones" and not a.fitting and a.rank and not b.row:
        if a.rank == 1 and not a.row:
            raise misfit("a product", a, b)
        return multiply(a, multiply(Value(b.array, b.indices), Value(operations.ones(a.shape[-1]))))
    raise ShapeError("a product", f"{a.kind} and {b.kind}", r"write I_n or \mathbf{1}_n")


def transposed(a: Value) -> Value:
    """The transpose: rows and columns change places, vectors turn."""
    if a.fitting == "eye" or (a.rank == 0 and not a.fitting):
        return a
    if a.fitting or a.rank == 1:
        return replace(a, row=not a.row)
    if a.rank > 2:
        raise ShapeError("a transpose", a.kind, "write the order of the axes with indices")
    if not a.indices:
        return replace(a, array=operations.transpose(a.array))
    return replace(a, array=Contraction([a.array], [[*a.indices, 0, 1]], [*a.indices, 1, 0]))


def summed(a: Value, names: Sequence[str], weight: Expression | None = None) -> Value:
    """The sum over named axes, perhaps weighted by an array with exactly these axes."""
    kept = [name for name in a.indices if name not in names]
    own = list(range(a.rank))
    if weight is None:
        array: Expression = Contraction([a.array], [[*a.indices, *own]], [*kept, *own])
    else:
        array = Contraction([a.array, weight], [[*a.indices, *own], list(names)], [*kept, *own])
    return replace(a, array=array, indices=tuple(kept))


def renamed_entry(array: Expression, letters: Sequence[str | None]) -> Value:
    """An array whose axes are called by letters; axes of None stay plain, and go last."""
    own = [("own", k) for k, letter in enumerate(letters) if letter is None]
    labels = [("own", k) if letter is None else letter for k, letter in enumerate(letters)]
    names = list(dict.fromkeys(letter for letter in letters if letter is not None))
    if labels == [*names, *own]:
        return Value(array, tuple(names))
    return Value(Contraction([array], [labels], [*names, *own]), tuple(names))


def reordered(value: Value, order: Sequence[str]) -> Value:
    """The value with its named axes in the order of `order`, others behind."""
    names = [
        *(name for name in order if name in value.indices),
        *(n for n in value.indices if n not in order),
    ]
    if tuple(names) == value.indices:
        return value
    own = list(range(value.rank))
    array = Contraction([value.array], [[*value.indices, *own]], [*names, *own])
    return replace(value, array=array, indices=tuple(names))
