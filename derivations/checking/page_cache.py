"""Results of pages in the user's cache folder, each under the key of all that it depends on.

An entry that cannot be read, or is not what was written, is no entry; a folder that cannot be
written keeps nothing. Neither is an error.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

VARIABLE = "CHAINRULE_CACHE"  # the environment variable that names another folder
_KEPT = 60 * 24 * 3600.0  # seconds for which an entry that nobody reads is kept


def cache_folder() -> Path | None:
    """Where results are kept: `$CHAINRULE_CACHE`, else what the platform says; None for nowhere."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "chainrule"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "chainrule"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "chainrule"


def read_entry(key: str) -> dict[str, Any] | None:
    """What was written under a key; None if nothing was, or it is damaged."""
    path = _path(key)
    if path is None:
        return None
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        found: dict[str, Any] = entry["result"]
        if (entry["key"], entry["digest"]) != (key, _digest(found)):
            return None
        os.utime(path)  # it is in use
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found


def write_entry(key: str, result: dict[str, Any]) -> None:
    """Keep a result under a key, in one move, so that no reader sees half of it."""
    path = _path(key)
    if path is None:
        return
    entry = json.dumps({"key": key, "digest": _digest(result), "result": result})
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(entry)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def forget_unused() -> None:
    """Delete entries that nobody has read for two months."""
    folder = cache_folder()
    if folder is None:
        return
    oldest = time.time() - _KEPT
    with suppress(OSError):
        for path in (folder / "pages").iterdir():
            if path.suffix in (".json", ".part") and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _path(key: str) -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder / "pages" / f"{key}.json"


def _digest(result: dict[str, Any]) -> str:
    text = json.dumps(result, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
