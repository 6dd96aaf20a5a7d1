"""Expressions as NumPy functions: standalone source, compiled, with arguments checked once a call.

This is the only place of the project that executes text, and it executes only text that this
package assembled: every word of the generated function is looked up in the list of words that it
may contain before anything runs.
"""

from __future__ import annotations

import keyword
import linecache
import re
from collections.abc import Callable, Iterable, Sequence, Set
from functools import partial
from itertools import count
from typing import Any, TypeAlias, overload
from weakref import finalize

from symbolic.code.array_libraries import PortableFunction
from symbolic.code.batched_function import BatchedFunction
from symbolic.code.batching import batched
from symbolic.code.compression import compress
from symbolic.code.generated_function import Function
from symbolic.code.numpy_code import numpy_code
from symbolic.code.source_names import RESERVED
from symbolic.errors import DomainError, NameUnknownError, UnsupportedError
from symbolic.nodes import Expression, Variable
from symbolic.operations import as_expression
from symbolic.reading.declarations import Given
from symbolic.reading.parser import parse
from symbolic.traverse import variables

__all__ = ["Function", "lambdify"]

_numbers = count(1)
Batch: TypeAlias = Sequence[Variable | str] | bool


@overload
def lambdify(
    e: object,
    given: Given | None = None,
    *,
    arguments: Sequence[Variable | str] | None = None,
    names: Sequence[str] | None = None,
    name: str = "f",
    check: bool = True,
    compressed: bool = False,
) -> Function: ...


@overload
def lambdify(
    e: object,
    given: Given | None = None,
    *,
    batch: Batch,
    arguments: Sequence[Variable | str] | None = None,
    names: Sequence[str] | None = None,
    name: str = "f",
    check: bool = True,
) -> BatchedFunction: ...


def lambdify(
    e: object,
    given: Given | None = None,
    *,
    batch: Batch | None = None,
    arguments: Sequence[Variable | str] | None = None,
    names: Sequence[str] | None = None,
    name: str = "f",
    check: bool = True,
    compressed: bool = False,
) -> Function | BatchedFunction:
    """An expression, or a tuple or list of them, as a NumPy function; several share their work.

    With a `given` mapping, expressions may be text. Arguments of the function come in order of first
    appearance, or as `arguments` lists them (variables, or names of variables of the expressions;
    further variables are allowed). `names` are what several results are called in the source and
    `name` what the function is called. With `check=False` the data are not tested for NaN, infinity
    and domains; shapes always are.

    With `compressed=True`, a result with diagonals, identities or Kronecker products, those of
    `hessian(..., vectorized=True)` among them, comes back as a `Compressed` array, which holds just
    the arrays it is made of; others are unchanged.

    With `batch`, variables or their names, or True for all, these arguments may have further axes in
    front, which broadcast against each other as in NumPy; each result then gets them.

    Integers become float64, float32 stays float32, and a scalar comes back as a NumPy number. Where
    the expression holds a number that float32 has not, such as 1e-60, float32 data are computed with
    in float64, and the results are rounded.

    >>> import numpy as np
    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> f = lambdify(matrix("X", n, d) @ vector("w", d))
    >>> f
    <generated NumPy function f(X, w)>
    >>> f(X=np.eye(2), w=[3, 4])
    array([3., 4.])
    >>> lambdify("X @ w", {"X": "n d", "w": "d"})
    <generated NumPy function f(X, w)>
    >>> many = lambdify(matrix("X", n, d) @ vector("w", d), batch=["w"])
    >>> many(np.eye(2), [[3, 4], [5, 6], [7, 8]])
    array([[3., 4.],
           [5., 6.],
           [7., 8.]])
    """
    several = isinstance(e, (tuple, list))
    written = tuple(e) if isinstance(e, (tuple, list)) else (e,)
    roots = tuple(
        parse(each, given) if isinstance(each, str) else as_expression(each) for each in written
    )
    chosen = _arguments(roots, arguments)
    results = _results(len(roots), names) if several else None
    _check_name(name)
    if batch is not None:
        if compressed:
            raise UnsupportedError(
                "lambdify(..., batch=..., compressed=True)",
                "compressed results have no batch axes",
                "leave one of them out",
            )
        listed = _batch_names(batch, chosen)
        return _for_batches(roots, chosen, listed, names, name, several=several, check=check)
    again = partial(
        lambdify, arguments=chosen, names=names, name=name, check=check, compressed=compressed
    )
    recipe = (again, (list(roots) if several else roots[0],))
    compression = compress(roots, chosen, several=several) if compressed else None
    if compression is not None:
        roots, results = compression.arrays, compression.names(results or ("result",))
    code = numpy_code(roots, chosen, name=name, results=results)
    run = compiled(code.source, code.bodies, _WORDS | code.names, name)
    portable = partial(
        PortableFunction,
        roots,
        chosen,
        code.conditions,
        name=name,
        results=results,
        check=check,
        compile_module=compiled,
    )
    return Function(
        code,
        run,
        chosen,
        roots,
        name=name,
        several=results is not None,
        check=check,
        recipe=recipe,
        portable=portable,
        compression=compression,
    )


