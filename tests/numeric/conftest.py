"""Shared helpers: a generator whose seed is in the test's id, and rational data."""

import numpy as np
import pytest


@pytest.fixture(params=range(3), ids=lambda seed: f"seed{seed}")
def rng(request):
    return np.random.default_rng(request.param)
