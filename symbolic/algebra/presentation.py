"""From the canonical form to what a person writes: matrix products, `diag`, `outer`, fractions.

A flat product becomes a chain of matrix products by summing one index at a time: a vector that hangs
at an index is multiplied in, two matrices that meet are joined, and a vector between two
matrices becomes a diagonal. A product with no such form stays an `einsum`.
"""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import sympy

from symbolic.algebra.absorbing import (
    absorb_brackets,
    bracket_of,
    find_kronecker_product,
    rows_of_identity,
)
from symbolic.algebra.chains import (
    NoMatrixFormError,
    chained,
    flip,
    hadamard,
    is_shorter,
    matrix_form,
    symmetric_shown,
    turned_round,
)
from symbolic.algebra.contractions import is_symmetric
from symbolic.algebra.ordering import factor_order, leading_sign, term_order
from symbolic.algebra.weights import length
from symbolic.indexing import kron
from symbolic.nodes import Contraction, Elementwise, Expression, Iverson, Sum
from symbolic.operations import (
    constant,
    divide,
    mean,
    multiply,
    negative,
    power,
    scale,
    transpose,
)
from symbolic.printing.text_printer import reciprocal_of
from symbolic.roots import fraction_of
from symbolic.sizes import Size
from symbolic.spelling import Spelling, spell
from symbolic.traverse import with_children

_presented: WeakKeyDictionary[Expression, Expression] = WeakKeyDictionary()


def present(expression: Expression) -> Expression:
    """A canonical expression in textbook notation."""
    stack = [expression]
    signed: dict[Expression, Expression] = {}  # holds what was turned until it is shown
    while stack:
        node = stack[-1]
        if node in _presented:
            stack.pop()
            continue
        if node not in signed:
            signed[node] = _with_sign_inside(node)
        turned = signed[node]
        waiting = [child for child in turned.children if child not in _presented]
        if waiting:
            stack.extend(reversed(waiting))
            continue
        children = tuple(_presented[child] for child in turned.children)
        shown = _present_node(with_children(turned, children))
        _presented[node] = shown
        if node.rank == 2 and is_symmetric(node):
            symmetric_shown.add(shown)
        stack.pop()
    return _presented[expression]


def _with_sign_inside(node: Expression) -> Expression:
    """Signs where people put them: a minus sign goes into a difference, residuals start with the model.

    -(y - p) is (p - y); in a product of two differences both may be turned for nothing.
    """
    if not isinstance(node, Contraction):
        return node
    badly = [i for i, o in enumerate(node.operands) if isinstance(o, Sum) and _is_turned(o)]
    minus = node.coefficient.could_extract_minus_sign()
    chosen = badly if minus == (len(badly) % 2 == 1) else badly[:-1]
    if minus and not badly:
        chosen = next(([i] for i, o in enumerate(node.operands) if _turnable(o)), [])
    if not chosen:
        return node
    operands = [turned_sum(o) if i in chosen else o for i, o in enumerate(node.operands)]
    sizes = dict(enumerate(node.sizes))
    sign = -1 if len(chosen) % 2 else 1
    return Contraction(operands, node.labels, node.output, sizes, sign * node.coefficient)


def _turnable(node: Expression) -> bool:
    """Whether a minus sign before a sum disappears in it."""
    return isinstance(node, Sum) and (
        any(_is_negative(term) for term in node.terms)
        or all(_holds_difference(term) for term in node.terms)
    )


def turned_sum(node: Expression) -> Expression:
    """A sum with the sign of every term changed."""
    assert isinstance(node, Sum)
    inside = not any(_is_negative(term) for term in node.terms)
    terms = [negated(term) for term in node.terms]
    return Sum([_with_sign_inside(term) for term in terms] if inside else terms)


def _is_turned(node: Sum) -> bool:
    """Whether a difference reads better the other way round: y - A @ x, tanh(x)**2 - 1."""
    if all(_is_negative(term) for term in node.terms) or not any(
        _is_negative(term) for term in node.terms
    ):
        return False
    constants = [t for t in node.terms if isinstance(t, Contraction) and not t.operands]
    if constants:
        return any(_is_negative(term) for term in constants)
    return _is_negative(max(node.terms, key=lambda term: (length(term), term.key)))


