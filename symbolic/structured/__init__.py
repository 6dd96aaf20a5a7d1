"""The table of named functions of whole arrays: along an axis, and of matrices."""

from symbolic.errors import NotAllowedError
from symbolic.structured.along_axis import ALONG_AXIS
from symbolic.structured.entry import StructuredFunction
from symbolic.structured.linear_algebra import LINEAR_ALGEBRA

__all__ = ["STRUCTURED", "StructuredFunction", "structured_function"]

STRUCTURED: dict[str, StructuredFunction] = {**ALONG_AXIS, **LINEAR_ALGEBRA}


def structured_function(name: str) -> StructuredFunction:
    """The table entry called `name`."""
    try:
        return STRUCTURED[name]
    except KeyError:
        raise NotAllowedError(
            f"function {name!r}", "not in the table", "use one of " + ", ".join(STRUCTURED)
        ) from None
