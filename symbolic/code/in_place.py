"""Operations in place: a product that nothing else reads takes up what is done to it.

    t = X.dot(W)
    t += b
    np.tanh(t, out=t)

NumPy reuses a temporary array only for a large operand of just the shape of the result, and never for
the argument of a function. Elsewhere each operation would fill an array of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Container
from dataclasses import dataclass

_OPERATIONS = {
    ast.Add: ("+", "add"),
    ast.Sub: ("-", "subtract"),
    ast.Mult: ("*", "multiply"),
    ast.Div: ("/", "divide"),
}
_FUNCTIONS = frozenset(
    ("abs", "cos", "cosh", "exp", "expm1", "log", "log1p", "maximum", "minimum", "sin", "sinh",
     "sqrt", "tanh")
)  # fmt: skip
MOST = 3  # statements: more are harder to read than one

Step = tuple[str, str]


def in_place(
    name: str, value: str, products: Container[str], smaller: Container[str]
) -> list[Step]:
    """The statements that replace `name = value`, each in two parts; none where nothing is saved.

    `products` are expressions in `value` that give new arrays of its shape; `smaller` are variables
    that are repeated along an axis.

    >>> in_place("t", "np.tanh(X.dot(W) + b)", {"X.dot(W)"}, {"b"})
    [('t = ', 'X.dot(W)'), ('t += ', 'b'), ('', 'np.tanh(t, out=t)')]
    >>> in_place("t", "X.dot(W) + C", {"X.dot(W)"}, {"b"})
    []
    """
    found = _Reader(name, value, products, smaller).read(ast.parse(value, mode="eval").body)
    return found.steps if found and found.saves and len(found.steps) <= MOST else []


@dataclass(frozen=True)
class _Found:
    steps: list[Step]
    saves: bool = False  # whether NumPy would not do the same within one expression


@dataclass(frozen=True)
class _Reader:
    name: str
    value: str
    products: Container[str]
    smaller: Container[str]

    def read(self, node: ast.expr) -> _Found | None:
        """The statements for a part of the value that contains a product."""
        if self._text(node) in self.products:
            return _Found([(f"{self.name} = ", self._text(node))])
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
            return self._binary(node, *_OPERATIONS[type(node.op)])
        if isinstance(node, ast.Call) and self._is_function(node.func) and not node.keywords:
            first, *others = node.args
            below = self.read(first)
            if below is not None and all(isinstance(each, ast.Constant) for each in others):
                written = ", ".join([self.name, *map(self._text, others), f"out={self.name}"])
                step = ("", f"{self._text(node.func)}({written})")
                return _Found([*below.steps, step], saves=True)
        return None

    def _binary(self, node: ast.BinOp, symbol: str, function: str) -> _Found | None:
        turned = False
        below, other = self.read(node.left), node.right
        if below is None:
            below, other, turned = self.read(node.right), node.left, True
        if below is None:
            return None
        text = self._text(other)
        step = (f"{self.name} {symbol}= ", text)
        if turned and symbol in "-/":
            step = ("", f"np.{function}({text}, {self.name}, out={self.name})")
        return _Found([*below.steps, step], below.saves or self._is_smaller(other))

    def _is_smaller(self, node: ast.expr) -> bool:
        """Whether an operand is repeated along an axis."""
        if isinstance(node, ast.Subscript):
            return "None" in self._text(node.slice)
        return self._text(node) in self.smaller

    @staticmethod
    def _is_function(node: ast.expr) -> bool:
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return False
        return node.value.id == "np" and node.attr in _FUNCTIONS

    def _text(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.value, node) or ""
