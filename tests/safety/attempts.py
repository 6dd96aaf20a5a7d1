"""One hostile input handed to one entry of the library: what came of it, and what it cost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from derivations import verify_gradient
from symbolic import Latex, parse, read_latex
from symbolic.errors import ChainruleError
from symbolic.reading.declarations import declare
from symbolic.reading.latex.reader import declared_names

GIVEN = {"x": "n", "A": "n n", "a": ""}


MOST_SECONDS = 5


class TooLong(BaseException):
    """An input that took more processor time than any may."""


@dataclass(frozen=True)
class Attempt:
    """What came of one input: "returned", the name of a typed error, or what else happened."""

    outcome: str
    seconds: float
    typed: bool


def attempt(action: Callable[[], object]) -> Attempt:
    """What an action does, with the processor time it takes."""
    start = time.process_time()
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        action()
        outcome, typed = "returned", True
    except ChainruleError as error:
        str(error)
        outcome, typed = type(error).__name__, True
    except BaseException as error:
        outcome, typed = f"{type(error).__name__}: {str(error)[:200]}", False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Attempt(outcome, time.process_time() - start, typed)


def _stop(number: int, frame: object) -> None:
    raise TooLong


def declarations(text: str) -> dict[str, str]:
    """Lines `key: value` as a mapping."""
    lines = [line.partition(":") for line in text.split("\n")]
    return {key: value for key, _, value in lines}


def actions(text: str, kind: str) -> dict[str, Callable[[], object]]:
    """The entries that an input of some kind is handed to."""
    if kind == "given":
        given = declarations(text)
        return {
            "declare": lambda: declare(given),
            "declared_names": lambda: declared_names(given),
            "read_latex": lambda: read_latex("z = x", given),
            "verify_gradient": lambda: verify_gradient("x@x", "x", "2*x", given),
        }
    written = Latex(text) if kind == "latex" else text
    return {
        "parse": lambda: parse(written, GIVEN),
        "read_latex": lambda: read_latex(text, GIVEN),
        "definition": lambda: declared_names({**GIVEN, "z": f"= {text}"}),
        "claim": lambda: verify_gradient("x@x", "x", written, GIVEN),
        "function": lambda: verify_gradient(written, "x", "2*x", GIVEN),
        "variable": lambda: verify_gradient("x@x", text, "2*x", GIVEN),
    }
