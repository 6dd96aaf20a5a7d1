"""Mutants of a right claim: slips of every kind at random places, each a text that has a shape."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symbolic import parse
from symbolic.errors import ChainruleError
from tests.derivations.mutants.kinds import KINDS, Known
from tests.derivations.mutants.points import letters
from tests.derivations.mutants.syntax import places, replaced, tree
from tests.derivations.mutants.truth import Question

LONGEST = 2000  # characters


@dataclass(frozen=True)
class Mutant:
    """Another claim, the kind of slip that made it, and whether it has the shape of the right one."""

    question: Question
    kind: str
    claim: str
    fits: bool


class Engine:
    """Makes mutants of one question; the same generator makes the same ones."""

    def __init__(self, question: Question, kinds: Sequence[str] = tuple(KINDS)) -> None:
        self.question = question
        self.kinds = kinds
        self.known = Known(question.given, tuple(letters(question.given)), question.wrt)
        self.root = tree(question.right)
        self.nodes = [node for node in places(self.root) if not self._is_size(node)]

    def _is_size(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.known.letters

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """The shape of the right claim."""
        return parse(self.question.right, self.question.given).shape

    def mutants(self, random: np.random.Generator, count: int) -> Iterator[Mutant]:
        """Up to `count` different ones: first a kind, then a place, then what is written there."""
        by_kind = {kind: self._candidates(kind) for kind in self.kinds}
        seen = {ast.unparse(self.root)}
        open_kinds = [kind for kind in self.kinds if by_kind[kind]]
        while count and open_kinds:
            kind = open_kinds[int(random.integers(len(open_kinds)))]
            found = by_kind[kind]
            node, other = found.pop(int(random.integers(len(found))))
            if not found:
                open_kinds.remove(kind)
            text = replaced(self.root, node, other, everywhere=bool(random.integers(2)))
            if text in seen or len(text) > LONGEST:
                continue
            seen.add(text)
            mutant = self._fitting(kind, text)
            if mutant is not None:
                count -= 1
                yield mutant

    def _candidates(self, kind: str) -> list[tuple[ast.expr, ast.expr]]:
        slip = KINDS[kind]
        return [
            (node, other)
            for node in self.nodes
            for other in slip(node, self.known, node is self.root)
        ]

    def _fitting(self, kind: str, text: str) -> Mutant | None:
        """The mutant, unless its text has no shape; another shape is a slip that people make too."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                shape = parse(text, self.question.given).shape
            except (ChainruleError, ValueError):
                return None
        if shape != self.shape and kind not in ("layout", "missing sum", "rewritten"):
            return None
        if shape != self.shape and kind == "rewritten":
            return None
        return Mutant(self.question, kind, text, shape == self.shape)
