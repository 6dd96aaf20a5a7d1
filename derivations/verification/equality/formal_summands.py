"""A proof under the sums: what is summed on both sides is one function of the entries it reads.

Sizes stay letters. The difference of both sides, functions along an axis written out and products multiplied
out, is a sum of sums over indices. Those over the same indices are put under one sum, and what stands
there has to be zero as a rational function of the entries, each a generator.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import sympy

from derivations.verification.equality.formal_field import OutOfReachError, Quotient
from derivations.verification.equality.formal_proof import worked_out
from derivations.verification.equality.formal_reader import Reader, positive
from derivations.verification.equality.formal_regions import vanish_everywhere
from numeric.errors import Undecided
from symbolic.algebra.axis_definitions import along_axes_written_out
from symbolic.algebra.normal import expand
from symbolic.algebra.signs import nonnegative
from symbolic.algebra.simplification import ALGEBRA
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable
from symbolic.operations import subtract
from symbolic.traverse import has_more_nodes, postorder, substitute, variables

_MOST_NODES = 400
_MOST_ALIGNMENTS = 24


def equal_under_sums(left: Expression, right: Expression) -> bool:
    """Whether what both sides sum over is one rational function of generators.

    >>> from symbolic import parse
    >>> given = {"X": "n d", "w": "d", "y": "n"}
    >>> a = parse("mean(softplus(X@w) - y*(X@w))", given)
    >>> b = parse("mean(log(1 + exp(-(X@w))) + (1 - y)*(X@w))", given)
    >>> equal_under_sums(a, b)
    True
    """
    try:
        difference = subtract(worked_out(left), worked_out(right))
        if has_more_nodes(difference, _MOST_NODES):
            return False
        plain = along_axes_written_out(difference)
        return _all_vanish(plain) or _all_vanish(_with_inner_sums_named(plain))
    except (OutOfReachError, Undecided):
        return False


def _with_inner_sums_named(expression: Expression) -> Expression:
    """The expression with what functions read of sums, as X@w in softplus(X@w), as variables."""
    inside: set[Expression] = set()
    for node in reversed(postorder(expression)):
        nonlinear = isinstance(node, Elementwise) and not _is_rational(node)
        if nonlinear or node in inside:
            inside |= set(node.children)
    taken = "".join(variable.name for variable in variables(expression))
    prefix = "inner" + "_" * len(taken)
    names: dict[Expression, Expression] = {}
    mapping: dict[Expression, Expression] = {}
    for node in postorder(expression):
        if node in inside and isinstance(node, Contraction) and node.summed:
            same = ALGEBRA.canonical(node)
            domain = (
                "positive" if positive(node) else "nonnegative" if nonnegative(node) else "real"
            )
            variable = Variable(f"{prefix}{len(names)}", node.shape, domain)
            mapping[node] = names.setdefault(same, variable)
    return substitute(expression, mapping)


def _is_rational(node: Elementwise) -> bool:
    return bool(node.kernel.expr.is_rational_function(*node.kernel.variables))


def _all_vanish(difference: Expression) -> bool:
    """Whether the terms of a difference vanish, those over the same indices together."""
    whole = expand(ALGEBRA.canonical(difference), ALGEBRA)
    terms = list(whole.terms) if isinstance(whole, Sum) else [whole]
    groups: dict[tuple[str, ...], list[_Term]] = {}
    for term in map(_Term.of, terms):
        groups.setdefault(tuple(map(str, term.summed_sizes)), []).append(term)
    try:
        return all(_vanishes(group) for group in groups.values())
    except OutOfReachError:
        return False


@dataclass(frozen=True)
class _Term:
    """A flat product: its factors at labels, those that are summed, those of the result."""

    coefficient: sympy.Expr
    factors: tuple[tuple[Expression, tuple[int, ...]], ...]
    output: tuple[int, ...]
    sizes: tuple[Any, ...]

    @classmethod
    def of(cls, node: Expression) -> _Term:
        if isinstance(node, Contraction):
            factors = tuple(zip(node.operands, node.labels, strict=True))
            return cls(node.coefficient, factors, node.output, node.sizes)
        axes = tuple(range(node.rank))
        return cls(sympy.S.One, ((node, axes),), axes, node.shape)

    @property
    def summed(self) -> list[int]:
        """The labels that are summed, in the order of their sizes."""
        found = [label for label in range(len(self.sizes)) if label not in self.output]
        return sorted(found, key=lambda label: str(self.sizes[label]))

    @property
    def summed_sizes(self) -> list[Any]:
        return [self.sizes[label] for label in self.summed]

    def places(self) -> Iterator[dict[int, Hashable]]:
        """Every way to name the labels: the result's by position, the summed ones in any order."""
        fixed: dict[int, Hashable] = {}
        for position, label in enumerate(self.output):
            fixed.setdefault(label, ("out", position))
        summed = self.summed
        for count, order in enumerate(permutations(range(len(summed)))):
            if count == _MOST_ALIGNMENTS:
                return
            if [self.sizes[summed[k]] for k in order] == self.summed_sizes:
                names = {summed[k]: ("sum", place) for place, k in enumerate(order)}
                yield {**fixed, **names}


def _vanishes(group: Sequence[_Term]) -> bool:
    """Whether terms that are summed over the same indices vanish together under the sum."""
    reader = Reader()
    chosen: list[tuple[_Term, dict[int, Hashable]]] = []
    seen: set[Hashable] = set()
    for term in group:
        best = max(term.places(), key=lambda names: len(_read_at(term, names) & seen))
        seen |= _read_at(term, best)
        chosen.append((term, best))

    def differences() -> list[Quotient]:
        total = reader.over.zero
        for term, names in chosen:
            total = total + _under_the_sum(term, names, reader)
        return [total]

    return vanish_everywhere(reader.over, differences)


def _read_at(term: _Term, names: dict[int, Hashable]) -> set[Hashable]:
    """The nodes that a term reads, each with the index of each axis."""
    found: set[Hashable] = set()
    waiting = [(node, tuple(names[label] for label in at)) for node, at in term.factors]
    while waiting:
        node, at = waiting.pop()
        if isinstance(node, (Elementwise, Sum)):
            waiting.extend((child, at) for child in node.children)
        elif isinstance(node, Contraction) and not node.summed:
            inner = dict(zip(node.output, at, strict=True))
            for operand, labels in zip(node.operands, node.labels, strict=True):
                waiting.append((operand, tuple(inner[label] for label in labels)))
        else:
            found.add((node, at))
    return found


def _under_the_sum(term: _Term, names: dict[int, Hashable], reader: Reader) -> Any:
    """What stands under the sum of a term."""
    found = reader.coefficient(term.coefficient)
    for position, label in enumerate(term.output):
        if names[label] != ("out", position):
            found = found * reader.equality(names[label], ("out", position))
    for node, at in term.factors:
        found = found * reader.read(node, tuple(names[label] for label in at))
    return found
