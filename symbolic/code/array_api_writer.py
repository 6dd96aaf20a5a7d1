"""The lines of one portable function: one statement a node, nothing changed in place.

Statements that nothing reads are left out at the end, so a node is written without asking who needs
it: an inverse that only solves systems, a bracket that only moves entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.array_api_contractions import contraction_held
from symbolic.code.array_api_functions import PortableFunction, portable_function
from symbolic.code.array_api_kernels import kernel_term, may_be_large
from symbolic.code.array_api_moves import bracket_factor
from symbolic.code.array_api_parts import split
from symbolic.code.array_api_products import Held, aligned
from symbolic.code.array_api_systems import factor_call, kinds_of_factors, read_off_factor
from symbolic.code.coefficients import scaled_code
from symbolic.code.helper_functions import OF_ARRAY_API
from symbolic.code.numpy_layout import comment, statement
from symbolic.code.numpy_sizes import integer_code, is_rational, size_code
from symbolic.code.scalar_kernels import Term
from symbolic.code.source_names import Names
from symbolic.errors import UnsupportedError
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.printing.text_printer import ADD, ATOM, MULTIPLY, NEGATE, Piece
from symbolic.sizes import Size
from symbolic.traverse import postorder

OWN_NAMES = frozenset({"xp", "math", "device", "expm", "erfcx"}) | OF_ARRAY_API
LONGEST = 72  # characters of a sum on one line
SHORT = 24  # characters of a value that stays inside another


@dataclass(frozen=True)
class Line:
    """A statement and the names that it reads."""

    name: str
    text: str
    remark: str
    reads: frozenset[str]


class ArrayApiWriter:
    """Writes the lines of one function."""

    def __init__(
        self,
        results: Sequence[Expression],
        arguments: Sequence[Variable],
        original: Mapping[Expression, Named],
    ) -> None:
        self.order = postorder(results)
        self.arguments = arguments
        self.original = original
        self.names = Names()
        self.names.taken |= OWN_NAMES
        self.held: dict[Expression, Held] = {}
        self.lines: list[Line] = []
        self.helpers: dict[str, str] = {}
        self.needs: dict[str, tuple[str, ...]] = {}
        self.letters: dict[sympy.Symbol, str] = {}
        self.kinds = kinds_of_factors(self.order, results)
        self.factors: dict[Expression, str] = {}
        self.uses = Counter(child for node in self.order for child in node.children)
        self.uses.update(results)
        self._reads: set[str] = set()
        self._read_by: dict[Expression, frozenset[str]] = {}
        self._parts: dict[Expression, tuple[Sequence[Held], frozenset[str]]] = {}
        for variable in arguments:
            name = self.names.take(variable.name)
            self._hold(variable, Held(Term(Piece(name, ATOM)), tuple(range(variable.rank))), {name})
        self.parameters = [self.held[variable].term.piece.text for variable in arguments]
        self.wanted: dict[Expression, tuple[str, Named | None]] = {}
        for node in self.order:
            if isinstance(node, Named) and node.meaning not in self.wanted:
                named = original.get(node, node)
                self.wanted[node.meaning] = (self.names.take(node.name), named)
        found = {symbol for each in arguments for size in each.shape for symbol in _symbols(size)}
        for letter in sorted(found, key=str):
            self.letters[letter] = self.names.take(letter.name)

    # --- what the code of a node may ask for ---

    def value(self, node: Expression) -> Held:
        """The code of a node below."""
        self._reads |= self._read_by[node]
        return self.held[node]

    def whole(self, node: Expression) -> Piece:
        """The code of a node below as an array of all its axes."""
        held = self.value(node)
        if held.term.is_number:
            shape = self.shape(node.shape)
            text = f"xp.full({shape}, {held.term.piece.text}, dtype=dtype, device=device)"
            return Piece(text, ATOM)
        if len(held.axes) == node.rank:
            return held.term.piece
        placed = aligned(held.term.piece, held.axes, tuple(range(node.rank)))
        return Piece(f"xp.broadcast_to({placed.text}, {self.shape(node.shape)})", ATOM)

    def integer(self, value: Size | sympy.Expr) -> str:
        """The code of a size or of a place."""
        return integer_code(self._known(value), self.letters).text

    def shape(self, shape: Sequence[Size | sympy.Expr]) -> str:
        """The code of a shape."""
        sizes = [self.integer(size) for size in shape]
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    def size(self, value: sympy.Expr) -> Term:
        """The code of a number or of an expression in sizes."""
        value = self._known(value)
        if not value.is_number and is_rational(value):
            piece = size_code(value, self.letters, str)
            large = may_be_large(value)
            return Term(Piece(f"float({piece.text})", ATOM) if large else piece, is_number=True)
        letters = {s: Term(Piece(name, ATOM), is_number=True) for s, name in self.letters.items()}
        return kernel_term(value, letters, self.call)

    def _known(self, value: Size | sympy.Expr) -> sympy.Expr:
        expression = sympy.sympify(value)
        for symbol in expression.free_symbols:
            if symbol not in self.letters:
                raise UnsupportedError(
                    f"code that needs the size {symbol}",
                    "no argument has an axis of that size",
                    "pass a variable that has it in arguments=",
                )
            self._reads.add(self.letters[symbol])
        return expression

    def scaled(self, coefficient: sympy.Expr, term: Term) -> Term:
        """A coefficient in sizes times a term."""
        if coefficient == 1:
            return term
        if term.piece.text == "1" and term.is_number:
            return self.size(coefficient)
        if coefficient.is_Rational or (not coefficient.is_number and is_rational(coefficient)):
            piece = scaled_code(coefficient, term.piece, lambda value: self.size(value).piece)
        else:
            left = self.size(coefficient).piece.at_least(NEGATE)
            piece = Piece(f"{left} * {term.piece.at_least(NEGATE)}", MULTIPLY)
        return Term(piece, term.is_number)

    def call(self, name: str, inside: str) -> str:
        """A call of a named function, its helper included."""
        return self.called(portable_function(name), inside)

    def called(self, function: PortableFunction, inside: str) -> str:
        """A call of a function, its helper included."""
        if function.helper:
            self.helpers.update(function.inner)
            self.helpers[function.name] = function.helper
        self.needs[function.name] = function.needs
        return function.call.format(inside)

    def helper(self, name: str, source: str) -> str:
        """The name of a helper function, its source included."""
        self.helpers[name] = source
        return name

    def factor(self, matrix: Expression) -> tuple[str, str] | None:
        """How a matrix is factored and the variable that holds the factor, if it is."""
        kind = self.kinds.get(matrix)
        if kind is None:
            return None
        if matrix not in self.factors:
            found = factor_call(kind, self.whole(matrix), self)
            self.factors[matrix] = self.partial(found).text
        self._reads.add(self.factors[matrix])
        return kind, self.factors[matrix]

    def asked(self, name: str) -> str:
        """The name of a function that the library is asked for."""
        self.needs[name] = (name,)
        return name

    def partial(self, piece: Piece) -> Piece:
        """Make a value a variable of its own."""
        return self._begin(self.names.temporary(), piece.text)

    def _begin(self, name: str, text: str, remark: str = "") -> Piece:
        self.lines.append(Line(name, text, remark, frozenset(self._reads)))
        self._reads.add(name)
        return Piece(name, ATOM)

    # --- writing ---

    def write_all(self, results: Sequence[Expression], called: Sequence[str] | None) -> list[str]:
        """The lines of all nodes that the results need, and the return; names of what is used."""
        for node, name in zip(results, called or (), strict=False):
            if node not in self.wanted and not isinstance(node, (Variable, Named)):
                self.wanted[node] = (self.names.take(name), None)
        for node in self.order:
            if node in self.held:
                continue
            self._reads = set()
            held = self._code(node)
            if not (held.term.is_number or self._stays_inside(node, held.term.piece)):
                name, named = self.wanted.get(node) or (self.names.temporary(), None)
                remark = "" if named is None else comment(named)
                piece = self._begin(name, held.term.piece.text, remark)
                held, self._reads = Held(Term(piece), held.axes), {piece.text}
            self._hold(node, held, self._reads)
            self._reads = set()
            parts = split(node, self)
            if parts:
                self._parts[node] = parts, frozenset(self._reads)
        self._reads = set()
        returned = [self._returned(node) for node in results]
        end = returned[0] if called is None else ", ".join(returned) + "," * (len(returned) == 1)
        return self._needed(end)

    def _hold(self, node: Expression, held: Held, reads: Iterable[str]) -> None:
        self.held[node] = held
        self._read_by[node] = frozenset(reads)

    def _stays_inside(self, node: Expression, piece: Piece) -> bool:
        """Whether a node is no line of its own: a name, or a number times what is used once."""
        if piece.text.isidentifier():
            return True
        scaled = isinstance(node, Contraction) and node.labels == (node.output,)
        return (
            scaled and self.uses[node] == 1 and node not in self.wanted and len(piece.text) < SHORT
        )

    def _needed(self, end: str) -> list[str]:
        needed = set(self._reads)
        kept = []
        for line in reversed(self.lines):
            if line.name in needed:
                needed |= line.reads
                kept.append(statement(f"{line.name} = ", line.text, line.remark))
        self.used = needed
        return [text for lines in reversed(kept) for text in lines] + statement("return ", end)

    def _returned(self, node: Expression) -> str:
        piece, seen = self.whole(node), node
        while isinstance(seen, Named):
            seen = seen.meaning
        if isinstance(seen, Variable) or (isinstance(seen, Contraction) and _may_be_view(seen)):
            return f"xp.astype({piece.text}, dtype, copy=True)"
        return piece.text

    def _code(self, node: Expression) -> Held:
        match node:
            case Contraction():
                return contraction_held(node, self)
            case Sum():
                return self._sum(node)
            case Elementwise():
                return self._elementwise(node)
            case Apply():
                found = read_off_factor(node, self)
                if found is not None:
                    return Held(Term(found), tuple(range(node.rank)))
                inside = [self.whole(operand).text for operand in node.operands]
                if node.axis is not None:
                    inside.append(f"axis={node.axis}")
                piece = Piece(self.call(node.function, ", ".join(inside)), ATOM)
                return Held(Term(piece), tuple(range(node.rank)))
            case Iverson():
                return self._bracket(node)
            case Named():
                return self.value(node.meaning)
        raise UnsupportedError(
            f"code for {type(node).__name__}", "no such code", "work it out first"
        )

    def _bracket(self, node: Iverson) -> Held:
        if not node.shape:
            text = f"float({self.integer(node.offset)} {node.relation} 0)"
            return Held(Term(Piece(text, ATOM), is_number=True))
        axes = tuple(range(node.rank))
        return Held(Term(bracket_factor(node, axes, self).piece), axes)

    # --- entry by entry ---

    def _beside(self, held: Sequence[Held]) -> tuple[list[Term], tuple[int, ...]]:
        """Arrays of one shape, their axes lined up, and the axes that they have together."""
        axes = tuple(sorted({axis for each in held for axis in each.axes}))
        return [
            Term(aligned(each.term.piece, each.axes, axes), each.term.is_number) for each in held
        ], axes

    def _elementwise(self, node: Elementwise) -> Held:
        operands, axes = self._beside([self.value(operand) for operand in node.operands])
        terms = {kernel_symbol(place): term for place, term in enumerate(operands)}
        for size in node.kernel.expr.free_symbols - set(node.kernel.variables):
            terms[size] = self.size(size)
        return Held(kernel_term(node.kernel.expr, terms, self.call), axes)

    def _sum(self, node: Sum) -> Held:
        large: list[Held] = []
        small: list[Held] = []
        for operand in node.terms:
            first, *last = self.parts(operand) or [self.value(operand)]
            large.append(first)
            small.extend(last)
        terms, axes = self._beside([*large, *small])
        out = terms[0].piece
        is_number = terms[0].is_number
        for term in terms[1:]:
            text = term.piece.at_least(ADD)
            written = f"{out.text} - {text[1:]}" if _is_negative(term) else f"{out.text} + {text}"
            out, is_number = Piece(written, ADD), is_number and term.is_number
            if len(out.text) > LONGEST and not is_number:
                out = self.partial(out)
        return Held(Term(out, is_number), axes)

    # --- parts of values ---

    def parts(self, node: Expression) -> Sequence[Held]:
        """The large and the small part of a node below, if it has some."""
        found, reads = self._parts.get(node, ((), frozenset()))
        self._reads |= reads
        return found

    def product_of_parts(self, node: Contraction, factor: Expression) -> Sequence[Held]:
        """A product with each of the parts of one factor in the factor's place."""
        known = self.held[factor], self._read_by[factor]
        parts, reads = self._parts[factor]
        products = []
        for part in parts:
            self._hold(factor, part, reads)
            products.append(contraction_held(node, self))
        self._hold(factor, *known)
        return products


def _is_negative(term: Term) -> bool:
    """Whether a term begins with a minus that a difference can take over."""
    piece = term.piece
    return piece.binding >= MULTIPLY and piece.text.startswith("-")


def _may_be_view(node: Contraction) -> bool:
    """Whether the value may share memory with an argument."""
    arrays = [each for each in node.operands if not isinstance(each, Iverson)]
    only_moves = not node.summed or len(arrays) < len(node.operands)
    return len(arrays) == 1 and node.coefficient == 1 and only_moves


def _symbols(size: Size) -> set[sympy.Symbol]:
    return size.free_symbols if isinstance(size, sympy.Expr) else set()
