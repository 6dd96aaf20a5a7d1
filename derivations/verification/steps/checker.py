"""The state of a derivation while its lines are read: definitions, the chain, equations that hold."""

from __future__ import annotations

from dataclasses import replace

from derivations.verification.equality.decision import decide
from derivations.verification.judging import explained, worked_out
from derivations.verification.result import Verification
from derivations.verification.steps.bounds import judge_bound
from derivations.verification.steps.chain import Chain, conformed, is_slope
from derivations.verification.steps.differentials import differential_of, moving, resolved
from derivations.verification.steps.equalities import Equalities
from derivations.verification.steps.lines import EQUALITIES, ORDERS, Link, Reader
from derivations.verification.steps.outcome import Outcome, stated, undecided
from derivations.verification.steps.result import LineVerification
from derivations.verification.steps.slopes import judge_sides, rewritten_for, with_wrong_slope
from symbolic import Derivative, Expression, Named, Variable
from symbolic.errors import ChainruleError
from symbolic.nodes import Contraction
from symbolic.reading.latex.formulas import Head
from symbolic.traverse import named_nodes, rewrite, unfold, variables

_SKIPPED = {
    "~=": "an approximation claims nothing exact",
    "propto": "a proportionality leaves a factor open",
    "->": "an arrow is no equality",
    "<-": "an assignment is no equality",
    "in": "a membership declares, and is not checked",
    **dict.fromkeys(("succeq", "preceq", "succ", "prec"), "an order of matrices is not checked"),
}


