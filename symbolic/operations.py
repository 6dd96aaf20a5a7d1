"""The functions of the language: NumPy's names, broadcasting and axes, on expressions.

Every function builds nodes and nothing more: no simplification happens here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Integral, Rational, Real

import sympy

from symbolic.errors import DomainError, NotAllowedError, ShapeError, UnsupportedError
from symbolic.functions import ELEMENTWISE, MOST_DERIVATIVES
from symbolic.nodes import (
    Contraction,
    Elementwise,
    Expression,
    Sum,
    kernel_symbol,
)
from symbolic.sizes import Shape, Size, as_size, shape_text

__all__ = [
    "abs", "arctanh", "broadcast_to", "compare", "constant", "cos", "cosh", "diag",
    "diagonal", "digamma", "einsum", "erf", "erfc", "exp", "expm1", "eye", "gamma", "gelu",
    "lgamma", "log", "log1p", "matmul", "maximum", "mean", "minimum", "ones", "outer",
    "polygamma", "relu", "sigmoid", "sign", "silu", "sin", "sinh", "softplus", "sqrt", "step",
    "sum", "tanh", "trace", "transpose", "trigamma", "where", "zeros",
]  # fmt: skip


# --- constants -----------------------------------------------------------------------------------


def constant(value: object) -> Contraction:
    """A number, or a SymPy expression in sizes, as a scalar expression."""
    return Contraction((), (), (), coefficient=exact_number(value))


def as_expression(value: object) -> Expression:
    """`value` as an expression: an expression stays, a number or a size becomes a constant."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, (Real, sympy.Expr)) and not isinstance(value, bool):
        return constant(value)
    advice = "use a number, a size, or declare a variable and pass the data when you evaluate"
    if isinstance(value, str):
        advice = "read text with its declarations, as in parse('X @ w', {'X': 'n d', 'w': 'd'})"
    raise UnsupportedError(f"{value!r} in an expression", f"a {type(value).__name__}", advice)


def exact_number(value: object) -> sympy.Expr:
    if isinstance(value, Integral):
        return sympy.Integer(int(value))
    if isinstance(value, Rational):
        return sympy.Rational(value.numerator, value.denominator)
    if isinstance(value, sympy.Expr):
        if isinstance(value, sympy.Lambda):
            raise UnsupportedError(f"{value} as a number", "a function", "apply it to its argument")
        odd = [s for s in value.free_symbols if not (s.is_integer and s.is_positive)]
        if odd or value.is_finite is False or value.is_real is False:
            raise UnsupportedError(
                f"the SymPy expression {value}",
                f"it holds {', '.join(map(str, odd)) or 'a value that is not a real number'}, not a size",
                "use sizes from dims() or variables from scalar()",
            )
        return value
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise UnsupportedError(
            f"{value!r} as a number", f"a {type(value).__name__}", "give a number"
        ) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise UnsupportedError(f"the number {number}", "not finite", "use a finite number")
    return sympy.Rational(repr(number))


def zeros(*shape: object) -> Contraction:
    """An array of zeros."""
    return _filled(shape, 0)


def ones(*shape: object) -> Contraction:
    """An array of ones."""
    return _filled(shape, 1)


def _filled(shape: Iterable[object], value: int) -> Contraction:
    sizes = dict(enumerate(as_size(size) for size in shape))
    return Contraction((), (), tuple(sizes), sizes, value)


def eye(n: object) -> Contraction:
    """The identity matrix with n rows."""
    return Contraction((), (), (0, 0), {0: as_size(n)})


# --- shapes --------------------------------------------------------------------------------------


def arange_axes(expression: Expression) -> tuple[int, ...]:
    """One label an axis: 0, 1, ..., rank - 1."""
    return tuple(range(expression.rank))


