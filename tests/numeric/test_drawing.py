"""Axes of plots show the points that were drawn."""

import numpy as np
import pytest

from numeric.drawing import scale_inputs

figure = pytest.importorskip("matplotlib.figure", reason="matplotlib comes with the test extra")

RNG = np.random.default_rng(0)
LOG = np.exp(RNG.uniform(-20, 6, 500))


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (RNG.uniform(-2e4, 2e4, 500), "linear"),
        (np.append(RNG.uniform(-2e4, 2e4, 500), [5e-324, -1e-300, 0.0]), "linear"),
        (LOG, "log"),
        (LOG * RNG.choice([-1, 1], 500), "symlog"),
        (np.append(LOG * RNG.choice([-1, 1], 500), 5e-324), "symlog"),
        (np.zeros(3), "linear"),
    ],
)
def test_most_points_are_well_inside_the_axis(values, scale):
    panel = figure.Figure().subplots()
    panel.plot(values, np.zeros(len(values)), ".")
    scale_inputs(panel, values)
    assert panel.get_xscale() == scale
    low, high = panel.get_xlim()
    assert scale == "log" or low <= values.min()
    assert high >= values.max()
    across = panel.transScale.transform(np.column_stack([values, values]))[:, 0]
    if np.ptp(values) > 0:
        spread = np.quantile(across, 0.9) - np.quantile(across, 0.1)
        assert spread > 0.5 * np.ptp(panel.transScale.transform([(low, 0), (high, 0)])[:, 0])
