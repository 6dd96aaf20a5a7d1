"""Differences that cancel, as what they are without a difference.

| written                     | computed                            |
|-----------------------------|-------------------------------------|
| `1 - sigmoid(z)`            | `sigmoid(-z)`                       |
| `1 - tanh(z)`, `1 + tanh(z)` | `2*sigmoid(-2*z)`, `2*sigmoid(2*z)` |
| `1 - tanh(z)**2` for z >= 0 | `4*sigmoid(2*z)*sigmoid(-2*z)`      |
| `exp(z) - 1`, `cosh(z) - 1` | `expm1(z)`, `2*sinh(z/2)**2`        |
| `1 - cos(z)`, `1 + cos(z)`  | `2*sin(z/2)**2`, `2*cos(z/2)**2`    |
| `1 - sin(z)**2`, `1 - cos(z)**2` | `cos(z)**2`, `sin(z)**2`       |
| `1 - erf(z)`, `1 + erf(z)`, `2 - erfc(z)` | `erfc(z)`, `erfc(-z)`, `erfc(-z)` |
| `sigmoid(z) - sigmoid(z)**2` | `sigmoid(z)*sigmoid(-z)`           |
| `1 - 2*sigmoid(z)`          | `-tanh(z/2)`                        |
| `softplus(z) - z`           | `softplus(-z)`                      |
| `y*(a + b) - a`             | `y*b - (1 - y)*a`, for y between 0 and 1 |
| `sqrt(a) - sqrt(b)`         | `(a - b)/(sqrt(a) + sqrt(b))`, where terms of a and b cancel |

The last row holds for 1/sqrt(a) - 1/sqrt(b) too. Each row is an identity. The two terms may be any
among others, with a common factor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.sign_of_values import is_nonnegative_array
from symbolic.functions import expm1, sigmoid, softplus
from symbolic.nodes import (
    Contraction,
    Elementwise,
    Expression,
    Named,
    Sum,
    Variable,
    kernel_symbol,
)

_x = kernel_symbol(0)

ONE_MINUS: dict[sympy.Expr, sympy.Expr] = {
    sigmoid(_x): sigmoid(-_x),
    sympy.tanh(_x): 2 * sigmoid(-2 * _x),
    sympy.exp(_x): -expm1(_x),
    sympy.cosh(_x): -2 * sympy.sinh(_x / 2) ** 2,
    sympy.cos(_x): 2 * sympy.sin(_x / 2) ** 2,
    sympy.sin(_x) ** 2: sympy.cos(_x) ** 2,
    sympy.cos(_x) ** 2: sympy.sin(_x) ** 2,
    sympy.erf(_x): sympy.erfc(_x),
    sympy.erf(_x) ** 2: sympy.erfc(_x) * sympy.erfc(-_x, evaluate=False),
    sympy.erfc(_x): sympy.erf(_x),
}
_SLOPE = sigmoid(_x) * sigmoid(-_x)
_OF_NONNEGATIVE: dict[
    sympy.Expr, sympy.Expr
] = {  # of both signs, tanh is used again and is cheaper
    sympy.tanh(_x) ** 2: 4 * sigmoid(2 * _x) * sigmoid(-2 * _x),
}
ONE_PLUS: dict[sympy.Expr, sympy.Expr] = {
    sympy.tanh(_x): 2 * sigmoid(2 * _x),
    sympy.cos(_x): 2 * sympy.cos(_x / 2) ** 2,
    sympy.erf(_x): sympy.erfc(-_x, evaluate=False),
}


TWO_MINUS: dict[sympy.Expr, sympy.Expr] = {
    sympy.erfc(_x): sympy.erfc(-_x, evaluate=False) / 2,
}
_ONE_MINUS_TWICE: dict[sympy.Expr, sympy.Expr] = {
    sigmoid(_x): -sympy.tanh(_x / 2),
}


_SHARES = {"unit", "binary", "prob", "onehot"}  # domains of numbers between 0 and 1
MOST_TERMS = 12  # of a sum whose pairs are looked at


Found = tuple[int, int, Expression]  # the places of two terms, and what they are together


def joined_in_pairs(total: Sum, pair: Callable[[Sequence[Expression]], Found | None]) -> Expression:
    """A sum in which pairs of terms are replaced by what they are together, as long as some are found."""
    terms = list(total.terms)
    if len(terms) > MOST_TERMS:
        return total
    found = pair(terms)
    while found is not None and len(terms) > 1:
        place, other, node = found
        terms = [term for k, term in enumerate(terms) if k not in (place, other)]
        terms.insert(min(place, other), node)
        found = pair(terms)
    return terms[0] if len(terms) == 1 else Sum(terms)


def without_cancellation(total: Sum) -> Expression:
    """A sum with the pairs of terms of the table replaced.

    >>> from symbolic.operations import tanh
    >>> from symbolic.variables import scalar
    >>> without_cancellation(1 - tanh(scalar("z")))
    2*sigmoid(-2*z)
    """
    return joined_in_pairs(total, _pair)


def kernel_without_cancellation(kernel: sympy.Expr) -> sympy.Expr:
    """The rows of the table that have a 1, inside one kernel.

    >>> kernel_without_cancellation(sympy.Piecewise((1 - sigmoid(_x), _x > 0), (0, True))).args[0][0]
    sigmoid(-x0)
    """
    return kernel.replace(lambda node: node.is_Add and len(node.args) == 2, _short_sum)


def _short_sum(*terms: sympy.Expr) -> sympy.Expr:
    total = sympy.Add(*terms)
    number, rest = total.as_coeff_Add()
    factor, core = rest.as_coeff_Mul()
    rows = {-number: ONE_MINUS, number: ONE_PLUS}.get(factor) if number != 0 else None
    function = core.base if core.is_Pow and core.exp == 2 else core
    if rows is None or not isinstance(function, (sympy.Function, sympy.exp)):
        return total
    (argument, *others) = function.args
    pattern = core.xreplace({function: function.func(_x)}) if not others else core
    return number * rows[pattern].xreplace({_x: argument}) if pattern in rows else total


def _pair(terms: Sequence[Expression]) -> Found | None:
    for search in (_with_one, _with_square, _with_argument, _with_share, _between_roots):
        found = search(terms)
        if found is not None:
            return found
    return None


def _with_square(terms: Sequence[Expression]) -> Found | None:
    """sigmoid(z) and minus its square, with one number in front."""
    parts = [factor_and_core(term) for term in terms]
    read = [None if core is None else function_of(core) for _, core in parts]
    for place, one in enumerate(read):
        for other, two in enumerate(read):
            if one is None or two is None or parts[place][0] != -parts[other][0]:
                continue
            if one[0] == sigmoid(_x) and two == (sigmoid(_x) ** 2, one[1]):
                return place, other, scaled(parts[place][0], built(_SLOPE, one[1]))
    return None


def _with_one(terms: Sequence[Expression]) -> Found | None:
    """A number and a function of the table with that number, or minus it, in front."""
    parts = [factor_and_core(term) for term in terms]
    for place, (number, one) in enumerate(parts):
        if one is not None or number == 0:
            continue
        for other, (factor, core) in enumerate(parts):
            rows = {
                -number: ONE_MINUS,
                number: ONE_PLUS,
                -number / 2: TWO_MINUS,
                -number * 2: _ONE_MINUS_TWICE,
            }.get(factor)
            read = None if rows is None or core is None else function_of(core)
            if rows is None or read is None:
                continue
            function, argument = read
            one_sided = rows is ONE_MINUS and is_nonnegative_array(argument)
            row = rows.get(function) or (_OF_NONNEGATIVE.get(function) if one_sided else None)
            if row is not None:
                return place, other, scaled(number, built(row, argument))
    return None


def _with_argument(terms: Sequence[Expression]) -> Found | None:
    """softplus(z) and -z, with one number in front."""
    parts = [factor_and_core(term) for term in terms]
    for place, (factor, core) in enumerate(parts):
        read = None if core is None else function_of(core)
        if read is None or read[0] != softplus(_x):
            continue
        number, argument = factor_and_core(read[1])
        for other, part in enumerate(parts):
            if argument is not None and part == (-factor * number, argument):
                return place, other, scaled(factor, built(softplus(-_x), read[1]))
    return None


def _with_share(terms: Sequence[Expression]) -> Found | None:
    """y*(a + b) and -a, where y is a share of one: b is not added to what is taken away again."""
    parts = [factor_and_core(term) for term in terms]
    for place, (factor, core) in enumerate(parts):
        for share, total, number in _shares(factor, core):
            inside = [factor_and_core(term) for term in total.terms]
            for other, (minus, rest) in enumerate(parts):
                if rest is None or (-minus / number, rest) not in inside:
                    continue
                left = list(total.terms)
                del left[inside.index((-minus / number, rest))]
                kept = left[0] if len(left) == 1 else Sum(left)
                complement = Sum(
                    [_constant(sympy.S.One, share), scaled(sympy.S.NegativeOne, share)]
                )
                two = (multiplied([share, kept]), multiplied([complement, rest]))
                return place, other, Sum([scaled(number, two[0]), scaled(minus, two[1])])
    return None


def _shares(
    factor: sympy.Expr, core: Expression | None
) -> Iterator[tuple[Variable, Sum, sympy.Expr]]:
    """The ways to read a term as a number times a share of one times a sum."""
    if not isinstance(core, Contraction) or core.labels != (core.output, core.output):
        return
    for share, other in (core.operands, core.operands[::-1]):
        total = meaning(other)
        if isinstance(share, Variable) and share.domain in _SHARES and isinstance(total, Sum):
            yield share, total, factor * core.coefficient


def _between_roots(terms: Sequence[Expression]) -> Found | None:
    """sqrt(a) - sqrt(b) or 1/sqrt(b) - 1/sqrt(a), where fewer terms are left of a - b than both have."""
    parts = [factor_and_core(term) for term in terms]
    roots = [_root(core) for _, core in parts]
    for place, (factor, _) in enumerate(parts):
        one = roots[place]
        if one is None:
            continue
        for other, (minus, core) in enumerate(parts):
            two = roots[other]
            if core is None and (minus / factor).could_extract_minus_sign() and not one.below:
                number = -minus / factor
                if not _has_term(one.inside, number**2):
                    continue
                two = _Root(_constant(number**2, one.root), _constant(number, one.root), False)
            elif two is None or minus != -factor or two.below != one.below:
                continue
            left = None if two is None else difference(one.inside, two.inside)
            if two is None or left is None:
                continue
            number, rest = factor_and_core(left)
            below = [_reciprocal(Sum([one.root, two.root]))]
            if one.below:
                below, number = [*below, _reciprocal(one.root), _reciprocal(two.root)], -number
            factors = below if rest is None else [rest, *below]
            found = factors[0] if len(factors) == 1 else multiplied(factors)
            return place, other, scaled(number * factor, found)
    return None


def _has_term(total: Expression, number: sympy.Expr) -> bool:
    whole = meaning(total)
    terms = whole.terms if isinstance(whole, Sum) else (whole,)
    return any(_number(term) == number for term in terms)


@dataclass(frozen=True)
class _Root:
    """sqrt(inside), or one over it where it stands below a line."""

    inside: Expression
    root: Expression
    below: bool


def _root(core: Expression | None) -> _Root | None:
    node = None if core is None else meaning(core)
    below = isinstance(node, Elementwise) and node.kernel.expr == 1 / _x
    if below and node is not None:
        node = meaning(node.children[0])
    if isinstance(node, Elementwise) and node.kernel.expr == sympy.sqrt(_x):
        return _Root(node.operands[0], node, below)
    return None


def _reciprocal(node: Expression) -> Expression:
    return Elementwise(sympy.Lambda((_x,), 1 / _x), [node])


def difference(a: Expression, b: Expression) -> Expression | None:
    """The difference a - b, where terms cancel; else None."""
    found: dict[Expression | None, sympy.Expr] = {}
    count = 0
    for sign, whole in ((1, meaning(a)), (-1, meaning(b))):
        for term in whole.terms if isinstance(whole, Sum) else (whole,):
            factor, core = factor_and_core(term)
            found[core] = found.get(core, sympy.S.Zero) + sign * factor
            count += 1
    left = [(factor, core) for core, factor in found.items() if factor != 0]
    if len(found) == count or not left:
        return None
    terms = [_constant(f, a) if core is None else scaled(f, core) for f, core in left]
    return terms[0] if len(terms) == 1 else Sum(terms)


# --- nodes ---------------------------------------------------------------------------------------


def meaning(node: Expression) -> Expression:
    """A node without the names around it."""
    while isinstance(node, Named):
        node = node.meaning
    return node


def factor_and_core(term: Expression) -> tuple[sympy.Expr, Expression | None]:
    """A term as a number, or an expression in sizes, times the rest; None where every entry is 1."""
    number = _number(term)
    if number is not None:
        return number, None
    factor = sympy.S.One
    while isinstance(term, Contraction) and term.labels == (term.output,):
        if len(set(term.output)) < len(term.output):
            break
        factor = factor * term.coefficient
        term = term.operands[0]
    return factor, term


def _number(term: Expression) -> sympy.Expr | None:
    """The number that every entry of a term is, where it is a constant, however often repeated."""
    number = sympy.S.One
    while isinstance(term, Contraction) and len(term.operands) <= 1 and not term.summed:
        if len(set(term.output)) < len(term.output):
            return None
        number = number * term.coefficient
        if not term.operands:
            return number
        term = term.operands[0]
    return None


def without_coefficient(node: Expression) -> tuple[sympy.Expr, Expression]:
    """The coefficient of a product, and the product without it."""
    if not isinstance(node, Contraction) or node.coefficient == 1 or not node.operands:
        return sympy.S.One, node
    sizes = dict(enumerate(node.sizes))
    return node.coefficient, Contraction(node.operands, node.labels, node.output, sizes)


def scaled(factor: sympy.Expr, node: Expression) -> Expression:
    """A number times a node, numbers collected."""
    inner, core = factor_and_core(node)
    whole = factor * inner
    if core is None:
        return _constant(whole, node)
    if whole == 1:
        return core
    axes = tuple(range(core.rank))
    return Contraction([core], [axes], axes, coefficient=whole)


def multiplied(factors: Sequence[Expression]) -> Expression:
    """The product of nodes of one shape, entry by entry."""
    axes = tuple(range(factors[0].rank))
    return Contraction(factors, [axes] * len(factors), axes)


def built(kernel: sympy.Expr, z: Expression) -> Expression:
    """A kernel of one argument as nodes of one function each.

    >>> from symbolic.variables import scalar
    >>> built(2 * sigmoid(-_x), scalar("z"))
    2*sigmoid(-z)
    """
    number, rest = kernel.as_coeff_Mul()
    if number != 1:
        return scaled(number, built(rest, z))
    if rest == _x:
        return z
    if rest.is_Mul:
        return multiplied([built(factor, z) for factor in rest.args])
    if rest.is_Pow and not isinstance(rest, sympy.exp):
        return Elementwise(sympy.Lambda((_x,), _x**rest.exp), [built(rest.base, z)])
    return Elementwise(sympy.Lambda((_x,), rest.func(_x)), [built(rest.args[0], z)])


def _constant(value: sympy.Expr, like: Expression) -> Expression:
    return Contraction((), (), range(like.rank), dict(enumerate(like.shape)), value)


def function_of(core: Expression) -> tuple[sympy.Expr, Expression] | None:
    """`f(x)` or `f(x)**2`, and what stands for x."""
    node = meaning(core)
    if isinstance(node, Contraction) and node.operands == (node.operands or (node,))[:1] * 2:
        flat = node.coefficient == 1 and node.labels == (node.output,) * 2
        read = function_of(node.operands[0]) if flat else None
        return None if read is None or read[0].is_Pow else (read[0] ** 2, read[1])
    squared = isinstance(node, Elementwise) and node.kernel.expr == _x**2
    if squared:
        node = meaning(node.children[0])
    if not isinstance(node, Elementwise) or len(node.operands) > 1:
        return None
    kernel = node.kernel.expr
    if not kernel.args or not isinstance(kernel, (sympy.Function, sympy.exp)):
        return None
    if len(kernel.args) > 1:
        return None
    z = node.operands[0] if kernel.args[0] == _x else _inner(kernel.args[0], node.operands[0])
    pattern = kernel.func(_x)
    return (pattern**2 if squared else pattern), z


def _inner(argument: sympy.Expr, operand: Expression) -> Expression:
    return Elementwise(sympy.Lambda((_x,), argument), [operand])
