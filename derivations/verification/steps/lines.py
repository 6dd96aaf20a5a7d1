"""The lines of a derivation as statements: sides, the relations between them, and marks.

Text and LaTeX are read into the same sides, so everything behind this file knows one kind of line.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from symbolic import Expression, Named, Variable
from symbolic.reading.latex.formulas import Side

ORDERS = ("<=", "<", ">=", ">")
EQUALITIES = ("=", ":=")


@dataclass(frozen=True)
class Link:
    """One relation and the side behind it, or the side that opens a chain.

    number    the line it stands on
    text      as written, from the relation on; with the left side where that is on the same line
    relation  "" for a side that opens a chain
    side      None when it could not be read; `error` says why, and is empty where nothing is claimed
    misfit    whether it was read but its shapes do not fit, so that it cannot be right
    marked    whether the line says that it is an equation to solve
    """

    number: int
    text: str
    relation: str
    side: Side | None
    error: str = ""
    misfit: bool = False
    marked: bool = False
    notes: tuple[str, ...] = ()


class Reader(ABC):
    """Reads lines one after the other; definitions are told to it as they are found."""

    def __init__(self) -> None:
        self.scope: dict[str, Variable | Named] = {}

    @abstractmethod
    def links(self) -> Iterator[Link]:
        """The links of all lines in their order."""

    @abstractmethod
    def define(self, name: str, meaning: Expression) -> Named:
        """The named intermediate that later lines mean by a name."""

    @abstractmethod
    def shown(self, expression: Expression) -> str:
        """An expression in the language of the input."""

    def known(self, name: str) -> Variable | Named | None:
        """What a name means so far."""
        return self.scope.get(name)

    def nodes(self) -> tuple[Variable | Named, ...]:
        """All variables and intermediates that are known so far."""
        return tuple(self.scope.values())
