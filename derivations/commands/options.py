"""Options of the commands."""

from __future__ import annotations

import argparse
from typing import Any

from symbolic.errors import UnsupportedError


class Once(argparse.Action):
    """An option with one value, which a second one does not replace in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Take the value, or raise `UnsupportedError` where there is one."""
        if getattr(namespace, self.dest) is not None:
            raise UnsupportedError(f"{option_string} {values}", "given twice", "give it once")
        setattr(namespace, self.dest, values)
