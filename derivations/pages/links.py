"""The pages that a page rests on, and those that rest on it, with their titles."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.catalogue import catalogue
from derivations.pages.comments import comments_of
from derivations.pages.prerequisites import used_by, uses


@dataclass(frozen=True)
class Linked:
    """A page that another leads to: its id, its title, and its names, by which formulas are known."""

    id: str
    title: str
    names: frozenset[str]


def linked_pages(page: str) -> tuple[tuple[str, tuple[Linked, ...]], ...]:
    """Headings, each with the pages below it; nothing where there are none.

    >>> linked_pages("neural_networks/multilayer_perceptron")[0][0]
    'Uses'
    """
    found = (("Uses", uses(page)), ("Used by", used_by(page)))
    return tuple(
        (heading, tuple(Linked(each, catalogue.title(each), _names(each)) for each in pages))
        for heading, pages in found
        if pages
    )


def _names(page: str) -> frozenset[str]:
    return frozenset(comments_of(catalogue.path(page)))
