"""Names in declarations: whether two that are written differently are one."""

from __future__ import annotations

import re
from functools import cache

from symbolic.errors import ChainruleError
from symbolic.reading.latex.structure import read_structure
from symbolic.reading.latex.symbols import Symbol, whole_symbol
from symbolic.reading.parse_source import Source

# A name in LaTeX, as a pattern: a letter in any font, with accents, scripts and a prime.
NAME = (
    r"(?:\\[a-zA-Z]+\s*)*(?:\{\s*\\?[a-zA-Z]+\s*\}|[a-zA-Z])?"
    r"(?:\s*[_^]\s*(?:\{[^{}$=<>]{1,20}\}|[a-zA-Z0-9]))*'?"
)

_LONGEST = 200  # characters of a name
_ARGUMENTS = re.compile(r"(?<=[\w}])\([^()]*\)$")


def without_arguments(name: str) -> str:
    """The name of a function without its arguments: `h` of `h(x)`."""
    return _ARGUMENTS.sub("", name.strip())


def same_name(first: str, second: str) -> bool:
    r"""Whether two names are one: whatever the font, and however a Greek letter is spelt.

    >>> same_name(r"\mathbf{X}", "X"), same_name(r"\lambda", "lam"), same_name("x", r"\hat{x}")
    (True, True, False)
    """
    first, second = without_arguments(first), without_arguments(second)
    if first == second:
        return True
    one, other = symbol_of(first), symbol_of(second)
    if one is not None and other is not None:
        return one.key == other.key
    if one is not None:
        return second in one.spellings()
    return other is not None and first in other.spellings()


def recurs(name: str, text: str) -> bool:
    """Whether a name is written in a text, as that of `x = x - g` is behind the relation."""
    pattern = rf"(?<![a-zA-Z\\]){re.escape(name.strip())}(?![a-zA-Z])"
    return re.search(pattern, text) is not None


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
