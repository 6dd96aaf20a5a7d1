"""The order of two expressions at one rational point, by enclosures: certain, or not told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import compare, enclose_all
from numeric.errors import Undecided
from numeric.exact import evaluate_all_exactly
from symbolic import Expression, Variable
from symbolic.errors import ChainruleError
from symbolic.operations import subtract

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Entry = tuple[int, ...]

_BITS = (128, 512, 2048)
_DIGITS = 20  # of a value that is shown
_CLOSE = "the sides are too close to tell their order"


@dataclass(frozen=True)
class Order:
    """That the small side is at most the large one.

    small, large   the sides, of one shape
    strict         whether they must not be equal
    """

    small: Expression
    large: Expression
    strict: bool = False

    @property
    def gap(self) -> Expression:
        """The large side minus the small one."""
        return subtract(self.large, self.small)

    def judged(self, point: Point, sizes: Sizes, closely: bool = True) -> tuple[str, Entry]:
        """Whether the order "holds", is "violated" and in which entry, or why neither is certain.

        `closely` asks for more digits where the sides are close, then for exact fractions, and for
        equality where they touch.
        """
        reason, unsure = "", list[Entry]()
        for bits in _BITS if closely else _BITS[:2]:
            try:
                (balls,) = enclose_all([self.gap], point, sizes, bits)
            except (Undecided, ChainruleError) as error:
                reason = str(error)
                continue
            wrong, unsure = self._entries(balls)
            if wrong:
                return "violated", wrong[0]
            if not unsure:
                return "holds", ()
            reason = _CLOSE
        if not closely:
            return reason, ()
        exact = self._exactly(point, sizes)
        if exact is None and reason == _CLOSE and self._touching(unsure, point, sizes):
            return "holds", ()
        return exact or (reason, ())

    def _exactly(self, point: Point, sizes: Sizes) -> tuple[str, Entry] | None:
        """What fractions show, where they are all that is needed; else None."""
        try:
            (fractions,) = evaluate_all_exactly([self.gap], point, sizes)
        except (Undecided, ChainruleError, ZeroDivisionError):
            return None
        wrong, _ = self._entries(fractions)
        return ("violated", wrong[0]) if wrong else ("holds", ())

    def _entries(self, balls: Any) -> tuple[list[Entry], list[Entry]]:
        """The entries in which the order fails, and those in which it is not told."""
        wrong, unsure = [], []
        for entry in np.ndindex(balls.shape):
            ball = balls[entry]
            if ball <= 0 if self.strict else ball < 0:
                wrong.append(entry)
            elif not (ball > 0 if self.strict else ball >= 0):
                unsure.append(entry)
        return wrong, unsure

    def _touching(self, entries: list[Entry], point: Point, sizes: Sizes) -> bool:
        """Whether the sides may be equal, and are as far as can be told, in some entries."""
        return not self.strict and all(
            compare(self.small[entry], self.large[entry], point, sizes).outcome == "equal"
            for entry in entries
        )


def values_shown(
    sides: Sequence[Expression], point: Point, sizes: Sizes, entry: Entry
) -> tuple[str, ...]:
    """One entry of each side at a point where they have certain values."""
    try:
        balls = enclose_all(sides, point, sizes, _BITS[0])
    except Undecided:
        return tuple(str(each[entry]) for each in evaluate_all_exactly(sides, point, sizes))
    return tuple(each[entry].str(_DIGITS, radius=False) for each in balls)