def broadcast_to(expression: Expression, shape: Shape) -> Expression:
    """The expression repeated along new leading axes, and along axes of size 1."""
    if expression.shape == shape:
        return expression
    offset = len(shape) - expression.rank
    labels = []
    for axis, size in enumerate(expression.shape):
        wanted = shape[axis + offset] if offset >= 0 else None
        if size == wanted:
            labels.append(axis + offset)
        elif size == 1:
            labels.append(-1 - axis)
        else:
            raise ShapeError(
                f"broadcasting {shape_text(expression.shape)} to {shape_text(shape)}",
                f"axis {axis} has size {size}",
                "give operands whose sizes, counted from the last axis, are equal or 1",
            )
    return Contraction([expression], [labels], tuple(range(len(shape))), dict(enumerate(shape)))


def _common_shape(operands: list[Expression], what: str) -> Shape:
    rank = max(operand.rank for operand in operands)
    shape: list[Size] = [1] * rank
    for operand in operands:
        for axis, size in enumerate(operand.shape, start=rank - operand.rank):
            if shape[axis] == 1:
                shape[axis] = size
            elif size not in (1, shape[axis]):
                raise ShapeError(
                    what,
                    "shapes " + " and ".join(shape_text(each.shape) for each in operands),
                    "sizes, counted from the last axis, must be equal or 1",
                )
    return tuple(shape)


def _together(what: str, *values: object) -> list[Expression]:
    operands = [as_expression(value) for value in values]
    shape = _common_shape(operands, what)
    return [broadcast_to(operand, shape) for operand in operands]


def transpose(a: object) -> Expression:
    """All axes reversed, as NumPy's `.T`."""
    operand = as_expression(a)
    if operand.rank < 2:
        return operand
    axes = arange_axes(operand)
    return Contraction([operand], [axes], axes[::-1])


# --- arithmetic ----------------------------------------------------------------------------------


def add(a: object, b: object) -> Expression:
    """Entrywise sum, broadcasting."""
    left, right = as_expression(a), as_expression(b)
    one, other = constant_value(left), constant_value(right)
    if one is not None and other is not None:
        return constant(one + other)
    return Sum(_together("a sum", left, right))


def subtract(a: object, b: object) -> Expression:
    """Entrywise difference, broadcasting."""
    left, right = as_expression(a), as_expression(b)
    one, other = constant_value(left), constant_value(right)
    if one is not None and other is not None:
        return constant(one - other)
    left, right = _together("a difference", left, right)
    return Sum([left, negative(right)])


def negative(a: object) -> Expression:
    """The expression with its sign changed."""
    return scale(-1, as_expression(a))


def scale(coefficient: object, operand: Expression) -> Expression:
    """A number or an expression in sizes, times the operand; factors of a factor are multiplied."""
    factor = exact_number(coefficient)
    value = constant_value(operand)
    if value is not None:
        return constant(factor * value)
    axes = arange_axes(operand)
    if isinstance(operand, Contraction) and operand.labels == (axes,) and operand.output == axes:
        factor, operand = factor * operand.coefficient, operand.operands[0]
    if factor == 1:
        return operand
    return Contraction([operand], [axes], axes, coefficient=factor)


def constant_value(operand: Expression) -> sympy.Expr | None:
    """The value of a scalar constant; None for every other expression."""
    if isinstance(operand, Contraction) and not operand.operands and not operand.output:
        return operand.coefficient
    return None


def repeated_value(operand: Expression) -> sympy.Expr | None:
    """The one value that all entries of a constant array have; None for every other expression."""
    if not isinstance(operand, Contraction) or len(set(operand.output)) < operand.rank:
        return None
    values = [constant_value(each) for each in operand.operands]
    if any(value is None for value in values):
        return None
    return operand.coefficient * sympy.Mul(*values)


def multiply(a: object, b: object) -> Expression:
    """Entrywise product, broadcasting."""
    left, right = as_expression(a), as_expression(b)
    for one, other in ((left, right), (right, left)):
        value = constant_value(one)
        if value is not None:
            return scale(value, other)
    for one, other in ((left, right), (right, left)):
        value = repeated_value(one)
        if value is not None:
            shape = _common_shape([left, right], "an entrywise product")
            return scale(value, broadcast_to(other, shape))
    return _product([left, right])


