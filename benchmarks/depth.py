"""Growth with depth: all gradients of a tanh network, and chains of 20,000 operations.

A network of L layers is h_l = tanh(W_l @ h_{l-1}) with the loss 0.5*norm(h_L - y)**2. `gradient` takes all
L matrices at once (derive, simplify) and `lambdify` compiles the loss with its L gradients. Each row is
the median of fresh interpreters, in processor time after the imports; the last column compares the time per
layer with that at 20 layers, so that 1 is linear growth.

    python benchmarks/depth.py [runs]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEPTHS = (5, 10, 20, 50, 100, 200, 500)
TARGETS = {20: 0.15, 50: 0.4}  # seconds, derive + simplify + compile
CHAINS = ("sum", "sine", "product", "layer")
DEEP = 20_000  # operations of a chain

OPENING = """
import sys, time
sys.path.insert(0, {root!r})
import numpy
import symbolic.code.compilation
from symbolic import dims, gradient, lambdify, matrix, norm, simplify, sin, tanh, vector
from symbolic.calculus.accumulation import accumulate

n, = dims("n")
W, w, x, y = matrix("W", n, n), vector("w", n), vector("x", n), vector("y", n)
clock = time.process_time
"""

NETWORK = """
start = clock()
weights = [matrix(f"W{{i}}", n, n) for i in range({depth})]
h = x
for each in weights:
    h = tanh(each @ h)
loss = 0.5*norm(h - y)**2
accumulate(loss, weights)
derived = clock()
slopes = gradient(loss, weights)
simplified = clock()
lambdify((loss, *slopes))
print(derived - start, simplified - derived, clock() - simplified)
"""

CHAIN = """
step = {{
    "sum": lambda e: e + w,
    "sine": sin,
    "product": lambda e: W @ e,
    "layer": lambda e: tanh(W @ e),
}}[{name!r}]
start = clock()
e = x
for _ in range({deep}):
    e = step(e)
built = clock()
simplify(e)
simplified = clock()
lambdify(e)
print(built - start, simplified - built, clock() - simplified)
"""


def measure(program: str, runs: int) -> list[float]:
    """The median of each time that a program prints, over fresh interpreters."""
    rows = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
        rows.append([float(word) for word in done.stdout.split()])
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def networks(runs: int) -> bool:
    """Print a row for each depth; whether the targets are met."""
    opening = OPENING.format(root=str(ROOT))
    print(
        f"{'layers':>8}{'derive':>10}{'simplify':>10}{'compile':>10}{'together':>10}   to 20 layers"
    )
    times = {
        depth: measure(opening + NETWORK.format(depth=depth), runs if depth <= 100 else 1)
        for depth in DEPTHS
    }
    usual = sum(times[20]) / 20
    met = True
    for depth, row in times.items():
        total = sum(row)
        cells = "".join(f"{seconds:>8.3f} s" for seconds in (*row, total))
        note = ""
        if depth in TARGETS:
            reached = total < TARGETS[depth]
            met = met and reached
            note = f"   target < {TARGETS[depth]} s: {'met' if reached else 'missed'}"
        print(f"{depth:>8}{cells}{total / depth / usual:>10.2f}{note}")
    return met


def chains() -> None:
    """Print a row for each chain."""
    opening = OPENING.format(root=str(ROOT))
    print(f"\n{'chain of ' + format(DEEP, ','):>16}{'build':>10}{'simplify':>10}{'compile':>10}")
    for name in CHAINS:
        row = measure(opening + CHAIN.format(name=name, deep=DEEP), 1)
        print(f"{name:>16}" + "".join(f"{seconds:>8.3f} s" for seconds in row))


def main(runs: int = 5) -> int:
    """Print both tables; the exit status is 1 when a target is missed."""
    met = networks(runs)
    chains()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
