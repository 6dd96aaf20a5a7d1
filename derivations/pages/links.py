"""The pages that a page rests on, and those that rest on it, with their titles."""

from __future__ import annotations

from derivations.catalogue import catalogue
from derivations.pages.prerequisites import used_by, uses

Linked = tuple[str, str]  # the id of a page and its title


def linked_pages(page: str) -> tuple[tuple[str, tuple[Linked, ...]], ...]:
    """Headings, each with the pages below it; nothing where there are none.

    >>> linked_pages("neural_networks/multilayer_perceptron")[0][0]
    'Uses'
    """
    found = (("Uses", uses(page)), ("Used by", used_by(page)))
    return tuple(
        (heading, tuple((each, catalogue.title(each)) for each in pages))
        for heading, pages in found
        if pages
    )
