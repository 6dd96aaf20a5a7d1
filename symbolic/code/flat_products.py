"""Products with the products inside them multiplied out and the factors in one order.

`c*(A @ B)`, `(c*A) @ B` and `A @ (B*c)` are three nodes and one product.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symbolic.code.orientation import has_bracket
from symbolic.code.products import is_move
from symbolic.nodes import Contraction, Expression
from symbolic.sizes import Size

MOST_FACTORS = 12  # of a product; those inside a longer one stay whole
_Labels = tuple[int, ...]


@dataclass(frozen=True)
class _Flat:
    """Factors with labels; the first labels are the axes of the product, in order."""

    coefficient: sympy.Expr
    factors: tuple[tuple[Expression, _Labels], ...]
    rank: int
    sizes: dict[int, Size]

    @property
    def repeated(self) -> set[int]:
        """The axes along which no factor changes."""
        return set(range(self.rank)) - {label for _, at in self.factors for label in at}


class FlatProducts:
    """The products met so far, each read once."""

    def __init__(self) -> None:
        self._known: dict[Expression, _Flat] = {}

    def of(self, term: Expression) -> tuple[Expression, sympy.Expr]:
        """The product without its coefficient, the same for all ways to write it, and the coefficient.

        >>> from symbolic.variables import matrix, scalar
        >>> A, B, c = matrix("A", "n", "m"), matrix("B", "m", "k"), scalar("c")
        >>> flat = FlatProducts()
        >>> flat.of(-(A @ (B * c)))[0] is flat.of((2 * c * A) @ B)[0]
        True
        """
        if not isinstance(term, Contraction):
            return term, sympy.S.One
        waiting: list[Contraction] = [term]
        while waiting:
            node = waiting[-1]
            inside = [
                each
                for each in node.operands
                if isinstance(each, Contraction) and each not in self._known
            ]
            if inside and not _is_whole(node):
                waiting.extend(inside)
                continue
            self._known[waiting.pop()] = self._read(node)
        flat = self._known[term]
        operands, labels = [each for each, _ in flat.factors], [at for _, at in flat.factors]
        if labels == [tuple(range(flat.rank))]:
            return operands[0], flat.coefficient
        return Contraction(operands, labels, tuple(range(flat.rank)), flat.sizes), flat.coefficient

    def _read(self, node: Contraction) -> _Flat:
        axes = tuple(range(node.rank))
        if _is_whole(node):
            return _Flat(sympy.S.One, ((node, axes),), node.rank, dict(enumerate(node.shape)))
        coefficient, sizes = node.coefficient, dict(enumerate(node.sizes))
        factors: list[tuple[Expression, _Labels]] = []
        for operand, at in zip(node.operands, node.labels, strict=True):
            inner = self._known.get(operand)
            fits = inner is not None and len(factors) + len(inner.factors) <= MOST_FACTORS
            if inner is None or not fits or any(at[k] not in node.output for k in inner.repeated):
                factors.append((operand, at))
                continue
            names = dict(enumerate(at))
            for label, size in inner.sizes.items():
                if label >= inner.rank:
                    names[label] = len(sizes)
                    sizes[len(sizes)] = size
            factors.extend(
                (each, tuple(names[k] for k in inside)) for each, inside in inner.factors
            )
            coefficient *= inner.coefficient
        return _in_order(coefficient, factors, node.output, sizes)


def _is_whole(node: Contraction) -> bool:
    """Whether a node is no product to take apart: a move of entries, or a diagonal."""
    return has_bracket(node) or is_move(node) or len(set(node.output)) < len(node.output)


def _in_order(
    coefficient: sympy.Expr,
    factors: list[tuple[Expression, _Labels]],
    output: _Labels,
    sizes: dict[int, Size],
) -> _Flat:
    names = {label: place for place, label in enumerate(output)}
    last = len(names)
    factors = sorted(
        factors, key=lambda each: (each[0].key, [names.get(label, last) for label in each[1]])
    )
    for _, at in factors:
        for label in at:
            names.setdefault(label, len(names))
    renamed = tuple((each, tuple(names[label] for label in at)) for each, at in factors)
    held = {names[label]: size for label, size in sizes.items() if label in names}
    return _Flat(coefficient, renamed, last, held)
