"""What the writing of a module gives, and the lines that open a function: its sizes and its type."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sympy

from symbolic.code.numpy_layout import statement
from symbolic.code.source_writer import SourceWriter
from symbolic.errors import UnsupportedError


@dataclass(frozen=True)
class Written:
    """The parameters, the signature, the lines below the docstring, the names of the results.

    `parts` are the functions that this one calls.
    """

    parameters: tuple[str, ...]
    signature: tuple[str, ...]
    lines: tuple[str, ...]
    results: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    helpers: Mapping[str, str]
    names: frozenset[str]


def opened(writer: SourceWriter, passed: Collection[sympy.Symbol] = ()) -> list[str]:
    """The lines that a function opens with; `passed` sizes are parameters."""
    return [*_sizes(writer, passed), *_dtype(writer)]


def _sizes(writer: SourceWriter, passed: Collection[sympy.Symbol]) -> list[str]:
    """Lines that read the sizes in use from shapes."""
    missing = set(writer.used_letters) - {*passed}
    lines = []
    for parameter, variable in zip(writer.parameters, writer.arguments, strict=True):
        here = [size for size in variable.shape if size in missing]
        if not here:
            continue
        missing -= set(here)
        if len(here) == len(set(variable.shape)) == variable.rank > 1:
            lines.append(f"    {', '.join(writer.letters[s] for s in here)} = {parameter}.shape")
            continue
        lines.extend(
            f"    {writer.letters[size]} = {parameter}.shape[{variable.shape.index(size)}]"
            for size in dict.fromkeys(here)
        )
    if missing:
        raise UnsupportedError(
            f"NumPy code that needs the size {min(map(str, missing))}",
            "it occurs only inside other sizes",
            "pass a variable with an axis of just that size in arguments=",
        )
    return lines


def _dtype(writer: SourceWriter) -> list[str]:
    if not writer.uses_dtype:
        return []
    if not writer.parameters:
        return ["    dtype = np.float64"]
    arguments = ", ".join([*writer.parameters, "np.float16"])
    return [*statement("dtype = ", f"np.result_type({arguments})", "integers become floats")]
