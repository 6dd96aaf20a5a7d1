"""Expressions as text of the language: what `parse` reads, `text` writes."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Container, MutableMapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import sympy

from symbolic.errors import UnsupportedError
from symbolic.functions import by_polygamma, elementwise_function, function_argument
from symbolic.moves import spell_concatenation, triangle_of
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expectation,
    Expression,
    Iverson,
    Named,
    Sum,
    Unspecified,
    Variable,
    kernel_symbol,
)
from symbolic.roots import fraction_of, root_text
from symbolic.sizes import Size
from symbolic.spelling import Spelling, spell
from symbolic.structured import structured_function

ADD, MULTIPLY, NEGATE, POWER, ATOM = range(5)  # how tightly an operator binds
LONGEST = 2_000_000  # characters
KEPT = 2000  # a text up to this long is kept with its node


@dataclass(frozen=True)
class Piece:
    """Text and how tightly its outermost operator binds."""

    text: str
    binding: int

    def at_least(self, binding: int) -> str:
        """The text, in brackets if it binds less tightly than asked."""
        return self.text if self.binding >= binding else f"({self.text})"


_Pieces = MutableMapping[Expression, Piece]
_known: WeakKeyDictionary[Expression, Piece] = WeakKeyDictionary()


def text(expression: Expression) -> str:
    """An expression in the text language.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> text(matrix("X", n, d).T @ (matrix("X", n, d) @ vector("w", d) - vector("y", n)) / n)
    'X.T @ (X @ w - y)/n'
    """
    pieces: _Pieces = ChainMap({}, _known)
    for node in postorder_shown(expression, _known):
        piece = _piece(node, pieces)
        if len(piece.text) > LONGEST:
            raise UnsupportedError(
                "printing an expression",
                f"its text passes {LONGEST} characters",
                "name the intermediates that occur often",
            )
        if len(piece.text) <= KEPT:
            _known[node] = piece
        else:
            pieces[node] = piece
    return pieces[expression].text


def postorder_shown(expression: Expression, known: Container[Expression] = ()) -> list[Expression]:
    """The nodes that printing shows: what stands below a name is not shown.

    Operands that a contraction gains when it is spelt (an explicit identity) are shown too.
    """
    order: dict[Expression, None] = {}
    stack: list[tuple[Expression, bool]] = [(expression, False)]
    while stack:
        node, opened = stack.pop()
        if node in order or node in known:
            continue
        if opened:
            order[node] = None
            continue
        stack.append((node, True))
        if not isinstance(node, Named):
            below = _shown_below(node)
            stack.extend((child, False) for child in reversed(below))
    return list(order)


def _shown_below(node: Expression) -> tuple[Expression, ...]:
    if isinstance(node, Contraction):
        return spell(node).operands
    joined = spell_concatenation(node) if isinstance(node, Sum) else None
    return node.children if joined is None else (*node.children, *joined[0])


def _piece(node: Expression, pieces: _Pieces) -> Piece:
    match node:
        case Variable() | Named():
            return Piece(node.name, ATOM)
        case Contraction():
            return _contraction(spell(node), pieces)
        case Sum():
            return _sum(node, pieces)
        case Elementwise():
            shown = _unbroadcast_all(node.operands, pieces)
            arguments = {kernel_symbol(i): piece for i, piece in enumerate(shown)}
            return kernel_piece(node.kernel.expr, arguments)
        case Apply():
            inside = [pieces[operand].text for operand in node.operands]
            inside += [f"axis={node.axis}"] if _says_axis(node) else []
            return Piece(f"{node.function}({', '.join(inside)})", ATOM)
        case Iverson():
            return Piece(iverson_text(node), ATOM)
        case Unspecified():
            return Piece(f"{node.name}({pieces[node.operand].text})", ATOM)
        case Derivative():
            inner = pieces[node.expression].text
            return Piece(f"D({inner}, {pieces[node.variable].text})", ATOM)
        case Expectation():
            inner, drawn, mean, covariance = (pieces[each].text for each in node.children)
            return Piece(f"E[{inner}; {drawn} ~ N({mean}, {covariance})]", ATOM)
    raise UnsupportedError(f"printing a {type(node).__name__}", "an unknown node", "report it")


def iverson_text(node: Iverson) -> str:
    """An Iverson bracket as a call that builds it."""
    sizes = ", ".join(map(size_text, node.shape))
    triangle = triangle_of(node)
    if triangle is not None:
        name, k = triangle
        return f"{name}(ones({sizes}){f', k={k}' if k else ''})"
    left: list[str] = []
    right: list[str] = []
    for place, coefficient in enumerate(node.coefficients):
        if coefficient != 0:
            side, size = _side(coefficient, left, right)
            factor = number_piece(size).at_least(NEGATE)
            side.append(f"i{place}" if size == 1 else f"{factor}*i{place}")
    if node.offset != 0:
        side, size = _side(node.offset, left, right)
        side.append(number_piece(size).text)
    sides = [" + ".join(side) or "0" for side in (left, right)]
    relation = f"{sides[0]} {node.relation} {sides[1]}"
    return f'iverson("{relation}", {sizes})' if sizes else f'iverson("{relation}")'


def _side(value: sympy.Expr, left: list[str], right: list[str]) -> tuple[list[str], sympy.Expr]:
    """The side of a relation where a term has no minus sign, and the term without it."""
    return (right, -value) if value.could_extract_minus_sign() else (left, value)


def _move(spelling: Spelling, operands: list[Piece]) -> Piece:
    """A slice, padding, windows, ... as a call or an index."""
    first, detail = operands[0], spelling.detail
    match spelling.operation:
        case "index":
            parts = list(detail)
            while parts and parts[-1] == slice(None):
                parts.pop()
            if not parts:  # every entry is taken
                return first
            inside = ", ".join(_index_text(part) for part in parts)
            return Piece(f"{first.at_least(ATOM)}[{inside}]", ATOM)
        case "pad":
            before, after, axis = detail
            last = axis == spelling.operands[0].rank - 1
            more = "" if last else f", axis={axis}"
            return Piece(f"pad({first.text}, {before}, {after}{more})", ATOM)
        case "windows":
            size, axis, *steps = detail
            last = axis == spelling.operands[0].rank - 1
            named = zip(("stride", "dilation", "padding"), steps, (1, 1, 0), strict=True)
            options = [f"{name}={value}" for name, value, usual in named if value != usual]
            along = [] if last else [f"axis={axis}"]
            words = ", ".join([first.text, size_text(size), *along, *options])
            return Piece(f"windows({words})", ATOM)
        case "reshape":
            return Piece(f"reshape({', '.join([first.text, *map(size_text, detail)])})", ATOM)
        case "tril" | "triu":
            more = f", k={detail}" if detail else ""
            return Piece(f"{spelling.operation}({first.text}{more})", ATOM)
        case name:
            return Piece(f"{name}({', '.join(operand.text for operand in operands)})", ATOM)


def _index_text(part: object) -> str:
    if not isinstance(part, slice):
        return str(part)
    ends = [part.start, part.stop] if part.step is None else [part.start, part.stop, part.step]
    return ":".join("" if end is None else str(end) for end in ends)


def _says_axis(node: Apply) -> bool:
    """Whether the axis is written: it is no default, which is the last for what keeps the shape."""
    if node.axis is not None:
        return True
    return node.operand.rank > 1 and structured_function(node.function).keeps


def _contraction(spelling: Spelling, pieces: _Pieces) -> Piece:
    operands = [pieces[operand] for operand in spelling.operands]
    detail = spelling.detail
    match spelling.operation:
        case "constant":
            return number_piece(detail)
        case "filled":
            value, sizes = detail
            inside = ", ".join(map(size_text, sizes))
            if value == 0:
                return Piece(f"zeros({inside})", ATOM)
            filled = Piece(f"ones({inside})", ATOM)
            return filled if value == 1 else _scaled(value, filled)
        case "eye":
            return Piece(f"eye({size_text(detail)})", ATOM)
        case "scale":
            below = reciprocal_of(spelling.operands[0])
            return _scaled(detail, operands[0], None if below is None else pieces[below])
        case "transpose":
            return Piece(operands[0].at_least(ATOM) + ".T", ATOM)
        case "sum" | "mean":
            axes, keepdims = detail
            options = "" if axes is None else f", axis={axes[0] if len(axes) == 1 else axes}"
            options += ", keepdims=True" if keepdims else ""
            return Piece(f"{spelling.operation}({operands[0].text}{options})", ATOM)
        case "trace" | "diagonal" | "diag":
            return Piece(f"{spelling.operation}({operands[0].text})", ATOM)
        case "outer":
            return Piece(f"outer({operands[0].text}, {operands[1].text})", ATOM)
        case "matmul":
            left, right = operands
            if is_entrywise_product(spelling.operands[0]):
                left = Piece(f"({left.text})", ATOM)
            return Piece(f"{left.at_least(MULTIPLY)} @ {right.at_least(NEGATE)}", MULTIPLY)
        case "multiply":
            return _multiplied(spelling, pieces)
        case "broadcast":
            return _broadcast(spelling, operands[0])
        case "index" | "pad" | "windows" | "reshape" | "vec" | "kron" | "tril" | "triu":
            return _move(spelling, operands)
        case _:
            coefficient, subscripts = detail
            inside = ", ".join([f'"{subscripts}"', *(operand.text for operand in operands)])
            call = Piece(f"einsum({inside})", ATOM)
            return call if coefficient == 1 else _scaled(coefficient, call)


def _multiplied(spelling: Spelling, pieces: _Pieces) -> Piece:
    left, right = spelling.operands
    below = reciprocal_of(right)
    product = isinstance(left, Contraction) and spell(left).operation == "matmul"
    if product and (right.rank or below is None):
        pieces = ChainMap({left: Piece(f"({pieces[left].text})", ATOM)}, pieces)
    if below is not None and below in pieces:
        return Piece(
            f"{pieces[left].at_least(MULTIPLY)}/{pieces[below].at_least(NEGATE)}", MULTIPLY
        )
    return Piece(f"{pieces[left].at_least(MULTIPLY)}*{pieces[right].at_least(NEGATE)}", MULTIPLY)


def is_entrywise_product(node: Expression) -> bool:
    """Whether a node is an entrywise product of tensors (not of a scalar and a tensor)."""
    if not isinstance(node, Contraction):
        return False
    spelling = spell(node)
    return spelling.operation == "multiply" and all(each.rank for each in spelling.operands)


def reciprocal_of(node: Expression) -> Expression | None:
    """What the node is one over, if that is what it is."""
    if isinstance(node, Elementwise) and node.kernel.expr == 1 / kernel_symbol(0):
        return node.operands[0]
    return None


def _broadcast(spelling: Spelling, operand: Piece) -> Piece:
    """A repeated operand on its own, where no other operand gives the sizes."""
    if all(spelling.sizes[axis] == 1 for axis in spelling.detail):
        return _indexed(spelling, operand)
    ones = f"ones({', '.join(map(size_text, spelling.sizes))})"
    return Piece(f"{_aligned(spelling, operand).at_least(MULTIPLY)}*{ones}", MULTIPLY)


def _aligned(spelling: Spelling, operand: Piece) -> Piece:
    """A repeated operand beside others: NumPy adds leading axes by itself."""
    if spelling.detail == tuple(range(len(spelling.detail))):
        return operand
    return _indexed(spelling, operand)


def _indexed(spelling: Spelling, operand: Piece) -> Piece:
    axes = range(len(spelling.sizes))
    inside = ", ".join("None" if axis in spelling.detail else ":" for axis in axes)
    return Piece(f"{operand.at_least(ATOM)}[{inside}]", ATOM)


def _sum(node: Sum, pieces: _Pieces) -> Piece:
    joined = spell_concatenation(node)
    if joined is not None:
        operands, axis = joined
        inside = [pieces[operand].text for operand in operands]
        return Piece(f"concatenate({', '.join(inside + [f'axis={axis}'] * bool(axis))})", ATOM)
    parts: list[str] = []
    full = any(is_full(term) for term in node.terms)
    for place, term in enumerate(node.terms):
        sign, piece = signed_term(term, pieces) if full or place else (1, pieces[term])
        if not parts:
            text_ = piece.at_least(ADD) if sign > 0 else "-" + piece.at_least(MULTIPLY)
        elif sign > 0:
            text_ = " + " + piece.at_least(ADD if not isinstance(term, Sum) else MULTIPLY)
        else:
            text_ = " - " + piece.at_least(MULTIPLY)
        parts.append(text_)
    return Piece("".join(parts), ADD)


def signed_term(term: Expression, pieces: _Pieces) -> tuple[int, Piece]:
    """The sign of a term of a sum, and the text of the rest; broadcasting is left to NumPy."""
    if isinstance(term, Contraction):
        spelling = spell(term)
        if spelling.operation == "scale" and spelling.detail.is_negative:
            (operand,) = spelling.operands
            inner = _unbroadcast(operand, pieces)
            rest, below = -spelling.detail, reciprocal_of(operand)
            under = None if below is None else pieces[below]
            return -1, inner if rest == 1 else _scaled(rest, inner, under)
        if spelling.operation == "constant" and spelling.detail.is_negative:
            return -1, number_piece(-spelling.detail)
        if spelling.operation == "filled" and spelling.detail[0].is_negative:
            return -1, number_piece(-spelling.detail[0])
    return 1, _unbroadcast(term, pieces)


def is_full(term: Expression) -> bool:
    """Whether a term has all its axes when NumPy is left to broadcast the others."""
    if isinstance(term, Contraction):
        spelling = spell(term)
        if spelling.operation == "scale":
            return is_full(spelling.operands[0])
        return spelling.operation not in ("filled", "broadcast") and not _is_stretched(term)
    return True


def _unbroadcast_all(operands: tuple[Expression, ...], pieces: _Pieces) -> list[Piece]:
    if not any(is_full(operand) for operand in operands):
        return [pieces[operands[0]], *(_unbroadcast(each, pieces) for each in operands[1:])]
    return [_unbroadcast(each, pieces) for each in operands]


def _unbroadcast(term: Expression, pieces: _Pieces) -> Piece:
    """The text of a term beside others that have all axes."""
    if isinstance(term, Contraction) and not term.operands and term.output:
        value = term.coefficient
        if value != 0 and len(set(term.output)) == len(term.output):
            return number_piece(value)
    if isinstance(term, Contraction):
        spelling = spell(term)
        if spelling.operation == "broadcast" and spelling.operands[0] in pieces:
            return _aligned(spelling, pieces[spelling.operands[0]])
        if _is_stretched(term) and term.operands[0] in pieces:
            return pieces[term.operands[0]]
    return pieces[term]


def _is_stretched(term: Contraction) -> bool:
    """Whether a term is its one operand with axes of size 1 repeated, as NumPy broadcasts them."""
    if len(term.operands) != 1 or term.coefficient != 1:
        return False
    ((operand,), (labels,)) = term.operands, term.labels
    return len(labels) == len(term.output) and all(
        label == there or (size == 1 and label not in term.output)
        for label, there, size in zip(labels, term.output, operand.shape, strict=True)
    )


def _scaled(coefficient: sympy.Expr, piece: Piece, below: Piece | None = None) -> Piece:
    """A coefficient times a piece; `below` is what the piece is one over, if it is."""
    top, bottom = fraction_of(coefficient)
    head = piece
    if top == -1:
        head = Piece("-" + piece.at_least(NEGATE), NEGATE)
    elif top != 1 and below is not None:
        head = Piece(f"{number_piece(top).at_least(MULTIPLY)}/{below.at_least(NEGATE)}", MULTIPLY)
    elif top != 1:
        head = Piece(f"{number_piece(top).at_least(MULTIPLY)}*{piece.at_least(NEGATE)}", MULTIPLY)
    if bottom == 1:
        return head
    return Piece(f"{head.at_least(MULTIPLY)}/{number_piece(bottom).at_least(NEGATE)}", MULTIPLY)


def size_text(size: Size) -> str:
    """A size in the language."""
    return number_piece(sympy.sympify(size)).text


def number_piece(value: sympy.Expr) -> Piece:
    """A number, or an expression in sizes."""
    return kernel_piece(value, {})


def kernel_piece(expression: sympy.Expr, arguments: dict[sympy.Symbol, Piece]) -> Piece:
    """A SymPy expression in the language, with its symbols replaced by pieces of text."""
    if expression in arguments:
        return arguments[expression]
    if isinstance(expression, sympy.Symbol):
        return Piece(expression.name, ATOM)
    if expression.is_Integer:
        return Piece(str(expression), ATOM if expression >= 0 else NEGATE)
    if expression.is_Rational:
        return Piece(str(expression), MULTIPLY)
    if expression is sympy.pi:
        return Piece("pi", ATOM)
    if expression is sympy.E:
        return Piece("exp(1)", ATOM)
    if expression.is_number and (named := by_polygamma(expression)) is not None:
        return kernel_piece(named[0], arguments)
    if expression.is_Add:
        return _kernel_sum(expression, arguments)
    root = root_text(expression) if expression.is_Mul and expression.is_number else None
    if root is not None:
        above, below = (number_piece(part) for part in root)
        whole = above.text if root[1] == 1 else f"{above.text}/{below.at_least(NEGATE)}"
        return Piece(f"-sqrt({whole})", NEGATE) if expression < 0 else Piece(f"sqrt({whole})", ATOM)
    if expression.is_Mul:
        return _kernel_product(expression, arguments)
    if expression.is_Pow or isinstance(expression, sympy.exp):
        return _kernel_power(expression, arguments)
    if isinstance(expression, sympy.Piecewise):
        return _kernel_where(expression, arguments)
    entry = elementwise_function(expression)
    if (
        entry is not None and len(function_argument(expression)) > entry.arity
    ):  # SymPy's Max takes any number
        first, *others = expression.args
        rest = kernel_piece(expression.func(*others), arguments).text
        return Piece(f"{entry.name}({kernel_piece(first, arguments).text}, {rest})", ATOM)
    name = entry.name if entry else expression.func.__name__
    inside = ", ".join(kernel_piece(a, arguments).text for a in function_argument(expression))
    return Piece(f"{name}({inside})", ATOM)


def _kernel_sum(expression: sympy.Expr, arguments: dict[sympy.Symbol, Piece]) -> Piece:
    terms = sorted(
        sympy.Add.make_args(expression), key=lambda term: term.could_extract_minus_sign()
    )
    out = ""
    for term in terms:
        if term.could_extract_minus_sign():
            out += (" - " if out else "-") + kernel_piece(-term, arguments).at_least(MULTIPLY)
        else:
            out += (" + " if out else "") + kernel_piece(term, arguments).at_least(ADD)
    return Piece(out, ADD)


def _kernel_product(expression: sympy.Expr, arguments: dict[sympy.Symbol, Piece]) -> Piece:
    top, bottom = fraction_of(expression)
    number, rest = top.as_coeff_Mul()
    factors = [kernel_piece(f, arguments).at_least(NEGATE) for f in sympy.Mul.make_args(rest)]
    if rest == 1:
        factors = []
    sign = "-" if number < 0 else ""
    if abs(number) != 1 or not factors:
        factors.insert(0, str(abs(number)))
    text_ = sign + "*".join(factors)
    binding = MULTIPLY if len(factors) > 1 or bottom != 1 else NEGATE
    if bottom != 1:
        text_ += "/" + kernel_piece(bottom, arguments).at_least(NEGATE)
    return Piece(text_, binding)


def _kernel_power(expression: sympy.Expr, arguments: dict[sympy.Symbol, Piece]) -> Piece:
    if isinstance(expression, sympy.exp):
        return Piece(f"exp({kernel_piece(expression.args[0], arguments).text})", ATOM)
    base, exponent = expression.as_base_exp()
    if exponent == sympy.Rational(1, 2):
        return Piece(f"sqrt({kernel_piece(base, arguments).text})", ATOM)
    if exponent.could_extract_minus_sign():
        below = kernel_piece(base ** (-exponent), arguments).at_least(NEGATE)
        return Piece(f"1/{below}", MULTIPLY)
    inside = kernel_piece(base, arguments).at_least(ATOM)
    return Piece(f"{inside}**{kernel_piece(exponent, arguments).at_least(ATOM)}", POWER)


_RELATION = {
    sympy.Eq: "==", sympy.Ne: "!=", sympy.Lt: "<", sympy.Le: "<=", sympy.Gt: ">", sympy.Ge: ">=",
}  # fmt: skip
_CONNECTIVE = {sympy.And: " and ", sympy.Or: " or "}


def _kernel_where(expression: sympy.Piecewise, arguments: dict[sympy.Symbol, Piece]) -> Piece:
    *cases, (last, _) = expression.args
    out = kernel_piece(last, arguments).text
    for value, condition in reversed(cases):
        chosen = kernel_piece(value, arguments).text
        out = f"where({_condition(condition, arguments)}, {chosen}, {out})"
    return Piece(out, ATOM)


def _condition(condition: sympy.Basic, arguments: dict[sympy.Symbol, Piece]) -> str:
    if isinstance(condition, sympy.ITE):
        condition = condition.to_nnf()
    if type(condition) in _CONNECTIVE:
        parts = (f"({_condition(part, arguments)})" for part in condition.args)
        return _CONNECTIVE[type(condition)].join(parts)
    if isinstance(condition, sympy.Not):
        return f"not ({_condition(condition.args[0], arguments)})"
    left, right = (kernel_piece(side, arguments).at_least(ADD) for side in condition.args)
    return f"{left} {_RELATION[type(condition)]} {right}"
