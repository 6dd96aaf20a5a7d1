"""What every rendering of a derivation shows: one value that all the renderers read.

A renderer decides how things look; this file decides what is there and in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import UndefinedFunction

from derivations.assumptions import said_of
from derivations.catalogue import file_of
from derivations.definedness import Needed
from derivations.derivation import Derivation
from derivations.languages import Given, Side, latex_of, shape_of, text_of
from derivations.lemma import Earlier
from derivations.pages.comments import comments_of
from derivations.reasons import RightToLeft
from derivations.statements import (
    Claim,
    Convergence,
    Equation,
    Implication,
    Inequality,
    Line,
    sides,
)
from symbolic import Expression, Variable
from symbolic.algebra.normal import is_zero
from symbolic.domains import domain_of
from symbolic.functions import Unspecified as UnspecifiedHead
from symbolic.nodes import Derivative, Elementwise, Unspecified
from symbolic.printing.latex_names import name_latex
from symbolic.scalars.random_variables import RandomFamily, RandomVariable
from symbolic.sizes import Shape, shape_text
from symbolic.traverse import postorder

if TYPE_CHECKING:
    from derivations.evidence.experiment import Experiment
    from derivations.verdicts import Evidence, Report

_OF_VECTORS = {  # what is said of the rows of a matrix, of a vector
    "rows that sum to one": "entries that sum to one",
    "rows with a single 1, else 0": "a single 1, else 0",
}
SHOWN_ABOVE = "shown above"
NEEDED = "so that the lines have values"
LAYOUT = "A gradient has the shape of its variable"
LAYOUT_WITH_JACOBIANS = (
    "A gradient has the shape of its variable; a Jacobian the shape of the function, then that of"
    " the variable"
)


@dataclass(frozen=True)
class Row:
    """One line: its number (0 for the first of a chain, which needs no reason) and its reasons.

    `ends` are the numbers of the lines that prove the earlier claims among the reasons.
    """

    number: int
    relation: str
    line: Line
    by: tuple[Any, ...]
    evidence: Evidence | None
    towards: tuple[sympy.Symbol, sympy.Expr] | None = None
    ends: tuple[int, ...] = ()

    @property
    def reasons(self) -> tuple[tuple[str, Any], ...]:
        """The names of the reasons as they stand in the margin, each once with its reason.

        Those shown above are one, with the numbers of the lines.
        """
        found = {reason.name: reason for reason in self.by}
        above = ", ".join(f"({number})" for number in self.ends)
        return tuple(
            (f"{name} {above}" if self.ends and name == SHOWN_ABOVE else name, reason)
            for name, reason in found.items()
        )

    @property
    def shape(self) -> Shape:
        """The shape of the line."""
        return shape_of(sides(self.line)[0])

    @property
    def text(self) -> str:
        """The line as text."""
        shown = str(self.line) if isinstance(self.line, Equation) else text_of(self.line)
        return shown if self.towards is None else f"{shown} as {_towards_text(self.towards)}"


@dataclass(frozen=True)
class Declared:
    """What is given: its name, its shape in words, what is known of it, and its symbol as LaTeX.

    `place` is the set it is from, as LaTeX, where one has a name. A condition has no shape and no name
    of its own: it is the text of the relation.
    """

    name: str
    shape: str
    meaning: str
    symbol: str
    comment: str
    place: str = ""

    @property
    def latex(self) -> str:
        """The symbol, and the set it is from."""
        return membership([self.symbol], self.place)


def membership(symbols: Sequence[str], place: str) -> str:
    """Symbols and the set they are all from, as LaTeX."""
    shown = ", ".join(symbols)
    return rf"{shown} \in {place}" if place else shown


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
    def rules(self) -> tuple[Any, ...]:
        """The reasons used, each once, in order."""
        used = {(r.name, r.statement): r for row in self.rows for r in row.by}
        return tuple(used.values())

    @property
    def findings(self) -> tuple[tuple[str, Evidence], ...]:
        """All evidence, each with the number of its line, or with its claim."""
        if self.report is None:
            return ()
        lines = [(f"({row.number})", row.evidence) for row in self.rows if row.evidence is not None]
        claims = _of_claims(self.report)
        several = len(claims) > 1
        found = [(f"claim {k}" if several else "claim", each) for k, each in enumerate(claims, 1)]
        given = [("given", each) for each in self.report.claims if each not in claims]
        return (*lines, *found, *given)

    @property
    def given(self) -> tuple[Declared, ...]:
        """What is given, in order, the functions of which only the name is known, and what lines need."""
        known = [_declared(each, self.comments) for each in self.derivation.given]
        functions = [_function(name, self.comments) for name in self.functions]
        return (*known, *functions, *map(_needed, self.derivation.needed))

    @property
    def names(self) -> frozenset[str]:
        """The names that the page uses, by which formulas in prose are known."""
        sizes = {
            str(letter)
            for node in postorder(self._expressions)
            for size in node.shape
            for letter in sympy.sympify(size).free_symbols
        }
        given = {each.name for each in self.given if each.shape}
        return frozenset(given | sizes | {node.name for node in self.derivation.names})

    @property
    def experiments(self) -> tuple[tuple[Experiment, Evidence | None], ...]:
        """The experiments of the derivation, each with what it found if there was a check."""
        if self.report is None:
            return tuple((experiment, None) for experiment in self.derivation.experiments)
        return tuple(zip(self.derivation.experiments, self.report.experiments, strict=False))

    @property
    def differentiates(self) -> bool:
        """Whether a line has a derivative of an expression with a shape."""
        return any(isinstance(node, Derivative) for node in postorder(self._expressions))

    @property
    def _expressions(self) -> list[Expression]:
        lines = [side for c in self.chains for row in c.rows for side in sides(row.line)]
        return [each for each in lines if isinstance(each, Expression)]

    @property
    def layout(self) -> str:
        """The convention by which derivatives are laid out."""
        jacobian = any(
            isinstance(node, Derivative) and node.expression.rank
            for node in postorder(self._expressions)
        )
        return LAYOUT_WITH_JACOBIANS if jacobian else LAYOUT


def sheet(derivation: Derivation, report: Report | None = None) -> Sheet:
    """Lay out a derivation; `report` is what `derivation.check()` returned."""
    number = 0
    chains: list[Chain] = []
    for place, steps in enumerate(derivation.chains):
        found = report.chains[place] if report is not None else ()
        rows = [Row(0, "begin", steps[0].line, (), None)]
        above = {claim: chain.rows[-1].number
                 for claim, chain in zip(derivation.claims, chains, strict=False)}  # fmt: skip
        for index, step in enumerate(steps[1:]):
            number += 1
            evidence = found[index] if index < len(found) else None
            ends = tuple(sorted({above[c] for c in map(_claim_of, step.by) if c in above}))
            row = Row(number, step.relation, step.line, step.by, evidence, step.towards, ends)
            rows.append(row)
        chains.append(Chain(steps[0].heading, tuple(rows)))
    page = file_of(derivation)
    comments = comments_of(page) if page is not None else {}
    return Sheet(derivation, report, tuple(chains), _functions(derivation), comments)


def _claim_of(reason: Any) -> Claim | None:
    """The earlier claim that a reason is."""
    while isinstance(reason, RightToLeft):
        reason = reason.reason
    return reason.claim if isinstance(reason, Earlier) and reason.name == SHOWN_ABOVE else None


def _functions(derivation: Derivation) -> tuple[str, ...]:
    lines = [side for chain in derivation.chains for step in chain for side in sides(step.line)]
    found: dict[str, None] = {}
    for node in postorder([each for each in lines if isinstance(each, Expression)]):
        if isinstance(node, Unspecified):
            found[node.name] = None
        elif isinstance(node, Elementwise):
            heads = node.kernel.expr.atoms(UnspecifiedHead)
            found.update(dict.fromkeys(sorted(head.func.base for head in heads)))
    return tuple(found)


def shape_words(shape: Shape) -> str:
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


def _of_claims(report: Report) -> list[Evidence]:
    """What was found of the claims, without what was found of the declarations."""
    return [found for found in report.claims if found.method != "given"]


def _claims_reached(report: Report) -> str:
    claims = _of_claims(report)
    missed = sum(found.verdict != "proved" for found in claims)
    said = {1: "the claim reached", 2: "both claims reached"}.get(
        len(claims), f"all {len(claims)} claims reached"
    )
    if missed:
        said = f"{missed} of {len(claims)} claims not reached"
    return said if len(claims) == len(report.claims) else f"{said}, something is not given"


def sampling(report: Report) -> str:
    """How the numeric evidence was found, so that it can be found again."""
    most = max((each.points for chain in report.chains for each in chain), default=0)
    measured = "" if report.accuracy is None else f". Generated code: {report.accuracy}"
    if not most:
        return f"No line was sampled; seed {report.seed}{measured}"
    return f"Lines were sampled at {most} random rational points each; seed {report.seed}{measured}"


# --- statements as LaTeX -------------------------------------------------------------------------

RELATION_LATEX = {
    "begin": "",
    "equals": "=",
    "at_most": r"\le",
    "at_least": r"\ge",
    "tends_to": r"\to",
    "implies": r"\implies",
}


def row_latex(row: Row, *, index: bool = False) -> str:
    """The line of a row as LaTeX."""
    shown = line_latex(row.line, index=index)
    return shown if row.towards is None else rf"{shown} \quad ({_towards_latex(row.towards)})"


def line_latex(line: Line, *, index: bool = False) -> str:
    """A line as LaTeX."""
    if isinstance(line, Equation):
        return " = ".join(_side(side, index) for side in (line.left, line.right))
    return latex_of(line, index=index)


def _side(side: Side, index: bool) -> str:
    zero = isinstance(side, Expression) and is_zero(side)
    return "0" if zero else latex_of(side, index=index)


def claim_latex(claim: Claim, *, index: bool = False) -> str:
    """A claim as LaTeX."""
    if isinstance(claim, Implication):
        premise = line_latex(claim.premise, index=index)
        return rf"{premise} \implies {line_latex(claim.conclusion, index=index)}"
    left, right = _side(claim.left, index), _side(claim.right, index)
    if isinstance(claim, Inequality):
        return rf"{left} {RELATIONS_OF_CLAIMS[claim.relation]} {right}"
    if isinstance(claim, Convergence):
        return rf"{left} \to {right} \quad ({_towards_latex(claim.towards)})"
    return f"{left} = {right}"


RELATIONS_OF_CLAIMS = {"<=": r"\le", ">=": r"\ge"}


def _towards_latex(towards: tuple[sympy.Symbol, sympy.Expr]) -> str:
    variable, point = map(latex_of, towards)
    return rf"{variable} \to {point}"


def _towards_text(towards: tuple[sympy.Symbol, sympy.Expr]) -> str:
    return " -> ".join(map(text_of, towards))


# --- what is given ------------------------------------------------------------------------------


def _declared(given: Given, comments: dict[str, str]) -> Declared:
    """What is given as a row of the table of notation."""
    if isinstance(given, Variable):
        domain = domain_of(given.domain)
        sizes = r" \times ".join(_size_latex(size) for size in given.shape)
        place = domain.latex.replace("{shape}", f"{{{sizes}}}").replace("^{}", "")
        comment = comments.get(given.name, "")
        of_vectors = _OF_VECTORS if given.rank == 1 else {}
        meaning = of_vectors.get(domain.meaning, domain.meaning)
        shape = shape_words(given.shape)
        return Declared(given.name, shape, meaning, latex_of(given), comment, place)
    if isinstance(given, UndefinedFunction):
        said = " ".join(said_of(given)) or "real"
        latex = str(sympy.latex(given))
        return Declared(given.__name__, "function", said, latex, comments.get(given.__name__, ""))
    if isinstance(given, (RandomVariable, RandomFamily)):
        name, several = str(given), isinstance(given, RandomFamily)
        meaning = "random variables" if several else "random variable"
        shown = name_latex(name) if several else latex_of(given)
        shown = rf"{shown}_1, {shown}_2, \dots" if several else shown
        shape = "scalars" if several else "scalar"
        return Declared(name, shape, meaning, shown, comments.get(name, ""))
    if isinstance(given, sympy.Symbol):
        said = ", ".join(said_of(given)) or ("whole number" if given.is_integer else "real")
        sets = {"positive": r"\mathbb{R}_{>0}", "nonnegative": r"\mathbb{R}_{\ge 0}",
                "real": r"\mathbb{R}", "whole number": r"\mathbb{N}"}  # fmt: skip
        comment, place = comments.get(given.name, ""), sets.get(said, "")
        return Declared(given.name, "scalar", said, latex_of(given), comment, place)
    if isinstance(given, sympy.Eq):
        left, right = map(text_of, given.args)
        comment = comments.get(left.partition("(")[0], "")
        return Declared(f"{left} = {right}", "", "", latex_of(given), comment)
    return Declared(text_of(given), "", "", latex_of(given), "")


def _needed(condition: Needed) -> Declared:
    return Declared(condition.text, "", "", condition.latex, NEEDED)


def _size_latex(size: object) -> str:
    shown = str(sympy.latex(size))
    return rf"({shown})" if isinstance(size, sympy.Add) else shown


def _function(name: str, comments: dict[str, str]) -> Declared:
    shown = name_latex(name)
    return Declared(name, "function", "any differentiable function", shown, comments.get(name, ""))
