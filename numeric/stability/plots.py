"""Errors of a naive and a stable form drawn against the argument; matplotlib is needed here only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from numeric.accuracy.formats import Floats
from numeric.drawing import image_tag

if TYPE_CHECKING:
    from numeric.stability.primitive import Measurement

_LEAST, _MOST = 0.1, 1e17  # ulps shown; what is beyond is drawn at the edge


def figure_of(measured: Measurement) -> Figure:
    """The errors in ulps of both forms, with the bound as a line."""
    ((name, values),) = measured.stable.points.items()
    figure = Figure(figsize=(5.2, 3.0), layout="constrained")
    axes = figure.subplots()
    for errors, label, colour in (
        (measured.naive.errors, "naive", "tab:red"),
        (measured.stable.errors, "stable", "tab:blue"),
    ):
        axes.plot(values, np.clip(errors, _LEAST, _MOST), ".", ms=4, color=colour, label=label)
    axes.axhline(measured.bound, lw=1, color="tab:blue")
    sizes = np.abs(values[values != 0])
    axes.set_xscale("symlog", linthresh=max(float(np.quantile(sizes, 0.05)), 1e-12 * sizes.max()))
    axes.xaxis.set_major_locator(_ends(values))
    axes.set_yscale("log")
    axes.set_ylim(_LEAST / 2, _MOST * 2)
    axes.set_xlabel(name)
    axes.set_ylabel("ulps")
    axes.legend(fontsize="small")
    return figure


def image(measured: Measurement) -> str:
    """The figure as an image tag for a notebook."""
    return image_tag(figure_of(measured))


def _ends(values: Floats) -> Any:
    """Few ticks: zero and a power of ten on either side."""
    from matplotlib.ticker import FixedLocator

    last = 10.0 ** np.floor(np.log10(np.abs(values).max()))
    inside = [tick for tick in (-last, 0.0, last) if values.min() <= tick <= values.max()]
    return FixedLocator(inside)
