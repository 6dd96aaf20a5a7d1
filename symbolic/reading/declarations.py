"""Declarations: which variables an expression is written in, their sizes and their domains."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping

from symbolic.domains import DOMAINS
from symbolic.errors import DomainError, NameUnknownError, ShapeError, UnsupportedError
from symbolic.nodes import Variable
from symbolic.reading.parse_functions import RESERVED
from symbolic.reading.parse_source import foreign_character, nearest, shorten
from symbolic.sizes import Size, size_from_text, size_letters, size_symbol

MAX_RANK = 32  # axes
MAX_DIGITS = 18  # of a size written as a number
MAX_NAME = 100  # characters of a name
_ALSO_CALLED = {  # what test data says of one vector, or of moderate numbers, is known or sampled so
    "prob1": "prob",
    "onehot1": "onehot",
    "small": "real",
}

Given = Mapping[str, "str | Variable"] | Iterable[Variable]


def declare(given: Given | None = None) -> dict[str, Variable]:
    """The variables that `given` declares, by name.

    `given` maps names to sizes and a domain, or is a collection of variables. Sizes are letters or
    positive integers with spaces between them; after a colon comes the domain, real by default.

    >>> declared = declare({"X": "n d", "y": "n: binary", "lam": ": positive"})
    >>> declared["X"].shape, declared["y"].domain, declared["lam"].shape
    ((n, d), 'binary', ())
    """
    if given is None:
        return {}
    declared: dict[str, Variable] = {}
    written_as: dict[str, str] = {}
    for key, written in pairs(given):
        if is_definition(written) or is_notation(key, written):
            continue
        name = identifier(key)
        _check_name(name, "variable")
        variable = written if isinstance(written, Variable) else _variable(name, written)
        if variable.name != name:
            raise NameUnknownError(
                f"{name!r}: the variable {variable.name!r}",
                "two different names",
                f"declare it as {variable.name!r}",
            )
        by_latex = written_as.setdefault(name, key) != key
        if declared.setdefault(name, variable) is not variable or by_latex:
            raise NameUnknownError(
                f"variable {name!r}", "declared twice", "give each variable its own name"
            )
    _check_letters(declared)
    return declared


def declared_sizes(declared: Mapping[str, Variable]) -> tuple[str, ...]:
    """The size letters of declared variables, in alphabetical order.

    >>> declared_sizes(declare({"X": "n d", "A": "2 2"}))
    ('d', 'n')
    """
    return tuple(sorted(set().union(*(size_letters(each.shape) for each in declared.values()))))


NOTATIONS: dict[str, tuple[str, ...]] = {  # what a notation may be said to mean
    r"\cdot": ("product", "inner", "elementwise"),
    r"\times": ("product", "elementwise"),
    r"\otimes": ("kron", "outer", "elementwise"),
    r"\circ": ("elementwise",),
    r"\star": ("elementwise",),
    "*": ("product", "elementwise"),
    "/": ("elementwise",),
    "^": ("matrix", "elementwise"),
    "|A|": ("det", "abs", "norm"),
    "^T": ("transpose", "power"),
    "^t": ("transpose", "power"),
    "'": ("transpose", "derivative"),
    r"\|A\|": ("frobenius", "spectral"),
    r"\log": ("natural", "2", "10"),
    "layout": ("numerator", "denominator"),
}


def is_definition(written: object) -> bool:
    """Whether a declaration is a definition: a text that begins with "="."""
    return isinstance(written, str) and written.strip()[:1] == "="


def is_notation(key: object, written: object) -> bool:
    """Whether a declaration says what a sign means, as in {"|A|": "det"}."""
    if not isinstance(key, str) or key.strip() not in NOTATIONS or not isinstance(written, str):
        return False
    if written.strip() in NOTATIONS[key.strip()]:
        return True
    if key.strip() == "layout":
        return False
    raise UnsupportedError(
        f"{key!r}: {shorten(written)!r}",
        "no meaning that this sign can have",
        f"use one of {', '.join(NOTATIONS[key.strip()])}",
    )


def notations(given: Given | None) -> dict[str, str]:
    """What `given` says that signs mean.

    >>> notations({"x": "n", "|A|": "det"})
    {'|A|': 'det'}
    """
    found = pairs(given) if given is not None else []
    return {key.strip(): str(text).strip() for key, text in found if is_notation(key, text)}


def definitions(given: Given | None) -> list[tuple[str, str]]:
    """The definitions in `given`: what is defined, and the text behind the "=".

    >>> definitions({"X": "n d", "w": "d", "z": "= X @ w"})
    [('z', 'X @ w')]
    """
    if given is None:
        return []
    return [
        (key, str(text).strip()[1:].strip()) for key, text in pairs(given) if is_definition(text)
    ]


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX: marked so, or with a backslash."""
    from symbolic.reading.latex.formulas import Latex

    return isinstance(text, Latex) or "\\" in text


