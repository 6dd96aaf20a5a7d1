r"""Pieces of LaTeX: text with what is needed to put it beside other text.

Brackets follow from `binding`. Round ones grow (`\left`, `\right`) only around tall content, so
that `\sigma(z)` is set without the space that `\left(` brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

# How tightly an operator binds; an entrywise and a Kronecker product stand beside no other product.
ADD, BIG, KRONECKER, HADAMARD, MULTIPLY, CHAIN, FACTOR, POWER, ATOM = range(9)
LONGEST_NUMERATOR = 60  # characters; what is longer stands behind its fraction
MOST_FACTORS = 32  # a longer product becomes one factor, so that writing a chain stays linear


class Tex:
    """Concatenated text, joined only when it is asked for: deep expressions stay linear."""

    __slots__ = ("length", "parts")

    def __init__(self, *parts: str | Tex) -> None:
        self.parts = parts
        self.length: int = sum(
            len(part) if isinstance(part, str) else part.length for part in parts
        )

    def __str__(self) -> str:
        out: list[str] = []
        stack: list[str | Tex] = [self]
        while stack:
            part = stack.pop()
            if isinstance(part, str):
                out.append(part)
            else:
                stack.extend(reversed(part.parts))
        return "".join(out)


@dataclass(frozen=True, eq=False)
class Piece:
    """Text, how tightly its outermost operator binds, and what else decides how it is set.

    `tensor` tells it from a scalar; `plain` scalars may stand in a numerator; `count` is a number
    or a size; `tall` content needs growing brackets; `subscript` and `digit` tell what it ends and
    starts with; a `word` is a name of several upright letters; `flipped` is the transpose where
    that is not `^\\top`, and a `symmetric` piece is its own; `product` are its factors; between the
    parts of `power_at` an exponent may be written; `power` are the base and the exponent of a power
    of a matrix.
    """

    text: Tex
    binding: int
    tensor: bool = False
    plain: bool = False
    count: bool = False
    tall: bool = False
    subscript: bool = False
    digit: bool = False
    word: bool = False
    symmetric: bool = False
    flipped: Piece | None = None
    product: Product | None = None
    power_at: tuple[Tex, Tex] | None = None
    power: tuple[Piece, int] | None = None

    def at_least(self, binding: int) -> Tex:
        """The text, in brackets if it binds less tightly than asked."""
        return self.text if self.binding >= binding else bracketed(self)

    @property
    def factors(self) -> Product:
        """The piece as a product."""
        if self.product is not None:
            return self.product
        return Product(tops=(self,)) if self.plain else Product(body=(self,))


@dataclass(frozen=True, eq=False)
class Product:
    """Factors: a sign, plain scalars above and below, then the rest in order.

    The factors of a vector make a column; `row` are those of its transpose, where they are not just
    the column's with a `^\\top`. A product of tensors may be `scalar`.
    """

    sign: int = 1
    tops: tuple[Piece, ...] = ()
    bottoms: tuple[Piece, ...] = ()
    body: tuple[Piece, ...] = ()
    row: tuple[Piece, ...] | None = None
    scalar: bool = False

    def times(self, other: Product) -> Product:
        """The product of both; a scalar comes before a tensor."""
        bodies = [self.body, other.body]
        if any(piece.tensor for piece in self.body) and not any(p.tensor for p in other.body):
            bodies.reverse()
        return Product(
            self.sign * other.sign,
            self.tops + other.tops,
            self.bottoms + other.bottoms,
            bodies[0] + bodies[1],
            None if self.body and other.body else self.row or other.row,
        )

    def with_body(self, *body: Piece, row: tuple[Piece, ...] | None = None) -> Product:
        """The same scalars in front of another body."""
        return replace(self, body=body, row=row)

    @property
    def core(self) -> Piece:
        """The body alone as one piece."""
        return written(Product(body=self.body))

    @property
    def as_row(self) -> tuple[Piece, ...]:
        """The factors of the transpose of a vector."""
        return (transposed(self.core),) if self.row is None else self.row


def bracketed(piece: Piece) -> Tex:
    """The text in round brackets that fit its height."""
    if piece.tall:
        return Tex(r"\left(", piece.text, r"\right)")
    return Tex("(", piece.text, ")")


def in_square_brackets(piece: Piece) -> Tex:
    """The text in square brackets; they follow an operator and want the space of `\\left`."""
    return Tex(r"\left[", piece.text, r"\right]")


def called(function: str | Tex, first: Piece, *others: Piece) -> Tex:
    r"""A function of its arguments, as in `\sigma(z)`."""
    text = Tex(first.text, *(Tex(", ", piece.text) for piece in others))
    tall = any(piece.tall for piece in (first, *others))
    return Tex(function, bracketed(Piece(text, ATOM, tall=tall)))


def script(mark: str, text: str | Tex) -> Tex:
    """A subscript (`_`) or superscript (`^`): in braces unless it is a single character."""
    inside = Tex(text)
    return Tex(mark, inside) if inside.length == 1 else Tex(mark, "{", inside, "}")


def transposed(piece: Piece) -> Piece:
    """The transpose: of a transpose, what was transposed."""
    if piece.symmetric:
        return piece
    if piece.flipped is not None:
        return piece.flipped
    if piece.power is not None and piece.power[1] == -1:
        base, above = piece.power[0], r"^{-\top}"
    else:
        base, above = piece, r"^\top"
    text = Tex(base.at_least(ATOM), above)
    return Piece(text, POWER, tensor=True, tall=piece.tall, flipped=piece)


def matrix_power(base: Piece, exponent: int) -> Piece:
    """A whole power of a matrix; the inverse of a transpose is the transpose of the inverse."""
    if exponent == -1 and base.flipped is not None:
        return transposed(matrix_power(base.flipped, -1))
    text = Tex(base.at_least(ATOM), script("^", str(exponent)))
    return Piece(
        text, POWER, tensor=True, tall=base.tall, symmetric=base.symmetric, power=(base, exponent)
    )


def joined(left: tuple[Piece, ...], right: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The factors of a product of two matrices; equal matrices side by side are a power."""
    if not left or not right:
        return left + right
    (base, p), (other, q) = (each.power or (each, 1) for each in (left[-1], right[0]))
    short = base.text.length == other.text.length <= LONGEST_NUMERATOR and base.binding >= POWER
    if not short or p * q < 0 or str(base.text) != str(other.text):
        return left + right
    return (*left[:-1], matrix_power(base, p + q), *right[1:])


