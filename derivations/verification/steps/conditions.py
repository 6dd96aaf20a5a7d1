"""Equations to solve: what follows from them, and what solves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from derivations.rules.equations import proportional
from derivations.statements import Equation, equation
from derivations.verification.equality.decision import Counterexample, decide
from derivations.verification.judging import rests_on, worked_out
from derivations.verification.result import Verification
from derivations.verification.steps.divisors import all_divisors, sizes_below
from derivations.verification.steps.other_roots import other_root
from numeric.constraints import sample_on
from numeric.enclosure import compare, enclose
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, sample
from numeric.seeds import generator
from symbolic import Derivative, Expression, Variable
from symbolic.errors import ChainruleError
from symbolic.nodes import Apply, Elementwise, Named
from symbolic.operations import constant, multiply, subtract
from symbolic.traverse import substitute, unfold, variables

_POINTS = 4
_BITS = 256
_NOT_ZERO = Fraction(7, 3)
_DISCRETE = {"binary", "pm1", "counts", "index", "onehot"}
_RATIONAL = {"inv", "det", "solve", "matrix_power"}


@dataclass(frozen=True)
class Condition:
    """An equation that is taken to hold: the line it stands on, and whether it is wrong there.

    `root` is the line of the equation that it was derived from, itself for one that was set up;
    `name` how a reason calls it.
    """

    equation: Equation
    number: int
    root: int
    wrong: int | None = None
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"the equation of line {self.number}"

    def holding(self, variable: Variable) -> bool:
        """Whether the condition says something of a variable."""
        return variable in self.variables

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of both sides, intermediates written out."""
        return variables([unfold(self.equation.left), unfold(self.equation.right)])


def solves(variable: Variable, value: Expression, condition: Condition, seed: int) -> Verification:
    """Whether the equation becomes an identity when the variable is replaced by the value."""
    sides = (unfold(condition.equation.left), unfold(condition.equation.right))
    left, right = (substitute(side, {variable: unfold(value)}) for side in sides)
    found = decide(left, right, seed=seed)
    question = f"{variable.name} = {value} solves {condition.equation}"
    words = {
        "proved": f"it satisfies {condition}",
        "verified": f"it satisfies {condition}: {found.reason}",
        "refuted": f"it does not satisfy {condition}",
        "undecided": found.reason,
    }
    facts = () if found.verdict == "refuted" else rests_on(value, value, derivative=False)
    return Verification(
        found.verdict, found.method, words[found.verdict], question, value, None,
        found.points, found.sizes, found.seed, tuple(dict.fromkeys((*facts, *found.assumptions))),
        found.counterexample,
    )  # fmt: skip


def follows(conditions: Sequence[Condition], conclusion: Equation, seed: int) -> Verification:
    """Whether an equation follows from those that hold: rearranged, or at points where they hold.

    Points are exact. A point where all conditions hold and the conclusion does not refutes; one that
    needs a number to be 0 that a person divides by leaves the step undecided, with the question.
    """
    question = f"{conclusion} follows from {' and '.join(str(c.equation) for c in conditions)}"
    for condition in reversed(conditions):
        for factor in (None, *_scalar_divisors(condition.equation)):
            if proportional(_times(condition.equation, factor), conclusion):
                times = "rearranged" if factor is None else f"times {factor}"
                reason = f"it is {condition}, {times}"
                return Verification("proved", "algebra", reason, question, seed=seed)
    premises = [condition.equation for condition in conditions]
    numbers = ", ".join(str(number) for number in dict.fromkeys(c.number for c in conditions))
    for attempt in (_folded, _abstracted, _unfolded):
        found = _sampled(*attempt(premises, conclusion), question, numbers, seed)
        if found.passed or (attempt is _unfolded and found.verdict == "refuted"):
            break
    if found.passed:
        return without_lost_solutions(found, premises, conclusion, seed)
    return _unless_zero(found, premises, conclusion, seed)


Simplified = tuple[list[Equation], Equation]


def _unfolded(premises: Sequence[Equation], conclusion: Equation) -> Simplified:
    return [_mapped(each, unfold) for each in premises], _mapped(conclusion, unfold)


def _folded(premises: Sequence[Equation], conclusion: Equation) -> Simplified:
    """With intermediates as variables: what holds for all their values holds for the ones they have."""

    def free(expression: Expression) -> Expression:
        return _freed(expression, lambda node: isinstance(node, Named))

    return [_mapped(each, free) for each in premises], _mapped(conclusion, free)


def _abstracted(premises: Sequence[Equation], conclusion: Equation) -> Simplified:
    """With functions that are not rational as variables, for the same reason."""

    def free(expression: Expression) -> Expression:
        return _freed(unfold(expression), _is_transcendental)

    return [_mapped(each, free) for each in premises], _mapped(conclusion, free)