def _product(operands: list[Expression]) -> Contraction:
    shape = _common_shape(operands, "an entrywise product")
    labels = []
    for operand in operands:
        offset = len(shape) - operand.rank
        labels.append(
            [
                axis + offset if size == shape[axis + offset] else ("one", id(operand), axis)
                for axis, size in enumerate(operand.shape)
            ]
        )
    return Contraction(operands, labels, tuple(range(len(shape))), dict(enumerate(shape)))


def divide(a: object, b: object) -> Expression:
    """Entrywise quotient, broadcasting."""
    bottom = as_expression(b)
    value = constant_value(bottom)
    if value is not None:
        if value.is_zero:
            raise DomainError("a division", "the divisor is 0", "divide by something else")
        return multiply(a, constant(1 / value))
    return multiply(a, power(bottom, -1))


def power(a: object, b: object) -> Expression:
    """Entrywise power, broadcasting."""
    base, exponent = as_expression(a), as_expression(b)
    value = constant_value(exponent)
    x0, x1 = kernel_symbol(0), kernel_symbol(1)
    if value is not None:
        number = constant_value(base)
        if number is not None:
            return constant(number**value)
        if value == 0:
            return ones(*base.shape) if base.shape else constant(1)
        return base if value == 1 else Elementwise(sympy.Lambda((x0,), x0**value), [base])
    number = constant_value(base)
    if number is not None:
        return Elementwise(sympy.Lambda((x0,), number**x0), [exponent])
    return Elementwise(sympy.Lambda((x0, x1), x0**x1), _together("a power", base, exponent))


def matmul(a: object, b: object) -> Expression:
    """The matrix product with NumPy's rules for one, two and more axes."""
    left, right = as_expression(a), as_expression(b)
    if left.rank == 0 or right.rank == 0:
        raise ShapeError(
            "a product with @",
            f"shapes {shape_text(left.shape)} and {shape_text(right.shape)}",
            "use * to multiply by a scalar",
        )
    inner = right.shape[-2] if right.rank > 1 else right.shape[0]
    if left.shape[-1] != inner:
        raise ShapeError(
            "a product with @",
            f"shapes {shape_text(left.shape)} and {shape_text(right.shape)}:"
            f" {left.shape[-1]} is not {inner}",
            "the last size on the left must be the last but one on the right; perhaps transpose (.T)",
        )
    batch = max(left.rank, right.rank, 2) - 2
    left_labels: list[object] = [("b", batch - left.rank + 2 + i) for i in range(left.rank - 2)]
    right_labels: list[object] = [("b", batch - right.rank + 2 + i) for i in range(right.rank - 2)]
    output: list[object] = [("b", i) for i in range(batch)]
    if left.rank > 1:
        left_labels.append("row")
        output.append("row")
    left_labels.append("inner")
    right_labels.append("inner")
    if right.rank > 1:
        right_labels.append("column")
        output.append("column")
    return Contraction([left, right], [left_labels, right_labels], output)


# --- contractions --------------------------------------------------------------------------------


def einsum(subscripts: str, *operands: object) -> Contraction:
    """NumPy's `einsum` with explicit output, as in `einsum("ij,jk->ik", A, B)`.

    An index of the output that no operand has is an error; one written twice gives a diagonal.
    """
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    labels = inputs.split(",") if inputs else []
    letters = inputs.replace(",", "") + output
    if not arrow or len(labels) != len(operands) or (letters and not letters.isalpha()):
        raise ShapeError(
            f"einsum({subscripts!r}) of {len(operands)} operands",
            "subscripts that do not fit",
            "write one group of letters an operand, then '->' and the output, as in 'ij,jk->ik'",
        )
    return Contraction([as_expression(each) for each in operands], labels, output)


