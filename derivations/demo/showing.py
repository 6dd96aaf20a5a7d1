"""What the three parts of the demonstration share: showing pages and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.catalogue import catalogue

if TYPE_CHECKING:
    from rich.console import Console


def show_page(console: Console, page: str) -> bool:
    """Check a page, print it with its evidence, and tell whether it passed."""
    from derivations.rendering.text import plain

    derivation = catalogue[page]
    with console.status(f"checking {page}"):
        report = derivation.check()
    console.print(plain(derivation, report), markup=False, highlight=False)
    return report.passed


def show_result(console: Console, what: str, value: float, bound: float) -> bool:
    """Print a measured number beside the bound it must stay below."""
    passed = value <= bound
    mark = "[green]ok[/green]" if passed else "[red]too large[/red]"
    console.print(f"  {what:<56}{value:10.2e} <= {bound:.0e} {mark}", highlight=False)
    return passed


def show_check(console: Console, what: str, *, passed: bool, detail: str) -> bool:
    """Print the outcome of a check."""
    mark = "[green]ok[/green]" if passed else "[red]failed[/red]"
    console.print(f"  {what:<44}{detail:>28} {mark}", highlight=False)
    return passed