def hadamard(pieces: Sequence[Piece]) -> Piece:
    """An entrywise product of tensors, their scalars in front."""
    if len(pieces) == 1:
        return pieces[0]
    heads, cores = Product(), []
    for piece in pieces:
        factors = piece.factors
        heads = heads.times(factors.with_body())
        if factors.body:
            cores.append(factors.core)
    if len(cores) == 1:
        return written(heads.with_body(cores[0]))
    parts: list[str | Tex] = []
    for core in cores:
        parts += [r" \odot " if parts else "", _entrywise_factor(core)]
    tall = any(core.tall for core in cores)
    digit = cores[0].digit
    return written(
        heads.with_body(Piece(Tex(*parts), HADAMARD, tensor=True, tall=tall, digit=digit))
    )


def _entrywise_factor(core: Piece) -> Tex:
    return core.at_least(HADAMARD if core.binding == HADAMARD else FACTOR)


def fraction(top: Piece, bottom: Piece, *, tensor: bool = False) -> Piece:
    """One piece above another."""
    text = Tex(r"\frac{", top.text, "}{", bottom.text, "}")
    plain = top.plain and bottom.plain
    return Piece(text, FACTOR, tensor=tensor, tall=True, plain=plain)


def written(product: Product) -> Piece:
    """A product as people write it: numbers and sizes as a fraction in front."""
    everything = (*product.tops, *product.bottoms, *product.body)
    front, bottoms, body = product.tops, product.bottoms, product.body
    tall = any(piece.tall for piece in (*front, *body))
    if bottoms:
        below = _juxtaposed(bottoms)
        front, body = _over(front, bottoms, body)
        above = _juxtaposed(front) if front else ONE
        rest = Piece(
            Tex(r"\frac{", above.text, "}{", below.text, "}"), FACTOR, tall=True,
            plain=all(piece.plain for piece in front + bottoms),
            tensor=any(piece.tensor for piece in front),
        )  # fmt: skip
        front, tall = (rest,), True
    factors = front + body
    whole = _juxtaposed(factors) if factors else ONE
    negative = product.sign < 0
    if len(factors) > MOST_FACTORS and not product.scalar:
        tensor = any(piece.tensor for piece in everything)
        closed = replace(whole, binding=min(whole.binding + 1, CHAIN), tall=tall, tensor=tensor)
        product = Product(product.sign, body=(closed,))
    if len(factors) == 1 and not negative and not bottoms:
        return replace(factors[0], product=factors[0].product or product)
    return Piece(
        Tex("-", whole.at_least(BIG)) if negative else whole.text,
        ADD if negative else whole.binding,
        tensor=not product.scalar and any(piece.tensor for piece in everything),
        plain=all(piece.plain for piece in everything),
        count=all(piece.count for piece in everything),
        tall=tall,
        digit=not negative and whole.digit,
        product=product,
    )


