"""What every rendering of a derivation shows: one value that all the renderers read.

A renderer decides how things look; this file decides what is there and in which order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derivations.comments import comments_of
from derivations.derivation import Derivation, sides
from derivations.statements import Claim, Equation, Implication, Inequality, Line
from symbolic import Expression, Variable
from symbolic.algebra.normal import is_zero
from symbolic.calculus.execution import Reason
from symbolic.domains import domain_of
from symbolic.functions import Unspecified as UnspecifiedHead
from symbolic.nodes import Elementwise, Unspecified
from symbolic.sizes import Shape, shape_text
from symbolic.traverse import postorder

if TYPE_CHECKING:
    from derivations.verdicts import Evidence, Report

LAYOUT = "A gradient has the shape of its variable"
LAYOUT_WITH_JACOBIANS = (
    "A gradient has the shape of its variable; a Jacobian the shape of the function, then that of"
    " the variable"
)


@dataclass(frozen=True)
class Row:
    """One line: its number (0 for the first of a chain, which needs no reason) and its reasons."""

    number: int
    relation: str
    line: Line
    by: tuple[Reason, ...]
    evidence: Evidence | None

    @property
    def shape(self) -> Shape:
        """The shape of the line."""
        return sides(self.line)[0].shape


@dataclass(frozen=True)
class Chain:
    """The lines that prove one claim."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Sheet:
    """A derivation laid out for printing, with what a check found if there was one."""

    derivation: Derivation
    report: Report | None
    chains: tuple[Chain, ...]
    functions: tuple[str, ...]  # functions of which only the name is known
    comments: dict[str, str]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The lines that have a number."""
        return tuple(row for chain in self.chains for row in chain.rows if row.number)

    @property
    def rules(self) -> tuple[Reason, ...]:
        """The reasons used, each once, in order."""
        used = {(r.name, r.statement): r for row in self.rows for r in row.by}
        return tuple(used.values())

    @property
    def findings(self) -> tuple[tuple[str, Evidence], ...]:
        """All evidence, each with the number of its line, or with its claim."""
        if self.report is None:
            return ()
        several = len(self.report.claims) > 1
        lines = [(f"({row.number})", row.evidence) for row in self.rows if row.evidence is not None]
        claims = [
            (f"claim {place}" if several else "claim", found)
            for place, found in enumerate(self.report.claims, start=1)
        ]
        return (*lines, *claims)

    @property
    def layout(self) -> str:
        """The convention by which derivatives are laid out."""
        from symbolic import Derivative

        nodes = postorder([side for c in self.chains for row in c.rows for side in sides(row.line)])
        jacobian = any(isinstance(node, Derivative) and node.expression.rank for node in nodes)
        return LAYOUT_WITH_JACOBIANS if jacobian else LAYOUT


def sheet(derivation: Derivation, report: Report | None = None) -> Sheet:
    """Lay out a derivation; `report` is what `derivation.check()` returned."""
    number = 0
    chains = []
    for place, steps in enumerate(derivation.chains):
        found = report.chains[place] if report is not None else ()
        rows = [Row(0, "begin", steps[0].line, (), None)]
        for index, step in enumerate(steps[1:]):
            number += 1
            evidence = found[index] if index < len(found) else None
            rows.append(Row(number, step.relation, step.line, step.by, evidence))
        chains.append(Chain(steps[0].heading, tuple(rows)))
    return Sheet(
        derivation, report, tuple(chains), _functions(derivation), comments_of(derivation.id)
    )


def _functions(derivation: Derivation) -> tuple[str, ...]:
    lines = [side for chain in derivation.chains for step in chain for side in sides(step.line)]
    found: dict[str, None] = {}
    for node in postorder(lines):
        if isinstance(node, Unspecified):
            found[node.name] = None
        elif isinstance(node, Elementwise):
            heads = node.kernel.expr.atoms(UnspecifiedHead)
            found.update(dict.fromkeys(sorted(head.func.base for head in heads)))
    return tuple(found)


def shape_of(shape: Shape) -> str:
    """A shape in words: 'scalar', '(n, d)'."""
    return shape_text(shape) if shape else "scalar"


def summary(report: Report) -> str:
    """The counts of the verdicts in words: 'all 9 lines proved, both claims reached'."""
    counts = report.counts()
    total = sum(counts.values())
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    if total == 1:
        head = f"the one line {next(iter(counts))}; "
    elif len(counts) == 1:
        head = f"all {total} lines {next(iter(counts))}; "
    else:
        head = f"of {total} lines {words}; " if counts else ""
    return head + _claims_reached(report)


def _claims_reached(report: Report) -> str:
    missed = sum(found.verdict != "proved" for found in report.claims)
    if missed:
        return f"{missed} of {len(report.claims)} claims not reached"
    return {1: "the claim reached", 2: "both claims reached"}.get(
        len(report.claims), f"all {len(report.claims)} claims reached"
    )


def sampling(report: Report) -> str:
    """How the numeric evidence was found, so that it can be found again."""
    most = max((each.points for each in report.all), default=0)
    measured = "" if report.accuracy is None else f". Generated code: {report.accuracy}"
    if not most:
        return f"No line was sampled; seed {report.seed}{measured}"
    return f"Lines were sampled at {most} random rational points each; seed {report.seed}{measured}"


# --- statements as LaTeX -------------------------------------------------------------------------

RELATION_LATEX = {"begin": "", "equals": "=", "at_most": r"\le", "implies": r"\implies"}


def line_latex(line: Line, *, index: bool = False) -> str:
    """A line as LaTeX."""
    from symbolic.printing.latex_printer import latex

    if isinstance(line, Equation):
        return " = ".join(_side(side, index) for side in (line.left, line.right))
    return latex(line, index=index)


def _side(side: Expression, index: bool) -> str:
    from symbolic.printing.latex_printer import latex

    return "0" if is_zero(side) else latex(side, index=index)


def claim_latex(claim: Claim, *, index: bool = False) -> str:
    """A claim as LaTeX."""
    if isinstance(claim, Implication):
        premise = line_latex(claim.premise, index=index)
        return rf"{premise} \implies {line_latex(claim.conclusion, index=index)}"
    if isinstance(claim, Inequality):
        return rf"{_side(claim.left, index)} \le {_side(claim.right, index)}"
    return line_latex(claim, index=index)


def membership_latex(variable: Variable) -> str:
    """That a variable lies in its domain, as `X \\in \\mathbb{R}^{n \\times d}`."""
    from symbolic.printing.latex_printer import latex

    domain = domain_of(variable.domain)
    sizes = r" \times ".join(map(_size_latex, variable.shape))
    place = domain.latex.replace("{shape}", f"{{{sizes}}}").replace("^{}", "")
    return rf"{latex(variable)} \in {place}"


def _size_latex(size: object) -> str:
    import sympy

    return str(sympy.latex(size))
