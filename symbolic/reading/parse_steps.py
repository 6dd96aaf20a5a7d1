"""Turning a syntax tree into an expression: one step per node, without recursion."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, NoReturn

from symbolic.errors import ChainruleError, NotAllowedError, ShapeError
from symbolic.nodes import Expression
from symbolic.reading.declarations import MAX_RANK
from symbolic.reading.parse_source import Source
from symbolic.sizes import shape_text

MAX_NODES = 20_000  # of the syntax tree
MAX_SECONDS = 20.0  # for one text; ordinary ones take milliseconds


@dataclass(frozen=True)
class Step:
    """How a syntax node is read: first its parts, then `build` of their expressions."""

    parts: Sequence[ast.expr]
    build: Callable[..., Expression]


Handler = Callable[["Reader", Any], Step]

REFUSED: dict[type[ast.expr], tuple[str, str]] = {
    ast.Compare: ("a comparison outside where", "write where(x == y, a, b)"),
    ast.BoolOp: ("a logical operator", "nest where(...) in where(...)"),
    ast.IfExp: ("if ... else", "write where(x == y, a, b)"),
    ast.Tuple: ("a tuple", "write one expression"),
    ast.List: ("a list", "declare a variable for it"),
    ast.JoinedStr: ("an f-string", "write one formula"),
    ast.Lambda: ("a lambda", "write one formula"),
    ast.NamedExpr: ("an assignment", "declare the name, or write its formula in place"),
}


class Reader:
    """Reads one text: its names, and the table of the syntax nodes that the language has."""

    def __init__(
        self, source: Source, names: Mapping[str, Expression], steps: Mapping[type, Handler]
    ) -> None:
        self.source = source
        self.names = names
        self.steps = steps

    def read(self, tree: ast.expr) -> Expression:
        """The expression of a syntax tree."""
        todo: list[tuple[ast.expr, Step | None]] = [(tree, None)]
        done: list[Expression] = []
        count = 0
        deadline = monotonic() + MAX_SECONDS
        while todo:
            node, step = todo.pop()
            if step is None:
                count += 1
                if count > MAX_NODES:
                    self.refuse(node, f"more than {MAX_NODES} operations", "split the expression")
                step = self.step(node)
                todo.append((node, step))
                todo.extend((part, None) for part in reversed(step.parts))
            else:
                if monotonic() > deadline:
                    self.refuse(node, f"more than {MAX_SECONDS} seconds", "simplify the constants")
                first = len(done) - len(step.parts)
                done[first:] = [self.build(node, step, done[first:])]
        return done[0]

    def step(self, node: ast.expr) -> Step:
        """How a node is read; a node that is in no table is refused."""
        handler = self.steps.get(type(node))
        if handler is None:
            found, advice = REFUSED.get(
                type(node), (f"the construct {type(node).__name__}", "write one formula")
            )
            self.refuse(node, f"{found} is not in the language", advice)
        return handler(self, node)

    def build(self, node: ast.expr, step: Step, operands: list[Expression]) -> Expression:
        """The expression of a node whose parts have been read."""
        try:
            result = step.build(*operands)
        except ChainruleError as error:
            raise self.located(error, node, step, operands) from None
        if result.rank > MAX_RANK:
            raise self.source.error(
                ShapeError, node, f"{result.rank} axes", f"use arrays of at most {MAX_RANK} axes"
            )
        return result

    def located(
        self, error: ChainruleError, node: ast.expr, step: Step, operands: list[Expression]
    ) -> ChainruleError:
        """An error of an operation, with the text it happened in and the operands' shapes."""
        found = f"{error.written}: {error.found}"
        if isinstance(error, ShapeError) and any(
            shape_text(operand.shape) not in found for operand in operands
        ):
            shapes = (
                f"{self.source.fragment(part)} has shape {shape_text(operand.shape)}"
                for part, operand in zip(step.parts, operands, strict=True)
            )
            found += f" ({', '.join(shapes)})"
        return self.source.error(type(error), node, found, error.advice)

    def refuse(self, node: ast.expr | ast.keyword, found: str, advice: str) -> NoReturn:
        """Raise `NotAllowedError` about a node."""
        raise self.source.error(NotAllowedError, node, found, advice)
