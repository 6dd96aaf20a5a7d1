"""Reads the corpus: entries of `key: value` lines, blank lines between them, LaTeX as it is typeset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
KINDS = ("value", "gradient", "jacobian", "identity", "lines", "refuse")


@dataclass(frozen=True)
class Entry:
    """One formula: what it is given, and what its sides mean in the text language.

    `means` has one text for each side that is no head. `of` and `wrt`: what the last meaning is the
    derivative of, where it is a true one. `names` are short names for declared LaTeX keys. `tempts`
    says which other reading is near; `why`, for kind "refuse", what is wrong.
    """

    id: str
    topic: str
    source: str
    kind: str
    latex: str
    given: dict[str, str]
    means: tuple[str, ...]
    names: dict[str, str]
    of: str
    wrt: str
    tempts: str
    why: str


def load() -> list[Entry]:
    """All entries, in the order of the files."""
    entries: list[Entry] = []
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
            entries.append(_entry(path.stem, block))
    return entries


def _entry(topic: str, block: str) -> Entry:
    found: dict[str, list[str]] = {}
    for line in block.splitlines():
        key, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"{topic}: a line without a key: {line!r}")
        found.setdefault(key, []).append(value.removeprefix(" "))
    known = {
        "id",
        "source",
        "kind",
        "latex",
        "given",
        "means",
        "name",
        "of",
        "wrt",
        "tempts",
        "why",
    }
    if unknown := set(found) - known:
        raise ValueError(f"{topic}: unknown keys {unknown} in {block!r}")
    single = {key: values[0] for key, values in found.items()}
    given = _pairs([each for line in found.get("given", []) for each in line.split(" ; ")], ":")
    return Entry(
        id=single["id"],
        topic=topic,
        source=single["source"],
        kind=single["kind"],
        latex="\n".join(found["latex"]),
        given=given,
        means=tuple(found.get("means", ())),
        names=_pairs(found.get("name", []), "="),
        of=single.get("of", ""),
        wrt=single.get("wrt", ""),
        tempts=single.get("tempts", ""),
        why=single.get("why", ""),
    )


def _pairs(lines: list[str], sign: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in filter(None, lines):
        key, _, value = line.partition(sign)
        pairs[key.strip()] = value.strip()
    return pairs
