"""Whether one side is at most the other: refuted at a point, proved by signs, or verified at points."""

from __future__ import annotations

import numpy as np

from derivations.order_search.judged import Order, values_shown
from derivations.order_search.search import Violation, search_order
from derivations.verification.equality.decision import Counterexample
from derivations.verification.result import Verification
from symbolic import Expression
from symbolic.algebra.signs import nonnegative
from symbolic.sizes import shape_text
from symbolic.traverse import unfold

_FLIPPED = {">=": "<=", ">": "<"}


def judge_bound(
    question: str, left: Expression, relation: str, right: Expression, seed: int
) -> Verification:
    """Whether left <= right (or <, >=, >) in every entry, at all points of the domains.

    A proof shows right - left as a sum of products that cannot be negative; points alone give
    "verified" at best, and a single certain point of the other order refutes.
    """
    if left.shape != right.shape:
        shapes = f"the sides have shapes {shape_text(left.shape)} and {shape_text(right.shape)}"
        return Verification("undecided", "shapes", shapes, question, right, None, seed=seed)
    small, large = (unfold(left), unfold(right))
    if relation in _FLIPPED:
        small, large = large, small
    order = Order(small, large, strict=relation in ("<", ">"))
    by_signs = not order.strict and nonnegative(order.gap)
    seen = search_order(order, seed, briefly=by_signs)
    if seen.violation is not None:
        return _refuted(question, left, right, relation, seen.violation, seen.held, seed)
    if seen.doubt and not by_signs:
        reason = f"the order is not certain: {seen.doubt}"
        return Verification("undecided", "enclosures", reason, question, right, None, seed=seed)
    verdict, method = ("proved", "signs") if by_signs else ("verified", "enclosures")
    reason = f"sampled, not proved: {seen}"
    if by_signs:
        reason = "the difference is a sum of products that are not negative"
    return Verification(
        verdict, method, reason, question, right, None, seen.held, seen.named_sizes, seed
    )


def _refuted(
    question: str,
    left: Expression,
    right: Expression,
    relation: str,
    where: Violation,
    held: int,
    seed: int,
) -> Verification:
    sides = [unfold(left), unfold(right)]
    first, second = values_shown(sides, where.point, where.sizes, where.entry)
    letters = {letter.name: size for letter, size in where.sizes.items()}
    values = {
        variable.name: np.asarray(array, dtype=object).tolist()
        for variable, array in where.point.items()
    }
    counterexample = Counterexample(letters, values, where.entry, first, second)
    place = f" in entry {list(where.entry)}" if where.entry else ""
    reason = f"at a rational point{place} {first} {relation} {second} does not hold"
    return Verification(
        "refuted", "enclosures", reason, question, right, None, held + 1, (letters,), seed,
        counterexample=counterexample,
    )  # fmt: skip
