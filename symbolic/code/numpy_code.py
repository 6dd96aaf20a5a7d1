"""A standalone NumPy module from expressions.

The graph is made stable (`stable_forms`), its products are planned (`products`), its nodes are
written in order (`source_writer`), and here the module is put together around the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbolic.code.numpy_layout import docstring, statement
from symbolic.code.products import plan
from symbolic.code.size_conditions import SizeConditions
from symbolic.code.source_writer import SourceWriter
from symbolic.code.stable_forms import stabilise
from symbolic.errors import UnsupportedError
from symbolic.nodes import (
    Derivative,
    Expression,
    Named,
    Unspecified,
    Variable,
)
from symbolic.traverse import postorder


@dataclass(frozen=True)
class NumpyCode:
    """A module: `source` is all of it, `body` the function alone, `names` those it may use.

    `conditions` are those that the sizes of the arguments have to meet.
    """

    source: str
    body: tuple[str, ...]
    names: frozenset[str]
    conditions: SizeConditions


def numpy_code(
    roots: Sequence[Expression],
    arguments: Sequence[Variable],
    *,
    name: str,
    results: Sequence[str] | None = None,
) -> NumpyCode:
    """The module that computes the roots from the arguments.

    With `results`, a name for each root, the function returns a tuple; otherwise the one value.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w = matrix("X", n, d), vector("w", d)
    >>> print(numpy_code([X @ w], [X, w], name="f").body[-1])
        return X @ w
    """
    _check_nodes(roots)
    stable = stabilise(tuple(roots))
    planned = plan(dict.fromkeys(stable[root] for root in roots))
    outputs = [planned[stable[root]] for root in roots]
    original = {
        planned[stable[node]]: node
        for node in postorder(roots)
        if isinstance(node, Named) and stable[node] in planned
    }
    conditions = SizeConditions(roots)
    writer = SourceWriter(outputs, arguments, original, conditions.inside)
    called = writer.write_all(outputs, results)
    return _module(writer, roots, name, called, conditions)


def _check_nodes(roots: Sequence[Expression]) -> None:
    for node in postorder(roots):
        if isinstance(node, Derivative):
            raise UnsupportedError(
                f"NumPy code for a derivative by {node.variable.name}",
                "it is not worked out",
                "use gradient or jacobian, which work derivatives out",
            )
        if isinstance(node, Unspecified):
            raise UnsupportedError(
                f"NumPy code for {node.name}(...)",
                "nothing is known of the function but its name",
                "replace it by an expression first",
            )


def _module(
    writer: SourceWriter,
    roots: Sequence[Expression],
    name: str,
    called: Sequence[str],
    conditions: SizeConditions,
) -> NumpyCode:
    """The lines with what stands before them."""
    head = [f"def {name}({', '.join(writer.parameters)}):"]
    given = dict(zip(writer.parameters, writer.arguments, strict=True))
    documented = docstring(roots, given, called)
    body = [*head, *documented, *_sizes(writer), *_dtype(writer), *writer.lines]
    written = "\n".join([*writer.helpers.values(), *writer.lines])
    needs = "NumPy and nothing else"
    if "scipy.linalg" in written:
        needs = "NumPy and SciPy"
    elif "scipy" in written:
        needs = "NumPy, and SciPy for special functions"
    opening = f'"""NumPy code written by chainrule. It needs {needs}."""'
    parts = [
        "\n".join([opening, "", "import numpy as np", *_imports(written)]),
        *(text.rstrip() for text in writer.helpers.values()),
    ]
    whole = "\n\n\n".join([*parts, "\n".join(body)])
    source = "".join(f"{line.rstrip()}\n" for line in whole.split("\n"))
    names = frozenset({*writer.names.taken, *writer.helpers, name})
    return NumpyCode(source, tuple(body), names, conditions)


def _imports(written: str) -> list[str]:
    """The imports that the lines need besides NumPy's."""
    found = ["import scipy.linalg"] if "scipy.linalg." in written else []
    if "sliding_window_view(" in written:
        found.append("from numpy.lib.stride_tricks import sliding_window_view")
    return found


def _sizes(writer: SourceWriter) -> list[str]:
    """Lines that read the sizes in use from shapes."""
    missing = set(writer.used_letters)
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
