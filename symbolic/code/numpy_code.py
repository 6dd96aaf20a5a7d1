"""A standalone NumPy module from expressions.

The graph is made stable (`stable_forms`), its products are planned (`products`), it is cut into blocks
of rows where that saves work (`row_blocks`), its nodes are written in order (`source_writer`), and here
the module is put together around the lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbolic.code.logistic_losses import with_logistic_losses
from symbolic.code.numpy_layout import definition, docstring
from symbolic.code.relu_masks import masks_from_relu
from symbolic.code.row_blocks import row_plan
from symbolic.code.row_code import rows_code
from symbolic.code.shared_exponentials import share_exponentials
from symbolic.code.shared_scale import scale_once
from symbolic.code.shared_work import original_names, planned_work, shared_work
from symbolic.code.size_conditions import SizeConditions
from symbolic.code.source_writer import SourceWriter, WholeRowsError
from symbolic.code.unused_lines import without_unused
from symbolic.code.written import Written, opened
from symbolic.errors import UnsupportedError
from symbolic.nodes import (
    Derivative,
    Expectation,
    Expression,
    Named,
    Unspecified,
    Variable,
)
from symbolic.traverse import postorder

_CONTRACT = (
    "Arguments are NumPy arrays of floats, all of one type, and numbers; nothing is checked."
)


@dataclass(frozen=True)
class NumpyCode:
    """A module: `source` is all of it, `bodies` its generated functions, `names` those it may use.

    `outputs` are the expressions as they are computed, one a root; `conditions` are those that the
    sizes of the arguments have to meet. With `threaded` the function goes row by row and takes the
    keyword `threads`.
    """

    source: str
    outputs: tuple[Expression, ...]
    bodies: tuple[tuple[str, ...], ...]
    names: frozenset[str]
    conditions: SizeConditions
    threaded: bool = False


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
    >>> print(numpy_code([X @ w], [X, w], name="f").bodies[0][-1])
        return X.dot(w)
    """
    _check_nodes(roots)
    stable = with_logistic_losses(shared_work(roots), roots)
    stable = share_exponentials(stable, roots)
    planned = planned_work(dict.fromkeys(stable[root] for root in roots))
    outputs = masks_from_relu(scale_once([planned[stable[root]] for root in roots]))
    original = original_names(roots, stable, planned)
    conditions = SizeConditions(roots)
    written = _written(outputs, arguments, original, conditions, name, results)
    return _module(written, roots, tuple(outputs), arguments, name, conditions)


def _written(
    outputs: Sequence[Expression],
    arguments: Sequence[Variable],
    original: dict[Expression, Named],
    conditions: SizeConditions,
    name: str,
    results: Sequence[str] | None,
) -> Written:
    """The functions, in blocks of rows where that saves work."""
    rows = row_plan(outputs, arguments)
    if rows is not None:
        try:
            return rows_code(outputs, arguments, original, conditions.inside, rows, name, results)
        except WholeRowsError:
            pass
    writer = SourceWriter(outputs, arguments, original, conditions.inside)
    called = writer.name_results(outputs, results)
    writer.write_return(outputs, several=results is not None)
    lines = (*opened(writer), *writer.lines)
    parameters = tuple(writer.parameters)
    return Written(
        parameters,
        parameters,
        lines,
        tuple(called),
        (),
        writer.helpers,
        frozenset(writer.names.taken),
    )


def _check_nodes(roots: Sequence[Expression]) -> None:
    for node in postorder(roots):
        if isinstance(node, Derivative):
            raise UnsupportedError(
                f"NumPy code for a derivative by {node.variable.name}",
                "it is not worked out",
                "use gradient or jacobian, which work derivatives out",
            )
        if isinstance(node, Expectation):
            raise UnsupportedError(
                f"NumPy code for an expectation over {node.variable.name}",
                "it is not worked out",
                "use expectation, which works expectations out",
            )
        if isinstance(node, Unspecified):
            raise UnsupportedError(
                f"NumPy code for {node.name}(...)",
                "nothing is known of the function but its name",
                "replace it by an expression first",
            )


def _module(
    written: Written,
    roots: Sequence[Expression],
    outputs: tuple[Expression, ...],
    arguments: Sequence[Variable],
    name: str,
    conditions: SizeConditions,
) -> NumpyCode:
    """The functions with what stands before them."""
    written = replace(
        written,
        lines=without_unused(written.lines),
        parts=tuple(map(without_unused, written.parts)),
    )
    given = dict(zip(written.parameters, arguments, strict=True))
    documented = docstring(roots, given, written.results)
    body = (*definition(name, written.signature), *documented, *written.lines)
    bodies = (*written.parts, body)
    helpers = _called(written)
    code = "\n".join(["\n".join(each) for each in bodies] + [*helpers.values()])
    needs = "NumPy and nothing else"
    if "scipy.linalg" in code:
        needs = "NumPy and SciPy"
    elif "scipy" in code:
        needs = "NumPy, and SciPy for special functions"
    opening = f'"""NumPy code written by chainrule. It needs {needs}.\n\n{_CONTRACT}\n"""'
    parts = [
        "\n".join([opening, "", *_imports(code)]).rstrip(),
        *(text.rstrip() for text in helpers.values()),
        *("\n".join(each) for each in bodies),
    ]
    whole = "\n\n\n".join(parts)
    source = "".join(f"{line.rstrip()}\n" for line in whole.split("\n"))
    names = written.names | {*helpers, name}
    return NumpyCode(source, outputs, bodies, names, conditions, bool(written.parts))


def _called(written: Written) -> dict[str, str]:
    """The helpers in use: a node has asked for its helper before it became part of another form."""
    lines = [*written.lines, *(line for part in written.parts for line in part)]
    code = "\n".join(line.partition("#")[0] for line in lines)
    found = {}
    for name, source in written.helpers.items():
        others = (text for other, text in written.helpers.items() if other != name)
        if re.search(rf"\b{name}\b", "\n".join([code, *others])):
            found[name] = source
    return found


def _imports(written: str) -> list[str]:
    """The imports that the lines need."""
    found = ["import numpy as np"] if re.search(r"\bnp\.", written) else []
    if "scipy.linalg." in written:
        found.append("import scipy.linalg")
    if "sliding_window_view(" in written:
        found.append("from numpy.lib.stride_tricks import sliding_window_view")
    return found