def axis_list(operand: Expression, axis: int | tuple[int, ...] | None, what: str) -> list[int]:
    if axis is None:
        return list(range(operand.rank))
    chosen = []
    for each in axis if isinstance(axis, tuple) else (axis,):
        place = each + operand.rank if each < 0 else each
        if not 0 <= place < operand.rank or place in chosen:
            raise ShapeError(
                f"{what} along axis {axis}",
                f"the operand has shape {shape_text(operand.shape)}",
                "name each of its axes at most once",
            )
        chosen.append(place)
    return chosen


def _reduce(
    operand: Expression, axes: list[int], keepdims: bool, coefficient: object
) -> Contraction:
    labels = arange_axes(operand)
    kept = [axis for axis in labels if axis not in axes]
    if not keepdims:
        return Contraction([operand], [labels], kept, coefficient=coefficient)
    output = [("one", axis) if axis in axes else axis for axis in labels]
    sizes: dict[object, Size] = {("one", axis): 1 for axis in axes}
    return Contraction([operand], [labels], output, sizes, coefficient)


def sum(a: object, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Expression:
    """The sum of all entries, or along axes."""
    operand = as_expression(a)
    return _reduce(operand, axis_list(operand, axis, "sum"), keepdims, 1)


def mean(
    a: object, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Expression:
    """The mean of all entries, or along axes."""
    operand = as_expression(a)
    axes = axis_list(operand, axis, "mean")
    count = sympy.Mul(*(operand.shape[each] for each in axes))
    return _reduce(operand, axes, keepdims, 1 / count)


def trace(a: object) -> Expression:
    """The sum of the diagonal of a square matrix."""
    return Contraction([_square(a, "trace")], [(0, 0)], ())


def diagonal(a: object) -> Expression:
    """The diagonal of a square matrix as a vector."""
    return Contraction([_square(a, "diagonal")], [(0, 0)], (0,))


def _square(a: object, what: str) -> Expression:
    operand = as_expression(a)
    if operand.rank != 2 or operand.shape[0] != operand.shape[1]:
        raise ShapeError(
            what,
            f"shape {shape_text(operand.shape)}",
            "give a square matrix",
        )
    return operand


def diag(a: object) -> Expression:
    """The diagonal matrix of a vector, or the diagonal of a matrix."""
    operand = as_expression(a)
    if operand.rank == 1:
        return Contraction([operand], [(0,)], (0, 0))
    return diagonal(operand)


def outer(a: object, b: object) -> Expression:
    """The outer product of two vectors."""
    left, right = as_expression(a), as_expression(b)
    if left.rank != 1 or right.rank != 1:
        raise ShapeError(
            "outer",
            f"shapes {shape_text(left.shape)} and {shape_text(right.shape)}",
            "give two vectors",
        )
    return Contraction([left, right], [(0,), (1,)], (0, 1))


# --- functions -----------------------------------------------------------------------------------


def apply_elementwise(name: str, *values: object) -> Expression:
    """A function of the elementwise table, applied entry by entry."""
    entry = ELEMENTWISE[name]
    if len(values) != entry.arity:
        raise NotAllowedError(
            f"{name} of {len(values)} arguments", f"it takes {entry.arity}", "give that many"
        )
    operands = _together(name, *values)
    symbols = tuple(kernel_symbol(i) for i in range(entry.arity))
    numbers = [constant_value(operand) for operand in operands]
    if all(number is not None for number in numbers):
        return constant(entry.head(*numbers))
    return Elementwise(sympy.Lambda(symbols, entry.head(*symbols)), operands)


def _elementwise(name: str) -> Callable[..., Expression]:
    def function(*values: object) -> Expression:
        return apply_elementwise(name, *values)

    function.__name__ = function.__qualname__ = name
    entry = ELEMENTWISE[name]
    function.__doc__ = f"{name}, entry by entry. Defined for {entry.condition}."
    return function


def polygamma(order: object, x: object) -> Expression:
    """A derivative of digamma, entry by entry. Defined for x > 0.

    >>> from symbolic.variables import vector
    >>> polygamma(1, vector("v", "n")), polygamma(2, vector("v", "n"))
    (trigamma(v), polygamma(2, v))
    """
    derivative, operand = derivative_of_digamma(order), as_expression(x)
    number = constant_value(operand)
    if number is not None:
        return constant(derivative(number))
    return Elementwise(sympy.Lambda(kernel_symbol(0), derivative(kernel_symbol(0))), [operand])


def derivative_of_digamma(order: object) -> Callable[[sympy.Expr], sympy.Expr]:
    """The polygamma function of an order. Errors: `NotAllowedError`."""
    if not isinstance(order, Integral) or not 0 <= int(order) <= MOST_DERIVATIVES:
        raise NotAllowedError(
            f"polygamma({order}, x)",
            f"its order is no integer from 0 to {MOST_DERIVATIVES}",
            "say how often digamma is differentiated, as in polygamma(2, x)",
        )
    return lambda x: sympy.polygamma(int(order), x)


@dataclass(frozen=True)
class Condition:
    """A comparison of two expressions, entry by entry; only `where` takes one."""

    relation: str
    left: Expression
    right: Expression

    def __bool__(self) -> bool:
        raise UnsupportedError(
            "a comparison of expressions used as true or false",
            "it holds entry by entry",
            "write where(x > 0, a, b)",
        )


_RELATIONS: dict[str, Callable[..., sympy.Basic]] = {
    "==": sympy.Eq,
    "!=": sympy.Ne,
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
}


def compare(left: object, relation: str, right: object) -> Condition:
    """The condition `left relation right`, with a relation such as "==" or "<"."""
    if relation not in _RELATIONS:
        raise NotAllowedError(
            f"the relation {relation!r}", "not a comparison", "use " + " ".join(_RELATIONS)
        )
    return Condition(relation, as_expression(left), as_expression(right))


def where(condition: Condition, a: object, b: object) -> Expression:
    """`a` in the entries where the condition holds, `b` elsewhere.

    >>> from symbolic.variables import vector
    >>> y = vector("y", "n", domain="binary")
    >>> str(where(compare(y, "==", 1), y, 1 - y))
    'where(y == 1, y, 1 - y)'
    """
    if not isinstance(condition, Condition):
        raise UnsupportedError(
            f"where({condition!r}, ...)",
            f"a {type(condition).__name__} where a comparison is expected",
            "write where(x > 0, a, b); for equality where(compare(x, '==', y), a, b)",
        )
    left, right, yes, no = _together("where", condition.left, condition.right, a, b)
    x = [kernel_symbol(i) for i in range(4)]
    kernel = sympy.Piecewise(
        (x[2], _RELATIONS[condition.relation](x[0], x[1])), (x[3], True), evaluate=False
    )
    return Elementwise(sympy.Lambda(tuple(x), kernel), [left, right, yes, no])


exp = _elementwise("exp")
log = _elementwise("log")
log1p = _elementwise("log1p")
expm1 = _elementwise("expm1")
sin = _elementwise("sin")
cos = _elementwise("cos")
sinh = _elementwise("sinh")
cosh = _elementwise("cosh")
tanh = _elementwise("tanh")
arctanh = _elementwise("arctanh")
sqrt = _elementwise("sqrt")
abs = _elementwise("abs")
sign = _elementwise("sign")
sigmoid = _elementwise("sigmoid")
softplus = _elementwise("softplus")
relu = _elementwise("relu")
step = _elementwise("step")
silu = _elementwise("silu")
gelu = _elementwise("gelu")
erf = _elementwise("erf")
erfc = _elementwise("erfc")
gamma = _elementwise("gamma")
lgamma = _elementwise("lgamma")
digamma = _elementwise("digamma")
trigamma = _elementwise("trigamma")
maximum = _elementwise("maximum")
minimum = _elementwise("minimum")
