"""Induction over a whole number: the base is computed, the step is an earlier claim of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy

from derivations.languages import Side, is_scalar
from derivations.lemma import Earlier
from derivations.statements import Equation
from symbolic.errors import UnsupportedError
from symbolic.phrases import phrase
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal
from symbolic.scalars.recursion import Recursion
from symbolic.scalars.substituting import put
from symbolic.scalars.sums import written_out

_NUMBER = sympy.Symbol("n", integer=True, nonnegative=True)


@dataclass(frozen=True)
class Induction(Earlier):
    """The reason that an earlier claim about n and n + 1 gives a line for every n.

    For a claim E(n) = E(n + 1) the line E(0), or E(1) for positive n, becomes E(n). For a claim that
    a formula c(n) follows from c(n - 1) by the step of a recursion, the recursion becomes the formula.
    """

    over: sympy.Symbol = _NUMBER

    @property
    def name(self) -> str:
        """What it is called beside the step."""
        return phrase("induction over", self.over)

    @property
    def statement(self) -> str:
        """The claim that is the step."""
        return f"the base holds, and {self.claim} is the step"

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """The line for every n, where the claim and the base allow it."""
        if not isinstance(self.claim, Equation) or not is_scalar(self.claim.left):
            return ()
        conditioned = any(self.over in each.free_symbols for each in facts.conditions)
        if not _is_any_whole(self.over) or conditioned:
            return ()
        found = [self._constant(line)]
        found.extend(self._recursion(node, line) for node in line.atoms(Recursion))
        return tuple(each for each in found if each is not None and each != line)

    def _constant(self, line: sympy.Basic) -> sympy.Basic | None:
        """E(n) for a line E(0)."""
        general, following = self.equation.left, self.equation.right
        n = self.over
        if n in line.free_symbols or not equal(put(general, {n: n + 1}), following):
            return None
        first = 1 if n.is_positive else 0
        return general if equal(_first(general, n, first), line) else None

    def _recursion(self, node: Recursion, line: sympy.Basic) -> sympy.Basic | None:
        """The line with the recursion replaced by the formula c(n) of the claim c(n) = step(c(n - 1))."""
        formula, following = self.equation.left, self.equation.right
        n = self.over
        step, variable, start, index, count = node.args
        if count != n or not n.is_positive or n in start.free_symbols:
            return None
        if n in step.free_symbols - {variable, index}:
            return None
        after = node.after(put(formula, {n: n - 1}), n)
        base = _first(formula, n, 0)
        if equal(after, following) and equal(base, node.start):
            return line.xreplace({node: formula})
        return None

    def holds(self, smaller: Side, larger: Side, facts: Facts) -> bool:
        """It gives equations alone."""
        return False

    def renamed(self, replace_: Callable[[Side], Side]) -> Induction:
        """The same about other expressions."""
        earlier = super().renamed(replace_)
        return Induction(earlier.claim, replace_(self.over))


def _is_any_whole(n: sympy.Symbol) -> bool:
    """Whether it stands for every whole number from 0 or 1 on, and not for the even ones alone."""
    signs = ("nonnegative", "positive")
    every = (sympy.Symbol("n", integer=True, **{sign: True}) for sign in signs)
    return any(n.assumptions0 == each.assumptions0 for each in every)


def _first(e: Side, n: sympy.Symbol, value: int) -> sympy.Basic:
    assert is_scalar(e)
    return written_out(put(e, {n: sympy.Integer(value)}))


def induction(claim: Equation, over: sympy.Symbol) -> Induction:
    """Induction over a whole number, with an earlier claim of the page as its step.

    A claim E(n) = E(n + 1), for n >= 0, turns the line E(0) into E(n). A claim c(n) = step(c(n - 1)),
    for n >= 1, turns a `Recursion` with that step and the start c(0) into c(n).
    """
    is_equation = isinstance(claim, Equation) and is_scalar(claim.left)
    if not is_equation or not isinstance(over, sympy.Symbol):
        raise UnsupportedError(
            f"induction({claim}, {over})",
            "it is no equation in plain SymPy, or the number no symbol",
            "give the claim that leads from one number to the next",
        )
    return Induction(claim, over)


__all__ = ["Induction", "induction"]
