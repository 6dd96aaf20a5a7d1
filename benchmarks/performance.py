"""How fast generated NumPy is: against expert NumPy and every library that is installed, in one process.

    pip install -e ".[bench]"
    python benchmarks/performance.py                       # everything, about 20 minutes
    python benchmarks/performance.py --quick               # under 3 minutes: fewer rounds, no slow compilers
    python benchmarks/performance.py --cases logistic,gp   # cases whose names have one of these words
    python benchmarks/performance.py --only ours           # only expert NumPy and ours: while tuning
    python benchmarks/performance.py --busy                # CPU time: other processes disturb less
    python benchmarks/performance.py --list                # names of the cases
    python benchmarks/performance.py --show tiny           # the generated modules of cases
    python benchmarks/performance.py --markdown tables.md --json results.json

The process is pinned to one CPU and everyone runs one thread. Before anything is timed, each
competitor's results are compared with those of expert NumPy (1e-8 of the largest entry, float64); who is
wrong is not timed. A ratio is a time divided by expert NumPy's time in the same round; the table gives the
median, smaller is faster. Ours is what the public functions make from the text of a loss: `parse`,
`gradient` or `hessian`, `lambdify`.

Memory that is freed stays with the process, so that nobody pays for page faults: this is expert NumPy at its
best. With `--system-malloc` the C library gives large arrays back after a call, as in a usual program; where
expert NumPy makes arrays of 16 MB it is then up to twice as slow.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
import time
import warnings
from pathlib import Path

THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM")
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of malloc.h


def pin(cpu: int | None) -> None:
    """One CPU and one thread for all libraries; this must come before they are imported."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0)) if cpu is None else cpu})
    for library in THREADS:
        os.environ[f"{library}_NUM_THREADS"] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    os.environ["JAX_ENABLE_X64"] = "1"
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"


def keep_memory() -> bool:
    """Let the C library keep what is freed; False where it cannot be told to."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    return bool(mallopt(TRIM_THRESHOLD, 2**31 - 1) and mallopt(MMAP_THRESHOLD, 2**31 - 1))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", default="", help="words of names, with commas between")
    parser.add_argument("--only", default="", help="competitors, with commas between")
    parser.add_argument("--rounds", type=int, help="rounds at most (31, quick 9)")
    parser.add_argument("--seconds", type=float, help="time of a case at most (8, quick 1.5)")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--busy", action="store_true", help="CPU time instead of wall time")
    parser.add_argument("--system-malloc", action="store_true", help="do not keep freed memory")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--show", metavar="WORDS", help="print generated modules and stop")
    parser.add_argument(
        "--no-first", action="store_true", help="without the table of first results"
    )
    parser.add_argument("--cpu", type=int, help="the CPU to run on (the last one)")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def main() -> int:
    """Run the cases and print the tables; the exit status is 1 when a competitor's result is wrong."""
    options = arguments()
    pin(options.cpu)
    kept = not options.system_malloc and keep_memory()
    warnings.simplefilter("ignore")  # of the other libraries
    from performance_cases import clock, first_result, ours, tables
    from performance_cases.catalogue import chosen
    from performance_cases.peers import PEERS, SLOW, installed
    from performance_cases.run import run

    if options.show:
        for case in chosen(options.show):
            print(f"# {case.name}: {case.text}\n{ours.source(case)}")
        return 0
    if options.busy:
        clock.now = time.process_time
    cases = chosen(options.cases)
    if options.list:
        print(*(case.name for case in cases), sep="\n")
        return 0
    usual = ("ours", *(name for name in PEERS if not (options.quick and name in SLOW)))
    wanted = tuple(filter(None, options.only.split(","))) or usual
    missing = [name for name in wanted if name != "ours" and not installed(name)]
    competitors = tuple(name for name in wanted if name not in missing)
    rounds = options.rounds or (9 if options.quick else 31)
    seconds = options.seconds or (1.5 if options.quick else 8.0)
    machine = tables.machine(competitors, busy=options.busy, kept=kept)
    print(*machine, sep="\n")
    if missing:
        print(f"not installed, so not measured: {', '.join(missing)}")
    print(f"\n{tables.LEGEND}\n\n{tables.heading(competitors)}", flush=True)
    rows = []
    for case in cases:
        rows.append(run(case, competitors, rounds, seconds))
        print(*tables.lines(rows[-1], competitors), sep="\n", flush=True)
    first = []
    if not (options.cases or options.no_first):
        print()
        first = first_result.table(competitors, repeats=3 if options.quick else 7)
        print(*tables.first_lines(first, competitors), sep="\n")
    print()
    print(*tables.summary(rows, first), sep="\n")
    if options.markdown:
        options.markdown.write_text(
            tables.markdown(machine, rows, first, competitors, missing), encoding="utf-8"
        )
    if options.json:
        options.json.write_text(tables.as_json(machine, rows, first), encoding="utf-8")
    wrong = any(text.startswith("WRONG") for row in rows for text in row.remarks.values())
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
