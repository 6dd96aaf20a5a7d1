"""The reader of LaTeX against formulas as they are typeset, with meanings that were written apart from it."""

from dataclasses import replace
from functools import cache
from random import Random

import pytest

from numeric import check_exactly
from symbolic import Latex, parse, read_latex
from symbolic.algebra.normal import equal_by_algebra
from symbolic.errors import ChainruleError, NotAllowedError
from tests.symbolic.latex_corpus.examination import (
    Outcome,
    examine,
    read_sides,
    text_of,
    variables,
)
from tests.symbolic.latex_corpus.loader import KINDS, Entry, load
from tests.symbolic.latex_corpus.random_formulas import GIVEN, Writer
from tests.symbolic.latex_corpus.variants import varied

ENTRIES = {entry.id: entry for entry in load()}
READABLE = [entry for entry in ENTRIES.values() if entry.kind != "refuse"]
DERIVATIVES = [entry for entry in READABLE if entry.of]
LEAST_SHARE = 0.9  # of the readable entries


@cache
def outcome_of(name: str) -> Outcome:
    return examine(ENTRIES[name])


def test_the_corpus_is_well_formed() -> None:
    assert len(ENTRIES) == len(load())
    assert {entry.kind for entry in ENTRIES.values()} == set(KINDS)
    for entry in ENTRIES.values():
        assert bool(entry.means) != bool(entry.why), entry.id


@pytest.mark.parametrize("name", ENTRIES)
def test_no_entry_is_misread(name: str) -> None:
    outcome = outcome_of(name)
    assert outcome.verdict != "misread", outcome.reason


@pytest.mark.parametrize("entry", READABLE[::20], ids=lambda entry: entry.id)
def test_another_meaning_is_told(entry: Entry) -> None:
    *first, last = entry.means
    assert examine(replace(entry, means=(*first, f"2*({last}) + 1"))).verdict != "right"
    assert examine(replace(entry, means=(*first, last, last))).verdict != "right"


def test_most_entries_are_read() -> None:
    refused = [entry.id for entry in READABLE if outcome_of(entry.id).verdict == "refused"]
    assert len(refused) <= (1 - LEAST_SHARE) * len(READABLE), refused


@pytest.mark.parametrize("entry", DERIVATIVES, ids=lambda entry: entry.id)
def test_the_meaning_of_a_derivative_is_true(entry: Entry) -> None:
    names = variables(entry)
    function = parse(text_of(entry, entry.of), names)
    claim = parse(text_of(entry, entry.means[-1]), names)
    assert check_exactly(function, claim, text_of(entry, entry.wrt), points=1).verdict == "pass"


def test_another_dress_is_read_the_same_or_refused() -> None:
    seed = 20261121
    random = Random(seed)
    for entry in ENTRIES.values():
        latex = varied(entry, random)
        try:
            sides = read_sides(latex, entry.given)
        except ChainruleError:
            continue
        if sides != outcome_of(entry.id).sides:
            outcome = examine(entry, latex)
            assert outcome.verdict == "right", f"seed {seed}: {latex!r}: {outcome.reason}"


def test_parse_reads_what_has_one_value() -> None:
    values = [entry for entry in READABLE if len(outcome_of(entry.id).sides) == 1]
    found = {}
    for entry in values:
        try:
            found[entry.id] = parse(Latex(entry.latex), entry.given)
        except NotAllowedError:  # another relation than "=", or a chain of names
            continue
        assert found[entry.id] in outcome_of(entry.id).sides, entry.id
    assert len(found) >= LEAST_SHARE * len(values)


@pytest.mark.parametrize("seed", range(90))
def test_a_random_formula_is_what_its_text_says(seed: int) -> None:
    shape = ((), ("n",), ("n", "m"))[seed % 3]
    written = Writer(seed).write(shape)
    (formula,) = read_latex(f"q = {written.latex}", GIVEN)
    found, meant = formula.sides[-1].expression, parse(written.text, GIVEN)
    assert found is not None, written.latex
    assert found.shape == meant.shape, f"{written.latex!r} gave {found}"
    assert equal_by_algebra(found, meant), f"{written.latex!r} gave {found}"
