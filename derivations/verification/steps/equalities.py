"""An equality: an identity, or, where there is a reason to read it so, an equation to solve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from derivations.statements import Equation
from derivations.verification.equality.decision import decide
from derivations.verification.judging import worked_out
from derivations.verification.result import Verification
from derivations.verification.steps.chain import Chain, Sides, conformed, is_slope
from derivations.verification.steps.conditions import (
    Condition,
    follows,
    is_possible,
    only_solution,
    solves,
    stationary,
)
from derivations.verification.steps.labels import label_of, says_solution
from derivations.verification.steps.lines import Link
from derivations.verification.steps.outcome import Outcome
from derivations.verification.steps.slopes import judge_sides
from symbolic import Derivative, Expression, Named, Variable
from symbolic.algebra.normal import is_zero
from symbolic.operations import transpose
from symbolic.sizes import shape_text
from symbolic.traverse import named_nodes, substitute, unfold, variables

_SET_TO_ZERO = "a derivative is set to zero"
_HOW_TO_SAY = "if it is meant as an equation to solve, write 'solve:' before it"


class Equalities:
    """Judges equalities; remembers the functions, the equations that hold, and what solved them."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.functions: dict[str, Named] = {}
        self.by: set[Expression] = set()  # what derivatives were taken by
        self.stationary_in: set[Expression] = set()  # the unknowns of equations that said so
        self.conditions: list[Condition] = []
        self.pending: dict[int, Condition] = {}  # equations that only a later use confirms
        self.settled: dict[int, int] = {}  # lines that were confirmed, and by which line
        self.solved: dict[Expression, Expression] = {}
        self.solved_on: dict[Expression, int] = {}
        self.solved_roots: set[int] = set()  # lines whose equations have been solved

    def losses(self) -> list[Named]:
        """The scalar functions that no other one is made of."""
        inner = {
            node
            for function in self.functions.values()
            for node in named_nodes(function)
            if node is not function
        }
        return [function for function in self.functions.values() if function not in inner]

    def outcome(self, chain: Chain, link: Link, value: Expression, question: str) -> Outcome:
        """What the equality of the chain's last side and a new one is, and whether it holds."""
        assert chain.value is not None
        assert chain.side is not None
        assert link.side is not None
        sides = conformed(chain.value, chain.side.indices, value, link.side.indices)
        is_derivative = is_slope(sides.left) or is_slope(sides.right)
        sides = _in_one_layout(sides)
        slope = next((s for s in (sides.left, sides.right) if isinstance(s, Derivative)), None)
        if slope is not None:
            self.by.add(slope.variable)
            if chain.slope is None:
                chain.slope = slope
        left, right = worked_out(sides.left), worked_out(sides.right)
        found = judge_sides(
            question, left, right, self.seed, slope,
            derived=left if slope is sides.left else right,
            kinked=chain.slope,
        )  # fmt: skip
        reading = "derivative" if is_derivative else "equality"
        outcome = Outcome(
            reading, found.verdict, found.reason, found, left if is_slope(sides.left) else None, value,
            (*sides.notes, *found.notes), chain.wrong, slope=slope,
        )  # fmt: skip
        if found.passed:
            return outcome
        claimed = Equation(left, right) if left.shape == right.shape else None
        if claimed is None or not is_possible(claimed, self.seed):
            return self._wrong(outcome, chain, link, right, slope)
        if chain.marked and chain.first:
            return self._set_up(outcome, left, right, link.number, chain, "it says so")
        if found.verdict != "refuted":
            return outcome
        zero = is_zero(chain.value) or is_zero(value)
        chain.is_slope |= zero and is_derivative
        if zero and chain.is_slope:
            return self._set_up(outcome, left, right, link.number, chain, _SET_TO_ZERO)
        other = self._other_reading(outcome, chain, link, left, right, slope)
        if other is not None:
            return other
        if zero:
            return self._asked(outcome, left, right, link.number, chain)
        return self._wrong(outcome, chain, link, right, slope)

    def _asked(
        self, outcome: Outcome, left: Expression, right: Expression, number: int, chain: Chain
    ) -> Outcome:
        """`... = 0` that is no identity, follows from nothing and is no derivative: a question."""
        reason = (
            "is it an equation to solve, or a claim? It is no identity; write 'solve:' before it, or"
            " solve it in a later line"
        )
        self.pending[number] = Condition(Equation(left, right), number, number, chain.wrong)
        return _as_equation(outcome, "undecided", reason, left, right)

    def _set_up(
        self,
        outcome: Outcome,
        left: Expression,
        right: Expression,
        number: int,
        chain: Chain,
        why: str,
    ) -> Outcome:
        self.conditions.append(Condition(Equation(left, right), number, number, chain.wrong))
        reason = f"read as an equation to solve, since {why}: it is no identity"
        return _as_equation(outcome, "stated", reason, left, right)

    def _other_reading(
        self,
        outcome: Outcome,
        chain: Chain,
        link: Link,
        left: Expression,
        right: Expression,
        slope: Derivative | None,
    ) -> Outcome | None:
        """A refuted identity read as a solution, a stationarity condition, or a consequence."""
        if slope is not None:
            return None
        if self.solved:
            known = self._with_solutions(outcome, left, right)
            if known is not None:
                return known
        if not chain.first or chain.is_slope:
            return None
        if isinstance(left, Variable) and left not in variables(unfold(right)):
            solution = self._solution(outcome, left, right, link.number)
            if solution is None:
                solution = self.solution_under(left.name, outcome, right, link.number)
            if solution is not None:
                return solution
        claimed = Equation(left, right)
        at = stationary(self.losses(), self._unknowns(variables([left, right])), claimed)
        if at is not None:
            function, variable, condition = at
            self.stationary_in.add(variable)
            self.conditions.append(Condition(condition, link.number, link.number))
            reason = (
                f"read as an equation to solve: it is no identity, it holds exactly where the"
                f" gradient of {function.name} by {variable.name} is zero"
            )
            return replace(
                outcome, reading="equation", verdict="proved", reason=reason, repaired=None
            )
        return self._implied(outcome, claimed, link.number)

    def _with_solutions(
        self, outcome: Outcome, left: Expression, right: Expression
    ) -> Outcome | None:
        """Equal once the variables that were solved for are replaced by their solutions."""
        values = dict(self.solved)
        first, second = (substitute(unfold(side), values) for side in (left, right))
        if not set(values) & set(variables([unfold(left), unfold(right)])):
            return None
        question = outcome.found.question if outcome.found else ""
        found = judge_sides(question, first, second, self.seed)
        if not found.passed:
            return None
        lines = ", ".join(str(number) for number in dict.fromkeys(self.solved_on.values()))
        return replace(
            outcome,
            reading="implication",
            verdict=found.verdict,
            reason=f"both sides agree with the solution of line {lines} in place",
            found=found,
            repaired=None,
        )

    def _solution(
        self, outcome: Outcome, variable: Variable, value: Expression, number: int
    ) -> Outcome | None:
        """`w = ...` for a variable that an equation is about, or that a loss is stationary in."""
        about = [
            each
            for each in (*self.pending.values(), *self.conditions)
            if each.holding(variable) or self._with_solved(each, variable).holding(variable)
        ]
        implicit = not about
        if implicit:
            about = self._stationarity(variable, number)
        found: Verification | None = None
        roots = [c for c in about if c.root == c.number]
        others = [c for c in about if c.root != c.number]
        if any(condition.wrong is not None for condition in roots):
            others += self._stationarity(variable, number)
        for condition in (*reversed(roots), *reversed(others)):
            found = self._solved_by(variable, value, condition)
            if found.passed:
                self._use([condition], number)
                self._solve(variable, value, number, condition.root)
            is_one_of_several = found.counterexample is not None or bool(found.right_if)
            if found.passed or (found.verdict == "undecided" and is_one_of_several):
                return replace(
                    outcome, reading="solution", verdict=found.verdict, reason=found.reason,
                    found=found, repaired=None, follows=condition.wrong if found.passed else None,
                    notes=(),
                )  # fmt: skip
        if found is None or implicit:
            return None
        claimed = Equation(variable, value)
        implied = self._implied(outcome, claimed, number)
        if implied is not None and implied.passed:
            self._solve(variable, value, number)
            self._use(self._related(claimed), number)
            return replace(implied, reading="solution")
        open_roots = {c.root for c in self._related(claimed)} - set(self.solved_roots)
        if implied is not None and implied.verdict == "undecided" and len(open_roots) > 1:
            return implied
        return replace(
            outcome, reading="solution", verdict=found.verdict, reason=found.reason, found=found,
            repaired=None,
        )  # fmt: skip

    def solution_under(
        self, name: str, outcome: Outcome, value: Expression, number: int
    ) -> Outcome | None:
        r"""`\hat w = ...` for the unknown w of an equation that holds: a solution, no mere definition.

        A name that cannot be matched to the unknown is a question where it stands behind an arrow on
        the line of the equation.
        """
        open_conditions = (*self.pending.values(), *self.conditions)
        held = [unknown for each in open_conditions for unknown in each.variables]
        known = [each for each in held if each in self.by or each in self.stationary_in]
        matching = [each for each in known or held if label_of(name, each.name)]
        behind = any(each.number == number for each in open_conditions)
        if not matching:
            is_claim = behind and number not in self.solved_on.values()
            return _unmatched(outcome, name, known) if is_claim else None
        variable = max(matching, key=lambda each: len(each.name))
        is_named_so = says_solution(label_of(name, variable.name))
        if variable in variables(unfold(value)) or variable.shape != value.shape:
            return _unmatched(outcome, name, [variable]) if behind or is_named_so else None
        before = dict(self.solved), dict(self.solved_on), set(self.solved_roots)
        solution = self._solution(outcome, variable, value, number)
        if not known:
            self.solved, self.solved_on, self.solved_roots = before
        is_certain = bool(known) and is_named_so
        if solution is None or not (solution.passed or is_certain):
            return _unmatched(outcome, name, [variable])
        note = f"{name} is read as the solution for {variable.name}"
        return replace(solution, notes=(*solution.notes, note))

    def _solve(self, variable: Variable, value: Expression, number: int, root: int = 0) -> None:
        self.solved[variable], self.solved_on[variable] = value, number
        self.solved_roots.add(root)

    def _solved_by(
        self, variable: Variable, value: Expression, condition: Condition
    ) -> Verification:
        """Whether a value solves an equation, also with what was solved for before in place."""
        found = solves(variable, value, condition, self.seed)
        if found.passed:
            conclusion = Equation(variable, value)
            return only_solution(found, condition, conclusion, self.seed)
        left = self._with_solved(condition, variable)
        if found.verdict != "refuted" or left is condition:
            return found
        if decide(left.equation.left, left.equation.right, seed=self.seed).verdict != "refuted":
            return found  # every value satisfies what is left of it
        again = solves(variable, value, left, self.seed)
        return again if again.passed else found

    def _with_solved(self, condition: Condition, variable: Variable) -> Condition:
        """An equation with the solutions of other variables in place."""
        earlier: dict[Expression, Expression] = {
            each: value for each, value in self.solved.items() if each is not variable
        }
        if not any(isinstance(each, Variable) and condition.holding(each) for each in earlier):
            return condition
        one = condition.equation
        sides = (substitute(unfold(side), earlier) for side in (one.left, one.right))
        return replace(condition, equation=Equation(*sides))

    def _unknowns(self, candidates: Iterable[Variable]) -> list[Variable]:
        """The variables a loss may be stationary in: those it was differentiated by, if any."""
        return [each for each in candidates if not self.by or each in self.by]

    def _stationarity(self, variable: Variable, number: int) -> list[Condition]:
        """That the gradient of a function that was defined is zero, for each of them."""
        found = []
        for function in self.losses():
            if variable in self._unknowns(variables(unfold(function))):
                slope = worked_out(Derivative(function, variable))
                zero = slope - slope
                name = f"that the gradient of {function.name} by {variable.name} is zero"
                found.append(Condition(Equation(slope, zero), number, number, name=name))
        return found

    def _implied(self, outcome: Outcome, claimed: Equation, number: int) -> Outcome | None:
        """Whether an equation follows from those that hold."""
        related = self._related(claimed)
        if not related:
            return None
        found = follows(related, claimed, self.seed)
        wrong = next((c.wrong for c in reversed(related) if c.wrong is not None), None)
        if found.passed:
            last = related[-1]
            self.conditions.append(Condition(claimed, number, last.root, wrong))
        return replace(
            outcome,
            reading="implication",
            verdict=found.verdict,
            reason=found.reason,
            found=found,
            repaired=None,
            follows=wrong if found.passed else None,
            notes=(*outcome.notes, *((_HOW_TO_SAY,) if found.verdict == "refuted" else ())),
        )

    def _related(self, claimed: Equation) -> list[Condition]:
        """The equations in force that share a variable with a claimed one."""
        wanted = set(variables([unfold(claimed.left), unfold(claimed.right)]))
        both = sorted((*self.conditions, *self.pending.values()), key=lambda c: c.number)
        return [c for c in both if any(c.holding(variable) for variable in wanted)]

    def _use(self, conditions: list[Condition], number: int) -> None:
        """Equations that a later line solves are equations to solve."""
        for condition in conditions:
            root = self.pending.pop(condition.root, None)
            if root is not None:
                self.conditions.append(root)
                self.settled[root.number] = number

    def _wrong(
        self,
        outcome: Outcome,
        chain: Chain,
        link: Link,
        right: Expression,
        slope: Derivative | None,
    ) -> Outcome:
        """A false identity; right all the same when only the line before it is wrong."""
        if chain.anchor is not None:
            anchor = conformed(chain.anchor, (), right, ()).left
            again = judge_sides(f"line {link.number}", worked_out(anchor), right, self.seed)
            if again.passed:
                reason = f"it is right again: it equals what stood before line {chain.wrong}"
                return replace(
                    outcome, verdict=again.verdict, reason=reason, found=again, repaired=None,
                    follows=None, mended=True, notes=(reason,),
                )  # fmt: skip
        notes = outcome.notes
        if chain.first and slope is None:
            notes = (*notes, f"it is false as an identity; {_HOW_TO_SAY}")
        return replace(outcome, notes=notes)


