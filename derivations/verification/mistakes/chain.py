"""Slips of the chain rule: one local derivative is left out, mistaken, cut, or held constant.

The right answer is accumulated backwards once more with one node misbehaving: everything above and
below it stays right. What a person forgot is the node, and how it misbehaves says the slip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice

import sympy

from derivations.verification.mistakes.flat import terms_of, total
from derivations.verification.mistakes.local_slopes import Parts, Variant, jacobians, slopes
from derivations.verification.mistakes.points import FAILURES, close
from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.slip import Slip, said
from symbolic.calculus.accumulation import accumulate, identity, pull_back
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, Variable
from symbolic.traverse import depends_on, postorder

_MOST = 400  # misbehaviours that are tried
_MOST_STATISTICS = 8
_MOST_TERMS = 4  # of a function whose terms are looked at one by one
_OF_TERM = 0.15


class _Backwards:
    """Reverse accumulation of one function, whose steps are remembered."""

    def __init__(self, y: Expression, x: Variable) -> None:
        self.y, self.x = y, x
        self.needed = depends_on(y, x)
        self.order = [node for node in reversed(postorder(y)) if node in self.needed]
        self.terms = {term for node in self.order if isinstance(node, Sum) for term in node.terms}
        self._given: dict[tuple[Expression, Expression], Parts] = {}

    def parts(self, node: Expression, adjoint: Expression) -> Parts:
        """What a node gives to its operands."""
        found = self._given.get((node, adjoint))
        if found is None:
            found = pull_back(node, adjoint, self.y.rank, self.needed)
            self._given[node, adjoint] = found
        return found

    def adjoints(self, instead: Mapping[Expression, Parts]) -> dict[Expression, Expression]:
        """The derivative of y by every node, with some nodes giving something else."""
        pending: dict[Expression, list[Expression]] = {self.y: [identity(self.y)]}
        whole: dict[Expression, Expression] = {}
        for node in self.order:
            if node not in pending:
                continue
            parts = pending.pop(node)
            whole[node] = parts[0] if len(parts) == 1 else Sum(parts)
            given = instead[node] if node in instead else self.parts(node, whole[node])
            for operand, part in given:
                pending.setdefault(operand, []).append(part)
        return whole


def chain_slips(problem: Problem) -> Iterator[Slip]:
    """Every slip of the chain rule that values do not rule out."""
    y, x = problem.differentiated, problem.variable
    if y is None or x is None:
        return
    backwards = _Backwards(y, x)
    yield from _stopped(problem, y, backwards.adjoints({}), ())
    if problem.claim.shape == problem.correct.shape:
        yield from _misbehaving(problem, backwards, ())
    terms = terms_of(y)
    if 1 < len(terms) <= _MOST_TERMS:
        slopes = [accumulate(term, [x])[0] for term in terms]
        for place, term in enumerate(terms):
            rest = [*slopes[:place], *slopes[place + 1 :]]
            inner = _Backwards(term, x)
            if x in inner.needed and inner.needed != {x}:
                yield from _stopped(problem, term, inner.adjoints({}), rest)
                if problem.claim.shape == problem.correct.shape:
                    yield from _misbehaving(problem, inner, rest)


def _misbehaving(
    problem: Problem, backwards: _Backwards, rest: Sequence[Expression]
) -> Iterator[Slip]:
    """One misbehaving node of a function or, beside the slopes of the rest, of one of its terms."""
    claim = problem.points.value(problem.claim, 0)
    right = backwards.adjoints({})
    found = False
    for variants in (_single(backwards, right), _frozen_pairs(backwards)):
        if found:
            return
        for variant in islice(variants, _MOST):
            slope = backwards.adjoints(variant.instead).get(backwards.x)
            if slope is None:
                continue
            edited = total([slope, *rest])
            near = close(problem.points.value(edited, 0), claim)
            if near and problem.points.equal(edited, problem.claim):
                found = True
                cost = variant.cost + (_OF_TERM if rest else 0)
                yield Slip(cost, variant.kind, variant.detail, edited, True)


def _single(backwards: _Backwards, right: Mapping[Expression, Expression]) -> Iterator[Variant]:
    """Everything that one node may do wrong."""
    for node in backwards.order:
        if node is not backwards.x and node in right:
            yield from _variants(node, right[node], backwards)


def _frozen_pairs(backwards: _Backwards) -> Iterator[Variant]:
    """Two statistics, such as a mean and a variance, held constant together."""
    statistics = [
        node
        for node in backwards.order
        if isinstance(node, Contraction) and node.summed and node is not backwards.y
    ]
    for one, other in combinations(statistics[:_MOST_STATISTICS], 2):
        detail = said("the statistics {} and {} are held constant", one, other)
        yield Variant(2.1, "held constant", detail, {one: (), other: ()})


def _stopped(
    problem: Problem,
    y: Expression,
    adjoints: Mapping[Expression, Expression],
    rest: Sequence[Expression],
) -> Iterator[Slip]:
    """The derivative by an intermediate in place of the one by the variable."""
    for node, adjoint in adjoints.items():
        if node not in (problem.variable, y) and adjoint.shape == problem.claim.shape:
            if rest and adjoint.shape != problem.correct.shape:
                continue
            edited = total([adjoint, *rest])
            if problem.points.equal(edited, problem.claim):
                name = problem.variable.name if problem.variable is not None else ""

                sentence = "claim is the derivative by {}: its derivative by {} is left out"
                detail = said(sentence, node, name)
                kind = "missing chain factor"
                if isinstance(node, Elementwise) and node.kernel.expr.func in (
                    sympy.exp,
                    sympy.log,
                ):
                    kind = "log parameter"
                yield Slip(1.6 + (_OF_TERM if rest else 0), kind, detail, edited, True)


def _variants(node: Expression, adjoint: Expression, backwards: _Backwards) -> Iterator[Variant]:
    try:
        parts = backwards.parts(node, adjoint)
    except FAILURES:
        return
    yield from _cut(node, parts, backwards)
    match node:
        case Elementwise() if len(node.operands) == 1:
            yield from slopes(node, adjoint)
        case Apply() if node.operand.shape == node.shape:
            yield from jacobians(node, adjoint)


def _held(factor: Expression, consequence: str) -> Callable[[], str]:
    """A factor that is held constant, told without its name where that is too long."""
    named = said("the factor {} is held constant: " + consequence, factor)
    return lambda: named() or "a factor is held constant: " + consequence


def _cut(node: Expression, parts: Parts, backwards: _Backwards) -> Iterator[Variant]:
    """Some operands, or the node itself, treated as constants."""
    x = backwards.x.name
    if node is not backwards.y and node not in backwards.terms:
        statistic = isinstance(node, Contraction) and node.summed and len(node.operands) == 1
        detail = said("{} is held constant, but depends on {}", node, x)
        yield Variant(1.9 if statistic else 2.2, "held constant", detail, {node: ()})
    if len(parts) > 1:
        for place, (operand, _) in enumerate(parts):
            rest = [*parts[:place], *parts[place + 1 :]]
            kind, cost = ("dropped term", 2.3) if isinstance(node, Sum) else ("held constant", 2.0)

            if isinstance(node, Sum):
                detail = said("the derivative of the term {} is missing", operand)
            else:
                product = "a term of the product rule is missing"
                detail = _held(operand, product)
            yield Variant(cost, kind, detail, {node: rest})
