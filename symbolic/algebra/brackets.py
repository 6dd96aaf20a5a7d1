"""Index relations in products: Iverson brackets substituted into each other, split, and dropped.

A summed index that a bracket determines is eliminated when its value provably lies in its range; a
relation between mixed-radix numbers splits into one for each digit; [i == j] makes two indices one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import sympy

from symbolic.algebra.contractions import Product
from symbolic.nodes import Iverson
from symbolic.sizes import Size, surely_nonnegative

MOST_ORDERS = 120  # of the axes of a bracket that are tried for a canonical one
Terms = dict[int, sympy.Expr]  # the coefficient of each label


class Relation:
    """One bracket in a product: sum of coefficients times labels, plus the offset, `== 0` or `>= 0`."""

    def __init__(self, terms: Terms, offset: sympy.Expr, relation: str) -> None:
        self.terms = {label: c for label, c in terms.items() if c != 0}
        self.offset = offset
        self.relation = relation

    @classmethod
    def of(cls, bracket: Iverson, at: tuple[int, ...]) -> Relation:
        """A bracket read at labels, repeated ones added."""
        terms: Terms = {}
        for label, coefficient in zip(at, bracket.coefficients, strict=True):
            terms[label] = sympy.expand(terms.get(label, sympy.S.Zero) + coefficient)
        return cls(terms, bracket.offset, bracket.relation)

    def solved_for(self, label: int) -> tuple[Terms, sympy.Expr] | None:
        """The label as an affine form of the others, where its coefficient is 1 or -1."""
        c = self.terms[label]
        if self.relation != "==" or c not in (1, -1):
            return None
        rest = {other: sympy.expand(-k / c) for other, k in self.terms.items() if other != label}
        return rest, sympy.expand(-self.offset / c)

    def with_value(self, label: int, terms: Terms, offset: sympy.Expr) -> Relation:
        """The relation with a label replaced by an affine form."""
        c = self.terms.get(label, sympy.S.Zero)
        found = {other: k for other, k in self.terms.items() if other != label}
        for other, k in terms.items():
            found[other] = sympy.expand(found.get(other, sympy.S.Zero) + c * k)
        return Relation(found, sympy.expand(self.offset + c * offset), self.relation)

    def bracket(self, sizes: dict[int, Size]) -> tuple[Iverson, tuple[int, ...]]:
        """The relation as a factor of a product, the same for every naming of its labels."""
        groups: dict[str, list[int]] = {}
        for label in sorted(self.terms):
            groups.setdefault(str(sizes[label]), []).append(label)
        orders = itertools.product(
            *(itertools.permutations(groups[size]) for size in sorted(groups))
        )
        found = []
        for order in itertools.islice(orders, MOST_ORDERS):
            at = tuple(label for group in order for label in group)
            shape = [sizes[label] for label in at]
            node = Iverson(shape, [self.terms[x] for x in at], self.offset, self.relation)
            found.append((node.key, at, node))
        _, at, node = min(found, key=lambda each: each[:2])
        return node, at


def use_unit_axes(product: Product, output: Iterable[int]) -> None:
    """An axis of size 1 that is summed away and made new again stays what it was."""
    target = {product.root(label) for label in output}
    inside = {label for _, at in product.resolved() for label in at}
    new = sorted(label for label in target - inside if product.sizes[label] == 1)
    gone = sorted(label for label in inside - target if product.sizes[label] == 1)
    for made, lost in zip(new, gone, strict=False):
        product.equate(made, lost)


def use_brackets(product: Product, output: Iterable[int]) -> None:
    """Simplify the brackets of a product in place."""
    if not any(isinstance(node, Iverson) for node, _ in product.factors):
        return
    output = tuple(output)
    while _one_step(product, output):
        pass


def _one_step(product: Product, output: tuple[int, ...]) -> bool:
    factors = product.resolved()
    target = {product.root(label) for label in output}
    others = [(node, at) for node, at in factors if not isinstance(node, Iverson)]
    relations = [Relation.of(node, at) for node, at in factors if isinstance(node, Iverson)]
    sizes, bounds = product.sizes, Bounds(product.sizes)
    new = _reduced(relations, sizes, bounds)
    if new is None:
        product.coefficient = sympy.S.Zero
        product.factors = others
        return False
    for relation in new:
        pair = _equal_labels(relation, sizes)
        if pair is not None:
            product.equate(*pair)
            rest = [each.bracket(sizes) for each in new if each is not relation]
            product.factors = [*others, *rest]
            return True
    held = target | {label for _, at in others for label in at}
    eliminated = _eliminated(new, held, bounds)
    if eliminated is not None:
        new, gone = eliminated
        product.touched = {x for x in product.touched if product.root(x) != gone}
    product.factors = [*others, *(relation.bracket(sizes) for relation in new)]
    return eliminated is not None


def _reduced(
    relations: list[Relation], sizes: dict[int, Size], bounds: Bounds
) -> list[Relation] | None:
    """Relations split into digits, without those that always hold; None where one never holds."""
    found: list[Relation] = []
    todo = list(relations)
    while todo:
        relation = todo.pop()
        relation = Relation(
            {label: c for label, c in relation.terms.items() if sizes[label] != 1},
            relation.offset,
            relation.relation,
        )
        low, high = bounds.of(relation.terms, relation.offset)
        if relation.relation == ">=" and bounds.nonnegative(low):
            continue
        if relation.relation == "==" and low == high == 0:
            continue
        if bounds.nonnegative(-high - 1) or (
            relation.relation == "==" and bounds.nonnegative(low - 1)
        ):
            return None
        parts = _digits(relation, bounds) if relation.relation == "==" else None
        if parts is not None:
            todo.extend(parts)
        elif any(_exclude(relation, other, bounds) for other in found):
            return None
        elif all(_key(relation, sizes) != _key(other, sizes) for other in found):
            found.append(relation)
    return found[::-1]


def _exclude(a: Relation, b: Relation, bounds: Bounds) -> bool:
    """Whether [u + c >= 0] and [d - u >= 0] never hold together, because c + d < 0."""
    if a.relation != ">=" or b.relation != ">=" or a.terms.keys() != b.terms.keys():
        return False
    opposite = all(sympy.expand(c + b.terms[label]) == 0 for label, c in a.terms.items())
    return opposite and bounds.nonnegative(sympy.expand(-a.offset - b.offset - 1))


def _key(relation: Relation, sizes: dict[int, Size]) -> object:
    bracket, at = relation.bracket(sizes)
    return bracket, at


def _digits(relation: Relation, bounds: Bounds) -> tuple[Relation, Relation] | None:
    """[M*a + b == 0] with |b| < M, as [a == 0] and [b == 0]."""
    values = {abs(c) if c.is_number else c for c in relation.terms.values()}
    for radix in sorted((v for v in values if v != 1), key=sympy.default_sort_key):
        if radix.could_extract_minus_sign():
            radix = -radix
        high: Terms = {}
        low: Terms = {}
        for label, c in relation.terms.items():
            quotient = sympy.cancel(c / radix)
            if quotient.as_numer_denom()[1] == 1:
                high[label] = sympy.expand(quotient)
            else:
                low[label] = c
        if not high or not low:
            continue
        for carried in (sympy.S.Zero, *_carries(relation.offset, radix)):
            rest = sympy.expand(relation.offset - carried * radix)
            least, most = bounds.of(low, rest)
            if bounds.nonnegative(radix - 1 - most) and bounds.nonnegative(least + radix - 1):
                return Relation(high, carried, "=="), Relation(low, rest, "==")
    return None


def _carries(offset: sympy.Expr, radix: sympy.Expr) -> list[sympy.Expr]:
    quotient = sympy.cancel(offset / radix)
    whole = quotient.as_numer_denom()[1] == 1
    return [sympy.expand(quotient)] if whole and quotient != 0 else []


def _equal_labels(relation: Relation, sizes: dict[int, Size]) -> tuple[int, int] | None:
    """The labels of [i == j] over axes of one size."""
    if relation.relation != "==" or relation.offset != 0 or len(relation.terms) != 2:
        return None
    (a, c), (b, k) = relation.terms.items()
    return (a, b) if sizes[a] == sizes[b] and sympy.expand(c + k) == 0 else None


def _eliminated(
    relations: list[Relation], held: set[int], bounds: Bounds
) -> tuple[list[Relation], int] | None:
    """The relations without a summed label that one of them determines, and the label."""
    for place, relation in enumerate(relations):
        for label in sorted(relation.terms):
            if label in held:
                continue
            solved = relation.solved_for(label)
            if solved is None:
                continue
            low, high = bounds.of(*solved)
            last = sympy.sympify(bounds.sizes[label]) - 1
            if bounds.nonnegative(low) and bounds.nonnegative(last - high):
                rest = [each for i, each in enumerate(relations) if i != place]
                new = [each.with_value(label, *solved) for each in rest]
                if all(_fits(each, bounds) for each in new):
                    return new, label
    return None


def _fits(relation: Relation, bounds: Bounds) -> bool:
    """Whether a relation of one or two indices takes each value of one of them into its range.

    What a slice or padding says does; a bracket that cuts off at both ends would read like a slice that
    leaves its axis.
    """
    if relation.relation != "==" or len(relation.terms) > 2:
        return True
    if not relation.terms:
        return bool(relation.offset.is_Integer)
    for label in relation.terms:
        solved = relation.solved_for(label)
        if solved is not None:
            low, high = bounds.of(*solved)
            last = sympy.sympify(bounds.sizes[label]) - 1
            if bounds.nonnegative(low) and bounds.nonnegative(last - high):
                return True
            if bounds.nonnegative(-high - 1) or bounds.nonnegative(low - last - 1):
                return True  # never holds
    return False


class Bounds:
    """What can be proved of affine forms of indices, each between 0 and its size less 1."""

    def __init__(self, sizes: dict[int, Size]) -> None:
        self.sizes = sizes
        self._least = {sympy.expand(s - 1) for s in sizes.values() if isinstance(s, sympy.Expr)}

    def of(self, terms: Terms, offset: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
        """The smallest and the largest value of an affine form."""
        low = high = offset
        for label, c in terms.items():
            most = c * (sympy.sympify(self.sizes[label]) - 1)
            if c.is_nonnegative:
                high = high + most
            elif c.is_nonpositive:
                low = low + most
            else:
                return -sympy.oo, sympy.oo
        return sympy.expand(low), sympy.expand(high)

    def nonnegative(self, value: sympy.Expr) -> bool:
        """Whether a form in sizes is provably zero or greater; sizes are at least 1."""
        if value.has(sympy.oo):
            return value == sympy.oo
        return surely_nonnegative(value, self._least)
