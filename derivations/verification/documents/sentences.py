r"""What sentences say: `$X \in \mathbb{R}^{n \times d}$`, and after "let" `$\lambda > 0$` and `$z = Xw$`.

Only such are read as leave no doubt; of what words may say beside that, hints are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from derivations.verification.documents.declarations import (
    LONGEST_ITEM,
    Declaration,
    Hint,
    with_domain,
)
from derivations.verification.documents.domain_words import (
    domain_said,
    domains_hinted,
    is_number_said,
)
from derivations.verification.documents.names import NAME, has_index, recurs, without_index
from derivations.verification.documents.pieces import Piece

_NAMES = re.compile(
    rf"\s*(?P<names>{NAME}(?:\s*,\s*{NAME})*)\s*\\in(?![a-zA-Z])\s*(?P<set>.+)", re.DOTALL
)
_NAME_ALONE = re.compile(rf"\s*(?P<names>{NAME}(?:\s*,\s*{NAME})*)\s*")
_OF_NUMBERS = ("positive", "nonnegative", "unit", "binary")
_WORDS_WITHIN = re.compile(r"\\(?:text[a-z]*|mbox|intertext|mathrm)\s*\{([^{}]*)\}")
_SIGN = re.compile(
    rf"\s*(?P<names>{NAME}(?:\s*,\s*{NAME})*)\s*(?P<relation>>|\\geq?(?![a-z])|\\succ(?:eq)?(?![a-z]))\s*0\s*",
    re.DOTALL,
)
_EQUALS = re.compile(
    rf"\s*(?P<name>{NAME}(?:\s*\([^()=]{{1,40}}\))?)\s*(?::=|=|\\coloneqq|\\triangleq|\\equiv)(?P<value>[^=]+)",
    re.DOTALL,
)
_RANGE = re.compile(r"\\[lc]?dots(?![a-z])|\.\.\.|^[^({\[]*,")
_NUMBER = re.compile(r"[\s{}\d.,+\-/]*(?:\\[dt]?frac[\s{}\d]*)?")

_INTRODUCES = re.compile(
    r"\b(?:let|define|denote|denoting|where|with|given|assume|suppose|write|put|take|fix|parameter|hyperparameter|constant|coefficient|strength)\b",
    re.IGNORECASE,
)
_CONDITIONS = re.compile(
    r"\b(?:for|if|when|whenever|unless|case|otherwise|iff|at|once|until|while|only|not)\b",
    re.IGNORECASE,
)
_DEFINING = re.compile(r"\b(?:let|define|denote|denoting|where|with|write|put)\b", re.IGNORECASE)

_DOMAINS = {
    ">": "positive",
    "\\ge": "nonnegative",
    "\\geq": "nonnegative",
    "\\succ": "spd",
    "\\succeq": "psd",
}
_SETS: tuple[tuple[str, str], ...] = (
    (r"\R_{++}", "positive"), (r"\R_{>0}", "positive"), (r"\R_{+}", "nonnegative"),
    (r"\R_+", "nonnegative"), (r"\R_{\geq0}", "nonnegative"), (r"\R_{\ge0}", "nonnegative"), (r"\R", ""),
    (r"\{0,1\}", "binary"), (r"\{-1,1\}", "pm1"), (r"\{-1,+1\}", "pm1"), (r"\{+1,-1\}", "pm1"),
    (r"\{1,-1\}", "pm1"), (r"\{\pm1\}", "pm1"), ("[0,1]", "unit"), ("(0,1)", "unit"),
    (r"\R_{\geqslant0}", "nonnegative"),
    (r"\S_{++}", "spd"), (r"\S_+", "psd"), (r"\S_{+}", "psd"), (r"\S", "symmetric"),
)  # fmt: skip
_LETTER_OF_SET = re.compile(
    r"\\(?:mathbb|mathbf|mathcal|mathrm|Bbb)\s*\{?\s*([RS])\s*\}?|\\(?:Reals?|reals)(?![a-zA-Z])|\\R(?![a-zA-Z])"
)
_SCRIPTS = re.compile(r"\\([RS])(\^(?:\{[^{}]*\}|.))_(\{[^{}]*\}|.)")
_SIZE = r"(?:[1-9][0-9]{0,5}|[0-9]{0,3}[a-zA-Z](?:[+-][0-9]{1,3})?)"
_POWER = re.compile(rf"\^(?:\{{(?P<many>{_SIZE}(?:(?:\\times|,){_SIZE})*)\}}|(?P<one>[a-zA-Z0-9]))")


def read_sentence(piece: Piece) -> Iterator[Declaration]:
    r"""What an inline formula declares, or a display that only says where something lies.

    >>> piece = Piece("inline", r"w, v \in \mathbb{R}^{d}", 1, before="Let")
    >>> [(each.name, each.value) for each in read_sentence(piece)]
    [('w', 'd'), ('v', 'd')]
    >>> [(each.name, each.value) for each in read_sentence(Piece("inline", r"x > 0", 1, before="for"))]
    []
    """
    if len(piece.text) > LONGEST_ITEM:
        return
    text = piece.text.strip().rstrip(".,;")
    introduced = _introduced(piece.before, _INTRODUCES)
    conditional = _CONDITIONS.search(piece.before) is not None and not introduced
    if found := _NAMES.fullmatch(text):
        written = _value_of_set(found["set"])
        if written is not None and not (conditional and ":" in written):
            domain = None if conditional else domain_said(piece.before, piece.after)
            yield from _spoken(found["names"], with_domain(written, domain), piece)
    elif (found := _SIGN.fullmatch(text)) and introduced:
        yield from _spoken(found["names"], ": " + _DOMAINS[found["relation"].strip()], piece)
    elif found := _NAME_ALONE.fullmatch(text):
        domain = None if conditional else domain_said(piece.before, piece.after)
        is_number = introduced and is_number_said(piece.before, piece.after)
        if domain is not None and (not is_number or domain in _OF_NUMBERS):
            for each in _spoken(found["names"], f": {domain}", piece):
                yield replace(each, adds=not is_number)
    elif (
        (found := _EQUALS.fullmatch(text))
        and _introduced(piece.before, _DEFINING)
        and not _NUMBER.fullmatch(found["value"])
        and not _RANGE.search(found["value"])
        and not recurs(found["name"], found["value"])
    ):
        value = "= " + found["value"].strip()
        yield Declaration(found["name"].strip(), value, piece.line, piece.cell, True)


def read_hints(piece: Piece) -> Iterator[Hint]:
    r"""What the words around an inline formula, or within a display, may say of its names.

    >>> list(read_hints(Piece("inline", "A", 3, before="If", after="is symmetric,")))
    [Hint(name='A', domains=('symmetric',), line=3, cell=0)]
    """
    if piece.kind == "display":
        words = " ".join(_WORDS_WITHIN.findall(piece.text))
        names = ""
    else:
        words = f"{piece.before} {piece.after}"
        text = piece.text.strip().rstrip(".,;")
        found = _NAMES.fullmatch(text) or _SIGN.fullmatch(text) or _NAME_ALONE.fullmatch(text)
        names = found["names"] if found else ""
    domains = tuple(domains_hinted(words)) if words.strip() else ()
    for name in re.split(r",(?![^{]*\})", names) if domains else ():
        if name.strip() or piece.kind == "display":
            yield Hint(without_index(name), domains, piece.line, piece.cell)


def _introduced(before: str, words: re.Pattern[str]) -> bool:
    """Whether the sentence introduces what follows, and no condition comes between."""
    found = [each.end() for each in words.finditer(before)]
    return bool(found) and not _CONDITIONS.search(before, found[-1])


def _spoken(names: str, value: str, piece: Piece) -> Iterator[Declaration]:
    """One declaration for each name; a name with an index stands for entries, and declares nothing."""
    for name in re.split(r",(?![^{]*\})", names):
        if name.strip() and not has_index(name):
            yield Declaration(name.strip(), value, piece.line, piece.cell, True)


def _value_of_set(text: str) -> str | None:
    """Sizes and domain, as in `given`, of a set such as `\\mathbb{R}^{n \\times d}`; None for others."""
    plain = _LETTER_OF_SET.sub(lambda found: "\\" + (found[1] or "R"), text)
    plain = re.sub(r"\\(?:left|right|,|;|!|:|quad|qquad)(?![a-zA-Z])|[\s~]", "", plain)
    plain = _SCRIPTS.sub(r"\\\1_\3\2", plain.rstrip(".,;"))
    for start, domain in _SETS:
        if plain.startswith(start):
            return _value(plain[len(start) :], domain)
    return None


def _value(power: str, domain: str) -> str | None:
    sizes = ""
    if power:
        found = _POWER.fullmatch(power)
        if found is None:
            return None
        parts = re.split(r"\\times|,", found["many"] or found["one"])
        sizes = " ".join(_size(part) for part in parts)
        if domain in ("spd", "psd", "symmetric") and len(parts) == 1:
            sizes = f"{sizes} {sizes}"
    elif domain in ("spd", "psd", "symmetric"):
        return None
    return sizes + (f": {domain}" if domain else "")


def _size(part: str) -> str:
    return re.sub(r"^([0-9]+)([a-zA-Z])", r"\1*\2", part)
