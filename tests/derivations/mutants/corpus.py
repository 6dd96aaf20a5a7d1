"""Verified derivatives: those of the textbooks and those of `gradients.json`, as questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from symbolic import parse
from tests.derivations.mutants.truth import Question
from tests.symbolic.textbook import CASES

GRADIENTS = Path(__file__).parent / "gradients.json"


@cache
def questions() -> tuple[Question, ...]:
    """Every question with the answer that the book prints."""
    return (*_textbook(), *_own())


def _own() -> Iterator[Question]:
    for record in json.loads(GRADIENTS.read_text()):
        asked = (record["given"], record["f"], record["wrt"])
        yield Question(record["id"], record["kind"], *asked, record["right"])
        if "hessian" in record:
            yield Question(f"{record['id']} (second)", "hessian", *asked, record["hessian"])


def _textbook() -> Iterator[Question]:
    for case in CASES:
        kind = "jacobian" if parse(case.f, case.given).rank else "gradient"
        asked = (case.given, case.f, case.wrt)
        yield Question(case.id, kind, *asked, case.right, case.source)
        if case.hessian:
            second = f"{case.id} (second)"
            yield Question(second, "hessian", *asked, case.hessian, case.source)
