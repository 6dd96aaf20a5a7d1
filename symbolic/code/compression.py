"""Which results are compressed, and into which arrays: the structure of an expression, read off it.

A result is a sum of products. In each product the factors that share a sum are one array; labels
that the result has twice, or that no factor has, are never written out. A result of which one term
would be as large as the whole is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from symbolic.code.compressed import Compressed, Pattern
from symbolic.code.product_order import Labels
from symbolic.code.products import Product
from symbolic.nodes import Contraction, Expression, Iverson, Named, Sum
from symbolic.sizes import Size
from symbolic.traverse import postorder

MOST_TERMS = 16  # of one result
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Compression:
    """The arrays to compute, and how the results are put together from them.

    `results` has for each result the place of its array, or the patterns of its terms and the
    places of their values.
    """

    arrays: tuple[Expression, ...]
    results: tuple[int | tuple[tuple[Pattern, ...], tuple[int, ...]], ...]

    def assembled(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The results from the arrays."""
        return tuple(
            arrays[result]
            if isinstance(result, int)
            else Compressed(result[0], tuple(arrays[place] for place in result[1]))
            for result in self.results
        )


def compress(roots: Sequence[Expression]) -> Compression:
    """The arrays that the results are made of, each once.

    >>> from symbolic.operations import diag
    >>> from symbolic.variables import vector
    >>> compress([diag(vector("v", "n"))]).arrays
    (v,)
    """
    arrays: dict[Expression, int] = {}
    results: list[int | tuple[tuple[Pattern, ...], tuple[int, ...]]] = []
    for root in roots:
        terms = _terms(root)
        if terms is None:
            results.append(arrays.setdefault(root, len(arrays)))
            continue
        held: dict[Expression, int] = {}
        patterns = tuple(term.pattern(held) for term in terms)
        results.append((patterns, tuple(arrays.setdefault(each, len(arrays)) for each in held)))
    return Compression(tuple(arrays), tuple(results))


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

    def pattern(self, held: dict[Expression, int]) -> Pattern:
        """The pattern, with the places of factors and sizes among the values that are held."""
        letter = {label: LETTERS[k] for k, label in enumerate(dict.fromkeys(self.output))}
        present = {label for _, at in self.factors for label in at}
        missing = [
            (letter[label], Contraction((), (), (), coefficient=self.sizes[label]))
            for label in letter
            if label not in present
        ]
        return Pattern(
            tuple("".join(letter[label] for label in at) for _, at in self.factors),
            "".join(letter[label] for label in self.output),
            tuple(held.setdefault(factor, len(held)) for factor, _ in self.factors),
            tuple((each, held.setdefault(size, len(held))) for each, size in missing),
        )


def _terms(root: Expression) -> list[Term] | None:
    """The terms of a result that is worth to be compressed."""
    if not 2 <= root.rank <= len(LETTERS):
        return None
    terms: list[Term] = []
    waiting: list[tuple[Expression, sympy.Expr, tuple[Expression, ...]]] = [(root, sympy.S.One, ())]
    while waiting:
        node, coefficient, scalars = waiting.pop()
        while isinstance(node, Named):
            node = node.meaning
        if len(terms) + len(waiting) >= MOST_TERMS:
            return None
        if isinstance(node, Sum):
            waiting.extend((term, coefficient, scalars) for term in reversed(node.terms))
            continue
        if not isinstance(node, Contraction):
            return None
        product = _multiplied_out(node)
        product.coefficient = product.coefficient * coefficient
        scalars += tuple(factor for factor, at in product.factors if not at)
        tensors = [(factor, at) for factor, at in product.factors if at]
        if len(tensors) == 1 and tensors[0][1] == product.output:
            waiting.append((tensors[0][0], product.coefficient, scalars))
            continue
        if any(isinstance(factor, Iverson) for factor, _ in tensors):
            return None
        term = _term(product, tensors, scalars)
        if term.is_whole:
            return None
        terms.append(term)
    return _merged(terms)


def _multiplied_out(node: Contraction) -> Product:
    once = Counter(dict.fromkeys(postorder(node), 1))
    return Product.of(node, once, set())


def _term(
    product: Product, tensors: list[tuple[Expression, Labels]], scalars: Sequence[Expression]
) -> Term:
    """The factors of a product, those that share a sum or all of their axes as one."""
    kept = set(product.output)
    groups: list[list[tuple[Expression, Labels]]] = []
    for factor in tensors:
        summed = set(factor[1]) - kept
        tied = [group for group in groups if any(summed & set(at) for _, at in group)]
        groups = [group for group in groups if group not in tied]
        groups.append([each for group in tied for each in group] + [factor])
    groups = _absorbed(groups, kept)
    if not groups:  # the type of the entries is that of ones
        label = product.output[0]
        one = Contraction((), (), (label,), {label: product.sizes[label]})
        groups = [[(one, (label,))]]
    factors = []
    for place, group in enumerate(groups):
        here = product.coefficient if place == 0 else sympy.S.One
        pairs = [*((each, ()) for each in scalars if place == 0), *group]
        present = {label for _, at in group for label in at}
        output = tuple(label for label in dict.fromkeys(product.output) if label in present)
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
    fits: dict[int, int] = {}
    for label, other in zip(large.output, small.output, strict=True):
        if fits.setdefault(label, other) != other:
            return None
    for label, other in fits.items():
        outside = label not in at
        same = [k for k, each in enumerate(large.output) if each == label]
        if outside and (
            other in part_at or same != [k for k, each in enumerate(small.output) if each == other]
        ):
            return None
    if any(label not in fits.values() for label in part_at):
        return None
    output = tuple(fits[label] for label in at)
    embedded = Contraction([part], [part_at], output, small.sizes)
    return Term(((Sum([factor, embedded]), at),), large.output, large.sizes)
