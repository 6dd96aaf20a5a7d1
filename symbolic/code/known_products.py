"""Products of two that are computed anyway, found again whatever the order of factors and axes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from symbolic.nodes import Contraction, Expression

Labels = tuple[int, ...]
_Key = tuple[tuple[Expression, ...], tuple[Labels, ...], frozenset[int]]


class KnownProducts:
    """The products of two different operands among some nodes."""

    def __init__(self, nodes: Iterable[Expression] = ()) -> None:
        self._found: dict[_Key, tuple[Contraction, Labels]] = {}
        self._hidden: Container[Expression] = ()
        for node in nodes:
            if not isinstance(node, Contraction) or len(node.operands) != 2:
                continue
            if node.coefficient != 1 or len(set(node.output)) < len(node.output):
                continue
            if not set(node.output) <= {label for at in node.labels for label in at}:
                continue
            key, number = _key(node.operands, node.labels, node.output)
            if key is not None:
                self._found.setdefault(key, (node, tuple(number[each] for each in node.output)))

    def __bool__(self) -> bool:
        return bool(self._found)

    def without(self, hidden: Container[Expression]) -> KnownProducts:
        """The same products but for some: those that are made for the asking product alone."""
        others = KnownProducts()
        others._found, others._hidden = self._found, hidden
        return others

    def find(
        self, operands: Sequence[Expression], labels: Sequence[Labels], kept: Iterable[int]
    ) -> tuple[Expression, Labels] | None:
        """The product with some labels kept, and the order of its labels.

        >>> from symbolic.variables import dims, matrix
        >>> n, d = dims("n d")
        >>> A, B = matrix("A", n, d), matrix("B", d, n)
        >>> KnownProducts([A @ B]).find([B, A], [(7, 8), (9, 7)], {8, 9})
        (A @ B, (9, 8))
        """
        key, number = _key(operands, labels, kept)
        found = self._found.get(key) if key is not None else None
        if found is None or found[0] in self._hidden:
            return None
        back = {place: label for label, place in number.items()}
        node, order = found
        return node, tuple(back[place] for place in order)


def _key(
    operands: Sequence[Expression], labels: Sequence[Labels], kept: Iterable[int]
) -> tuple[_Key | None, dict[int, int]]:
    """The operands in one order, their labels numbered; None for two that are the same."""
    number: dict[int, int] = {}
    if operands[0] is operands[1]:
        return None, number
    pairs = sorted(zip(operands, labels, strict=True), key=lambda pair: pair[0].key)
    for _, at in pairs:
        for label in at:
            number.setdefault(label, len(number))
    numbered = tuple(tuple(number[label] for label in at) for _, at in pairs)
    held = frozenset(number[label] for label in kept if label in number)
    return (tuple(each for each, _ in pairs), numbered, held), number
