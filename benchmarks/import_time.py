"""How much longer `import derivations` takes than `import sympy`: the target is at most 1.5 times.

Fresh interpreters, the two taken in turn, so that a slow moment of the machine falls on both.

    python benchmarks/import_time.py [runs]
"""

import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = ("sympy", "derivations")
TARGET = 1.5
PROGRAM = """
import sys, time
sys.path.insert(0, {root!r})
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""


def seconds(module: str) -> float:
    """Wall time of importing `module` in a fresh interpreter, without the interpreter's start."""
    program = PROGRAM.format(root=str(ROOT), module=module)
    command = [sys.executable, "-c", program]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(runs: int = 15) -> None:
    """Print the times and their ratios."""
    for module in MODULES:
        seconds(module)  # writes the byte code and warms the file cache
    times = {module: [] for module in MODULES}
    for _ in range(runs):
        for module in MODULES:
            times[module].append(seconds(module))
    smallest = {module: min(times[module]) for module in MODULES}
    middle = {module: statistics.median(times[module]) for module in MODULES}
    print(f"{'':14}{'min':>10}{'median':>10}   of {runs} runs")
    for module in MODULES:
        print(f"{module:14}{smallest[module]:>8.3f} s{middle[module]:>8.3f} s")
    base, ours = MODULES
    by_smallest = smallest[ours] / smallest[base]
    by_middle = middle[ours] / middle[base]
    print(f"{'ratio':14}{by_smallest:>10.2f}{by_middle:>10.2f}")
    met = "met" if by_smallest <= TARGET else "missed"
    print(f"target: ratio of the minima <= {TARGET}: {met} ({by_smallest:.2f})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
