"""Text or an expression becomes a term, operation by operation as it is written.

The order of operations is kept, because rounding depends on it. Nothing is ever evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from numeric.stabilizing.terms import PI, ZERO, Term, call, constant, node, variable
from symbolic.errors import NameUnknownError, NotAllowedError, ShapeError
from symbolic.nodes import Expression
from symbolic.reading.declarations import Given, declare
from symbolic.reading.parse_source import Source, nearest, read_source

_half = constant(Fraction(1, 2))

_PLAIN = (
    "exp", "expm1", "log", "log1p", "sqrt", "cbrt", "abs", "sign", "sin", "cos", "tan", "sinh",
    "cosh", "tanh", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "erf", "erfc",
    "erfcx", "lgamma", "gamma", "digamma", "sigmoid", "softplus", "ndtr",
)  # fmt: skip
_OTHER_NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh",
    "acosh": "arccosh", "atanh": "arctanh", "expit": "sigmoid", "gammaln": "lgamma",
    "loggamma": "lgamma", "psi": "digamma",
}  # fmt: skip
_TWO = {
    "maximum": "maximum", "minimum": "minimum", "max": "maximum", "min": "minimum",
    "hypot": "hypot", "arctan2": "arctan2", "atan2": "arctan2", "pow": "power",
}  # fmt: skip

CALLS: dict[str, tuple[int, Callable[..., Term]]] = {
    **{name: (1, lambda x, op=name: node(op, x)) for name in _PLAIN},
    **{name: (1, lambda x, op=op: node(op, x)) for name, op in _OTHER_NAMES.items()},
    **{name: (2, lambda x, y, op=op: node(op, x, y)) for name, op in _TWO.items()},
    "relu": (1, lambda x: node("maximum", x, ZERO)),
    "step": (1, lambda x: node("less", ZERO, x, constant(1), ZERO)),
    "silu": (1, lambda x: node("multiply", x, node("sigmoid", x))),
    "gelu": (1, lambda x: node("multiply", x, node("ndtr", x))),
    "log2": (1, lambda x: node("divide", node("log", x), node("log", constant(2)))),
    "log10": (1, lambda x: node("divide", node("log", x), node("log", constant(10)))),
    "square": (1, lambda x: node("power", x, constant(2))),
}
_BINARY = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power",
}  # fmt: skip
_RELATIONS: dict[type, tuple[str, bool]] = {
    ast.Lt: ("less", False), ast.LtE: ("less_equal", False), ast.Gt: ("less", True),
    ast.GtE: ("less_equal", True), ast.Eq: ("equal", False),
}  # fmt: skip
_LISTED = ", ".join(sorted(CALLS))


def read_term(expression: str | Expression, given: Given | None = None) -> Term:
    """The term of a scalar formula; names that are not declared are real scalars.

    >>> read_term("1 - exp(-x)")
    subtract(1,exp(negative(x)))
    """
    if isinstance(expression, Expression):
        if expression.shape:
            raise ShapeError(
                f"stabilize({expression})",
                f"an expression of {expression.rank} axes",
                "give a scalar expression, such as one entry",
            )
        expression = str(expression)
    for name, each in declare(given).items():
        if each.shape:
            raise ShapeError(
                f"the variable {name}", f"it has {each.rank} axes", "declare scalars only"
            )
    source = read_source(expression)
    return _Reader(source).read(source.tree())


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source

    def refuse(self, place: ast.expr | ast.keyword, found: str, advice: str) -> Any:
        raise self.source.error(NotAllowedError, place, found, advice)

    def read(self, tree: ast.expr) -> Term:
        match tree:
            case ast.Constant():
                return self.number(tree)
            case ast.Name(id="pi"):
                return PI
            case ast.Name():
                if tree.id in CALLS:
                    self.refuse(tree, "a function without its argument", f"write {tree.id}(x)")
                return variable(tree.id)
            case ast.BinOp() if type(tree.op) in _BINARY:
                return node(_BINARY[type(tree.op)], self.read(tree.left), self.read(tree.right))
            case ast.BinOp():
                return self.refuse(tree, "an operator outside the language", "use + - * / **")
            case ast.UnaryOp(op=ast.USub()):
                operand = self.read(tree.operand)
                if operand.number is not None:
                    return constant(-operand.number)
                return node("negative", operand)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.read(tree.operand)
            case ast.Call():
                return self.call(tree)
        return self.refuse(tree, f"the construct {type(tree).__name__}", "write one scalar formula")

    def number(self, tree: ast.Constant) -> Term:
        if type(tree.value) not in (int, float):
            self.refuse(tree, f"a {type(tree.value).__name__}", "write numbers and names")
        return constant(Fraction(self.source.text[tree.col_offset : tree.end_col_offset]))

    def call(self, tree: ast.Call) -> Term:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        if tree.keywords:
            self.refuse(tree.keywords[0], "an option", f"call {name} with arguments only")
        if name == "where":
            return self.where(tree)
        if name not in CALLS:
            if isinstance(tree.func, ast.Name):
                advice = nearest(name, CALLS) or f"the scalar functions are {_LISTED}"
                raise self.source.error(
                    NameUnknownError, tree.func, "no scalar function of the language", advice
                )
            self.refuse(tree, "a call of something else than a name", "write exp(x)")
        arity, build = CALLS[name]
        if len(tree.args) != arity:
            self.refuse(tree, f"{name} takes {arity} and has {len(tree.args)}", "correct the call")
        return build(*map(self.read, tree.args))

    def where(self, tree: ast.Call) -> Term:
        test = tree.args[0] if len(tree.args) == 3 else None
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return self.refuse(tree, "where without a comparison", "write where(x < y, a, b)")
        relation = _RELATIONS.get(type(test.ops[0]))
        if relation is None:
            return self.refuse(tree, "a relation outside the language", "use < <= > >= ==")
        op, exchanged = relation
        a, b = self.read(test.left), self.read(test.comparators[0])
        branches = map(self.read, tree.args[1:])
        return node(op, *((b, a) if exchanged else (a, b)), *branches)


def pattern(text: str) -> Term:
    """A formula of a rule, with every operation by its own name, tidied.

    >>> pattern("log1pmx(a) + 0")
    log1pmx(a)
    """
    return _Pattern(read_source(text)).read(read_source(text).tree())


class _Pattern(_Reader):
    """Reads rules: all operations are allowed, and terms are tidied."""

    def read(self, tree: ast.expr) -> Term:
        term = super().read(tree)
        return call(term.op, *term.args) if term.args else term

    def call(self, tree: ast.Call) -> Term:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        if name in CALLS or name == "where":
            return super().call(tree)
        return call(name, *map(self.read, tree.args))
