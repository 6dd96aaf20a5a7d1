"""Expressions as scalars and matrix expressions of SymPy, of symbolic size.

A scalar is a scalar of SymPy, a vector of n entries is a column of shape (n, 1), a matrix a matrix.
A scalar that is computed as a (1, 1) matrix is taken out of it with Trace.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import sympy
from sympy import HadamardPower, HadamardProduct, Identity, MatAdd, MatMul, Trace, Transpose
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.determinant import Determinant
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.matrices.expressions.special import OneMatrix, ZeroMatrix

from symbolic.domains import domain_of
from symbolic.errors import UnsupportedError
from symbolic.moves import spell_concatenation, spell_move
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Sum,
    Variable,
)
from symbolic.sizes import Shape
from symbolic.spelling import Spelling, spell

Found = dict[Expression, Any]


def matrix_expression(root: Expression) -> Any:
    """A scalar or matrix expression of SymPy with the value of `root`."""
    found: Found = {}
    waiting = [root]
    while waiting:
        node = waiting[-1]
        missing = [part for part in _parts(node) if part not in found]
        if missing:
            waiting.extend(missing)
        else:
            waiting.pop()
            found[node] = _convert(node, found)
    return found[root]


def _parts(node: Expression) -> tuple[Expression, ...]:
    """The nodes that are converted before this one: not the brackets of slices and blocks."""
    if node.rank > 2:
        raise _no_form(node, f"{node.rank} axes")
    if isinstance(node, Sum):
        joined = spell_concatenation(node)
        return node.terms if joined is None else joined[0]
    if isinstance(node, Contraction):
        move = spell_move(node)
        return node.operands if move is None else move[1]
    return node.children


def assumptions(variable: Variable) -> dict[str, bool]:
    """What SymPy may assume of the entries of a variable."""
    domain = domain_of(variable.domain)
    if domain.positive:
        return {"positive": True}
    if domain.nonnegative and domain.entrywise:
        return {"nonnegative": True}
    return {"real": True}


def _no_form(node: Expression, found: str) -> UnsupportedError:
    shown = str(node)
    return UnsupportedError(
        f"{type(node).__name__} {shown if len(shown) <= 60 else shown[:57] + '...'}",
        f"SymPy has no matrix expression for it ({found})",
        'give sizes, as in to_sympy(e, {"n": 2}), for its entries',
    )


def _convert(node: Expression, found: Found) -> Any:
    match node:
        case Variable() if node.rank == 0:
            return sympy.Symbol(node.name, **assumptions(node))
        case Variable():
            return sympy.MatrixSymbol(node.name, *_shape(node))
        case Contraction():
            return _contraction(node, found)
        case Sum():
            return _sum(node, found)
        case Elementwise() if node.rank == 0:
            symbols = node.kernel.variables
            values = [found[operand] for operand in node.operands]
            return node.kernel.expr.xreplace(dict(zip(symbols, values, strict=True)))
        case Elementwise():
            return _entrywise(node, found)
        case Apply(function="inv"):
            return sympy.Inverse(found[node.operand])
        case Apply(function="det"):
            return Determinant(found[node.operand])
        case Apply():
            raise _no_form(node, f"the function {node.function}")
        case _:
            raise _no_form(node, f"a node {type(node).__name__}")


def _shape(node: Expression) -> Shape:
    """The shape that SymPy gives an array of rank 1 or 2."""
    return node.shape if node.rank == 2 else (*node.shape, 1)


def _turned(value: Any) -> Any:
    """The transpose; that of a product is the product of transposes."""
    if isinstance(value, Transpose):
        return value.arg
    if isinstance(value, MatMul):
        return _times(*map(_turned, reversed(value.args)))
    return Transpose(value) if isinstance(value, sympy.MatrixExpr) else value


def _times(*factors: Any) -> Any:
    """A product of scalars and matrices: scalars first, nested products flat, no 1 by 1 ones."""
    flat = [each for f in factors for each in (f.args if isinstance(f, MatMul) else (f,))]
    scalars = [each for each in flat if not isinstance(each, sympy.MatrixExpr)]
    matrices = [each for each in flat if isinstance(each, sympy.MatrixExpr)]
    kept = [each for each in matrices if each != OneMatrix(1, 1)] or matrices[:1]
    return kept[0] if len(kept) == 1 and not scalars else MatMul(*scalars, *kept)


def _scaled(coefficient: Any, value: Any) -> Any:
    if coefficient == 1:
        return value
    return (
        _times(coefficient, value) if isinstance(value, sympy.MatrixExpr) else coefficient * value
    )


def _hadamard(left: Any, right: Any) -> Any:
    return HadamardProduct(left, right, evaluate=False)


def _sum(node: Sum, found: Found) -> Any:
    joined = spell_concatenation(node)
    if joined is not None:
        parts, axis = joined
        blocks = [found[part] for part in parts]
        return sympy.BlockMatrix([blocks] if axis == 1 else [[block] for block in blocks])
    terms = [found[term] for term in node.terms]
    return MatAdd(*terms) if node.rank else sympy.Add(*terms)


# --- contractions --------------------------------------------------------------------------------


def _contraction(node: Contraction, found: Found) -> Any:
    spelling = spell(node)
    if spelling.operation == "einsum" and node.coefficient != 1:
        unscaled = Contraction(node.operands, node.labels, node.output, dict(enumerate(node.sizes)))
        return _scaled(node.coefficient, _spelt(unscaled, spell(unscaled), found))
    return _spelt(node, spelling, found)


def _spelt(node: Contraction, spelling: Spelling, found: Found) -> Any:
    operands, detail = spelling.operands, spelling.detail
    match spelling.operation:
        case "constant":
            return detail
        case "filled":
            value, sizes = detail
            rows, columns = (*sizes, 1)[:2]
            if value == 0:
                return ZeroMatrix(rows, columns)
            return _scaled(value, OneMatrix(rows, columns))
        case "eye":
            return Identity(detail)
        case "scale":
            return _scaled(detail, found[operands[0]])
        case "transpose":
            return _turned(found[operands[0]])
        case "sum" | "mean":
            return _reduced(node, spelling, found)
        case "trace":
            return Trace(found[operands[0]])
        case "diagonal":
            return DiagonalOf(found[operands[0]])
        case "diag":
            return DiagMatrix(found[operands[0]])
        case "outer":
            left, right = (found[each] for each in operands)
            return _times(left, _turned(right))
        case "matmul":
            return _product(operands, found)
        case "multiply":
            left, right = operands
            if left.rank == 0 or right.rank == 0:
                number, other = (left, right) if left.rank == 0 else (right, left)
                return _scaled(found[number], _repeated(other, node, found))
            return HadamardProduct(
                _repeated(left, node, found), _repeated(right, node, found), evaluate=False
            )
        case "broadcast":
            return _broadcast(node, spelling, found)
        case "index":
            return _indexed(node, spelling, found)
        case "kron":
            left, right = (found[each] for each in operands)
            return sympy.KroneckerProduct(left, right)
        case _:
            return _index_form(node, spelling, found)


def _index_form(node: Contraction, spelling: Spelling, found: Found) -> Any:
    """A sum over entries, or the matrix of such sums."""
    repeated = len(set(node.output)) < len(node.output)
    if repeated or any(isinstance(operand, Iverson) for operand in node.operands):
        raise _no_form(node, spelling.operation)
    names = "ijklpqrstuvw" * (len(node.sizes) // 12 + 1)
    symbols = [sympy.Dummy(name, integer=True) for name, _ in zip(names, node.sizes, strict=False)]
    entries = []
    for operand, labels in zip(node.operands, node.labels, strict=True):
        at = [symbols[label] for label in labels]
        value = found[operand]
        entries.append(value[(*at, 0)[:2]] if operand.rank else value)
    body = node.coefficient * sympy.Mul(*entries)
    limits = [(symbols[label], 0, node.sizes[label] - 1) for label in node.summed]
    total = sympy.Sum(body, *limits) if limits else body
    if not node.output:
        return total
    return _function_matrix(node, [symbols[label] for label in node.output], total)


def _function_matrix(node: Expression, at: list[sympy.Symbol], entry: Any) -> Any:
    """The matrix or the column with this entry at the indices `at`."""
    rows, columns = _shape(node)
    both = (at[0], at[1] if len(at) > 1 else sympy.Dummy("j", integer=True))
    return sympy.FunctionMatrix(rows, columns, sympy.Lambda(both, entry))


def _product(operands: tuple[Expression, ...], found: Found) -> Any:
    left, right = operands
    a, b = found[left], found[right]
    if left.rank == 1 and right.rank == 1:
        return Trace(_times(_turned(a), b))
    if left.rank == 1:
        return _times(_turned(b), a)
    return _times(a, b)


def _reduced(node: Contraction, spelling: Spelling, found: Found) -> Any:
    (operand,) = spelling.operands
    axes, keepdims = spelling.detail
    value = found[operand]
    rows, columns = _shape(operand)
    if operand.rank == 1 or axes in (None, (0, 1)):
        total = _times(OneMatrix(1, rows), value)
        if operand.rank == 2:
            total = _times(total, OneMatrix(columns, 1))
        total = total if keepdims else Trace(total)
    elif axes == (0,):
        total = (
            _times(OneMatrix(1, rows), value)
            if keepdims
            else _times(_turned(value), OneMatrix(rows, 1))
        )
    else:
        total = _times(value, OneMatrix(columns, 1))
    return _scaled(node.coefficient, total)


def _repeated(operand: Expression, node: Expression, found: Found) -> Any:
    """An operand with its entries repeated to the shape of `node`, as NumPy does."""
    value = found[operand]
    if operand.shape == node.shape:
        return value
    rows, columns = _shape(node)
    if operand.rank == 0:
        return _scaled(value, OneMatrix(rows, columns))
    if node.rank == 1:  # an axis of size 1
        return _times(OneMatrix(rows, 1), value)
    if operand.rank == 1:
        value = _turned(value)
    if value.shape[0] != rows:
        value = _times(OneMatrix(rows, 1), value)
    return value if value.shape[1] == columns else _times(value, OneMatrix(1, columns))


def _broadcast(node: Contraction, spelling: Spelling, found: Found) -> Any:
    (operand,) = spelling.operands
    if operand.rank == 1 and spelling.detail == (1,):
        return _times(found[operand], OneMatrix(1, node.shape[1]))
    return _repeated(operand, node, found)


def _indexed(node: Contraction, spelling: Spelling, found: Found) -> Any:
    (operand,) = spelling.operands
    value = found[operand]
    parts = [*spelling.detail, *([slice(None)] if operand.rank == 1 else [])]
    sizes = _shape(operand)
    ranges, single = [], []
    for part, size in zip(parts, sizes, strict=True):
        single.append(not isinstance(part, slice))
        ranges.append(_range(part, size, node))
    if node.rank == 0:
        return value[ranges[0][0], ranges[1][0]]
    taken = MatrixSlice(value, *ranges)
    return _turned(taken) if operand.rank == 2 and single[0] and node.rank == 1 else taken


def _range(part: Any, size: Any, node: Expression) -> tuple[Any, Any, Any]:
    """(start, stop, step) of a part of an index, counted from the start of the axis."""

    def place(bound: Any, otherwise: Any) -> Any:
        if bound is None:
            return otherwise
        at = sympy.sympify(bound)
        return size + at if at.is_negative else at

    if not isinstance(part, slice):
        at = place(part, 0)
        return at, at + 1, 1
    if part.step not in (None, 1):  # SymPy counts the entries of such a slice otherwise
        raise _no_form(node, f"a slice with step {part.step}")
    return place(part.start, 0), place(part.stop, size), 1


# --- entry by entry ------------------------------------------------------------------------------


def _entrywise(node: Elementwise, found: Found) -> Any:
    """A kernel of matrices, taken apart at its sums, products and constant powers."""
    values: dict[sympy.Symbol, Any] = {}
    numbers: dict[sympy.Symbol, Any] = {}
    for symbol, operand in zip(node.kernel.variables, node.operands, strict=True):
        number = _repeated_scalar(operand, found)
        if number is None:
            values[symbol] = found[operand]
        else:
            numbers[symbol] = number
    rows, columns = _shape(node)

    def convert(kernel: sympy.Expr) -> Any:
        inside = [symbol for symbol in values if kernel.has(symbol)]
        plain = kernel.xreplace(numbers)
        if not inside:
            return _scaled(plain, OneMatrix(rows, columns))
        if kernel in values:
            return values[kernel]
        if len(inside) == 1:
            return _applied(plain, inside[0], values[inside[0]])
        if kernel.is_Add:
            return MatAdd(*map(convert, kernel.args))
        if kernel.is_Mul:
            scalars = [f.xreplace(numbers) for f in kernel.args if not f.has(*values)]
            factors = [convert(f) for f in kernel.args if f.has(*values)]
            return _scaled(
                sympy.Mul(*scalars),
                reduce(_hadamard, factors),
            )
        if kernel.is_Pow and not kernel.exp.has(*values):
            return HadamardPower(convert(kernel.base), kernel.exp.xreplace(numbers))
        at = [sympy.Dummy(name, integer=True) for name, _ in zip("ij", node.shape, strict=False)]
        places = {symbol: values[symbol][(*at, 0)[:2]] for symbol in inside}
        return _function_matrix(node, at, plain.xreplace(places))

    return convert(node.kernel.expr)


def _applied(kernel: sympy.Expr, symbol: sympy.Symbol, value: Any) -> Any:
    if kernel.is_Pow and kernel.base == symbol and not kernel.exp.has(symbol):
        return HadamardPower(value, kernel.exp)
    argument = sympy.Dummy("x", real=True)
    function = sympy.Lambda(argument, kernel.xreplace({symbol: argument}))
    return ElementwiseApplyFunction(function, value)


def _repeated_scalar(operand: Expression, found: Found) -> Any:
    """The scalar whose value all entries of an operand have, or None."""
    if not isinstance(operand, Contraction) or len(set(operand.output)) < operand.rank:
        return None
    if any(each.rank for each in operand.operands):
        return None
    return operand.coefficient * sympy.Mul(*(found[each] for each in operand.operands))
