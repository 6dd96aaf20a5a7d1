"""Right and wrong claims, and who tells them apart: our verify_*, SymPy's simplify and equals, gradcheck.

    python benchmarks/verdicts.py [--count N] [--seed N] [--samples FILE ...] [--peers N] [--list]

Rows are suites: derivatives of the corpus and of random expressions, their mutants by kind of slip, the
equality pairs, and files of labelled claims. Which mutants are wrong is told by an oracle with sixty
digits that shares no code with what is asked. Wrong accepted and right refuted have to be 0. A label is
right when one of the slips that are named is of the kind that was made.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.verdict_judges import Judge, Judged, equals, gradcheck, ours, simplify
from benchmarks.verdict_labels import is_named
from benchmarks.verdict_suites import (
    Asked,
    equality_pairs,
    given_by_path,
    own_mutants,
    own_rights,
    random_gradients,
)

PEERS: dict[str, Judge] = {
    "SymPy simplify": simplify,
    "SymPy equals": equals,
    "torch gradcheck": gradcheck,
    "verify_*": ours,
}
HEAD = ("accepted", "refuted", "open", "refuted", "accepted", "open")
WIDTH = 34


def judged(judge: Judge, asked: Sequence[Asked], workers: int) -> list[Judged]:
    """The answers, from processes of their own."""
    with get_context("fork").Pool(workers, maxtasksperchild=400) as pool:
        return list(pool.imap(partial(_protected, judge), asked, chunksize=4))


def _protected(judge: Judge, asked: Asked) -> Judged:
    return judge(asked)


def row(name: str, answers: Sequence[Judged]) -> str:
    """One line: right claims, wrong claims, labels, times."""
    right = [each for each in answers if each.is_right]
    wrong = [each for each in answers if not each.is_right]
    cells = [
        *(
            sum(each.answer == answer for each in right)
            for answer in ("right", "wrong", "undecided")
        ),
        *(
            sum(each.answer == answer for each in wrong)
            for answer in ("wrong", "right", "undecided")
        ),
    ]
    labelled = [each for each in wrong if each.answer == "wrong" and each.asked.label]
    known = [found for each in labelled if (found := is_named(each)) is not None]
    names = any(each.named for each in answers)  # the peers have no words for slips
    share = f"{sum(known)}/{len(known)}" if known and names else ""
    seconds = [each.seconds for each in answers]
    times = f"{1000 * np.median(seconds):7.0f}{1000 * np.percentile(seconds, 95):7.0f}"
    return f"{name:<{WIDTH}}" + "".join(f"{cell:>9}" for cell in cells) + f"{share:>12}{times}"


def heading() -> str:
    """The two lines above a table."""
    above = f"{'':<{WIDTH}}{'right':>9}{'right':>9}{'right':>9}{'wrong':>9}{'wrong':>9}{'wrong':>9}"
    below = f"{'':<{WIDTH}}" + "".join(f"{word:>9}" for word in HEAD)
    return f"{above}{'label':>12}{'median':>7}{'p95':>7}\n{below}{'right':>12}{'ms':>7}{'ms':>7}"


def grouped(answers: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    """The answers by a name, in the order in which names appear."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for each in answers:
        found[key(each)].append(each)
    return found


def print_tables(answers: list[Judged]) -> None:
    """By suite, then the mutants by kind."""
    print(heading())
    for suite, found in grouped(answers, lambda each: each.asked.suite).items():
        print(row(suite, found))
    print(row("all", answers), "\n")
    print(heading())
    mutants = [each for each in answers if each.asked.suite.startswith("mutants")]
    for kind, found in sorted(grouped(mutants, lambda each: each.asked.label).items()):
        print(row(f"  {kind}", found))
    decided = [each for each in answers if each.asked.label != "below all digits"]
    share = sum(each.answer == "undecided" for each in decided) / max(len(decided), 1)
    words = grouped((each for each in answers if each.is_right), lambda each: each.word)
    print(f"\nundecided: {100 * share:.2f} % (without terms below all digits)")
    print("right claims: " + ", ".join(f"{word} {len(found)}" for word, found in words.items()))


def peer_cases(answers: Sequence[Judged], count: int) -> list[Asked]:
    """Of so many functions the right claim and one mutant, as all peers can be asked about them."""
    rights, wrongs = {}, {}
    for each in answers:
        question = each.asked.question
        if question.kind not in ("gradient", "jacobian") or "random" in question.id:
            continue
        if each.is_right and not each.asked.label:
            rights.setdefault(question.id, each.asked)
        elif not each.is_right and each.asked.label in _PLAIN:
            wrongs.setdefault(question.id, each.asked)
    both = [name for name in rights if name in wrongs][:count]
    return [found[name] for name in both for found in (rights, wrongs)]


_PLAIN = frozenset((
    "sign", "factor", "transposed", "commuted product", "missing factor", "extra factor",
    "function for derivative", "dropped term", "doubled term", "wrong-signed term", "fifth digit",
    "exponent", "argument", "branch", "small term", "vanishing term",
))  # fmt: skip


def print_misjudged(answers: Iterable[Judged]) -> None:
    """Every answer that is not what it has to be, as something to paste."""
    for each in answers:
        if each.answer == ("right" if each.is_right else "wrong"):
            continue
        question = each.asked.question
        what = f"{each.word}, though {'right' if each.is_right else 'wrong'}"
        print(f"{what}: {question.id}, {each.asked.label or 'right'}: {each.note}")
        print(f"  verify_{question.kind}({question.f!r}, {question.wrt!r},")
        print(f"    {each.asked.claim!r}, {dict(question.given)!r})")


def print_machine(seed: int) -> None:
    """Where and with what it was run."""
    packages = ("sympy", "numpy", "python-flint", "mpmath", "torch")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{versions}; seed {seed}\n")


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500, help="mutants of the corpus")
    parser.add_argument("--random", type=int, default=20, help="random gradients")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--samples", type=Path, nargs="*", default=[], help="files of claims")
    parser.add_argument("--peers", type=int, default=100, help="functions that all are asked about")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--list", action="store_true", help="print every misjudged claim")
    options = parser.parse_args()
    print_machine(options.seed)
    import torch  # before the processes are made, as each of them would need seconds for it

    torch.set_num_threads(1)
    start = time.perf_counter()
    asked = [
        *own_rights(),
        *own_mutants(options.count, options.seed),
        *random_gradients(options.random, 10, options.seed),
        *equality_pairs(),
        *(each for path in options.samples for each in given_by_path(path)),
    ]
    print(f"{len(asked)} claims, made in {time.perf_counter() - start:.0f} s\n")
    answers = judged(ours, asked, options.workers)
    print_tables(answers)
    if options.list:
        print_misjudged(answers)
    same = peer_cases(answers, options.peers)
    if same:
        print(f"\nthe same {len(same)} claims about {len(same) // 2} functions\n{heading()}")
        for name, judge in PEERS.items():
            print(row(name, judged(judge, same, options.workers)))
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
