"""The plugin: opt-in, free until it is used, and clear when it fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(folder, source, *options):
    """Pytest on one file, in its own process, with no plugin but this one."""
    (folder / "test_sample.py").write_text("import numpy as np\n" + source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sample.py"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, "-p", "numeric.pytest_plugin", *options],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


TESTS = """
x = np.array([1.0, 2.0, 3.0])

def test_right(assert_gradient):
    assert assert_gradient(lambda x: x @ x, lambda x: 2 * x, x, seed=3).seed == 3

def test_wrong(assert_gradient):
    assert_gradient(lambda x: x @ x, lambda x: 2 * x * [1, -1, 1], x)

def test_unknown(assert_gradient):
    assert_gradient(lambda x: np.nan, lambda x: 2 * x, x)

def test_unknown_allowed(assert_gradient):
    found = assert_gradient(lambda x: np.nan, lambda x: 2 * x, x, allow_inconclusive=True)
    assert found.verdict == "inconclusive"

def test_wrong_is_not_allowed(assert_gradient):
    assert_gradient(lambda x: x @ x, lambda x: -2 * x, x, allow_inconclusive=True)

def test_layer(assert_layer):
    assert_layer((np.sin, lambda v, x: v * np.cos(x)), x)

def test_wrong_layer(assert_layer):
    assert_layer((np.sin, lambda v, x: -v * np.cos(x)), x)
"""


def test_the_fixtures_fail_with_the_diagnosis(tmp_path):
    output = run(tmp_path, TESTS).stdout
    assert "4 failed, 3 passed" in output
    for expected in (
        "AssertionError: gradient check: fail",
        "mistakes: sign of some entries",
        "wrong entries: [1]",
        "differences give 4 +-",
        "allow_inconclusive=True lets this pass",
        "mistakes: sign\n",
        "mistake: x: sign",
    ):
        assert expected in output, output
    for name in ("test_wrong", "test_unknown", "test_wrong_is_not_allowed", "test_wrong_layer"):
        assert f"FAILED test_sample.py::{name} " in output
    assert "pytest_plugin.py" not in output.replace("-p numeric.pytest_plugin", "")


def test_the_plugin_loads_nothing_until_it_is_asked():
    code = "import sys, numeric.pytest_plugin; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("name", ["assert_gradient", "assert_layer"])
def test_the_fixtures_are_listed(tmp_path, name):
    assert name in run(tmp_path, "", "--fixtures").stdout
