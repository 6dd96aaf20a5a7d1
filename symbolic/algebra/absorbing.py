"""From brackets in a flat product to what a person writes: slices, padding, windows, kron, triangles.

A bracket that touches summed indices of one factor becomes a move of that factor.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import sympy

from symbolic.indexing import merging
from symbolic.moves import spell_move
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.operations import eye
from symbolic.sizes import Size

Factor = tuple[Expression, tuple[int, ...]]


def absorb_brackets(
    factors: list[Factor], output: tuple[int, ...], sizes: dict[int, Size]
) -> list[Factor]:
    """The factors with every bracket that is a move of one of them absorbed."""
    found = list(factors)
    while any(isinstance(node, Iverson) for node, _ in found):
        step = _one_step(found, output, sizes)
        if step is None:
            break
        found = step
    return found


_rows: WeakKeyDictionary[Expression, Iverson] = WeakKeyDictionary()


def rows_of_identity(node: Expression) -> Expression:
    """A bracket [i == k] or [i + k == j] as rows of an identity matrix, eye(n)[k] or eye(n)[k:]."""
    if not isinstance(node, Iverson) or node.relation != "==" or node.rank not in (1, 2):
        return node
    size = node.shape[-1]
    if node.rank == 1:
        whole = Contraction([eye(size), node], ["ij", "i"], "j")
    else:
        turned = _turned((node, (0, 1)), (1, 0))
        whole = Contraction([eye(size), turned], ["ij", "io"], "oj")
    move = spell_move(whole)
    if move is None or move[0] != "index":
        return node
    _rows[whole] = node
    return whole


def bracket_of(node: Expression) -> Expression:
    """The bracket that rows of an identity matrix show."""
    return _rows.get(node, node)


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


@dataclass(frozen=True)
class KroneckerProduct:
    """Two matrices, each a flat product, whose Kronecker product stands at two labels; and the rest."""

    left: Contraction
    right: Contraction
    labels: tuple[int, int]
    rest: list[Factor]


def find_kronecker_product(
    factors: list[Factor], output: tuple[int, ...], sizes: dict[int, Size]
) -> KroneckerProduct | None:
    """The Kronecker product that two brackets of a flat product make of what lies between them."""
    brackets = [each for each in factors if isinstance(each[0], Iverson) and len(each[1]) == 3]
    others = [each for each in factors if not isinstance(each[0], Iverson)]
    for one, two in itertools.combinations(brackets, 2):
        rest = [each for each in factors if each is not one and each is not two]
        if len(rest) > len(others):
            continue
        for first, second in itertools.product(_splits(one), _splits(two)):
            found = _between(first, second, rest, output, sizes)
            if found is not None:
                return found
    return None


def _splits(bracket: Factor) -> Iterator[tuple[int, int, int]]:
    """Orders (whole, a, b) of the labels of a bracket in which it says whole == a*size_b + b."""
    for turn in itertools.permutations(bracket[1]):
        turned = _turned(bracket, turn)
        whole, *sizes = turned.shape
        fits = sympy.expand(sympy.Mul(*sizes) - whole) == 0
        if fits and turned.relation == "==" and turned is merging(whole, sizes):
            yield turn[0], turn[1], turn[2]


def _between(
    first: tuple[int, int, int],
    second: tuple[int, int, int],
    rest: list[Factor],
    output: tuple[int, ...],
    sizes: dict[int, Size],
) -> KroneckerProduct | None:
    (row, a, b), (column, c, d) = first, second
    left = _reached({a, c}, rest)
    right = _reached({b, d}, rest)
    inner = {a, b, c, d} | {x for _, at in [*left, *right] for x in at}
    outside = [each for each in rest if each not in left and each not in right]
    overlap = any(each in right for each in left) or {a, c} & {b, d}
    if row == column or overlap or inner & (_kept(outside, output) | {row, column}):
        return None
    if not (_is_joined({a, c}, left) and _is_joined({b, d}, right)):
        return None

    def part(chosen: list[Factor], labels: tuple[int, int]) -> Contraction:
        return Contraction([node for node, _ in chosen], [at for _, at in chosen], labels, sizes)

    return KroneckerProduct(part(left, (a, c)), part(right, (b, d)), (row, column), outside)


def _reached(start: set[int], factors: list[Factor]) -> list[Factor]:
    """The factors that hang together with some labels."""
    labels = set(start)
    found: list[Factor] = []
    waiting = list(factors)
    while True:
        more = [each for each in waiting if labels & set(each[1])]
        if not more:
            return found
        found += more
        waiting = [each for each in waiting if each not in more]
        labels |= {x for _, at in more for x in at}


def _is_joined(ends: set[int], factors: list[Factor]) -> bool:
    """Whether two labels are one, or are connected by factors."""
    return len(ends) == 1 or ends <= {x for _, at in _reached({min(ends)}, factors) for x in at}
