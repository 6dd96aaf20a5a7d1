"""What every test may ask for."""

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    """A random generator with a fixed seed; pytest shows the printed seed when a test fails."""
    seed = 20260101
    print(f"rng seed: {seed}")
    return np.random.default_rng(seed)
