"""Factors beside cases of which one is 0, taken into the cases: at the 0 the factors may be infinite.

`where(x > 0, 1, 0)/x` is computed as `where(x > 0, 1/x, 0)`: 0 at 0, not NaN. The cases may stand
in a product of their own: `(y*where(x > 0, 1, 0))/x` is `y*where(x > 0, 1/x, 0)`. A side of a kink is a
case too: `(1 + sign(u))*exp(x)` is `where(u < 0, 0, (1 + sign(u))*exp(x))`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import sympy

from symbolic.code.cancellation import meaning, multiplied
from symbolic.code.sides_of_kinks import side_of_kink
from symbolic.functions import relu, sigmoid, softplus, step
from symbolic.nodes import Contraction, Elementwise, Expression, kernel_symbol
from symbolic.traverse import entrywise

DEEPEST = 8  # products in products that are looked into for cases

_x = kernel_symbol(0)
_FINITE = (
    sigmoid,
    softplus,
    step,
    relu,
    sympy.tanh,
    sympy.sin,
    sympy.cos,
    sympy.erf,
    sympy.sign,
    sympy.Abs,
)

Labels = tuple[int, ...]
Path = tuple[int, ...]  # the place of an operand, that of an operand of it, and so on


def with_taken_cases(
    node: Expression, stable: Callable[[Contraction], Expression] = lambda product: product
) -> Expression:
    """A product with the factors that may be infinite inside the cases that they stand beside.

    A product that is left, outside of the cases or in them, is given to `stable`.

    >>> from symbolic.algebra.simplification import simplify
    >>> from symbolic.operations import compare, exp, where
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> with_taken_cases(simplify(where(compare(x, ">", 1), 1, 0) * exp(y)))
    where(x > 1, exp(y), 0)
    """
    while isinstance(node, Contraction):
        taken = _with_one_taken(node, stable)
        if taken is None:
            return stable(node)
        node = taken
    return node


def _with_one_taken(
    node: Contraction, stable: Callable[[Contraction], Expression]
) -> Expression | None:
    """The product with the factors beside the first cases taken, where there are any."""
    for place, operand in enumerate(node.operands):
        for at, path in _cases_in(operand, node.labels[place], DEEPEST):
            beside = [
                k
                for k, each in enumerate(node.operands)
                if k != place and _comparable(node.labels[k], at) and _may_overflow(each)
            ]
            if not beside:
                continue
            if not node.summed and at == node.output:
                rest = _changed_at((place, *path), node, None, stable)
                inside = [with_taken_cases(rest, stable)]
                return _changed_at((), _at(path, operand), inside, stable)
            axes = max((node.labels[k] for k in beside), key=len)
            if len(axes) <= len(at):
                axes = at
            elif path:
                continue
            else:
                operand = _with_axes(operand, at, axes, node)
            beside = [k for k in beside if set(node.labels[k]) <= set(axes)]
            factors = [_repeated(node.operands[k], node.labels[k], axes, node) for k in beside]
            whole = _changed_at(path, operand, factors, stable)
            return _product(node, {place: (whole, node.labels[place] if path else axes)}, beside)
    return None


def _comparable(one: Labels, other: Labels) -> bool:
    return set(one) <= set(other) or set(one) >= set(other)


def _repeated(operand: Expression, at: Labels, axes: Labels, node: Contraction) -> Expression:
    """A factor of a product along all of these axes of it."""
    if at == axes:
        return operand
    return Contraction([operand], [at], axes, dict(enumerate(node.sizes)))


def _with_axes(operand: Expression, at: Labels, axes: Labels, node: Contraction) -> Expression:
    """Cases of a product along all of these axes of it."""
    cases = _cases(meaning(operand))
    assert cases is not None
    kernel, given = cases
    return _elementwise(kernel, [_repeated(each, at, axes, node) for each in given])


def _at(path: Path, node: Expression) -> Expression:
    for place in path:
        node = meaning(node).children[place]
    return node


def _cases_in(node: Expression, labels: Labels, depth: int) -> Iterator[tuple[Labels, Path]]:
    """Where cases with a 0 stand in a product entry by entry, and their labels outside of it."""
    inner = meaning(node)
    if _cases(inner) is not None:
        yield labels, ()
    elif (
        depth
        and isinstance(inner, Contraction)
        and not inner.summed
        and len(set(inner.output)) == len(set(labels)) == len(labels)
    ):
        outside = dict(zip(inner.output, labels, strict=True))
        for k, each in enumerate(inner.operands):
            its = tuple(outside[label] for label in inner.labels[k])
            for at, path in _cases_in(each, its, depth - 1):
                yield at, (k, *path)


def _changed_at(
    path: Path,
    node: Expression,
    factors: Sequence[Expression] | None,
    stable: Callable[[Contraction], Expression],
) -> Expression:
    """A product with factors taken into the cases at the end of the path, or without the cases."""
    inner = meaning(node)
    if path:
        assert isinstance(inner, Contraction)
        place, *rest = path
        if factors is None and not rest:
            return _product(inner, {}, [place])
        changed = _changed_at(tuple(rest), inner.operands[place], factors, stable)
        return _product(inner, {place: (changed, inner.labels[place])})
    assert factors is not None
    cases = _cases(inner)
    assert cases is not None
    kernel, given = cases
    nonzero = [value for value, _ in kernel.args if value != 0]
    asked = sympy.Tuple(*(condition for _, condition in kernel.args))
    for k, operand in enumerate(given):
        if nonzero == [kernel_symbol(k)] and not asked.has(*nonzero):
            taken = with_taken_cases(multiplied([operand, *factors]), stable)
            held = (*given[:k], taken, *given[k + 1 :])
            return _elementwise(kernel, held)
    factor = sympy.Mul(*(kernel_symbol(len(given) + k) for k in range(len(factors))))
    values = [(value if value == 0 else value * factor, asked) for value, asked in kernel.args]
    held = (*given, *factors)
    return _elementwise(sympy.Piecewise(*values, evaluate=False), held)


def _elementwise(kernel: sympy.Expr, held: Sequence[Expression]) -> Elementwise:
    return Elementwise(sympy.Lambda(tuple(map(kernel_symbol, range(len(held)))), kernel), held)


def _product(
    node: Contraction, new: dict[int, tuple[Expression, Labels]], without: Sequence[int] = ()
) -> Expression:
    """A product with new operands at some places, and without those at others."""
    left = [k for k in range(len(node.operands)) if k not in without]
    pairs = [new.get(k, (node.operands[k], node.labels[k])) for k in left]
    operands, labels = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if len(left) == 1 and node.coefficient == 1 and labels[0] == node.output:
        return operands[0]
    return Contraction(operands, labels, node.output, dict(enumerate(node.sizes)), node.coefficient)


def _cases(inner: Expression) -> tuple[sympy.Piecewise, tuple[Expression, ...]] | None:
    side = side_of_kink(inner)
    if side is not None:
        number, sign, u = side
        beyond = _x < 0 if sign > 0 else _x > 0
        taken = number * (1 + sign * sympy.sign(_x))
        return sympy.Piecewise((0, beyond), (taken, True)), (u,)
    if not isinstance(inner, Elementwise):
        return None
    kernel = inner.kernel.expr
    if kernel == step(_x):
        kernel = sympy.Piecewise((1, _x > 0), (0, True))
    if isinstance(kernel, sympy.Piecewise) and any(value == 0 for value, _ in kernel.args):
        return kernel, inner.operands
    return None


def _may_overflow(node: Expression) -> bool:
    """Whether entries may be infinite or NaN at finite data; sums of products are not looked into."""
    return any(
        isinstance(each, Elementwise) and not _is_finite(each.kernel.expr)
        for each in entrywise(node)
    )


def _is_finite(kernel: sympy.Expr) -> bool:
    """Whether a kernel is finite at all finite numbers."""
    if kernel.is_Atom:
        return True
    if isinstance(kernel, sympy.Piecewise):
        return all(_is_finite(value) for value, _ in kernel.args)
    if kernel.is_Pow and not (kernel.exp.is_Integer and kernel.exp > 0):
        return False
    known = kernel.is_Add or kernel.is_Mul or kernel.is_Pow or isinstance(kernel, _FINITE)
    return known and all(map(_is_finite, kernel.args))
