"""Labels of axes that are found to be one index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

Label = TypeVar("Label", int, str)


class EqualLabels(Generic[Label]):
    """Which labels were made equal; the smallest of equal labels stands for them."""

    def __init__(self) -> None:
        self._smaller: dict[Label, Label] = {}

    def __bool__(self) -> bool:
        """Whether any labels were made equal."""
        return bool(self._smaller)

    def root(self, label: Label) -> Label:
        """The label that stands for this one."""
        while label in self._smaller:
            label = self._smaller[label]
        return label

    def equate(self, one: Label, other: Label) -> None:
        """Make two labels equal."""
        first, second = self.root(one), self.root(other)
        if first != second:
            self._smaller[max(first, second)] = min(first, second)

    def read_at(self, output: Sequence[int], at: Sequence[Label]) -> dict[int, Label]:
        """A label for each of an output that is read at labels; where it repeats one, they are equal.

        >>> equal = EqualLabels[str]()
        >>> equal.read_at((0, 1, 0), "abc")
        {0: 'a', 1: 'b'}
        >>> equal.root("c"), equal.root("b")
        ('a', 'b')
        """
        found: dict[int, Label] = {}
        for label, outside in zip(output, at, strict=True):
            self.equate(found.setdefault(label, outside), outside)
        return found
