"""What a measurement found, as text of 80 columns, as a table for notebooks, and as a plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import fill
from typing import Any

from numeric.accuracy.domains import Points
from numeric.accuracy.formats import Format
from numeric.shown import shortened
from symbolic.errors import UnsupportedError

_WIDTH = 79
_NAME = 24


@dataclass(frozen=True)
class Accuracy:
    """The measured accuracy of a function.

    max_bits, mean_bits   bits of error: the largest found, and the mean over the samples; the
                          search looks for hard inputs, `sampled_bits` is the maximum without it
    max_ulps, mean_ulps   the same in units in the last place of the true value
    worst                 the input with the largest error found, by samples and a guided search
    computed, truth       the function's and the correctly rounded true value there
    condition             the condition number there; NaN where it is not known
    verdict               whether the algorithm or the problem is to blame, in a sentence
    samples, dropped      points measured; points left out because their true value is not known
    undefined             how many of the dropped certainly have no real value
    searched              further points that the search tried
    enclosure             whether the true values are certain (see `exact_values`)
    format, seed, notes   the format, the seed of the samples, what else was noticed
    points, bits, ulps, conditions   the samples
    """

    format: Format
    max_bits: float
    mean_bits: float
    max_ulps: float
    mean_ulps: float
    worst: Mapping[str, float]
    computed: float
    truth: float
    condition: float
    verdict: str
    samples: int
    dropped: int
    undefined: int
    searched: int
    enclosure: bool
    seed: int
    notes: tuple[str, ...] = ()
    points: Points = field(default_factory=dict, repr=False, compare=False)
    bits: Any = field(default=None, repr=False, compare=False)
    ulps: Any = field(default=None, repr=False, compare=False)
    conditions: Any = field(default=None, repr=False, compare=False)

    @property
    def sampled_bits(self) -> float:
        """The largest error in bits among the samples, without the search."""
        return float(self.bits.max())

    def rows(self) -> list[tuple[str, str]]:
        """The figures, each with its name."""
        truth = repr(self.truth) + ("" if self.enclosure else "  (two precisions agree)")
        return [
            (
                "bits of error",
                f"largest found {self.max_bits:.4g}, among the samples {self.sampled_bits:.4g}, "
                f"mean {self.mean_bits:.4g}",
            ),
            ("ulps", f"largest found {self.max_ulps:.3g}, mean {self.mean_ulps:.3g}"),
            *[
                (f"worst input {name}" if not place else f"            {name}", repr(value))
                for place, (name, value) in enumerate(self.worst.items())
            ],
            ("computed", repr(self.computed)),
            ("true value", truth),
            ("condition number", f"{self.condition:.4g}"),
            ("points searched", str(self.searched)),
        ]

    def table(self) -> str:
        """The figures as text, a line each."""
        rows = self.rows()
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)

    def heading(self) -> str:
        """What was measured, where."""
        dropped = ""
        if self.dropped:
            dropped = f", {self.dropped} dropped ({self.undefined} without a real value)"
        return f"accuracy in {self.format.name}: {self.samples} samples (seed {self.seed}){dropped}"

    def __str__(self) -> str:
        lines = [fill(self.heading(), _WIDTH), self.table(), fill(self.verdict, _WIDTH)]
        lines += [fill(f"note: {note}", _WIDTH, subsequent_indent="    ") for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{escape(value)}</td></tr>"
            for name, value in self.rows()
        )
        notes = "".join(f"<p>note: {escape(note)}</p>" for note in self.notes)
        return (
            f"<p>{escape(self.heading())}</p><table>{rows}</table>"
            f"<p>{escape(self.verdict)}</p>{notes}{self._image()}"
        )

    def _image(self) -> str:
        try:
            from numeric.accuracy.plots import image
        except ImportError:
            return ""
        return image(self)

    def plot(self, ax: Any = None) -> Any:
        """Bits of error against each input, with what the condition number explains as a line.

        `ax` is one matplotlib axes an input (a single one for one input); without it a new figure
        is made. The figure is returned. Conditions: matplotlib is installed.
        """
        try:
            from numeric.accuracy.plots import plot
        except ImportError:
            raise UnsupportedError(
                "plot()", "matplotlib is not installed", "install matplotlib, or use .table()"
            ) from None
        return plot(self, ax)


@dataclass(frozen=True)
class Comparison:
    """Several functions measured on the same points; `results` holds each one's `Accuracy`."""

    results: Mapping[str, Accuracy]

    def __getitem__(self, name: str) -> Accuracy:
        return self.results[name]

    def columns(self) -> list[Sequence[str]]:
        """The heading and one row a function, cell by cell."""
        rows: list[Sequence[str]] = [
            ("", "max bits", "mean bits", "max ulps", "mean ulps", "condition", "worst input")
        ]
        for name, each in self.results.items():
            worst = ", ".join(f"{key}={value!r}" for key, value in each.worst.items())
            figures = (each.max_bits, each.mean_bits, each.max_ulps, each.mean_ulps, each.condition)
            rows.append((shortened(name, _NAME), *(f"{figure:.3g}" for figure in figures), worst))
        return rows

    def table(self) -> str:
        """A row a function; worst inputs too long for the line follow below."""
        rows = self.columns()
        widths = [max(len(row[k]) for row in rows) for k in range(6)]
        lines = [
            "  ".join(f"{cell:<{widths[0]}}" if not k else f"{cell:>{widths[k]}}"
                      for k, cell in enumerate(row[:6])).rstrip()
            for row in rows
        ]  # fmt: skip
        lines += ["", "worst input"]
        lines += [
            fill(
                f"{row[0]:<{widths[0]}}  {row[6]}", _WIDTH, subsequent_indent=" " * (widths[0] + 2)
            )
            for row in rows[1:]
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        first = next(iter(self.results.values()))
        verdicts = [
            fill(f"{name}: {each.verdict}", _WIDTH, subsequent_indent="    ")
            for name, each in self.results.items()
        ]
        return "\n".join([fill(first.heading(), _WIDTH), self.table(), "", *verdicts])

    def _repr_html_(self) -> str:
        head, *rows = self.columns()
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
        )
        verdicts = "".join(
            f"<p><b>{escape(name)}</b>: {escape(each.verdict)}</p>"
            for name, each in self.results.items()
        )
        return f"<table><tr>{cells}</tr>{body}</table>{verdicts}"
