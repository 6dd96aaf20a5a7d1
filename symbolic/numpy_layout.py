"""The layout of generated source: statements that fit the line, comments and docstrings."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from symbolic.nodes import Expression, Named, Variable
from symbolic.sizes import shape_text
from symbolic.text import postorder_shown, text

WIDTH = 96  # columns
MOST_FORMULA = 1000  # characters of mathematics in a docstring

_INDENT = "    "


def statement(head: str, value: str, remark: str = "", *, brackets: bool = True) -> list[str]:
    """The lines of one statement, with a remark behind it or above it.

    >>> statement("z = ", "X @ w", "z = X @ w")
    ['    z = X @ w  # z = X @ w']
    """
    line = f"{_INDENT}{head}{value}"
    if remark and len(line) + len(remark) + 4 <= WIDTH:
        return [f"{line}  # {remark}"]
    above = [f"{_INDENT}# {remark}"] if remark else []
    if len(line) <= WIDTH + 4 or " " not in value:
        return [*above, line]
    wrapped = _wrap(value, _INDENT * 2)
    opening, closing = ("(", ")") if brackets or len(wrapped) > 1 else ("", "")
    return [*above, f"{_INDENT}{head}{opening}", *wrapped, f"{_INDENT}{closing}"]


def comment(named: Named) -> str:
    """The mathematics of an intermediate and its shape.

    >>> from symbolic.operations import dims, matrix, named, vector
    >>> n, d = dims("n d")
    >>> comment(named("z", matrix("X", n, d) @ vector("w", d)))
    'z = X @ w, shape (n,)'
    """
    shape = f", shape {shape_text(named.shape)}" if named.rank else ", a scalar"
    formula = formula_text(named.meaning, WIDTH - 30 - len(shape) - len(named.name))
    return f"{named.name}{f' = {formula}' if formula else ''}{shape}"


def docstring(roots: Sequence[Expression], arguments: Mapping[str, Variable]) -> list[str]:
    """A docstring: the formula of each result, then every argument with shape and domain."""
    formulas = [formula_text(root, MOST_FORMULA) or "(too long to write here)" for root in roots]
    shapes = [shape_text(root.shape) if root.rank else "a scalar" for root in roots]
    lines = [f'{_INDENT}"""{_title(roots)}', ""]
    for formula, shape in zip(formulas, shapes, strict=True):
        lines.extend(_wrap(f"{formula}  [{shape}]", _INDENT))
    if arguments:
        lines += ["", f"{_INDENT}Arguments:"]
    for name, variable in arguments.items():
        shape = f"array of shape {shape_text(variable.shape)}" if variable.rank else "a number"
        domain = "" if variable.domain == "real" else f", {variable.domain}"
        lines.append(f"{_INDENT * 2}{name}: {shape}{domain}")
    return [*lines, f'{_INDENT}"""']


def formula_text(expression: Expression, most: int) -> str:
    """The text of an expression, or nothing if it is longer than `most` characters."""
    length: dict[Expression, int] = {}
    for node in postorder_shown(expression):
        if isinstance(node, (Variable, Named)):
            length[node] = len(node.name)
        else:
            length[node] = 1 + sum(length.get(child, 1) for child in node.children)
        if length[node] > most:
            return ""
    written = text(expression)
    return written if len(written) <= most else ""


def _title(roots: Sequence[Expression]) -> str:
    names = [root.name if isinstance(root, Named) else "" for root in roots]
    if all(names):
        return f"{', '.join(names)}."
    return "The value of" if len(roots) == 1 else f"The {len(roots)} values, in order,"


def _wrap(written: str, indent: str) -> list[str]:
    return textwrap.wrap(
        written,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
