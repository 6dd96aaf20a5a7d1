"""Derivatives of concrete expressions: by SymPy's rules, and no value where a kink may be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

import sympy

from numeric.errors import Undecided
from numeric.scalars.numbers_and_balls import Value, ball
from numeric.scalars.scope import Scope, depends, free, outermost

_MOST_ORDER = 40
_MOST_FACTORS = 100
_ROUNDED = (sympy.floor, sympy.ceiling, sympy.Mod, sympy.arg)
_KINKED = (sympy.Abs, sympy.sign, sympy.Heaviside)

By = tuple[tuple[sympy.Expr, int], ...]


def derivative_value(node: sympy.Derivative, scope: Scope) -> Value:
    """The value of a derivative where the symbols have their values; inner derivatives come first."""
    by = _orders(node, scope)
    if any(order < 0 for _, order in by) or sum(order for _, order in by) > _MOST_ORDER:
        raise Undecided(f"{node}", "its order is too high, or negative", "use a small order")
    by = tuple((variable, order) for variable, order in by if order)
    return _value(node.expr, by, scope)


def _orders(node: sympy.Derivative, scope: Scope) -> By:
    """The variables of a derivative, each with its order as a number."""
    return tuple(
        (variable, scope.integer(count, "the order")) for variable, count in node.variable_count
    )


def substitution_value(node: sympy.Subs, scope: Scope) -> Value:
    """The value of an expression with values put for some of its symbols."""
    points = zip(node.variables, node.point, strict=True)
    return scope.inside({variable: scope.value(point) for variable, point in points}).value(
        node.expr
    )


def _value(expression: sympy.Expr, by: By, scope: Scope) -> Value:
    if not by:
        return scope.value(expression)
    if isinstance(expression, sympy.Derivative):
        return _value(expression.expr, (*_orders(expression, scope), *by), scope)
    if isinstance(expression, sympy.Sum) and _terms_are_fixed(expression, by):
        return _sum_of_derivatives(expression, by, scope)
    if isinstance(expression, sympy.Add) and expression.has(sympy.Sum):
        return scope.arithmetic.add([_value(arg, by, scope) for arg in expression.args])
    for kink in kinks(expression, by):
        if not scope.knows(free(kink)):
            raise Undecided(
                f"a derivative of {expression}", f"{kink} may be 0 somewhere", "work it out by hand"
            )
        value = ball(scope.value(kink))
        if not value.is_finite() or value.contains(0):
            return scope.arithmetic.undefined(f"a derivative where {kink} may be 0")
    return scope.value(worked_out(_explicit(expression, scope), by))


def written_out(expression: sympy.Expr, scope: Scope) -> sympy.Expr:
    """The expression with its derivatives and substitutions worked out, for numbers in their orders."""
    return inner_worked_out(_explicit(expression, scope))


def _explicit(expression: sympy.Expr, scope: Scope) -> sympy.Expr:
    """The expression with its products written out, and with numbers for the orders of derivatives."""
    if not expression.has(sympy.Derivative, sympy.Product):
        return expression
    if isinstance(expression, sympy.Derivative):
        return sympy.Derivative(_explicit(expression.expr, scope), *_orders(expression, scope))
    args = [
        _explicit(arg, scope) if isinstance(arg, sympy.Expr) else arg for arg in expression.args
    ]
    if isinstance(expression, sympy.Product):
        inner, index, low, high = outermost(expression.func(*args))
        first, last = (scope.integer(bound, "the bound") for bound in (low, high))
        if not first - 1 <= last < first + _MOST_FACTORS:
            raise Undecided(f"a derivative of {expression}", "it has too many factors", "use fewer")
        return sympy.Mul(*(inner.subs(index, k) for k in range(first, last + 1)))
    return expression.func(*args)


def _terms_are_fixed(expression: sympy.Sum, by: By) -> bool:
    """Whether a sum is finite and its range does not change with the variables."""
    _, index, low, high = outermost(expression)
    variables = {variable for variable, _ in by}
    return not (
        {sympy.oo, -sympy.oo} & {low, high}
        or any(variable.has(index) for variable in variables)
        or any(depends(bound, variable) for bound in (low, high) for variable in variables)
    )


def _sum_of_derivatives(expression: sympy.Sum, by: By, scope: Scope) -> Value:
    inner, index, low, high = outermost(expression)
    return scope.value(sympy.Sum(sympy.Derivative(inner, *by), (index, low, high)))


def kinks(expression: sympy.Expr, by: By) -> Iterator[sympy.Expr]:
    """What must not be zero where an expression has a derivative: arguments of abs, sign, max, ...

    >>> x = sympy.Symbol("x", real=True)
    >>> list(kinks(sympy.Abs(x - 1) + sympy.Max(x, 2), ((x, 1),)))
    [x - 1, 2 - x]
    """
    for node in sympy.preorder_traversal(expression):
        if not any(depends(node, variable) for variable, _ in by):
            continue
        if isinstance(node, _ROUNDED):
            raise Undecided(f"a derivative of {node}", "it jumps", "differentiate something smooth")
        if isinstance(node, _KINKED):
            yield node.args[0]
        elif isinstance(node, (sympy.Max, sympy.Min)):
            yield from (a - b for a, b in combinations(node.args, 2))
        elif isinstance(node, sympy.Rel):
            yield node.lhs - node.rhs
        elif isinstance(node, sympy.Contains):
            raise Undecided(f"a derivative of {node}", "it is a condition", "use relations")


@lru_cache(maxsize=4096)
def worked_out(expression: sympy.Expr, by: By) -> sympy.Expr:
    """SymPy's derivative, free of derivatives by the same variables that it could not take.

    >>> x = sympy.Symbol("x", real=True)
    >>> worked_out(sympy.sin(x), ((x, 2),))
    -sin(x)
    """
    found = inner_worked_out(expression)
    for variable, order in by:
        if isinstance(variable, sympy.Symbol) and not found.has(variable):
            return sympy.S.Zero
        for _ in range(order):
            found = sympy.diff(found, variable)
    left = found.atoms(sympy.Derivative, sympy.Subs, sympy.DiracDelta)
    if left:
        raise Undecided(
            f"a derivative of {expression}",
            f"{next(iter(left))} is left over",
            "differentiate by hand",
        )
    return found


def inner_worked_out(expression: sympy.Expr) -> sympy.Expr:
    """The expression with the derivatives and substitutions inside it worked out by SymPy."""
    if not expression.has(sympy.Derivative, sympy.Subs, sympy.UnevaluatedExpr):
        return expression
    if isinstance(expression, sympy.UnevaluatedExpr):
        return inner_worked_out(expression.args[0])
    args = [
        inner_worked_out(arg) if isinstance(arg, sympy.Basic) else arg for arg in expression.args
    ]
    if isinstance(expression, sympy.Subs):
        inner, variables, point = args
        if inner.has(sympy.Derivative):
            raise Undecided(
                f"a derivative of {expression}", "it is nested", "work out the inner one"
            )
        return inner.xreplace(dict(zip(variables, point, strict=True)))
    rebuilt = expression.func(*args)
    if isinstance(rebuilt, sympy.Derivative) and not any(
        count.free_symbols for _, count in rebuilt.variable_count
    ):
        by = tuple((variable, int(count)) for variable, count in rebuilt.variable_count)
        if any(kinks(rebuilt.expr, by)):
            raise Undecided(
                f"a derivative of {rebuilt}", "it may have kinks", "work it out by hand"
            )
        return worked_out(rebuilt.expr, by)
    return rebuilt
