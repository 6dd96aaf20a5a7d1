"""Pages checked with a progress bar, and a line for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from derivations.checking.processes import SECONDS, check_pages

if TYPE_CHECKING:
    import argparse

    from rich.console import Console
    from rich.progress import TaskID

    from derivations.checking.results import PageResult
    from derivations.rendering.text import Styled

_VERDICTS = ("proved", "verified", "undecided", "refuted")  # from best to worst
_NAME = 40  # columns for the name of a page beside its bar


def checked(
    pages: Sequence[str], arguments: argparse.Namespace, console: Console
) -> Iterator[PageResult]:
    """The result of each page in order; a bar for each at work where there is a terminal for it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    place = console if console.is_terminal else Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=place, transient=True, disable=not place.is_terminal) as bar:
        whole = bar.add_task("pages", total=len(pages))
        at_work: dict[str, TaskID] = {}
        finished: set[str] = set()

        def advance(page: str, done: int, total: int) -> None:
            if page not in at_work and page not in finished:
                at_work[page] = bar.add_task(page[-_NAME:], total=None)
            if page in at_work:
                bar.update(at_work[page], completed=done, total=total or None)
            if total and done == total and page not in finished:
                finished.add(page)
                bar.remove_task(at_work.pop(page))
                bar.advance(whole)

        yield from check_pages(
            pages,
            seed=arguments.seed,
            jobs=arguments.jobs,
            seconds=arguments.time_limit or SECONDS,
            fresh=arguments.fresh,
            progress=advance,
        )


def styled_result(result: PageResult, widest: int) -> Styled:
    """A page, its verdict and its counts, on one line."""
    return [
        (f"{result.page:<{widest}}  ", ""),
        (f"{result.verdict:<9}  ", result.verdict),
        (verdict_counts(result), "faint"),
    ]


def verdict_counts(result: PageResult) -> str:
    """How many steps have each verdict, in words: '9 proved, 1 verified; 2 experiments'."""
    said = ", ".join(f"{count} {verdict}" for verdict, count in result.counts.items())
    experiments = len(result.details.get("experiments", ()))
    if not experiments:
        return said
    return f"{said}; {experiments} experiment{'s' if experiments > 1 else ''}"


def styled_summary(results: Sequence[PageResult]) -> list[Styled]:
    """How many pages have each verdict, and how many were known before."""
    verdicts = Counter(result.verdict for result in results)
    found = [verdict for verdict in _VERDICTS if verdicts[verdict]]
    said = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in found)
    known = sum(result.cached for result in results)
    note = f"; {known} known before (--fresh checks again)" if known else ""
    return [[], [(f"{len(results)} pages: ", ""), (said, found[-1]), (note, "faint")]]
