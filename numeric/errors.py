"""Errors of this package: an answer that could not be given is never a wrong answer."""

from __future__ import annotations

from symbolic.errors import ChainruleError


class Undecided(ChainruleError):  # noqa: N818 (an outcome, not a mistake)
    """No certain value can be given here; the message says why."""


class PrecisionTooLow(Undecided):
    """No certain value at this precision; more bits may help."""
