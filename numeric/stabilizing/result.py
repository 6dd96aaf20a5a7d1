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
    points        how many points the errors were measured at; the claim is for these
    dropped       points drawn beside them and left out because their true value is not known
    undefined     how many of the dropped certainly have no real value
    undecided     how many of the dropped have one that no precision tried could tell; the rest
                  overflow the type as inputs
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
    dropped: int
    undefined: int
    undecided: int
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

    def _way(self) -> str:
        """The rewrites, or why there are none."""
        if self.changed:
            return "; ".join(self.rules)
        if not self.points:
            return "nothing is claimed: at no point drawn is the true value known"
        if self.bits_after < self.bits_before:
            return "reading it: what cancels as a formula is not computed"
        return "no rewrite measured better"

    def _computed(self) -> str:
        return self.expression if self.changed else "it is written"

    def _left_out(self) -> str:
        """The dropped points in words."""
        reasons = (
            (self.undefined, "without a real value"),
            (self.undecided, "whose true value could not be told"),
            (self.dropped - self.undefined - self.undecided, "beyond the type as inputs"),
        )
        told = ", ".join(f"{count} {reason}" for count, reason in reasons if count)
        drawn = self.points + self.dropped
        return f"{self.dropped} of {drawn} points drawn: {told}" if self.dropped else ""

    def __str__(self) -> str:
        lines = [
            *_indented("formula", self.original),
            *_indented("computed as", self._computed()),
            *_indented("by", self._way()),
        ]
        if self.points:
            lines += [
                f"{'error':12} {'before':>10} {'after':>10}   {self.dtype}, {self.points} points",
                f"{'mean bits':12} {self.bits_before:10.2f} {self.bits_after:10.2f}",
                f"{'max bits':12} {self.max_before:10.2f} {self.max_after:10.2f}",
                *_indented("worst at", _place(self.worst_after)),
            ]
        if self.dropped:
            lines += _indented("left out", self._left_out())
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
        table = (
            f"<table><tr><th>bits of error</th><th>before</th><th>after</th></tr>{cells}</table>"
        )
        try:
            from numeric.stabilizing.plots import image
        except ImportError:
            picture = ""
        else:
            picture = image(self) if self.arguments and self.points else ""
        left_out = f"<p>left out {html.escape(self._left_out())}</p>" if self.dropped else ""
        return (
            f"<p><code>{html.escape(self.original)}</code><br>computed as "
            f"<code>{html.escape(self._computed())}</code></p>"
            f"{table if self.points else ''}"
            f"<p>{self.dtype}, {self.points} points; {html.escape(self._way())}</p>{left_out}{picture}"
        )


def _place(point: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in point.items()) or "nowhere"


def _indented(label: str, words: str) -> list[str]:
    lines = wrap(words, _WIDTH - 13, break_long_words=True) or [""]
    return [f"{label if k == 0 else '':12} {line}" for k, line in enumerate(lines)]
