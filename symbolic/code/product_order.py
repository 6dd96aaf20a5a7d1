"""The order of a product of many factors: pairs that share labels, the cheapest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import sympy

from symbolic.code.known_products import KnownProducts
from symbolic.code.symmetry import is_symmetric
from symbolic.nodes import Apply, Contraction, Expression, Iverson
from symbolic.sizes import Size

Labels = tuple[int, ...]

ASSUMED = {"n": 10_000, "N": 10_000, "m": 1_000, "T": 1_000}  # examples outnumber features
ASSUMED_OTHERWISE = 50
NOTHING_KNOWN = KnownProducts()
FEW = 8  # factors; of so many all pairs are looked at, of more those that stand beside each other
MOSTLY = 3  # times as many places are read as there are: most entries of the result are zeros


def contract(
    operands: Sequence[Expression],
    labels: Sequence[Labels],
    output: Labels,
    sizes: dict[int, Size],
    coefficient: sympy.Expr = sympy.S.One,
) -> Expression:
    """A contraction, or its operand where it does nothing.

    Symmetric factors are read the way round that needs no transpose, and the inverse of one comes
    first, so that equal systems are one node.
    """
    if len(operands) == 2:
        if is_inverse(operands[1]) and not is_inverse(operands[0]) and is_symmetric(operands[1]):
            operands, labels = operands[::-1], labels[::-1]
        labels = [_upright(operands[k], labels[k], labels[1 - k], output, k) for k in (0, 1)]
    if len(operands) == 1 and labels[0] == output and coefficient == 1:
        return operands[0]
    return Contraction(operands, labels, output, sizes, coefficient)


def _upright(operand: Expression, at: Labels, other: Labels, output: Labels, place: int) -> Labels:
    """The labels of one of two operands; a symmetric one is summed next to the other operand."""
    if len(at) != 2 or not is_symmetric(operand):
        return at
    if set(at) == set(other):
        return at if place == 0 else other
    summed = [label for label in at if label not in output]
    if len(summed) != 1 or at[0] == at[1]:
        return at
    (kept,) = set(at) - set(summed)
    return (kept, *summed) if place == 0 else (*summed, kept)


class Network:
    """Factors that share labels, joined in pairs, cheapest first.

    A pair whose product has more entries than each of them and than the whole product waits. The
    price of a pair is the number of multiplications at assumed sizes; then the size of the
    result decides, then whether both have the same axes (what is left is a product of matrices or
    vectors), then the place: scalings of what has the axes of the product wait, so that their
    factors meet first; sums as written from the left, scalings from the right. A product
    that is `known` to be needed anyway costs nothing.
    """

    def __init__(
        self,
        factors: list[tuple[Expression, Labels]],
        target: Labels,
        sizes: dict[int, Size],
        known: KnownProducts = NOTHING_KNOWN,
    ) -> None:
        self.known = known
        self.alive = dict(enumerate(factors))
        self.target = target
        self.wanted = frozenset(target)
        self.sizes = sizes
        every = {*target, *(label for _, at in factors for label in at)}
        self.assumed = {label: assumed_size(sizes[label]) for label in every}
        self.place = {identity: float(identity) for identity in self.alive}
        self.prices: list[tuple[bool, bool, bool, int, int, bool, bool, float, int, int]] = []
        holding: dict[int, list[int]] = {}
        for identity, (_, at) in self.alive.items():
            for label in at:
                holding.setdefault(label, []).append(identity)
        self.holders = {label: Chain(identities) for label, identities in holding.items()}
        self.few = len(factors) <= FEW
        for identities in holding.values():
            for one, other in combinations(identities, 2) if self.few else pairwise(identities):
                self._price(one, other)

    def joined(self) -> tuple[Expression, Labels]:
        """The whole product and the order of its labels."""
        while self.prices:
            *_, one, other = heapq.heappop(self.prices)
            if one in self.alive and other in self.alive:
                self._join(one, other)
        while len(self.alive) > 1:
            one, other, *_ = sorted(self.alive, key=self.place.__getitem__)
            self._join(one, other)
        ((value, inside),) = self.alive.values()
        target = tuple(label for label in self.target if label in inside)
        return contract([value], [inside], target, self.sizes), target

    def _kept(self, one: int, other: int) -> set[int]:
        labels = {*self.alive[one][1], *self.alive[other][1]}
        return {
            label
            for label in labels
            if label in self.wanted or self.holders[label].has_others(one, other)
        }

    def _price(self, one: int, other: int) -> None:
        labels = {*self.alive[one][1], *self.alive[other][1]}
        kept = self._kept(one, other)
        work = _times(self.assumed[label] for label in labels)
        sparse, work = self._moving_work(one, other, kept, work)
        size = _times(self.assumed[label] for label in kept)
        given = (self.alive[one][1], self.alive[other][1], self.target)
        grows = size > max(_times(self.assumed[label] for label in {*at}) for at in given)
        if self.known and self._known(one, other, kept) is not None:
            work, grows = 0, False
        place = self.place[one] if len(kept) < len(labels) else -self.place[one]
        turned = self._solves_transposed(one, other) or self._solves_transposed(other, one)
        largest = max(len(self.alive[one][1]), len(self.alive[other][1]))
        scales = len(kept) == len(labels) == largest and kept <= self.wanted
        unlike = labels != {*self.alive[one][1]} or labels != {*self.alive[other][1]}
        price = (sparse, grows, scales, work, size, unlike, turned, place, one, other)
        heapq.heappush(self.prices, price)

    def _moving_work(self, one: int, other: int, kept: set[int], work: int) -> tuple[bool, int]:
        """Whether the result would be mostly zeros, and the work: a bracket fixes one of its labels."""
        brackets = [each for each in (one, other) if is_equality(self.alive[each][0])]
        if len(brackets) != 1:
            return bool(brackets), work
        bracket, at = self.alive[brackets[0]]
        assert isinstance(bracket, Iverson)
        summed = [label for label in at if label not in kept]
        if not summed:
            return False, work
        reach = {
            label: assumed_size(sympy.Abs(c)) * (self.assumed[label] - 1)
            for label, c in zip(at, bracket.coefficients, strict=True)
        }
        fixed = max(at if len(summed) > 1 else summed, key=self.assumed.__getitem__)
        read = sum(reach.values()) - reach[fixed] + 1
        sparse = len(summed) == 1 and read > MOSTLY * (reach[fixed] + 1)
        return sparse, work // self.assumed[fixed]

    def _solves_transposed(self, one: int, other: int) -> bool:
        """Whether the first is an inverse that the second meets from the left."""
        factor, at = self.alive[one]
        if not is_inverse(factor) or at[-2] not in self.alive[other][1]:
            return False
        return not is_symmetric(factor)

    def _known(self, one: int, other: int, kept: set[int]) -> tuple[Expression, Labels] | None:
        """The product of two where it is computed anyway, or its sum where the product itself is."""
        factors = [self.alive[each] for each in (one, other)]
        operands, labels = zip(*factors, strict=True)
        found = self.known.find(operands, labels, kept)
        every = {*labels[0], *labels[1]}
        if found is not None or len(kept) == len(every) > max(map(len, labels)):
            return found
        whole = self.known.find(operands, labels, every)
        if whole is None:
            return None
        node, at = whole
        order = tuple(label for label in at if label in kept)
        return contract([node], [at], order, self.sizes), order

    def _product(
        self, one: int, other: int, kept: set[int], *, last: bool
    ) -> tuple[Expression, Labels]:
        """The product of two factors and the order of its labels."""
        found = self._known(one, other, kept) if self.known else None
        if found is not None:
            return found
        (left, left_at), (right, right_at) = self.alive[one], self.alive[other]
        if last or (kept <= {*self.target} and _is_matrix_product(left_at, right_at, kept)):
            order = tuple(label for label in self.target if label in kept)
        else:
            order = _order(left, left_at, right, right_at, kept, self.sizes)
        return contract([left, right], [left_at, right_at], order, self.sizes), order

    def _join(self, one: int, other: int) -> None:
        if self.place[one] > self.place[other]:
            one, other = other, one
        kept = self._kept(one, other)
        node, order = self._product(one, other, kept, last=len(self.alive) == 2)
        del self.alive[one], self.alive[other]
        new = len(self.place)
        self.place[new] = self.place[one]
        self.alive[new] = (node, order)
        for label in order:
            for before, after in self.holders[label].merge(one, other, new):
                self._price(before, after)
        if self.few:
            for each, (_, at) in list(self.alive.items()):
                if each != new and set(at) & set(order):
                    self._price(each, new)


class Chain:
    """The factors that hold one label, in order of their places; merging two costs no search."""

    def __init__(self, identities: list[int]) -> None:
        self.after: dict[int, int | None] = dict(
            zip(identities, [*identities[1:], None], strict=True)
        )
        self.before: dict[int, int | None] = dict(
            zip(identities, [None, *identities[:-1]], strict=True)
        )

    def has_others(self, one: int, other: int) -> bool:
        """Whether a factor besides these two holds the label."""
        return len(self.after) > (one in self.after) + (other in self.after)

    def merge(self, one: int, other: int, new: int) -> list[tuple[int, int]]:
        """Put a factor in the place of the first of two; the pairs of neighbours that it makes."""
        if one in self.after and other in self.after:
            self._link(self.before.pop(other), self.after.pop(other))
        old = one if one in self.after else other
        before, after = self.before.pop(old), self.after.pop(old)
        self.before[new], self.after[new] = before, after
        self._link(before, new)
        self._link(new, after)
        pairs = [(before, new), (new, after)]
        return [(a, b) for a, b in pairs if a is not None and b is not None]

    def _link(self, one: int | None, other: int | None) -> None:
        if one is not None:
            self.after[one] = other
        if other is not None:
            self.before[other] = one


def _is_matrix_product(left: Labels, right: Labels, kept: set[int]) -> bool:
    """Whether two matrices give one, which costs the same in both orders of its axes."""
    return len(left) == len(right) == len(kept) == 2 and len({*left, *right}) == 3


def natural_order(left: Labels, right: Labels, kept: set[int]) -> Labels:
    """The order of axes in which a product of two comes out without a transpose."""
    if {*left, *right} == kept and len(right) > len(left):
        first, second = right, left
    else:
        first, second = left, right
    return tuple(label for label in dict.fromkeys(first + second) if label in kept)


def _order(
    left: Expression,
    at: Labels,
    right: Expression,
    other: Labels,
    kept: set[int],
    sizes: dict[int, Size],
) -> Labels:
    """The order of axes in which a product comes out.

    New axes of a bracket take the place of those it sums; the place in a window comes last.
    """
    for bracket, bracket_at, array_at in ((left, at, other), (right, other, at)):
        if isinstance(bracket, Iverson):
            new = [label for label in bracket_at if label not in array_at]
            last = min(new, key=lambda each: assumed_size(sizes[each])) if len(new) == 2 else None
            out: list[int] = []
            for label in array_at:
                moved = [each for each in new if each != last] if label in bracket_at else []
                out.extend([label] if label in kept else moved)
            return tuple(dict.fromkeys(label for label in [*out, *new] if label in kept))
    return natural_order(at, other, kept)


def is_equality(node: Expression) -> bool:
    """Whether a node is the bracket of an equation between indices."""
    return isinstance(node, Iverson) and node.relation == "=="


def is_inverse(node: Expression) -> bool:
    """Whether a node is an inverse, whose code is only written where its entries are needed."""
    return isinstance(node, Apply) and node.function == "inv"


def assumed_size(size: Size) -> int:
    """The number that costs are counted with."""
    if isinstance(size, int):
        return size
    letters = {symbol: ASSUMED.get(symbol.name, ASSUMED_OTHERWISE) for symbol in size.free_symbols}
    return max(1, int(size.xreplace(letters)))


def _times(numbers: Iterable[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result
