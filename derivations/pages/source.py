"""What the file of a page says, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class PageSource:
    """The text of a page and the modules that it imports; a file with an error imports nothing."""

    text: str
    title: str = ""
    why: str = ""
    modules: tuple[str, ...] = ()  # in the order in which they are imported


def read_page(path: Path) -> PageSource:
    """What a file says; a file that did not change is read once."""
    stamp = path.stat()
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=1024)
def _read(path: Path, changed: int, size: int) -> PageSource:
    text = path.read_text(encoding="utf-8", errors="replace")
    return page_source(text, f"derivations.{path.parent.name}")


def page_source(source: str, package: str) -> PageSource:
    '''What a page of a package says.

    >>> page = page_source('"""The chain rule."""\\nfrom . import limits', "derivations.calculus")
    >>> page.title
    'The chain rule'
    >>> page.modules
    ('derivations.calculus', 'derivations.calculus.limits')
    '''
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return PageSource(source)
    title, _, why = (ast.get_docstring(tree) or "").partition("\n")
    modules = dict.fromkeys(name for node in ast.walk(tree) for name in _imported(node, package))
    return PageSource(source, title.strip().removesuffix("."), why.strip(), tuple(modules))


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    """The modules that a statement imports, or may import: `from a import b` is a and a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        parents = package.split(".")
        above = parents[: len(parents) + 1 - node.level] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