def identifier(key: str) -> str:
    r"""The name of a declared key: the key itself, or the identifier that LaTeX stands for.

    >>> identifier("w"), identifier(r"\delta^{(l)}"), identifier(r"\hat{y}")
    ('w', 'delta_l', 'y_hat')
    """
    if not isinstance(key, str) or not (is_latex(key) or set(key) & set("^{'")):
        return key
    from symbolic.reading.latex.keys import key_name

    return key_name(key)


def pairs(given: Given) -> list[tuple[str, object]]:
    """The declarations in order: what is declared, and what is said of it."""
    if isinstance(given, Mapping):
        return list(given.items())
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise UnsupportedError(
            f"given={shorten(repr(given))}",
            f"a {type(given).__name__}",
            'write a mapping, as in given={"X": "n d", "y": "n: binary"}',
        )
    variables = list(given)
    for each in variables:
        if not isinstance(each, Variable):
            raise UnsupportedError(
                f"a {type(each).__name__} among the given variables",
                "not a variable",
                'give variables only, or a mapping such as {"X": "n d"}',
            )
    return [(each.name, each) for each in variables]


def _check_name(name: object, what: str) -> None:
    if not isinstance(name, str):
        raise NameUnknownError(
            f"{what} {shorten(repr(name))}", "not a string", "name it by an identifier, as in 'w'"
        )
    written = f"{what} {shorten(name)!r}"
    foreign = foreign_character(name)
    if foreign:
        _, found, advice = foreign
        raise NameUnknownError(written, found, f"{advice}, or spell the letter, as in 'lam'")
    if not name.isidentifier() or len(name) > MAX_NAME:
        raise NameUnknownError(
            written,
            "not an identifier" if len(name) <= MAX_NAME else f"{len(name)} characters",
            "use letters, digits and underscores, as in 'w_1'",
        )
    if keyword.iskeyword(name):
        advice = "write 'lam'" if name == "lambda" else f"write {name + '_'!r}"
        raise NameUnknownError(written, "a keyword of Python", advice)
    if name in RESERVED:
        found = "the number pi" if name == "pi" else "a function of the language"
        raise NameUnknownError(written, found, f"choose another name, as in {name + '_'!r}")
    if name.startswith("__"):
        raise NameUnknownError(
            written, "it starts with two underscores", "choose a name without them"
        )


def _variable(name: str, written: object) -> Variable:
    if not isinstance(written, str):
        raise UnsupportedError(
            f"{name!r}: {shorten(repr(written))}",
            f"a {type(written).__name__}",
            "write sizes and domain as text, as in 'n d: positive'",
        )
    sizes, colon, domain = written.partition(":")
    return Variable(name, _sizes(name, sizes), _domain(name, domain) if colon else "real")


def _sizes(name: str, text: str) -> tuple[Size, ...]:
    words = text.split()
    if len(words) > MAX_RANK:
        raise ShapeError(f"{name!r}: {shorten(text)!r}", f"{len(words)} sizes", "give at most 32")
    return tuple(_size(name, word) for word in words)


def _size(name: str, word: str) -> Size:
    written = f"{name!r}: size {shorten(word)!r}"
    if word.isascii() and word.isdecimal():
        if int(word[:MAX_DIGITS]) == 0 or len(word) > MAX_DIGITS:
            raise ShapeError(
                written, "not a positive integer of moderate length", "give a size of 1 or more"
            )
        return int(word)
    if not word.isidentifier() and foreign_character(word) is None:
        compound = size_from_text(word)
        if compound is not None:
            for letter in sorted(size_letters((compound,))):
                _check_name(letter, f"{name!r}: size")
            return compound
        raise ShapeError(
            written,
            "neither a letter nor a positive integer, nor a sum or product of them",
            "write sizes with spaces between them and the domain after a colon,"
            " as in 'n 2*d: positive'",
        )
    if word in DOMAINS:
        raise ShapeError(written, "a domain where a size is expected", f"write ': {word}'")
    _check_name(word, f"{name!r}: size")
    return size_symbol(word)


def _domain(name: str, text: str) -> str:
    domain = " ".join(text.split())
    domain = _ALSO_CALLED.get(domain, domain)
    if domain not in DOMAINS:
        raise DomainError(
            f"{name!r}: domain {shorten(domain)!r}",
            "no such domain" if domain else "no domain after the colon",
            nearest(domain, DOMAINS) or f"use one of {', '.join(DOMAINS)}",
        )
    return domain


def _check_letters(declared: Mapping[str, Variable]) -> None:
    for variable in declared.values():
        for letter in sorted(size_letters(variable.shape)):
            if letter in declared:
                raise NameUnknownError(
                    f"{letter!r} as a size of {variable.name!r}",
                    f"a variable called {letter!r} is declared as well",
                    "give the size or the variable another letter",
                )
            _check_name(letter, f"{variable.name!r}: size")
