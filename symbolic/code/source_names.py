"""Names in generated source: the user's where they are safe, and never one name for two things."""

from __future__ import annotations

import builtins
import keyword
import unicodedata

from symbolic.code.helper_functions import OF_NUMPY
from symbolic.functions import ELEMENTWISE, OF_CODE
from symbolic.structured import STRUCTURED

RESERVED = frozenset(
    {"np", "scipy", "dtype", "special", "sliding_window_view", "rows", "threads"}
    | {*OF_NUMPY, *ELEMENTWISE, *OF_CODE, *STRUCTURED, *dir(builtins)}
)


class Names:
    """The names taken so far."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self._next = 1

    def take(self, wanted: str) -> str:
        """`wanted`, changed as little as keeps it a free name that shadows nothing.

        >>> names = Names()
        >>> names.take("X"), names.take("lambda"), names.take("X"), names.take("norm")
        ('X', 'lambda_', 'X_2', 'norm_')
        """
        base = unicodedata.normalize("NFKC", wanted)  # Python reads identifiers so
        if keyword.iskeyword(base) or keyword.issoftkeyword(base) or base in RESERVED:
            base += "_"
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name

    def temporary(self) -> str:
        """The next of t1, t2, ... that is free."""
        while (name := f"t{self._next}") in self.taken:
            self._next += 1
        self.taken.add(name)
        return name