class Checker:
    """Goes through the links of a derivation once, in their order."""

    def __init__(self, reader: Reader, seed: int) -> None:
        self.reader = reader
        self.seed = seed
        self.chain: Chain | None = None
        self.equalities = Equalities(seed)
        self.wrong = False  # whether a line was refuted
        self.wrong_slopes: list[tuple[int, Derivative, Expression]] = []

    def run(self) -> list[LineVerification]:
        """The lines, checked; a line that opens a chain is told when nothing else is said of it."""
        found: list[LineVerification] = []
        for link in self.reader.links():
            opening = self._opening(link)
            if opening is not None:
                found.append(opening)
            if not link.relation:
                self.chain = self._opened(link)
                continue
            if link.side is None and not link.error:
                found.append(_line(link, _skipped(link), self.reader))
                continue
            line = self._related(link)
            if self.equalities.settled:
                found = [self._settled(each) for each in found]
                self.equalities.settled.clear()
            found.append(line)
        opening = self._opening(None)
        return found if opening is None else [*found, opening]

    def _settled(self, line: LineVerification) -> LineVerification:
        """A line that a later one uses as an equation to solve."""
        user = self.equalities.settled.get(line.number)
        if user is None or line.reading != "equation" or line.verdict != "undecided":
            return line
        reason = f"read as an equation to solve: it is no identity, and line {user} uses it"
        return replace(line, verdict="stated", reason=reason)

    def _opening(self, following: Link | None) -> LineVerification | None:
        """The line of a side that no relation on the same line follows."""
        chain = self.chain
        if chain is None or chain.shown or not chain.first:
            return None
        link = chain.link
        if following is not None and following.relation and following.number == link.number:
            return None
        chain.shown = True
        if chain.error:
            reason, verdict, reading = chain.error, "undecided", "unread"
        else:
            reason, verdict, reading = "it starts a chain", "stated", "start"
        return LineVerification(link.number, link.text, "", reading, verdict, reason)

    def _opened(self, link: Link) -> Chain:
        side = link.side
        if side is None:
            return Chain(link, None, None, link.error, marked=link.marked)
        value, error = self._valued(side.expression)
        chain = Chain(link, side, value, error, is_slope=is_slope(value), marked=link.marked)
        head = side.head
        if head is not None and head.kind == "differential":
            chain.varied = side.expression if not head.name else self.reader.known(head.name)
            chain.value = None
        if head is not None and head.kind == "derivative":
            chain.is_slope, chain.value = True, self._known_slope(head)
        return chain

    def _known_slope(self, head: Head) -> Expression | None:
        """The derivative that a head names, of a function that an earlier line let a name stand for."""
        function = self.reader.known(head.name)
        places = [self.reader.known(name) for name in head.by]
        if function is None or len(places) != 1 or head.indices or head.transposed:
            return None
        return None if places[0] is None else Derivative(function, places[0])

    def _valued(self, expression: Expression | None) -> tuple[Expression | None, str]:
        if expression is None:
            return None, ""
        try:
            return rewritten_for(expression), ""
        except ChainruleError as problem:
            return None, _first_line(problem)

    def _related(self, link: Link) -> LineVerification:
        chain = self.chain
        if chain is None:
            outcome = undecided("unread", "it continues nothing: no line stands before it")
            return _line(link, outcome, self.reader)
        chain.marked |= link.marked
        try:
            outcome = self._outcome(chain, link)
        except ChainruleError as problem:
            outcome = undecided("unread", _first_line(problem))
        except RecursionError:
            outcome = undecided("unread", "its expressions are nested too deeply")
        if outcome.verdict == "refuted" and chain.gap and link.side is not None:
            outcome = _behind_a_gap(outcome, chain.gap)
        if outcome.verdict == "refuted":
            outcome = replace(outcome, follows=None)
            if not self.wrong:
                self.wrong, outcome = True, self._explained(outcome)
            outcome = self._following(outcome, link.number)
        outcome = replace(outcome, notes=(*link.notes, *outcome.notes))
        line = _line(link, outcome, self.reader, chain)
        self._advance(chain, link, outcome)
        return line

    def _following(self, outcome: Outcome, number: int) -> Outcome:
        """A wrong derivative that is what the chain rule makes of an earlier wrong one says so."""
        claim = None if outcome.found is None else outcome.found.claim
        if outcome.slope is None or claim is None:
            return outcome
        for earlier, slope, value in self.wrong_slopes:
            other = with_wrong_slope(outcome.slope, slope, value)
            if other is None or other.shape != claim.shape:
                continue
            if decide(other, claim, seed=self.seed).verdict in ("proved", "verified"):
                return replace(outcome, follows=earlier)
        self.wrong_slopes.append((number, outcome.slope, claim))
        return outcome

    def _explained(self, outcome: Outcome) -> Outcome:
        """The first wrong line with the slip in it, and the line without it."""
        if outcome.found is None:
            return outcome
        slope = outcome.slope if outcome.repaired is not None else None
        found = explained(outcome.found, slope, self.seed)
        mended = (each.repaired for each in found.mistakes if each.repaired is not found.correct)
        repaired = next(mended, None)
        if repaired is None:
            written = (outcome.repaired, _without_names(slope))
            known = [each for each in written if each is not None]
            repaired = min(known, key=lambda each: len(str(each)), default=None)
        elif found.claim is not None:
            repaired = _with_names_of(found.claim, repaired)
        return replace(outcome, found=found, repaired=repaired)

    def _advance(self, chain: Chain, link: Link, outcome: Outcome) -> None:
        """The chain stands at the new side, if that could be read."""
        chain.first, chain.shown = False, True
        if outcome.value is None:
            chain.gap = link.number if outcome.verdict == "undecided" else chain.gap
            return
        if outcome.verdict == "refuted" and chain.wrong is None:
            chain.anchor, chain.wrong = chain.value, link.number
        if outcome.mended or outcome.verdict == "skipped":
            chain.anchor = chain.wrong = None
        chain.side, chain.value, chain.error, chain.gap = link.side, outcome.value, "", 0
        chain.is_slope |= is_slope(outcome.value)

    def _outcome(self, chain: Chain, link: Link) -> Outcome:
        if link.side is None:
            return self._unreadable(chain, link)
        value, problem = self._valued(link.side.expression)
        if problem:
            return undecided("unread", problem)
        if link.relation not in (*EQUALITIES, *ORDERS):
            return replace(_skipped(link), value=value)
        if chain.error:
            return replace(undecided("unread", chain.error), value=value)
        if chain.varied is not None or (
            chain.head is not None and chain.head.kind == "differential"
        ):
            return self._differential(chain, link, value)
        if chain.value is None:
            return self._named(chain, link, value)
        if value is None:
            return self._named_on_the_right(chain, link)
        if link.relation in ORDERS:
            return self._bound(chain, link, value)
        return self.equalities.outcome(chain, link, value, self._context(link))

    def _unreadable(self, chain: Chain, link: Link) -> Outcome:
        """A side that has no value; one whose shapes do not fit cannot be right."""
        if not link.misfit or chain.value is None:
            return undecided("unread", link.error)
        reason = f"the shapes within it do not fit: {link.error}"
        slope = chain.value if is_slope(chain.value) else None
        correct = None if slope is None else worked_out(slope)
        reading = "equality" if slope is None else "derivative"
        question = self._context(link)
        found = Verification("refuted", "shapes", reason, question, None, correct, seed=self.seed)
        return Outcome(reading, "refuted", reason, found, correct)

    def _context(self, link: Link) -> str:
        return f"line {link.number}: {link.text}"

    def _named(self, chain: Chain, link: Link, value: Expression | None) -> Outcome:
        """A chain that opened with a name: a definition, or a derivative of something unknown."""
        head = chain.head
        if head is None or value is None:
            return undecided("unread", "neither side has a value")
        if head.kind == "name" and self._is_primed(head.name):
            base = head.name.removesuffix("_prime")
            reason = (
                f"is it the derivative of {base}, or a new name? Write D({base}, x), or declare it"
            )
            return replace(undecided("derivative", reason), value=value)
        if head.kind == "derivative":
            of_this = isinstance(value, Derivative) and (value.variable.name,) == head.by
            if of_this and isinstance(value, Derivative) and head.name and not head.transposed:
                self._define(head.name, value.expression)
                reason = f"it defines {head.name}, up to a constant"
                return replace(stated("definition", reason), value=value)
            name = head.name or "the function"
            reason = f"what is {name}? A line '{name} = ...' before this one has to define it"
            return replace(undecided("derivative", reason), value=value)
        if link.relation not in EQUALITIES:
            reason = f"what is {head.name}? It is neither declared nor defined"
            return replace(undecided("bound", reason), value=value)
        assert link.side is not None
        own, wanted = link.side.indices, head.indices
        meaning = _reordered(value, own, wanted) if own and wanted and own != wanted else value
        outcome = stated("definition", f"it defines {head.name}")
        solution = self.equalities.solution_under(head.name, outcome, meaning, link.number)
        self._define(head.name, meaning)
        return replace(outcome if solution is None else solution, value=value)

    def _is_primed(self, name: str) -> bool:
        """Whether a name is that of a scalar function that was defined, with a prime."""
        return name.endswith("_prime") and name.removesuffix("_prime") in self.equalities.functions

    def _define(self, name: str, meaning: Expression) -> Named:
        named = self.reader.define(name, meaning)
        if not named.rank:
            self.equalities.functions[name] = named
        return named

    def _named_on_the_right(self, chain: Chain, link: Link) -> Outcome:
        """A = z with z unknown defines z."""
        head = link.side.head if link.side is not None else None
        if head is None or head.kind != "name" or chain.value is None:
            return undecided("unread", "the right side has no value")
        if link.relation not in EQUALITIES:
            return undecided("bound", f"what is {head.name}? It is neither declared nor defined")
        named = self._define(head.name, chain.value)
        return replace(stated("definition", f"it defines {head.name}"), value=named)

    def _bound(self, chain: Chain, link: Link, value: Expression) -> Outcome:
        assert chain.value is not None
        assert chain.side is not None
        assert link.side is not None
        sides = conformed(chain.value, chain.side.indices, value, link.side.indices)
        left, right = worked_out(sides.left), worked_out(sides.right)
        found = judge_bound(self._context(link), left, link.relation, right, self.seed)
        notes = (*sides.notes, *(("compared entry by entry",) if left.rank else ()))
        outcome = Outcome(
            "bound", found.verdict, found.reason, found, value=value, notes=notes,
            follows=chain.wrong,
        )  # fmt: skip
        direction = link.relation[0]
        if chain.direction and direction != chain.direction and found.verdict != "refuted":
            reason = (
                f"the chain turns from {chain.direction}= to {direction}=, so nothing follows for its"
                " ends; what is meant? Begin a new chain with both sides written"
            )
            return replace(outcome, verdict="undecided", reason=reason)
        chain.direction = direction
        return outcome

    def _differential(self, chain: Chain, link: Link, value: Expression | None) -> Outcome:
        head = chain.head
        if chain.varied is None:
            name = head.name if head is not None else ""
            return replace(
                undecided("derivative", f"what is {name}? It is not defined"), value=value
            )
        if value is None or link.relation not in EQUALITIES:
            return undecided("derivative", "a differential equals an expression")
        known = self.reader.nodes()
        both = [value] if chain.value is None else [chain.value, value]
        varying = moving(both, known)
        if chain.value is None and not varying:
            return self._shorthand(chain, link, value)
        if isinstance(chain.varied, Variable):
            reason = f"{chain.varied.name} is a variable: its differential may be anything"
            return replace(undecided("derivative", reason), value=value)
        if chain.value is None:
            correct = differential_of(chain.varied, varying)
        else:
            correct = resolved(chain.value, known, varying)
        claim = resolved(value, known, varying)
        found = judge_sides(self._context(link), correct, claim, self.seed)
        constant = sorted(v.name for v in variables(chain.varied) if v not in varying)
        notes = (
            (f"{', '.join(constant)} held constant",) if constant and chain.value is None else ()
        )
        return Outcome(
            "derivative", found.verdict, found.reason, found, correct, value,
            notes, None if chain.value is None else chain.wrong,
        )  # fmt: skip

    def _shorthand(self, chain: Chain, link: Link, value: Expression) -> Outcome:
        """`dz = ...` without differentials on the right: the derivative of the one loss by z."""
        place = chain.varied
        losses = [each for each in self.equalities.losses() if each is not place]
        if not isinstance(place, (Named, Variable)) or len(losses) != 1:
            reason = (
                "is it a differential, or the derivative of something? Write the differentials on"
                " the right, or D(L, z) = ..."
            )
            return replace(undecided("derivative", reason), value=value)
        loss = losses[0]
        slope = rewritten_for(Derivative(loss.meaning, place))
        assert isinstance(slope, Derivative)
        correct = worked_out(slope)
        found = judge_sides(self._context(link), correct, worked_out(value), self.seed, slope)
        self.reader.define(f"d{place.name}", correct)
        chain.varied = None
        note = f"d{place.name} is read as the derivative of {loss.name} by {place.name}"
        return Outcome(
            "derivative", found.verdict, found.reason, found, correct, value, (note,), slope=slope
        )


