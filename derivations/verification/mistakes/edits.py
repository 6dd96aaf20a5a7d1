"""Small edits of one node, each the trace of a usual slip.

An edit is told twice: as what happened to the right answer, or to the claim that has to be mended. For
`X.T @ r` made `r` these are "the factor X.T is missing" and "the factor X.T is too much".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import sympy

from derivations.verification.mistakes.flat import (
    Factor,
    factors_of,
    total,
    with_factors,
)
from derivations.verification.mistakes.slip import said, shown
from symbolic.functions import elementwise_function
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.operations import apply_elementwise, multiply, negative, ones, power, subtract, trace
from symbolic.operations import sum as total_of
from symbolic.structured import structured_function

Words = Callable[[], str]


@dataclass(frozen=True)
class Edit:
    """Another node for a node.

    kinds  the words where the right answer was edited into the claim, and the claim into the right one
    words  the same as sentences
    """

    cost: float
    kinds: tuple[str, str]
    words: tuple[Words, Words]
    new: Expression


def edits_of(node: Expression) -> Iterator[Edit]:
    """All edits of one node that keep its shape, and a few that change it."""
    match node:
        case Contraction():
            yield from _product_edits(node)
        case Sum():
            yield from _sum_edits(node)
        case Elementwise():
            yield from _elementwise_edits(node)
        case Apply():
            yield from _apply_edits(node)


def replaced(cost: float, kind: str, old: Expression, new: Expression, *, by: str = "") -> Edit:
    """One expression in place of another."""
    sentence = "{} stands where {} belongs"
    words = (said(sentence, by or new, old), said(sentence, old, by or new))
    return Edit(cost, (kind, kind), words, new)


def _gone(
    cost: float, kinds: tuple[str, str], new: Expression, what: str, *parts: Expression | str
) -> Edit:
    """Something that is missing, or too much."""
    words = (said(what + " is missing", *parts), said(what + " is too much", *parts))
    return Edit(cost, kinds, words, new)


def _either(cost: float, kind: str, new: Expression, sentence: str, *parts: Expression) -> Edit:
    """A slip that is the same in both directions."""
    return Edit(cost, (kind, kind), (said(sentence, *parts),) * 2, new)


# --- sums ----------------------------------------------------------------------------------------


def _sum_edits(node: Sum) -> Iterator[Edit]:
    for place, term in enumerate(node.terms):
        rest = [*node.terms[:place], *node.terms[place + 1 :]]
        yield _gone(2.0, ("dropped term", "extra term"), total(rest), "the term {}", term)
        if len(node.terms) > 2:
            yield replaced(2.6, "dropped term", node, term)
        flipped = total([*rest, negative(term)])
        sentence = "the term {} has the wrong sign"
        words = (said(sentence, negative(term)), said(sentence, term))  # as the claim has it
        yield Edit(2.0, ("wrong-signed term",) * 2, words, flipped)


# --- products ------------------------------------------------------------------------------------


def _product_edits(node: Contraction) -> Iterator[Edit]:
    factors = factors_of(node)
    if len(factors) + (node.coefficient != 1) > 1:
        yield from _without_one(node, factors)
    yield from _without_several(node, factors)
    yield from _turned(node, factors)
    yield from _exchanged(node, factors)
    yield from _coefficients(node, factors)
    yield from _reduced(node, factors)


_MISSING = ("missing chain factor", "extra chain factor")


def _without_one(node: Contraction, factors: list[Factor]) -> Iterator[Edit]:
    for place, (factor, at) in enumerate(factors):
        rest = [*factors[:place], *factors[place + 1 :]]
        for new in _closed(node, rest, at):
            yield _gone(2.0, _MISSING, new, "the factor {}", factor)
            if node.coefficient.could_extract_minus_sign():
                yield _gone(2.3, _MISSING, negative(new), "the factor -({})", factor)
        alike = [other for other, (same, _) in enumerate(factors) if same is factor]
        if len(alike) > 1 and alike[0] == place and len(factors) > len(alike):
            new = _without_all(node, factor)
            yield _gone(2.2, _MISSING, new, "the factor {}, {} times,", factor, str(len(alike)))


def _without_all(node: Contraction, factor: Expression) -> Contraction:
    """The product without a factor that it has several times."""
    new = node
    while True:
        factors = factors_of(new)
        place = next((k for k, (same, _) in enumerate(factors) if same is factor), None)
        if place is None:
            return new
        rest = [*factors[:place], *factors[place + 1 :]]
        new = next(_closed(new, rest, factors[place][1]))


def _closed(node: Contraction, rest: list[Factor], gap: tuple[int, ...]) -> Iterator[Contraction]:
    """The product of the other factors.

    The gap is closed as if by an identity, or filled by ones; where the sizes at its ends differ, the
    result has another shape.
    """
    if len(gap) == 2 and gap[0] != gap[1]:
        for old, new in (gap, gap[::-1]):
            if node.sizes[old] == node.sizes[new]:
                closed = [(factor, _renamed(at, old, new)) for factor, at in rest]
                yield with_factors(node, closed, _renamed(node.output, old, new))
                break
            used = {label for _, at in rest for label in at}
            if old in node.output and old not in used and new in used:
                yield with_factors(node, rest, _renamed(node.output, old, new))
    yield with_factors(node, rest)


def _renamed(labels: tuple[int, ...], old: int, new: int) -> tuple[int, ...]:
    return tuple(new if label == old else label for label in labels)


def _without_several(node: Contraction, factors: list[Factor]) -> Iterator[Edit]:
    """Neighbouring factors left out together: two of a chain, or all of a scalar."""
    if len(factors) < 3:
        return
    summed = set(node.summed)
    groups = [
        chosen
        for count in (2, 3)
        for chosen in combinations(range(len(factors)), count)
        if len(factors) > count and _connected(factors, chosen, summed)
    ]
    for chosen in groups[:12]:
        rest = [each for place, each in enumerate(factors) if place not in chosen]
        inside = [label for place in chosen for label in factors[place][1]]
        outside = {label for _, at in rest for label in at} | set(node.output)
        ends = tuple(dict.fromkeys(label for label in inside if label in outside))

        part = with_factors(node, [factors[place] for place in chosen], ends, 1)
        if len(ends) <= 2:
            for new in _closed(node, rest, ends):
                yield _gone(2.2 + 0.1 * len(chosen), _MISSING, new, "the factor {}", part)


def _connected(factors: list[Factor], chosen: tuple[int, ...], summed: set[int]) -> bool:
    found = set(factors[chosen[0]][1]) & summed
    for place in chosen[1:]:
        mine = set(factors[place][1]) & summed
        if not mine & found:
            return False
        found |= mine
    return True


def _turned(node: Contraction, factors: list[Factor]) -> Iterator[Edit]:
    """One square factor transposed, or the whole product."""
    for place, (factor, at) in enumerate(factors):
        if factor.rank == 2 and at[0] != at[1] and factor.shape[0] == factor.shape[1]:
            turned = [*factors[:place], (factor, at[::-1]), *factors[place + 1 :]]
            new = with_factors(node, turned)
            yield _either(2.0, "transposed", new, "{} and its transpose are mixed up", factor)
    if node.rank == 2 and node.shape[0] == node.shape[1] and node.output[0] != node.output[1]:
        new = with_factors(node, factors, node.output[::-1])
        yield _either(2.1, "transposed", new, "{} and its transpose are mixed up", node)


def _exchanged(node: Contraction, factors: list[Factor]) -> Iterator[Edit]:
    """Two factors of one shape in each other's place."""
    for first, second in combinations(range(len(factors)), 2):
        (one, here), (other, there) = factors[first], factors[second]
        if one is other:
            continue
        ways = []
        if one.shape == other.shape:
            ways.append((other, one))
        if one.rank == other.rank == 2 and one.shape == other.shape[::-1]:
            ways.append((other.T, one.T))
        for left, right in ways:
            swapped = list(factors)
            swapped[first], swapped[second] = (left, here), (right, there)

            new = with_factors(node, swapped)
            sentence = "the factors {} and {} are exchanged"
            yield _either(2.0, "commuted product", new, sentence, one, other)


