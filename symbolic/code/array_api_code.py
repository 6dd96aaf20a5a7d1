"""A module for every library of the Python array API standard, from expressions.

It takes the same stable and planned graph as the NumPy code, and writes one statement a node with
functions of the standard alone: nothing is changed in place, so it can be traced (JAX), differentiated
(PyTorch) and built lazily (Dask).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symbolic.code.array_api_factors import FACTOR_FUNCTIONS
from symbolic.code.array_api_writer import ArrayApiWriter
from symbolic.code.numpy_layout import docstring
from symbolic.code.shared_work import original_names, planned_work, shared_work
from symbolic.errors import UnsupportedError
from symbolic.nodes import Expression, Variable

WORDS = frozenset(
    """
    def return None True float xp math pi device dtype T axes axis shape copy
    arange argmax asarray astype atanh abs broadcast_to concat cos cosh cumulative_sum exp expm1
    flip full keepdims linalg log log1p max maximum mean min minimum ones permute_dims prod reshape
    sign sin sinh sqrt sum take tanh tensordot tril triu where zeros zeros_like
    erf erfc erfcx floor full_like gamma isfinite lgamma log2 squeeze
    cholesky det inv matrix_transpose slogdet solve svdvals transposed True
    """.split()  # noqa: SIM905 - shorter than a list
)
_WORD = re.compile(r"[^\W\d]\w*")
_SOLVE = re.compile(r"xp\.linalg\.(\w+)")


@dataclass(frozen=True)
class ArrayApiCode:
    """A module: `source` is all of it, `body` the function alone, `names` those it may use.

    It computes the expressions `computed`, which are the results after planning.
    `needs` are functions that are asked of the library, passed by name, `solves` those that it
    takes from the extension `linalg`. With `makes` it makes arrays, and takes their `device`.
    """

    source: str
    body: tuple[str, ...]
    names: frozenset[str]
    needs: tuple[str, ...]
    solves: tuple[str, ...]
    makes: bool
    computed: tuple[Expression, ...]


def array_api_code(
    roots: Sequence[Expression],
    arguments: Sequence[Variable],
    *,
    name: str,
    results: Sequence[str] | None = None,
) -> ArrayApiCode:
    """The module that computes the roots from arrays of one floating-point type of a library `xp`.

    With `results`, a name for each root, the function returns a tuple; otherwise the one value.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w = matrix("X", n, d), vector("w", d)
    >>> code = array_api_code([X.T @ (X @ w)], [X, w], name="f")
    >>> print("\\n".join(code.body[-3:]))
        t1 = X @ w
        t2 = X.T @ t1
        return t2
    """
    stable = shared_work(roots)
    planned = planned_work(dict.fromkeys(stable[root] for root in roots))
    outputs = [planned[stable[root]] for root in roots]
    writer = ArrayApiWriter(outputs, arguments, original_names(roots, stable, planned))
    lines = writer.write_all(outputs, results)
    return _module(writer, lines, roots, outputs, name, results)


def _module(
    writer: ArrayApiWriter,
    lines: Sequence[str],
    roots: Sequence[Expression],
    outputs: Sequence[Expression],
    name: str,
    results: Sequence[str] | None,
) -> ArrayApiCode:
    """The lines with what stands before them."""
    words = set(_WORD.findall("\n".join(line.partition("#")[0] for line in lines)))
    helpers = _reached(writer.helpers, words)
    needs = sorted({each for used in words & writer.needs.keys() for each in writer.needs[used]})
    options = [*(["device=None"] if "device" in words else []), *needs]
    signature = ["xp", *writer.parameters, *(["*", *options] if options else [])]
    given = dict(zip(writer.parameters, writer.arguments, strict=True))
    called = [] if results is None else list(results)
    body = [
        f"def {name}({', '.join(signature)}):",
        *docstring(roots, given, called),
        *_sizes(writer),
        *([f"    dtype = {_first(writer)}.dtype"] if "dtype" in words else []),
        *lines,
    ]
    text = "\n".join(["\n".join(body), *helpers.values()])
    factored = [each for each in needs if each in FACTOR_FUNCTIONS]
    opening = [
        '"""Code for libraries of the Python array API standard, written by chainrule.',
        "",
        "`xp` is the library's namespace, as array_api_compat.array_namespace(X) gives it.",
        *(["", "Of factored matrices, as the library does it:", ""] if factored else []),
        *(f"    {FACTOR_FUNCTIONS[each]}" for each in factored),
        '"""',
        *(["", "import math"] if "math." in text else []),
    ]
    parts = [
        "\n".join(opening),
        *(helper.rstrip() for helper in helpers.values()),
        "\n".join(body),
    ]
    source = "".join(f"{line.rstrip()}\n" for line in "\n\n\n".join(parts).split("\n"))
    names = frozenset({*writer.names.taken, *helpers, *needs, name})
    solves = {*_SOLVE.findall(text), *(["solve"] if factored else [])}
    makes = "device" in words
    return ArrayApiCode(
        source, tuple(body), names, tuple(needs), tuple(sorted(solves)), makes, tuple(outputs)
    )


def _reached(helpers: Mapping[str, str], words: set[str]) -> dict[str, str]:
    """The helpers that the lines call, and those that these call, in the order of their writing."""
    reached: set[str] = set()
    waiting = [each for each in helpers if each in words]
    while waiting:
        each = waiting.pop()
        reached.add(each)
        inside = set(_WORD.findall(helpers[each]))
        waiting.extend(other for other in helpers if other in inside and other not in reached)
    return {each: source for each, source in helpers.items() if each in reached}


def _first(writer: ArrayApiWriter) -> str:
    if not writer.parameters:
        raise UnsupportedError(
            "an expression without variables for other array libraries",
            "no argument tells the library and the type",
            "evaluate it with NumPy",
        )
    return writer.parameters[0]


def _sizes(writer: ArrayApiWriter) -> list[str]:
    """Lines that read the sizes in use from shapes."""
    lines = []
    missing = {letter: name for letter, name in writer.letters.items() if name in writer.used}
    for parameter, variable in zip(writer.parameters, writer.arguments, strict=True):
        for axis, size in enumerate(variable.shape):
            if size in missing:
                lines.append(f"    {missing.pop(size)} = {parameter}.shape[{axis}]")
    if missing:
        raise UnsupportedError(
            f"code that needs the size {min(map(str, missing))}",
            "it occurs only inside other sizes",
            "pass a variable with an axis of just that size in arguments=",
        )
    return lines
