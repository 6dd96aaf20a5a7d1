"""Whether float32 has the numbers that generated code holds: in `log(p + 1e-60)` one would be 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from symbolic.code.number_types import holds_single, is_single
from symbolic.code.runtime_checks import Sizes
from symbolic.nodes import Contraction, Expression
from symbolic.traverse import postorder


class HeldNumbers:
    """The numbers in the code of a function and of its helpers, and the coefficients in sizes."""

    def __init__(self, run: Callable[..., Any], computed: Sequence[Expression]) -> None:
        self._run = run
        self._computed = computed
        self._in_code: bool | None = None
        self._coefficients: list[sympy.Expr] = []

    def fit_single(self, sizes: Sizes) -> bool:
        """Whether all are numbers of float32, to rounding, for these sizes."""
        if self._in_code is None:
            self._in_code = holds_single(self._run)
            self._coefficients = [
                node.coefficient
                for node in postorder(self._computed)
                if isinstance(node, Contraction) and node.coefficient.free_symbols
            ]
        known = {letter: sympy.Integer(size) for letter, size in sizes.items()}
        return self._in_code and all(
            is_single(float(each.xreplace(known))) for each in self._coefficients
        )
