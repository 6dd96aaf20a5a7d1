"""Bits of error drawn against the inputs; matplotlib is needed here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from numeric.accuracy.formats import Floats
from numeric.drawing import image_tag, scale_inputs
from symbolic.errors import ShapeError

if TYPE_CHECKING:
    from numeric.accuracy.report import Accuracy

_BINS = 60  # of the envelope
_DRAWN = 1e290  # the largest size that is drawn where it is: margins need room below infinity


def plot(accuracy: Accuracy, ax: Any = None) -> Any:
    """One panel an input: samples as dots, the worst input as a cross, log2(1 + kappa) as a line."""
    names = list(accuracy.points)
    if ax is None:
        figure = Figure(figsize=(4.2 * len(names), 3.2), layout="constrained")
        panels = list(np.atleast_1d(figure.subplots(1, len(names))))
    else:
        panels = list(np.atleast_1d(ax))
        figure = panels[0].figure
    if len(panels) != len(names):
        raise ShapeError(
            f"plot(ax) with {len(panels)} axes", f"{len(names)} inputs", "give one axes an input"
        )
    with np.errstate(all="ignore"):
        for panel, name in zip(panels, names, strict=True):
            _panel(panel, accuracy, name)
    panels[0].set_ylabel("bits of error")
    panels[0].legend(fontsize="small")
    return figure


def _panel(panel: Any, accuracy: Accuracy, name: str) -> None:
    values = _drawable(accuracy.points[name])
    panel.plot(values, accuracy.bits, ".", ms=3, alpha=0.5, color="tab:blue", label="measured")
    panel.plot(
        _drawable(np.array([accuracy.worst[name]])),
        [accuracy.max_bits],
        "x",
        color="tab:red",
        label="largest found",
    )
    explained = np.log2(1 + accuracy.conditions)
    where, height = _envelope(values, np.minimum(explained, accuracy.format.width))
    panel.plot(where, height, "-", lw=1, color="tab:orange", label="explained by the condition")
    scale_inputs(panel, values)
    panel.set_xlabel(name)
    panel.set_ylim(-1, accuracy.format.width + 1)


def _drawable(values: Floats) -> Floats:
    """Values with extreme sizes moved to the largest and the smallest ones that are drawn."""
    return np.where(values == 0, 0.0, np.sign(values) * np.clip(np.abs(values), 1 / _DRAWN, _DRAWN))


def _envelope(values: Floats, height: Floats) -> tuple[Floats, Floats]:
    """The largest height in each of a few bins of equal counts, in the order of the values."""
    known = np.isfinite(height)
    order = np.argsort(values[known])
    bins = [each for each in np.array_split(order, _BINS) if len(each)]
    xs, ys = values[known], height[known]
    return np.array([np.median(xs[b]) for b in bins]), np.array([ys[b].max() for b in bins])


def image(accuracy: Accuracy) -> str:
    """The plot as an image tag for a notebook."""
    return image_tag(plot(accuracy))
