"""Names in declarations: whether two that are written differently are one, and where one is used."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from symbolic.errors import ChainruleError
from symbolic.reading.latex.structure import read_structure
from symbolic.reading.latex.symbols import Symbol, whole_symbol
from symbolic.reading.parse_source import Source

# A name in LaTeX, as a pattern: a letter in any font, with accents, scripts and a prime.
NAME = (
    r"(?:\\[a-zA-Z]+\s*)*(?:\{\s*\\?[a-zA-Z]+\s*\}|[a-zA-Z])?"
    r"(?:\s*[_^]\s*(?:\{(?:[^{}$=<>]|\{[^{}$=<>]{1,20}\}){1,20}\}|[a-zA-Z0-9]))*'?"
)

_LONGEST = 200  # characters of a name
_ARGUMENTS = re.compile(r"(?<=[\w}])\([^()]*\)$")
_TOKEN = re.compile(
    r"\\(?:begin|end|label|tag\*?|text[a-z]*|mbox|intertext)\s*\{[^{}]*\}"
    r"|\\(?:operatorname\*?|mathrm|mathsf)\s*\{(?P<word>[^{}]{2,})\}"
    r"|(?P<command>\\[a-zA-Z]+)|(?P<letters>[a-zA-Z]+)|(?P<sign>[0-9_^'()])|\S"
)
_FONTS = frozenset(
    (
        "\\mathbf",
        "\\boldsymbol",
        "\\bm",
        "\\vec",
        "\\mathrm",
        "\\mathcal",
        "\\left",
        "\\right",
        "\\operatorname",
    )
)
_ACCENTS = {
    "\\hat": "\\hat", "\\widehat": "\\hat", "\\tilde": "\\tilde", "\\widetilde": "\\tilde", "\\bar": "\\bar",
    "\\overline": "\\bar", "\\dot": "\\dot", "\\ddot": "\\ddot", "\\check": "\\check",
    "\\mathcal": "\\mathcal", "\\mathscr": "\\mathscr", "\\mathfrak": "\\mathfrak", "\\mathbb": "\\mathbb",
}  # fmt: skip
_ALPHABET = re.compile(r"\\math(?:cal|scr|frak|bb)(?![a-z])")
_OF_PROGRAMS = re.compile(r"@|\*|\.T(?![a-zA-Z])|(?<![\\a-zA-Z])[a-zA-Z_]{2,}\s*\(|[a-z]_[a-z]{2}")
_INDEX = re.compile(r"[_^]\s*\{?\s*\(?\s*[i-nrst]\s*\)?\s*\}?\s*'*$")
_SCRIPTS = re.compile(r"\s*[_^]\s*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\\?[a-zA-Z]+|[0-9*])|'")
_INDICES = re.compile(r"[_^\s]*[{(\s]*[i-nrst](?:\s*,?\s*[i-nrst])*[\s)}]*")
_SCRIPT = re.compile(r"[_^]")
_ROW = re.compile(r"(?<![a-zA-Z\\])([a-z])\s*\}?\s*[_^]")


def without_arguments(name: str) -> str:
    """The name of a function without its arguments: `h` of `h(x)`."""
    return _ARGUMENTS.sub("", name.strip())


def has_index(name: str) -> bool:
    """Whether a name ends in a letter that counts, as in `x_i`: it stands for an entry."""
    return _INDEX.search(name) is not None


def without_index(name: str) -> str:
    """The name of the whole: `x` of `x_i`."""
    return _INDEX.sub("", name.strip())


def without_labels(name: str) -> str:
    """The name as far as it is spelt in one way: `P` of `P_{ij}`, `L_` of `L_{reg}`, `z^` of `z^{(1)}`."""
    plain = without_arguments(name)
    first = _SCRIPTS.search(plain)
    if first is None:
        return plain
    return plain[: first.start()] + ("" if _INDICES.fullmatch(first[0]) else first[0].strip()[0])


def labelled_apart(first: str, second: str) -> bool:
    """Whether one name has its label above and the other below: `z^{(1)}` and `z_1` are two."""
    one, other = set(_SCRIPT.findall(first)), set(_SCRIPT.findall(second))
    return bool(one and other) and one != other


def alphabet(name: str) -> tuple[str, ...]:
    r"""The alphabets of a name that make its letters others: `\mathcal` and its like."""
    return tuple(_ALPHABET.findall(name))


def same_name(first: str, second: str) -> bool:
    r"""Whether two names are one: bold or not, and however a Greek letter is spelt.

    >>> same_name(r"\mathbf{X}", "X"), same_name(r"\lambda", "lam"), same_name("x", r"\hat{x}")
    (True, True, False)
    >>> same_name(r"\mathcal{L}", "L")
    False
    """
    first, second = without_arguments(first), without_arguments(second)
    if first == second:
        return True
    if alphabet(first) != alphabet(second) or labelled_apart(first, second):
        return False
    one, other = symbol_of(first), symbol_of(second)
    if one is not None and other is not None:
        return one.key == other.key
    if one is not None:
        return second in one.spellings()
    return other is not None and first in other.spellings()


def recurs(name: str, text: str) -> bool:
    r"""Whether a name is written in a text, alone or in a product.

    >>> recurs("B", "BV"), recurs("x", r"\exp(y)"), recurs("x", r"\hat{x}"), recurs("e", "relu(x)")
    (True, False, False, False)
    """
    wanted, found = _symbols(without_arguments(name)), _symbols(text)
    length = len(wanted)
    return length > 0 and any(
        found[place : place + length] == wanted for place in range(len(found) - length + 1)
    )


def letters(text: str) -> set[str]:
    r"""The commands and letters of a text, those of words among them.

    >>> sorted(letters(r"\begin{align} \sigma(x_i^\top w) \end{align}"))
    ['\\sigma', '\\top', 'i', 'w', 'x']
    """
    found = {part for token in _symbols(text) for part in token.split()}
    found |= {letter for word in found if not word.startswith("\\") for letter in word}
    return {each for each in found if each.strip("0123456789_^'()")}


def wholes_of_rows(text: str) -> set[str]:
    """The names of matrices of which small letters with an index may be rows: `X` for `x_i`."""
    return {each.upper() for each in _ROW.findall(text)}


@lru_cache(4096)
def _symbols(text: str) -> list[str]:
    """The letters, commands and scripts of a text; fonts and braces left out, accents kept with theirs."""
    is_program = "\\" not in text and _OF_PROGRAMS.search(text) is not None
    found: list[str] = []
    accent = ""
    for token in _TOKEN.finditer(text):
        if token["command"] in _ACCENTS:
            accent += f"{_ACCENTS[token['command']]} "
        elif token["command"] and token["command"] not in _FONTS:
            found.append(accent + token["command"])
            accent = ""
        elif token["letters"] and is_program:
            found.append(token["letters"])
        elif token["letters"]:
            found.extend([accent + token["letters"][0], *token["letters"][1:]])
            accent = ""
        elif token["word"]:
            found.append(token["word"])
        elif token["sign"]:
            found.append(token["sign"])
    return found


@cache
def symbol_of(name: str) -> Symbol | None:
    """The symbol that a name is in LaTeX; None for a word of the text language, and for no name."""
    if len(name) > _LONGEST or (name.isidentifier() and len(name) > 1 and "_" not in name):
        return None
    try:
        items = read_structure(Source(name))
    except ChainruleError:
        return None
    return whole_symbol(items[0]) if len(items) == 1 else None
