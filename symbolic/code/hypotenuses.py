"""Roots of sums of squares, entry by entry, of which no square overflows or vanishes.

| written                      | computed                          |
|------------------------------|-----------------------------------|
| `sqrt(a**2 + b**2)`          | `hypot(a, b)`                     |
| `sqrt(1 + (x/s)**2)`         | `hypot(x/s, 1)`                   |
| `sqrt(a**2 + b**2 + e)`      | `hypot(hypot(a, b), sqrt(e))`     |
| `(a**2 + b**2)**(3/2)`       | `hypot(a, b)**3`                  |

A kernel that is the root of a sum of squares of symbols and positive numbers is written as a call of
hypot. Its terms are squares, positive numbers, and scalars that are not negative; one of them at least is
a square of an array.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, multiplied, scaled
from symbolic.code.power_products import powers_of_operands
from symbolic.code.sign_of_values import is_nonnegative_array
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol

MOST_TERMS = 4
DEEPEST = 8  # products in products that are read

_x, _y = kernel_symbol(0), kernel_symbol(1)
_OF_TWO = sympy.Lambda((_x, _y), sympy.sqrt(_x**2 + _y**2))

HYPOT = '''def hypot(a, b):
    """sqrt(a**2 + b**2), of which no square overflows or vanishes."""
    if max(np.size(a), np.size(b)) < 1000:
        return np.hypot(a, b)
    with np.errstate(over="ignore"):
        square = a * a + b * b
    if square.min() > 1e-30 and square.max() < 1e38:
        return np.sqrt(square)
    return np.hypot(a, b)
'''


def as_hypotenuse(node: Expression) -> Expression:
    """An odd power of the root of a sum of squares as that power of a hypotenuse; else the node itself.

    >>> from symbolic.operations import sqrt
    >>> from symbolic.variables import vector
    >>> a, b = vector("a", "n"), vector("b", "n")
    >>> as_hypotenuse(sqrt(a * a + 4 * b**2)).children
    (a, 2*b)
    """
    if not isinstance(node, Elementwise):
        return node
    power = node.kernel.expr
    if not power.is_Pow or power.base != _x or not (2 * power.exp).is_Integer:
        return _opened(node)
    times = 2 * power.exp
    root = _hypotenuse(node.operands[0]) if times.is_odd and times > 0 else None
    if root is None:
        return node
    return root if times == 1 else Elementwise(sympy.Lambda((_x,), _x**times), [root])


def legs(expression: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """The a and b of a kernel `sqrt(a**2 + b**2)`, each a symbol or a positive number.

    >>> legs(sympy.sqrt(_x**2 + 1)), legs(sympy.sqrt(_x**2 + _y))
    ((x0, 1), None)
    """
    total = expression.base if expression.is_Pow and expression.exp == sympy.S.Half else None
    if total is None or not total.is_Add or len(total.args) != 2:
        return None
    found = []
    for term in sorted(total.args, key=lambda each: (each.is_number, str(each))):
        if term.is_number and term.is_positive:
            found.append(sympy.sqrt(term))
        elif term.is_Pow and term.exp == 2 and term.base.is_Symbol:
            found.append(term.base)
    return (found[0], found[1]) if len(found) == 2 and found[0].is_Symbol else None


def legs_of(node: Expression) -> set[Expression]:
    """The arrays that a hypotenuse is no shorter than, but for a number; none for other nodes."""
    if not isinstance(node, Elementwise) or legs(node.kernel.expr) is None:
        return set()
    found = {core for each in node.operands if (core := factor_and_core(each)[1]) is not None}
    return found.union(*map(legs_of, found))


def _opened(node: Elementwise) -> Elementwise:
    """A kernel with roots of sums of squares of its operands inside, as a kernel of hypotenuses."""
    expression, operands = node.kernel.expr, list(node.operands)
    roots = [
        power
        for power in expression.atoms(sympy.Pow)
        if power != _OF_TWO.expr and power.base.is_Add and (2 * power.exp).is_odd
    ]
    if legs(expression) is not None or not roots:
        return node
    for power in sorted(roots, key=str):
        symbols = sorted(power.base.free_symbols, key=str)
        if not set(symbols) <= set(node.kernel.variables):
            continue
        at = [operands[node.kernel.variables.index(symbol)] for symbol in symbols]
        terms = [_of_kernel(term, symbols, at) for term in power.base.args]
        root = _hypotenuse(Sum(terms)) if all(term.shape == node.shape for term in terms) else None
        if root is not None:
            symbol = kernel_symbol(len(operands))
            operands.append(root)
            expression = expression.xreplace({power: symbol ** (2 * power.exp)})
    if expression == node.kernel.expr:
        return node
    held = [k for k in range(len(operands)) if expression.has(kernel_symbol(k))]
    renamed = {kernel_symbol(k): kernel_symbol(place) for place, k in enumerate(held)}
    kernel = sympy.Lambda(tuple(renamed.values()), expression.xreplace(renamed))
    return Elementwise(kernel, [operands[k] for k in held])


def _of_kernel(
    term: sympy.Expr, symbols: Sequence[sympy.Symbol], operands: Sequence[Expression]
) -> Expression:
    """A term of a kernel as a node."""
    like = operands[0]
    if term.is_number:
        return Contraction((), (), range(like.rank), dict(enumerate(like.shape)), term)
    held = [k for k, symbol in enumerate(symbols) if term.has(symbol)]
    renamed = {symbols[k]: kernel_symbol(place) for place, k in enumerate(held)}
    number, rest = term.as_coeff_Mul()
    kernel = sympy.Lambda(tuple(renamed.values()), rest.xreplace(renamed))
    if kernel.expr == _x:
        return scaled(number, operands[held[0]])
    return scaled(number, Elementwise(kernel, [operands[k] for k in held]))


def _hypotenuse(node: Expression) -> Expression | None:
    """The root of a sum of squares."""
    total = meaning(node)
    if not isinstance(total, Sum) or not 1 < len(total.terms) <= MOST_TERMS:
        return None
    squares, others = [], []
    for term in total.terms:
        root = _root(term)
        if root is not None:
            squares.append(root)
            continue
        other = _root_of_scalar(term)
        if other is None:
            return None
        others.append(other)
    if not squares:
        return None
    whole, *rest = [*squares, *(each for each in others if isinstance(each, Expression))]
    numbers = [each for each in others if not isinstance(each, Expression)]
    for each in rest:
        whole = Elementwise(_OF_TWO, [whole, each])
    for number in numbers:
        whole = Elementwise(sympy.Lambda((_x,), sympy.sqrt(_x**2 + number)), [whole])
    return whole


def _root_of_scalar(term: Expression) -> Expression | sympy.Expr | None:
    """A positive number itself, or the root of a repeated scalar that is not negative."""
    factor, core = factor_and_core(term)
    if not factor.is_number or not factor.is_positive:
        return None
    if core is None:
        return factor
    inner = meaning(core)
    repeated = isinstance(inner, Contraction) and inner.labels == ((),) and not inner.summed
    scalar = inner.children[0] if repeated else inner
    if scalar.rank or not is_nonnegative_array(scalar):
        return None
    root = scaled(sympy.sqrt(factor), Elementwise(sympy.Lambda((_x,), sympy.sqrt(_x)), [scalar]))
    return Contraction([root], [()], range(term.rank), dict(enumerate(term.shape)))


def _root(term: Expression, depth: int = 0) -> Expression | None:
    """r, where the term is r**2 for some array r."""
    factor, core = factor_and_core(term)
    if core is None or not factor.is_number or not factor.is_positive or depth > DEEPEST:
        return None
    inner = meaning(core)
    found = None
    if isinstance(inner, Elementwise):
        found = _root_of_kernel(inner, depth + 1)
    elif isinstance(inner, Contraction):
        found = _root_of_product(inner, depth + 1)
    return None if found is None else scaled(sympy.sqrt(factor), found)


def _root_of_kernel(node: Elementwise, depth: int) -> Expression | None:
    """The root of a product of even powers, and of odd powers of squares."""
    powers = powers_of_operands(node.kernel)
    if powers is None or not all(exponent.is_Integer for _, exponent in powers):
        return None
    operands = list(node.operands)
    factors = []
    for place, exponent in powers:
        if exponent.is_odd:
            root = _root(operands[place], depth)
            if root is None:
                return None
            operands[place], exponent = root, 2 * exponent
        factors.append(node.kernel.variables[place] ** (exponent / 2))
    kernel = sympy.Mul(*factors)
    if kernel == _x:
        return operands[0]
    return Elementwise(sympy.Lambda(node.kernel.variables, kernel), operands)


def _root_of_product(node: Contraction, depth: int) -> Expression | None:
    """The root of a product of squares, entry by entry; factors may stand twice or be repeated."""
    if node.summed or not node.operands or len(set(node.output)) < len(node.output):
        return None
    if not node.coefficient.is_number or not node.coefficient.is_positive:
        return None
    factors: list[tuple[Expression, tuple[int, ...]]] = []
    for (operand, at), times in Counter(zip(node.operands, node.labels, strict=True)).items():
        factors += [(operand, at)] * (times // 2)
        if times % 2:
            root = _root(operand, depth)
            if root is None:
                return None
            factors.append((root, at))
    operands, labels = zip(*factors, strict=True)
    sizes = dict(enumerate(node.sizes))
    root = sympy.sqrt(node.coefficient)
    if all(at == node.output for at in labels) and root == 1 and len(operands) > 1:
        return multiplied(operands)
    if labels == (node.output,) and root == 1:
        return operands[0]
    return Contraction(operands, labels, node.output, sizes, root)
