"""What every numeric experiment of a page is: a name, what it checks, and a way to run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import sympy

from derivations.languages import Side, text_of
from symbolic import Expression

if TYPE_CHECKING:
    from derivations.verdicts import Evidence

Statement: TypeAlias = tuple["str | Expression | sympy.Basic", ...]


@runtime_checkable
class Experiment(Protocol):
    """A frozen value that a page lists in `evidence=(...)`; `check()` runs it.

    `run` answers with a verdict: verified, refuted (with the counterexample) or undecided (with the
    reason).
    """

    @property
    def name(self) -> str:
        """A short name of the kind, such as 'measured order'."""

    @property
    def statement(self) -> Statement:
        """What is checked: words and formulas in turn, so that each rendering typesets them."""

    def run(self, seed: int) -> Evidence:
        """Carry it out; the same seed gives the same numbers."""


def in_words(statement: Statement) -> str:
    """A statement as plain text.

    >>> in_words(("the error falls as", sympy.Symbol("h") ** 2))
    'the error falls as h**2'
    """
    return joined(statement, lambda words: words, text_of)


def joined(
    statement: Statement, words: Callable[[str], str], formula: Callable[[Side], str]
) -> str:
    """A statement with its words and its formulas each written in their own way.

    >>> joined(("where", sympy.Symbol("n"), "=", "5", ",", sympy.Symbol("m")), str, str)
    'where n = 5, m'
    """
    parts = (words(part) if isinstance(part, str) else formula(part) for part in statement)
    return " ".join(parts).replace(" ,", ",")
