r"""Kernels as LaTeX: SymPy expressions with pieces in place of their symbols.

Where the pieces are tensors, everything is meant entry by entry: products are `\odot`, powers carry
a `\odot`, functions, fractions, roots and plain numbers act on each entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy

from symbolic.functions import (
    ElementwiseFunction,
    Unspecified,
    by_polygamma,
    elementwise_function,
    function_argument,
    polygamma_order,
)
from symbolic.printing.latex_names import has_subscript, is_word, name_latex
from symbolic.printing.latex_pieces import (
    ATOM,
    BIG,
    FACTOR,
    ONE,
    POWER,
    Piece,
    Product,
    Tex,
    added,
    fraction,
    hadamard,
    script,
    written,
)

Arguments = Mapping[sympy.Symbol, Piece]
_POWER_ON_NAME = {  # as in \tanh^2(z)
    **{name: rf"\{name}" for name in ("sin", "cos", "sinh", "cosh", "tanh", "log")},
    "lgamma": r"\log",
}


def number_piece(value: sympy.Expr) -> Piece:
    """A number, or an expression in sizes."""
    return kernel_piece(value, {})


def kernel_piece(expression: sympy.Expr, arguments: Arguments) -> Piece:
    """A SymPy expression with its symbols replaced by pieces."""
    if expression in arguments:
        return arguments[expression]
    if isinstance(expression, sympy.Symbol):
        return Piece(
            Tex(name_latex(expression.name)), ATOM, plain=True, count=True,
            subscript=has_subscript(expression.name),
            word=is_word(expression.name),
        )  # fmt: skip
    if expression.is_Rational:
        return _rational(expression)
    if expression in (sympy.pi, sympy.E):
        return Piece(Tex(r"\pi" if expression is sympy.pi else "e"), ATOM, plain=True, count=True)
    if expression.is_number and (named := by_polygamma(expression)) is not None:
        values = {symbol: _at_one(order) for symbol, order in named[1].items()}
        return kernel_piece(named[0], {**arguments, **values})
    if expression.is_Add:
        return _sum(expression, arguments)
    if expression.is_Mul:
        return _product(expression, arguments)
    if isinstance(expression, sympy.exp):
        return _function(expression, arguments)
    if expression.is_Pow:
        return _power(expression, arguments)
    if isinstance(expression, sympy.Piecewise):
        return _cases(expression, arguments)
    if isinstance(expression, (sympy.floor, sympy.ceiling)):
        return _rounded(expression, arguments)
    return _function(expression, arguments)


def _at_one(order: int) -> Piece:
    """A polygamma function at 1."""
    name = r"\psi" + (rf"^{{({order})}}" if order else "")
    return Piece(Tex(f"{name}(1)"), ATOM, plain=True, count=True)


def _rational(value: sympy.Rational) -> Piece:
    if value.is_Integer and value >= 0:
        return Piece(Tex(str(value)), ATOM, plain=True, count=True, digit=True)
    tops = () if abs(value.p) == 1 else (_rational(sympy.Integer(abs(value.p))),)
    bottoms = () if value.q == 1 else (_rational(sympy.Integer(value.q)),)
    return written(Product(1 if value > 0 else -1, tops, bottoms))


def _sum(expression: sympy.Expr, arguments: Arguments) -> Piece:
    terms = sorted(
        sympy.Add.make_args(expression), key=lambda term: term.could_extract_minus_sign()
    )
    if not arguments and terms[0].is_number and not terms[1].could_extract_minus_sign():
        terms = [*terms[1:], terms[0]]  # a size is n - k + 1
    pieces = [kernel_piece(term, arguments) for term in terms]
    return added(pieces, tensor=any(piece.tensor for piece in pieces))


def _product(expression: sympy.Expr, arguments: Arguments) -> Piece:
    root = _one_over_root(expression)
    if root is not None:
        return written(Product(bottoms=(root,)))
    number, rest = expression.as_coeff_Mul()
    top, bottom = sympy.fraction(rest)
    found = number_piece(number).factors if number != 1 else Product()
    tensors = []
    for factor in sympy.Mul.make_args(top):
        piece = kernel_piece(factor, arguments)
        if piece.tensor:
            tensors.append(piece)
        elif factor != 1:
            found = found.times(piece.factors)
    below = [kernel_piece(f, arguments) for f in sympy.Mul.make_args(bottom) if f != 1]
    dividing = [piece for piece in below if piece.tensor]
    for piece in below:
        if not piece.tensor:
            found = found.times(Product(bottoms=(piece,)))
    if tensors or dividing:
        body = hadamard(tensors) if tensors else ONE
        if dividing:
            body = fraction(body, hadamard(dividing), tensor=True)
        found = found.times(body.factors)
    return written(found)


def _one_over_root(expression: sympy.Expr) -> Piece | None:
    r"""The root in a number that is one over a root: `\sqrt{2}/2` is `1/\sqrt{2}`."""
    if not expression.is_number or not expression.is_positive or expression.is_rational:
        return None
    top, bottom = sympy.fraction(expression**2)
    if top != 1 or bottom.atoms(sympy.Pow) - {bottom}:
        return None
    return Piece(Tex(r"\sqrt{", number_piece(bottom).text, "}"), ATOM, plain=True, count=True)


def _power(expression: sympy.Expr, arguments: Arguments) -> Piece:
    base, exponent = expression.as_base_exp()
    if base.is_Rational and base < 1 and base.p == 1:  # SymPy reads 1/2**x as (1/2)**x
        base, exponent = 1 / base, -exponent
    if exponent.could_extract_minus_sign():
        below = kernel_piece(base ** (-exponent), arguments)
        if below.tensor:
            return fraction(ONE, below, tensor=True)
        return written(Product(bottoms=(below,)))
    inside = kernel_piece(base, arguments)
    if exponent == sympy.S.Half:
        return _root(inside, number=base.is_number)
    above = kernel_piece(exponent, arguments)
    if inside.power_at is not None and exponent.is_Integer:
        before, after = inside.power_at
        text = Tex(before, script("^", above.text), after)
        return replace(inside, text=text, binding=POWER, power_at=None)
    odot = r"\odot " if inside.tensor else ""
    return Piece(
        Tex(inside.at_least(ATOM), script("^", Tex(odot, above.text))),
        POWER,
        tensor=inside.tensor or above.tensor,
        plain=inside.plain and above.plain,
        count=inside.count and above.count,
        tall=inside.tall,
        digit=inside.digit,
    )


def _root(inside: Piece, *, number: bool) -> Piece:
    """A square root; that of a size is no count, so that it divides the whole numerator."""
    text = Tex(r"\sqrt{", inside.text, "}")
    return Piece(
        text, ATOM, tensor=inside.tensor, plain=inside.plain, tall=inside.tall,
        count=inside.count and number,
    )  # fmt: skip


def _rounded(expression: sympy.Expr, arguments: Arguments) -> Piece:
    """A size rounded to a whole number, with a slash: it mostly stands in a script."""
    mark = "floor" if isinstance(expression, sympy.floor) else "ceil"
    over, under = (kernel_piece(each, arguments) for each in expression.args[0].as_numer_denom())
    text = Tex(rf"\l{mark} ", over.at_least(FACTOR), "/", under.at_least(FACTOR), rf" \r{mark}")
    return Piece(text, ATOM, plain=True, count=True)


def _function(expression: sympy.Expr, arguments: Arguments) -> Piece:
    entry, high = elementwise_function(expression), polygamma_order(expression)
    taken = function_argument(expression) if high is None else expression.args[1:]
    inside = [kernel_piece(each, arguments) for each in taken]
    tall = any(piece.tall for piece in inside)
    if entry is not None:
        before, after = entry.latex.replace("{}", "\0").format().split("\0")
    elif high is not None:
        before, after = rf"\psi^{{({high})}}\left(", r"\right)"
    elif isinstance(expression, Unspecified):
        order = "'" * expression.order
        before, after = name_latex(expression.base) + order + r"\left(", r"\right)"
    else:
        before = rf"\operatorname{{{expression.func.__name__}}}\left("
        after = r"\right)"
    if not tall:
        before, after = _small(before), _small(after)
    parts: list[str | Tex] = []
    for piece in inside:
        parts += [", " if parts else "", piece.text]
    is_prefix = entry is not None and entry.name == "lgamma"  # \log\Gamma(x)^\top has two readings
    return Piece(
        Tex(before, *parts, after),
        POWER if is_prefix else ATOM,
        tall=tall,
        tensor=any(piece.tensor for piece in inside),
        power_at=_power_place(entry, before, Tex(*parts, after)),
    )


def _small(text: str) -> str:
    """Brackets that need not grow; bars stay as they are, for they have no left and right."""
    for bracket in "()[]":
        text = text.replace(rf"\left{bracket}", bracket).replace(rf"\right{bracket}", bracket)
    return text


def _power_place(
    entry: ElementwiseFunction | None, before: str, after: Tex
) -> tuple[Tex, Tex] | None:
    """Where a power of the function goes: between its name and its bracket."""
    if entry is None or entry.name not in _POWER_ON_NAME:
        return None
    name = _POWER_ON_NAME[entry.name]
    return Tex(name), Tex(before.removeprefix(name), after)


_RELATION = {
    sympy.Eq: "=", sympy.Ne: r"\ne", sympy.Lt: "<", sympy.Le: r"\le", sympy.Gt: ">",
    sympy.Ge: r"\ge",
}  # fmt: skip


_CONNECTIVE = {sympy.And: r" \land ", sympy.Or: r" \lor "}


def _cases(expression: sympy.Piecewise, arguments: Arguments) -> Piece:
    rows: list[str | Tex] = []
    tensor = False
    for value, condition in expression.args:
        shown = kernel_piece(value, arguments)
        tensor = tensor or shown.tensor
        rows += [r" \\ " if rows else "", shown.text]
        if condition == sympy.true:
            rows.append(r" & \text{otherwise}")
            continue
        asked = _condition(condition, arguments)
        tensor = tensor or asked.tensor
        rows += [r" & \text{if } ", asked.text]
    text = Tex(r"\begin{cases} ", *rows, r" \end{cases}")
    return Piece(text, BIG, tensor=tensor, tall=True)


def _condition(condition: sympy.Basic, arguments: Arguments) -> Piece:
    """A comparison, or comparisons joined by signs for `and` and `or`."""
    if isinstance(condition, sympy.ITE):
        condition = condition.to_nnf()
    if type(condition) in _CONNECTIVE:
        parts = [_condition(part, arguments) for part in condition.args]
        rows: list[str | Tex] = []
        for part in parts:
            rows += [_CONNECTIVE[type(condition)] if rows else "", "(", part.text, ")"]
        return Piece(Tex(*rows), BIG, tensor=any(part.tensor for part in parts))
    left, right = (kernel_piece(side, arguments) for side in condition.args)
    text = Tex(left.text, f" {_RELATION[type(condition)]} ", right.text)
    return Piece(text, BIG, tensor=left.tensor or right.tensor)
