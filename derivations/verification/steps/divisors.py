"""What an expression divides by, and which of these numbers are certainly not zero."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic import Expression, Variable
from symbolic.algebra.regions import Region
from symbolic.algebra.signs import nonnegative
from symbolic.domains import domain_of
from symbolic.functions import sigmoid
from symbolic.nodes import Apply, Contraction, Elementwise, Named, Sum
from symbolic.operations import constant
from symbolic.traverse import postorder, unfold


def divisors(expression: Expression) -> tuple[Expression, ...]:
    """What an expression divides by and is not known to differ from zero.

    >>> from symbolic import parse
    >>> divisors(parse("a/b + a/(1 + exp(c)) + c/p", {"a": "", "b": "", "c": "", "p": ": positive"}))
    (b,)
    """
    return tuple(each for each in all_divisors(expression) if not _never_zero(each))


def all_divisors(expression: Expression) -> tuple[Expression, ...]:
    """Every expression that stands below a fraction line."""
    return tuple(dict.fromkeys(_below(unfold(expression))))


def sizes_below(expression: Expression) -> tuple[Expression, ...]:
    """The products of sizes, never zero, that a coefficient divides by.

    >>> from symbolic import parse
    >>> sizes_below(parse("mean(x) + sum(x)", {"x": "n"}))
    (n,)
    """
    coefficients = (
        sympy.sympify(node.coefficient)
        for node in postorder(unfold(expression))
        if isinstance(node, Contraction)
    )
    below = (sympy.denom(sympy.together(each)) for each in coefficients)
    return tuple(
        dict.fromkeys(constant(each) for each in below if each.free_symbols and each.is_nonzero)
    )


def _below(expression: Expression) -> Iterator[Expression]:
    for node in postorder(expression):
        if isinstance(node, Elementwise):
            names = dict(zip(node.kernel.variables, node.operands, strict=True))
            for power in node.kernel.expr.atoms(sympy.Pow):
                if power.exp.is_negative and power.base in names:
                    yield names[power.base]


def _never_zero(expression: Expression) -> bool:
    """Whether every entry is known to differ from zero."""
    known: dict[Expression, bool] = {}  # positive
    for node in postorder(expression):
        match node:
            case Variable():
                known[node] = domain_of(node.domain).positive
            case Contraction():
                factors = all(known[each] for each in node.operands)
                known[node] = bool(node.coefficient.is_positive) and factors
            case Sum():
                signs = [known[term] or nonnegative(term) for term in node.terms]
                known[node] = all(signs) and any(known[term] for term in node.terms)
            case Elementwise():
                kernel = node.kernel.expr
                power = kernel.is_Pow and kernel.exp.is_Rational and known[node.operands[0]]
                known[node] = bool(power) or kernel.func in (sympy.exp, sigmoid)
            case Apply():
                known[node] = node.function == "softmax"
            case Named():
                known[node] = known[node.meaning]
            case _:
                known[node] = False
    return known[expression] or _kernel_never_zero(expression)


def _kernel_never_zero(expression: Expression) -> bool:
    """The same for a function of real numbers, such as sigmoid(x) - 1 with sigmoid(x) = 1/(1 + e)."""
    region = Region(dict(enumerate(expression.shape)), Sum, frozenset())
    kernel = region.read(expression, tuple(range(expression.rank)))
    shares = {
        inner: 1 / (1 + sympy.Symbol(f"_e{place}", positive=True))
        for place, inner in enumerate(sorted(kernel.atoms(sigmoid), key=str))
    }
    return bool(sympy.factor(kernel.xreplace(shares)).is_nonzero)
