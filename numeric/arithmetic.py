"""What an arithmetic must offer so that expressions can be evaluated over it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

Foreign = Callable[[Any, Any, int, int], list[Any]]


class Arithmetic(Protocol):
    """Scalars with + - * / and the few questions an evaluation asks of them.

    `undefined` is a scalar that absorbs every operation: the value outside a domain, at a kink, or
    where the arithmetic cannot tell. Nothing raises on the way, so a branch that is not taken may
    be undefined. `notes` collects why.

    `foreign(head, scalars, place, order)` gives Taylor coefficients of a function of SymPy that has
    no enclosure, by its argument number `place`; None where such functions are refused.
    """

    zero: Any
    undefined: Any
    notes: set[str]
    foreign: Foreign | None

    def number(self, value: Fraction) -> Any:
        """A rational number."""

    def constant(self, name: str) -> Any:
        """pi, e, euler, catalan."""

    def is_defined(self, scalar: Any) -> bool:
        """Whether a scalar is a usable value."""

    def sign(self, scalar: Any) -> int | None:
        """-1, 0 or 1 where that is certain, else None."""

    def integer(self, scalar: Any) -> int | None:
        """The integer that the scalar certainly is, if it is one."""

    def larger(self, first: Any, second: Any) -> Any:
        """The larger of two scalars."""

    def either(self, first: Any, second: Any) -> Any:
        """What is one of two scalars, and it cannot be told which."""

    def power(self, scalar: Any, exponent: Fraction, order: int) -> list[Any]:
        """Taylor coefficients 0..order of x**exponent at `scalar`."""

    def taylor(self, function: str, parameter: int, scalar: Any, order: int) -> list[Any]:
        """Taylor coefficients 0..order of a function of the table at `scalar`."""

    def inverse(self, matrix: Any) -> Any:
        """The inverse of a square matrix; undefined throughout where it is not certainly invertible."""

    def exponential(self, matrix: Any) -> Any:
        """The matrix exponential."""

    def eigensystem(self, matrix: Any) -> tuple[Any, Any]:
        """Eigenvalues of a symmetric matrix, ascending, and unit eigenvectors as columns.

        A vector whose eigenvalue is not certainly simple is undefined; its sign is left open.
        """
