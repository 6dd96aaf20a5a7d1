"""The result of `stabilize`: the function, its source, and how accurate it was measured to be."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.stabilizing.writing import FUNCTION
from symbolic.errors import UnsupportedError

Floats = NDArray[np.float64]
_WIDTH = 80


@dataclass(frozen=True)
class Stabilized:
    """A formula and the form of it that was measured to be accurate.

    original      the formula as given
    expression    the form found, as text; `original` in other words when none was better. A part
                  in `compensated(...)` is computed in pairs of floats, with twice the digits;
                  log1pmx, stirling, ... are functions that `source` defines
    arguments     the variables, in the order of positional arguments
    rules         names of the rewrites that led to it, in order; empty when unchanged
    source        a module with the function `stable`
    bits_before, bits_after   mean bits of error over fresh points of the domain
    max_before, max_after     largest bits of error found, at the inputs worst_before, worst_after
    points        how many points the errors were measured at
    inputs, errors_before, errors_after   those points, and the bits of error at each
    """

    original: str
    expression: str
    arguments: tuple[str, ...]
    rules: tuple[str, ...]
    source: str = field(repr=False)
    bits_before: float
    bits_after: float
    max_before: float
    max_after: float
    worst_before: Mapping[str, float] = field(repr=False)
    worst_after: Mapping[str, float] = field(repr=False)
    points: int
    dtype: str
    inputs: Mapping[str, Floats] = field(repr=False, compare=False)
    errors_before: Floats = field(repr=False, compare=False)
    errors_after: Floats = field(repr=False, compare=False)

    @property
    def changed(self) -> bool:
        """Whether a better form was found."""
        return bool(self.rules)

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The form as a function of arrays, by name or by position; it gives no warnings."""
        namespace: dict[str, Any] = {}
        exec(compile(self.source, f"<stable form of {self.original}>", "exec"), namespace)
        function: Callable[..., Any] = namespace[FUNCTION]
        return function

    def plot(self) -> Any:
        """The bits of error before and after against each input, as a matplotlib figure."""
        if not (self.arguments and self.points):
            raise UnsupportedError("plot()", "no point was measured", "draw points of the domain")
        try:
            from numeric.stabilizing.plots import plot
        except ImportError:
            raise UnsupportedError(
                "plot()", "matplotlib is not installed", "install matplotlib"
            ) from None
        return plot(self)

    def _unchanged(self) -> str:
        if self.bits_after < self.bits_before:
            return "reading it: what cancels as a formula is not computed"
        return "no rewrite measured better"

    def __str__(self) -> str:
        lines = [
            *_indented("formula", self.original),
            *_indented("computed as", self.expression if self.changed else "it is written"),
            *_indented("by", "; ".join(self.rules) or self._unchanged()),
            f"{'error':12} {'before':>10} {'after':>10}   {self.dtype}, {self.points} points",
            f"{'mean bits':12} {self.bits_before:10.2f} {self.bits_after:10.2f}",
            f"{'max bits':12} {self.max_before:10.2f} {self.max_after:10.2f}",
            *_indented("worst at", _place(self.worst_after)),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = (
            ("mean", self.bits_before, self.bits_after),
            ("max", self.max_before, self.max_after),
        )
        cells = "".join(
            f"<tr><td>{name}</td><td>{before:.2f}</td><td>{after:.2f}</td></tr>"
            for name, before, after in rows
        )
        computed = self.expression if self.changed else "as it is written"
        try:
            from numeric.stabilizing.plots import image
        except ImportError:
            picture = ""
        else:
            picture = image(self) if self.arguments and self.points else ""
        return (
            f"<p><code>{html.escape(self.original)}</code><br>computed as "
            f"<code>{html.escape(computed)}</code></p>"
            f"<table><tr><th>bits of error</th><th>before</th><th>after</th></tr>{cells}</table>"
            f"<p>{self.dtype}, {self.points} points; {html.escape('; '.join(self.rules))}</p>{picture}"
        )


def _place(point: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in point.items()) or "nowhere"


def _indented(label: str, words: str) -> list[str]:
    lines = wrap(words, _WIDTH - 13, break_long_words=True) or [""]
    return [f"{label if k == 0 else '':12} {line}" for k, line in enumerate(lines)]
