"""Notebooks: the Markdown cells of a Jupyter notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from derivations.verification.documents.markdown import find_in_markdown
from derivations.verification.documents.pieces import Piece
from symbolic.errors import ParseError


def find_in_notebook(text: str) -> list[Piece]:
    r"""The pieces of the Markdown cells; lines are counted within each cell.

    >>> import json
    >>> cells = [{"cell_type": "code", "source": "1"}, {"cell_type": "markdown", "source": ["a\n", "$$x$$"]}]
    >>> [(piece.cell, piece.line, piece.text) for piece in find_in_notebook(json.dumps({"cells": cells}))]
    [(2, 2, 'x')]
    """
    found: list[Piece] = []
    for number, cell in enumerate(_cells(text), start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "markdown":
            source = _text(cell.get("source", ""), number)
            found.extend(replace(piece, cell=number) for piece in find_in_markdown(source))
    return found


def _cells(text: str) -> Iterator[Any]:
    try:
        book = json.loads(text)
    except (ValueError, RecursionError) as error:
        found = str(error) if isinstance(error, ValueError) else "brackets nested too deeply"
        raise ParseError("notebook", f"not JSON: {found}", "save it anew in Jupyter") from None
    if not isinstance(book, dict) or not {"cells", "worksheets"} & set(book):
        raise ParseError("notebook", "no object with cells", "save it anew in Jupyter")
    sheets = [book, *_list(book.get("worksheets", []))]
    for sheet in sheets:
        if not isinstance(sheet, dict):
            raise ParseError("notebook", "no object with cells", "save it anew in Jupyter")
        yield from _list(sheet.get("cells", []))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ParseError(
            "notebook", f"a {type(value).__name__} where a list belongs", "save it anew in Jupyter"
        )
    return value


def _text(source: Any, number: int) -> str:
    parts = source if isinstance(source, list) else [source]
    if not all(isinstance(part, str) for part in parts):
        raise ParseError(f"cell {number}", "its source is no text", "save it anew in Jupyter")
    return "".join(parts).replace("\r\n", "\n").replace("\r", "\n")
