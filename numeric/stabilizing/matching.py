"""Rules as pairs of formulas: finding the left side in a term and putting in the right side.

A letter of a rule stands for any term, k and n for constants. Sums and products match in both
orders, and a rule for two items finds them among the items of a longer sum or product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from numeric.stabilizing.rational import simplest
from numeric.stabilizing.reading import pattern
from numeric.stabilizing.terms import (
    Term,
    call,
    factors,
    negative,
    product,
    summands,
    total,
)

Binding = dict[str, Term]
CONSTANTS = ("k", "n")  # letters of a rule that stand for numbers
MOST_ITEMS = 7  # of a sum or product in which pairs are looked for


@dataclass(frozen=True)
class Rule:
    """An identity of real functions: `left` may be replaced by `right` where `domain` holds.

    domain   what the letters range over in a test of the identity, as in "a b positive; c unit":
             real (if not told), positive, negative, unit (0 to 1), small (-1 to 1), above -1,
             above 1
    """

    name: str
    left: str
    right: str
    domain: str = ""

    @cached_property
    def sides(self) -> tuple[Term, Term]:
        """Both formulas as terms."""
        return pattern(self.left), pattern(self.right)

    def apply(self, term: Term) -> Iterator[Term]:
        """Every way to replace the whole of a term by the right side."""
        left, right = self.sides
        for binding in match(left, term, {}):
            yield instance(right, binding)


def match(left: Term, term: Term, binding: Binding) -> Iterator[Binding]:
    """The bindings of letters under which a pattern is the term."""
    if left.op == "variable":
        name = str(left.value)
        if name in CONSTANTS and term.number is None:
            return
        bound = binding.get(name)
        if bound is None:
            yield {**binding, name: term}
        elif bound is term:
            yield binding
        return
    if not left.args:
        if left is term:
            yield binding
        return
    if left.op != term.op:
        return
    orders = [term.args]
    if left.op in ("add", "multiply") and term.args[0] is not term.args[1]:
        orders.append(term.args[::-1])
    for args in orders:
        yield from _match_all(left.args, args, binding)


def _match_all(
    left: tuple[Term, ...], args: tuple[Term, ...], binding: Binding
) -> Iterator[Binding]:
    if not left:
        yield binding
        return
    for each in match(left[0], args[0], binding):
        yield from _match_all(left[1:], args[1:], each)


def instance(right: Term, binding: Binding) -> Term:
    """A right side with its letters filled in; what it adds and subtracts is simplified."""
    if right.op == "variable":
        return binding[str(right.value)]
    if not right.args:
        return right
    built = call(right.op, *(instance(arg, binding) for arg in right.args))
    return simplest(built) if right.op in ("add", "subtract", "divide", "power") else built


def inside(term: Term) -> Iterator[tuple[Term, Surrounding]]:
    """Pairs of items of a longer sum or product: the pair as a term, and how to put it back."""
    items = summands(term) if term.op in ("add", "subtract", "negative") else []
    if 2 < len(items) <= MOST_ITEMS:
        for i, j in combinations(range(len(items)), 2):
            rest = [item for k, item in enumerate(items) if k not in (i, j)]
            pair = total((items[i], items[j]))
            yield pair, _Sum(tuple(rest))
    if term.op in ("multiply", "divide"):
        sign, top, bottom = factors(term)
        if 2 < len(top) + len(bottom) <= MOST_ITEMS:
            places = [(0, k) for k in range(len(top))] + [(1, k) for k in range(len(bottom))]
            for one, two in combinations(places, 2):
                chosen: tuple[list[Term], list[Term]] = ([], [])
                rest_of: tuple[list[Term], list[Term]] = ([], [])
                for place in places:
                    source = (top, bottom)[place[0]][place[1]]
                    (chosen if place in (one, two) else rest_of)[place[0]].append(source)
                pair = product(chosen[0]) / product(chosen[1])
                yield pair, _Product(sign, tuple(rest_of[0]), tuple(rest_of[1]))


@dataclass(frozen=True)
class _Sum:
    rest: tuple[tuple[int, Term], ...]

    def around(self, pair: Term) -> Term:
        return total([*self.rest, (1, pair)])


@dataclass(frozen=True)
class _Product:
    sign: int
    top: tuple[Term, ...]
    bottom: tuple[Term, ...]

    def around(self, pair: Term) -> Term:
        whole = pair * product(self.top) / product(self.bottom)
        return whole if self.sign > 0 else negative(whole)


Surrounding = _Sum | _Product
