"""The command `chainrule`: list the pages, show one, check them, run the demo."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from derivations.catalogue import catalogue
from symbolic.errors import ChainruleError, NameUnknownError, UnsupportedError

if TYPE_CHECKING:
    from rich.console import Console

    from derivations.render_text import Styled
    from derivations.verdicts import Report

PASSED, FAILED, WRONG_USE = 0, 1, 2
WIDTH = 80
_STYLES = {
    "title": "bold", "heading": "bold underline", "rule": "italic", "shape": "dim", "faint": "dim",
    "proved": "green", "verified": "cyan", "refuted": "bold red", "undecided": "yellow",
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0, 1 when a check fails, 2 when it is used wrongly."""
    try:
        arguments = _parser().parse_args(argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except ChainruleError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return WRONG_USE
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PASSED
    except KeyboardInterrupt:
        print("chainrule: stopped", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chainrule",
        description="Derivations of machine-learning mathematics, every line executed and checked.",
    )
    parser.add_argument("--version", action="version", version=f"chainrule {_version()}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="the pages, by topic")
    listing.set_defaults(run=_list)

    show = commands.add_parser("show", help="one page, as text or in another form")
    show.add_argument("page", help="its id, or the end of it, such as logistic_regression")
    form = show.add_mutually_exclusive_group()
    form.add_argument(
        "--latex", action="store_true", help="a LaTeX article that needs amsmath alone"
    )
    form.add_argument("--markdown", action="store_true", help="Markdown with mathematics")
    form.add_argument("--html", action="store_true", help="an HTML page that needs no network")
    form.add_argument("--shapes", action="store_true", help="text, with the shape of each line")
    show.add_argument(
        "--index", action="store_true", help="sums over indices instead of products of matrices"
    )
    show.add_argument("--check", action="store_true", help="check the page and show the verdicts")
    show.add_argument("--seed", type=int, default=0, help="of the random points (default: 0)")
    show.set_defaults(run=_show)

    check = commands.add_parser(
        "check", help="check pages (all of them by default)",
        description="Exit status 1 when any line is refuted or undecided.",
    )  # fmt: skip
    check.add_argument("pages", nargs="*", metavar="page", help="ids, or the ends of them")
    check.add_argument("--seed", type=int, default=0, help="of the random points (default: 0)")
    check.add_argument("--json", action="store_true", help="the verdict of every line as JSON")
    check.set_defaults(run=_check)

    demo = commands.add_parser("demo", help="derive, check and use three derivations on real data")
    demo.set_defaults(run=_demo)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chainrule")
    except PackageNotFoundError:
        return "(not installed)"


def page_called(name: str) -> str:
    """The id of the page with this id, or whose id ends in it.

    Raises `NameUnknownError` when no page, or more than one, does.
    """
    pages = list(catalogue)
    wanted = name.strip("/").removesuffix(".py").replace("-", "_")
    if wanted in pages:
        return wanted
    ends = [page for page in pages if page.endswith(f"/{wanted}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise NameUnknownError(
            f"page {name!r}", f"{len(ends)} pages end so", f"say {_either(ends)}"
        )
    raise NameUnknownError(f"page {name!r}", "no such page", _suggestion(wanted, pages))


def _suggestion(wanted: str, pages: list[str]) -> str:
    import difflib

    within = [page for page in pages if wanted and wanted in page]
    short = {page.split("/")[1]: page for page in pages} | {page: page for page in pages}
    close = [short[each] for each in difflib.get_close_matches(wanted, short, n=3, cutoff=0.6)]
    found = list(dict.fromkeys(within + close))[:3]
    return f"did you mean {_either(found)}?" if found else "see 'chainrule list'"


def _either(pages: list[str]) -> str:
    return " or ".join(map(repr, pages))


def _console() -> Console:
    """A console for text of at most 80 columns; colours only on a terminal, never with NO_COLOR."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def _print(console: Console, lines: list[Styled]) -> None:
    from rich.text import Text

    from derivations.render_text import as_plain

    if not console.is_terminal:
        print(as_plain(lines))
        return

    for line in lines:
        text = Text()
        for part, style in line:
            text.append(part, _STYLES.get(style, ""))
        text.rstrip()
        console.print(text)


def _list(arguments: argparse.Namespace) -> int:
    import textwrap

    lines: list[Styled] = []
    topic = ""
    for page in catalogue:
        if page.split("/")[0] != topic:
            topic = page.split("/")[0]
            lines.extend(
                ([[]] if lines else []) + [[(topic.replace("_", " ").capitalize(), "heading")]]
            )
        lines.append([("  ", ""), (page, "title")])
        title = textwrap.wrap(catalogue.title(page), WIDTH - 6)
        lines.extend([("      " + line, "")] for line in title)
    _print(_console(), lines)
    return PASSED


def _show(arguments: argparse.Namespace) -> int:
    derivation = catalogue[page_called(arguments.page)]
    report = derivation.check(seed=arguments.seed) if arguments.check else None
    if arguments.latex:
        from derivations.render_latex import document as form
    elif arguments.markdown:
        from derivations.render_markdown import markdown as form
    elif arguments.html:
        from derivations.render_html import page as form
    else:
        from derivations.render_text import styled

        if arguments.index:
            raise UnsupportedError(
                "--index", "text has no index form", "add --latex, --markdown or --html"
            )
        _print(_console(), styled(derivation, report, shapes=arguments.shapes))
        return _status([report] if report else [])
    print(form(derivation, report, index=arguments.index), end="")
    return _status([report] if report else [])


def _check(arguments: argparse.Namespace) -> int:
    from derivations.command_checks import as_json, checked, failures

    pages = [page_called(name) for name in arguments.pages] or list(catalogue)
    pages = list(dict.fromkeys(pages))
    console = _console()
    reports: dict[str, Report] = {}
    widest = max(map(len, pages))
    for page, report in checked(pages, arguments.seed, console):
        reports[page] = report
        if not arguments.json:
            counts = ", ".join(f"{count} {verdict}" for verdict, count in report.counts().items())
            verdict = (f"{report.verdict:<9}  ", report.verdict)
            _print(console, [[(f"{page:<{widest}}  ", ""), verdict, (counts, "faint")]])
    if arguments.json:
        print(as_json(reports))
    else:
        for page, report in reports.items():
            if not report.passed:
                _print(console, failures(page, report))
    return _status(list(reports.values()))


def _status(reports: list[Report]) -> int:
    return PASSED if all(report.passed for report in reports) else FAILED


def _demo(arguments: argparse.Namespace) -> int:
    from derivations.demo import run

    run(_console())
    return PASSED
