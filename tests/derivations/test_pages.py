"""Every page of the catalogue, found by walking: the tests come with the page."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

import derivations
from derivations import Derivation, catalogue
from derivations.derivation import Step
from derivations.statements import Equation
from derivations.verdicts import check_step
from symbolic import Derivative, Expression, Named, Variable
from symbolic.algebra.normal import is_zero
from symbolic.sizes import shape_text
from symbolic.traverse import named_nodes

PAGES = list(catalogue)
ASSUMED = [
    (page, variable.name)
    for page in PAGES
    for variable in catalogue[page].given
    if variable.domain != "real"
]
MOST_LINES = 120  # a page that is longer is two pages


def steps_of(page: str) -> list[tuple[int, int]]:
    return [(i, j) for i, chain in enumerate(catalogue[page].chains) for j in range(1, len(chain))]


STEPS = [(page, *place) for page in PAGES for place in steps_of(page)]


@pytest.mark.parametrize("page", PAGES)
def test_page_passes_and_nothing_is_undecided(page: str) -> None:
    report = catalogue[page].check()
    failing = [str(evidence) for evidence in report.all if evidence.verdict != "proved"]
    assert not failing, failing
    assert report.passed


@pytest.mark.parametrize("page", PAGES)
def test_each_step_also_has_numeric_evidence(page: str) -> None:
    report = catalogue[page].check(seed=7)
    assert [
        evidence.points for chain in report.chains for evidence in chain if not evidence.points
    ] == []


@pytest.mark.parametrize("page", PAGES)
def test_shapes_agree_on_each_line(page: str) -> None:
    for chain in catalogue[page].chains:
        for before, step in itertools.pairwise(chain):
            if step.relation == "equals":
                assert isinstance(before.line, Expression)
                assert isinstance(step.line, Expression)
                assert before.line.shape == step.line.shape, shape_text(step.line.shape)


@pytest.mark.parametrize("page", PAGES)
def test_page_is_data_and_not_a_program(page: str) -> None:
    source = (Path(derivations.__file__).parent / f"{page}.py").read_text(encoding="utf-8")
    refused = (ast.For, ast.While, ast.If, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.With)
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, refused)]
    assert not found
    assert len(source.splitlines()) <= MOST_LINES
    assert catalogue[page].title
    assert catalogue[page].why
    assert catalogue[page].id == page


@pytest.mark.parametrize("page", PAGES)
def test_names_on_a_page_are_used_once(page: str) -> None:
    derivation = catalogue[page]
    names = [node.name for node in (*derivation.given, *derivation.names)]
    assert len(names) == len(set(names)), names


def changed_lines(line: Expression | Equation) -> list[Expression | Equation]:
    """The line with its sign changed, doubled, and with one added to every entry."""
    side = line.right if isinstance(line, Equation) else line
    others = [side + 1] if is_zero(side) else [-side, 2 * side, side + 1]
    if isinstance(line, Equation):
        return [Equation(line.left, other) for other in others]
    return list(others)


@pytest.mark.parametrize(("page", "i", "j"), STEPS)
def test_every_changed_step_is_refuted(page: str, i: int, j: int) -> None:
    derivation = catalogue[page]
    chain = derivation.chains[i]
    for k, line in enumerate(changed_lines(chain[j].line)):
        changed = replace(chain[j], line=line)
        evidence = check_step(chain[j - 1].line, changed)
        if changed.relation == "at_most" and k > 0:  # a weaker bound is true, but leads elsewhere
            assert check_step(line, chain[j + 1]).verdict != "proved"
            continue
        assert evidence.verdict == "refuted", f"{line}: {evidence}"
        assert evidence.counterexample


@pytest.mark.parametrize("page", PAGES)
def test_no_step_passes_with_the_reasons_of_another(page: str) -> None:
    derivation = catalogue[page]
    others = {step.by: step for chain in derivation.chains for step in chain[1:]}.values()
    for i, chain in enumerate(derivation.chains):
        shown = derivation.claims[:i]
        for before, step in itertools.pairwise(chain):
            for other in others:
                if not set(_names(step)) <= set(_names(other)):
                    evidence = check_step(before.line, replace(step, by=other.by), shown)
                    assert evidence.verdict != "proved", f"{step} by {other.reason}"


def _names(step: Step) -> list[str]:
    return [reason.name for reason in step.by]


@pytest.mark.parametrize("page", PAGES)
def test_no_chain_passes_with_two_lines_exchanged(page: str) -> None:
    """One of the two lines, or the line behind them, no longer follows."""
    derivation = catalogue[page]
    for i, chain in enumerate(derivation.chains):
        shown = derivation.claims[:i]
        for j in range(1, len(chain) - 1):
            lines = [chain[j - 1], chain[j + 1], chain[j], *chain[j + 2 : j + 3]]
            verdicts = [
                check_step(before.line, step, shown).verdict
                for before, step in itertools.pairwise(lines)
            ]
            assert {"refuted", "undecided"} & set(verdicts)


@pytest.mark.parametrize(("page", "name"), ASSUMED)
def test_dropping_an_assumption_breaks_a_step(page: str, name: str) -> None:
    derivation = catalogue[page]
    (variable,) = (each for each in derivation.given if each.name == name)
    assert not derivation.without(variable).check().passed


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_given_is_used_and_every_one_used_is_given(page: str) -> None:
    from derivations.derivation import sides
    from symbolic.traverse import variables

    derivation = catalogue[page]
    used: set[Variable] = set()
    for chain in derivation.chains:
        for step in chain:
            for side in sides(step.line):
                used.update(variables(side))
    assert used == set(derivation.given)


def test_pages_use_the_variable_names_of_their_intermediates() -> None:
    for page in PAGES:
        for node in catalogue[page].names:
            assert isinstance(node, Named)
            assert node.name not in {inner.name for inner in named_nodes(node.meaning)}


def test_a_claim_that_the_steps_do_not_reach_is_not_passed() -> None:
    derivation = catalogue["neural_networks/softmax_cross_entropy"]
    (claim,) = derivation.claims
    assert isinstance(claim.left, Derivative)  # type: ignore[union-attr]
    wrong = Derivation(
        derivation.given,
        Equation(claim.left, 2 * claim.right),
        derivation.steps,  # type: ignore[union-attr]
    )
    assert not wrong.check().passed
