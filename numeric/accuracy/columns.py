"""Scalar expressions at many points at once, in balls: one list of balls for every operation.

The program of an expression is compiled once; each of its operations then runs over the whole
column of points. `NOWHERE` is the value where an operation certainly has none (the logarithm of a
negative number): unlike a ball that is NaN, more precision cannot help it. What the columns do not
know (vectors inside, derivatives) is evaluated point by point by `numeric.walker`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import arb, fmpq

from numeric.balls import Balls
from numeric.errors import Undecided
from numeric.kernels import Operation, Program, compile_kernel, compile_scalar
from numeric.walker import walk
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, Variable
from symbolic.traverse import postorder

Column = list[Any]  # balls, or NOWHERE


class _Nowhere:
    """No value, certainly: absorbs every operation and compares as nothing."""

    def _itself(self, *_: object) -> _Nowhere:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _itself
    __truediv__ = __rtruediv__ = __neg__ = __pow__ = __abs__ = _itself

    def __repr__(self) -> str:
        return "NOWHERE"


NOWHERE = _Nowhere()
_UNKNOWN = arb.nan()
_LARGE_POWER = 64


def runs_in_columns(expression: Expression) -> bool:
    """Whether all of an expression is scalar, so that it need not be evaluated point by point."""
    return all(
        isinstance(node, (Variable, Named, Sum, Elementwise, Contraction)) and not node.shape
        for node in postorder(expression)
    )


def has_large_powers(expression: Expression) -> bool:
    """Whether exact powers of fractions might need more digits than memory holds."""
    programs = (
        compile_kernel(node.kernel)
        for node in postorder(expression)
        if isinstance(node, Elementwise)
    )
    return any(
        each.name == "general_power"
        or (each.name == "power" and abs(each.parameter) > _LARGE_POWER)
        for program in programs
        for each in program
    )


def evaluate(expression: Expression, columns: Mapping[str, Column]) -> Column:
    """Balls around the values of a scalar expression at every point, at the context's precision.

    Conditions: all variables are scalars and have a column; all columns have one length.

    >>> from symbolic import parse
    >>> evaluate(parse("log(x)", {"x": ""}), {"x": [arb(1), arb(-1)]})
    [0, NOWHERE]
    """
    count = len(next(iter(columns.values()), ()))
    known: dict[Expression, Column] = {}
    if not runs_in_columns(expression):
        return _point_by_point(expression, columns, count)
    for node in postorder(expression):
        known[node] = _node(node, known, columns, count)
    return known[expression]


def _node(
    node: Expression,
    known: Mapping[Expression, Column],
    columns: Mapping[str, Column],
    count: int,
) -> Column:
    match node:
        case Variable():
            return columns[node.name]
        case Named():
            return known[node.meaning]
        case Sum():
            return _fold(operator.add, [known[term] for term in node.terms])
        case Elementwise():
            return run(compile_kernel(node.kernel), [known[each] for each in node.operands], count)
        case Contraction():
            factors = [known[each] for each in node.operands]
            if node.coefficient != 1 or not factors:
                factors.insert(0, run(compile_scalar(node.coefficient), (), count))
            return _fold(operator.mul, factors)
        case _:
            raise AssertionError(node)


def _fold(operation: Callable[[Any, Any], Any], columns: Sequence[Column]) -> Column:
    return reduce(lambda first, second: list(map(operation, first, second)), columns)


def _point_by_point(expression: Expression, columns: Mapping[str, Column], count: int) -> Column:
    by_name = {each.name: each for each in postorder(expression) if isinstance(each, Variable)}
    found = []
    for place in range(count):
        point = {variable: _rational(columns[name][place]) for name, variable in by_name.items()}
        try:
            found.append(walk([expression], point, None, Balls())[0].item())
        except Undecided:
            found.append(_UNKNOWN)
    return found


def _rational(exact: arb) -> Fraction:
    mantissa, exponent = exact.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


# --- kernels -------------------------------------------------------------------------------------


def run(program: Program, operands: Sequence[Column], count: int) -> Column:
    """The value of a kernel's program, operation by operation (see `numeric.kernels`).

    An operand that the program does not read, as x in 1**x, must have a value all the same.
    """
    found: list[Any] = []
    for operation in program:
        arguments = [found[place] for place in operation.arguments]
        found.append(_operation(operation, arguments, operands, count))
    read = {operation.parameter for operation in program if operation.name == "operand"}
    unread = [operand for place, operand in enumerate(operands) if place not in read]
    return [_beside(*each) for each in zip(found[-1], *unread, strict=True)]


def _beside(value: Any, *others: Any) -> Any:
    """A value, none where one of the others has none."""
    if NOWHERE in others:
        return NOWHERE
    return value if all(map(_is_finite, others)) else _UNKNOWN


def _is_finite(scalar: Any) -> bool:
    return isinstance(scalar, arb) and bool(scalar.is_finite())


def _operation(
    operation: Operation, arguments: list[Any], operands: Sequence[Column], count: int
) -> Any:
    match operation.name:
        case "number":
            value = operation.parameter
            return [arb(fmpq(value.numerator, value.denominator))] * count
        case "constant":
            return [Balls().constant(operation.parameter)] * count
        case "operand":
            return operands[operation.parameter]
        case "add":
            return _fold(operator.add, arguments)
        case "multiply":
            return _fold(operator.mul, arguments)
        case "power":
            return _power(operation.parameter, arguments[0])
        case "general_power":
            return list(map(_general_power, *arguments))
        case "apply":
            function, parameter = operation.parameter
            return _apply(function, parameter, arguments[0])
        case "maximum":
            return _fold(_larger, arguments)
        case "minimum":
            return _fold(_smaller, arguments)
        case "compare":
            return [_compare(operation.parameter, *pair) for pair in zip(*arguments, strict=True)]
        case "truth":
            return [operation.parameter] * count
        case "not":
            return [None if each is None else not each for each in arguments[0]]
        case "and":
            return [_every(each) for each in zip(*arguments, strict=True)]
        case "or":
            return [_some(each) for each in zip(*arguments, strict=True)]
        case "select":
            return [_chosen(each) for each in zip(*arguments, strict=True)]
        case _:
            raise AssertionError(operation)


def _power(exponent: Fraction, column: Column) -> Column:
    if exponent == -1:
        return [x if x is NOWHERE else NOWHERE if x == 0 else 1 / x for x in column]
    if exponent == 2:
        return list(map(operator.mul, column, column))
    over = Balls()
    return [
        x if x is NOWHERE
        else NOWHERE if (exponent < 0 and x == 0) or (exponent.denominator > 1 and x < 0)
        else over.power(x, exponent, 0)[0]
        for x in column
    ]  # fmt: skip


def _general_power(base: Any, exponent: Any) -> Any:
    if base is NOWHERE or exponent is NOWHERE:
        return NOWHERE
    over = Balls()
    whole = over.integer(exponent)
    if whole is not None:
        return _power(Fraction(whole), [base])[0]
    if base > 0:
        return (exponent * base.log()).exp()
    return NOWHERE if base < 0 or (base == 0 and exponent < 0) else _UNKNOWN


_OUTSIDE: dict[str, Callable[[arb], bool]] = {
    "log": lambda x: x <= 0,
    "log1p": lambda x: x <= -1,
    "sqrt": lambda x: x < 0,
    "arctanh": lambda x: x <= -1 or x >= 1,
    "lgamma": lambda x: x <= 0,
}


def _apply(function: str, parameter: int, column: Column) -> Column:
    outside = _OUTSIDE.get(function, _never)
    over = Balls()
    return [
        x if x is NOWHERE else NOWHERE if outside(x) else over.taylor(function, parameter, x, 0)[0]
        for x in column
    ]


def _never(_: arb) -> bool:
    return False


def _larger(first: Any, second: Any) -> Any:
    return _beside(first.max(second), first, second) if NOWHERE not in (first, second) else NOWHERE


def _smaller(first: Any, second: Any) -> Any:
    return _beside(first.min(second), first, second) if NOWHERE not in (first, second) else NOWHERE


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_REVERSE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _compare(relation: str, left: Any, right: Any) -> bool | None:
    """Certainly true, certainly false, or None."""
    if left is NOWHERE or right is NOWHERE:
        return None
    if _HOLDS[relation](left, right):
        return True
    return False if _HOLDS[_REVERSE[relation]](left, right) else None


def _every(conditions: Sequence[bool | None]) -> bool | None:
    if False in conditions:
        return False
    return None if None in conditions else True


def _some(conditions: Sequence[bool | None]) -> bool | None:
    if True in conditions:
        return True
    return None if None in conditions else False


def _chosen(pairs: Sequence[Any]) -> Any:
    """The value of the first condition that holds; unknown where that cannot be told."""
    for value, condition in zip(pairs[::2], pairs[1::2], strict=True):
        if condition:
            return value
        if condition is None:
            return _UNKNOWN
    return _UNKNOWN
