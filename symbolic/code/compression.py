"""Which results are compressed, and into which arrays: the structure of an expression, read off it.

A result is a sum of products. In each product the factors that share a sum are one array; labels
that the result has twice, or that no factor has, are never written out. An axis that is several in
one, as those of `kron` and `vec` are, is taken apart (`merged_axes`). A result of which one term
would be as large as the whole is left as it is, and so is one of which the arrays have a value
only together: prod(x) beside 1/x where x is 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sympy

from symbolic.code.compressed import Compressed
from symbolic.code.merged_axes import Part, split_axes
from symbolic.code.patterns import Pattern
from symbolic.code.product_order import Labels
from symbolic.code.products import Product
from symbolic.code.products_of_others import has_products_of_others
from symbolic.code.runtime_checks import size_value
from symbolic.errors import UnsupportedError
from symbolic.nodes import Contraction, Expression, Iverson, Named, Sum, Variable
from symbolic.sizes import Size
from symbolic.traverse import postorder

MOST_TERMS = 16  # of one result
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ONE = -1  # the label of an axis of one entry


Sizes = Mapping[sympy.Basic, int]
Results = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Structure:
    """A compressed result: the patterns of its terms, the places of its arrays, and further sizes.

    `merged` says how many letters of the patterns each axis of the result stands for.
    """

    patterns: tuple[Pattern, ...]
    places: tuple[int, ...]
    sizes: tuple[Size, ...]
    merged: tuple[int, ...]

    def assembled(self, sizes: Sizes) -> Results:
        """What makes the result of the arrays, for arguments of these sizes."""
        patterns, places, merged = self.patterns, self.places, self.merged
        known = tuple(size_value(size, sizes) for size in self.sizes)
        if len(places) == 1:
            (place,) = places
            return lambda arrays: Compressed(patterns, (arrays[place], *known), merged)
        return lambda arrays: Compressed(
            patterns, (*[arrays[each] for each in places], *known), merged
        )


@dataclass(frozen=True)
class Compression:
    """The arrays to compute, and for each result its structure or the place of its array."""

    arrays: tuple[Expression, ...]
    results: tuple[Structure | int, ...]
    several: bool

    def names(self, results: Sequence[str]) -> tuple[str, ...]:
        """What the arrays are called: after the results."""
        names: dict[int, str] = {}
        for name, result in zip(results, self.results, strict=True):
            places = (result,) if isinstance(result, int) else result.places
            for number, place in enumerate(places, start=1):
                names.setdefault(place, name if len(places) == 1 else f"{name}_{number}")
        return tuple(names[place] for place in range(len(self.arrays)))

    def assembled(self, sizes: Sizes) -> Results:
        """What makes the results of the arrays, for arguments of these sizes."""
        parts = [
            itemgetter(result) if isinstance(result, int) else result.assembled(sizes)
            for result in self.results
        ]
        if not self.several:
            return parts[0]
        return lambda arrays: tuple([part(arrays) for part in parts])


def compress(
    roots: Sequence[Expression], arguments: Sequence[Variable], *, several: bool
) -> Compression | None:
    """The arrays that the results are made of, each once; None if no result has a structure.

    >>> from symbolic.operations import diag
    >>> from symbolic.variables import vector
    >>> v = vector("v", "n")
    >>> compress([diag(v)], [v], several=False).arrays
    (v,)
    """
    arrays: dict[Expression, int] = {}
    results: list[Structure | int] = []
    for root in roots:
        found = _terms(root)
        if found is None:
            results.append(arrays.setdefault(root, len(arrays)))
            continue
        terms, merged = found
        held: dict[Expression, int] = {}
        for term in terms:
            for factor, _ in term.factors:
                held.setdefault(factor, len(held))
        sizes: dict[Size, int] = {}
        patterns = tuple(term.pattern(held, sizes) for term in terms)
        _check_known(sizes, arguments)
        places = tuple(arrays.setdefault(each, len(arrays)) for each in held)
        results.append(Structure(patterns, places, tuple(sizes), merged))
    if all(isinstance(result, int) for result in results):
        return None
    return Compression(tuple(arrays), tuple(results), several)


def _check_known(sizes: Iterable[Size], arguments: Sequence[Variable]) -> None:
    """Refuse a size that no argument tells."""
    known = {size for variable in arguments for size in variable.shape}
    for size in sizes:
        for letter in sympy.sympify(size).free_symbols - known:
            raise UnsupportedError(
                f"a compressed array that needs the size {letter}",
                "no argument has an axis of that size",
                "pass a variable that has it in arguments=",
            )


@dataclass(frozen=True)
class Term:
    """A product of factors that share no sum; the labels of the result may be written twice."""

    factors: tuple[tuple[Expression, Labels], ...]
    output: Labels
    sizes: dict[int, Size]

    @property
    def is_whole(self) -> bool:
        """Whether one factor is as large as the result."""
        return len(set(self.output)) == len(self.output) and any(
            set(at) == set(self.output) for _, at in self.factors
        )

    def pattern(self, held: Mapping[Expression, int], sizes: dict[Size, int]) -> Pattern:
        """The pattern; sizes that no factor tells come behind the factors."""
        labels = [*self.output, *(label for _, at in self.factors for label in at)]
        letter = {label: LETTERS[k] for k, label in enumerate(dict.fromkeys(labels))}
        present = {label for _, at in self.factors for label in at}
        missing = [label for label in dict.fromkeys(self.output) if label not in present]
        return Pattern(
            tuple("".join(letter[label] for label in at) for _, at in self.factors),
            "".join(letter[label] for label in self.output),
            tuple(held[factor] for factor, _ in self.factors),
            tuple(
                (letter[label], len(held) + sizes.setdefault(self.sizes[label], len(sizes)))
                for label in missing
            ),
        )


def _terms(root: Expression) -> tuple[list[Term], tuple[int, ...]] | None:
    """The terms of a result that is worth to be compressed, and how many labels each axis became."""
    if not 2 <= root.rank < len(LETTERS):
        return None
    parts = _parts(root)
    split = None if parts is None else split_axes(parts)
    if split is None:
        return None
    terms = []
    for part in split:
        term = _term(part)
        if len(part.output) >= len(LETTERS) or term.is_whole:
            return None
        terms.append(term)
    counts = tuple(len(axis) for axis in split[0].axes)
    terms = _merged(terms)
    arrays = {factor for term in terms for factor, _ in term.factors}
    if len(arrays) > 1 and has_products_of_others(root):
        return None
    return terms, () if set(counts) == {1} else counts


def _parts(root: Expression) -> list[Part] | None:
    """The products of which a result is the sum, if it is one of a few products."""
    parts: list[Part] = []
    waiting: list[tuple[Expression, sympy.Expr, tuple[Expression, ...]]] = [(root, sympy.S.One, ())]
    while waiting:
        node, coefficient, scalars = waiting.pop()
        while isinstance(node, Named):
            node = node.meaning
        if len(parts) + len(waiting) >= MOST_TERMS:
            return None
        if isinstance(node, Sum):
            waiting.extend((term, coefficient, scalars) for term in reversed(node.terms))
            continue
        if not isinstance(node, Contraction):
            return None
        product = _multiplied_out(node)
        whole = product.coefficient * coefficient
        scalars += tuple(factor for factor, at in product.factors if not at)
        tensors = [(factor, at) for factor, at in product.factors if at]
        if len(tensors) == 1 and tensors[0][1] == product.output:
            waiting.append((tensors[0][0], whole, scalars))
            continue
        if len(rest := [each for each in tensors if not isinstance(each[0], Iverson)]) == 1:
            ((only, at),) = rest
            if isinstance(only, Sum) and len(tensors) > 1:  # each of its terms has the brackets
                brackets = [each for each in tensors if isinstance(each[0], Iverson)]
                waiting.extend(
                    (_with_brackets((term, at), brackets, product), whole, scalars)
                    for term in reversed(only.terms)
                )
                continue
        axes = tuple((label,) for label in product.output)
        parts.append(Part(whole, axes, product.sizes, tuple(tensors), scalars))
    return parts


def _with_brackets(
    factor: tuple[Expression, Labels], brackets: list[tuple[Expression, Labels]], product: Product
) -> Contraction:
    operands, labels = zip(factor, *brackets, strict=True)
    return Contraction(operands, labels, product.output, product.sizes)


def _multiplied_out(node: Contraction) -> Product:
    once = Counter(dict.fromkeys(postorder(node), 1))
    return Product.of(node, once, set())


def _term(product: Part) -> Term:
    """The factors of a product, those that share a sum or all of their axes as one."""
    kept = set(product.output)
    groups: list[list[tuple[Expression, Labels]]] = []
    for factor in product.factors:
        summed = set(factor[1]) - kept
        tied = [group for group in groups if any(summed & set(at) for _, at in group)]
        groups = [group for group in groups if group not in tied]
        groups.append([each for group in tied for each in group] + [factor])
    groups = _absorbed(groups, kept)
    if not groups:  # an array of one entry, which has the type of the others
        groups = [[(Contraction((), (), (0,), {0: 1}), (ONE,))]]
    factors = []
    for place, group in enumerate(groups):
        here = product.coefficient if place == 0 else sympy.S.One
        pairs = [*((each, ()) for each in product.scalars if place == 0), *group]
        present = {label for _, at in group for label in at}
        output = tuple(each for each in dict.fromkeys((*product.output, ONE)) if each in present)
        operands, labels = zip(*pairs, strict=True)
        if here == 1 and labels == (output,):
            factors.append((operands[0], output))
        else:
            factors.append((Contraction(operands, labels, output, product.sizes, here), output))
    return Term(tuple(factors), product.output, product.sizes)


def _absorbed(
    groups: list[list[tuple[Expression, Labels]]], kept: set[int]
) -> list[list[tuple[Expression, Labels]]]:
    """Groups of which none has only axes that another has as well."""
    left: list[tuple[set[int], list[tuple[Expression, Labels]]]] = []
    for group in sorted(groups, key=lambda each: -len(_axes(each, kept))):
        axes = _axes(group, kept)
        larger = next((members for have, members in left if axes <= have), None)
        if larger is None:
            left.append((axes, group))
        else:
            larger.extend(group)
    return [group for _, group in left]


def _axes(group: list[tuple[Expression, Labels]], kept: set[int]) -> set[int]:
    return {label for _, at in group for label in at} & kept


# --- terms of one pattern ------------------------------------------------------------------------


def _merged(terms: list[Term]) -> list[Term]:
    """Terms with those added that are diagonals of them: X.T @ X + lam*eye(d) is one matrix."""
    merged: list[Term] = []
    for term in terms:
        for place, other in enumerate(merged):
            joined = _added(other, term) or _added(term, other)
            if joined is not None:
                merged[place] = joined
                break
        else:
            merged.append(term)
    return merged


def _added(large: Term, small: Term) -> Term | None:
    """The sum of two terms of one factor each, where the second fits into the first."""
    if len(large.factors) != 1 or len(small.factors) != 1:
        return None
    (factor, at), (part, part_at) = large.factors[0], small.factors[0]
    fits = {ONE: ONE}
    for label, other in zip(large.output, small.output, strict=True):
        if fits.setdefault(label, other) != other:
            return None
    for label in set(large.output) - set(at):  # outside the factor both are the same
        other = fits[label]
        if other in part_at or _positions(label, large) != _positions(other, small):
            return None
    output = tuple(fits[label] for label in at)
    embedded = Contraction([part], [part_at], output, small.sizes)
    return Term(((Sum([factor, embedded]), at),), large.output, large.sizes)


def _positions(label: int, term: Term) -> list[int]:
    return [place for place, each in enumerate(term.output) if each == label]
