r"""Iverson brackets in a product: an index that a relation determines is put in, as in `x_{i+k-1}`.

Indices count from 1 here, those of `Iverson` from 0. Where it cannot be shown that the index stays
within its axis a bracket says so, as in `x_{i-1} [1 \le i - 1 \le n]`: a bracket that is 0 makes
the product 0, whatever its other factors are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy

from symbolic.nodes import Iverson
from symbolic.printing.index_names import Index, index_symbol, index_text, is_index_symbol
from symbolic.printing.latex_pieces import ATOM, Piece, Tex
from symbolic.sizes import Size

Bracket = tuple[Iverson, tuple[int, ...]]


def label_symbol(label: int, sizes: Mapping[int, Size]) -> Index:
    """The index at a label, before it has a name; over a size of 1 it is 1."""
    return sympy.Integer(1) if sizes[label] == 1 else index_symbol(f"#{label}")


@dataclass
class Resolved:
    """What brackets say: `values` of determined labels, `bounds` to be stated, brackets `left`."""

    values: dict[int, Index] = field(default_factory=dict)
    bounds: list[tuple[int, bool, bool]] = field(default_factory=list)
    left: list[Bracket] = field(default_factory=list)


@dataclass(frozen=True)
class _Choice:
    """A label, its value, and whether it must be said that it is not below and not above its axis."""

    label: int
    value: Index
    below: bool
    above: bool

    @property
    def is_bounded(self) -> bool:
        return self.below or self.above


def resolved(
    brackets: Iterable[Bracket],
    summed: Iterable[int],
    shown: frozenset[int],
    sizes: Mapping[int, Size],
) -> Resolved:
    """The summed labels that brackets determine; `shown` are labels that other factors have.

    A label is put in where no bound has to be stated; else only if that saves a bracket and the
    strides are numbers: `[i = n (j - 1) + k]` is easier to read than its solution.
    """
    found = Resolved(left=list(brackets))
    open_ = set(summed)
    for all_ in (False, True):
        waiting, found.left = found.left, []
        for bracket, labels in waiting:
            simple = all(each.is_Integer for each in bracket.coefficients)
            for choice in _choices(bracket, labels, found, open_, sizes):
                seen = choice.label in shown or _occurs(choice.label, found)
                if not choice.is_bounded or (all_ and simple and seen):
                    _put_in(choice, found, sizes)
                    open_.discard(choice.label)
                    break
            else:
                found.left.append((bracket, labels))
    return found


def _occurs(label: int, found: Resolved) -> bool:
    symbol = index_symbol(f"#{label}")
    return any(symbol in value.free_symbols for value in found.values.values())


def _put_in(choice: _Choice, found: Resolved, sizes: Mapping[int, Size]) -> None:
    known = {label_symbol(choice.label, sizes): choice.value}
    found.values = {each: sympy.expand(old.xreplace(known)) for each, old in found.values.items()}
    found.values[choice.label] = choice.value
    if choice.is_bounded:
        found.bounds.append((choice.label, choice.below, choice.above))


def relation(bracket: Iverson, at: Iterable[Index]) -> Index:
    """What the bracket compares with 0, at indices counted from 1."""
    terms = (c * (index - 1) for c, index in zip(bracket.coefficients, at, strict=True))
    return sympy.expand(sympy.Add(*terms) + bracket.offset)


def _choices(
    bracket: Iverson,
    labels: tuple[int, ...],
    found: Resolved,
    open_: set[int],
    sizes: Mapping[int, Size],
) -> list[_Choice]:
    """The labels that an equation determines, those without bounds first."""
    if bracket.relation != "==":
        return []
    difference = relation(bracket, (found.values.get(x, label_symbol(x, sizes)) for x in labels))
    choices = []
    for label in dict.fromkeys(labels):
        symbol = label_symbol(label, sizes)
        coefficient = difference.coeff(symbol)
        if label not in open_ or symbol.is_Integer or coefficient not in (1, -1):
            continue
        value = sympy.expand(symbol - difference / coefficient)
        below = not _surely_nonnegative(value - 1, sizes)
        above = not _surely_nonnegative(sympy.sympify(sizes[label]) - value, sizes)
        if label == labels[0] and _is_slice(bracket):
            below = above = False
        choices.append(_Choice(label, value, below, above))
    return sorted(choices, key=lambda choice: choice.is_bounded)


def _is_slice(bracket: Iverson) -> bool:
    """Whether it reads as a slice or an entry, which the language takes to lie within the axis."""
    size, *counts = bracket.shape
    if len(counts) > 1 or bracket.coefficients[0] != 1:
        return False
    start = -bracket.offset
    ends = [start]
    if counts:
        step = -bracket.coefficients[1]
        if not step.is_Integer or step == 0:
            return False
        ends.append(start + step * (counts[0] - 1))
    room = [each for end in ends for each in (end, size - 1 - end)]
    return not any(_looks_negative(sympy.expand(each)) for each in room)


def _looks_negative(value: sympy.Expr) -> bool:
    if value.is_nonnegative:
        return False
    return bool(value.is_negative) or value.could_extract_minus_sign()


def _surely_nonnegative(value: Index, sizes: Mapping[int, Size]) -> bool:
    """Whether an affine expression is at least 0 wherever its labels are in their ranges."""
    least = sympy.expand(value)
    for symbol in filter(is_index_symbol, least.free_symbols):
        coefficient = least.coeff(symbol)
        if coefficient.is_nonnegative:
            least = least.xreplace({symbol: sympy.Integer(1)})
        elif coefficient.is_nonpositive:
            size = sympy.sympify(sizes[int(symbol.name.removeprefix("#"))])
            least = least.xreplace({symbol: size})
        else:
            return False
    return bool(_without_floors(sympy.expand(least)).is_nonnegative)


def _without_floors(value: sympy.Expr) -> sympy.Expr:
    """A lower bound that has no floor: p/q - 1 + 1/q <= floor(p/q) <= p/q for whole p and q."""
    for floor in value.atoms(sympy.floor):
        over, under = floor.args[0].as_numer_denom()
        if not under.is_Integer:
            return value
        bound = over / under if value.coeff(floor).is_negative else (over - under + 1) / under
        value = sympy.expand(value.xreplace({floor: bound}))
    return value


# --- as LaTeX ------------------------------------------------------------------------------------


def bracket_piece(bracket: Iverson, at: tuple[Index, ...]) -> Piece | bool:
    """A bracket at indices, or whether its relation holds where that is known."""
    difference = relation(bracket, at)
    if difference.is_number:
        return bool(difference == 0 if bracket.relation == "==" else difference >= 0)
    if bracket.relation == ">=":
        return _bracket(_inequality(difference))
    first = next((index for index in at if index.is_Symbol and is_index_symbol(index)), None)
    if first is not None and difference.coeff(first) in (1, -1):
        right = sympy.expand(first - difference / difference.coeff(first))
        if not any(right.coeff(each).could_extract_minus_sign() for each in right.free_symbols):
            return _bracket(f"{first} = {_text(right)}")
    left, other = _sides(difference)
    return _bracket(f"{left} = {other}")


def bounds_piece(value: Index, size: Size, *, below: bool, above: bool) -> Piece | bool:
    """That an index is not below, or not above, its axis; or whether that holds, where known."""
    low, high = sympy.expand(value - 1), sympy.expand(size - value)
    if low.is_negative or high.is_negative:
        return False
    below, above = (
        below and low.is_nonnegative is not True,
        above and high.is_nonnegative is not True,
    )
    if below and above:
        last = _text(sympy.sympify(size))
        return _bracket(rf"1 \le {_text(value)} \le {last}")
    if below:
        return _bracket(_inequality(low))
    return _bracket(_inequality(high)) if above else True


def _inequality(difference: Index) -> str:
    """`difference >= 0`, the indices on the left where they have one sign."""
    left, right, rest = _parted(difference)
    if left == 0:
        return rf"{_text(right)} \le {_text(rest)}"
    if right == 0:
        return rf"{_text(left)} \ge {_text(-rest)}"
    return r" \ge ".join(_sides(difference))


def _sides(difference: Index) -> tuple[str, str]:
    """Two expressions without minus signs that have this difference."""
    left, right, rest = _parted(difference)
    terms = sympy.Add.make_args(rest)
    more = sympy.Add(*(term for term in terms if not term.could_extract_minus_sign()))
    return _text(left + more), _text(right + more - rest)


def _parted(difference: Index) -> tuple[Index, Index, sympy.Expr]:
    """Index terms with a plus, those with a minus, and the rest; a stride multiplies i - 1."""
    left = right = sympy.Integer(0)
    rest = difference
    for symbol in filter(is_index_symbol, difference.free_symbols):
        coefficient = difference.coeff(symbol)
        term = coefficient * (symbol if coefficient.is_Integer else symbol - 1)
        rest = sympy.expand(rest - term)
        if coefficient.could_extract_minus_sign():
            right -= term
        else:
            left += term
    return sympy.expand(left), sympy.expand(right), rest


def _text(value: Index) -> str:
    return index_text(value, spaced=True)


def _bracket(inside: str) -> Piece:
    return Piece(Tex("[", inside, "]"), ATOM, plain=True, tall=r"\lfloor" in inside)
