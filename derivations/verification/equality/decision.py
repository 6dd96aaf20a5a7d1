"""Whether two expressions are equal: refuted by a point, proved by algebra, or the honest rest.

First the cheap and certain: shapes, then enclosures at rational points of several sizes, of both signs,
of small and large scales, at ties, and on every branch of a maximum or a selection. One point that
excludes equality settles it. Then the proofs, from the quickest to the deepest. What no proof
reaches is verified when enough points agree to more digits than its constants could hide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from derivations.verification.equality.formal_proof import (
    equal_over_generators,
    has_letters,
    without_meaning,
)
from derivations.verification.equality.formal_summands import equal_under_sums
from derivations.verification.equality.points import (
    Avoid,
    Evidence,
    collect_evidence,
    confirm_evidence,
)
from derivations.verification.equality.simple_points import simplified
from derivations.verification.equality.word_proof import equal_as_words
from symbolic.algebra.normal import equal_by_algebra, equal_by_identities
from symbolic.nodes import Expression, Variable
from symbolic.sizes import shape_text
from symbolic.traverse import postorder, substitute, unfold, variables

Verdict = Literal["proved", "verified", "refuted", "undecided"]
Prover = Callable[[Expression, Expression], bool]


@dataclass(frozen=True)
class Counterexample:
    """A rational point of the domains at which two expressions certainly differ.

    sizes  the number for each size letter
    point  the value of each variable by name: nested lists of fractions, a fraction for a scalar
    entry  where the two differ; () for scalars
    left, right  the two values there, with digits enough to see the difference
    """

    sizes: Mapping[str, int]
    point: Mapping[str, Any]
    entry: tuple[int, ...]
    left: str
    right: str


@dataclass(frozen=True)
class Decision:
    """Whether two expressions are equal, and how that is known.

    method  what settled it: "shapes", "enclosures", or the name of a proof
    reason  one sentence for a person
    points  rational points at which both sides were enclosed and agreed, or up to the one that refutes
    sizes   the sizes of those points
    assumptions  facts of domains without which the proof does not go through, as "y: binary"
    """

    verdict: Verdict
    method: str
    reason: str
    points: int
    sizes: tuple[Mapping[str, int], ...]
    seed: int
    counterexample: Counterexample | None = None
    assumptions: tuple[str, ...] = ()


def decide(
    left: Expression,
    right: Expression,
    *,
    seed: int = 0,
    points: int = 4,
    avoid: Avoid | None = None,
) -> Decision:
    """Decide whether two expressions have the same value wherever both have one.

    Points that `avoid` tells, as kinks of a function whose derivative is asked for, are left out.

    >>> from symbolic import parse
    >>> given = {"x": ""}
    >>> decide(parse("sigmoid(-x)", given), parse("1 - sigmoid(x)", given)).verdict
    'proved'
    >>> found = decide(parse("sqrt(x**2)", given), parse("x", given))
    >>> found.verdict, found.counterexample.point
    ('refuted', {'x': Fraction(-1, 1)})
    """
    if left.shape != right.shape:
        shapes = f"{shape_text(left.shape)} and {shape_text(right.shape)}"
        return Decision("refuted", "shapes", f"The shapes {shapes} differ.", 0, (), seed)
    first, second = unfold(left), unfold(right)
    evidence = collect_evidence(first, second, seed, points, avoid)
    if evidence.refuted is not None:
        return _refuted(first, second, evidence, seed, avoid)
    if first is second:
        return _proved("identity", (), evidence, seed)
    provers = _LAWS if evidence.too_large else _provers([first, second])
    for method, prover in provers.items():
        supported = evidence.too_large or (evidence.agreed and not evidence.one_sided)
        if supported and prover(first, second):
            return _proved(method, _used(first, second, prover), evidence, seed)
    if any(without_meaning(node) for node in postorder([first, second])):
        evidence = replace(evidence, doubt=_WITHOUT_MEANING)
    evidence = confirm_evidence(first, second, evidence, seed, avoid)
    if evidence.refuted is not None:
        return _refuted(first, second, evidence, seed, avoid)
    return _unproved(evidence, seed)


_WITHOUT_MEANING = "A function that is not specified has no values that could be compared."
_MOST_WRITTEN_OUT = 30  # the lengths of all axes together, for proofs entry by entry
_GENERATORS = "rational function over independent generators"

_LAWS: dict[str, Prover] = {"algebra": equal_by_algebra, "identities": equal_by_identities}
_PROVERS: dict[str, Prover] = {
    **_LAWS,
    f"{_GENERATORS}, under the sums": equal_under_sums,
    "products of matrices as words": equal_as_words,
}
_SCALAR_PROVERS: dict[str, Prover] = {_GENERATORS: equal_over_generators, **_PROVERS}
_EXPLICIT_PROVERS: dict[str, Prover] = {
    _GENERATORS: partial(equal_over_generators, quick=True),
    **_PROVERS,
    f"{_GENERATORS}, by signs": equal_over_generators,
}


def _provers(sides: Sequence[Expression]) -> dict[str, Prover]:
    """The proofs to try, the quickest first: entry by entry where all sizes are numbers."""
    fixed = [size for each in variables(sides) for size in each.shape if isinstance(size, int)]
    if any(map(has_letters, postorder(sides))) or sum(fixed) > _MOST_WRITTEN_OUT:
        return _PROVERS
    scalars = all(not variable.rank for variable in variables(sides))
    return _SCALAR_PROVERS if scalars else _EXPLICIT_PROVERS


def _used(left: Expression, right: Expression, prover: Prover) -> tuple[str, ...]:
    """The domains without which the proof does not go through."""
    declared = [v for v in variables([left, right]) if v.domain != "real"]
    needed = []
    for variable in declared:
        plain: dict[Expression, Expression] = {variable: Variable(variable.name, variable.shape)}
        if not prover(substitute(left, plain), substitute(right, plain)):
            needed.append(f"{variable.name}: {variable.domain}")
    return tuple(needed)


def _proved(method: str, assumptions: tuple[str, ...], evidence: Evidence, seed: int) -> Decision:
    reason = "Both sides have one normal form, and are equal wherever both have a value."
    reason = " ".join(filter(None, (reason, evidence.note)))
    return Decision(
        "proved", method, reason, evidence.agreed, evidence.sizes, seed, assumptions=assumptions
    )


def _refuted(
    left: Expression, right: Expression, evidence: Evidence, seed: int, avoid: Avoid | None
) -> Decision:
    assert evidence.refuted is not None
    found = simplified(evidence.refuted, left, right, seed, avoid)
    sizes = {letter.name: number for letter, number in found.sizes.items()}
    point = {
        variable.name: np.asarray(array, dtype=object).tolist()
        for variable, array in found.point.items()
    }
    counterexample = Counterexample(sizes, point, found.entry, found.left, found.right)
    at = f" in entry {list(found.entry)}" if found.entry else ""
    reason = f"At a rational point the values differ{at}: {found.left} and {found.right}."
    count = evidence.agreed + 1
    return Decision("refuted", "enclosures", reason, count, evidence.sizes, seed, counterexample)


def _unproved(evidence: Evidence, seed: int) -> Decision:
    verdict: Verdict = "undecided" if evidence.doubt else "verified"
    reason = evidence.doubt or (
        f"Both sides agree to {evidence.digits} digits at {evidence.agreed} rational points."
    )
    return Decision(verdict, "enclosures", reason, evidence.agreed, evidence.sizes, seed)
