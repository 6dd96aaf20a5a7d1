"""The calculus against textbooks: every derivative of the corpus is right and reads as printed.

`python -m tests.symbolic.test_textbook` prints the lengths against the books', worst first.
"""

from __future__ import annotations

import statistics
import warnings
from functools import cache

import numpy as np
import pytest

from numeric import compare, sample
from symbolic import (
    Expression,
    IndependentWarning,
    dims,
    gradient,
    hessian,
    jacobian,
    parse,
    simplify,
)
from symbolic.traverse import variables
from tests.symbolic.textbook import CASES, LETTERS, Case

SIZES = ((6, 5, 4, 3, 2), (5, 4, 3, 2, 1))
BY_ID = {case.id: case for case in CASES}


@cache
def first_derivative(case_id: str) -> Expression:
    """The gradient when f is a scalar, else the Jacobian."""
    case = BY_ID[case_id]
    derivative = jacobian if parse(case.f, case.given).shape else gradient
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndependentWarning)
        return derivative(case.f, case.wrt, case.given)


def outcomes(ours: Expression, book: Expression, seed: int = 0) -> list[str]:
    """How enclosures of the two compare, at one random rational point for each of `SIZES`."""
    rng = np.random.default_rng(seed)
    letters = dims(" ".join(LETTERS))
    found = []
    for numbers in SIZES:
        sizes = dict(zip(letters, numbers, strict=True))
        point = sample(dict.fromkeys((*variables(ours), *variables(book))), sizes, rng)
        found.append(compare(ours, book, point, sizes).outcome)
    return found


def length_ratio(case: Case) -> float:
    """Our length over the book's."""
    return len(str(first_derivative(case.id))) / len(case.right)


every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
with_hessian = pytest.mark.parametrize(
    "case", [case for case in CASES if case.hessian], ids=lambda case: case.id
)


@every_case
def test_first_derivative_equals_the_books(case: Case) -> None:
    ours = first_derivative(case.id)
    assert outcomes(ours, parse(case.right, case.given)) == ["equal"] * len(SIZES), str(ours)


@with_hessian
@pytest.mark.filterwarnings("ignore::symbolic.IndependentWarning")
def test_hessian_equals_the_books(case: Case) -> None:
    ours = hessian(case.f, case.wrt, case.given)
    book = parse(case.hessian or "", case.given)
    assert outcomes(ours, book) == ["equal"] * len(SIZES), str(ours)


def test_text_of_the_derivative_is_read_back() -> None:
    """One form may differ: what is equal is not always told by nested sums of products."""
    other = [
        case.id
        for case in CASES
        if simplify(parse(str(first_derivative(case.id)), case.given))
        is not first_derivative(case.id)
    ]
    assert len(other) <= 2, other


@every_case
def test_text_of_the_derivative_has_its_value(case: Case) -> None:
    ours = first_derivative(case.id)
    assert outcomes(ours, parse(str(ours), case.given)) == ["equal"] * len(SIZES)


def test_comparison_tells_a_wrong_derivative() -> None:
    given = {"X": "n d", "w": "d", "y": "n"}
    right = parse("2*X.T @ (X @ w - y)", given)
    assert outcomes(right, parse("2*X.T @ (X @ w + y)", given)) == ["different"] * len(SIZES)


def test_every_case_has_its_own_id_and_a_source() -> None:
    assert len(BY_ID) == len(CASES)
    assert all(case.source for case in CASES)


def test_derivatives_are_as_short_as_the_books() -> None:
    ratios = sorted(map(length_ratio, CASES))
    percentile_95 = statistics.quantiles(ratios, n=20, method="inclusive")[-1]
    assert statistics.median(ratios) <= 1.1
    assert percentile_95 <= 1.6
    assert ratios[-1] <= 2.5, max(CASES, key=length_ratio).id


def print_lengths() -> None:
    """Print each case with its ratio, our text and the book's, worst first."""
    for case in sorted(CASES, key=length_ratio, reverse=True):
        print(f"{length_ratio(case):5.2f}  {case.id}")
        print(f"       ours  {first_derivative(case.id)}")
        print(f"       book  {case.right}")


if __name__ == "__main__":
    print_lengths()
