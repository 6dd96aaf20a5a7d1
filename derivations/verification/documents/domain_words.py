r"""Words that say what a matrix or a vector is: `$A \in \mathbb{R}^{n \times n}$ symmetric`.

Next to a name, in a sentence that introduces it, they declare. Elsewhere in a sentence about the name they
hint: a formula that is right only if the hint holds is not refuted.
"""

from __future__ import annotations

import re

_SEMI = r"(?:positive[\s~-]*semi[\s-]*definite|PSD|p\.?s\.?d\.?)"
_DEFINITE = r"(?:(?:strictly[\s~]+)?positive[\s~-]*definite|SPD|s\.?p\.?d\.?)"
_WORDS: tuple[tuple[str, str], ...] = (
    (rf"(?:symmetric[\s~,]*(?:and[\s~]+)?)?{_SEMI}", "psd"),
    (rf"(?:symmetric[\s~,]*(?:and[\s~]+)?)?{_DEFINITE}", "spd"),
    ("symmetric|self-adjoint", "symmetric"),
    ("invertible|non-?singular", "invertible"),
    ("orthogonal|orthonormal", "orthogonal"),
    ("diagonal", "diagonal"),
    ("lower[ -]triangular", "lower"),
    ("one-?hot", "onehot"),
    ("binary", "binary"),
    ("probability vector|probability distribution|row-?stochastic", "prob"),
    ("column-?stochastic", "prob columns"),
    ("unit(?:[ -]norm|[ -]length)?(?: vector)?", "unit_norm"),
    ("non-?negative", "nonnegative"),
    ("positive(?![ ~-]*(?:semi|definite))", "positive"),
)
_HINTS: tuple[tuple[str, str], ...] = (
    ("(?:co)?variance matri|precision matri|covariance|Gram matri|kernel matri", "psd"),
    ("Hessian|adjacency|Laplacian|undirected", "symmetric"),
    ("normali[sz]ed", "unit_norm"),
    ("simplex|probabilit|mixing weights|mixture weights|mixture proportions|distribution", "prob"),
    ("orthonormal", "orthogonal"),
    ("labels?|indicator", "onehot"),
)
_ANY = "|".join(f"(?P<w{place}>{words})" for place, (words, _) in enumerate(_WORDS))
_WORD = re.compile(rf"(?<![\w-])(?:{_ANY})(?![\w])", re.IGNORECASE)
_FILLER = (
    r"(?:(?:is|are|be|being|a|an|the|each|any|both|some|real|square|dense|fixed|given|known|matrix|vectors?|scalars?"
    r"|with|and|which|that)[\s~,]+|[\s~,(]+)*"
)
_NOUN = (
    r"(?:[\s~]+(?:matrix|matrices|vectors?|scalars?|numbers?|constants?|reals?|parameters?|weights?|labels?"
    r"|targets?))?"
)
_ENDS = r"(?=[\s~]*(?:$|[.,;:)]|(?:and|with|where|so|which|then|but|as|to)\b))"
_AFTER = re.compile(
    rf"{_FILLER}(?:{_ANY})(?P<of> (?:entries|components|elements))?{_NOUN}{_ENDS}", re.IGNORECASE
)
_BEFORE = re.compile(rf"(?<![\w-])(?:{_ANY}){_NOUN}[\s~]*$", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not|non|need|neither|nor|no|without|unless|skew|anti|asymmetric|nonsymmetric|never)\b",
    re.IGNORECASE,
)
_OF_ENTRIES = ("positive", "nonnegative", "binary")
_OF_NUMBERS = re.compile(r"\b(?:scalars?|numbers?|constants?|reals?)\b", re.IGNORECASE)


def domain_said(before: str, after: str) -> str | None:
    """The domain that the words right beside a formula give it; None where they say none.

    `after` goes on to the end of the sentence, with a dollar sign for each formula.

    >>> domain_said("Let", "be a symmetric positive definite matrix."), domain_said("a symmetric matrix", "")
    ('spd', 'symmetric')
    >>> domain_said("Let", "and a positive $"), domain_said("Let", "be a matrix that is not symmetric")
    (None, None)
    """
    if _DENIED.search(before) or _DENIED.search(after):
        return None
    said = [found for found in (_AFTER.match(after), _BEFORE.search(before)) if found]
    if not said or (
        "of" in said[0].groupdict() and said[0]["of"] and _of(said[0]) not in _OF_ENTRIES
    ):
        return None
    order = [domain for _, domain in _WORDS]
    return min((_of(each) for each in said), key=order.index)


def is_number_said(before: str, after: str) -> bool:
    """Whether the words beside a formula call it a number."""
    return (
        _OF_NUMBERS.search(before[-40:]) is not None or _OF_NUMBERS.search(after[:40]) is not None
    )


def domains_hinted(sentence: str) -> list[str]:
    """The domains that the words of a sentence may give to the names in it.

    >>> domains_hinted("If the covariance is diagonal")
    ['diagonal', 'psd']
    """
    if _DENIED.search(sentence):
        return []
    found = [_of(each) for each in _WORD.finditer(sentence)]
    found += [domain for words, domain in _HINTS if re.search(words, sentence, re.IGNORECASE)]
    return list(dict.fromkeys(found))


def _of(found: re.Match[str]) -> str:
    """The domain of the word that a pattern has found."""
    place = next(name for name, text in found.groupdict().items() if text and name.startswith("w"))
    return _WORDS[int(place[1:])][1]
