"""Every page of the catalogue made wrong in every way at one place: what its check says to that.

    python benchmarks/catalogue_mutants.py [page ...] [--jobs 2] [--of-each-kind 1]

Lines and claims get a wrong sign, factor, summand, transposition, index, power, function or bound; lines
and reasons change places; steps get reasons of other pages. A change that passes is printed, and the exit
status is then 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from multiprocessing import get_context

from derivations import catalogue
from derivations.mutation import MutationCounts, mutants_of
from derivations.mutation.mutants import reasons_of


def foreign_to(page: str, most: int = 6) -> list[object]:
    """Reasons of other pages, spread over all there are."""
    own = {reason.name for reason in reasons_of(catalogue[page])}
    others = {reason.name: reason for each in catalogue for reason in reasons_of(catalogue[each])}
    foreign = [reason for name, reason in sorted(others.items()) if name not in own]
    return foreign[:: max(len(foreign) // most, 1)][:most]


def verdicts_of(page: str, of_each_kind: int | None) -> list[tuple[str, str, str]]:
    """Kind, description and verdict of every changed version of a page."""
    mutants = mutants_of(catalogue[page], foreign_to(page), of_each_kind=of_each_kind)
    return [(each.kind, str(each), each.verdict()) for each in mutants]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", default=list(catalogue))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--of-each-kind", type=int, help="changes of each kind to one line")
    arguments = parser.parse_args()
    counts, began = MutationCounts(), time.perf_counter()
    with get_context("spawn").Pool(arguments.jobs) as pool:
        found = pool.imap(
            partial(verdicts_of, of_each_kind=arguments.of_each_kind), arguments.pages
        )
        for page, verdicts in zip(arguments.pages, found, strict=True):
            for kind, description, verdict in verdicts:
                counts.add(kind, verdict)
                if verdict in ("proved", "verified"):
                    print(f"{page}: {description} is {verdict}", flush=True)
    print(f"\n{len(arguments.pages)} pages, {time.perf_counter() - began:.0f} s\n\n{counts}")
    return 1 if counts.passed.total() else 0


if __name__ == "__main__":
    sys.exit(main())
