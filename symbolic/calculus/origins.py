"""What a simplified derivative was before simplification, and with it what it assumes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import sympy

from symbolic.algebra.simplification import simplify
from symbolic.domains import domain_of
from symbolic.functions import ELEMENTWISE, elementwise_function, polygamma_order
from symbolic.nodes import Apply, Elementwise, Expression, Variable
from symbolic.structured import structured_function
from symbolic.traverse import postorder, substitute, variables

_origins: WeakKeyDictionary[Expression, Expression] = WeakKeyDictionary()
_stated: WeakKeyDictionary[Expression, tuple[Assumption, ...]] = WeakKeyDictionary()

_IMPLIES = {"invertible": {"invertible", "spd", "orthogonal"}, "spd": {"spd"}}
_MEANING = {"spd": "symmetric positive definite"}
_EVERYWHERE = {"all real x", "all real z", "finite z", "all square A"}


_COMPARED = re.compile(r"^x(?= (>|<|!=|>=|<=) )")  # a condition on what it is about


@dataclass(frozen=True)
class Assumption:
    """One thing a result rests on: what it is about, and what has to hold."""

    about: Expression
    statement: str

    def __str__(self) -> str:
        if _COMPARED.match(self.statement):
            return _COMPARED.sub(str(self.about), self.statement)
        return f"{self.about}: {self.statement}"


def remember(raw: Expression, stated: Sequence[Assumption] = ()) -> Expression:
    """The expression simplified, with what it was kept for `assumptions`, and what it is said to assume."""
    result = simplify(raw)
    _origins[result] = raw
    _stated[result] = tuple(stated)
    return result


def origin(result: Expression) -> Expression:
    """What a derivative was before it was simplified; the expression itself where that is not known."""
    return _origins.get(result, result)


def assumptions(result: Expression) -> tuple[Assumption, ...]:
    """What a gradient, Jacobian, Hessian, expectation or simplified expression assumes.

    These are the domain conditions of the functions in it (an inverse needs an invertible matrix), the
    domains of variables without which it would read differently (the rows of y sum to one), and of an
    expectation that its covariance is one. Derivatives are taken as of their last computation.

    >>> from symbolic import gradient
    >>> g = gradient("-y @ log_softmax(z)", "z", {"z": "k", "y": "k: onehot"})
    >>> print(g, *assumptions(g), sep="; ")
    softmax(z) - y; y: rows with a single 1, else 0
    """
    raw = origin(result)
    conditions = [
        found for node in postorder([raw, result]) if (found := _condition(node)) is not None
    ]
    facts = [
        Assumption(variable, domain_of(variable.domain).meaning)
        for variable in variables(raw)
        if variable.domain != "real" and _matters(variable, raw, result)
    ]
    return tuple(dict.fromkeys([*_stated.get(result, ()), *conditions, *facts]))


def is_of_domain(assumption: Assumption) -> bool:
    """Whether an assumption is the domain of a variable, and no condition of a function."""
    about = assumption.about
    return isinstance(about, Variable) and domain_of(about.domain).meaning == assumption.statement


def _matters(variable: Variable, raw: Expression, result: Expression) -> bool:
    """Whether the result reads differently when nothing is known of a variable."""
    free = Variable(f"free_{variable.key.hex()}", variable.shape)
    other = simplify(substitute(raw, {variable: free}))
    return substitute(other, {free: variable}) is not result


def _condition(node: Expression) -> Assumption | None:
    if isinstance(node, Apply):
        entry = structured_function(node.function)
        operand = node.operand
        implied = _IMPLIES.get(entry.requires or "", ())
        if entry.condition in _EVERYWHERE or (
            isinstance(operand, Variable) and operand.domain in implied
        ):
            return None
        needed = entry.requires or f"{entry.condition}, in {node.function}"
        return Assumption(operand, _MEANING.get(needed, needed))
    if isinstance(node, Elementwise):
        if polygamma_order(node.kernel.expr) is not None:
            return Assumption(_first_argument(node), "x > 0, in polygamma")
        entry_of = elementwise_function(node.kernel.expr)
        if entry_of is None or entry_of.name not in ELEMENTWISE:
            return None
        if entry_of.condition in _EVERYWHERE:
            return None
        return Assumption(_first_argument(node), f"{entry_of.condition}, in {entry_of.name}")
    return None


def _first_argument(node: Elementwise) -> Expression:
    """The first argument of the function that a kernel is: an operand, or made of several."""
    kernel = node.kernel.expr
    argument = kernel.args[1 if isinstance(kernel, sympy.polygamma) else 0]
    known = dict(zip(node.kernel.variables, node.operands, strict=True))
    if argument in known or isinstance(kernel, (sympy.Max, sympy.Min)):
        return known.get(argument, node.operands[0])
    return simplify(Elementwise(sympy.Lambda(node.kernel.variables, argument), node.operands))
