"""The graph of prerequisites as a picture: a band for each topic, arrows from left to right.

A page stands in the column behind the last of those that it uses; pages without arrows fill the room
that is left in the band of their topic. An arrow has the colour of the topic from which it comes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from derivations.catalogue import TOPICS
from derivations.pages.graph import Graph
from derivations.pages.prerequisites import depths
from derivations.pages.spoken import spoken

_WIDTH, _HEIGHT = 158, 36  # of a page
_ACROSS, _DOWN = 226, 46  # from one column or row to the next
_LEFT, _PAD, _TOP = 124, 12, 8  # the headings of the topics, the air in a band, the air above
_COLUMNS, _FEW = 4, 12  # at least so many columns for more than a few pages
_HEAD = 8  # the length of the head of an arrow
_LETTERS = 22  # of a name on one line
_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1c2733; text-anchor: middle; dominant-baseline: central }
.topic { font-weight: 600; text-anchor: start }
.band { fill: #f4f6f9 } .page { fill: #ffffff; stroke: #b9c4d2 }
.arrow { fill: none; stroke-width: 1.4 }
g:hover > .page { stroke-width: 2.5 }"""


@dataclass(frozen=True)
class _Place:
    """The middle of a page's left side."""

    x: float
    y: float


def svg(graph: Graph) -> str:
    """The graph as an SVG picture that needs nothing else."""
    deepest = max(depths(graph.uses).values(), default=0)
    columns = max(deepest + 1, _COLUMNS if len(graph.titles) > _FEW else 1)
    cells = _cells(graph, columns)
    places: dict[str, _Place] = {}
    bands: list[str] = []
    top = float(_TOP)
    width = _LEFT + (columns - 1) * _ACROSS + _WIDTH + 2 * _PAD
    for topic in graph.topics:
        rows = max(len(cell) for cell in cells[topic])
        height = (rows - 1) * _DOWN + _HEIGHT + 2 * _PAD
        bands.append(_band(topic, top, width, height))
        for column, cell in enumerate(cells[topic]):
            start = top + height / 2 - (len(cell) - 1) * _DOWN / 2
            for row, page in enumerate(cell):
                places[page] = _Place(_LEFT + column * _ACROSS, start + row * _DOWN)
        top += height + 6
    arrows = [
        _arrow(places[needed], places[page], _colour(needed)) for needed, page in graph.arrows
    ]
    pages = [_page(page, graph.titles[page], place) for page, place in places.items()]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top + 8:g}"'
        f' width="{width}" height="{top + 8:g}">',
        "<title>Which page of the catalogue uses which</title>",
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *bands, *arrows, *pages,
        "</svg>\n",
    ])  # fmt: skip


def _cells(graph: Graph, columns: int) -> dict[str, list[list[str]]]:
    """For each topic the pages of each column, from top to bottom."""
    depth = depths(graph.uses)
    linked = {page for arrow in graph.arrows for page in arrow}
    cells: dict[str, list[list[str]]] = {}
    for topic, pages in graph.topics.items():
        cells[topic] = [[] for _ in range(columns)]
        for page in pages:
            if page in linked:
                cells[topic][depth[page]].append(page)
        for page in pages:
            if page not in linked:
                min(cells[topic], key=len).append(page)
    _untangle(graph, cells)
    return cells


def _untangle(graph: Graph, cells: dict[str, list[list[str]]]) -> None:
    """Put pages of one cell in the order of what they are linked with, so that arrows cross less."""
    beside: dict[str, list[str]] = {page: [] for page in graph.titles}
    for needed, page in graph.arrows:
        beside[needed].append(page)
        beside[page].append(needed)
    for _ in range(4):
        height = _heights(cells)
        for cell in (cell for topic in cells.values() for cell in topic):
            middle = {page: _mean([height[each] for each in beside[page]] or [height[page]])
                      for page in cell}  # fmt: skip
            cell.sort(key=middle.__getitem__)


def _heights(cells: dict[str, list[list[str]]]) -> dict[str, float]:
    found = {}
    top = 0
    for columns in cells.values():
        rows = max(map(len, columns))
        for cell in columns:
            start = top + (rows - len(cell)) / 2
            found.update({page: start + row for row, page in enumerate(cell)})
        top += rows
    return found


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _band(topic: str, top: float, width: float, height: float) -> str:
    middle = top + height / 2
    words = textwrap.wrap(TOPICS[topic], 14)
    lines = _lines(words, 14, middle, f' class="topic" style="fill: {_colour(topic)}"')
    box = f'<rect class="band" x="4" y="{top:g}" width="{width - 8:g}" height="{height:g}" rx="8"/>'
    return f"{box}{lines}"


def _colour(page: str) -> str:
    """The colour of the topic of a page."""
    place = list(TOPICS).index(page.partition("/")[0])
    return f"hsl({(210 + 360 * place * 5 // len(TOPICS)) % 360} 55% 40%)"


def _page(page: str, title: str, place: _Place) -> str:
    words = textwrap.wrap(spoken(page, title), _LETTERS)
    words = [*words[:1], *([" ".join(words[1:])] if words[1:] else [])]
    box = (f'<rect class="page" x="{place.x:g}" y="{place.y - _HEIGHT / 2:g}" width="{_WIDTH}"'
           f' height="{_HEIGHT}" rx="6" style="stroke: {_colour(page)}"/>')  # fmt: skip
    lines = _lines(words, place.x + _WIDTH / 2, place.y)
    return f"<g><title>{escape(f'{page}: {title}')}</title>{box}{lines}</g>"


def _lines(words: Sequence[str], x: float, middle: float, style: str = "") -> str:
    start = middle - 7.5 * (len(words) - 1)
    return "".join(
        f'<text{style} x="{x:g}" y="{start + 15 * row:g}">{escape(word)}</text>'
        for row, word in enumerate(words)
    )


def _arrow(start: _Place, end: _Place, colour: str) -> str:
    left, right = start.x + _WIDTH, end.x - _HEAD
    bend = max((right - left) / 2, 34)
    line = f"C{left + bend:g} {start.y:g} {right - bend:g} {end.y:g} {right:g} {end.y:g}"
    head = f"M{right:g} {end.y - 4:g} l{_HEAD} 4 l-{_HEAD} 4 z"
    return (f'<path class="arrow" d="M{left:g} {start.y:g} {line}" style="stroke: {colour}"/>'
            f'<path d="{head}" style="fill: {colour}"/>')  # fmt: skip
