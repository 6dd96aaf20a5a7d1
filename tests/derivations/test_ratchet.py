"""Steps that are only sampled: how many a page may have is written down, and may only fall."""

import json
from pathlib import Path

import pytest

from derivations import catalogue
from derivations.checking import known_results
from derivations.checking.results import result_of

WRITTEN = Path(__file__).parent / "ratchet.json"
ALLOWED: dict[str, int] = json.loads(WRITTEN.read_text(encoding="utf-8"))


def complaint(page: str, sampled: int, allowed: int) -> str | None:
    """What is wrong with the number of sampled steps of a page; None if nothing is."""
    if sampled > allowed:
        return (
            f"{page}: {sampled} sampled steps, {allowed} allowed; prove one with a rule. Only for an"
            f" inequality that no rule proves, write {sampled} for it in {WRITTEN.name}"
        )
    if sampled < allowed:
        written = f"write {sampled} for it" if sampled else "delete its line"
        return f"{page}: {sampled} sampled steps, {allowed} allowed; well done: {written} in {WRITTEN.name}"
    return None


@pytest.mark.parametrize("page", list(catalogue))
def test_sampled_steps_only_fall(page):
    known = known_results([page])  # after 'chainrule check' nothing is checked here
    result = known[page] if known else result_of(page, catalogue[page].check())
    said = complaint(page, result.sampled, ALLOWED.get(page, 0))
    assert said is None, said


def test_only_pages_that_exist_are_written_down():
    assert not set(ALLOWED) - set(catalogue)
    assert list(ALLOWED) == sorted(ALLOWED)
    assert all(isinstance(number, int) and number > 0 for number in ALLOWED.values())


@pytest.mark.parametrize(
    ("sampled", "allowed", "said"),
    [
        (0, 0, None),
        (2, 2, None),
        (1, 0, "a/b: 1 sampled steps, 0 allowed; prove one with a rule."),
        (1, 2, "well done: write 1 for it in ratchet.json"),
        (0, 2, "well done: delete its line in ratchet.json"),
    ],
)
def test_a_number_that_differs_is_refused(sampled, allowed, said):
    found = complaint("a/b", sampled, allowed)
    assert (found is None) == (said is None)
    assert said is None or said in found
