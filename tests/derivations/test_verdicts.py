"""Mutants of right claims are refuted, right claims are not, and the oracle of both is itself tested.

`benchmarks/verdicts.py` does the same with thousands of mutants, and prints a table.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from derivations import verify_gradient, verify_hessian, verify_jacobian
from derivations.verification.mistakes.explanation import Explanation
from derivations.verification.result import Verification
from tests.derivations.mutants import corpus
from tests.derivations.mutants.arithmetic import FLOATS, SYMBOLIC
from tests.derivations.mutants.engine import Engine, Mutant
from tests.derivations.mutants.kinds import KINDS
from tests.derivations.mutants.oracle import value
from tests.derivations.mutants.points import draw, precise
from tests.derivations.mutants.truth import Question, Truth

MUTANTS = 240
SHORT = 80  # characters of the claims that are mutated here; the benchmark takes all
VERIFY: dict[str, Callable[..., Verification]] = {
    "gradient": verify_gradient,
    "jacobian": verify_jacobian,
    "hessian": verify_hessian,
}
LOGISTIC = Question(
    "logistic",
    "gradient",
    {"X": "n d", "w": "d", "y": "n: unit"},
    "mean(softplus(X @ w) - y*(X @ w))",
    "w",
    "X.T @ (sigmoid(X @ w) - y)/n",
)


def verdict(question: Question, claim: str) -> Verification:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return VERIFY[question.kind](question.f, question.wrt, claim, question.given)


def told(mutant: Mutant) -> str:
    """How the verdict on a mutant compares with the oracle's."""
    question, truth = mutant.question, Truth(mutant.question)
    is_right = truth.is_right(mutant.claim) if mutant.fits else False
    if is_right is None:
        return "without a value"
    found = verdict(question, mutant.claim)
    if found.verdict == "undecided":
        return "undecided"
    if found.passed == is_right:
        return "agreed"
    where = found.counterexample
    if where is not None and truth.is_refuted_by(mutant.claim, where.point, where.sizes):
        return "agreed"  # at a point that the oracle had not drawn
    return "right refuted" if is_right else "wrong accepted"


