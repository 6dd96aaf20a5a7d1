"""The graph of prerequisites: an arrow leads from a page to each page that uses it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from derivations.catalogue import TOPICS, Catalogue
from derivations.pages.spoken import spoken


@dataclass(frozen=True)
class Graph:
    """Pages in order with their titles, and for each the pages that it uses."""

    titles: dict[str, str]
    uses: dict[str, tuple[str, ...]]

    @property
    def arrows(self) -> list[tuple[str, str]]:
        """From what is used to what uses it."""
        return [(needed, page) for page, needs in self.uses.items() for needed in needs]

    @property
    def topics(self) -> dict[str, list[str]]:
        """The pages of each topic that has some."""
        pages = {topic: [p for p in self.titles if p.startswith(f"{topic}/")] for topic in TOPICS}
        return {topic: inside for topic, inside in pages.items() if inside}


def graph_of(pages: Catalogue) -> Graph:
    """The graph of a catalogue."""
    return Graph(
        {page: pages.title(page) for page in pages}, {page: pages.uses(page) for page in pages}
    )


def around(graph: Graph, pages: Iterable[str]) -> Graph:
    """The part of a graph that some pages rest on, or that rests on them."""
    wanted = list(pages)
    users: dict[str, list[str]] = {page: [] for page in graph.titles}
    for needed, page in graph.arrows:
        users[needed].append(page)
    kept = _reached(wanted, graph.uses) | _reached(wanted, users)
    return Graph(
        {page: title for page, title in graph.titles.items() if page in kept},
        {
            page: tuple(n for n in needs if n in kept)
            for page, needs in graph.uses.items()
            if page in kept
        },
    )


def _reached(
    start: list[str], leads: dict[str, tuple[str, ...]] | dict[str, list[str]]
) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        page = waiting.pop()
        if page not in found:
            found.add(page)
            waiting.extend(leads[page])
    return found


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart, each topic a box of its own."""
    lines = ["flowchart LR"]
    for topic, pages in graph.topics.items():
        lines.append(f'    subgraph {topic}["{TOPICS[topic]}"]')
        lines.extend(
            f'        {_identifier(page)}["{spoken(page, graph.titles[page])}"]' for page in pages
        )
        lines.append("    end")
    lines.extend(f"    {_identifier(a)} --> {_identifier(b)}" for a, b in graph.arrows)
    return "\n".join(lines)


def _identifier(page: str) -> str:
    return page.replace("/", "__")
