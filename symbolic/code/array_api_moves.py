"""Products with Iverson brackets as code of the Python array API standard: entries are read elsewhere.

A bracket [c_s*s + c_k*k + ... + b == 0] that is summed over s says where the entries along s are read; a
place outside gives 0. What is neither that nor a cumulative sum is an array of zeros and ones.
"""

from __future__ import annotations

import sympy

from symbolic.code.array_api_products import CHOSEN, Factor, Writer, aligned, permuted
from symbolic.code.numpy_moves import Steps, digits
from symbolic.code.product_order import Labels, assumed_size
from symbolic.nodes import Contraction, Iverson
from symbolic.printing.text_printer import ATOM, Piece

PLACES = (
    "def places(xp, start, steps, counts, device):\n"
    '    """The sum of start and steps[k] * index k, for all indices below the counts."""\n'
    "    total = xp.zeros(counts, dtype=xp.arange(1, device=device).dtype, device=device)\n"
    "    reach = sum(abs(step) * count for step, count in zip(steps, counts))\n"
    "    if reach + abs(start) > xp.iinfo(total.dtype).max:\n"
    '        raise OverflowError("indices are too large for the integers of the library")\n'
    "    total = total + start\n"
    "    for axis, step in enumerate(steps):\n"
    "        shape = tuple(size if each == axis else 1 for each, size in enumerate(counts))\n"
    "        total = total + step * xp.reshape(xp.arange(counts[axis], device=device), shape)\n"
    "    return total\n"
)
READ = (
    "def read(xp, x, start, step, count, device):\n"
    '    """The entries of x[..., start + step*i] for i < count, 0 outside of x."""\n'
    "    if step < 0:\n"
    "        ahead = read(xp, x, start + step * (count - 1), -step, count, device)\n"
    "        return xp.flip(ahead, axis=-1)\n"
    "\n"
    "    def zeros(number):\n"
    "        return xp.zeros((*x.shape[:-1], number), dtype=x.dtype, device=device)\n"
    "\n"
    "    first = min(count, max(0, -(start // step)))\n"
    "    last = min(count, max(first, (x.shape[-1] - 1 - start) // step + 1))\n"
    "    if first == last:\n"
    "        return zeros(count)\n"
    "    parts = [x[..., start + step * first : start + step * (last - 1) + 1 : step]]\n"
    "    before = [zeros(first)] if first else []\n"
    "    after = [zeros(count - last)] if last < count else []\n"
    "    return xp.concat([*before, *parts, *after], axis=-1)\n"
)
GATHER = (
    "def gather(xp, x, same, start, steps, counts, divisor, device):\n"
    '    """The entries of x along its last axis at places/divisor, 0 where there are none.\n'
    "\n"
    "    The first `same` indices of the places are those of the axes of x before the last.\n"
    '    """\n'
    "    size, rest = x.shape[-1], x.shape[: x.ndim - 1 - same]\n"
    "    if size == 0:\n"
    "        return xp.zeros((*rest, *counts), dtype=x.dtype, device=device)\n"
    "    at = places(xp, start, steps, counts, device)\n"
    "    inside = (at % divisor == 0) & (at >= 0) & (at < divisor * size)\n"
    "    at = xp.where(inside, at // divisor, xp.zeros_like(at))\n"
    "    strides = [0] * len(counts)\n"
    "    for axis in range(same - 1, -1, -1):\n"
    "        strides[axis], size = size, size * counts[axis]\n"
    "    at = xp.reshape(at + places(xp, 0, strides, counts, device), (-1,))\n"
    "    found = xp.take(xp.reshape(x, (*rest, size)), at, axis=-1)\n"
    "    return chosen(xp, inside, xp.reshape(found, (*rest, *counts)))\n"
)


def bracketed(
    node: Contraction,
    factor: Factor,
    bracket: Iverson,
    at: Labels,
    free: set[int],
    writer: Writer,
) -> Factor | None:
    """The product of a factor and a bracket without the bracket, where that is a move of entries.

    `free` are the labels that are summed and that nothing else holds.
    """
    if len(set(factor.labels)) < len(factor.labels) or not all(bracket.coefficients):
        return None
    inside = [label for label in at if label in factor.labels]
    summed = [label for label in inside if label in free]
    if not summed:
        return None if free else _masked(factor, bracket, at, writer)
    if bracket.relation == ">=":
        return _cumulative(factor, bracket, at, summed, writer)
    coefficients = dict(zip(at, bracket.coefficients, strict=True))
    new = [label for label in at if label not in factor.labels]
    if len(new) == 1 and abs(coefficients[new[0]]) == 1 and set(inside) == set(summed):
        merged = _merged(node, factor, bracket, at, new[0], writer)
        if merged is not None:
            return merged
    known = [
        each for each in summed if coefficients[each].is_positive or coefficients[each].is_negative
    ]
    if not known:
        return None
    chosen = max(known, key=lambda each: (assumed_size(node.sizes[each]), -known.index(each)))
    return _read(node, factor, bracket, at, chosen, writer)


def _steps(
    node: Contraction, bracket: Iverson, at: Labels, label: int
) -> tuple[sympy.Expr, list[Steps]]:
    """|c| times the place along a label in terms of the others, c its coefficient."""
    coefficients = dict(zip(at, bracket.coefficients, strict=True))
    turn = -sympy.sign(coefficients[label])
    others = [
        Steps(each, sympy.expand(c * turn), node.sizes[each])
        for each, c in coefficients.items()
        if each != label
    ]
    return sympy.expand(bracket.offset * turn), others


