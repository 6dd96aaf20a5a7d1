"""Gradient checkers side by side: torch, JAX, SciPy, ChainRulesTestUtils' rule, and ours.

    python benchmarks/gradient_check.py [--only NAME,...] [--seed N] [--quick]

Each is asked about every case of tests/numeric/gradient_suite with its right gradient and with up
to 13 wrong ones. A false accept is a wrong gradient that passes; a false reject a right one that
fails. Only ours has a third answer. A peer that raises an error has not passed. Peers that go
through every coordinate (torch's fast mode does, when it fails) are not asked about many variables;
the second table shows the growth.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import factorial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from numeric import check_gradient
from tests.numeric.gradient_suite import CASES, Case, wrong_gradients

Array = Any
Verdict = str  # "pass", "fail" or "inconclusive"
Checker = Callable[[Callable[[Array], float], Array, Array, int], Verdict]

PATIENCE = 30.0  # seconds that one check may be expected to take


class Counted:
    """A function that counts its calls."""

    def __init__(self, f: Callable[[Array], Any]) -> None:
        self.f, self.calls = f, 0

    def __call__(self, x: Array) -> Any:
        self.calls += 1
        with np.errstate(all="ignore"):
            return self.f(x)


def torch_checker(fast: bool) -> Checker:
    """torch.autograd.gradcheck with its defaults, on a Function made of f and the gradient."""
    import torch

    def check(f: Callable[[Array], float], grad: Array, x: Array, seed: int) -> Verdict:
        class Claimed(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, t: torch.Tensor) -> torch.Tensor:
                return torch.tensor(np.asarray(f(t.detach().numpy())).reshape(()), dtype=t.dtype)

            @staticmethod
            def backward(ctx: Any, upstream: torch.Tensor) -> torch.Tensor:
                return upstream * torch.from_numpy(np.array(grad, dtype=x.dtype))

        point = torch.from_numpy(x.copy()).requires_grad_()
        right = torch.autograd.gradcheck(
            Claimed.apply, (point,), fast_mode=fast, raise_exception=False
        )
        return "pass" if right else "fail"

    return check


def jax_checker() -> Checker:
    """jax.test_util.check_grads in reverse mode with its defaults, which is this check_vjp.

    check_grads would pass `jax.vjp` of a custom_vjp around a pure_callback; it is the same value,
    some hundred times slower.
    """
    import jax
    from jax.test_util import check_vjp

    def check(f: Callable[[Array], float], grad: Array, x: Array, seed: int) -> Verdict:
        def value(t: Array) -> Array:
            return np.asarray(f(np.asarray(t)), dtype=x.dtype).reshape(())

        def vjp(t: Array) -> tuple[Array, Callable[[Array], tuple[Array]]]:
            return value(t), lambda upstream: (np.asarray(upstream * grad, dtype=x.dtype),)

        with jax.enable_x64(True):
            try:
                check_vjp(value, vjp, (x,))
            except AssertionError:
                return "fail"
        return "pass"

    return check


def scipy_checker() -> Checker:
    """scipy.optimize.check_grad; the 2-norm of the difference is to be 1e-6 at most."""
    from scipy.optimize import check_grad

    def check(f: Callable[[Array], float], grad: Array, x: Array, seed: int) -> Verdict:
        flat = grad.astype(float).ravel()
        norm = check_grad(lambda v: float(f(v.reshape(x.shape))), lambda v: flat, x.ravel())
        return "pass" if norm <= 1e-6 else "fail"

    return check


def chain_rules_checker() -> Checker:
    """The rule of ChainRulesTestUtils: five points, adapted step, norm-wise rtol = atol = 1e-9."""

    def check(f: Callable[[Array], float], grad: Array, x: Array, seed: int) -> Verdict:
        slopes = np.empty(x.size)
        for place in range(x.size):
            axis = np.zeros(x.size)
            axis[place] = 1

            def along(t: float, axis: Array = axis) -> float:
                moved = (x.ravel() + t * axis).astype(x.dtype)
                return float(f(moved.reshape(x.shape)))

            slopes[place] = five_points(along, float(np.finfo(x.dtype).eps))
        norm = max(float(np.linalg.norm(slopes)), float(np.linalg.norm(grad)))
        gap = float(np.linalg.norm(slopes - grad.ravel()))
        return "pass" if gap <= max(1e-9, 1e-9 * norm) else "fail"

    return check


def weights(grid: Array, order: int) -> Array:
    """Weights of a difference formula on a grid, from its Vandermonde system."""
    right = np.zeros(len(grid))
    right[order] = factorial(order)
    return np.linalg.solve(np.vander(grid, increasing=True).T, right)


FIVE, SEVEN = np.arange(-2.0, 3.0), np.arange(-3.0, 4.0)
FIRST, FIFTH = weights(FIVE, 1), weights(SEVEN, 5)
REACH = 1e-2  # the farthest that ChainRulesTestUtils goes


def five_points(along: Callable[[float], float], eps: float) -> float:
    """f'(0) by five points, the step balancing rounding and the estimated fifth derivative."""
    rough = REACH / 3
    values = np.array([along(rough * t) for t in SEVEN])
    fifth = abs(float(FIFTH @ values)) / rough**5
    rounding = eps * float(np.max(np.abs(values))) * float(np.sum(np.abs(FIRST)))
    truncation = fifth * float(np.sum(np.abs(FIRST * FIVE**5))) / factorial(5)
    step = REACH / 2
    if truncation > 0:
        step = min(step, (rounding / (4 * truncation)) ** 0.2)
    return float(FIRST @ np.array([along(step * t) for t in FIVE])) / step if step else np.nan


