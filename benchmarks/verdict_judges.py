"""Who is asked whether a claim is right: ours, SymPy on explicit entries, torch's gradcheck.

Each answers "right", "wrong" or "undecided"; one that raises or runs out of time has not decided.
"""

from __future__ import annotations

import signal
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np
import sympy

from benchmarks.verdict_suites import Asked
from derivations import equivalent, verify_gradient, verify_hessian, verify_jacobian
from derivations.verification.result import Verification
from tests.derivations.mutants.arithmetic import FLOATS, SYMBOLIC
from tests.derivations.mutants.oracle import value
from tests.derivations.mutants.points import all_sizes, draw, letters
from tests.derivations.mutants.truth import Truth

Answer = str  # "right", "wrong" or "undecided"
Judge = Callable[[Asked], "Judged"]

PATIENCE = 20  # seconds for ours
_WORDS = {"proved": "right", "verified": "right", "refuted": "wrong", "undecided": "undecided"}


@dataclass(frozen=True)
class Judged:
    """An answer: the verdict in its own word, the slips it names, and what it took.

    is_right  what is known of the claim, corrected where a counterexample has shown more
    """

    asked: Asked
    answer: Answer
    word: str
    named: tuple[str, ...]
    seconds: float
    is_right: bool
    note: str = ""


class _TooLongError(Exception):
    pass


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLongError


def timed(judge: Callable[[Asked], Any], asked: Asked, limit: float) -> tuple[Any, float, str]:
    """What a judge says within a time, the seconds, and why it says nothing."""
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return judge(asked), time.perf_counter() - start, ""
    except _TooLongError:
        return None, limit, "out of time"
    except Exception as error:  # a judge may stop in any way; none of them is an answer
        return None, time.perf_counter() - start, f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


# --- ours ----------------------------------------------------------------------------------------

_ASK = {"gradient": verify_gradient, "jacobian": verify_jacobian, "hessian": verify_hessian}


def _verify(asked: Asked) -> Verification:
    question = asked.question
    if question.kind == "equality":
        return equivalent(question.f, asked.claim, question.given)
    return _ASK[question.kind](question.f, question.wrt, asked.claim, question.given)


def ours(asked: Asked) -> Judged:
    """verify_gradient and its siblings; a refutation that the oracle had not seen is looked at."""
    found, seconds, why = timed(_verify, asked, PATIENCE)
    if found is None:
        return Judged(asked, "undecided", "crash", (), seconds, asked.is_right, why)
    answer = _WORDS[found.verdict]
    is_right, note = asked.is_right, found.reason
    if is_right and asked.label and answer == "wrong" and found.counterexample is not None:
        where = found.counterexample
        if Truth(asked.question).is_refuted_by(asked.claim, where.point, where.sizes):
            is_right = False
        else:
            note = f"{note} at {where.point}"
    kinds = tuple(mistake.kind for mistake in found.mistakes) + ("right if",) * bool(found.right_if)
    return Judged(asked, answer, found.verdict, kinds, seconds, is_right, note)


# --- SymPy ---------------------------------------------------------------------------------------


def _symbols(given: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Symbols for the entries, with what SymPy can be told of their domains."""
    point = {}
    for name, declaration in given.items():
        written, _, domain = declaration.partition(":")
        shape = tuple(sizes[w] if w in sizes else int(w) for w in written.split())
        point[name] = _entries(name, shape, domain.strip())
    return point


def _entries(name: str, shape: tuple[int, ...], domain: str) -> Any:
    positive = domain in ("positive", "unit", "prob") or None
    array = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        at = tuple(sorted(place)) if domain in ("symmetric", "spd", "psd") else place
        written = "_".join([name, *map(str, at)])
        array[place] = sympy.Symbol(written, real=True, positive=positive)
        if domain == "diagonal" and len(set(place)) > 1:
            array[place] = sympy.Integer(0)
    if domain in ("prob", "onehot") and shape:
        array[..., -1] = 1 - np.sum(array[..., :-1], axis=-1)
    return array


def _differences(asked: Asked) -> list[Any]:
    question = asked.question
    found = letters(question.given)
    sizes = {letter: max(1, min(3, len(found) + 1) - place) for place, letter in enumerate(found)}
    point = _symbols(question.given, sizes)
    claim = value(asked.claim, point, sizes, SYMBOLIC)
    right = value(question.right, point, sizes, SYMBOLIC)
    if claim.shape != right.shape:
        return [sympy.Integer(1)]
    return [
        sympy.sympify(a) - sympy.sympify(b) for a, b in zip(claim.flat, right.flat, strict=True)
    ]


def _by_simplify(asked: Asked) -> Answer:
    return "right" if all(sympy.simplify(gap) == 0 for gap in _differences(asked)) else "wrong"


def _by_equals(asked: Asked) -> Answer:
    answers = [gap.equals(0) for gap in _differences(asked)]
    if False in answers:
        return "wrong"
    return "right" if all(answers) else "undecided"


# --- torch ---------------------------------------------------------------------------------------


def _by_gradcheck(asked: Asked) -> Answer:
    """torch.autograd.gradcheck with its defaults, at a random point in float64."""
    import torch

    question = asked.question
    sizes = all_sizes(question.given)[0]
    drawn = draw(question.given, sizes, np.random.default_rng(0))
    point = {name: np.asarray(array, dtype=float) for name, array in drawn.items()}
    claim = value(asked.claim, point, sizes, FLOATS)

    class Claimed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            moved = {**point, question.wrt: x.detach().numpy()}
            return torch.from_numpy(np.array(value(question.f, moved, sizes, FLOATS)))

        @staticmethod
        def backward(ctx: Any, upstream: torch.Tensor) -> torch.Tensor:
            return torch.tensordot(upstream, torch.from_numpy(np.array(claim)), upstream.ndim)

    x = torch.from_numpy(np.array(point[question.wrt])).requires_grad_()
    passed = torch.autograd.gradcheck(Claimed.apply, (x,), raise_exception=False)
    return "right" if passed else "wrong"


def _peer(judge: Callable[[Asked], Answer], asked: Asked, limit: float) -> Judged:
    found, seconds, why = timed(judge, asked, limit)
    answer = found or "undecided"
    return Judged(asked, answer, answer, (), seconds, asked.is_right, why)


def simplify(asked: Asked, limit: float = 2) -> Judged:
    """Whether SymPy simplifies claim - right to zero, entry by entry at small sizes."""
    return _peer(_by_simplify, asked, limit)


def equals(asked: Asked, limit: float = 2) -> Judged:
    """SymPy's (claim - right).equals(0), entry by entry at small sizes."""
    return _peer(_by_equals, asked, limit)


def gradcheck(asked: Asked, limit: float = 10) -> Judged:
    """torch.autograd.gradcheck of f with the claim as its backward pass."""
    return _peer(_by_gradcheck, asked, limit)
