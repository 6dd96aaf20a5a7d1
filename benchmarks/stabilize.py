"""Bits of error of naive formulas: as written, by SymPy's `optimize`, by the best known form, by ours.

    python benchmarks/stabilize.py [tuned|watched|more] [--list]

Each formula is evaluated at 1000 random points of its domain, which no search has seen, and compared
with the correctly rounded truth. SymPy rewrites with `optims_c99` and evaluates with `lambdify`. A
form counts as good within 1 bit on average, as worse when its mean is above that of the formula as
written. Rules were tuned on the first half of the corpus only; see the corpus for the third part.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from sympy.codegen.rewriting import optimize, optims_c99

sys.path.insert(0, str(Path(__file__).parent.parent))

from numeric.accuracy.errors import bits_of_error
from numeric.stabilizing import stabilize
from numeric.stabilizing.exact import Truth, truth
from numeric.stabilizing.floats import Evaluator
from numeric.stabilizing.reading import read_term
from tests.numeric.stabilize_corpus import TUNED, WATCHED, Case
from tests.numeric.stabilize_corpus_more import MORE

PARTS = {"tuned": TUNED, "watched": WATCHED, "more": MORE}
WAYS = ("as written", "SymPy", "best known", "ours")
SIZE = 1000
GOOD = 1.0  # bits
FLOAT64 = np.dtype(np.float64)

Points = Mapping[str, np.ndarray]


def by_sympy(case: Case) -> Callable[..., Any]:
    """SymPy's rewriting of a formula, as a NumPy function."""
    names = {name: sympy.Symbol(name, real=True) for name in case.domain}
    names |= {"lgamma": sympy.loggamma, "arctan": sympy.atan}
    expression = sympy.sympify(case.expression, locals=names)
    arguments = [names[name] for name in case.domain]
    return sympy.lambdify(arguments, optimize(expression, optims_c99), modules=["scipy", "numpy"])


def mean_bits(function: Callable[..., Any], points: Points, exact: Truth) -> float:
    """The mean error of a function of arrays."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = np.broadcast_to(function(*points.values()), exact.values.shape)
    return float(bits_of_error(values, exact.values)[exact.known].mean())


def measure(case: Case) -> tuple[dict[str, float], float]:
    """The mean error of each way to compute a case, and the seconds that ours took."""
    start = time.perf_counter()
    found = stabilize(case.expression, case.points)
    seconds = time.perf_counter() - start
    term = read_term(case.expression)
    points = case.points(np.random.default_rng(31), SIZE)
    exact = truth(term, points, FLOAT64)
    bits = {"as written": mean_bits(lambda *_: Evaluator(points, FLOAT64)(term), points, exact)}
    bits["SymPy"] = mean_bits(by_sympy(case), points, exact)
    if case.best is not None:
        bits["best known"] = mean_bits(case.best, points, exact)
    bits["ours"] = mean_bits(lambda *_: found.function(**points), points, exact)
    return bits, seconds


def main() -> None:
    """Print the table of a part of the corpus, or of all."""
    chosen = [name for name in sys.argv[1:] if name in PARTS] or list(PARTS)
    for part in chosen:
        results, times = [], []
        for case in PARTS[part]:
            bits, seconds = measure(case)
            results.append(bits)
            times.append(seconds)
            if "--list" in sys.argv:
                row = "".join(f"{bits.get(way, float('nan')):12.2f}" for way in WAYS)
                print(f"{case.name:28}{row}{seconds:8.1f} s")
        print(f"\n{part}: {len(results)} formulas")
        print(f"{'':12}{'of':>6}{'within 1 bit':>16}{'worse':>8}{'mean bits':>12}")
        for way in WAYS:
            known = [bits for bits in results if way in bits]
            if known:
                good = sum(bits[way] <= GOOD for bits in known)
                worse = sum(bits[way] > bits["as written"] for bits in known)
                mean = statistics.mean(bits[way] for bits in known)
                print(f"{way:12}{len(known):6}{good:16}{worse:8}{mean:12.2f}")
        print(f"ours took {statistics.median(times):.2f} s (median), {max(times):.1f} s (most)")


if __name__ == "__main__":
    main()
