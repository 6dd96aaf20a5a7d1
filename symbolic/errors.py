"""Errors that say what was written, what was found and what to do."""

from __future__ import annotations


class ChainruleError(ValueError):
    """The root of every error this toolkit raises on purpose.

    The message has three parts: what was written, what was found, what to do about it.
    """

    def __init__(self, written: str, found: str, advice: str) -> None:
        self.written = written
        self.found = found
        self.advice = advice
        super().__init__(f"{written}: {found}; {advice}")

    def __reduce__(self) -> tuple[type[ChainruleError], tuple[str, str, str]]:
        return type(self), (self.written, self.found, self.advice)


class ShapeError(ChainruleError):
    """Operands whose shapes do not conform, or one size letter bound to two values."""


class NameUnknownError(ChainruleError):
    """A name that was not declared, or that is no variable of the expression."""


class NotAllowedError(ChainruleError):
    """Text with a call, operator or construct outside the language."""


class ParseError(ChainruleError):
    """Text that is not an expression of the language at all."""


class AmbiguousError(ParseError):
    """Text with two readings that no declaration tells apart; both are named."""


class DomainError(ChainruleError):
    """A domain that does not exist, does not fit a shape, or that data leave."""


class DataError(ChainruleError):
    """Data that cannot be used: NaN, infinity, a wrong dtype."""


class UnsupportedError(ChainruleError):
    """A node or a request that the toolkit does not handle."""


class IndependentWarning(UserWarning):
    """A derivative by a variable that the expression does not contain: it is zero."""
