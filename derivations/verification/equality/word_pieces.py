"""Letters and words, and the words that a flat product of arrays is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derivations.verification.equality.formal_field import OutOfReachError
from symbolic.algebra.contractions import is_symmetric
from symbolic.algebra.simplification import ALGEBRA
from symbolic.nodes import Contraction, Expression


@dataclass(frozen=True)
class Letter:
    """A matrix, a column (`node` of rank 1) or a diagonal matrix, as it stands or transposed."""

    node: Expression
    turned: bool = False
    diagonal: bool = False

    @property
    def transposed(self) -> Letter:
        """The letter the other way round."""
        same = self.diagonal or (self.node.rank == 2 and is_symmetric(self.node))
        return self if same else Letter(self.node, not self.turned, self.diagonal)

    @property
    def order(self) -> tuple[str, bool, bool]:
        return self.node.key.hex(), self.turned, self.diagonal

    @property
    def starts(self) -> bool:
        """Whether it is a column, to the left of which nothing stands in a matrix product."""
        return self.node.rank == 1 and not self.diagonal


Word = tuple[Letter, ...]


def turned_word(word: Word) -> Word:
    """The transpose of a product."""
    return tuple(letter.transposed for letter in reversed(word))


End = tuple[int, int]  # an operand and one of its axes


class Pieces:
    """A flat product taken apart: the open word of its result, and what closes."""

    def __init__(self, node: Contraction) -> None:
        if node.rank > 2 or any(operand.rank > 2 for operand in node.operands):
            raise OutOfReachError("an array of more than two axes")
        self.scalars = [operand for operand in node.operands if not operand.rank]
        self._node = node
        self._matrices = {k: o for k, o in enumerate(node.operands) if o.rank == 2}
        self._vectors: dict[int, list[Expression]] = {}
        self._ends: dict[int, list[End]] = {}
        for label in range(len(node.sizes)):
            self._vectors[label], self._ends[label] = [], []
        for k, operand in enumerate(node.operands):
            if operand.rank == 1:
                self._vectors[node.labels[k][0]].append(operand)
            for axis in range(operand.rank if operand.rank == 2 else 0):
                self._ends[node.labels[k][axis]].append((k, axis))
        self._left = set(self._matrices)
        self.cycles: list[Word] = []
        self.closed_chains: list[Word] = []
        self.free_labels: list[int] = []
        self._seen: set[int] = set()
        self.open_word = self._open_word()
        self._close()

    def _open_word(self) -> Word:
        output = self._node.output
        if not output:
            return ()
        if len(output) == 2 and output[0] == output[1]:
            label = output[0]
            if self._ends[label]:
                raise OutOfReachError("the diagonal of a matrix")
            self._seen.add(label)
            return self._diagonal(label)
        first, last = output[0], output[-1] if len(output) == 2 else None
        word, end = self._walk(first)
        if last is None:
            return self._with_end(word, end)
        if end == last:
            self._check_end(last)
            return word
        other, far = self._walk(last)
        return self._with_end(word, end) + turned_word(self._with_end(other, far))

    def _walk(self, label: int) -> tuple[Word, int]:
        """From a label of the result along matrices to where they end."""
        word: Word = ()
        came = None
        while True:
            if label in self._seen:
                raise OutOfReachError("an index that is met again")
            self._seen.add(label)
            ahead = [end for end in self._ends[label] if end != came and end[0] in self._left]
            inside = label in self._node.output and came is not None
            if len(self._ends[label]) > 2 or (label in self._node.output and len(ahead) > 1):
                raise OutOfReachError("an index of three matrices")
            if inside or not ahead:
                return word, label
            word += self._diagonal(label)
            letter, came = self._across(ahead[0])
            word += (letter,)
            if self._label(ahead[0]) == self._label(came):
                raise OutOfReachError("a trace beside a matrix")
            label = self._label(came)

    def _across(self, end: End) -> tuple[Letter, End]:
        """The matrix that begins at an end, used up, and its other end."""
        k, axis = end
        self._left.discard(k)
        return _upright(self._matrices[k], axis == 1), (k, 1 - axis)

    def _label(self, end: End) -> int:
        return self._node.labels[end[0]][end[1]]

    def _check_end(self, label: int) -> None:
        if self._vectors[label]:
            raise OutOfReachError("a scaled column of a result")

    def _with_end(self, word: Word, label: int) -> Word:
        """The word with the column in which it ends."""
        return (*word, Letter(self._column(label)))

    def _column(self, label: int) -> Expression:
        """The entrywise product of the vectors at a label; ones where there is none."""
        vectors = sorted(self._vectors[label], key=lambda v: v.key)
        if not vectors:
            return Contraction((), (), (0,), {0: self._node.sizes[label]})
        if len(vectors) == 1:
            return vectors[0]
        return ALGEBRA.canonical(Contraction(vectors, [(0,)] * len(vectors), (0,)))

    def _diagonal(self, label: int) -> Word:
        if not self._vectors[label]:
            return ()
        return (Letter(self._column(label), diagonal=True),)

    def _close(self) -> None:
        """What is left: chains between two columns, and cycles."""
        for label, ends in self._ends.items():
            if label not in self._seen and len(ends) == 1:
                word, far = self._walk(label)
                start = Letter(self._column(label)).transposed
                inner = word[1:] if self._vectors[label] else word
                self.closed_chains.append((start, *self._with_end(inner, far)))
        for label, ends in self._ends.items():
            if label in self._seen:
                continue
            if not ends:
                self._seen.add(label)
                if not self._vectors[label]:
                    self.free_labels.append(label)
                    continue
                self.closed_chains.append(
                    _closed_vectors(self._vectors[label], self._node.sizes[label])
                )
            elif len(ends) == 2:
                self.cycles.append(self._cycle(label))
            else:
                raise OutOfReachError("an index of three matrices")

    def _cycle(self, start: int) -> Word:
        word: Word = ()
        label, came = start, None
        while True:
            self._seen.add(label)
            if len(self._ends[label]) != 2:
                raise OutOfReachError("an index of three matrices")
            word += self._diagonal(label)
            ahead = [end for end in self._ends[label] if end != came and end[0] in self._left]
            if not ahead:
                raise OutOfReachError("a cycle that does not close")
            letter, came = self._across(ahead[0])
            word += (letter,)
            label = self._label(came)
            if label == start:
                return word


def _upright(node: Expression, turned: bool) -> Letter:
    letter = Letter(node)
    return letter.transposed if turned else letter


def _closed_vectors(vectors: list[Expression], size: Any) -> Word:
    """sum(a*b*...) as the product of a row and a column."""
    ordered = sorted(vectors, key=lambda v: v.key)
    if len(ordered) == 1:
        ordered.append(Contraction((), (), (0,), {0: size}))
    first, rest = ordered[0], ordered[1:]
    column = rest[0]
    if len(rest) > 1:
        column = ALGEBRA.canonical(Contraction(rest, [(0,)] * len(rest), (0,)))
    return Letter(first).transposed, Letter(column)
