"""The catalogue: pages found by walking the folders, each imported only when it is asked for.

A page is a file `derivations/<topic>/<result>.py` with one module-level `derivation`. Its path is its
id; its docstring is its title and why it matters. There is no registry: adding a file adds a page.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from symbolic.errors import NameUnknownError

if TYPE_CHECKING:
    from derivations.derivation import Derivation

_FOLDER = Path(__file__).parent
_NOT_PAGES = {"__init__", "notation"}
_NOT_TOPICS = {"data", "demo", "verification"}


class Catalogue(Mapping[str, "Derivation"]):
    """All pages by id, as in `catalogue["supervised/logistic_regression"]`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __iter__(self) -> Iterator[str]:
        for topic in sorted(self._folder.iterdir()):
            if topic.is_dir() and topic.name.isidentifier() and topic.name not in _NOT_TOPICS:
                for page in sorted(topic.glob("*.py")):
                    if page.stem not in _NOT_PAGES:
                        yield f"{topic.name}/{page.stem}"

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, page: object) -> bool:
        return page in set(self)

    def __getitem__(self, page: str) -> Derivation:
        if page not in self:
            close = difflib.get_close_matches(page, list(self), n=1, cutoff=0.3)
            raise NameUnknownError(
                f"page {page!r}",
                "no such page",
                f"did you mean {close[0]!r}?" if close else "see 'chainrule list'",
            )
        module = import_module("derivations." + page.replace("/", "."))
        derivation: Derivation = module.derivation
        return derivation

    def title(self, page: str) -> str:
        """The title of a page, read without importing it."""
        import ast

        source = (self._folder / f"{page}.py").read_text(encoding="utf-8")
        return (ast.get_docstring(ast.parse(source)) or page).split("\n")[0].removesuffix(".")

    def find(self, word: str) -> list[str]:
        """The pages whose id or title contains a word."""
        wanted = word.lower()
        return [page for page in self if wanted in page or wanted in self.title(page).lower()]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


catalogue = Catalogue(_FOLDER)


def place_of(derivation: Derivation) -> tuple[str, str]:
    """The id and the docstring of the page that holds a derivation; ("", "") if none does."""
    for name, module in list(sys.modules.items()):
        if name.startswith("derivations.") and getattr(module, "derivation", None) is derivation:
            return name.removeprefix("derivations.").replace(".", "/"), module.__doc__ or ""
    return "", ""
