"""What has to hold for an expression to have a value, besides the domains of its variables.

What it divides by is not 0, the argument of a logarithm is positive, a matrix that it inverts has an
inverse. What provably holds is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import sympy

from symbolic.algebra.signs import nonnegative
from symbolic.calculus.definiteness_rules import (
    is_invertible,
    is_never_zero,
    is_positive,
    is_positive_definite,
    is_positive_semidefinite,
)
from symbolic.calculus.origins import Assumption
from symbolic.functions import log1p
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Named, Sum, Variable
from symbolic.traverse import substitute, unfold

_OF_MATRICES: dict[str, tuple[str, Callable[[Expression], bool]]] = {
    "inv": ("invertible", is_invertible),
    "logdet": ("invertible", is_invertible),
    "cholesky": ("symmetric positive definite", is_positive_definite),
    "eigvecsh": ("distinct eigenvalues", lambda matrix: False),
    "svd_left": ("distinct singular values", lambda matrix: False),
    "svd_right": ("distinct singular values", lambda matrix: False),
}
_HOLDS: dict[str, Callable[[Expression], bool]] = {
    "!= 0": is_never_zero,
    "> 0": is_positive,
    ">= 0": lambda e: nonnegative(e) or is_positive(e) or _of_semidefinite(e),
    "> -1": lambda e: nonnegative(e) or is_positive(1 + e),
}
_POSITIVE_ARGUMENT = (sympy.log, sympy.gamma, sympy.loggamma)
_WHOLE = {"counts", "index", "binary"}
_SIGNS = ("x > 0", "x >= 0", "x != 0")
_NONZERO = {"unit_norm", "prob", "onehot", "positive"}  # domains without the zero vector


def conditions(expressions: Iterable[Expression]) -> tuple[Assumption, ...]:
    """What has to hold for expressions to have values, each once.

    >>> from symbolic import eye, inv, log, matrix, scalar
    >>> A, s, X = matrix("A", "n", "n"), scalar("s"), matrix("X", "n", "d")
    >>> print(*conditions([inv(A) / s, log(1 + s**2), inv(X.T @ X + eye("d"))]), sep="; ")
    A: invertible; s != 0
    """
    found: dict[Expression, dict[str, Assumption]] = {}
    for node in _that_count(expressions):
        for each in _of_node(node):
            found.setdefault(unfold(each.about), {}).setdefault(each.statement, each)
    needed = [each for alike in found.values() for each in _together(alike)]
    positive: dict[Expression, Expression] = {
        each.about: Variable(each.about.name, each.about.shape, "positive")
        for each in needed
        if isinstance(each.about, Variable) and each.statement == "x > 0"
    }
    return tuple(each for each in needed if not _follows(each, positive))


def _follows(condition: Assumption, positive: Mapping[Expression, Expression]) -> bool:
    """Whether a condition holds where some variables are positive."""
    holds = _HOLDS.get(condition.statement.removeprefix("x "))
    if holds is None or condition.about in positive:
        return False
    return holds(substitute(unfold(condition.about), positive))


def _together(alike: Mapping[str, Assumption]) -> Iterator[Assumption]:
    """The conditions on one expression, x >= 0 and x != 0 as x > 0."""
    if "x > 0" in alike or {"x >= 0", "x != 0"} <= alike.keys():
        yield replace(next(iter(alike.values())), statement="x > 0")
        alike = {word: each for word, each in alike.items() if word not in _SIGNS}
    yield from alike.values()


def _that_count(roots: Iterable[Expression]) -> Iterator[Expression]:
    """The nodes whose value is needed for that of the roots: not those of single cases alone."""
    waiting = list(roots)[::-1]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        yield node
        needed = node.children
        if isinstance(node, Elementwise) and node.kernel.expr.has(sympy.Piecewise):
            used = _outside_cases(node.kernel.expr)
            pairs = zip(node.kernel.variables, node.operands, strict=True)
            needed = tuple(operand for symbol, operand in pairs if symbol in used)
        fresh = [each for each in reversed(needed) if each not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


def _outside_cases(kernel: sympy.Basic) -> set[sympy.Basic]:
    """The symbols of a function of numbers that do not stand in single cases alone."""
    if isinstance(kernel, sympy.Piecewise):
        return set().union(*(_outside_cases(condition) for _, condition in kernel.args))
    if not kernel.args:
        return {kernel}
    return set().union(*map(_outside_cases, kernel.args))


def _of_semidefinite(e: Expression) -> bool:
    """Whether an expression is the eigenvalues of a positive semidefinite matrix."""
    whole = unfold(e)
    if not isinstance(whole, Apply) or whole.function != "eigvalsh":
        return False
    return is_positive_semidefinite(whole.operand)


def _of_node(node: Expression) -> Iterator[Assumption]:
    if isinstance(node, Apply) and node.function in _OF_MATRICES:
        needed, holds = _OF_MATRICES[node.function]
        if not holds(node.operands[0]):
            yield Assumption(node.operands[0], needed)
    elif isinstance(node, Elementwise):
        operands = dict(zip(node.kernel.variables, node.operands, strict=True))
        whole = [symbol for symbol, operand in operands.items() if _is_whole(operand)]
        for part, relation in _of_kernel(node.kernel.expr, whole):
            about = operands.get(part)
            if about is None:
                about = Elementwise(sympy.Lambda(node.kernel.variables, part), node.operands)
            yield from _unless_it_holds(about, relation)


def _unless_it_holds(about: Expression, relation: str) -> Iterator[Assumption]:
    """The condition in its shortest form, on each factor of a product; nothing where it holds."""
    if _HOLDS[relation](about):
        return
    base, exponent = _power(about)
    factors = _factors(about)
    if base is not about and (relation == "!= 0" or not exponent.is_even):
        yield from _unless_it_holds(base, relation)
    elif relation == "!= 0" and factors:
        for factor in factors:
            yield from _unless_it_holds(factor, relation)
    elif relation in ("> 0", ">= 0") and len(open_ones := _not_positive(factors)) == 1:
        yield from _unless_it_holds(open_ones[0], relation)
    elif relation == "!= 0" and (vector := _measured(about)) is not None:
        if not (isinstance(vector, Variable) and vector.domain in _NONZERO):
            yield Assumption(vector, "x != 0")
    else:
        yield Assumption(about, f"x {relation}")


def _power(e: Expression) -> tuple[Expression, sympy.Expr]:
    """The base and the exponent of a rational power; the expression itself to the power 1."""
    if isinstance(e, Elementwise) and len(e.operands) == 1:
        base, exponent = e.kernel.expr.as_base_exp()
        if base == e.kernel.variables[0] and exponent.is_Rational:
            return e.operands[0], exponent
    return e, sympy.S.One


def _factors(e: Expression) -> tuple[Expression, ...]:
    """The factors of a product whose sign is theirs; none where the expression is no such product."""
    whole = e.meaning if isinstance(e, Named) else e
    if not isinstance(whole, Contraction) or not whole.coefficient.is_positive:
        return ()
    labels = [*whole.labels, whole.output]
    plain = len(set(whole.output)) == len(whole.sizes)
    return whole.operands if plain and all(len(set(at)) == len(at) for at in labels) else ()


def _not_positive(factors: Iterable[Expression]) -> list[Expression]:
    return [each for each in factors if not is_positive(each)]


def _measured(e: Expression) -> Expression | None:
    """The vector of norm(v) or of v @ v, which are 0 only where it is."""
    if isinstance(e, Apply) and e.function == "norm" and not e.rank:
        return e.operands[0]
    if isinstance(e, Contraction) and not e.rank and len(e.operands) == 2:
        (one, other), (at, there) = e.operands, e.labels
        if one is other and at == there and len(set(at)) == len(at):
            return one
    return None


def _is_whole(e: Expression) -> bool:
    """Whether every entry is 0, 1, 2, ..., by the domain."""
    match unfold(e):
        case Variable(domain=domain):
            return domain in _WHOLE
        case Sum(terms=terms):
            return all(map(_is_whole, terms))
        case Contraction(coefficient=coefficient, operands=operands):
            return bool(coefficient.is_Integer and coefficient > 0) and all(
                map(_is_whole, operands)
            )
        case _:
            return False


def _of_kernel(
    kernel: sympy.Basic, whole: Iterable[sympy.Basic] = ()
) -> Iterator[tuple[sympy.Expr, str]]:
    """The parts of a function of numbers that a condition is on; not those that a case has alone.

    Symbols that are `whole` stand for 0, 1, 2, ....
    """
    numbers = {symbol: sympy.Dummy(integer=True, nonnegative=True) for symbol in whole}
    waiting = [kernel]
    while waiting:
        part = waiting.pop()
        if isinstance(part, sympy.Piecewise):
            waiting.extend(condition for _, condition in part.args)
            continue
        waiting.extend(part.args)
        if not part.free_symbols:
            continue
        if isinstance(part, sympy.Pow):
            base, exponent = part.base, part.exp.xreplace(numbers)
            if exponent.is_integer:
                if not exponent.is_nonnegative:
                    yield base, "!= 0"
            else:
                yield base, ">= 0" if exponent.is_nonnegative else "> 0"
        elif isinstance(part, _POSITIVE_ARGUMENT):
            yield part.args[0], "> 0"
        elif isinstance(part, sympy.polygamma):
            yield part.args[1], "> 0"
        elif isinstance(part, log1p):
            yield part.args[0], "> -1"
        elif isinstance(part, sympy.atanh):
            yield 1 - part.args[0] ** 2, "> 0"


__all__ = ["conditions"]
