"""Slips inside an expression: one small edit of the claim, of the right answer, or of the function."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice

import sympy

from derivations.verification.mistakes.edits import Edit, edits_of, replaced
from derivations.verification.mistakes.flat import factors_of, with_factors
from derivations.verification.mistakes.places import Path, occurrences, with_all, with_one
from derivations.verification.mistakes.points import FAILURES, close
from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.slip import Slip, prefixed, said
from symbolic.nodes import Contraction, Elementwise, Expression, Iverson, Variable
from symbolic.operations import multiply, ones, subtract
from symbolic.traverse import postorder, substitute, variables

_MOST = 1600  # edited expressions of one side
_MOST_FUNCTIONS = 220  # edited functions
_MOST_NODES = 10_000  # of all of them together, as each is differentiated
_MOST_SINGLE = 4  # occurrences of a node that are edited one by one
_POOL = 10  # expressions of one shape that are put in place of each other
_ONE_OF_SEVERAL = 0.2
_OF_FUNCTION = 0.4
_OF_FORM = 0.15  # for each further form of the right answer
_OF_CLAIM = 0.05


def tree_slips(problem: Problem) -> Iterator[Slip]:
    """Every single edit of either side that values do not rule out."""
    correct, claim = (
        problem.points.value(problem.correct, 0),
        problem.points.value(problem.claim, 0),
    )
    for root, goal, extra in (
        *((form, claim, _OF_FORM * place) for place, form in enumerate(problem.forms)),
        (problem.claim, correct, _OF_CLAIM),
    ):
        of_correct = root is not problem.claim
        pool = _pool(problem, root)
        further = (_misplaced(problem), _resized(problem)) if root is problem.correct else ()
        edits = chain(_edited(root, pool), *further)
        for edit, edited, cost in islice(edits, _MOST):
            if close(problem.points.value(edited, 0), goal):
                other = problem.claim if of_correct else problem.correct
                if problem.points.equal(edited, other) and not _vanished(edited, root, problem):
                    kind, words = edit.kinds[not of_correct], edit.words[not of_correct]
                    yield Slip(cost + extra, kind, words, edited, of_correct)


def _vanished(edited: Expression, root: Expression, problem: Problem) -> bool:
    """Whether an edit leaves a part that is zero, which no person writes."""
    return any(map(problem.points.vanishes, set(postorder(edited)).difference(postorder(root))))


def function_slips(problem: Problem) -> Iterator[Slip]:
    """The claim as the derivative of a function that was misread in one place."""
    if problem.function is None or problem.claim.shape != problem.correct.shape:
        return
    claim = problem.points.value(problem.claim, 0)
    pool = _pool(problem, problem.function)
    edits = chain(_edited(problem.function, pool), _swapped(problem.function, pool))
    most = min(_MOST_FUNCTIONS, _MOST_NODES // len(postorder(problem.function)))
    for edit, function, cost in islice(edits, most):
        if function.rank != problem.function.rank or problem.variable not in variables(function):
            continue
        try:
            slope = problem.derivative(function)
        except FAILURES:
            continue
        if close(problem.points.value(slope, 0), claim) and problem.points.equal(
            slope, problem.claim
        ):
            detail = prefixed("in the function ", edit.words[0])
            yield Slip(cost + _OF_FUNCTION, edit.kinds[0], detail, slope, True)


Pool = dict[Expression, list[Expression]]


def _edited(root: Expression, pool: Pool) -> Iterator[tuple[Edit, Expression, float]]:
    """The root with one edit at one place, or everywhere."""
    for node, paths in occurrences(root).items():
        for edit in (*edits_of(node), *(_substitutes(node, pool) if paths[0] else ())):
            yield from _placed(root, node, paths, edit)
    yield from _renamed(root)


def _placed(
    root: Expression, node: Expression, paths: list[Path], edit: Edit
) -> Iterator[tuple[Edit, Expression, float]]:
    """One edit everywhere, and at single places; those at which it does not fit are left out."""
    with suppress(*FAILURES):
        if len(paths) == 1:
            yield edit, with_one(root, paths[0], edit.new), edit.cost
        else:
            yield edit, with_all(root, node, edit.new), edit.cost
    if len(paths) > 1:
        for path in paths[:_MOST_SINGLE]:
            with suppress(*FAILURES):
                yield edit, with_one(root, path, edit.new), edit.cost + _ONE_OF_SEVERAL


def _substitutes(node: Expression, pool: Pool) -> Iterator[Edit]:
    """Other expressions of the problem in place of a node."""
    for other in pool.get(node, ()):
        both = isinstance(node, Variable) and isinstance(other, Variable)
        kind = "wrong variable" if both else "wrong argument"
        yield replaced(2.5 if both else 2.8, kind, node, other)
    if node in pool and isinstance(node, Variable):
        yield replaced(2.6, "wrong argument", node, subtract(1, node))


def _renamed(root: Expression) -> Iterator[tuple[Edit, Expression, float]]:
    """The root with one function in place of another wherever it is applied."""
    applied: dict[sympy.Lambda, list[Elementwise]] = {}
    for node in postorder(root):
        if isinstance(node, Elementwise) and len(node.operands) == 1:
            applied.setdefault(node.kernel, []).append(node)
    for nodes in applied.values():
        if len(nodes) > 1:
            for edits in zip(*(list(edits_of(node)) for node in nodes), strict=False):
                new: dict[Expression, Expression] = {}
                new.update({node: edit.new for node, edit in zip(nodes, edits, strict=True)})
                try:
                    edited = substitute(root, new)
                except FAILURES:
                    continue
                yield edits[0], edited, edits[0].cost + _ONE_OF_SEVERAL


def _swapped(root: Expression, pool: Pool) -> Iterator[tuple[Edit, Expression, float]]:
    """The root with two of its expressions in each other's place, everywhere."""
    for node, others in pool.items():
        for other in others:
            apart = node not in postorder(other) and other not in postorder(node)
            if apart and node.key < other.key:
                words = said("{} and {} are exchanged", node, other)
                edited = substitute(root, {node: other, other: node})
                kinds = ("swapped argument",) * 2
                yield Edit(2.2, kinds, (words, words), edited), edited, 2.2


