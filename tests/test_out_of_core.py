"""The example that fits data larger than the memory of a worker, run at a small size."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "out_of_core_logistic_regression.py"


def test_the_fit_on_a_cluster_is_the_fit_in_memory():
    pytest.importorskip("distributed", reason="Dask is not installed")
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), "--rows", "220_000", "--workers", "2"],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "220,000 rows" in done.stdout
    assert "cluster      2 processes" in done.stdout
    out_of_core, in_memory = re.findall(r"loss (0\.\d+) in", done.stdout)
    assert out_of_core[:12] == in_memory[:12]
    loss, weights = re.search(r"difference   loss (\S+), weights (\S+)", done.stdout).groups()
    assert float(loss) < 1e-12
    assert float(weights) < 1e-10
