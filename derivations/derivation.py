"""A derivation: what is given, what is claimed, and the steps from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from derivations.statements import Claim, Equation, Implication, Line, equation, first_line
from symbolic import Expression, Named, Variable
from symbolic.calculus.execution import Reason
from symbolic.errors import UnsupportedError
from symbolic.traverse import named_nodes, substitute

if TYPE_CHECKING:
    from derivations.verdicts import Report
    from numeric.accuracy.generated import CodeAccuracy
    from symbolic.code.compilation import Function

By: TypeAlias = "Reason | Derivation | Equation | tuple[Reason | Derivation | Equation, ...]"
RELATIONS = {"begin": "", "equals": "=", "at_most": "<=", "implies": "=>"}


@dataclass(frozen=True)
class Step:
    """One line of a derivation: its relation to the line before, and the reasons for it."""

    relation: str
    line: Line
    by: tuple[Reason, ...] = ()
    heading: str = ""

    @property
    def reason(self) -> str:
        """The names of the reasons."""
        return ", ".join(reason.name for reason in self.by)

    def __str__(self) -> str:
        why = f"    [{self.reason}]" if self.by else ""
        return f"{RELATIONS[self.relation]} {self.line}{why}".strip()


def begin(line: Line, heading: str = "") -> Step:
    """The first line of a chain; `heading` is a title above it."""
    return Step("begin", line, (), heading)


def equals(expression: Expression, by: By) -> Step:
    """The line before equals this expression, by the given reasons applied in order."""
    return Step("equals", expression, _reasons(by))


def at_most(expression: Expression, by: By) -> Step:
    """The line before is less than or equal to this expression."""
    return Step("at_most", expression, _reasons(by))


def implies(left: object, right: object, by: By) -> Step:
    """The equation before implies the equation left = right."""
    return Step("implies", equation(left, right), _reasons(by))


def _reasons(by: By) -> tuple[Reason, ...]:
    from derivations.lemma import Earlier, lemmas

    reasons: list[Reason] = []
    for reason in by if isinstance(by, tuple) else (by,):
        if isinstance(reason, Derivation):
            reasons.append(lemmas(reason)[0])
        elif isinstance(reason, Equation):
            reasons.append(Earlier(reason))
        elif isinstance(reason, Reason):
            reasons.append(reason)
        else:
            raise UnsupportedError(
                f"by={reason!r}",
                "not a rule",
                "give a rule from symbolic.rules, another page's derivation, an earlier claim, or a"
                " tuple of them; prose is not executed",
            )
    if not reasons:
        raise UnsupportedError("by=()", "no reason", "give the rule that leads to the line")
    return tuple(reasons)


@dataclass(frozen=True)
class Derivation:
    """An immutable derivation: `given` variables, `claim`s, `steps`, `source`.

    A claim is an `Equation`, an `Implication` or a pair (left, right); the chain of steps for each
    starts at its left side (or premise) and ends at its right side (or conclusion). With several
    claims each chain opens with `begin`. Nothing is checked at construction; `check()` does that.
    """

    given: tuple[Variable, ...]
    claim: Claim | tuple[Claim, ...] | tuple[Expression, Expression]
    steps: tuple[Step, ...]
    source: str = ""
    name: str = ""
    about: str = ""

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The claims, always as a tuple of statements."""
        if not isinstance(self.claim, tuple):
            return (self.claim,)
        if all(isinstance(each, Expression) for each in self.claim):
            left, right = self.claim
            return (equation(left, right),)
        return self.claim  # type: ignore[return-value]

    @property
    def title(self) -> str:
        """The first line of what the page says about itself."""
        return self._text.strip().split("\n")[0].strip().removesuffix(".")

    @property
    def why(self) -> str:
        """Why the result matters: the rest of what the page says."""
        return "\n".join(self._text.strip().split("\n")[1:]).strip()

    @property
    def id(self) -> str:
        """The path of the page, such as 'supervised/logistic_regression'."""
        from derivations.catalogue import place_of

        return self.name or place_of(self)[0]

    @property
    def _text(self) -> str:
        from derivations.catalogue import place_of

        return self.about or place_of(self)[1] or "Derivation"

    @cached_property
    def chains(self) -> tuple[tuple[Step, ...], ...]:
        """The steps of each claim, the first of each a `begin`."""
        chains: list[list[Step]] = []
        if not self.steps or self.steps[0].relation != "begin":
            chains.append([begin(first_line(self.claims[0]))])
        for step in self.steps:
            if step.relation == "begin":
                chains.append([step])
            else:
                chains[-1].append(step)
        return tuple(tuple(chain) for chain in chains)

    @cached_property
    def names(self) -> tuple[Named, ...]:
        """The named intermediates that occur, each after those it is built from."""
        found: dict[Named, None] = {}
        for chain in self.chains:
            for step in chain:
                for side in sides(step.line):
                    found.update(dict.fromkeys(named_nodes(side)))
        return tuple(found)

    def without(self, variable: Variable) -> Derivation:
        """The derivation with the domain of a given variable forgotten: any real entries.

        Where a step uses the domain, it no longer passes: so `check` tells whether the assumption
        is needed.
        """
        free = Variable(variable.name, variable.shape)

        def replace(expression: Expression) -> Expression:
            return substitute(expression, {variable: free})

        return Derivation(
            tuple(free if each is variable else each for each in self.given),
            tuple(_replaced_claim(each, replace) for each in self.claims),
            tuple(
                Step(
                    step.relation,
                    _replaced_line(step.line, replace),
                    tuple(reason.renamed(replace) for reason in step.by),
                    step.heading,
                )
                for chain in self.chains
                for step in chain
            ),
            self.source,
            self.id,
            self._text,
        )

    def check(
        self,
        *,
        seed: int = 0,
        accuracy: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Report:
        """Check every line; see `derivations.verdicts.check`."""
        from derivations.verdicts import check

        return check(self, seed=seed, accuracy=accuracy, progress=progress)

    def lambdify(self, *, value: bool = False) -> Function:
        """The right sides of the equations claimed, as one NumPy function that shares their work.

        With `value=True` what the first claim differentiates comes first: (loss, gradient, ...).
        Raises `UnsupportedError` when there is nothing to compute.
        """
        from derivations.generated import work_of_page
        from symbolic import lambdify

        work = work_of_page(self, value=value)
        results = tuple(work.results.values())
        return lambdify(
            results[0] if len(results) == 1 else results,
            arguments=work.arguments,
            names=list(work.results),
        )

    def accuracy(self, *, samples: int = 40, seed: int = 0) -> CodeAccuracy:
        """How far the code of `lambdify` is from the truth, in ulps; see `numeric.code_accuracy`."""
        from numeric.accuracy.generated import code_accuracy

        return code_accuracy(self.lambdify(), samples=samples, seed=seed)

    def latex(self) -> str:
        """The derivation as a LaTeX `align*` block that needs amsmath alone."""
        from derivations.render_latex import align

        return align(self)

    def markdown(self) -> str:
        """The derivation as Markdown with mathematics between dollar signs."""
        from derivations.render_markdown import markdown

        return markdown(self)

    def html(self) -> str:
        """The derivation as a page of HTML that needs no network."""
        from derivations.render_html import page

        return page(self)

    def _repr_html_(self) -> str:
        from derivations.render_html import fragment

        return fragment(self)

    def _repr_latex_(self) -> str:
        return self.latex()

    def __str__(self) -> str:
        from derivations.render_text import plain

        return plain(self)


def _replaced_line(line: Line, replace: Callable[[Expression], Expression]) -> Line:
    if isinstance(line, Equation):
        return Equation(replace(line.left), replace(line.right))
    return replace(line)


def _replaced_claim(claim: Claim, replace: Callable[[Expression], Expression]) -> Claim:
    if isinstance(claim, Implication):
        return Implication(
            Equation(replace(claim.premise.left), replace(claim.premise.right)),
            Equation(replace(claim.conclusion.left), replace(claim.conclusion.right)),
        )
    return type(claim)(replace(claim.left), replace(claim.right))


def sides(line: Line) -> tuple[Expression, ...]:
    """The expressions on a line."""
    return (line.left, line.right) if isinstance(line, Equation) else (line,)


__all__ = ["Derivation", "Implication", "Step", "at_most", "begin", "equals", "implies", "sides"]
