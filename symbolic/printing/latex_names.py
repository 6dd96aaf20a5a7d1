r"""Names as LaTeX: Greek letters, subscripts and accents from how a name is spelt.

| name         | LaTeX                      |
|--------------|----------------------------|
| `lam`        | `\lambda`                  |
| `W1`, `W_1`  | `W_1`                      |
| `delta_next` | `\delta_{\mathrm{next}}`   |
| `y_hat`      | `\hat{y}`                  |
| `loss`       | `\mathrm{loss}`            |
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_GREEK = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau
    upsilon phi chi psi omega varepsilon vartheta varphi varrho varsigma
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
GREEK = {word: f"\\{word}" for word in _GREEK.split()} | {
    "lam": r"\lambda",
    "eps": r"\varepsilon",
    "ell": r"\ell",
}
ACCENTS = ("hat", "bar", "tilde", "dot")


@lru_cache(maxsize=4096)
def name_latex(name: str) -> str:
    r"""An identifier as LaTeX that has at most one subscript and no superscript.

    >>> name_latex("delta_next"), name_latex("W_1_q"), name_latex("x_bar_2")
    ('\\delta_{\\mathrm{next}}', 'W_{1,q}', '\\bar{x}_2')
    """
    head, *rest = [part for part in name.split("_") if part] or [r"\_"]
    stem = head.rstrip("0123456789") or head
    accents = [part for part in rest if part in ACCENTS]
    subscripts = [head[len(stem) :], *(part for part in rest if part not in ACCENTS)]
    below = ",".join(_word(part) for part in subscripts if part)
    base = _word(stem)
    for accent in accents:
        base = f"\\{accent}{{{base}}}"
    if not below:
        return base
    return f"{base}_{below}" if len(below) == 1 else f"{base}_{{{below}}}"


def has_subscript(name: str) -> bool:
    """Whether the name is set with a subscript, so that an index needs brackets.

    >>> has_subscript("W1"), has_subscript("y_hat")
    (True, False)
    """
    return "_" in name_latex(name).replace(r"\_", "")


def is_word(name: str) -> bool:
    r"""Whether the name is set as an upright word, perhaps with a subscript.

    >>> is_word("loss"), is_word("lam"), is_word("y_hat")
    (True, False, False)
    """
    return name_latex(name).startswith(r"\mathrm")


def _word(word: str) -> str:
    """One part of a name: Greek, a single letter, a number, or an upright word."""
    letters = [_ascii(letter) for letter in word]
    if len(letters) == 1:
        return letters[0]
    if word in GREEK:
        return GREEK[word]
    if word.isdigit() or word == r"\_":
        return word
    if any(letter.startswith("\\") for letter in letters):
        return " ".join(letters)
    return rf"\mathrm{{{word}}}"


def _ascii(letter: str) -> str:
    r"""A Greek letter of Unicode as its command; others as they are."""
    if letter.isascii():
        return letter
    kind, _, word = unicodedata.name(letter, "").partition(" LETTER ")
    word = word.lower().replace("lamda", "lambda")
    if kind == "GREEK CAPITAL" and word.capitalize() in GREEK:
        return GREEK[word.capitalize()]
    return GREEK.get(word, letter) if kind == "GREEK SMALL" else letter
