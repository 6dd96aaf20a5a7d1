"""The catalogue: pages found by walking the folders, each imported only when it is asked for.

A page is a file `derivations/<topic>/<result>.py` with one module-level `derivation`. Its path is its
id; its docstring is its title and why it matters; what it imports are its prerequisites. There is no
registry of pages: adding a file adds a page.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from derivations.pages.prerequisites import in_order
from derivations.pages.source import PageSource, read_page
from symbolic.errors import NameUnknownError

if TYPE_CHECKING:
    from derivations.derivation import Derivation

TOPICS = {
    "linear_algebra": "Linear algebra",
    "calculus": "Calculus",
    "probability": "Probability",
    "statistics": "Statistics",
    "information_theory": "Information theory",
    "optimization": "Optimization",
    "numerical_methods": "Numerical methods",
    "supervised": "Supervised learning",
    "unsupervised": "Unsupervised learning",
    "neural_networks": "Neural networks",
    "language_models": "Language models",
    "generative": "Generative models",
}  # the folders that hold pages, in the order of a book
NOT_PAGES = {"__init__", "notation"}
_ELSEWHERE = "chainrule_pages_elsewhere"  # the package in which pages of other folders are modules


class Catalogue(Mapping[str, "Derivation"]):
    """All pages by id, as in `catalogue["supervised/logistic_regression"]`.

    They come topic by topic; inside a topic each page comes after those that it uses.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __iter__(self) -> Iterator[str]:
        order = in_order({page: self._imported(page) for page in self._files()})
        for topic in TOPICS:
            yield from (page for page in order if page.startswith(f"{topic}/"))

    def _files(self) -> Iterator[str]:
        for topic in TOPICS:
            for path in sorted(self.folder.joinpath(topic).glob("*.py")):
                if path.stem not in NOT_PAGES:
                    yield f"{topic}/{path.stem}"

    def __len__(self) -> int:
        return sum(1 for _ in self._files())

    def __contains__(self, page: object) -> bool:
        topic, _, name = str(page).partition("/")
        known = topic in TOPICS and name.isidentifier() and name not in NOT_PAGES
        return known and self.path(f"{topic}/{name}").is_file()

    def __getitem__(self, page: str) -> Derivation:
        if page not in self:
            close = difflib.get_close_matches(page, list(self._files()), n=1, cutoff=0.3)
            raise NameUnknownError(
                f"page {page!r}",
                "no such page",
                f"did you mean {close[0]!r}?" if close else "see 'chainrule list'",
            )
        return _derivation_of(import_module("derivations." + page.replace("/", ".")))

    def load(self, page: str) -> Derivation:
        """The derivation of a page, given by its id, or by its file where that lies elsewhere."""
        path = Path(page)
        if page in self or not path.is_file():
            return self[page]
        return _derivation_of(_run(path.resolve()))

    def path(self, page: str) -> Path:
        """The file of a page."""
        return self.folder / f"{page}.py"

    def title(self, page: str) -> str:
        """The title of a page, read without importing it."""
        return self._source(page).title or page

    def _source(self, page: str) -> PageSource:
        return read_page(self.path(page))

    def _imported(self, page: str) -> list[str]:
        """The pages that a page imports, as they come in its source."""
        modules = (module.partition("derivations.")[2] for module in self._source(page).modules)
        return [each for module in modules if (each := module.replace(".", "/")) in self]

    def uses(self, page: str) -> tuple[str, ...]:
        """The pages that a page imports, in the order of the catalogue."""
        imported = self._imported(page)
        return tuple(each for each in self if each in imported)

    def used_by(self, page: str) -> tuple[str, ...]:
        """The pages that import a page, in the order of the catalogue."""
        return tuple(each for each in self if page in self._imported(each))

    def find(self, words: str) -> dict[str, str]:
        """The pages that have all of these words, with their titles.

        Those with the words in id and title come before those that have them only elsewhere. Raises
        `NameUnknownError` when there are none.

        >>> next(iter(catalogue.find("gradient of cross-entropy")))
        'neural_networks/softmax_cross_entropy'
        """
        wanted = _plain(words).split()
        titles = {page: _plain(f"{page} {self.title(page)}") for page in self}
        texts = {page: f"{titles[page]} {_plain(self._source(page).text)}" for page in titles}
        found = {page: self.title(page) for place in (titles, texts) for page, text in place.items()
                 if wanted and all(word in text for word in wanted)}  # fmt: skip
        if not found:
            raise NameUnknownError(f"find {words!r}", "no page has this", _advice(wanted, texts))
        return found

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


catalogue = Catalogue(Path(__file__).parent)


def place_of(derivation: Derivation) -> tuple[str, str]:
    """The id and the docstring of the page that holds a derivation; ("", "") if none does."""
    name, module = _module_of(derivation)
    return name.partition(".")[2].replace(".", "/"), (module.__doc__ or "") if module else ""


def file_of(derivation: Derivation) -> Path | None:
    """The file of the page that holds a derivation; None if none does."""
    _, module = _module_of(derivation)
    return Path(module.__file__) if module is not None and module.__file__ else None


def _module_of(derivation: Derivation) -> tuple[str, ModuleType | None]:
    for name, module in list(sys.modules.items()):
        known = name.partition(".")[0] in ("derivations", _ELSEWHERE)
        if known and getattr(module, "derivation", None) is derivation:
            return name, module
    return "", None


def _run(path: Path) -> ModuleType:
    """The module of a file outside the catalogue; its folder stands for the topic."""
    name = f"{_ELSEWHERE}.{path.parent.name}.{path.stem}"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _derivation_of(module: ModuleType) -> Derivation:
    derivation: Derivation | None = getattr(module, "derivation", None)
    if derivation is None:
        raise NameUnknownError(
            str(module.__file__), "no derivation", "write derivation = Derivation(...)"
        )
    return derivation


def _plain(text: str) -> str:
    """Text in which words are looked for: small letters, with blanks for other characters."""
    return " ".join(re.findall(r"\w+", text.lower().replace("_", " ")))


def _advice(wanted: list[str], texts: Mapping[str, str]) -> str:
    """What to look for instead: words that pages have, or the pages that have some of the words."""
    known = {word for text in texts.values() for word in text.split()}
    missing = [word for word in wanted if not any(word in text for text in texts.values())]
    if wanted and not missing:
        most = max(texts, key=lambda page: sum(word in texts[page] for word in wanted))
        return f"nearest is {most!r}"
    near = (difflib.get_close_matches(word, sorted(known), n=1) for word in missing)
    close = [match[0] for match in near if match]
    return f"did you mean {' '.join(close)!r}?" if close else "see 'chainrule list'"
