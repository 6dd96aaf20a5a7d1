"""Reading text: NumPy-style Python becomes an expression; nothing is ever evaluated.

Python's own parser gives the syntax tree; the tables below say which of its nodes the language has.
Everything that is not in a table is refused, with the place in the text.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial

import sympy

from symbolic import operations
from symbolic.errors import NameUnknownError
from symbolic.indexing import index
from symbolic.nodes import Expression
from symbolic.reading import parse_constants
from symbolic.reading.declarations import Given, declare, declared_sizes, definitions, is_latex
from symbolic.reading.parse_calls import call, function_advice
from symbolic.reading.parse_functions import FUNCTIONS
from symbolic.reading.parse_source import nearest, read_source
from symbolic.reading.parse_steps import Handler, Reader, Step
from symbolic.sizes import size_symbol

_LISTED = 30  # names that an error lists


def parse(text: str, given: Given | None = None) -> Expression:
    """The expression that `text` writes, in the variables that `given` declares.

    Text marked by `Latex`, or with a backslash, is LaTeX. A declaration that begins with "=" defines a
    name.

    >>> given = {"X": "n d", "w": "d", "y": "n", "z": "= X @ w"}
    >>> parse("X.T @ (X @ w - y)/n", given).shape
    (d,)
    >>> parse(r"X^\\top (z - y)", given)
    X.T @ (z - y)
    """
    if isinstance(text, str) and is_latex(text):
        from symbolic.reading.latex.reader import parse_latex

        return parse_latex(text, given)
    if definitions(given):
        from symbolic.reading.latex.reader import declared_names

        return parse_in(text, declared_names(given))
    declared = declare(given)
    names: dict[str, Expression] = {}
    for letter in declared_sizes(declared):
        names[letter] = operations.constant(size_symbol(letter))
    return parse_in(text, {**names, **declared})


def parse_in(text: str, names: Mapping[str, Expression]) -> Expression:
    """The expression that a text of the text language writes, in the names given."""
    source = read_source(text)
    return Reader(source, {"pi": parse_constants.PI, **names}, _STEPS).read(source.tree())


def read(value: object, given: Given | None = None) -> Expression:
    """An expression as it is, text parsed, SymPy's expressions and numbers as ours.

    >>> read(2) is read("2")
    True
    """
    if isinstance(value, (sympy.Basic, sympy.MatrixBase)):
        from symbolic.sympy_border.incoming import from_sympy

        return from_sympy(value, given)
    return parse(value, given) if isinstance(value, str) else operations.as_expression(value)


def _number(reader: Reader, node: ast.Constant) -> Step:
    if type(node.value) not in (int, float):
        reader.refuse(
            node,
            f"a {type(node.value).__name__} where a number is expected",
            "write numbers, declared names and functions",
        )
    text = reader.source.text[node.col_offset : node.end_col_offset]
    return Step((), partial(parse_constants.number, text))


def _name(reader: Reader, node: ast.Name) -> Step:
    value = reader.names.get(node.id)
    if value is not None:
        return Step((), lambda: value)
    if node.id in FUNCTIONS:
        reader.refuse(node, "a function without its argument", f"write {FUNCTIONS[node.id].usage}")
    declared = sorted(name for name in reader.names if name != "pi")
    listed = ", ".join(declared[:_LISTED]) + ", ..." * (len(declared) > _LISTED)
    raise reader.source.error(
        NameUnknownError,
        node,
        f"no such name is declared (declared: {listed or 'none'})",
        nearest(node.id, reader.names) or "declare it in given, as in given={'w': 'd'}",
    )


_BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
}
_BINARY_ADVICE = {
    ast.BitXor: "write ** for a power",
    ast.FloorDiv: "write / for a quotient",
    ast.BitOr: "write abs(x) for |x|",
}


def _binary(reader: Reader, node: ast.BinOp) -> Step:
    symbol = _BINARY.get(type(node.op))
    if symbol is None:
        reader.refuse(
            node,
            f"the operator {type(node.op).__name__} is not in the language",
            _BINARY_ADVICE.get(type(node.op), "use + - * / ** @"),
        )
    return Step((node.left, node.right), partial(parse_constants.arithmetic, symbol))


def _unary(reader: Reader, node: ast.UnaryOp) -> Step:
    if isinstance(node.op, ast.USub):
        return Step((node.operand,), parse_constants.negative)
    if isinstance(node.op, ast.UAdd):
        return Step((node.operand,), lambda operand: operand)
    return reader.refuse(
        node, f"the operator {type(node.op).__name__} is not in the language", "use + - * / ** @"
    )


def _attribute(reader: Reader, node: ast.Attribute) -> Step:
    if node.attr == "T":
        return Step((node.value,), operations.transpose)
    return reader.refuse(
        node,
        f"the attribute .{node.attr}, but .T is the only one",
        function_advice(node.attr) or "write .T for the transpose",
    )


def _subscript(reader: Reader, node: ast.Subscript) -> Step:
    """Basic indexing: A[0, 1], x[1:], x[::2], v[:, None], T[..., 0]; bounds may be sizes."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    bounds: list[ast.expr] = []
    shapes: list[object] = []  # what each part is, with places in `bounds` for its numbers

    def bound(expression: ast.expr | None) -> int | None:
        if expression is None:
            return None
        bounds.append(expression)
        return len(bounds) - 1

    for part in parts:
        if isinstance(part, ast.Constant) and (part.value is None or part.value is Ellipsis):
            shapes.append(part.value)
        elif isinstance(part, ast.Slice):
            shapes.append((bound(part.lower), bound(part.upper), bound(part.step)))
        else:
            shapes.append(bound(part))

    def build(operand: Expression, *values: Expression) -> Expression:
        numbers = [parse_constants.integer(value) for value in values]

        def part_of(shape: object) -> object:
            if shape is None or shape is Ellipsis:
                return shape
            if isinstance(shape, tuple):
                return slice(*(None if each is None else numbers[each] for each in shape))
            return numbers[shape]  # type: ignore[call-overload]

        return index(operand, tuple(part_of(shape) for shape in shapes))

    return Step((node.value, *bounds), build)


_STEPS: dict[type, Handler] = {
    ast.Constant: _number,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: call,
}
