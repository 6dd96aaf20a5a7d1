"""The name of a page in words, as it stands in margins and in the graph."""

from __future__ import annotations

import re


def spoken(page: str, title: str = "") -> str:
    """The name of a page in words: names and abbreviations as the title writes them.

    >>> spoken("linear_algebra/cauchy_schwarz", "The Cauchy-Schwarz inequality: ...")
    'Cauchy-Schwarz'
    >>> spoken("unsupervised/gaussian_mixture_em", "EM for a Gaussian mixture: a lower bound ...")
    'Gaussian mixture EM'
    >>> spoken("neural_networks/softmax_cross_entropy", "Softmax cross-entropy is ...")
    'softmax cross-entropy'
    """
    written = {each.lower(): each for each in _names(title)}
    words = page.rpartition("/")[2].split("_")
    said = " ".join(written.get(each, each) for each in words)
    for first, second in re.findall(r"(\w+)-(?=(\w+))", title):
        said = re.sub(rf"\b({first}) ({second})\b", r"\1-\2", said, flags=re.IGNORECASE)
    return said


def _names(title: str) -> list[str]:
    """The words of a title with capitals; the first only if these are not those of a sentence."""
    first, *others = re.findall(r"\w+(?:'s?)?", title) or [""]
    is_name = "'" in first or first[1:] != first[1:].lower()
    words = [first.partition("'")[0]] if is_name else []
    return words + [each.partition("'")[0] for each in others if each != each.lower()]
