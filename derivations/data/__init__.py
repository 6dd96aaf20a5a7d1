"""Two small real data sets, shipped with the package: where they come from is in `SOURCES.md`.

>>> from derivations.data import breast_cancer
>>> breast_cancer()
Dataset(569 x 30, target: malignant, benign)
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Dataset", "breast_cancer", "digits"]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows of features and one target each; the arrays are read-only and shared by all callers.

    Shapes: `X` is (n, d) and `y` is (n,), both float64. `y[i] = k` means `target_names[k]`.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    features: tuple[str, ...]
    target_names: tuple[str, ...]

    def __repr__(self) -> str:
        rows, columns = self.X.shape
        return f"Dataset({rows} x {columns}, target: {', '.join(self.target_names)})"


@cache
def breast_cancer() -> Dataset:
    """Wisconsin diagnostic breast cancer: 569 tumours, 30 measurements each.

    `y` is 1 for a benign tumour (357 of them) and 0 for a malignant one (212).
    """
    return _read("breast_cancer.csv.gz", target_names=("malignant", "benign"))


@cache
def digits() -> Dataset:
    """Handwritten digits: 1797 images of 8 by 8 pixels, each from 0 (empty) to 16, row by row.

    `y` is the digit drawn, 0 to 9.
    """
    return _read("digits.csv.gz", target_names=tuple("0123456789"))


def _read(file_name: str, target_names: tuple[str, ...]) -> Dataset:
    import numpy as np

    text = gzip.decompress(files(__name__).joinpath(file_name).read_bytes()).decode("ascii")
    header, *lines = text.splitlines()
    table = np.loadtxt(lines, delimiter=",", dtype=np.float64)
    X, y = np.ascontiguousarray(table[:, :-1]), table[:, -1].copy()
    X.setflags(write=False)
    y.setflags(write=False)
    return Dataset(X, y, features=tuple(header.split(",")[:-1]), target_names=target_names)
