"""Every page of the catalogue, found by walking: the tests come with the page."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import derivations
from derivations import Derivation, catalogue
from derivations.assumptions import Assumption, without
from derivations.languages import is_condition, is_scalar, shape_of, text_of, unknowns_of
from derivations.mutation.mutants import mutants_of, reasons_of
from derivations.rules.squeezing import Squeezed
from derivations.statements import Equation, parts, sides
from derivations.verdicts import Report, check_step
from symbolic import Expression, Named
from symbolic.sizes import shape_text
from symbolic.traverse import named_nodes

PAGES = list(catalogue)
ASSUMED = [(page, str(each)) for page in PAGES for each in catalogue[page].assumptions]
MOST_LINES = 120  # a page that is longer is two pages
PASSING = ("proved", "verified")
FOREIGN = 4  # reasons of other pages tried on each step


@cache
def report_of(page: str) -> Report:
    return catalogue[page].check(seed=7)


@pytest.mark.parametrize("page", PAGES)
def test_every_step_is_proved_or_an_inequality_and_has_numeric_evidence(page: str) -> None:
    """Squeezed limits have no points: probabilities cannot be enumerated at infinitely many sizes."""
    report = report_of(page)
    assert report.passed, [str(each) for each in report.all if each.verdict not in PASSING]
    for chain, found in zip(catalogue[page].chains, report.chains, strict=True):
        for step, evidence in zip(chain[1:], found, strict=True):
            if step.relation not in ("at_most", "at_least"):
                assert evidence.verdict == "proved", step
            if not any(isinstance(each, Squeezed) for each in step.by):
                assert evidence.points, step


@pytest.mark.parametrize("page", PAGES)
def test_shapes_agree_on_each_line(page: str) -> None:
    for chain in catalogue[page].chains:
        for before, step in itertools.pairwise(chain):
            if step.relation == "equals":
                (one,), (other,) = sides(before.line), sides(step.line)
                assert shape_of(one) == shape_of(other), shape_text(shape_of(other))


@pytest.mark.parametrize("page", PAGES)
def test_page_is_data_and_not_a_program(page: str) -> None:
    source = (Path(derivations.__file__).parent / f"{page}.py").read_text(encoding="utf-8")
    refused = (ast.For, ast.While, ast.If, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.With,
               ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)  # fmt: skip
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, refused)]
    assert not found
    assert len(source.splitlines()) <= MOST_LINES
    assert catalogue[page].title
    assert catalogue[page].why
    assert catalogue[page].id == page


@pytest.mark.parametrize("page", PAGES)
def test_names_on_a_page_are_used_once(page: str) -> None:
    derivation = catalogue[page]
    given = [text_of(each) if is_scalar(each) else each.name for each in unknowns(derivation)]
    names = [*given, *(node.name for node in derivation.names)]
    assert len(names) == len(set(names)), names


@pytest.mark.parametrize("page", PAGES)
def test_every_change_of_a_page_is_caught(page: str) -> None:
    """Lines, claims, their order and their reasons: nothing can be exchanged for another.

    One change of each kind is made here to a line; `benchmarks/catalogue_mutants.py` makes them all.
    """
    derivation = catalogue[page]
    passed = [
        str(mutant)
        for mutant in mutants_of(derivation, foreign_to(page), of_each_kind=1)
        if mutant.verdict() in ("proved", "verified")
    ]
    assert passed == []


def foreign_to(page: str) -> list[object]:
    """Some reasons of other pages, others for each page."""
    own = {reason.name for reason in reasons_of(catalogue[page])}
    others = {reason.name: reason for other in PAGES for reason in reasons_of(catalogue[other])}
    foreign = [reason for name, reason in sorted(others.items()) if name not in own]
    start = PAGES.index(page) % max(len(foreign) // FOREIGN, 1)
    return foreign[start :: max(len(foreign) // FOREIGN, 1)][:FOREIGN]


@pytest.mark.parametrize(("page", "assumption"), ASSUMED)
def test_dropping_an_assumption_breaks_a_step(page: str, assumption: str) -> None:
    derivation = catalogue[page]
    (chosen,) = (each for each in derivation.assumptions if str(each) == assumption)
    assert isinstance(chosen, Assumption)
    assert is_broken(without(derivation, chosen), report_of(page))


def is_broken(derivation: Derivation, whole: Report) -> bool:
    """Whether some step fails, or has lost points because a line has no value there."""
    for i, chain in enumerate(derivation.chains):
        shown = derivation.claims[:i]
        for j, (before, step) in enumerate(itertools.pairwise(chain)):
            found = check_step(before.line, step, shown, facts=derivation.facts, seed=7)
            if found.verdict not in PASSING or found.points < whole.chains[i][j].points:
                return True
    return False


def unknowns(derivation: Derivation) -> list[object]:
    return [each for each in derivation.given if not is_condition(each)]


@pytest.mark.parametrize("page", PAGES)
def test_every_unknown_given_is_used_and_every_one_used_is_given(page: str) -> None:
    derivation = catalogue[page]
    used: set[object] = set()
    for chain in derivation.chains:
        for step in chain:
            for side in sides(step.line):
                used.update(unknowns_of(side))
    for claim in derivation.claims:
        for side in parts(claim):
            used.update(unknowns_of(side))
    conditions = [each for each in derivation.given if is_condition(each)]
    defined = {each.lhs for each in conditions if getattr(each, "rel_op", "") == "=="}
    about = {each for condition in conditions for each in unknowns_of(condition)}
    assert used <= set(derivation.given) | defined | about
    assert set(unknowns(derivation)) <= used | about


def test_pages_use_the_variable_names_of_their_intermediates() -> None:
    for page in PAGES:
        for node in catalogue[page].names:
            assert isinstance(node, Named)
            assert node.name not in {inner.name for inner in named_nodes(node.meaning)}


def test_a_claim_that_the_steps_do_not_reach_is_not_passed() -> None:
    derivation = catalogue["neural_networks/softmax_cross_entropy"]
    (claim,) = derivation.claims
    assert isinstance(claim, Equation)
    assert isinstance(claim.right, Expression)
    assert not replace(derivation, claim=Equation(claim.left, 2 * claim.right)).check().passed
