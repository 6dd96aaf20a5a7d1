"""The value of a text at a point, by walking Python's own syntax tree with arrays of scalars.

    value("X.T @ (sigmoid(X @ w) - y)/n", point, {"n": 3, "d": 2})

The language is that of NumPy, so NumPy's own broadcasting, indexing and products are the definition;
only scalars are ours. It shares no code with the parser, the nodes or the enclosures.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from tests.derivations.mutants.arithmetic import PRECISE, Arithmetic

Array = Any

_RELATIONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.MatMult: np.matmul,
}  # fmt: skip


def value(
    text: str,
    point: Mapping[str, Any],
    sizes: Mapping[str, int],
    arithmetic: Arithmetic = PRECISE,
) -> Array:
    """The value of a text: `point` has arrays of the arithmetic's scalars by name.

    Raises `NotImplementedError` for a function that has no definition here.
    """
    tree = ast.parse(text, mode="eval").body
    return arithmetic.array(_Walk(point, sizes, arithmetic).value(tree))


class _Walk:
    def __init__(
        self, point: Mapping[str, Any], sizes: Mapping[str, int], arithmetic: Arithmetic
    ) -> None:
        self.point, self.sizes, self.over = point, sizes, arithmetic
        self.seen: dict[str, Array] = {}

    def value(self, node: ast.expr) -> Array:
        """The value of a node; equal texts are worked out once."""
        key = ast.dump(node)
        if key not in self.seen:
            self.seen[key] = self.over.array(self._value(node))
        return self.seen[key]

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() | float()):
                return self.over.number(self._fraction(node))
            case ast.Name(id="pi"):
                return self.over.pi
            case ast.Name(id=name):
                if name in self.point:
                    return self.point[name]
                return self.over.number(Fraction(self.sizes[name]))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                return self._power(base, exponent)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                with np.errstate(all="ignore"):
                    return self._quotient(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=op, right=right):
                return self._product_or_sum(type(op), self.value(left), self.value(right))
            case ast.Attribute(value=inner, attr="T"):
                return self.value(inner).T
            case ast.Subscript(value=inner, slice=index):
                return self.value(inner)[self._index(index)]
            case ast.Call(func=ast.Name(id=name)):
                return self._call(name, node)
        raise NotImplementedError(ast.unparse(node))

    def _fraction(self, node: ast.expr) -> Fraction:
        """The exact number that is written; 0.1 is one tenth."""
        return Fraction(ast.unparse(node))

    def _quotient(self, top: Array, bottom: Array) -> Any:
        if self.over.dtype is object:
            return np.frompyfunc(_divided, 2, 1)(top, bottom)
        return top / bottom

    def _product_or_sum(self, op: type[ast.operator], left: Array, right: Array) -> Any:
        return _OPERATORS[op](left, right)

    def _power(self, base: ast.expr, exponent: ast.expr) -> Any:
        power = self.over.functions["power"]
        constant = self._constant(exponent)
        if constant is not None:
            return power(self.value(base), constant)
        return power(self.value(base), self.value(exponent))

    def _constant(self, node: ast.expr) -> Fraction | None:
        """The number that a node of numbers and sizes stands for."""
        match node:
            case ast.Constant(value=int() | float()):
                return self._fraction(node)
            case ast.Name(id=name) if name in self.sizes and name not in self.point:
                return Fraction(self.sizes[name])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._constant(operand)
                return None if inner is None else -inner
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._constant(left), self._constant(right)
                if a is None or b is None:
                    return None
                if isinstance(op, ast.Div):
                    return a / b
                return _OPERATORS[type(op)](a, b) if type(op) in _OPERATORS else None
        return None

    def _whole(self, node: ast.expr) -> int:
        if isinstance(node, ast.Call):
            return int(np.floor(float(self._constant(node.args[0]) or 0)))
        found = self._constant(node)
        if found is None or found.denominator != 1:
            raise NotImplementedError(ast.unparse(node))
        return int(found)

    def _index(self, node: ast.expr) -> Any:
        match node:
            case ast.Tuple(elts=parts):
                return tuple(self._index(part) for part in parts)
            case ast.Constant(value=None):
                return None
            case ast.Slice(lower=lower, upper=upper, step=step):
                ends = (None if end is None else self._whole(end) for end in (lower, upper, step))
                return slice(*ends)
        return self._whole(node)

    # --- calls -----------------------------------------------------------------------------------

    def _call(self, name: str, node: ast.Call) -> Any:
        options = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
        if name in ("eye", "ones", "zeros"):
            return self._constants(name, node.args)
        if name == "where":
            return self._where(node)
        if name == "einsum":
            subscripts, *operands = node.args
            return self._einsum(
                ast.literal_eval(subscripts), [self.value(each) for each in operands]
            )
        if name in ("reshape",):
            shape = tuple(self._whole(size) for size in node.args[1:])
            return self.value(node.args[0]).reshape(shape)
        if name == "pad":
            operand, before, after = node.args
            return self._pad(
                self.value(operand), self._whole(before), self._whole(after), **options
            )
        arguments = [self.value(argument) for argument in node.args]
        if name in self.over.functions:
            return self.over.functions[name](*arguments)
        method = getattr(self, f"_{name}_of", None)
        if method is None:
            raise NotImplementedError(name)
        return method(*arguments, **options)

    def _constants(self, name: str, sizes: list[ast.expr]) -> Array:
        written = sizes[0].elts if isinstance(sizes[0], ast.Tuple) else sizes
        shape = tuple(self._whole(size) for size in written)
        make = {"eye": np.eye, "ones": np.ones, "zeros": np.zeros}[name]
        return self._numbers(make(shape[0]) if name == "eye" else make(shape))

    def _numbers(self, whole: Array) -> Array:
        """An array of integers as scalars of the arithmetic."""
        if self.over.dtype is not object:
            return whole
        return np.frompyfunc(lambda x: self.over.number(Fraction(int(x))), 1, 1)(whole)

    def _where(self, node: ast.Call) -> Array:
        test = node.args[0]
        assert isinstance(test, ast.Compare)
        relation = _RELATIONS[type(test.ops[0])]
        sides = (test.left, test.comparators[0], node.args[1], node.args[2])
        return self.over.choose(relation, *(self.value(each) for each in sides))

    def _einsum(self, subscripts: str, operands: list[Array]) -> Array:
        """By a loop over all indices."""
        left, _, output = subscripts.replace(" ", "").partition("->")
        labels = left.split(",")
        size = {
            letter: length
            for part, operand in zip(labels, operands, strict=True)
            for letter, length in zip(part, operand.shape, strict=True)
        }
        letters = list(size)
        result = self._numbers(np.zeros([size[letter] for letter in output]))
        for place in np.ndindex(*size.values()):
            at = dict(zip(letters, place, strict=True))
            factors = [
                operand[tuple(at[letter] for letter in part)]
                for part, operand in zip(labels, operands, strict=True)
            ]
            where = tuple(at[letter] for letter in output)
            result[where] = result[where] + reduce(operator.mul, factors)
        return result

    def _sum_of(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return np.sum(x, axis=axis, keepdims=keepdims)

    def _mean_of(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        total = self.over.array(np.sum(x, axis=axis, keepdims=keepdims))
        count = x.size // max(total.size, 1)
        return total / self.over.number(Fraction(count))

    def _softmax_of(self, x: Array, axis: Any = -1) -> Array:
        powers = self.over.array(self.over.functions["exp"](x))
        return powers / np.sum(powers, axis=axis, keepdims=True)

    def _logsumexp_of(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        powers = self.over.array(self.over.functions["exp"](x))
        return self.over.functions["log"](np.sum(powers, axis=axis, keepdims=keepdims))

    def _log_softmax_of(self, x: Array, axis: Any = -1) -> Array:
        return x - self._logsumexp_of(x, axis=axis, keepdims=True)

    _logsoftmax_of = _log_softmax_of

    def _norm_of(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return self.over.functions["sqrt"](np.sum(x * x, axis=axis, keepdims=keepdims))

    def _prod_of(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return np.prod(x, axis=axis, keepdims=keepdims)

    def _extreme(self, name: str, x: Array, axis: Any, keepdims: bool) -> Array:
        better = self.over.functions[name]
        if axis is None:
            found = reduce(better, x.ravel())
            return np.full((1,) * x.ndim, found, dtype=self.over.dtype) if keepdims else found
        found = self.over.array(reduce(better, np.moveaxis(x, axis, 0)))
        return np.expand_dims(found, axis) if keepdims else found

    def _max_of(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return self._extreme("maximum", x, axis, keepdims)

    def _min_of(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return self._extreme("minimum", x, axis, keepdims)

    def _hardmax_of(self, x: Array, axis: Any = -1) -> Array:
        top = self.over.array(self._extreme("maximum", x, axis, keepdims=True))
        one, zero = self._numbers(np.ones(())), self._numbers(np.zeros(()))
        return self.over.choose(operator.eq, x, top, one, zero)

    def _trace_of(self, x: Array) -> Array:
        return np.sum(np.diagonal(x))

    _tr_of = _trace_of

    def _diag_of(self, x: Array) -> Array:
        return x[:, None] * self._numbers(np.eye(len(x)))

    def _diagonal_of(self, x: Array) -> Array:
        return np.diagonal(x)

    def _outer_of(self, a: Array, b: Array) -> Array:
        return a[:, None] * b

    def _kron_of(self, a: Array, b: Array) -> Array:
        if a.ndim == 1:
            return np.concatenate([entry * b for entry in a])
        return np.concatenate([np.concatenate([entry * b for entry in row], axis=1) for row in a])

    def _vec_of(self, x: Array) -> Array:
        return x.T.ravel()

    def _tril_of(self, x: Array, k: int = 0) -> Array:
        return x * self._numbers(np.tril(np.ones(x.shape), k))

    def _triu_of(self, x: Array, k: int = 0) -> Array:
        return x * self._numbers(np.triu(np.ones(x.shape), k))

    def _concatenate_of(self, *parts: Array, axis: int = 0) -> Array:
        return np.concatenate(parts, axis=axis)

    def _stack_of(self, *parts: Array, axis: int = 0) -> Array:
        return np.stack(parts, axis=axis)

    def _pad(self, x: Array, before: int, after: int, axis: int = -1) -> Array:
        def block(length: int) -> Array:
            shape = list(x.shape)
            shape[axis] = length
            return self._numbers(np.zeros(shape))

        return np.concatenate([block(before), x, block(after)], axis=axis)

    def _inv_of(self, x: Array) -> Array:
        return self.over.inverse(x)

    def _solve_of(self, a: Array, b: Array) -> Array:
        return self.over.inverse(a) @ b

    def _det_of(self, x: Array) -> Any:
        return self.over.determinant(x)

    def _logdet_of(self, x: Array) -> Any:
        over = self.over
        return over.functions["log"](over.functions["abs"](over.array(over.determinant(x))))

    def _expm_of(self, x: Array) -> Array:
        return self.over.exponential(x)

    def _matrix_power_of(self, x: Array, exponent: Array) -> Array:
        return reduce(np.matmul, [x] * int(exponent))


def _divided(top: Any, bottom: Any) -> Any:
    """The quotient, and no number where the divisor is zero."""
    try:
        return top / bottom
    except ZeroDivisionError:
        return float("nan")