def _holds_difference(term: Expression) -> bool:
    """Whether a minus sign before a term can go into a difference inside it."""
    return isinstance(term, Contraction) and any(
        isinstance(operand, Sum) and any(_is_negative(each) for each in operand.terms)
        for operand in term.operands
    )


def _is_negative(term: Expression) -> bool:
    return isinstance(term, Contraction) and term.coefficient.could_extract_minus_sign()


def negated(term: Expression) -> Expression:
    """A canonical term with the other sign."""
    if not isinstance(term, Contraction):
        return scale(-1, term)
    axes = tuple(range(term.rank))
    if term.coefficient == -1 and term.labels == (axes,) and term.output == axes:
        return term.operands[0]
    sizes = dict(enumerate(term.sizes))
    return Contraction(term.operands, term.labels, term.output, sizes, -term.coefficient)


def _present_node(node: Expression) -> Expression:
    match node:
        case Sum():
            return shown_sum(node)
        case Contraction():
            return _contraction(node)
        case Iverson():
            return rows_of_identity(node)
        case Elementwise() if node.kernel.expr.is_Pow:
            return _power(node)
        case _:
            return node


def shown_sum(node: Sum) -> Expression:
    """The sum in reading order, a minus sign in front of the whole term it belongs to."""
    straight = _ordered_sum(node.terms)
    if node.rank != 2:
        return straight
    across = transpose(_ordered_sum([turned_round(term) for term in node.terms]))
    return across if is_shorter(across, straight) else straight


def _ordered_sum(terms: Sequence[Expression]) -> Sum:
    ordered = sorted(terms, key=term_order)
    return Sum(
        [term if leading_sign(term) > 0 else negative(without_sign(term)) for term in ordered]
    )


def _power(node: Elementwise) -> Expression:
    """A negative power as one over a power."""
    exponent = node.kernel.expr.exp
    if exponent.is_Rational and exponent < 0 and exponent != -1:
        return power(power(node.operands[0], -exponent), -1)
    return node


def without_sign(term: Expression) -> Expression:
    """A term with the minus sign that it starts with taken away."""
    if not isinstance(term, Contraction):
        return term
    if term.coefficient.could_extract_minus_sign():
        if len(term.operands) == 1:
            return scale(-1, term)
        return Contraction(
            term.operands, term.labels, term.output, dict(enumerate(term.sizes)), -term.coefficient
        )
    first, *others = term.operands
    return with_children(term, (without_sign(first), *others))


def _contraction(node: Contraction) -> Expression:
    if not node.operands:
        return _filled(node)
    scalars: list[Expression] = []
    tensors: list[tuple[Expression, tuple[int, ...]]] = []
    for operand, labels in zip(node.operands, node.labels, strict=True):
        if labels:
            tensors.append((bracket_of(operand), labels))
        else:
            scalars.append(operand)
    coefficient = node.coefficient
    sizes = dict(enumerate(node.sizes))
    while (found := find_kronecker_product(tensors, node.output, sizes)) is not None:
        product = kron(_contraction(found.left), _contraction(found.right))
        tensors = [*found.rest, (product, found.labels)]
    tensors = absorb_brackets(tensors, node.output, sizes)
    scalars += [factor for factor, labels in tensors if not labels]
    tensors = [_as_rows(factor, labels) for factor, labels in tensors if labels]
    held = {label for _, labels in tensors for label in labels}
    output = tuple(label for label in node.output if label in held)
    if len(output) < len(node.output) and len(set(node.output)) < len(node.output):
        output = node.output  # a diagonal of something that is repeated along it
    try:
        body = matrix_form(tensors, output, sizes)
    except NoMatrixFormError:
        body = [_flat(tensors, output, sizes)]
    whole = _with_scalars(coefficient, scalars, body)
    if output == node.output:
        return whole
    return Contraction([whole], [output], node.output, sizes)


