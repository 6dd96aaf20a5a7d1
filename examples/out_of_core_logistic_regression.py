"""Logistic regression on data that fit into the memory of no worker: derived, generated, run by Dask.

    python examples/out_of_core_logistic_regression.py
    python examples/out_of_core_logistic_regression.py --rows 50_000_000 --no-comparison

The loss is written once, and `lambdify((loss, gradient))` is one function for NumPy and for Dask. Given
Dask arrays it builds both results lazily: each block of rows is made, used and forgotten by one of
the processes of a local cluster. The same fit is then run in memory with NumPy, and compared.

It needs Dask: pip install "chainrule[dask]".
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import dask
import dask.array
import numpy as np
from distributed import Client, LocalCluster
from scipy.optimize import minimize

from symbolic import Function, gradient, lambdify, parse

GIVEN = {"X": "n d", "y": "n", "w": "d", "ridge": ": positive"}
LOSS = "mean(softplus(X @ w) - y*(X @ w)) + ridge/2*(w @ w)"
RIDGE = 1e-3
BLOCK = 50_000  # rows
FEATURES = 20
MEGABYTE = 1e6

Array = Any
Objective = Callable[[Array], tuple[float, Array]]


def loss_and_gradient() -> Function:
    """The function of X, y, w and ridge, derived and generated."""
    loss = parse(LOSS, GIVEN)
    return lambdify((loss, gradient(loss, "w")), arguments=list(GIVEN), names=("loss", "slope"))


def make_rows(first: int, rows: int) -> Array:
    """Rows of random features, each with its label of 0 or 1 behind; the same ones every time."""
    random = np.random.default_rng([2026, first])
    features = random.standard_normal((rows, FEATURES))
    chance = 1 / (1 + np.exp(-features @ np.linspace(-1, 1, FEATURES)))
    return np.column_stack([features, random.random(rows) < chance])


def make_block(block_id: tuple[int, int], rows: int) -> Array:
    """One block of rows, as Dask asks for it."""
    first = block_id[0] * BLOCK
    return make_rows(first, min(BLOCK, rows - first))


def lazy_data(rows: int) -> tuple[Array, Array]:
    """X and y as Dask arrays whose blocks are made where and when they are needed."""
    sizes = tuple(min(BLOCK, rows - first) for first in range(0, rows, BLOCK))
    chunks = (sizes, (FEATURES + 1,))
    table = dask.array.map_blocks(make_block, rows=rows, chunks=chunks, meta=np.empty((0, 0)))
    return table[:, :FEATURES], table[:, FEATURES]


def fit(objective: Objective) -> tuple[Array, float, int]:
    """Weights, the loss there, and how often the data were read."""
    options = {"gtol": 1e-6, "ftol": 0.0}
    found = minimize(objective, np.zeros(FEATURES), jac=True, method="L-BFGS-B", options=options)
    return found.x, float(found.fun), int(found.nfev)


def peak_memory() -> float:
    """The most memory that this process has used, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE


def out_of_core(rows: int, workers: int, limit: float) -> tuple[Array, float]:
    """Fit on a local cluster of several processes, and report."""
    f = loss_and_gradient()
    X, y = lazy_data(rows)

    def objective(w: Array) -> tuple[float, Array]:
        loss, slope = dask.compute(*f(X, y, w, RIDGE))
        return float(loss), slope

    memory = int(limit * MEGABYTE)
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, memory_limit=memory, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        began = time.perf_counter()
        weights, loss, passes = fit(objective)
        seconds = time.perf_counter() - began
        peaks = client.run(peak_memory).values()
    print(f"data         {rows:,} rows of {FEATURES} features, {X.nbytes / MEGABYTE:,.0f} MB")
    print(f"cluster      {workers} processes with at most {limit:,.0f} MB each")
    print(f"out of core  loss {loss:.12f} in {seconds:.1f} s, {passes} passes over the data")
    print(f"             peak memory {', '.join(f'{each:,.0f} MB' for each in peaks)}")
    return weights, loss


def in_memory(rows: int) -> tuple[Array, float]:
    """Fit the same data with NumPy, all of them at once."""
    table = np.concatenate(
        [make_rows(first, min(BLOCK, rows - first)) for first in range(0, rows, BLOCK)]
    )
    f = loss_and_gradient().prepare(X=np.ascontiguousarray(table[:, :-1]), y=table[:, -1])
    began = time.perf_counter()
    weights, loss, passes = fit(lambda w: f(w, RIDGE))
    seconds = time.perf_counter() - began
    print(f"in memory    loss {loss:.12f} in {seconds:.1f} s, {passes} passes over the data")
    return weights, loss


def main() -> None:
    """Fit both ways and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=2_500_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=float, default=350, help="MB of memory of a worker")
    parser.add_argument("--no-comparison", action="store_true", help="leave NumPy out")
    options = parser.parse_args()
    weights, loss = out_of_core(options.rows, options.workers, options.limit)
    if options.no_comparison:
        return
    same_weights, same_loss = in_memory(options.rows)
    print(
        f"difference   loss {abs(loss - same_loss):.1e}, weights {abs(weights - same_weights).max():.1e}"
    )


if __name__ == "__main__":
    main()
