"""All cases in the order of the table."""

from performance_cases import (
    attention,
    factorisation,
    gaussian_process,
    logistic,
    networks,
    normalisation,
    quadratic,
    ridge,
    softmax_regression,
    untuned,
)
from performance_cases.case import Case

FAMILIES = (
    logistic,
    softmax_regression,
    ridge,
    factorisation,
    gaussian_process,
    networks,
    attention,
    normalisation,
    quadratic,
    untuned,
)


def chosen(words: str) -> list[Case]:
    """The cases whose names have one of these words (with commas between), or all."""
    wanted = [word.strip().lower() for word in words.split(",") if word.strip()]
    everything = [case for family in FAMILIES for case in family.CASES]
    found = [
        case
        for case in everything
        if not wanted or any(word in case.name.lower() for word in wanted)
    ]
    if not found:
        raise SystemExit(f"no case is called {words}: --list shows the names")
    return found
