"""Pages checked by several processes at once; a page that breaks or hangs ends only its own."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import IO, Any

from derivations.checking.page_cache import forget_unused, read_entry, write_entry
from derivations.checking.page_key import page_keys
from derivations.checking.results import PageResult, broken, from_data
from derivations.child_process import STARTING, Limit, end, started

SECONDS = 120.0  # that one page may take
Progress = Callable[[str, int, int], None]  # called with a page, its lines done, its lines in all
_WORKER = "derivations.checking.worker"


def check_pages(
    pages: Sequence[str],
    *,
    seed: int = 0,
    jobs: int | None = None,
    seconds: float = SECONDS,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Iterator[PageResult]:
    """The result of each page, in the order of the pages, each as soon as it and those before are there.

    `jobs` processes share the work, by default as many as there are processors. A result that is
    known is not found again, unless `fresh`. A page that raises, crashes or takes more than
    `seconds` is undecided, with the reason; the others go on. `progress` is called as lines are done.

        >>> [result] = check_pages(["unsupervised/pca_reconstruction"])
        >>> result.counts
        {'proved': 3}
    """
    keys = page_keys(pages, seed)
    found = {} if fresh else _known(keys)
    missing = [page for page in dict.fromkeys(pages) if page not in found]
    team = _Team(missing, seed, seconds, min(jobs or processors(), len(missing)))
    try:
        for page in pages:
            while page not in found:
                event = team.next_event()
                if isinstance(event, PageResult):
                    found[event.page] = event
                    _keep(event, keys[event.page], seed)
                elif progress is not None:
                    progress(*event)
            if progress is not None:
                progress(page, 1, 1)
            yield found[page]
    finally:
        team.stop()
        if missing:
            forget_unused()


def known_results(pages: Sequence[str], seed: int = 0) -> dict[str, PageResult]:
    """The results that are known without checking anything, by page."""
    return _known(page_keys(pages, seed))


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _known(keys: dict[str, str | None]) -> dict[str, PageResult]:
    found = {}
    for page, key in keys.items():
        entry = read_entry(key) if key is not None else None
        if entry is not None:
            found[page] = from_data(entry, cached=True)
    return found


def _keep(result: PageResult, key: str | None, seed: int) -> None:
    """Keep a result, unless the page broke or a file has changed since the key was made."""
    checked = any(line["method"] != "page" for line in result.details["claims"])
    if key is not None and checked and page_keys([result.page], seed)[result.page] == key:
        write_entry(key, result.as_data())


class _Team:
    """Processes that take pages from one queue; what they find comes back as events."""

    def __init__(self, pages: Sequence[str], seed: int, seconds: float, size: int) -> None:
        self._pages: queue.SimpleQueue[str] = queue.SimpleQueue()
        for page in pages:
            self._pages.put(page)
        self._events: queue.SimpleQueue[PageResult | tuple[str, int, int]] = queue.SimpleQueue()
        self._seed, self._seconds = seed, seconds
        self._workers = [_Worker() for _ in range(size)]
        for worker in self._workers:
            threading.Thread(target=self._work, args=(worker,), daemon=True).start()

    def next_event(self) -> PageResult | tuple[str, int, int]:
        """Wait for a result or for progress; an interrupt is noticed while waiting."""
        while True:
            with suppress(queue.Empty):
                return self._events.get(timeout=0.5)

    def stop(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.stop(for_good=True)

    def _work(self, worker: _Worker) -> None:
        while not worker.stopped:
            try:
                page = self._pages.get_nowait()
            except queue.Empty:
                worker.stop(for_good=True)
                return

            def advance(done: int, total: int, page: str = page) -> None:
                self._events.put((page, done, total))

            advance(0, 0)
            answer = worker.ask({"page": page, "seed": self._seed}, self._seconds, advance)
            if isinstance(answer, str):
                self._events.put(broken(page, answer, self._seed))
            else:
                self._events.put(from_data(answer))


class _Worker:
    """One process, started when it is first needed and anew after it was ended."""

    def __init__(self) -> None:
        self.stopped = False
        self._process: subprocess.Popen[str] | None = None
        self._complaints: IO[str] | None = None
        self._files = ExitStack()
        self._lock = threading.Lock()

    def ask(
        self, request: dict[str, Any], seconds: float, advance: Callable[[int, int], None]
    ) -> dict[str, Any] | str:
        """The result of a page, or why there is none."""
        process = self._started()
        if process is None:
            return "stopped"
        if isinstance(process, str):
            return process
        with Limit(process, seconds) as limit:
            answer = _exchange(process, request, advance)
        if answer is None or limit.passed:
            said = self.stop()
        if answer is None and limit.passed:
            return f"it takes longer than {seconds:g} seconds"
        if answer is None:
            return f"the process that checks it broke down: {said}"
        return answer

    def _started(self) -> subprocess.Popen[str] | str | None:
        with self._lock:
            if self.stopped:
                return None
            if self._process is not None:
                return self._process
            complaints = self._files.enter_context(
                tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
            )  # closed when the process is ended
            self._complaints = complaints
            process = self._process = started(_WORKER, complaints)
        assert process.stdout is not None
        with Limit(process, STARTING) as limit:
            ready = process.stdout.readline()
        if not ready or limit.passed:
            return f"the process that checks pages does not start: {self.stop()}"
        return process

    def stop(self, *, for_good: bool = False) -> str:
        """End the process, if there is one, and tell what it said last."""
        with self._lock:
            self.stopped |= for_good
            process, self._process = self._process, None
            complaints, self._complaints = self._complaints, None
        if process is None or complaints is None:
            return ""
        with suppress(subprocess.TimeoutExpired):
            process.wait(0 if for_good else 1)  # one that breaks down has its own status
        end(process)
        complaints.seek(0)
        said = complaints.read().strip().splitlines()
        self._files.close()
        return said[-1] if said else f"status {process.returncode}"


def _exchange(
    process: subprocess.Popen[str], request: dict[str, Any], advance: Callable[[int, int], None]
) -> dict[str, Any] | str | None:
    """What the process answers: a result, why there is none, or None when it has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            answer = json.loads(line)
            if "result" in answer:
                result: dict[str, Any] = answer["result"]
                return result
            if "broken" in answer:
                return str(answer["broken"])
            advance(answer["done"], answer["total"])
    except (OSError, ValueError):  # it ended in the middle, or its pipes were closed here
        return None
    return None