def test_random_mutants_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wrong one is accepted, no right one refuted, and nearly all are decided.

    Slips are not named here: that takes most of the time, and no verdict depends on it.
    """
    monkeypatch.setattr("derivations.verification.judging.explain", lambda *_: Explanation())
    seed = 20260101
    print(f"seed: {seed}")
    random = np.random.default_rng(seed)
    short = [question for question in corpus.questions() if len(question.right) <= SHORT]
    kinds = [kind for kind in KINDS if kind not in ("below all digits", "far branch")]
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    while sum(counts.values()) < MUTANTS:
        question = short[int(random.integers(len(short)))]
        for mutant in Engine(question, kinds).mutants(random, 2):
            outcome = told(mutant)
            counts[outcome] += 1
            if outcome not in ("agreed", "without a value"):
                wrong.append(f"{outcome}: {question.id}, {mutant.kind}: {mutant.claim}")
    assert counts["wrong accepted"] == 0, wrong
    assert counts["right refuted"] == 0, wrong
    assert counts["undecided"] <= MUTANTS // 50, wrong


@pytest.mark.parametrize("place", range(20))
def test_a_right_claim_is_accepted(place: int) -> None:
    questions = corpus.questions()
    question = questions[len(questions) * place // 20]
    found = verdict(question, question.right)
    assert found.passed, f"{question.id}: {found}"


# --- the corpus, the engine and the oracle -------------------------------------------------------


def test_the_corpus_is_right() -> None:
    """By central differences in sixty digits, without any code of ours."""
    wrong = [each.id for each in corpus.questions() if not Truth(each).book_is_right(1)]
    assert wrong == []


def test_the_corpus_is_large_and_its_names_are_its_own() -> None:
    questions = corpus.questions()
    assert len({question.id for question in questions}) == len(questions)
    kinds = Counter(question.kind for question in questions)
    assert kinds["gradient"] >= 400
    assert kinds["jacobian"] >= 50
    assert kinds["hessian"] >= 100


def test_a_seed_gives_the_same_mutants_again() -> None:
    first, again = (
        [mutant.claim for mutant in Engine(LOGISTIC).mutants(np.random.default_rng(7), 30)]
        for _ in range(2)
    )
    assert first == again
    assert len(set(first)) == 30


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_makes_mutants_that_differ(kind: str) -> None:
    """But for rewriting, which makes none that does, and what sixty digits do not show."""
    random = np.random.default_rng(3)
    found = []
    for question in corpus.questions()[::4]:
        truth = Truth(question)
        for mutant in Engine(question, (kind,)).mutants(random, 1):
            found.append(truth.is_right(mutant.claim) if mutant.fits else False)
        if len(found) == 12:
            break
    assert found
    if kind in ("rewritten", "below all digits"):
        assert False not in found
    elif kind not in ("index", "wrong axis"):
        assert False in found


@pytest.mark.parametrize(
    ("claim", "is_right"),
    [
        ("mean(X.T*(sigmoid(X @ w) - y), axis=1)", True),
        ("X.T @ (1/(1 + exp(-X @ w)) - y)/n", True),
        ("X.T @ (sigmoid(X @ w) - y)", False),
        ("X.T @ (sigmoid(X @ w) - y)/n + 1e-25", False),
        ("X.T @ (sigmoid(X @ w) - y)/n + relu(-w)/1000", False),
        ("(sigmoid(X @ w) - y) @ X/n", True),
        ("X.T @ (sigmoid(X @ w) - sqrt(-y))/n", None),
    ],
)
def test_the_oracle_tells_right_from_wrong(claim: str, is_right: bool | None) -> None:
    assert Truth(LOGISTIC).is_right(claim) is is_right


def test_the_oracle_tells_a_wrong_book() -> None:
    wrong = Question("", "gradient", LOGISTIC.given, LOGISTIC.f, "w", "X.T @ (sigmoid(X @ w) - y)")
    assert Truth(LOGISTIC).book_is_right()
    assert not Truth(wrong).book_is_right()


def test_a_kink_refutes_nothing() -> None:
    """Where f has no derivative, any value may stand for it."""
    truth = Truth(Question("", "gradient", {"x": ""}, "abs(x)", "x", "sign(x)"))
    claim = "where(x >= 0, 1, -1)"
    assert truth.is_right(claim)
    assert not truth.is_refuted_by(claim, {"x": Fraction(0)}, {})
    assert truth.is_refuted_by("step(x)", {"x": Fraction(-1)}, {})


@pytest.mark.parametrize("question", corpus.questions()[::40], ids=lambda question: question.id)
def test_the_arithmetics_of_the_oracle_agree(question: Question) -> None:
    """Sixty digits, floats, and SymPy's numbers: three tables of functions, one walk."""
    sizes = dict.fromkeys("nmdkh", 2)
    drawn = draw(question.given, sizes, np.random.default_rng(5))
    exact = value(question.right, precise(drawn), sizes).astype(float)
    floats = {name: np.asarray(array, dtype=float) for name, array in drawn.items()}
    np.testing.assert_allclose(
        value(question.right, floats, sizes, FLOATS), exact, rtol=1e-9, atol=1e-12
    )
    as_sympy = np.frompyfunc(SYMBOLIC.number, 1, 1)
    symbols = {name: np.asarray(as_sympy(array), dtype=object) for name, array in drawn.items()}
    symbolic = value(question.right, symbols, sizes, SYMBOLIC)
    found = np.frompyfunc(lambda entry: float(entry.evalf()), 1, 1)(symbolic)
    np.testing.assert_allclose(np.asarray(found, dtype=float), exact, rtol=1e-9, atol=1e-12)