def _ahead(steps: list[Steps]) -> bool:
    return all(each.step.is_positive or each.step.is_negative for each in steps)


def _merged(
    node: Contraction, factor: Factor, bracket: Iverson, at: Labels, new: int, writer: Writer
) -> Factor | None:
    """Several axes that are digits of a new one: `reshape`."""
    start, steps = _steps(node, bracket, at, new)
    order = digits(steps, node.sizes[new], start) if _ahead(steps) else None
    if order is None:
        return None
    merged = tuple(each.label for each in order)
    rest = tuple(label for label in factor.labels if label not in merged)
    piece = permuted(factor.piece, factor.labels, rest + merged)
    shape = writer.shape([node.sizes[label] for label in (*rest, new)])
    return Factor(Piece(f"xp.reshape({piece.text}, {shape})", ATOM), (*rest, new))


def _read(
    node: Contraction, factor: Factor, bracket: Iverson, at: Labels, chosen: int, writer: Writer
) -> Factor:
    """The entries along one summed axis, read where the other indices say."""
    coefficient = abs(bracket.coefficients[at.index(chosen)])
    start, steps = _steps(node, bracket, at, chosen)
    same = [each for each in steps if each.label in factor.labels]
    new = [each for each in steps if each.label not in factor.labels]
    rest = tuple(x for x in factor.labels if x not in at)
    kept = tuple(each.label for each in same)
    piece = permuted(factor.piece, factor.labels, (*rest, *kept, chosen))
    labels = (*rest, *kept, *(each.label for each in new))
    if coefficient == 1 and not same:
        order = digits(steps, node.sizes[chosen], start) if _ahead(steps) else None
        if order is not None:
            split = (*rest, *(each.label for each in order))
            shape = writer.shape([node.sizes[label] for label in split])
            return Factor(Piece(f"xp.reshape({piece.text}, {shape})", ATOM), split)
        if len(steps) < 2 and _ahead(steps):
            name = writer.helper("read", READ)
            (step, count) = (steps[0].step, steps[0].count) if steps else (1, 1)
            numbers = ", ".join(writer.integer(each) for each in (start, step, count))
            text = f"{name}(xp, {piece.text}, {numbers}, device)"
            return Factor(Piece(text if steps else f"{text}[..., 0]", ATOM), labels)
    for each, source in (("chosen", CHOSEN), ("places", PLACES)):
        writer.helper(each, source)
    name = writer.helper("gather", GATHER)
    order = [*same, *new]
    factors = writer.shape([each.step for each in order])
    counts = writer.shape([each.count for each in order])
    numbers = f"{len(same)}, {writer.integer(start)}, {factors}, {counts}"
    text = f"{name}(xp, {piece.text}, {numbers}, {writer.integer(coefficient)}, device)"
    return Factor(Piece(text, ATOM), labels)


def _cumulative(
    factor: Factor, bracket: Iverson, at: Labels, summed: list[int], writer: Writer
) -> Factor | None:
    """sum_j [i >= j] a[j], or [i <= j]."""
    if len(at) != 2 or len(summed) != 1 or bracket.offset != 0:
        return None
    if bracket.shape[0] != bracket.shape[1]:
        return None
    (old,), (new,) = summed, [label for label in at if label not in summed]
    signs = tuple(bracket.coefficients[at.index(label)] for label in (new, old))
    if new in factor.labels or signs not in ((1, -1), (-1, 1)):
        return None
    axis = factor.labels.index(old)
    text = factor.piece.text
    if signs == (-1, 1):
        text = f"xp.flip({text}, axis={axis})"
    text = f"xp.cumulative_sum({text}, axis={axis})"
    if signs == (-1, 1):
        text = f"xp.flip({text}, axis={axis})"
    labels = tuple(new if label == old else label for label in factor.labels)
    return Factor(Piece(text, ATOM), labels)


def _masked(factor: Factor, bracket: Iverson, at: Labels, writer: Writer) -> Factor:
    """Entries where the relation holds, 0 elsewhere."""
    labels = tuple(dict.fromkeys((*factor.labels, *at)))
    condition = aligned(_relation(bracket, writer), at, labels)
    name = writer.helper("chosen", CHOSEN)
    piece = aligned(factor.piece, factor.labels, labels)
    return Factor(Piece(f"{name}(xp, {condition.text}, {piece.text})", ATOM), labels)


def _relation(bracket: Iverson, writer: Writer) -> Piece:
    name = writer.helper("places", PLACES)
    steps = writer.shape(bracket.coefficients)
    counts = writer.shape(bracket.shape)
    start = writer.integer(bracket.offset)
    return Piece(f"{name}(xp, {start}, {steps}, {counts}, device) {bracket.relation} 0", 0)


def bracket_factor(bracket: Iverson, at: Labels, writer: Writer) -> Factor:
    """A bracket as an array of zeros and ones."""
    piece = Piece(f"xp.astype({_relation(bracket, writer).text}, dtype)", ATOM)
    return Factor(piece, at)


def kronecker(node: Contraction, left: Piece, right: Piece, rank: int, writer: Writer) -> Factor:
    """The Kronecker product of two vectors or matrices."""
    first = ", ".join([":, None"] * rank)
    second = ", ".join(["None, :"] * rank)
    product = f"{left.at_least(ATOM)}[{first}] * {right.at_least(ATOM)}[{second}]"
    text = f"xp.reshape({product}, {writer.shape(node.shape)})"
    return Factor(Piece(text, ATOM), node.output)
