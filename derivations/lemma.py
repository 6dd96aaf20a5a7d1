"""Results as reasons: another page, or an earlier claim, read from left to right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derivations.statements import Equation
from symbolic import Expression
from symbolic.calculus.matching import instantiate, match
from symbolic.errors import UnsupportedError
from symbolic.traverse import rewrite, substitute, variables

if TYPE_CHECKING:
    from derivations.derivation import Derivation


@dataclass(frozen=True)
class Lemma:
    """An equation that a derivation proves, used to rewrite its left side into its right side."""

    derivation: Derivation
    equation: Equation

    @property
    def name(self) -> str:
        """The id of the page, or its title."""
        return self.derivation.id or self.derivation.title

    @property
    def statement(self) -> str:
        """The equation."""
        return str(self.equation)

    def once(self, expression: Expression) -> Expression:
        """The left side replaced by the right side wherever it matches."""

        def visit(node: Expression) -> Expression:
            if type(node) is not type(self.equation.left):
                return node
            binding = match(self.equation.left, node)
            if binding is None:
                return node
            unbound = set(variables(self.equation.right)) - set(binding.variables)
            return node if unbound else instantiate(self.equation.right, binding)

        return rewrite(expression, visit)

    exhausted = once

    def renamed(self, replace: Callable[[Expression], Expression]) -> Lemma:
        """A lemma stands on its own page."""
        return self

    def __repr__(self) -> str:
        return f"<lemma {self.name}: {self.statement}>"


@dataclass(frozen=True)
class Earlier:
    """An earlier claim of the same derivation, used to rewrite its left side into its right side."""

    equation: Equation

    @property
    def name(self) -> str:
        """The equation, shortened by its names."""
        return "shown above"

    @property
    def statement(self) -> str:
        """The equation."""
        return str(self.equation)

    def once(self, expression: Expression) -> Expression:
        """The left side replaced by the right side wherever it occurs."""
        return substitute(expression, {self.equation.left: self.equation.right})

    exhausted = once

    def renamed(self, replace: Callable[[Expression], Expression]) -> Earlier:
        """The earlier claim about other expressions."""
        return Earlier(Equation(replace(self.equation.left), replace(self.equation.right)))

    def __repr__(self) -> str:
        return f"<earlier claim: {self.statement}>"


def lemmas(derivation: Derivation) -> tuple[Lemma, ...]:
    """The equations that a derivation proves, as reasons.

    Raises `UnsupportedError` when it claims no equation.
    """
    found = tuple(
        Lemma(derivation, each) for each in derivation.claims if isinstance(each, Equation)
    )
    if not found:
        raise UnsupportedError(
            f"by={derivation.title!r}",
            "it claims no equation",
            "use a page that proves an equation",
        )
    return found
