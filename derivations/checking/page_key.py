"""Everything that the result of a page can depend on, as one hash.

That is the page, the pages that it imports, all other files of the three packages, the versions of
the libraries and of Python, the kind of machine, and the seed.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from derivations.catalogue import TOPICS, catalogue
from derivations.pages.source import read_page

_PACKAGES = ("symbolic", "numeric", "derivations")
_LIBRARIES = ("sympy", "numpy", "scipy", "mpmath", "python-flint", "gmpy2", "lark")
_MAY_IMPORT = {*_PACKAGES, "__future__", "fractions", "functools", "itertools", "math", "mpmath",
               "numpy", "operator", "scipy", "sympy", "typing"}  # fmt: skip
_REACH_FURTHER = {
    "catalogue",
    "derive",
    "eval",
    "exec",
    "find",
    "import_module",
    "open",
    "__import__",
}


def page_keys(pages: Iterable[str], seed: int) -> dict[str, str | None]:
    """The key of each page; None for one that may depend on more than its imports tell."""
    shared = hashlib.sha256(f"{_environment()}\nseed {seed}\n{_engine()}".encode())
    keys: dict[str, str | None] = {}
    for page in pages:
        found = _files(page)
        digest = shared.copy()
        for name, content in sorted((found or {}).items()):
            digest.update(f"\n{name} {_hash(content)}".encode())
        digest.update(f"\npage {page}".encode())
        keys[page] = digest.hexdigest() if found is not None else None
    return keys


def _environment() -> str:
    return " ".join(
        [platform.python_version(), sys.platform, platform.machine()]
        + [f"{library} {_version(library)}" for library in _LIBRARIES]
    )


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def _engine() -> str:
    """A hash of the files of the packages that are no pages."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        for folder in map(Path, spec.submodule_search_locations or ()):
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder)
                if _counts(name) and not _in_topic(package, name) and path.is_file():
                    digest.update(
                        f"{package}/{name.as_posix()} {_hash(path.read_bytes())}\n".encode()
                    )
    return digest.hexdigest()


def _counts(name: Path) -> bool:
    return not any(part == "__pycache__" or part.startswith(".") for part in name.parts)


def _in_topic(package: str, name: Path) -> bool:
    return package == "derivations" and name.parts[0] in TOPICS and name.stem != "__init__"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _files(page: str) -> dict[str, bytes] | None:
    """The page and all that it imports from the folders of topics, by name; None if that is not all."""
    start = catalogue.path(page) if page in catalogue else Path(page)
    waiting = [start]
    found: dict[str, bytes] = {}
    while waiting:
        path = waiting.pop()
        name = f"{path.parent.name}/{path.name}"
        if name in found:
            continue
        try:
            found[name] = path.read_bytes()
            tree = ast.parse(found[name])
        except (OSError, SyntaxError, ValueError):
            return None
        modules = read_page(path).modules
        if not {module.partition(".")[0] for module in modules} <= _MAY_IMPORT:
            return None
        if _REACH_FURTHER & set(_names(tree)):
            return None
        waiting.extend(_in_topics(modules))
    return found


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


def _in_topics(modules: Iterable[str]) -> Iterator[Path]:
    for module in modules:
        parts = module.split(".")
        if len(parts) > 2 and parts[0] == "derivations" and parts[1] in TOPICS:
            path = catalogue.folder.joinpath(*parts[1:3]).with_suffix(".py")
            if path.is_file():
                yield path
