"""Which arrays have no negative entries, read off the nodes: enough to take square roots of weights."""

from __future__ import annotations

from functools import lru_cache

import sympy

from symbolic.domains import domain_of
from symbolic.functions import sigmoid, softplus, step
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Variable,
)
from symbolic.traverse import postorder

_NONNEGATIVE = {"softmax", "norm", "hardmax", "svdvals"}


def is_nonnegative_array(root: Expression) -> bool:
    """Whether no entry is negative; False also where that is not known.

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import vector
    >>> x = vector("x", "n")
    >>> is_nonnegative_array(exp(x) * exp(-x)), is_nonnegative_array(x * exp(x))
    (True, False)
    """
    known: dict[Expression, bool] = {}
    for node in postorder(root):
        known[node] = _is_nonnegative(node, known)
    return known[root]


def _is_nonnegative(node: Expression, known: dict[Expression, bool]) -> bool:
    match node:
        case Variable():
            return domain_of(node.domain).nonnegative
        case Iverson():
            return True
        case Named():
            return known[node.meaning]
        case Sum():
            return all(known[term] for term in node.terms)
        case Contraction():
            square = len(node.operands) == 2 and node.operands[0] is node.operands[1]
            factors = all(known[each] for each in node.operands)
            return bool(node.coefficient.is_nonnegative) and (
                factors or (square and node.labels[0] == node.labels[1])
            )
        case Elementwise():
            return _kernel(node.kernel, tuple(known[each] for each in node.operands))
        case Apply():
            keeps = node.function in {"max", "min", "prod"} and known[node.operand]
            return node.function in _NONNEGATIVE or keeps
        case _:
            return False


@lru_cache(maxsize=4096)
def _kernel(kernel: sympy.Lambda, signs: tuple[bool, ...]) -> bool:
    if isinstance(kernel.expr, step):
        return True
    # a quotient of polynomials is continuous, so positive operands tell about those that are zero
    known = {"positive": True} if kernel.expr.is_rational_function() else {"nonnegative": True}
    symbols = {
        variable: sympy.Symbol(variable.name, **known)
        for variable, sign in zip(kernel.variables, signs, strict=True)
        if sign
    }
    expression = kernel.expr.xreplace(symbols)
    positive = {
        inner: sympy.Symbol(f"_s{place}", positive=True)
        for place, inner in enumerate(expression.atoms(sigmoid, softplus))
    }
    return bool(expression.xreplace(positive).is_nonnegative)
