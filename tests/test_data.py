"""The shipped data are the published ones, to the byte."""

import gzip
import hashlib
import re
from dataclasses import FrozenInstanceError
from importlib.resources import files

import numpy as np
import pytest

from derivations.data import breast_cancer, digits

SOURCES = files("derivations.data").joinpath("SOURCES.md").read_text(encoding="utf-8")
# Row of the table in SOURCES.md: file, bytes, digest of the file, digest of the text inside.
LISTED = re.findall(r"^\| `(\S+)` \| (\d+) \| `(\w{64})` \| `(\w{64})` \|$", SOURCES, re.MULTILINE)

# Smallest and largest value of each property, as the publishers print them (rounded to 3 decimals).
RANGES = {
    "mean radius": (6.981, 28.11),
    "mean texture": (9.71, 39.28),
    "mean area": (143.5, 2501.0),
    "mean concavity": (0.0, 0.427),
    "radius error": (0.112, 2.873),
    "area error": (6.802, 542.2),
    "worst radius": (7.93, 36.04),
    "worst area": (185.2, 4254.0),
    "worst fractal dimension": (0.055, 0.208),
}


def test_every_data_file_is_listed():
    shipped = {item.name for item in files("derivations.data").iterdir() if ".csv" in item.name}
    assert {name for name, *_ in LISTED} == shipped == {"breast_cancer.csv.gz", "digits.csv.gz"}


@pytest.mark.parametrize(("name", "size", "digest", "text_digest"), LISTED)
def test_files_have_the_listed_digests(name, size, digest, text_digest):
    content = files("derivations.data").joinpath(name).read_bytes()
    assert len(content) == int(size)
    assert hashlib.sha256(content).hexdigest() == digest
    assert hashlib.sha256(gzip.decompress(content)).hexdigest() == text_digest


def test_breast_cancer():
    data = breast_cancer()
    assert data.X.shape == (569, 30)
    assert data.y.shape == (569,)
    assert len(set(data.features)) == 30
    assert data.target_names == ("malignant", "benign")
    assert np.sum(data.y == 1) == 357  # benign
    assert np.sum(data.y == 0) == 212  # malignant
    for feature, (smallest, largest) in RANGES.items():
        column = data.X[:, data.features.index(feature)]
        assert column.min() == pytest.approx(smallest, abs=5.1e-4), feature
        assert column.max() == pytest.approx(largest, abs=5.1e-4), feature


def test_label_one_is_the_benign_tumour():
    """Malignant tumours are the larger ones: the means below are 17.46 and 12.15."""
    data = breast_cancer()
    radius = data.X[:, data.features.index("mean radius")]
    assert radius[data.y == 0].mean() == pytest.approx(17.4628, abs=1e-4)
    assert radius[data.y == 1].mean() == pytest.approx(12.1465, abs=1e-4)


def test_digits():
    data = digits()
    assert data.X.shape == (1797, 64)
    assert data.y.shape == (1797,)
    assert data.features[:9] == (*(f"pixel_0_{c}" for c in range(8)), "pixel_1_0")
    assert data.target_names == tuple("0123456789")
    counts = np.bincount(data.y.astype(int))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert set(np.unique(data.X)) == set(range(17))
    assert data.X[0, :8].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert data.X.mean() == pytest.approx(4.8842, abs=1e-4)


@pytest.mark.parametrize("load", [breast_cancer, digits])
def test_a_dataset_is_read_once_and_cannot_be_changed(load):
    data = load()
    assert load() is data
    for array in (data.X, data.y):
        assert array.dtype == np.float64
        assert np.isfinite(array).all()
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    with pytest.raises(FrozenInstanceError):
        data.X = data.X.copy()
    assert data.X.base is None  # no writable view is left behind
    assert data.y.base is None
    assert repr(data).startswith(f"Dataset({len(data.y)} x {len(data.features)}, target: ")
