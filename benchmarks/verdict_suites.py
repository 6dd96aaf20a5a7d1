"""The claims that `benchmarks/verdicts.py` asks about: right ones, labelled wrong ones, and mutants."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from symbolic import gradient, parse
from symbolic.errors import ChainruleError
from symbolic.traverse import variables
from tests.derivations.mutants import corpus
from tests.derivations.mutants.engine import Engine
from tests.derivations.mutants.points import letters
from tests.derivations.mutants.truth import Question, Truth
from tests.symbolic.random_expressions import Writer

EQUALITY = Path(__file__).parent.parent / "tests/derivations/equality_corpus.json"
LONGEST_RANDOM = 400  # characters of a random gradient


@dataclass(frozen=True)
class Asked:
    """A claim about a question.

    suite     the row of the table
    label     what the slip is called where it came from; "" for a right claim
    is_right  what the oracle or the corpus says
    """

    suite: str
    question: Question
    claim: str
    label: str
    is_right: bool


def own_rights() -> Iterator[Asked]:
    """Every answer of the corpus."""
    for question in corpus.questions():
        yield Asked(f"{question.kind}s of the corpus", question, question.right, "", True)


def own_mutants(count: int, seed: int) -> Iterator[Asked]:
    """So many mutants of the corpus, spread evenly over its questions."""
    questions = corpus.questions()
    random = np.random.default_rng([seed, 1])
    order = random.permutation(len(questions))
    for place, number in enumerate(order):
        share = count * (place + 1) // len(order) - count * place // len(order)
        yield from mutants(questions[number], "mutants of the corpus", random, share)


def mutants(
    question: Question, suite: str, random: np.random.Generator, count: int
) -> Iterator[Asked]:
    """Mutants of one question with what the oracle says of them."""
    truth = Truth(question)
    for mutant in Engine(question).mutants(random, count):
        if mutant.kind == "below all digits":
            is_right: bool | None = False
        else:
            is_right = truth.is_right(mutant.claim) if mutant.fits else False
        if is_right is not None:
            yield Asked(suite, question, mutant.claim, mutant.kind, is_right)


def random_questions(count: int, seed: int) -> Iterator[Question]:
    """Gradients of random expressions over the whole language, as text."""
    number = 0
    while count:
        number += 1
        f = Writer(1000 * seed + number, names=False).scalar(1 + number % 3)
        found = variables(f)
        given = {each.name: f"{' '.join(map(str, each.shape))}: {each.domain}" for each in found}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            right = str(gradient(f, found[0]))
        if len(right) > LONGEST_RANDOM or not _names(str(f), right) <= {
            *given,
            *letters(given),
            "pi",
        }:
            continue
        question = Question(
            f"random {number}", "gradient", given, str(f), found[0].name, right, "random generator"
        )
        if Truth(question).book_is_right(2):
            count -= 1
            yield question


def _names(*texts: str) -> set[str]:
    """The names of variables and sizes."""
    walked = [node for text in texts for node in ast.walk(ast.parse(text))]
    called = {id(node.func) for node in walked if isinstance(node, ast.Call)}
    return {node.id for node in walked if isinstance(node, ast.Name) and id(node) not in called}


def random_gradients(count: int, each: int, seed: int) -> Iterator[Asked]:
    """Random gradients and some mutants of each."""
    random = np.random.default_rng([seed, 2])
    for question in random_questions(count, seed):
        yield Asked("random gradients", question, question.right, "", True)
        yield from mutants(question, "mutants of random gradients", random, each)


def equality_pairs() -> Iterator[Asked]:
    """Both halves of each pair of the own corpus of equalities."""
    if EQUALITY.exists():
        yield from _pairs(json.loads(EQUALITY.read_text()), "equality pairs")


def _pairs(records: list[dict[str, Any]], suite: str) -> Iterator[Asked]:
    for record in records:
        question = Question(
            record["id"], "equality", record["given"], record["expression"], "", record["equal"]
        )
        yield Asked(suite, question, record["equal"], "", True)
        yield Asked(suite, question, record["unequal"], "unequal", False)


# --- samples that are given by path --------------------------------------------------------------


def given_by_path(path: Path) -> Iterator[Asked]:
    """Records with labelled wrong claims, real mistakes, or pairs with `given`."""
    for record in json.loads(path.read_text()):
        if "expression" in record:
            if "given" in record:
                yield from _pairs([record], path.stem)
            continue
        yield from _labelled(record, path.stem)


def _labelled(record: dict[str, Any], suite: str) -> Iterator[Asked]:
    is_array = bool(_rank(record["f"], json.dumps(record["given"])))
    question = Question(
        record["id"],
        "jacobian" if is_array else "gradient",
        record["given"],
        record["f"],
        record["wrt"],
        record["right"],
    )
    yield Asked(suite, question, record["right"], "", True)
    for wrong in record.get("wrong", ()):
        yield Asked(suite, question, wrong["claim"], wrong["mistake"], False)
    if "claimed" in record:
        is_right = record["claim_is"] == "right"
        label = "" if is_right else record["mistake"]
        yield Asked(suite, question, record["claimed"], label, is_right)
    if "hessian" in record:
        second = Question(
            f"{record['id']} (second)",
            "hessian",
            record["given"],
            record["f"],
            record["wrt"],
            record["hessian"],
        )
        yield Asked(f"{suite}, hessians", second, record["hessian"], "", True)


@cache
def _rank(f: str, given: str) -> int:
    try:
        return parse(f, json.loads(given)).rank
    except ChainruleError:
        return 0
