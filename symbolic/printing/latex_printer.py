r"""Expressions as LaTeX in textbook notation, for amsmath and KaTeX alike.

Conventions:

- vectors are columns, and transposes are put in: `x @ A` is `A^\top x`, `u @ v` is `u^\top v`;
- `\odot` is the entrywise product, `x^{\odot 2}` the entrywise power; functions, fractions of
  tensors and plain numbers beside tensors are meant entry by entry, as in `1 - \tanh^2(z)`;
- `\mathbf{1}` is the vector of ones: what is repeated along rows or columns is an outer product
  with it, and a product with a repeated vector is one with `\operatorname{diag}`;
- a sum over all entries has indices, a sum along an axis is a product with `\mathbf{1}`;
- functions along an axis work on rows unless a subscript says otherwise;
- `\nabla_w f` has the shape of w, `\frac{\partial z}{\partial w}` that of z followed by that of w;
- what has no matrix form is written by its entries, as in `\left[\sum_{i=1}^{n} ...\right]_{jk}`;
- indices count from 1 and slices include both ends: `x_{2:n}`, `A_{1,:}` (a column), `A_{1,2}`;
- `[i = 2 j + k]` is 1 where that holds, else 0, and makes a product 0 whatever its other factors;
- `A^{-\top}` is the inverse of the transpose, `e^{A}` the matrix exponential, `A \otimes B` the
  Kronecker product, `\boldsymbol{\sigma}(A)` and `\sigma_k(A)` are singular values.
"""

from __future__ import annotations

from symbolic.domains import domain_of
from symbolic.errors import UnsupportedError
from symbolic.moves import spell_concatenation, spell_stack
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
from symbolic.printing.index_form import entry
from symbolic.printing.index_names import Index, IndexNames
from symbolic.printing.latex_applications import (
    application,
    derivative,
    expectation,
    norm_piece,
    unspecified,
)
from symbolic.printing.latex_cases import with_cases
from symbolic.printing.latex_entries import by_entries
from symbolic.printing.latex_extremes import OVER_INDICES
from symbolic.printing.latex_kernels import kernel_piece, number_piece
from symbolic.printing.latex_moves import blocks, constant
from symbolic.printing.latex_names import has_subscript, is_word, name_latex
from symbolic.printing.latex_norms import norm_of
from symbolic.printing.latex_pieces import ATOM, Piece, Tex, added
from symbolic.printing.latex_products import contraction, repeated_number
from symbolic.printing.latex_tasks import Task, Writing, write_all
from symbolic.printing.text_printer import is_full
from symbolic.spelling import spell

_FEW_TERMS = 12  # up to which sums in a sum are written without brackets


def latex(expression: Expression, *, index: bool = False, cases: bool = False) -> str:
    r"""An expression as LaTeX, without dollar signs.

    With `index`, its entry at free indices; with `cases`, functions with a kink (step, relu, abs,
    sign) case by case, so that it can be seen what holds at the kink.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)
    >>> print(latex(X.T @ (X @ w - y) / n))
    \frac{1}{n} X^\top (X w - y)
    >>> print(latex(X @ w, index=True))
    \sum_{j=1}^{d} X_{ij} w_j
    """
    if cases:
        expression = with_cases(expression)
    names = IndexNames(expression)
    at: tuple[Index, ...] = ()
    if index:
        for size in expression.shape:
            at += (names.fresh(size, at),)
    first = Task(expression, at if index else None, frozenset(at))

    def write(task: Task) -> Writing:
        return _matrix(task, names) if task.at is None else entry(task, names, whole=index)

    return str(write_all(first, write).text)


def _matrix(task: Task, names: IndexNames) -> Writing:
    """A node in matrix notation."""
    node = task.node
    norm = norm_of(node)
    if norm is not None:
        inside = yield Task(norm[0], None, task.scope)
        return norm_piece(inside, norm[1])
    match node:
        case Variable() | Named():
            return _name(node)
        case Contraction():
            return (yield from contraction(task, names))
        case Sum():
            return (yield from _sum(node, task.scope))
        case Iverson():
            return constant(node) or (yield from by_entries(task, names))
        case Apply() if node.function in OVER_INDICES:
            return (yield from by_entries(task, names))
        case Elementwise():
            return (yield from _elementwise(node, task.scope))
        case Apply():
            return (yield from application(node, task.scope))
        case Unspecified():
            return (yield from unspecified(node, task.scope))
        case Derivative():
            return (yield from derivative(node, task.scope))
        case Expectation():
            return (yield from expectation(node, task.scope))
    raise UnsupportedError(f"printing a {type(node).__name__}", "an unknown node", "report it")


def _name(node: Variable | Named) -> Piece:
    return Piece(
        Tex(name_latex(node.name)),
        ATOM,
        tensor=node.rank > 0,
        plain=node.rank == 0,
        subscript=has_subscript(node.name),
        word=is_word(node.name),
        symmetric=isinstance(node, Variable) and domain_of(node.domain).symmetric,
    )


def _sum(node: Sum, scope: frozenset[Index]) -> Writing:
    """Terms; a number repeated in every entry is written once where another term has the axes."""
    concatenation = spell_concatenation(node)
    if concatenation is not None:
        operands, axis = concatenation
        stacked = spell_stack(operands, axis) if node.rank > 2 else None
        parts = []
        for operand in stacked or operands:
            parts.append((yield Task(operand, None, scope)))
        return blocks(parts, axis, node.rank, "stack" if stacked else "concat")
    terms = _terms(node)
    full = any(map(is_full, terms)) and not any(map(_on_diagonal, terms))
    pieces = []
    for term in terms:
        number = repeated_number(term) if full else None
        pieces.append(
            number_piece(number) if number is not None else (yield Task(term, None, scope))
        )
    return added(pieces, tensor=node.rank > 0)


def _terms(node: Sum) -> tuple[Expression, ...]:
    """The terms of a sum, those of a sum in it without brackets where they are few."""
    terms = node.terms
    while any(_opened(term) != (term,) for term in terms) and len(terms) <= _FEW_TERMS:
        terms = tuple(part for term in terms for part in _opened(term))
    return terms if len(terms) <= _FEW_TERMS else node.terms


def _opened(term: Expression) -> tuple[Expression, ...]:
    """The terms of a sum; anything else as it is."""
    if isinstance(term, Sum) and spell_concatenation(term) is None:
        return term.terms
    return (term,)


def _on_diagonal(term: Expression) -> bool:
    """Whether a term stands on a diagonal, beside which a bare number would be read as a multiple of I."""
    while isinstance(term, Contraction) and spell(term).operation == "scale":
        (term,) = spell(term).operands
    return isinstance(term, Contraction) and len(set(term.output)) < term.rank


def _elementwise(node: Elementwise, scope: frozenset[Index]) -> Writing:
    """A kernel of its operands; a scalar that is repeated is written once beside a full operand."""
    full = any(is_full(operand) for operand in node.operands)
    arguments = {}
    for place, operand in enumerate(node.operands):
        once = _said_once(operand) if full or place else operand
        arguments[kernel_symbol(place)] = yield Task(once, None, scope)
    return kernel_piece(node.kernel.expr, arguments)


def _said_once(operand: Expression) -> Expression:
    """The scalar that an operand repeats, or the operand itself."""
    if isinstance(operand, Contraction) and operand.output:
        number = repeated_number(operand)
        if number is not None:
            return Contraction((), (), (), coefficient=number)
        spelling = spell(operand)
        if spelling.operation == "broadcast" and spelling.operands[0].rank == 0:
            return spelling.operands[0]
    return operand