def _for_batches(
    roots: tuple[Expression, ...],
    arguments: tuple[Variable, ...],
    batch: tuple[str, ...],
    names: Sequence[str] | None,
    name: str,
    *,
    several: bool,
    check: bool,
) -> BatchedFunction:
    def compile_batch(wide: tuple[str, ...]) -> Function:
        many, parameters = batched(roots, arguments, wide) if wide else (roots, arguments)
        e = many if several else many[0]
        return lambdify(e, arguments=parameters, names=names, name=name, check=check)

    again: Any = partial(
        lambdify, batch=batch, arguments=arguments, names=names, name=name, check=check
    )
    return BatchedFunction(
        arguments,
        batch,
        name=name,
        several=several,
        check=check,
        compile_batch=compile_batch,
        recipe=(again, (list(roots) if several else roots[0],)),
    )


def _batch_names(batch: Batch, arguments: tuple[Variable, ...]) -> tuple[str, ...]:
    known = [variable.name for variable in arguments]
    if isinstance(batch, bool):
        return tuple(known) if batch else ()
    if not isinstance(batch, (str, Sequence, Set)):
        raise NameUnknownError(
            f"batch={batch!r}", "neither names nor True", f"list some of {', '.join(known)}"
        )
    listed = [each.name if isinstance(each, Variable) else each for each in batch]
    for each in listed:
        if each not in known or isinstance(batch, str):
            raise NameUnknownError(
                f"batch={batch!r}",
                f"{each} is no argument of the function",
                f"list some of {', '.join(known) or 'none'}, as in batch={known[-1:]}",
            )
    return tuple(known_name for known_name in known if known_name in listed)


def _arguments(
    roots: tuple[Expression, ...], wanted: Sequence[Variable | str] | None
) -> tuple[Variable, ...]:
    found = variables(roots)
    by_name: dict[str, Variable] = {}
    for variable in found:
        if by_name.setdefault(variable.name, variable) is not variable:
            raise DomainError(
                f"two variables called {variable.name}",
                "they are declared with different shapes or domains",
                "declare each variable once",
            )
    if wanted is None:
        return found
    if not isinstance(wanted, Iterable):
        raise NameUnknownError(
            f"arguments={wanted!r}", "no list of variables", f"use {', '.join(by_name) or 'none'}"
        )
    chosen: dict[str, Variable] = {}
    for each in wanted:
        name = each.name if isinstance(each, Variable) else each
        declared = each if isinstance(each, Variable) else by_name.get(name)
        if declared is None or name in chosen or by_name.get(name, declared) is not declared:
            raise NameUnknownError(
                f"arguments={[str(one) for one in wanted]}",
                f"{name} is given twice, or is no variable of the expression",
                f"use {', '.join(by_name) or 'none'}",
            )
        chosen[name] = declared
    missing = [name for name in by_name if name not in chosen]
    if missing:
        raise NameUnknownError(
            f"arguments={[str(one) for one in wanted]}",
            f"the expression also holds {', '.join(missing)}",
            "list every variable of the expression",
        )
    return tuple(chosen.values())


