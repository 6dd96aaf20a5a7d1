"""A stable primitive as a record: what it computes, why the naive form fails, and how well it does.

A record shows its own errors, measured when it is shown: nothing that it prints is quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from textwrap import fill
from typing import Any

from numeric.accuracy.formats import Format, float32, float64, format_of
from numeric.shown import html_table
from numeric.stability.domains import Domain
from numeric.stability.measurement import Measured, Scale, errors_of, truth_of
from symbolic.errors import UnsupportedError

_WIDTH = 80
_SHOWN = {True: 200, False: 24}  # points of a measurement: scalar statements, others


@dataclass(frozen=True)
class Derivative:
    """The derivative of a primitive by one argument.

    by             the argument
    function       the stable derivative, of all arguments of the primitive
    naive          what differentiating the naive form gives
    statement      the derivative as text of the language
    bound_in_ulps  the largest error in float64
    scale          what an error is relative to, as in `Primitive`
    """

    by: str
    function: Callable[..., Any]
    naive: Callable[..., Any]
    statement: str
    bound_in_ulps: float
    scale: Scale = "entry"


@dataclass(frozen=True)
class Primitive:
    """A stable primitive.

    function       the stable form
    naive          the textbook formula as it is usually written
    statement      what both compute, as text of the language (`symbolic.parse`)
    given          the shapes of the arguments, in their order
    why, cure      why the naive form fails, and what the stable form does instead
    derivatives    the stable derivatives, each with its statement
    domain         where errors are measured
    bound_in_ulps  the largest error in float64; in float32 it is 1/2 + bound/2^29
    scale          "entry": in ulps of each entry; "largest": in ulps of the largest entry;
                   "condition": as that, and times the condition number where it exceeds 1
    edges          arguments with the value there, outside the measured domain
    """

    name: str
    function: Callable[..., Any]
    naive: Callable[..., Any]
    statement: str
    given: Mapping[str, str]
    why: str
    cure: str
    derivatives: tuple[Derivative, ...]
    domain: Domain
    bound_in_ulps: float
    scale: Scale = "entry"
    edges: tuple[tuple[Any, ...], ...] = ()

    @property
    def derivative(self) -> Callable[..., Any]:
        """The stable derivative by the first argument."""
        return self.derivatives[0].function

    @property
    def derivative_statement(self) -> str:
        """The derivative by the first argument as text of the language."""
        return self.derivatives[0].statement

    def measure(
        self, dtype: Any = float64, *, count: int | None = None, seed: int = 0
    ) -> tuple[Measurement, ...]:
        """The errors of the function and of its derivatives, each beside its naive form.

        Conditions: dtype is float64 or float32. `count` points of the domain; by default 200, and
        24 where the arguments are vectors or matrices. The truth is enclosed (`numeric.enclose`).

        >>> from numeric.stability import primitives
        >>> value, slope = primitives["sigmoid"].measure("float32")
        >>> value.stable.worst < 0.501 < value.naive.worst
        True
        """
        form = format_of(dtype)
        if form not in (float64, float32):
            raise UnsupportedError(
                f"{self.name}.measure({form})",
                "primitives compute in float64",
                "use float64 or float32",
            )
        scalar = all(shape == "" for shape in self.given.values())
        points = self.domain.points(form, count or _SHOWN[scalar], seed)
        parts: list[Primitive | Derivative] = [self, *self.derivatives]
        return tuple(self._measured(part, points, form) for part in parts)

    def _measured(self, part: Any, points: Any, form: Format) -> Measurement:
        truth = truth_of(part.statement, self.given, points, form, part.scale)
        return Measurement(
            "value" if part is self else f"by {part.by}",
            part.statement,
            errors_of(part.function, truth, points, form, part.scale),
            errors_of(part.naive, truth, points, form, part.scale),
            bound_in(part.bound_in_ulps, form),
            part.scale,
        )

    def __str__(self) -> str:
        lines = [
            self.name,
            *_paragraph("value", self.statement),
            *_paragraph("why", self.why),
            *_paragraph("cure", self.cure),
            *_paragraph("domain", self.domain.text),
            *_paragraph("unit", _UNITS[self.scale]),
            "",
            f"  {'ulps of float64':<24}{'naive':>12}{'stable':>12}{'bound':>10}",
        ]
        for each in self.measure():
            lines.append(
                f"  {each.part:<24}{_number(each.naive.worst):>12}"
                f"{_number(each.stable.worst):>12}{_number(each.bound):>10}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        measured = self.measure()
        rows = [
            (each.part, each.statement, _number(each.naive.worst), _number(each.stable.worst),
             _number(each.bound))
            for each in measured
        ]  # fmt: skip
        table = html_table(
            ("", "statement", "naive", "stable", "bound"),
            rows,
            f"{self.name}: largest errors in {_UNITS[self.scale]}, on {self.domain.text}",
        )
        words = f"<p>{escape(self.why)}</p><p>{escape(self.cure)}</p>"
        return f"{table}{words}{_plot(measured[0])}"


@dataclass(frozen=True)
class Measurement:
    """The errors of a stable form and of its naive form at the same points, and the bound."""

    part: str
    statement: str
    stable: Measured
    naive: Measured
    bound: float
    scale: Scale

    @property
    def holds(self) -> bool:
        """Whether the truth is known at every point and the bound holds there."""
        return self.stable.decided == len(self.stable.errors) and self.stable.worst <= self.bound

    @property
    def naive_is_worse(self) -> bool:
        """Whether the naive form leaves the bound somewhere, and by far."""
        return not self.naive.worst <= max(self.bound, 4 * self.stable.worst)


def bound_in(in_float64: float, form: Format) -> float:
    """The bound in ulps of a format: results are computed in float64 and rounded once.

    >>> bound_in(3, float64), bound_in(3, float32) < 0.50001
    (3, True)
    """
    if form is float32:
        return 0.5 + in_float64 * float64.epsilon / float32.epsilon
    return in_float64


_UNITS: dict[Scale, str] = {
    "entry": "units in the last place of each entry",
    "largest": "units in the last place of the largest entry",
    "condition": "units in the last place of the largest entry, per condition number",
}


def _plot(measured: Measurement) -> str:
    """The errors against the argument as an image, if there is one argument, and matplotlib."""
    if len(measured.stable.points) > 1 or find_spec("matplotlib") is None:
        return ""
    (values,) = measured.stable.points.values()
    if values.ndim > 1:
        return ""
    from numeric.stability.plots import image

    return image(measured)


def _paragraph(label: str, text: str) -> list[str]:
    filled = fill(text, _WIDTH, initial_indent=f"  {label:<8}", subsequent_indent=" " * 10)
    return filled.split("\n")


def _number(value: float) -> str:
    return f"{value:.2g}" if value >= 1000 else f"{value:.3g}"
