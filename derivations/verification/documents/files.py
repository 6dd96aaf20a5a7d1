"""Documents on disk: which files are documents, and their text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from derivations.verification.documents.markdown import find_in_markdown
from derivations.verification.documents.notebook import find_in_notebook
from derivations.verification.documents.pieces import Piece
from derivations.verification.documents.tex import find_in_tex
from symbolic.errors import ChainruleError, DataError, NameUnknownError, UnsupportedError

MAX_BYTES = 5_000_000
MAX_NOTEBOOK = 50_000_000  # bytes, most of which are pictures

_FINDERS: dict[str, Callable[[str], list[Piece]]] = {
    ".md": find_in_markdown,
    ".markdown": find_in_markdown,
    ".tex": find_in_tex,
    ".ipynb": find_in_notebook,
}
_NOT_SEARCHED = {"node_modules", "__pycache__"}


def is_document(name: str) -> bool:
    """Whether a name is that of a document: by its suffix, or as a file or folder that exists."""
    path = Path(name)
    try:
        return path.suffix.lower() in _FINDERS or path.exists()
    except (OSError, ValueError):  # a name too long, or with a null character
        return False


def documents(names: Sequence[str]) -> list[Path]:
    """The files that are named, and those within the folders that are; each once, in order."""
    found: list[Path] = []
    for name in names:
        path = Path(name)
        if not name.strip():
            raise NameUnknownError("document ''", "the name is empty", "name a file or a folder")
        if path.is_dir():
            within = list(_within(path))
            if not within:
                hint = f"a page is named by its file: {path / '*' / '*.py'}"
                raise NameUnknownError(f"folder {name!r}", "no document is in it", hint)
            found.extend(within)
        elif not path.exists():
            raise NameUnknownError(f"document {name!r}", "no such file", "correct the path")
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _within(folder: Path) -> Iterator[Path]:
    """Documents below a folder; hidden folders and links to folders are not entered."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in _NOT_SEARCHED
        )
        for name in sorted(files):
            path = Path(place, name)
            if path.suffix.lower() in _FINDERS and path.is_file():
                yield path


def read_document(path: Path) -> tuple[str, list[Piece]]:
    """The text of a document with `\\n` as its line ends, and its pieces.

    Raises `DataError` for what is no text in UTF-8 or too long, and `ParseError` for a notebook that is
    none; each names the file.
    """
    suffix = path.suffix.lower()
    if suffix not in _FINDERS:
        raise UnsupportedError(
            f"document '{path}'",
            "not one of " + ", ".join(_FINDERS),
            "name a Markdown file, a TeX file or a notebook",
        )
    text = _text(path, MAX_NOTEBOOK if suffix == ".ipynb" else MAX_BYTES)
    try:
        return text, _FINDERS[suffix](text)
    except ChainruleError as error:
        raise type(error)(f"{path}: {error.written}", error.found, error.advice) from None


def _text(path: Path, most: int) -> str:
    if not path.is_file():
        raise DataError(str(path), "not a regular file", "name a file that holds text")
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise DataError(str(path), f"cannot be read: {error.strerror}", "check the file") from None
    if len(raw) > most:
        raise DataError(str(path), f"more than {most:,} bytes", "split the document")
    if b"\0" in raw:
        raise DataError(str(path), "null bytes, so no text", "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}", "not UTF-8", "save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
