"""A second process of Python that answers lines of JSON, and what ends one that takes too long."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

STARTING = 120.0  # seconds that the libraries may take to load
_PROGRAM = (
    "import importlib, json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "importlib.import_module(sys.argv[2]).serve()"
)


def started(module: str, complaints: IO[str]) -> subprocess.Popen[str]:
    """A process that runs the function `serve` of a module, found where this process would find it."""
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _PROGRAM, json.dumps(sys.path), module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        encoding="ascii",
    )


def end(process: subprocess.Popen[str]) -> None:
    """End a process and close its pipes."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # what was written last may never have been read
                stream.close()


class Limit:
    """Ends a process after some seconds; `passed` tells whether it did."""

    def __init__(self, process: subprocess.Popen[str], seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._end)

    def _end(self) -> None:
        self.passed = True
        self._process.kill()

    def __enter__(self) -> Limit:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        self._timer.join()
