"""Lines of LaTeX: rows of blocks, read together so that each sees the definitions before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from derivations.verification.steps.latex_rows import Row, rows
from derivations.verification.steps.lines import Link
from symbolic import Expression, Named, Variable
from symbolic.errors import ChainruleError, ShapeError
from symbolic.printing.latex_printer import latex
from symbolic.reading.declarations import Given
from symbolic.reading.latex.formulas import Formula, Side
from symbolic.reading.latex.reader import declared_names, read_latex

_SIGNS = {"<=": r"\le", ">=": r"\ge", "~=": r"\approx", "propto": r"\propto", "->": r"\to",
          "<-": r"\leftarrow", "in": r"\in"}  # fmt: skip


class LatexReader:
    """Reads LaTeX rows; the reading of LaTeX itself knows which names the rows define."""

    def __init__(self, texts: Sequence[str], given: Given | None) -> None:
        self.rows = rows(texts)
        self.given = given
        self.scope: dict[str, Variable | Named] = {
            name: node
            for name, node in declared_names(given).items()
            if isinstance(node, (Variable, Named))
        }

    def define(self, name: str, meaning: Expression) -> Named:
        """The named intermediate that later lines mean by a name."""
        named = Named(name, meaning)
        self.scope[name] = named
        return named

    def known(self, name: str) -> Variable | Named | None:
        """What a name means so far."""
        return self.scope.get(name)

    def nodes(self) -> tuple[Variable | Named, ...]:
        """All variables and intermediates that are known so far."""
        return tuple(self.scope.values())

    def shown(self, expression: Expression) -> str:
        """An expression as LaTeX."""
        return latex(expression)

    def links(self) -> Iterator[Link]:
        """The links of all rows in their order; a row that cannot be read leaves the others alone."""
        good, problems = self._readable()
        waiting = [
            (formula, place)
            for formula in self._read(list(good.values()))
            for place in range(len(formula.sides))
        ]
        waiting.reverse()
        at = {key: position for position, key in enumerate(good)}
        for key, row in enumerate(self.rows):
            if key in problems:
                before = [each for other, each in good.items() if other < key]
                yield from self._unread(row, before, problems[key])
                continue
            cut = good[key].cut
            if cut:
                yield Link(row.number, "", "", None, cut)
            left = ""
            while waiting and _row_of(*waiting[-1]) == at[key]:
                formula, place = waiting.pop()
                link = _link(row, formula, place, left)
                if cut and not place:
                    link = replace(link, text=f"= {link.text}", relation="=")
                yield link
                left = f"{formula.sides[place].text} " if place == 0 and not cut else ""

    def _readable(self) -> tuple[dict[int, Row], dict[int, ChainruleError]]:
        """The rows that can be read after those before them, and what is wrong with the others.

        A row that continues one that cannot be read starts a chain of its own.
        """
        try:
            self._read(self.rows)
        except ChainruleError:
            pass
        else:
            return dict(enumerate(self.rows)), {}
        good: dict[int, Row] = {}
        problems: dict[int, ChainruleError] = {}
        orphaned = 0
        for key, row in enumerate(self.rows):
            wanted = row
            if orphaned and row.continues:
                wanted = row.without_relation(f"it continues line {orphaned}, which cannot be read")
            try:
                self._read([*good.values(), wanted])
            except ChainruleError as error:
                problems[key] = error
                orphaned = orphaned if row.continues else row.number
            else:
                good[key] = wanted
                orphaned = 0
        return good, problems

    def _read(self, wanted: Sequence[Row]) -> tuple[Formula, ...]:
        if not wanted:
            return ()
        return read_latex(" \\\\ ".join(row.text for row in wanted), self.given)

    def _unread(self, row: Row, before: Sequence[Row], problem: ChainruleError) -> Iterator[Link]:
        """A row that cannot be read, with its left side where that one can."""
        reason = str(problem).split("\n")[0]
        misfit = isinstance(problem, ShapeError)
        left, rest = row.parts
        if left and rest:
            side: Side | None = None
            try:
                side = self._read([*before, Row(row.number, left)])[-1].sides[0]
            except ChainruleError:
                misfit = False
            yield Link(row.number, left, "", side, reason, marked=row.marked)
        yield Link(row.number, row.text, "=" if rest else "", None, reason, misfit, row.marked)


def _row_of(formula: Formula, place: int) -> int:
    return formula.sides[place].row


def _link(row: Row, formula: Formula, place: int, before: str) -> Link:
    side = formula.sides[place]
    relation = formula.relations[place - 1] if place else ""
    text = f"{before}{_SIGNS.get(relation, relation)} {side.text}".strip()
    return Link(
        row.number,
        text,
        relation,
        side,
        marked=row.marked,
        notes=formula.notes if place == 1 else (),
    )
