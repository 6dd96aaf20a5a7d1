"""A derivation: what is given, what is claimed, and the steps from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy

from derivations.languages import Given, is_condition, is_scalar, text_of
from derivations.statements import (
    Claim,
    Equation,
    Implication,
    Inequality,
    Line,
    equation,
    first_line,
    sides,
)
from symbolic import Expression, Named
from symbolic.calculus.execution import Reason
from symbolic.errors import UnsupportedError
from symbolic.operations import constant
from symbolic.scalars.facts import Facts
from symbolic.traverse import named_nodes

if TYPE_CHECKING:
    from derivations.assumptions import Assumption
    from derivations.definedness import Needed
    from derivations.evidence.experiment import Experiment
    from derivations.verdicts import Report
    from numeric.accuracy.generated import CodeAccuracy
    from symbolic.code.compilation import Function

By: TypeAlias = object  # a reason or a tuple of them; `as_reasons` says what is one
RELATIONS = {
    "begin": "",
    "equals": "=",
    "at_most": "<=",
    "at_least": ">=",
    "tends_to": "->",
    "implies": "=>",
}


@dataclass(frozen=True)
class Step:
    """One line of a derivation: its relation to the line before, and the reasons for it.

    `towards` is the variable and the point of a limit.
    """

    relation: str
    line: Line
    by: tuple[Any, ...] = ()
    heading: str = ""
    towards: tuple[sympy.Symbol, sympy.Expr] | None = None

    @property
    def reason(self) -> str:
        """The names of the reasons, each once."""
        return ", ".join(dict.fromkeys(reason.name for reason in self.by))

    def __str__(self) -> str:
        why = f"    [{self.reason}]" if self.by else ""
        line = self.line if isinstance(self.line, Equation) else text_of(self.line)
        return f"{RELATIONS[self.relation]} {line}{why}".strip()


def begin(line: Line, heading: str = "") -> Step:
    """The first line of a chain; `heading` is a title above it."""
    return Step("begin", _line(line), (), heading)


def equals(expression: object, by: By) -> Step:
    """The line before equals this expression, by the given reasons applied in order."""
    return Step("equals", _line(expression), as_reasons(by))


def at_most(expression: object, by: By) -> Step:
    """The line before is less than or equal to this expression."""
    return Step("at_most", _line(expression), as_reasons(by))


def at_least(expression: object, by: By) -> Step:
    """The line before is greater than or equal to this expression."""
    return Step("at_least", _line(expression), as_reasons(by))


def tends_to(expression: object, variable: sympy.Symbol, point: object, by: By) -> Step:
    """The line before tends to this expression as the variable tends to the point."""
    if not isinstance(variable, sympy.Symbol) or not isinstance(point, (int, sympy.Expr)):
        raise UnsupportedError(
            f"tends_to(..., {variable!r}, {point!r})",
            "no symbol and a number",
            "write tends_to(limit, n, oo, by=...)",
        )
    return Step(
        "tends_to",
        _line(expression),
        as_reasons(by),
        towards=(variable, sympy.sympify(point, strict=True)),
    )


def implies(left: object, right: object, by: By) -> Step:
    """The equation before implies the equation left = right."""
    return Step("implies", equation(left, right), as_reasons(by))


def _line(line: object) -> Line:
    """A line as written: a number is SymPy's, an explicit matrix one that cannot change."""
    if isinstance(line, (Expression, Equation)):
        return line
    if isinstance(line, sympy.MatrixBase):
        return line.as_immutable()
    if isinstance(line, sympy.Expr) and not isinstance(line, sympy.Lambda):
        return line
    if isinstance(line, int) and not isinstance(line, bool):
        return sympy.Integer(line)
    raise UnsupportedError(
        f"the line {line!r}",
        f"a {type(line).__name__}",
        "write an expression of symbolic, or of SymPy",
    )


def as_reasons(by: By) -> tuple[Any, ...]:
    """What `by=` was given as reasons that can be executed."""
    from derivations.lemma import Earlier, lemmas
    from derivations.reasons import RightToLeft
    from symbolic.scalars.execution import ScalarReason
    from symbolic.scalars.rule import ScalarBound

    reasons: list[Any] = []
    for reason in by if isinstance(by, tuple) else (by,):
        if isinstance(reason, Derivation):
            reasons.append(lemmas(reason)[0])
        elif isinstance(reason, (Equation, Inequality)):
            reasons.append(Earlier(reason))
        elif isinstance(reason, (Reason, ScalarReason, ScalarBound, RightToLeft)):
            reasons.append(reason)
        else:
            raise UnsupportedError(
                f"by={reason!r}",
                "not a rule",
                "give a rule from symbolic.rules or symbolic.scalars, another page's derivation, an"
                " earlier claim, or a tuple of them; prose is not executed",
            )
    if not reasons:
        raise UnsupportedError("by=()", "no reason", "give the rule that leads to the line")
    return tuple(reasons)


