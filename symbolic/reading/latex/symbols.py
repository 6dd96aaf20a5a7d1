r"""Symbols: a letter or word with accents and labels, its key, and the text names it may go by.

The key tells symbols apart whatever their font: `\hat{x}_{i}^{(l)}`. A declared text name belongs to a
symbol when it is one of the symbol's usual spellings: `lam` to `\lambda`, `y_hat` to `\hat y`.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from symbolic.printing.latex_names import GREEK
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.parse_functions import RESERVED

_ACCENTS = ("hat", "bar", "tilde", "dot", "ddot", "check", "breve")
_SPELLINGS = {
    "lambda": ("lam", "lambda_", "lmbda", "lambd", "lambda"),
    "theta": ("theta", "th"),
    "epsilon": ("epsilon", "eps"),
    "varepsilon": ("varepsilon", "eps", "epsilon"),
    "alpha": ("alpha", "al"),
    "beta": ("beta", "be"),
    "gamma": ("gamma", "gamma_", "gam"),
    "delta": ("delta", "de"),
    "sigma": ("sigma", "sig"),
    "Sigma": ("Sigma", "Sig"),
    "Lambda": ("Lambda", "Lam"),
    "varphi": ("varphi", "phi"),
    "vartheta": ("vartheta", "theta"),
    "omega": ("omega", "om"),
    "Omega": ("Omega", "Om"),
    "Delta": ("Delta", "De"),
    "ell": ("ell", "l"),
}
_GREEK_WORDS = frozenset(word for word in GREEK)
_SHORT_ACCENTS = {"hat": "h", "bar": "b", "tilde": "t"}
_SIGNS = {"-": "m", "+": "p", "*": "star"}
_WORDS = {r"\star": "*", r"\ast": "*", r"\prime": "'", r"\dagger": "dagger", r"\text": ""}
_FONTS_OF_LETTERS = frozenset(
    [
        "mathbf",
        "boldsymbol",
        "bm",
        "mathrm",
        "mathsf",
        "mathit",
        "mathcal",
        "mathscr",
        "mathfrak",
        "mathtt",
        "vec",
        "rm",
        "bf",
        "pmb",
        "symbf",
        "mathbfit",
        "underline",
        "textbf",
        "textit",
        "text",
        "textrm",
        "mathbb",
        "operatorname",
    ]
)


@dataclass(frozen=True)
class Symbol:
    """A base letter or word, its accents, its labels below and above, its primes, and its font."""

    base: str
    accents: tuple[str, ...] = ()
    sub: str = ""
    sup: str = ""
    primes: int = 0
    font: str = ""

    @property
    def key(self) -> str:
        """What tells this symbol from others, fonts aside."""
        text = "".join(f"\\{accent} " for accent in self.accents) + self.base
        text += f"_{{{self.sub}}}" if self.sub else ""
        text += f"^{{{self.sup}}}" if self.sup else ""
        return text + "'" * self.primes

    @property
    def name(self) -> str:
        r"""The identifier that a symbol goes by in the text language.

        >>> Symbol("delta", sup="(l)").name, Symbol("y", ("hat",)).name, Symbol("lambda").name
        ('delta_l', 'y_hat', 'lam')
        """
        base = {"lambda": "lam", "varepsilon": "eps", "epsilon": "epsilon"}.get(
            self.base, self.base
        )
        parts = [_identifier(base), *self.accents]
        parts += [_identifier(each) for each in (self.sub, self.sup) if each]
        parts += ["prime"] * self.primes
        found = "_".join(part for part in parts if part)
        return found + "_" if keyword.iskeyword(found) or found in RESERVED else found

    def spellings(self) -> frozenset[str]:
        """The text names that are usual for this symbol."""
        stems = set(_stems(self.base))
        for accent in self.accents:
            stems = {form for stem in stems for form in _accented(stem, accent)}
        labels = [each for each in (self.sub, self.sup) if each]
        labels += ["prime"] * self.primes
        if not labels:
            return frozenset(stems)
        found: set[str] = set()
        for order in [labels] if len(labels) < 2 else [labels, labels[::-1]]:
            for stem, *tails in product(stems, *(_tails(label) for label in order)):
                found.add(stem + "".join(tails))
        return frozenset(name for name in found if name not in _GREEK_WORDS)


def _identifier(label: str) -> str:
    text = "".join(_SIGNS.get(letter, letter) for letter in label)
    return "_".join(
        part for part in "".join(c if c.isalnum() else " " for c in text).split() if part
    )


def _stems(base: str) -> Iterator[str]:
    yield from _SPELLINGS.get(base, (base,))
    yield base + "_"
    if len(base) == 1:
        yield base * 2


def _accented(stem: str, accent: str) -> Iterator[str]:
    yield from (f"{stem}_{accent}", f"{stem}{accent}", f"{accent}_{stem}", f"{accent}{stem}")
    if accent in _SHORT_ACCENTS:
        yield stem + _SHORT_ACCENTS[accent]


def _tails(label: str) -> Iterator[str]:
    plain = _identifier(label)
    if plain:
        yield from (f"_{plain}", plain)
        joined = plain.replace("_", "")
        if joined != plain:
            yield from (f"_{joined}", joined)


def label_text(items: Items | None) -> str | None:
    """The text of a script that may be a label, spaces and fonts left out; None for other scripts."""
    if items is None:
        return ""
    parts: list[str] = []
    for item in items:
        text = _label_of(item)
        if text is None:
            return None
        parts.append(text)
    return "".join(parts)


def _label_of(item: Item) -> str | None:
    if item.kind == "char":
        text: str | None = item.text
    elif item.kind == "command":
        text = _WORDS.get(item.text) or (item.text[1:] if item.text[1:] in GREEK else None)
        if item.text in (r"\ell",):
            text = "ell"
    elif item.kind == "word":
        text = "".join(item.text.split())
    elif item.kind in ("group", "font"):
        text = label_text(item.parts[0])
    elif item.kind == "accent":
        inner = label_text(item.parts[0])
        text = None if inner is None else f"\\{item.text} {inner}"
    elif item.kind == "fence" and item.text in ("()", "[]"):
        inner = label_text(item.parts[0])
        text = None if inner is None else f"{item.text[0]}{inner}{item.text[1]}"
    else:
        return None
    if text is None:
        return None
    below, above = label_text(item.sub), label_text(item.sup)
    if below is None or above is None:
        return None
    text += f"_{below}" if below else ""
    text += f"^{above}" if above else ""
    return text + "'" * item.primes


def bare_symbol(item: Item) -> Symbol | None:
    """The symbol of an item without its scripts, or None where the item is no letter or word."""
    if item.kind == "char" and item.text.isalpha():
        return Symbol(item.text)
    if item.kind == "command" and (item.text[1:] in GREEK or item.text in (r"\ell", r"\hbar")):
        return Symbol(item.text[1:])
    if (
        item.kind == "word"
        and item.text
        and item.text.replace("_", "").isalnum()
        and item.text[0].isalpha()
    ):
        (((command,)),) = item.parts
        return Symbol(item.text, font=command.text[1:])
    if item.kind in ("font", "accent", "group"):
        (inner,) = item.parts
        if len(inner) != 1:
            if (
                item.kind == "font"
                and inner
                and all(
                    each.kind == "char" and each.text.isalnum() and not _scripted(each)
                    for each in inner
                )
                and inner[0].text.isalpha()
            ):
                return Symbol("".join(each.text for each in inner), font=item.text)
            return None
        if item.kind == "font" and item.text not in _FONTS_OF_LETTERS:
            return None
        found = bare_symbol(inner[0])
        if found is None:
            return None
        if _scripted(inner[0]):
            sub, sup = label_text(inner[0].sub), label_text(inner[0].sup)
            if (not sub and sub is None) or sup is None or found.sub or found.sup:
                return None
            found = replace(found, sub=sub or "", sup=sup, primes=inner[0].primes)
        if item.kind == "accent":
            return (
                replace(found, accents=(item.text, *found.accents))
                if item.text in _ACCENTS
                else None
            )
        return replace(found, font=item.text) if item.kind == "font" else found
    return None


def _scripted(item: Item) -> bool:
    return item.sub is not None or item.sup is not None or bool(item.primes)


def whole_symbol(item: Item) -> Symbol | None:
    """The symbol of an item with all its scripts as labels, or None where they are no labels."""
    found = bare_symbol(item)
    if found is None:
        return None
    sub, sup = label_text(item.sub), label_text(item.sup)
    if sub is None or sup is None or (found.sub and sub) or (found.sup and sup):
        return None
    return replace(
        found, sub=found.sub or sub, sup=found.sup or sup, primes=found.primes + item.primes
    )


def close_names(symbol: Symbol, names: Iterable[str]) -> list[str]:
    """The names among `names` that are usual spellings of the symbol."""
    usual = symbol.spellings()
    return sorted(name for name in names if name in usual)
