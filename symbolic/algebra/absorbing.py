"""From brackets in a flat product to what a person writes: slices, padding, windows, kron, triangles.

A bracket that touches summed indices of one factor becomes a move of that factor.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sympy

from symbolic.moves import spell_move
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.sizes import Size

Factor = tuple[Expression, tuple[int, ...]]


def absorb_brackets(
    factors: list[Factor], output: tuple[int, ...], sizes: dict[int, Size]
) -> list[Factor]:
    """The factors with every bracket that is a move of one of them (or a kron of two) absorbed."""
    found = list(factors)
    while any(isinstance(node, Iverson) for node, _ in found):
        step = _one_step(found, output, sizes)
        if step is None:
            break
        found = step
    return found


def _one_step(
    factors: list[Factor], output: tuple[int, ...], sizes: dict[int, Size]
) -> list[Factor] | None:
    brackets = [factor for factor in factors if isinstance(factor[0], Iverson)]
    others = [factor for factor in factors if not isinstance(factor[0], Iverson)]
    for bracket in brackets:
        for factor in others:
            rest = [each for each in factors if each is not bracket and each is not factor]
            for moved in _moves(factor, bracket, _kept(rest, output), sizes):
                return [*rest, moved]
    for bracket in brackets:
        framed = _framed(bracket, others, output)
        if framed is not None:
            gone, moved = framed
            return [each for each in factors if all(each is not other for other in gone)] + [moved]
    for (one, two), (left, right) in itertools.product(
        itertools.permutations(brackets, 2), itertools.permutations(others, 2)
    ):
        product = _kron(one, two, left, right, sizes)
        if product is not None:
            joined = (one, two, left, right)
            rest = [each for each in factors if not any(each is other for other in joined)]
            inner = {*left[1], *right[1]}
            if not inner & _kept(rest, output):
                return [*rest, product]
    return None


def _kept(rest: list[Factor], output: tuple[int, ...]) -> set[int]:
    return {label for _, at in rest for label in at} | set(output)


def _moves(
    factor: Factor, bracket: Factor, kept: set[int], sizes: dict[int, Size]
) -> Iterator[Factor]:
    """The moves of one factor that a bracket can be."""
    node, labels = factor
    if len(set(labels)) < len(labels):
        return
    shared = [label for label in labels if label in bracket[1]]
    gone = [label for label in shared if label not in kept]
    new = [label for label in bracket[1] if label not in labels]
    if not gone:
        if len(shared) == 2 and not new:
            yield from _masked(factor, bracket)
        return
    if len(gone) < len(shared):
        return
    for turn in itertools.permutations(bracket[1]):
        turned = _turned(bracket, turn)
        if len(gone) == 1:
            place = labels.index(gone[0])
            order = [label for label in turn if label in new]
            output = (*labels[:place], *order, *labels[place + 1 :])
        elif len(new) == 1:
            first = min(labels.index(label) for label in gone)
            kept_labels = [label for label in labels if label not in gone]
            output = (*kept_labels[:first], new[0], *kept_labels[first:])
        else:
            return
        whole = Contraction([node, turned], [labels, turn], output, sizes)
        if spell_move(whole) is not None:
            yield whole, output
            return
        mirrored = _mirrored(node, labels, turned, turn, output, sizes)
        if mirrored is not None:
            yield mirrored, output
            return
    if len(gone) == 2 == len(labels):  # vec(X.T) is the row-major reshape of X
        flipped = Contraction([node], [(0, 1)], (1, 0))
        yield from _moves_of_turned(flipped, labels[::-1], bracket, new, sizes)


def _mirrored(
    node: Expression,
    labels: tuple[int, ...],
    bracket: Iverson,
    turn: tuple[int, ...],
    output: tuple[int, ...],
    sizes: dict[int, Size],
) -> Expression | None:
    """windows(x, k, padding=...)[..., ::-1]: windows read from their end, as in x[o - j]."""
    if len(turn) != 3:
        return None
    last = bracket.coefficients[2] * (sympy.sympify(bracket.shape[2]) - 1)
    ahead = Iverson(
        bracket.shape,
        (*bracket.coefficients[:2], -bracket.coefficients[2]),
        bracket.offset + last,
        bracket.relation,
    )
    whole = Contraction([node, ahead], [labels, turn], output, sizes)
    move = spell_move(whole)
    if move is None or move[0] != "windows":
        return None
    place = output.index(turn[2])
    parts = [slice(None)] * whole.rank
    parts[place] = slice(None, None, -1)
    return whole[tuple(parts)]


def _moves_of_turned(
    node: Expression,
    labels: tuple[int, ...],
    bracket: Factor,
    new: list[int],
    sizes: dict[int, Size],
) -> Iterator[Factor]:
    for turn in itertools.permutations(bracket[1]):
        whole = Contraction([node, _turned(bracket, turn)], [labels, turn], new, sizes)
        if len(new) == 1 and spell_move(whole) is not None:
            yield whole, tuple(new)
            return


def _turned(bracket: Factor, turn: tuple[int, ...]) -> Iverson:
    """A bracket with its axes in another order."""
    node, at = bracket
    assert isinstance(node, Iverson)
    places = [at.index(label) for label in turn]
    return Iverson(
        [node.shape[place] for place in places],
        [node.coefficients[place] for place in places],
        node.offset,
        node.relation,
    )


def _masked(factor: Factor, bracket: Factor) -> Iterator[Factor]:
    """A triangle of a matrix."""
    node, labels = factor
    if len(labels) != 2:
        return
    for at in (labels, labels[::-1]):
        inner = node if at == labels else Contraction([node], [(0, 1)], (1, 0))
        whole = Contraction([inner, _turned(bracket, at)], [(0, 1), (0, 1)], (0, 1))
        if spell_move(whole) is not None:
            yield whole, at
            return


def _framed(
    bracket: Factor, others: list[Factor], output: tuple[int, ...]
) -> tuple[list[Factor], Factor] | None:
    """The triangle of an outer product: a vector at each index of the bracket."""
    at = bracket[1] if bracket[1] != output[::-1] else output
    if len(at) != 2 or any(set(at) <= set(labels) for _, labels in others):
        return None
    rows = [factor for factor in others if factor[1] == at[:1]]
    columns = [factor for factor in others if factor[1] == at[1:]]
    if len(rows) != 1 or len(columns) != 1:
        return None
    both = Contraction([rows[0][0], columns[0][0]], [(0,), (1,)], (0, 1))
    for moved in _masked((both, at), bracket):
        return [bracket, rows[0], columns[0]], moved
    return None


def _kron(
    one: Factor, two: Factor, left: Factor, right: Factor, sizes: dict[int, Size]
) -> Factor | None:
    """kron(left, right) where two brackets join the rows and the columns of two matrices."""
    if left[0].rank != 2 or right[0].rank != 2 or len(one[1]) != 3 or len(two[1]) != 3:
        return None
    brackets: list[Iverson] = []
    ats: list[tuple[int, ...]] = []
    for bracket, a, b in ((one, left[1][0], right[1][0]), (two, left[1][1], right[1][1])):
        outer = [label for label in bracket[1] if label not in (a, b)]
        if len(outer) != 1 or a == b:
            return None
        turn = (outer[0], a, b)
        brackets.append(_turned(bracket, turn))
        ats.append(turn)
    output = (ats[0][0], ats[1][0])
    whole = Contraction([left[0], right[0], *brackets], [left[1], right[1], *ats], output, sizes)
    return (whole, output) if spell_move(whole) is not None else None