def ours(f: Callable[[Array], float], grad: Array, x: Array, seed: int) -> Verdict:
    """numeric.check_gradient."""
    return check_gradient(f, grad, x, seed=seed).verdict


@dataclass(frozen=True)
class Peer:
    """A checker, the module it needs, whether it evaluates every coordinate, and its largest n."""

    name: str
    module: str
    make: Callable[[], Checker]
    full: bool
    most: int = 2000


PEERS = (
    Peer("torch slow", "torch", lambda: torch_checker(False), True),
    Peer("torch fast", "torch", lambda: torch_checker(True), False, 10_000),
    Peer("jax", "jax", jax_checker, False, 10**6),
    Peer("scipy", "scipy", scipy_checker, True),
    Peer("chainrules", "numpy", chain_rules_checker, True),
    Peer("ours", "numeric", lambda: ours, False, 10**6),
)


@dataclass(frozen=True)
class Answer:
    """What one checker said of one gradient."""

    case: Case
    label: str
    verdict: Verdict
    evaluations: int
    seconds: float


def ask(checker: Checker, case: Case, label: str, grad: Array, seed: int) -> Answer:
    """One question, with its cost."""
    counted = Counted(case.f)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            verdict = checker(counted, grad, case.x.copy(), seed)
        except Exception:  # a peer may stop in any way; none of them is a pass
            verdict = "fail"
    return Answer(case, label, verdict, counted.calls, time.perf_counter() - start)


Question = tuple[Case, str, Array]


def questions(seed: int, quick: bool) -> list[Question]:
    """Every case with its right gradients (label "right") and its wrong ones."""
    rng = np.random.default_rng(seed)
    found: list[Question] = []
    for case in CASES:
        if quick and case.x.size > 100:
            continue
        found += [(case, "right", grad) for grad in (case.gradient, *case.also)]
        found += [(case, label, grad) for label, grad in wrong_gradients(case, rng)]
    return found


def examined(peer: Peer, asked: list[Question], seed: int) -> list[Answer]:
    """The answers of one checker."""
    checker = peer.make()
    return [
        ask(checker, case, label, grad, seed)
        for case, label, grad in asked
        if case.x.size <= peer.most
    ]


def count(answers: list[Answer], verdict: Verdict, right: bool, smooth: bool | None = None) -> str:
    """How many of the right (or wrong) gradients got this verdict, of how many."""
    some = [
        answer
        for answer in answers
        if (answer.label == "right") == right
        and (smooth is None or (answer.case.kind == "smooth") == smooth)
    ]
    return f"{sum(answer.verdict == verdict for answer in some)}/{len(some)}"


