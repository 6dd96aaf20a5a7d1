"""Assumptions under which a refuted claim would be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from derivations.verification.mistakes.agreement import agree
from derivations.verification.mistakes.points import FAILURES
from derivations.verification.mistakes.problem import Problem
from symbolic.domains import DOMAINS
from symbolic.nodes import Expression, Variable
from symbolic.operations import eye, ones
from symbolic.traverse import substitute

_MOST = 2  # assumptions that are told
_MOST_VARIABLES = 8
_POINTS = 12  # at which an assumption has to make the claim right: domains have few kinds of points


@dataclass(frozen=True)
class Condition:
    """An assumption on one variable.

    text     as a person states it
    instead  what stands for the variable where it holds
    """

    text: str
    variable: Variable
    instead: Expression
    domain: str = ""


_WEAKEST_FIRST = (
    "symmetric", "nonnegative", "unit_norm", "prob", "prob columns", "orthogonal", "pm1", "binary",
    "onehot", "diagonal",
)  # fmt: skip
_LEAST_RANK = {"prob": 1, "onehot": 1, "unit_norm": 1, "prob columns": 2, "orthogonal": 2,
               "descending": 1}  # fmt: skip

_OF_THE_PLACE = (
    "symmetric",
    "nonnegative",
    "unit_norm",
    "orthogonal",
)  # of what one differentiates by
_TEXTS = {
    "symmetric": "{name} is symmetric",
    "diagonal": "{name} is diagonal",
    "orthogonal": "the columns of {name} are orthonormal ({name}.T @ {name} = eye)",
    "prob columns": "the columns of {name} are nonnegative and sum to one",
    "unit_norm": "{name} has length one",
    "nonnegative": "the entries of {name} are nonnegative",
    "binary": "the entries of {name} are 0 or 1",
    "pm1": "the entries of {name} are -1 or 1",
}
_STRONGER = {  # what needs no mention where the weaker assumption suffices
    "symmetric": {"diagonal", "identity"},
    "diagonal": {"identity"},
    "orthogonal": {"identity"},
    "nonnegative": {"prob", "prob columns", "binary", "onehot", "ones"},
    "prob": {"onehot"},
    "unit_norm": {"onehot"},
    "binary": {"onehot", "ones"},
    "pm1": {"ones"},
}


def conditions_of(problem: Problem, seed: int) -> list[Condition]:
    """The weakest assumptions that make the claim right, none of which makes both sides vanish."""
    found: list[Condition] = []
    if problem.claim.shape != problem.correct.shape:
        return found
    for variable in problem.variables[:_MOST_VARIABLES]:
        implied: set[str] = set()
        for condition in _of_variable(variable, problem):
            if (
                len(found) < _MOST
                and condition.domain not in implied
                and _holds(condition, problem, seed)
            ):
                found.append(condition)
                implied |= _STRONGER.get(condition.domain, set())
    return found


def _of_variable(variable: Variable, problem: Problem) -> Iterator[Condition]:
    shape, name = variable.shape, variable.name
    square = variable.rank == 2 and shape[0] == shape[1]
    known = DOMAINS[variable.domain]
    for domain in _WEAKEST_FIRST:
        if domain == variable.domain or variable.rank < _LEAST_RANK.get(domain, 0):
            continue
        if DOMAINS[domain].square and (not square or known.symmetric):
            continue
        if DOMAINS[domain].entrywise and known.name != "real":
            continue
        if variable is problem.variable and domain not in _OF_THE_PLACE:
            continue
        text = _TEXTS.get(domain, "").format(name=name) or _rows(variable, domain)
        yield Condition(text, variable, Variable(name, shape, domain), domain)
    if variable is problem.variable:
        return
    if square:
        yield Condition(f"{name} = eye({shape[0]})", variable, eye(shape[0]), "identity")
    elif variable.rank < 2:
        yield Condition(f"{name} = 1", variable, ones(*shape), "ones")


def _rows(variable: Variable, domain: str) -> str:
    name = variable.name
    if domain == "onehot":
        return f"{name} is one-hot" if variable.rank == 1 else f"the rows of {name} are one-hot"
    what = "entries" if variable.rank == 1 else "rows"
    return f"the {what} of {name} sum to one ({name}: prob)"


def _holds(condition: Condition, problem: Problem, seed: int) -> bool:
    """Whether the claim is right where the assumption holds: by values first, then by a proof."""
    mapping: dict[Expression, Expression] = {condition.variable: condition.instead}
    try:
        correct = substitute(problem.correct, mapping)
        claim = substitute(problem.claim, mapping)
        points = problem.points
        if isinstance(condition.instead, Variable):
            points = points.with_domain(condition.instead, seed)
        if not points.equal(correct, claim) or not any(map(np.any, points.values(correct) or ())):
            return False
        return agree(correct, claim, seed, _POINTS)
    except FAILURES:
        return False
