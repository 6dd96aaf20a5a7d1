"""Local derivatives as people mistake them: of an elementwise function, of softmax and its like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy

from derivations.verification.mistakes.slip import abridged, said, shown
from symbolic.calculus.accumulation import partial
from symbolic.functions import elementwise_function
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
from symbolic.operations import add, multiply, negative, ones, power, subtract

Parts = Sequence[tuple[Expression, Expression]]
_Choice = tuple[float, str, str, Expression]

_LONGEST = 32  # characters of a function without a name


@dataclass(frozen=True)
class Variant:
    """One way in which nodes misbehave: what they give to their operands instead."""

    cost: float
    kind: str
    detail: Callable[[], str]
    instead: Mapping[Expression, Parts]


def slopes(node: Elementwise, adjoint: Expression) -> Iterator[Variant]:
    """Other factors in the place of the slope of a function of one operand."""
    slope = partial(node, 0)
    if slope is None:
        return
    (operand,) = node.operands
    kernel = node.kernel.expr
    is_power = kernel.is_Pow and kernel.base == kernel_symbol(0)
    entry = None if is_power or not kernel.args else elementwise_function(kernel)
    name = entry.name if entry is not None else abridged(shown(node), _LONGEST) or "the function"
    left_out = 2.25 if is_power else 2.0  # of a square rather the factor is, or all of it
    choices: list[_Choice] = [
        (
            left_out,
            "missing chain factor",
            f"the derivative of {name} is left out",
            ones(*node.shape),
        ),
        (
            2.1,
            "function for derivative",
            f"{name} itself stands where its derivative belongs",
            node,
        ),
    ]
    choices += _of_power(operand, kernel.exp) if is_power else _of_function(node, slope, name)
    for cost, kind, words, factor in choices:
        part = (operand, _along(adjoint, factor))
        yield Variant(cost, kind, _told_of(words, node), {node: [part]})


def _told_of(words: str, node: Expression) -> Callable[[], str]:
    """Words about a node, which is named in brackets unless that is too long."""
    named = said(f"{words} ({{}})", node)
    return lambda: named() or words


def _of_power(operand: Expression, p: sympy.Expr) -> Iterator[_Choice]:
    kind = "wrong derivative of the power"
    for words, factor in (
        (f"factor {p} of the derivative of the power is missing", power(operand, p - 1)),
        ("the exponent is not lowered by one", p * power(operand, p)),
        ("the exponent is lowered by two", p * power(operand, p - 2)),
        ("the exponent after differentiation is wrong", p * operand),
    ):
        yield 2.2, kind, words, factor


_IN_OUTPUT: dict[str, Callable[[Expression], Expression]] = {
    "sigmoid": lambda s: multiply(s, subtract(1, s)),
    "tanh": lambda s: subtract(1, power(s, 2)),
    "exp": lambda s: s,
    "sqrt": lambda s: power(2 * s, -1),
}


def _of_function(node: Elementwise, slope: Expression, name: str) -> Iterator[_Choice]:
    (operand,) = node.operands
    kind = "derivative at the output"
    if isinstance(slope, Elementwise) and len(slope.operands) == 1:
        words = f"the derivative of {name} is taken at its output instead of its input"
        yield 2.1, kind, words, Elementwise(slope.kernel, [node])
    if name in _IN_OUTPUT:
        words = f"the formula in the output of {name} is evaluated at its input"
        yield 2.1, kind, words, _IN_OUTPUT[name](operand)
    yield 2.4, "sign", f"the derivative of {name} has the wrong sign", negative(slope)
    g = f"{name}(z)"
    for words, factor in (
        (f"1 - {g}**2", subtract(1, power(node, 2))),
        (f"{g}*(1 - {g})", multiply(node, subtract(1, node))),
        (f"{g}**2", power(node, 2)),
        (f"1 - {g}", subtract(1, node)),
        (f"1 + {g}**2", add(1, power(node, 2))),
        (f"{g}*(1 + {g})", multiply(node, add(1, node))),
        (f"1/{g}", power(node, -1)),
        (f"1 + {g}", add(1, node)),
        ("the argument", operand),
        ("the reciprocal of the argument", power(operand, -1)),
    ):
        sentence = f"{words} stands for the derivative of {name}"
        yield 2.2, f"wrong derivative of {name}", sentence, factor


def jacobians(node: Apply, adjoint: Expression) -> Iterator[Variant]:
    """Other maps in the place of the Jacobian of a function that keeps the shape of its operand."""
    name = node.function
    told = f"the Jacobian of {name} is left out"
    choices: list[_Choice] = [(2.0, "missing chain factor", told, ones(*node.shape))]
    if name == "softmax":
        square = subtract(1, power(node, 2))
        choices += [
            (
                1.6,
                "diagonal only",
                "only the diagonal p*(1 - p) of the Jacobian of softmax is used",
                multiply(node, subtract(1, node)),
            ),
            (
                1.7,
                "dropped term",
                "of the Jacobian diag(p) - p p.T of softmax the term p p.T is missing",
                node,
            ),
            (
                2.2,
                "wrong derivative of softmax",
                "1 - p**2 stands for the Jacobian of softmax",
                square,
            ),
        ]
    if name == "log_softmax":
        diagonal = subtract(1, Apply("softmax", node.operands, node.axis))
        words = "only the diagonal 1 - p of the Jacobian of log_softmax is used"
        choices.append((1.6, "diagonal only", words, diagonal))
    for cost, kind, words, factor in choices:
        part = (node.operand, _along(adjoint, factor))
        yield Variant(cost, kind, _told_of(words, node), {node: [part]})


def _along(adjoint: Expression, factor: Expression) -> Contraction:
    """An adjoint times a factor of the node's shape."""
    labels = list(range(adjoint.rank))
    return Contraction([adjoint, factor], [labels, labels[adjoint.rank - factor.rank :]], labels)
