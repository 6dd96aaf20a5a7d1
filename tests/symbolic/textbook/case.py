"""One derivative of a textbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LETTERS = "nmdkh"  # sizes, from large to small


@dataclass(frozen=True)
class Case:
    """The derivative of `f` by `wrt` is `right`, as a good author prints it.

    `right` is the gradient of a scalar f and the Jacobian of any other; `hessian` is the second
    derivative of a scalar f, when the book has it. All are text of the language that `parse` reads.
    """

    id: str
    given: Mapping[str, str]
    f: str
    wrt: str
    right: str
    hessian: str | None = None
    source: str = ""