def _coefficients(node: Contraction, factors: list[Factor]) -> Iterator[Edit]:
    """The number in front: its sign, a factor 2, a size, none."""
    old = node.coefficient
    letters = sorted({s for size in node.sizes for s in sympy.sympify(size).free_symbols}, key=str)
    plain = [sympy.Integer(2), sympy.Rational(1, 2)]
    for factor in (sympy.S.NegativeOne, *plain, *letters, *(1 / letter for letter in letters)):
        yield _scaled(node, factors, factor)
    if old not in (1, -1):
        yield _scaled(node, factors, 1 / old)
        yield _scaled(node, factors, 1 / abs(old))


def _scaled(node: Contraction, factors: list[Factor], factor: sympy.Expr) -> Edit:
    new = with_factors(node, factors, coefficient=node.coefficient * factor)
    if factor == -1:
        return _either(2.4, "sign", new, "{} has the wrong sign", node)
    told, much, missing = str(factor), "too much", "missing"
    if len(str(1 / factor)) < len(told):
        told, much, missing = str(1 / factor), missing, much
    sentence = f"{{}} stands where {{}} belongs: the factor {told} is "
    words = (said(sentence + much, new, node), said(sentence + missing, node, new))
    return Edit(2.3, ("factor", "factor"), words, new)


