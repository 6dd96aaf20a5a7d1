"""One refuted claim with what there is to explain it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy

from derivations.verification.mistakes.flat import flat, multiplied_out, terms_of, total
from derivations.verification.mistakes.points import Points
from symbolic.calculus.accumulation import accumulate
from symbolic.nodes import Contraction, Derivative, Expression, Variable
from symbolic.traverse import postorder, unfold, variables


@dataclass(frozen=True)
class Problem:
    """The right answer and the claim, opened; the function and the variable where there are some.

    order    how many derivatives of the function are claimed
    written  the function as it was written
    """

    correct: Expression
    claim: Expression
    function: Expression | None
    variable: Variable | None
    order: int
    points: Points
    written: Expression | None = None

    @classmethod
    def of(
        cls, correct: Expression, claim: Expression, slope: Expression | None, seed: int
    ) -> Problem:
        """The problem that `explain` is given."""
        order, whole, variable = 0, None, None
        inner = slope
        while isinstance(inner, Derivative):
            order += 1
            if isinstance(inner.variable, Variable):
                whole, variable = unfold(inner.expression), inner.variable
            inner = inner.expression
        function = None if whole is None else flat(whole)
        right, wrong = flat(correct), flat(claim)
        points = Points.of([right, wrong], seed, [] if function is None else [function])
        return cls(right, wrong, function, variable, order, points, whole)

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """The right answer, the claim, and the function."""
        return (self.correct, self.claim, *([self.function] if self.function is not None else []))

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that occur."""
        return variables(self.expressions)

    @cached_property
    def letters(self) -> tuple[sympy.Symbol, ...]:
        """The size letters that occur in shapes."""
        found = {
            letter
            for node in postorder(self.expressions)
            for size in node.shape
            for letter in sympy.sympify(size).free_symbols
        }
        return tuple(sorted(found, key=lambda letter: letter.name))

    @cached_property
    def scalars(self) -> tuple[Expression, ...]:
        """The scalar sub-expressions, variables first."""
        found = [
            node
            for node in postorder(self.expressions)
            if not node.rank
            and node not in self.expressions
            and not (isinstance(node, Contraction) and not node.operands)
        ]
        return tuple(sorted(found, key=lambda node: not isinstance(node, Variable)))

    @cached_property
    def differentiated(self) -> Expression | None:
        """What the last derivative is of: the function, or its gradient for a second derivative."""
        if self.written is None or self.order == 1:
            return self.written
        assert self.variable is not None
        return flat(accumulate(self.written, [self.variable])[0])

    @cached_property
    def forms(self) -> tuple[Expression, ...]:
        """The right answer in the ways it may have been written before the slip: each once."""
        found = [self.correct]
        if self.function is not None:
            found.append(flat(self.derivative(self.function)))
        terms = multiplied_out(self.correct)
        if len(terms) > len(terms_of(self.correct)):
            found.append(total(terms))
        return tuple(dict.fromkeys(found))

    def derivative(self, function: Expression) -> Expression:
        """The derivative of another function, of the same order by the same variable."""
        assert self.variable is not None
        for _ in range(self.order):
            (function,) = accumulate(function, [self.variable])
        return function
