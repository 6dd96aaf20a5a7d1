"""What the names of a page mean: the comments beside its declarations, read without running it."""

from __future__ import annotations

import ast
import io
import tokenize
from functools import cache
from pathlib import Path


@cache
def comments_of(page: Path) -> dict[str, str]:
    """The comment beside each module-level declaration of the file of a page."""
    return comments_in(page.read_text(encoding="utf-8")) if page.is_file() else {}


def comments_in(source: str) -> dict[str, str]:
    """The comment on the last line of each assignment, by the names assigned.

    A declaration `z = named("logits", ...)` is known by both of its names.

    >>> comments_in('X = matrix("X", n, d)  # one example a row')
    {'X': 'one example a row'}
    """
    beside = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        comment = beside.get(node.end_lineno or 0)
        if not comment or not isinstance(node, ast.Assign):
            continue
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                found[part.id] = comment
        if isinstance(node.value, ast.Call) and node.value.args:
            first = node.value.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found[first.value] = comment
    return found
