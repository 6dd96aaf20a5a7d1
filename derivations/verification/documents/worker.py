"""The process that checks formulas, one after the other, so that the one that asks can stop it.

It is started with the paths of the process that asks, talks in lines of JSON, and holds no state: each
request has the text of a formula and what is declared. Memory is bounded where the system can do that.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from derivations.verification.documents.blocks import check_block

MEMORY = 6_000_000_000  # bytes of address space, most of which libraries reserve and never use


def serve() -> None:
    """Answer requests from standard input until it ends."""
    _bound_memory()
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        for line in sys.stdin:
            answers.write(json.dumps(_answer(json.loads(line))) + "\n")
            answers.flush()


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such bound
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """What a formula was found to be; no failure ends the process."""
    try:
        return check_block(**request)
    except MemoryError:
        return {"failed": "it needs more memory than one formula may take"}
    except Exception as error:
        return {"failed": f"the checker failed with {type(error).__name__}: {error}"[:500]}
