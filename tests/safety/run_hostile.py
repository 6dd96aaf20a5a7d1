"""Runs the hostile inputs in this process, with little memory, and prints what came of each as JSON.

python -m tests.safety.run_hostile
"""

from __future__ import annotations

import json
import resource
import tomllib
from pathlib import Path

from derivations import verify_gradient
from tests.safety.attempts import actions, attempt
from tests.safety.canary import canary

INPUTS = Path(__file__).with_name("hostile.toml")
MEGABYTES = 1500  # the libraries alone take a third of it


def hostile_inputs() -> list[tuple[str, str, str]]:
    """Name, kind and text of every input."""
    entries = tomllib.loads(INPUTS.read_text(encoding="utf-8"))["input"]
    return [(entry["name"], entry["as"], _joined(entry["text"])) for entry in entries]


def _joined(pieces: list[str | list[str | int]]) -> str:
    return "".join(
        piece if isinstance(piece, str) else str(piece[0]) * int(piece[1]) for piece in pieces
    )


def main() -> None:
    """Hand every input to every entry."""
    verify_gradient("x@x", "x", "2*x", {"x": "n"})
    verify_gradient("x@x", "x", "3*x", {"x": "n"})
    limit = MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for name, kind, text in hostile_inputs():
        for entry, action in actions(text, kind).items():
            with canary() as calls:
                found = attempt(action)
            print(
                json.dumps([name, entry, found.outcome, found.typed, found.seconds, calls]),
                flush=True,
            )


if __name__ == "__main__":
    main()