def _results(number: int, names: Sequence[str] | None) -> tuple[str, ...]:
    if number == 0:
        raise UnsupportedError("lambdify of nothing", "the tuple is empty", "give an expression")
    if names is None:
        return tuple(f"result{place}" for place in range(1, number + 1))
    listed = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
    free = all(isinstance(each, str) and each.isidentifier() for each in listed)
    if len(listed) != number or not free or any(map(keyword.iskeyword, listed)):
        raise NameUnknownError(
            f"names={listed}", f"not {number} free identifiers", "give one name a result"
        )
    if len(set(listed)) < number:
        raise NameUnknownError(f"names={listed}", "a name is given twice", "name results apart")
    return tuple(listed)


def _check_name(name: str) -> None:
    plain = isinstance(name, str) and name.isidentifier() and name.isascii()
    if not plain or keyword.iskeyword(name) or name in RESERVED:
        raise NameUnknownError(
            f"name={name!r}", "not a free identifier", "use a name such as loss_and_gradient"
        )


# --- from source to function ---------------------------------------------------------------------

_WORDS = frozenset(
    """
    def return None float moveaxis threads sum_rows empty dot vecdot vdot matmul out multiply divide add
    subtract T axes axis astype copy dtype shape np pi float16 float64 if else
    broadcast_to diag diag_indices diagonal einsum eye full mean ones outer reshape result_type sum
    tensordot trace transpose zeros
    type concatenate cumsum keepdims kron min max pad prod sliding_window_view stack take tri tril triu
    det expm inv linalg log lower scipy slogdet solve
    solve_triangular swapaxes trans transposed True vdot k arange
    abs arctanh clip cos cosh exp expm1 heaviside log log1p maximum
    minimum sign sin sinh sqrt tanh where
    """.split()  # noqa: SIM905 - shorter than a list
)
_TOKEN = re.compile(
    r"""(?P<word>[^\W\d]\w*) | (?P<subscripts>"[A-Za-z,]*->[A-Za-z]*")
      | (?:\d+(?:\.\d+)?(?:e[+-]?\d+)?) | [-+*/@<>=!&|~()\[\],.:] | \s""",
    re.VERBOSE,
)


def _check_words(body: Sequence[str], allowed: frozenset[str]) -> None:
    """Refuse a generated function that holds more than the words that are allowed."""
    quoted = [place for place, line in enumerate(body) if '"""' in line] or [-1]
    first, last = quoted[0], quoted[-1]
    for place, line in enumerate(body):
        if first <= place <= last:
            quotes = (place == first) + (place == last)
            harmless = line.count('"""') == quotes and "\\" not in line
        else:
            harmless = _has_only(line.partition("#")[0], allowed)
        if not (harmless and line.isprintable()):
            raise UnsupportedError(
                "generated source", f"a line with unexpected text: {line!r}", "report it"
            )


def _has_only(line: str, allowed: frozenset[str]) -> bool:
    """Whether a line is made of allowed words, numbers, operators and subscripts."""
    at = 0
    while at < len(line):
        token = _TOKEN.match(line, at)
        if token is None or (token["word"] is not None and token["word"] not in allowed):
            return False
        at = token.end()
    return True


def compiled(
    source: str, bodies: Sequence[Sequence[str]], words: frozenset[str], name: str
) -> Callable[..., Any]:
    """The function `name` that a module defines, once every word of its bodies is found in `words`.

    Tracebacks show its lines.
    """
    for body in bodies:
        _check_words(body, words)
    filename = f"<chainrule {name} {next(_numbers)}>"
    namespace: dict[str, Any] = {"__name__": f"chainrule_{name}"}
    exec(compile(source, filename, "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    finalize(function, linecache.cache.pop, filename, None)
    return function
