"""Hostile inputs are read or refused with a typed error, in little time and memory; none of them runs."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.safety.run_hostile import hostile_inputs

ROOT = Path(__file__).parents[2]
MOST = 5.0  # seconds of processor time for one input
USUAL = 0.5
INPUTS = [entry[0] for entry in hostile_inputs()]


@cache
def outcomes(folder: Path) -> list[list[object]]:
    """What came of each input in a process with little memory, in an empty folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.safety.run_hostile"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=200,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {found[-1:]}: {done.stderr[-2000:]}"
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[list[object]]:
    folder = tmp_path_factory.mktemp("hostile")
    found = outcomes(folder)
    assert not list(folder.iterdir()), "an input made a file"
    return found


def test_every_input_was_tried(results: list[list[object]]) -> None:
    assert len(set(INPUTS)) == len(INPUTS)
    assert {row[0] for row in results} == set(INPUTS)


def test_errors_are_typed(results: list[list[object]]) -> None:
    assert [row for row in results if not row[3]] == []


def test_nothing_is_executed(results: list[list[object]]) -> None:
    assert [row for row in results if row[5]] == []


def test_time_is_bounded(results: list[list[object]]) -> None:
    assert [row for row in results if row[4] > MOST] == []
    slow = [row for row in results if row[4] > USUAL]
    assert len(slow) <= len(results) / 50, slow
