"""Results in words: the table on the screen, in Markdown, in JSON."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import textwrap
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from performance_cases.first_result import TARGET, First
from performance_cases.run import OURS, SLACK, Row

PACKAGES = {
    "jax": ("jax", "jaxlib"),
    "torch": ("torch",),
    "autograd": ("autograd",),
    "casadi": ("casadi",),
    "pytensor": ("pytensor", "numba"),
}
NAME, COLUMN = 34, 7  # widths of the table on the screen
NOISY = 0.15  # a spread that is worth a remark
LEGEND = "ratios to expert NumPy, smaller is faster; * marks the best peer"
SHORT = {"torch.compile": "tcomp", "autograd": "autogr", "pytensor": "pytens"}


def machine(competitors: tuple[str, ...], *, busy: bool, kept: bool) -> list[str]:
    """The machine and the versions of the libraries."""
    wanted = ["numpy", "scipy", *(each for name in competitors for each in PACKAGES.get(name, ()))]
    versions = [f"{name} {_version(name)}" for name in wanted]
    model, cache = _processor()
    return [
        f"{model}, {os.cpu_count()} cores, one of them used by one thread, cache {cache}; float64, "
        f"{'CPU' if busy else 'wall'} time, freed memory is {'kept' if kept else 'given back'}",
        f"Python {platform.python_version()}, {', '.join(versions)}; {_blas()}",
    ]


def heading(competitors: tuple[str, ...]) -> str:
    """The head of the table of ratios."""
    peers = "".join(f"{SHORT.get(name, name):>{COLUMN}}" for name in _peers(competitors))
    return f"{'case':{NAME}}{'expert':>8}{'ours':>6} {'target':<9}{peers}"


def lines(row: Row, competitors: tuple[str, ...]) -> list[str]:
    """One case: times, ratios, and remarks below."""
    ours = f"{row.ratios[OURS].middle:.2f}" if OURS in row.ratios else "-"
    target = "" if row.case.target is None else f"{row.case.target:.2f}"
    reached = (row.reached or "").replace("missed", "MISS")
    best = row.best_peer
    peers = "".join(
        f"{_ratio(row, name) + '*' * (name == best):>{COLUMN}}" for name in _peers(competitors)
    )
    time = duration(row.expert.median)
    first = f"{row.case.name:{NAME}}{time:>8}{ours:>6} {target:<5}{reached:4}{peers}"
    remarks = [f"    {name} {text}" for name, text in row.remarks.items()]
    mine = row.ratios.get(OURS)
    if mine is not None and not (
        1 - NOISY < mine.low / mine.middle <= mine.high / mine.middle < 1 + NOISY
    ):
        remarks.append(f"    ours is noisy: {mine.low:.2f}..{mine.high:.2f} (p10..p90)")
    return [first.rstrip(), *remarks]


def first_lines(rows: list[First], competitors: tuple[str, ...]) -> list[str]:
    """The table of times to the first result, in milliseconds."""
    names = "".join(f"{SHORT.get(name, name):>{COLUMN}}" for name in competitors)
    made = [f"{'time to first result, ms':{NAME}}{names}   target for ours {TARGET * 1e3:.0f}"]
    for row in rows:
        cells = "".join(f"{_milliseconds(row, name):>{COLUMN}}" for name in competitors)
        made.append(f"{row.case.name:{NAME}}{cells}")
    return made


def summary(rows: list[Row], first: list[First]) -> list[str]:
    """How many targets are met, and the noise."""
    with_target = [row for row in rows if row.reached is not None]
    by_result = {
        result: [row.case.name for row in with_target if row.reached == result]
        for result in ("met", "near", "missed")
    }
    made = [
        f"targets met: {len(by_result['met'])} of {len(with_target)},"
        f" within {SLACK:.0%} of them: {len(by_result['near'])}"
    ]
    if missed := by_result["missed"]:
        made += textwrap.wrap("missed: " + "; ".join(missed), 100, subsequent_indent="    ")
    quick = [row.seconds[OURS] < TARGET for row in first if OURS in row.seconds]
    if quick:
        made.append(f"first results of ours in time: {sum(quick)} of {len(quick)}")
    return [*made, *filter(None, [_spread(rows)])]


def markdown(
    machine_lines: list[str],
    rows: list[Row],
    first: list[First],
    competitors: tuple[str, ...],
    missing: list[str],
) -> str:
    """The tables for the documentation."""
    made = [*machine_lines, ""]
    if missing:
        made += [f"Not installed, so not measured: {', '.join(missing)}.", ""]
    made += [
        "Ratios to the time of expert NumPy, medians over rounds; smaller is faster. In brackets the",
        f"10th and 90th percentile of the rounds. {_spread(rows).capitalize()}.",
        "",
    ]
    for tuned, title in ((True, "Cases of the targets"), (False, "Losses that nobody tuned for")):
        chosen = [row for row in rows if row.case.tuned is tuned]
        if chosen:
            made += [f"### {title}", "", *_markdown_table(chosen, competitors), ""]
    if first:
        made += ["### Milliseconds to the first result", "", *_markdown_first(first, competitors)]
    return "\n".join(made).rstrip() + "\n"


def as_json(machine_lines: list[str], rows: list[Row], first: list[First]) -> str:
    """Everything that was measured."""
    return json.dumps(
        {
            "machine": machine_lines,
            "cases": [
                {
                    "name": row.case.name,
                    "loss": row.case.text,
                    "target": row.case.target,
                    "expert_seconds": row.expert.median,
                    "ratios": {
                        name: [each.middle, each.low, each.high]
                        for name, each in row.ratios.items()
                    },
                    "first_seconds": row.first,
                    "remarks": row.remarks,
                }
                for row in rows
            ],
            "first_results": [{"name": row.case.name, **row.seconds} for row in first],
        },
        indent=1,
    )


def duration(seconds: float) -> str:
    """A time in three digits."""
    unit, size = next(
        ((unit, size) for unit, size in (("s", 1.0), ("ms", 1e-3)) if seconds >= size), ("µs", 1e-6)
    )
    return f"{seconds / size:.3g} {unit}"


def _markdown_table(rows: list[Row], competitors: tuple[str, ...]) -> list[str]:
    peers = _peers(competitors)
    made = [
        f"| case | expert | ours (p10..p90) | target | best peer | {' | '.join(peers)} |",
        "|---|---|---|---|---|" + "---|" * len(peers),
    ]
    for row in rows:
        ours = row.ratios.get(OURS)
        mine = "-" if ours is None else f"**{ours.middle:.2f}** ({ours.low:.2f}..{ours.high:.2f})"
        target = "" if row.reached is None else f"{row.case.target:.2f} {row.reached}"
        best = row.best_peer
        named = "" if best is None else f"{_ratio(row, best)} {best}"
        cells = " | ".join(_ratio(row, name) for name in peers)
        made.append(
            f"| {row.case.name} | {duration(row.expert.median)} | {mine} | {target} | {named} | {cells} |"
        )
    remarks = [f"{row.case.name}, {n}: {text}" for row in rows for n, text in row.remarks.items()]
    return [*made, *(("", *(f"- {text}" for text in remarks)) if remarks else ())]


def _markdown_first(rows: list[First], competitors: tuple[str, ...]) -> list[str]:
    made = [f"| case | {' | '.join(competitors)} |", "|---|" + "---|" * len(competitors)]
    for row in rows:
        cells = " | ".join(_milliseconds(row, name) for name in competitors)
        made.append(f"| {row.case.name} | {cells} |")
    return made


def _peers(competitors: tuple[str, ...]) -> list[str]:
    return [name for name in competitors if name != OURS]


def _ratio(row: Row, name: str) -> str:
    if name in row.ratios:
        middle = row.ratios[name].middle
        return f"{middle:.2f}" if middle < 10 else f"{middle:.0f}"
    return {"WRONG": "WRONG", "fails": "fails", "more": "slow"}.get(
        row.remarks.get(name, "").partition(" ")[0].rstrip(":"), ""
    )


def _milliseconds(row: First, name: str) -> str:
    return f"{row.seconds[name] * 1e3:.0f}" if name in row.seconds else ""


def _spread(rows: list[Row]) -> str:
    """The noise of our ratios: the 10th and 90th percentile about the median, in percent."""
    pairs = [
        (each.low / each.middle - 1, each.high / each.middle - 1)
        for row in rows
        if (each := row.ratios.get(OURS)) is not None
    ]
    if not pairs:
        return ""
    lows, highs = (sorted(column) for column in zip(*pairs, strict=True))
    middle = len(pairs) // 2
    return (
        f"noise of our ratios, p10..p90 of the rounds: {lows[middle]:+.0%}..{highs[middle]:+.0%} "
        f"in the middle case, {lows[0]:+.0%}..{highs[-1]:+.0%} in the worst"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> tuple[str, str]:
    words = {}
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        words.setdefault(key.strip(), value.strip())
    return words.get("model name", platform.machine()), words.get("cache size", "cache unknown")


def _blas() -> str:
    """The kernels that NumPy's own OpenBLAS chose for this processor."""
    libraries = Path(np.__file__).parent.parent / "numpy.libs"
    for path in libraries.glob("libscipy_openblas64_*"):
        name = ctypes.CDLL(str(path)).scipy_openblas_get_corename64_
        name.restype = ctypes.c_char_p
        return f"NumPy's OpenBLAS with its {name().decode()} kernels"
    return "the BLAS of the system"
