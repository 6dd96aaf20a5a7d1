"""Time from declared variables to a compiled gradient and Hessian of the logistic loss.

Each run is a fresh interpreter; what is timed starts after the imports, NumPy included. The ratio is to one
`sympy.simplify` of a scalar logistic derivative in the same process, as a yardstick of the machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

RUNS = 9
TARGET = 0.050  # seconds, derive + simplify + compile of the gradient

PROGRAM = """
import time
import numpy
import sympy
from symbolic import (dims, gradient, hessian, lambdify, matrix, mean, norm, scalar, softplus, vector)

start = time.perf_counter()
n, d = dims("n d")
X, w, y, lam = matrix("X", n, d), vector("w", d), vector("y", n), scalar("lam")
loss = mean(softplus(X @ w) - y * (X @ w)) + lam / 2 * norm(w) ** 2
slope = gradient(loss, w)
derived = time.perf_counter()
lambdify((loss, slope))
compiled = time.perf_counter()
lambdify(hessian(loss, w))
curved = time.perf_counter()
z, t = sympy.symbols("z t", real=True)
sympy.simplify(sympy.diff(sympy.log(1 + sympy.exp(z)) - t * z, z))
yardstick = time.perf_counter() - curved
print(derived - start, compiled - derived, curved - compiled, yardstick)
"""


def main() -> int:
    """Print medians and the ratio; the exit status is 1 when the target is missed."""
    rows = [[float(word) for word in _run().split()] for _ in range(RUNS)]
    derive, compile_, hessian, yardstick = (
        statistics.median(column) for column in zip(*rows, strict=True)
    )
    total = derive + compile_
    print(f"derive + simplify gradient   {derive * 1e3:7.1f} ms")
    print(f"compile loss and gradient    {compile_ * 1e3:7.1f} ms")
    print(f"together                     {total * 1e3:7.1f} ms   (target < {TARGET * 1e3:.0f} ms)")
    print(f"Hessian, all of it           {hessian * 1e3:7.1f} ms")
    print(f"ratio to one sympy.simplify  {total / yardstick:7.2f}   ({yardstick * 1e3:.1f} ms)")
    return 0 if total < TARGET else 1


def _run() -> str:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
