"""The command `chainrule check`: pages of the catalogue, and documents."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derivations.catalogue import catalogue
from derivations.commands.output import FAILED, PASSED, console, print_styled
from symbolic.errors import NameUnknownError

if TYPE_CHECKING:
    from derivations.checking.results import PageResult
    from derivations.verification.documents import DocumentReport

_EXAMPLE = """\
examples:
  chainrule check                           all pages of the catalogue
  chainrule check pca my/own_page.py        some pages; files of Python are run
  chainrule check notes.md paper.tex docs/  formulas in documents

A page is checked again when it, a page that it uses, a rule or a library has
changed, and with --fresh. What was found lies in the user's cache folder, or
in the one that the environment variable CHAINRULE_CACHE names.

Formulas are checked under what the document declares, as in
  <!-- chainrule: X: n d; w: d; y: n: unit; z = X w -->

exit status:
  0 when nothing is refuted or undecided, 1 otherwise, 2 for wrong use
"""


def add_check(commands: Any) -> None:
    """Add the command `check` to the parser."""
    parser = commands.add_parser(
        "check", help="check pages (all of them by default), or formulas in documents",
        description="Check pages of the catalogue, or the formulas of Markdown, LaTeX and notebooks.",
        epilog=_EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "names",
        nargs="*",
        metavar="page|document",
        help="ids of pages or the ends of them; files, folders",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random points (default: 0)")
    parser.add_argument("--json", action="store_true", help="the verdict of every line as JSON")
    parser.add_argument(
        "--time-limit",
        type=_positive(float),
        metavar="SECONDS",
        help="for one page (default: 120) or one formula (default: 20)",
    )
    pages = parser.add_argument_group("for pages")
    pages.add_argument(
        "--jobs", type=_positive(int), metavar="N",
        help="pages checked at the same time (default: one a processor)",
    )  # fmt: skip
    pages.add_argument("--fresh", action="store_true", help="check again what is known already")
    pages.add_argument(
        "--counts", action="store_true", help="steps proved, verified and sampled by topic"
    )
    group = parser.add_argument_group("for documents")
    group.add_argument(
        "--given", action="append", default=[], metavar="DECLARATION",
        help="a variable of all of them, as in 'X: n d'; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--verbose", action="store_true", help="show every formula, not failures alone"
    )
    group.add_argument(
        "--allow-undecided", action="store_true", help="undecided formulas do not fail"
    )
    group.add_argument("--strict", action="store_true", help="skipped formulas fail")
    parser.set_defaults(run=_check)


def _positive(kind: type) -> Any:
    """A reader of numbers above zero, for an option."""

    def positive(text: str) -> Any:
        number = kind(text)
        if not number > 0:
            raise ValueError
        return number

    return positive


def page_called(name: str) -> str:
    """The id of the page with this id or file, or whose id ends in this.

    Raises `NameUnknownError` when no page, or more than one, does.
    """
    pages = list(catalogue)
    if name.endswith(".py") and Path(name).is_file():
        with suppress(ValueError):
            name = Path(name).resolve().relative_to(catalogue.folder.resolve()).as_posix()
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


def page_or_file(name: str) -> str:
    """The id of the page that a name means, or the path of a page outside the catalogue."""
    if name.endswith(".py") and Path(name).is_file():
        with suppress(NameUnknownError):
            return page_called(name)
        return name
    return page_called(name)


def _check(arguments: argparse.Namespace) -> int:
    from derivations.verification.documents.files import is_document

    names = {name: is_document(name) and not is_page(name) for name in arguments.names}
    documents = [name for name, is_file in names.items() if is_file]
    pages = [page_or_file(name) for name, is_file in names.items() if not is_file]
    if not names:
        pages = list(catalogue)
    found: dict[str, Any] = {}
    passed = True
    if pages:
        results = _check_pages(list(dict.fromkeys(pages)), arguments)
        passed = all(result.passed for result in results)
        if arguments.json:
            found["pages"] = [
                {"page": result.page, **result.details, "cached": result.cached}
                for result in results
            ]
            if arguments.counts:
                from derivations.checking.counts import by_topic

                counts = by_topic(results).items()
                found["counts"] = {topic: each.as_dict() for topic, each in counts}
    if documents:
        checked = _check_documents(documents, arguments)
        options = {"undecided": arguments.allow_undecided, "skipped": not arguments.strict}
        passed &= all(report.passes(**options) for report in checked)
        found["documents"] = [report.as_dict() for report in checked]
    if arguments.json:
        print(json.dumps(found, indent=2))
    return PASSED if passed else FAILED


def is_page(name: str) -> bool:
    """Whether a name is that of a page, or of a file of Python; other files may be documents."""
    if Path(name).suffix:
        return name.endswith(".py")
    try:
        page_called(name)
    except NameUnknownError:
        return False
    return True


def _check_pages(pages: Sequence[str], arguments: argparse.Namespace) -> list[PageResult]:
    from derivations.checking.counts import styled_counts
    from derivations.commands.progress import checked, styled_result, styled_summary

    place = console()
    results: list[PageResult] = []
    widest = max(map(len, pages))
    for result in checked(pages, arguments, place):
        results.append(result)
        if not (arguments.json or arguments.counts):
            print_styled(place, [styled_result(result, widest)])
    if arguments.json:
        return results
    for result in results:
        if result.failures:
            print_styled(place, result.failures)
    if arguments.counts:
        failing = any(result.failures for result in results)
        print_styled(place, [*([[]] if failing else []), *styled_counts(results)])
    elif len(results) > 1:
        print_styled(place, styled_summary(results))
    return results


def _check_documents(names: list[str], arguments: argparse.Namespace) -> list[DocumentReport]:
    from derivations.commands.verify import given_of
    from derivations.verification.documents import check_documents, documents
    from derivations.verification.documents.report import styled_finding, styled_summary

    place = console()
    reports = []
    for report in check_documents(
        documents(names),
        given_of(arguments.given),
        seed=arguments.seed,
        seconds=arguments.time_limit or 20.0,
    ):
        reports.append(report)
        for finding in report.findings:
            if not arguments.json and (
                arguments.verbose or finding.verdict in ("refuted", "undecided")
            ):
                print_styled(place, styled_finding(report.path, finding))
    if not arguments.json:
        print_styled(place, styled_summary(reports, arguments.verbose))
    return reports
