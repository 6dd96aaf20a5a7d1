"""The points at which two expressions are compared, and what they have shown.

Generic points of several sizes count as evidence. Special ones (zeros, ones, ties, tiny and huge
numbers) and those on rare branches are looked at only to refute, and to see every branch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
import sympy

from derivations.verification.equality.branch_corners import points_around
from derivations.verification.equality.branch_points import patterns, points_at_edges
from derivations.verification.equality.branch_targets import points_of_patterns
from derivations.verification.equality.discrete_points import all_discrete
from derivations.verification.equality.jump_points import JumpSearch
from derivations.verification.equality.size_points import doubt_about_sizes, points_of_sizes
from derivations.verification.equality.values import (
    NO_VALUE,
    Agreement,
    Difference,
    compare_closely,
    confirm_closely,
)
from derivations.verification.equality.work import work_at
from numeric.branches import UNEQUAL, Branch, branches, moved, switches, taken
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, sample, special_points
from numeric.seeds import generator
from symbolic.nodes import Contraction, Elementwise, Expression, Variable
from symbolic.traverse import postorder, variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Located = tuple[Point, Sizes]
Avoid = Callable[[Point, Sizes], bool]

_SEARCHED = 60  # points, for branches that the first ones do not take
_MODERATE = 1000
_LARGEST = 10**12  # constant that points are taken beyond
_FOREIGN = 3  # the generic point whose denominators share no factor with anything
_MORE = 24  # random points before an agreement that is not proved is believed
_MOST_WORK = 2_000_000  # operations on numbers for these and others like them
_OTHER_SIZES = 12  # where both sides have had a value at no size beyond 1
_AGAIN = 2  # points more where one side has no value, at the same sizes
_RELATIONS = {1: ">", -1: "<", 0: "==", UNEQUAL: "!="}


@dataclass(frozen=True)
class Refutation:
    """A point where two expressions certainly differ."""

    sizes: Sizes
    point: Point
    entry: tuple[int, ...]
    left: str
    right: str


@dataclass(frozen=True)
class Evidence:
    """What the points have shown.

    agreed     generic points at which both sides have one value, to `digits` digits
    doubt      why that is not enough; "" where it is
    one_sided  whether there are generic points at which one side has a value and the other has none,
               beside others of the same sizes at which both have one; or both have one at sizes 1 alone
    note       sizes at which only one side has a value
    too_large  whether no point was tried, as the arrays are too large
    """

    agreed: int
    digits: int
    sizes: tuple[Mapping[str, int], ...]
    doubt: str
    one_sided: bool = False
    note: str = ""
    refuted: Refutation | None = None
    located: tuple[Located, ...] = ()
    too_large: bool = False


def confirm_evidence(
    left: Expression, right: Expression, evidence: Evidence, seed: int, avoid: Avoid | None = None
) -> Evidence:
    """The evidence with every agreement confirmed to as many digits as the expressions can hide.

    Where there are branches, points on all sides of their edges and corners are looked at as well.
    """
    search = _Search(left, right, seed, avoid)
    refuted = search.at_corners_and_sizes(evidence.located)
    jumped = ""
    if refuted is None:
        refuted, jumped = search.at_jumps(evidence.located)
    if refuted is not None:
        return replace(evidence, refuted=refuted)
    doubt = evidence.doubt or doubt_about_sizes([left, right]) or jumped
    evidence = replace(evidence, doubt=doubt)
    digits, reason, confirmed = 0, "", 0
    for point, sizes in evidence.located:
        found = confirm_closely(left, right, point, sizes)
        if isinstance(found, Difference):
            where = Refutation(sizes, point, found.entry, found.left, found.right)
            return replace(evidence, refuted=where)
        if found.agreed:
            confirmed += 1
            digits = min(digits or found.digits, found.digits)
        else:
            reason = found.reason
    if 2 * confirmed < len(evidence.located):
        return replace(evidence, doubt=evidence.doubt or f"Too few points could be told: {reason}.")
    return replace(evidence, agreed=confirmed, digits=digits)


def collect_evidence(
    left: Expression, right: Expression, seed: int, points: int, avoid: Avoid | None = None
) -> Evidence:
    """Compare two expressions of one shape, without names, at rational points of their domains.

    Points that `avoid` tells are left out.
    """
    return _Search(left, right, seed, avoid).run(points)


class _Search:
    """One search for a point at which two expressions differ."""

    def __init__(self, left: Expression, right: Expression, seed: int, avoid: Avoid | None) -> None:
        self.left, self.right, self.avoid = left, right, avoid
        self.both = [left, right]
        self.given = variables(self.both)
        self.rng = generator(seed)
        self.unseen = branches(self.both)
        self.switches = tuple(dict.fromkeys(switch for switch, _ in self.unseen))
        self.agreed: list[tuple[Located, Agreement]] = []
        self.doubts: list[str] = []
        self.one_sided: list[Sizes] = []
        self.too_large = False

    def run(self, points: int) -> Evidence:
        """Look at all points, until one refutes."""
        generic = self._generic(points)
        alone: list[Sizes] = []  # where one side alone has a value
        for located in generic:
            found = self._compare(located)
            if isinstance(found, Difference):
                return self._refuted(found, located)
            if found.agreed:
                self.agreed.append((located, found))
            else:
                self.doubts.append(found.reason)
                alone += [located[1]] if found.one_sided else []
                if found.one_sided and self._sometimes_both(located):
                    self.one_sided.append(located[1])
        if 2 * len(alone) > len(generic):
            self.one_sided.extend(alone)
        for located in self._of_other_sizes(generic):
            found = self._compare(located)
            if isinstance(found, Difference):
                return self._refuted(found, located)
            if found.agreed:
                self.agreed.append((located, found))
        tried = list(generic)
        for located in self._affordable(self._on_branches(generic)):
            found = self._compare(located)
            if isinstance(found, Difference):
                return self._refuted(found, located)
            if found.one_sided and _is_moderate(located[0]) and self._sometimes_both(located):
                self.one_sided.append(located[1])
            tried.append(located)
        others = chain(self._special(generic), points_at_edges(self.switches, tried))
        for located in self._affordable(chain(self._positive(generic), others)):
            found = self._compare(located)
            if isinstance(found, Difference):
                return self._refuted(found, located)
        return self._unrefuted(len(generic))

    def _compare(self, located: Located) -> Difference | Agreement:
        point, sizes = located
        if self.avoid is not None and self.avoid(point, sizes):
            return Agreement(False, reason="the function has a kink there")
        found = compare_closely(self.left, self.right, point, sizes)
        if isinstance(found, Agreement) and found.agreed and self.unseen:
            self.unseen -= taken(self.unseen, point, sizes)
        return found

    def at_corners_and_sizes(self, generic: Sequence[Located]) -> Refutation | None:
        """A point around edges of branches and where they meet, or of another size, that refutes."""
        for located in self._further(generic):
            found = self._compare(located)
            if isinstance(found, Difference):
                point, sizes = located
                return Refutation(sizes, point, found.entry, found.left, found.right)
        return None

    def avoided(self, located: Located) -> bool:
        """Whether a point is left out."""
        return self.avoid is not None and self.avoid(*located)

    def outcome(self, located: Located) -> str:
        """Whether two sides "agree" or "differ" at a point, or it is "avoided"; "" where it is not told.

        Where neither has a value they say nothing, and so agree.
        """
        if self.avoided(located):
            return "avoided"
        found = self._compare(located)
        if isinstance(found, Difference):
            return "differ"
        without = found.reason == NO_VALUE and not found.one_sided
        return "agree" if found.agreed or without else ""

    def at_jumps(self, generic: Sequence[Located]) -> tuple[Refutation | None, str]:
        """A point at which a jump refutes, and a doubt where some have not been looked at."""
        search = JumpSearch(self.left, self.right, self.outcome, self.avoided)
        search.run(generic, self.rng)
        if search.differs is None:
            return None, search.doubt
        point, sizes = search.differs
        if search.values is not None:
            return Refutation(sizes, point, *search.values), ""
        found = self._compare(search.differs)
        assert isinstance(found, Difference)
        return Refutation(sizes, point, found.entry, found.left, found.right), ""

    def _further(self, generic: Sequence[Located]) -> Iterator[Located]:
        """Many more points, where no proof has told that a few are enough."""
        return self._affordable(self._candidates(generic) if generic else ())

    def _affordable(self, points: Iterable[Located]) -> Iterator[Located]:
        """Points as long as they are not too much work together."""
        spent = 0
        for point, sizes in points:
            spent += work_at(self.both, sizes)
            if spent > _MOST_WORK:
                return
            yield point, sizes

    def _candidates(self, generic: Sequence[Located]) -> Iterator[Located]:
        for number in range(_MORE):
            point, sizes = generic[number % len(generic)]
            yield sample(point, sizes, self.rng), sizes
        start, sizes = generic[0]
        for located in generic[:2]:
            yield from all_discrete(*located)
        for point in points_of_patterns(self.switches, start, sizes, self.rng, self._scale()):
            yield point, sizes
        yield from points_around(switches(self.both), generic, self.rng, self._scale())
        yield from points_of_sizes(self.both, sizes, self.rng)

    def _scale(self) -> int:
        """A number beyond every moderate constant of the switches."""
        constants = [
            abs(part)
            for node in postorder(switches(self.both))
            if isinstance(node, (Elementwise, Contraction))
            for part in sympy.preorder_traversal(
                node.kernel.expr if isinstance(node, Elementwise) else node.coefficient
            )
            if isinstance(part, sympy.Rational)
        ]
        return int(min(max(constants, default=1), _LARGEST)) + 1

    def _sometimes_both(self, located: Located) -> bool:
        """Whether at the sizes of a point both sides have a value at another."""
        point, sizes = located
        if any(where == sizes for (_, where), _ in self.agreed):
            return True
        fresh = (sample(point, sizes, self.rng) for _ in range(_AGAIN))
        found = [compare_closely(self.left, self.right, each, sizes) for each in fresh]
        return any(isinstance(each, Difference) or each.agreed for each in found)

    def _generic(self, points: int) -> list[Located]:
        """Random points, the first of them of different sizes."""
        possible = choose_sizes(self.both, self.rng, points)
        chosen = [sizes for sizes in possible if work_at(self.both, sizes) <= _MOST_WORK]
        self.too_large = len(chosen) < len(possible)
        found: list[Located] = []
        for number in range(2 * points):
            if len(found) == points or not chosen:
                break
            sizes = chosen[number % len(chosen)]
            try:
                found.append(
                    (_signed(sample(self.given, sizes, self.rng), number, self.rng), sizes)
                )
            except Undecided:
                continue
        return found

    def _only_smallest(self) -> bool:
        """Whether both sides have had a value where all sizes are 1, and at no others."""
        sizes = [sizes for (_, sizes), _ in self.agreed]
        return any(sizes) and all(number == 1 for each in sizes for number in each.values())

    def _of_other_sizes(self, generic: Sequence[Located]) -> Iterator[Located]:
        """Points of further sizes, until both sides have a value at some beyond 1."""
        known = [sizes for _, sizes in generic]
        for sizes in (
            choose_sizes(self.both, self.rng, _OTHER_SIZES) if self._only_smallest() else ()
        ):
            if sizes not in known and self._only_smallest():
                with suppress(Undecided):
                    yield sample(self.given, sizes, self.rng), sizes

    def _positive(self, generic: Sequence[Located]) -> Iterator[Located]:
        """The generic points without signs, where a side had no value: that of a logarithm, say."""
        if self.doubts:
            for point, sizes in generic:
                yield {v: abs(x) if v.domain == "real" else x for v, x in point.items()}, sizes

    def _special(self, generic: Sequence[Located]) -> Iterator[Located]:
        """Zeros, ones, ties, tiny and large numbers."""
        for _, sizes in generic[:2]:
            for point in special_points(self.given, sizes, self.rng):
                yield point, sizes

    def _on_branches(self, generic: Sequence[Located]) -> Iterator[Located]:
        """Points that take a branch, or several of them together, for the first time."""
        if not self.switches or not generic:
            return
        seen = {patterns(self.switches, *located) for located in generic}
        for number in range(_SEARCHED):
            point, sizes = generic[number % len(generic)]
            fresh = moved(sample(point, sizes, self.rng), self.rng)
            pattern = patterns(self.switches, fresh, sizes)
            if pattern not in seen:
                seen.add(pattern)
                yield fresh, sizes

    def _refuted(self, found: Difference, located: Located) -> Evidence:
        point, sizes = located
        where = Refutation(sizes, point, found.entry, found.left, found.right)
        every = _different([*(sizes for (_, sizes), _ in self.agreed), sizes])
        return Evidence(len(self.agreed), 0, every, "", refuted=where)

    def _unrefuted(self, tried: int) -> Evidence:
        count = len(self.agreed)
        digits = min((found.digits for _, found in self.agreed), default=0)
        seen = _different([sizes for (_, sizes), _ in self.agreed])
        located = tuple(located for located, _ in self.agreed)
        doubt, one_sided = self._doubt(tried), bool(self.one_sided) or self._only_smallest()
        too_large = self.too_large and not tried
        note = self._note()
        return Evidence(count, digits, seen, doubt, one_sided, note, None, located, too_large)

    def _note(self) -> str:
        if self.doubts and self.agreed and not self.one_sided:
            return f"At some sizes or points it cannot be told: {self.doubts[0]}."
        return ""

    def _doubt(self, tried: int) -> str:
        count = len(self.agreed)
        why = self.doubts[0] if self.doubts else "no point of the domains was found"
        if self.too_large and not count:
            return "The arrays are too large to be compared; declare letters for their sizes."
        if self._only_smallest():
            small = ", ".join(f"{letter} = 1" for letter in self.agreed[0][0][1])
            return f"Both sides were seen to have a value only for {small}: {why}."
        if self.one_sided:
            return "At points of the domains only one of the two sides has a value."
        if 2 * count < tried or not count:
            return f"Too few points could be told ({count} of {tried}): {why}."
        if self.unseen:
            which = sorted(_shown_branch(branch) for branch in self.unseen)[0]
            return f"Both sides agree at {count} points, but at none of them is {which}."
        return ""


def _is_moderate(point: Point) -> bool:
    """Whether no number is so large that functions of it may lie beyond all balls."""
    return all(abs(x) <= _MODERATE for each in point.values() for x in np.ravel(each))


def _shown_branch(branch: Branch) -> str:
    switch, sign = branch
    return f"{switch} {_RELATIONS[sign]} 0"


def _signed(point: Point, number: int, rng: np.random.Generator) -> Point:
    """Real scalars positive at the first point, negative at the second, in turn at the third.

    At the last, denominators are large and share no factor with constants, so that nothing periodic
    comes full circle.
    """
    if number > 3:
        return point
    signed: dict[Variable, Any] = dict(point)
    if number == _FOREIGN:
        for variable in point:
            if variable.domain in ("real", "positive", "nonnegative"):
                signed[variable] = point[variable] * (
                    1 + Fraction(1, int(rng.integers(2**61, 2**62)))
                )
    scalars = [v for v in signed if v.domain == "real" and not v.rank]
    for place, variable in enumerate(scalars):
        sign = (1, -1, (-1) ** place, -((-1) ** place))[number]
        signed[variable] = sign * abs(signed[variable])
    return signed


def _different(sizes: Sequence[Sizes]) -> tuple[Mapping[str, int], ...]:
    """Sizes by the names of their letters, each once."""
    named = [tuple((letter.name, number) for letter, number in each.items()) for each in sizes]
    return tuple(dict(pairs) for pairs in dict.fromkeys(named))
