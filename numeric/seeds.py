"""Random numbers from a seed, the same each time."""

from __future__ import annotations

import numpy as np

from symbolic.errors import DataError


def generator(seed: int, *stream: int) -> np.random.Generator:
    """The random numbers of a seed, or of one of its streams. Errors: `DataError` for another seed.

    >>> bool(generator(7).random() == generator(7).random() != generator(7, 1).random())
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise DataError(f"seed={seed!r}", "not an integer of 0 or more", "give one, as seed=0")
    return np.random.default_rng([int(seed), *stream] if stream else int(seed))