def _over(
    front: tuple[Piece, ...], bottoms: tuple[Piece, ...], body: tuple[Piece, ...]
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """What stands in the numerator, and what behind the fraction."""
    tall = any(piece.tall for piece in front + body)
    if tall and not any(piece.tall for piece in bottoms):  # it would be small in a numerator
        low = tuple(piece for piece in front if not piece.tall)
        return low, tuple(piece for piece in front if piece.tall) + body
    length = sum(piece.text.length for piece in front + body)
    if all(piece.count for piece in bottoms):
        return (front, body) if length <= LONGEST_NUMERATOR else _numbers_first(front, body)
    if length <= LONGEST_NUMERATOR:
        return front + body, ()
    return _numbers_first(front, body)


def _numbers_first(
    front: tuple[Piece, ...], body: tuple[Piece, ...]
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    short = tuple(piece for piece in front if piece.text.length <= LONGEST_NUMERATOR // 4)
    return short, tuple(piece for piece in front if piece not in short) + body


def _juxtaposed(factors: Sequence[Piece]) -> Piece:
    if len(factors) == 1:
        return factors[0]
    *others, last = factors
    parts: list[str | Tex] = []
    for before, piece in zip((None, *others), others, strict=False):
        parts += [_space(before, piece), piece.at_least(CHAIN)]
    entrywise_apart = last.binding in (HADAMARD, KRONECKER) and any(
        piece.tensor for piece in others
    )
    needed = MULTIPLY if entrywise_apart else BIG
    if _is_dot(last) and any(map(_is_dot, others)):  # (a^T a) (b^T b), both in brackets
        needed = CHAIN
    parts += [_space(others[-1], last), last.at_least(needed)]
    return Piece(
        Tex(*parts),
        MULTIPLY if last.binding < BIG or entrywise_apart else min(MULTIPLY, last.binding),
        tall=any(piece.tall for piece in factors),
        digit=factors[0].digit,
        plain=all(piece.plain for piece in factors),
    )


def _is_dot(piece: Piece) -> bool:
    """Whether a factor is a scalar that is itself a product."""
    return piece.binding == MULTIPLY and not piece.tensor


def _space(before: Piece | None, piece: Piece) -> str:
    if before is None:
        return ""
    apart = (piece.digit and piece.binding >= FACTOR) or (before.word and piece.word)
    return r" \cdot " if apart else " "


def added(terms: Sequence[Piece], *, tensor: bool) -> Piece:
    """A sum; a term's minus sign becomes the operator in front of it."""
    parts: list[str | Tex] = []
    for piece in terms:
        factors = piece.factors
        negative = factors.sign < 0
        shown = written(replace(factors, sign=1)) if negative else piece
        needed = BIG if parts or negative else ADD
        sign = (" - " if parts else "-") if negative else (" + " if parts else "")
        parts += [sign, shown.at_least(needed)]
    return Piece(
        Tex(*parts),
        ADD,
        tensor=tensor,
        tall=any(piece.tall for piece in terms),
        plain=not tensor and all(piece.plain for piece in terms),
        count=all(piece.count for piece in terms),
    )


ONE = Piece(Tex("1"), ATOM, plain=True, count=True, digit=True)
ONES = Piece(Tex(r"\mathbf{1}"), ATOM, tensor=True)
