"""The process that checks pages, one after the other, so that the one that asks can stop it.

It is started with the paths of the process that asks, and talks in lines of JSON: a page is asked for,
and answered by its progress and then its result.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from derivations.catalogue import catalogue
from derivations.checking.results import result_of
from derivations.verdicts import check
from symbolic.errors import ChainruleError


def serve() -> None:
    """Answer requests from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks decides when to stop
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

        def say(answer: dict[str, Any]) -> None:
            answers.write(json.dumps(answer) + "\n")  # one piece, or nothing where it is no JSON
            answers.flush()

        def advance(done: int, total: int) -> None:
            say({"done": done, "total": total})

        say({"ready": True})
        for line in sys.stdin:
            request = json.loads(line)
            page, seed = request["page"], request["seed"]
            try:
                derivation = catalogue.load(page)
                result = result_of(page, check(derivation, seed=seed, progress=advance))
                say({"result": result.as_data()})
            except MemoryError:
                say({"broken": "it needs more memory than there is"})
            except (Exception, SystemExit) as error:
                say({"broken": _said(error, page)})


def _said(error: Exception | SystemExit, page: str) -> str:
    """What an error says, with the line of the page, or else of the program, that led to it."""
    known = isinstance(error, ChainruleError)
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}, {(error.text or '').strip()!r}: SyntaxError: {error.msg}"
    said = str(error) if known else f"{type(error).__name__}: {error}"
    file = catalogue.path(page) if page in catalogue else Path(page)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve() == file.resolve()]
    if own:
        return f"line {own[-1].lineno}, {own[-1].line!r}: {said}"
    if known or not frames:
        return said
    last = frames[-1]
    return f"{said}, in {last.name} of {last.filename}, line {last.lineno}"