def _skipped(link: Link) -> Outcome:
    """A relation that claims nothing exact."""
    return Outcome(
        "skipped", "skipped", _SKIPPED.get(link.relation, f"{link.relation} is not checked")
    )


def _behind_a_gap(outcome: Outcome, gap: int) -> Outcome:
    """A wrong line that may be right, since a side between the two that differ could not be read."""
    reason = (
        f"it differs from the last side that could be read: this line is wrong, or line {gap}, which"
        " could not be read"
    )
    return replace(outcome, verdict="undecided", reason=reason, repaired=None)


def _without_names(slope: Derivative | None) -> Expression | None:
    """The derivative of a function whose intermediates are written out; often the shorter one."""
    if slope is None or isinstance(slope.variable, Named):
        return None
    return worked_out(Derivative(unfold(slope.expression), slope.variable))


def _with_names_of(written: Expression, other: Expression) -> Expression:
    """An expression with the intermediates that another one is written with in place."""
    names: dict[Expression, Expression] = {unfold(each): each for each in named_nodes(written)}
    return rewrite(other, lambda node: names.get(node, node))


def _reordered(value: Expression, own: tuple[str, ...], wanted: tuple[str, ...]) -> Expression:
    rest = tuple(f"axis {place}" for place in range(len(own), value.rank))
    return Contraction([value], [(*own, *rest)], (*wanted, *rest))


def _line(
    link: Link, outcome: Outcome, reader: Reader, chain: Chain | None = None
) -> LineVerification:
    repaired = ""
    if outcome.verdict == "refuted" and outcome.repaired is not None:
        before = ""
        if chain is not None and chain.link.number == link.number and chain.first:
            before = f"{chain.link.text} "
        repaired = f"{before}{link.relation} {reader.shown(outcome.repaired)}"
    return LineVerification(
        link.number,
        link.text,
        link.relation,
        outcome.reading,
        outcome.verdict,
        outcome.reason,
        outcome.found,
        repaired,
        outcome.follows,
        outcome.notes,
    )


def _first_line(problem: ChainruleError) -> str:
    return str(problem).split("\n")[0]
