"""The demonstration: three derivations checked, printed and used on real data."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["run"]


def run(console: Console) -> int:
    """Derive, check, print and use the three derivations; returns the process's exit status.

    The status is 0 when every check on the way passed, and 1 otherwise.
    """
    from derivations.demo import backpropagation, logistic, pca

    start = time.perf_counter()
    passed = True
    for part in (logistic, backpropagation, pca):
        console.rule(f"[bold]{part.TITLE}")
        passed = part.run(console) and passed
    seconds = time.perf_counter() - start
    verdict = "Everything agreed" if passed else "[red]Something did not agree, see above[/red]"
    console.print(f"\n{verdict}; {seconds:.1f} s in all.")
    return 0 if passed else 1