def suite_table(results: dict[str, list[Answer]]) -> str:
    """One line a checker."""
    head = (
        f"{'':<11}{'wrong':>9}{'wrong':>9}{'smooth':>9}{'smooth':>9}{'other':>7}"
        f"{'median':>9}{'most':>8}{'time':>7}"
    )
    second = (
        f"{'':<11}{'passed':>9}{'open':>9}{'failed':>9}{'open':>9}{'failed':>7}"
        f"{'evals':>9}{'evals':>8}{'s':>7}"
    )
    lines = [head, second]
    for name, answers in results.items():
        calls = [answer.evaluations for answer in answers]
        lines.append(
            f"{name:<11}{count(answers, 'pass', False):>9}"
            f"{count(answers, 'inconclusive', False):>9}{count(answers, 'fail', True, True):>9}"
            f"{count(answers, 'inconclusive', True, True):>9}"
            f"{count(answers, 'fail', True, False):>7}"
            f"{median(calls):>9.0f}{max(calls):>8}{sum(a.seconds for a in answers):>7.0f}"
        )
    return "\n".join(lines)


def logistic(n: int) -> Case:
    """A mean of n logistic losses, one weight each."""
    rng = np.random.default_rng(n)
    a = rng.normal(size=n)
    return Case(
        f"logistic, {n} weights",
        lambda w: float(np.mean(np.logaddexp(0, a * w))),
        lambda w: a / (1 + np.exp(-a * w)) / n,
        rng.normal(size=n),
    )


def growth_table(peers: list[Peer], seed: int) -> str:
    """Evaluations and seconds for the right gradient, and the verdict on one wrong entry."""
    sizes = (10, 1000, 100_000)
    lines = [
        "".join([f"{'':<11}", *(f"{f'n = {n}: evals':>15}{'s':>7}" for n in sizes)]),
    ]
    for peer in peers:
        checker = peer.make()
        cells = []
        for n in sizes:
            case = logistic(n)
            start = time.perf_counter()
            case.f(case.x)
            expected = 2 * n * (time.perf_counter() - start) if peer.full else 0
            if expected > PATIENCE:
                cells.append(f"{'not run':>15}{'':>7}")
                continue
            wrong = case.gradient
            wrong[n // 3] *= 1.01
            right = ask(checker, case, "right", case.gradient, seed)
            found = ask(checker, case, "one entry", wrong, seed)
            marks = f"{right.verdict[0]}{found.verdict[0]}"
            cells.append(f"{f'{right.evaluations} {marks}':>15}{right.seconds:>7.2f}")
        lines.append("".join([f"{peer.name:<11}", *cells]))
    lines.append("pf: the right gradient passes, one entry of 1 % too much fails; i: inconclusive.")
    return "\n".join(lines)


def main() -> None:
    """Ask everybody and print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", default="", help="names of checkers, with commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="cases of at most 100 variables")
    parser.add_argument("--list", action="store_true", help="name every misjudged gradient")
    options = parser.parse_args()
    chosen = [name.strip() for name in options.only.split(",") if name.strip()]
    peers = []
    for peer in PEERS:
        if chosen and peer.name not in chosen:
            continue
        if importlib.util.find_spec(peer.module):
            peers.append(peer)
        else:
            print(f"{peer.name}: left out, {peer.module} is not installed")
    asked = questions(options.seed, options.quick)
    cases = {case.name: case for case, _, _ in asked}
    wrong = sum(label != "right" for _, label, _ in asked)
    smooth = sum(case.kind == "smooth" for case in cases.values())
    print(
        f"{len(cases)} functions ({smooth} smooth), {wrong} wrong gradients, seed {options.seed}\n"
    )
    results = {peer.name: examined(peer, asked, options.seed) for peer in peers}
    print(suite_table(results), "\n")
    print(growth_table(peers, options.seed))
    if options.list:
        for name, answers in results.items():
            for answer in answers:
                if answer.verdict != ("pass" if answer.label == "right" else "fail"):
                    print(f"{name}: {answer.case.name}, {answer.label}: {answer.verdict}")


if __name__ == "__main__":
    main()
