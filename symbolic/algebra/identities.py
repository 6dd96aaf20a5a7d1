"""Laws beyond algebra: identities of named functions and facts of domains, one table.

A canonicalizer is given the names of the laws it may use; `simplify` uses all of them, a step of a
derivation uses the one it names.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symbolic.algebra.contractions import Factor, Product
from symbolic.domains import domain_of
from symbolic.functions import sigmoid, softplus
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Named,
    Variable,
    kernel_symbol,
)


@dataclass(frozen=True)
class Law:
    """One law: its name, what it says, when it holds, and where it is from."""

    name: str
    statement: str
    condition: str
    source: str


_BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006)"
_GOODFELLOW = "Goodfellow, Bengio, Courville, Deep Learning (2016)"

LAWS = {
    law.name: law
    for law in (
        Law(
            "log of softmax",
            "log(softmax(z)) = log_softmax(z) and exp(log_softmax(z)) = softmax(z)",
            "finite z",
            "the definition of log-softmax",
        ),
        Law(
            "log of sigmoid",
            "log(sigmoid(z)) = -softplus(-z) and log(1 - sigmoid(z)) = -softplus(z)",
            "all real z",
            _GOODFELLOW,
        ),
        Law("reflection of sigmoid", "sigmoid(-z) = 1 - sigmoid(z)", "all real z", _BISHOP),
        Law("definition of sigmoid", "sigmoid(z) = 1/(1 + exp(-z))", "all real z", _BISHOP),
        Law("definition of softplus", "log(1 + exp(z)) = softplus(z)", "all real z", _GOODFELLOW),
        Law(
            "definition of softmax",
            "exp(z)/sum(exp(z)) = softmax(z)",
            "finite z",
            _BISHOP,
        ),
        Law(
            "definition of logsumexp",
            "log(sum(exp(z))) = logsumexp(z)",
            "finite z",
            "Blanchard, Higham, Higham, IMA J. Numer. Anal. 41 (2021)",
        ),
        Law("reflection of softplus", "softplus(-z) = softplus(z) - z", "all real z", _GOODFELLOW),
        Law(
            "parity of sign",
            "sign(-u) = -sign(u)",
            "all real u",
            "the definition of sign",
        ),
        Law(
            "product with its sign",
            "u*sign(u) = abs(u), abs(u)*sign(u) = u",
            "all real u",
            "the definition of sign",
        ),
        Law(
            "hinge and step",
            "relu(u)*step(u) = relu(u), maximum(0, u)*step(u) = maximum(0, u), step(u)**2 = step(u)",
            "all real u",
            "the definitions of relu and step",
        ),
        Law(
            "hyperbolic quotient",
            "sinh(u)/cosh(u) = tanh(u)",
            "all real u",
            "the definition of tanh",
        ),
        Law(
            "sums to one",
            "sum(p) = 1",
            "p is a softmax, or its domain is prob, prob columns or onehot",
            "the definition of the domain",
        ),
        Law("squared norm", "norm(x)**2 = sum(x**2)", "real x", "the definition of the norm"),
        Law(
            "definition of the norm",
            "sqrt(sum(x**2)) = norm(x)",
            "real x",
            "the definition of the norm",
        ),
        Law(
            "unit length",
            "v @ v = 1",
            "the domain of v is unit_norm",
            "the definition of the domain",
        ),
        Law(
            "inverse",
            "A @ inv(A) = inv(A) @ A = I, inv(inv(A)) = A, inv(c*A) = inv(A)/c, "
            "det(inv(A)) = 1/det(A), inv(Q) = Q.T for orthogonal Q",
            "A is invertible",
            "Petersen, Pedersen, The Matrix Cookbook (2012)",
        ),
        Law(
            "plus or minus one",
            "y**2 = 1",
            "the domain of y is pm1",
            "the definition of the domain",
        ),
        Law(
            "zero or one",
            "y**2 = y",
            "the domain of y is binary or onehot",
            "the definition of the domain",
        ),
        Law(
            "binary selection",
            "where(y == 1, a, b) = y*a + (1 - y)*b",
            "the domain of y is binary",
            "the definition of the domain",
        ),
    )
}
ALL_LAWS = frozenset(LAWS)
SIMPLIFYING_LAWS = ALL_LAWS - {"reflection of softplus", "binary selection", "squared norm"}


def node_identity(node: Elementwise, laws: frozenset[str]) -> Expression | None:
    """What a node with a function is by one of the laws."""
    (first, *others) = node.operands
    kernel, x = node.kernel.expr, kernel_symbol(0)
    if "log of softmax" in laws and isinstance(first, Apply) and not others:
        if first.function == "softmax" and kernel == sympy.log(x):
            return Apply("log_softmax", first.operand, first.axis)
        if first.function == "log_softmax" and kernel == sympy.exp(x):
            return Apply("softmax", first.operand, first.axis)
    if "squared norm" in laws and isinstance(first, Apply) and kernel == x**2:
        return _squares_summed(first) if first.function == "norm" else None
    if "binary selection" in laws and isinstance(kernel, sympy.Piecewise):
        return _selected(node)
    if "definition of the norm" in laws and not others and kernel.is_Pow and kernel.base == x:
        return _norm_of_squares(first, kernel.exp)
    return None


def _norm_of_squares(total: Expression, exponent: sympy.Expr) -> Expression | None:
    """(sum(u**2))**(k/2) as norm(u)**k, for odd k."""
    if not (exponent.is_Rational and exponent.q == 2):
        return None
    if not isinstance(total, Contraction) or len(total.operands) != 1 or total.coefficient != 1:
        return None
    (square,), (at,), x = total.operands, total.labels, kernel_symbol(0)
    summed = [axis for axis, label in enumerate(at) if label in total.summed]
    in_order = list(total.output) == [label for label in at if label in total.output]
    if len(set(at)) < len(at) or not in_order or not summed:
        return None
    if not isinstance(square, Elementwise) or square.kernel.expr != x**2:
        return None
    whole = len(summed) == len(at)
    if not whole and len(summed) > 1:
        return None
    length = Apply("norm", square.operands[0], None if whole else summed[0])
    power = sympy.Integer(exponent.p)
    return length if power == 1 else Elementwise(sympy.Lambda((x,), x**power), [length])


def _squares_summed(norm: Apply) -> Expression:
    axes = tuple(range(norm.operand.rank))
    kept = [axis for axis in axes if norm.axis is not None and axis != norm.axis]
    return Contraction([norm.operand**2], [axes], kept)


def _selected(node: Elementwise) -> Expression | None:
    """where(y == 1, a, b) as y*a + (1 - y)*b for binary y."""
    x = [kernel_symbol(i) for i in range(4)]
    cases = node.kernel.expr.args
    if len(node.operands) != 4 or [case.expr for case in cases] != [x[2], x[3]]:
        return None
    if cases[0].cond != sympy.Eq(x[0], x[1]):
        return None
    y, one, a, b = node.operands
    if not _is_binary(y):
        y, one = one, y
    if not (_is_binary(y) and isinstance(one, Contraction) and not one.operands):
        return None
    if one.coefficient not in (0, 1) or len(set(one.output)) < one.rank:
        return None
    yes, no = (a, b) if one.coefficient == 1 else (b, a)
    return y * yes + (1 - y) * no


def _is_binary(node: Expression) -> bool:
    return isinstance(node, Variable) and domain_of(node.domain).idempotent


def kernel_identity(expression: sympy.Expr, laws: frozenset[str]) -> sympy.Expr:
    """A kernel with the laws of elementwise functions applied throughout."""
    if "log of sigmoid" in laws and expression.has(sigmoid):
        expression = expression.replace(sympy.log, _log)
    if "reflection of softplus" in laws and expression.has(softplus):
        expression = expression.replace(softplus, _reflected)
    return expression


def _log(argument: sympy.Expr) -> sympy.Expr:
    if isinstance(argument, sigmoid):
        return -softplus(-argument.args[0])
    rest = 1 - argument
    if isinstance(rest, sigmoid):
        return -softplus(rest.args[0])
    return sympy.log(argument)


def _reflected(argument: sympy.Expr) -> sympy.Expr:
    if argument.could_extract_minus_sign():
        return softplus(-argument) + argument
    return softplus(argument)


def summing_axes(node: Expression) -> tuple[int, ...]:
    """The axes along which the entries of a node sum to one; () if it has no such axes."""
    while isinstance(node, Named):
        node = node.meaning
    if isinstance(node, Variable):
        axis = domain_of(node.domain).sums_to_one
        return () if axis is None else (node.rank + axis,)
    if isinstance(node, Apply) and node.function == "softmax":
        return tuple(range(node.rank)) if node.axis is None else (node.axis,)
    return _axes_of_mean(node) if isinstance(node, Contraction) else ()


def _axes_of_mean(node: Contraction) -> tuple[int, ...]:
    """The axes along which a mean of distributions sums to one, as each of them does."""
    if len(node.operands) != 1 or len(node.summed) != 1:
        return ()
    ((inner,), (labels,), (gone,)) = node.operands, node.labels, node.summed
    left = tuple(label for label in labels if label != gone)
    if left != node.output or node.coefficient * node.sizes[gone] != 1:
        return ()
    return tuple(left.index(labels[axis]) for axis in summing_axes(inner) if labels[axis] != gone)


def use_facts(product: Product, output: tuple[int, ...], laws: frozenset[str]) -> None:
    """Sums of probabilities and squared lengths of unit vectors become 1 in a product."""
    target = {product.root(label) for label in output}
    changed = bool(laws & {"sums to one", "unit length"})
    while changed:
        changed = False
        factors = product.resolved()
        for place, factor in enumerate(factors):
            others = {x for i, (_, at) in enumerate(factors) if i != place for x in at} | target
            gone: set[int] = set()
            if "sums to one" in laws:
                gone = _summed_to_one(factor, others)
            if "unit length" in laws and not gone:
                gone = _of_unit_length(factor, others)
            if gone:
                product.factors = [each for i, each in enumerate(factors) if i != place]
                product.touched = {x for x in product.touched if product.root(x) not in gone}
                changed = True
                break


def _summed_to_one(factor: Factor, others: set[int]) -> set[int]:
    """The labels over which a factor sums to one, if nothing else depends on them."""
    node, at = factor
    labels = {at[axis] for axis in summing_axes(node)}
    return labels if len(set(at)) == len(at) and not labels & others else set()


def _of_unit_length(factor: Factor, others: set[int]) -> set[int]:
    node, at = factor
    if not isinstance(node, Elementwise) or node.kernel.expr != kernel_symbol(0) ** 2:
        return set()
    inner = node.operands[0]
    while isinstance(inner, Named):
        inner = inner.meaning
    unit = isinstance(inner, Variable) and inner.domain == "unit_norm"
    return set(at) if unit and len(set(at)) == len(at) and not set(at) & others else set()
