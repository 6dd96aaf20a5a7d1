"""Reading calls: which function, with which options and arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from symbolic import operations
from symbolic.nodes import Expression
from symbolic.reading import parse_constants
from symbolic.reading.parse_functions import FUNCTIONS, Function
from symbolic.reading.parse_source import nearest, shorten
from symbolic.reading.parse_steps import Reader, Step

Build = Callable[..., Expression]


MAX_ARGUMENTS = 100  # of one call


def call(reader: Reader, node: ast.Call) -> Step:
    """How a call is read."""
    entry = _called(reader, node)
    options = _options(reader, node, entry)
    arguments = node.args
    if entry.sizes and len(arguments) == 1 and isinstance(arguments[0], ast.Tuple):
        arguments = arguments[0].elts  # ones((n, d)), as in NumPy
    for argument in arguments:
        if isinstance(argument, ast.Starred):
            reader.refuse(argument, "a starred argument", "write the arguments one by one")
    if len(arguments) > MAX_ARGUMENTS:
        reader.refuse(node, f"{len(arguments)} arguments", f"give at most {MAX_ARGUMENTS}")
    if len(arguments) < entry.least or len(arguments) > (entry.most or len(arguments)):
        reader.refuse(node, _counted(entry, len(arguments)), f"write {entry.usage}")
    if entry.sizes and entry.first == "expression":

        def sized(*values: Expression) -> Expression:
            before, sizes = values[: entry.after], values[entry.after :]
            return entry.build(*before, *map(parse_constants.size, sizes))

        return Step(arguments, sized)
    return _FIRST[entry.first](reader, entry, arguments, partial(entry.build, **options))


def _counted(entry: Function, count: int) -> str:
    wanted = f"{entry.least} or more" if entry.most is None else str(entry.least)
    return f"{entry.name} takes {wanted} argument{'s' * (wanted != '1')} and has {count}"


def _called(reader: Reader, node: ast.Call) -> Function:
    """The table entry of the function that is called."""
    callee = node.func
    if isinstance(callee, ast.Attribute):
        reader.refuse(
            callee,
            f"a call of the attribute .{callee.attr}",
            function_advice(callee.attr) or "call functions by name, as in sum(x)",
        )
    if not isinstance(callee, ast.Name):
        reader.refuse(node, "a call of something that is no function", "write * for a product")
    if callee.id in FUNCTIONS:
        return FUNCTIONS[callee.id]
    if callee.id in reader.names:
        reader.refuse(node, f"{callee.id} is a variable, not a function", "write * for a product")
    return reader.refuse(
        node,
        f"no function is called {shorten(callee.id)}",
        nearest(callee.id, FUNCTIONS) or f"the functions are {', '.join(sorted(FUNCTIONS))}",
    )


def function_advice(attribute: str) -> str:
    """What to write instead of an attribute that names a function; empty when it names none.

    >>> function_advice("sum")
    'write sum(x, axis=..., keepdims=...)'
    """
    if attribute in FUNCTIONS:
        return f"write {FUNCTIONS[attribute].usage}"
    return "write @ for a product of matrices" if attribute in ("dot", "matmul") else ""


def _options(reader: Reader, node: ast.Call, entry: Function) -> dict[str, object]:
    options: dict[str, object] = {}
    for word in node.keywords:
        if word.arg is None or word.arg not in entry.options:
            reader.refuse(
                word,
                f"{entry.name} has no option {word.arg or '**'}",
                nearest(word.arg or "", entry.options) or f"write {entry.usage}",
            )
        if word.arg in options:
            reader.refuse(word, f"the option {word.arg} a second time", "write it once")
        options[word.arg] = _OPTIONS[word.arg](reader, word, entry)
    return options


def _axis(reader: Reader, word: ast.keyword, entry: Function) -> int | tuple[int, ...] | None:
    value = word.value
    if isinstance(value, ast.Constant) and value.value is None:
        return None
    several = isinstance(value, ast.Tuple) and "keepdims" in entry.options
    written = value.elts if isinstance(value, ast.Tuple) and several else [value]
    axes = tuple(axis for axis in map(_integer, written) if axis is not None)
    if len(axes) < len(written):
        reader.refuse(
            word,
            "the axis is no integer",
            "write axis=0" + " or axis=(0, 1)" * ("keepdims" in entry.options),
        )
    return axes if several else axes[0]


def _integer(node: ast.expr) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        opposite = _integer(node.operand) if isinstance(node.operand, ast.Constant) else None
        return None if opposite is None else -opposite
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _truth(reader: Reader, word: ast.keyword, entry: Function) -> bool:
    value = word.value
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return value.value
    return reader.refuse(word, f"{word.arg} is neither True nor False", f"write {word.arg}=True")


def _count(reader: Reader, word: ast.keyword, entry: Function) -> int:
    value = _integer(word.value)
    if value is None:
        reader.refuse(word, f"{word.arg} is no integer", f"write {word.arg}=1")
    return value


_OPTIONS: dict[str, Callable[[Reader, ast.keyword, Function], object]] = {
    "axis": _axis,
    "keepdims": _truth,
    "lower": _truth,
    **dict.fromkeys(("k", "stride", "padding", "dilation"), _count),
}


def _expressions(reader: Reader, entry: Function, arguments: list[ast.expr], build: Build) -> Step:
    return Step(arguments, build)


def _text_first(reader: Reader, entry: Function, arguments: list[ast.expr], build: Build) -> Step:
    text = arguments[0]
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        reader.refuse(text, "no text in quotes", "write the indices first, as in 'ij,jk->ik'")
    value = text.value
    if entry.sizes:
        return Step(arguments[1:], lambda *sizes: build(value, *map(parse_constants.size, sizes)))
    return Step(arguments[1:], partial(build, value))


_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def _comparison_first(
    reader: Reader, entry: Function, arguments: list[ast.expr], build: Build
) -> Step:
    test = arguments[0]
    if not isinstance(test, ast.Compare):
        reader.refuse(test, "no comparison", "write where(x == y, a, b)")
    if len(test.ops) > 1:
        reader.refuse(test, "a chain of comparisons", "nest where(...) in where(...)")
    relation = _RELATIONS.get(type(test.ops[0]))
    if relation is None:
        reader.refuse(
            test, f"{type(test.ops[0]).__name__} is no comparison here", "use == != < <= > >="
        )

    def choose(left: Expression, right: Expression, *values: Expression) -> Expression:
        return build(operations.compare(left, relation, right), *values)

    return Step([test.left, test.comparators[0], *arguments[1:]], choose)


_FIRST: dict[str, Callable[[Reader, Function, list[ast.expr], Build], Step]] = {
    "expression": _expressions,
    "text": _text_first,
    "comparison": _comparison_first,
}
