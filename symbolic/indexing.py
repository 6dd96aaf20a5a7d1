"""Selecting, moving and reordering entries: slices, padding, stacking, reshape, vec, kron, triangles.

Each is a product with an Iverson bracket of an index relation, so that its derivative and its algebra
are those of products.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import sympy

from symbolic.errors import NotAllowedError, ShapeError
from symbolic.nodes import Contraction, Expression, Iverson, Sum
from symbolic.operations import arange_axes, as_expression, broadcast_to
from symbolic.sizes import (
    Shape,
    Size,
    as_size,
    shape_text,
    size_symbol,
    surely_nonnegative,
)

__all__ = [
    "concatenate", "index", "iverson", "kron", "pad", "reshape", "stack", "tril", "triu", "vec",
]  # fmt: skip

Index = int | sympy.Expr


def compound_size(value: sympy.Expr) -> Size:
    """A size that was computed from others; `ShapeError` where it is not positive."""
    return as_size(sympy.expand(sympy.sympify(value)))


# --- slices --------------------------------------------------------------------------------------


def index(a: object, where: object) -> Expression:
    """NumPy's basic indexing: `A[0, 1]`, `x[1:]`, `x[::-1]`, `v[:, None]`, `T[..., 0]`.

    Bounds are integers or expressions in sizes and have to lie within the axis, which they are
    checked for as far as the sizes tell. A negative bound counts from the end.

    >>> from symbolic.variables import vector
    >>> x = vector("x", "n")
    >>> (x[1:] - x[:-1]).shape
    (n - 1,)
    """
    operand = as_expression(a)
    parts = _all_axes(operand, where if isinstance(where, tuple) else (where,))
    operands: list[Expression] = [operand]
    labels: list[list[object]] = [list(range(operand.rank))]
    output: list[object] = []
    sizes: dict[object, Size] = {}
    axis = 0
    for place, part in enumerate(parts):
        if part is None:
            output.append(("new", place))
            sizes["new", place] = 1
            continue
        size = operand.shape[axis]
        if isinstance(part, slice):
            if part == slice(None):
                output.append(axis)
            else:
                operands.append(_range(part, size, operand))
                labels.append([axis, ("out", axis)])
                output.append(("out", axis))
        else:
            place_in_axis = _one_place(part, size, operand)
            if size != 1:  # the only entry of an axis needs no selection
                operands.append(place_in_axis)
                labels.append([axis])
        axis += 1
    return Contraction(operands, labels, output, sizes)


def _all_axes(operand: Expression, parts: tuple[object, ...]) -> list[object]:
    """One part an axis, `...` written out."""
    given = [part for part in parts if part is not None and part is not Ellipsis]
    missing = operand.rank - len(given)
    if missing < 0 or parts.count(Ellipsis) > 1:
        raise ShapeError(
            f"an index with {len(given)} parts",
            f"the operand has shape {shape_text(operand.shape)}",
            "give at most one part an axis",
        )
    if Ellipsis in parts:
        place = parts.index(Ellipsis)
        return [*parts[:place], *[slice(None)] * missing, *parts[place + 1 :]]
    return [*parts, *[slice(None)] * missing]


def _bound(value: object, size: Size) -> sympy.Expr:
    """A bound counted from the start of the axis."""
    if isinstance(value, bool) or not isinstance(value, (int, sympy.Expr)):
        try:
            value = int(value.__index__())  # type: ignore[attr-defined]
        except AttributeError:
            raise NotAllowedError(
                f"the index {value!r}",
                f"a {type(value).__name__}",
                "use integers, sizes, slices, None and ...",
            ) from None
    bound = sympy.sympify(value)
    if bound.is_integer is False:
        raise NotAllowedError(f"the index {value}", "no integer", "use integers and sizes")
    return sympy.expand(size + bound) if bound.is_negative else bound


def _outside(value: object, size: Size, operand: Expression) -> ShapeError:
    return ShapeError(
        f"the index {value} of an axis of size {size}",
        f"it lies outside; the operand has shape {shape_text(operand.shape)}",
        "use an index within the axis",
    )


def _one_place(value: object, size: Size, operand: Expression) -> Iverson:
    place = _bound(value, size)
    if place.is_negative or sympy.sympify(size - 1 - place).is_negative:
        raise _outside(value, size, operand)
    _check_letters(value, size, (value, place))
    return Iverson((size,), (1,), -place)


def _range(part: slice, size: Size, operand: Expression) -> Iverson:
    step = 1 if part.step is None else part.step
    if isinstance(step, bool) or not isinstance(step, (int, sympy.Integer)) or step == 0:
        raise NotAllowedError(f"a slice with step {step}", "no integer but 0", "use a whole step")
    ahead = step > 0
    first = sympy.Integer(0) if ahead else sympy.sympify(size - 1)
    start = first if part.start is None else _bound(part.start, size)
    if part.stop is None:
        stop = sympy.sympify(size) if ahead else sympy.Integer(-1)
    else:
        stop = _bound(part.stop, size)
    span = stop - start if ahead else start - stop
    length = (
        sympy.expand(span) if abs(step) == 1 else sympy.floor((span + abs(step) - 1) / abs(step))
    )
    last = start + step * (length - 1)
    for end in (start, last):
        if sympy.expand(end).is_negative or sympy.expand(size - 1 - end).is_negative:
            raise _outside(f"{_colons(part)}", size, operand)
    _check_letters(_colons(part), size, (part.start, start), (part.stop, last))
    if length.is_nonpositive:
        raise ShapeError(
            f"the slice {_colons(part)} of an axis of size {size}",
            "it is empty",
            "take some entries",
        )
    return Iverson((size, compound_size(length)), (1, -step), -start)


def _check_letters(written: object, size: Size, *ends: tuple[object, sympy.Expr]) -> None:
    """A bound in letters has to lie within the axis for all sizes; a number is checked with the data."""
    for bound, place in ends:
        if not isinstance(bound, sympy.Expr) or not bound.free_symbols:
            continue
        counted_from_end = sympy.expand(bound - size).is_Integer
        if counted_from_end or (surely_nonnegative(place) and surely_nonnegative(size - 1 - place)):
            continue
        raise ShapeError(
            f"the index {written} of an axis of size {size}",
            "it lies within the axis for some sizes only",
            "declare the axis by its parts, as in 'k+m' for x[:k]",
        )


def _colons(part: slice) -> str:
    ends = [part.start, part.stop] if part.step is None else [part.start, part.stop, part.step]
    return ":".join("" if end is None else str(end) for end in ends)


# --- padding and stacking ------------------------------------------------------------------------


def place_of_axis(operand: Expression, axis: int, what: str) -> int:
    """An axis counted from the front; `ShapeError` when the operand has no such axis."""
    place = axis + operand.rank if axis < 0 else axis
    if not 0 <= place < operand.rank:
        raise ShapeError(
            f"{what} along axis {axis}",
            f"the operand has shape {shape_text(operand.shape)}",
            "name one of its axes",
        )
    return place


def pad(a: object, before: object, after: object, axis: int = -1) -> Expression:
    """Zeros in front of and behind the entries along an axis.

    >>> from symbolic.variables import vector
    >>> pad(vector("x", "n"), 1, 2).shape
    (n + 3,)
    """
    operand = as_expression(a)
    place = place_of_axis(operand, axis, "pad")
    ahead, behind = sympy.sympify(before), sympy.sympify(after)
    for count in (ahead, behind):
        if count.is_integer is False or count.is_negative:
            raise ShapeError(f"padding by {count}", "no count", "give a whole number of 0 or more")
    size = operand.shape[place]
    moved = Iverson((compound_size(ahead + size + behind), size), (1, -1), -ahead)
    labels = list(arange_axes(operand))
    output: list[object] = [*labels[:place], "out", *labels[place + 1 :]]
    return Contraction([operand, moved], [labels, ["out", place]], output)


def _some(parts: tuple[object, ...], what: str) -> list[Expression]:
    if not parts:
        raise ShapeError(f"{what}()", "no arrays", "give at least one")
    return [as_expression(part) for part in parts]


def concatenate(*parts: object, axis: int = 0) -> Expression:
    """Arrays one behind the other along an axis.

    >>> from symbolic.variables import vector
    >>> concatenate(vector("x", "n"), vector("y", "m")).shape
    (m + n,)
    """
    operands = _some(parts, "concatenate")
    place = place_of_axis(operands[0], axis, "concatenate")
    sizes = [operand.shape[place] for operand in operands if operand.rank > place]
    rests = {operand.shape[:place] + operand.shape[place + 1 :] for operand in operands}
    if len(rests) > 1 or len(sizes) < len(operands):
        shapes = ", ".join(shape_text(operand.shape) for operand in operands)
        raise ShapeError(
            f"concatenate along axis {axis}",
            f"shapes {shapes}",
            "give arrays whose other axes have equal sizes",
        )
    padded = [
        pad(operand, sympy.Add(*sizes[:k]), sympy.Add(*sizes[k + 1 :]), place)
        for k, operand in enumerate(operands)
    ]
    return padded[0] if len(padded) == 1 else Sum(padded)


def stack(*parts: object, axis: int = 0) -> Expression:
    """Arrays of one shape along a new axis.

    >>> from symbolic.variables import vector
    >>> stack(vector("x", "n"), vector("y", "n")).shape
    (2, n)
    """
    operands = _some(parts, "stack")
    if len({operand.shape for operand in operands}) > 1:
        shapes = ", ".join(shape_text(operand.shape) for operand in operands)
        raise ShapeError("stack", f"shapes {shapes}", "give arrays of one shape")
    rank = operands[0].rank
    place = axis + rank + 1 if axis < 0 else axis
    if not 0 <= place <= rank:
        raise ShapeError(
            f"stack along axis {axis}", f"{rank} axes", "name a place for the new axis"
        )
    widened = []
    for operand in operands:
        labels: list[object] = list(arange_axes(operand))
        output = [*labels[:place], "new", *labels[place:]]
        widened.append(Contraction([operand], [labels], output, {"new": 1}))
    return concatenate(*widened, axis=place)


# --- reordering ----------------------------------------------------------------------------------


def merging(whole: Size, sizes: Sequence[Size], *, first_fastest: bool = False) -> Iverson:
    """[I == i_0*s_1*s_2... + i_1*s_2... + ...]: several axes as one, the last one fastest."""
    strides = []
    stride = sympy.Integer(1)
    for size in sizes if first_fastest else reversed(sizes):
        strides.append(stride)
        stride = stride * size
    ordered = strides if first_fastest else strides[::-1]
    return Iverson((whole, *sizes), (1, *(-each for each in ordered)))


def reshape(a: object, *shape: object) -> Expression:
    """The entries in the same (row-major) order with other axes.

    >>> from symbolic.variables import dims, matrix
    >>> n, d = dims("n d")
    >>> reshape(matrix("X", n, d), n * d).shape
    (d*n,)
    """
    operand = as_expression(a)
    wanted = tuple(compound_size(sympy.sympify(as_size(size))) for size in shape)
    operands: list[Expression] = [operand]
    inner = [("in", axis) for axis in range(operand.rank)]
    output: list[object] = [("out", axis) for axis in range(len(wanted))]
    labels: list[list[object]] = [list(inner)]
    sizes: dict[object, Size] = {("out", axis): size for axis, size in enumerate(wanted)}
    for number, (old, new) in enumerate(_groups(operand.shape, wanted)):
        old_sizes = [operand.shape[axis] for axis in old]
        new_sizes = [wanted[axis] for axis in new]
        if len(old) == len(new) == 1:
            output[new[0]] = inner[old[0]]
        elif old and new:
            whole = compound_size(sympy.Mul(*new_sizes))
            merged: object = ("whole", number)
            if len(new) == 1:
                merged = output[new[0]]
            elif len(old) == 1:
                merged = inner[old[0]]
            if len(old) > 1:
                operands.append(merging(whole, old_sizes))
                labels.append([merged, *(inner[axis] for axis in old)])
            if len(new) > 1:
                operands.append(merging(whole, new_sizes))
                labels.append([merged, *(output[axis] for axis in new)])
    return Contraction(operands, labels, output, sizes)


def _groups(old: Shape, new: Shape) -> Iterator[tuple[list[int], list[int]]]:
    """Runs of old and new axes with equal products; `ShapeError` where the products differ."""
    i = j = 0
    while i < len(old) or j < len(new):
        mine: list[int] = []
        theirs: list[int] = []
        left = right = sympy.Integer(1)
        while True:
            if i < len(old) and (not mine or _is_short(left, right)):
                left = sympy.expand(left * old[i])
                mine.append(i)
                i += 1
            elif j < len(new):
                right = sympy.expand(right * new[j])
                theirs.append(j)
                j += 1
            elif i < len(old):
                left = sympy.expand(left * old[i])
                mine.append(i)
                i += 1
            else:
                break
            if left == right:
                break
        if left != right:
            raise ShapeError(
                f"reshape to {shape_text(new)}",
                f"the operand has shape {shape_text(old)}",
                "give a shape with as many entries",
            )
        yield mine, theirs


def _is_short(left: sympy.Expr, right: sympy.Expr) -> bool:
    """Whether the product on the left is not yet a multiple of the one on the right."""
    return sympy.cancel(left / right).as_numer_denom()[1] != 1


def vec(a: object) -> Expression:
    """The columns of a matrix one below the other, entry i + n*j the entry X[i, j].

    >>> from symbolic.variables import matrix
    >>> vec(matrix("X", "n", "d")).shape
    (d*n,)
    """
    operand = as_expression(a)
    if operand.rank != 2:
        raise ShapeError("vec", f"shape {shape_text(operand.shape)}", "give a matrix")
    return Contraction([operand, vec_bracket(operand.shape)], ["ij", "Iij"], "I")


def vec_bracket(shape: Shape) -> Iverson:
    """[I == i + n*j], which takes the entries of a matrix to those of its vec."""
    return merging(compound_size(sympy.Mul(*shape)), shape, first_fastest=True)


def kron(a: object, b: object) -> Expression:
    """The Kronecker product, entry (i*p + k, j*q + l) being A[i, j]*B[k, l], B of shape (p, q).

    >>> from symbolic.variables import matrix
    >>> kron(matrix("A", "n", "m"), matrix("B", "p", "q")).shape
    (n*p, m*q)
    """
    left, right = as_expression(a), as_expression(b)
    if left.rank != right.rank or left.rank not in (1, 2):
        raise ShapeError(
            "kron",
            f"shapes {shape_text(left.shape)} and {shape_text(right.shape)}",
            "give two matrices, or two vectors",
        )
    operands: list[Expression] = [left, right]
    labels: list[list[object]] = [[("a", k) for k in range(left.rank)]]
    labels.append([("b", k) for k in range(left.rank)])
    output: list[object] = []
    for k, (one, other) in enumerate(zip(left.shape, right.shape, strict=True)):
        operands.append(merging(compound_size(sympy.sympify(one) * other), (one, other)))
        labels.append([("out", k), ("a", k), ("b", k)])
        output.append(("out", k))
    return Contraction(operands, labels, output)


# --- triangles and brackets ----------------------------------------------------------------------


def _triangle(a: object, what: str, coefficients: tuple[int, int], offset: int) -> Expression:
    operand = as_expression(a)
    if operand.rank < 2:
        raise ShapeError(what, f"shape {shape_text(operand.shape)}", "give a matrix")
    mask = Iverson(operand.shape[-2:], coefficients, offset, ">=")
    if isinstance(operand, Contraction) and operand is broadcast_to(
        as_expression(1), operand.shape
    ):
        return broadcast_to(mask, operand.shape)
    labels = arange_axes(operand)
    return Contraction([operand, mask], [labels, labels[-2:]], labels)


def tril(a: object, k: int = 0) -> Expression:
    """The entries on and below diagonal number k, zeros elsewhere."""
    return _triangle(a, "tril", (1, -1), k)


def triu(a: object, k: int = 0) -> Expression:
    """The entries on and above diagonal number k, zeros elsewhere."""
    return _triangle(a, "triu", (-1, 1), -k)


def iverson(relation: str, *sizes: object) -> Iverson:
    """The Iverson bracket of an affine relation between the indices i0, i1, ...

    >>> str(iverson("i0 == 2*i1 + i2", "n", "m", 3))
    'iverson("i0 == 2*i1 + i2", n, m, 3)'
    """
    try:
        tree = ast.parse(relation, mode="eval").body if len(relation) < 1000 else None
    except (SyntaxError, ValueError, RecursionError):
        tree = None
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        raise _no_relation(relation)
    shape = tuple(as_size(size) for size in sizes)
    symbols = sympy.symbols(f"i:{len(shape)}", integer=True) if shape else ()
    names: dict[str, sympy.Expr] = {symbol.name: symbol for symbol in symbols}
    for size in shape:
        if isinstance(size, sympy.Expr):
            names.update({letter.name: letter for letter in size.free_symbols})
    left, right = _linear(tree.left, names, relation), _linear(tree.comparators[0], names, relation)
    kind = type(tree.ops[0])
    if kind not in (ast.Eq, ast.GtE, ast.LtE):
        raise _no_relation(relation)
    difference = sympy.expand(right - left if kind is ast.LtE else left - right)
    coefficients = [difference.coeff(symbol) for symbol in symbols]
    rest = sympy.expand(difference - sum(c * s for c, s in zip(coefficients, symbols, strict=True)))
    if any(each.has(*symbols) for each in (rest, *coefficients) if symbols):
        raise _no_relation(relation)
    return Iverson(shape, coefficients, rest, "==" if kind is ast.Eq else ">=")


def _no_relation(relation: str) -> NotAllowedError:
    return NotAllowedError(
        f"iverson({relation[:60]!r}, ...)",
        "no affine relation between i0, i1, ...",
        "write one with ==, >= or <=, as in iverson('i0 == 2*i1 + 1', n, m)",
    )


def _linear(node: ast.expr, names: dict[str, sympy.Expr], relation: str) -> sympy.Expr:
    match node:
        case ast.Name():
            if node.id.isidentifier() and node.id not in names and len(node.id) < 20:
                names[node.id] = size_symbol(node.id)
            return names[node.id]
        case ast.Constant() if type(node.value) is int:
            return sympy.Integer(node.value)
        case ast.UnaryOp(op=ast.USub()):
            return -_linear(node.operand, names, relation)
        case ast.BinOp(op=ast.Add()):
            return _linear(node.left, names, relation) + _linear(node.right, names, relation)
        case ast.BinOp(op=ast.Sub()):
            return _linear(node.left, names, relation) - _linear(node.right, names, relation)
        case ast.BinOp(op=ast.Mult()):
            return _linear(node.left, names, relation) * _linear(node.right, names, relation)
        case _:
            raise _no_relation(relation)
