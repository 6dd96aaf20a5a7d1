"""Slips of the whole claim: its sign, a factor, its layout, a sum over an axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import sympy

from derivations.verification.mistakes.flat import factors_of, flat, with_factors
from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.ratios import Ratio, common_ratio, recognise
from derivations.verification.mistakes.slip import Slip, said
from symbolic import operations
from symbolic.domains import DOMAINS
from symbolic.nodes import Contraction, Expression, Variable
from symbolic.operations import divide, exp, multiply, power, repeated_value, subtract
from symbolic.sizes import Shape, shape_text
from symbolic.traverse import postorder


def whole_slips(problem: Problem) -> Iterator[Slip]:
    """Every slip of the whole claim that its values do not rule out."""
    yield from _factors(problem)
    for slip in (
        *_layouts(problem),
        *_symmetrised(problem),
        *_sums(problem),
        *_log_parameters(problem),
        *_entrywise(problem),
    ):
        goal = problem.claim if slip.of_correct else problem.correct
        if problem.points.equal(slip.edited, goal):
            yield slip


def _factors(problem: Problem) -> Iterator[Slip]:
    claim, correct = problem.points.values(problem.claim), problem.points.values(problem.correct)
    if claim is None or correct is None:
        return
    numbers = common_ratio(claim, correct)
    ratio = None if numbers is None else recognise(numbers, problem)
    if ratio is None or ratio.plain == 1:
        return
    right_if = (f"{ratio.text} = 1",) if ratio.kind == "size" and ratio.text.isidentifier() else ()
    edited = divide(problem.claim, ratio.expression)
    kind = _kind(ratio, problem)
    yield Slip(ratio.cost, kind, lambda: _equation(ratio), edited, right_if=right_if)


def _equation(ratio: Ratio) -> str:
    """As `claim = n * correct`."""
    if ratio.plain == -1:
        return "claim = -correct"
    equation = "claim = ({}) * correct" if " " in ratio.text else "claim = {} * correct"
    if ratio.missing:
        return said(equation + ": the factor {} is missing", ratio.text, ratio.missing)()
    return said(equation, ratio.text)()


def _kind(ratio: Ratio, problem: Problem) -> str:
    """The word for a claim that is the right answer times a factor."""
    if ratio.plain == -1:
        return "sign"
    if ratio.kind == "size" and problem.function is not None:
        assert isinstance(ratio.expression, Contraction)
        factor = ratio.expression.coefficient
        if factor.is_integer and any(
            isinstance(node, Contraction) and node.coefficient * factor in (1, -1)
            for node in _with_sums(problem.function)
        ):
            return "sum for mean"
        if (1 / factor).is_integer:
            return "mean for sum"
    return "constant" if ratio.kind == "number" and ratio.plain is None else "factor"


def _with_sums(function: Expression) -> list[Expression]:
    """The nodes of a function whose coefficient may be that of a mean, signs and numbers apart."""
    found: list[Expression] = []
    for node in postorder(function):
        if isinstance(node, Contraction):
            number, rest = node.coefficient.as_coeff_Mul()
            found.append(with_factors(node, factors_of(node), coefficient=rest) if number else node)
    return found


def _layouts(problem: Problem) -> Iterator[Slip]:
    """The claim with its axes in another order."""
    claim, correct = problem.claim, problem.correct
    behind = problem.variable.rank if problem.variable is not None else 0
    front = correct.rank - behind
    turned = tuple(range(front, correct.rank)) + tuple(range(front))
    if front and claim.rank == correct.rank:
        blocks = tuple(turned.index(axis) for axis in range(claim.rank))
        yield Slip(
            1.0,
            "layout",
            said("claim is the transposed Jacobian: numerator for denominator layout"),
            _moved(claim, blocks),
        )
    if claim.rank == correct.rank == 2:
        yield Slip(1.0, "transposed", said("claim = correct.T"), claim.T)
        yield Slip(1.4, "transposed", said("claim = -correct.T"), -claim.T)


def _moved(node: Expression, axes: tuple[int, ...]) -> Expression:
    return Contraction([node], [tuple(range(node.rank))], axes)


def _symmetrised(problem: Problem) -> Iterator[Slip]:
    """What symmetric matrices would have, for entries that count as independent."""
    correct = problem.correct
    if correct.rank != 2 or correct.shape[0] != correct.shape[1]:
        return
    both = correct + correct.T
    diagonal = operations.diag(operations.diagonal(correct))
    name = problem.variable.name if problem.variable is not None else "the variable"
    for edited, text in (
        (both, "correct + correct.T"),
        (both / 2, "(correct + correct.T)/2"),
        (both - diagonal, "correct + correct.T - its diagonal"),
        (2 * correct - diagonal, "2*correct - its diagonal"),
    ):
        detail = f"claim = {text}: {name} is taken for symmetric"
        yield Slip(1.0, "symmetric assumed", said(detail), edited, True)
    yield Slip(
        1.0,
        "diagonal only",
        said("only the diagonal of the right answer is there"),
        diagonal,
        True,
    )


def _sums(problem: Problem) -> Iterator[Slip]:
    """A sum over an axis that is missing or too much, where shapes differ."""
    claim, correct = problem.claim, problem.correct
    if claim.shape == correct.shape:
        return
    shapes = f"claim has shape {shape_text(claim.shape)}, correct {shape_text(correct.shape)}"
    for axes in _axes(claim.shape):
        where = "all axes" if len(axes) == claim.rank else f"axis {', '.join(map(str, axes))}"
        for name, reduced in (
            ("sum", operations.sum(claim, axis=axes)),
            ("mean", operations.mean(claim, axis=axes)),
        ):
            yield Slip(
                1.0,
                "missing broadcast sum",
                said("the {} over {} is missing: {}", name, where, shapes),
                reduced,
            )
    for axes in _axes(correct.shape):
        yield Slip(
            1.0,
            "extra sum",
            said("the entries are added up: {}", shapes),
            operations.sum(correct, axis=axes),
            True,
        )
    if correct.rank == 2 and correct.shape[0] == correct.shape[1]:
        yield Slip(
            1.0,
            "diagonal only",
            said("claim is the diagonal of the right answer: {}", shapes),
            operations.diagonal(correct),
            True,
        )


def _axes(shape: Shape) -> Iterator[tuple[int, ...]]:
    """Axes that may be summed over, alone and together; there is nothing to add up along a size 1."""
    long = [axis for axis, size in enumerate(shape) if size != 1]
    for count in range(1, len(long) + 1):
        yield from combinations(long, count)


def _log_parameters(problem: Problem) -> Iterator[Slip]:
    """The derivative by the logarithm of the variable, or by its exponential."""
    x = problem.variable
    if x is None or x.shape != problem.correct.shape or problem.claim.shape != x.shape:
        return
    rates = [
        (f"exp({_multiple(-c, x.name)})", exp(-c * x), f"exp({_multiple(c, x.name)})")
        for c in _RATES
    ]
    positive = [(x.name, x, f"log({x.name})")] if DOMAINS[x.domain].positive else []
    for cost, choices in ((1.2, rates), (2.2, positive)):
        for text, factor, by in choices:
            for number in (1, _HALF, 2, -1):
                told = text if number == 1 else f"{number}*{text}"
                detail = said(
                    "claim = {} * correct: the derivative by {}, not by {}", told, by, x.name
                )
                edited = number * multiply(problem.correct, factor)
                yield Slip(cost, "log parameter", detail, edited, True)


_HALF = sympy.Rational(1, 2)
_RATES = (1, -1, 2, -2, _HALF, -_HALF)


def _multiple(rate: sympy.Rational | int, name: str) -> str:
    return name if rate == 1 else f"-{name}" if rate == -1 else f"{rate}*{name}"


_MOST_ENTRYWISE = 14


def _entrywise(problem: Problem) -> Iterator[Slip]:
    """The right answer times, or over, one or two arrays of its shape, entry by entry."""
    correct = problem.correct
    if not correct.rank or correct.shape != problem.claim.shape:
        return
    pool: list[Expression] = []
    for node in postorder(problem.expressions):
        if node.shape == correct.shape and node not in (correct, problem.claim):
            pool += [node] if repeated_value(node) is None else []
            if isinstance(node, Variable) and node.domain == "unit":
                pool.append(subtract(1, node))
    pool = pool[:_MOST_ENTRYWISE]
    written = set(postorder(problem.forms))
    for count, cost in ((1, 1.9), (2, 2.1)):
        for nodes in combinations(pool, count):
            node = nodes[0] if count == 1 else multiply(*nodes)
            inverse = power(node, -1)
            divided = all(flat(power(each, -1)) in written for each in nodes)
            told = _chain_words(inverse, node, missing=divided)
            yield Slip(cost, *told, multiply(correct, node), True)
            told = _chain_words(node, inverse, missing=written.issuperset(nodes))
            yield Slip(cost, *told, divide(correct, node), True)


def _chain_words(
    factor: Expression, inverse: Expression, *, missing: bool
) -> tuple[str, Callable[[], str]]:
    """A factor that is missing, which is the same as an inverse that is too much."""
    if missing:
        return "missing chain factor", said("the factor {} is missing", factor)
    return "extra chain factor", said("the factor {} is too much", inverse)
