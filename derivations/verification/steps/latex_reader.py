"""Lines of LaTeX: rows of blocks, read together so that each sees the definitions before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from derivations.verification.steps.latex_rows import SIGNS, Piece, Row, chains, pieces, rows
from derivations.verification.steps.lines import Link, Reader
from symbolic import Expression, Named, Variable
from symbolic.errors import ChainruleError, ShapeError
from symbolic.printing.latex_printer import latex
from symbolic.reading.declarations import Given
from symbolic.reading.latex.formulas import Formula, Side
from symbolic.reading.latex.reader import declared_names, read_latex


class LatexReader(Reader):
    """Reads LaTeX rows; the reading of LaTeX itself knows which names the rows define."""

    def __init__(self, texts: Sequence[str], given: Given | None) -> None:
        super().__init__()
        self.rows = rows(texts)
        self.given = given
        for name, node in declared_names(given).items():
            if isinstance(node, (Variable, Named)):
                self.scope[name] = node

    def define(self, name: str, meaning: Expression) -> Named:
        """The named intermediate that later lines mean by a name."""
        named = Named(name, meaning)
        self.scope[name] = named
        return named

    def shown(self, expression: Expression) -> str:
        """An expression as LaTeX."""
        return latex(expression)

    def links(self) -> Iterator[Link]:
        """Every side of every row once, in order; one that cannot be read leaves the others alone."""
        kept, gaps = self._sorted_out()
        owners = [place for place, piece in enumerate(kept) for _ in range(piece.statements)]

        def owner_of(side: Side) -> int:
            return owners[side.row] if side.row < len(owners) else len(kept) - 1

        told = 0
        for formula in self._read(kept):
            left = ""
            for place, side in enumerate(formula.sides):
                owner = owner_of(side)
                for gap in range(told, owner + 1):
                    yield from gaps[gap]
                    yield from _without_claim(kept[gap])
                told = max(told, owner + 1)
                piece = kept[owner]
                link = _link(piece.row, formula, place, left)
                if piece.relation and not place:
                    shown = f"{SIGNS.get(piece.relation, piece.relation)} {link.text}"
                    link = replace(link, text=shown, relation=piece.relation)
                yield link
                left = ""
                if not place and not piece.relation and len(formula.sides) > 1:
                    following = owner_of(formula.sides[1])
                    if kept[following].row is piece.row and (
                        following == owner or not gaps[following]
                    ):
                        left = f"{_shown(side)} "
        for gap in range(told, len(kept)):
            yield from gaps[gap]
            yield from _without_claim(kept[gap])
        if told <= len(kept):
            yield from gaps[len(kept)]

    def _sorted_out(self) -> tuple[list[Piece], dict[int, list[Link]]]:
        """What can be read, and the links of what cannot, by the place of what stands behind them."""
        whole = [[Piece(row, row.text) for row in chain] for chain in chains(self.rows)]
        kept: list[Piece] = []
        gaps: dict[int, list[Link]] = defaultdict(list)
        start = 0
        while start < len(whole):
            good = self._readable(kept, whole[start:])
            kept += [piece for chain in whole[start : start + good] for piece in chain]
            start += good
            if start < len(whole):
                self._apart([piece.row for piece in whole[start]], kept, gaps)
                start += 1
        return kept, gaps

    def _readable(self, kept: Sequence[Piece], following: Sequence[Sequence[Piece]]) -> int:
        """How many of the chains that follow can be read after those that were kept."""
        low, high = 0, len(following) + 1
        tried = len(following) if not kept else 1
        while high - low > 1:
            pieces_of_them = [piece for chain in following[:tried] for piece in chain]
            if self._problem([*kept, *pieces_of_them]) is None:
                low = tried
            else:
                high = tried
            tried = min(2 * low + 1, (low + high) // 2)
        return low

    def _apart(self, chain: Sequence[Row], kept: list[Piece], gaps: dict[int, list[Link]]) -> None:
        """A chain that cannot be read as a whole, side by side.

        What is behind a side that cannot be read is compared with the side before it, if there is one.
        """
        opening: Piece | None = (
            None  # one that cannot be read alone, as a name that is to be defined
        )
        stands = False
        left: Piece | None = None
        for piece in (each for row in chain for each in pieces(row)):
            if not piece.relation:
                if opening is not None:
                    gaps[len(kept)].append(self._unreadable(kept, opening))
                opening, stands, left = piece, False, piece
                if self._problem([*kept, piece]) is None:
                    kept.append(piece)
                    opening, stands = None, True
                continue
            before = left.text if left is not None and left.row is piece.row else ""
            left = None
            tried = piece
            if opening is not None:
                tried = replace(piece, text=f"{opening.text} {piece.written}", relation="")
            elif stands:
                tried = replace(piece, text=piece.written, relation="")
            problem = self._problem([*kept, tried])
            if problem is None:
                kept.append(tried)
                opening, stands = None, True
                continue
            reason, misfit = _first_line(problem), _is_misfit(problem)
            if opening is not None:
                gaps[len(kept)].append(_unread(opening, "", reason))
                opening, misfit = None, False
                if self._problem([*kept, piece]) is None:
                    kept.append(piece)
                    stands = True
                    continue
            gaps[len(kept)].append(_unread(piece, before, reason, misfit))
        if opening is not None:
            gaps[len(kept)].append(self._unreadable(kept, opening))

    def _unreadable(self, kept: Sequence[Piece], piece: Piece) -> Link:
        problem = self._problem([*kept, piece])
        assert problem is not None
        return _unread(piece, "", _first_line(problem))

    def _problem(self, wanted: Sequence[Piece]) -> ChainruleError | None:
        try:
            self._read(wanted)
        except ChainruleError as problem:
            return problem
        return None

    def _read(self, wanted: Sequence[Piece]) -> tuple[Formula, ...]:
        if not wanted:
            return ()
        return read_latex(" \\\\ ".join(piece.text for piece in wanted), self.given)


def _without_claim(piece: Piece) -> Iterator[Link]:
    r"""A row that declares and states nothing, as `x \in \mathbb{R}`."""
    if not piece.statements:
        yield Link(piece.row.number, piece.text, "in", None, marked=piece.row.marked)


def _first_line(problem: ChainruleError) -> str:
    return str(problem).split("\n")[0]


def _is_misfit(problem: ChainruleError) -> bool:
    """Whether shapes are known and do not fit; a size or an index in doubt is no misfit."""
    told = str(problem)
    return isinstance(problem, ShapeError) and "fit" in told and "unknown size" not in told


def _unread(piece: Piece, before: str, reason: str, misfit: bool = False) -> Link:
    text = f"{before} {piece.written}".strip()
    return Link(piece.row.number, text, piece.relation, None, reason, misfit, piece.row.marked)


def _shown(side: Side) -> str:
    """The text of a side without the marks of columns."""
    return side.text if r"\begin" in side.text else " ".join(side.text.replace("&", " ").split())


def _link(row: Row, formula: Formula, place: int, before: str) -> Link:
    side = formula.sides[place]
    relation = formula.relations[place - 1] if place else ""
    text = f"{before}{SIGNS.get(relation, relation)} {_shown(side)}".strip()
    return Link(
        row.number,
        text,
        relation,
        side,
        marked=row.marked,
        notes=formula.notes if place == 1 else (),
    )
