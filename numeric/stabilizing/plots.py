"""Bits of error before and after, drawn against each input; matplotlib is needed here only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from numeric.drawing import image_tag, scale_inputs

if TYPE_CHECKING:
    from numeric.stabilizing.result import Stabilized


def plot(found: Stabilized) -> Any:
    """One panel an input: the error as written in grey, of the form found in blue."""
    names = found.arguments
    figure = Figure(figsize=(4.2 * len(names), 3.0), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(names)))
    for panel, name in zip(panels, names, strict=True):
        values = found.inputs[name]
        panel.plot(values, found.errors_before, ".", ms=3, color="0.6", label="as written")
        panel.plot(values, found.errors_after, ".", ms=3, color="tab:blue", label="found")
        scale_inputs(panel, values)
        panel.set_xlabel(name)
    panels[0].set_ylabel("bits of error")
    panels[0].legend(fontsize="small")
    return figure


def image(found: Stabilized) -> str:
    """The plot as an image tag for a notebook."""
    return image_tag(plot(found))