def _as_rows(factor: Expression, labels: tuple[int, ...]) -> tuple[Expression, tuple[int, ...]]:
    """A bracket as rows of an identity matrix, the way round in which it is that."""
    shown = rows_of_identity(factor)
    if shown is factor and isinstance(factor, Iverson) and factor.rank == 2:
        other = rows_of_identity(flip(factor))
        if not isinstance(other, Iverson):
            return other, labels[::-1]
    return shown, labels


def _filled(node: Contraction) -> Expression:
    if spell(node).operation in ("constant", "eye", "filled"):
        return node
    pure = Contraction((), (), node.output, dict(enumerate(node.sizes)))
    return _with_scalars(node.coefficient, [], [pure])


def _flat(
    tensors: list[tuple[Expression, tuple[int, ...]]],
    output: tuple[int, ...],
    sizes: dict[int, Size],
) -> Contraction:
    return Contraction([t for t, _ in tensors], [at for _, at in tensors], output, sizes)


def _as_mean(bottom: sympy.Expr, body: Expression) -> tuple[sympy.Expr, list[Expression]]:
    """A sum divided by the number of its terms is a mean."""
    if bottom != 1 and isinstance(body, Contraction) and body.operands:
        spelling = spell(body)
        square = _squared(spelling)
        if square is not None or spelling.operation == "sum":
            operand = spelling.operands[0] if square is None else square
            axes, keepdims = spelling.detail if square is None else (None, False)
            over = range(operand.rank) if axes is None else axes
            count = sympy.Mul(*(operand.shape[axis] for axis in over))
            rest = bottom / count
            if sympy.fraction(rest)[1] == 1:
                return rest, [mean(operand, axes, keepdims)]
    return bottom, [body]


def _squared(spelling: Spelling) -> Expression | None:
    """v**2 where a scalar is v @ v."""
    if spelling.operation != "matmul" or spelling.operands[0].rank != 1:
        return None
    left, right = spelling.operands
    return power(left, constant(2)) if left is right else None


def _scaled_ahead(coefficient: sympy.Expr, node: Expression) -> Expression:
    """A number times a product, the number at its first factor: -a @ x, not -(a @ x)."""
    if isinstance(node, Contraction) and node.coefficient == 1:
        spelling = spell(node)
        first = spelling.operands[0] if spelling.operands else node
        if spelling.operation == "matmul" or (
            spelling.operation == "multiply" and first.shape == node.shape
        ):
            return with_children(node, (_scaled_ahead(coefficient, first), *node.operands[1:]))
    return scale(coefficient, node)


def _turned_where_shorter(chain: list[Expression]) -> list[Expression]:
    """A chain of matrices, or the transpose of the whole where its parts are mostly transposed."""
    if len(chain) < 3 or chain[0].rank != 2 or chain[-1].rank != 2:
        return chain
    straight = chained(tuple(chain))
    across = transpose(turned_round(straight))
    return [across] if is_shorter(across, straight) else chain


def _with_scalars(
    coefficient: sympy.Expr, scalars: list[Expression], body: list[Expression]
) -> Expression:
    """The chain with what multiplies it in front and what divides it behind."""
    top, bottom = fraction_of(coefficient)
    if len(body) == 1:
        bottom, body = _as_mean(bottom, body[0])
    below = [inner for s in scalars if (inner := reciprocal_of(s)) is not None]
    above = [s for s in scalars if reciprocal_of(s) is None]
    head = [factor for factor in body if factor.rank == 0]
    chain = [factor for factor in body if factor.rank > 0]
    above = sorted(above + head, key=factor_order)
    prefix: Expression | None = None
    for factor in above:
        prefix = factor if prefix is None else multiply(prefix, factor)
    if prefix is not None and top != 1:
        first, *others = above
        prefix = _scaled_ahead(top, first)
        for factor in others:
            prefix = multiply(prefix, factor)
    if chain:
        first, *others = _turned_where_shorter(chain)
        if prefix is not None:
            first = multiply(prefix, first)
        elif top != 1:
            first = _scaled_ahead(top, first)
        result = chained((first, *others))
    elif prefix is not None:
        result = prefix
    else:
        result = constant(top)
    if not below:
        return result if bottom == 1 else scale(1 / bottom, result)
    divisor = hadamard(sorted(below, key=factor_order))
    return divide(result, divisor if bottom == 1 else scale(bottom, divisor))
