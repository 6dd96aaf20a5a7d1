"""The layout of generated source: statements that fit the line, comments and docstrings."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from symbolic.code.line_breaks import broken
from symbolic.nodes import Expression, Named, Variable
from symbolic.printing.text_printer import postorder_shown, text
from symbolic.sizes import shape_text

WIDTH = 96  # columns
SHORT_FORMULA = 50  # characters of mathematics behind a line
MOST_FORMULA = 1000  # characters of mathematics in a docstring

_INDENT = "    "


def statement(head: str, value: str, remark: str = "", *, indent: int = 4) -> list[str]:
    """The lines of one statement, with a remark behind it or above it.

    >>> statement("z = ", "X @ w", "z = X @ w")
    ['    z = X @ w  # z = X @ w']
    """
    lines = broken(head, value, " " * indent)
    if remark and len(lines) == 1 and len(lines[0]) + len(remark) + 4 <= WIDTH:
        return [f"{lines[0]}  # {remark}"]
    return [f"{' ' * indent}# {remark}", *lines] if remark else lines


def definition(name: str, signature: Sequence[str]) -> list[str]:
    """The lines that open a function.

    >>> definition("f", ["X", "w", "*", "threads=1"])
    ['def f(X, w, *, threads=1):']
    """
    return broken("", f"def {name}({', '.join(signature)}):", "")


def comment(named: Named) -> str:
    """The mathematics of an intermediate and its shape.

    >>> from symbolic.variables import dims, matrix, named, vector
    >>> n, d = dims("n d")
    >>> comment(named("z", matrix("X", n, d) @ vector("w", d)))
    'z = X @ w, shape (n,)'
    """
    shape = f", shape {shape_text(named.shape)}" if named.rank else ", a scalar"
    formula = formula_text(named.meaning, WIDTH - 30 - len(shape) - len(named.name))
    return f"{named.name}{f' = {formula}' if formula else ''}{shape}"


def remark(node: Expression, lengths: dict[Expression, int] | None) -> str:
    """The mathematics of an intermediate without a name, if it is short, and its shape.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> remark(matrix("X", n, d) @ vector("w", d), {})
    'X @ w, shape (n,)'
    """
    shape = f"shape {shape_text(node.shape)}" if node.rank else "a scalar"
    formula = "" if lengths is None else formula_text(node, SHORT_FORMULA, lengths)
    formula = "" if "einsum(" in formula else formula
    return f"{formula}, {shape}" if formula else shape


def docstring(
    roots: Sequence[Expression], arguments: Mapping[str, Variable], results: Sequence[str]
) -> list[str]:
    """A docstring: each result with formula and shape, each argument with shape and domain."""
    lines: list[str] = []
    called: list[str] = []
    lengths: dict[Expression, int] = {}
    for root, name in zip(roots, results or [""], strict=True):
        meaning = root.meaning if isinstance(root, Named) else root
        formula = formula_text(meaning, MOST_FORMULA, lengths)
        if not formula or max(map(len, formula.split())) > WIDTH - 20:
            formula = "a long expression"
        shape = f"shape {shape_text(root.shape)}" if root.rank else "a scalar"
        called.append(root.name if isinstance(root, Named) else name)
        equals = f"{called[-1]} = " if called[-1] else ""
        opening = "" if results else '"""Return '
        lines.extend(wrapped(f"{opening}{equals}{formula}, {shape}", _INDENT, _INDENT * 2))
    if results:
        lines = [*wrapped(f'"""Return {", ".join(called)}.', _INDENT), "", *lines]
    if arguments:
        lines += ["", f"{_INDENT}Arguments:"]
    for name, variable in arguments.items():
        shape = f"array of shape {shape_text(variable.shape)}" if variable.rank else "a number"
        domain = "" if variable.domain == "real" else f", {variable.domain}"
        meant = "" if name == variable.name else f"; {variable.name} in the formula"
        lines.append(f"{_INDENT * 2}{name}: {shape}{domain}{meant}")
    if len(lines) == 1:
        return [f'{lines[0]}"""']
    return [*lines, f'{_INDENT}"""']


def formula_text(
    expression: Expression, most: int, lengths: dict[Expression, int] | None = None
) -> str:
    """The text of an expression, or nothing if it is longer than `most` characters.

    `lengths` carries what the text of each node has at least from one expression to the next.
    """
    known = {} if lengths is None else lengths
    for node in postorder_shown(expression, known):
        if isinstance(node, (Variable, Named)):
            known[node] = len(node.name)
        else:
            known[node] = min(most + 1, 1 + sum(known.get(child, 1) for child in node.children))
    if known[expression] > most:
        return ""
    written = text(expression)
    return written if len(written) <= most else ""


def wrapped(written: str, indent: str, further: str | None = None) -> list[str]:
    """Words in lines of the width of generated source."""
    return textwrap.wrap(
        written,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )
