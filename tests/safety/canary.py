"""A canary: it counts what no reading of text may do, run code or touch files, when our modules do it."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

PACKAGES = ("symbolic", "numeric", "derivations")
WATCHED = (
    (builtins, "eval"),
    (builtins, "exec"),
    (builtins, "compile"),
    (builtins, "open"),
    (builtins, "__import__"),
    (os, "system"),
    (os, "popen"),
    (os, "remove"),
    (subprocess, "Popen"),
)
DANGEROUS = frozenset(("os", "subprocess", "shutil", "socket", "ctypes", "pickle", "code"))
COMPILERS = ("numeric.evaluation", "symbolic.code.compilation")  # of code that the library wrote


@contextmanager
def canary() -> Iterator[list[str]]:
    """What our modules called that they must not call, while the block runs.

    >>> with canary() as calls:
    ...     len("abc")
    3
    >>> calls
    []
    """
    calls: list[str] = []
    with ExitStack() as stack:
        for module, name in WATCHED:
            true = getattr(module, name)
            stack.enter_context(patch.object(module, name, _watching(name, true, calls)))
        yield calls


def _watching(name: str, true: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        ours = caller.split(".")[0] in PACKAGES
        harmless = name == "__import__" and str(arguments[0]).split(".")[0] not in DANGEROUS
        harmless = harmless or (name in ("exec", "compile") and caller in COMPILERS)
        if name in ("popen", "system") or (ours and not harmless):
            calls.append(f"{name} from {caller}: {str(arguments)[:80]}")
        return true(*arguments, **options)

    return call