def _as_equation(
    outcome: Outcome, verdict: str, reason: str, left: Expression, right: Expression
) -> Outcome:
    """What is read as an equation to solve; the chain goes on from the left side of `... = 0`."""
    stands = left if is_zero(right) else outcome.value
    return replace(
        outcome, reading="equation", verdict=verdict, reason=reason, repaired=None, value=stands
    )


def _in_one_layout(sides: Sides) -> Sides:
    """A Jacobian written with rows and columns exchanged is turned to the layout of its right side."""
    left, right = sides.left, sides.right
    if not isinstance(left, Derivative) or left.shape == right.shape:
        return sides
    jacobian = left.expression.rank == 1 and left.variable.rank == 1
    if jacobian and right.shape == left.shape[::-1]:
        note = f"read in denominator layout, since the right side is {shape_text(right.shape)}"
        return Sides(transpose(left), right, (*sides.notes, note))
    return sides


def _unmatched(outcome: Outcome, name: str, unknowns: Iterable[Variable]) -> Outcome:
    told = " or ".join(dict.fromkeys(each.name for each in unknowns)) or "the unknown"
    reason = (
        f"is {name} the solution for {told}, or a new name? Write the solution as {told} = ..., and what"
        " is no solution before the equation"
    )
    return replace(
        outcome, reading="solution", verdict="undecided", reason=reason, found=None, repaired=None
    )
