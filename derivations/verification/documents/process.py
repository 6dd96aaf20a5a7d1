"""A process that checks formulas for this one, and is ended when it takes too long."""

from __future__ import annotations

import json
import subprocess
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import Any

from derivations.child_process import STARTING, Limit, end, started
from symbolic.errors import UnsupportedError

_WORKER = "derivations.verification.documents.worker"


class Checker:
    """Answers requests within a time, in a process that is started when it is first needed.

    A process that takes longer is ended, and the next request gets a new one.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; `failed` in it says why there is none."""
        if self._process is None:
            self._start()
        answer = self._exchange(request, self.seconds)
        if isinstance(answer, str):
            self._stop()
            return {"failed": answer}
        return answer

    def _start(self) -> None:
        """Start the process. Raises `UnsupportedError` when it does not answer."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
            self._process = started(_WORKER, complaints)
            answer = self._exchange({"text": "0", "given": {}}, STARTING)
            if not isinstance(answer, str):
                return
            self._stop()
            complaints.seek(0)
            why = (complaints.read().strip().splitlines() or [answer])[-1]
        raise UnsupportedError(
            "the process that checks formulas", f"it does not start: {why}", "install it anew"
        )

    def _exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any] | str:
        """The answer of the process, or why there is none."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        line = ""
        with Limit(process, seconds) as limit, suppress(OSError):
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if limit.passed:
            return f"it takes longer than {seconds:g} seconds"
        if not line.endswith("\n"):
            return "the process that checks it broke down, perhaps for want of memory"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process)
