"""Nodes read at one place: one entry of an array as a quotient of generators, sizes as letters."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import sympy

from derivations.verification.equality.formal_arithmetic import Formal
from derivations.verification.equality.formal_field import Generator, Quotient
from derivations.verification.equality.formal_proof import check_powers, without_meaning
from numeric.interpreter import run
from numeric.jets import Jet, as_array
from numeric.kernels import compile_kernel
from symbolic.algebra.normal import expand
from symbolic.algebra.signs import nonnegative
from symbolic.algebra.simplification import ALGEBRA
from symbolic.domains import domain_of
from symbolic.nodes import (
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Sum,
    Variable,
    kernel_symbol,
)

Place = tuple[Hashable, ...]  # where a node is read: one index an axis


class Reader:
    """Nodes read at one place, as quotients of generators."""

    def __init__(self) -> None:
        self.over = Formal()

    def read(self, node: Expression, at: Place) -> Any:
        """The entry of a node at a place."""
        match node:
            case Elementwise() if not without_meaning(node):
                check_powers(node, ())
                operands = [self.read(operand, at) for operand in node.operands]
                return self._kernel(node.kernel, operands)
            case Sum():
                total = self.over.zero
                for each in node.terms:
                    total = total + self.read(each, at)
                return total
            case Contraction():
                return self.contraction(node, at)
            case _:
                return self.generator(node, at)

    def contraction(self, node: Contraction, at: Place) -> Any:
        """The factors outside its sum times what is summed, which is a generator."""
        inner: dict[int, Hashable] = {}
        found = self.coefficient(node.coefficient)
        for label, index in zip(node.output, at, strict=True):
            if inner.setdefault(label, index) != index:
                found = found * self.equality(inner[label], index)
        summed, kept = set(node.summed), []
        for operand, labels in zip(node.operands, node.labels, strict=True):
            if not summed & set(labels):
                found = found * self.read(operand, tuple(inner[label] for label in labels))
                continue
            outside, rest = _parted(operand, [a for a, x in enumerate(labels) if x in summed])
            for factor, axes in outside:
                found = found * self.read(factor, tuple(inner[labels[a]] for a in axes))
            kept.append((rest, labels))
        if not summed:
            return found
        used = {label for _, labels in kept for label in labels}
        output = [label for label in dict.fromkeys(node.output) if label in used]
        sizes = dict(enumerate(node.sizes))
        lost = [sizes[label] for label in summed - used]
        for size in lost:
            found = found * self.coefficient(sympy.sympify(size))
        if kept:
            rest = Contraction([x for x, _ in kept], [at for _, at in kept], output, sizes)
            place = tuple(inner[label] for label in output)
            found = found * self.generator(ALGEBRA.canonical(rest), place)
        return found

    def _kernel(self, kernel: sympy.Lambda, operands: list[Any]) -> Any:
        """A kernel of scalars; its size letters are generators too."""
        letters = sorted(kernel.expr.free_symbols - set(kernel.variables), key=str)
        if letters:
            kernel = sympy.Lambda((*kernel.variables, *letters), kernel.expr)
            operands = [*operands, *map(self._letter, letters)]
        jets = [Jet({0: as_array(operand)}) for operand in operands]
        return run(compile_kernel(kernel), jets, (), {}, self.over).value.item()

    def coefficient(self, coefficient: sympy.Expr) -> Any:
        if coefficient.is_Rational:
            return self.over.number(coefficient)
        return self._kernel(sympy.Lambda((), coefficient), [])

    def _letter(self, letter: sympy.Symbol) -> Quotient:
        return self.over.field.generator(("size", letter), Generator("size", sign=1))

    def equality(self, first: Hashable, second: Hashable) -> Quotient:
        """1 where two indices are equal, else 0."""
        field = self.over.field
        found = field.generator(("equal", first, second), Generator("entry", sign=0))
        field.relate(found, 2, found)
        return found

    def generator(self, node: Expression, at: Place) -> Quotient:
        field = self.over.field
        if isinstance(node, Variable):
            domain = domain_of(node.domain)
            sign = 1 if domain.positive else 0 if domain.nonnegative else None
            if domain.symmetric and len(at) == 2:
                at = tuple(sorted(at, key=str))
        else:
            sign = 1 if positive(node) else 0 if nonnegative(node) else None
        found = field.generator(("node", node, at), Generator("entry", sign=sign))
        if isinstance(node, Iverson) or (isinstance(node, Variable) and domain.idempotent):
            field.relate(found, 2, found)
        elif isinstance(node, Variable) and node.domain == "pm1":
            field.relate(found, 2, field.number(1))
        elif isinstance(node, Variable) and node.domain == "unit":
            self.over.signer.know(1 - found, strict=False)
        return found


Factors = list[tuple[Expression, tuple[int, ...]]]  # nodes at axes


def _parted(node: Expression, axes: Sequence[int]) -> tuple[Factors, Expression]:
    """exp(a + b) as exp(a), where a does not change along the axes, and exp(b)."""
    if not isinstance(node, Elementwise) or node.kernel.expr != sympy.exp(kernel_symbol(0)):
        return [], node
    inside = expand(node.operands[0], ALGEBRA)
    if not isinstance(inside, Sum):
        return [], node
    outside: Factors = []
    rest = []
    for term in inside.terms:
        free = _without(term, axes)
        if free is None:
            rest.append(term)
        else:
            others = tuple(axis for axis in range(node.rank) if axis not in axes)
            outside.append((Elementwise(node.kernel, [free]), others))
    if not rest or not outside:
        return [], node
    left = rest[0] if len(rest) == 1 else Sum(rest)
    return outside, Elementwise(node.kernel, [left])


def _without(term: Expression, axes: Sequence[int]) -> Expression | None:
    """A node without axes along which it is only repeated, None where it changes along one."""
    if not isinstance(term, Contraction) or len(set(term.output)) < len(term.output):
        return None
    gone = {term.output[axis] for axis in axes}
    if any(label in gone for labels in term.labels for label in labels):
        return None
    output = [label for label in term.output if label not in gone]
    sizes = dict(enumerate(term.sizes))
    return Contraction(term.operands, term.labels, output, sizes, term.coefficient)


def positive(node: Expression) -> bool:
    """Whether every entry is provably greater than zero."""
    match node:
        case Variable():
            return domain_of(node.domain).positive
        case Sum():
            return all(positive(term) for term in node.terms)
        case Contraction():
            whole = len(set(node.output)) == len(node.output)
            whole &= bool(node.coefficient.is_positive)
            return whole and all(positive(operand) for operand in node.operands)
        case Elementwise():
            return bool(node.kernel.expr.is_positive)
        case _:
            return False