def _freed(expression: Expression, wanted: Any) -> Expression:
    """The outermost nodes of a kind replaced by variables, the same ones by the same."""
    found: dict[Expression, Expression] = {}
    waiting = [expression]
    seen = {expression}
    while waiting:
        node = waiting.pop()
        if wanted(node):
            found[node] = Variable(f"value_{node.key.hex()}", node.shape)
            continue
        fresh = [child for child in node.children if child not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return substitute(expression, found)


def _is_transcendental(node: Expression) -> bool:
    if isinstance(node, Apply):
        return node.function not in _RATIONAL
    if not isinstance(node, Elementwise):
        return False
    return not node.kernel.expr.is_rational_function(*node.kernel.variables)


def _mapped(one: Equation, change: Any) -> Equation:
    return Equation(change(one.left), change(one.right))


def _sampled(
    premises: Sequence[Equation], conclusion: Equation, question: str, numbers: str, seed: int
) -> Verification:
    rng = generator(seed)
    everything = [side for each in (*premises, conclusion) for side in (each.left, each.right)]
    held, reason = 0, ""
    sizes_seen: list[Mapping[str, int]] = []
    for sizes in choose_sizes(everything, rng, _POINTS):
        try:
            point = sample_on(
                [(e.left, e.right) for e in premises], variables(everything), sizes, rng
            )
            found = compare(conclusion.left, conclusion.right, _used(conclusion, point), sizes)
        except (Undecided, ChainruleError) as error:
            reason = str(error)
            continue
        named = {letter.name: number for letter, number in sizes.items()}
        if found.outcome == "different":
            values = {v.name: np.asarray(a, dtype=object).tolist() for v, a in point.items()}
            shown = Counterexample(named, values, found.entry, found.left, found.right)
            return Verification(
                "refuted", "enclosures",
                f"it does not follow from line {numbers}: at a point where that holds the values"
                f" differ: {found.left} and {found.right}",
                question, points=held + 1, sizes=(*sizes_seen, named), seed=seed,
                counterexample=shown,
            )  # fmt: skip
        if found.outcome == "equal":
            held += 1
            sizes_seen.append(named)
        else:
            reason = found.reason
    if not held:
        why = f"no point was found at which line {numbers} holds: {reason or 'none was tried'}"
        return Verification("undecided", "enclosures", why, question, seed=seed)
    words = f"it holds at {held} rational points at which line {numbers} holds"
    return Verification(
        "verified", "enclosures", words, question, points=held, sizes=tuple(sizes_seen), seed=seed
    )


def _used(one: Equation, point: Mapping[Variable, Any]) -> dict[Variable, Any]:
    return {each: point[each] for each in variables([one.left, one.right])}


def only_solution(
    found: Verification, condition: Condition, claimed: Equation, seed: int
) -> Verification:
    """A value that satisfies an equation, or the question why it is that one, where others do too."""
    premises, conclusion = _unfolded([condition.equation], claimed)
    other = _sampled(premises, conclusion, found.question, str(condition.number), seed)
    if other.verdict != "refuted":
        asked = without_lost_solutions(found, premises, conclusion, seed)
        return _unless_there_are_others(asked, condition, claimed, seed) if asked.passed else asked
    asked = _unless_zero(other, premises, conclusion, seed)
    if asked.verdict == "undecided":
        return asked
    reason = f"it satisfies {condition}, but other values do as well: say why it is this one"
    return replace(other, verdict="undecided", reason=reason)


def _unless_there_are_others(
    found: Verification, condition: Condition, claimed: Equation, seed: int
) -> Verification:
    """The finding, or the question why it is this root of an equation in one number."""
    variable = claimed.left
    assert isinstance(variable, Variable)
    root = other_root(variable, claimed.right, condition.equation, seed)
    if root is not None:
        other = f"about {float(root):.4g}"
    elif variable.rank and _turned_solves(variable, claimed.right, condition, seed):
        other = f"{multiply(-1, claimed.right)}"
    else:
        return found
    reason = (
        f"it satisfies {condition}, but so does another value, {variable.name} = {other}: say why it is"
        " this one"
    )
    excluded = f"{variable.name} is not {other}"
    return replace(
        found, verdict="undecided", method="enclosures", reason=reason, right_if=(excluded,)
    )


def _turned_solves(variable: Variable, value: Expression, condition: Condition, seed: int) -> bool:
    """Whether the value with the other sign solves an equation too, and is another one."""
    if variable.domain != "real":
        return False
    turned = multiply(-1, value)
    if decide(turned, value, seed=seed).verdict != "refuted":
        return False
    return solves(variable, turned, condition, seed).passed


def without_lost_solutions(
    found: Verification, premises: Sequence[Equation], conclusion: Equation, seed: int
) -> Verification:
    """The finding, or the question whether a number may be 0 without which the step fails."""
    premises, conclusion = _unfolded(premises, conclusion)
    sides = [side for each in (*premises, conclusion) for side in (each.left, each.right)]
    for variable in variables(sides):
        if variable.rank or variable.domain != "real":
            continue
        at_zero = [_at(each, variable, 0) for each in (*premises, conclusion)]
        against = _sampled(at_zero[:-1], at_zero[-1], found.question, "", seed)
        if against.verdict == "refuted":
            return _asked(found, variable, against.counterexample)
    return found


def _unless_zero(
    found: Verification, premises: Sequence[Equation], conclusion: Equation, seed: int
) -> Verification:
    """A step refuted where a number is 0, as a question when it holds for another value of that."""
    if found.counterexample is None:
        return found
    zeros = {name for name, value in found.counterexample.point.items() if value == 0}
    premises, conclusion = _unfolded(premises, conclusion)
    sides = [side for each in (*premises, conclusion) for side in (each.left, each.right)]
    for variable in variables(sides):
        if variable.name in zeros and not variable.rank:
            elsewhere = [_at(each, variable, _NOT_ZERO) for each in (*premises, conclusion)]
            again = _sampled(elsewhere[:-1], elsewhere[-1], found.question, "", seed)
            if again.passed:
                return _asked(found, variable, found.counterexample)
    return found


def _asked(
    found: Verification, variable: Variable, counterexample: Counterexample | None
) -> Verification:
    reason = (
        f"it follows only where {variable.name} is not 0, as after a division by it: declare"
        f" {variable.name} positive, or say what holds where it is 0"
    )
    return replace(
        found,
        verdict="undecided",
        reason=reason,
        counterexample=counterexample,
        right_if=(f"{variable.name} is not 0",),
    )


def _at(one: Equation, variable: Variable, number: object) -> Equation:
    return _mapped(one, lambda side: substitute(side, {variable: constant(number)}))


def is_possible(one: Equation, seed: int) -> bool:
    """Whether an equation may hold somewhere: not 1 = 0, nor x + 1 = x + 2.

    False only when an entry of the difference is one and the same number, not 0, at several points.
    """
    difference = subtract(unfold(one.left), unfold(one.right))
    inside = variables(difference)
    if any(variable.domain in _DISCRETE for variable in inside):
        return True
    rng = generator(seed)
    for sizes in choose_sizes([difference], rng, 1):
        try:
            values = [
                enclose(difference, sample(inside, sizes, rng), sizes, _BITS)
                for _ in range(_POINTS)
            ]
        except (Undecided, ChainruleError):
            return True
        for entry in np.ndindex(values[0].shape):
            first = values[0][entry]
            same = all(first.overlaps(value[entry]) for value in values)
            if same and not first.contains(0) and first.rel_accuracy_bits() > _BITS // 2:
                return False
    return True


def stationary(
    functions: Iterable[Named], unknowns: Sequence[Variable], claimed: Equation
) -> tuple[Named, Variable, Equation] | None:
    """The function and the variable by which its derivative is zero exactly where an equation holds.

    An equation whose one side is a multiple of the other is a wrong factor, and none to solve.
    """
    if proportional(equation(claimed.left, 0), equation(claimed.right, 0)):
        return None
    for function in functions:
        inside = variables(unfold(function))
        for variable in unknowns:
            if variable not in inside or variable.shape != claimed.left.shape:
                continue
            slope = worked_out(Derivative(function, variable))
            condition = equation(slope, 0)
            if variable in variables(slope) and _same_up_to_divisors(condition, claimed):
                return function, variable, condition
    return None


def _same_up_to_divisors(one: Equation, other: Equation) -> bool:
    """Whether an equation is a multiple of another, one number below a fraction line multiplied out."""
    return any(
        proportional(_times(one, first), _times(other, second))
        for first in (None, *_scalar_divisors(one))
        for second in (None, *_scalar_divisors(other))
    )


def _scalar_divisors(one: Equation) -> tuple[Expression, ...]:
    """The numbers that the sides divide by, sizes among them."""
    both = (*all_divisors(one.left), *all_divisors(one.right))
    sizes = (*sizes_below(one.left), *sizes_below(one.right))
    return tuple(dict.fromkeys((*(each for each in both if not each.rank), *sizes)))


def _times(one: Equation, factor: Expression | None) -> Equation:
    if factor is None:
        return one
    return _mapped(one, lambda side: multiply(factor, unfold(side)))