def _reduced(node: Contraction, factors: list[Factor]) -> Iterator[Edit]:
    """A matrix of a chain reduced to its sum or trace; the norm of absolute values for their sum."""
    for place, (factor, at) in enumerate(factors):
        if factor.rank == 2 and factor.shape[0] == factor.shape[1] and len(factors) > 1:
            rest = [*factors[:place], *factors[place + 1 :]]
            closed = next(_closed(node, rest, at))
            for scalar in (total_of(factor), trace(factor)):
                yield replaced(
                    2.6, "wrong product", factor, multiply(scalar, closed), by=shown(scalar)
                )
    if len(factors) == 1 and not node.rank and node.coefficient == 1:
        (inner, _) = factors[0]
        if isinstance(inner, Elementwise) and inner.kernel.expr.func is sympy.Abs:
            norm = Apply("norm", inner.operands)
            yield replaced(2.4, "function", node, norm)


# --- functions -----------------------------------------------------------------------------------

_ALIKE = (
    ("sigmoid", "tanh", "relu", "softplus", "silu", "gelu", "step", "erf"),
    ("sin", "cos"),
    ("sinh", "cosh", "tanh"),
    ("exp", "log", "expm1", "log1p", "sqrt"),
    ("erf", "erfc"),
    ("abs", "sign"),
    ("lgamma", "digamma", "trigamma", "gamma"),
)


def _elementwise_edits(node: Elementwise) -> Iterator[Edit]:
    if len(node.operands) > 1:
        return
    operand, kernel = node.operands[0], node.kernel.expr
    entry = elementwise_function(kernel) if kernel.is_Function or kernel.func is sympy.Abs else None
    if kernel.is_Pow and kernel.base == kernel_symbol(0):
        yield from _power_edits(node, operand, kernel.exp)
    elif entry is not None and kernel.args[-1] == kernel_symbol(0):
        yield replaced(2.4, "function", node, operand)
        yield replaced(2.4, "missing chain factor", node, ones(*node.shape), by="1")
        for group in _ALIKE:
            if entry.name in group:
                for name in group:
                    if name != entry.name:
                        yield replaced(2.4, "function", node, apply_elementwise(name, operand))
        slope = kernel.diff(kernel_symbol(0))
        if not slope.atoms(sympy.Derivative, sympy.Subs, sympy.DiracDelta):
            yield replaced(
                2.4,
                "function for derivative",
                node,
                Elementwise(sympy.Lambda((kernel_symbol(0),), slope), [operand])
                if slope.has(kernel_symbol(0))
                else ones(*node.shape),
            )
        if entry.name in ("sigmoid", "tanh", "exp"):
            yield replaced(2.4, "function", node, power(node, 2))
            yield replaced(2.6, "wrong derivative", node, subtract(node, power(node, 2)))
    flipped = Elementwise(node.kernel, [negative(operand)])
    yield replaced(2.0, "wrong argument", node, flipped)
    yield replaced(2.5, "wrong argument", node, subtract(1, node))


_HIGHEST_POWER = 6


def _power_edits(node: Elementwise, operand: Expression, exponent: sympy.Expr) -> Iterator[Edit]:
    half = sympy.Rational(1, 2)
    tried = {exponent}
    for other in (
        1,
        -1,
        -exponent,
        exponent + 1,
        exponent - 1,
        2 * exponent,
        exponent / 2,
        half,
        -half,
        2,
    ):
        other = sympy.sympify(other)
        if other in tried or other == 0 or (other.is_number and abs(other) > _HIGHEST_POWER):
            continue
        tried.add(other)
        new = power(operand, other)
        if other == 1:
            name = {2: "square", half: "square root", -1: "inverse"}.get(
                exponent, f"power {exponent}"
            )

            yield _gone(2.0, ("exponent",) * 2, new, "the {} of {}", name, operand)
        else:
            yield replaced(2.3, "exponent", node, new)


def _apply_edits(node: Apply) -> Iterator[Edit]:
    operand = node.operands[-1]
    if len(node.operands) == 1 and node.function in ("inv", "softmax", "log_softmax", "expm"):
        if node.function == "inv":
            yield _gone(2.0, ("function",) * 2, operand, "the inverse of {}", operand)
        else:
            yield replaced(2.4, "function", node, operand)
    for other in {"inv": ("pinv",), "softmax": ("log_softmax",), "log_softmax": ("softmax",),
                  "logdet": ("det",), "det": ("logdet",)}.get(node.function, ()):  # fmt: skip
        if other != "pinv":
            yield replaced(2.4, "function", node, Apply(other, node.operands, node.axis))
    if node.function == "softmax":
        yield replaced(2.4, "function", node, apply_elementwise("sigmoid", operand))
        yield replaced(2.4, "function", node, apply_elementwise("exp", operand))
        yield replaced(2.5, "wrong argument", node, subtract(1, node))
    if node.function == "norm":
        yield replaced(2.2, "exponent", node, power(node, 2))
    entry = structured_function(node.function)
    if entry.keeps or entry.reduces:
        for axis in range(operand.rank):
            if axis != node.axis:
                yield from _along(node, axis)


def _along(node: Apply, axis: int) -> Iterator[Edit]:
    """The same function along another axis, where the result still fits."""
    new = Apply(node.function, node.operands, axis)
    if new.shape == node.shape:
        yield replaced(2.0, "wrong axis", node, new)
