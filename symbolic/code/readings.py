"""Numbers for arrays that are told by what their entries are, not by how they are arranged or written.

`(mu[:, None] - x)**2` and `((x[:, None] - mu)**2).T` have the same entries: sums, kernels, products entry
by entry and arrangements are read with a label for each axis down to arrays, and a number in front is
taken out.
"""

from __future__ import annotations

from collections.abc import Hashable

import sympy

from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum

DEEPEST = 40  # levels that are read; what lies below is told by its node

Labels = tuple[int, ...]
Reading = tuple[sympy.Expr, int]  # a coefficient, and the number of the rest


class Readings:
    """The numbers that have been given.

    >>> from symbolic.variables import dims, matrix
    >>> n, k = dims("n k")
    >>> A, B = matrix("A", n, k), matrix("B", n, k)
    >>> readings = Readings()
    >>> one, other = (A - B) ** 2, (B.T - A.T) ** 2
    >>> readings.of(one, (0, 1)) == readings.of(other, (1, 0)) != readings.of(other, (0, 1))
    True
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[tuple[Expression, Labels], Reading] = {}

    def of(self, node: Expression, labels: Labels, depth: int = 0) -> Reading:
        """The coefficient and number of an array whose axes have these labels."""
        found = self._known.get((node, labels))
        if found is None:
            found = (
                self._read(node, labels, depth) if depth < DEEPEST else self._as_leaf(node, labels)
            )
            self._known[node, labels] = found
        return found

    def _read(self, node: Expression, labels: Labels, depth: int) -> Reading:
        match node:
            case Named():
                return self.of(node.meaning, labels, depth + 1)
            case Sum():
                return self._sum([self.of(term, labels, depth + 1) for term in node.terms])
            case Elementwise():
                operands = [self.of(each, labels, depth + 1) for each in node.operands]
                return self._kernel(node.kernel, operands)
            case Contraction() if not node.summed and len(set(node.output)) == len(node.output):
                place = dict(zip(node.output, labels, strict=True))
                parts = [
                    self.of(each, tuple(place[label] for label in at), depth + 1)
                    for each, at in zip(node.operands, node.labels, strict=True)
                ]
                return self._product(node.coefficient, parts)
            case _:
                return self._as_leaf(node, labels)

    def _as_leaf(self, node: Expression, labels: Labels) -> Reading:
        return sympy.S.One, self._number((node, labels))

    def _sum(self, parts: list[Reading]) -> Reading:
        total: dict[int, sympy.Expr] = {}
        for coefficient, number in parts:
            total[number] = total.get(number, sympy.S.Zero) + coefficient
        terms = sorted((number, c) for number, c in total.items() if c != 0)
        if not terms:
            return sympy.S.Zero, self._number("zero")
        first = terms[0][1]
        return first, self._number(("sum", tuple((number, c / first) for number, c in terms)))

    def _product(self, coefficient: sympy.Expr, parts: list[Reading]) -> Reading:
        one = self._number("one")
        factors = sorted(number for _, number in parts if number != one)
        whole = sympy.Mul(coefficient, *(each for each, _ in parts))
        if len(factors) == 1:
            return whole, factors[0]
        return whole, self._number(("product", *factors)) if factors else one

    def _kernel(self, kernel: sympy.Lambda, operands: list[Reading]) -> Reading:
        (coefficient, number), *others = operands
        x, *_ = kernel.variables
        if (
            not others
            and kernel.expr.is_Pow
            and kernel.expr.base == x
            and kernel.expr.exp.is_Integer
        ):
            front = coefficient**kernel.expr.exp
            return front, self._number((kernel, number))
        return sympy.S.One, self._number((kernel, tuple(operands)))

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))
