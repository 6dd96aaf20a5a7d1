"""Where the lines between a premise and its conclusion have no value, nothing follows there.

An equation may be multiplied by inv(A) or 1/s only where these have a value. Where the claim has a part
without value as well, it says nothing about such points; elsewhere the part must provably have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy

from derivations.derivation import Derivation, Step
from derivations.statements import Implication, sides
from symbolic import Expression
from symbolic.algebra.signs import nonnegative
from symbolic.calculus.definiteness_rules import is_invertible, is_positive
from symbolic.nodes import Apply, Elementwise
from symbolic.traverse import postorder, unfold

_OF_INVERTIBLE = {"inv", "solve", "logdet"}
_TOTAL = (sympy.exp, sympy.sin, sympy.cos, sympy.tanh, sympy.sinh, sympy.cosh, sympy.atan, sympy.erf,
          sympy.Abs, sympy.sign, sympy.Max, sympy.Min)  # fmt: skip


def undefined_between(derivation: Derivation) -> list[str]:
    """What a chain of implications multiplies by, and its claim does not have, without surely a value.

    >>> from derivations import Derivation, equation, follows, implies
    >>> from derivations.rules.equations import multiply_both_sides
    >>> from symbolic import constant, scalar
    >>> s = scalar("s")
    >>> steps = (implies(s, constant(1), by=multiply_both_sides(1 / s)),)
    >>> claim = follows(equation(s**2, s), equation(s, constant(1)))
    >>> undefined_between(Derivation((s,), claim, steps))
    ['1/s need not have a value where the premise holds']
    """
    found = []
    for claim, chain in zip(derivation.claims, derivation.chains, strict=False):
        if not isinstance(claim, Implication):
            continue
        said = {part for each in _ends(chain) for part in _parts(each)}
        for each in _between(chain):
            for part in _parts(each):
                if part not in said:
                    found.append(f"{part} need not have a value where the premise holds")
    return list(dict.fromkeys(found))


def _ends(chain: Sequence[Step]) -> Iterator[Expression]:
    for step in (chain[0], chain[-1]):
        yield from (each for each in sides(step.line) if isinstance(each, Expression))


def _between(chain: Sequence[Step]) -> Iterator[Expression]:
    for step in chain[1:-1]:
        yield from (each for each in sides(step.line) if isinstance(each, Expression))
    for step in chain[1:]:
        for reason in step.by:
            about = getattr(reason, "about", ())
            yield from (each for each in about if isinstance(each, Expression))


def _parts(expression: Expression) -> Iterator[Expression]:
    """The parts of an expression, names written out, that need not have a value."""
    for node in postorder(unfold(expression)):
        if isinstance(node, Apply) and node.function in _OF_INVERTIBLE:
            if not is_invertible(node.operands[0]):
                yield node
        elif isinstance(node, Elementwise) and not _has_value(node):
            yield node


def _has_value(node: Elementwise) -> bool:
    """Whether an elementwise function provably has a value for all its operands."""
    operands = dict(zip(node.kernel.variables, node.operands, strict=True))
    for each in sympy.preorder_traversal(node.kernel.expr):
        if isinstance(each, sympy.Pow) and not (each.exp.is_integer and each.exp.is_nonnegative):
            if each.base.is_positive:
                continue
            base = operands.get(each.base)
            root = each.exp.is_positive and base is not None and nonnegative(base)
            if not root and (base is None or not is_positive(base)):
                return False
        elif isinstance(each, sympy.Function) and not isinstance(each, _TOTAL):
            used = (operands[symbol] for symbol in each.free_symbols if symbol in operands)
            if not all(map(is_positive, used)):
                return False
    return True


__all__ = ["undefined_between"]