def _misplaced(problem: Problem) -> Iterator[tuple[Edit, Expression, float]]:
    """A factor that stands outside of a sum in which it belongs inside."""
    inside = {
        operand
        for node in postorder(problem.correct)
        if isinstance(node, Contraction) and node.summed
        for operand in node.operands
        if any(not isinstance(other, Iverson) for other in node.operands if other is not operand)
    }
    for variable in problem.variables:
        if not variable.rank or variable not in inside:
            continue
        without = substitute(problem.correct, {variable: ones(*variable.shape)})
        for shaped in (without, without.T):
            try:
                edited = multiply(shaped, variable)
            except FAILURES:
                continue
            edited = edited if shaped is without else edited.T

            words = said("the factor {} stands outside, but belongs inside of the sums", variable)
            yield Edit(2.5, ("misplaced factor",) * 2, (words, words), edited), edited, 2.5


def _resized(problem: Problem) -> Iterator[tuple[Edit, Expression, float]]:
    """A variable of another shape in place of a factor, where the claim has another shape."""
    root = problem.correct
    if not isinstance(root, Contraction) or root.shape == problem.claim.shape:
        return
    factors = factors_of(root)
    for place, (factor, at) in enumerate(factors):
        for other in problem.variables:
            if other.rank == factor.rank:
                changed = [*factors[:place], (other, at), *factors[place + 1 :]]
                with suppress(*FAILURES):
                    edited = with_factors(root, changed)
                    yield replaced(2.5, "wrong argument", factor, other), edited, 2.5


def _pool(problem: Problem, root: Expression) -> Pool:
    """For every node of the root the others of its shape, there or in the function, variables first.

    What only the other side has is left out: any expression can be mended by writing the right one for it.
    """
    shapes: dict[tuple[object, ...], list[Expression]] = {}
    sources = [
        root,
        *problem.variables,
        *([problem.function] if problem.function is not None else []),
    ]
    nodes = [
        node
        for node in postorder(sources)
        if not (isinstance(node, Contraction) and not node.operands)
    ]
    for node in sorted(nodes, key=lambda node: not isinstance(node, Variable)):
        shapes.setdefault(node.shape, []).append(node)
    for each in [node for node in nodes if isinstance(node, Variable) and node.rank == 2]:
        shapes.setdefault(each.shape[::-1], []).insert(0, each.T)
    whole = set(problem.expressions)
    return {
        node: [other for other in shapes[node.shape][:_POOL] if other is not node]
        for node in nodes
        if node not in whole
    }
