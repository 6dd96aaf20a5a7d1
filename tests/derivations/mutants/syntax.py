"""Texts as trees: the places where a slip can be made, and the text with something else there."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping

AXIS = frozenset(
    ("sum", "mean", "softmax", "log_softmax", "logsumexp", "norm", "max", "min", "prod")
)  # calls with an axis
NAMELESS = ("eye", "ones", "zeros", "reshape")  # calls whose arguments are sizes


def tree(text: str) -> ast.expr:
    """The expression that a text is."""
    return ast.parse(text, mode="eval").body


def places(node: ast.expr) -> Iterator[ast.expr]:
    """The node and all below it that have a value: no sizes, options or subscripts."""
    yield node
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            yield from places(left)
            if not isinstance(op, ast.Pow):
                yield from places(right)
        case ast.UnaryOp(operand=inner):
            yield from places(inner)
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            yield from places(inner)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name not in NAMELESS:
            for argument in arguments:
                if isinstance(argument, ast.Compare):
                    yield from places(argument.left)
                elif not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    yield from places(argument)


def same(left: ast.AST, right: ast.AST) -> bool:
    """Whether two trees read the same."""
    return ast.dump(left) == ast.dump(right)


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr, everywhere: bool) -> None:
        self.old, self.new, self.everywhere = old, new, everywhere

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.old or (self.everywhere and same(node, self.old)):
            return self.new
        return node if is_call(node, *NAMELESS) else self.generic_visit(node)


def replaced(root: ast.expr, old: ast.expr, new: ast.expr, everywhere: bool = False) -> str:
    """The text of a tree with another node in one place, or wherever the old one reads the same."""
    if root is old:
        return ast.unparse(new)
    # deepcopy keeps no identity, so that the place is found again by its path
    memo: dict[int, object] = {}
    copied = copy.deepcopy(root, memo)
    where = memo[id(old)]
    assert isinstance(where, ast.expr)
    return ast.unparse(_Replacing(where, new, everywhere).visit(copied))


def fill(pattern: str, **parts: ast.expr) -> ast.expr:
    """A pattern such as "a + 2*b" with other trees for its names."""
    return _filled(tree(pattern), parts)


def _filled(pattern: ast.expr, parts: Mapping[str, ast.expr]) -> ast.expr:
    class Filling(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return parts.get(node.id, node)

    found = Filling().visit(pattern)
    assert isinstance(found, ast.expr)
    return found


def is_call(node: ast.AST, *names: str) -> bool:
    """Whether a node calls one of the functions."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def number(node: ast.AST) -> float | None:
    """The number that a node is, if it is one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return None if isinstance(node.value, bool) else node.value
    return None


def call(name: str, *arguments: ast.expr) -> ast.expr:
    """A call of a function."""
    return ast.Call(ast.Name(name), list(arguments), [])


def renamed(node: ast.Call, name: str) -> ast.expr:
    """The same call of another function."""
    found = copy.deepcopy(node)
    found.func = ast.Name(name)
    return found


def with_options(pattern: str, node: ast.Call) -> ast.expr:
    """The pattern with the node's argument for u, and its options in every call along an axis."""
    found = tree(pattern)
    for each in ast.walk(found):
        if isinstance(each, ast.Call) and is_call(each, *AXIS):
            each.keywords = [copy.deepcopy(word) for word in node.keywords]
    return _filled(found, {"u": node.args[0]})
