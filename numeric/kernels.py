"""Kernels as programs: a SymPy scalar expression written out as a list of elementary operations.

Every arithmetic (balls, rationals, floats) runs the same list, so the meaning of a kernel is
written down once. Functions that a page leaves unspecified, such as f in f(x), get one fixed smooth
meaning each,

    f(u) = sum_i a_i sin(b_i u_i) + c_i u_i + d_i u_i^2,

with rational coefficients that depend on the name only; SymPy differentiates that formula exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.core.operations import LatticeOp

from numeric.balls import ENCLOSED
from numeric.errors import Undecided
from symbolic.functions import Unspecified

CONSTANTS = {
    sympy.pi: "pi",
    sympy.E: "e",
    sympy.EulerGamma: "euler",
    sympy.Catalan: "catalan",
}

RELATIONS = {
    sympy.Eq: "==",
    sympy.Ne: "!=",
    sympy.Lt: "<",
    sympy.Le: "<=",
    sympy.Gt: ">",
    sympy.Ge: ">=",
}

HEADS = {
    "Abs": "abs",
    "loggamma": "lgamma",
    "atanh": "arctanh",
    "Heaviside": "heaviside",
    "LambertW": "lambertw",
    "airyai": "airy_ai",
    "airybi": "airy_bi",
    "fresnels": "fresnel_s",
    "fresnelc": "fresnel_c",
    "Ei": "ei",
    "Si": "si",
    "Ci": "ci",
    "Shi": "shi",
    "Chi": "chi",
}


@dataclass(frozen=True)
class Operation:
    """One elementary operation; `arguments` are positions of earlier ones in the program.

    `name` is one of number, constant, size, operand, add, multiply, power (a rational exponent in
    `parameter`), general_power, apply (a function's name and an order in `parameter`), foreign (a
    function of SymPy that has no enclosure), maximum, minimum, compare (a relation), and, or, not,
    truth, select (value and condition in turn).
    """

    name: str
    arguments: tuple[int, ...]
    parameter: Any = None


Program = tuple[Operation, ...]
Sizes = Mapping[sympy.Symbol, int]

_MOST_BITS = 10**6  # of a power of sizes


def compile_kernel(
    kernel: sympy.Lambda, sizes: Sizes | None = None, *, foreign: bool = False
) -> Program:
    """The program of an elementwise kernel; operand k is its variable number k.

    With `sizes`, their letters are replaced first, so that floor(n/2) is a number. With `foreign`,
    functions that have no enclosure become operations too; else they raise `Undecided`.

    >>> x, y = sympy.symbols("x y")
    >>> [operation.name for operation in compile_kernel(sympy.Lambda((x, y), x * y + 1))]
    ['number', 'operand', 'operand', 'multiply', 'add']
    """
    return _compiled(_at(kernel.expr, sizes), tuple(kernel.variables), foreign)


def compile_scalar(
    expression: sympy.Expr, sizes: Sizes | None = None, *, foreign: bool = False
) -> Program:
    """The program of an expression in sizes only.

    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> compile_scalar(sympy.floor(n / 2), {n: 5})[0].parameter
    Fraction(2, 1)
    """
    return _compiled(_at(expression, sizes), (), foreign)


def _at(expression: sympy.Basic, sizes: Sizes | None) -> sympy.Basic:
    if not sizes or not expression.free_symbols & sizes.keys():
        return expression
    return _replaced(expression, {letter: sympy.Integer(n) for letter, n in sizes.items()}).doit()


def _replaced(node: sympy.Basic, numbers: Mapping[sympy.Symbol, sympy.Integer]) -> sympy.Basic:
    """An expression with numbers for sizes; a power of them beyond all bounds is refused."""
    if not node.free_symbols & numbers.keys():
        return node
    if node in numbers:
        return numbers[node]
    args = [_replaced(arg, numbers) for arg in node.args]
    if isinstance(node, sympy.Pow) and all(isinstance(arg, sympy.Integer) for arg in args):
        base, exponent = (int(arg) for arg in args)
        if abs(exponent) * base.bit_length() > _MOST_BITS:
            raise Undecided(str(node), "a number too large to be worked out", "use smaller sizes")
    return node.func(*args)


@lru_cache(maxsize=8192)
def _compiled(expression: sympy.Basic, symbols: tuple[sympy.Symbol, ...], foreign: bool) -> Program:
    if expression.has(AppliedUndef, Unspecified):
        expression = expression.replace(_is_unspecified, _fixed_meaning).doit()
    place: dict[sympy.Basic, int] = {}
    program: list[Operation] = []
    stack = [expression]
    while stack:
        node = stack[-1]
        if node in place:
            stack.pop()
            continue
        needed = _needed(node)
        waiting = [child for child in needed if child not in place]
        if waiting:
            stack.extend(reversed(waiting))
            continue
        stack.pop()
        place[node] = len(program)
        arguments = tuple(place[child] for child in needed)
        if foreign and _is_foreign(node):
            program.append(Operation("foreign", arguments, node.func))
        else:
            program.append(_operation(node, arguments, symbols))
    return tuple(program)


def _is_foreign(node: sympy.Basic) -> bool:
    """Whether a function has no enclosure."""
    if not isinstance(node, sympy.Function) or isinstance(
        node, (sympy.polygamma, sympy.Heaviside, sympy.DiracDelta, sympy.Piecewise, LatticeOp)
    ):
        return False
    name = type(node).__name__
    return len(node.args) != 1 or HEADS.get(name, name) not in ENCLOSED


def _needed(node: sympy.Basic) -> tuple[sympy.Basic, ...]:
    """The subexpressions an operation takes; numbers in fixed places are parameters instead."""
    if node.is_Number or node.is_Symbol or node in CONSTANTS:
        return ()
    if isinstance(node, sympy.Pow) and node.exp.is_Rational:
        return (node.base,)
    if isinstance(node, sympy.polygamma) and node.args[0].is_Integer:
        return (node.args[1],)
    if isinstance(node, (sympy.Heaviside, sympy.DiracDelta)):
        return (node.args[0],)
    if isinstance(node, sympy.Piecewise):
        return tuple(part for pair in node.args for part in pair.args)
    if isinstance(node, (sympy.Derivative, sympy.Subs)):
        return ()
    return node.args


def _operation(
    node: sympy.Basic, arguments: tuple[int, ...], symbols: tuple[sympy.Symbol, ...]
) -> Operation:
    if node.is_Symbol:
        if node in symbols:
            return Operation("operand", (), symbols.index(node))
        return Operation("size", (), node)
    if node.is_Number:
        return Operation("number", (), _fraction(node))
    if node in CONSTANTS:
        return Operation("constant", (), CONSTANTS[node])
    if isinstance(node, sympy.Pow):
        if node.exp.is_Rational:
            return Operation("power", arguments, _fraction(node.exp))
        return Operation("general_power", arguments)
    if isinstance(node, sympy.polygamma):
        if len(arguments) != 1:
            raise _unknown(node)
        return Operation("apply", arguments, ("polygamma", int(node.args[0])))
    for head, name in (
        (sympy.Add, "add"),
        (sympy.Mul, "multiply"),
        (sympy.Max, "maximum"),
        (sympy.Min, "minimum"),
        (sympy.Piecewise, "select"),
        (sympy.And, "and"),
        (sympy.Or, "or"),
        (sympy.Not, "not"),
    ):
        if isinstance(node, head):
            return Operation(name, arguments)
    if node in (sympy.true, sympy.false):
        return Operation("truth", (), bool(node))
    for head, relation in RELATIONS.items():
        if isinstance(node, head):
            return Operation("compare", arguments, relation)
    if isinstance(node, sympy.Function) and not _is_foreign(node):
        name = type(node).__name__
        return Operation("apply", arguments, (HEADS.get(name, name), 0))
    raise _unknown(node)


def _fraction(number: sympy.Expr) -> Fraction:
    if not number.is_finite:
        raise Undecided(f"the number {number}", "not a real number", "give a finite kernel")
    rational = sympy.Rational(number)
    return Fraction(int(rational.p), int(rational.q))


def _unknown(node: sympy.Basic) -> Undecided:
    return Undecided(
        f"the kernel part {node}",
        "it has no enclosure",
        "write it with functions of the table, or use approximate, which guarantees nothing",
    )


def _is_unspecified(node: sympy.Basic) -> bool:
    return isinstance(node, (AppliedUndef, Unspecified))


def _fixed_meaning(node: sympy.Expr) -> sympy.Expr:
    if isinstance(node, Unspecified):
        u = sympy.Dummy(real=True)
        plain = _fixed_meaning(sympy.Function(node.base)(u))
        return plain.diff(u, node.order).subs(u, node.args[0])
    total = sympy.S.Zero
    for place, argument in enumerate(node.args):
        a, b, c, d = (
            sympy.Rational(each.numerator, each.denominator)
            for each in fixed_coefficients(node.func.__name__, place, 4)
        )
        total += a * sympy.sin(b * argument) + c * argument + d * argument**2
    return total


def fixed_coefficients(name: str, place: int, count: int) -> list[Fraction]:
    """Rational coefficients that depend on a name and a position only, between 1/4 and 2.

    >>> fixed_coefficients("f", 0, 2) == fixed_coefficients("f", 0, 2)
    True
    """
    digest = hashlib.blake2b(f"{name}:{place}".encode(), digest_size=2 * count).digest()
    return [Fraction(4 + digest[2 * i] % 29, 16 + digest[2 * i + 1] % 3) for i in range(count)]
