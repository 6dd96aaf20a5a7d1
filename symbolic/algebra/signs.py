"""Signs that can be proved: whether every entry of an expression is zero or greater."""

from __future__ import annotations

import sympy

from symbolic.algebra.factoring import factored
from symbolic.algebra.regions import Region
from symbolic.algebra.simplification import ALGEBRA
from symbolic.domains import domain_of
from symbolic.functions import sigmoid
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Named, Sum, Variable
from symbolic.traverse import postorder, unfold

_NONNEGATIVE_FUNCTIONS = {"softmax", "norm"}


def nonnegative(expression: Expression) -> bool:
    """Whether every entry is provably zero or greater; False also means that it is not known.

    Sums and products of nonnegative entries, squares, and kernels such as `p*(1 - p)` with p a sigmoid.

    >>> from symbolic.operations import sigmoid
    >>> from symbolic.variables import vector
    >>> x = vector("x", "n")
    >>> nonnegative(x @ x), nonnegative(sigmoid(x) * (1 - sigmoid(x))), nonnegative(x)
    (True, True, False)
    """
    whole = ALGEBRA.canonical(unfold(expression))
    known: dict[Expression, bool] = {}
    for node in postorder(whole):
        known[node] = _nonnegative(node, known)
    return known[whole]


def _nonnegative(node: Expression, known: dict[Expression, bool]) -> bool:
    match node:
        case Variable():
            return domain_of(node.domain).nonnegative
        case Named():
            return known[node.meaning]
        case Sum():
            return all(known[term] for term in node.terms) or _kernel_nonnegative(node)
        case Contraction():
            factors = all(known[operand] for operand in node.operands)
            return (bool(node.coefficient.is_nonnegative) and factors) or _kernel_nonnegative(node)
        case Elementwise():
            return _kernel_nonnegative(node)
        case Apply():
            return node.function in _NONNEGATIVE_FUNCTIONS
        case _:
            return False


def _kernel_nonnegative(node: Expression) -> bool:
    """Whether a real kernel is nonnegative for all real values of its generators.

    The kernel of a product is taken before its sum over indices.
    """
    if isinstance(node, Contraction):
        region = Region(dict(enumerate(node.sizes)), Sum, frozenset())
        factors = zip(node.operands, node.labels, strict=True)
        kernel = sympy.Mul(node.coefficient, *(region.read(each, at) for each, at in factors))
    else:
        region = Region(dict(enumerate(node.shape)), Sum, frozenset())
        kernel = region.read(node, tuple(range(node.rank)))
    # sigmoid(u) = 1/(1 + e) with e = exp(-u) > 0
    shares = {
        inner: 1 / (1 + sympy.Symbol(f"_e{place}", positive=True))
        for place, inner in enumerate(sorted(kernel.atoms(sigmoid), key=str))
    }
    return bool(factored(kernel.xreplace(shares)).is_nonnegative)
