"""The command `chainrule check`: pages of the catalogue, and documents."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derivations.catalogue import catalogue
from derivations.command_output import FAILED, PASSED, console, print_styled
from symbolic.errors import NameUnknownError

if TYPE_CHECKING:
    from derivations.verdicts import Report
    from derivations.verification.documents import DocumentReport

_EXAMPLE = """\
examples:
  chainrule check pca logistic_regression   pages of the catalogue
  chainrule check notes.md paper.tex docs/  formulas in documents

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
    group.add_argument(
        "--time-limit",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="for one formula (default: 20)",
    )
    parser.set_defaults(run=_check)


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


def _check(arguments: argparse.Namespace) -> int:
    from derivations.verification.documents.files import is_document

    names = {name: is_document(name) and not _is_page(name) for name in arguments.names}
    documents = [name for name, is_file in names.items() if is_file]
    pages = [page_called(name) for name, is_file in names.items() if not is_file]
    if not names:
        pages = list(catalogue)
    found: dict[str, Any] = {}
    passed = True
    if pages:
        reports = _check_pages(list(dict.fromkeys(pages)), arguments)
        passed = all(report.passed for report in reports.values())
        if arguments.json:
            from derivations.command_pages import pages_as_dicts

            found["pages"] = pages_as_dicts(reports)
    if documents:
        checked = _check_documents(documents, arguments)
        options = {"undecided": arguments.allow_undecided, "skipped": not arguments.strict}
        passed &= all(report.passes(**options) for report in checked)
        found["documents"] = [report.as_dict() for report in checked]
    if arguments.json:
        print(json.dumps(found, indent=2))
    return PASSED if passed else FAILED


def _is_page(name: str) -> bool:
    """Whether a name without the suffix of a document is that of a page."""
    try:
        page_called(name)
    except NameUnknownError:
        return False
    return not Path(name).suffix


def _check_pages(pages: list[str], arguments: argparse.Namespace) -> dict[str, Report]:
    from derivations.command_pages import checked, failures

    place = console()
    reports: dict[str, Report] = {}
    widest = max(map(len, pages))
    for page, report in checked(pages, arguments.seed, place):
        reports[page] = report
        if not arguments.json:
            counts = ", ".join(f"{count} {verdict}" for verdict, count in report.counts().items())
            verdict = (f"{report.verdict:<9}  ", report.verdict)
            print_styled(place, [[(f"{page:<{widest}}  ", ""), verdict, (counts, "faint")]])
    for page, report in reports.items():
        if not report.passed and not arguments.json:
            print_styled(place, failures(page, report))
    return reports


def _check_documents(names: list[str], arguments: argparse.Namespace) -> list[DocumentReport]:
    from derivations.command_verify import given_of
    from derivations.verification.documents import check_documents, documents
    from derivations.verification.documents.report import styled_finding, styled_summary

    place = console()
    reports = []
    for report in check_documents(
        documents(names),
        given_of(arguments.given),
        seed=arguments.seed,
        seconds=arguments.time_limit,
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