@dataclass(frozen=True)
class Derivation:
    """An immutable derivation: what is `given`, `claim`s, `steps`, `source` and `evidence`.

    `given` holds variables, and for SymPy lines symbols, undefined functions and conditions that
    hold. A claim is a statement or a pair (left, right); the chain of steps for each starts at its
    left side (or premise) and ends at its right side (or conclusion). With several claims each
    chain opens with `begin`. `evidence` are experiments beyond the steps; derivatives that are
    claimed are compared with differences without it. Nothing is checked at
    construction; `check()` does that.
    """

    given: tuple[Given, ...]
    claim: Claim | tuple[Claim, ...] | tuple[Expression, Expression]
    steps: tuple[Step, ...]
    source: str = ""
    evidence: tuple[Experiment, ...] = ()
    name: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        from derivations.parts import check_parts

        check_parts(self)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The claims, always as a tuple of statements."""
        if not isinstance(self.claim, tuple):
            return (self.claim,)
        if all(isinstance(each, Expression) or is_scalar(each) for each in self.claim):
            left, right = self.claim
            return (equation(left, right),)
        return self.claim  # type: ignore[return-value]

    @property
    def title(self) -> str:
        """The first line of what the page says about itself."""
        return self.text.strip().split("\n")[0].strip().removesuffix(".")

    @property
    def why(self) -> str:
        """Why the result matters: the rest of what the page says."""
        return "\n".join(self.text.strip().split("\n")[1:]).strip()

    @property
    def id(self) -> str:
        """The path of the page, such as 'supervised/logistic_regression'."""
        from derivations.catalogue import place_of

        return self.name or place_of(self)[0]

    @property
    def text(self) -> str:
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
                chains[-1].append(_in_language(step, chains[-1][0].line))
        return tuple(tuple(chain) for chain in chains)

    @cached_property
    def names(self) -> tuple[Named, ...]:
        """The named intermediates that occur, each after those it is built from."""
        found: dict[Named, None] = {}
        for chain in self.chains:
            for step in chain:
                for side in sides(step.line):
                    if isinstance(side, Expression):
                        found.update(dict.fromkeys(named_nodes(side)))
        return tuple(found)

    @cached_property
    def facts(self) -> Facts:
        """The conditions given, besides the domains of the variables."""
        return Facts(tuple(each for each in self.given if is_condition(each)))

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """The evidence given, and the differences of the derivatives claimed if it has none of them."""
        from derivations.evidence.claimed_derivatives import claimed_derivatives

        claimed = claimed_derivatives(self)
        return self.evidence if claimed is None else (*self.evidence, claimed)

    @cached_property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Every domain and condition that may be dropped, each by itself."""
        from derivations.assumptions import assumptions_of

        return assumptions_of(self)

    @cached_property
    def needed(self) -> tuple[Needed, ...]:
        """What has to hold for the lines to have values, and is neither given nor shown to hold."""
        from derivations.definedness import needed

        return needed(self)

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
        from derivations.rendering.latex import align

        return align(self)

    def markdown(self) -> str:
        """The derivation as Markdown with mathematics between dollar signs."""
        from derivations.rendering.markdown import markdown

        return markdown(self)

    def html(self) -> str:
        """The derivation as a page of HTML that needs no network."""
        from derivations.rendering.html import page

        return page(self)

    def _repr_html_(self) -> str:
        from derivations.rendering.html import fragment

        return fragment(self)

    def _repr_latex_(self) -> str:
        return self.latex()

    def __str__(self) -> str:
        from derivations.rendering.text import plain

        return plain(self)


def _in_language(step: Step, first: Line) -> Step:
    """A step whose line is a bare number, as an expression where the chain has expressions."""
    if isinstance(first, Expression) and isinstance(step.line, sympy.Rational):
        return replace(step, line=constant(step.line))
    return step


__all__ = [
    "Derivation",
    "Implication",
    "Step",
    "as_reasons",
    "at_least",
    "at_most",
    "begin",
    "equals",
    "implies",
    "sides",
    "tends_to",
]
