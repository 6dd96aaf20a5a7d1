"""The commands `chainrule list`, `find` and `graph`: the pages, found and in their order."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derivations.catalogue import TOPICS, catalogue
from derivations.commands.output import PASSED, WIDTH, console, print_styled
from symbolic.errors import DataError

if TYPE_CHECKING:
    from derivations.checking.results import PageResult
    from derivations.rendering.text import Styled

_LIST_EXAMPLE = """\
examples:
  chainrule list                   all pages, by topic
  chainrule list softmax           those that say it; titles first
  chainrule find softmax           the same

Inside a topic a page comes after those that it uses. Beside it stands what
'chainrule check' has found, or '-' where that is not known or no longer holds.
"""
_GRAPH_EXAMPLE = """\
examples:
  chainrule graph                        Mermaid, for Markdown
  chainrule graph attention              one page, what it needs, what needs it
  chainrule graph --svg catalogue.svg    a picture
"""


def add_list(commands: Any) -> None:
    """Add the commands `list` and `find` to the parser."""
    for name, count, about in (
        ("list", "*", "the pages, by topic, with what is known of them"),
        ("find", "+", "the pages that have some words"),
    ):
        parser = commands.add_parser(
            name, help=about, description=about.capitalize() + ".", epilog=_LIST_EXAMPLE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        parser.add_argument("words", nargs=count, metavar="WORD", help="what a page has to say")
        parser.set_defaults(run=_list)


def add_graph(commands: Any) -> None:
    """Add the command `graph` to the parser."""
    parser = commands.add_parser(
        "graph",
        help="which page uses which, as Mermaid or as a picture",
        description="Print which page uses which, as a Mermaid flowchart.",
        epilog=_GRAPH_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", nargs="*", help="only these, what they need, and what needs them")
    parser.add_argument("--svg", metavar="FILE", help="write a picture there, print nothing")
    parser.set_defaults(run=_graph)


def _list(arguments: argparse.Namespace) -> int:
    from derivations.checking import known_results

    pages = list(catalogue.find(" ".join(arguments.words)) if arguments.words else catalogue)
    known = known_results(pages)
    lines: list[Styled] = []
    for topic in dict.fromkeys(page.split("/")[0] for page in pages):
        inside = [page for page in pages if page.startswith(f"{topic}/")]
        lines.extend([[]] if lines else [])
        lines.append([(TOPICS[topic], "heading")])
        for page in inside:
            lines.extend(_entry(page, known.get(page)))
    lines.extend([[], [(_total(pages, known), "faint")]])
    print_styled(console(), lines)
    return PASSED


def _entry(page: str, result: PageResult | None) -> list[Styled]:
    """A page, what is known of it at the right margin, and its title below."""
    topic, _, name = page.partition("/")
    known = _known(result)
    room = WIDTH - 2 - len(page) - sum(len(text) for text, _ in known)
    title = textwrap.wrap(catalogue.title(page), WIDTH - 6, break_on_hyphens=False)
    return [
        [("  ", ""), (f"{topic}/", "faint"), (name, "title"), (" " * max(room, 2), ""), *known],
        *([("      " + line, "")] for line in title),
    ]


def _known(result: PageResult | None) -> Styled:
    if result is None:
        return [("-", "faint")]
    counts = [(f"{count} {verdict}", verdict) for verdict, count in result.counts.items()]
    if not result.passed and result.verdict not in result.counts:
        counts.append((result.verdict, result.verdict))
    return [each for count in counts for each in ((", ", "faint"), count)][1:]


def _total(pages: Sequence[str], known: dict[str, PageResult]) -> str:
    from derivations.checking.counts import Counts, counts_of

    said = f"{len(pages)} page{'s' if len(pages) > 1 else ''}"
    if len(known) == len(pages):
        counts = sum(map(counts_of, known.values()), Counts())
        return f"{said}, {counts.proved} of {counts.steps} steps proved"
    return f"{said}; 'chainrule check' tells what is proved"


def _graph(arguments: argparse.Namespace) -> int:
    from derivations.commands.check import page_called
    from derivations.pages.graph import around, graph_of, mermaid

    graph = graph_of(catalogue)
    if arguments.page:
        graph = around(graph, [page_called(page) for page in arguments.page])
    if arguments.svg is None:
        print(mermaid(graph))
        return PASSED
    from derivations.pages.picture import svg

    try:
        Path(arguments.svg).write_text(svg(graph), encoding="utf-8")
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise DataError(
            f"--svg {arguments.svg!r}", why, "name a file that can be written"
        ) from None
    return PASSED
