"""Pieces that the plots of the package share; matplotlib is needed where they are called only."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np

Array = Any
_FEW = 0.02  # of the sizes: edges of a domain that are much smaller do not stretch the axis
_WIDE = 100.0  # the ratio of sizes from which an axis is logarithmic


def image_tag(figure: Any) -> str:
    """A matplotlib figure as an image tag for a notebook."""
    written = BytesIO()
    with np.errstate(all="ignore"):  # of matplotlib, for points beside the largest number
        figure.savefig(written, format="png", dpi=100)
    return f"<img src='data:image/png;base64,{b64encode(written.getvalue()).decode()}'>"


def scale_inputs(panel: Any, values: Array) -> None:
    """A logarithmic axis for inputs of very different sizes, of both signs where they have them."""
    sizes = np.abs(values[values != 0])
    low, high = np.quantile(sizes, [_FEW, 1.0]).tolist() if len(sizes) else (1.0, 1.0)
    if high <= _WIDE * low:
        return
    if np.all(values > 0):
        panel.set_xscale("log")
        return
    panel.set_xscale("symlog", linthresh=low)
    panel.minorticks_off()
    panel.xaxis.set_major_locator(_few_ticks(low, high))


def _few_ticks(low: float, high: float) -> Any:
    """Zero, the largest power of ten and the one halfway to the smallest, on both sides."""
    from matplotlib.ticker import FixedLocator

    last = np.floor(np.log10(high))
    sizes = 10.0 ** np.unique(np.round([(np.log10(low) + last) / 2, last]))
    return FixedLocator([*(-sizes[::-1]), 0.0, *sizes])
