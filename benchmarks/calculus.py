"""Right, wrong or no answer: textbook derivatives by SymPy's own matrix calculus and by ours, in one run.

    python benchmarks/calculus.py [cases.json]

The cases are those of tests/symbolic/textbook, or a JSON list of records with `id`, `given`, `f`, `wrt`,
`right` and `kind` ("scalar" or "jacobian"). SymPy gets the same expression as a MatrixExpr and its
`diff`; its answer is read back, and both are compared with the book's closed form in enclosures at a
random rational point of distinct sizes (a transposed Jacobian counts as right). The last lines give
the length against the book and the growth with depth.
"""

from __future__ import annotations

import json
import signal
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import numpy as np
import sympy

sys.path.insert(0, str(Path(__file__).parent.parent))

from numeric import compare, sample
from symbolic import dims, gradient, jacobian, matrix, norm, parse, tanh, to_sympy, vector
from symbolic.nodes import Expression, Variable
from symbolic.sizes import size_symbol
from symbolic.traverse import variables

SIZES = {"n": 6, "m": 5, "d": 4, "k": 3, "h": 2, "c": 2, "p": 3, "q": 2, "t": 4}
SECONDS = 10  # for one answer
TRIES = 4  # points, where an enclosure cannot tell


class _TooLongError(Exception):
    pass


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLongError


def cases() -> list[dict[str, object]]:
    """The records to try."""
    if len(sys.argv) > 1:
        return json.loads(Path(sys.argv[1]).read_text())
    from tests.symbolic.textbook import CASES

    return [
        {
            "id": case.id, "given": case.given, "f": case.f, "wrt": case.wrt, "right": case.right,
            "kind": "jacobian" if parse(case.f, case.given).rank else "scalar",
        }
        for case in CASES
    ]  # fmt: skip


def ours(f: Expression, wrt: Variable) -> Expression:
    """Our derivative."""
    return jacobian(f, wrt) if f.rank else gradient(f, wrt)


def sympys(f: Expression, wrt: Variable) -> Expression:
    """SymPy's own matrix derivative of the same expression, read back."""
    from symbolic import from_sympy

    place = to_sympy(wrt)
    answer = to_sympy(f).diff(place)
    names = {variable.name: variable for variable in (*variables(f), wrt)}
    return from_sympy(answer, given=names)


def verdict(
    method: Callable[[Expression, Variable], Expression], case: dict[str, object]
) -> tuple[str, float, str]:
    """right, wrong or none; the seconds; and the answer as text."""
    given, written = case["given"], str(case["f"])
    f, book = parse(written, given), parse(str(case["right"]), given)
    (wrt,) = [v for v in variables(f) if v.name == case["wrt"]]
    start = time.perf_counter()
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = method(f, wrt)
            shown = str(answer)
    except Exception:
        return "none", time.perf_counter() - start, ""
    finally:
        signal.alarm(0)
    seconds = time.perf_counter() - start
    return ("right" if _agree(answer, book) else "wrong"), seconds, shown


def _agree(answer: Expression, book: Expression) -> bool:
    """Whether both are equal to 50 digits at a rational point; SymPy's columns count as vectors."""
    sizes = {size_symbol(letter): number for letter, number in SIZES.items()}
    if answer.rank == 2 and answer.shape[1] == 1 and book.rank == 1:
        answer = answer[:, 0]
    layouts = [answer, answer.T] if answer.rank == book.rank == 2 else [answer]
    everything = tuple(dict.fromkeys((*variables(book), *variables(answer))))
    for seed in range(TRIES):
        point = sample(everything, sizes, np.random.default_rng(seed))
        outcomes = [
            compare(each, book, point, sizes).outcome
            for each in layouts
            if each.shape == book.shape
        ]
        if "equal" in outcomes:
            return True
        if "undecided" not in outcomes:
            return False
    return False


def network(layers: int) -> float:
    """Seconds to derive and simplify all gradients of a tanh network."""
    (d,) = dims("d")
    weights = [matrix(f"V{layers}_{i}", d, d) for i in range(layers)]
    state, target = vector("x", d), vector("y", d)
    for weight in weights:
        state = tanh(weight @ state)
    start = time.process_time()
    gradient(norm(state - target) ** 2 / 2, weights)
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    signal.signal(signal.SIGALRM, _stop)
    records = cases()
    lengths = []
    print(f"{len(records)} textbook derivatives")
    print(f"{'':24}{'right':>8}{'wrong':>8}{'none':>8}{'ms each':>10}")
    methods = (("SymPy " + sympy.__version__, sympys), ("chainrule", ours))
    for name, method in methods:
        found = [verdict(method, record) for record in records]
        counts = [
            sum(state == each for state, _, _ in found) for each in ("right", "wrong", "none")
        ]
        median = statistics.median(seconds for _, seconds, _ in found)
        print(f"{name:24}" + "".join(f"{n:8}" for n in counts) + f"{1000 * median:10.1f}")
        if method is ours:
            lengths = [
                len(shown) / len(str(record["right"]))
                for record, (_, _, shown) in zip(records, found, strict=True)
                if shown
            ]
            for record, (state, _, shown) in zip(records, found, strict=True):
                if state != "right":
                    print(f"  {record['id']}: {state} {shown[:60]}")
    ordered = sorted(lengths)
    print(
        f"length against the book: median {statistics.median(ordered):.2f},"
        f" 95th percentile {ordered[int(0.95 * len(ordered))]:.2f}, largest {ordered[-1]:.2f}"
    )
    depths = {layers: network(layers) for layers in (20, 50, 100, 200)}
    print("tanh network, all gradients derived and simplified:")
    for layers, seconds in depths.items():
        each = seconds / layers / (depths[20] / 20)
        print(f"  {layers:4} layers {seconds:7.3f} s   a layer costs {each:4.2f} times that at 20")


if __name__ == "__main__":
    main()
