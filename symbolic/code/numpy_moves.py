"""Entries selected, moved and reordered along axes, as NumPy code.

    out[..., i, k, ...] = a[..., start + step_i*i + step_k*k, ...],  0 outside

is a slice, an index, padding, `sliding_window_view` or `np.reshape` of `a`, or two of them in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import sympy

from symbolic.code.product_order import Labels, assumed_size
from symbolic.printing.text_printer import ATOM, MULTIPLY, NEGATE, Piece
from symbolic.sizes import Shape, Size


class Sizes(Protocol):
    """What the code of a move may ask for."""

    def integer(self, value: Size | sympy.Expr) -> Piece:
        """The code of a size or of a place."""

    def shape(self, shape: Shape) -> str:
        """The code of a shape."""


@dataclass(frozen=True)
class Array:
    """The code of an array, with a label and a size an axis."""

    piece: Piece
    labels: Labels
    shape: Shape

    def indexed(self, axis: int, text: str) -> Piece:
        """The code of the array with an index or a slice on one axis."""
        return Piece(f"{self.piece.at_least(ATOM)}[{':, ' * axis}{text}]", ATOM)

    def with_axis(
        self, axis: int, piece: Piece, labels: Labels, shape: Sequence[Size | sympy.Expr]
    ) -> Array:
        """Another array that has these axes in the place of one axis."""
        return Array(
            piece,
            self.labels[:axis] + labels + self.labels[axis + 1 :],
            (*self.shape[:axis], *shape, *self.shape[axis + 1 :]),
        )


@dataclass(frozen=True)
class Steps:
    """An index of the result: its label, how far one step of it moves the place, how many it has."""

    label: int
    step: sympy.Expr
    count: Size

    @property
    def ahead(self) -> bool:
        """Whether the steps go forward."""
        return bool(self.step.is_positive)

    @property
    def reach(self) -> sympy.Expr:
        """How far the last step is from the first."""
        return sympy.expand(abs(self.step) * (self.count - 1))


# --- what is known of sizes ----------------------------------------------------------------------


def is_nonnegative(value: sympy.Expr) -> bool:
    """Whether an expression in sizes is known to be 0 or more.

    >>> n = sympy.Symbol("n", positive=True, integer=True)
    >>> is_nonnegative(n - 2 - 2 * sympy.floor(n / 2 - 1))
    True
    """
    least = sympy.expand(value)
    for whole in least.atoms(sympy.floor):
        bottom = sympy.fraction(sympy.together(whole.args[0]))[1]
        if least.coeff(whole).is_negative:  # e - (q - 1)/q <= floor(e) <= e, q the denominator
            least = sympy.expand(least.subs(whole, whole.args[0]))
        elif bottom.is_Integer:
            lower = whole.args[0] - sympy.Rational(bottom - 1, bottom)
            least = sympy.expand(least.subs(whole, lower))
    return bool(least.is_nonnegative)


def excess(value: sympy.Expr) -> sympy.Expr:
    """The greater of 0 and an expression in sizes."""
    if is_nonnegative(-value):
        return sympy.S.Zero
    return sympy.expand(value) if is_nonnegative(value) else sympy.Max(0, sympy.expand(value))


# --- one axis, read at other places --------------------------------------------------------------


def read_axis(
    array: Array,
    axis: int,
    start: sympy.Expr,
    steps: Sequence[Steps],
    sizes: Sizes,
    *,
    inside: bool = False,
) -> Array:
    """An array with one axis read at `start` + steps, 0 outside; the new labels take its place.

    With `inside`, all places are known to lie within the axis.
    """
    size = array.shape[axis]
    order = digits(steps, size, start)
    if order is not None:
        return _split(array, axis, order, sizes)
    first = start - sum((each.reach for each in steps if not each.ahead), sympy.S.Zero)
    last = start + sum((each.reach for each in steps if each.ahead), sympy.S.Zero)
    before, after, base = sympy.S.Zero, sympy.S.Zero, sympy.expand(first)
    if not inside:
        before, after, base = excess(-first), excess(last - size + 1), excess(first)
        after = _rounded(before, after, steps)
    array = padded(array, axis, before, after, sizes)
    if not steps:
        text = place_text(base, array.shape[axis], sizes)
        return array.with_axis(axis, array.indexed(axis, text), (), ())
    if len(steps) == 1:
        return _sliced(array, axis, base, steps[0], sizes)
    if len(steps) == 2:
        return _windowed(array, axis, base, steps, sizes)
    places = places_text(steps, sympy.expand(start + before), sizes)
    piece = Piece(f"np.take({array.piece.text}, {places}, axis={axis})", ATOM)
    return array.with_axis(
        axis, piece, tuple(each.label for each in steps), [each.count for each in steps]
    )


def _rounded(before: sympy.Expr, after: sympy.Expr, steps: Sequence[Steps]) -> sympy.Expr:
    """As many zeros behind as in front, where the last few are never reached."""
    spare = before - after
    widest = max((abs(each.step) for each in steps if abs(each.step).is_Integer), default=1)
    if before != 0 and is_nonnegative(spare) and is_nonnegative(widest - 1 - spare):
        return before
    return after


def padded(array: Array, axis: int, before: sympy.Expr, after: sympy.Expr, sizes: Sizes) -> Array:
    """Zeros in front of and behind the entries along an axis."""
    if before == 0 and after == 0:
        return array
    rank = len(array.labels)
    ends = f"({sizes.integer(before).text}, {sizes.integer(after).text})"
    if rank > 1:
        ends = f"({', '.join(ends if each == axis else '(0, 0)' for each in range(rank))})"
    elif before == after:
        ends = sizes.integer(before).text
    piece = Piece(f"np.pad({array.piece.text}, {ends})", ATOM)
    length = sympy.expand(array.shape[axis] + before + after)
    return array.with_axis(axis, piece, (array.labels[axis],), (length,))


def place_text(place: sympy.Expr, size: Size, sizes: Sizes) -> str:
    """A place as it is, or counted from the end of an axis of symbolic size."""
    back = sympy.expand(place - size)
    if back.is_Integer and back < 0 and not sympy.sympify(size).is_Integer:
        return str(back)
    return sizes.integer(place).text


def slice_text(base: sympy.Expr, steps: Steps, size: Size, sizes: Sizes) -> tuple[str, bool]:
    """The slice that reads from `base` on, and whether it still has to be turned round."""
    step = abs(steps.step)
    last = sympy.expand(base + steps.reach)
    left = sympy.expand(size - 1 - last)
    to_end = left == 0 or (is_nonnegative(left) and is_nonnegative(step - 1 - left))
    if not steps.ahead and to_end and base == 0 and step == 1:
        return "::-1", False
    first = "" if base == 0 else place_text(base, size, sizes)
    after = "" if to_end else place_text(sympy.expand(last + 1), size, sizes)
    simple = all(place.removeprefix("-").isalnum() for place in (first, after) if place)
    ends = f"{first}:{after}" if simple else f"{first} : {after}".strip()
    if step != 1:
        ends += f":{sizes.integer(step).text}"
    return ends, not steps.ahead


def _sliced(array: Array, axis: int, base: sympy.Expr, steps: Steps, sizes: Sizes) -> Array:
    ends, turned = slice_text(base, steps, array.shape[axis], sizes)
    piece = array.piece if ends == ":" else array.indexed(axis, ends)
    result = array.with_axis(axis, piece, (steps.label,), (steps.count,))
    return replace(result, piece=result.indexed(axis, "::-1")) if turned else result


def _windowed(
    array: Array, axis: int, base: sympy.Expr, steps: Sequence[Steps], sizes: Sizes
) -> Array:
    """All windows along an axis; the place in the window becomes the last axis."""
    many, few = steps
    if assumed_size(many.count) < assumed_size(few.count):
        many, few = few, many
    width = sizes.integer(few.reach + 1).text
    along = "" if len(array.labels) == 1 else f", axis={axis}"
    piece = Piece(f"sliding_window_view({array.piece.text}, {width}{along})", ATOM)
    count = sympy.expand(array.shape[axis] - few.reach)
    seen = array.with_axis(axis, piece, (array.labels[axis],), (count,))
    seen = _sliced(seen, axis, base, many, sizes)
    piece = seen.piece
    if abs(few.step) != 1:
        piece = Piece(f"{piece.at_least(ATOM)}[..., ::{sizes.integer(abs(few.step)).text}]", ATOM)
    if not few.ahead:
        piece = Piece(f"{piece.at_least(ATOM)}[..., ::-1]", ATOM)
    return Array(piece, (*seen.labels, few.label), (*seen.shape, few.count))


def places_text(steps: Sequence[Steps], start: sympy.Expr, sizes: Sizes) -> str:
    """Start + step_0*i_0 + step_1*i_1 + ... as an array over all i."""
    out = ""
    for place, each in enumerate(steps):
        new = ", None" * (len(steps) - 1 - place)
        text = f"np.arange({sizes.integer(each.count).text})" + (f"[:{new}]" if new else "")
        minus = each.step.could_extract_minus_sign()
        step = -each.step if minus else each.step
        if step != 1:
            text = f"{sizes.integer(step).at_least(NEGATE)} * {text}"
        out += (" - " if minus else " + ") + text if out else ("-" if minus else "") + text
    if start == 0:
        return out
    minus = start.could_extract_minus_sign()
    sign, rest = ("-", -start) if minus else ("+", start)
    return f"{out} {sign} {sizes.integer(rest).at_least(MULTIPLY)}"


# --- several axes as one, one as several ---------------------------------------------------------


def digits(steps: Sequence[Steps], size: Size, start: sympy.Expr) -> list[Steps] | None:
    """The steps in the order in which `reshape` has them as axes in the place of one of the size.

    They are digits of the place: each step is the product of all sizes behind it.
    """
    if len(steps) < 2 or start != 0:
        return None
    rest, order, stride = list(steps), list[Steps](), sympy.S.One
    while rest:
        fitting = [each for each in rest if sympy.expand(each.step - stride) == 0]
        if not fitting:
            return None
        order.append(fitting[0])
        rest.remove(fitting[0])
        stride = sympy.expand(stride * fitting[0].count)
    return order[::-1] if sympy.expand(stride - size) == 0 else None


def _split(array: Array, axis: int, order: Sequence[Steps], sizes: Sizes) -> Array:
    labels = tuple(each.label for each in order)
    result = array.with_axis(axis, array.piece, labels, [each.count for each in order])
    return replace(result, piece=reshaped(array.piece, result.shape, sizes))


def reshaped(piece: Piece, shape: Shape, sizes: Sizes) -> Piece:
    """The entries in the same order with other axes."""
    inside = "-1" if len(shape) == 1 else ", ".join(sizes.integer(size).text for size in shape)
    return Piece(f"{piece.at_least(ATOM)}.reshape({inside})", ATOM)


# --- axes in another order ---------------------------------------------------------------------


def permuted(piece: Piece, labels: Labels, order: Labels) -> Piece:
    """A piece with its axes in another order."""
    if labels == order:
        return piece
    if labels == order[::-1]:
        return transposed(piece)
    return Piece(f"np.transpose({piece.text}, {tuple(labels.index(each) for each in order)})", ATOM)


def transposed(piece: Piece) -> Piece:
    """All axes reversed."""
    if piece.binding == ATOM and piece.text.endswith(".T"):
        return Piece(piece.text[:-2], ATOM)
    return Piece(f"{piece.at_least(ATOM)}.T", ATOM)
